"""Words that move: written as a line's marker, they take a third of the time that a text does."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath

SIZE, APART = 11, 13  # points: of the letters, from row to row


def moving_words(ax, color, **changes):
    """An empty place for words on axes, which `write` fills.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    color : str
        Of the letters, from `rnnbook.view.style.INK`.
    **changes
        Further keywords of `Axes.plot`, as `transform`.

    Returns
    -------
    Line2D
        A moving artist.
    """
    (words,) = ax.plot([], [], linestyle="none", color=color, markeredgewidth=0, **changes)
    words.set_in_layout(False)  # Matplotlib takes a marker for a square, as high as it is wide
    return words


def write(words, said, x, y, side=1):
    r"""Write words beside a place, halfway up its sides.

    Parameters
    ----------
    words : Line2D
        From `moving_words`.
    said : str
        The words, a row or several.
    x, y : float
        The place.
    side : {1, -1}
        Right of it, or left.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> words = moving_words(figure()[1], "#000000")
    >>> write(words, "noise\n6.3", 0.5, 0.5)
    >>> words.get_xydata().tolist()
    [[0.5, 0.5]]
    """
    letters = outline(said, side)
    words.set(data=([x], [y]), marker=letters, markersize=2 * np.abs(letters.vertices).max())


@lru_cache(maxsize=256)
def outline(said, side):
    """The letters' outlines around (0, 0), in points, halfway up and on one side.

    Parameters
    ----------
    said : str
        The words, a row or several.
    side : {1, -1}
        Right of it, or left.

    Returns
    -------
    matplotlib.path.Path
        All rows.
    """
    font, rows, placed = FontProperties(family="DejaVu Sans"), said.split("\n"), []
    for k, row in enumerate(rows):
        letters = TextPath((0, 0), row, size=SIZE, prop=font)
        shift = 0 if side > 0 else -letters.vertices[:, 0].max()
        up = (len(rows) - 1) / 2 * APART - k * APART - 0.36 * SIZE  # a digit is 0.73 of the size high
        placed.append(Path(np.add(letters.vertices, (shift, up)), letters.codes))
    return Path.make_compound_path(*placed)
