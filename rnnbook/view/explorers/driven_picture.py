"""The picture of a unit that is driven by hand: the cell at one step, and beside it every row over time."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FixedFormatter, FixedLocator

from rnnbook.lab.reading import Driven
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.gate_text import GateText
from rnnbook.view.gates import draw_name
from rnnbook.view.lit_cells import HEIGHT
from rnnbook.view.outlines import width_of, written
from rnnbook.view.style import COLORS, INK, figure, line, look

T, COMES = 40, 5  # steps, and the one with the number that is to be kept
STEPS = np.arange(1, T + 1)
WIDTH, TALL, NARROW = 11.5, 4.8, 8.5  # inches: width and height, and the height where all stands below one another
LETTERS, APART = 11, 12  # points
NOTES = (  # beside one another, and on a narrow page
    {"number": "dashed: the number, {0} at step 5", "state": "dashed: goal", "gate": "◆: this step, drag to draw"},
    {"number": "to keep: ¦", "state": "dashed: goal", "gate": "◆: step t"},
)
SIDE = (18, (32, 54, 54, 104), 17)  # points: above the first row, the rows' heights, between two
STACKED = (18, (40, 58, 58, 110), 19)


class Drive(NamedTuple):
    """What the picture shows.

    Attributes
    ----------
    driven : Driven
        What the unit did.
    worth : ndarray
        What each step's writing is worth in the last state that is kept, (T,).
    t : int
        The step that is lit.
    texts : dict of str to GateText
        What is drawn of each gate.
    number : float
        The one that is to be kept.
    blind : ndarray
        The candidate that sees the signal alone, (T,).
    feedback : float
        The candidate's recurrent weight.
    """

    driven: Driven
    worth: np.ndarray
    t: int
    texts: dict[str, GateText]
    number: float
    blind: np.ndarray
    feedback: float = 0.0


class DrivenPicture(Explorer):
    """An explorer with this picture; a subclass says which gates have a row, which cell is lit, and what is shown."""

    reflows = True
    rows_of: ClassVar[dict[str, str]]  # of the gates that are drawn by hand, from the top: what each does
    candidate: ClassVar[str]
    cell: ClassVar[type]  # the one that is lit
    limits: ClassVar[tuple[tuple[float, float], ...]]  # of the states, of which the first that has room is taken
    kept: ClassVar[str]  # the state that keeps the number
    states: ClassVar[tuple[str, ...]]  # those that are shown

    def draw(self, arrays):
        """The figure, and the artists that move."""
        count = len(self.rows_of)
        fig, (paper, upper, *middle, lower) = figure(nrows=count + 3, width=WIDTH, height=TALL)
        fig.set_layout_engine("none")
        narrow = fig.get_size_inches()[0] < WIDTH
        if narrow:
            fig.set_size_inches(fig.get_size_inches()[0], NARROW)
        size = 72 * fig.get_size_inches()
        paper.set(position=(0, 0, 1, 1), xlim=(0, size[0]), ylim=(0, size[1]), zorder=5)
        paper.set_axis_off()
        boxes = self._boxes = _places(*size, narrow)
        rows = dict(zip((self.candidate, *self.rows_of, "state"), (upper, *middle, lower), strict=True))
        self._axes = rows
        with look():
            for (name, ax), (left, bottom, right, top) in zip(rows.items(), boxes, strict=True):
                ax.set_position((left / size[0], bottom / size[1], (right - left) / size[0], (top - bottom) / size[1]))
                ax.set(xlim=(0.5, T + 0.5), xticks=range(5, T + 1, 5))
                if ax is not lower:
                    ax.tick_params(labelbottom=False, length=0, axis="x")
                if name in self.rows_of:
                    ax.set(ylim=(-0.3, 1.3), yticks=(0, 1))  # a handle at 0 or 1 covers no title
                nothing = ax.axhline(0, color=COLORS["muted"], linewidth=0.8)  # the last one moves
            upper.set(ylim=(-1.15, 1.15), yticks=(-1, 1))
            lower.set_xlabel("step t", labelpad=1)
            lower.set_ylim(self.limits[0])
            self._curves = self._draw_curves(rows)
            self.lit = self.cell(paper, *_cell_place(*size, narrow))
            # A patch: for a collection of one path Matplotlib finds, at every drawing, how far each letter reaches.
            words = PathPatch(Path([(0, 0)]), facecolor=INK["theory"], linewidth=0, zorder=6, clip_on=False)
            self._words = paper.add_patch(words)
            self._goal = paper.plot([], [], **line("baseline", marker="", linewidth=1.5, zorder=4))[0]
            self._cursor = paper.plot([], [], **line("mark", linewidth=1, markersize=8, clip_on=False, zorder=5))[0]
            self._title(paper, rows)
        curves = [nothing, *self._curves.values(), self._goal, self._cursor]
        return fig, [lower.yaxis, *curves, *self.lit.artists, self._words]

    def _draw_curves(self, rows):
        steps, every = {"drawstyle": "steps-mid", "linestyle": "-"}, {"markevery": None}
        curves = self.more_curves(rows)
        curves[self.candidate] = rows[self.candidate].plot([], [], **line("gru", **steps, marker=""))[0]
        for k in self.rows_of:
            curves[k] = rows[k].plot([], [], **line("rnn", **steps, **every, marker="s", markersize=4))[0]
        return curves

    def more_curves(self, rows):
        """Draw the states, and what else a row shows.

        Parameters
        ----------
        rows : dict of str to Axes
            By the candidate's letter, those of the gates, and "state".

        Returns
        -------
        dict of str to Line2D
            By the names of `shown`.
        """
        raise NotImplementedError

    def _title(self, paper, rows):
        """Above each row its name, and at its right what to do with it."""
        notes = NOTES[int(paper.figure.get_size_inches()[0] < WIDTH)]
        for name, (left, _, right, top) in zip(rows, self._boxes, strict=True):
            x = left
            for words, colour in self.titles(name):
                draw_name(paper, (x, top + 9), words, colour, LETTERS, ha="left")
                x += width_of(words, LETTERS) + 8
            hint = notes["gate" if name in self.rows_of else "state" if name == "state" else "number"].format(name)
            draw_name(
                paper, (right, top + 9), hint, INK["mark"] if name in self.rows_of else INK["muted"], 10, ha="right"
            )

    def titles(self, name):
        """Words above a row, each with its colour.

        Parameters
        ----------
        name : str
            The row's.

        Returns
        -------
        list of tuple of str
            From the left.
        """
        return [(f"{name}  {self.rows_of[name]}", INK["rnn"])]

    def shown(self, arrays):
        """The numbers of all curves.

        Parameters
        ----------
        arrays : Drive
            From `compute`.

        Returns
        -------
        dict of str to ndarray
            By the curves' names, (T,).
        """
        raise NotImplementedError

    def values_at(self, arrays):
        """The numbers of the cell at the step that is lit, and what flows through its wires.

        Parameters
        ----------
        arrays : Drive
            From `compute`.

        Returns
        -------
        values : dict of str to float
            By the names that the cell knows.
        flows : list of float
            What flows through its wires.
        """
        raise NotImplementedError

    def move(self, arrays):
        """Put the artists where the arrays say."""
        shown, lower = self.shown(arrays), self._axes["state"]
        for name, curve in self._curves.items():
            curve.set_data(STEPS, shown[name])
        for k in self.rows_of:
            self._curves[k].set_markevery(arrays.texts[k].given)
        kept = shown[self.kept]
        low, top = next(((a, b) for a, b in self.limits if a <= kept.min() and kept.max() <= b), self.limits[-1])
        if lower.get_ylim() != (low, top):
            lower.set_ylim(low, top)
        ticks = [float(int(low)), 0.0, float(int(top))]
        lower.yaxis.set_major_locator(FixedLocator(ticks))
        lower.yaxis.set_major_formatter(FixedFormatter([f"{tick:.0f}" for tick in ticks]))
        values, flows = self.values_at(arrays)
        self.lit.light(values, flows)
        right = self._boxes[-1][2]
        ends = self._ends(shown)
        words = self.lit.words(values)
        words += [(name, right + 9, y, "left") for name, y in ends]
        words.append((f"step {arrays.t}", self.lit.left, self.lit.bottom + 4, "left"))
        self._words.set_path(written(words, LETTERS))
        self._point(arrays, shown)

    def _point(self, arrays, shown):
        """Put the cursor at the lit step, with a diamond in every row, and the lines of the number to keep."""
        k, x = arrays.t - 1, self._x(arrays.t)
        path, marked = [], []
        for name, (_, low, _, high) in zip(self._axes, self._boxes, strict=True):
            height = self._y(name, shown[self.kept if name == "state" else name][k])
            path += [(x, low), (x, height), (x, high), (np.nan, np.nan)]
            marked += [False, True, False, False]
        self._cursor.set_data(*np.transpose(path))
        self._cursor.set_markevery(marked)
        goal, come = self._y("state", arrays.number), self._x(COMES)
        _, low, _, high = self._boxes[0]
        self._goal.set_data(
            *np.transpose([(come, low), (come, high), (np.nan, np.nan), (come, goal), (self._x(T), goal)])
        )

    def _ends(self, shown):
        """Where the names of the states stand at their right ends: one above the other where they would touch."""
        places = {name: self._y("state", shown[name][-1]) for name in self.states}
        if len(places) == 1:
            return list(places.items())
        (one, a), (other, b) = places.items()
        middle, half = (a + b) / 2, max(APART, abs(a - b)) / 2 * (1 if a >= b else -1)
        low, high = self._boxes[-1][1] + APART / 2, self._boxes[-1][3] - APART / 2
        middle = min(max(middle, low + abs(half)), high - abs(half))
        return [(one, middle + half), (other, middle - half)]

    def _x(self, step):
        left, _, right, _ = self._boxes[-1]
        return left + (step - 0.5) / T * (right - left)

    def _y(self, name, value):
        _, bottom, _, top = self._boxes[[*self._axes].index(name)]
        low, high = self._axes[name].get_ylim()
        return bottom + (min(max(value, low), high) - low) / (high - low) * (top - bottom)


def _places(width, height, narrow):
    """Left, bottom, right and top of each row, in points."""
    above, highs, gap = STACKED if narrow else SIDE
    left, right = (28, width - 20) if narrow else (372, width - 20)
    top = height - above - (HEIGHT + 14 if narrow else 0)
    boxes = []
    for high in highs:
        boxes.append((left, top - high, right, top))
        top -= high + gap
    return boxes


def _cell_place(width, height, narrow):
    """Left end, bottom and width of the lit cell, in points."""
    if narrow:
        wide = min(width - 8, 310)
        return (width - wide) / 2, height - HEIGHT - 2, wide
    return 8, (height - HEIGHT) / 2, 310
