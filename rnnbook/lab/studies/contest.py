"""Three cells on the same tasks, with the same number of weights: how a run is set up, and when it is solved."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.tasks import Adding, Digits, Recall, Text, zen_of_python
from rnnbook.lab.tasks.base import check_task
from rnnbook.lab.training.loop import check_training
from rnnbook.lab.training.recipe import Recipe, mean_loss, solve
from rnnbook.lab.training.score import accuracy
from rnnbook.lab.training.weights import units_for
from rnnbook.nn import Chrono
from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import check_count, check_option

RATES = (1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3)  # of Adam
WINDOW = 25  # batches whose mean loss says whether a run is solved; trials look once in so many steps


class Contest(NamedTuple):
    """A task with everything that all three cells share on it.

    Attributes
    ----------
    task : Task
        What is learned.
    weights : int
        Numbers to learn, readout included; each cell gets as many units as come nearest.
    bias : float or Chrono
        Start of the bias of the gate that keeps, f of LSTM and z of GRU alike.
    limit : float
        A run is solved when its error is below: the mean loss of the last 25 batches, or for digits the share
        of wrong answers on the test images.
    budget : int
        Steps at most.
    seeds : int
        Runs of each cell that count, with seeds 0, 1, ...
    trials : int
        Runs of each cell and rate that choose the rate, with seeds 100, 101, ...
    look : int
        Steps between two looks at whether a run that counts is solved.
    N : int
        Sequences a batch.
    """

    task: object
    weights: int
    bias: object
    limit: float
    budget: int
    seeds: int = 10
    trials: int = 2
    look: int = 1
    N: int = 32


CONTESTS = {
    "adding, T = 50": Contest(Adding(50), 5000, 1.0, 0.01, 1500),
    "recall, L = 20": Contest(Recall(20), 5000, 1.0, 0.05, 1000),
    "recall, L = 20, bias 0": Contest(Recall(20), 5000, 0.0, 0.05, 1000),
    "recall, L = 50, chrono": Contest(Recall(50), 5000, Chrono(50), 0.05, 1000),
    "digits, 8 rows": Contest(Digits("rows"), 5000, 1.0, 0.05, 600),
    "digits, 64 pixels": Contest(Digits("pixels"), 5000, 1.0, 0.1, 1500, trials=1, look=5),
    "text by heart": Contest(Text(zen_of_python()), 20000, 1.0, 0.2, 800, N=8),
}


def contest(name):
    """Look a contest up.

    Parameters
    ----------
    name : str
        As the table has it, such as "digits, 8 rows".

    Returns
    -------
    Contest
        Task, budgets, start and limit.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> contest("digits, 8 rows").budget
    600
    """
    check_option("name", name, CONTESTS)
    return CONTESTS[name]


def contestant(name, cell, rate, seed):
    """Set up one run of a contest: orthogonal start, float32, Adam, clipped at 1.

    Parameters
    ----------
    name : str
        The contest.
    cell : {"RNN", "LSTM", "GRU"}
        The cell.
    rate : float
        Learning rate of Adam.
    seed : int
        Of weights and batches.

    Returns
    -------
    Training
        Not yet started.

    Raises
    ------
    TypeError
        If `rate` is not a number, or `seed` not a whole one.
    ValueError
        If there is no such contest or cell, or a number is out of range.

    Examples
    --------
    >>> training = contestant("digits, 8 rows", "GRU", rate=0.01, seed=0)
    >>> training.params["W_hh"].shape
    (35, 105)
    """
    check_option("cell", cell, CELLS)
    at = contest(name)
    H = units_for(CELLS[cell], at.task.input_size, at.task.output_size, at.weights)
    start = {"gate_bias": None if cell == "RNN" else at.bias, "dtype": np.float32}
    return Recipe(at.task, CELLS[cell], H, rate, at.N, start=start).training(seed)


def error_of(training, task):
    """How far a run is from having solved its task.

    Parameters
    ----------
    training : Training
        With at least one step made.
    task : Task
        What it learns.

    Returns
    -------
    float
        Share of wrong answers on the test images for digits, the mean loss of the last 25 batches for others.

    Raises
    ------
    TypeError
        If `training` is not a training, or `task` not a task.
    ValueError
        If no step has been made.

    Examples
    --------
    >>> training = contestant("digits, 8 rows", "GRU", rate=0.01, seed=0)
    >>> for progress in training.run(25):
    ...     pass
    >>> 0 < error_of(training, contest("digits, 8 rows").task) < 1
    True
    """
    check_training(training)
    check_task(task)
    if isinstance(task, Digits):
        return 1 - accuracy(training.model, training.params, task.test)
    return mean_loss(training, WINDOW)


def contend(name, cell, rate, seed, every=None):
    """Train until the task is solved or the budget is spent.

    Parameters
    ----------
    name, cell : str
        As in `contestant`.
    rate : float
        Learning rate of Adam.
    seed : int
        Of weights and batches.
    every : int, optional
        Steps between two looks; the contest's own if not given. Before step 25 nothing counts as solved.

    Yields
    ------
    steps : int
        Made so far, at every look.
    error : float
        See `error_of`; the run is over when it is below the contest's limit. Infinite before step 25.

    Raises
    ------
    TypeError
        If `rate` is not a number, or `seed` or `every` not a whole one.
    ValueError
        If there is no such contest or cell, or a number is out of range.

    Examples
    --------
    >>> steps, error = next(contend("digits, 8 rows", "GRU", rate=0.01, seed=0, every=25))
    >>> steps, 0 < error < 1
    (25, True)
    """
    if every is not None:
        check_count("every", every)
    at, training = contest(name), contestant(name, cell, rate, seed)

    def error_now(training):
        return error_of(training, at.task) if len(training.history) >= WINDOW else np.inf

    looks = solve(training, at.budget, at.limit, every=every or at.look, error=error_now)
    for _, error in looks:
        yield len(training.history), error
