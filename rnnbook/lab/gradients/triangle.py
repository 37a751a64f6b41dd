"""Every pair of a loss and an earlier state, and what truncation leaves of the pairs and of their sum."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients.flow import cosine, pair_norms
from rnnbook.lab.gradients.truncation import gradient_within
from rnnbook.nn import RNN, bptt, global_norm, unroll
from rnnbook.nn.checks import as_floats, check_count, check_option, check_shape
from rnnbook.nn.inputs import check_params, check_x

WAYS = ("blocks", "window", "restart")


class Pairs(NamedTuple):
    """The triangle of dL_t/dh_s, and the gradient that is left of it.

    Attributes
    ----------
    norms : ndarray
        (T, T), magnitude of dL_t/dh_s in row t and column s of the network that was run, zero where s > t.
    kept : ndarray of bool
        (T, T), which pairs the way back still reaches.
    cosine : float
        Of the angle between the gradient of the parameters and the full one; nan if one of them is zero.
    ratio : float
        Its norm over that of the full gradient.
    """

    norms: np.ndarray
    kept: np.ndarray
    cosine: float
    ratio: float


def pairs_kept(T, k, way="blocks"):
    """Which losses still reach which states.

    Parameters
    ----------
    T : int
        Steps.
    k : int
        Steps a block, or that a loss sees.
    way : {"blocks", "window", "restart"}
        As for `triangle`.

    Returns
    -------
    ndarray of bool
        (T, T), True in row t and column s if loss t sends a gradient to state s.

    Raises
    ------
    ValueError
        If a number is below 1 or `way` is unknown.

    Examples
    --------
    >>> pairs_kept(4, 2).astype(int).tolist()
    [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]]
    >>> pairs_kept(4, 2, "window").astype(int).tolist()
    [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    """
    check_count("T", T)
    check_count("k", k)
    check_option("way", way, WAYS)
    t, s = np.arange(T)[:, None], np.arange(T)
    return (s <= t) & (t - s < k if way == "window" else t // k == s // k)


def triangle(cell, params, x, dh, k, way="blocks"):
    """Compare truncated with full backpropagation through time, pair by pair and as a whole.

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
    k : int
        Steps a block, or that a loss sees; from T on nothing is cut.
    way : {"blocks", "window", "restart"}
        "blocks" carries the state from block to block and cuts the way back between them; "window" lets each
        loss see its k last steps; "restart" runs each block from a state of zeros, so that the way forward is
        cut too.

    Returns
    -------
    Pairs
        Magnitudes of all pairs, which of them are kept, and angle and length of the gradient that is left.

    Raises
    ------
    TypeError
        If `cell` is not a cell, k not a whole number, or numbers are not floating point.
    ValueError
        If a shape does not fit, k is below 1 or `way` is unknown.

    Examples
    --------
    >>> from rnnbook import RNN, init_params
    >>> rng = np.random.default_rng(0)
    >>> params = init_params(RNN(), 2, 8, rng)
    >>> found = triangle(RNN(), params, rng.normal(size=(12, 1, 2)), rng.normal(size=(12, 1, 8)), k=12)
    >>> bool(found.kept.sum() == 12 * 13 / 2), round(found.cosine, 6), round(found.ratio, 6)
    (True, 1.0, 1.0)
    """
    D, H, dtype = check_params(cell, params)
    x, dh = check_x(x, D, dtype), as_floats("dh", dh)
    check_shape("dh", dh, "T N H", (*x.shape[:2], H))
    kept = pairs_kept(len(x), k, way)
    with np.errstate(over="ignore", invalid="ignore"):
        _, _, tape = unroll(cell, params, x)
        full = bptt(cell, params, tape, dh).params
        if way == "restart":
            norms, left = _restarted(cell, params, x, dh, k)
        else:
            norms = pair_norms(cell, params, x, dh)
            cut = gradient_within if way == "window" else _in_blocks
            left = cut(cell, params, tape, dh, k)
    whole, part = global_norm(full), global_norm(left)
    angle = cosine(left, full) if whole > 0 and part > 0 and np.isfinite([whole, part]).all() else np.nan
    return Pairs(norms, kept, angle, part / whole if whole > 0 else np.nan)


class Cuts(NamedTuple):
    """What every window leaves of the gradient.

    Attributes
    ----------
    cosine : ndarray
        (T,), at k - 1 of the angle between what a window of k steps leaves and the full gradient; nan if one of them
        is zero or not finite.
    ratio : ndarray
        (T,), its norm over that of the full gradient.
    """

    cosine: np.ndarray
    ratio: np.ndarray


def cuts(params, x, dh, way="blocks"):
    """Compare what every window leaves of the gradient with the full one, all windows at once.

    It finds for k = 1, ..., T what `triangle` finds for one k, of a tanh RNN, and for all of them in the time of a
    few. Every k has its own row of a batch, or, for "window", every loss walks back alone and those kept are added.

    Parameters
    ----------
    params : dict of str to ndarray
        Parameters of ``RNN()``.
    x : ndarray
        Inputs of one sequence, (T, 1, D).
    dh : ndarray
        Gradient of each step's own loss by its hidden state, (T, 1, H).
    way : {"blocks", "window", "restart"}
        As for `triangle`.

    Returns
    -------
    Cuts
        Angle and length for every k.

    Raises
    ------
    TypeError
        If numbers are not floating point.
    ValueError
        If a shape does not fit, there is more than one sequence, or `way` is unknown.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> rng = np.random.default_rng(0)
    >>> params = init_params(RNN(), 2, 8, rng)
    >>> found = cuts(params, rng.normal(size=(12, 1, 2)), rng.normal(size=(12, 1, 8)), "window")
    >>> found.cosine.shape, round(float(found.cosine[-1]), 6), round(float(found.ratio[-1]), 6)
    ((12,), 1.0, 1.0)
    """
    D, H, dtype = check_params(RNN(), params)
    x, dh = check_x(x, D, dtype), as_floats("dh", dh)
    check_shape("x", x, "T N D", (len(x), 1, D))
    check_shape("dh", dh, "T N H", (len(x), 1, H))
    check_option("way", way, WAYS)
    T = len(x)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if way == "window":
            h = unroll(RNN(), params, x)[0]
            before = np.concatenate([np.zeros((1, 1, H), dtype), h[:-1]])
            kept = np.stack([pairs_kept(T, k, way) for k in range(1, T + 1)]).astype(dtype)
            delta = np.einsum("kts,tsh->skh", kept, _deltas(params["W_hh"], h[:, 0], dh[:, 0]), optimize=True)
        else:
            before, delta = _every_block(params, x, dh, restart=way == "restart")
        by_k = delta.transpose(1, 0, 2)  # the sums over time, for every k: of x, of the state before, of 1
        left = (x[:, 0].T @ by_k, before.transpose(1, 2, 0) @ by_k, delta.sum(axis=0)[:, None])
        left = np.concatenate(left, axis=1).reshape(T, -1)
        lengths = np.linalg.norm(left, axis=1)
        return Cuts(np.clip(left @ left[-1] / (lengths * lengths[-1]), -1, 1), lengths / lengths[-1])


def _deltas(W_hh, h, dh):
    """(T, T, H): gradient of loss t by the sum that enters the tanh of step s."""
    T, H = h.shape
    local, delta = 1 - h**2, np.zeros((T, T, H), h.dtype)
    for s in reversed(range(T)):
        delta[s, s] = dh[s] * local[s]
        if s < T - 1:
            delta[s + 1 :, s] = delta[s + 1 :, s + 1] @ W_hh.T * local[s]
    return delta


def _every_block(params, x, dh, restart):
    """States before every step and deltas, (T, T, H): row k - 1 is cut every k steps, the way forward only if asked."""
    T, H = len(x), len(params["W_hh"])
    a, goes_on = x @ params["W_xh"] + params["b_h"], np.arange(T)[:, None] % np.arange(1, T + 1) > 0  # (step, row)
    before, delta = np.zeros((T, T, H), x.dtype), np.zeros((T + 1, T, H), x.dtype)
    h = np.empty_like(before)
    for t in range(T):
        if t:
            before[t] = h[t - 1] * (goes_on[t][:, None] if restart else 1)
        h[t] = np.tanh(a[t] + before[t] @ params["W_hh"])
    for t in reversed(range(T)):
        arrives = delta[t + 1] @ params["W_hh"].T * goes_on[t + 1][:, None] if t < T - 1 else 0
        delta[t] = (dh[t] + arrives) * (1 - h[t] ** 2)
    return before, delta[:T]


def _restarted(cell, params, x, dh, k):
    """Pairs and gradient of blocks each of which starts from the zero state."""
    norms, left = np.zeros((len(x), len(x))), None
    for first in range(0, len(x), k):
        part = slice(first, first + k)
        norms[part, part] = pair_norms(cell, params, x[part], dh[part])
        found = bptt(cell, params, unroll(cell, params, x[part])[2], dh[part]).params
        left = {key: found[key] + (left[key] if left else 0) for key in found}
    return norms, left


def _in_blocks(cell, params, tape, dh, k):
    return bptt(cell, params, tape, dh, truncate=k).params
