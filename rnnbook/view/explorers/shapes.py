"""Shapes: which arrays of a network grow with the sequence, and which do not, to one scale."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.path import Path

from rnnbook.lab.reading import array_shapes
from rnnbook.nn.cells import CELLS
from rnnbook.view.boxes import FILLS, WEIGHTS
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, INK, figure, look
from rnnbook.view.touch import Handle

WIDTH, TIGHT = 11.5, 3.8  # inches of the figure where there is room, and below which words become fewer
LONGEST, BLOCKS = {"T": 12, "N": 4, "D": 8, "H": 10}, 4  # ends of the sliders, and blocks of the LSTM
KEPT, LEARNED = ("x", "h", "c", "gates"), ("W_xh", "W_hh", "b_h", "b_hn")
FILL = {"x": FILLS["x"], "h": FILLS["h"], "c": FILLS["h"], "gates": "#E9E9E9"}
FILL |= {"W_xh": (WEIGHTS["W_xh"], 0.35), "W_hh": (WEIGHTS["W_hh"], 0.35)}
FILL |= dict.fromkeys(("b_h", "b_hn"), (COLORS["muted"], 0.3))
LETTERS = "T steps, N sequences, D features, H units, G gates (RNN: 1)"
SHOWN = {"W_xh": "Wₓₕ", "W_hh": "Wₕₕ", "b_h": "bₕ", "b_hn": "bₕₙ"}


class ShapesPicture(NamedTuple):
    """What the explorer shows."""

    cell: str
    table: list  # of ArrayShape
    gates: int

    def array(self, name):
        """One array; None if the cell has none of that name."""
        return next((array for array in self.table if array.name == name), None)

    def shape(self, name):
        """The shape of one array."""
        return self.array(name).shape

    @property
    def learned(self):
        """How many numbers are learned."""
        return sum(array.numbers for array in self.table if array.kind == "learned")

    @property
    def kept(self):
        """How many numbers are kept, at all steps together."""
        return sum(array.numbers for array in self.table if array.name in KEPT)


class Plan(NamedTuple):
    """Where the front sheets of stacks and the weights stand on a page: inches, from the top left corner."""

    unit: float  # the side of one number
    ahead: tuple  # from one step's sheet to the next: right, up
    places: dict  # of the lower left corners, by array
    heads: dict  # of the two headings
    height: float  # of the whole
    letters: float


class Shapes(Explorer):
    """Every array of a network to one scale: what is kept for each step as a stack, what is learned beside it.

    Look for what grows and what does not: drag the end of the stack of x, or play *Steps T*. A step more puts a sheet
    more on every stack; the weights depend on D, H and the cell, and on neither T nor N. A number has the same size
    wherever it stands and whatever the sliders say.

    Parameters
    ----------
    **values
        Where the controls start: T, cell ("RNN", "LSTM", "GRU"), H, N, D.

    Examples
    --------
    >>> explorer = Shapes(cell="LSTM", D=4, H=8)
    >>> explorer.arrays.shape("W_hh"), explorer.arrays.learned
    ((8, 32), 416)
    """

    question = "Which arrays grow when the sequence gets longer, and which do not?"
    reflows = True
    in_sight = ("T", "cell", "H")
    played = "T"

    def make_controls(self):
        """The controls by name."""
        return {
            "T": slider("Steps T", 8, 1, LONGEST["T"], 1),
            "cell": choice("Cell", list(CELLS)),
            "H": slider("Hidden units H", 8, 1, LONGEST["H"], 1),
            "N": slider("Sequences N", 2, 1, LONGEST["N"], 1),
            "D": slider("Features D", 4, 1, LONGEST["D"], 1),
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
        fig, ax = figure(width=WIDTH, height=1)
        width = fig.get_size_inches()[0]
        self._plan = plan = _plan(width)
        fig.set_size_inches(width, plan.height)
        fig.set_layout_engine("none")
        with look():
            ax.set_position([0, 0, 1, 1])
            ax.set(xlim=(0, width), ylim=(plan.height, 0))
            ax.set_axis_off()
            self._stacks, self._weights = (
                ax.add_collection(PathCollection([], edgecolor="black", linewidth=1), autolim=False) for _ in range(2)
            )
            style = {"fontsize": plan.letters, "va": "top"}
            self._labels = {name: ax.text(x, y + 0.05, "", **style) for name, (x, y) in plan.places.items()}
            letters = LETTERS if width >= WIDTH else LETTERS.replace(", H", ",\nH")
            ax.text(0.1, 0.08, letters, color=INK["muted"], **style)
            style = {"fontsize": plan.letters + (width >= WIDTH), "va": "baseline", "weight": "bold"}
            self._heads = {name: ax.text(*place, "", **style) for name, place in plan.heads.items()}
        return fig, [self._stacks, self._weights, *self._labels.values(), *self._heads.values()]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        G, T, tight = arrays.gates, arrays.shape("x")[0], self.fig.get_size_inches()[0] < TIGHT
        there = {name: array for name in (*KEPT, *LEARNED) if (array := arrays.array(name))}
        for names, boxes in ((KEPT, self._stacks), (LEARNED, self._weights)):
            shown = [name for name in names if name in there]
            boxes.set_paths([self._box(there[name], G) for name in shown])
            boxes.set_facecolor([FILL[name] for name in shown])
        for name, label in self._labels.items():
            label.set_visible(name in there)
            if name in there:
                array = there[name]
                product = " × ".join(map(str, array.shape))
                size = f"{product} = {array.numbers:,}" if len(array.shape) > 1 else product
                called = "pre-activation" if (name, G) == ("gates", 1) else SHOWN.get(name, name)
                label.set_text(f"{called}{'' if tight else f' {array.axes}'}: {size}")
        steps, unit = (str(T), "") if tight else (f"{T} step{'' if T == 1 else 's'}", " numbers")
        self._heads["kept"].set_text(f"Grows with T: {steps} × {arrays.kept // T:,} = {arrays.kept:,}{unit}")
        self._heads["learned"].set_text(f"Same at any T: {arrays.learned:,}{unit}")

    def _box(self, array, G):
        """The outline of one array: a stack of sheets, or blocks side by side."""
        plan, (x, y) = self._plan, self._plan.places[array.name]
        if array.name in KEPT:
            T, (N, inner) = array.shape[-3], array.shape[-2:]
            blocks = G if array.name == "gates" else 1
            return _stack(x, y, blocks, inner * plan.unit, N * plan.unit, T, *plan.ahead)
        rows, (*_, columns) = array.shape[0] if len(array.shape) > 1 else 1, array.shape
        blocks = 1 if array.name == "b_hn" else G
        return _stack(x, y, blocks, columns // blocks * plan.unit, rows * plan.unit, 1, *plan.ahead)

    def touch(self):
        """The end of the stack of x is dragged."""
        plan, ax = self._plan, self.fig.axes[0]
        (x, y), (right, up) = plan.places["x"], plan.ahead

        def at():
            T, N, D = self.arrays.shape("x")
            return x + D * plan.unit + (T - 1) * right, y - N * plan.unit - (T - 1) * up

        return {
            "handles": [
                Handle(
                    name="end of the sequence",
                    ax=ax,
                    at=at,
                    drag=lambda to, _: self.slide(T=1 + (to - x - self.arrays.shape("x")[2] * plan.unit) / right),
                    step=lambda right, up: self.step(T=right + up),
                    said=lambda: f"{self.arrays.shape('x')[0]} steps",
                )
            ]
        }

    def reading(self, arrays):
        """What the picture says."""
        T, each = arrays.shape("x")[0], arrays.kept // arrays.shape("x")[0]
        names = "x, h, c" if arrays.array("c") else "x, h"
        names += " and the gates" if arrays.gates > 1 else " and the pre-activation"
        blocks = f", {arrays.gates} blocks side by side" if arrays.gates > 1 else ""
        return (
            f"{arrays.cell}: {names} grow with T, {T} × {each:,} = {arrays.kept:,} numbers. "
            f"The weights do not grow with T or N: {arrays.learned:,} numbers, at H = {arrays.shape('h')[-1]}. W_hh is "
            f"{arrays.shape('W_hh')}{blocks}."
        )


def _plan(width):
    """Room for the largest arrays: in two columns where there is room, else below one another."""
    wide = width >= WIDTH
    margin, between, words = 0.1, 0.5, 0.32 if wide else 0.26
    ahead = (0.32, 0.025) if wide else (0.036 * width, 0.022)
    deep = [(LONGEST["T"] - 1) * step for step in ahead]
    most = BLOCKS * LONGEST["H"]
    unit = (width - 2 * margin - between - deep[0]) / (2 * most) if wide else (width - 2 * margin - deep[0]) / most
    sheet = LONGEST["N"] * unit + deep[1]
    rows = dict.fromkeys(("x", "h", "gates", "c"), sheet)  # c last: only an LSTM has it
    weights = {"W_xh": LONGEST["D"] * unit, "W_hh": LONGEST["H"] * unit, "b_h": unit, "b_hn": unit}
    if wide:
        rows["x"] = weights["W_xh"] = max(rows["x"], weights["W_xh"])
        rows["h"] = weights["W_hh"] = max(rows["h"], weights["W_hh"])
    places, heads, first = {}, {}, 0.35 if wide else 0.4  # below what the letters mean
    y = first
    for head, column in (("kept", rows), ("learned", weights)):
        x = margin + (most * unit + deep[0] + between if wide and head == "learned" else 0)
        y = (first if wide else y) + 0.3
        heads[head] = (x, y)
        y += 0.1
        for name, tall in column.items():
            y += tall
            places[name] = (x, y)
            y += words
    y = max(y, places["c"][1] + words)
    return Plan(unit, ahead, places, heads, y, 13 if wide else 10)


def _stack(x, y, blocks, width, height, T, right, up):
    """A front sheet of blocks side by side, and of each sheet behind it the part that is seen."""
    k = np.arange(blocks)[:, None]
    left, top = x + k * width, 0 * k + y - height
    front = _outlines([left, left + width, left + width, left], [top, top, 0 * k + y, 0 * k + y])
    k = np.arange(1, T)[:, None]
    left, end, top, low = x + k * right, x + blocks * width + k * right, y - height - k * up, y - k * up
    cut = np.maximum(end - right, left)  # where the sheet before it ends, if it reaches as far as this one's left edge
    under = top + up if right < blocks * width else low
    behind = _outlines([left, end, end, cut, cut, left], [top, top, low, low, under, under])
    return Path.make_compound_path(*front, *behind)


def _outlines(xs, ys):
    """Closed outlines, one for each row of corners."""
    corners = np.stack([np.hstack(xs), np.hstack(ys)], axis=-1)
    return [Path(np.concatenate([one, one[:1]]), closed=True) for one in corners]
