"""What a forget bias decides: recall of the first token and the adding problem, from stated starts."""

from __future__ import annotations

from rnnbook.lab.tasks import Adding, Recall
from rnnbook.lab.training.recipe import Recipe
from rnnbook.nn import Chrono
from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import check_option

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
    ValueError
        If task or cell is unknown.

    Examples
    --------
    >>> training = bias_training("recall", 20, seed=0, bias="chrono")
    >>> training.params["W_hh"].shape, bool((training.params["b_h"][32:64] >= 0).all())
    ((32, 128), True)
    """
    check_option("task", task, TASKS)
    check_option("cell", cell, ("LSTM", "RNN"))
    gate = {} if bias is None else {"gate_bias": Chrono(T) if bias == "chrono" else bias}
    return Recipe(TASKS[task](T), CELLS[cell], H, rate, start={"recurrent": start} | gate).training(seed)
