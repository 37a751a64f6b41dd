"""Review verdict: what a network holds of a review after every word, and which words made it so."""

from __future__ import annotations

from itertools import zip_longest
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from rnnbook.lab.reading import flip_not, occlusion, review_reader, verdicts, word_gradients
from rnnbook.lab.tasks import Reviews, Vocabulary, split_words
from rnnbook.lab.tasks.corpus import UNKNOWN
from rnnbook.nn.checks import check_instance
from rnnbook.view.colored_words import draw_words, signed_levels, word_rows
from rnnbook.view.explorers.base import Explorer, InputError
from rnnbook.view.explorers.controls import choice, review_field, slider
from rnnbook.view.explorers.word_axis import drawn_word, label_words
from rnnbook.view.style import COLORS, INK, figure, line, look, png, room
from rnnbook.view.touch import Handle, Probe
from rnnbook.view.word_view import WordView

LONGEST, HEIGHT = 100, 3.3  # words that are read; inches
TEXTS = {  # by network: two reviews of the same words in another order
    "en": (
        "the acting was charming to me but the ending was dull to me",
        "the ending was dull to me but the acting was charming to me",
    ),
    "ko": (
        "처음에는 지루한 영화 같았는데 나중에는 훌륭한 영화 같았다",
        "처음에는 훌륭한 영화 같았는데 나중에는 지루한 영화 같았다",
    ),
}
NETWORKS = {"en": "stored, English", "ko": "stored, Korean", "yours": "yours"}
SHADES = {
    "left out": "the word left out",
    "unknown": "unknown in its place",
    "gradient": "gradient × input",
}
KEY = "Colours: a word's part in the verdict at the end. Blue: for good. Orange, underlined: for bad."
HOW = {"left out": "leaving words out", "unknown": "unknown words in their place", "gradient": "gradient times input"}


class TextVerdict(NamedTuple):
    """One text and what the network makes of it.

    Attributes
    ----------
    words : list of str
        As the reader typed them, in small letters.
    known : ndarray of bool
        Which of them are in the vocabulary.
    p : ndarray
        Probability of good after every word.
    parts : ndarray
        What each word has to do with the last logit, signed, in the chosen way.
    """

    words: list
    known: np.ndarray
    p: np.ndarray
    parts: np.ndarray


class ReviewPicture(NamedTuple):
    """What the explorer shows."""

    first: TextVerdict
    second: TextVerdict | None
    word: int  # of the first text, counted from 1
    shade: str
    note: str  # what the reader should know: a cut


