"""Time: `unroll` multiplies, steps and records a tape; `bptt` walks the tape back.

Both are the whole of backpropagation through time. Everything that a chapter plots, every explorer and every
training step runs these two functions.
"""

from __future__ import annotations

import numpy as np

from rnnbook.nn.inputs import check_arriving, check_drop, check_mask, check_params, check_state, check_truncate, check_x
from rnnbook.nn.tape import Backward, Tape, check_tape
from rnnbook.nn.workspace import check_workspace

# Of one (steps, N, H) array. In blocks what is done for many steps at once stays in the processor's cache: against one
# block a pass takes 0 to 11 % less time at the larger shapes of `benchmarks.engine`, and up to 39 % less memory.
BLOCK_BYTES = 2**18


def unroll(cell, params, x, state=None, workspace=None, mask=None, drop=None):
    """Run a cell over a sequence and record the tape.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The equations of one step.
    params : dict of str to ndarray
        ``W_xh`` (D, G*H), ``W_hh`` (H, G*H), ``b_h`` (G*H,), and ``b_hn`` (H,) for GRU with reset after the
        product; float32 or float64. Other keys are not looked at.
    x : ndarray
        Inputs (T, N, D), time first; cast to the parameters' dtype. The tape keeps them without copying, unless
        there is a mask.
    state : tuple of ndarray, optional
        Initial state (h,) or (h, c), each (N, H); zeros if not given.
    workspace : Workspace, optional
        Memory to use again; what it held, such as an earlier tape, is lost.
    mask : ndarray of bool, optional
        (T, N), False where a step is padding: the state stays as it is there, and x is not looked at.
    drop : ndarray, optional
        (1 or T, 1 or G, N, H), what multiplies h_{t-1} where W_hh sees it: one mask for the sequence or one a step,
        one for all gates or one a gate. Nowhere else is h changed.

    Returns
    -------
    h : ndarray
        The hidden states h_1 ... h_T, (T, N, H), a read-only view of the tape.
    state : tuple of ndarray
        The last state, S arrays (N, H), to carry on from. At the end of a sequence that is padded on the right it
        is the state after the last real step.
    tape : Tape
        For `bptt`.

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If dtypes are mixed or not floating point, the mask is not boolean, or `workspace` is not one.
    ValueError
        If a shape does not fit, a sequence is empty, or parameters, x, state or drop hold NaN or infinity.

    References
    ----------
    Gal & Ghahramani (2016), "A theoretically grounded application of dropout in recurrent neural networks", NIPS,
    section 4, for a mask on h_{t-1} that is the same at every step.

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
    mask = check_mask(mask, x)
    x = check_x(x, D, dtype, mask)
    T, N, _ = x.shape
    G, S = cell.gates, cell.states
    first = 0 if state is None else check_state("state", state, cell, (N, H), dtype)
    drop = check_drop(drop, (T, G, N, H), dtype)
    work = check_workspace(workspace)
    if work.holds(x):  # such as the h of a layer below
        x = x.copy()
    work.runs += 1

    # Time first, so that the gates of a step lie together; shown gate by gate.
    gates = work.empty("gates", (T, G, N, H), dtype).swapaxes(0, 1)
    states = work.empty("states", (S, T + 1, N, H), dtype)
    states[:, 0] = first
    aux = work.empty("aux", (T if cell.needs_aux else 0, N, H), dtype)
    tape = Tape(cell, x, gates, states, aux, workspace, mask, drop)
    _walk(cell, params, tape, work)
    h = states[0, 1:]
    h.flags.writeable = False
    return h, tuple(states[:, -1].copy()), tape


def _walk(cell, params, tape, work):
    """From the first step to the last: write the tape."""
    (G, T, N, H), dtype, waits = tape.gates.shape, tape.gates.dtype, cell.waits
    W_hh, W_hn = _waiting_apart(params["W_hh"], cell)
    # Lists with an entry a step, which is found faster than in an array. states[t] is before step t, t counted from 0.
    gates, states = list(tape.gates.swapaxes(0, 1)), list(zip(*tape.states, strict=True))
    aux, keep, keep_n, pad = _by_step(tape, W_hh)
    # a[t] (N, G*H) is for the product, a_by_gate[t] (G, N, H) the same memory for the cell; of RNN it is the tape's.
    room = tape.gates[0] if G == 1 else work.empty("a", (1, N, W_hh.shape[1]), dtype)
    a, a_by_gate = _each_step(room, T), _each_step(room.reshape(len(room), N, -1, H).swapaxes(1, 2), T)
    with np.errstate(over="ignore" if cell.sigmoids else None):  # exp(-a) of a shut gate; sigmoids bound the states
        for block in _blocks_of_steps(T, N * H * dtype.itemsize):
            ax = _products_of_x(cell, params, tape.x[block], tape.gates[-1, block], work)[:, :, : W_hh.shape[1]]
            for t in range(block.start, block.stop):
                old, new, a_t = states[t], states[t + 1], a[t]
                _times(old[0], W_hh, keep[t], out=a_t)
                a_t += ax[t - block.start]  # a_t = x_t W_xh + h_{t-1} W_hh + b_h
                if waits:  # for r: the candidate sees (r_t * h_{t-1}) W_hn
                    seen = old if keep_n[t] is None else (old[0] * keep_n[t][0],)
                    gates[t][-1] += cell.reset_state(a_by_gate[t], gates[t], seen, aux[t]).dot(W_hn)
                cell.forward(a_by_gate[t], gates[t], old, new, aux[t])  # h_t = f(a_t), or what the gates make of it
                if pad[t] is not None:  # the state stays as it was
                    for before, after in zip(old, new, strict=True):
                        np.copyto(after, before, where=pad[t])


def bptt(cell, params, tape, dh=None, dstate=None, truncate=None, workspace=None, weights=True, inputs=True):
    """Backpropagation through time: every gradient of a loss, from its gradients by the hidden states.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell that was unrolled.
    params : dict of str to ndarray
        The parameters that it was unrolled with.
    tape : Tape
        What `unroll` recorded; not changed.
    dh : ndarray, optional
        The loss's direct gradient by every h_t, (T, N, H): what the readout of step t sends down. Or those of M
        losses, (T, M, N, H), which all go back through the one tape. Zeros if not given.
    dstate : tuple of ndarray, optional
        The loss's gradient by the last state, S arrays (N, H), or (M, N, H) of M losses, added at the last step.
    truncate : int, optional
        Cut the way back at steps k, 2k, ... counted from step 0, never before step 0: the gradients are those
        of blocks of k steps that are run one by one with the state carried. None, or k >= T, cuts nothing.
    workspace : Workspace, optional
        Memory to use again, which may be the one of the tape; earlier gradients through time in it are lost.
    weights, inputs : bool
        False leaves out what the parameters, or the inputs, get: `params` is then empty, or `x` None.

    Returns
    -------
    Backward
        Gradients of the parameters, x, the initial state, and the total dL/dh_t (and dL/dc_t) of every step. Of M
        losses the parameters get the sum, and everything else has an axis M before N.

    Raises
    ------
    TypeError
        If `tape` is not a tape or of another dtype than the parameters, dh or dstate does not hold floating
        point numbers, truncate is not a whole number, or `workspace` is not one.
    ValueError
        If the tape was recorded by another cell, is stale or has no step, a shape does not fit, neither dh nor dstate
        is given, or truncate is below 1.

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
    >>> bptt(RNN(), params, tape, dstate=(np.ones((4, 2, 5)),)).h.shape  # four losses of the last state
    (7, 4, 2, 5)
    """
    D, H, dtype = check_params(cell, params)
    check_tape(tape, cell, D, H, dtype)
    T, N, _ = tape.x.shape
    dh, dstate = check_arriving(dh, dstate, cell, (T, N, H), dtype)
    check_truncate(truncate)
    work = check_workspace(workspace)

    rows = (dh[0] if dstate is None else dstate[0]).shape  # of what goes back at a step: (N, H), or (M, N, H)
    d = work.empty("d", (cell.states, T + 1, *rows), dtype)  # dL/dstates, as tape.states: 0 in time is the initial one
    if dh is not None and np.may_share_memory(dh, d):  # such as one that an earlier call left in this workspace
        dh = dh.copy()
    dlast = 0 if dstate is None else np.array(dstate)
    d[:, 0], d[1:], d[0, 1:] = 0, 0, 0 if dh is None else dh
    d[:, T] += dlast
    da_steps = T if weights or inputs else 1  # without either one step is enough: the next writes over it
    da = work.empty("da", (da_steps, *rows[:-1], cell.gates, H), dtype)  # dL/d(x_t W_xh + b_h): delta_t of chapter 03
    dah = work.empty("dah", da.shape, dtype) if cell.apart else da  # dL/d(h_{t-1} W_hh): another for GRU alone
    _walk_back(cell, params["W_hh"], tape, d, da, dah, truncate, work)
    dx = _product_for_x(params["W_xh"], da, work) if inputs else None
    grads = _products_for_params(cell, tape, da, dah) if weights else {}
    return Backward(grads, dx, tuple(d[:, 0]), d[:, 1:])


def _walk_back(cell, W_hh, tape, d, da, dah, truncate, work):
    """From the last step to the first: complete `d`, which holds the loss's own part, and write da and dah."""
    (T, *rows, H), G, dtype, waits = d[0, 1:].shape, cell.gates, d.dtype, cell.waits
    W_hh, W_hn = _waiting_apart(W_hh, cell)
    WT_hh, WT_hn = (W.T if rows == [1] else np.ascontiguousarray(W.T) for W in (W_hh, W_hn))  # a copy multiplies faster
    _, keep, keep_n, pad = _by_step(tape, W_hh)
    d = list(zip(*d, strict=True))
    by_gate = (0, 1 + len(rows), *range(1, 1 + len(rows)), 2 + len(rows))
    da_at, dah_at = (_each_step(array.transpose(by_gate), T) for array in (da, dah))
    dah_flat = _each_step(dah.reshape(len(dah), -1, G * H)[:, :, : len(WT_hh)], T)
    # A cell writes gate by gate, (G, N, H); that is copied to its place in da, (N, G, H), as the products want it.
    da_t, dah_t = (work.empty(name, (G, *rows, H), dtype) for name in ("da_t", "dah_t"))
    dah_t = dah_t if cell.apart else da_t
    back = work.empty("back", (*rows, H), dtype)
    back_flat, da_n_flat = _flat(back), _flat(da_t[-1])

    blocks = _blocks_of_steps(T, rows[-1] * H * dtype.itemsize)
    room = work.empty("local", (cell.factors, blocks[0].stop, rows[-1], H), dtype)
    for block in reversed(blocks):
        local = cell.local(tape.steps(block.start, block.stop), room[:, : block.stop - block.start])
        if len(rows) == 2:  # M losses go back through each sequence
            local = [array[..., None, :, :] for array in local]
        local = list(zip(*local, strict=True))
        # Chapter 03's loop, begun one line later: d[t + 1] holds dL/dh_t already, what comes from later steps included.
        # A pass makes delta_t of it and adds delta_t W_hh^T to d[t]. The weights' sums over time come after the loop.
        for t in reversed(range(block.start, block.stop)):
            d_t, d_old, local_t = d[t + 1], d[t], local[t - block.start]
            if truncate and t and t % truncate == 0:
                d_old = tuple(map(np.zeros_like, d_old))  # what goes further back than a cut is lost
            dh_old = d_old[0]
            if G == 1:  # no difference: written to its place at once
                da_t = dah_t = da_at[t]
            real = d_t if pad[t] is None else tuple(np.where(pad[t], 0, array) for array in d_t)
            # dL/da_t = dL/dh_t * f'(a_t), or what the gates make of it: the delta_t of chapter 03
            cell.backward(real, d_old, local_t, da_t, dah_t)
            if waits:  # for the candidate: da_t of r comes back through W_hn
                _times_back(da_n_flat, WT_hn, keep_n[t], out=back_flat)
                cell.backward_reset(back, dh_old, local_t, da_t)
            if G > 1:
                da_at[t][...] = da_t
            if dah is not da:
                dah_at[t][...] = dah_t
            # dL/dh_{t-1} = what its own loss sends (in d_old already) + dL/da_t W_hh^T
            _times_back(dah_flat[t], WT_hh, keep[t], out=back_flat)
            dh_old += back
            if pad[t] is not None:
                _go_past(pad[t], d_t, d_old, real)


