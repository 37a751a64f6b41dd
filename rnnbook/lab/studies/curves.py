"""Loss curves of networks that learn reviews, and what early stopping makes of them."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnbook.lab.studies.tables import load_table
from rnnbook.lab.tasks import Reviews, make_reviews
from rnnbook.lab.training.recipe import Recipe
from rnnbook.lab.training.rounds import Look, Rounds, check_rounds
from rnnbook.lab.training.score import batch_parts
from rnnbook.nn import Dropout, Recurrent, Stack
from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import check_instance, check_number, check_option, check_seed

UNITS, FEATURES, SCALE, N = 32, 16, 0.3, 32  # of the state, of the embedding, its start times N(0, 1), reviews a batch
LOOKS, EPOCHS = 4, 6  # looks at the validation split a round; rounds of a stored run
RATES, DROPS = (0.001, 0.002, 0.005, 0.01, 0.02), (0.0, 0.2, 0.5)
SETTINGS = [(cell, rate, drop, 0) for cell in CELLS for rate in RATES for drop in DROPS]  # stored, all with seed 0
BELOW = "l1."  # of the parameters of the recurrent layer, where a layer of dropout lies below it


@cache
def review_task():
    """The reviews that are learned, made and encoded once.

    Returns
    -------
    Reviews
        ``Reviews(make_reviews())``.
    """
    return Reviews(make_reviews())


def review_rounds(cell="GRU", rate=0.005, drop=0.0, seed=0, task=None):
    """Set up a network that learns to tell good reviews from bad ones, in rounds over the training split.

    32 units on an embedding of 16 features that starts from 0.3 times N(0, 1); Adam, gradients clipped at norm 1,
    float32, batches of 32 reviews, four looks a round.

    Parameters
    ----------
    cell : {"RNN", "LSTM", "GRU"}
        What reads the words.
    rate : float
        Learning rate.
    drop : float
        Share of the embedded words' features that is dropped in training.
    seed : int
        Of the start, the order of the reviews, and what is dropped.
    task : Reviews, optional
        What is learned; ``Reviews(make_reviews())`` if not given.

    Returns
    -------
    Rounds
        With no step made yet.

    Raises
    ------
    TypeError
        If a setting is not of its kind.
    ValueError
        If there is no such cell, or a number is out of range.

    Examples
    --------
    >>> rounds = review_rounds("RNN")
    >>> rounds.steps, rounds.training.params["E"].shape
    (157, (1002, 16))
    """
    check_option("cell", cell, CELLS)
    check_number("rate", rate, above=True)
    check_number("drop", drop, below=1)
    check_seed(seed)
    task = review_task() if task is None else task
    check_instance("task", task, Reviews, "Reviews")
    layer, H = (Stack((Dropout(drop), Recurrent(CELLS[cell], UNITS))), None) if drop else (CELLS[cell], UNITS)
    start = {"dtype": "float32", "embedding_size": FEATURES}
    training = Recipe(task, layer, H, rate, N, start=start).training(seed)
    training.params["E"] *= np.float32(SCALE)
    training.rng = np.random.default_rng([seed, 1])
    return Rounds(training, batch_parts(task.batch("validation")), -(-len(task.corpus.splits["train"]) // N), LOOKS)


def review_network(rounds):
    """The network at the best look, without what is dropped in training alone.

    Parameters
    ----------
    rounds : Rounds
        From `review_rounds`, after a look.

    Returns
    -------
    model : Model
        Of one cell.
    params : dict of str to ndarray
        Its parameters: the cell's, ``W_hy``, ``b_y`` and ``E``.

    Raises
    ------
    TypeError
        If `rounds` is not a training in rounds.
    ValueError
        If there was no look.
    """
    check_rounds(rounds)
    if rounds.best is None:
        raise ValueError("a network is that of the best look; there was no look")
    model = rounds.training.model
    if not isinstance(model.layer, Stack):
        return model, dict(rounds.best_params)
    params = {name.removeprefix(BELOW): array for name, array in rounds.best_params.items()}
    return type(model)(model.layer.layers[-1].cell, model.loss, model.steps), params


def stored_looks(cell="GRU", rate=0.005, drop=0.0):
    """The looks of a run of `review_rounds` with seed 0 over six rounds, which is stored.

    Parameters
    ----------
    cell : {"RNN", "LSTM", "GRU"}
        What reads the words.
    rate : float
        Learning rate: one of 0.001, 0.002, 0.005, 0.01 and 0.02.
    drop : float
        Share that is dropped: 0, 0.2 or 0.5.

    Returns
    -------
    list of Look
        Four a round.

    Raises
    ------
    ValueError
        If there is no such run.

    Examples
    --------
    >>> looks = stored_looks()
    >>> len(looks), looks[-1].step, looks[-1].epoch
    (24, 942, 6.0)
    """
    check_option("cell", cell, CELLS)
    check_number("rate", rate, above=True)
    check_number("drop", drop, below=1)
    if (cell, rate, drop) not in _stored():
        raise ValueError(f"runs of rates {RATES} and shares {DROPS} that are dropped are stored; got {rate} and {drop}")
    return list(_stored()[cell, rate, drop])


@cache
def _stored():
    """All stored looks, by cell, rate and share that is dropped."""
    runs = {}
    for row in load_table("curves"):
        runs.setdefault((row["cell"], row["rate"], row["drop"]), []).append(row)
    return {key: [_look(row, rows[-1]["steps"] / EPOCHS) for row in rows] for key, rows in runs.items()}


def _look(row, steps):
    return Look(row["steps"], row["steps"] / steps, row["train"], row["validation"], row["right_validation"])
