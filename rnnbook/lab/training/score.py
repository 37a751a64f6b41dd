"""How often a network is right."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.model import check_batch, check_model


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
    right = y.argmax(axis=-1) == batch.y if model.loss == "softmax" else (y > 0) == (np.asarray(batch.y) > 0.5)
    counted = batch.counted(model.steps)
    return float(right.mean() if counted is None else right[counted].mean())
