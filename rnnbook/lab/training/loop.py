"""One training loop, a generator of progress."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from rnnbook.nn import Model, Workspace
from rnnbook.nn.checks import check_count, check_dict, check_number, check_rng
from rnnbook.nn.clip import norm_of, shortened
from rnnbook.nn.inputs import check_truncate
from rnnbook.nn.model import check_model


class Progress(NamedTuple):
    """One training step, done.

    Attributes
    ----------
    step : int
        Counted from 1.
    loss : float
        Of the batch, before the step.
    norm : float
        Of the gradient, before clipping.
    """

    step: int
    loss: float
    norm: float


@dataclass
class Training:
    """A training run that can be stopped at any step and goes on where it was.

    Everything that the run needs is in this object, so a loop over `run` may be left between any two steps, by
    a break, an exception or a Stop button; running on gives the same numbers as never having stopped.

    Parameters
    ----------
    model : Model
        What is trained.
    params : dict of str to ndarray
        Changed in place.
    batches : iterator of Batch
        Where the batches come from. A batch with `carry` starts from the last state of the one before:
        truncated backpropagation through time.
    optimizer : SGD, RMSprop or Adam
        Makes the steps.
    clip : float, optional
        Largest global norm of the gradient; None clips nothing.
    truncate : int, optional
        As in `rnnbook.bptt`, within a batch.
    rng : numpy.random.Generator, optional
        Draws what the model's layers drop; without it nothing is dropped.

    history : list of Progress
        All steps so far; empty at the start.
    state : tuple of ndarray, optional
        The state that the next batch may start from.
    workspace : Workspace
        The memory that all steps share.

    Examples
    --------
    >>> from rnnbook import RNN, Adam
    >>> from rnnbook.lab.tasks import Adding
    >>> rng, task = np.random.default_rng(0), Adding(T=5)
    >>> model = task.model(RNN())
    >>> params = model.init_params(2, 16, 1, rng)
    >>> training = Training(model, params, task.batches(rng, 32), Adam(lr=0.01), clip=1.0)
    >>> for progress in training.run(100):
    ...     pass
    >>> progress.step, progress.loss < training.history[0].loss
    (100, True)
    """

    model: Model
    params: dict
    batches: object
    optimizer: object
    clip: float | None = None
    truncate: int | None = None
    rng: np.random.Generator | None = None
    history: list = field(default_factory=list)
    state: tuple | None = None
    workspace: Workspace = field(default_factory=Workspace, repr=False)

    def __post_init__(self):
        check_model(self.model)
        check_dict("params", self.params)
        if not isinstance(self.batches, Iterator):
            raise TypeError(f"batches is an iterator, as task.batches(rng, N) or iter(a list); got {self.batches!r}")
        if not callable(getattr(self.optimizer, "step", None)) or isinstance(self.optimizer, type):
            raise TypeError(f"optimizer is an instance as SGD(lr=0.1) or Adam(); got {self.optimizer!r}")
        if self.clip is not None:
            check_number("clip", self.clip, above=True)
        check_truncate(self.truncate)
        check_rng(self.rng, optional=True)

    def run(self, steps):
        """Make more steps; fewer if the batches end.

        Parameters
        ----------
        steps : int
            How many.

        Yields
        ------
        Progress
            After each step.

        Raises
        ------
        FloatingPointError
            If the loss or the gradient is not finite; the parameters are then those of the step before.
        """
        check_count("steps", steps, least=0)
        for _ in range(steps):
            batch = next(self.batches, None)
            if batch is None:
                return
            yield self._step(batch)

    def _step(self, batch):
        number = len(self.history) + 1
        if batch.carry and self.model.reads_ahead:
            raise ValueError(
                f"{self.model.layer} reads from both ends: its state cannot be carried from batch to batch (carry=True)"
            )
        state = self.state if batch.carry else None
        found = self.model.gradients(self.params, batch, state, self.truncate, self.workspace, self.rng)
        grads, norm = found.params, norm_of(found.params)
        if not (np.isfinite(found.loss) and np.isfinite(norm)):
            raise FloatingPointError(
                f"step {number}: loss {found.loss}, gradient norm {norm}; the parameters are those of the step before"
            )
        if self.clip is not None and norm > self.clip:
            grads = shortened(grads, norm, self.clip)
        self.optimizer.step(self.params, grads)
        self.state = found.state
        self.history.append(Progress(number, found.loss, norm))
        return self.history[-1]


def check_training(training):
    """Refuse what is not a training."""
    if not isinstance(training, Training):
        raise TypeError(f"training is a Training, as Recipe(...).training(seed=0); got {type(training).__name__}")
