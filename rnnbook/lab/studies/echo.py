"""Truncated backpropagation through time: the echo task, its control with a frozen cell, and a cut on a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnbook.lab.gradients import cosine
from rnnbook.lab.tasks import Echo, Text, zen_of_python
from rnnbook.lab.tasks.base import check_fits
from rnnbook.lab.training import laps
from rnnbook.lab.training.blocks import blocks
from rnnbook.lab.training.loop import Training
from rnnbook.lab.training.recipe import Recipe
from rnnbook.nn import RNN, Adam, Batch, global_norm, unroll
from rnnbook.nn.checks import check_count

LAP = 107  # steps of a block of the text: 8 streams of 107 characters are its 856


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

    Raises
    ------
    TypeError
        If a setting is not a number of its kind.
    ValueError
        If it is out of range.

    Examples
    --------
    >>> training = echo_training(lag=2, k=4, rate=1e-2, seed=0, steps=10)
    >>> [progress.step for progress in training.run(100)][-1]
    10
    """
    for name, count in {"lag": lag, "k": k, "steps": steps}.items():
        check_count(name, count)
    stream = _Stream(lag, T=lag + k * steps, k=k)
    return Recipe(stream, RNN(), 16, rate, start={"gain": 0.5, "input_scale": 0.5}).training(seed)


@dataclass(frozen=True)
class _Stream(Echo):
    """The echo task as one long sequence: a batch is its next k steps, from the first one on that has an answer."""

    k: int

    def batches(self, rng, N):
        whole = self.make_batch(rng, N)
        return blocks(Batch(whole.x[self.lag :], whole.y[self.lag :]), self.k)


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

    Raises
    ------
    TypeError
        If `model` is not a model, or `lag` not a whole number.
    ValueError
        If `lag` is below 1, or the model does not fit the task.

    Examples
    --------
    >>> training = echo_training(lag=2, k=4, rate=1e-2, seed=0, steps=10)
    >>> 0 <= echo_accuracy(training.model, training.params, lag=2) <= 1
    True
    """
    check_count("lag", lag)
    task = Echo(lag, T=500 + lag)
    check_fits(model, task)
    test = task.make_batch(np.random.default_rng(2**20), 8)
    said, _ = model.predict(params, test.x)
    return float(((said > 0) == test.y)[test.mask].mean())


def train_echo(training, steps, frozen=False):
    """Run a training on the echo task; with `frozen`, the cell's weights are put back after every step.

    Parameters
    ----------
    training : Training
        As `echo_training` gives it; it is run in place.
    steps : int
        Blocks to train on.
    frozen : bool
        Whether the readout alone is trained.

    Examples
    --------
    >>> training = echo_training(lag=2, k=4, rate=1e-2, seed=0, steps=10)
    >>> start = training.params["W_hh"].copy()
    >>> train_echo(training, 10, frozen=True)
    >>> bool((training.params["W_hh"] == start).all())
    True
    """
    start = {key: training.params[key].copy() for key in ("W_xh", "W_hh", "b_h")}
    for _ in training.run(steps):
        for key in start if frozen else ():
            training.params[key][...] = start[key]


def echo_in_state(params, lag, noise=0.03):
    """R^2 of the bit that came in `lag` steps ago, read from the noisy state by least squares.

    Parameters
    ----------
    params : dict of str to ndarray
        Of the tanh network.
    lag : int
        How many steps ago the bit was.
    noise : float
        Standard deviation of the noise on every unit.

    Returns
    -------
    float
        The share of the bit's variance that is found: at most 1.

    Examples
    --------
    >>> params = echo_training(lag=5, k=2, rate=1e-2, seed=0, steps=1).params
    >>> echo_in_state(params, lag=1) > 0.9 > 0.3 > echo_in_state(params, lag=5)
    True
    """
    own = np.random.default_rng(7)
    batch = Echo(lag, T=2000).make_batch(own, 1)
    h = unroll(RNN(), params, batch.x)[0][lag:, 0]
    seen = np.hstack([h + noise * own.normal(size=h.shape), np.ones((len(h), 1))])
    bit = 2.0 * batch.y[lag:, 0] - 1
    missed = bit - seen @ np.linalg.lstsq(seen, bit, rcond=None)[0]
    return float(1 - missed.var() / bit.var())


def cut_left(model, params, batch, k):
    """What blocks of k steps leave of the gradient of the cell's weights on one batch, by angle and by length.

    Parameters
    ----------
    model : Model
        The model.
    params : dict of str to ndarray
        Its parameters.
    batch : Batch
        The full gradient goes through all its steps.
    k : int
        Steps a block.

    Returns
    -------
    cosine, length : float
        Of the cut gradient to the full one; the length as a share of the full one's.

    Examples
    --------
    >>> training, lap = text_training(seed=0)
    >>> cosine, length = cut_left(training.model, training.params, lap, k=107)
    >>> f"{cosine:.3f} {length:.3f}"
    '1.000 1.000'
    """
    both = [model.gradients(params, batch, truncate=steps).params for steps in (None, k)]
    full, cut = ({key: grads[key] for key in ("W_xh", "W_hh", "b_h")} for grads in both)
    return cosine(full, cut), global_norm(cut) / global_norm(full)


def text_training(seed):
    """The training of chapter 03 on the Zen of Python: 128 tanh units, 8 streams, blocks of 107 steps.

    Parameters
    ----------
    seed : int
        Of the weights.

    Returns
    -------
    training : Training
        Adam at 0.003, clipped at 1.
    lap : Batch
        The first lap of the text.

    Examples
    --------
    >>> training, lap = text_training(seed=0)
    >>> training.params["W_hh"].shape, lap.x.shape
    ((128, 128), (107, 8))
    """
    task = Text(zen_of_python())
    model = task.model(RNN())
    params = model.init_params(task.input_size, 128, task.output_size, np.random.default_rng(seed))
    return Training(model, params, laps(task, N=8, k=LAP), Adam(3e-3), clip=1.0), next(laps(task, N=8, k=LAP))
