"""The triangle: how much every loss moves every earlier state, and what truncation leaves of it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.gradients import Cuts, cuts, pair_norms, pairs_kept, triangle
from rnnbook.nn import RNN, init_params
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, INK, SEQUENTIAL, figure, line, look
from rnnbook.view.touch import Handle, Probe

LONGEST, D, H = 40, 4, 16
DECADES = -4, 1  # of the colours: what is smaller or larger has the colour of the end
FADED = 0.3  # how much colour a pair keeps that is cut
REACH = 1.5  # of the picture of the two arrows, in lengths of the full gradient
STEEPEST = 120  # degrees, of the chart; beyond, a point stands on its border
NEAR = 10  # degrees within which two gradients point the same way
POINT = line("mark", linestyle="none", markersize=11, markevery=None, clip_on=False)


class TrianglePicture(NamedTuple):
    """What the explorer shows."""

    norms: np.ndarray  # (T, T), of dL_t/dh_s
    kept: np.ndarray  # (T, T)
    every: Cuts  # what each k leaves of the gradient
    k: int
    cut: str


class Triangle(Explorer):
    """The magnitude of dL_t/dh_s for every loss t and every state s before it, and the gradient they add up to.

    Look for two things. Along a row the colour fades to the left: how far back one loss is felt. The pairs outside
    the frame are cut off, and the chart says for every k how far the gradient that is left is turned from
    the full one; the two arrows show that angle, and how long it is. Drag the corner of the first block, or the diamond
    on the curve, to set k.

    Parameters
    ----------
    **values
        Where the controls start: k, cut ("blocks", "restart", "window"), gain, input_scale, T, seed.

    Examples
    --------
    >>> explorer = Triangle(k=40)
    >>> print(explorer.live.reading)
    The gradient stays within 10 degrees of the full one from k = 34 on, of 40 steps. At k = 40 nothing is cut.
    """

    question = "How long must the blocks be until the truncated gradient stays within 10 degrees of the full one?"
    reflows = True
    in_sight = ("k", "cut", "gain")
    played = "k"

    def make_controls(self):
        """The controls by name."""
        cuts = [
            ("blocks, the state goes on", "blocks"),
            ("blocks, the state starts at 0", "restart"),
            ("k steps before each loss", "window"),
        ]
        return {
            "k": slider("Block length k", 10, 1, LONGEST, 1),
            "cut": choice("Cut", cuts),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "input_scale": slider("Input scale", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "T": slider("Steps T", LONGEST, 4, LONGEST, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def settle(self):
        """A window ends with the sequence."""
        self.end_at("k", self.controls["T"].value)

    @staticmethod
    def compute(k, cut, gain, input_scale, T, seed):
        """Run the network, and back for every loss and with every k.

        Parameters
        ----------
        k : int
            Steps a block, or that a loss sees.
        cut : str
            Where the way back is cut.
        gain, input_scale : float
            Scale of W_hh, which is orthogonal at 1, and of W_xh.
        T, seed : int
            Steps; of weights, inputs and losses.

        Returns
        -------
        TrianglePicture
            What to show.
        """
        k = min(k, T)
        norms = _restarted(k, gain, input_scale, T, seed) if cut == "restart" else _norms(gain, input_scale, T, seed)
        return TrianglePicture(norms, _kept(T, k, cut), _every(cut, gain, input_scale, T, seed), k, cut)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=4.0, width_ratios=[1.25, 1])
        with look():
            self._cells = left.imshow(np.zeros((1, 1, 4)), aspect="auto", zorder=2)
            (self._edge,) = left.plot([], [], color=COLORS["rnn"], linewidth=2, zorder=3)
            corner = {"markersize": 10, "markerfacecolor": "#FFFFFF", "markeredgewidth": 2, "clip_on": False}
            (self._corner,) = left.plot([], [], **line("rnn", linestyle="none", zorder=4, markevery=None, **corner))
            left.grid(False)
            left.set(xlabel="state s", ylabel="loss t")
            left.set_title("Each cell: a loss t and a state s.\nFramed: kept. Outside: cut off.", fontsize=11)
            for axis in (left.xaxis, left.yaxis):
                axis.set_major_locator(MaxNLocator(integer=True))
            scale = ScalarMappable(Normalize(*DECADES), SEQUENTIAL)
            ticks, wide = range(DECADES[0], DECADES[1] + 1), fig.get_size_inches()[0] > 7
            where = {"ax": left, "location": "right" if wide else "bottom", "pad": 0.02 if wide else 0.08}
            bar = fig.colorbar(scale, extend="both", ticks=ticks, label="$|\\partial L_t/\\partial h_s|$", **where)
            bar.set_ticklabels([f"$10^{{{power}}}$" for power in ticks])
        arrows = self._draw_arrows(left)
        chart = self._draw_chart(right)
        return fig, [left.xaxis, left.yaxis, self._cells, self._edge, self._corner, *arrows, *chart]

    def _draw_arrows(self, left):
        """The full gradient and what is left of it, where the triangle leaves room."""
        ax = left.inset_axes([0.55, 0.56, 0.45, 0.44])
        with look():
            angle = np.linspace(0, np.pi, 60)
            ax.set(xlim=(-REACH, REACH), ylim=(-0.4, REACH), aspect="equal", anchor="NE")
            ax.axis("off")
            ax.plot(np.cos(angle), np.sin(angle), color=COLORS["muted"], linewidth=0.8)
            ax.plot([0, 1], [0, 0], **line("theory", linewidth=3))
            ax.plot(1, 0, ">", color=COLORS["theory"], markersize=8)
            ax.text(0.5, -0.18, "full", ha="center", va="top", color=COLORS["theory"], fontsize=11)
            ax.text(0, REACH, "what is left", ha="center", va="top", color=INK["rnn"], fontsize=11)
            (self._arrow,) = ax.plot([], [], **line("rnn", linewidth=3, markevery=[1], markersize=8))
        return [self._arrow]

    def _draw_chart(self, ax):
        """Angle by k, and the k that is chosen."""
        with look():
            ax.set(xlabel="block length k", ylabel="angle to the full gradient, degrees", ylim=(0, STEEPEST))
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            ax.set_yticks([0, NEAR, 30, 60, 90, STEEPEST])
            ax.axhspan(0, NEAR, color="#E9E9E9", zorder=0)
            ax.set_title(f"Grey: within {NEAR} degrees", fontsize=11)
            (self._curve,) = ax.plot([], [], **line("rnn", marker=""))
            (self._point,) = ax.plot([], [], **POINT)
            self._point.set_in_layout(False)
        return [ax.xaxis, self._curve, self._point]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        norms, kept, every, k, _ = arrays
        T = len(norms)
        left, right = self.fig.axes[:2]
        if left.get_xlim() != (0.5, T + 0.5):
            left.set(xlim=(0.5, T + 0.5), ylim=(T + 0.5, 0.5))
            right.set_xlim(0.5, T + 0.5)
        self._cells.set_data(_colours(norms, kept))
        self._cells.set_extent((0.5, T + 0.5, T + 0.5, 0.5))
        self._edge.set_data(*_outline(kept))
        self._corner.set_data([k + 0.5], [k + 0.5])
        angles = _angles(every)
        self._curve.set_data(np.arange(1, T + 1), angles)
        self._point.set_data([k], [min(angles[k - 1], STEEPEST)])
        cosine, ratio = every.cosine[k - 1], every.ratio[k - 1]
        tip = ratio * np.array([cosine, np.sqrt(1 - cosine**2)])
        far = max(1.0, np.abs(tip).max() / REACH)
        self._arrow.set_data([0, tip[0] / far], [0, tip[1] / far])
        self._arrow.set_marker("x" if far > 1 else "o")  # a cross on the border: it is longer

    def touch(self):
        """The corner of the first block and the diamond set k; the curve is read, and leaves a ghost."""
        left, right = self.fig.axes[:2]
        keys = {"said": lambda: f"k = {self.controls['k'].value}"}
        return {
            "handles": [
                Handle(
                    name="corner of the first block",
                    ax=left,
                    at=lambda: (self.arrays.k + 0.5, self.arrays.k + 0.5),  # away from the ticks
                    drag=lambda s, t: self.slide(k=t - 0.5),
                    step=lambda right, up: self.step(k=right - up),
                    **keys,
                ),
                Handle(
                    name="block length on the curve",
                    ax=right,
                    at=lambda: (self.arrays.k, min(_angles(self.arrays.every)[self.arrays.k - 1], STEEPEST)),
                    drag=lambda k, angle: self.slide(k=k),
                    step=lambda right, up: self.step(k=right + up),
                    **keys,
                ),
            ],
            "probes": [Probe(right, "k", {"degrees": self._curve})],
            "ghosts": [self._curve],
        }

    def reading(self, arrays):
        """What the picture says: from which k on the direction is nearly the full one's, and what this k leaves."""
        norms, kept, every, k, cut = arrays
        T, some = len(norms), int(kept.sum())
        pairs = T * (T + 1) // 2
        angles, steps = _angles(every), f"{k} step{'s' if k > 1 else ''}"
        far = np.flatnonzero(angles > NEAR)
        first = int(far[-1]) + 2 if len(far) else 1
        answer = f"The gradient stays within {NEAR} degrees of the full one from k = {first} on, of {T} steps."
        if some == pairs:
            return f"{answer} At k = {k} nothing is cut."
        way = f"With {steps} before each loss" if cut == "window" else f"In blocks of {steps}"
        state = ", each from zero," if cut == "restart" else ""
        turned = f"{angles[k - 1]:.0f}"
        degrees = "1 degree" if turned == "1" else f"{turned} degrees"
        return (
            f"{answer} {way}{state} it stands at {degrees} to the full one (cosine {every.cosine[k - 1]:z.2f}) and has "
            f"{every.ratio[k - 1]:.2f} of its length. Kept are {some} of {pairs} pairs of a loss and a state."
        )


