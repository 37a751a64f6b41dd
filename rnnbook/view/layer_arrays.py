"""The arrays of one GRU layer in the book, in PyTorch and in Keras: the same blocks, in another order or turned."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle

from rnnbook.nn import GRU, init_params, to_keras, to_torch
from rnnbook.view.gates import canvas
from rnnbook.view.style import COLORS, look

D, H = 3, 4
BLOCKS = "rzn"  # in the book's order
POINTS = 14  # of a cell, which is one number
COLUMN = 7.0  # cells from one of PyTorch's arrays to the next
LETTERS = {D: "D", H: "H", 3 * H: "3H"}  # of the length of an axis; others stand as numbers


class Placed(NamedTuple):
    """One block of an array as it is drawn."""

    array: str
    name: str  # r, z or n, or 0 where all its numbers are
    place: tuple  # left, bottom, width, height, in cells


def same_layer():
    """One GRU layer as the book, PyTorch and Keras hold it.

    Returns
    -------
    book, pytorch, keras : dict of str to ndarray
        The arrays by their names, in each one's order.

    Examples
    --------
    >>> book, pytorch, keras = same_layer()
    >>> book["W_xh"].shape, pytorch["weight_ih_l0"].shape, keras["kernel"].shape
    ((3, 12), (12, 3), (3, 12))
    """
    rng = np.random.default_rng(10)
    book = init_params(GRU(), D, H, rng) | {"b_h": rng.normal(size=3 * H), "b_hn": rng.normal(size=H)}
    keras = dict(zip(("kernel", "recurrent_kernel", "bias"), to_keras(GRU(), book), strict=True))
    return book, to_torch(GRU(), book), keras


def blocks_of(array, book):
    """Which blocks of the book an array is made of, along its longest axis; found by their numbers.

    Parameters
    ----------
    array : ndarray
        One of the arrays of `same_layer`, or a row of one.
    book : dict of str to ndarray
        The book's arrays.

    Returns
    -------
    list of str
        For each block "r", "z" or "n", or "0" if all its numbers are.

    Raises
    ------
    ValueError
        If a block is none of the book's.

    Examples
    --------
    >>> book, pytorch, keras = same_layer()
    >>> blocks_of(pytorch["weight_ih_l0"], book), blocks_of(keras["kernel"], book)
    (['r', 'z', 'n'], ['z', 'r', 'n'])
    """
    known = {name: [] for name in BLOCKS}
    for key in ("W_xh", "W_hh", "b_h"):
        for name, block in zip(BLOCKS, np.split(book[key], 3, axis=-1), strict=True):
            known[name] += [block, block.T]
    known["n"].append(book["b_hn"])
    axis = int(np.argmax(array.shape))
    names = []
    for block in np.split(array, array.shape[axis] // H, axis):
        found = [name for name in BLOCKS if any(np.array_equal(block, one) for one in known[name])]
        if block.any() and not found:
            raise ValueError(f"an array of {array.shape} is not made of the book's blocks")
        names.append(found[0] if block.any() else "0")
    return names


def same_layer_three_ways(theme="light"):
    """Draw the arrays of one GRU layer in the book, in Keras and in PyTorch (chapter 10).

    Parameters
    ----------
    theme : {"light", "dark"}
        For print, or for the projector.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    Raises
    ------
    ValueError
        If there is no such theme.

    Examples
    --------
    >>> same_layer_three_ways()[1].split(":")[0]
    'The arrays of one GRU layer, D = 3 and H = 4, three ways'
    """
    book, pytorch, keras = same_layer()
    high, wide = 37.7, 6.0 * 72 / POINTS
    fig, ax, colours = canvas(6.0, high * POINTS / 72, (0, wide), (-high, 0), theme)
    draw_arrays(ax, "the book", book, book, (1.2, -1.1), colours)
    draw_arrays(ax, "Keras", keras, book, (17.4, -1.1), colours)
    draw_arrays(ax, "PyTorch", pytorch, book, (1.2, -19.7), colours)
    with look():
        _frame(ax, (1.2, 0.5 - high), 1, 1, colours)
        words = "weights into the first unit of z; Keras' h is n"
        ax.text(2.7, 1 - high, words, va="center", fontsize=11, color=colours.ink)
    arrays = book | pytorch | keras
    size = {name: " x ".join(map(str, array.shape)) for name, array in arrays.items()}
    order = {name: ", ".join(blocks_of(arrays[name], book)) for name in ("W_xh", "weight_ih_l0", "kernel")}
    return fig, (
        f"The arrays of one GRU layer, D = {D} and H = {H}, three ways: the book has W_xh ({size['W_xh']}) and W_hh "
        f"({size['W_hh']}) with the blocks {order['W_xh']} side by side, b_h ({size['b_h']}) in the same order, and "
        f"b_hn ({size['b_hn']}). Keras has kernel ({size['kernel']}) and recurrent_kernel "
        f"({size['recurrent_kernel']}) with the blocks {order['kernel'].replace('n', 'h')} side by side, and bias "
        f"({size['bias']}); its h is n. PyTorch has weight_ih ({size['weight_ih_l0']}) and weight_hh "
        f"({size['weight_hh_l0']}), the book's transposed, with the blocks {order['weight_ih_l0']} downward, and two "
        f"biases ({size['bias_ih_l0']}). The second bias is zero but for n, whose part the book has as b_hn. The "
        "weights into the first unit of z are a column in the book and in Keras, and a row in PyTorch."
    )


def draw_arrays(ax, title, arrays, book, corner, colours):
    """Draw the arrays of one of the three, each block a rectangle to scale.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; a number is one unit wide and high.
    title : str
        Whose they are: "PyTorch" stand side by side, others below one another.
    arrays : dict of str to ndarray
        The arrays.
    book : dict of str to ndarray
        The book's, by which blocks are known.
    corner : tuple of float
        Left edge and middle of the title.
    colours : Theme
        Of the picture.

    Returns
    -------
    list of Placed
        The blocks.

    Examples
    --------
    >>> fig, ax, colours = canvas(6, 7, (0, 31), (-36, 0))
    >>> book, pytorch, keras = same_layer()
    >>> {block.name for block in draw_arrays(ax, "Keras", keras, book, (0, 0), colours)} == set("rzn0")
    True
    """
    (left, top), placed = corner, []
    with look():
        ax.text(left, top, title, va="center", fontsize=13, weight="bold", color=colours.ink)
        top -= 1.65
        for name, array in arrays.items():
            _name_array(ax, left, top, name, array.shape, colours, below=title == "PyTorch")
            upper = top - (1.95 if title == "PyTorch" else 0.75)
            for row in array if name == "bias" else [array]:
                for k, block in enumerate(blocks_of(row, book)):
                    high = len(row) if row.ndim == 2 else 1
                    if title == "PyTorch":
                        place = (left, upper - (k + 1) * H, row.shape[1] if row.ndim == 2 else 1, H)
                    else:
                        place = (left + k * H, upper - high, H, high)
                    label = "h" if block == "n" and title == "Keras" else block
                    _draw_block(ax, block, label, place, colours)
                    if block == "z" and row.ndim == 2:
                        _frame_unit(ax, place, title == "PyTorch", colours)
                    placed.append(Placed(name, block, place))
                upper -= high
            left, top = (left + COLUMN, top) if title == "PyTorch" else (left, upper - 1.15)
    return placed


def _name_array(ax, left, middle, name, shape, colours, below):
    """An array's name and shape, on one line or on two."""
    family = {"family": "monospace", "va": "center", "fontsize": 10.5}
    ax.text(left, middle, name, color=colours.ink, **family)
    written = f"({', '.join(LETTERS.get(n, str(n)) for n in shape)}{',' * (len(shape) == 1)})"
    width = 0 if below else 0.46 * (len(name) + 1)
    ax.text(left + width, middle - 1.15 * below, written, color=colours.ink, **family)


