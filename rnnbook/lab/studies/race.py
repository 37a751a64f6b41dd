"""Nets of the same number of weights on the same task: layers on one another, and layers that read from both ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.studies.contest import WINDOW
from rnnbook.lab.tasks import Between, Digits, Recall, Text, TwoScales, zen_of_python
from rnnbook.lab.training.recipe import Recipe, mean_loss, solve
from rnnbook.lab.training.score import accuracy
from rnnbook.lab.training.weights import units_for
from rnnbook.nn import GRU, Both, Recurrent, Residual, Stack
from rnnbook.nn.checks import check_count, check_option
from rnnbook.nn.inputs import check_cell

DEPTH_LEVEL = 0.05 / 9  # of the rank test: in three races, two and three layers against one, a way around against none
WAYS_LEVEL = 0.05 / 5  # two ways against one in four races, and in the last also two layers of both against one


class Net(NamedTuple):
    """How the recurrent layers of a net stand.

    Attributes
    ----------
    layers : int
        On one another, each with as many units.
    ways : int
        2 if each reads from both ends.
    residual : bool
        Whether there is a way around every layer but the first.
    """

    layers: int
    ways: int = 1
    residual: bool = False


NETS = {
    "1 layer": Net(1),
    "2 layers": Net(2),
    "3 layers": Net(3),
    "3 layers, residual": Net(3, residual=True),
    "one way": Net(1),
    "two ways": Net(1, ways=2),
    "two ways, 2 layers": Net(2, ways=2),
}
DEPTHS, DIRECTIONS = tuple(NETS)[:4], tuple(NETS)[4:6]


class Race(NamedTuple):
    """A task with everything that all nets share on it. The cell is GRU.

    Attributes
    ----------
    task : Task
        What is learned.
    nets : tuple of str
        Who runs.
    weights : int
        Numbers to learn, readout included; each net gets as many units a layer and way as come nearest.
    rates : tuple of float
        Learning rates of Adam that are tried for each net.
    limit : float
        A run is solved when its error is below: the mean loss of the last 25 batches, or for digits the share of
        wrong answers on the test images.
    budget : int
        Steps at most.
    N : int
        Sequences a batch.
    bias : float
        Start of the bias of the gate that keeps.
    """

    task: object
    nets: tuple
    weights: int
    rates: tuple
    limit: float
    budget: int
    N: int = 32
    bias: float = 1.0


RATES = (3e-3, 1e-2, 3e-2, 0.1)
RACES = {
    "recall, L = 20": Race(Recall(20), DEPTHS, 5000, (*RATES[1:], 0.3), 0.05, 300),
    "two time scales": Race(TwoScales(48, period=8), DEPTHS, 3000, RATES[1:], 0.003, 500, N=16),
    "text by heart": Race(Text(zen_of_python()), DEPTHS, 10000, RATES[1:], 0.2, 400, N=16),
    "digits, 8 rows": Race(Digits("rows"), DIRECTIONS, 5000, RATES, 0.05, 400),
    "recall of the first, L = 20": Race(Recall(20), DIRECTIONS, 5000, (*RATES, 0.3), 0.05, 400),
    "both neighbours": Race(Between(20), DIRECTIONS, 2000, RATES, 0.05, 200),
    "neighbours that differ": Race(Between(20, "differ"), (*DIRECTIONS, "two ways, 2 layers"), 2000, RATES, 0.05, 200),
}


def race(name):
    """Look a race up.

    Parameters
    ----------
    name : str
        As the tables "depth" and "ways" have it, such as "two time scales".

    Returns
    -------
    Race
        Task, nets, weights and budgets.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> race("two time scales").nets
    ('1 layer', '2 layers', '3 layers', '3 layers, residual')
    """
    check_option("name", name, RACES)
    return RACES[name]


def net_layer(net, cell, H):
    """Build the recurrent part of a net.

    Parameters
    ----------
    net : str
        One of "1 layer", "2 layers", "3 layers", "3 layers, residual", "one way", "two ways", "two ways, 2 layers".
    cell : RNN, LSTM or GRU
        Of every layer.
    H : int
        Units of each layer and way.

    Returns
    -------
    Layer
        A `Stack`.

    Raises
    ------
    TypeError
        If `cell` is not a cell, or `H` not a whole number.
    ValueError
        If there is no such net, or `H` is below 1.

    Examples
    --------
    >>> net_layer("two ways", GRU(), 4)
    Stack(layers=(Both(layer=Recurrent(cell=GRU(reset='after'), H=4)),))
    """
    check_option("net", net, NETS)
    check_cell(cell)
    check_count("H", H)
    layers, ways, residual = NETS[net]
    one = Recurrent(cell, H) if ways == 1 else Both(Recurrent(cell, H))
    return Stack((one, *[Residual(one) if residual else one] * (layers - 1)))


def racer(name, net, rate, seed):
    """Set up one run of a race: orthogonal start, float32, Adam, clipped at 1.

    Parameters
    ----------
    name : str
        The race.
    net : str
        One of its nets.
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
        If there is no such race or net, or a number is out of range.

    Examples
    --------
    >>> training = racer("recall, L = 20", "2 layers", rate=0.01, seed=0)
    >>> training.params["l0.W_hh"].shape, training.params["l1.W_xh"].shape
    ((22, 66), (22, 66))
    """
    at = race(name)
    check_option("net", net, at.nets)
    H = units_for(GRU(), at.task.input_size, at.task.output_size, at.weights, *NETS[net][:2])
    start = {"gate_bias": at.bias, "dtype": np.float32}
    return Recipe(at.task, net_layer(net, GRU(), H), None, rate, at.N, start=start).training(seed)


def run_race(name, net, rate, seed, every=1):
    """Train until the task is solved or the budget is spent.

    Parameters
    ----------
    name, net : str
        As in `racer`.
    rate : float
        Learning rate of Adam.
    seed : int
        Of weights and batches.
    every : int
        Steps between two looks. Before step 25 nothing counts as solved.

    Yields
    ------
    steps : int
        Made so far, at every look.
    error : float
        Below the race's limit when the run is over. Infinite before step 25.

    Raises
    ------
    TypeError
        If `rate` is not a number, or `seed` or `every` not a whole one.
    ValueError
        If there is no such race or net, or a number is out of range.

    Examples
    --------
    >>> steps, error = next(run_race("digits, 8 rows", "two ways", rate=0.01, seed=0, every=25))
    >>> steps, 0 < error < 1
    (25, True)
    """
    check_count("every", every)
    at, training = race(name), racer(name, net, rate, seed)

    def error_now(training):
        if len(training.history) < WINDOW:
            return np.inf
        if isinstance(at.task, Digits):
            return 1 - accuracy(training.model, training.params, at.task.test)
        return mean_loss(training, WINDOW)

    for _, error in solve(training, at.budget, at.limit, every=every, error=error_now):
        yield len(training.history), error
