"""Tasks made of noise, in which only memory helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnnbook.lab.tasks.base import Task, check_draw
from rnnbook.nn import Batch
from rnnbook.nn.checks import check_count, check_option

RULES = {"both": np.logical_and, "differ": np.logical_xor}  # of Between, on the bits before and after


@dataclass(frozen=True)
class Adding(Task):
    """The adding problem: sum the two numbers that are marked.

    Each step shows a number from U(0, 1) and a mark, 1 at one step of each half and 0 elsewhere; the target
    is the sum of the two marked numbers, read at the last step. A network that always answers 1, the mean of
    the sum, has a mean squared error of 2/12 = 0.1667, the variance of the sum.

    Parameters
    ----------
    T : int
        Steps, at least 2.

    Raises
    ------
    TypeError
        If `T` is not a whole number.
    ValueError
        If it is below 2.

    References
    ----------
    Hochreiter & Schmidhuber (1997), Neural Computation 9(8), section 5.4; in the form with numbers from 0 to
    1 and one mark in each half, Le, Jaitly & Hinton (2015), arXiv:1504.00941, section 4.1.

    Examples
    --------
    >>> batch = Adding(T=10).make_batch(np.random.default_rng(0), N=4)
    >>> batch.x.shape, batch.y.shape, round(Adding(T=10).baseline, 4)
    ((10, 4, 2), (4, 1), 0.1667)
    """

    T: int

    input_size: ClassVar[int] = 2
    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "squared"
    steps: ClassVar[str] = "last"
    baseline: ClassVar[float] = 2 / 12

    def __post_init__(self):
        check_count("T", self.T, least=2)

    def make_batch(self, rng, N):
        """Draw N sequences.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Sequences.

        Returns
        -------
        Batch
            x (T, N, 2), y (N, 1).
        """
        check_draw(rng, N)
        numbers, marks = rng.uniform(size=(self.T, N)), np.zeros((self.T, N))
        first, second = rng.integers(self.T // 2, size=N), rng.integers(self.T // 2, self.T, size=N)
        marks[first, np.arange(N)] = marks[second, np.arange(N)] = 1
        return Batch(np.stack([numbers, marks], axis=-1), (numbers * marks).sum(axis=0)[:, None])


@dataclass(frozen=True)
class Recall(Task):
    """Recall the first token: L tokens go by, then name the first one.

    All tokens are drawn uniformly; all but the first are noise. Who has forgotten the first is right once in
    `tokens` times, with a loss of ln(tokens) nats.

    Parameters
    ----------
    L : int
        Length of the sequence; the first token is L - 1 steps back when it is asked for.
    tokens : int
        How many different tokens there are.

    Raises
    ------
    TypeError
        If a setting is not a whole number.
    ValueError
        If `L` is below 1 or `tokens` below 2.

    References
    ----------
    The latching problem of Bengio, Simard & Frasconi (1994), IEEE Trans. Neural Networks 5(2), section II,
    with tokens for numbers.

    Examples
    --------
    >>> batch = Recall(L=20).make_batch(np.random.default_rng(0), N=3)
    >>> batch.x.shape, bool((batch.y == batch.x[0]).all()), Recall(L=20).chance
    ((20, 3), True, 0.25)
    """

    L: int
    tokens: int = 4

    loss: ClassVar[str] = "softmax"
    steps: ClassVar[str] = "last"

    def __post_init__(self):
        check_count("L", self.L)
        check_count("tokens", self.tokens, least=2)

    @property
    def input_size(self):
        """Features D: one a token."""
        return self.tokens

    @property
    def output_size(self):
        """Classes: one a token."""
        return self.tokens

    @property
    def baseline(self):
        """Cross-entropy of guessing, ln(tokens) nats; for L = 1 the token is still in sight, and it is 0."""
        return float(np.log(self.tokens)) if self.L > 1 else 0.0

    @property
    def chance(self):
        """Accuracy of guessing."""
        return 1 / self.tokens

    def make_batch(self, rng, N):
        """Draw N sequences.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Sequences.

        Returns
        -------
        Batch
            Tokens x (L, N), classes y (N,).
        """
        check_draw(rng, N)
        x = rng.integers(self.tokens, size=(self.L, N))
        return Batch(x, x[0].copy())


@dataclass(frozen=True)
class Echo(Task):
    """Echo at a lag: say at every step which bit came in `lag` steps ago.

    The input is a random bit, shown as -1 or +1. Steps before the first answer are masked. Who remembers
    nothing is right half of the time, with a loss of ln 2 nats.

    Parameters
    ----------
    lag : int
        How far back, at least 1.
    T : int
        Steps, above `lag`.

    Raises
    ------
    TypeError
        If a setting is not a whole number.
    ValueError
        If `lag` is below 1, or `T` not above it.

    References
    ----------
    Jaeger (2001), "Short term memory in echo state networks", GMD report 152, section 2: recall of an input k
    steps ago.

    Examples
    --------
    >>> batch = Echo(lag=2, T=6).make_batch(np.random.default_rng(0), N=3)
    >>> bool((batch.y[2:] == (batch.x[:-2] > 0)).all()), batch.mask[:, 0, 0].tolist()
    (True, [False, False, True, True, True, True])
    """

    lag: int
    T: int

    input_size: ClassVar[int] = 1
    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "logistic"
    steps: ClassVar[str] = "every"
    baseline: ClassVar[float] = float(np.log(2))
    chance: ClassVar[float] = 0.5

    def __post_init__(self):
        check_count("lag", self.lag)
        check_count("T", self.T, least=self.lag + 1)

    def make_batch(self, rng, N):
        """Draw N sequences.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Sequences.

        Returns
        -------
        Batch
            x (T, N, 1) of -1 and +1, y (T, N, 1) of 0 and 1, mask (T, N, 1), True from step `lag` on.
        """
        check_draw(rng, N)
        bits = rng.integers(2, size=(self.T, N, 1))
        y, mask = np.zeros((self.T, N, 1)), np.zeros((self.T, N, 1), bool)
        y[self.lag :], mask[self.lag :] = bits[: -self.lag], True
        return Batch(2.0 * bits - 1, y, mask)


@dataclass(frozen=True)
class Between(Task):
    """Label each step by the bit before it and the bit after it, which has not been read yet.

    The input is a random bit, shown as -1 or +1. The label is whether both neighbours are 1, or whether they differ.
    The first and the last step, which have one neighbour, are masked.

    Parameters
    ----------
    T : int
        Steps, at least 3.
    rule : {"both", "differ"}
        The logical "and" of the two neighbours, or "exclusive or".

    Raises
    ------
    TypeError
        If `T` is not a whole number.
    ValueError
        If it is below 3, or there is no such rule.

    Examples
    --------
    >>> batch = Between(T=5).make_batch(np.random.default_rng(0), N=3)
    >>> before, after = batch.x[:-2] > 0, batch.x[2:] > 0
    >>> bool((batch.y[1:-1] == (before & after)).all()), batch.mask[:, 0, 0].tolist()
    (True, [False, True, True, True, False])
    """

    T: int
    rule: str = "both"

    input_size: ClassVar[int] = 1
    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "logistic"
    steps: ClassVar[str] = "every"

    def __post_init__(self):
        check_count("T", self.T, least=3)
        check_option("rule", self.rule, RULES)

    @property
    def baseline(self):
        """Cross-entropy of a label from the current bit alone, which says nothing: that of 1 in 4, or of 1 in 2."""
        p = np.array([1 / 4, 3 / 4] if self.rule == "both" else [1 / 2, 1 / 2])
        return float(-(p * np.log(p)).sum())

    @property
    def one_way(self):
        """Least cross-entropy from all bits up to the current one.

        Of "both", half of the labels are known, where the bit before is 0; of "differ", none.
        """
        return float(np.log(2)) / (2 if self.rule == "both" else 1)

    def make_batch(self, rng, N):
        """Draw N sequences.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Sequences.

        Returns
        -------
        Batch
            x (T, N, 1) of -1 and +1, y (T, N, 1) of 0 and 1, mask (T, N, 1), False at both ends.
        """
        check_draw(rng, N)
        bits = rng.integers(2, size=(self.T, N, 1))
        y, mask = np.zeros((self.T, N, 1)), np.zeros((self.T, N, 1), bool)
        y[1:-1], mask[1:-1] = RULES[self.rule](bits[:-2], bits[2:]), True
        return Batch(2.0 * bits - 1, y, mask)
