"""Truncated backpropagation through time: blocks in order, what a cut gradient has left, a text learned by heart.

The state is carried from block to block; only the way back is cut. Williams & Peng (1990) is about both ways of
cutting: `rnnbook.bptt` with `truncate` cuts in blocks, `gradient_within` gives every loss the same reach.
"""

from __future__ import annotations

import numpy as np

from rnnbook.nn import bptt
from rnnbook.nn.checks import as_floats, check_count, check_shape
from rnnbook.nn.tape import check_recorded


def gradient_within(cell, params, tape, dh, k):
    """The gradient if every step's loss sees the k last steps and no earlier one.

    Cutting in blocks gives the first loss of a block one step and the last one k. Here each loss has its own
    window, at k times the cost.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell that was unrolled.
    params : dict of str to ndarray
        The parameters that it was unrolled with.
    tape : Tape
        What `unroll` recorded.
    dh : ndarray
        Gradient of each step's own loss by its hidden state, (T, N, H).
    k : int
        Steps that a loss sees, its own step counted; from T on this is the full gradient.

    Returns
    -------
    dict of str to ndarray
        Gradients of the cell's parameters.

    Raises
    ------
    TypeError
        If `cell` is not a cell, `tape` not a tape, or numbers are not floating point.
    ValueError
        If k is below 1 or a shape does not fit.

    References
    ----------
    Williams & Peng (1990), "An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories", Neural Computation 2(4).

    Examples
    --------
    >>> from rnnbook import RNN, init_params, unroll
    >>> rng = np.random.default_rng(0)
    >>> params = init_params(RNN(), 2, 4, rng)
    >>> h, _, tape = unroll(RNN(), params, rng.normal(size=(10, 1, 2)))
    >>> cut, full = gradient_within(RNN(), params, tape, h, k=10), bptt(RNN(), params, tape, h).params
    >>> bool(abs(cut["W_hh"] - full["W_hh"]).max() < 1e-12)
    True
    """
    check_count("k", k)
    check_recorded(tape)
    dh = as_floats("dh", dh)
    check_shape("dh", dh, "T N H", tape.gates.shape[1:])
    T, _, H = dh.shape
    k = min(k, T)
    grads = bptt(cell, params, tape.part(0, k), dh[:k]).params  # losses that have at most k steps behind them
    if k == T:
        return grads
    later = dh[k:].reshape(-1, H)  # each sees the k steps of its own window, and stands at the end of it
    dstate = (later, np.zeros_like(later))[: cell.states]
    others = bptt(cell, params, tape.part(1, T).windows(k), dstate=dstate).params
    return {key: grads[key] + others[key] for key in grads}
