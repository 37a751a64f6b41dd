"""The triangle: how much every loss moves every earlier state, and what truncation leaves of it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.gradients import Pairs, triangle
from rnnbook.nn import RNN, init_params
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, SEQUENTIAL, figure, line, look

LONGEST, D, H = 40, 4, 16
DECADES = -4, 1  # of the colours: what is smaller or larger has the colour of the end
FADED = 0.3  # how much colour a pair keeps that is cut
REACH = 1.5  # of the picture of the angle, in lengths of the full gradient
MARKS = line("rnn", linestyle="none", markersize=13, markevery=None, clip_on=False)


class TrianglePicture(NamedTuple):
    """What the explorer shows."""

    pairs: Pairs
    k: int
    cut: str
    carried: bool


class Triangle(Explorer):
    """The magnitude of dL_t/dh_s for every loss t and every state s before it, and the gradient they add up to.

    Look for two things. Along a row the colour fades to the left: how far back one loss is felt. The pale pairs
    are those that truncation cuts off, and the arrow on the right says what the cut does to the whole gradient:
    its angle and its length, beside the full one.

    Parameters
    ----------
    **values
        Where the controls start: k, cut ("blocks", "window"), carry ("carried", "zero"), gain, input_scale, T, seed.

    Examples
    --------
    >>> explorer = Triangle(k=40)
    >>> print(explorer.live.reading)
    Nothing is cut: all 820 pairs are kept, and the gradient is the full one, cosine 1.00, length 1.00.
    """

    question = "How long must the blocks be until the truncated gradient points where the full one does?"

    def make_controls(self):
        """The controls by name."""
        cuts = [("in blocks of k steps", "blocks"), ("k steps before each loss", "window")]
        return {
            "k": slider("Window k", 10, 1, LONGEST, 1),
            "cut": choice("Cut", cuts),
            "carry": choice("State at a cut", [("carried on", "carried"), ("starts at zero", "zero")]),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "input_scale": slider("Input scale", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "T": slider("Steps T", LONGEST, 4, LONGEST, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def settle(self):
        """A window ends with the sequence; one that moves with the loss has no place where a state starts anew."""
        self.end_at("k", self.controls["T"].value)
        self.controls["carry"].disabled = self.controls["cut"].value == "window"

    @staticmethod
    def compute(k, cut, carry, gain, input_scale, T, seed):
        """Run the network once, and back for every loss.

        Parameters
        ----------
        k : int
            Steps a block, or that a loss sees.
        cut, carry : str
            The choices.
        gain, input_scale : float
            Scale of W_hh, which is orthogonal at 1, and of W_xh.
        T, seed : int
            Steps; of weights, inputs and losses.

        Returns
        -------
        TrianglePicture
            What to show.
        """
        params, x, dh = _network(seed)
        params = {**params, "W_hh": gain * params["W_hh"], "W_xh": input_scale * params["W_xh"]}
        carried = cut == "window" or carry == "carried"
        pairs = triangle(RNN(), params, x[:T], dh[:T], min(k, T), cut if carried else "restart")
        return TrianglePicture(pairs, min(k, T), cut, carried)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=3.7, width_ratios=[1.25, 1])
        with look():
            self._cells = left.imshow(np.zeros((1, 1, 4)), aspect="auto", zorder=2)
            (self._edge,) = left.plot([], [], color=COLORS["rnn"], linewidth=2, zorder=3)
            left.grid(False)
            left.set(xlabel="state s", ylabel="loss t")
            left.text(0.97, 0.93, "framed: kept\npale: cut off", ha="right", va="top", transform=left.transAxes)
            for axis in (left.xaxis, left.yaxis):
                axis.set_major_locator(MaxNLocator(integer=True))
            scale = ScalarMappable(Normalize(*DECADES), SEQUENTIAL)
            ticks = range(DECADES[0], DECADES[1] + 1)
            bar = fig.colorbar(scale, ax=left, extend="both", ticks=ticks, label="$|\\partial L_t/\\partial h_s|$")
            bar.set_ticklabels([f"$10^{{{power}}}$" for power in ticks])
        arrows = self._draw_arrows(right)
        return fig, [left.xaxis, left.yaxis, self._cells, self._edge, *arrows]

    def _draw_arrows(self, ax):
        with look():
            angle = np.linspace(0, np.pi, 100)
            ax.plot(np.cos(angle), np.sin(angle), color=COLORS["muted"], linewidth=0.8)
            ax.set(xlim=(-REACH, REACH), ylim=(-0.25, REACH), aspect="equal", xticks=[-1, 0, 1], yticks=[0, 1])
            ax.set(xlabel="along the full gradient", ylabel="across it")
            ax.plot([0, 1], [0, 0], **line("theory", linewidth=3, label="full gradient"))
            ax.plot(1, 0, ">", color=COLORS["theory"], markersize=9)
            (self._arrow,) = ax.plot([], [], **line("rnn", linewidth=3, marker="", label="truncated"))
            (self._tip,) = ax.plot([], [], **{**MARKS, "markersize": 9})
            (self._outside,) = ax.plot([], [], **{**MARKS, "marker": "x"})
            ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        return [self._arrow, self._tip, self._outside]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        norms, kept, cosine, ratio = arrays.pairs
        T = len(norms)
        left = self.fig.axes[0]
        left.set(xlim=(0.5, T + 0.5), ylim=(T + 0.5, 0.5))
        self._cells.set_data(_colours(norms, kept))
        self._cells.set_extent((0.5, T + 0.5, T + 0.5, 0.5))
        self._edge.set_data(*_outline(kept))
        defined = np.isfinite(cosine)
        point = ratio * np.array([cosine, np.sqrt(max(0.0, 1 - cosine**2))]) if defined else np.zeros(2)
        far = max(1.0, np.abs(point).max() / REACH)
        for artist, shown in ((self._arrow, defined), (self._tip, defined), (self._outside, far > 1)):
            artist.set_visible(bool(shown))
        self._arrow.set_data([0, point[0] / far], [0, point[1] / far])
        self._tip.set_data([point[0] / far], [point[1] / far])
        self._outside.set_data([point[0] / far], [point[1] / far])

    def reading(self, arrays):
        """What the picture says, in one sentence."""
        norms, kept, cosine, ratio = arrays.pairs
        T = len(norms)
        pairs, some = T * (T + 1) // 2, int(kept.sum())
        if some == pairs:
            return (
                f"Nothing is cut: all {pairs} pairs are kept, and the gradient is the full one, "
                f"cosine {cosine:.2f}, length {ratio:.2f}."
            )
        steps = f"{arrays.k} step{'s' if arrays.k > 1 else ''}"
        way = f"In blocks of {steps}" if arrays.cut == "blocks" else f"With {steps} before each loss"
        state = "" if arrays.carried else ", the state starting at zero in each,"
        angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        return (
            f"{way}{state} {some} of {pairs} pairs are kept, {kept[-1].sum()} of the last loss's {T}; the gradient "
            f"has {ratio:.2f} of the full one's length and stands at {angle:.0f} degrees to it, cosine {cosine:.2f}."
        )


def _colours(norms, kept):
    """A colour for every pair: pale where it is cut, white where there is no way from the state to the loss."""
    with np.errstate(divide="ignore"):
        powers = np.where(norms > 0, np.log10(norms), -np.inf)
    low, high = DECADES
    colours = mpl.colormaps[SEQUENTIAL](np.clip((powers - low) / (high - low), 0, 1))
    colours[~kept] = 1 - FADED * (1 - colours[~kept])
    colours[(norms == 0) & ~kept] = 1  # after the loss, or in a block that starts anew
    return colours


def _outline(kept):
    """The border of the pairs that are kept, along steps and states counted from 1."""
    T = len(kept)
    first = kept.argmax(axis=1)  # each row's first state
    left = [(s + 0.5, t + 0.5 + end) for t, s in enumerate(first) for end in (0, 1)]
    right = [(t + 1.5, t + 0.5 + end) for t in reversed(np.arange(T)) for end in (1, 0)]
    return np.array([*left, *right, left[0]]).T


@lru_cache(maxsize=32)
def _network(seed):
    """Weights with an orthogonal W_hh, inputs, and each loss's own gradient, of length 1: L_t = h_t . c_t."""
    rng = np.random.default_rng([seed, 3])
    dh = rng.normal(size=(LONGEST, 1, H))
    params = init_params(RNN(), D, H, rng)
    return params, rng.normal(size=(LONGEST, 1, D)), dh / np.linalg.norm(dh, axis=-1, keepdims=True)
