"""How a network is trained, all but the seed, and training until a task is solved."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rnnbook.lab.tasks.base import check_task
from rnnbook.lab.training.loop import Training, check_training
from rnnbook.nn import Adam
from rnnbook.nn.checks import check_count, check_dict, check_function, check_number, check_option, check_seed

STARTS = ("recurrent", "gain", "input_scale", "gate_bias", "dtype", "embedding_size")


@dataclass(frozen=True)
class Recipe:
    """Everything that a training run is made of, but its seed. The optimiser is Adam.

    Parameters
    ----------
    task : Task
        What is learned: it gives the model and the batches.
    cell : RNN, LSTM, GRU or Layer
        What runs the sequence.
    H : int or None
        Hidden units; None for a layer.
    rate : float
        Learning rate.
    N : int
        Sequences in a batch.
    clip : float, optional
        Largest global norm of the gradient; None clips nothing.
    start : dict
        Options of `rnnbook.init_params`.

    Raises
    ------
    TypeError
        If `task` is not a task, `cell` neither cell nor layer, or a setting not of its kind.
    ValueError
        If a setting is out of range, or `start` has an option that there is not.

    Examples
    --------
    >>> from rnnbook import LSTM, Adding
    >>> recipe = Recipe(Adding(T=5), LSTM(), H=8, rate=0.01)
    >>> one, two = (recipe.training(seed=3) for _ in range(2))
    >>> next(one.run(1)) == next(two.run(1))
    True
    """

    task: object
    cell: object
    H: int | None
    rate: float
    N: int = 32
    clip: float | None = 1.0
    start: dict = field(default_factory=dict)

    def __post_init__(self):
        check_task(self.task)
        self.task.model(self.cell)
        if self.H is not None:
            check_count("H", self.H)
        check_number("rate", self.rate, above=True)
        check_count("N", self.N)
        if self.clip is not None:
            check_number("clip", self.clip, above=True)
        check_dict("start", self.start)
        for option in self.start:
            check_option("an option of start", option, STARTS)

    def training(self, seed):
        """Draw the starting parameters, then batches from the same generator.

        Parameters
        ----------
        seed : int
            Of the generator, at least 0.

        Returns
        -------
        Training
            With no step made yet.

        Raises
        ------
        TypeError
            If `seed` is not a whole number.
        ValueError
            If it is below 0.
        """
        check_seed(seed)
        rng, model = np.random.default_rng(seed), self.task.model(self.cell)
        params = model.init_params(self.task.input_size, self.H, self.task.output_size, rng, **self.start)
        return Training(model, params, self.task.batches(rng, self.N), Adam(self.rate), clip=self.clip)


def mean_loss(training, steps):
    """Mean loss of the last steps.

    Parameters
    ----------
    training : Training
        That has made them.
    steps : int
        How many.

    Returns
    -------
    float
        Of the batches, each before its step.

    Raises
    ------
    TypeError
        If `training` is not a training, or `steps` not a whole number.
    ValueError
        If `steps` is below 1, or no step has been made.
    """
    check_training(training)
    check_count("steps", steps)
    if not training.history:
        raise ValueError("a mean loss is of steps that were made; the training has made none")
    return float(np.mean([progress.loss for progress in training.history[-steps:]]))


def solve(training, budget, limit, *, every=50, error=None):
    """Train until an error is below a limit, or a budget is used up.

    Parameters
    ----------
    training : Training
        Goes on from where it is.
    budget : int
        Steps at most, those made before counted.
    limit : float
        Below it the task is solved.
    every : int
        Steps between two looks at the error.
    error : callable, optional
        ``error(training)``; the mean loss of the steps since the last look if not given.

    Yields
    ------
    solved_at : int or None
        Steps made, at the look that found the task solved; None at every look before.
    error : float
        At this look.

    Raises
    ------
    TypeError
        If `training` is not a training, or a setting not of its kind.
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> from rnnbook import LSTM, Recall
    >>> training = Recipe(Recall(L=2), LSTM(), H=16, rate=0.01).training(seed=0)
    >>> *_, (solved_at, error) = solve(training, budget=500, limit=0.1)
    >>> solved_at == len(training.history), error < 0.1
    (True, True)
    """
    check_training(training)
    check_count("budget", budget)
    check_number("limit", limit, least=-np.inf)
    check_count("every", every)
    if error is not None:
        check_function("error", error)
    while len(training.history) < budget:
        made = len(training.history)
        for _ in training.run(min(every, budget - made)):
            pass
        found = mean_loss(training, len(training.history) - made) if error is None else error(training)
        yield (len(training.history) if found < limit else None), found
        if found < limit:
            return
