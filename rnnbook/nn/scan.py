"""Time: `unroll` multiplies, steps and records a tape; `bptt` walks the tape back.

Both are the whole of backpropagation through time. Everything that a chapter plots, every explorer and every
training step runs these two functions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn.checks import as_floats, check_count, check_shape
from rnnbook.nn.inputs import check_params, check_state, check_x
from rnnbook.nn.tape import Tape, check_tape

BLOCK_BYTES = 2**18  # local derivatives are made for blocks of steps, so that they stay in the processor's cache


class Backward(NamedTuple):
    """What `bptt` finds: every gradient of the loss.

    Attributes
    ----------
    params : dict of str to ndarray
        Of the cell's parameters, by name.
    x : ndarray
        Of the inputs, (T, N, D).
    state : tuple of ndarray
        Of the initial state, S arrays (N, H).
    states : ndarray
        The total dL/dh_t, and dL/dc_t for LSTM, (S, T, N, H).
    """

    params: dict
    x: np.ndarray
    state: tuple
    states: np.ndarray

    @property
    def h(self):
        """The total dL/dh_t of every step, (T, N, H)."""
        return self.states[0]


def unroll(cell, params, x, state=None):
    """Run a cell over a sequence and record the tape.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The equations of one step.
    params : dict of str to ndarray
        ``W_xh`` (D, G*H), ``W_hh`` (H, G*H), ``b_h`` (G*H,), and ``b_hn`` (H,) for GRU with reset after the
        product; float32 or float64. Other keys are not looked at.
    x : ndarray
        Inputs (T, N, D), time first; cast to the parameters' dtype. The tape keeps them without copying.
    state : tuple of ndarray, optional
        Initial state (h,) or (h, c), each (N, H); zeros if not given.

    Returns
    -------
    h : ndarray
        The hidden states h_1 ... h_T, (T, N, H), a read-only view of the tape.
    state : tuple of ndarray
        The last state, S arrays (N, H), to carry on from.
    tape : Tape
        For `bptt`.

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If dtypes are mixed or not floating point.
    ValueError
        If a shape does not fit, a sequence is empty, or parameters, x or state hold NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnbook import LSTM, init_params, unroll
    >>> rng = np.random.default_rng(0)
    >>> params = init_params(LSTM(), 3, 5, rng)
    >>> h, (h_last, c_last), tape = unroll(LSTM(), params, rng.normal(size=(7, 2, 3)))
    >>> h.shape, bool((h[-1] == h_last).all())
    ((7, 2, 5), True)
    """
    D, H, dtype = check_params(cell, params)
    x = check_x(x, D, dtype)
    T, N, _ = x.shape
    G, S = cell.gates, cell.states

    a = np.matmul(x.reshape(T * N, D), _blocks(params["W_xh"], G)).reshape(G, T, N, H)
    a += params["b_h"].reshape(G, 1, 1, H)
    states = np.zeros((S, T + 1, N, H), dtype)
    if state is not None:
        states[:, 0] = check_state("state", state, cell, N, H, dtype)
    aux = np.empty((T if cell.needs_aux else 0, N, H), dtype)
    if cell.apart:
        aux[:] = params["b_hn"]

    W, ah = _blocks(params["W_hh"], G), np.empty((G, N, H), dtype)
    now = G - 1 if cell.waits else G  # how many gates can start from h
    W_now, ah_now = W[:now], ah[:now]
    for t in range(T):
        a_t, old, new, aux_t = a[:, t], states[:, t], states[:, t + 1], aux[t] if cell.needs_aux else None
        np.matmul(old[0], W_now, out=ah_now)
        if cell.waits:
            np.matmul(cell.reset_state(a_t, ah, old, aux_t), W[-1], out=ah[-1])
        cell.forward(a_t, ah, old, new, aux_t)

    h = states[0, 1:]
    h.flags.writeable = False
    return h, tuple(states[:, -1].copy()), Tape(cell, x, a, states, aux)


def bptt(cell, params, tape, dh, dstate=None, truncate=None):
    """Backpropagation through time: every gradient of a loss, from its gradients by the hidden states.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell that was unrolled.
    params : dict of str to ndarray
        The parameters that it was unrolled with.
    tape : Tape
        What `unroll` recorded; not changed.
    dh : ndarray
        The loss's direct gradient by every h_t, (T, N, H): what the readout of step t sends down.
    dstate : tuple of ndarray, optional
        The loss's gradient by the last state, S arrays (N, H), added at the last step.
    truncate : int, optional
        Cut the way back at steps k, 2k, ... counted from step 0, never before step 0: the gradients are those
        of blocks of k steps that are run one by one with the state carried. None, or k >= T, cuts nothing.

    Returns
    -------
    Backward
        Gradients of the parameters, x, the initial state, and the total dL/dh_t (and dL/dc_t) of every step.

    Raises
    ------
    TypeError
        If `tape` is not a tape or of another dtype than the parameters, dh or dstate does not hold floating
        point numbers, or truncate is not a whole number.
    ValueError
        If the tape was recorded by another cell, a shape does not fit, or truncate is below 1.

    References
    ----------
    Werbos (1990), "Backpropagation through time: what it does and how to do it", Proc. IEEE 78(10);
    Williams & Peng (1990), "An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories", Neural Computation 2(4), for truncation.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnbook import RNN, bptt, init_params, unroll
    >>> rng = np.random.default_rng(0)
    >>> params = init_params(RNN(), 3, 5, rng)
    >>> h, state, tape = unroll(RNN(), params, rng.normal(size=(7, 2, 3)))
    >>> back = bptt(RNN(), params, tape, dh=h)  # of the loss sum(h**2) / 2
    >>> back.params["W_hh"].shape, back.h.shape
    ((5, 5), (7, 2, 5))
    """
    D, H, dtype = check_params(cell, params)
    check_tape(tape, cell, D, H, dtype)
    T, N, _ = tape.x.shape
    G, S = cell.gates, cell.states
    dh = as_floats("dh", dh, dtype)
    check_shape("dh", dh, "T N H", (T, N, H))
    if truncate is not None:
        check_count("truncate", truncate)

    d = np.zeros((S, T + 1, N, H), dtype)  # dL/dstates, as tape.states: index 0 in time is the initial state
    d[0, 1:] = dh
    if dstate is not None:
        d[:, T] += check_state("dstate", dstate, cell, N, H, dtype, finite=False)

    da = np.empty((T, N, G, H), dtype)  # dL/d(x_t W_xh + b_h)
    dah = np.empty_like(da) if cell.apart else da  # dL/d(h_{t-1} W_hh + b_hn): another if a gate is between
    now = G - 1 if cell.waits else G
    WT = [np.ascontiguousarray(W.T) for W in np.split(params["W_hh"], [now * H], axis=1)]
    dah_now, back = dah[:, :, :now], np.empty((N, H), dtype)

    for start, stop in _blocks_of_steps(T, G * N * H * dtype.itemsize):
        local = cell.local(tape.steps(start, stop))
        for t in range(stop - 1, start - 1, -1):
            cut = truncate and t and t % truncate == 0
            d_old = np.zeros((S, N, H), dtype) if cut else d[:, t]  # at a cut, what goes further back is lost
            local_t = [k[t - start] for k in local]
            cell.backward(d[:, t + 1], d_old, local_t, da[t], dah[t])
            if cell.waits:
                np.matmul(da[t, :, -1], WT[1], out=back)
                cell.backward_reset(back, d_old, local_t, da[t])
            np.matmul(dah_now[t].reshape(N, now * H), WT[0], out=back)
            d_old[0] += back

    h_old, da, dah = _flat(tape.states[0, :-1]), da.reshape(T * N, G * H), dah.reshape(T * N, G * H)
    dW_hh = h_old.T @ dah
    if cell.waits:
        dW_hh[:, now * H :] = _flat(tape.aux).T @ da[:, now * H :]
    grads = {"W_xh": _flat(tape.x).T @ da, "W_hh": dW_hh, "b_h": da.sum(axis=0)}
    if cell.apart:
        grads["b_hn"] = dah[:, -H:].sum(axis=0)
    dx = (da @ params["W_xh"].T).reshape(T, N, D)
    return Backward(grads, dx, tuple(d[:, 0]), d[:, 1:])


def _flat(array):
    return array.reshape(-1, array.shape[-1])


def _blocks(W, G):
    """(H, G*H) -> (G, H, H), so that each gate's pre-activations lie together in memory."""
    return np.ascontiguousarray(W.reshape(len(W), G, -1).swapaxes(0, 1))


def _blocks_of_steps(T, step_bytes):
    """Blocks (start, stop) of steps, last first."""
    size = max(1, BLOCK_BYTES // step_bytes)
    return [(start, min(start + size, T)) for start in range(0, T, size)][::-1]
