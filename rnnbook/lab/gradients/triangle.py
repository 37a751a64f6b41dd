"""Every pair of a loss and an earlier state, and what truncation leaves of the pairs and of their sum."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients.flow import cosine, magnitudes, of_each_loss
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
            norms = _norms(cell, params, tape, dh)
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
    few. Every loss goes back alone, and for each k those that it keeps are added; for "restart" the blocks of all k
    are the sequences of one batch.

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
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        left = _left_of_blocks(params, x, dh) if way == "restart" else _left_of_pairs(params, x, dh, way)
        lengths = np.linalg.norm(left, axis=1)
        return Cuts(np.clip(left @ left[-1] / (lengths * lengths[-1]), -1, 1), lengths / lengths[-1])


def _left_of_pairs(params, x, dh, way):
    """What every k leaves of the gradient, (T, (D + H + 1) * H): of the pairs of the whole sequence those it keeps."""
    T, (_, _, tape) = len(x), unroll(RNN(), params, x)
    kept = np.array([pairs_kept(T, k, way) for k in range(1, T + 1)], x.dtype)
    pairs = of_each_loss(RNN(), params, tape, dh)[:, :, 0]  # by state s and loss t
    return _gradients(tape, np.einsum("kts,sth->skh", kept, pairs, optimize=True))


def _left_of_blocks(params, x, dh):
    """The same where each block starts from zeros: the blocks of every k side by side, with zeros behind their end."""
    T = len(x)
    lengths, starts = np.array([(k, start) for k in range(1, T + 1) for start in range(0, T, k)]).T
    steps = starts + np.arange(T)[:, None]  # (T, B): where a block's steps stand in the sequence
    inside = (steps < np.minimum(starts + lengths, T))[..., None]
    x, dh = (np.where(inside, array[np.minimum(steps, T - 1), 0], 0) for array in (x, dh))
    tape = unroll(RNN(), params, x)[2]
    back = bptt(RNN(), params, tape, dh, weights=False, inputs=False).h
    return np.add.reduceat(_gradients(tape, back), np.flatnonzero(starts == 0))


def _gradients(tape, dh):
    """Gradients of the parameters, (N, (D + H + 1) * H), from the total dL/dh_t of N losses or sequences apart."""
    (T, _, _), (S, _, N, H) = tape.x.shape, tape.states.shape
    (local,) = tape.cell.local(tape.steps(0, T), np.empty((S, T, N, H), dh.dtype))
    delta = (dh * local).transpose(1, 0, 2)
    products = (array.transpose(1, 2, 0) @ delta for array in (tape.x, tape.states[0, :-1]))  # sums over time
    return np.concatenate([*products, delta.sum(axis=1, keepdims=True)], axis=1).reshape(len(delta), -1)


def _restarted(cell, params, x, dh, k):
    """Pairs and gradient of blocks each of which starts from the zero state."""
    norms, left = np.zeros((len(x), len(x))), None
    for first in range(0, len(x), k):
        part = slice(first, first + k)
        tape = unroll(cell, params, x[part])[2]
        norms[part, part] = _norms(cell, params, tape, dh[part])
        found = bptt(cell, params, tape, dh[part]).params
        left = {key: found[key] + (left[key] if left else 0) for key in found}
    return norms, left


def _norms(cell, params, tape, dh):
    return magnitudes(of_each_loss(cell, params, tape, dh).swapaxes(0, 1))


def _in_blocks(cell, params, tape, dh, k):
    return bptt(cell, params, tape, dh, truncate=k).params
