"""What a forget bias decides: recall of the first token and the adding problem, from stated starts."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.tasks import Adding, Recall
from rnnbook.lab.training.loop import Training
from rnnbook.nn import LSTM, RNN, Adam, Chrono
from rnnbook.nn.checks import check_option

CELLS = {"LSTM": LSTM(), "RNN": RNN()}
TASKS = {"recall": Recall, "adding": Adding}
BUDGETS = {"recall": 1000, "adding": 2000}  # training steps
BATCH, CLIP, WINDOW, SOLVED = 32, 1.0, 50, 0.01


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
    check_option("cell", cell, CELLS)
    what, rng = TASKS[task](T), np.random.default_rng(seed)
    model = what.model(CELLS[cell])
    gate = {} if bias is None else {"gate_bias": Chrono(T) if bias == "chrono" else bias}
    params = model.init_params(what.input_size, H, what.output_size, rng, recurrent=start, **gate)
    return Training(model, params, what.batches(rng, BATCH), Adam(rate), clip=CLIP)


def run_until_solved(training, budget):
    """Train until the mean loss of 50 steps is below 0.01, or the budget is spent.

    Parameters
    ----------
    training : Training
        From `bias_training`; goes on where it was.
    budget : int
        Steps at most.

    Yields
    ------
    solved_at : int or None
        The step, once it is solved.
    loss : float
        The mean loss of the last 50 steps. One pair every 50 steps.

    Examples
    --------
    >>> training = bias_training("recall", 3, seed=0, bias=1.0)
    >>> for solved_at, loss in run_until_solved(training, 300):
    ...     pass
    >>> solved_at < 300, loss < 0.01
    (True, True)
    """
    for progress in training.run(budget):
        if progress.step % WINDOW == 0:
            loss = float(np.mean([p.loss for p in training.history[-WINDOW:]]))
            yield (progress.step if loss < SOLVED else None), loss
            if loss < SOLVED:
                return
