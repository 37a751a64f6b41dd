"""The horizon of a forget gate: how much of what was written is left, step by step, and how noise shortens it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.collections import LineCollection

from rnnbook.lab.reading import horizon, horizon_of
from rnnbook.nn import LSTM, bptt, unroll
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import slider
from rnnbook.view.style import COLORS, figure, line, look

T, UNITS = 200, 16  # steps, units with a noise of their own
BIASES = np.linspace(-4, 8, 121)


class HorizonPicture(NamedTuple):
    """What the explorer shows."""

    bias: float
    after: int  # steps
    left: np.ndarray  # (T,): what is left of dc after 0, 1, ... steps, by the formula f ** steps
    units: np.ndarray  # (UNITS, T): dc_T/dc_t of units whose gates move
    formula: float  # horizon of the bias
    measured: np.ndarray  # (UNITS,): horizons of the gates as they moved


class Horizon(Explorer):
    """What is left of a carry after n steps when its forget gate has bias b, and its input pushes the gate about.

    Look for the height 1/e: the black line crosses it after -1/ln f steps, the horizon. The blue lines are 16 units
    of the package's cell, each with input noise of its own on the same gate.

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

    question = "Which forget bias remembers for 100 steps?"

    def make_controls(self):
        """The controls by name."""
        return {
            "bias": slider("Forget bias b", 2.0, -4.0, 8.0, 0.1, readout_format=".1f"),
            "noise": slider("Gate noise", 1.0, 0.0, 4.0, 0.1, readout_format=".1f"),
            "after": slider("Look after n", 20, 1, T - 1, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    @staticmethod
    def compute(bias, noise, after, seed):
        """Run 16 units with noise on their forget gates, and send a gradient back along their carries.

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
        params, x = _units(seed)
        b_h = np.zeros(4 * UNITS)
        b_h[UNITS : 2 * UNITS] = bias
        params = {**params, "W_xh": noise * params["W_xh"], "b_h": b_h}
        _, (_, c_last), tape = unroll(LSTM(), params, x)
        ones = np.ones_like(c_last)
        back = bptt(LSTM(), params, tape, dstate=(0 * ones, ones), weights=False, inputs=False)
        units = back.states[1, ::-1, 0].T  # dc_T/dc_t of every unit, by steps back
        left = np.exp(-np.arange(T) / horizon(bias))
        return HorizonPicture(bias, after, left, units, float(horizon(bias)), horizon_of(tape.gates[1, 1:, 0]))

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=3.6, width_ratios=[1.6, 1])
        with look():
            left.set(xlabel="steps back", ylabel="share that is left", xlim=(-2, T - 1), ylim=(-0.02, 1.05))
            left.axhline(1 / np.e, **line("baseline"))
            left.text(T - 3, 1 / np.e + 0.02, "1/e", ha="right", color=COLORS["baseline"])
            self._units = LineCollection([], color=COLORS["lstm"], linewidth=0.8, alpha=0.55, zorder=2)
            left.add_collection(self._units, autolim=False)
            self._left = left.plot([], [], **line("theory", linestyle="-"))[0]
            self._after = left.axvline(1, color=COLORS["mark"], linewidth=1.2)
            right.plot(BIASES, horizon(BIASES), **line("theory", linestyle="-"))
            right.set(
                xlabel="forget bias b", ylabel="horizon in steps", yscale="log", ylim=(0.1, 5e3), xlim=(-4.3, 8.3)
            )
            spread = line("lstm", linestyle="none", marker="s", markersize=5, markevery=None, alpha=0.6)
            self._measured = right.plot([], [], **spread)[0]
            self._point = right.plot([], [], **line("mark", linestyle="none", markersize=9, markevery=None))[0]
        return fig, [self._units, self._left, self._after, self._measured, self._point]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        steps = np.arange(T)
        self._units.set_segments([np.column_stack([steps, values]) for values in arrays.units])
        self._left.set_data(steps, arrays.left)
        self._after.set_xdata([arrays.after] * 2)
        self._measured.set_data(np.full(UNITS, arrays.bias), np.clip(arrays.measured, 0.1, 5e3))
        self._point.set_data([arrays.bias], [arrays.formula])

    def reading(self, arrays):
        """What the picture says."""
        f, kept = np.exp(-1 / arrays.formula), arrays.left[arrays.after]
        start = (
            f"A forget bias of {arrays.bias:.1f} is f = {f:.4f}: a horizon of {arrays.formula:.1f} steps by the formula"
        )
        steps = "1 step" if arrays.after == 1 else f"{arrays.after} steps"
        if np.allclose(arrays.measured, arrays.formula):
            return f"{start}, and in all {UNITS} units of the cell. After {steps} {kept:.2g} is left."
        middle, units = np.median(arrays.measured), np.median(arrays.units[:, arrays.after])
        return (
            f"{start}; with the noise it is {middle:.1f} in the median of {UNITS} units, {middle / arrays.formula:.2f} "
            f"of it. After {steps} {kept:.2g} is left by the formula, {units:.2g} with the noise."
        )


@lru_cache(maxsize=32)
def _units(seed):
    """Units whose forget gates have an input each, and nothing else has any."""
    W_xh = np.zeros((UNITS, 4 * UNITS))
    W_xh[:, UNITS : 2 * UNITS] = np.eye(UNITS)
    params = {"W_xh": W_xh, "W_hh": np.zeros((UNITS, 4 * UNITS))}
    return params, np.random.default_rng([seed, 7]).normal(size=(T, 1, UNITS))
