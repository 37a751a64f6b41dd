"""The picture of `Unroll`: two words face one another, each with the network that reads it; their distance below."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.ticker import FixedFormatter, FixedLocator

from rnnbook.view.explorers.spelling import HIDDEN
from rnnbook.view.outlines import arrows, bars, draw_outlines, shown, written
from rnnbook.view.style import COLORS, DIVERGING, INK, figure, line, look

LONGEST = 8  # letters of a word
WIDE, TALL = 828, 362  # points; what is taller leaves a slide no room for controls and sentence
CELL, LETTERS, SMALL = 4.5, 14, 11  # height of a unit; sizes of letters, and of signs and numbers
GAP = 20  # units between the two words' states
ROOMY = 35  # points of a column in which a number stands beside the next one
ASIDE = 0.15  # of a column, by which what stands in it is right of its middle: the arrow that comes in has room
LIMITS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)  # of the distance, which is below twice the root of the units
SCALE = 18  # from the middle to where the bars begin
NOTES = (  # below the bars, from above
    "States: orange −1, white 0, purple 1",
    "Same first letter: starts aligned;",
    "otherwise: ends aligned.",
    "A new letter makes a new network.",
    "✓: the guess is the next letter.",
)
WORDS = {  # face, edge and its width of what is drawn for the words, from below
    "grid": ("#E3E3E3", "none", 0),
    "W_xh": (COLORS["lstm"], "none", 0),
    "W_hh": (COLORS["rnn"], "none", 0),
    "W_hy": (COLORS["gru"], "none", 0),
    "halo": ("#FFFFFF", "#FFFFFF", 3),
    "ink": ("#000000", "none", 0),
    "differ": (INK["mark"], "none", 0),
}
STEP = {  # the same of what is drawn for the step
    **{name: WORDS[name] for name in ("W_xh", "W_hh", "W_hy")},
    "others": ("#E9E9E9", COLORS["muted"], 0.8),
    "next": (COLORS["mark"], "#000000", 0.8),
    "halo": WORDS["halo"],
    "numbers": WORDS["ink"],
}


class Room(NamedTuple):
    """Where things lie, in points from the figure's lower left corner."""

    width: float
    height: float
    left: float  # the columns
    right: float
    base: float  # the axis of the distance
    middle: float  # between two bars
    reach: float  # of a probability of 1
    top: float  # the heads of the bars
    bottom: float  # the lowest scale of theirs
    plain: float  # size of names
    gap: float  # from the second word's states down to the distance
    columns: int  # for which there is room at least: a hand need not go far from one to the next

    @property
    def first(self):
        """Upper edge of the first word's states."""
        return self.height - 50

    @property
    def second(self):
        """Lower edge of the second word's states."""
        return self.first - (2 * HIDDEN + GAP) * CELL

    @property
    def between(self):
        """Height of the sign between the two letters."""
        return (self.first + self.second) / 2


def room(width):
    """Where things lie in a figure of this width: bars at the side, or below on a narrow page."""
    if width >= WIDE:
        return Room(WIDE, TALL, 128, 552, 44, 698, 76, TALL - 20, 100, 11, 58, LONGEST)
    return Room(width, 800, 62, width - 8, 424, width / 2, width / 2 - 60, 350, 96, 10.5, 84, 5)


