"""Padding: what padding before or behind a review does to the last state, and to the gradient at the words."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.patches import Patch, Rectangle

from rnnbook.lab.gradients.flow import from_the_last, magnitudes
from rnnbook.lab.reading import review_reader
from rnnbook.lab.tasks import pad, split_words
from rnnbook.nn import GRU, RNN, Model, readout, sigmoid, unroll
from rnnbook.view import plots
from rnnbook.view.explorers.base import Explorer, InputError
from rnnbook.view.explorers.controls import choice, review_field, slider
from rnnbook.view.explorers.word_axis import label_words
from rnnbook.view.style import COLORS, INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

LAST, SHORTEST, LONGEST = 160, 4, 40  # steps at most and at least; words that are read
H, D, SPREAD = 32, 16, 0.3  # units, features of a fresh network, and how its vectors are spread
TEXT = "the plot was dull to me but the ending was not dull to me"
LIMITS, SMALL = (1e-30, 1e4), 0.01  # of what is shown; the share of the gradient below which it counts as gone
NETS = {"GRU": "GRU, fresh", "RNN": "RNN, fresh", "stored": "GRU, stored"}
SIDES = {"right": "behind the words", "left": "before the words"}
HEIGHT = 3.5


class PaddingPicture(NamedTuple):
    """What the explorer shows.

    Attributes
    ----------
    words : list of str
        Those that are read.
    cut : int
        Words that had no room.
    T, side, masked : int, str and bool
        The choices.
    first : int
        The step of the first word, counted from 1.
    away : ndarray
        How far each state is from that of the words alone, as a share of the length of their last one, (T,).
    p, alone : ndarray
        Probability of good at every step, and that of the words alone, (T,).
    norms, free : ndarray
        The gradient of the last logit at every word, and that of the words alone, (words,).
    net : str
        Which network.
    lasts : int or None
        Steps of padding behind the words, without a mask, after which the largest gradient at a word is below 1 % of
        that of the words alone; none if it stays above, or the choices are others.
    """

    words: list
    cut: int
    T: int
    side: str
    masked: bool
    first: int
    away: np.ndarray
    p: np.ndarray
    alone: np.ndarray
    norms: np.ndarray
    free: np.ndarray
    net: str
    lasts: int | None


class Padding(Explorer):
    """One review, filled up to T steps: what reaches the last state, and what comes back to the words.

    On the left how far each state is from the one that the words alone give; in the middle the verdict step by step;
    on the right the gradient of the last logit at every word, which is all that a word can learn from. Look for padding
    behind the words without a mask: the state is driven on by the padding, whatever the words said, and the gradient
    at the words falls with every step of it, soon below the line at 1 % of the largest one of the words alone. Drag the
    end of the sequence.

    Parameters
    ----------
    **values
        Where the controls start: T, side ("right", "left"), mask ("no", "yes"), net ("GRU", "RNN", "stored"), text,
        seed.

    Examples
    --------
    >>> explorer = Padding(T=20, net="stored", text="the plot was not dull")
    >>> explorer.live.reading.split(". ")[0]
    'GRU, stored: the gradient at the words stays above 1 % of that without padding over 155 steps of it'
    """

    question = (
        "After how many steps of padding is the gradient at the words below 1 % of that without padding, and what does "
        "a mask change?"
    )
    reflows = True
    in_sight = ("T", "mask", "net")
    played = "T"

    def make_controls(self):
        """The controls by name."""
        return {
            "T": slider("Steps T", 80, len(split_words(TEXT)), LAST, 1),
            "side": choice("Padding", [(words, side) for side, words in SIDES.items()]),
            "mask": choice("Mask", [("without", "no"), ("with", "yes")]),
            "net": choice("Network", [(words, net) for net, words in NETS.items()]),
            "text": review_field("Review", TEXT),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def put(self, name, value):
        """Set a control; a hand and Play go no further down than the review is long.

        Parameters
        ----------
        name : str
            The control.
        value : object
            Its value.
        """
        steps = self.controls["T"]
        if name == "T":
            steps.min = min(steps.min, max(value, SHORTEST))
        super().put(name, value)
        if name == "text":
            steps.min = max(SHORTEST, min(len(split_words(value)), LONGEST))

    def _moved(self, change):
        if change["owner"] is self.controls["text"] and not self.quiet:
            self.set(text=change["new"])
        else:
            super()._moved(change)

    def settle(self):
        """The seed is that of a fresh network."""
        self.grey_out(seed="the stored network has learned" if self.controls["net"].value == "stored" else "")

    @staticmethod
    def compute(T, side, mask, net, text, seed):
        """Read the padded review, and the words alone, and send the gradient of the last logit back.

        Parameters
        ----------
        T : int
            Steps.
        side, mask, net, text : str
            The choices.
        seed : int
            Of a fresh network.

        Returns
        -------
        PaddingPicture
            What to show.

        Raises
        ------
        InputError
            If the text has no word.
        """
        words = split_words(text)[:LONGEST]
        if not words:
            raise InputError("Type at least one word; here is none")
        vocabulary, model, params = _network(net, seed)
        x, real = pad([vocabulary.encode(" ".join(words))], T, side)
        read, masked, places = words[:T], mask == "yes", np.flatnonzero(real[:, 0])
        h, norms = _run(model, params, x, real if masked else None)
        alone, free = _alone(net, seed, tuple(read))
        steps = np.clip(np.arange(T) - places[0], -1, len(read) - 1)  # which word was read last; -1: none so far
        alone = np.concatenate([alone, np.zeros_like(alone[:1])])[steps]
        away = np.linalg.norm(h - alone, axis=1) / np.linalg.norm(alone[places[-1]])
        p, verdict = (sigmoid(readout(params, states)[:, 0]) for states in (h, alone))
        cut, first = len(words) - len(read), int(places[0]) + 1
        lasts = _lasts(net, seed, tuple(words)) if side == "right" and not masked else None
        return PaddingPicture(read, cut, T, side, masked, first, away, p, verdict, norms[places], free, net, lasts)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(ncols=3, width=11.5, height=HEIGHT)
        fig.set_layout_engine("none")  # room for words below, whatever their length
        _place(fig, axes)
        state, verdict, back = axes
        with look():
            for ax in (state, verdict):
                ax.set(xlim=(0, LAST + 4), xticks=range(0, LAST + 1, 40), xlabel="step")
            across = state.get_xaxis_transform(), verdict.get_xaxis_transform()
            self._words = [
                ax.add_patch(Rectangle((0.5, 0), 1, 1, transform=where, facecolor="#E9E9E9", zorder=0))
                for ax, where in zip((state, verdict), across, strict=True)
            ]
            above = {"transform": across[0], "clip_on": False, "linewidth": 0.8}
            dashes = {"facecolor": "none", "edgecolor": COLORS["muted"], "linestyle": (0, (3, 2))}
            full = {"facecolor": COLORS["baseline"], "edgecolor": COLORS["baseline"]}
            self._padding = state.add_patch(Rectangle((0.5, 1.03), 1, 0.06, **dashes, **above))
            self._words.append(state.add_patch(Rectangle((0.5, 1.03), 1, 0.06, **full, **above)))
            keys = [Patch(label="words", **full), Patch(label="padding", linewidth=0.8, **dashes)]
            every = {"markevery": None, "markersize": 4}
            padded, words = line("gru", linestyle="-", marker="", **every), line("theory")
            self._away = state.plot([], [], **padded)[0]
            self._p = verdict.plot([], [], **padded, label="padded")[0]
            self._alone = verdict.plot([], [], **words, label="words alone")[0]
            self._curves = plots.draw_magnitudes(
                back, {"padded": padded | {"marker": "o", "label": "padded"}, "alone": words | {"label": "words alone"}}
            )
            self._end = state.plot([], [], **line("mark", linestyle="none", markersize=9, markevery=None))[0]
            self._end.set(clip_on=False, zorder=5)
            self._least = back.axhline(1, color=COLORS["mark"], linewidth=1, zorder=1)
            self._percent = back.annotate(
                "1 % of the largest, words alone",
                (0.12, 1),
                xycoords=back.get_yaxis_transform(),
                xytext=(0, -3),
                textcoords="offset points",
                **{"fontsize": 10, "color": INK["mark"], "annotation_clip": False, "va": "top"},
            )
            below = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "center", "va": "center"}
            self._count = state.annotate("", (0.5, 0), xytext=(0, -27), fontsize=11, **below)
            state.set(xlabel="", ylabel="distance of the state")
            verdict.axhline(0.5, color=COLORS["muted"], linewidth=0.8, zorder=1)
            verdict.set(ylim=(-0.03, 1.03), yticks=(0, 0.5, 1), ylabel="probability of good")
            back.set_ylabel("gradient at the word")
            for ax, given in ((state, {"handles": keys}), (verdict, {}), (back, {})):
                where = {"loc": "lower left", "bbox_to_anchor": (-0.03, 1.07), "ncols": 2, "fontsize": 10}
                ax.legend(**where, **given, handlelength=1.6, columnspacing=1.0, borderpad=0.2)
        moving = [*self._words, self._padding, self._away, self._p, self._alone, self._end, self._least, self._percent]
        moving.append(self._count)
        return fig, [*moving, state.yaxis, back.xaxis, back.yaxis, *self._curves.values()]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        state, _, back = self.fig.axes
        steps, words = np.arange(1, arrays.T + 1), len(arrays.words)
        for part in self._words:
            part.set_x(arrays.first - 0.5)
            part.set_width(words)
        self._padding.set_width(arrays.T)
        self._count.set_text(f"step: {words} words + {arrays.T - words} padding")
        top = next(top for top in (2.0, 4.0, 8.0, np.inf) if top >= arrays.away.max())
        top = top if np.isfinite(top) else arrays.away.max()
        if state.get_ylim() != (-0.03 * top, 1.03 * top):
            state.set_ylim(-0.03 * top, 1.03 * top)
            state.set_yticks([0, top / 2, top])
        self._away.set_data(steps, arrays.away)
        self._p.set_data(steps, arrays.p)
        self._alone.set_data(steps, arrays.alone)
        self._end.set_data([arrays.T], [arrays.away[-1]])
        label_words(back, arrays.words, words)
        least = SMALL * arrays.free.max()
        self._least.set_ydata([least] * 2)
        self._percent.xy = (0.12, least)
        plots.set_decades(back, [arrays.norms, arrays.free, least], LIMITS, by=2)
        plots.move_magnitudes(self._curves, {"padded": arrays.norms, "alone": arrays.free})

    def touch(self):
        """The end of the sequence is dragged; all curves are read."""
        state, verdict, back = self.fig.axes
        return {
            "handles": [
                Handle(
                    name="end of the sequence",
                    ax=state,
                    at=lambda: (self.arrays.T, self.arrays.away[-1]),
                    drag=lambda x, y: self.slide(T=x),
                    step=lambda right, up: self.step(T=right + up),
                    said=lambda: f"{self.arrays.T} steps",
                )
            ],
            "probes": [
                Probe(state, "step", {"distance": self._away}),
                Probe(verdict, "step", {"padded": self._p, "words alone": self._alone}),
                Probe(back, "word", {"padded": self._curves["padded"], "words alone": self._curves["alone"]}),
            ],
            "ghosts": [self._away, self._p],
        }

    def reading(self, arrays):
        """What the picture says: state, verdict and gradient with padding, against the words alone."""
        words, padding = len(arrays.words), arrays.T - len(arrays.words)
        said = [f"{NETS[arrays.net]}: {_survives(arrays)}."]
        if arrays.cut:
            said.append(f"The last {arrays.cut} words are cut off." if arrays.cut > 1 else "The last word is cut off.")
        if not padding:
            return " ".join([*said, f"There is no padding: the verdict on {words} words is {arrays.p[-1]:.2f}."])
        how = f"{SIDES[arrays.side]}, {'with' if arrays.masked else 'without'} a mask"
        far, share = arrays.away[-1], _short(arrays.norms.max() / arrays.free.max())
        times = "as large as" if share == "1" else f"{share} times that"
        steps = f"{padding} step{'s' if padding > 1 else ''} of padding {how}"
        said.append(f"T = {arrays.T}, {steps}: the largest gradient at a word is {times} without padding.")
        if far == 0:
            said.append(f"The last state is that of the words alone, and so is the verdict, {arrays.p[-1]:.2f}.")
        else:
            verdict = f"the verdict is {arrays.p[-1]:.2f}, that of the words alone {arrays.alone[-1]:.2f}"
            said.append(f"The last state is off by {_short(far)} of its norm; {verdict}.")
        return " ".join(said)


def _survives(arrays):
    """What becomes of the gradient as the padding grows."""
    if arrays.masked:
        return "with a mask no step of padding changes the gradient at the words"
    if arrays.side == "left":
        return "padding before the words lies off the gradient's way to them"
    if arrays.lasts is None:
        steps = LAST - len(arrays.words)
        return f"the gradient at the words stays above 1 % of that without padding over {steps} steps of it"
    steps, words = f"{arrays.lasts} step{'s' if arrays.lasts > 1 else ''}", len(arrays.words) + arrays.cut
    return (
        f"the gradient at the words falls below 1 % of that without padding after {steps} of it, "
        f"at T = {words + arrays.lasts}"
    )


def _short(number):
    """Two digits that count."""
    return f"{number:.2g}" if not number or 1e-3 <= number < 1e3 else f"{number:.1e}"


def _run(model, params, x, mask):
    """States (T, H) of one sequence of tokens (T, 1), and the gradient's norm at every vector, (T,)."""
    h, _, tape = unroll(model.cell, params, model.vectors(params, x, mask), mask=mask)
    back = from_the_last(model.cell, params, tape, params["W_hy"].T, inputs=True)
    return h[:, 0], magnitudes(back.x)


