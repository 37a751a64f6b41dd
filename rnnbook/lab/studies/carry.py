"""Which share of a gradient the carry brings from end to end: before and after training on recall."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients import gradient_paths
from rnnbook.lab.gradients.flow import from_the_last
from rnnbook.lab.tasks.base import check_fits, check_task
from rnnbook.lab.training.loop import check_training
from rnnbook.nn import LSTM
from rnnbook.nn.losses import softmax_cross_entropy

SEQUENCES = 256  # that a network is measured on, the same for all
NUDGE = 1e-3  # of W_hh, on the way back alone


class CarryShare(NamedTuple):
    """The gradient by the first carry, apart by the way it came.

    Attributes
    ----------
    share : float
        Size of what came along the carry from end to end, by the size of the whole; above 1 the two parts partly
        cancel.
    slope : float
        Logarithmic derivative of the whole's size by a factor of W_hh on the way back alone.
    """

    share: float
    slope: float


def carry_share(task, training):
    """Send the gradient of a task's loss back to the first carry of an LSTM, along every way and along the carry.

    Parameters
    ----------
    task : Recall
        What the network was trained for.
    training : Training
        Of an LSTM; at its start or later.

    Returns
    -------
    CarryShare
        Of 256 sequences together.

    Raises
    ------
    TypeError
        If `task` is not a task, `training` not a training, or its layer not an LSTM.
    ValueError
        If the model does not fit the task.

    Examples
    --------
    >>> from rnnbook import Recall
    >>> from rnnbook.lab.studies import bias_training
    >>> found = carry_share(Recall(20), bias_training("recall", 20, seed=0, bias=0))
    >>> found.share < 0.01
    True
    """
    check_task(task)
    check_training(training)
    check_fits(training.model, task)
    if not isinstance(training.model.layer, LSTM):
        raise TypeError(f"a carry from end to end is an LSTM's; got {training.model}")
    batch = task.make_batch(np.random.default_rng(1000), SEQUENCES)
    params, cell = training.params, training.model.cell
    y, _ = training.model.predict(params, batch.x)
    _, dy = softmax_cross_entropy(y, batch.y)
    dh_last = dy @ params["W_hy"].T
    paths = gradient_paths(cell, params, training.model.vectors(params, batch.x), dh_last)
    sizes = []
    for factor in (1 - NUDGE, 1 + NUDGE):
        changed = {**params, "W_hh": factor * params["W_hh"]}
        sizes.append(np.linalg.norm(from_the_last(cell, changed, paths.tape, dh_last).states[1, 0]))
    slope = np.log(sizes[1] / sizes[0]) / np.log((1 + NUDGE) / (1 - NUDGE))
    return CarryShare(float(paths.carry[0] / paths.whole[0]), float(slope))
