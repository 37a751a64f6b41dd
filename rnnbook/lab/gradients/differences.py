"""Is a gradient right? Central differences say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn import global_norm
from rnnbook.nn.checks import as_floats, check_dict, check_float_arrays, check_function, check_number, check_shape


class Check(NamedTuple):
    """What `gradcheck` found.

    Attributes
    ----------
    error : float
        Norm of the difference over the norm of the whole numerical gradient.
    errors : dict of str to float
        The same by parameter; the squares add up to ``error**2``.
    """

    error: float
    errors: dict

    @property
    def worst(self):
        """The parameter that contributes most."""
        return max(self.errors, key=self.errors.get)

    def __str__(self):
        return f"relative error {self.error:.0e}, most of it in {self.worst}"


def numerical_gradient(loss, params, eps=1e-5):
    """Central differences: ``(loss(p + eps) - loss(p - eps)) / (2 eps)`` for every single number.

    Parameters
    ----------
    loss : callable
        ``loss(params) -> float``; it must not change the arrays.
    params : dict of str to ndarray
        Where to differentiate; not changed.
    eps : float
        Half the distance. In float64 1e-5 is near the best: the error of the formula grows with eps**2, that
        of rounding with 1/eps.

    Returns
    -------
    dict of str to ndarray
        The gradient, in float64.

    Raises
    ------
    TypeError
        If `params` is not a dict of arrays of floating point numbers, or `loss` does not return one number.
    ValueError
        If `eps` is not above 0.

    References
    ----------
    Press, Teukolsky, Vetterling & Flannery (2007), "Numerical recipes", 3rd ed., section 5.7.

    Examples
    --------
    >>> g = numerical_gradient(lambda p: float((p["a"] ** 2).sum()), {"a": np.array([1.0, 3.0])})
    >>> [round(v, 6) for v in g["a"].tolist()]
    [2.0, 6.0]
    """
    check_number("eps", eps, above=True)
    check_float_arrays("params", params)
    check_function("loss", loss)
    check_number("loss(params)", loss(params), least=-np.inf)
    params = {key: np.array(value) for key, value in params.items()}
    grads = {}
    for key, array in params.items():
        grads[key] = np.empty(array.shape, np.float64)
        for place in np.ndindex(array.shape):
            here = array[place]
            array[place] = here + eps
            above = loss(params)
            array[place] = here - eps
            below = loss(params)
            array[place] = here
            grads[key][place] = (above - below) / (2 * eps)
    return grads


def gradcheck(f, params, eps=1e-5):
    """Compare a gradient with central differences, relative to the norm of the whole gradient.

    Entry by entry the comparison would fail on entries near zero, where central differences carry no digit.
    Use float64: in float32 a right gradient shows errors of a percent and more at this `eps`, and some 1e-4 at best.

    Parameters
    ----------
    f : callable
        ``f(params) -> (loss, grads)``.
    params : dict of str to ndarray
        Where to check; not changed.
    eps : float
        Half the distance of the differences.

    Returns
    -------
    Check
        The relative error, and each parameter's part in it. A right gradient in float64 stays below 1e-8.

    Raises
    ------
    KeyError
        If a parameter has no gradient.
    TypeError
        If `params` or the gradients are not dicts of arrays of floating point numbers, or `f` does not return a pair.
    ValueError
        If a gradient's shape is not its parameter's, or the numerical gradient is zero.

    Examples
    --------
    >>> def f(p):
    ...     return float((p["a"] ** 3).sum()), {"a": 3 * p["a"] ** 2}
    >>> gradcheck(f, {"a": np.array([1.0, 2.0])}).error < 1e-9
    True
    """
    check_float_arrays("params", params)
    check_function("f", f)
    found = f({key: np.array(value) for key, value in params.items()})
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise TypeError(f"f returns a pair (loss, grads); got {type(found).__name__}")
    grads = found[1]
    check_dict("grads", grads)
    missing = [key for key in params if key not in grads]
    if missing:
        raise KeyError(f"f returns a gradient for each of {', '.join(params)}; {', '.join(missing)} missing")
    for key, value in params.items():
        check_shape(
            f"gradient of {key}",
            as_floats(f"gradient of {key}", grads[key]),
            " ".join("." for _ in value.shape),
            value.shape,
        )
    numeric = numerical_gradient(lambda p: f(p)[0], params, eps)
    whole = global_norm(numeric)
    if whole == 0:
        raise ValueError("the numerical gradient is zero everywhere: check at a place where the loss changes")
    errors = {key: float(np.linalg.norm(grads[key] - numeric[key])) / whole for key in params}
    return Check(float(np.linalg.norm(list(errors.values()))), errors)