def _go_past(pad, d_t, d_old, real):
    """At a padded step the gates got nothing, and all that arrives goes on to the state before."""
    for array, before, completed in zip(d_t, d_old, real, strict=True):
        np.add(before, array, out=before, where=pad)
        np.copyto(array, completed, where=~pad)  # at a real one the cell may have completed it (dL/dc_t of LSTM)


def _times(h, W, keep, out):
    """``h W``, (N, K*M); each of K blocks of W's columns sees of h what its (N, H) of `keep` leaves."""
    if keep is None:
        return h.dot(W, out=out)
    blocks = np.split(W, len(keep), axis=1)
    return np.concatenate([(h * k).dot(block) for k, block in zip(keep, blocks, strict=True)], axis=1, out=out)


def _times_back(da, WT, keep, out):
    """The way back from `_times`: ``da W^T``, and what `keep` leaves of it."""
    if keep is None:
        return da.dot(WT, out=out)
    blocks = zip(np.split(da, len(keep), axis=1), np.split(WT, len(keep)), keep, strict=True)
    return np.sum([(d.dot(W).reshape(-1, *k.shape) * k).reshape(out.shape) for d, W, k in blocks], axis=0, out=out)


def _product_for_x(W_xh, da, work):
    """What the inputs get: one product for all steps."""
    *rows, _, _ = da.shape
    flat = da.reshape(-1, W_xh.shape[1])
    return np.dot(flat, W_xh.T, out=work.empty("dx", (len(flat), len(W_xh)), da.dtype)).reshape(*rows, -1)


