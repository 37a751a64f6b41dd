"""The echo task, learned by truncated backpropagation through time."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.tasks import Echo
from rnnbook.lab.training.blocks import blocks
from rnnbook.lab.training.loop import Training
from rnnbook.nn import RNN, Adam, Batch


def echo_training(lag, k, rate, seed, steps=400):
    """A training on the echo task by truncated backpropagation through time.

    32 streams of random bits, one step a bit; 16 tanh units from a weak start: W_hh 0.5 times an orthogonal matrix,
    W_xh half of the usual. Adam, clipped at 1. Every training step sees the next k bits, the state is carried on.

    Parameters
    ----------
    lag : int
        How many steps ago the bit was that is asked for.
    k : int
        Steps a block.
    rate : float
        Learning rate.
    seed : int
        Of weights and bits.
    steps : int
        Blocks that there are to train on.

    Returns
    -------
    Training
        To be run for as many steps.

    Examples
    --------
    >>> training = echo_training(lag=2, k=4, rate=1e-2, seed=0, steps=10)
    >>> [progress.step for progress in training.run(100)][-1]
    10
    """
    rng, task = np.random.default_rng(seed), Echo(lag, T=lag + k * steps)
    model = task.model(RNN())
    params = model.init_params(1, 16, 1, rng, gain=0.5, input_scale=0.5)
    whole = task.make_batch(rng, 32)
    bits = Batch(whole.x[lag:], whole.y[lag:])  # from the first step on that has an answer
    return Training(model, params, blocks(bits, k), Adam(rate), clip=1.0)


def echo_accuracy(model, params, lag):
    """Share of right answers on 4,000 new steps of the echo task.

    Parameters
    ----------
    model : Model
        The model.
    params : dict of str to ndarray
        Its parameters.
    lag : int
        How many steps ago the bit was that is asked for.

    Returns
    -------
    float
        From 0 to 1; chance is 0.5.

    Examples
    --------
    >>> training = echo_training(lag=2, k=4, rate=1e-2, seed=0, steps=10)
    >>> 0 <= echo_accuracy(training.model, training.params, lag=2) <= 1
    True
    """
    test = Echo(lag, T=500 + lag).make_batch(np.random.default_rng(2**20), 8)
    said, _ = model.predict(params, test.x)
    return float(((said > 0) == test.y)[test.mask].mean())
