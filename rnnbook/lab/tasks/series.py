"""Numbers one after the other: say the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnnbook.lab.tasks.base import Task, check_draw
from rnnbook.nn import Batch
from rnnbook.nn.checks import as_floats, check_count, check_finite, check_number, check_rng

# Monthly totals of international airline passengers in thousands, January 1949 to December 1960, a row a year.
AIRLINE = """
112 118 132 129 121 135 148 148 136 119 104 118
115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166
171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201
204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278
284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336
340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405
417 391 419 461 472 535 622 606 508 461 390 432
"""


def airline():
    """Twelve years of airline passengers, month by month: a trend, and a season of 12 months.

    Returns
    -------
    ndarray
        (144,), in thousands, from January 1949 to December 1960.

    References
    ----------
    Box & Jenkins (1970), "Time series analysis: forecasting and control", series G.

    Examples
    --------
    >>> passengers = airline()
    >>> passengers.shape, passengers[[0, -1]].tolist()
    ((144,), [112.0, 432.0])
    """
    return np.array(AIRLINE.split(), np.float64)


@dataclass(frozen=True)
class Sine(Task):
    """The next value of a sine wave, which starts at a random phase.

    One value does not say whether the wave rises or falls. With the value before it, it does:
    ``next = 2 cos(omega) now - before``. The first step, at which nobody has seen a second value, is masked.

    Parameters
    ----------
    T : int
        Steps, at least 2.
    omega : float
        Phase that passes from step to step, above 0 and below pi.

    Raises
    ------
    TypeError
        If a setting is not a number of its kind.
    ValueError
        If it is out of range.

    Examples
    --------
    >>> batch = Sine(T=20).make_batch(np.random.default_rng(0), N=3)
    >>> batch.x.shape, bool((batch.y[:-1] == batch.x[1:]).all()), round(Sine(T=20).baseline, 4)
    ((20, 3, 1), True, 0.0306)
    """

    T: int
    omega: float = 0.25

    input_size: ClassVar[int] = 1
    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "squared"
    steps: ClassVar[str] = "every"

    def __post_init__(self):
        check_count("T", self.T, least=2)
        check_number("omega", self.omega, above=True, below=np.pi)

    @property
    def baseline(self):
        """Least mean squared error from one value alone: sin(omega)**2 / 2.

        The next value is now * cos(omega) plus or minus cos(phase) * sin(omega), each sign as likely as the other.
        """
        return float(np.sin(self.omega) ** 2 / 2)

    def make_batch(self, rng, N):
        """Draw N waves.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Waves.

        Returns
        -------
        Batch
            x and y (T, N, 1), mask (T, N, 1), True from the second step on.
        """
        check_draw(rng, N)
        phase = rng.uniform(0, 2 * np.pi, size=(1, N, 1)) + self.omega * np.arange(self.T + 1)[:, None, None]
        wave = np.sin(phase)
        mask = np.ones((self.T, N, 1), bool)
        mask[0] = False
        return Batch(wave[:-1], wave[1:], mask)


@dataclass(frozen=True)
class TwoScales(Task):
    """The next value of a sine wave whose rate changes every `period` steps: a fast time scale and a slow one.

    The phase runs on and the rate of its growth is `slow` for `period` steps, `fast` for as many, and so on. Phase
    and moment of the first change are random. Two values and the rate give the next value; who also counts the steps
    since the last change knows the next one. The first two periods are masked, so that a change has been seen.

    Parameters
    ----------
    T : int
        Steps, above two periods.
    period : int
        Steps from change to change, at least 2.
    slow, fast : float
        Phase that passes from step to step, above 0 and below pi; the two differ.

    Raises
    ------
    TypeError
        If a setting is not a number of its kind.
    ValueError
        If it is out of range, or the two rates are equal.

    Examples
    --------
    >>> task = TwoScales(T=80)
    >>> batch = task.make_batch(np.random.default_rng(0), N=3)
    >>> batch.x.shape, int(batch.mask[:, 0, 0].argmax()), round(task.baseline, 2), round(task.countless, 3)
    ((80, 3, 1), 32, 0.31, 0.014)
    """

    T: int
    period: int = 16
    slow: float = 0.5
    fast: float = 1.2

    input_size: ClassVar[int] = 1
    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "squared"
    steps: ClassVar[str] = "every"

    def __post_init__(self):
        check_count("period", self.period, least=2)
        check_count("T", self.T, least=2 * self.period + 1)
        for name in ("slow", "fast"):
            check_number(name, getattr(self, name), above=True, below=np.pi)
        if self.slow == self.fast:
            raise ValueError(f"slow and fast are two rates; got {self.slow} twice")

    @property
    def baseline(self):
        """Least mean squared error from one value alone.

        The next value is ``now * cos(omega)`` plus or minus ``cos(phase) * sin(omega)``, each sign and each omega as
        likely as the other: half the variance of cos(omega) and half the mean of sin(omega)**2.
        """
        omega = np.array([self.slow, self.fast])
        return float((np.cos(omega).var() + (np.sin(omega) ** 2).mean()) / 2)

    @property
    def countless(self):
        """Least mean squared error from phase and rate alone, for who does not count the steps since the last change.

        A change then comes with chance p = 1 / period at every step. The two next values it chooses from differ by
        1 - cos(fast - slow) in the mean square, and its best guess is off by p (1 - p) of this.
        """
        p = 1 / self.period
        return float(p * (1 - p) * (1 - np.cos(self.fast - self.slow)))

    def make_batch(self, rng, N):
        """Draw N waves.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Waves.

        Returns
        -------
        Batch
            x and y (T, N, 1), mask (T, N, 1), True after two periods.
        """
        check_draw(rng, N)
        step = np.arange(self.T + 1)[:, None] + rng.integers(2 * self.period, size=N)
        omega = np.where(step // self.period % 2, self.fast, self.slow)
        wave = np.sin(rng.uniform(0, 2 * np.pi, size=N) + omega.cumsum(axis=0))[:, :, None]
        mask = np.ones((self.T, N, 1), bool)
        mask[: 2 * self.period] = False
        return Batch(wave[:-1], wave[1:], mask)


@dataclass(frozen=True, eq=False)
class Series(Task):
    """The next value of one given series; every batch is the whole of it.

    Parameters
    ----------
    values : array_like
        The series (T + 1,), at least two numbers.
    skip : int
        How many predictions at the start do not count, below T.

    Raises
    ------
    TypeError
        If `values` are not floating point numbers, or `skip` is not a whole number.
    ValueError
        If there are too few of them, or one is NaN or infinite.

    Examples
    --------
    >>> batch = Series(np.array([1.0, 2.0, 4.0]), skip=1).make_batch()
    >>> batch.x[:, 0, 0].tolist(), batch.y[:, 0, 0].tolist(), batch.mask[:, 0, 0].tolist()
    ([1.0, 2.0], [2.0, 4.0], [False, True])
    """

    values: np.ndarray
    skip: int = 0

    input_size: ClassVar[int] = 1
    output_size: ClassVar[int] = 1
    loss: ClassVar[str] = "squared"
    steps: ClassVar[str] = "every"

    def __post_init__(self):
        values = as_floats("values", self.values)
        check_count("skip", self.skip, least=0)
        if values.ndim != 1 or len(values) < self.skip + 2:
            raise ValueError(f"values are one series, of at least {self.skip + 2} numbers; got shape {values.shape}")
        check_finite("values", values)
        object.__setattr__(self, "values", values)

    @property
    def baseline(self):
        """Least mean squared error from the current value alone; 0 where no value comes twice."""
        now, then = self.values[self.skip : -1], self.values[self.skip + 1 :]
        _, group = np.unique(now, return_inverse=True)
        means = np.bincount(group, then) / np.bincount(group)
        return float(np.mean((then - means[group]) ** 2))

    def make_batch(self, rng=None, N=1):
        """The series, as a batch of one.

        Parameters
        ----------
        rng : numpy.random.Generator, optional
            Not used: there is nothing to draw.
        N : int
            1, and nothing else.

        Returns
        -------
        Batch
            x and y (T, 1, 1), mask (T, 1, 1), True from prediction `skip` on.

        Raises
        ------
        ValueError
            If N is not 1.
        """
        check_rng(rng, optional=True)
        check_count("N", N)
        if N != 1:
            raise ValueError(f"there is one series, so N is 1; got {N}")
        column = self.values[:, None, None]
        mask = np.ones((len(column) - 1, 1, 1), bool)
        mask[: self.skip] = False
        return Batch(column[:-1], column[1:], mask)
