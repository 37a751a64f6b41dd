"""Elementwise functions and softmax, written so that large numbers do not overflow."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import FLOATS, as_array, as_floats, check_finite

ONE = {dtype: np.ones((), dtype) for dtype in FLOATS}  # NumPy takes half a microsecond to convert a Python 1


def sigmoid(a, out=None):
    """Logistic function 1 / (1 + exp(-a)).

    Where exp(-a) overflows, the result is 0, as it should be, and NumPy says nothing.

    Parameters
    ----------
    a : array_like
        Pre-activations, any shape. Whole numbers are taken as float64; NaN stays NaN.
    out : ndarray, optional
        Where to write the result, of the shape and dtype of `a`; may be `a` itself.

    Returns
    -------
    ndarray
        Values in [0, 1], the shape of `a`.

    Raises
    ------
    TypeError
        If `a` does not hold real numbers, or `out` is not an array of the same dtype.
    ValueError
        If `out` has another shape.

    Examples
    --------
    >>> sigmoid(np.array([0.0, 1000.0, -1000.0])).tolist()
    [0.5, 1.0, 0.0]
    """
    a = as_array("a", a)
    if a.dtype.kind not in "fiub":
        raise TypeError(f"a holds numbers; got dtype {a.dtype}")
    a = a if a.dtype.kind == "f" else a.astype(np.float64)
    if out is not None and (not isinstance(out, np.ndarray) or out.dtype != a.dtype):
        raise TypeError(f"out is an array of dtype {a.dtype}; got {getattr(out, 'dtype', type(out).__name__)}")
    if out is not None and out.shape != a.shape:
        raise ValueError(f"out has shape {a.shape} as a; got {out.shape}")
    with np.errstate(over="ignore"):
        return logistic(a, np.empty_like(a))[()] if out is None else logistic(a, out)


def logistic(a, out):
    """The sigmoid for inner loops, which switch the warning of overflow off once and not at every call."""
    one = ONE.get(out.dtype, 1)
    np.negative(a, out=out)
    np.exp(out, out=out)
    out += one
    return np.divide(one, out, out=out)


def sigmoid_slope(h, out=None):
    """Derivative of the sigmoid where its value is `h`: h (1 - h)."""
    slope = np.subtract(1, h, out=out)
    slope *= h
    return slope


def tanh_slope(h, out=None):
    """Derivative of tanh where its value is `h`: 1 - h^2."""
    return np.subtract(1, np.multiply(h, h, out=out), out=out)


def softmax(logits):
    """Probabilities from logits: ``exp(y) / sum(exp(y))`` along the last axis.

    Parameters
    ----------
    logits : array_like
        (..., V), with at least one class. Minus infinity takes a class out.

    Returns
    -------
    ndarray
        (..., V), each row sums to 1.

    Raises
    ------
    TypeError
        If logits are not floating point numbers.
    ValueError
        If there is no class, or a row's largest logit is not finite.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0])).tolist()
    [0.5, 0.5]
    """
    logits = check_logits(logits)
    largest = logits.max(axis=-1, keepdims=True)
    check_finite("the largest logit of each row", largest)
    p = np.exp(logits - largest)
    p /= p.sum(axis=-1, keepdims=True)
    return p


def check_logits(logits):
    """Refuse logits that are not floating point numbers for at least one class."""
    logits = as_floats("logits", logits)
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"logits have shape (..., V), V at least 1; got {logits.shape}")
    return logits


ACTIVATIONS = {  # name: (write f(a) to out, write f's derivative, found from its value h, to out)
    "tanh": (np.tanh, tanh_slope),
    "relu": (lambda a, out: np.maximum(a, 0, out=out), lambda h, out: np.greater(h, 0, out=out)),
    "sigmoid": (logistic, sigmoid_slope),
    "identity": (lambda a, out: np.copyto(out, a), lambda h, out: out.fill(1)),
}
