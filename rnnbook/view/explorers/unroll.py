"""Unroll: two words through one network, a step at a time, with the same weights at every step."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.font_manager import findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, IdentityTransform

from rnnbook.lab.tasks import Words
from rnnbook.lab.training import Training
from rnnbook.nn import RNN, SGD, one_hot, readout, softmax, unroll
from rnnbook.view.boxes import NAMES, Size, draw_arrow
from rnnbook.view.diagrams import draw_unrolled
from rnnbook.view.explorers.base import Explorer, InputError
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, DIVERGING, figure, look

HIDDEN, RATE, STEPS, LONGEST = 8, 0.5, 100, 8  # units; rate and steps of training; letters
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


class Spelling(NamedTuple):
    """One word on its way through the network.

    Attributes
    ----------
    word : str
        Its letters.
    h : ndarray
        States after each letter, (letters, H).
    logits, p : ndarray
        What the network makes of each state, (letters, V).
    losses : ndarray
        Minus the logarithm of the probability of the letter that follows, (letters - 1,).
    right : ndarray of bool
        Whether that letter was the most likely one, (letters - 1,).
    """

    word: str
    h: np.ndarray
    logits: np.ndarray
    p: np.ndarray
    losses: np.ndarray
    right: np.ndarray


class UnrollPicture(NamedTuple):
    """What the explorer shows."""

    spellings: tuple  # of Spelling, two
    alphabet: str
    step: int  # of the longer word; the shorter one begins later
    note: str

    @property
    def steps(self):
        """Steps of the longer word."""
        return max(len(spelling.word) for spelling in self.spellings)

    def at(self, spelling):
        """Which letter of a word the step is at, from 0; negative before the word begins."""
        return self.step - 1 - (self.steps - len(spelling.word))

    def guess(self, spelling, k):
        """The letter that is most likely after letter k."""
        return self.alphabet[spelling.p[k].argmax()]

    def apart(self, step):
        """Distance of the two states after a step; a word that has not begun is at the zero state."""
        places = [step - 1 - (self.steps - len(spelling.word)) for spelling in self.spellings]
        one, two = (s.h[k] if k >= 0 else np.zeros(HIDDEN) for s, k in zip(self.spellings, places, strict=True))
        return float(np.linalg.norm(one - two))


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

    question = "At which step do two words part, and do they still differ at the end?"

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


class Unroll(Explorer):
    """Two words, letter by letter, through one small character model of eight tanh units.

    Look for the same letter in two places: the input is equal, the state is not, and so neither is the prediction.
    Then compare the two strips: where the words share their ending, how long does the state still show where they
    differed? The thick arrows are the same three matrices at every step.

    Parameters
    ----------
    **values
        Where the controls start: word, second, weights ("start", "trained"), step (counted from 1), seed.

    Examples
    --------
    >>> explorer = Unroll(word="hello", second="jello", weights="trained")
    >>> explorer.arrays.spellings[0].right.tolist()
    [True, True, True, True]
    """

    def make_controls(self):
        """The controls by name."""
        return {
            "word": _word("Word", "hello"),
            "second": _word("Second word", "jello"),
            "weights": choice("Weights", ["start", "trained"]),
            "step": slider("Step t", 4, 1, 5, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def put(self, name, value):
        """Set a control; with a new word, let the step reach the end of the longer one.

        Parameters
        ----------
        name : str
            The control.
        value : object
            Its value.
        """
        super().put(name, value)
        if name in ("word", "second"):
            longer = max(len(self.controls[key].value[:LONGEST]) for key in ("word", "second"))
            self.controls["step"].max = max(2, longer)

    def _moved(self, change):
        words = self.controls["word"], self.controls["second"]
        if change["owner"] in words and not self.quiet:
            self.set(**{"word" if change["owner"] is words[0] else "second": change["new"]})
        else:
            super()._moved(change)

    @staticmethod
    def compute(word, second, weights, step, seed):
        """Run both words through the network.

        Parameters
        ----------
        word, second : str
            At least two letters each; eight are looked at.
        weights : str
            "start", or "trained" on these two words.
        step : int
            Counted from 1.
        seed : int
            Of the weights.

        Returns
        -------
        UnrollPicture
            What to show.

        Raises
        ------
        InputError
            If a word has fewer than two letters.
        """
        if min(len(word), len(second)) < 2:
            raise InputError("Each word needs two letters, one to see and one to predict")
        words = word[:LONGEST], second[:LONGEST]
        cut = [_quoted(long[:LONGEST]) for long in (word, second) if len(long) > LONGEST]
        note = f" Cut to {LONGEST} letters: {' and '.join(cut)}." if cut else ""
        lacking = {letter: shown(letter) for letter in "".join(words) if len(shown(letter)) > 1}
        if lacking:
            note += f" The picture's font lacks {', '.join(map(spoken, lacking))}: drawn by code point, "
            note += f"{', '.join(lacking.values())}."
        return UnrollPicture(*_spellings(words, weights == "trained", seed), min(step, max(map(len, words))), note)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, _ = figure(ncols=4, width=11.5, height=4.2)
        fig.set_layout_engine("none")
        self._artists = UnrollArtists(fig, LONGEST)
        return fig, self._artists.moving

    def move(self, arrays):
        """Put the artists where the arrays say."""
        self._artists.move(arrays)

    def refresh(self, *, ghost=True):
        """As always; other words are written into boxes and at axes that do not move, so all is redrawn."""
        before, still = [spelling.word for spelling in self.arrays.spellings], self.live.still
        super().refresh(ghost=ghost)
        if [spelling.word for spelling in self.arrays.spellings] != before and self.live.still is still:
            self.live.redraw()

    def reading(self, arrays):
        """What the picture says."""
        first, second = arrays.spellings
        told = "; ".join(_told(arrays, spelling) for spelling in arrays.spellings)
        now, start = arrays.apart(arrays.step), arrays.apart(1)
        since = f" (after step 1: {start:.2f})" if arrays.step > 1 else ""
        return (
            f"Step {arrays.step} of {arrays.steps}: {told}. The two states are {now:.2f} apart{since}. "
            f"Over the whole words, {first.right.sum()} of {len(first.right)} and {second.right.sum()} of "
            f"{len(second.right)} answers are right; the losses add up to {first.losses.sum():.2f} and "
            f"{second.losses.sum():.2f} nats.{arrays.note}"
        )


@lru_cache(maxsize=64)
def character_model(words, trained, seed):
    """A small tanh network over the letters of a few words, at its start or trained to spell them.

    Parameters
    ----------
    words : tuple of str
        The words.
    trained : bool
        Whether to make 100 steps of SGD at 0.5 on all words at once.
    seed : int
        Of the start.

    Returns
    -------
    task : Words
        With the alphabet.
    params : dict of str to ndarray
        The weights; not to be changed, for they are kept.

    Examples
    --------
    >>> task, params = character_model(("hello", "jello"), trained=False, seed=0)
    >>> task.alphabet, params["W_hh"].shape
    ('ehjlo', (8, 8))
    """
    task, V = Words(words), len(set("".join(words)))
    model = task.model(RNN())
    params = model.init_params(V, HIDDEN, V, np.random.default_rng(seed))
    if trained:
        for _ in Training(model, params, iter([task.batch] * STEPS), SGD(RATE)).run(STEPS):
            continue
    return task, params


@lru_cache(maxsize=64)  # the step moves, and the words stay
def _spellings(words, trained, seed):
    task, params = character_model(words, trained, seed)
    return tuple(_spell(task, params, word) for word in words), task.alphabet


def _spell(task, params, word):
    tokens = task.encode(word)
    h, _, _ = unroll(RNN(), params, one_hot(tokens, len(task.alphabet))[:, None])
    logits = readout(params, h)[:, 0]
    p = softmax(logits)
    following = p[np.arange(len(word) - 1), tokens[1:]]
    return Spelling(word, h[:, 0], logits, p, -np.log(following), p[:-1].argmax(axis=1) == tokens[1:])


def _told(arrays, spelling):
    k, word = arrays.at(spelling), _quoted(spelling.word)
    if k < 0:
        return f"{word} has not begun"
    letter, *following = map(_quoted, spelling.word[k : k + 2])
    if not following:
        return f"{word} ends with {letter}"
    probability, guess = np.exp(-spelling.losses[k]), _quoted(arrays.guess(spelling, k))
    return f"{word} reads {letter} and gives {following[0]}, which comes next, {probability:.2f} (most likely {guess})"


def _quoted(letters):
    return f"'{''.join(map(spoken, letters))}'"


def _word(label, value):
    style = {"style": {"description_width": "110px"}, "layout": widgets.Layout(width="auto")}
    return widgets.Text(value=value, description=label, placeholder="Two letters or more", **style)
