"""The cliff: a step off a wall of the error surface, with and without clipping."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients import Descent, descend, one_unit_error
from rnnbook.view import plots
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import figure, line, look
from rnnbook.view.touch import Handle, Probe

WIDTH, HEIGHT = (3.0, 8.0), (-4.0, -1.0)  # of the surface: w and b
STEPS = 40
CLIFF = (5.6, -2.75), (7.0, -3.5)  # two places on the edge
PAPER, EDGE = "#FEFEFE", "#010101"  # on the surface, whose colours are the same on a dark page
JUMPS = (1e-6, 1e10)  # of what is shown; the sliders reach further down


class CliffPicture(NamedTuple):
    """What the explorer shows."""

    free: Descent
    clipped: Descent
    shown: int  # steps of both walks that are drawn


class Cliff(Explorer):
    """The error surface of a one-unit network over 50 steps, and two walks down it from a start you pick.

    Look for the edge where two plateaus meet: the gradient there is a million times longer than beside it. One
    step off it, the walk without clipping leaves the picture, and the chart of jumps says how far. Clipping by the
    norm makes the same step in the same direction, and short. Drag the star, which is the start, and play the walk.

    Parameters
    ----------
    **values
        Where the controls start: w, b, rate (log10 of the learning rate), clip, by ("norm", "value"), shown
        (steps that are drawn).

    Examples
    --------
    >>> explorer = Cliff(w=5.0, b=-2.3)
    >>> explorer.live.reading.split(";")[0]
    'In 40 steps, the longest jump without clipping is 628.49, at step 26, out of the picture'
    """

    question = "How far does one step at the cliff throw the weights, and how far if the gradient is clipped?"
    reflows = True
    in_sight = ("shown", "rate", "clip")
    played = "shown"

    def make_controls(self):
        """The controls by name."""
        return {
            "w": slider("Start w", 5.0, *WIDTH, 0.05, readout_format=".2f"),
            "b": slider("Start b", -2.3, *HEIGHT, 0.05, readout_format=".2f"),
            "rate": slider("Rate, 10 to the", -1.0, -3.0, 0.5, 0.1, readout_format=".1f"),
            "clip": slider("Clip gradient at", 0.5, 0.05, 2.0, 0.05, readout_format=".2f"),
            "shown": slider("Steps walked", STEPS, 0, STEPS, 1),
            "by": choice("Clip by", [("norm of the whole gradient", "norm"), ("each entry", "value")]),
        }

    @staticmethod
    def compute(w, b, rate, clip, by, shown):
        """Walk down twice from the same start.

        Parameters
        ----------
        w, b : float
            The start.
        rate : float
            log10 of the learning rate.
        clip : float
            Where the second walk clips.
        by : str
            "norm" or "value".
        shown : int
            Steps that are drawn.

        Returns
        -------
        CliffPicture
            Both walks.
        """
        return CliffPicture(*_walks(w, b, rate, clip, by), shown)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=4.2, width_ratios=[1.35, 1])
        with look():
            surface = left.imshow(_surface(), origin="lower", extent=(*WIDTH, *HEIGHT), aspect="auto", vmin=-4, vmax=0)
            bar = "right" if fig.get_size_inches()[0] > 7 else "bottom"
            fig.colorbar(surface, ax=left, label="log10 of the error", ticks=[-4, -3, -2, -1, 0], location=bar)
            left.grid(False)
            left.set(xlabel="weight w", ylabel="bias b", xlim=WIDTH, ylim=HEIGHT)
            name = {"rotation": _slope(), "rotation_mode": "anchor", "transform_rotates_text": True}
            left.text(*CLIFF[0], "cliff", color=EDGE, fontsize=12, va="bottom", **name)
            right.set(yscale="log", xlim=(0, STEPS + 1), ylim=JUMPS, xlabel="step", ylabel="length of the jump")
            right.minorticks_off()
            styles = (
                line("theory", label="without clipping", marker="o", markersize=4, markevery=None),
                line("rnn", label="clipped", marker="s", markersize=3, markevery=None),
            )
            self._walks = [left.plot([], [], **{**style, "linewidth": 1.5})[0] for style in styles]
            self._lengths = [right.plot([], [], **style)[0] for style in styles]
            star = {"markersize": 15, "color": PAPER, "markeredgecolor": EDGE, "clip_on": False, "zorder": 10}
            (self._start_mark,) = left.plot([], [], "*", **star)
            for ax, lines in ((left, self._walks), (right, self._lengths)):
                where = {"loc": "lower left", "bbox_to_anchor": (-0.05, 1), "fontsize": 10}
                ax.legend(handles=lines, ncols=2, handlelength=1.5, columnspacing=1, **where)
            self._inset = left.inset_axes([0.03, 0.08, 0.36, 0.36], xticks=[], yticks=[])
            self._inset.grid(False)
            self._inset.set_title("clipped, closer", fontsize=10, color=EDGE, pad=3)
            (self._close,) = self._inset.plot([], [], **{**styles[1], "linewidth": 1.5})
        closer = (self._inset.xaxis, self._inset.yaxis, self._close)
        return fig, [*self._walks, *closer, self._start_mark, right.yaxis, *self._lengths]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        shown = arrays.shown
        for walk, length, descent in zip(self._walks, self._lengths, (arrays.free, arrays.clipped), strict=True):
            walk.set_data(_within_reach(descent.points)[: shown + 1].T)
            length.set_data(1 + np.arange(shown), np.clip(descent.jumps[:shown], 1e-30, 1e30))
        plots.set_decades(self.fig.axes[1], [descent.jumps for descent in (arrays.free, arrays.clipped)], JUMPS)
        self._start_mark.set_data(*(arrays.free.points[:1].T))
        points = arrays.clipped.points
        self._close.set_data(points[: shown + 1].T)
        middle, size = (points.max(axis=0) + points.min(axis=0)) / 2, 0.6 * max(np.ptp(points, axis=0).max(), 1e-6)
        self._inset.set(xlim=(middle[0] - size, middle[0] + size), ylim=(middle[1] - size, middle[1] + size))

    def touch(self):
        """The star is dragged; lengths are read."""
        left, right, *_ = self.fig.axes
        names = ("without clipping", "clipped")
        return {
            "handles": [
                Handle(
                    name="start of the walk",
                    ax=left,
                    at=lambda: self.arrays.free.points[0],
                    drag=lambda w, b: self.slide(w=w, b=b),
                    step=lambda right, up: self.step(w=right, b=up),
                    said=lambda: "w = {w:.2f}, b = {b:.2f}".format(**self.values()),
                )
            ],
            "probes": [Probe(right, "step", dict(zip(names, self._lengths, strict=True)))],
        }

    def reading(self, arrays):
        """What the picture says, in numbers."""
        free, clipped = arrays.free, arrays.clipped
        n, values = arrays.shown, self.values()
        if not n:
            return "No step is walked yet: press Play."
        far, rate = free.jumps[:n].argmax(), 10 ** values["rate"]
        out = ", out of the picture" if _outside(free.points[: n + 1]).any() else ""
        most = f"{_short(rate)} × {values['clip']:.2f}{'' if values['by'] == 'norm' else ' an entry'}"
        return (
            f"In {n} step{'' if n == 1 else 's'}, the longest jump without clipping is {_short(free.jumps[far])}, at "
            f"step {far + 1}{out}; clipped, {_short(clipped.jumps[:n].max())}. A jump is rate × gradient, clipped at "
            f"most {most}. Errors: from {free.errors[0]:.1e} to {free.errors[n]:.1e} without clipping, "
            f"{clipped.errors[n]:.1e} clipped."
        )


@lru_cache(maxsize=8)
def _walks(w, b, rate, clip, by):
    """Both walks, which stay as they are while they are played."""
    return descend((w, b), 10**rate, STEPS, (None, clip), by)


def _within_reach(points, reach=1e3):
    """Far points brought nearer in a straight line to the start: where they left the picture stays true."""
    away = points - points[0]
    distance = np.linalg.norm(away, axis=1, keepdims=True)
    return points[0] + away * np.minimum(1, reach / np.maximum(distance, 1e-300))


def _slope():
    """The angle of the cliff in the map's coordinates, in degrees."""
    return np.degrees(np.arctan2(*np.subtract(*CLIFF)[::-1])) - 180


def _outside(points):
    return (points < (WIDTH[0], HEIGHT[0])) | (points > (WIDTH[1], HEIGHT[1]))


def _short(number):
    return f"{number:.2f}" if 0.005 < number < 1e4 else f"{number:.1e}"


@lru_cache(maxsize=1)
def _surface():
    w, b = np.linspace(*WIDTH, 150)[None], np.linspace(*HEIGHT, 100)[:, None]
    return np.log10(one_unit_error(w, b).value + 1e-12)
