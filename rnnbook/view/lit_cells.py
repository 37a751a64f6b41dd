"""The LSTM and the GRU cell at one step: boxes filled by what gates let through, wires as wide as what flows.

The axes' unit is the point, so everything keeps its size however wide the cell is drawn.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from rnnbook.view.gates import ROUND, SAYS, THEMES, draw_name, draw_operation, draw_wire
from rnnbook.view.style import COLORS, look

HEIGHT = 216  # of a cell, in points
WIDE, HIGH = 40, 48  # of a box
TOP, ROOF, ROW, WORDS = 185, 135, 62, 27  # heights: the state that is kept, what is added, the boxes, their words
GAP, HALF = ROUND / 2 + 1, 18  # from a circle's middle to a wire's end; half of a wide circle
MOST = 20.0  # width of the widest wire, in points


class LitCell:
    """A cell whose boxes and wires show values; a subclass says where they are.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        One unit of its data is one point in both directions.
    left, bottom, width : float
        Where the cell stands and how wide it is, in points; it is `HEIGHT` high.

    Attributes
    ----------
    artists : list of Artist
        What `light` moves.
    """

    band: ClassVar[float]  # width of a wire through which 1 flows, in points
    boxes: ClassVar[dict[str, float]]  # by letter: its place from 0 to 1
    says: ClassVar[dict[str, str]]  # by letter: what it does

    def __init__(self, ax, left, bottom, width):
        self.ax, self.left, self.bottom, self.width = ax, left, bottom, width
        self.colours = THEMES["light"]
        self.x = {letter: left + place * width for letter, place in self.boxes.items()}
        self.end = left + width
        with look():
            fill = {"alpha": 0.4, "linewidth": 0, "zorder": 0.5}
            # One artist a colour: each costs as much as a curve.
            self.artists = [
                ax.add_patch(PathPatch(Path([(0, 0)]), facecolor=COLORS[name], **fill))
                for name in ("rnn", "gru", "lstm")
            ]
            for letter in self.boxes:
                self._box(letter, self.says[letter])
            self.wires()

    def light(self, values, flowing):
        """Fill the boxes and widen the wires.

        Parameters
        ----------
        values : dict of str to float
            By a box's letter, from 0 to 1, and from -1 to 1 for a candidate, which is filled from its middle.
        flowing : list of float
            What flows through each wire of `flows`.
        """
        gates, candidate = [], []
        for letter in self.boxes:
            x, y = self.x[letter] - WIDE / 2, self.bottom + ROW
            signed = letter in "gn"
            low = y if signed else y - HIGH / 2
            high = low + values[letter] * HIGH / (2 if signed else 1)
            (candidate if signed else gates).append(_rectangle(x, low, x + WIDE, high))
        flows = [self._band(wire, value) for wire, value in zip(self.flows(), flowing, strict=True)]
        for artist, shapes in zip(self.artists, (gates, candidate, flows), strict=True):
            artist.set_path(_closed(shapes))

    def flows(self):
        """The wires that have a width.

        Returns
        -------
        list of list of tuple
            Of each its ends, as x in points of the axes and y above the cell's bottom.
        """
        raise NotImplementedError

    def wires(self):
        """Draw the wires, the operations and the names, once."""
        raise NotImplementedError

    def words(self, values):
        """The numbers beside boxes and wires.

        Parameters
        ----------
        values : dict of str to float
            By names that the cell knows.

        Returns
        -------
        list of tuple
            For `rnnbook.view.outlines.written`.
        """
        inside = [(number(values[letter]), self.x[letter], self.bottom + ROW - 11) for letter in self.boxes]
        beside = [(number(values[key]), x, self.bottom + y, align) for key, (x, y, align) in self.places().items()]
        return inside + beside

    def places(self):
        """Where numbers stand beside wires.

        Returns
        -------
        dict of str to tuple
            By name x, y above the cell's bottom, and alignment.
        """
        raise NotImplementedError

    def _band(self, wire, value):
        (x, y), (end, top) = (self._at(*place) for place in wire)
        half = min(self.band * abs(value), MOST) / 2
        return _rectangle(x, y - half, end, y + half) if y == top else _rectangle(x - half, y, x + half, top)

    def _at(self, x, y):
        return x, self.bottom + y

    def _box(self, letter, word):
        x, low = self.x[letter], self.bottom + ROW - HIGH / 2
        colour = COLORS["gru" if letter in "gn" else "rnn"]
        edge = {"facecolor": "none", "edgecolor": colour, "linewidth": 2, "zorder": 3}
        self.ax.add_patch(Rectangle((x - WIDE / 2, low), WIDE, HIGH, **edge))
        if letter in "gn":
            self.ax.plot([x - WIDE / 2, x + WIDE / 2], [self.bottom + ROW] * 2, color=colour, linewidth=0.8, zorder=3)
        draw_name(self.ax, (x, self.bottom + ROW + 12), f"${letter}_t$", self.colours.ink, 15)
        draw_name(self.ax, (x, self.bottom + WORDS), word, self.colours.ink, 11)

    def _wire(self, places, colour, gap=0.0):
        draw_wire(self.ax, [self._at(*place) for place in places], colour, gap=gap)

    def _name(self, x, y, name, **where):
        draw_name(self.ax, self._at(x, y), name, self.colours.ink, 14, **where)

    def _operation(self, x, y, sign):
        draw_operation(self.ax, self._at(x, y), sign, self.colours.ink, self.colours)


class LitLSTM(LitCell):
    """The LSTM cell at one step: c_t = f c_{t-1} + i g, h_t = o tanh(c_t).

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> cell = LitLSTM(figure()[1], 0, 0, 250)
    >>> cell.light({"f": 1.0, "i": 0.0, "g": -0.5, "o": 1.0}, [1.0, 1.0, 0.0, 1.0, 0.8])
    >>> cell.artists[0].get_path().vertices[::5].tolist()  # f, i and o from the lower left corner
    [[20.0, 38.0], [76.25, 38.0], [182.5, 38.0]]
    >>> cell.artists[0].get_path().vertices[2::5, 1].tolist()  # how far they are filled
    [86.0, 38.0, 86.0]
    """

    band = 10.0  # c may be large
    boxes: ClassVar = {"f": 0.16, "i": 0.385, "g": 0.6, "o": 0.81}
    says = SAYS["LSTM"]

    def flows(self):
        """The wires of c_{t-1}, f c_{t-1}, i g, c_t and h_t."""
        x = self.x
        return [
            [(self.left, TOP), (x["f"], TOP)],
            [(x["f"], TOP), (x["i"], TOP)],
            [(x["i"], ROOF), (x["i"], TOP)],
            [(x["i"], TOP), (self.end - 8, TOP)],
            [(x["o"], 108), (self.end - 8, 108)],
        ]

    def wires(self):
        """Draw the wires, the operations and the names, once."""
        x, colours, above = self.x, self.colours, ROW + HIGH / 2
        self._wire([(self.left, TOP), (x["f"], TOP)], colours.carry, GAP)
        self._wire([(x["f"], TOP), (x["i"], TOP)], colours.carry, GAP)
        self._wire([(x["i"], TOP), (self.end, TOP)], colours.carry)
        self._wire([(x["f"], above), (x["f"], TOP)], colours.gate, GAP)
        self._wire([(x["i"], above), (x["i"], ROOF)], colours.gate, GAP)
        self._wire([(x["g"], above), (x["g"], ROOF), (x["i"], ROOF)], colours.candidate, GAP)
        self._wire([(x["i"], ROOF), (x["i"], TOP)], colours.carry, GAP)
        self._wire([(x["o"], TOP), (x["o"], 150)], colours.carry, HALF + 1)
        self._wire([(x["o"], 150), (x["o"], 108)], colours.carry, GAP)
        self._wire([(x["o"], above), (x["o"], 108)], colours.gate, GAP)
        self._wire([(x["o"], 108), (self.end, 108)], colours.state)
        for place in ((x["f"], TOP), (x["i"], ROOF), (x["o"], 108)):
            self._operation(*place, "$\\times$")
        self._operation(x["i"], TOP, "$+$")
        self._operation(x["o"], 150, "tanh")
        self._name(self.left, TOP + 19, "$c_{t-1}$", ha="left")
        self._name(self.end, TOP + 19, "$c_t$", ha="right")
        self._name(self.end, 124, "$h_t$", ha="right")

    def places(self):
        """Beside c_{t-1}, f c_{t-1}, i g, c_t and h_t."""
        x = self.x
        return {
            "c_old": (self.left, TOP - 17, "left"),
            "kept": ((x["f"] + x["i"]) / 2, TOP + 17, "center"),
            "new": (x["i"] + 12, (ROOF + TOP) / 2, "left"),
            "c": ((x["i"] + x["o"]) / 2, TOP + 17, "center"),
            "h": (self.end, 94, "right"),
        }


class LitGRU(LitCell):
    """The GRU cell at one step: h_t = z h_{t-1} + (1 - z) n, where n sees r w_n h_{t-1}.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> cell = LitGRU(figure()[1], 0, 0, 250)
    >>> cell.light({"z": 1.0, "r": 0.0, "n": -0.5}, [1.0, 1.0, 0.0, 1.0, 0.5])
    >>> cell.artists[0].get_path().vertices[2::5, 1].tolist()  # how far z and r are filled
    [86.0, 38.0]
    """

    band = 20.0  # h is between -1 and 1
    boxes: ClassVar = {"z": 0.17, "r": 0.42, "n": 0.85}
    says = SAYS["GRU"]
    times, less = 0.62, 0.46  # where r meets the old state, and 1 - z

    def flows(self):
        """The wires of h_{t-1}, z h_{t-1}, (1 - z) n, h_t, and r w_n h_{t-1}."""
        x = self.x
        return [
            [(self.left, TOP), (x["z"], TOP)],
            [(x["z"], TOP), (x["n"], TOP)],
            [(x["n"], ROOF), (x["n"], TOP)],
            [(x["n"], TOP), (self.end - 8, TOP)],
            [(self._times, ROW), (x["n"] - WIDE / 2, ROW)],
        ]

    @property
    def _times(self):
        return self.left + self.times * self.width

    def wires(self):
        """Draw the wires, the operations and the names, once."""
        x, colours, above = self.x, self.colours, ROW + HIGH / 2
        less = self.left + self.less * self.width
        self._wire([(self.left, TOP), (x["z"], TOP)], colours.carry, GAP)
        self._wire([(x["z"], TOP), (x["n"], TOP)], colours.carry, GAP)
        self._wire([(x["n"], TOP), (self.end, TOP)], colours.carry)
        self._wire([(x["z"], above), (x["z"], TOP)], colours.gate, GAP)
        self._wire([(x["z"], ROOF), (less, ROOF)], colours.gate, HALF + 1)
        self._wire([(less, ROOF), (x["n"], ROOF)], colours.gate, GAP)
        self._wire([(x["r"] + WIDE / 2, ROW), (self._times, ROW)], colours.gate, GAP)
        self._wire([(self._times, 8), (self._times, ROW)], colours.carry, GAP)
        self._wire([(self._times, ROW), (x["n"], ROW)], colours.carry, WIDE / 2 + 1)
        self._wire([(x["n"], above), (x["n"], ROOF)], colours.candidate, GAP)
        self._wire([(x["n"], ROOF), (x["n"], TOP)], colours.carry, GAP)
        for place in ((x["z"], TOP), (x["n"], ROOF), (self._times, ROW)):
            self._operation(*place, "$\\times$")
        self._operation(less, ROOF, "1 \N{MINUS SIGN} z")
        self._operation(x["n"], TOP, "$+$")
        self._name(self.left, TOP + 19, "$h_{t-1}$", ha="left")
        self._name(self.end, TOP + 19, "$h_t$", ha="right")
        self._name(self._times - 6, 6, "$w_n h_{t-1}$", ha="right")

    def places(self):
        """Beside h_{t-1}, z h_{t-1}, 1 - z, (1 - z) n, h_t, w_n h_{t-1} and r w_n h_{t-1}."""
        x, less = self.x, self.left + self.less * self.width
        return {
            "h_old": (self.left, TOP - 17, "left"),
            "kept": ((x["z"] + x["n"]) / 2, TOP + 17, "center"),
            "less": ((less + HALF + x["n"] - GAP) / 2, ROOF + 11, "center"),
            "new": (x["n"] - 13, (ROOF + TOP) / 2, "right"),
            "h": (self.end, TOP - 17, "right"),
            "seen": (self._times + 6, 8, "left"),
            "let": ((self._times + x["n"] - WIDE / 2) / 2, ROW + 18, "center"),
        }


def _rectangle(left, low, right, high):
    return [(left, low), (right, low), (right, high), (left, high)]


def _closed(rectangles):
    corners = np.round([[*corners, corners[0]] for corners in rectangles], 2).reshape(-1, 2)
    return Path(corners, [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * len(rectangles))


def number(value):
    """Two digits, and no minus before nothing.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str

    Examples
    --------
    >>> number(-0.001), number(18.484)
    ('0.00', '18.48')
    """
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text
