"""A sequence task as a network without memory sees it: through a window, or as a bag of tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnbook.lab.tasks.base import Task, check_task
from rnnbook.nn import Batch, one_hot
from rnnbook.nn.checks import as_array, as_floats, check_count
from rnnbook.nn.model import check_batch


def windows(x, k):
    """The last k inputs side by side, at every step.

    Parameters
    ----------
    x : ndarray
        Sequences (T, N, D).
    k : int
        Length of the window, at least 1.

    Returns
    -------
    ndarray
        (T, N, k * D): at step t the inputs t - k + 1 to t, the oldest first; zeros where there is none yet.

    Raises
    ------
    TypeError
        If `k` is not a whole number, or x does not hold floating point numbers.
    ValueError
        If `k` is below 1, or x has not three axes.

    Examples
    --------
    >>> windows(np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1), 2)[:, 0].tolist()
    [[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]]
    """
    check_count("k", k)
    x = as_floats("x", x)
    if x.ndim != 3:
        raise ValueError(f"x has shape (T, N, D); got {x.shape}")
    T, N, D = x.shape
    longer = np.concatenate([np.zeros((k - 1, N, D), x.dtype), x])
    return np.concatenate([longer[j : j + T] for j in range(k)], axis=-1)


class _View(Task):
    """A task whose batches are shown in another way, as sequences of one step."""

    task: Task
    steps = "last"

    @property
    def output_size(self):
        """Outputs K, as the task has them."""
        return self.task.output_size

    @property
    def loss(self):
        """The loss, as the task has it."""
        return self.task.loss

    @property
    def baseline(self):
        """The baseline, as the task has it: from the current input alone. A view that shows more may go below."""
        return self.task.baseline

    def make_batch(self, rng, N):
        """Draw N sequences of the task, and show them.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Sequences.

        Returns
        -------
        Batch
            As `see` shows it.
        """
        return self.see(self.task.make_batch(rng, N))


@dataclass(frozen=True)
class Windowed(_View):
    """A task seen through a window: each prediction gets the last k inputs, side by side, and nothing else.

    Every prediction becomes a sequence of its own, one step long. An RNN that is run for one step from a zero
    state is a feedforward network with one hidden layer, so the same `Model` trains it.

    Parameters
    ----------
    task : Task
        What is to be predicted.
    k : int
        Length of the window, at least 1.

    Raises
    ------
    TypeError
        If `task` is not a task, or `k` not a whole number.
    ValueError
        If `k` is below 1.

    References
    ----------
    Sejnowski & Rosenberg (1987), "Parallel networks that learn to pronounce English text", Complex Systems 1,
    where a window of seven letters slides over the text.

    Examples
    --------
    >>> from rnnbook import Recall
    >>> batch = Windowed(Recall(L=6), k=3).make_batch(np.random.default_rng(0), N=5)
    >>> batch.x.shape, batch.y.shape
    ((1, 5, 12), (5,))
    """

    task: Task
    k: int

    def __post_init__(self):
        check_task(self.task)
        check_count("k", self.k)

    @property
    def input_size(self):
        """Features: k times those of one step."""
        return self.k * self.task.input_size

    def see(self, batch):
        """Show a batch of the task through the window.

        Parameters
        ----------
        batch : Batch
            x (T, N, D) or tokens (T, N).

        Returns
        -------
        Batch
            x (1, M, k * D); M is N for a task with one answer a sequence, T * N for one with an answer a step.
        """
        check_batch(batch)
        x = _vectors(batch.x, self.task.input_size)
        if self.task.steps == "last":
            return Batch(windows(x[-self.k :], self.k)[-1:], batch.y, batch.mask)
        seen = windows(x, self.k).reshape(1, -1, self.input_size)
        y, mask = (a if a is None else a.reshape(-1, *a.shape[2:]) for a in (batch.y, batch.mask))
        return Batch(seen, y, mask)


@dataclass(frozen=True)
class Bagged(_View):
    """A task seen as a bag of words: how often each token occurs, and nothing of their order.

    Parameters
    ----------
    task : Task
        A task over tokens with one answer a sequence.

    Raises
    ------
    TypeError
        If `task` is not a task.
    ValueError
        If it asks for an answer at every step.

    References
    ----------
    Harris (1954), "Distributional structure", Word 10, for the name.

    Examples
    --------
    >>> from rnnbook import Order
    >>> batch = Bagged(Order(T=6)).make_batch(np.random.default_rng(0), N=5)
    >>> batch.x.shape, batch.x.sum(axis=-1).tolist()
    ((1, 5, 6), [[6.0, 6.0, 6.0, 6.0, 6.0]])
    """

    task: Task

    def __post_init__(self):
        check_task(self.task)
        if self.task.steps != "last":
            raise ValueError(f"a bag has one answer for the whole sequence; {self.task} asks at every step")

    @property
    def input_size(self):
        """Features: one count a token."""
        return self.task.input_size

    def see(self, batch):
        """Count the tokens of each sequence.

        Parameters
        ----------
        batch : Batch
            Tokens x (T, N).

        Returns
        -------
        Batch
            Counts x (1, N, V), whole numbers as float64.

        Raises
        ------
        ValueError
            If x does not hold tokens (T, N).
        """
        check_batch(batch)
        if as_array("x", batch.x).ndim != 2:
            raise ValueError(f"a bag counts tokens (T, N); got x of shape {np.shape(batch.x)}")
        return Batch(one_hot(batch.x, self.input_size).sum(axis=0)[None], batch.y, batch.mask)


def _vectors(x, size):
    x = as_array("x", x)
    return one_hot(x, size) if x.dtype.kind in "iu" else x
