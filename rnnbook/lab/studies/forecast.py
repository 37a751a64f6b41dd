"""One month ahead: rules, windows and recurrent networks on the airline series."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.tasks import Series, Windowed, airline
from rnnbook.lab.tasks.base import check_fits
from rnnbook.lab.training.loop import check_training
from rnnbook.lab.training.recipe import Recipe
from rnnbook.nn.checks import check_count, check_option

YEAR, LAST = 12, 24  # months of a season, and months that are kept apart for the test
HIDDEN, RATE = 16, 3e-3  # Adam, clipped at 1, the whole series in every step

RULES = ("no change", "change of a year ago", "a year ago, grown")


def changes():
    """The series as a network reads it: each month's change of the logarithm, times 1 over its spread.

    Returns
    -------
    values : ndarray
        (143,), with a standard deviation of 1 over the months before the test.
    unit : float
        What a value is multiplied by to give the change of the logarithm.

    Examples
    --------
    >>> values, unit = changes()
    >>> bool(np.allclose(np.log(airline()[1:] / airline()[:-1]), unit * values))
    True
    """
    change = np.diff(np.log(airline()))
    unit = float(change[:-LAST].std())
    return change / unit, unit


def rule_error(rule):
    """Error over the last two years of a rule without training.

    Parameters
    ----------
    rule : {"no change", "change of a year ago", "a year ago, grown"}
        The last month's number again; the last month changed as it did a year ago; the number of a year ago,
        grown by the average of all years before the test.

    Returns
    -------
    float
        Root mean square of the error of the logarithm, about the relative error.

    Raises
    ------
    ValueError
        If there is no such rule.

    References
    ----------
    Hyndman & Athanasopoulos (2021), "Forecasting: principles and practice", 3rd edition, section 5.2, for the
    naive and the seasonal naive forecast.

    Examples
    --------
    >>> round(rule_error("no change"), 3)
    0.11
    """
    check_option("rule", rule, RULES)
    series = np.log(airline())
    if rule == "no change":
        said = series[-LAST - 1 : -1]
    elif rule == "change of a year ago":
        said = series[-LAST - 1 : -1] + np.diff(series)[-LAST - YEAR : -YEAR]
    else:
        growth = (series[YEAR:-LAST] - series[: -LAST - YEAR]).mean()
        said = series[-LAST - YEAR : -YEAR] + growth
    return _root_mean_square(said - series[-LAST:])


def linear_error(k):
    """Error over the last two years of a weighted sum of the last k changes, fitted by least squares.

    Parameters
    ----------
    k : int
        Length of the window; the fit has k + 1 numbers.

    Returns
    -------
    float
        As of `rule_error`.

    Raises
    ------
    TypeError
        If `k` is not a whole number.
    ValueError
        If it is below 1, or leaves nothing to fit.

    References
    ----------
    Yule (1927), "On a method of investigating periodicities in disturbed series", Phil. Trans. R. Soc. A 226: the
    first autoregression.

    Examples
    --------
    >>> linear_error(12) < 0.5 * linear_error(1)
    True
    """
    check_count("k", k)
    values, unit = changes()
    if k >= len(values) - LAST:
        raise ValueError(f"k is below {len(values) - LAST}, the changes before the test; got {k}")
    seen = np.lib.stride_tricks.sliding_window_view(values, k)[:-1]
    seen, then = np.column_stack([seen, np.ones(len(seen))]), values[k:]
    weights = np.linalg.lstsq(seen[:-LAST], then[:-LAST])[0]
    return unit * _root_mean_square(seen[-LAST:] @ weights - then[-LAST:])


def forecast_training(cell, k, seed):
    """Set up the training of a network on all months before the test.

    16 hidden units, Adam at 0.003, clipped at 1, the whole series in every step. The first 12 months count for
    nobody, so that a window of a year is full from its first prediction on.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The recurrent part; RNN for a window.
    k : int or None
        Length of the window; None for a recurrent network, which reads the series itself.
    seed : int
        Of the weights.

    Returns
    -------
    Training
        Not yet started.

    Raises
    ------
    TypeError
        If `cell` is neither cell nor layer, or a number not a whole one.
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> from rnnbook import RNN
    >>> training = forecast_training(RNN(), 12, seed=0)
    >>> for progress in training.run(300):
    ...     pass
    >>> forecast_error(training, 12) < rule_error("no change")
    True
    """
    return Recipe(_task(changes()[0][:-LAST], k), cell, HIDDEN, RATE, N=1).training(seed)


def forecast_error(training, k):
    """Error of a trained network over the last two years, one month ahead at a time.

    Parameters
    ----------
    training : Training
        From `forecast_training`.
    k : int or None
        Its window.

    Returns
    -------
    float
        As of `rule_error`.

    Raises
    ------
    TypeError
        If `training` is not a training, or `k` not a whole number.
    ValueError
        If `k` is below 1, or the model reads another window.

    Examples
    --------
    >>> from rnnbook import GRU
    >>> forecast_error(forecast_training(GRU(), None, seed=0), None) > rule_error("a year ago, grown")
    True
    """
    values, unit = changes()
    check_training(training)
    task = _task(values, k)
    check_fits(training.model, task)
    batch = task.make_batch(None, 1)
    y, _ = training.model.predict(training.params, batch.x)
    return unit * _root_mean_square(y.ravel()[-LAST:] - values[-LAST:])


def _task(values, k):
    task = Series(values, skip=YEAR)
    return task if k is None else Windowed(task, k)


def _root_mean_square(error):
    return float(np.sqrt(np.mean(error**2)))