def _products_for_params(cell, tape, da, dah):
    """What the parameters get: one product each for all steps."""
    (T, N, _), H = tape.x.shape, da.shape[-1]
    if da.ndim == 5:  # M losses: their sum
        da, dah = da.sum(axis=1), dah.sum(axis=1)
    x, da, dah = _flat(tape.x), da.reshape(T * N, -1), dah.reshape(T * N, -1)
    h_old, drop = tape.states[0, :-1], tape.drop
    ones = np.ones(T * N, da.dtype)  # a product with ones is the sum over steps and sequences, only faster
    grads = {"W_xh": x.T @ da, "W_hh": _flat(h_old).T @ dah if drop is None else None, "b_h": ones @ da}
    if drop is not None:  # each block of W_hh saw of h what its mask left
        blocks = zip(np.split(dah, drop.shape[1], axis=1), drop.swapaxes(0, 1), strict=True)
        grads["W_hh"] = np.concatenate([_flat(h_old * keep).T @ block for block, keep in blocks], axis=1)
    if cell.waits:
        grads["W_hh"][:, -H:] = _flat(tape.aux).T @ da[:, -H:]
    if cell.apart:
        grads["b_hn"] = ones @ dah[:, -H:]
    return grads


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


def _each_step(array, T):
    """One entry a step; None, or a single entry, serves all steps."""
    if array is None:
        return [None] * T
    return list(array) if len(array) == T else [array[0]] * T


def _by_step(tape, W_hh):
    """Lists with an entry a step, None where there is nothing: aux, what W_hh and W_hn see of h, and the padding."""
    T, drop, K = len(tape.x), tape.drop, W_hh.shape[1] // len(W_hh)
    aux = tape.aux if len(tape.aux) else None
    keep, keep_n = (None, None) if drop is None else (drop[:, :K], drop[:, -1:])
    pad = None if tape.mask is None else ~tape.mask[:, :, None]
    return [_each_step(array, T) for array in (aux, keep, keep_n, pad)]


def _waiting_apart(W, cell):
    """W_hh, apart from the last block if that has to wait (else the second is empty)."""
    end = W.shape[1] - (len(W) if cell.waits else 0)
    return np.ascontiguousarray(W[:, :end]), np.ascontiguousarray(W[:, end:])


def _blocks_of_steps(T, step_bytes):
    """Slices of neighbouring steps."""
    size = max(1, BLOCK_BYTES // step_bytes)
    return [slice(start, min(start + size, T)) for start in range(0, T, size)]
