"""The cliff: a step off a wall of the error surface, with and without clipping."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients import Descent, descend, one_unit_error
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import figure, line, look

WIDTH, HEIGHT = (3.0, 8.0), (-4.0, -1.0)  # of the surface: w and b
STEPS = 40
JUMPS = (1e-6, 1e10)  # what the sliders can reach


class CliffPicture(NamedTuple):
    """What the explorer shows."""

    free: Descent
    clipped: Descent


class Cliff(Explorer):
    """The error surface of a one-unit network over 50 steps, and two walks down it from a start you pick.

    Look for the edge where two plateaus meet: the gradient there is a million times longer than beside it. One
    step off it, the walk without clipping leaves the picture, and the chart of jumps says how far. Clipping by the
    norm makes the same step in the same direction, and short.

    Parameters
    ----------
    **values
        Where the controls start: w, b, rate (log10 of the learning rate), clip, by ("norm", "value").

    Examples
    --------
    >>> explorer = Cliff(w=5.0, b=-2.3)
    >>> explorer.live.reading.split(";")[0]
    'Without clipping the longest jump is 628.49, at step 26, and the walk leaves the picture'
    """

    def make_controls(self):
        """The controls by name."""
        return {
            "w": slider("Start, weight w", 5.0, *WIDTH, 0.05, readout_format=".2f"),
            "b": slider("Start, bias b", -2.3, *HEIGHT, 0.05, readout_format=".2f"),
            "rate": slider("Rate, 10 to the", -1.0, -3.0, 0.5, 0.1, readout_format=".1f"),
            "clip": slider("Clip at", 0.5, 0.05, 2.0, 0.05, readout_format=".2f"),
            "by": choice("Clip by", [("norm of the whole gradient", "norm"), ("each entry", "value")]),
        }

    @staticmethod
    def compute(w, b, rate, clip, by):
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

        Returns
        -------
        CliffPicture
            Both walks.
        """
        return CliffPicture(*descend((w, b), 10**rate, STEPS, (None, clip), by))

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=4.2, width_ratios=[1.35, 1])
        with look():
            surface = left.imshow(_surface(), origin="lower", extent=(*WIDTH, *HEIGHT), aspect="auto", vmin=-4, vmax=0)
            fig.colorbar(surface, ax=left, label="log10 of the error", ticks=[-4, -3, -2, -1, 0])
            left.grid(False)
            left.set(xlabel="weight w", ylabel="bias b", xlim=WIDTH, ylim=HEIGHT)
            right.set(yscale="log", xlim=(0, STEPS + 1), ylim=JUMPS, xlabel="step", ylabel="length of the jump")
            styles = (
                line("theory", label="without clipping", marker="o", markersize=4, markevery=None),
                line("rnn", label="clipped", marker="s", markersize=3, markevery=None),
            )
            self._walks = [left.plot([], [], **{**style, "linewidth": 1.5})[0] for style in styles]
            self._lengths = [right.plot([], [], **style)[0] for style in styles]
            (self._start_mark,) = left.plot(
                [], [], "*", markersize=15, color="white", markeredgecolor="black", clip_on=False
            )
            for ax, lines in ((left, self._walks), (right, self._lengths)):
                ax.legend(handles=lines, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        return fig, [*self._walks, self._start_mark, *self._lengths]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        for walk, length, descent in zip(self._walks, self._lengths, arrays, strict=True):
            walk.set_data(_within_reach(descent.points).T)
            length.set_data(1 + np.arange(STEPS), np.clip(descent.jumps, 1e-30, 1e30))
        self._start_mark.set_data(*(arrays.free.points[:1].T))

    def reading(self, arrays):
        """What the picture says, in numbers."""
        free, clipped = arrays.free, arrays.clipped
        end = "leaves the picture" if _outside(free.points).any() else f"ends at an error of {free.errors[-1]:.1e}"
        return (
            f"Without clipping the longest jump is {_short(free.jumps.max())}, at step {free.jumps.argmax() + 1}, "
            f"and the walk {end}; clipped, no jump is longer than {_short(clipped.jumps.max())}, and the error goes "
            f"from {free.errors[0]:.1e} to {clipped.errors[-1]:.1e} (best {clipped.errors.min():.1e})."
        )


def _within_reach(points, reach=1e3):
    """Far points brought nearer in a straight line to the start: where they left the picture stays true."""
    away = points - points[0]
    distance = np.linalg.norm(away, axis=1, keepdims=True)
    return points[0] + away * np.minimum(1, reach / np.maximum(distance, 1e-300))


def _outside(points):
    return (points < (WIDTH[0], HEIGHT[0])) | (points > (WIDTH[1], HEIGHT[1]))


def _short(number):
    return f"{number:.2f}" if 0.005 < number < 1e4 else f"{number:.1e}"


@lru_cache(maxsize=1)
def _surface():
    w, b = np.linspace(*WIDTH, 150)[None], np.linspace(*HEIGHT, 100)[:, None]
    return np.log10(one_unit_error(w, b).value + 1e-12)
