"""Networks drawn by code, in the book's letters: boxes hold vectors, arrows are matrices.

An arrow's colour says which matrix it is, and so does its label: the same colour at every step is the same array.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from matplotlib.transforms import Affine2D, ScaledTranslation

from rnnbook.nn.checks import check_count
from rnnbook.view.boxes import NAMES, ROWS, Size, draw_arrow, draw_box, draw_label
from rnnbook.view.style import COLORS, figure, look

LONGEST = 12  # steps that fit one picture; of more, the first and the last are drawn
FIRST, LAST = 7, 2  # how many then
LARGEST = 9999  # with more digits a step's number is wider than a box


class Unrolled(NamedTuple):
    """What `draw_unrolled` put on the axes.

    Attributes
    ----------
    boxes : dict of str to list of (PathCollection, Text)
        By "x", "h", "y", "L": a box and what stands in it for every step drawn; under "h_0" the initial state.
    arrows : dict of str to list of FancyArrowPatch
        By "W_xh", "W_hh", "W_hy", and under "" those of the losses; one a step drawn, and one "W_hh" into the dots.
    labels : dict of str to list of Text
        The matrices' names beside the arrows.
    """

    boxes: dict
    arrows: dict
    labels: dict


def draw_unrolled(ax, T, *, outputs=True, losses=False, labels=True, size=None):
    """The unrolled network: for every step an input, a state, and the three matrices, the same at every step.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw: step t stands at t, rows at 0 (x), 1 (h), 2 (y) and 3 (L).
    T : int
        Steps. Of more than 12 the first 7 are drawn, dots at 8, and the last 2 at 9 and 10.
    outputs, losses : bool
        Whether every step has an output y_t, and a loss L_t above it.
    labels : bool
        Whether the matrices' names stand beside the arrows.
    size : Size, optional
        Of boxes and letters.

    Returns
    -------
    Unrolled
        The artists.

    Raises
    ------
    ValueError
        If T is below 1, or there are losses without outputs.

    Examples
    --------
    >>> fig, ax = figure()
    >>> drawn = draw_unrolled(ax, T=4)
    >>> {name: len(arrows) for name, arrows in drawn.arrows.items()}
    {'W_xh': 4, 'W_hh': 4, 'W_hy': 4}
    """
    check_count("T", T)
    if losses and not outputs:
        raise ValueError("losses stand on outputs: draw them together, or leave the losses out")
    size = size or Size()
    kinds = ["x", "h", *(["y"] if outputs else []), *(["L"] if losses else [])]
    ways = {"W_xh": ("x", "h")} | ({"W_hy": ("h", "y")} if outputs else {}) | ({"": ("y", "L")} if losses else {})
    boxes, arrows, names = {"h_0": [draw_box(ax, 0, "h_0", "$h_0$", size)]}, {"W_xh": [], "W_hh": []}, {}
    for column, step in enumerate(_columns(T), start=1):
        drawn = {"W_hh": ((column - 1, 1), (column, 1))}
        if step:
            drawn |= {name: ((column, ROWS[a]), (column, ROWS[b])) for name, (a, b) in ways.items()}
            for kind in kinds:
                boxes.setdefault(kind, []).append(draw_box(ax, column, kind, f"${kind}_{{{step}}}$", size))
        else:
            with look():
                ax.text(column, 1, "⋯", ha="center", va="center", fontsize=1.6 * size.letters)
        for name, (start, end) in drawn.items():
            arrows.setdefault(name, []).append(draw_arrow(ax, start, end, name, size))
            if labels and name:
                names.setdefault(name, []).append(draw_label(ax, start, end, name, size))
    ax.set_axis_off()
    return Unrolled(boxes, arrows, names)


def _columns(T):
    """The steps from left to right; None stands for those that are left out."""
    return [*range(1, T + 1)] if T <= LONGEST else [*range(1, FIRST + 1), None, *range(T - LAST + 1, T + 1)]


def unrolled(T, *, losses=True, folded=True):
    """A picture of the network: at the left folded, with its loop; then unrolled over T steps.

    Parameters
    ----------
    T : int
        Steps, from 1 to 9,999. Of more than 12 the first 7 and the last 2 are drawn.
    losses : bool
        Whether every output has a loss L_t on top.
    folded : bool
        Whether the folded network stands at the left.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows, counted from what was drawn.

    Raises
    ------
    ValueError
        If T is below 1 or above 9,999.

    Examples
    --------
    >>> unrolled(3)[1].split(":")[0]
    'The folded network, a state with a loop, and the same network unrolled over 3 steps'
    """
    check_count("T", T)
    if T > LARGEST:
        raise ValueError(f"T is at most {LARGEST:,}, or its number is wider than a box; got {T:,}")
    height = 3.9 if losses else 3.0
    fig, ax = figure(width=11.5, height=height)
    fig.set_layout_engine("none")
    ax.set_position((0, 0, 1, 1))
    left = -2.3 if folded else -0.5
    wide = len(_columns(T))
    spare = max(0.0, 9 - (wide + 0.5 - left)) / 2  # so that few steps stand side by side, in the middle
    left, right = left - spare, wide + 0.55 + spare
    size = Size().scaled(min(1, (72 * 11.5 / (right - left) - 28) / 36))
    ax.set(xlim=(left, right), ylim=(-0.85 if folded else -0.5, 3.45 if losses else 2.45))
    drawn = draw_unrolled(ax, T, losses=losses, size=size)
    if folded:
        _draw_folded(ax, -1.4, losses, size)
        with look():
            for x, word in ((-1.4, "folded"), ((1 + wide) / 2, "unrolled")):
                ax.text(x, -0.68, word, ha="center", va="center", fontsize=12, color=COLORS["baseline"])
    return fig, _told(T, drawn, folded)


def _told(T, drawn, folded):
    """What the picture of the unrolled network shows, counted."""
    names = [name for name in drawn.arrows if name]
    steps, arrows = len(drawn.boxes["h"]), sum(len(drawn.arrows[name]) for name in names)
    start = "The folded network, a state with a loop, and the same" if folded else "The"
    start += f" network unrolled over {T:,} step{'s' if T > 1 else ''}"
    if steps < T:
        return (
            f"{start}, {steps} of them drawn: {', '.join(names)} serve at every step, and stay {len(names)} matrices."
        )
    times = f"{T} time{'s' if T > 1 else ''}"
    return (
        f"{start}: {', '.join(names)} are drawn {times} each, {arrows} arrows in all, and stay {len(names)} matrices."
    )


def _draw_folded(ax, x, losses, size):
    """One column whose state feeds itself."""
    kinds = ["x", "h", "y", *(["L"] if losses else [])]
    for kind in kinds:
        draw_box(ax, x, kind, f"${kind}_t$", size)
    for (a, b), name in zip(pairwise(kinds), ("W_xh", "W_hy", ""), strict=False):
        draw_arrow(ax, (x, ROWS[a]), (x, ROWS[b]), name, size)
        if name:
            draw_label(ax, (x, ROWS[a]), (x, ROWS[b]), name, size)
    points = Affine2D().scale(1 / 72) + ax.figure.dpi_scale_trans + ScaledTranslation(x, 1, ax.transData)
    side, up = -size.box / 2, size.box / 3.2  # the loop leaves and enters the box at its left side
    bend = {"connectionstyle": "arc3,rad=-2.6", "shrinkA": 1, "shrinkB": 1, "transform": points}
    draw_arrow(ax, (side, -up), (side, up), "W_hh", size, **bend)
    with look():
        ax.text(side - 2, up + 4, "$W_{hh}$", ha="right", va="bottom", transform=points,
                fontsize=size.matrix, color=NAMES["W_hh"])  # fmt: skip


def branch():
    """A picture of the branch node: forward one state goes two ways, backward two gradients come and add.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    Examples
    --------
    >>> branch()[1].split(";")[0]
    'Forward: h_t goes up to y_t and right to h_{t+1}, the same numbers both ways'
    """
    fig, axes = figure(ncols=2, width=10, height=3.3)
    size = Size(40, 14, 13)
    for ax, back in zip(axes, (False, True), strict=True):
        ax.set(xlim=(-0.25, 2.5), ylim=(0.6, 2.3))
        ax.set_axis_off()
        for step, kind, text in ((0.4, "h", "$h_t$"), (0.4, "y", "$y_t$"), (1.9, "h", "$h_{t+1}$")):
            draw_box(ax, step, kind, text, size)
        ways = {"W_hy": ((0.4, 1), (0.4, 2)), "W_hh": ((0.4, 1), (1.9, 1))}
        for name, (start, end) in ways.items():
            if back:
                draw_arrow(ax, end, start, name, size, linestyle=(0, (3, 1.5)))
            else:
                draw_arrow(ax, start, end, name, size)
                draw_label(ax, start, end, name, size)
        with look():
            ax.set_title("Back: two gradients arrive and add" if back else "Forward: one state goes two ways")
            if back:
                ax.text(0.47, 1.5, "from above", va="center", color=NAMES["W_hy"])
                ax.text(1.15, 1.06, "from the right", ha="center", va="bottom", color=NAMES["W_hh"])
                ax.text(-0.05, 0.68, "$dL/dh_t$ = from above + from the right", va="center", fontsize=13)
    return fig, (
        "Forward: h_t goes up to y_t and right to h_{t+1}, the same numbers both ways; backward: a gradient comes down "
        "from y_t and another from h_{t+1}, and dL/dh_t is their sum."
    )
