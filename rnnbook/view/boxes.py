"""What networks are drawn with: boxes that hold vectors, arrows that are matrices, a matrix' name beside its arrow.

Boxes and letters have sizes in points, so they keep their form whatever the axes' limits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.patches import FancyArrowPatch

from rnnbook.view.style import COLORS, INK, look

WEIGHTS = {"W_xh": COLORS["lstm"], "W_hh": COLORS["rnn"], "W_hy": COLORS["gru"], "": COLORS["theory"]}
NAMES = {"W_xh": INK["lstm"], "W_hh": INK["rnn"], "W_hy": INK["gru"]}  # of the letters beside the arrows
FILLS = {"x": "#FFFFFF", "h": "#F1E3DA", "y": "#FFFFFF", "L": "#FFFFFF", "h_0": "#FFFFFF"}
ROWS = {"x": 0, "h": 1, "h_0": 1, "y": 2, "L": 3}  # height of each kind of box, in rows


class Size(NamedTuple):
    """Sizes in points: the side of a box, the letters in it, the letters of a matrix, their distance to its arrow."""

    box: float = 36
    letters: float = 14
    matrix: float = 12.5
    gap: float = 4

    def scaled(self, factor):
        """The same, smaller or larger."""
        return Size(*(factor * size for size in self))


def draw_box(ax, step, kind, text, size, row=None):
    """A box with letters in it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    step : float
        Its column.
    kind : str
        "x", "h", "h_0", "y" or "L": the fill, and the row if none is given. The initial state, which nothing computes,
        is dashed.
    text : str
        What stands in it.
    size : Size
        Of boxes and letters.
    row : float, optional
        Its row, where there are several of a kind.

    Returns
    -------
    box : PathCollection
        The box.
    letters : Text
        What stands in it.
    """
    with look():
        edge = {"facecolor": FILLS[kind], "edgecolor": "black", "linewidth": 1.4, "zorder": 3, "clip_on": False}
        dashes = {"linestyle": (0, (3, 2))} if kind == "h_0" else {}
        marker = "o" if kind == "L" else "s"
        row = ROWS[kind] if row is None else row
        box = ax.scatter([step], [row], s=size.box**2, marker=marker, **edge, **dashes)
        letters = ax.text(step, row, text, ha="center", va="center", fontsize=size.letters, zorder=4)
    return box, letters


@look()
def draw_arrow(ax, start, end, name, size, **changes):
    """An arrow from box to box, in the colour of its matrix.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    start, end : tuple of float
        The centres of the two boxes.
    name : str
        "W_xh", "W_hh", "W_hy", or nothing.
    size : Size
        Of the boxes, at whose edges the arrow begins and ends.
    **changes
        Keywords of `FancyArrowPatch` that replace the standard ones.

    Returns
    -------
    FancyArrowPatch
        The arrow.
    """
    style = {
        "arrowstyle": "-|>,head_length=0.45,head_width=0.22",
        "mutation_scale": max(10, 0.45 * size.box),
        "linewidth": 2,
        "color": WEIGHTS[name],
        "shrinkA": size.box / 2 + 1,
        "shrinkB": size.box / 2 + 1,
        "clip_on": False,
        "zorder": 2,
    }
    return ax.add_patch(FancyArrowPatch(start, end, **style | changes))


def draw_label(ax, start, end, name, size):
    """A matrix' name beside the middle of its arrow: above one that goes right, to the right of one that goes up.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    start, end : tuple of float
        The arrow's ends.
    name : str
        "W_xh", "W_hh" or "W_hy".
    size : Size
        Of the letters, and of the gap between arrow and name.

    Returns
    -------
    Text
        The name.
    """
    middle = (np.array(start) + end) / 2
    right = start[1] == end[1]
    where = {"xytext": (0, size.gap) if right else (size.gap, 0), "textcoords": "offset points"}
    where |= {"ha": "center", "va": "bottom"} if right else {"ha": "left", "va": "center"}
    first, second = name.split("_")
    with look():
        label = f"${first}_{{{second}}}$"
        return ax.annotate(label, middle, fontsize=size.matrix, color=NAMES[name], zorder=5, **where)
