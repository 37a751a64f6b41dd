"""Layers drawn by code: on one another, with the ways that a gradient can take; and both ways, with their last states.

The boxes and arrows are those of `rnnbook.view.diagrams`: the same colour at every step is the same matrix.
"""

from __future__ import annotations

from itertools import pairwise
from math import comb
from typing import NamedTuple

from matplotlib.patches import FancyArrowPatch

from rnnbook.nn.checks import check_count
from rnnbook.view.boxes import NAMES, WEIGHTS, Size, draw_arrow, draw_box
from rnnbook.view.style import COLORS, INK, figure, look

WIDTH = 11.5  # inches
SIZE = Size(34, 13, 12)
MOST_LAYERS, MOST_STEPS, MOST_BOTH = 4, 8, 6  # layers and steps that fit a picture, and steps of both ways
BESIDE = 0.16  # rows, or columns, from an arrow to the way back beside it
THERE, BACK = -0.2, 0.2  # columns from a step's middle to its boxes of the way there, and of the way back


class Layered(NamedTuple):
    """What was drawn.

    Attributes
    ----------
    boxes : dict of str to list
        Boxes by what they hold.
    arrows : dict of str to list
        Arrows by what they are.
    """

    boxes: dict
    arrows: dict


def draw_stacked(ax, L, T):
    """A net of L layers, unrolled, with a loss on its last step and the two ways back along its edges.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw: step t stands at t, x at row 0, layer l at row l, the loss on top.
    L, T : int
        Layers and steps.

    Returns
    -------
    Layered
        Boxes "x", "h" and "L"; arrows "W_xh" and "W_hh" and, of the two ways back, "down first" and "back first".

    Examples
    --------
    >>> drawn = draw_stacked(figure()[1], L=3, T=5)
    >>> {name: len(arrows) for name, arrows in drawn.arrows.items()}
    {'W_xh': 15, 'W_hh': 12, 'down first': 6, 'back first': 6}
    """
    boxes = {"x": [], "h": [], "L": [draw_box(ax, T, "L", f"$L_{{{T}}}$", SIZE, row=L + 1)]}
    arrows = {"W_xh": [], "W_hh": []}
    for t in range(1, T + 1):
        boxes["x"].append(draw_box(ax, t, "x", f"$x_{{{t}}}$", SIZE, row=0))
        for k in range(1, L + 1):
            boxes["h"].append(draw_box(ax, t, "h", f"$h^{{({k})}}_{{{t}}}$", SIZE, row=k))
            arrows["W_xh"].append(draw_arrow(ax, (t, k - 1), (t, k), "W_xh", SIZE))
            if t > 1:
                arrows["W_hh"].append(draw_arrow(ax, (t - 1, k), (t, k), "W_hh", SIZE))
    draw_arrow(ax, (T, L), (T, L + 1), "", SIZE)
    down, back = [(T, k) for k in range(L, 0, -1)], [(t, L) for t in range(T, 0, -1)]
    ways = {
        "down first": down + [(t, 1) for t in range(T - 1, 0, -1)],
        "back first": back + [(1, k) for k in range(L - 1, 0, -1)],
    }
    for name, way in ways.items():
        arrows[name] = [_step_back(ax, *step, name) for step in pairwise(way)]
    ax.set_axis_off()
    return Layered(boxes, arrows)


LOOKS = {"down first": ("mark", "-"), "back first": ("theory", (0, (3, 1.5)))}  # colour and dashes of a way back


@look()
def _step_back(ax, start, end, name):
    """One step of a way back, beside the arrow that it goes against: on the outer side of the net."""
    (x0, y0), (x1, y1) = start, end
    outer = 1 if name == "back first" else -1
    if y0 == y1:  # in time: above the top layer, below the first
        places = (x0, y0 + outer * BESIDE), (x1, y1 + outer * BESIDE)
    else:  # a layer down: right of the last step, left of the first
        places = (x0 - outer * 0.6 * BESIDE, y0), (x1 - outer * 0.6 * BESIDE, y1)
    colour, dashes = LOOKS[name]
    style = {"arrowstyle": "-|>,head_length=0.4,head_width=0.2", "mutation_scale": 14, "linewidth": 2.2}
    ends = {"shrinkA": SIZE.box / 2 + 1, "shrinkB": SIZE.box / 2 + 1, "clip_on": False, "zorder": 5}
    return ax.add_patch(FancyArrowPatch(*places, color=COLORS[colour], linestyle=dashes, **style, **ends))


def stacked(L=3, T=5):
    """A picture of layers on one another: the way down is L - 1 steps, the way back T - 1, in any order.

    Parameters
    ----------
    L : int
        Layers, at most 4.
    T : int
        Steps, at most 8.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows, counted.

    Raises
    ------
    ValueError
        If a number is below 2, or too large for the picture.

    Examples
    --------
    >>> stacked()[1].split(":")[0]
    'A net of 3 layers unrolled over 5 steps, its loss on the last step of the top layer'
    """
    _check("L", L, MOST_LAYERS)
    _check("T", T, MOST_STEPS)
    fig, ax = _canvas(1.05 * (L + 2) - 0.2, (-0.45, T + 1.35), (-0.45, L + 1.4))
    draw_stacked(ax, L, T)
    with look():
        for k in range(1, L + 1):
            ax.text(0.6, k, f"layer {k}", ha="right", va="center", fontsize=12)
        side = {"va": "center", "fontsize": 12}
        ax.text(T + 0.35, (L + 1) / 2, "down first,\nthen back", color=INK["mark"], **side)
        ax.text((T + 1) / 2, L + 0.42, "back first, then down", color=INK["theory"], ha="center", **side)
        ax.text(T - 0.5, 0.5, "$W_{xh}$", color=NAMES["W_xh"], ha="center", **side)
        ax.text(T - 0.5, L - 0.72, "$W_{hh}$", color=NAMES["W_hh"], ha="center", **side)
    orders = comb(T - 1 + L - 1, L - 1)
    return fig, (
        f"A net of {L} layers unrolled over {T} steps, its loss on the last step of the top layer: two ways lead back "
        f"to the first step of layer 1, one down first and then back, one back first and then down. Each has {T - 1} "
        f"steps back through W_hh and {L - 1} down through W_xh, as has every one of the {orders} orders."
    )