@lru_cache(maxsize=32)
def _alone(net, seed, words):
    """States and gradients of the words without padding: moves of the end leave them as they are."""
    vocabulary, model, params = _network(net, seed)
    return _run(model, params, vocabulary.encode(" ".join(words))[:, None], None)


@lru_cache(maxsize=64)
def _lasts(net, seed, words):
    """Where the largest gradient at a word falls below 1 %, by bisection; none if it has not after all steps."""
    vocabulary, model, params = _network(net, seed)
    tokens = vocabulary.encode(" ".join(words))
    least = SMALL * _alone(net, seed, words)[1].max()

    def gone(padding):
        x, _ = pad([tokens], len(words) + padding, "right")
        return _run(model, params, x, None)[1][: len(words)].max() < least

    above, below = 0, LAST - len(words)
    if not gone(below):
        return None
    while below - above > 1:
        middle = (above + below) // 2
        above, below = (above, middle) if gone(middle) else (middle, below)
    return below


@lru_cache(maxsize=32)
def _network(net, seed):
    """The stored network, or one that has learned nothing, with the words of the stored one."""
    if net == "stored":
        return review_reader()
    vocabulary = review_reader().vocabulary
    model = Model({"GRU": GRU(), "RNN": RNN()}[net], loss="logistic", steps="last")
    params = model.init_params(len(vocabulary), H, 1, np.random.default_rng([seed, 9]), embedding_size=D)
    return vocabulary, model, params | {"E": SPREAD * params["E"]}


def _place(fig, axes):
    """Three axes side by side, or below one another, with room for words below the last one."""
    width, height = fig.get_size_inches()
    if width == 11.5:
        places = [(0.75 + 3.85 * k, 1.08, 2.95, height - 1.63) for k in range(3)]
    else:
        rows = ((9.9, 2.3), (6.5, 2.3), (3.18, 2.1))  # upper end and height, of 10.5 inches
        places = [(0.75, top - high, width - 0.95, high) for top, high in rows]
    for ax, (left, bottom, wide, high) in zip(axes, places, strict=True):
        ax.set_position((left / width, bottom / height, wide / width, high / height))
