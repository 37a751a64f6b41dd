"""Whether a probability means what it says: of the answers given with 0.8, are 80 % right?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn.checks import as_array, as_numbers, check_count, check_shape
from rnnbook.nn.layers import check_tokens


class Calibration(NamedTuple):
    """Probabilities in bins of equal width, against what was so; the arrays are (filled bins,).

    Attributes
    ----------
    means : ndarray
        Mean probability of each bin that has any.
    shares : ndarray
        Share of ones among the labels there.
    counts : ndarray of int
        How many there are.
    error : float
        The expected calibration error: the mean of ``|share - mean|`` over all examples.
    brier : float
        The mean of ``(probability - label)^2``.
    """

    means: np.ndarray
    shares: np.ndarray
    counts: np.ndarray
    error: float
    brier: float


def calibration(p, labels, bins=10):
    """Compare probabilities with the share that was so, bin by bin.

    Parameters
    ----------
    p : ndarray
        Probabilities of 1, (n,).
    labels : array_like of int, float or bool
        What was so, 0 or 1, (n,).
    bins : int
        How many bins of equal width there are from 0 to 1; those that stay empty are left out.

    Returns
    -------
    Calibration
        By bin, and two numbers for all: the error sees the bins alone, the Brier score also how sure the answers are.

    Raises
    ------
    TypeError
        If `p` does not hold numbers, or `labels` whole ones.
    ValueError
        If a probability is outside [0, 1], a label neither 0 nor 1, there is none, or the lengths differ.

    References
    ----------
    Guo, Pleiss, Sun & Weinberger (2017), "On calibration of modern neural networks", ICML, eq. (3), for the error;
    they take the probability of the class that is answered, here it is that of 1, whichever is answered. Brier (1950),
    "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78(1), for the other; his sum
    runs over both classes and is twice as large.

    Examples
    --------
    >>> found = calibration([0.9, 0.9, 0.9, 0.9, 0.2], [1, 1, 1, 0, 0])
    >>> found.means.tolist(), found.shares.tolist(), found.counts.tolist()
    ([0.2, 0.9], [0.0, 0.75], [1, 4])
    >>> round(found.error, 2), round(found.brier, 2)
    (0.16, 0.18)
    """
    p, labels = as_numbers("p", p), as_array("labels", labels)
    if labels.dtype.kind in "bf" and np.isin(labels, (0, 1)).all():  # as a batch has them
        labels = labels.astype(int)
    labels = check_tokens(labels, 2, "labels")
    check_shape("p", p, "n", (None,))
    check_shape("labels", labels, "n", p.shape)
    check_count("bins", bins)
    if not len(p) or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p has at least one probability, each from 0 to 1")
    place = np.minimum((p * bins).astype(int), bins - 1)
    counts = np.bincount(place, minlength=bins)
    filled = counts > 0
    sums, ones = (np.bincount(place, weights=values, minlength=bins)[filled] for values in (p, labels))
    counts = counts[filled]
    means, shares = sums / counts, ones / counts
    error = float((counts * np.abs(shares - means)).sum() / len(p))
    return Calibration(means, shares, counts, error, float(((p - labels) ** 2).mean()))
