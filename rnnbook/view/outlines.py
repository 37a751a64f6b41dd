"""Words and numbers at many places of a picture, drawn as one artist: each text alone would cost as much."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath, text_to_path

from rnnbook.view.style import INK, look

NOWHERE = Path(np.zeros((1, 2)), [Path.MOVETO])
ALIGN = {"left": 0.0, "center": 0.5, "right": 1.0}


class Outlines:
    """Words at many places of axes whose unit is the point.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        One unit of its data is one point in both directions.
    size : float
        Of the letters, in points.
    colour : str
        Their colour.

    Attributes
    ----------
    artist : PathPatch
        What moves.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> words = Outlines(figure()[1])
    >>> words.put([(10, 20, "0.50", "left"), (60, 20, "-1.00", "center")])
    >>> bool(words.artist.get_path().vertices[:, 0].min() > 9)
    True
    """

    def __init__(self, ax, size=11, colour=INK["theory"]):
        self.size = size
        with look():
            self.artist = ax.add_patch(PathPatch(NOWHERE, facecolor=colour, linewidth=0, clip_on=False, zorder=6))

    def put(self, words):
        """Show words, and no others.

        Parameters
        ----------
        words : list of tuple
            Of each x, y of the middle of its height, the text, and where x is: "left", "center" or "right".
        """
        vertices, codes = [], []
        for x, y, text, align in words:
            places, kinds, width = _outline(text, self.size)
            vertices.append(places + np.array((x - ALIGN[align] * width, y - 0.36 * self.size)))
            codes.append(kinds)
        # A hundredth of a point is not seen, and what more digits say is sent to the page.
        self.artist.set_path(Path(np.concatenate(vertices).round(2), np.concatenate(codes)) if words else NOWHERE)


@lru_cache(maxsize=512)
def _letter(letter, size):
    """A letter's outline from its left end on the baseline, and how far the next one stands from there, in points."""
    with look():
        font = FontProperties(size=size)
        # Matplotlib makes no path of a space.
        outline = TextPath((0, 0), "." if letter == " " else letter, size=size, prop=font)
        width, *_ = text_to_path.get_text_width_height_descent(letter, font, ismath=False)
    return outline.vertices, outline.codes, width


@lru_cache(maxsize=2048)
def _outline(text, size):
    """A text's outline from its left end on the baseline, letter by letter, since numbers are new at every move."""
    vertices, codes, width = [np.zeros((0, 2))], [np.zeros(0, Path.code_type)], 0.0
    for letter in text:
        places, kinds, step = _letter(letter, size)
        if letter != " ":
            vertices.append(places + np.array((width, 0.0)))
            codes.append(kinds)
        width += step
    return np.concatenate(vertices), np.concatenate(codes), width


def width_of(text, size):
    """How wide a text is.

    Parameters
    ----------
    text : str
        Without formulas.
    size : float
        Of the letters, in points.

    Returns
    -------
    float
        In points.

    Examples
    --------
    >>> round(width_of("0.50", 10))
    22
    """
    return float(_outline(text, size)[2])
