"""How long a gate keeps: the horizon of a bias, of a recorded run, and the bias for a horizon."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import as_numbers, check_finite


def horizon(bias):
    """Steps after which a gate with this bias, and nothing else, has kept a share of 1/e.

    Parameters
    ----------
    bias : float or ndarray
        Of the gate that keeps.

    Returns
    -------
    float or ndarray
        ``-1 / ln f`` with ``f = sigmoid(bias)``; infinity where f is 1 to the last digit and beyond.

    Raises
    ------
    TypeError
        If `bias` does not hold numbers.
    ValueError
        If a bias is NaN or infinite.

    Examples
    --------
    >>> [round(float(horizon(b)), 1) for b in (0.0, 1.0, 2.0, 5.0)]
    [1.4, 3.2, 7.9, 148.9]
    """
    bias = as_numbers("bias", bias)
    check_finite("bias", bias)
    with np.errstate(over="ignore", divide="ignore"):
        steps = 1 / np.logaddexp(0, -bias)  # -ln sigmoid(b) = ln(1 + exp(-b)), which loses no digit near f = 1
    return steps[()]


def horizon_of(gate):
    """The horizon of a gate that moves: over which a run of it keeps a share of 1/e.

    Parameters
    ----------
    gate : ndarray
        Values from 0 to 1, time first, (T, ...), as ``tape.gates[1]`` of LSTM and GRU.

    Returns
    -------
    ndarray
        ``-1 / mean(ln f_t)`` over time, (...): infinity for a gate that is never below 1, 0 for one that shuts
        wholly.

    Raises
    ------
    TypeError
        If `gate` does not hold numbers.
    ValueError
        If a value is below 0, above 1, or NaN, or there is no step.

    Examples
    --------
    >>> horizon_of(np.array([0.5, 0.5])).round(3), horizon_of(np.array([0.9, 0.1])).round(3)
    (np.float64(1.443), np.float64(0.831))
    """
    gate = as_numbers("gate", gate)
    if not gate.ndim or not len(gate) or not ((gate >= 0) & (gate <= 1)).all():
        raise ValueError("a gate has values from 0 to 1 for at least one step")
    with np.errstate(divide="ignore"):
        return 1 / np.abs(np.log(gate).mean(axis=0))
