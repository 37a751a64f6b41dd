"""Elementwise functions and softmax, written so that large numbers do not overflow."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import as_floats


def sigmoid(a, out=None):
    """Logistic function 1 / (1 + exp(-a)), written as (1 + tanh(a / 2)) / 2, which cannot overflow.

    Parameters
    ----------
    a : array_like
        Pre-activations, any shape.
    out : ndarray, optional
        Where to write the result; may be `a` itself.

    Returns
    -------
    ndarray
        Values in [0, 1], the shape of `a`; to about 1e-16, so what lies below that is 0.

    Examples
    --------
    >>> sigmoid(np.array([0.0, 1000.0, -1000.0])).tolist()
    [0.5, 1.0, 0.0]
    """
    half = np.multiply(a, 0.5, out=out)
    result = np.tanh(half, out=out)
    result += 1
    result *= 0.5
    return result


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
    """Refuse logits that are not floating point numbers for at least one class.

    Parameters
    ----------
    logits : array_like
        What the caller passed.

    Returns
    -------
    ndarray
        (..., V).

    Raises
    ------
    TypeError
        If they are not floating point numbers.
    ValueError
        If there is no axis of classes, or no class.
    """
    logits = as_floats("logits", logits)
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"logits have shape (..., V), V at least 1; got {logits.shape}")
    return logits


ACTIVATIONS = {  # name: (write f(a) to out, derivative of f as a function of its value h)
    "tanh": (np.tanh, lambda h: 1 - h * h),
    "relu": (lambda a, out: np.maximum(a, 0, out=out), lambda h: (h > 0).astype(h.dtype)),
    "sigmoid": (sigmoid, lambda h: h * (1 - h)),
    "identity": (lambda a, out: np.copyto(out, a), np.ones_like),
}
