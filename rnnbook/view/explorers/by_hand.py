"""A unit whose gates are drawn by hand, beside the cell as it is at one step: what LSTM and GRU share."""

from __future__ import annotations

import html
from typing import ClassVar, NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.ticker import FixedFormatter, FixedLocator

from rnnbook.lab.reading import Driven
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider, step_text
from rnnbook.view.explorers.gate_text import FIELD, GateText, what_was_taken
from rnnbook.view.explorers.pen import SNAP, Pen
from rnnbook.view.explorers.presets import preset_row
from rnnbook.view.gates import draw_name
from rnnbook.view.lit_cells import HEIGHT, number
from rnnbook.view.outlines import draw_outlines, width_of, written
from rnnbook.view.style import COLORS, INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

T, COMES = 40, 5  # steps, and the one with the number that is to be kept
STEPS = np.arange(1, T + 1)
SIGNALS = {
    "noise": (1.5 * np.random.default_rng(6).normal(size=T)).round(2),
    "one pulse": np.where(STEPS == COMES, 2.0, 0.0),
    "two pulses": np.where(STEPS == COMES, 2.0, np.where(STEPS == 25, -2.0, 0.0)),
    "steady": np.full(T, 0.5),
    "a wave": np.sin(2 * np.pi * (STEPS - 2.5) / 10),
}
NEAR = 0.05  # of 1: what counts as kept or shut
GONE = 0.01  # of 1: below it a number is lost
WIDTH, TALL, NARROW = 11.5, 4.8, 8.5  # inches: width and height, and the height where all stands below one another
LETTERS, APART = 11, 12  # points


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