def draw_both(ax, T):
    """A layer that reads both ways, unrolled: the two halves of each output come from two states.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw: step t stands around t, x at row 0, the way there at row 1, the way back at row 2, y at row 3.
    T : int
        Steps.

    Returns
    -------
    Layered
        Boxes "x", "there", "back", "y there" and "y back"; arrows "there" and "back" in time, and "in" and "out".

    Examples
    --------
    >>> drawn = draw_both(figure()[1], T=5)
    >>> {name: len(arrows) for name, arrows in drawn.arrows.items()}
    {'in': 10, 'out': 10, 'there': 4, 'back': 4}
    """
    boxes = {name: [] for name in ("x", "there", "back", "y there", "y back")}
    arrows = {name: [] for name in ("in", "out", "there", "back")}
    low, high = ax.get_xlim()
    half = SIZE.box / 2 * (high - low) / (72 * WIDTH)  # of a box, in columns
    for t in range(1, T + 1):
        boxes["x"].append(draw_box(ax, t, "x", f"$x_{{{t}}}$", SIZE, row=0))
        ways = (("there", t + THERE, 1, t - half, "→"), ("back", t + BACK, 2, t + half, "←"))
        for name, place, row, out, sign in ways:
            letters = rf"$\overrightarrow{{h}}_{{{t}}}$" if sign == "→" else rf"$\overleftarrow{{h}}_{{{t}}}$"
            boxes[name].append(draw_box(ax, place, "h", letters, SIZE, row=row))
            boxes[f"y {name}"].append(draw_box(ax, out, "y", letters, SIZE, row=3))
            arrows["in"].append(draw_arrow(ax, (t, 0), (place, row), "W_xh", SIZE, linewidth=1.6))
            arrows["out"].append(draw_arrow(ax, (place, row), (out, 3), "", SIZE, linewidth=1.2))
        if t > 1:
            arrows["there"].append(draw_arrow(ax, (t - 1 + THERE, 1), (t + THERE, 1), "W_hh", SIZE))
            ends = (t + BACK, 2), (t - 1 + BACK, 2)
            arrows["back"].append(draw_arrow(ax, *ends, "", SIZE, color=WEIGHTS["W_hy"], linestyle=(0, (4, 1.2))))
    for name, step in (("there", -1), ("back", 0)):
        for kind in (name, f"y {name}"):
            boxes[kind][step][0].set(edgecolor=COLORS["mark"], linewidth=3)
    ax.set_axis_off()
    return Layered(boxes, arrows)


def both_ways(T=5):
    """A picture of a layer that reads both ways: outputs side by side, and where each way's last state stands.

    Parameters
    ----------
    T : int
        Steps, at most 6.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    Raises
    ------
    ValueError
        If T is below 2 or above 6.

    Examples
    --------
    >>> both_ways()[1].split(":")[0]
    'A layer that reads 5 steps both ways'
    """
    _check("T", T, MOST_BOTH)
    column = (72 * WIDTH - 275) / (T - 0.25)  # points, words at the sides left out
    fig, ax = _canvas(4.3, (0.65 - 110 / column, T + 0.4 + 165 / column), (-0.45, 3.75))
    draw_both(ax, T)
    with look():
        side = {"va": "center", "fontsize": 12}
        ax.text(0.55, 1, "way there", ha="right", color=NAMES["W_hh"], **side)
        ax.text(0.55, 2, "way back", ha="right", color=NAMES["W_hy"], **side)
        ax.text(0.55, 3, "outputs", ha="right", **side)
        last = {"color": INK["mark"], "ha": "left", **side}
        ax.text(T + 0.4, 1, f"last state of the\nway there: step {T},\nindex -1", **last)
        ax.text(1.2, 3.55, "last state of the way back: step 1, index 0", **(last | {"ha": "center"}))
    return fig, (
        f"A layer that reads {T} steps both ways: a state goes from step 1 to step {T}, another from step {T} to step "
        f"1, and each output is the two states of its step side by side. The last state of the way there is half of "
        f"output {T}, index -1; the last state of the way back is half of output 1, index 0."
    )


def _canvas(height, xlim, ylim):
    """Axes that fill the figure, so that columns and points can be turned into one another."""
    fig, ax = figure(width=WIDTH, height=height)
    fig.set_layout_engine("none")
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=xlim, ylim=ylim)
    return fig, ax


def _check(name, number, most):
    check_count(name, number, least=2)
    if number > most:
        raise ValueError(f"{name} is at most {most}, for the picture's sake; got {number}")