def _draw_block(ax, block, label, place, colours):
    """One block with its letter, and a line at every number."""
    left, bottom, width, height = place
    fill = {"r": colours.gate, "z": colours.carry, "n": colours.candidate, "0": colours.fill}[block]
    ax.add_patch(
        Rectangle((left, bottom), width, height, facecolor=fill, edgecolor=colours.ink, linewidth=1.0, zorder=2)
    )
    thin = {"color": colours.paper if block != "0" else colours.faint, "linewidth": 0.5, "alpha": 0.6, "zorder": 3}
    for x in range(1, width):
        ax.plot([left + x] * 2, [bottom, bottom + height], **thin)
    for y in range(1, height):
        ax.plot([left, left + width], [bottom + y] * 2, **thin)
    ax.text(left + width / 2, bottom + height / 2, label, ha="center", va="center", fontsize=12, zorder=5,
            weight="bold", color=colours.ink if block == "0" else colours.paper)  # fmt: skip


def _frame_unit(ax, place, along, colours):
    """A frame around the weights into the first unit of a block: a column of it, or the row along its upper edge."""
    left, bottom, width, height = place
    if along:
        _frame(ax, (left, bottom + height - 1), width, 1, colours)
    else:
        _frame(ax, (left, bottom), 1, height, colours)


def _frame(ax, corner, width, height, colours):
    """A frame around what is followed from array to array, with a rim that parts it from any fill."""
    for colour, thick in ((colours.paper, 5.5), (COLORS["mark"], 3)):
        ax.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=thick, zorder=4))
