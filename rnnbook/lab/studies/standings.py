"""Reading the table of contests: who solved what, when, at what cost, and what counts as a difference."""

from __future__ import annotations

from math import comb
from typing import NamedTuple

import numpy as np

from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import as_numbers, check_count, check_instance, check_number, check_option, check_table

LEVEL = 0.05 / 18  # of the rank test: three pairs of cells in six contests, so 18 comparisons
APART = "not told apart"


class Standing(NamedTuple):
    """How one cell did in one contest.

    Attributes
    ----------
    cell : str
        The cell, or the net.
    units : int
        Hidden units H.
    weights : int
        Numbers that it learned, readout included.
    rate : float
        Learning rate that its trials chose.
    at : tuple of float
        Steps after which each run was solved, in order of size; inf for a run that was not.
    ms : float
        Milliseconds of processor time of a training step, on the machine that made the table.
    """

    cell: str
    units: int
    weights: int
    rate: float
    at: tuple
    ms: float

    @property
    def solved(self):
        """How many runs were solved."""
        return int(np.isfinite(self.at).sum())

    @property
    def steps(self):
        """The median run; inf if no more than half were solved."""
        return float(np.median(self.at))

    @property
    def seconds(self):
        """The same in seconds of processor time."""
        return self.steps * self.ms / 1000


def standings(rows, name, by="cell"):
    """Read one contest off the table.

    Parameters
    ----------
    rows : list of dict
        ``load_table("contests")``, or the table of a race, "depth" or "ways".
    name : str
        The contest or race.
    by : {"cell", "net"}
        The column that says who ran: a cell, or in a race a net.

    Returns
    -------
    dict of str to Standing
        By cell or net; the runs that chose the rates are left out.

    Raises
    ------
    KeyError
        If a row lacks an entry.
    TypeError
        If `rows` is not a list of dicts.
    ValueError
        If the table has no such contest.

    Examples
    --------
    >>> from rnnbook import load_table
    >>> standings(load_table("contests"), "digits, 8 rows")["GRU"].units
    35
    """
    check_option("by", by, ("cell", "net"))
    check_table("rows", rows, ("contest", by, "part", "solved_at", "H", "weights", "rate", "ms"))
    check_option("name", name, dict.fromkeys(row["contest"] for row in rows))
    found = {}
    for cell in CELLS if by == "cell" else dict.fromkeys(row[by] for row in rows):
        runs = [row for row in rows if (row["contest"], row[by], row["part"]) == (name, cell, "run")]
        if runs:
            at = tuple(sorted(row["solved_at"] or np.inf for row in runs))
            found[cell] = Standing(cell, runs[0]["H"], runs[0]["weights"], runs[0]["rate"], at, runs[0]["ms"])
    return found


def rank_test(a, b):
    """Exact two-sided p of the rank-sum test (Wilcoxon; Mann & Whitney), equal numbers sharing their ranks.

    If nothing sets the two groups apart, every way to deal the ranks out to them is as likely as any other. p is the
    share of these ways in which the sum of the first group's ranks is at least as far from its mean as it was found.

    Parameters
    ----------
    a, b : array_like of float
        One number a run; inf for runs that never got there, all equal to each other.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    TypeError
        If `a` or `b` does not hold numbers.
    ValueError
        If one is not a row of at least one, or holds NaN.

    Examples
    --------
    >>> rank_test([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]) == 2 / 252
    True
    >>> rank_test([1, 2], [1, 2])
    1.0
    """
    a, b = _runs("a", a), _runs("b", b)
    both = np.concatenate([a, b])
    doubled = (both[:, None] > both).sum(axis=1) + (both[:, None] >= both).sum(axis=1) + 1  # twice the shared rank
    n, top = len(a), int(doubled.sum())
    ways = np.zeros((n + 1, top + 1))  # how many choices of k runs have this sum
    ways[0, 0] = 1
    for rank in doubled:
        for k in range(n, 0, -1):
            ways[k, rank:] += ways[k - 1, : top + 1 - rank]
    off = np.abs(np.arange(top + 1) * len(both) - n * top)  # distance from the mean, times the number of runs
    return float(ways[n, off >= off[doubled[:n].sum()]].sum() / ways[n].sum())


