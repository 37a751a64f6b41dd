"""The gradient's norm, and two ways of clipping it: one keeps its direction, one turns it."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import check_float_arrays, check_number


def global_norm(grads):
    """Norm of all gradients taken as one long vector.

    Parameters
    ----------
    grads : dict of str to ndarray
        Gradients by parameter name.

    Returns
    -------
    float
        The Euclidean norm, also where the squares of the entries would overflow or vanish; NaN or infinite where an
        entry is.

    Raises
    ------
    TypeError
        If `grads` is not a dict of arrays of floating point numbers.

    Examples
    --------
    >>> global_norm({"a": np.array([3.0]), "b": np.array([[4.0]])})
    5.0
    >>> global_norm({"a": np.array([3e-200, 4e-200])})
    5e-200
    """
    check_float_arrays("grads", grads)
    return norm_of(grads)


def norm_of(grads):
    """`global_norm` for an inner loop, whose gradients are its own: looking at them takes a tenth of its time."""
    squares = sum(float(np.vdot(g, g)) for g in grads.values())
    if 1e-20 < squares < np.inf:  # float32 squares lose digits below 1e-38
        return float(np.sqrt(squares))
    largest = float(np.max([np.abs(g).max(initial=0) for g in grads.values()], initial=0))
    if largest == 0 or not np.isfinite(largest):
        return largest
    scaled = [g.astype(np.float64) / largest for g in grads.values()]
    return float(largest * np.sqrt(sum(np.vdot(g, g) for g in scaled)))


def clip_by_norm(grads, max_norm):
    """Scale all gradients together so that their global norm is at most `max_norm`: the direction stays.

    Parameters
    ----------
    grads : dict of str to ndarray
        Gradients by parameter name; not changed.
    max_norm : float
        The longest step allowed, above 0.

    Returns
    -------
    grads : dict of str to ndarray
        The gradients themselves if they are short enough, or scaled copies.
    norm : float
        The norm before clipping.

    Raises
    ------
    TypeError
        If `grads` is not a dict of arrays of floating point numbers.
    ValueError
        If `max_norm` is not above 0.
    FloatingPointError
        If the norm is infinite or NaN: no factor mends such a gradient.

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), ICML, algorithm 1.

    Examples
    --------
    >>> clipped, norm = clip_by_norm({"a": np.array([3.0, 4.0])}, 1.0)
    >>> [round(v, 3) for v in clipped["a"].tolist()], norm
    ([0.6, 0.8], 5.0)
    """
    check_number("max_norm", max_norm, above=True)
    norm = global_norm(grads)
    return shortened(grads, norm, max_norm), norm


def shortened(grads, norm, max_norm):
    """`clip_by_norm` for an inner loop that knows the norm."""
    if not np.isfinite(norm):
        bad = [key for key, g in grads.items() if not np.isfinite(g).all()] or list(grads)
        raise FloatingPointError(f"the gradient's norm is {norm} (in {', '.join(bad)}): clipping cannot mend it")
    if norm <= max_norm:
        return grads
    return {key: g * g.dtype.type(max_norm / norm) for key, g in grads.items()}


def clip_by_value(grads, limit):
    """Cut every entry to [-limit, limit] by itself: this turns the direction. NaN stays NaN.

    Parameters
    ----------
    grads : dict of str to ndarray
        Gradients by parameter name; not changed.
    limit : float
        The largest entry allowed, above 0.

    Returns
    -------
    dict of str to ndarray
        Clipped copies.

    Raises
    ------
    TypeError
        If `grads` is not a dict of arrays of floating point numbers.
    ValueError
        If `limit` is not above 0.

    Examples
    --------
    >>> clip_by_value({"a": np.array([3.0, 0.5])}, 1.0)["a"].tolist()
    [1.0, 0.5]
    """
    check_number("limit", limit, above=True)
    check_float_arrays("grads", grads)
    return {key: np.clip(g, -limit, limit) for key, g in grads.items()}
