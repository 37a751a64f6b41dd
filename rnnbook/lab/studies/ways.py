"""The last state of a layer that reads from both ends, and the output at the last step that is often read instead."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.studies.race import net_layer
from rnnbook.lab.tasks import Recall
from rnnbook.lab.tasks.base import Task, check_task
from rnnbook.lab.training.loop import check_training
from rnnbook.lab.training.recipe import Recipe
from rnnbook.lab.training.score import accuracy
from rnnbook.nn import Batch
from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import as_array, check_option
from rnnbook.nn.model import check_batch


class LastOutput(Task):
    """The same task, read from the output at the last step: ``out[-1]``, or ``out[:, -1]`` with the batch first.

    For one way that is its last state. The way back has read one input at that step, the last: its own last state
    stands at the first step, and is not looked at.

    Parameters
    ----------
    task : Task
        With a target for the last state.

    Raises
    ------
    TypeError
        If `task` is not a task.
    ValueError
        If it has a target at every step.

    Examples
    --------
    >>> batch = LastOutput(Recall(5)).make_batch(np.random.default_rng(0), N=2)
    >>> batch.x.shape, batch.y.shape, batch.mask[:, 0].tolist()
    ((5, 2), (5, 2), [False, False, False, False, True])
    """

    steps = "every"

    def __init__(self, task):
        check_task(task)
        if task.steps != "last":
            raise ValueError(f"a task with a target for the last state; {task} has one at every step")
        self.task, self.loss = task, task.loss
        self.input_size, self.output_size = task.input_size, task.output_size

    def __repr__(self):
        return f"LastOutput({self.task!r})"

    def make_batch(self, rng, N):
        """Draw N sequences of the task.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Sequences.

        Returns
        -------
        Batch
            The task's x, its targets at every step, and a mask that is True at the last.
        """
        return self.see(self.task.make_batch(rng, N))

    def see(self, batch):
        """Read a batch of the task at its last output.

        Parameters
        ----------
        batch : Batch
            As the task draws it, without padding.

        Returns
        -------
        Batch
            With the targets at every step, and a mask that is True at the last.

        Raises
        ------
        TypeError
            If `batch` is not a batch.
        ValueError
            If it has padding: the last step is not the last real one then.
        """
        check_batch(batch)
        if batch.real_steps() is not None:
            raise ValueError("the last output is that at the last step of all; the batch has padding")
        x, y = as_array("x", batch.x), as_array("y", batch.y)
        y = np.broadcast_to(y, (len(x), *y.shape))
        mask = np.zeros(y.shape, bool)
        mask[-1] = True
        return Batch(x, y, mask)


READINGS = {"last state": lambda task: task, "last output": LastOutput}


def reading_training(L, reading, cell, seed, rate=0.01, H=24):
    """Set up a layer that reads from both ends, on recall of the first of L tokens, read rightly or not.

    Parameters
    ----------
    L : int
        Tokens.
    reading : {"last state", "last output"}
        Each way's own last state, at the last and at the first step; or both ways' output at the last.
    cell : {"RNN", "LSTM", "GRU"}
        Of both ways.
    seed : int
        Of weights and batches.
    rate : float
        Of Adam; clipped at 1.
    H : int
        Units a way.

    Returns
    -------
    Training
        Not yet started.

    Raises
    ------
    TypeError
        If a setting is not a number of its kind.
    ValueError
        If there is no such reading or cell, or a number is out of range.

    Examples
    --------
    >>> training = reading_training(20, "last output", "RNN", seed=0)
    >>> training.model.steps, training.params["W_hy"].shape
    ('every', (48, 4))
    """
    check_option("reading", reading, READINGS)
    check_option("cell", cell, CELLS)
    task = READINGS[reading](Recall(L))
    layer = net_layer("two ways", CELLS[cell], H)
    return Recipe(task, layer, None, rate, start={"dtype": np.float32}).training(seed)


def reading_accuracy(training, L, reading):
    """Share of 512 fresh sequences of which the first token is named.

    Parameters
    ----------
    training : Training
        From `reading_training`.
    L : int
        Tokens.
    reading : {"last state", "last output"}
        What it was trained with, or the other one.

    Returns
    -------
    float
        From 0 to 1; 1/4 by chance.

    Raises
    ------
    TypeError
        If `training` is not a training, or `L` not a whole number.
    ValueError
        If there is no such reading, or `L` is below 1.

    Examples
    --------
    >>> training = reading_training(20, "last state", "RNN", seed=0)
    >>> 0 < reading_accuracy(training, 20, "last state") < 0.5
    True
    """
    check_training(training)
    check_option("reading", reading, READINGS)
    task = READINGS[reading](Recall(L))
    model = task.model(training.model.layer)
    return accuracy(model, training.params, task.make_batch(np.random.default_rng(2**20), 512))
