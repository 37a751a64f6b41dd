"""Elementwise functions and softmax, written so that large numbers do not overflow."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import FLOATS, as_floats

ONE = {dtype: np.ones((), dtype) for dtype in FLOATS}  # NumPy takes half a microsecond to convert a Python 1


def sigmoid(a, out=None):
    """Logistic function 1 / (1 + exp(-a)).

    Where exp(-a) overflows, the result is 0, as it should be, and NumPy says nothing.

    Parameters
    ----------
    a : array_like
        Pre-activations, any shape.
    out : ndarray, optional
        Where to write the result; may be `a` itself.

    Returns
    -------
    ndarray
        Values in [0, 1], the shape of `a`.

    Examples
    --------
    >>> sigmoid(np.array([0.0, 1000.0, -1000.0])).tolist()
    [0.5, 1.0, 0.0]
    """
    a = np.asarray(a)
    a = a if a.dtype.kind == "f" else a.astype(np.float64)
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
        (..., V), with at least one class.

    Returns
    -------
    ndarray
        (..., V), each row sums to 1.

    Raises
    ------
    TypeError
        If logits are not floating point numbers.
    ValueError
        If there is no class.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0])).tolist()
    [0.5, 0.5]
    """
    logits = check_logits(logits)
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
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
    "sigmoid": (sigmoid, sigmoid_slope),
    "identity": (lambda a, out: np.copyto(out, a), lambda h, out: out.fill(1)),
}
