"""Carry paths: how large the gradient still is, and which way it came, in a tanh RNN and an LSTM side by side."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.gradients import Paths, gradient_norms, gradient_paths
from rnnbook.nn import LSTM, RNN, init_params
from rnnbook.view import plots
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import figure, line, look

LONGEST, D = 200, 4  # steps at most, features of the input
LIMITS = (1e-24, 1e12)
CURVES = {
    "rnn": line("rnn", label="RNN, dL/dh"),
    "h": line("lstm", label="LSTM, dL/dh", linewidth=1.2),
    "whole": line("lstm", label="LSTM, dL/dc", linewidth=5, alpha=0.4, marker="", linestyle="-"),
    "carry": line("theory", label="dL/dc, end to end along c"),
    "through": line("mark", label="dL/dc, passing W_hh"),
}


class CarryPicture(NamedTuple):
    """What the explorer shows."""

    rnn: np.ndarray  # (T,): the tanh network's gradient
    paths: Paths
    middle: np.ndarray  # (T,): the mean forget gate of a step
    lowest: np.ndarray
    highest: np.ndarray


class CarryPaths(Explorer):
    """The gradient of a loss at the last step in a tanh RNN and in an LSTM, and the way it took in the LSTM.

    At every step a gradient goes back along the carry c, where the forget gate f_t multiplies it, or through h, W_hh
    and the gates. Look for the dotted line, the ways that keep to the carry from end to end: it is the product of the
    forget gates. The purple line is all other ways, which pass W_hh at least once.

    Parameters
    ----------
    **values
        Where the controls start: gate_bias, gain, start, input_scale, T, H, seed.

    Examples
    --------
    >>> explorer = CarryPaths(gate_bias=0.0, input_scale=0.0, T=11)
    >>> carry = explorer.arrays.paths.carry
    >>> bool(np.isclose(carry[0] / carry[-1], 0.5**10))
    True
    """

    question = "From which forget bias on does c alone carry the gradient?"

    def make_controls(self):
        """The controls by name."""
        return {
            "gate_bias": slider("Forget bias", 1.0, -2.0, 8.0, 0.1, readout_format=".1f"),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 10.0, 0.05, readout_format=".2f"),
            "start": choice("Start of W_hh", ["orthogonal", "gaussian", "uniform", "identity"]),
            "input_scale": slider("Input scale", 0.3, 0.0, 4.0, 0.05, readout_format=".2f"),
            "T": slider("Steps T", 100, 5, LONGEST, 1),
            "H": slider("Hidden units H", 32, 2, 64, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    @staticmethod
    def compute(gate_bias, gain, start, input_scale, T, H, seed):
        """Run both cells forward, and back along every way.

        Parameters
        ----------
        gate_bias, gain : float
            Of the forget gate; scale of W_hh.
        start : str
            Of W_hh.
        input_scale : float
            Scale of W_xh.
        T, H, seed : int
            Steps, hidden units; of weights, inputs and the gradient at the end.

        Returns
        -------
        CarryPicture
            What to show.
        """
        x, dh_last = _stimulus(H, seed)
        rnn, lstm = (_params(cell, start, H, seed, gain, input_scale) for cell in (RNN(), LSTM()))
        lstm["b_h"] = lstm["b_h"].copy()
        lstm["b_h"][H : 2 * H] = gate_bias
        paths = gradient_paths(LSTM(), lstm, x[:T], dh_last)
        f = paths.tape.gates[1, :, 0]
        return CarryPicture(
            gradient_norms(RNN(), rnn, x[:T], dh_last), paths, f.mean(axis=1), f.min(axis=1), f.max(axis=1)
        )

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=3.6, width_ratios=[2.2, 1])
        fig.get_layout_engine().set(
            rect=(0, 0, 0.99, 1)
        )  # room for the last tick's letters, whatever the number of steps
        self._curves = plots.draw_magnitudes(left, CURVES, LIMITS)
        with look():
            left.set(xlabel="time step t", ylabel="gradient magnitude")
            left.legend(
                handles=[self._curves[name] for name in CURVES],
                loc="lower left",
                bbox_to_anchor=(0, 1),
                ncols=3,
                columnspacing=1,
                fontsize=10,
            )
            right.set_title("Forget gate: mean, lowest, highest unit", fontsize=11)
            right.set(xlabel="time step t", ylim=(-0.03, 1.03), yticks=np.linspace(0, 1, 5))
            styles = {"lowest": line("muted"), "highest": line("muted"), "middle": line("lstm", marker="")}
            self._gate = {name: right.plot([], [], **style)[0] for name, style in styles.items()}
            for ax in (left, right):
                ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        return fig, [left.xaxis, right.xaxis, *self._curves.values(), *self._gate.values()]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        T, paths = len(arrays.rnn), arrays.paths
        for ax in self.fig.axes:
            ax.set_xlim(1 - 0.02 * T, T + 0.02 * T)
        norms = {
            "rnn": arrays.rnn,
            "h": paths.h,
            "whole": paths.whole,
            "carry": paths.carry,
            "through": paths.through[:-1],
        }
        plots.move_magnitudes(self._curves, norms)
        for name, curve in self._gate.items():
            curve.set_data(np.arange(1, T + 1), getattr(arrays, name))

    def reading(self, arrays):
        """What the picture says."""
        steps, paths = len(arrays.rnn) - 1, arrays.paths
        ends = {name: values[0] for name, values in (("RNN", arrays.rnn), ("LSTM", paths.h), ("c", paths.whole))}
        if not np.isfinite([*ends.values(), paths.carry[0], paths.through[0]]).all():
            return f"The gradient overflows on its {steps} steps back."
        h = f"{_power(ends['RNN'])} in the RNN and {_power(ends['LSTM'])} in the LSTM"
        story = f"After {steps} steps back |dL/dh| is {h}"
        if ends["c"] == 0:
            return f"{story}, whose |dL/dc| is exactly 0."
        carry, through = paths.carry[0], paths.through[0]
        f = np.exp(np.log(np.maximum(paths.tape.gates[1, 1:], 1e-300)).mean())
        return (
            f"{story}, where |dL/dc| is {_power(ends['c'])}: {_power(carry)} came along c from end to end, "
            f"{_power(through)} by ways that pass W_hh. Along c a step's factor is f_t, in the geometric mean {f:.3f}."
        )


def _power(number):
    return f"{number:.1e}"


@lru_cache(maxsize=64)
def _stimulus(H, seed):
    """Inputs of one sequence, and a gradient of length 1 at its end."""
    rng = np.random.default_rng([seed, 1])
    x, dh_last = rng.normal(size=(LONGEST, 1, D)), rng.normal(size=(1, H))
    return x, dh_last / np.linalg.norm(dh_last)


@lru_cache(maxsize=64)
def _drawn(cell, start, H, seed):
    return init_params(cell, D, H, np.random.default_rng([seed, 2]), recurrent=start)


def _params(cell, start, H, seed, gain, input_scale):
    params = _drawn(cell, start, H, seed)
    return {**params, "W_hh": gain * params["W_hh"], "W_xh": input_scale * params["W_xh"]}
