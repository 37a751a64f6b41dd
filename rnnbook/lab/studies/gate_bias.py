"""What a forget bias decides: recall of the first token and the adding problem, from stated starts."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.tasks import Adding, Recall
from rnnbook.lab.training.recipe import Recipe
from rnnbook.nn import Chrono
from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import check_count, check_number, check_option

TASKS = {"recall": Recall, "adding": Adding}
BUDGETS = {"recall": 1000, "adding": 2000}  # training steps
SOLVED = 0.01  # mean loss of 50 steps


def bias_training(task, T, seed, *, cell="LSTM", bias=None, start="orthogonal", H=32, rate=0.01):
    """Set up one run of the comparison: Adam, batches of 32, clipped at 1.

    Parameters
    ----------
    task : {"recall", "adding"}
        Recall the first of T tokens, or add the two marked of T numbers.
    T : int
        Steps.
    seed : int
        Of the weights and the batches.
    cell : {"LSTM", "RNN"}
        The cell.
    bias : float or "chrono", optional
        Of the forget gate; "chrono" is `Chrono` with a longest memory of T. None for RNN.
    start : str
        Of W_hh.
    H : int
        Hidden units.
    rate : float
        Of Adam.

    Returns
    -------
    Training
        Not yet started.

    Raises
    ------
    TypeError
        If a setting is not a number of its kind.
    ValueError
        If task or cell is unknown, or a number is out of range.

    Examples
    --------
    >>> training = bias_training("recall", 20, seed=0, bias="chrono")
    >>> training.params["W_hh"].shape, bool((training.params["b_h"][32:64] >= 0).all())
    ((32, 128), True)
    """
    check_option("task", task, TASKS)
    check_option("cell", cell, ("LSTM", "RNN"))
    if bias is not None and not (isinstance(bias, str) and bias == "chrono"):
        check_number('bias, if it is not "chrono",', bias, least=-np.inf)
    check_count("T", T, least=2)
    gate = {} if bias is None else {"gate_bias": Chrono(T) if isinstance(bias, str) else bias}
    return Recipe(TASKS[task](T), CELLS[cell], H, rate, start={"recurrent": start} | gate).training(seed)
