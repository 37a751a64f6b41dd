"""How long a gate keeps: the horizon of a bias, of a recorded run, and the bias for a horizon."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import as_numbers, check_finite


def forgetting(preactivation):
    """What one step takes from the logarithm of what a gate has kept: -ln f, with f the sigmoid of a pre-activation.

    After some steps a share of exp(-sum) is left, with the sum over these steps.

    Parameters
    ----------
    preactivation : float or ndarray
        Of the gate that keeps.

    Returns
    -------
    float or ndarray
        ``-ln sigmoid(a) = ln(1 + exp(-a))``, which loses no digit where f is near 1; never below 0.

    Raises
    ------
    TypeError
        If `preactivation` does not hold numbers.
    ValueError
        If one is NaN or infinite.

    Examples
    --------
    >>> forgetting(np.array([0.0, 40.0, -1000.0])).tolist()
    [0.6931471805599453, 4.248354255291589e-18, 1000.0]
    """
    a = as_numbers("preactivation", preactivation)
    check_finite("preactivation", a)
    lost = np.array(a, float)  # one array for all: for many numbers new ones would take as long as the functions
    with np.errstate(over="ignore"):
        np.log1p(np.exp(np.negative(lost, out=lost), out=lost), out=lost)
    beyond = np.isinf(lost)
    lost[beyond] = -a[beyond]  # where exp(-a) is beyond floating point, the 1 beside it is nothing
    return lost[()]


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
        return 1 / forgetting(bias)


def bias_for_horizon(steps):
    """The bias of a gate that keeps a share of 1/e over so many steps, if nothing else moves it.

    Parameters
    ----------
    steps : float or ndarray
        The horizon, above 0.

    Returns
    -------
    float or ndarray
        ``-ln(exp(1 / steps) - 1)``, the inverse of `horizon`; about ``ln steps`` for many steps.

    Raises
    ------
    TypeError
        If `steps` does not hold numbers.
    ValueError
        If a number of steps is 0 or below, NaN or infinite.

    References
    ----------
    Tallec & Ollivier (2018), "Can recurrent neural networks warp time?", ICLR, section 3, for ln steps as the bias.

    Examples
    --------
    >>> [round(float(bias_for_horizon(n)), 3) for n in (1, 100, 1000)], round(float(horizon(bias_for_horizon(20))), 9)
    ([-0.541, 4.6, 6.907], 20.0)
    """
    steps = as_numbers("steps", steps)
    check_finite("steps", steps)
    if (steps <= 0).any():
        raise ValueError(f"a horizon is a number of steps above 0; got {steps.min()}")
    with np.errstate(over="ignore"):
        lost = 1 / steps  # in a step
    return (-lost - np.log(-np.expm1(-lost)))[()]


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
