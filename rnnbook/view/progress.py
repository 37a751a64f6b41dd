"""A bar for a cell that trains: it moves while the cell runs, and leaves one constant line."""

from __future__ import annotations

import time

from IPython.display import display

NEWS = 0.2  # seconds between two looks of the bar
WIDTH = 30  # characters of the bar


class _Line:
    """A line of text as a cell's output."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


def follow(steps, total, label):
    """Pass on what a training yields, and show how far it is and how long it will take.

    The line that is left is the label, so that a notebook run twice stores the same.

    Parameters
    ----------
    steps : iterable
        As `Training.run` yields.
    total : int
        How many there will be.
    label : str
        What is being trained.

    Yields
    ------
    object
        Each item.

    Examples
    --------
    >>> sum(follow(range(5), 5, "five numbers"))
    five numbers
    10
    """
    line = display(_Line(label), display_id=True)  # None where nobody can see it move
    start = news = time.perf_counter()
    made = 0
    try:
        for made, item in enumerate(steps, 1):
            yield item
            now = time.perf_counter()
            if line and now - news > NEWS:
                full = WIDTH * made // total
                left = (now - start) / made * (total - made)
                line.update(_Line(f"{label}  {'█' * full}{'░' * (WIDTH - full)}  {left:.0f} s left"))
                news = now
    finally:
        if line:
            line.update(_Line(label if made == total else f"{label}: stopped after {made:,} of {total:,} steps"))