class ReviewVerdict(Explorer):
    """Type a review: the verdict of a network after every word, and the words that made it.

    The curve is the probability of good after each word; a second review runs beside the first. A word's colour says
    what the last verdict has from it, blue for good and orange, underlined, for bad: how much the logit falls when the
    word is left out or unknown, or the gradient times the word's vector. Look for where the curve turns, and for words
    that no colour marks although they matter. *Flip not* takes every *not* out, or puts one behind the last *is* or
    *was*; in Korean it flips -지 않은.

    Parameters
    ----------
    task : Reviews, optional
        Whose vocabulary the network has; without one there are two networks that are stored with the book.
    model, params : Model and dict of str to ndarray, optional
        A network trained on it; a copy of its weights is kept.
    **values
        Where the controls start: network ("en", "ko", "yours"), text, second, shade ("left out", "unknown",
        "gradient"), word (counted from 1).

    Raises
    ------
    TypeError
        If not all of task, model and params are given, or one is not of its kind.

    Examples
    --------
    >>> explorer = ReviewVerdict(text="the plot was not dull", second="", word=4)
    >>> explorer.arrays.first.p.round(2).tolist()
    [0.6, 0.59, 0.6, 0.76, 0.89]
    >>> explorer.live.reading.split(". ")[0]
    "Word 4 of 5, 'not', turns the verdict most: good 0.60 before it, 0.76 after it; at the end 0.89"
    """

    question = "Which word turns the verdict?"
    reflows = True
    in_sight = ("word", "network")

    def __init__(self, task=None, model=None, params=None, /, **values):
        given = [name for name, one in (("task", task), ("model", model), ("params", params)) if one is not None]
        if given and len(given) < 3:
            raise TypeError(f"a network of your own is given by task, model and params; got {', '.join(given)}")
        self.own = None
        if given:
            check_instance("task", task, Reviews, "Reviews(make_reviews())")
            verdicts(model, params, np.array([UNKNOWN]))  # says what is wrong with them
            self.own = task.vocabulary, model, {name: array.copy() for name, array in params.items()}
        self._seen, self._looked, self._flipped = {}, 11, ("", "")
        self.pages = WordView("first"), WordView("second")
        self.key = widgets.HTML(f"<small>{KEY}</small>")
        self.pages[0].on_choice = lambda k: self.slide(word=k + 1)
        self.flip_button = widgets.Button(
            description="Flip not", icon="exchange", tooltip="Take every not out, or put one behind the last is or was"
        )
        self.flip_button.layout = widgets.Layout(width="auto", margin="2px 2px 2px 120px")
        self.flip_button.on_click(lambda _: self.flip())
        super().__init__(**values)

    def make_controls(self):
        """The controls by name."""
        networks = [*(["yours"] if self.own else []), "en", "ko"]
        first, second = TEXTS["en"]
        return {
            "network": choice("Network", [(NETWORKS[name], name) for name in networks]),
            "text": review_field("Review", first),
            "second": review_field("Compare", second),
            "shade": choice("Colour by", [(words, name) for name, words in SHADES.items()]),
            "word": slider("Look at word", 11, 1, len(split_words(first)), 1),
        }

    def rows(self):
        """The two texts, the other controls, the coloured words, the chart."""
        grid, rest, reasons, live = super().rows()
        texts = [self.controls["text"], self.controls["second"]]
        return [*texts, widgets.HBox([self.flip_button]), grid, rest, reasons, self.key, *self.pages, live]

    def out_of_sight(self):
        """The controls but for the texts, which have places of their own."""
        return [self.controls["shade"]]

    def put(self, name, value):
        """Set a control; the slider ends with the text, and the book's own examples follow the network's language.

        Parameters
        ----------
        name : str
            The control.
        value : object
            Its value.
        """
        super().put(name, value)
        if name == "word":
            self._looked = self.controls["word"].value
        if name == "network":
            texts = TEXTS["ko" if value == "ko" else "en"]
            for field, (k, _) in zip(("text", "second"), enumerate(texts), strict=True):
                own = [form for others in TEXTS.values() for form in (others[k], flip_not(others[k]))]
                if self.controls[field].value in own:
                    self.put(field, texts[k])  # what the reader typed stays
        if name == "text":
            control, last = self.controls["word"], max(1, min(len(split_words(value)), LONGEST))
            control.max = last
            control.value = min(self._looked, last)  # where a shorter text has been typed over, it is the same again

    def _moved(self, change):
        moved = next((name for name in ("network", "text") if change["owner"] is self.controls[name]), None)
        if moved and not self.quiet:
            self.set(**{moved: change["new"]})
        else:
            if change["owner"] is self.controls["word"] and not self.quiet:
                self._looked = change["new"]
            super()._moved(change)

    def flip(self):
        """Flip the *not* of the first review."""
        text = self.controls["text"].value
        flipped = flip_not(text)
        if flipped == text:
            self.complain("There is no not to take out, and no is, was, are or were to put one behind")
            return
        self._flipped = flipped, _change(split_words(text), split_words(flipped))
        self.set(text=flipped)

    def reset(self):
        """Put every control back to where it started, and forget what *Flip not* did."""
        self._flipped = "", ""
        super().reset()

    def complain(self, trouble):
        """Say what is wrong; words that are no more are not shown.

        Parameters
        ----------
        trouble : str or Exception
            What is wrong.
        """
        super().complain(trouble)
        if not split_words(self.controls["text"].value):
            self.pages[0].show((), [], (), -1)

    def compute(self, network, text, second, shade, word):
        """Read both texts with the chosen network.

        Parameters
        ----------
        network, text, second, shade : str
            The choices; without a second text there is none.
        word : int
            Which word of the first text is looked at, counted from 1.

        Returns
        -------
        ReviewPicture
            What to show.

        Raises
        ------
        InputError
            If the first text has no word.
        """
        if not split_words(text):
            raise InputError("Type at least one word; here is none")
        first, second = self._read(network, text, shade), self._read(network, second, shade)
        cut = [name for name, said in (("first", first), ("second", second)) if said and said[1]]
        note = f" The {' and the '.join(cut)} review is cut to {LONGEST} words." if cut else ""
        first, second = (None if said is None else said[0] for said in (first, second))
        return ReviewPicture(first, second, min(word, len(first.words)), shade, note)

    def _read(self, network, text, shade):
        """What a network makes of a text, and whether the text was cut; most moves only look elsewhere."""
        key = network, text, shade
        if key not in self._seen:
            words = split_words(text)
            self._seen = dict([*self._seen.items()][-7:])  # the last few
            self._seen[key] = None
            if words:
                judge = self.own if network == "yours" else review_reader(network)
                self._seen[key] = judged(*judge, words[:LONGEST], shade), len(words) > LONGEST
        return self._seen[key]

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, ax = figure(width=11.5, height=HEIGHT)
        width = fig.get_size_inches()[0]
        fig.set_layout_engine("none")  # room for words below, whatever their length
        ax.set_position((0.72 / width, 1.08 / HEIGHT, 1 - 0.87 / width, 1.85 / HEIGHT))
        with look():
            ax.set(ylim=(-0.03, 1.03), yticks=(0, 0.5, 1), ylabel="probability of good")
            ax.axhline(0.5, color=COLORS["muted"], linewidth=0.8, zorder=1)
            every = {"markevery": None, "markersize": 5}
            self._second = ax.plot([], [], **line("baseline", marker="s", **every, label="second"))[0]
            self._first = ax.plot([], [], **line("gru", linestyle="-", marker="o", **every, label="first"))[0]
            self._at = ax.axvline(1, color=COLORS["mark"], linewidth=1, zorder=1)
            self._point = ax.plot(
                [], [], **line("mark", linestyle="none", markersize=9, markevery=None, clip_on=False)
            )[0]
            beside = {"xytext": (6, 3), "textcoords": "offset points", "annotation_clip": False}
            self._turn = ax.annotate("", (1, 0.5), **beside, color=INK["baseline"], fontsize=10, zorder=4)
            self._key = self._legend(ax, width)
        return fig, [ax.xaxis, self._at, self._second, self._first, self._point, self._turn, *self._key]

    def _legend(self, ax, width):
        """Names above the chart; returns those of the second curve, which go with it: a whole legend takes 15 ms."""
        artists = []
        for k, (name, curve) in enumerate({"first": self._first, "second": self._second}.items()):
            left = (0.05 + 1.15 * k) / (width - 0.87)
            style = {key: getattr(curve, f"get_{key}")() for key in ("color", "linestyle", "marker", "markersize")}
            ends, above = [left, left + 0.4 / (width - 0.87)], {"transform": ax.transAxes, "clip_on": False}
            artists = [ax.plot(ends, [1.1, 1.1], **style, **above)[0]]
            artists.append(
                ax.text(ends[1] + 0.1 / (width - 0.87), 1.1, name, va="center_baseline", fontsize=11, **above)
            )
        return artists

    def move(self, arrays):
        """Put the artists where the arrays say, and colour the words."""
        self._move_chart(self.fig.axes[0], arrays)
        for page, text, levels, word in zip(self.pages, *self._shaded(arrays), (arrays.word, 0), strict=True):
            words, known = (text.words, text.known) if text else ((), ())
            page.show(words, levels, known, word - 1)

    def _move_chart(self, ax, arrays):
        first, second, words = arrays.first, arrays.second, arrays.first.words
        T = max(len(words), len(second.words) if second else 0, 2)
        label_words(ax, words, T)
        self._first.set_data(range(1, len(words) + 1), first.p)
        self._second.set_visible(second is not None)
        if second:
            self._second.set_data(range(1, len(second.words) + 1), second.p)
        self._at.set_xdata([arrays.word] * 2)
        self._point.set_data([arrays.word], [first.p[arrays.word - 1]])
        for part in (*self._key, self._turn):
            part.set_visible(second is not None)
        turn = _turn(second) if second else None
        self._turn.set_text("" if turn is None else drawn_word(second.words[turn]))
        if turn is not None:
            inches = (ax.figure.get_size_inches()[0] - 0.87) * (T - turn - 0.5) / T + 0.13  # behind the point
            right = inches > 0.083 * len(self._turn.get_text())
            up = second.p[turn] < second.p[turn - 1]  # the curve comes from the other side
            self._turn.xy = (turn + 1, second.p[turn])
            self._turn.set(ha="left" if right else "right", va="bottom" if up else "top")
            self._turn.set_position((2 if right else -2, 4 if up else -4))

    @staticmethod
    def _shaded(arrays):
        """Both texts, and the shades of their words: the largest part of either is the darkest."""
        texts = arrays.first, arrays.second
        largest = max(np.abs(text.parts).max() for text in texts if text)
        return texts, [signed_levels(text.parts, largest) if text else [] for text in texts]

    def touch(self):
        """The word is dragged along the curve; both curves are read."""
        ax = self.fig.axes[0]
        return {
            "handles": [
                Handle(
                    name="word",
                    ax=ax,
                    at=lambda: (self.arrays.word, self.arrays.first.p[self.arrays.word - 1]),
                    drag=lambda x, y: self.slide(word=x),
                    step=lambda right, up: self.step(word=right + up),
                    said=lambda: f"word {self.arrays.word}, {self.arrays.first.words[self.arrays.word - 1]}",
                )
            ],
            "probes": [Probe(ax, "word", {"first": self._first, "second": self._second})],
            "ghosts": [self._first],
        }

    def reading(self, arrays):
        """What the picture says: the word that is looked at, the words that count most, and the second review."""
        first, second, k = arrays.first, arrays.second, arrays.word - 1
        before, turn = (f"{first.p[k - 1]:.2f} before it, " if k else ""), _turn(first)
        word = f"Word {arrays.word} of {len(first.words)}, {_quoted(first.words[k])}"
        good = f"good {before}{first.p[k]:.2f} after it"
        if turn is None or turn == k:
            turns = ", turns the verdict most" if turn == k else ""
            said = [f"{word}{turns}: {good}; at the end {first.p[-1]:.2f}."]
        else:
            change = f"from {first.p[turn - 1]:.2f} to {first.p[turn]:.2f}; at the end {first.p[-1]:.2f}"
            said = [f"{_quoted(first.words[turn])} turns the verdict most, {change}.", f"{word}: {good}."]
        said.append(_most(first, arrays.shade))
        if second:
            said.append(f"The second review ends at {second.p[-1]:.2f}.")
        if self._flipped[0] == self.controls["text"].value:
            said.append(self._flipped[1])
        strange = [word for text in (first, second) if text for word in _strange(text)]
        if strange:
            more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
            said.append(f"Not in the vocabulary: {', '.join(map(_quoted, strange[:3]))}{more}.")
        return " ".join(said) + arrays.note

    def png(self):
        """The coloured words above the chart.

        Returns
        -------
        bytes
            A PNG file.
        """
        with room(None):
            return self._png()

    def _png(self):
        texts, levels = self._shaded(self.arrays)
        shown = [
            (name, text, shades, word)
            for name, text, shades, word in zip(("first", "second"), texts, levels, (self.arrays.word, 0), strict=True)
            if text
        ]
        tall = [0.3 * word_rows(text.words) + 0.08 for _, text, *_ in shown]
        live = self.fig, self._first, self._second, self._at, self._point, self._turn, self._key
        fig, _ = self.draw(self.arrays)
        self._move_chart(fig.axes[0], self.arrays)
        self.fig, self._first, self._second, self._at, self._point, self._turn, self._key = live
        width, height = fig.get_size_inches()
        whole = height + sum(tall)
        fig.set_size_inches(width, whole)
        left, bottom, wide, high = fig.axes[0].get_position().bounds
        fig.axes[0].set_position((left, bottom * height / whole, wide, high * height / whole))
        top = whole
        for (name, text, shades, word), inches in zip(shown, tall, strict=True):
            top -= inches
            ax = fig.add_axes((0.01, top / whole, 0.98, inches / whole))
            draw_words(ax, name, text.words, shades, text.known, word - 1)
        return png(fig)


