"""What all tasks share."""

from __future__ import annotations

from typing import ClassVar

from rnnbook.nn import Model
from rnnbook.nn.checks import check_count, check_rng
from rnnbook.nn.model import check_model


def check_draw(rng, N):
    """Refuse what no batch can be drawn with."""
    check_rng(rng)
    check_count("N", N)


def check_task(task):
    """Refuse what is not a task, such as its name."""
    if not isinstance(task, Task):
        raise TypeError(f"task is a task, as Recall(L=6); got {task!r}")


def check_fits(model, task):
    """Refuse a model with another loss, or with targets at other steps, than a task has."""
    check_model(model)
    if (model.loss, model.steps) != (task.loss, task.steps):
        raise ValueError(f"{task} has loss {task.loss!r} and steps {task.steps!r}; got {model}")


class Task:
    """What all tasks share: the model that fits, and endless batches.

    Examples
    --------
    >>> from rnnbook import RNN, Adding
    >>> Adding(T=10).model(RNN())
    Model(layer=RNN(activation='tanh'), loss='squared', steps='last')
    """

    input_size: int
    output_size: int
    loss: ClassVar[str]
    steps: ClassVar[str]

    def model(self, layer):
        """The model whose readout and loss fit this task.

        Parameters
        ----------
        layer : RNN, LSTM, GRU or Layer
            What runs the sequence.

        Returns
        -------
        Model
            With the task's loss and steps.
        """
        return Model(layer, loss=self.loss, steps=self.steps)

    def batches(self, rng, N):
        """Endless independent batches.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Sequences a batch.

        Yields
        ------
        Batch
            As `make_batch` draws it.
        """
        while True:
            yield self.make_batch(rng, N)
