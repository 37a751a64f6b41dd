"""Time: `unroll` multiplies, steps and records a tape; `bptt` walks the tape back.

Both are the whole of backpropagation through time. Everything that a chapter plots, every explorer and every
training step runs these two functions.
"""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import check_count
from rnnbook.nn.inputs import check_dh, check_params, check_state, check_x
from rnnbook.nn.tape import Backward, Tape, check_tape
from rnnbook.nn.workspace import check_workspace

BLOCK_BYTES = 2**18  # of one (steps, N, H) array: what is done for many steps at once stays in the processor's cache


def unroll(cell, params, x, state=None, workspace=None):
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
    workspace : Workspace, optional
        Memory to use again; what it held, such as an earlier tape, is lost.

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
        If dtypes are mixed or not floating point, or `workspace` is not one.
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
    first = 0 if state is None else check_state("state", state, cell, N, H, dtype)
    work = check_workspace(workspace)
    if work.holds(x):  # such as the h of a layer below
        x = x.copy()
    work.runs += 1

    gates = work.empty("gates", (T, G, N, H), dtype)  # time first: the blocks of a step lie together
    states = work.empty("states", (S, T + 1, N, H), dtype)
    states[:, 0] = first
    aux = work.empty("aux", (T if cell.needs_aux else 0, N, H), dtype)

    waits, (W, W_last) = cell.waits, _waiting_apart(params["W_hh"], cell)
    a = gates.reshape(T, N, H) if G == 1 else work.empty("a", (1, N, W.shape[1]), dtype)
    a_by_gate, old = a.reshape(len(a), N, -1, H).swapaxes(1, 2), tuple(states[:, 0])
    rows = (_every(array, T) for array in (a, a_by_gate, gates, aux if cell.needs_aux else [None]))
    walk = zip(zip(*states[:, 1:], strict=True), *rows, strict=True)  # what each step writes, block after block
    with np.errstate(over="ignore" if G > 1 else None):  # exp(-a) of a shut gate; gated states stay bounded
        for steps in _blocks_of_steps(T, N * H * dtype.itemsize):
            ax = _products_of_x(cell, params, x[steps], gates[steps, -1], work)[:, :, : W.shape[1]]
            for ax_t, (new, a_t, by_gate, gates_t, aux_t) in zip(ax, walk, strict=False):
                old[0].dot(W, out=a_t)
                a_t += ax_t
                if waits:
                    gates_t[-1] += cell.reset_state(by_gate, gates_t, old, aux_t).dot(W_last)
                cell.forward(by_gate, gates_t, old, new, aux_t)
                old = new

    h = states[0, 1:]
    h.flags.writeable = False
    return h, tuple(states[:, -1].copy()), Tape(cell, x, gates.swapaxes(0, 1), states, aux, workspace)


def bptt(cell, params, tape, dh, dstate=None, truncate=None, workspace=None, weights=True):
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
    workspace : Workspace, optional
        Memory to use again, which may be the one of the tape; earlier gradients through time in it are lost.
    weights : bool
        False leaves out what parameters and inputs get: `params` is then empty and `x` None. A tape of one
        sequence then takes any number of gradients at once, dh (T, M, H): each goes back through the same steps.

    Returns
    -------
    Backward
        Gradients of the parameters, x, the initial state, and the total dL/dh_t (and dL/dc_t) of every step.

    Raises
    ------
    TypeError
        If `tape` is not a tape or of another dtype than the parameters, dh or dstate does not hold floating
        point numbers, truncate is not a whole number, or `workspace` is not one.
    ValueError
        If the tape was recorded by another cell, is stale or has no step, a shape does not fit, or truncate is
        below 1.

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
    D, H, dtype = check_params(cell, params, finite=False)
    check_tape(tape, cell, D, H, dtype)
    T, N, _ = tape.x.shape
    G, S = cell.gates, cell.states
    dh = check_dh(dh, (T, N, H), dtype, many=N == 1 and not weights)
    N = dh.shape[1]  # from here on: how many gradients go back
    if truncate is not None:
        check_count("truncate", truncate)
    work = check_workspace(workspace)
    last = 0 if dstate is None else np.array(check_state("dstate", dstate, cell, N, H, dtype, finite=False))

    d = work.empty("d", (S, T + 1, N, H), dtype)  # dL/dstates, as tape.states: index 0 in time is the initial state
    if np.may_share_memory(dh, d):  # such as the gradient of a later part
        dh = dh.copy()
    d[:, 0], d[1:], d[0, 1:] = 0, 0, dh
    d[:, T] += last
    kept = T if weights else 1  # what only the next product needs is written over at the next step
    da = work.empty("da", (kept, N, G, H), dtype)  # dL/d(x_t W_xh + b_h)
    dah = work.empty("dah", da.shape, dtype) if cell.apart else da  # dL/d(h_{t-1} W_hh): a gate may be between
    _walk_back(cell, params["W_hh"], tape, d, da, dah, truncate, work)
    grads, dx = _products(cell, params, tape, da, dah, work) if weights else ({}, None)
    return Backward(grads, dx, tuple(d[:, 0]), d[:, 1:])