def _angles(every):
    return np.degrees(np.arccos(every.cosine))


def _colours(norms, kept):
    """A colour for every pair: faint where it is cut, nothing where there is no way from the state to the loss."""
    with np.errstate(divide="ignore"):
        powers = np.log10(norms)
    low, high = DECADES
    colours = mpl.colormaps[SEQUENTIAL](np.clip((powers - low) / (high - low), 0, 1))
    there = np.tri(len(norms), dtype=bool) & (kept | (norms > 0))  # not in a block that starts anew
    colours[..., 3] = np.where(kept, 1.0, FADED) * there
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


def _run(gain, input_scale, T, seed):
    params, x, dh = _network(seed)
    return {**params, "W_hh": gain * params["W_hh"], "W_xh": input_scale * params["W_xh"]}, x[:T], dh[:T]


# What does not change while k is dragged or played.
@lru_cache(maxsize=16)
def _norms(*setting):
    return pair_norms(RNN(), *_run(*setting))


@lru_cache(maxsize=64)
def _restarted(k, *setting):
    return triangle(RNN(), *_run(*setting), k, "restart").norms


@lru_cache(maxsize=16)
def _every(cut, *setting):
    return cuts(*_run(*setting), cut)


@lru_cache(maxsize=64)
def _kept(T, k, cut):
    return pairs_kept(T, k, cut)
