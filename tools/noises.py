"""Noise between layers and within, for chapter 07: the studies `dropout`, `noise` and `monte_carlo`."""

import numpy as np

from rnnbook import Recall, accuracy, softmax, softmax_cross_entropy
from rnnbook.lab.studies.dropout import (
    auc,
    dropout_training,
    memory_training,
    sample_answers,
    unscaled,
)

KINDS = [("none", 0.0), *((noise, drop) for noise in ("layers", "step", "sequence") for drop in (0.25, 0.5))]

DROPOUT = [  # data, noise, drop, Adam's rate, seed
    *(("digits", *kind, 1e-2, seed) for kind in KINDS for seed in range(10)),
    *(("lines", *kind, 1e-2, seed) for kind in KINDS for seed in range(10)),
]
STEPS = {"digits": (25, 300), "lines": (10, 100)}  # from look to look, and in all


def score(model, params, batch):
    """Loss and share of right answers of a batch, from one prediction."""
    y, _ = model.predict(params, batch.x, mask=batch.real_steps())
    counted, right = batch.counted(model.steps), y.argmax(axis=-1) == batch.y
    loss, _ = softmax_cross_entropy(y, batch.y, counted)
    return loss, right.mean() if counted is None else right[counted].mean()


def dropout(data, noise, drop, rate, seed):
    """Rows of one run: losses and right answers in its course, and at its end also without scaling."""
    training, split = dropout_training(data, noise, drop, seed, rate)
    (every, steps), found = STEPS[data], []

    def look(reading, params):
        losses, right = zip(*(score(training.model, params, batch) for batch in split), strict=True)
        same = data, noise, drop, rate, seed, len(training.history), reading
        found.append((*same, *(f"{number:.4f}" for number in (*losses, *right[1:]))))

    while len(training.history) < steps:
        for _ in training.run(every):
            pass
        look("scaled", training.params)
    if drop:
        look("unscaled", unscaled(noise, drop, training.params))
    return found


NOISE_STEPS = (50, 100)
NOISE = [(cell, *kind, 1e-2, seed) for cell in ("RNN", "GRU") for kind in KINDS for seed in range(5)]


def noise(cell, kind, drop, rate, seed):
    """Rows of one run on recall of the first of 20: how many it gets right, read without noise."""
    training, found = memory_training(cell, kind, drop, seed, rate), []
    test = Recall(20).make_batch(np.random.default_rng(2**20), 512)
    for steps in NOISE_STEPS:
        for _ in training.run(steps - len(training.history)):
            pass
        right = accuracy(training.model, training.params, test)
        found.append((cell, kind, drop, rate, seed, steps, f"{right:.3f}"))
    return found


DRAWS = 30
MONTE_CARLO = [(*kind, seed) for kind in KINDS if kind[1] and kind[0] != "step" for seed in range(5)]


def monte_carlo(noise, drop, seed):
    """A row of one network trained on digits: does the spread of its answers say which of them are wrong?"""
    training, split = dropout_training("digits", noise, drop, seed)
    for _ in training.run(STEPS["digits"][1]):
        pass
    model, params, test = training.model, training.params, split.test
    plain = softmax(model.predict(params, test.x)[0])
    drawn = sample_answers(model, params, test.x, np.random.default_rng(seed), DRAWS)
    mean = drawn.mean(axis=0)
    answer = mean.argmax(axis=-1)
    spread = drawn.std(axis=0)[np.arange(len(answer)), answer]
    wrong, plain_wrong = answer != test.y, plain.argmax(axis=-1) != test.y
    doubt, plain_doubt = 1 - mean.max(axis=-1), 1 - plain.max(axis=-1)
    numbers = [
        (~plain_wrong).mean(),
        (~wrong).mean(),
        np.median(spread[wrong]),
        np.median(spread[~wrong]),
        auc(spread[wrong], spread[~wrong]),
        auc(doubt[wrong], doubt[~wrong]),
        auc(plain_doubt[plain_wrong], plain_doubt[~plain_wrong]),
    ]
    return [(noise, drop, seed, DRAWS, *(f"{number:.4f}" for number in numbers))]