class ByHand(Explorer):
    """What both explorers share: the lit cell, the rows over time, the hand that draws, and the fields.

    A subclass says which gates have a row (`rows_of`), which cell is lit, and what the sentences say.

    Attributes
    ----------
    presets : dict of str to Button
        Settings with a name.
    erase : Button
        Takes away all that is drawn.
    notes : HTML
        What the fields took and what they ignored.
    """

    reflows = True
    played = "t"
    gates: ClassVar[dict[str, str]]  # by letter, the sliders' labels
    rows_of: ClassVar[dict[str, str]]  # of the gates that are drawn by hand, from the top: what each does
    candidate: ClassVar[str]
    cell: ClassVar[type]  # the one that is lit
    limits: ClassVar[tuple[tuple[float, float], ...]]  # of the states, of which the first that has room is taken
    plain: ClassVar[dict]
    settings: ClassVar[dict[str, dict]]  # what is not named stands at its start
    kept: ClassVar[str]  # the state that keeps the number
    states: ClassVar[tuple[str, ...]]  # those that are shown
    along: ClassVar[str]  # the way of the number that is counted, where there are others
    leak: ClassVar[str]  # why a number is lost
    mixed: ClassVar[str]  # why others are with it
    unwritten: ClassVar[str]  # why it never came in

    def make_controls(self):
        """The controls by name."""
        names = {
            "t": slider("Step t", COMES, 1, T, 1),
            **{k: self._slider(k) for k in self.in_sight if k != "t"},
            "signal": choice("Signal", list(SIGNALS)),
            **{k: self._slider(k) for k in self.gates if k not in self.in_sight},
        }
        fields = {f"draw_{k}": step_text(f"Draw {k}", tooltip=FIELD) for k in self.gates if len(k) == 1}
        return names | fields

    def _slider(self, name):
        least, most, step = (-2.0, 2.0, 0.25) if name == "feedback" else (0.0, 1.0, SNAP)
        return slider(self.gates[name], self.plain[name], least, most, step, readout_format=".2f")

    def rows(self):
        """The rows of every explorer; under "More" the settings with a name, the controls, and what the fields took."""
        empty = {name: "" for name in self.controls if name.startswith("draw_")}
        self.presets, self._presets = preset_row(self, self.settings, self.plain | empty, "Set the gates: {}")
        self.erase = widgets.Button(description="Erase drawing", icon="eraser", layout=widgets.Layout(width="auto"))
        self.erase.tooltip = "Let the sliders say where the gates stand, at every step"
        self.erase.on_click(lambda _: self.set(**empty))
        self._presets.children += (self.erase,)
        self.notes = widgets.HTML()
        for part in (self._presets, self.notes):
            part.layout.grid_area = "auto / 1 / auto / -1"  # ipywidgets clears grid_column: grid_area is set after it
        return super().rows()

    def out_of_sight(self):
        """The settings with a name, the controls that are not in sight, and what the fields took."""
        return [self._presets, *super().out_of_sight(), self.notes]

    def settle(self):
        """Say what the fields took."""
        said = [what_was_taken(self.controls[f"draw_{k}"].description, text) for k, text in self.arrays.texts.items()]
        self.notes.value = "<br>".join(html.escape(one) for one in said if one)

    # The picture

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
            self._words = draw_outlines(paper, {"words": (INK["theory"], "none", 0)}, 6)
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
        self._words.set_paths([written(words, LETTERS)])
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

    # The hand

    def touch(self):
        """The step is dragged along the state, the gates are drawn; states are read, and leave ghosts."""
        state = self._axes["state"]
        pens = [Pen(self, k).handle(self._axes[k]) for k in self.rows_of]
        step = Handle(
            name="step t",
            ax=state,
            at=lambda: (self.arrays.t, self.shown(self.arrays)[self.kept][self.arrays.t - 1]),
            drag=lambda x, y: self.slide(t=x),
            step=lambda right, up: self.step(t=right + up),
            said=lambda: f"step {self.arrays.t}",
        )
        states = {k: self._curves[k] for k in self.states}
        return {"handles": [*pens, step], "probes": [Probe(state, "t", states)], "ghosts": [*states.values()]}

    # The sentences

    def verdict(self, arrays, wrote, keep):
        """Whether the number is kept, and if not, why.

        Parameters
        ----------
        arrays : Drive
            From `compute`.
        wrote : float
            Which share of the number was written.
        keep : ndarray
            The gate that keeps, (T,).

        Returns
        -------
        list of str
            Sentences.
        """
        last, own = self.shown(arrays)[self.kept][-1], arrays.worth[COMES - 1]
        rest, left = last - own, keep[COMES:].prod()
        ends = f"{self.kept} ends at {number(last)}"
        mix = f"{ends}: {number(own)} from step {COMES}{self.along}, {number(rest)} otherwise."
        it = f"The number {number(arrays.number)} of step {COMES}"
        if abs(wrote) < NEAR:
            said = [f"{it} was never written, since {self.unwritten}: {ends}."]
        elif left < 1 - NEAR:
            faded = f"has faded{self.along} to a factor {number(left)}"
            gone = faded if left >= GONE else f"is lost{self.along} (below {GONE} of it is left)"
            said = [f"{it} {gone}, since {self.leak}.", mix]
        elif abs(rest) >= NEAR:
            said = [f"{it} is kept but mixed with others, since {self.mixed}.", mix]
        elif wrote < 1 - NEAR:
            said = [f"Only a factor {number(wrote)} of the number {number(arrays.number)} was written: {ends}."]
        elif abs(last - arrays.number) >= NEAR:
            said = [f"{it} was not what step {COMES} wrote, {number(own)}, since n had read h: {ends}."]
        else:
            said = [f"{it} is kept: {ends}."]
        troubled = [self.controls[f"draw_{k}"].description for k, text in arrays.texts.items() if text.ignored]
        if troubled:
            said.append(f"Not every entry of {' and '.join(troubled)} was understood.")
        return said


NOTES = (  # beside one another, and on a narrow page
    {"number": "dashed: the number, {0} at step 5", "state": "dashed: goal", "gate": "◆: this step, drag to draw"},
    {"number": "to keep: ¦", "state": "dashed: goal", "gate": "◆: step t"},
)
SIDE = (18, (32, 54, 54, 104), 17)  # points: above the first row, the rows' heights, between two
STACKED = (18, (40, 58, 58, 110), 19)


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
