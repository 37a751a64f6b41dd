"""Conventions: the same GRU weights read as others read them, and how far apart the outputs are."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.collections import PolyCollection

from rnnbook.lab.frameworks import flip_z, read_as
from rnnbook.lab.frameworks.conventions import UNWRITTEN, USERS
from rnnbook.nn import GRU, init_params
from rnnbook.view.explorers.apart import EQUAL, draw_outputs, move_outputs, said_size, span_steps
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

T, D = 20, 4  # steps, features of the input
BOOK = "this book"
READERS = {BOOK: ("old", "after", "two"), **USERS}
WIDE, HIGH = 11.5, 4.0  # inches: the figure
ROW, FIRST = 0.39, 0.93  # inches: from row to row of the table, and the first reader's row
ROOMS = (3.0, 3.75, 6.0)  # inches of the page: the least, a phone's, and where letters have their full size
COLUMNS = (
    (0.24, 1.66, 2.02, 2.5, 2.97),
    (0.3, 1.95, 2.44, 3.09, 3.66),
    (0.36, 3.0, 3.8, 4.75, 5.6),
)  # inches, in each
MARK = 0.16  # inches before a name
TALLEST = 2.6  # two outputs of a GRU differ by less than 2; above is room for the number


class Readings(NamedTuple):
    """What the explorer shows."""

    unit: int  # the one that is shown, whatever the switches say
    ours: np.ndarray  # (T,): its output, as the book reads the weights
    theirs: np.ndarray  # (T,): the same unit, as the switches say
    apart: np.ndarray  # (T,): largest difference of all units
    seen: tuple  # what z = 1 takes, where r acts, how many biases n has
    negated: bool  # whether the switches' reader has the block of z negated
    readers: tuple  # who reads weights so
    turned: float  # largest difference that is left where z points the right way


class Conventions(Explorer):
    """One set of GRU weights, read as the book reads them and as three switches say.

    Look for which switch another one undoes, and which none does. In the table a grey box marks where a reader agrees
    with the switches; who agrees in all three is bold, with a mark: drag the mark to another reader. If nobody reads
    so, the mark stands at the switches. Beside it one unit's output in both readings, the one that differs most where
    z points the other way, and beneath it the largest difference of all units.

    Parameters
    ----------
    **values
        Where the controls start: z ("new" or "old"), reset ("before" or "after"), negated ("no" or "yes"), biases
        ("two" or "one"), gain, second_bias, H, seed.

    Examples
    --------
    >>> explorer = Conventions()
    >>> explorer.set(negated="yes")
    >>> bool(explorer.arrays.apart.max() < 1e-12)
    True
    """

    question = "How far apart do two readings of the same GRU weights end up, and does converting the weights help?"
    reflows = True
    in_sight = ("z", "reset", "negated")

    def __init__(self, **values):
        self._row = 0  # of the reader that the hand has chosen, where several read alike
        super().__init__(**values)

    def reset(self):
        """Put every control back to where it started, and the mark on the first reader that reads so."""
        self._row = 0
        super().reset()

    def make_controls(self):
        """The controls by name."""
        return {
            "z": choice("z = 1", [("keeps the old state", "old"), ("takes the new one", "new")], "new"),
            "reset": choice("Reset gate acts", [("after the product", "after"), ("before the product", "before")]),
            "negated": choice("Weights", [("as they stand", "no"), ("z block negated", "yes")]),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 3.0, 0.05, readout_format=".2f"),
            "second_bias": slider("Size of b_hn", 0.0, 0.0, 2.0, 0.1, readout_format=".1f"),
            "biases": choice("Biases of n", [("two (before: one)", "two"), ("one, outside r", "one")]),
            "H": slider("Hidden units H", 8, 1, 32, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def settle(self):
        """There is one bias only where the reset gate acts before the product."""
        before = self.controls["reset"].value == "before"
        self.grey_out(biases="before the product there is room for one" if before else "")

    @staticmethod
    def compute(z, reset, negated, gain, second_bias, biases, H, seed):
        """Run the weights as the book reads them, and as the switches say.

        Parameters
        ----------
        z, reset, negated : str
            The switches.
        gain, second_bias : float
            Scale of W_hh, size of b_hn.
        biases : str
            How many n has.
        H, seed : int
            Hidden units; of weights and inputs.

        Returns
        -------
        Readings
            What to show.
        """
        params, x, unit = _drawn(H, seed)
        params = {**params, "W_hh": gain * params["W_hh"], "b_hn": second_bias * params["b_hn"]}
        ours = read_as(params, x)[:, 0]
        given = flip_z(params) if negated == "yes" else params
        theirs = read_as(given, x, z=z, reset=reset, biases=biases)[:, 0]
        apart, turned = np.abs(ours - theirs), 0.0
        if reset == "before":  # said of this reading alone
            right = theirs if (negated == "yes") == (z == "new") else read_as(params, x, reset=reset)[:, 0]
            turned = float(np.abs(ours - right).max())
        seen = z, reset, "one" if reset == "before" else biases
        readers = tuple(name for name, reader in READERS.items() if reader == seen)
        return Readings(
            unit, ours[:, unit], theirs[:, unit], apart.max(axis=1), seen, negated == "yes", readers, turned
        )

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(ncols=3, width=WIDE, height=HIGH)
        fig.set_layout_engine("none")  # letters keep their size
        narrow = fig.get_size_inches()[0] < WIDE
        _place(fig, axes, narrow)
        table, outputs, apart = axes
        width = fig.get_size_inches()[0]
        self._columns = [np.interp(width, ROOMS, places) for places in zip(*COLUMNS, strict=True)]
        size = 12 if width >= ROOMS[2] else 11 if width >= ROOMS[1] else 10
        with look():
            self._draw_table(table, size)
            self._curves, self._names = draw_outputs(outputs, "book", "yours")
            self._gap = outputs.plot([], [], **line("mark", marker="", linewidth=2.5, zorder=1.5))[0]
            self._apart = apart.plot([], [], **line("mark", markersize=5, markevery=None, clip_on=False))[0]
            self._peak = apart.text(0, 0, "", fontsize=11, color=INK["mark"], ha="center", va="bottom")
            self._title = " in both readings" * (size > 10)
            self._unit = outputs.set_title("", fontsize=12)
            outputs.set(xlabel="", ylabel="h")
            apart.set_title("Largest difference" + " of all units" * (size > 10), fontsize=12)
            apart.set(xlabel="time step t", ylim=(0, TALLEST), yticks=(0, 1, 2))
            span_steps(apart, T)
        table_parts = [self._boxes, self._marks, *self._who.values(), *self._yours]
        return fig, [
            *table_parts,
            self._unit,
            self._gap,
            *self._curves.values(),
            *self._names.values(),
            self._apart,
            self._peak,
        ]

    def _draw_table(self, ax, size):
        """Who reads weights how, a row each, and above them the switches."""
        left, *columns, right = self._columns
        ax.set_axis_off()
        style = {"va": "center", "fontsize": size}
        for x, head in zip(
            (left, *columns), ("who reads so", "z = 1" if size > 10 else "z=1", "reset", "biases"), strict=True
        ):
            ax.text(x, 0.12, head, color=INK["muted"], **style)
        ax.text(left, FIRST - ROW - 0.02, "your switches", color=INK["mark"], **style)
        self._yours = [ax.text(x, FIRST - ROW - 0.02, "", color=INK["mark"], **style) for x in columns]
        ax.plot([left, right - 0.07], [FIRST - ROW / 2 - 0.01] * 2, color=COLORS["muted"], linewidth=0.8)
        self._boxes = ax.add_collection(PolyCollection([], facecolor="#E9E9E9", edgecolor="none", zorder=0))
        self._marks = ax.plot([], [], **line("mark", marker=">", linestyle="none", markersize=9, markevery=None))[0]
        self._who = {}
        for row, (name, reader) in enumerate(READERS.items()):
            y, bias = FIRST + row * ROW, f"({reader[2]})" if name in UNWRITTEN else reader[2]
            self._who[name] = ax.text(left, y, _in_two(name), linespacing=1.05, **style)
            for x, words in zip(columns, (*reader[:2], bias), strict=True):
                ax.text(x, y, words, **style)
        note = "grey: as yours; (one): no bias written"
        ax.text(left, FIRST + len(READERS) * ROW - 0.08, note, color=INK["muted"], **style | {"fontsize": 10})

    def move(self, arrays):
        """Put the artists where the arrays say."""
        boxes, edges = [], self._columns[1:]
        for row, reader in enumerate(READERS.values()):
            top = FIRST + (row - 0.42) * ROW
            for column, agrees in enumerate(np.equal(reader, arrays.seen)):
                if agrees:
                    start, end = edges[column] - 0.04, edges[column + 1] - 0.06
                    boxes.append([(x, top + y * 0.84 * ROW) for x, y in ((start, 0), (end, 0), (end, 1), (start, 1))])
        self._boxes.set_verts(boxes)
        for name, text in self._who.items():
            text.set_fontweight("bold" if name in arrays.readers else "normal")
        rows = [row for row, name in enumerate(READERS) if name in arrays.readers] or [-1]
        self._marks.set_data([self._columns[0] - MARK] * len(rows), [FIRST + row * ROW for row in rows])
        for text, words in zip(self._yours, arrays.seen, strict=True):
            text.set_text(words)
        self._unit.set_text(f"Output of unit {arrays.unit + 1}{self._title}")
        move_outputs(self._curves, self._names, arrays, T)
        step, largest = int(arrays.apart.argmax()), arrays.apart.max()
        gap = int(np.abs(arrays.ours - arrays.theirs).argmax())
        self._gap.set_data([gap + 1] * 2, [arrays.ours[gap], arrays.theirs[gap]])
        self._apart.set_data(np.arange(1, T + 1), arrays.apart)
        where, words = (T // 2, "equal") if largest < EQUAL else (max(step + 1, 2), said_size(largest))
        self._peak.set(text=words, x=where, y=round(largest + 0.15, 1))

    def touch(self):
        """The mark is dragged from reader to reader; both charts are read."""
        table, outputs, apart = self.fig.axes
        return {
            "handles": [
                Handle(
                    name="who reads the weights",
                    ax=table,
                    at=self._reader_place,
                    drag=lambda x, y: self.read_as_row(round((y - FIRST) / ROW)),
                    step=lambda right, up: self.read_as_row(self._chosen() + right - up),
                    said=lambda: [*READERS, "your switches"][self._chosen()],
                )
            ],
            "probes": [
                Probe(outputs, "t", {"book": self._curves["ours"], "yours": self._curves["theirs"]}),
                Probe(apart, "t", {"difference": self._apart}),
            ],
            "ghosts": [self._curves["theirs"], self._apart],
        }

    def read_as_row(self, row):
        """Set the switches as a reader of the table has them.

        Parameters
        ----------
        row : int
            Which one, counted from 0; beyond the ends, the first or the last.
        """
        self._row = min(max(row, 0), len(READERS) - 1)
        z, reset, biases = [*READERS.values()][self._row]
        own = {"biases": biases} if reset == "after" else {}  # before the product there is no choice
        self.set(z=z, reset=reset, **own)

    def _chosen(self):
        """The row of the mark that the hand holds; -1, the switches' own, where nobody reads so."""
        rows = [row for row, name in enumerate(READERS) if name in self.arrays.readers]
        return self._row if self._row in rows else [*rows, -1][0]

    def _reader_place(self):
        return max(self._columns[0] - MARK, 0.16), FIRST + self._chosen() * ROW  # its ring stays within a narrow page

    def reading(self, arrays):
        """What the picture says: whose reading it is, how far it is from the book's, and what would help."""
        others, largest = [_called(name) for name in arrays.readers if name != BOOK], arrays.apart.max()
        own = "the book's own, and " if BOOK in arrays.readers else ""
        who = f"Your reading is {own}that of {' and '.join(others)}." if others else "Nobody in the table reads so."
        given = "With the block of z negated" if arrays.negated else "With the weights as they stand"
        if largest < EQUAL:
            how = "equal to the last bit" if largest == 0 else "equal but for rounding"
            return f"{given}, the outputs are the book's, {how}. {who}"
        step = int(arrays.apart.argmax()) + 1
        parts = f"the outputs part from the book's by up to {said_size(largest)} at step {step}"
        return f"{given}, {parts}. {_help(arrays)} {who}"


