"""The error surface of one unit: flat, steep as a wall, flat again.

One sigmoid unit without input, ``h_t = sigmoid(w h_{t-1} + b)``, from h_0 = 0.5; the error is the squared distance
of h_T from 0.7. The numbers come from the networks' own forward and backward: many units side by side, with a
diagonal W_hh, are as many networks of one unit.

References
----------
Pascanu, Mikolov & Bengio (2013), "On the difficulty of training recurrent neural networks", ICML, section 2.3 and
figure 6. A variant: their state is the value before the squashing, x_t = w sigmoid(x_{t-1}) + b; here it is the
value after.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn import RNN, bptt, clip_by_norm, clip_by_value, squared_error, unroll
from rnnbook.nn.checks import as_numbers, check_count, check_finite, check_number, check_option, check_shape

UNIT, START, TARGET = RNN("sigmoid"), 0.5, 0.7
SIDE_BY_SIDE = 32  # units in one network: a few are quick because of the loop, many slow because of W_hh


class Error(NamedTuple):
    """The error and its gradient at many points.

    Attributes
    ----------
    value : ndarray
        ``(h_T - 0.7)**2``, the shape of the points.
    dw, db : ndarray
        Its derivatives.
    """

    value: np.ndarray
    dw: np.ndarray
    db: np.ndarray


class Descent(NamedTuple):
    """A walk down the surface.

    Attributes
    ----------
    points : ndarray
        (steps + 1, 2), w and b before each step and after the last.
    errors : ndarray
        (steps + 1,), the error at each point.
    norms : ndarray
        (steps,), the length of the gradient before clipping.
    jumps : ndarray
        (steps,), the length of each step.
    """

    points: np.ndarray
    errors: np.ndarray
    norms: np.ndarray
    jumps: np.ndarray


def one_unit_error(w, b, T=50):
    """Error and exact gradient of the one-unit network at many values of its weight and bias.

    Parameters
    ----------
    w, b : array_like
        Weights and biases, of shapes that broadcast.
    T : int
        Steps.

    Returns
    -------
    Error
        Of the broadcast shape.

    Raises
    ------
    TypeError
        If `w` or `b` does not hold numbers, or `T` is not a whole number.
    ValueError
        If `T` is below 1, a number is NaN or infinite, or the shapes do not broadcast.

    Examples
    --------
    >>> error = one_unit_error(w=0.0, b=0.0)  # the unit stays at 0.5
    >>> round(float(error.value), 4), round(float(error.db), 4)
    (0.04, -0.1)
    """
    check_count("T", T)
    w, b = (as_numbers(name, points).astype(float) for name, points in (("w", w), ("b", b)))
    for name, points in (("w", w), ("b", b)):
        check_finite(name, points)
    try:
        w, b = np.broadcast_arrays(w, b)
    except ValueError as error:
        raise ValueError(f"w and b have shapes that broadcast; got {w.shape} and {b.shape}") from error
    parts = [_side_by_side(*points, T) for points in zip(*map(_portions, (w.ravel(), b.ravel())), strict=True)]
    return Error(*(np.concatenate(part).reshape(w.shape) for part in zip(*parts, strict=True)))


def _portions(points):
    return np.split(points, range(SIDE_BY_SIDE, len(points), SIDE_BY_SIDE))


def _side_by_side(w, b, T):
    """One network with a unit for each point; its gradient of W_hh has each unit's own on the diagonal."""
    H = len(w)
    params = {"W_xh": np.zeros((1, H)), "W_hh": np.diag(w), "b_h": b.copy()}
    h, _, tape = unroll(UNIT, params, np.zeros((T, 1, 1)), (np.full((1, H), START),))
    _, dh_last = squared_error(h[-1], np.full((1, H), TARGET))
    back = bptt(
        UNIT, params, tape, dstate=(H * dh_last,)
    )  # squared_error is the mean over units; here each has its own
    return (h[-1, 0] - TARGET) ** 2, np.diag(back.params["W_hh"]), back.params["b_h"]


def descend(start, lr, steps, clips=(None,), by="norm", T=50):
    """Gradient descent on the surface: several walks from one start, clipped at different sizes.

    Parameters
    ----------
    start : tuple of float
        w and b.
    lr : float
        Learning rate, above 0.
    steps : int
        How many.
    clips : sequence of (float or None)
        Where each walk clips its gradient; None does not clip.
    by : {"norm", "value"}
        Scale the whole gradient, or cut each entry.
    T : int
        Steps of the network.

    Returns
    -------
    list of Descent
        For each clip where the walk went, and how far each jump was.

    Raises
    ------
    TypeError
        If a setting is not of its kind.
    ValueError
        If a setting is out of range.

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), algorithm 1, for clipping by the norm.

    Examples
    --------
    >>> free, clipped = descend((5.0, -2.3), lr=0.1, steps=40, clips=(None, 0.5))
    >>> round(free.jumps.max()), bool(clipped.jumps.max() <= 0.05 + 1e-12)
    (628, True)
    """
    check_number("lr", lr, above=True)
    check_count("steps", steps)
    check_option("by", by, ("norm", "value"))
    start = as_numbers("start", start)
    check_shape("start", start, "numbers", (2,))
    check_finite("start", start)
    if not isinstance(clips, list | tuple) or not clips:
        raise TypeError(f"clips is a list of sizes, or None where nothing is clipped; got {clips!r}")
    for clip in clips:
        if clip is not None:
            check_number("each of clips", clip, above=True)
    points, errors = np.empty((steps + 1, len(clips), 2)), np.empty((steps + 1, len(clips)))
    gradients = np.empty((steps, len(clips), 2))
    points[0] = start
    for step in range(steps):
        errors[step], *slopes = one_unit_error(*points[step].T, T)
        gradients[step] = np.stack(slopes, axis=-1)
        for k, clip in enumerate(clips):
            points[step + 1, k] = points[step, k] - lr * _clipped(gradients[step, k], clip, by)
    errors[steps] = one_unit_error(*points[steps].T, T).value
    norms, jumps = (np.linalg.norm(a, axis=-1) for a in (gradients, np.diff(points, axis=0)))
    return [Descent(points[:, k], errors[:, k], norms[:, k], jumps[:, k]) for k in range(len(clips))]


def _clipped(gradient, clip, by):
    if clip is None:
        return gradient
    grads = {"point": gradient}
    return (clip_by_norm(grads, clip)[0] if by == "norm" else clip_by_value(grads, clip))["point"]
