"""Exact Jacobians through time, and the spectrum of what multiplies the gradient at every step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn import RNN, bptt, unroll
from rnnbook.nn.checks import check_arrays, check_count, check_shape
from rnnbook.nn.inputs import check_cell
from rnnbook.nn.tape import check_recorded


class Spectrum(NamedTuple):
    """Eigenvalues and singular values of what multiplies the gradient at every step.

    Attributes
    ----------
    eigenvalues : ndarray
        Complex numbers.
    singular_values : ndarray
        Largest first.
    of : str
        Which matrix.
    """

    eigenvalues: np.ndarray
    singular_values: np.ndarray
    of: str


def jacobian_products(cell, params, x, state=None):
    """The exact Jacobians of the last hidden state by every earlier one.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters.
    x : ndarray
        Inputs of one sequence, (T, 1, D).
    state : tuple of ndarray, optional
        Initial state.

    Returns
    -------
    ndarray
        (T, H, H): entry [t, i, j] is the derivative of unit i of h_T by unit j of h_{t+1}, all paths counted;
        for LSTM that is what goes through h_{t+1}, with c_{t+1} held. The last one is the identity.

    Raises
    ------
    ValueError
        If there is more than one sequence.

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), ICML, eq. (5), the product of diag(f') W.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> params = init_params(RNN("identity"), 1, 2, np.random.default_rng(0), recurrent="identity", gain=0.5)
    >>> jacobian_products(RNN("identity"), params, np.zeros((3, 1, 1)))[0].tolist()
    [[0.25, 0.0], [0.0, 0.25]]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        h, _, tape = unroll(cell, params, x, state)
        _, N, H = h.shape
        if N != 1:
            raise ValueError(f"Jacobians are of one sequence, x (T, 1, D); got N = {N}")
        unit = np.eye(H, dtype=h.dtype)[:, None]  # H losses, each of which is one unit of the last state
        dstate = (unit, np.zeros_like(unit))[: cell.states]
        return bptt(cell, params, tape, dstate=dstate, weights=False, inputs=False).h[:, :, 0]


def jacobian_norms(cell, params, x, state=None):
    """Largest factor by which any gradient can have changed at every step: the Jacobians' spectral norms.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters.
    x : ndarray
        Inputs of one sequence, (T, 1, D).
    state : tuple of ndarray, optional
        Initial state.

    Returns
    -------
    ndarray
        (T,), the largest singular value of each of `jacobian_products`; inf where they overflowed.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> params = init_params(RNN("identity"), 1, 2, np.random.default_rng(0), gain=0.5)
    >>> jacobian_norms(RNN("identity"), params, np.zeros((3, 1, 1))).round(6).tolist()
    [0.25, 0.5, 1.0]
    """
    products = jacobian_products(cell, params, x, state)
    finite = np.isfinite(products).all(axis=(1, 2))
    norms = np.full(len(products), np.inf)
    norms[finite] = np.linalg.norm(products[finite], 2, axis=(1, 2))
    return norms


def step_jacobian(cell, params, tape, step=-1, sequence=0):
    """The Jacobian of the state after a step by the state before it.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters.
    tape : Tape
        From `unroll`.
    step : int
        Which step; the last one if not given.
    sequence : int
        Which sequence of the batch.

    Returns
    -------
    ndarray
        (S*H, S*H), the derivative of entry i of the new state by entry j of the old; for LSTM h stands first.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If there is no such step or sequence.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> params = init_params(RNN(), 1, 4, np.random.default_rng(0))
    >>> _, _, tape = unroll(RNN(), params, np.zeros((3, 1, 1)))
    >>> bool(np.allclose(step_jacobian(RNN(), params, tape), params["W_hh"].T))
    True
    """
    check_cell(cell)
    check_recorded(tape)
    T, N, H, S = len(tape.x), *tape.gates.shape[2:], cell.states
    for name, index, size in (("step", step, T), ("sequence", sequence, N)):
        check_count(name, index, least=-size)
        if index >= size:
            raise ValueError(f"{name} is from {-size} to {size - 1}; got {index}")
    step, sequence = range(T)[step], range(N)[sequence]
    one = tape.part(step, step + 1, sequence)
    unit = np.eye(S * H, dtype=tape.states.dtype).reshape(S * H, S, 1, H)
    back = bptt(cell, params, one, dstate=tuple(unit.swapaxes(0, 1)), weights=False, inputs=False)
    return np.concatenate(back.state, axis=-1)[:, 0]


def spectrum(cell, params, tape=None):
    """Eigenvalues and singular values of what multiplies the gradient.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters.
    tape : Tape, optional
        From `unroll`; needed for LSTM and GRU, whose Jacobian is not W_hh but depends on where they are.

    Returns
    -------
    Spectrum
        Of W_hh for RNN, of the last step's Jacobian (first sequence) for LSTM and GRU.

    Raises
    ------
    ValueError
        If a gated cell comes without a tape.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> found = spectrum(RNN(), init_params(RNN(), 1, 4, np.random.default_rng(0), gain=0.9))
    >>> found.singular_values.round(6).tolist(), found.of
    ([0.9, 0.9, 0.9, 0.9], 'W_hh')
    """
    check_cell(cell)
    if isinstance(cell, RNN):
        check_arrays(cell, params, ("W_hh",))
        check_shape("W_hh", params["W_hh"], "H H", params["W_hh"].shape[:1] * 2)
        matrix, of = params["W_hh"], "W_hh"
    elif tape is None:
        raise ValueError(f"the spectrum of {cell} is that of its last step's Jacobian: give the tape")
    else:
        matrix, of = step_jacobian(cell, params, tape), "the last Jacobian"
    return Spectrum(np.linalg.eigvals(matrix), np.linalg.svd(matrix, compute_uv=False), of)
