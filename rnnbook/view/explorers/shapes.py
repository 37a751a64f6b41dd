"""Shapes: every array of a network as sizes change, and what is multiplied at a step, to scale."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.collections import PolyCollection

from rnnbook.lab.reading import array_shapes
from rnnbook.nn.cells import CELLS
from rnnbook.view.boxes import FILLS, WEIGHTS
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, figure, look

COLUMNS = {"array": 0.0, "axes": 0.24, "shape": 0.52, "numbers": 1.0}  # of the table, as shares of its width
TERMS = {"x": "xₜ", "h": "+ hₜ₋₁", "W_xh": "· Wₓₕ", "W_hh": "· Wₕₕ", "b_h": "+ bₕ"}
WIDTH, HEIGHT = 6.4, 3.9  # of the picture at the right, in inches
LEFT, GAP, TOP = 0.3, 0.8, 0.34  # room at the left, between factors, above each row
LARGEST, SHEET = 0.2, 0.035  # inches: the side of one number at most, and from one time step's sheet to the next
TITLE = 0.95  # inches that a title takes
MANY = 3  # sheets drawn behind the first; more would hide its neighbours


class ShapesPicture(NamedTuple):
    """What the explorer shows."""

    cell: str
    table: list  # of ArrayShape
    gates: int

    def shape(self, name):
        """The shape of one array."""
        return next(array.shape for array in self.table if array.name == name)

    @property
    def learned(self):
        """How many numbers are learned."""
        return sum(array.numbers for array in self.table if array.kind == "learned")


class Shapes(Explorer):
    """The shape of every array, and the products of one step drawn to scale.

    Look for what grows and what does not: the numbers that are learned depend on D, H and the cell, and on
    neither T nor N. In the picture the columns of the left factor are the rows of the right one, and all terms are
    as wide as the gates' blocks together, G times H.

    Parameters
    ----------
    **values
        Where the controls start: cell ("RNN", "LSTM", "GRU"), T, N, D, H.

    Examples
    --------
    >>> explorer = Shapes(cell="LSTM", D=4, H=8)
    >>> explorer.arrays.shape("W_hh"), explorer.arrays.learned
    ((8, 32), 416)
    """

    question = "Which arrays grow when the sequence gets longer, and which never do?"

    def make_controls(self):
        """The controls by name."""
        return {
            "cell": choice("Cell", list(CELLS)),
            "T": slider("Steps T", 5, 1, 12, 1),
            "N": slider("Sequences N", 2, 1, 8, 1),
            "D": slider("Features D", 4, 1, 16, 1),
            "H": slider("Hidden units H", 8, 1, 16, 1),
        }

    @staticmethod
    def compute(cell, T, N, D, H):
        """Run the network once and read the shapes off its arrays.

        Parameters
        ----------
        cell : str
            "RNN", "LSTM" or "GRU".
        T, N, D, H : int
            Steps, sequences, features, hidden units.

        Returns
        -------
        ShapesPicture
            What to show.
        """
        return ShapesPicture(cell, array_shapes(CELLS[cell], T, N, D, H), CELLS[cell].gates)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=4.0, width_ratios=[4.6, WIDTH])
        for ax in (left, right):
            ax.set_axis_off()
        left.set(xlim=(0, 1), ylim=(0, 1))
        right.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="equal", anchor="W")
        with look():
            style = {"va": "top", "fontsize": 11, "linespacing": 1.5, "family": "DejaVu Sans Mono"}
            self._columns = {}
            for name, x in COLUMNS.items():
                style["ha"] = "right" if name == "numbers" else "left"
                left.text(x, 0.965, name, weight="bold", **style | {"va": "baseline"})
                self._columns[name] = left.text(x, 0.925, "", **style)
            self._boxes, self._titles = _draw_boxes(right)
        return fig, [*self._columns.values(), *self._boxes.values(), *self._titles.values()]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        rows = [(array.name, array.axes, str(array.shape), f"{array.numbers:,}") for array in arrays.table]
        for text, column in zip(self._columns.values(), zip(*rows, strict=True), strict=True):
            text.set_text("\n".join(column))
        for name, (boxes, title, x, y, align) in _layout(arrays).items():
            self._boxes[name].set_verts(boxes)
            self._titles[name].set_text(title)
            self._titles[name].set_position((x, y))
            self._titles[name].set_ha(align)

    def reading(self, arrays):
        """What the picture says."""
        T, N, H = arrays.shape("h")
        D, width = arrays.shape("W_xh")
        blocks = f" in {arrays.gates} blocks" if arrays.gates > 1 else ""
        return (
            f"{arrays.cell}: {arrays.learned:,} numbers are learned{blocks}, whatever T and N; each step multiplies "
            f"({N}, {D}) by ({D}, {width}) and ({N}, {H}) by ({H}, {width}); h is ({T}, {N}, {H}), and the gates on "
            f"the tape are {arrays.shape('gates')}."
        )


def _draw_boxes(ax):
    """Empty boxes for the factors, the bias and the sum, and a title for each."""
    fills = {"x": FILLS["x"], "W_xh": (WEIGHTS["W_xh"], 0.35), "h": FILLS["h"], "W_hh": (WEIGHTS["W_hh"], 0.35)}
    fills |= {"b_h": (COLORS["muted"], 0.3), "a": "#FFFFFF"}
    boxes, titles = {}, {}
    for name, fill in fills.items():
        boxes[name] = PolyCollection([], facecolor=fill, edgecolor="black", linewidth=1, zorder=3)
        ax.add_collection(boxes[name], autolim=False)
        titles[name] = ax.text(0, 0, "", va="bottom", fontsize=11.5, zorder=4)
    return boxes, titles


def _layout(arrays):
    """For each box its rectangles, its title and the title's place: in inches, from the top left."""
    (T, N, D), (_, width), H, G = arrays.shape("x"), arrays.shape("W_xh"), arrays.shape("h")[-1], arrays.gates
    behind = SHEET * min(T - 1, MANY)
    heights = {"x": max(N, D), "h": max(N, H), "b_h": 1, "a": N}
    wide = WIDTH - LEFT - GAP - max(behind, TITLE - LARGEST) - 0.1
    tall = HEIGHT - len(heights) * (TOP + 0.08) - 2 * behind
    unit = min(LARGEST, wide / (max(D, H) + width), tall / sum(heights.values()))
    right, y, found = LEFT + max(TITLE, behind + max(D, H) * unit) + GAP, 0.0, {}
    for name, rows in heights.items():
        y += TOP + (behind if name in "xh" else 0)
        inner = {"x": D, "h": H}.get(name)
        blocks = [_rectangle(right + g * H * unit, y, H * unit, (inner or rows) * unit) for g in range(G)]
        if inner:
            x = right - GAP - inner * unit
            sheets = [
                _rectangle(x - k, y - k, inner * unit, N * unit) for k in np.linspace(behind, 0, min(T, MANY + 1))
            ]
            found[name] = sheets, f"{TERMS[name]}  {N} × {inner}", right - GAP, y - 0.05 - behind, "right"
            name, size = f"W_{name}h", f"{inner} × {width}"
        else:
            size = str(width) if name == "b_h" else f"{N} × {width}"
        title = f"{TERMS.get(name, '= into the gates' if G > 1 else '= into tanh')}  {size}"
        found[name] = blocks, title, right, y - 0.05, "left"
        y += rows * unit + 0.08
    return found


def _rectangle(x, y, width, height):
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
