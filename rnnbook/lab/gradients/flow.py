"""What is known about the gradient's way back through time: its magnitude by step and by pair.

Numbers beyond floating point come out as inf or nan without a warning; who draws them says so.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn import Backward, Tape, bptt, global_norm, unroll
from rnnbook.nn.checks import as_floats, check_dict, check_shape


class Flow(NamedTuple):
    """The gradient of a loss at the end, on its way back.

    Attributes
    ----------
    norms : ndarray
        (S, T), the magnitude of dL/dh_t, and of dL/dc_t for LSTM.
    back : Backward
        The backward pass through time, without parameters and inputs.
    tape : Tape
        The forward pass.
    """

    norms: np.ndarray
    back: Backward
    tape: Tape


def magnitudes(gradients):
    """Euclidean norm over sequences and units of every step, (..., T, N, H) to (..., T).

    Parameters
    ----------
    gradients : ndarray
        As `Backward.states` or `Backward.h`.

    Returns
    -------
    ndarray
        The norms; where squares would overflow or vanish, they are taken of scaled numbers: 1e-200 is not lost.

    Raises
    ------
    TypeError
        If the gradients are not an array of floating point numbers: squares of whole numbers would wrap.
    ValueError
        If there are fewer than two axes, or no sequence or no unit.

    Examples
    --------
    >>> magnitudes(np.array([[[3e-200, 4e-200]]])).tolist()
    [5e-200]
    """
    gradients = as_floats("gradients", gradients)
    if gradients.ndim < 2 or not all(gradients.shape[-2:]):
        raise ValueError(f"gradients have shape (..., N, H), N and H at least 1; got {gradients.shape}")
    with np.errstate(all="ignore"):
        squares = np.einsum("...nh,...nh->...", gradients, gradients, dtype=np.float64)
        if (squares > 1e-280).all() and (squares < np.inf).all():
            return np.sqrt(squares).astype(gradients.dtype)
    largest = np.abs(gradients).max(axis=(-2, -1), keepdims=True)
    with np.errstate(all="ignore"):
        scaled = gradients / np.where(largest > 0, largest, 1)
        norms = np.sqrt((scaled * scaled).sum(axis=(-2, -1))) * largest[..., 0, 0]
    return np.where(np.isinf(largest[..., 0, 0]), np.inf, norms)


def gradient_flow(cell, params, x, dh_last, state=None):
    """Send a gradient back from the last hidden state and take its magnitude at every step.

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
    Flow
        Magnitudes (S, T), through h and, for LSTM, through c; the backward pass and the tape.

    Raises
    ------
    ValueError
        If a shape does not fit.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> rng = np.random.default_rng(0)
    >>> cell = RNN("identity")
    >>> params = init_params(cell, 1, 8, rng, gain=0.5)
    >>> flow = gradient_flow(cell, params, np.zeros((4, 1, 1)), np.eye(8)[:1])
    >>> flow.norms.round(4).tolist()
    [[0.125, 0.25, 0.5, 1.0]]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        _, _, tape = unroll(cell, params, x, state)
        back = from_the_last(cell, params, tape, dh_last)
    return Flow(magnitudes(back.states), back, tape)


def from_the_last(cell, params, tape, dh_last, inputs=False):
    """Send a gradient by the last hidden state, (N, H), back through a tape; what the parameters get is left out."""
    N, H = tape.gates.shape[2:]
    dh_last = as_floats("dh_last", dh_last)
    check_shape("dh_last", dh_last, "N H", (N, H))
    dstate = (dh_last, np.zeros_like(dh_last))[: cell.states]
    return bptt(cell, params, tape, dstate=dstate, weights=False, inputs=inputs)


def gradient_norms(cell, params, x, dh_last, state=None):
    """Magnitude of dL/dh_t at every step, for a loss at the end.

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
    ndarray
        (T,), norms over all sequences and units.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> params = init_params(RNN(), 1, 8, np.random.default_rng(0))
    >>> gradient_norms(RNN(), params, np.zeros((4, 1, 1)), np.eye(8)[:1]).round(6).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    return gradient_flow(cell, params, x, dh_last, state).norms[0]


def pair_norms(cell, params, x, dh, state=None):
    """Magnitude of dL_t/dh_k for every pair: how much the loss of step t moves when the state of step k does.

    One backward pass serves all losses: T of them go back through the one tape, each from a step of its own.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters.
    x : ndarray
        Inputs (T, N, D).
    dh : ndarray
        Gradient of each step's own loss by its hidden state, (T, N, H).
    state : tuple of ndarray, optional
        Initial state.

    Returns
    -------
    ndarray
        (T, T), row t and column k, zero above the diagonal. Needs room for (T, T, N, H) numbers.

    Raises
    ------
    ValueError
        If a shape does not fit.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> params = init_params(RNN("identity"), 1, 1, np.random.default_rng(0), recurrent="identity", gain=0.5)
    >>> pair_norms(RNN("identity"), params, np.zeros((3, 1, 1)), np.ones((3, 1, 1))).tolist()
    [[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.25, 0.5, 1.0]]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        h, _, tape = unroll(cell, params, x, state)
        dh = as_floats("dh", dh)
        check_shape("dh", dh, "T N H", h.shape)
        return magnitudes(of_each_loss(cell, params, tape, dh).swapaxes(0, 1))


def of_each_loss(cell, params, tape, dh):
    """Send T losses back, each from its own step alone: dL_t/dh_s of every pair, (T, T, N, H) by s and t."""
    T, N, H = dh.shape
    apart = np.zeros((T, T, N, H), dh.dtype)
    apart[np.arange(T), np.arange(T)] = dh
    return bptt(cell, params, tape, apart, weights=False, inputs=False).h


def cosine(grads, others):
    """Cosine of the angle between two gradients, each taken as one long vector.

    Parameters
    ----------
    grads, others : dict of str to ndarray
        Gradients of the same parameters.

    Returns
    -------
    float
        1 for the same direction, 0 for a right angle.

    Raises
    ------
    TypeError
        If a gradient is not a dict of arrays of floating point numbers.
    ValueError
        If keys or shapes differ, or one of the gradients has no direction: it is zero, infinite or NaN.

    Examples
    --------
    >>> cosine({"a": np.array([1.0, 0.0])}, {"a": np.array([3.0, 0.0])})
    1.0
    """
    check_dict("grads", grads)
    check_dict("others", others)
    if grads.keys() != others.keys():
        raise ValueError(f"both gradients are of the same parameters; got {list(grads)} and {list(others)}")
    norms = global_norm(grads), global_norm(others)
    for key, array in grads.items():
        if array.shape != others[key].shape:
            raise ValueError(f"both gradients of {key} have one shape; got {array.shape} and {others[key].shape}")
    if 0 in norms:
        raise ValueError("a gradient that is zero has no direction")
    if not np.isfinite(norms).all():
        raise ValueError(f"gradients of finite norms have a direction; got norms {norms[0]} and {norms[1]}")
    return float(sum(np.vdot(grads[key] / norms[0], others[key] / norms[1]) for key in grads))
