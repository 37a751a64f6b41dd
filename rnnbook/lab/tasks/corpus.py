"""Labelled texts, their words as numbers, and the task to tell the label after the last word."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np

from rnnbook.lab.tasks.base import Task, check_draw
from rnnbook.nn import Batch
from rnnbook.nn.checks import as_array, check_count, check_dict, check_instance, check_option, check_shape
from rnnbook.nn.layers import check_tokens

SPLITS = ("train", "validation", "test")
SIDES = ("left", "right")
PADDING, UNKNOWN = 0, 1  # tokens that are no words; the most frequent word is 2
MARKS = ("<pad>", "<unknown>")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def check_text(text):
    """Refuse what is not a string."""
    if not isinstance(text, str):
        raise TypeError(f"text is a string; got {type(text).__name__}")


def check_texts(texts):
    """The texts as a tuple; refuse a single string, and what is not a list of at least one."""
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"texts is a list of strings; got {texts!r:.60}")
    if not texts:
        raise ValueError("texts has at least one text; got none")
    return tuple(texts)


def split_words(text):
    """The words of a text, in small letters and without punctuation.

    Parameters
    ----------
    text : str
        Of any language that puts spaces between words.

    Returns
    -------
    list of str
        Runs of letters and digits; an apostrophe within a word belongs to it.

    Raises
    ------
    TypeError
        If `text` is not a string.

    Examples
    --------
    >>> split_words("It wasn't dull, but ... 10 minutes too long!")
    ['it', "wasn't", 'dull', 'but', '10', 'minutes', 'too', 'long']
    """
    check_text(text)
    return WORD.findall(text.lower())


@dataclass(frozen=True, eq=False)
class Corpus:
    """Labelled texts in three splits: to train on, to choose by, and to test with.

    Parameters
    ----------
    texts : tuple of str
        All texts.
    labels : array_like of int
        (texts,), 1 for a good review and 0 for a bad one.
    splits : dict of str to array_like of int
        Which texts are in ``"train"``, ``"validation"`` and ``"test"``: places in `texts`, no text in two of them.
    name : str
        What messages and tables call it.

    Raises
    ------
    TypeError
        If something is not of its kind.
    ValueError
        If the labels do not fit the texts, or the splits are not three, are empty, or overlap.

    Examples
    --------
    >>> corpus = Corpus(("good", "bad", "dull"), [1, 0, 0], {"train": [0], "validation": [1], "test": [2]})
    >>> corpus.part("test")
    (('dull',), array([0]))
    """

    texts: tuple
    labels: np.ndarray
    splits: dict
    name: str = "corpus"

    def __post_init__(self):
        texts, labels = check_texts(self.texts), as_array("labels", self.labels)
        labels = check_tokens(labels, 2, "labels").astype(np.int64)
        check_shape("labels", labels, "texts", (len(texts),))
        check_dict("splits", self.splits)
        if set(self.splits) != set(SPLITS):
            raise ValueError(f"splits are {', '.join(SPLITS)}; got {', '.join(map(repr, self.splits)) or 'none'}")
        if not isinstance(self.name, str):
            raise TypeError(f"name is a string; got {self.name!r}")
        splits = {}
        for split in SPLITS:
            places = check_tokens(self.splits[split], len(texts), f"places of {split}").astype(np.int64)
            check_shape(f"places of {split}", places, "texts", (None,))
            if not places.size:
                raise ValueError(f"every split has at least one text; {split} has none")
            splits[split] = places
        every = np.concatenate(list(splits.values()))
        if len(np.unique(every)) < len(every):
            raise ValueError("a text is in one split, once; got one that is in two splits, or twice in one")
        for array in (labels, *splits.values()):
            array.flags.writeable = False
        for name, value in (("texts", texts), ("labels", labels), ("splits", splits)):
            object.__setattr__(self, name, value)

    def __repr__(self):
        sizes = ", ".join(f"{split} {len(self.splits[split]):,}" for split in SPLITS)
        return f"Corpus({self.name!r}: {sizes})"

    def part(self, split):
        """Texts and labels of one split.

        Parameters
        ----------
        split : {"train", "validation", "test"}
            Which.

        Returns
        -------
        texts : tuple of str
            In the order of `splits`.
        labels : ndarray of int
            (texts,).

        Raises
        ------
        ValueError
            If there is no split of that name.
        """
        check_option("split", split, SPLITS)
        places = self.splits[split]
        return tuple(self.texts[k] for k in places), self.labels[places]


def check_corpus(corpus):
    """Refuse what is not a corpus."""
    check_instance("corpus", corpus, Corpus, "make_reviews")


@dataclass(frozen=True)
class Vocabulary:
    """The words that have a number of their own.

    Padding is 0, any other word is 1, and the words follow from 2 on. (The loader of Keras has padding 0, a start 1,
    unknown 2, and words from 4 on, while its word index counts from 1: ids there are shifted by three.)

    Parameters
    ----------
    words : tuple of str
        The words, the most frequent first, none twice.

    Raises
    ------
    TypeError
        If `words` is not a list of strings.
    ValueError
        If there is none, or one is there twice.

    Examples
    --------
    >>> vocabulary = Vocabulary.of(["a good film", "a bad film", "a film"], n=2)
    >>> vocabulary.words, len(vocabulary), vocabulary.encode("A dull film").tolist()
    (('a', 'film'), 4, [2, 1, 3])
    >>> vocabulary.decode([2, 1, 3, 0])
    'a <unknown> film <pad>'
    """

    words: tuple

    def __post_init__(self):
        if not isinstance(self.words, list | tuple) or not all(isinstance(word, str) for word in self.words):
            raise TypeError(f"words is a list of strings; got {self.words!r:.60}")
        words = tuple(self.words)
        if not words or len(set(words)) < len(words):
            raise ValueError(f"words has at least one word, and none twice; got {list(words)!r:.60}")
        object.__setattr__(self, "words", words)

    def __repr__(self):
        return f"Vocabulary({len(self.words)} words)"

    def __len__(self):
        return len(self.words) + len(MARKS)

    @classmethod
    def of(cls, texts, n=None):
        """The most frequent words of some texts.

        Parameters
        ----------
        texts : list of str
            The texts; those of the training split, if the others are to stay unseen.
        n : int, optional
            How many words; all if not given.

        Returns
        -------
        Vocabulary
            Words of equal frequency stand in alphabetical order, so that it does not depend on that of the texts.

        Raises
        ------
        ValueError
            If the texts have no word.
        """
        if n is not None:
            check_count("n", n)
        counts = Counter()
        for text in check_texts(texts):
            counts.update(split_words(text))
        if not counts:
            raise ValueError("the texts have at least one word; got none")
        return cls(tuple(sorted(counts, key=lambda word: (-counts[word], word))[:n]))

    @cached_property
    def _index(self):
        return {word: k for k, word in enumerate(self.words, len(MARKS))}

    def encode(self, text):
        """A text as tokens.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        ndarray of int
            (words,), at least one: a text without words is one unknown word.
        """
        words, index = split_words(text) or [MARKS[UNKNOWN]], self._index
        return np.array([index.get(word, UNKNOWN) for word in words], dtype=np.int64)

    def decode(self, tokens):
        """Tokens as words with spaces between them.

        Parameters
        ----------
        tokens : array_like of int
            (T,), from 0 on.

        Returns
        -------
        str
            With ``<pad>`` and ``<unknown>`` where there is no word.
        """
        tokens = check_tokens(tokens, len(self))
        check_shape("tokens", tokens, "T", (None,))
        return " ".join((MARKS + self.words)[k] for k in tokens)


def pad(sequences, T=None, side="right", cut="right"):
    """Sequences of unequal length side by side: short ones are filled up, long ones are cut.

    Parameters
    ----------
    sequences : list of ndarray of int
        N rows of tokens.
    T : int, optional
        Steps; those of the longest if not given.
    side : {"left", "right"}
        Where the padding goes: before the first word or behind the last one.
    cut : {"left", "right"}
        What is cut off: the first words or the last ones.

    Returns
    -------
    x : ndarray of int
        Tokens (T, N).
    real : ndarray of bool
        (T, N), False where a step is padding.

    Raises
    ------
    TypeError
        If `sequences` is not a list of rows of whole numbers.
    ValueError
        If there is none, or an option is unknown.

    Examples
    --------
    >>> x, real = pad([np.array([5, 6, 7]), np.array([8])], T=2, side="left", cut="right")
    >>> x.T.tolist(), real.T.tolist()
    ([[5, 6], [0, 8]], [[True, True], [False, True]])
    """
    if not isinstance(sequences, list | tuple) or not sequences:
        raise TypeError(f"sequences is a list of rows of tokens, at least one; got {sequences!r:.60}")
    rows = [check_tokens(row, np.inf, f"sequence {n}") for n, row in enumerate(sequences)]
    for n, row in enumerate(rows):
        check_shape(f"sequence {n}", row, "T", (None,))
    if T is not None:
        check_count("T", T)
    check_option("side", side, SIDES)
    check_option("cut", cut, SIDES)
    T = max(1, *map(len, rows)) if T is None else T
    x, real = np.full((T, len(rows)), PADDING, dtype=np.int64), np.zeros((T, len(rows)), bool)
    for n, row in enumerate(rows):
        kept = row[:T] if cut == "right" else row[max(0, len(row) - T) :]
        where = slice(len(kept)) if side == "right" else slice(T - len(kept), T)
        x[where, n], real[where, n] = kept, True
    return x, real


@dataclass(frozen=True, eq=False)
class Reviews(Task):
    """Tell a good review from a bad one after its last word.

    Parameters
    ----------
    corpus : Corpus
        Labelled texts, as `make_reviews` makes them or `load_imdb` loads them.
    n : int
        Words of the vocabulary: the most frequent ones of the training split.
    T : int, optional
        Steps to which every text is padded or cut; if not given, those of the longest text of a batch.
    side : {"left", "right"}
        Where the padding goes.
    cut : {"left", "right"}
        What is cut off.
    masked : bool
        Whether the network is told which steps are padding. If not, it reads the padding as a word like any other.

    Raises
    ------
    TypeError
        If `corpus` is not a corpus, or a setting not of its kind.
    ValueError
        If a setting is out of range.

    Examples
    --------
    >>> corpus = Corpus(("good", "so bad", "dull"), [1, 0, 0], {"train": [0, 1], "validation": [2], "test": [2]})
    Traceback (most recent call last):
    ValueError: a text is in one split, once; got one that is in two splits, or twice in one
    >>> corpus = Corpus(("good", "so bad", "dull"), [1, 0, 0], {"train": [0], "validation": [1], "test": [2]})
    >>> task = Reviews(corpus, n=100, T=3)
    >>> batch = task.batch("validation")
    >>> batch.x.T.tolist(), batch.real.T.tolist(), batch.y.tolist(), task.input_size
    ([[1, 1, 0]], [[True, True, False]], [[0.0]], 3)
    """

    corpus: Corpus
    n: int = 1000
    T: int | None = None
    side: str = "right"
    cut: str = "right"
    masked: bool = True
    _rows: dict = field(default_factory=dict, init=False, repr=False)

    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "logistic"
    steps: ClassVar[str] = "last"

    def __post_init__(self):
        check_corpus(self.corpus)
        check_count("n", self.n)
        if self.T is not None:
            check_count("T", self.T)
        check_option("side", self.side, SIDES)
        check_option("cut", self.cut, SIDES)
        if not isinstance(self.masked, bool):
            raise TypeError(f"masked is True or False; got {self.masked!r}")

    @cached_property
    def vocabulary(self):
        """The words that have tokens of their own."""
        return Vocabulary.of(self.corpus.part("train")[0], self.n)

    @property
    def input_size(self):
        """Tokens V: the words, unknown, and padding."""
        return len(self.vocabulary)

    @property
    def baseline(self):
        """Cross-entropy of knowing how many training reviews are good, in nats."""
        good = self.corpus.part("train")[1].mean()
        return float(-sum(p * np.log(p) for p in (good, 1 - good) if p > 0))

    @property
    def chance(self):
        """Accuracy of always giving the more frequent label of the training split, on the test split."""
        often = self.corpus.part("train")[1].mean() > 0.5
        return float((self.corpus.part("test")[1] == often).mean())

    def encode(self, texts):
        """Texts as a batch without labels to learn from: the reader's own sentences.

        Parameters
        ----------
        texts : list of str
            N texts.

        Returns
        -------
        x : ndarray of int
            Tokens (T, N).
        real : ndarray of bool or None
            (T, N), False where a step is padding; None where the network is not told.
        """
        return self._side_by_side([self.vocabulary.encode(text) for text in check_texts(texts)])

    def batch(self, split, most=None):
        """A split as one batch.

        Parameters
        ----------
        split : {"train", "validation", "test"}
            Which.
        most : int, optional
            Its first texts alone, at most so many.

        Returns
        -------
        Batch
            Tokens x (T, N), labels y (N, 1) as 0.0 and 1.0, and which steps are real.
        """
        if most is not None:
            check_count("most", most)
        return self._batch(split, np.arange(len(self._tokens(split)))[:most])

    def make_batch(self, rng, N):
        """Draw N training reviews, with replacement.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Reviews.

        Returns
        -------
        Batch
            Tokens x (T, N), labels y (N, 1) as 0.0 and 1.0, and which steps are real.
        """
        check_draw(rng, N)
        return self._batch("train", rng.integers(len(self._tokens("train")), size=N))

    def batches(self, rng, N):
        """Endless batches: all training reviews in a drawn order, then all again in another; no batch spans two rounds.

        Parameters
        ----------
        rng : numpy.random.Generator
            Draws the orders.
        N : int
            Reviews a batch; the last batch of a round has what is left.

        Yields
        ------
        Batch
            As `make_batch` gives it.
        """
        check_draw(rng, N)
        while True:
            order = rng.permutation(len(self._tokens("train")))
            for start in range(0, len(order), N):
                yield self._batch("train", order[start : start + N])

    def _tokens(self, split):
        """The rows of tokens of a split, encoded once."""
        texts, _ = self.corpus.part(split)
        if split not in self._rows:
            self._rows[split] = [self.vocabulary.encode(text) for text in texts]
        return self._rows[split]

    def _batch(self, split, chosen):
        rows, (_, labels) = self._tokens(split), self.corpus.part(split)
        x, real = self._side_by_side([rows[k] for k in chosen])
        return Batch(x, labels[chosen, None].astype(np.float64), real=real)

    def _side_by_side(self, rows):
        x, real = pad(rows, self.T, self.side, self.cut)
        return x, real if self.masked else None
