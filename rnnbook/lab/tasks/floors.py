"""What is reached without reading in order: linear models on bags of words, of n-grams, and on a window."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from rnnbook.lab.tasks.corpus import SIDES, SPLITS, check_corpus, split_words
from rnnbook.nn import sigmoid
from rnnbook.nn.checks import check_count, check_number, check_option

STRENGTHS = (3e-2, 1e-2, 3e-3, 1e-3, 3e-4)  # of the penalty, from the strongest on; each starts where the last ended
NEWTON, CONJUGATE = 3, 15  # steps
ENOUGH = 1e-14  # what is left of the squared gradient when a step is solved


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
            if size < ENOUGH:
                break
            turned = x.transposed(bend * x.times(way)) + strength * way
            along = size / (way @ turned)
            move, rest = move + along * way, rest - along * turned
            size, before = rest @ rest, size
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
    texts, labels = zip(*(corpus.part(split) for split in SPLITS), strict=True)
    found = [[features(split_words(text)) for text in part] for part in texts]
    counts = Counter(gram for text in found[0] for gram in set(text))
    index = {gram: k for k, gram in enumerate(gram for gram, n in counts.items() if n > 1)}
    return _fit([(_Rows(part, index), label) for part, label in zip(found, labels, strict=True)])


def bag_floor(corpus, k):
    """What a linear bag of words reaches, or one of all runs of up to k words.

    A feature is whether a run occurs in a text; those of at least two training texts count. The two ends of a text are
    marked. The strength of the penalty is the one that is best in validation.

    Parameters
    ----------
    corpus : Corpus
        Labelled texts.
    k : int
        1 for words, 2 for words and bigrams, and so on: a window of k words that slides over the text.

    Returns
    -------
    Floor
        Its accuracy and its size.

    Raises
    ------
    TypeError
        If `corpus` is not a corpus, or `k` not a whole number.
    ValueError
        If `k` is below 1.

    References
    ----------
    Wang & Manning (2012), "Baselines and bigrams: simple, good sentiment and topic classification", ACL, section 2,
    for binary features; the fit is Newton's, as in Hastie, Tibshirani & Friedman (2009), "The elements of statistical
    learning", section 4.4.1, with conjugate gradients for each step.

    Examples
    --------
    >>> from rnnbook.lab.tasks import Corpus
    >>> texts = ("not good bad", "not bad good") * 6
    >>> splits = {"train": range(4), "validation": range(4, 8), "test": range(8, 12)}
    >>> corpus = Corpus(texts, [0, 1] * 6, splits)
    >>> bag_floor(corpus, 1).accuracy, bag_floor(corpus, 2).accuracy
    (0.5, 1.0)
    """
    check_corpus(corpus)
    check_count("k", k)
    return _floor(corpus, lambda words: grams(words, k))


def window_floor(corpus, k, side="right"):
    """What a linear model reaches that sees k words at one end of a text, each place with weights of its own.

    Parameters
    ----------
    corpus : Corpus
        Labelled texts.
    k : int
        Length of the window.
    side : {"right", "left"}
        The last k words, or the first.

    Returns
    -------
    Floor
        Its accuracy and its size.

    Raises
    ------
    TypeError
        If `corpus` is not a corpus, or `k` not a whole number.
    ValueError
        If `k` is below 1, or `side` unknown.

    Examples
    --------
    >>> from rnnbook.lab.tasks import Corpus
    >>> splits = {"train": range(4), "validation": range(4, 8), "test": range(8, 12)}
    >>> corpus = Corpus(("not good bad", "not bad good") * 6, [0, 1] * 6, splits)
    >>> window_floor(corpus, 1).accuracy, window_floor(corpus, 1, side="left").accuracy
    (1.0, 0.5)
    """
    check_corpus(corpus)
    check_count("k", k)
    check_option("side", side, SIDES)
    return _floor(corpus, lambda words: list(enumerate(words[:k] if side == "left" else words[::-1][:k])))


def bag_bound(corpus, mirrored, k, noise=0.0):
    """What any function of a bag of runs of up to k words can reach at best, where every text has a mirror.

    A text and its mirror are equally likely. Where both give the same bag and have opposite labels, whatever sees the
    bag alone is right half of the time. Let s be the share of such texts: the rest may all be told, so the expected
    accuracy is at most 1 - s / 2, and with a share e of the labels turned, e + (1 - 2 e) (1 - s / 2).

    Parameters
    ----------
    corpus : Corpus
        Made without noise.
    mirrored : Corpus
        Its mirror, text by text.
    k : int
        1 for words, 2 for words and bigrams, and so on.
    noise : float
        Share of the labels that are turned, from 0 to below 0.5.

    Returns
    -------
    float
        From 0.5 to 1, for the test split.

    Raises
    ------
    TypeError
        If something is not of its kind.
    ValueError
        If a number is out of range, or the two are not of one size.

    Examples
    --------
    >>> from rnnbook.lab.tasks import Corpus
    >>> splits = {"train": [0], "validation": [1], "test": [2, 3]}
    >>> corpus = Corpus(("good", "bad", "not good bad", "so good"), [1, 0, 0, 1], splits)
    >>> mirrored = Corpus(("good", "bad", "not bad good", "so good"), [1, 0, 1, 1], splits)
    >>> bag_bound(corpus, mirrored, 1), bag_bound(corpus, mirrored, 2)
    (0.75, 1.0)
    """
    for each in (corpus, mirrored):
        check_corpus(each)
    check_count("k", k)
    check_number("noise", noise, below=0.5)
    (texts, labels), (others, opposite) = (each.part("test") for each in (corpus, mirrored))
    if len(texts) != len(others):
        raise ValueError(f"a corpus and its mirror have as many texts to test with; got {len(texts)} and {len(others)}")
    blind = [
        label != turned and Counter(grams(split_words(text), k)) == Counter(grams(split_words(other), k))
        for text, other, label, turned in zip(texts, others, labels, opposite, strict=True)
    ]
    return float(noise + (1 - 2 * noise) * (1 - np.mean(blind) / 2))
