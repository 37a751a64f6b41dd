"""Handwritten digits read as sequences: eight rows of eight pixels, or 64 pixels one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import ClassVar

import numpy as np

from rnnbook.lab.tasks.base import Task, check_draw
from rnnbook.nn import Batch
from rnnbook.nn.checks import check_option

ROWS, COLUMNS, DARKEST = 8, 8, 16  # of an image
EVERY = 5  # one image in five is kept for the test
FEATURES = {"rows": COLUMNS, "pixels": 1}


@dataclass(frozen=True)
class Digits(Task):
    """Name a handwritten digit after its last row or its last pixel.

    The 1,797 images of the "Optical Recognition of Handwritten Digits" data, 8 x 8 pixels with values from 0
    to 16, here from 0 to 1. Every fifth image, 360 of them, is kept for the test; batches are drawn from the
    other 1,437. Who has seen nothing is right once in ten times, with a loss of ln 10 nats.

    Parameters
    ----------
    read : {"rows", "pixels"}
        Eight steps of eight features, or 64 steps of one feature, row by row from the upper left.

    Raises
    ------
    ValueError
        If `read` is neither.

    References
    ----------
    Alpaydin & Kaynak (1998), "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository,
    doi:10.24432/C50P49, licence CC BY 4.0; its test part, as scikit-learn's load_digits has it.

    Examples
    --------
    >>> task = Digits("rows")
    >>> batch = task.make_batch(np.random.default_rng(0), N=4)
    >>> batch.x.shape, batch.y.shape, task.test.x.shape
    ((8, 4, 8), (4,), (8, 360, 8))
    """

    read: str = "rows"

    output_size: ClassVar[int] = 10
    loss: ClassVar[str] = "softmax"
    steps: ClassVar[str] = "last"
    baseline: ClassVar[float] = float(np.log(10))
    chance: ClassVar[float] = 0.1

    def __post_init__(self):
        check_option("read", self.read, FEATURES)

    @property
    def input_size(self):
        """Features D: 8 for rows, 1 for pixels."""
        return FEATURES[self.read]

    @property
    def length(self):
        """Steps: 8 rows or 64 pixels."""
        return ROWS * COLUMNS // self.input_size

    def make_batch(self, rng, N):
        """Draw N of the training images, with replacement.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Images.

        Returns
        -------
        Batch
            x (T, N, D) from 0 to 1, classes y (N,).
        """
        check_draw(rng, N)
        images, labels = load_digits()
        kept = np.flatnonzero(np.arange(len(labels)) % EVERY)
        return self._batch(images, labels, kept[rng.integers(len(kept), size=N)])

    @property
    def test(self):
        """The 360 images that no training batch holds."""
        images, labels = load_digits()
        return self._batch(images, labels, np.arange(0, len(labels), EVERY))

    def _batch(self, images, labels, chosen):
        x = images[chosen].reshape(len(chosen), self.length, self.input_size).swapaxes(0, 1) / DARKEST
        return Batch(np.ascontiguousarray(x), labels[chosen].astype(np.int64))


@lru_cache(maxsize=1)
def load_digits():
    """The images and what they show.

    Returns
    -------
    images : ndarray of uint8
        (1797, 8, 8), from 0, white, to 16; read-only.
    labels : ndarray of uint8
        (1797,), from 0 to 9; read-only.

    Examples
    --------
    >>> images, labels = load_digits()
    >>> print(images.shape, images.max(), labels[:5])
    (1797, 8, 8) 16 [0 1 2 3 4]
    """
    path = files("rnnbook.lab.tasks") / "data" / "digits.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        images, labels = data["images"], data["labels"]
    images.flags.writeable = labels.flags.writeable = False
    return images, labels
