"""The picture of `TapeWalk`: the equation with its numbers, the tape as colours, and lengths over time."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.ticker import FixedFormatter, FixedLocator

from rnnbook.view.outlines import draw_outlines, points, written
from rnnbook.view.plots import set_decades
from rnnbook.view.style import COLORS, INK, SEQUENTIAL, figure, line, look

WIDE, TALL = 828, 428  # points
ROW, GAP, BASE, LENGTHS = 8, 1, 42, 92  # points of a unit; units between strips; points below and of the lengths
LIMITS = (1e-8, 1e7)  # of the lengths
PALE, UNKNOWN = 0.3, (0.5, 0.5, 0.5, 0.25)  # what the forward pass has left; where the walk has not been
SIGNED = [to_rgb(colour) for colour in ("#D9750B", "#7A5FB5")]  # below and above 0; the less, the more paper
STYLES = {
    "own loss": line("lstm", marker="s", markevery=None),
    "from step t + 1": line("gru", marker="o", markevery=None),
    "delta": line("theory", linestyle="-", marker="D", markersize=7, markevery=None, linewidth=3),
}
INKS = {"own": INK["lstm"], "next": INK["gru"], "ink": "#000000"}
TERMS = (  # place in the figure, formula, words above it, ink
    (0.215, r"$\delta_t$", "delta", "ink"),
    (0.315, "=", "", "ink"),
    (0.345, "(", "", "ink"),
    (0.445, r"$\partial L_t/\partial h_t$", "own loss", "own"),
    (0.545, "+", "", "ink"),
    (0.66, r"$\delta_{t+1} W_{hh}^\top$", "step t + 1", "next"),
    (0.768, ")", "", "ink"),
    (0.797, "∗", "", "ink"),
    (0.906, r"$(1 - h_t^2)$", "local", "ink"),
)
NAMES = dict(zip(("delta", "own", "next", "local"), (TERMS[k] for k in (0, 3, 5, 8)), strict=True))
STRIPS = (("own loss", "own loss", "own"), ("+ from step t + 1", "+ step t + 1", "next"))
STRIPS += (("∗ local derivative", "∗ local", "ink"), ("= delta", "= delta", "ink"))


def numbered(value):
    """A number of six letters at most, and a minus.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        Three digits behind the point, or a power of ten.

    Examples
    --------
    >>> numbered(0.4642), numbered(-2e-5), numbered(512.3)
    ('0.464', '−2e−05', '512')
    """
    size = abs(value)
    shown = f"{value:.3f}" if size < 10 else f"{value:.3g}" if size < 1000 else f"{value:.0e}"
    return (f"{value:.0e}" if 0 < size < 0.0005 else shown).replace("-", "−")


def rounded(length):
    """A length, of which picture and sentence show the same digits.

    Parameters
    ----------
    length : float
        Not below 0.

    Returns
    -------
    str
        Three digits, or a power of ten.

    Examples
    --------
    >>> rounded(2.4), rounded(0.000441), rounded(512.3)
    ('2.40', '0.000441', '512')
    """
    if length and not 1e-4 <= length < 1000:
        return f"{length:.0e}"
    return f"{length:#.3g}".rstrip(".")


class TapeArtists:
    """The artists of the picture, drawn once for all walks.

    Parameters
    ----------
    units : int
        Hidden units.

    Attributes
    ----------
    fig : matplotlib.figure.Figure
        The figure.
    strips, lengths : matplotlib.axes.Axes
        The four arrays as colours, and their lengths, both by step.
    curves : dict of str to Line2D
        The lengths by name.
    middle : float
        Height of the last strip's middle.
    moving : list of Artist
        What changes.
    """

    def __init__(self, units):
        self.fig, (self.strips, self.lengths) = figure(ncols=2, width=WIDE / 72, height=TALL / 72)
        self.fig.set_layout_engine("none")  # the equation has its places in points
        self.width = 72 * self.fig.get_size_inches()[0]
        self.narrow = self.width < WIDE
        self.tall = TALL + 12 * self.narrow
        self.fig.set_size_inches(self.width / 72, self.tall / 72)
        self.units, self._shown, self.top = units, None, BASE + LENGTHS
        self.left, self.right = (84, self.width - 10) if self.narrow else (176, self.width - 40)
        self.rows = 4 * units + 3 * GAP
        self.middle = self.rows - units / 2
        with look():
            self._draw_strips()
            self._draw_lengths()
            self._draw_equation()
        axes = [self.strips.xaxis, self.lengths.xaxis, self.lengths.yaxis]
        self.moving = [*axes, self._band, self._cells, self._frame, *self.curves.values(), self._gone, self._numbers]

    def _lay(self, ax, bottom, height):
        wide = (self.right - self.left) / self.width
        ax.set_position((self.left / self.width, bottom / self.tall, wide, height / self.tall))
        ax.grid(False)

    def _draw_strips(self):
        ax, bottom = self.strips, self.top + 46 + 12 * self.narrow
        self._lay(ax, bottom, self.rows * ROW)
        self._band = Rectangle((0, BASE), 1, bottom + self.rows * ROW + 4 - BASE, facecolor=COLORS["mark"], alpha=0.18)
        self._band.set(transform=points(self.fig), clip_on=False, zorder=0, in_layout=False)
        ax.add_artist(self._band)
        self._cells = ax.imshow(np.zeros((self.rows, 2, 4)), aspect="auto", zorder=2)
        for k in range(4):  # paper between the band and the cells, whose colours let it through
            place = (0, 1 - (k * (self.units + GAP) + self.units) / self.rows), 1, self.units / self.rows
            ax.add_artist(Rectangle(*place, facecolor="#FFFFFF", transform=ax.transAxes, zorder=1))
        style = {"color": COLORS["theory"], "linewidth": 2.5, "clip_on": False, "zorder": 3}
        self._frame = ax.plot([], [], **style)[0]
        ax.patch.set_visible(False)
        ax.spines[:].set_visible(False)
        ax.set(ylim=(self.rows, 0), yticks=(0.5, self.units - 0.5))
        ax.set_yticklabels(["1", str(self.units)])
        ax.tick_params(axis="y", length=0, labelsize=10)
        ax.tick_params(axis="x", bottom=False, labelbottom=False)
        size = 10 if self.narrow else 11
        for k, (long, short, ink) in enumerate(STRIPS):
            place = self.left - 18, bottom + ROW * (self.rows - k * (self.units + GAP) - self.units / 2)
            self._write(*place, short if self.narrow else long, size, INKS[ink], ha="right")
        words = "purple above 0, orange below;", "local: yellow 1, blue 0" + ("; ▼ length 0" if self.narrow else "")
        words = "\n".join(words) if self.narrow else " ".join(words)
        x = (self.width if self.narrow else self.left + self.right) / 2
        self._write(x, bottom - 12 - 6 * self.narrow, words, 10, INK["muted"], linespacing=1.0)

    def _draw_lengths(self):
        ax = self.lengths
        self._lay(ax, BASE, LENGTHS)
        ax.patch.set_visible(False)
        ax.set_yscale("log")
        ax.set_ylim(*LIMITS)
        ax.minorticks_off()
        ax.tick_params(labelsize=10 if self.narrow else 11)
        ax.set_xlabel("time step t", labelpad=1)
        self.curves = {
            name: ax.plot([], [], **style, zorder=4 - k)[0] for k, (name, style) in enumerate(STYLES.items())
        }
        self._gone = ax.scatter([], [], s=45, marker="v", clip_on=False, zorder=5, in_layout=False)
        words = ["own loss", "step t + 1" if self.narrow else "from step t + 1", "delta"]
        places = [8, 76, 156] if self.narrow else [self.left, self.left + 120, self.left + 280]
        half = 7 if self.narrow else 12
        for style, name, x, ink in zip(STYLES.values(), words, places, ("own", "next", "ink"), strict=True):
            swatch = style | {"markersize": 6, "markevery": [1], "clip_on": False, "transform": points(self.fig)}
            ax.plot([x, x + half, x + 2 * half], [self.top + 16] * 3, **swatch)[0].set_in_layout(False)
            self._write(x + 2 * half + 5, self.top + 16, name, 10 if self.narrow else 11, INKS[ink], ha="left")
        if not self.narrow:
            self._write(self.left + 380, self.top + 16, "▼ length 0", 10, INK["muted"], ha="left")
            self._write(self.left - 18, self.top + 16, "lengths", 11, ha="right")

    def _draw_equation(self):
        self._numbers = draw_outlines(self.strips, {name: (ink, "none", 0) for name, ink in INKS.items()}, 6)
        if self.narrow:
            self._draw_table()
            return
        self._size, lower = 15, self.tall - 75
        for x, term, name, ink in TERMS:
            self._write(x * self.width, self.tall - 31, term, 17, INKS[ink])
            self._write(x * self.width, self.tall - 11, name, 11, INKS[ink])
            if not name:
                self._write(x * self.width, self.tall - 54, term, 15)
        self._write(70, lower, "length", 11, ha="left")
        self._unit = (70, self.tall - 54, "left")
        self._at = {name: (x * self.width, self.tall - 54) for name, (x, *_) in NAMES.items()}
        self._lengths_at = {name: (x, lower) for name, (x, _) in self._at.items()}

    def _draw_table(self):
        """The equation term by term below one another, where a line has no room for it."""
        self._size, self._at, self._lengths_at = 10, {}, {}
        columns = [self.width * share for share in (0.42, 0.635, 0.875)]
        self._write(columns[2], self.tall - 10, "length", 10)
        self._unit = (columns[1], self.tall - 10)
        for k, ((_, name, ink), term) in enumerate(zip(STRIPS, ("own", "next", "local", "delta"), strict=True)):
            y = self.tall - 28 - 17 * k
            self._write(4, y, name, 10, INKS[ink], ha="left")
            self._write(columns[0], y, NAMES[term][1], 11, INKS[ink])
            self._at[term], self._lengths_at[term] = (columns[1], y), (columns[2], y)

    def _write(self, x, y, words, size, colour="black", **how):
        self.strips.text(
            x,
            y,
            words,
            transform=points(self.fig),
            fontsize=size,
            color=colour,
            in_layout=False,
            **{"ha": "center", "va": "center", **how},
        )

    def move(self, arrays):
        """Put every artist where the arrays say.

        Parameters
        ----------
        arrays : Walk
            What to show.
        """
        T, t = len(arrays.delta), arrays.t
        tape = arrays.above, arrays.right, arrays.local, arrays.delta
        if self._shown is None or self._shown[0] is not arrays.delta:
            self._move_tape(arrays, tape, T)
        _, colours, lengths = self._shown
        cells = np.zeros((self.rows, T, 4))
        for k, colour in enumerate(colours):
            rows = cells[k * (self.units + GAP) :][: self.units]
            rows[:] = colour
            if k in (0, 2):
                rows[:, : t - 1, 3] *= PALE
            else:
                rows[:, : t - 1] = UNKNOWN
        self._cells.set_data(cells)
        pitch = (self.right - self.left) / T
        self._band.set_x(self.left + (t - 1) * pitch)
        self._band.set_width(pitch)
        tops = np.arange(4) * (self.units + GAP) + arrays.unit - 1
        self._frame.set_data(
            np.tile([t - 0.5, t + 0.5, t + 0.5, t - 0.5, t - 0.5, np.nan], 4),
            (tops[:, None] + [0, 0, 1, 1, 0, np.nan]).ravel(),
        )
        steps, low, gone = np.arange(1, T + 1), self.lengths.get_ylim()[0], []
        for k, (curve, length) in enumerate(zip(self.curves.values(), lengths, strict=True)):
            first = 0 if k == 0 else t - 1  # the losses' own gradients are there from the start
            curve.set_data(steps[first:], np.maximum(length[first:], low * 1e-20))
            aside = 0.2 * (k - 1)
            gone += [(step + aside, low, curve.get_color()) for step in steps[first:][length[first:] < low]]
        self._gone.set_offsets(np.array([place[:2] for place in gone]).reshape(-1, 2))
        self._gone.set_color([colour for *_, colour in gone])
        self._gone.set_visible(bool(gone))
        self._move_numbers(arrays, [array[t - 1, arrays.unit - 1] for array in tape], lengths[:, t - 1])

    def _move_tape(self, arrays, tape, T):
        """What the walk leaves as it is: the axes, the colours, the lengths."""
        lengths = arrays.lengths
        largest = max(np.abs(array).max() for array in (arrays.above, arrays.right, arrays.delta))
        colours = []
        for k, array in enumerate(tape):
            colours.append(colormaps[SEQUENTIAL](array.T) if k == 2 else _signed(array.T / largest))
        self._cells.set_extent((0.5, T + 0.5, self.rows, 0))
        every = next(every for every in (1, 2, 5) if T / every <= (8 if self.narrow else 20))
        ticks = range(every, T + 1, every)
        for ax in (self.strips, self.lengths):
            ax.set_xlim(0.5, T + 0.5)
            ax.xaxis.set_major_locator(FixedLocator(ticks))
        self.lengths.xaxis.set_major_formatter(FixedFormatter([*map(str, ticks)]))
        set_decades(self.lengths, lengths, LIMITS)
        self._shown = arrays.delta, colours, lengths

    def _move_numbers(self, arrays, numbers, lengths):
        """The unit's numbers below the equation, and the lengths."""
        above, right, local, delta = map(numbered, numbers)
        own, later, whole = map(rounded, lengths)
        at, under, size = self._at, self._lengths_at, self._size
        unit = written([(f"unit {arrays.unit}", *self._unit)], 10 if self.narrow else 11)
        numbers = [(delta, *at["delta"]), (local, *at["local"]), (whole, *under["delta"])]
        paths = {
            "own": written([(above, *at["own"]), (own, *under["own"])], size),
            "next": written([(right, *at["next"]), (later, *under["next"])], size),
            "ink": Path.make_compound_path(written(numbers, size), unit),
        }
        self._numbers.set_paths([paths[name] for name in INKS])


def _signed(values):
    """A colour by the sign, on paper of either brightness; as square roots, small ones would be too pale to be seen."""
    return np.dstack([np.where(values[..., None] > 0, SIGNED[1], SIGNED[0]), np.sqrt(np.abs(values))])
