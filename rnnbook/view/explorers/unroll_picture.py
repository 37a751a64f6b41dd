"""The picture of the explorer `Unroll`: the unrolled network, two heat strips, and two charts of one step."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.font_manager import findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, IdentityTransform

from rnnbook.view.boxes import NAMES, Size, draw_arrow
from rnnbook.view.diagrams import draw_unrolled
from rnnbook.view.style import COLORS, DIVERGING, look

SIZE = Size(28, 12, 10.5, gap=6)
PLACES = ((0.0, 0.0, 0.65, 1.0), (0.69, 0.28, 0.13, 0.56), (0.85, 0.28, 0.14, 0.56), (0.69, 0.11, 0.3, 0.025))
ENDS = {"W_xh": ((0, 0), (0, 1)), "W_hh": ((-1, 1), (0, 1)), "W_hy": ((0, 1), (0, 2))}  # of arrows, from their step
STRIPS = ((-1.75, -0.6), (-3.2, -2.05))  # bottom and top of each word's strip, below the network
LOGITS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)  # limits to choose from
SPELLED = {" ": "␣", "\n": "↵", "\t": "⇥"}
DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@lru_cache(maxsize=4096)
def shown(letter):
    """A letter as the figure can show it: spaces by a sign, what the font lacks by its code point.

    Parameters
    ----------
    letter : str
        One character.

    Returns
    -------
    str
        One character, or the four to six digits of its code point.

    Examples
    --------
    >>> shown("a"), shown(" "), shown("한")
    ('a', '␣', 'D55C')
    """
    letter = SPELLED.get(letter, letter)
    known = letter.isprintable() and get_font(findfont("DejaVu Sans")).get_char_index(ord(letter))
    return letter if known else f"{ord(letter):04X}"


def spoken(letter):
    """A letter as a sentence can say it: the page has more fonts than the figure.

    Parameters
    ----------
    letter : str
        One character.

    Returns
    -------
    str
        The character; a sign for a space, the code point of what cannot be printed.

    Examples
    --------
    >>> spoken(" "), spoken("한"), spoken("\\0")
    ('␣', '한', 'U+0000')
    """
    letter = SPELLED.get(letter, letter)
    return letter if letter.isprintable() else f"U+{ord(letter):04X}"


class UnrollArtists:
    """The artists of the picture, drawn once for the longest words.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        With four axes: for the network and the strips, the logits, the probabilities, the colour bar.
    longest : int
        Letters at most.

    Attributes
    ----------
    moving : list of Artist
        What changes with the step and the weights. What changes with the words alone is set by `move` too, and
        wants a redraw.
    """

    def __init__(self, fig, longest):
        self.net, self.logits, self.p, self.scale = fig.axes
        self.longest, self._spellings = longest, None
        for ax, place in zip(fig.axes, PLACES, strict=True):
            ax.set_position(place)
        with look():
            self._draw_net()
            self._draw_strips()
            self._draw_bars()
        self.moving = [self._band, *self._strips, *self._guesses, *self._losses, self._cover, *self._lit.values()]
        self.moving += [*self._names.values(), *self._bars, *self._marks]

    def _draw_net(self):
        self._drawn = draw_unrolled(self.net, self.longest, losses=True, labels=False, size=SIZE)
        self._inputs, self._guesses, self._losses = (
            [text for _, text in self._drawn.boxes[kind]] for kind in ("x", "y", "L")
        )
        for text in self._losses:
            text.set_fontsize(9.5)
        for _, text in self._drawn.boxes["h"] + self._drawn.boxes["h_0"]:
            text.set_style("italic")
        self._names = {name: self.net.add_collection(_matrix_name(self.net, name), autolim=False) for name in ENDS}
        self._lit = {name: draw_arrow(self.net, (0, 0), (1, 1), name, SIZE, linewidth=4) for name in ENDS}
        self._band = self.net.add_patch(
            Rectangle((0.5, -3.75), 1, 7.25, facecolor=COLORS["mark"], alpha=0.15, zorder=0)
        )
        self._cover = self.net.add_patch(Rectangle((1.5, -3.75), 1, 7.25, facecolor="white", alpha=0.85, zorder=7))
        for row, word in ((0, "letter xₜ"), (2, "guess from yₜ"), (3, "loss Lₜ")):
            self.net.text(0.45, row, word, ha="right", va="center", fontsize=11)

    def _draw_strips(self):
        image = {"cmap": DIVERGING, "vmin": -1, "vmax": 1, "aspect": "auto", "zorder": 2}
        self._strips = [self.net.imshow(np.zeros((2, 2)), **image) for _ in STRIPS]
        self._titles = [
            self.net.text(0.45, sum(place) / 2, "", ha="right", va="center", fontsize=11, parse_math=False)
            for place in STRIPS
        ]
        style = {"ha": "center", "va": "center", "fontsize": 12, "parse_math": False}
        self._letters = [self.net.text(k + 1, STRIPS[1][0] - 0.28, "", **style) for k in range(self.longest)]
        scale = {"orientation": "horizontal", "ticks": [-1, 0, 1], "label": "hₜ in the strips, a row for each unit"}
        self.net.figure.colorbar(self._strips[0], cax=self.scale, **scale)

    def _draw_bars(self):
        first = {"facecolor": COLORS["mark"], "edgecolor": "black", "linewidth": 0.8}
        second = {"facecolor": "white", "edgecolor": "black", "linewidth": 0.8, "hatch": "////"}
        self._bars = [PolyCollection([], **style, zorder=3) for style in (first, second, first, second)]
        for ax, bars in ((self.logits, self._bars[:2]), (self.p, self._bars[2:])):
            for collection in bars:
                ax.add_collection(collection, autolim=False)
            ax.grid(False, axis="y")
        self._marks = [
            self.p.scatter(
                [], [], s=55, marker="<", clip_on=False, zorder=5, color=color, edgecolor="black", in_layout=False
            )
            for color in (COLORS["mark"], "white")
        ]
        self.logits.set_xlabel("logits")
        self.p.set(xlim=(0, 1.12), xticks=[0, 0.5, 1], xlabel="probability")
        self.p.tick_params(labelleft=False)
        place = {"loc": "lower left", "fontsize": 10, "bbox_to_anchor": (-0.1, 1)}
        self.logits.legend(self._bars[:2], ["word", "second word"], **place)
        self.p.legend(self._marks, ["comes next", "comes next"], **place)

    def move(self, arrays):
        """Put every artist where the arrays say.

        Parameters
        ----------
        arrays : UnrollPicture
            What to show.
        """
        T, t, first = arrays.steps, arrays.step, arrays.spellings[0]
        if arrays.spellings is not self._spellings:  # the step alone leaves the words as they are
            self._spellings = None  # until all of them are there
            self._move_words(arrays, T)
            self._spellings = arrays.spellings
        offset = T - len(first.word)
        for step, (guess, loss) in enumerate(zip(self._guesses, self._losses, strict=True)):
            k = step - offset
            there = 0 <= k < len(first.word)
            known = there and k < len(first.word) - 1
            _write(guess, shown(arrays.guess(first, k)) if there else "", " ✓" if known and first.right[k] else "")
            loss.set_text(f"{first.losses[k]:.2f}" if known else "")
        for strip, place, spelling in zip(self._strips, STRIPS, arrays.spellings, strict=True):
            strip.set_data(spelling.h.T)
            strip.set_extent((T - len(spelling.word) + 0.5, T + 0.5, *place))
        self._band.set_x(t - 0.5)
        self._cover.set_bounds(t + 0.5, -3.75, max(T - t, 0.001), 7.25)
        steps = np.arange(offset + 1, t + 1)[:, None]
        for name, (start, end) in ENDS.items():
            if len(steps):
                self._lit[name].set_positions((t + start[0], start[1]), (t + end[0], end[1]))
            self._lit[name].set_visible(len(steps) > 0)
            self._names[name].set_offsets(np.hstack([steps, 0 * steps]) + (np.array(start) + end) / 2)
        self.net.set_xlim(-1.4 if T > 5 else -1.4 * (T + 1) / 6, T + 0.6)
        self.net.set_ylim(-3.75, 3.5)
        self._move_bars(arrays)

    def _move_words(self, arrays, T):
        """What changes with the words alone."""
        (first, second), V = arrays.spellings, len(arrays.alphabet)
        for texts, spelling in ((self._inputs, first), (self._letters, second)):
            begin = T - len(spelling.word)
            for step, text in enumerate(texts):
                _write(text, shown(spelling.word[step - begin]) if begin <= step < T else "")
        for title, spelling, which in zip(self._titles, arrays.spellings, ("word", "second word"), strict=True):
            letters = [shown(letter) for letter in spelling.word]
            title.set_text("states of\n" + ("".join(letters) if max(map(len, letters)) == 1 else which))
        begin = T - len(first.word)  # the network that is drawn reads the first word
        for step, (_, text) in enumerate(self._drawn.boxes["h"], start=1):
            text.set_text(f"h{step - begin}".translate(DIGITS) if step > begin else "")
        columns = {kind: list(boxes) for kind, boxes in self._drawn.boxes.items() if kind != "h_0"}
        columns |= {
            name: zip(arrows, self._drawn.labels.get(name, arrows), strict=True)
            for name, arrows in self._drawn.arrows.items()
        }
        for kind, column in columns.items():
            for step, parts in enumerate(column):
                for part in parts:
                    part.set_visible(begin <= step < T - (kind in ("L", "")))
        box, letters = self._drawn.boxes["h_0"][0]
        letters.set_text("h₀")
        box.set_offsets([(begin, 1)])
        letters.set_position((begin, 1))
        largest = max(np.abs(spelling.logits).max() for spelling in arrays.spellings)
        limit = next((limit for limit in LOGITS if limit >= largest), largest)
        self.logits.set(xlim=(-limit, limit), xticks=[-limit, 0, limit])
        for ax in (self.logits, self.p):
            ax.set_ylim(V - 0.4, -0.6)
            ax.set_yticks(range(V), [shown(letter) for letter in arrays.alphabet])
            for label in ax.get_yticklabels():
                label.set_fontsize(11 if len(label.get_text()) == 1 else _small(label.get_text()))

    def _move_bars(self, arrays):
        for k, spelling in enumerate(arrays.spellings):
            at, up = arrays.at(spelling), 0.2 if k else -0.2
            for bars, values in ((self._bars[k], spelling.logits), (self._bars[2 + k], spelling.p)):
                bars.set_verts([_bar(value, row + up) for row, value in enumerate(values[at])] if at >= 0 else [])
            following = spelling.word[at + 1 : at + 2] if at >= 0 else ""
            rows = [arrays.alphabet.index(letter) + up for letter in following]
            self._marks[k].set_offsets(np.array([(1.06, row) for row in rows]).reshape(-1, 2))


def _small(code):
    """Size in points at which a code point fits where a letter does."""
    return 6.5 if len(code) > 5 else 7.5


def _write(text, letter, mark=""):
    """Put a letter into a box, small and with its mark below if it is a code point."""
    code = len(letter) > 1
    text.set_text(letter + (mark.replace(" ", "\n") if code else mark))
    text.set_fontsize(_small(letter) if code else SIZE.letters)


def _matrix_name(ax, name):
    """A matrix' name for beside many arrows: outlines, since formulas would be parsed again at every drawing."""
    first, second = name.split("_")
    path = TextPath((0, 0), f"${first}_{{{second}}}$", size=SIZE.matrix)
    box = path.get_extents()
    if name == "W_hh":  # above an arrow that goes right
        shift = -(box.x0 + box.x1) / 2, SIZE.gap - box.y0
    else:  # to the right of one that goes up
        shift = SIZE.gap - box.x0, -(box.y0 + box.y1) / 2
    path = Affine2D().translate(*shift).transform_path(path)
    style = {"facecolor": NAMES[name], "linewidth": 0, "zorder": 8, "transform": IdentityTransform()}
    return PathCollection([path], [1], offsets=np.zeros((0, 2)), offset_transform=ax.transData, **style)  # in points


def _bar(value, row, half=0.18):
    return [(0, row - half), (value, row - half), (value, row + half), (0, row + half)]