def _help(arrays):
    """What would bring the outputs together, or that nothing is known to."""
    z, said = arrays.seen[0], []
    if arrays.negated != (z == "new"):
        said.append(
            "Negating the block of z undoes that z points the other way."
            if z == "new"
            else "This z needs no negated block."
        )
    if arrays.turned >= EQUAL:
        said.append("No conversion is known for a reset gate before the product.")
    return " ".join(said) or "Two biases cannot be written as one."


def _in_two(name):
    """A reader's name on two lines where it is long."""
    return name.replace("(reset_after=False)", ",\nreset_after=False").replace(" (EMNLP)", "")


def _called(name):
    """A reader's name in a sentence."""
    return name.replace(" (EMNLP)", "").replace("al. 2014", "al. (2014)")


def _place(fig, axes, narrow):
    """The table beside two charts; on a narrow page the charts below it."""
    rows = FIRST + len(READERS) * ROW
    if narrow:
        width, height = fig.get_size_inches()[0], rows + 4.45
        chart = 0.75, width - 0.85
        places = [(0.02, 0.1, width - 0.04, rows), (*chart[:1], rows + 0.5, chart[1], 1.9)]
        places.append((*chart[:1], rows + 2.95, chart[1], 0.9))
    else:
        width, height = WIDE, HIGH
        places = [(0.15, 0.2, 5.6, rows), (6.6, 0.4, 4.75, 1.85), (6.6, 2.75, 4.75, 0.7)]
    fig.set_size_inches(width, height)
    for ax, (left, top, wide, high) in zip(axes, places, strict=True):
        ax.set_position((left / width, 1 - (top + high) / height, wide / width, high / height))
    axes[0].set(xlim=(0, places[0][2]), ylim=(rows, 0))


@lru_cache(maxsize=64)
def _drawn(H, seed):
    """Weights with a second bias of size 1, an input, and the unit that differs most where z points the other way."""
    rng = np.random.default_rng([seed, 6])
    params = init_params(GRU(), D, H, rng)
    b_hn, x = rng.normal(size=H), rng.normal(size=(T, 1, D))
    plain = {**params, "b_hn": np.zeros(H)}
    unit = int(np.abs(read_as(plain, x) - read_as(plain, x, z="new")).max(axis=(0, 1)).argmax())
    return {**params, "b_hn": b_hn}, x, unit
