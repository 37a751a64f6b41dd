"""Training in rounds with a validation loss: early stopping."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from rnnbook.lab.training.loop import Training, check_training
from rnnbook.lab.training.score import check_batches, mean_score
from rnnbook.nn.checks import as_numbers, check_count, check_finite, check_option, check_shape

MEASURES = ("loss", "accuracy")


class Look(NamedTuple):
    """What is known of a network after some training steps.

    Attributes
    ----------
    step : int
        Training steps made.
    epoch : float
        The same in rounds over the training split.
    train : float
        Mean training loss of the steps since the last look, each before its step.
    validation : float
        Validation loss after the step.
    accuracy : float or None
        Share of right answers in validation; None for a squared error.
    """

    step: int
    epoch: float
    train: float
    validation: float
    accuracy: float | None


class Stop(NamedTuple):
    """Where early stopping ends a training, and with which parameters.

    Attributes
    ----------
    best : int
        The look, counted from 0, whose parameters are kept.
    end : int or None
        The look at which patience runs out; None if it does not.
    """

    best: int
    end: int | None


def early_stop(losses, patience=None):
    """The best of some looks, and the one at which patience runs out.

    Training ends when `patience` looks in a row were not better than the best before them. What it would have found
    later is not known then, so the best is looked for up to the end alone.

    Parameters
    ----------
    losses : array_like
        One number a look (looks,); the least is the best, the first one of equals.
    patience : int, optional
        Looks without a better one; without it, no look ends the training.

    Returns
    -------
    Stop
        Places in `losses`.

    Raises
    ------
    ValueError
        If there is no look, a loss is not finite, or `patience` is below 1.

    References
    ----------
    Prechelt (1998), "Early stopping - but when?", in "Neural networks: tricks of the trade".

    Goodfellow, Bengio & Courville (2016), "Deep learning", section 7.8, algorithm 7.1 (patience).

    Examples
    --------
    >>> early_stop([0.7, 0.5, 0.6, 0.6, 0.4], patience=2)
    Stop(best=1, end=3)
    >>> early_stop([0.7, 0.5, 0.6, 0.6, 0.4], patience=3)
    Stop(best=4, end=None)
    """
    losses = as_numbers("losses", losses)
    check_shape("losses", losses, "looks", (None,))
    check_finite("losses", losses)
    if not losses.size:
        raise ValueError("losses has at least one look; got none")
    if patience is not None:
        check_count("patience", patience)
    best = 0
    for look, loss in enumerate(losses):
        if loss < losses[best]:
            best = look
        elif patience is not None and look - best >= patience:
            return Stop(best, look)
    return Stop(best, None)


@dataclass
class Rounds:
    """A training that looks at the validation loss several times a round, and keeps the parameters that were best.

    It can be left and gone on with between any two steps, as the `Training` in it. However long it runs, it holds one
    copy of the parameters beside those that are trained.

    Parameters
    ----------
    training : Training
        Goes on from where it is.
    validation : Batch or list of Batch
        What is looked at; of long sequences better in parts (`batch_parts`).
    steps : int
        Training steps of a round.
    looks : int
        Looks a round, the last one at its end.
    patience : int, optional
        Looks without a better one after which the training ends; without it, it never ends by itself.
    by : {"loss", "accuracy"}
        Which measure in validation says what is better.

    seen : list of Look
        All looks so far; empty at the start.
    best : Look, optional
        The best of them, the first one of equals.
    best_params : dict of str to ndarray, optional
        A copy of the parameters at that look. It is replaced whole, never written to.

    Raises
    ------
    TypeError
        If something is not of its kind.
    ValueError
        If a number is out of range, or accuracy is to be compared of a model with a squared error.

    References
    ----------
    Prechelt (1998), "Early stopping - but when?", in "Neural networks: tricks of the trade".

    Examples
    --------
    >>> from rnnbook import GRU, Recall
    >>> from rnnbook.lab.training import Recipe
    >>> task = Recall(L=2)
    >>> training = Recipe(task, GRU(), H=16, rate=0.01).training(seed=0)
    >>> rounds = Rounds(training, task.make_batch(np.random.default_rng(1), 100), steps=50, looks=2)
    >>> [look.step for look in rounds.run_epochs(3)]
    [25, 50, 75, 100, 125, 150]
    >>> rounds.best.validation == min(look.validation for look in rounds.seen)
    True
    """

    training: Training
    validation: object
    steps: int
    looks: int = 4
    patience: int | None = None
    by: str = "loss"
    seen: list = field(default_factory=list)
    best: Look | None = None
    best_params: dict | None = field(default=None, repr=False)

    def __post_init__(self):
        check_training(self.training)
        self.validation = check_batches(self.validation)
        check_count("steps", self.steps)
        check_count("looks", self.looks)
        if self.patience is not None:
            check_count("patience", self.patience)
        check_option("by", self.by, MEASURES)
        if self.by == "accuracy" and self.training.model.loss == "squared":
            raise ValueError(f"accuracy is of a model with a softmax or logistic loss; got {self.training.model}")

    @property
    def history(self):
        """The training's steps so far."""
        return self.training.history

    @property
    def ended(self):
        """Whether patience has run out."""
        return bool(self.seen) and early_stop(self._measured(), self.patience).end is not None

    def run(self, steps):
        """Make more steps; fewer if patience runs out or the batches end.

        Parameters
        ----------
        steps : int
            How many.

        Yields
        ------
        Progress
            After each step, and after the look if one was due.

        Raises
        ------
        FloatingPointError
            If a loss or gradient is not finite; the best parameters are then still there.
        """
        check_count("steps", steps, least=0)
        self._check_params()
        if self.ended:
            return
        for progress in self.training.run(steps):
            due = progress.step * self.looks // self.steps > (progress.step - 1) * self.looks // self.steps
            if due:
                self._look()
            yield progress
            if due and self.ended:
                return

    def run_epochs(self, epochs):
        """Make the steps of some rounds.

        Parameters
        ----------
        epochs : int
            How many rounds.

        Yields
        ------
        Look
            Each look, when it was taken.

        Raises
        ------
        FloatingPointError
            If a loss or gradient is not finite; the best parameters are then still there.
        """
        check_count("epochs", epochs)
        for progress in self.run(epochs * self.steps):
            if self.seen and self.seen[-1].step == progress.step:
                yield self.seen[-1]

    def _measured(self):
        """What is compared, one number a look, less being better."""
        return [look.validation if self.by == "loss" else -look.accuracy for look in self.seen]

    def _check_params(self):
        """Refuse to go on, or to look, with parameters that an optimiser has broken."""
        for name, array in self.training.params.items():
            if not np.isfinite(array).all():
                raise FloatingPointError(f"{name} is not finite after step {len(self.history)}")

    def _look(self):
        model, params, history = self.training.model, self.training.params, self.training.history
        self._check_params()
        found = mean_score(model, params, self.validation)
        if not np.isfinite(found.loss):
            raise FloatingPointError(f"the validation loss is {found.loss} after step {len(history)}")
        since = self.seen[-1].step if self.seen else 0
        train = float(np.mean([progress.loss for progress in history[since:]]))
        self.seen.append(Look(len(history), len(history) / self.steps, train, *found))
        if early_stop(self._measured()).best == len(self.seen) - 1:
            self.best, self.best_params = self.seen[-1], {name: array.copy() for name, array in params.items()}


def check_rounds(rounds):
    """Refuse what is not a training in rounds."""
    if not isinstance(rounds, Rounds):
        raise TypeError(f"rounds is a Rounds, as review_rounds(); got {type(rounds).__name__}")
