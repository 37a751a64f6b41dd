"""How far back a window reaches, and a state: recall at a lag, with one setting for both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.tasks import Recall, Windowed
from rnnbook.lab.tasks.base import check_fits
from rnnbook.lab.training.loop import check_training
from rnnbook.lab.training.recipe import Recipe
from rnnbook.nn import RNN
from rnnbook.nn.checks import check_count
from rnnbook.nn.losses import softmax_cross_entropy

TOKENS, HIDDEN = 4, 32
RATE, BATCH, BUDGET = 3e-3, 32, 300  # Adam, clipped at 1
FRESH = 4096  # sequences that a trained network is tried on, the same for all


class Score(NamedTuple):
    """How well a network does on sequences that it has not seen.

    Attributes
    ----------
    accuracy : float
        Share of right answers.
    loss : float
        Mean cross-entropy in nats.
    """

    accuracy: float
    loss: float


def recall_task(window, lag):
    """Recall the token that came in `lag` steps ago, seen through a window or as a sequence.

    Parameters
    ----------
    window : int or None
        Length of the window; None for the sequence itself, which a recurrent network reads.
    lag : int
        How many steps ago, at least 0: the sequence has `lag` + 1 steps.

    Returns
    -------
    Recall or Windowed
        The task.

    Raises
    ------
    TypeError
        If a setting is not a whole number.
    ValueError
        If it is too small.

    Examples
    --------
    >>> recall_task(3, lag=5)
    Windowed(task=Recall(L=6, tokens=4), k=3)
    """
    check_count("lag", lag, least=0)
    task = Recall(lag + 1, TOKENS)
    return task if window is None else Windowed(task, window)


def recall_training(window, lag, seed):
    """Set up the training of one network; `make tables` runs it for 300 steps.

    One hidden layer of 32 tanh units, Adam at 0.003, batches of 32, clipped at 1, for a window and for the
    recurrent network alike.

    Parameters
    ----------
    window, lag : int
        As in `recall_task`.
    seed : int
        Of the weights and the batches.

    Returns
    -------
    Training
        Not yet started.

    Raises
    ------
    TypeError
        If a setting is not a number of its kind.
    ValueError
        If it is out of range.

    Examples
    --------
    >>> training = recall_training(2, lag=1, seed=0)
    >>> for progress in training.run(100):
    ...     pass
    >>> recall_score(training, 2, lag=1).accuracy
    1.0
    """
    return Recipe(recall_task(window, lag), RNN(), HIDDEN, RATE, BATCH).training(seed)


def recall_score(training, window, lag):
    """Try what was trained on sequences that it has not seen.

    Parameters
    ----------
    training : Training
        From `recall_training`, with the same window and lag.
    window, lag : int
        As in `recall_task`.

    Returns
    -------
    Score
        Accuracy and loss over 4,096 sequences, which are the same for every window.

    Raises
    ------
    TypeError
        If `training` is not a training, or a setting not a whole number.
    ValueError
        If a setting is too small, or the model reads another window.

    Examples
    --------
    >>> score = recall_score(recall_training(1, lag=4, seed=0), 1, lag=4)
    >>> 0.2 < score.accuracy < 0.3
    True
    """
    check_training(training)
    task = recall_task(window, lag)
    check_fits(training.model, task)
    batch = task.make_batch(np.random.default_rng(2**20), FRESH)
    y, _ = training.model.predict(training.params, batch.x)
    return Score(float(np.mean(y.argmax(axis=-1) == batch.y)), softmax_cross_entropy(y, batch.y)[0])
