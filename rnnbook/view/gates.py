"""What gated cells are drawn with: gates, operations and wires; light for print, dark for the projector.

Places are in units of the axes, sizes in points, so letters and boxes keep their form whatever the picture's size.
"""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.patches import FancyArrowPatch

from rnnbook.nn.checks import check_option
from rnnbook.view.style import INK, figure, look


class Theme(NamedTuple):
    """The colours of a cell's picture: paper, ink, what is not spoken of, and one for each kind of part."""

    paper: str
    ink: str
    faint: str
    fill: str
    carry: str  # the state that is kept
    gate: str  # what decides
    candidate: str  # what is proposed
    state: str  # h


THEMES = {
    "light": Theme("#FFFFFF", "#000000", "#B8B8B8", "#FFFFFF", INK["lstm"], INK["rnn"], INK["gru"], INK["theory"]),
    "dark": Theme("#14181F", "#F2F2F2", "#5B6270", "#232A35", "#56B4E9", "#E69F00", "#46EB9C", "#F2F2F2"),
}
SAYS = {  # what each gate does, by cell and letter
    "LSTM": {"f": "keep", "i": "write", "g": "what", "o": "show"},
    "GRU": {"z": "keep", "r": "let n see", "n": "what"},
}
SIDE, ROUND = 33, 21  # of a gate's box and of an operation's circle, in points


def canvas(width, height, xlim, ylim, theme="light"):
    """An empty picture of one theme, without a frame.

    Parameters
    ----------
    width, height : float
        In inches.
    xlim, ylim : tuple of float
        What the axes span.
    theme : {"light", "dark"}
        For print, or for the projector.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    ax : matplotlib.axes.Axes
        Where to draw.
    colours : Theme
        Of this theme.

    Raises
    ------
    ValueError
        If there is no such theme.

    Examples
    --------
    >>> canvas(4, 3, (0, 1), (0, 1), theme="dark")[2].paper
    '#14181F'
    """
    check_option("theme", theme, THEMES)
    colours = THEMES[theme]
    fig, ax = figure(width=width, height=height)
    fig.set_layout_engine("none")
    fig.set_facecolor(colours.paper)
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=xlim, ylim=ylim)
    ax.set_axis_off()
    return fig, ax, colours


def draw_block(ax, place, letters, colour, theme):
    """A box with letters in it: a gate or a candidate.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    place : tuple of float
        Its centre.
    letters : str
        What stands in it.
    colour : str
        Of its edge and letters.
    theme : Theme
        The colours.

    Returns
    -------
    box : PathCollection
        The box.
    text : Text
        Its letters.
    """
    with look():
        edge = {"facecolor": theme.fill, "edgecolor": colour, "linewidth": 2, "clip_on": False, "zorder": 3}
        box = ax.scatter(*zip(place, strict=True), s=SIDE**2, marker="s", **edge)
        text = ax.text(*place, letters, ha="center", va="center", fontsize=16, color=colour, zorder=4)
    return box, text


def draw_operation(ax, place, sign, colour, theme):
    """A circle with a sign in it: a product or a sum, entry by entry, or tanh.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    place : tuple of float
        Its centre.
    sign : str
        What stands in it.
    colour : str
        Of its edge and sign.
    theme : Theme
        The colours.

    Returns
    -------
    circle : PathCollection
        The circle.
    text : Text
        Its sign.
    """
    size, letters = (ROUND, 15) if len(sign) < 4 or sign.startswith("$") else (36, 11)
    with look():
        edge = {"facecolor": theme.fill, "edgecolor": colour, "linewidth": 1.8, "clip_on": False, "zorder": 3}
        circle = ax.scatter(*zip(place, strict=True), s=size**2, marker="o", **edge)
        text = ax.text(*place, sign, ha="center", va="center", fontsize=letters, color=colour, zorder=4)
    return circle, text


@look()
def draw_wire(ax, places, colour, width=1.8, gap=0.0):
    """A wire with corners, and a head at its end.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    places : list of tuple of float
        Its start, corners and end.
    colour : str
        Its colour.
    width : float
        In points.
    gap : float
        How far from the last place it ends, in points: half the size of what stands there.

    Returns
    -------
    FancyArrowPatch
        The last piece, with the head.
    """
    *corners, last, end = places
    if corners:
        xs, ys = zip(*corners, last, strict=True)
        ax.plot(xs, ys, color=colour, linewidth=width, solid_capstyle="round", solid_joinstyle="round", zorder=1)
    style = {"arrowstyle": "-|>,head_length=0.45,head_width=0.22", "mutation_scale": 15, "linewidth": width}
    style |= {"color": colour, "shrinkA": 0, "shrinkB": gap, "clip_on": False, "zorder": 1}
    return ax.add_patch(FancyArrowPatch(last, end, **style))


def draw_name(ax, place, letters, colour, size=15, **where):
    """The name of a wire.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    place : tuple of float
        Its centre, unless `where` says otherwise.
    letters : str
        The name.
    colour : str
        Its colour.
    size : float
        Of the letters, in points.
    **where
        Keywords of `Axes.text`.

    Returns
    -------
    Text
        The name.
    """
    with look():
        where = {"ha": "center", "va": "center", "zorder": 5} | where
        return ax.text(*place, letters, fontsize=size, color=colour, **where)
