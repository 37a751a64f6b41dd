"""Where noise goes in two recurrent layers, on sets that are small enough to be learned by heart, and in a memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.tasks import Recall, load_digits, zen_of_python
from rnnbook.lab.tasks.digits import DARKEST
from rnnbook.lab.training.loop import Training
from rnnbook.lab.training.recipe import Recipe
from rnnbook.nn import GRU, Adam, Batch, Dropout, Model, Recurrent, Stack, softmax
from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import (
    as_numbers,
    check_count,
    check_float_arrays,
    check_number,
    check_option,
    check_rng,
    check_seed,
)
from rnnbook.nn.inputs import check_cell
from rnnbook.nn.model import check_model

NOISES = ("none", "layers", "step", "sequence")
SMALL = {"digits": (200, 300), "lines": (12, 4)}  # how many train and how many validate; the others are the test
UNITS = 32


class Split(NamedTuple):
    """A small set in three parts.

    Attributes
    ----------
    train : Batch
        What is learned.
    validation : Batch
        What says when to stop.
    test : Batch
        What is looked at last.
    """

    train: Batch
    validation: Batch
    test: Batch


def small_set(data, seed):
    """Deal a small set out to training, validation and test.

    Parameters
    ----------
    data : {"digits", "lines"}
        Digits read by rows, 200 to learn, 300 to validate and 1,297 to test; or the 20 lines of the Zen of Python,
        12, 4 and 4, each to be predicted character by character from a newline to the next.
    seed : int
        Of the deal.

    Returns
    -------
    Split
        Three batches; lines are padded and have `lengths`.

    Raises
    ------
    TypeError
        If `seed` is not a whole number.
    ValueError
        If there is no such set, or `seed` is below 0.

    Examples
    --------
    >>> [batch.x.shape for batch in small_set("digits", seed=0)]
    [(8, 200, 8), (8, 300, 8), (8, 1297, 8)]
    >>> small_set("lines", seed=0).test.lengths.shape
    (4,)
    """
    check_option("data", data, SMALL)
    check_seed(seed)
    if data == "digits":
        images, labels = load_digits()
        x, y = np.swapaxes(images, 0, 1) / np.float32(DARKEST), labels.astype(np.int64)
        whole = Batch(np.ascontiguousarray(x), y)
    else:
        whole = _lines()
    order, (train, validate) = np.random.default_rng(seed).permutation(whole.x.shape[1]), SMALL[data]
    return Split(*(pick(whole, part) for part in np.split(order, [train, train + validate])))


def _lines():
    """Every line of the Zen between two newlines, side by side."""
    text = zen_of_python()
    alphabet, lines = sorted(set(text)), [f"\n{line}\n" for line in text.split("\n") if line]
    tokens = np.zeros((max(map(len, lines)), len(lines)), np.int64)
    for column, line in zip(tokens.T, lines, strict=True):
        column[: len(line)] = [alphabet.index(char) for char in line]
    return Batch(tokens[:-1], tokens[1:], lengths=np.array([len(line) - 1 for line in lines]))


def pick(batch, chosen):
    """Some sequences of a batch of the small sets."""
    y = batch.y[chosen] if batch.y.ndim == 1 else batch.y[:, chosen]
    return Batch(batch.x[:, chosen], y, lengths=None if batch.lengths is None else batch.lengths[chosen])


def noisy_layers(noise, drop, cell, H):
    """Two recurrent layers with noise in one place.

    Parameters
    ----------
    noise : {"none", "layers", "step", "sequence"}
        Nowhere; on what goes from the first layer to the second, a fresh mask at each step; on h_{t-1} where W_hh sees
        it, in both layers, with a fresh mask at each step, or with one mask for the whole sequence.
    drop : float
        Share that is dropped; not looked at where there is no noise.
    cell : RNN, LSTM or GRU
        Of both layers.
    H : int
        Units of each.

    Returns
    -------
    Stack
        Whose arrays have the same names wherever the noise is: ``l0.`` and ``l2.``.

    Raises
    ------
    TypeError
        If `cell` is not a cell, or a setting not a number of its kind.
    ValueError
        If there is no such noise, or a setting is out of range.

    Examples
    --------
    >>> noisy_layers("sequence", 0.5, GRU(), 4).layers[0].drop
    0.5
    """
    check_option("noise", noise, NOISES)
    check_number("drop", drop, below=1)
    check_cell(cell)
    between, within = drop if noise == "layers" else 0.0, {}
    if noise in ("step", "sequence"):
        within = {"drop": drop, "fresh": noise}
    recurrent = Recurrent(cell, H, **within)
    return Stack((recurrent, Dropout(between), recurrent))


def dropout_training(data, noise, drop, seed, rate=0.01):
    """Set up one run on a small set: two layers of 32 GRU units, float32, Adam, clipped at 1.

    Parameters
    ----------
    data : {"digits", "lines"}
        Batches of 32 digits, or all lines at every step.
    noise : {"none", "layers", "step", "sequence"}
        As in `noisy_layers`.
    drop : float
        Share that is dropped.
    seed : int
        Of the deal, the weights, the batches and the noise.
    rate : float
        Learning rate of Adam.

    Returns
    -------
    training : Training
        Not yet started.
    split : Split
        The set.

    Raises
    ------
    TypeError
        If a setting is not a number of its kind.
    ValueError
        If there is no such set or noise, or a setting is out of range.

    Examples
    --------
    >>> training, split = dropout_training("digits", "layers", 0.5, seed=0)
    >>> next(training.run(1)).step
    1
    """
    split = small_set(data, seed)
    layer = noisy_layers(noise, drop, GRU(), UNITS)
    rng = np.random.default_rng(seed)
    if data == "digits":
        model, D, K = Model(layer, "softmax", "last"), split.train.x.shape[-1], 10
    else:
        model = Model(layer, "softmax", "every")
        D = K = len(set(zen_of_python()))
    params = model.init_params(D, None, K, rng, dtype=np.float32)
    batches = _batches(split.train, rng, 32 if data == "digits" else None)
    return Training(model, params, batches, Adam(rate), clip=1.0, rng=np.random.default_rng([seed, 1])), split


def _batches(batch, rng, N):
    """Endless batches of N drawn sequences, or the whole set again and again."""
    while True:
        yield batch if N is None else pick(batch, rng.integers(batch.x.shape[1], size=N))


def unscaled(noise, drop, params):
    """The weights of the network that was trained without dividing by 1 - drop, to be read as they are.

    Dropout divides what it keeps by 1 - drop, in training; so nothing need be scaled at prediction. Without the
    division the same training outputs belong to weights behind the mask that are 1 / (1 - drop) times as large, and
    at prediction, when nothing is dropped, these get an input that is larger than any they were trained on.

    Parameters
    ----------
    noise : {"none", "layers", "step", "sequence"}
        Where the noise of `noisy_layers` was.
    drop : float
        Its rate.
    params : dict of str to ndarray
        Of a network trained with the division.

    Returns
    -------
    dict of str to ndarray
        The same arrays, but those that the mask stands before: W_xh of the second layer, or W_hh of both.

    Raises
    ------
    TypeError
        If `params` is not a dict of floating point numbers, or `drop` not a number.
    ValueError
        If there is no such noise, or `drop` is outside [0, 1).

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov (2014), "Dropout: a simple way to prevent neural networks
    from overfitting", Journal of Machine Learning Research 15, section 10: the weights scaled at prediction, or what
    is kept scaled in training.

    Examples
    --------
    >>> params = {"l0.W_hh": np.ones(1), "l2.W_xh": np.ones(1)}
    >>> {name: array.tolist() for name, array in unscaled("layers", 0.5, params).items()}
    {'l0.W_hh': [1.0], 'l2.W_xh': [2.0]}
    """
    check_option("noise", noise, NOISES)
    check_number("drop", drop, below=1)
    check_float_arrays("params", params)
    behind = {"none": (), "layers": ("l2.W_xh",)}.get(noise, ("l0.W_hh", "l2.W_hh"))
    return {name: array / (1 - drop) if name in behind else array for name, array in params.items()}


def memory_training(cell, noise, drop, seed, rate):
    """Set up one run on recall of the first of 20 tokens under noise: two layers of 32 units, clipped at 1.

    Parameters
    ----------
    cell : {"RNN", "LSTM", "GRU"}
        Of both layers; the gate that keeps starts from a bias of 1.
    noise : {"none", "layers", "step", "sequence"}
        As in `noisy_layers`.
    drop : float
        Share that is dropped.
    seed : int
        Of weights, batches and noise.
    rate : float
        Learning rate of Adam.

    Returns
    -------
    Training
        Not yet started.

    Raises
    ------
    TypeError
        If a setting is not a number of its kind.
    ValueError
        If there is no such cell or noise, or a setting is out of range.

    Examples
    --------
    >>> memory_training("RNN", "step", 0.5, seed=0, rate=0.01).params["l2.W_hh"].shape
    (32, 32)
    """
    check_option("cell", cell, CELLS)
    start = {"dtype": np.float32, "gate_bias": None if cell == "RNN" else 1.0}
    recipe = Recipe(Recall(20), noisy_layers(noise, drop, CELLS[cell], UNITS), None, rate, start=start)
    training = recipe.training(seed)
    training.rng = np.random.default_rng([seed, 1])
    return training


def sample_answers(model, params, x, rng, draws):
    """Predict many times with masks on: Monte Carlo dropout.

    Parameters
    ----------
    model : Model
        With a softmax loss and layers that drop.
    params : dict of str to ndarray
        Its parameters.
    x : ndarray
        (T, N, D) numbers or (T, N) tokens.
    rng : numpy.random.Generator
        Draws the masks.
    draws : int
        Predictions.

    Returns
    -------
    ndarray
        Probabilities (draws, N, K), or (draws, T, N, K) for a model that is read at every step. Their mean is the
        answer, their spread over the draws what the masks change.

    Raises
    ------
    TypeError
        If `model` is not a model, `rng` not a generator, or `draws` not a whole number.
    ValueError
        If the loss is not softmax, or `draws` is below 1.

    References
    ----------
    Gal & Ghahramani (2016), "Dropout as a Bayesian approximation", ICML, section 4.

    Examples
    --------
    >>> training, split = dropout_training("digits", "layers", 0.5, seed=0)
    >>> found = sample_answers(training.model, training.params, split.test.x[:, :5], np.random.default_rng(0), 3)
    >>> found.shape, bool(found.std(axis=0).any())
    ((3, 5, 10), True)
    """
    check_model(model)
    check_rng(rng)
    check_count("draws", draws)
    if model.loss != "softmax":
        raise ValueError(f"probabilities are those of a model with a softmax loss; got {model}")
    return np.stack([softmax(model.predict(params, x, rng=rng)[0]) for _ in range(draws)])


def auc(a, b):
    """How well a number tells two groups apart: the area under the ROC curve.

    Parameters
    ----------
    a, b : array_like of float
        The number for each member of the two groups.

    Returns
    -------
    float
        The share of pairs in which that of `a` is larger, a tie counting half: 1 if always, 1/2 if the number says
        nothing.

    Raises
    ------
    TypeError
        If `a` or `b` does not hold numbers.
    ValueError
        If one is not a row of at least one, or holds NaN.

    References
    ----------
    Hanley & McNeil (1982), "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
    Radiology 143(1).

    Examples
    --------
    >>> auc([3, 4], [1, 2]), auc([1, 2], [1, 2])
    (1.0, 0.5)
    """
    groups = []
    for name, numbers in (("a", a), ("b", b)):
        group = as_numbers(name, numbers)
        if group.ndim != 1 or not len(group) or np.isnan(group).any():
            raise ValueError(f"{name} has a number for each of at least one member; got {group}")
        groups.append(group)
    a, b = groups
    return float((a[:, None] > b).mean() + (a[:, None] == b).mean() / 2)
