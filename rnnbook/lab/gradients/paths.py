"""Which way a gradient came: along the kept state from end to end, or through W_hh somewhere."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients.flow import from_the_last, gradient_flow, magnitudes
from rnnbook.nn import Tape, bptt, unroll
from rnnbook.nn.checks import as_floats, check_finite, check_instance, check_shape
from rnnbook.nn.inputs import check_params, check_x


class Paths(NamedTuple):
    """The magnitude of a gradient by time step, apart by the way it came.

    Attributes
    ----------
    h : ndarray
        Of dL/dh_t, all ways together, (T,).
    whole : ndarray
        Of the gradient by the state that is kept, all ways together, (T,): dL/dc_t for LSTM, dL/dh_t for GRU.
    carry : ndarray
        Of its part that came along that state from end to end, through the gate that keeps and no weights, (T,).
    through : ndarray
        Of the rest: every way that passes W_hh at least once, and that state as often as it likes, (T,).
    tape : Tape
        The forward pass.
    """

    h: np.ndarray
    whole: np.ndarray
    carry: np.ndarray
    through: np.ndarray
    tape: Tape


def gradient_paths(cell, params, x, dh_last, state=None):
    """Send a gradient back from the last hidden state, and once more with zeros for W_hh on the way back.

    There is one way forward, with W_hh, and both ways back read its tape. With zeros for W_hh the only way from one
    step to the one before is the kept state's own, so the second is the gradient of a network whose gates and
    candidates are held at the values they had. The difference of the two passed W_hh at least once. For RNN
    nothing gets past W_hh.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters.
    x : ndarray
        Inputs (T, N, D).
    dh_last : ndarray
        Gradient of the loss by h_T, (N, H).
    state : tuple of ndarray, optional
        Initial state.

    Returns
    -------
    Paths
        Magnitudes by step.

    Raises
    ------
    ValueError
        If a shape does not fit.

    Examples
    --------
    >>> from rnnbook import LSTM, init_params
    >>> rng = np.random.default_rng(0)
    >>> params = init_params(LSTM(), 4, 16, rng, input_scale=0.0)
    >>> paths = gradient_paths(LSTM(), params, np.zeros((10, 1, 4)), np.ones((1, 16)))
    >>> bool(np.isclose(paths.carry[0] / paths.carry[-1], (1 / (1 + np.exp(-1))) ** 9))  # f = sigmoid(1), nine times
    True
    """
    flow = gradient_flow(cell, params, x, dh_last, state)
    cut = {**params, "W_hh": np.zeros_like(params["W_hh"])}
    with np.errstate(over="ignore", invalid="ignore"):
        alone = from_the_last(cell, cut, flow.tape, dh_last).states[-1]
        rest = flow.back.states[-1] - alone
    return Paths(flow.norms[0], flow.norms[-1], magnitudes(alone), magnitudes(rest), flow.tape)


def paths_by_bias(cell, params, x, dh_last, biases):
    """Do what `gradient_paths` does for one sequence under many biases, in one pass.

    The runs lie side by side as sequences. Every run has the same x and, as further features, its own biases, which
    reach each gate through weights of 1. What came along the kept state is multiplied up from its gates, as
    `direct_path` says.

    Parameters
    ----------
    cell : LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters.
    x : ndarray
        Inputs of one sequence, (T, 1, D).
    dh_last : ndarray
        Gradient of the loss by h_T, (1, H).
    biases : ndarray
        What is added to ``b_h``, one number for every run and gate, (B, G).

    Returns
    -------
    Paths
        Magnitudes by run and step, (B, T). Its tape holds B sequences.

    Raises
    ------
    TypeError
        If `cell` is not a cell.
    ValueError
        If the cell has no gate that keeps, there is more than one sequence, a shape does not fit, or a number is not
        finite.

    Examples
    --------
    >>> from rnnbook import LSTM, init_params
    >>> rng = np.random.default_rng(0)
    >>> params = init_params(LSTM(), 4, 16, rng, input_scale=0.0, gate_bias=0.0)
    >>> biases = np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 5.0, 0.0, 0.0]])
    >>> paths = paths_by_bias(LSTM(), params, np.zeros((10, 1, 4)), np.ones((1, 16)), biases)
    >>> (paths.carry[:, 0] / paths.carry[:, -1]).round(3).tolist()  # f = 0.5 and f = sigmoid(5), nine times
    [0.002, 0.941]
    """
    D, H, dtype = check_params(cell, params)
    if cell.keeper is None:
        raise ValueError(f"{type(cell).__name__} has no gate that keeps its state; LSTM and GRU have")
    x = check_x(x, D, dtype)
    T, G = len(x), cell.gates
    check_shape("x", x, "T N D", (T, 1, D))
    dh_last = as_floats("dh_last", dh_last, dtype)
    check_shape("dh_last", dh_last, "N H", (1, H))
    biases = as_floats("biases", biases, dtype)
    B = len(biases) if biases.ndim else 0
    check_shape("biases", biases, "B G", (B, G))
    check_finite("biases", biases)
    further = np.kron(np.eye(G, dtype=dtype), np.ones(H, dtype))  # gate g hears feature g alone
    wide = {**params, "W_xh": np.concatenate([params["W_xh"], further])}
    runs = np.concatenate([np.broadcast_to(x, (T, B, D)), np.broadcast_to(biases, (T, B, G))], axis=2)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        _, _, tape = unroll(cell, wide, runs)
        back = from_the_last(cell, wide, tape, np.repeat(dh_last, B, axis=0))
        h, whole = back.states[0], back.states[-1]
        keep = tape.gates[cell.keeper][:0:-1]
        alone = np.cumprod(np.concatenate([whole[-1:], keep]), axis=0)[::-1]  # step by step, as on the way back
        norms = [magnitudes(part[:, :, None]).T for part in (h, whole, alone, whole - alone)]
    return Paths(*norms, tape)


def direct_path(cell, params, tape):
    """What is left in the last kept state of what stood in it at every step, along its own way, through no weights.

    That is dc_T/dc_t for LSTM and dh_T/dh_t for GRU with gates and candidates held at the values they had: the
    product of f, or of z, of the steps between. A mask on h_{t-1} stands where W_hh sees h_{t-1}, and so nowhere on
    this way: whatever is dropped there moves the gates, and multiplies nothing that is kept. RNN has no such way.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters.
    tape : Tape
        A forward pass, with or without masks.

    Returns
    -------
    ndarray
        By step, 1 at the last, (T, N, H).

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If `cell` is not a cell, or `tape` not a tape.
    ValueError
        If cell, parameters and tape do not fit.

    References
    ----------
    Gal & Ghahramani (2016), "A theoretically grounded application of dropout in recurrent neural networks", NIPS,
    section 4: masks on x_t and h_{t-1}, and none on c_{t-1}.

    Examples
    --------
    >>> from rnnbook import LSTM, Recurrent
    >>> layer = Recurrent(LSTM(), 8, drop=0.5)
    >>> params = layer.init(2, np.random.default_rng(0))
    >>> _, _, tape = layer.forward(params, np.ones((20, 1, 2)), rng=np.random.default_rng(1))
    >>> left = direct_path(LSTM(), params, tape)
    >>> bool(np.allclose(left[0], tape.gates[1, 1:].prod(axis=0))), bool((left[0] > 0).all())
    (True, True)
    """
    check_params(cell, params)
    check_instance("tape", tape, Tape, "unroll")
    shape = tape.states.shape[0], *tape.states.shape[2:]
    dstate = np.zeros(shape, tape.states.dtype)
    dstate[-1] = 1
    cut = {**params, "W_hh": np.zeros_like(params["W_hh"])}
    return bptt(cell, cut, tape, dstate=tuple(dstate), weights=False, inputs=False).states[-1]
