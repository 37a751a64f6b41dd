"""Spelling a few words, letter by letter."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.tasks.base import Task, check_draw
from rnnbook.nn import Batch


class Words(Task):
    """Predict the next letter of each of a few words, side by side; every word starts from the zero state.

    Parameters
    ----------
    words : list of str
        At least one, each of at least two letters. Shorter ones are filled up and masked.

    Attributes
    ----------
    alphabet : str
        Every letter that occurs, sorted.
    batch : Batch
        All words: tokens x (T, N), the letters that follow y (T, N), and the mask (T, N).

    Raises
    ------
    TypeError
        If `words` is not a list of strings.
    ValueError
        If there is none, or one has fewer than two letters.

    Examples
    --------
    >>> task = Words(["hello", "jell"])
    >>> task.alphabet, task.batch.x.shape, int(task.batch.mask.sum())
    ('ehjlo', (4, 2), 7)
    """

    loss = "softmax"
    steps = "every"

    def __init__(self, words):
        if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
            raise TypeError(f"words is a list of strings; got {words!r}")
        self.words = tuple(words)
        if not self.words or min(map(len, self.words)) < 2:
            raise ValueError(f"words has at least one word, each of two letters or more; got {list(words)!r}")
        self.alphabet = "".join(sorted(set("".join(words))))
        self.input_size = self.output_size = len(self.alphabet)
        longest = max(map(len, self.words))
        tokens = np.stack([np.pad(self.encode(word), (0, longest - len(word))) for word in self.words], axis=1)
        lengths = np.array([len(word) for word in self.words])
        self.batch = Batch(tokens[:-1], tokens[1:], np.arange(1, longest)[:, None] < lengths)

    def __repr__(self):
        return f"Words({list(self.words)!r})"

    def encode(self, word):
        """Letters to tokens.

        Parameters
        ----------
        word : str
            Letters of the alphabet.

        Returns
        -------
        ndarray of int
            Their places in the alphabet, (letters,).
        """
        return np.array([self.alphabet.index(letter) for letter in word], dtype=np.int64)

    @property
    def baseline(self):
        """Cross-entropy of the next letter given the current one, over all words, in nats."""
        x, y = self.batch.x[self.batch.mask], self.batch.y[self.batch.mask]
        pairs = np.zeros((len(self.alphabet), len(self.alphabet)))
        np.add.at(pairs, (x, y), 1)
        share = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)
        return float(-(pairs * np.log(np.where(pairs > 0, share, 1))).sum() / pairs.sum())

    def make_batch(self, rng, N):
        """Draw N words.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Words, drawn one by one.

        Returns
        -------
        Batch
            Tokens x (T, N), the letters that follow y (T, N), mask (T, N).
        """
        check_draw(rng, N)
        chosen = rng.integers(len(self.words), size=N)
        x, y, mask, *_ = self.batch
        return Batch(x[:, chosen], y[:, chosen], mask[:, chosen])
