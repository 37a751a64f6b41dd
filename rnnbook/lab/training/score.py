"""How large the loss of a network is, and how often it is right."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn.checks import as_array, check_count
from rnnbook.nn.model import LOSSES, Batch, check_batch, check_model


def accuracy(model, params, batch):
    """Share of right answers in a batch.

    Parameters
    ----------
    model : Model
        With a softmax or a logistic loss.
    params : dict of str to ndarray
        Its parameters.
    batch : Batch
        Inputs and targets; what its mask leaves out, or is padding, does not count.

    Returns
    -------
    float
        From 0 to 1. An answer is the largest logit, or for a logistic loss yes where the logit is above 0.

    Raises
    ------
    TypeError
        If `batch` is not a batch, or `model` not a model.
    ValueError
        If the model's loss is the squared error, which has no right and wrong.

    Examples
    --------
    >>> task, rng = Recall(L=3), np.random.default_rng(0)
    >>> model = task.model(RNN())
    >>> params = model.init_params(task.input_size, 8, task.output_size, rng)
    >>> 0 <= accuracy(model, params, task.make_batch(rng, 10)) <= 1
    True
    """
    check_batch(batch)
    check_model(model)
    if model.loss == "squared":
        raise ValueError(f"right and wrong are for a model with a softmax or logistic loss; got {model}")
    y, _ = model.predict(params, batch.x, mask=batch.real_steps())
    return _share_right(model, y, batch)


class Score(NamedTuple):
    """How good a network is on some sequences.

    Attributes
    ----------
    loss : float
        The mean over all targets that count.
    accuracy : float or None
        Share of right answers among them; None for a squared error, which has no right and wrong.
    """

    loss: float
    accuracy: float | None


def mean_score(model, params, batches):
    """Loss and accuracy over several batches, each target with equal weight.

    Parameters
    ----------
    model : Model
        What answers; nothing is dropped.
    params : dict of str to ndarray
        Its parameters.
    batches : Batch or list of Batch
        Inputs and targets.

    Returns
    -------
    Score
        As for all sequences in one batch.

    Raises
    ------
    TypeError
        If `model` is not a model, or `batches` not a batch or a list of them.
    ValueError
        If there is no batch, or something does not fit.

    Examples
    --------
    >>> task, rng = Recall(L=3), np.random.default_rng(0)
    >>> model = task.model(RNN())
    >>> params = model.init_params(task.input_size, 8, task.output_size, rng)
    >>> batch = task.make_batch(rng, 10)
    >>> mean_score(model, params, [batch, batch]) == mean_score(model, params, batch)
    True
    """
    check_model(model)
    found, weights = [], []
    for batch in check_batches(batches):
        y, _ = model.predict(params, batch.x, mask=batch.real_steps())
        counted = batch.counted(model.steps)
        loss, _ = LOSSES[model.loss](y, batch.y, counted)
        found.append((loss, 0.0 if model.loss == "squared" else _share_right(model, y, batch)))
        weights.append(np.size(batch.y) if counted is None else np.sum(counted))
    loss, right = np.average(found, axis=0, weights=weights)
    return Score(float(loss), None if model.loss == "squared" else float(right))


def batch_parts(batch, size=250):
    """A batch with one answer a sequence in parts of like length: less memory, and fewer steps of padding.

    Parameters
    ----------
    batch : Batch
        With targets (N,) or (N, K).
    size : int
        Sequences of a part; the last one has what is left.

    Returns
    -------
    list of Batch
        The shortest sequences first; steps that are padding in a whole part are left out.

    Raises
    ------
    TypeError
        If `batch` is not a batch.
    ValueError
        If it does not have one target a sequence, or `size` is below 1.

    Examples
    --------
    >>> from rnnbook import Batch
    >>> batch = Batch(np.array([[2, 3, 4], [5, 0, 6]]), np.ones((3, 1)), lengths=np.array([2, 1, 2]))
    >>> [part.x.tolist() for part in batch_parts(batch, 1)]
    [[[3]], [[2], [5]], [[4], [6]]]
    """
    check_batch(batch)
    check_count("size", size)
    x, y, real = as_array("x", batch.x), as_array("y", batch.y), batch.real_steps()
    if x.ndim < 2 or y.ndim not in (1, 2) or len(y) != x.shape[1]:
        raise ValueError(
            f"a batch has one target a sequence, x (T, N, ...) and y (N,) or (N, K); got {x.shape}, {y.shape}"
        )
    steps = np.full(x.shape[1], len(x)) if real is None else real.sum(axis=0)
    parts = []
    for chosen in np.split(np.argsort(steps, kind="stable"), range(size, len(steps), size)):
        kept = slice(None) if real is None else real[:, chosen].any(axis=1)
        part = Batch(x[:, chosen][kept], y[chosen], None if batch.mask is None else batch.mask[chosen])
        parts.append(part if real is None else part._replace(real=real[:, chosen][kept]))
    return parts


def check_batches(batches):
    """Batches as a list; refuse what is not a batch or a list of at least one."""
    if isinstance(batches, Batch):
        return [batches]
    if not isinstance(batches, list | tuple):
        raise TypeError(f"batches is a Batch(x, y, mask) or a list of them; got {type(batches).__name__}")
    if not batches:
        raise ValueError("batches has at least one batch; got none")
    for batch in batches:
        check_batch(batch)
    return list(batches)


def _share_right(model, y, batch):
    """Share of right answers among the targets that count."""
    right = y.argmax(axis=-1) == batch.y if model.loss == "softmax" else (y > 0) == (np.asarray(batch.y) > 0.5)
    counted = batch.counted(model.steps)
    return float(right.mean() if counted is None else right[counted].mean())