class UnrollArtists:
    """The artists of the picture, drawn once for all words.

    Attributes
    ----------
    fig : matplotlib.figure.Figure
        The figure.
    net, distance : matplotlib.axes.Axes
        The words' states, in points; their distance.
    curve : Line2D
        The distance.
    moving : list of Artist
        What changes.
    """

    def __init__(self):
        self.fig, (self.net, self.distance) = figure(ncols=2, width=WIDE / 72, height=TALL / 72)
        self.fig.set_layout_engine("none")  # what is written between the columns has its places in points
        self.place = place = room(72 * self.fig.get_size_inches()[0])
        self.fig.set_size_inches(place.width / 72, place.height / 72)
        self._shown = None
        with look():
            self._draw_net()
            self._draw_distance()
            self._draw_heads()
        axes, drawn = [self.distance.xaxis, self.distance.yaxis], [self._words, self._step]
        self.moving = [*axes, *self._heads, self._band, self._states, self.curve, self._point, *drawn, self._cover]

    def _draw_net(self):
        place, net = self.place, self.net
        net.set_position((0, 0, 1, 1))
        net.set(xlim=(0, place.width), ylim=(0, place.height))
        net.set_axis_off()
        tall = place.height - place.base - 4
        self._band = net.add_patch(Rectangle((0, place.base), 1, tall, facecolor=COLORS["mark"], alpha=0.18, zorder=0))
        scale = {"cmap": DIVERGING, "vmin": -1, "vmax": 1, "aspect": "auto", "zorder": 2}
        self._states = net.imshow(np.zeros((2, 2)), **scale)
        half = HIDDEN * CELL / 2
        space = "\n" if place.width < WIDE else " "
        names = [(f"{which}{space}word", place.between + up * 19, None) for which, up in (("first", 1), ("second", -1))]
        for edge, up in ((place.first, 1), (place.second, -1)):
            names += [("guess", edge + 29 * up, None), ("$W_{hy}$", edge + 9 * up, "gru")]
            names += [("state $h_t$", edge - (half - 8) * up, None), ("$W_{hh}$", edge - (half + 8) * up, "rnn")]
            names += [("$W_{xh}$", edge - (2 * half + 9) * up, "lstm")]
        for words, y, colour in names:
            ink = INK[colour] if colour else "black"
            net.text(
                place.left - 14, y, words, ha="right", va="center", fontsize=place.plain, color=ink, linespacing=0.95
            )

    def _draw_distance(self):
        place, ax = self.place, self.distance
        wide, tall = place.right - place.left, place.second - place.gap - place.base
        ax.set_position((place.left / place.width, place.base / place.height, wide / place.width, tall / place.height))
        ax.patch.set_visible(False)
        ax.grid(False)
        ax.set_xlabel("step t", labelpad=1)
        ax.tick_params(labelsize=place.plain)
        name, side = (place.left - 34, place.base + tall / 2, "distance\nof the\nstates"), "right"
        if place.width < WIDE:
            name, side = (4, place.second - 56, "distance of the states"), "left"
        self.net.text(*name, ha=side, va="center", fontsize=place.plain)
        style = line("theory", linestyle="-", marker="o", markersize=5, markevery=None, clip_on=False)
        self.curve = ax.plot([], [], **style)[0]
        mark = line("mark", linestyle="none", markersize=11, markevery=None, clip_on=False, zorder=5)
        self._point = ax.plot([], [], **mark)[0]
        self._words, self._step = draw_outlines(ax, WORDS, 6), draw_outlines(ax, STEP, 9)
        self._cover = Rectangle((0, 0), 1, 1, facecolor="white", alpha=0.8, zorder=8, clip_on=False)
        self._cover.set_transform(self._words.get_transform())
        ax.add_artist(self._cover)

    def _draw_heads(self):
        place, net = self.place, self.net
        title = {"ha": "center", "va": "center", "fontsize": place.plain}
        net.text(place.middle, place.top, "probability of the next letter", **title)
        for k, words in enumerate(NOTES):
            net.text(place.middle, 65 - 13 * k, words, **title | {"fontsize": 10, "color": INK["muted"]})
        heads = {"va": "center", "fontsize": place.plain + 1, "parse_math": False}
        self._heads = [
            net.text(place.middle + way * (SCALE + 2), place.top - 22, "", ha=side, **heads)
            for way, side in ((-1, "right"), (1, "left"))
        ]

    def move(self, arrays):
        """Put every artist where the arrays say.

        Parameters
        ----------
        arrays : UnrollPicture
            What to show.
        """
        place, t = self.place, arrays.step
        if self._shown is not arrays.spellings:  # the step alone leaves the words as they are
            self._shown = None  # until all of them are there
            self._pitch = (place.right - place.left) / max(arrays.steps, place.columns)
            self._row = min(36, (place.top - 36 - place.bottom) / len(arrays.alphabet))
            self._move_words(arrays)
            paths = self._columns(arrays) | self._letters(arrays)
            self._words.set_paths([paths[name] for name in WORDS])
            self._shown = arrays.spellings
        end = place.left + t * self._pitch
        self._band.set_x(end - self._pitch)
        self._band.set_width(self._pitch)
        self._cover.set_bounds(end, place.base + 1, max(place.right + 14 - end, 0.01), place.height)
        self._point.set_data([t], [arrays.now])
        self._point.set_visible(t <= len(arrays.apart))  # where a word has ended, there is no distance
        paths = self._thick(arrays) | self._bars(arrays)
        self._step.set_paths([paths[name] for name in STEP])

    def _x(self, step):
        """Middle of what stands in a step's column."""
        return self.place.left + (step - 0.5 + ASIDE) * self._pitch

    def _sides(self, arrays):
        """Each word with the outer edge of its states, and which way is outwards."""
        return zip(arrays.spellings, (self.place.first, self.place.second), (1, -1), strict=True)

    def _move_words(self, arrays):
        """What changes with the words and the weights: states, distance, heads."""
        place, T = self.place, arrays.steps
        cells = np.full((2 * HIDDEN + GAP, T, 4), np.nan)  # four parts a step: the state is as wide as two of them
        for k, spelling in enumerate(arrays.spellings):
            rows = slice(0, HIDDEN) if k == 0 else slice(HIDDEN + GAP, None)
            cells[rows, arrays.begin(spelling) :][:, : len(spelling.word), 1:3] = spelling.h.T[:, :, None]
        self._states.set_data(cells.reshape(len(cells), -1))
        ends = self._x(0.5), self._x(T + 0.5)
        self._states.set_extent((*ends, place.second, place.first))
        self.curve.set_data(range(1, len(arrays.apart) + 1), arrays.apart)
        self.distance.set_xlim(0.5 - ASIDE, max(T, place.columns) + 0.5 - ASIDE)
        top = next(top for top in LIMITS if top >= arrays.apart.max())
        self.distance.set_ylim(-0.28 * top, 1.04 * top)  # a handle at 0 covers no number below
        for axis, ticks in ((self.distance.xaxis, range(1, T + 1)), (self.distance.yaxis, (0, top))):
            axis.set_major_locator(FixedLocator(ticks))
            axis.set_major_formatter(FixedFormatter([f"{tick:g}" for tick in ticks]))
        for head, spelling, which in zip(self._heads, arrays.spellings, ("first word", "second word"), strict=True):
            letters = [shown(letter) for letter in spelling.word]
            head.set_text("".join(letters) if max(map(len, letters)) == 1 else which)

    def _columns(self, arrays):
        """The arrows of all steps, and the lines behind the bars."""
        ways = {"W_xh": [], "W_hh": [], "W_hy": []}
        for spelling, edge, up in self._sides(arrays):
            for k in range(len(spelling.word)):
                for name, way in self._arrows(arrays.begin(spelling) + k + 1, edge, up, first=k == 0).items():
                    ways[name].append(way)
        place, end = self.place, self._end(arrays)
        lines = [place.middle + way * (SCALE + share * place.reach) for way in (-1, 1) for share in (0, 0.5, 1)]
        grid = bars([(x - 0.4, end, x + 0.4, place.top - 36) for x in lines])
        return {name: arrows(places, 2) for name, places in ways.items()} | {"grid": grid}

    def _arrows(self, step, edge, up, first):
        """Start and end of the three arrows of a step."""
        x, half, inner = self._x(step), edge - up * HIDDEN * CELL / 2, edge - up * HIDDEN * CELL
        start = self.place.left + (step - 1) * self._pitch if first else self._x(step - 1) + 0.27 * self._pitch
        return {
            "W_xh": (x, inner - 15 * up, x, inner - up),
            "W_hh": (start, half, x - 0.27 * self._pitch, half),
            "W_hy": (x, edge + 2 * up, x, edge + 17 * up),
        }

    def _letters(self, arrays):
        """Letters, guesses, signs and numbers of all steps, and the letters beside the bars."""
        place, letters, small, differ = self.place, [], [], []
        for spelling, edge, up in self._sides(arrays):
            begin = arrays.begin(spelling)
            small.append(("0", place.left + begin * self._pitch - 7, edge - up * HIDDEN * CELL / 2))
            for k, letter in enumerate(spelling.word):
                x, y = self._x(begin + k + 1), edge + 29 * up
                letters += [(shown(letter), x, place.between + 19 * up), (shown(arrays.guess(spelling, k)), x, y)]
                right = (x - 14, y) if self._pitch > 1.5 * ROOMY else (x, y + 12 * up)
                small += [("✓", *right)] * bool(k < len(spelling.right) and spelling.right[k])
        beside = [(shown(a), place.middle, y) for a, y in zip(arrays.alphabet, self._heights(arrays), strict=True)]
        for step in range(1 + max(map(arrays.begin, arrays.spellings)), len(arrays.apart) + 1):
            one, two = (spelling.word[step - 1 - arrays.begin(spelling)] for spelling in arrays.spellings)
            (small if one == two else differ).append(("=" if one == two else "≠", self._x(step), place.between))
        y = self._end(arrays) - 9
        small.append(("with a number: what comes next", place.middle, y - 19))
        for way in (-1, 1):
            small += [(f"{share:g}", place.middle + way * (SCALE + share * place.reach), y) for share in (0, 0.5, 1)]
        numbers = [self._number(arrays, t) for t in range(1, len(arrays.apart) + 1)] if self._pitch > ROOMY else []
        code = 7 if self._pitch > ROOMY else 5
        ink = [written(small + numbers, SMALL)]
        for items, size in ((letters, LETTERS), (beside, min(LETTERS, 0.85 * self._row))):
            ink.append(written([item for item in items if len(item[0]) == 1], size))
            ink.append(written([item for item in items if len(item[0]) > 1], code))  # code points fit where letters do
        ink = Path.make_compound_path(*ink)
        return {"halo": written(numbers, SMALL), "ink": ink, "differ": written(differ, LETTERS)}

    def _number(self, arrays, t):
        """The distance at a step, above its point."""
        to_points = self.distance.transData - self._words.get_transform()
        return f"{arrays.apart[t - 1]:.2f}", self._x(t), to_points.transform((t, arrays.apart[t - 1]))[1] + 18

    def _end(self, arrays):
        """Lower end of the bars."""
        return self.place.top - 36 - self._row * len(arrays.alphabet)

    def _heights(self, arrays):
        """Middle of each letter's bars."""
        return self._end(arrays) + self._row * (np.arange(len(arrays.alphabet))[::-1] + 0.5)

    def _thick(self, arrays):
        """The arrows of the step."""
        ways = {"W_xh": [], "W_hh": [], "W_hy": []}
        for spelling, edge, up in self._sides(arrays):
            if arrays.at(spelling) is not None:
                for name, way in self._arrows(arrays.step, edge, up, first=arrays.at(spelling) == 0).items():
                    ways[name].append(way)
        return {name: arrows(places, 4) for name, places in ways.items()}

    def _bars(self, arrays):
        """What each word's state makes of every letter; with a number, of the one that comes next."""
        place, half, found = self.place, 0.38 * self._row, {"others": [], "next": []}
        t = min(arrays.step, len(arrays.apart))
        numbers = [] if self._pitch > ROOMY else [self._number(arrays, t)]
        halo = written(numbers, SMALL)
        for spelling, way in zip(arrays.spellings, (-1, 1), strict=True):
            k = arrays.at(spelling)
            if k is None:
                continue
            letter, start = spelling.word[k + 1 : k + 2], place.middle + way * SCALE
            for y, name, p in zip(self._heights(arrays), arrays.alphabet, spelling.p[k], strict=True):
                end = start + way * p * place.reach
                bar = min(start, end), y - half, max(start, end), y + half
                found["next" if name == letter else "others"].append(bar)
                numbers += [(f"{p:.2f}", end + 5 * way, y, "left" if way > 0 else "right")] * (name == letter)
        paths = {name: bars(places) for name, places in found.items()}
        return paths | {"halo": halo, "numbers": written(numbers, SMALL)}
