"""Losses: the value and its gradient together, averaged over what the mask keeps.

Targets that the mask leaves out are not looked at, so padding may hold anything.
"""

from __future__ import annotations

import numpy as np

from rnnbook.nn.activations import check_logits, sigmoid
from rnnbook.nn.checks import as_array, as_floats, check_finite, check_shape
from rnnbook.nn.layers import check_tokens


def _counting(targets, shape, mask, dtype):
    """Targets, 0 where masked, and weights that sum to 1 over the entries that count."""
    targets = as_array("targets", targets)
    check_shape("targets", targets, "", shape)
    mask = as_array("mask", np.ones(shape, bool) if mask is None else mask)
    check_shape("mask", mask, "", shape)
    if mask.dtype != bool:
        raise TypeError(f"mask holds True where an entry counts; got dtype {mask.dtype}")
    if not mask.any():
        raise ValueError("no entry counts: the mean over nothing is not defined")
    return np.where(mask, targets, np.zeros((), targets.dtype)), (mask / mask.sum()).astype(dtype)


def _numbers(targets, y, mask):
    """As `_counting`, for targets that are numbers in the dtype of y; and y, 0 where masked."""
    targets, w = _counting(targets, y.shape, mask, y.dtype)
    if targets.dtype.kind not in "fiub":
        raise TypeError(f"targets are numbers; got dtype {targets.dtype}")
    check_finite("targets", targets)
    y = y if mask is None else np.where(w > 0, y, np.zeros((), y.dtype))
    return y, targets.astype(y.dtype, copy=False), w


def softmax_cross_entropy(logits, targets, mask=None):
    """Mean negative log probability of the targets, in nats.

    Parameters
    ----------
    logits : ndarray
        (..., V).
    targets : array_like of int
        Classes from 0 to V - 1, (...).
    mask : array_like of bool, optional
        True where an entry counts, (...); what does not is not looked at. All count if not given.

    Returns
    -------
    loss : float
        The mean over the entries that count.
    dlogits : ndarray
        Its gradient ``(softmax(y) - one_hot(target)) / count``, (..., V), zero where masked.

    Raises
    ------
    TypeError
        If logits are not floating point numbers, targets not integers, or the mask is not boolean.
    ValueError
        If shapes do not fit, a class is out of range, or no entry counts.

    References
    ----------
    Goodfellow, Bengio & Courville (2016), "Deep learning", section 6.2.2.3.

    Examples
    --------
    >>> loss, dlogits = softmax_cross_entropy(np.zeros((3, 4)), [0, 1, 2])
    >>> round(loss, 4) == round(float(np.log(4)), 4), dlogits.shape
    (True, (3, 4))
    """
    logits = check_logits(logits)
    targets, w = _counting(targets, logits.shape[:-1], mask, logits.dtype)
    if mask is not None:
        logits = np.where(w[..., None] > 0, logits, np.zeros((), logits.dtype))
    targets = check_tokens(targets, logits.shape[-1], "targets")
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    at_target = np.take_along_axis(log_p, targets[..., None], axis=-1)
    dlogits = np.exp(log_p)
    np.put_along_axis(dlogits, targets[..., None], np.exp(at_target) - 1, axis=-1)
    return float(-(w * at_target[..., 0]).sum()), dlogits * w[..., None]


def binary_cross_entropy(logits, targets, mask=None):
    """Mean cross-entropy of yes-or-no targets, in nats, from logits.

    Parameters
    ----------
    logits : ndarray
        Any shape (...).
    targets : array_like
        Probabilities of yes, 0 to 1, the same shape.
    mask : array_like of bool, optional
        True where an entry counts, the same shape; what does not is not looked at. All count if not given.

    Returns
    -------
    loss : float
        Mean of ``log(1 + exp(y)) - target * y``, in a form that does not overflow.
    dlogits : ndarray
        Its gradient ``(sigmoid(y) - target) / count``.

    Raises
    ------
    TypeError
        If logits or targets are not numbers, or the mask is not boolean.
    ValueError
        If shapes do not fit, a target is outside 0 to 1, or no entry counts.

    References
    ----------
    Goodfellow, Bengio & Courville (2016), "Deep learning", section 6.2.2.2.

    Examples
    --------
    >>> loss, dlogits = binary_cross_entropy(np.array([0.0, 1000.0]), [1, 1])
    >>> round(loss, 4) == round(float(np.log(2)) / 2, 4), dlogits.tolist()
    (True, [-0.25, 0.0])
    """
    logits = as_floats("logits", logits)
    logits, targets, w = _numbers(targets, logits, mask)
    if targets.min() < 0 or targets.max() > 1:
        raise ValueError(f"targets are from 0 to 1; got {targets.min()} to {targets.max()}")
    each = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return float((w * each).sum()), w * (sigmoid(logits) - targets)


def squared_error(y, targets, mask=None):
    """Mean squared error, without a half.

    Parameters
    ----------
    y : ndarray
        Outputs, any shape (...).
    targets : array_like
        The same shape.
    mask : array_like of bool, optional
        True where an entry counts, the same shape; what does not is not looked at. All count if not given.

    Returns
    -------
    loss : float
        Mean of ``(y - target)**2``.
    dy : ndarray
        Its gradient ``2 (y - target) / count``.

    Raises
    ------
    TypeError
        If logits or targets are not numbers, or the mask is not boolean.
    ValueError
        If shapes do not fit, a target is NaN or infinite, or no entry counts.

    Examples
    --------
    >>> loss, dy = squared_error(np.array([1.0, 2.0]), [1.0, 0.0])
    >>> loss, dy.tolist()
    (2.0, [0.0, 2.0])
    """
    y = as_floats("y", y)
    y, targets, w = _numbers(targets, y, mask)
    error = y - targets
    return float((w * error * error).sum()), 2 * w * error