def _walk_back(cell, W_hh, tape, d, da, dah, truncate, work):
    """From the last step to the first: complete `d`, which holds the loss's own part, and write da and dah."""
    (_, T, N, H), G, dtype = d[:, 1:].shape, cell.gates, d.dtype
    waits, Ws = cell.waits, _waiting_apart(W_hh, cell)
    WT, WT_last = (np.ascontiguousarray(W.T) if N > 1 else W.T for W in Ws)  # many rows times a view take longer
    back, last = work.empty("back", (N, H), dtype), work.empty("last", (N, H), dtype)
    now = da.swapaxes(1, 2) if G == 1 else work.empty("now", (1, G, N, H), dtype)  # gate by gate, copied to its place
    places = da.swapaxes(1, 2) if G > 1 else [None], dah.swapaxes(1, 2) if cell.apart else [None]
    flat = dah.reshape(-1, N, G * H)[:, :, : len(WT)]
    rows = (_every(array, T)[::-1] for array in (now, *places, flat))
    walk = zip(range(T - 1, -1, -1), zip(*d[:, -2::-1], strict=True), *rows, strict=True)  # block after block

    d_new, blocks = tuple(d[:, T]), _blocks_of_steps(T, N * H * dtype.itemsize)
    room = work.empty("local", (cell.factors, blocks[0].stop, tape.x.shape[1], H), dtype)
    for steps in blocks[::-1]:
        local = cell.local(tape.steps(steps.start, steps.stop), room[:, : steps.stop - steps.start])
        for *local_t, (t, d_t, now_t, da_t, dah_t, flat_t) in zip(*(k[::-1] for k in local), walk, strict=False):
            cut = truncate and t and t % truncate == 0
            d_old = tuple(map(np.zeros_like, d_t)) if cut else d_t  # what goes further back than a cut is lost
            dh_old = d_old[0]
            cell.backward(d_new, d_old, local_t, now_t, last)
            if waits:
                now_t[-1].dot(WT_last, out=back)
                cell.backward_reset(back, dh_old, local_t, now_t)
            if da_t is not None:
                da_t[...] = now_t
            if dah_t is not None:
                dah_t[:-1], dah_t[-1] = now_t[:-1], last
            flat_t.dot(WT, out=back)
            dh_old += back
            d_new = d_t


def _products(cell, params, tape, da, dah, work):
    """What the parameters and the inputs get: one product each for all steps."""
    steps, H = da.shape[0] * da.shape[1], da.shape[-1]
    x, h_old, da, dah = _flat(tape.x), _flat(tape.states[0, :-1]), da.reshape(steps, -1), dah.reshape(steps, -1)
    ones = np.ones(steps, da.dtype)  # a product with ones is the sum over steps and sequences, only faster
    grads = {"W_xh": x.T @ da, "W_hh": h_old.T @ dah, "b_h": ones @ da}
    if cell.waits:
        grads["W_hh"][:, -H:] = _flat(tape.aux).T @ da[:, -H:]
    if cell.apart:
        grads["b_hn"] = ones @ dah[:, -H:]
    dx = np.dot(da, params["W_xh"].T, out=work.empty("dx", x.shape, x.dtype))
    return grads, dx.reshape(tape.x.shape)


def _products_of_x(cell, params, x, last, work):
    """x W_xh + b_h of B steps, (B, N, G*H); a last block that is not added to h W_hh goes to `last`."""
    (B, N, _), H = x.shape, len(params["W_hh"])
    ax = np.dot(_flat(x), params["W_xh"], out=work.empty("ax", (B * N, cell.gates * H), x.dtype))
    ax += params["b_h"]
    if cell.apart or cell.waits:
        last[...] = ax[:, -H:].reshape(B, N, H)
    if cell.apart:
        ax[:, -H:] = params["b_hn"]  # is added to h W_hn in its place
    return ax.reshape(B, N, -1)


def _flat(array):
    return array.reshape(-1, array.shape[-1])


def _every(array, T):
    """One entry a step; a single entry serves all steps."""
    return array if len(array) == T else [array[0]] * T


def _waiting_apart(W, cell):
    """W_hh, apart from the last block if that has to wait (else the second is empty)."""
    end = W.shape[1] - (len(W) if cell.waits else 0)
    return np.ascontiguousarray(W[:, :end]), np.ascontiguousarray(W[:, end:])


def _blocks_of_steps(T, step_bytes):
    """Slices of neighbouring steps."""
    size = max(1, BLOCK_BYTES // step_bytes)
    return [slice(start, min(start + size, T)) for start in range(0, T, size)]