def judged(vocabulary: Vocabulary, model, params, words, shade):
    """What a network makes of some words."""
    tokens = vocabulary.encode(" ".join(words))
    if shade == "gradient":
        parts = word_gradients(model, params, tokens).products
    else:
        parts = occlusion(model, params, tokens, shade)
    return TextVerdict(words, tokens != UNKNOWN, verdicts(model, params, tokens), parts)


def _most(text, shade):
    """The words that count most, one each way, and in which way they do."""
    found = []
    for side, k in (("good", int(text.parts.argmax())), ("bad", int(text.parts.argmin()))):
        if text.parts[k] * (1 if side == "good" else -1) >= 0.05:  # 0.1 as it is written
            found.append(f"most for {side} is {_quoted(text.words[k])} (word {k + 1}), {text.parts[k]:+.1f}")
    return f"For the end, by {HOW[shade]}, in logits: {'; '.join(found) or 'no word counts for 0.1'}."


def _turn(text):
    """The word at which the probability changes most, counted from 0; none in a review of one word."""
    return int(np.abs(np.diff(text.p)).argmax()) + 1 if len(text.p) > 1 else None


def _change(before, after):
    """What Flip not has done, in words."""
    k = next(k for k, pair in enumerate(zip_longest(before, after)) if pair[0] != pair[1])
    if len(after) > len(before):
        return f"Flip not has put {_quoted(after[k])} in as word {k + 1}."
    if len(after) < len(before):
        return f"Flip not has taken out {_quoted(before[k])}, which was word {k + 1}."
    return f"Flip not has made {_quoted(after[k])} of {_quoted(before[k])}, word {k + 1}."


def _strange(text):
    """The words of a text that the network does not know, each once."""
    return dict.fromkeys(word for word, known in zip(text.words, text.known, strict=True) if not known)


def _quoted(word):
    """A word as a sentence can say it."""
    return repr(word if len(word) <= 30 else word[:29] + "…")
