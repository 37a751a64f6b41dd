"""Truncated training: the blocks of a sequence in order, the laps of a text."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.tasks import Text
from rnnbook.nn import Batch
from rnnbook.nn.checks import as_array, check_count
from rnnbook.nn.model import check_batch


def blocks(batch, k):
    """Cut the sequences of a batch into blocks of k steps, in order.

    Parameters
    ----------
    batch : Batch
        With a target at every step.
    k : int
        Steps a block; the last block has what is left. What is padding in every sequence at the end is left out.

    Yields
    ------
    Batch
        Views of k steps each, with their part of the padding. `carry` is True from the second block on, so that
        `Training` starts each block from the state in which the block before it ended, and refuses a model that reads
        from both ends. Each block's loss is the mean over its own steps, however few of them are real.

    Raises
    ------
    TypeError
        If `batch` is not a batch, or `k` not a whole number.
    ValueError
        If k is below 1, or the targets are not one a step.

    Examples
    --------
    >>> whole = Batch(np.zeros((1000, 1, 1)), np.zeros((1000, 1, 1)))
    >>> cut = list(blocks(whole, 50))
    >>> len(cut), cut[0].x.shape, cut[0].carry, cut[1].carry
    (20, (50, 1, 1), False, True)
    """
    check_batch(batch)
    check_count("k", k)
    x, y = as_array("x", batch.x), as_array("y", batch.y)
    if not x.ndim or not y.ndim:
        raise ValueError(f"x and y begin with the axes T and N; got {x.shape} and {y.shape}")
    if len(batch.y) != len(batch.x):
        raise ValueError(f"y has a target for each of the {len(batch.x)} steps of x; got {len(batch.y)}")
    real, end = batch.real_steps(), len(batch.x)
    if real is not None and real.any():
        end = 1 + int(np.flatnonzero(real.any(axis=1))[-1])
    for first in range(0, end, k):
        part = slice(first, min(first + k, end))
        mask, padded = (array if array is None else array[part] for array in (batch.mask, real))
        yield Batch(batch.x[part], batch.y[part], mask, carry=first > 0, real=padded)


def laps(task, N, k):
    """Endless blocks of a text that is read in a circle by N streams, each from its own place.

    A lap is one whole turn of every stream: the state is carried through its blocks, and starts anew with the
    next lap. So every character is predicted N times a lap, with up to a whole text before it.

    Parameters
    ----------
    task : Text
        The text.
    N : int
        Streams; stream n begins ``n * len(text) // N`` characters in.
    k : int
        Steps a block; the last block of a lap has what is left.

    Yields
    ------
    Batch
        Tokens x and the tokens that follow them, y, (k, N); `carry` is False where a lap begins.

    Raises
    ------
    ValueError
        If N or k is below 1, or above the length of the text.

    Examples
    --------
    >>> from rnnbook import Text
    >>> task = Text("abcdef")
    >>> first, second = (next(batches) for batches in [laps(task, N=2, k=3)] for _ in "ab")
    >>> [task.decode(stream) for stream in first.x.T], [task.decode(stream) for stream in second.x.T], second.carry
    (['abc', 'def'], ['def', 'abc'], True)
    """
    if not isinstance(task, Text):
        raise TypeError(f"task is a Text; got {task!r}")
    length = len(task.tokens)
    for name, given in (("N", N), ("k", k)):
        check_count(name, given)
        if given > length:
            raise ValueError(f"{name} is at most {length} for a text of {length} characters; got {given}")
    starts = np.arange(N) * length // N
    while True:
        for first in range(0, length, k):
            steps = np.arange(first, min(first + k, length) + 1)[:, None]
            window = task.tokens[(starts + steps) % length]
            yield Batch(window[:-1], window[1:], carry=first > 0)
