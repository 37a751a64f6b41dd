"""The horizon of a forget gate: how long a unit remembers what was written, and how noise shortens it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.reading import bias_for_horizon, forgetting, horizon
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.by_bias import magnitude
from rnnbook.view.explorers.controls import slider
from rnnbook.view.outlines import moving_words, write
from rnnbook.view.style import COLORS, INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

T, UNITS = 8000, 16  # steps, units with a noise of their own
SHOWN = (0.2, T)  # steps of the picture
STEPS = np.unique(np.geomspace(1, T, 100).round().astype(int))  # at which the units are drawn
ENDS = np.concatenate([[0], STEPS])
BEFORE = np.geomspace(0.2, 0.8, 6)  # of the first step, where a curve goes as a power of the first gate
PLACES, FINE = np.concatenate([BEFORE, STEPS]), np.geomspace(*SHOWN, 80)
AROUND = np.concatenate([PLACES, PLACES[::-1]])
BIASES, LEFT = np.arange(9), 1 / np.e


class HorizonPicture(NamedTuple):
    """What the explorer shows."""

    bias: float
    noise: float
    after: int  # steps
    formula: float  # horizon of the bias
    measured: float  # steps after which 1/e is left in the median unit
    units: np.ndarray  # (3, places): the share that is left in the median unit, and around it in the middle half
    then: tuple  # the share after so many steps, by the formula and in the median unit


class Horizon(Explorer):
    """What a unit still holds, after n steps, of what was written into its carry, if its forget gate has bias b.

    Look for the height 1/e: where a curve crosses it, the unit's memory ends, by the book's measure. Drag the black
    point along that height: the scale below says how many steps the unit remembers, the scale above which bias does
    it. In blue the median of 16 units whose input pushes the gate about, each with a noise of its own; half of them
    are within the band.

    Parameters
    ----------
    **values
        Where the controls start: bias, noise (standard deviation of the gate's pre-activation), after (steps), seed.

    Examples
    --------
    >>> explorer = Horizon(bias=1.0, noise=0.0)
    >>> round(explorer.arrays.formula, 2), bool(np.allclose(explorer.arrays.measured, explorer.arrays.formula))
    (3.19, True)
    """

    question = "Which forget bias keeps 1/e, about a third, for 100 steps, and which one if noise moves the gate?"
    reflows = True
    in_sight = ("bias", "noise", "after")
    played = "bias"

    def make_controls(self):
        """The controls by name."""
        return {
            "bias": slider("Forget bias b", 2.0, 0.0, 8.0, 0.1, readout_format=".1f"),
            "noise": slider("Gate noise", 1.0, 0.0, 3.0, 0.1, readout_format=".1f"),
            "after": slider("Look after n", 100, 1, 500, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    @staticmethod
    def compute(bias, noise, after, seed):
        """Multiply up the forget gates of 16 units, each with noise on its pre-activation.

        Parameters
        ----------
        bias, noise : float
            Of the gate's pre-activation: its bias, and the standard deviation of what the input adds.
        after : int
            After how many steps to look at what is left.
        seed : int
            Of the noise.

        Returns
        -------
        HorizonPicture
            What to show.
        """
        lost = forgetting(bias + noise * _pushes(seed))  # (UNITS, T); after n steps exp(-sum) is left, over n of them
        sums = np.add.reduceat(lost, ENDS[:-1], axis=1).cumsum(axis=1)
        measured = _when_one_is_lost(lost, sums)
        known = np.concatenate([lost[:, :1] * BEFORE, sums], axis=1)
        known.sort(axis=0)
        few, many = UNITS // 4, UNITS - UNITS // 4 - 1
        units = np.exp(-np.array([_median(known), known[few], known[many]]))
        formula = float(horizon(bias))
        then = float(np.exp(-after / formula)), float(np.exp(-np.median(lost[:, :after].sum(axis=1))))
        return HorizonPicture(bias, noise, after, formula, measured, units, then)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, ax = figure(width=11.5, height=3.7)
        with look():
            ax.set(
                xscale="log",
                xlim=SHOWN,
                ylim=(0, 1.25),
                xlabel="steps n\nblue band: half of 16 units",
                ylabel="share that is left",
            )
            ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
            ax.minorticks_off()
            ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
            ax.axhline(LEFT, **line("baseline", linewidth=1.2))
            ax.text(0.22, LEFT + 0.02, "1/e", color=INK["baseline"], fontsize=11)
            above = ax.secondary_xaxis("top")
            above.set_xticks(horizon(BIASES), [str(b) for b in BIASES])
            above.minorticks_off()
            above.tick_params(labelsize=11, length=5)
            above.set_xlabel("forget bias b")
            self._band = ax.fill([1], [0], color=COLORS["lstm"], alpha=0.2, linewidth=0, zorder=2)[0]
            self._noisy = ax.plot([], [], **line("lstm", marker=""))[0]
            self._left = ax.plot([], [], **line("theory", linestyle="-"))[0]
            mark = line("mark", markersize=5, markevery=[1, 2], linewidth=1.2, zorder=3)
            self._plumb = ax.plot([], [], **mark)[0]
            dot = {"linestyle": "none", "markevery": None, "zorder": 4}
            self._point = ax.plot([], [], **line("theory", marker="o", markersize=9, **dot))[0]
            self._square = ax.plot([], [], **line("lstm", marker="s", markersize=7, **dot))[0]
            self._names = [moving_words(ax, INK[meaning]) for meaning in ("theory", "lstm")]
            self._n = ax.text(1, 1.14, "", va="center", color=INK["mark"], fontsize=11)
        curves = [self._band, self._noisy, self._left, self._plumb, self._square, self._point]
        return fig, [*curves, *self._names, self._n]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        middle, high, low = arrays.units
        self._band.set_xy(np.column_stack([AROUND, np.concatenate([low, high[::-1]])]))
        self._noisy.set_data(PLACES, middle)
        self._left.set_data(FINE, np.exp(-FINE / arrays.formula))
        self._plumb.set_data([arrays.after] * 3, [1.25, *arrays.then])
        self._point.set_data([arrays.formula], [LEFT])
        self._square.set_data([arrays.measured], [LEFT])
        formula, noise = self._names
        write(formula, f"formula\n{_short(arrays.formula)}", 0.18 * arrays.formula, 0.96)
        write(noise, f"noise\n{_short(arrays.measured)}", 1.25 * arrays.measured, 0.14, side=-1)
        noise.set_visible(arrays.noise > 0)
        self._n.set(x=1.06 * arrays.after, text=f"after\nn = {arrays.after}")

    def touch(self):
        """The crossing and the step that is looked at are dragged; the curves are read, and leave ghosts."""
        ax = self.fig.axes[0]
        return {
            "handles": [
                Handle(
                    name="end of the memory",
                    ax=ax,
                    at=lambda: (self.arrays.formula, LEFT),
                    drag=lambda n, share: self.slide(bias=bias_for_horizon(n)),
                    step=lambda right, up: self.step(bias=right + up),
                    said=lambda: f"bias {self.arrays.bias:.1f}, {_short(self.arrays.formula)} steps",
                ),
                Handle(
                    name="step that is looked at",
                    ax=ax,
                    at=lambda: (self.arrays.after, 0.85),
                    drag=lambda n, share: self.slide(after=n),
                    step=lambda right, up: self.step(after=right + up),
                    said=lambda: f"after {self.arrays.after} steps",
                ),
            ],
            "probes": [Probe(ax, "n", {"formula": self._left, "with noise": self._noisy}, whole=False)],
            "ghosts": [self._left, self._noisy],
        }

    def reading(self, arrays):
        """What the picture says."""
        bias, formula, noisy = arrays.bias, _short(arrays.formula), _short(arrays.measured)
        after = "1 step" if arrays.after == 1 else f"{arrays.after} steps"
        left, noisy_left = map(_share, arrays.then)
        if not arrays.noise:
            return (
                f"Forget bias {bias:.1f} keeps 1/e for {formula} steps, by the formula and in all {UNITS} units. "
                f"After {after} {left} is left."
            )
        return (
            f"Forget bias {bias:.1f} keeps 1/e for {formula} steps by the formula, for {noisy} with noise. "
            f"After {after} {left} is left by the formula, {noisy_left} with noise."
        )


def _share(left):
    return magnitude(left, 2) if left >= 1e-12 else "nothing (below 10⁻¹²)"


def _short(steps):
    return f"{steps:.1f}" if steps < 1000 else f"{steps:.0f}"


def _when_one_is_lost(lost, sums):
    """Steps after which the median of the sums is 1, step by step between those two of `ENDS` where it passes it."""
    k = min(np.searchsorted(_median(np.sort(sums, axis=0)), 1.0), len(STEPS) - 1)
    first, last = ENDS[k : k + 2]
    start = sums[:, k - 1] if k else np.zeros(UNITS)
    within = np.cumsum(np.column_stack([start, lost[:, first:last]]), axis=1)
    return float(np.interp(1.0, _median(np.sort(within, axis=0)), np.arange(first, last + 1)))


def _median(ordered):
    """Of the units, which stand in order along the first axis."""
    return (ordered[UNITS // 2 - 1] + ordered[UNITS // 2]) / 2


@lru_cache(maxsize=32)
def _pushes(seed):
    """What the input adds to each unit's forget gate, step by step, at a noise of 1."""
    return np.random.default_rng([seed, 7]).normal(size=(T, UNITS)).T.copy()