def _runs(name, numbers):
    """One number a run; inf is one that never got there."""
    runs = as_numbers(name, numbers)
    if runs.ndim != 1 or not len(runs) or np.isnan(runs).any():
        raise ValueError(f"{name} has a number for each of at least one run, inf where it never got there; got {runs}")
    return runs


def sign_test(a, b):
    """Exact two-sided p of the sign test, for runs that come in pairs, such as two variants on the same split.

    If nothing sets the two apart, each is as likely as the other to be the larger of a pair; pairs that are equal say
    nothing and are left out. p is the share of all ways to toss that many coins which are as one-sided as the pairs.

    Parameters
    ----------
    a, b : array_like of float
        One number a run, a pair in the same place.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    TypeError
        If `a` or `b` does not hold numbers.
    ValueError
        If one is not a row of at least one, they differ in length, or one holds NaN.

    References
    ----------
    Dixon & Mood (1946), "The statistical sign test", Journal of the American Statistical Association 41(236).

    Examples
    --------
    >>> sign_test(range(10), range(1, 11)) == 2 / 2**10
    True
    """
    a, b = _runs("a", a), _runs("b", b)
    if len(a) != len(b):
        raise ValueError(f"a and b are pairs; got {len(a)} and {len(b)} runs")
    more, fewer = int((a > b).sum()), int((a < b).sum())
    n = more + fewer
    return min(1.0, 2 * sum(comb(n, k) for k in range(min(more, fewer) + 1)) / 2**n)


def verdict(one, other, costs=(1.0, 1.0), level=LEVEL):
    """Say which of two cells or nets was solved sooner, or that the runs do not tell them apart.

    Parameters
    ----------
    one, other : Standing
        Of the same contest.
    costs : tuple of float
        What a step of each costs, such as its milliseconds; steps alone are compared if not given.
    level : float
        Of the test: 0.05 divided by the number of comparisons that are made.

    Returns
    -------
    str
        The sooner one where the exact rank test gives p below `level`, and "not told apart" otherwise.

    Raises
    ------
    TypeError
        If `one` or `other` does not come from `standings`, or costs are not a pair of numbers.
    ValueError
        If a cost is not above 0, or the level not between 0 and 1.

    Examples
    --------
    >>> slow, fast = (Standing(cell, 9, 99, 0.01, at, 1.0) for cell, at in (("RNN", (90,) * 10), ("GRU", (50,) * 10)))
    >>> verdict(slow, fast), verdict(slow, slow)
    ('GRU', 'not told apart')
    """
    for name, standing in (("one", one), ("other", other)):
        check_instance(name, standing, Standing, "standings")
    if not isinstance(costs, list | tuple) or len(costs) != 2:
        raise TypeError(f"costs is a pair of numbers; got {costs!r}")
    for cost in costs:
        check_number("each of costs", cost, above=True)
    check_number("level", level, above=True, below=1)
    a, b = (np.array(standing.at) * cost for standing, cost in zip((one, other), costs, strict=True))
    if rank_test(a, b) >= level:
        return APART
    return one.cell if (a[:, None] < b).mean() > (a[:, None] > b).mean() else other.cell


def choose_rate(trials, budget):
    """Pick a learning rate by the same rule for every cell.

    Parameters
    ----------
    trials : list of dict
        Rows of the table with "rate", "solved_at" (None if not solved) and "error".
    budget : int
        Steps that an unsolved run counts.

    Returns
    -------
    float
        The rate with the most solved runs; of equals the one with the fewest steps, then the smallest error.

    Raises
    ------
    KeyError
        If a row lacks an entry.
    TypeError
        If `trials` is not a list of dicts, or `budget` not a whole number.
    ValueError
        If there is no row, or `budget` is below 1.

    Examples
    --------
    >>> slow, fast = ({"rate": rate, "solved_at": at, "error": 0.0} for rate, at in ((0.001, 900), (0.01, 200)))
    >>> choose_rate([slow, fast], budget=1000)
    0.01
    """

    check_table("trials", trials, ("rate", "solved_at", "error"))
    check_count("budget", budget)
    if not trials:
        raise ValueError("trials has at least one row; got none")

    def merit(rate):
        runs = [row for row in trials if row["rate"] == rate]
        solved = sum(row["solved_at"] is not None for row in runs)
        steps = sum(row["solved_at"] or budget for row in runs)
        return -solved, steps, sum(row["error"] for row in runs)

    return min(sorted({row["rate"] for row in trials}), key=merit)
