"""How a network is trained, all but the seed, and training until a task is solved."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rnnbook.lab.training.loop import Training
from rnnbook.nn import Adam
from rnnbook.nn.checks import check_count


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

    def training(self, seed):
        """Draw the starting parameters, then batches from the same generator.

        Parameters
        ----------
        seed : int
            Of the generator.

        Returns
        -------
        Training
            With no step made yet.
        """
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
    """
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

    Examples
    --------
    >>> from rnnbook import LSTM, Recall
    >>> training = Recipe(Recall(L=2), LSTM(), H=16, rate=0.01).training(seed=0)
    >>> *_, (solved_at, error) = solve(training, budget=500, limit=0.1)
    >>> solved_at == len(training.history), error < 0.1
    (True, True)
    """
    check_count("budget", budget)
    check_count("every", every)
    while len(training.history) < budget:
        made = len(training.history)
        for _ in training.run(min(every, budget - made)):
            pass
        found = mean_loss(training, len(training.history) - made) if error is None else error(training)
        yield (len(training.history) if found < limit else None), found
        if found < limit:
            return
