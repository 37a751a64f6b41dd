"""Which of two came first: a task that only order decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnnbook.lab.tasks.base import Task, check_draw
from rnnbook.nn import Batch
from rnnbook.nn.checks import check_count


@dataclass(frozen=True)
class Order(Task):
    """A before B: two tokens occur once each among noise; say whether A, token 0, came before B, token 1.

    Both orders are equally likely and use the same tokens, so a count of tokens says nothing: the best answer from
    the counts is right half of the time, with a loss of ln 2 nats.

    Parameters
    ----------
    T : int
        Steps, at least 2.
    noise : int
        How many different noise tokens there are, at least 1.
    first, last : int
        The range of steps, counted from 0, in which A and B occur, both ends included; the whole sequence if not
        given.

    Raises
    ------
    TypeError
        If a setting is not a whole number.
    ValueError
        If a setting is too small, or there is no room for both.

    References
    ----------
    Hochreiter & Schmidhuber (1997), Neural Computation 9(8), section 5.6, has the temporal order task for longer
    sequences, with places far apart.

    Examples
    --------
    >>> task = Order(T=8)
    >>> batch = task.make_batch(np.random.default_rng(0), N=3)
    >>> before = (batch.x == 0).argmax(axis=0) < (batch.x == 1).argmax(axis=0)
    >>> batch.x.shape, bool((batch.y[:, 0] == before).all()), task.input_size
    ((8, 3), True, 6)
    """

    T: int
    noise: int = 4
    first: int = 0
    last: int | None = None

    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "logistic"
    steps: ClassVar[str] = "last"
    chance: ClassVar[float] = 0.5

    def __post_init__(self):
        check_count("T", self.T, least=2)
        check_count("noise", self.noise)
        check_count("first", self.first, least=0)
        if self.last is not None:
            check_count("last", self.last, least=1)
        if not self.first < self._last < self.T:
            raise ValueError(
                f"A and B need two of the steps 0 to {self.T - 1}; got first {self.first}, last {self._last}"
            )

    @property
    def _last(self):
        return self.T - 1 if self.last is None else self.last

    @property
    def input_size(self):
        """Features: A, B and the noise tokens."""
        return 2 + self.noise

    @property
    def baseline(self):
        """Least cross-entropy in nats from the last token alone, which tells the order where it is A or B."""
        told = 2 / (self._last - self.first + 1) if self._last == self.T - 1 else 0.0
        return float((1 - told) * np.log(2))

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
            Tokens x (T, N); y (N, 1) is 1 where A came first and 0 elsewhere.
        """
        check_draw(rng, N)
        x = rng.integers(2, self.input_size, size=(self.T, N))
        room = self._last - self.first + 1
        a = rng.integers(room, size=N)
        b = (a + rng.integers(1, room, size=N)) % room  # any other step
        x[self.first + a, np.arange(N)] = 0
        x[self.first + b, np.arange(N)] = 1
        return Batch(x, (a < b)[:, None].astype(np.float64))
