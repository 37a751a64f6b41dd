"""A one-hot row times a table picks a row of it: with one table, and with two, as an embedding has them."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from rnnbook.view.boxes import NAMES
from rnnbook.view.style import COLORS, DIVERGING, INK, figure, look

V, EMBEDDED, H, PICKED = 6, 2, 4, 3  # sizes of the tables, and the row that is picked
GAP = 0.9  # cells between two tables


def tables():
    """A word's one-hot row, and the tables that it is multiplied by.

    Returns
    -------
    x, E, W : ndarray
        (1, V), (V, d) and (d, H); the table of the plain product is ``E @ W``.

    Examples
    --------
    >>> x, E, W = tables()
    >>> bool(np.allclose((x @ E) @ W, (E @ W)[3]))
    True
    """
    rng = np.random.default_rng(5)
    E, W = rng.uniform(-1, 1, (V, EMBEDDED)), rng.uniform(-1, 1, (EMBEDDED, H))
    return np.eye(V)[[PICKED]], E, W


def one_hot_product():
    """Draw a one-hot row times a table, and times two tables, as an embedding has them (chapter 09).

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    Examples
    --------
    >>> one_hot_product()[1].split(":")[0]
    'A one-hot row of 6 numbers, its 1 at place 3 from 0'
    """
    x, E, W = tables()
    fig, ax = figure(width=6.0, height=5.65)
    fig.set_layout_engine("none")
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(-0.5, 19.5), ylim=(-17.8, 1.03))
    ax.set_aspect("equal")
    draw_product(ax, 0, [(x, "one-hot"), (E @ W, "$W_{xh}$"), (x @ (E @ W), "")])
    draw_product(ax, -9.3, [(x, "one-hot"), (E, "$E$"), (W, "$W_{xh}$"), (x @ E @ W, "")])
    with look():
        for y, words in (
            (0.5, f"one-hot words: {V} x {H} = {V * H} numbers"),
            (-8.8, f"an embedding: {V} x {EMBEDDED} + {EMBEDDED} x {H} = {V * EMBEDDED + EMBEDDED * H} numbers"),
        ):
            ax.text(-0.3, y, words, va="center", fontsize=13)
    ax.set_axis_off()
    return fig, (
        f"A one-hot row of {V} numbers, its 1 at place {PICKED} from 0: times W_xh ({V} x {H}) it is row {PICKED} of "
        f"W_xh, and no sum is needed. Times E ({V} x {EMBEDDED}) it is row {PICKED} of E, and W_xh ({EMBEDDED} x {H}) "
        f"makes the same {H} numbers of it: E W_xh is a table of {V} x {H} too, of rank {EMBEDDED} at most, with "
        f"{V * EMBEDDED + EMBEDDED * H} numbers to learn in place of {V * H}."
    )


def draw_product(ax, top, factors):
    """A product written out as tables, one cell a number, with the rows that take part framed.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; a cell is one unit wide.
    top : float
        Height of the upper edge of the line of tables, below which their names stand.
    factors : list of (ndarray, str)
        Tables with their names, the product last.

    Returns
    -------
    list of tuple
        Places of the tables: left, right, bottom, top.

    Examples
    --------
    >>> x, E, W = tables()
    >>> places = draw_product(figure()[1], 0, [(x, "x"), (E @ W, "W"), (x @ E @ W, "")])
    >>> [right - left for left, right, _, _ in places]
    [6.0, 4.0, 4.0]
    """
    left, places = 0.0, []
    middle = top - 1.4 - V / 2
    for k, (table, name) in enumerate(factors):
        if k:
            sign = "=" if k == len(factors) - 1 else "·"
            with look():
                ax.text(left + GAP / 2, middle, sign, ha="center", va="center", fontsize=15)
            left += GAP
        rows, columns = table.shape
        places.append((left, left + columns, middle - rows / 2, middle + rows / 2))
        _draw_table(ax, table, places[-1], name, digits=k == 0)
        left += columns
    return places


@look()
def _draw_table(ax, table, place, name, digits):
    """One table: colours for numbers, digits for the one-hot row; its name above, its shape below."""
    left, right, bottom, top = place
    rows, columns = table.shape
    if digits:
        for column, number in enumerate(table[0]):
            ink = INK["mark"] if number else INK["muted"]
            ax.text(left + column + 0.5, (bottom + top) / 2, f"{number:.0f}", ha="center", va="center", fontsize=12,
                    color=ink, weight="bold" if number else "normal")  # fmt: skip
    else:
        ax.imshow(table, cmap=DIVERGING, vmin=-1, vmax=1, extent=place, interpolation="none", zorder=1)
    for line in range(rows + 1):
        ax.plot([left, right], [bottom + line] * 2, color=COLORS["muted"], linewidth=0.8, zorder=2)
    for line in range(columns + 1):
        ax.plot([left + line] * 2, [bottom, top], color=COLORS["muted"], linewidth=0.8, zorder=2)
    frame = (left + PICKED, bottom, 1, 1) if digits else (left, top - PICKED - 1, columns, 1) if rows == V else None
    frame = (left, bottom, columns, 1) if rows == 1 and not digits else frame
    if frame:
        ax.add_patch(
            Rectangle(frame[:2], *frame[2:], fill=False, edgecolor=COLORS["mark"], linewidth=3, zorder=4, clip_on=False)
        )
    centre = (left + right) / 2
    ax.text(centre, top + 0.55, name, ha="center", va="center", fontsize=13,
            color=NAMES["W_xh"] if "W" in name else "black")  # fmt: skip
    ax.text(centre, bottom - 0.6, f"{rows} x {columns}", ha="center", va="center", fontsize=11, color=INK["muted"])
