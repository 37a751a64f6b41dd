"""Reading the table of contests: who solved what, when, at what cost, and what counts as a difference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn.cells import CELLS


class Standing(NamedTuple):
    """How one cell did in one contest.

    Attributes
    ----------
    cell : str
        The cell.
    units : int
        Hidden units H.
    weights : int
        Numbers that it learned, readout included.
    rate : float
        Learning rate that its trials chose.
    at : tuple of float
        When each run was solved, in order of size; inf for a run that was not.
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
        """The run in the middle; inf if fewer than half were solved."""
        return float(np.median(self.at))

    @property
    def seconds(self):
        """The same in seconds of processor time."""
        return self.steps * self.ms / 1000


def standings(rows, name):
    """Read one contest off the table.

    Parameters
    ----------
    rows : list of dict
        ``load_table("contests")``.
    name : str
        The contest.

    Returns
    -------
    dict of str to Standing
        By cell; the runs that chose the rates are left out.

    Examples
    --------
    >>> from rnnbook import load_table
    >>> standings(load_table("contests"), "digits, 8 rows")["GRU"].units
    35
    """
    found = {}
    for cell in CELLS:
        runs = [row for row in rows if (row["contest"], row["cell"], row["part"]) == (name, cell, "run")]
        if runs:
            at = tuple(sorted(row["solved_at"] or np.inf for row in runs))
            found[cell] = Standing(cell, runs[0]["H"], runs[0]["weights"], runs[0]["rate"], at, runs[0]["ms"])
    return found


def verdict(one, other, seconds=False):
    """Say which of two cells was faster, or that they tie.

    Of two cells that are alike, all five runs of one come before all five of the other in 2 of 252 orders; that is
    the only thing called a difference here. Three runs against three do so in 2 of 20.

    Parameters
    ----------
    one, other : Standing
        Of the same contest.
    seconds : bool
        Whether to compare seconds rather than steps.

    Returns
    -------
    str
        The faster cell if each of its runs came before each of the other's, and "tie" if the runs overlap.

    Examples
    --------
    >>> slow, fast = (Standing(cell, 9, 99, 0.01, at, 1.0) for cell, at in (("RNN", (90, np.inf)), ("GRU", (50, 75))))
    >>> verdict(slow, fast), verdict(slow, slow)
    ('GRU', 'tie')
    """
    a, b = (np.array(standing.at) * (standing.ms if seconds else 1) for standing in (one, other))
    if a.max() < b.min():
        return one.cell
    return other.cell if b.max() < a.min() else "tie"


def choose_rate(trials, budget):
    """Pick a learning rate by a rule that knows nothing of the cells.

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

    Examples
    --------
    >>> slow, fast = ({"rate": rate, "solved_at": at, "error": 0.0} for rate, at in ((0.001, 900), (0.01, 200)))
    >>> choose_rate([slow, fast], budget=1000)
    0.01
    """

    def merit(rate):
        runs = [row for row in trials if row["rate"] == rate]
        solved = sum(row["solved_at"] is not None for row in runs)
        steps = sum(row["solved_at"] or budget for row in runs)
        return -solved, steps, sum(row["error"] for row in runs)

    return min(sorted({row["rate"] for row in trials}), key=merit)
