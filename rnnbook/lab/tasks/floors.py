"""What is reached without reading in order: linear models on bags of words, of n-grams, and on a window."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from rnnbook.lab.tasks.corpus import SIDES, check_corpus, split_words
from rnnbook.nn import sigmoid
from rnnbook.nn.checks import check_count, check_instance, check_option, check_number

STRENGTHS = (3e-2, 1e-2, 3e-3, 1e-3, 3e-4)  # of the penalty, from the strongest on; each starts where the last ended
NEWTON, CONJUGATE = 3, 15  # steps


class Floor(NamedTuple):
    """What a linear model reaches.

    Attributes
    ----------
    accuracy : float
        On the test split.
    validation : float
        On the validation split, by which the strength was chosen.
    strength : float
        Of the penalty.
    features : int
        Weights, the bias not counted.
    """

    accuracy: float
    validation: float
    strength: float
    features: int


def grams(words, k):
    """The runs of 1 to k words of a text, with a mark on either end."""
    words = ["<", *words, ">"]
    return [tuple(words[i : i + n]) for n in range(1, k + 1) for i in range(len(words) - n + 1)]


class _Rows:
    """A sparse matrix of zeros and ones: which features each text has, and a bias that all have."""

    def __init__(self, texts, index):
        found = [[len(index), *{index[gram] for gram in text if gram in index}] for text in texts]
        self.at = np.concatenate([np.array(row, dtype=np.int64) for row in found])
        self.row = np.repeat(np.arange(len(found)), [len(row) for row in found])
        self.shape = len(found), len(index) + 1

    def times(self, w):
        """The product with a vector of weights."""
        return np.bincount(self.row, w[self.at], self.shape[0])

    def transposed(self, v):
        """The product of its transpose with a vector, one number a text."""
        return np.bincount(self.at, v[self.row], self.shape[1])


def _newton(x, y, w, strength):
    """Some of Newton's steps on the penalised log-loss, each solved by conjugate gradients."""
    for _ in range(NEWTON):
        p = sigmoid(x.times(w))
        bend = p * (1 - p) / len(y)
        rest = x.transposed((y - p) / len(y)) - strength * w
        move, way, size = np.zeros_like(w), rest, rest @ rest
        for _ in range(CONJUGATE):
            turned = x.transposed(bend * x.times(way)) + strength * way
            along = size / (way @ turned)
            move, rest = move + along * way, rest - along * turned
            size, before = rest @ rest, size
            if size < 1e-14:
                break
            way = rest + size / before * way
        w = w + move
    return w


def _fit(parts):
    """Logistic regression with an L2 penalty, of the strength that is best in validation."""
    (x, y), *others = parts
    w, best = np.zeros(x.shape[1]), None
    for strength in STRENGTHS:
        w = _newton(x, y, w, strength)
        validation, test = (float(((z.times(w) > 0) == label).mean()) for z, label in others)
        if best is None or validation > best.validation:
            best = Floor(test, validation, strength, x.shape[1] - 1)
    return best


def _floor(corpus, features):
    """Fit what some features of the words say; those count that two training texts have."""
    texts, labels = zip(*(corpus.part(split) for split in ("train", "validation", "test")), strict=True)
    found = [[features(split_words(text)) for text in part] for part in texts]
    counts = Counter(gram for text in found[0] for gram in set(text))
    index = {gram: k for k, gram in enumerate(gram for gram, n in counts.items() if n > 1)}
    return _fit([(_Rows(part, index), label) for part, label in zip(found, labels, strict=True)])


def bag_floor(corpus, k):
    """What a linear bag of words reaches, or one of runs of up to k words."""
    check_corpus(corpus)
    check_count("k", k)
    return _floor(corpus, lambda words: grams(words, k))


def window_floor(corpus, k, side="right"):
    """What a linear model reaches that sees k words, each place with weights of its own."""
    check_corpus(corpus)
    check_count("k", k)
    check_option("side", side, SIDES)
    return _floor(corpus, lambda words: list(enumerate(words[:k] if side == "left" else words[::-1][:k])))
