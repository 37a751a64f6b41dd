"""Three cells under the same sliders: gradient magnitude of RNN, LSTM and GRU of equal units or equal weights."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.gradients import gradient_paths
from rnnbook.lab.training import count_weights, units_for
from rnnbook.nn import LSTM, init_params
from rnnbook.nn.cells import CELLS
from rnnbook.view import plots
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, figure, line, look

LONGEST, D = 200, 4  # steps at most, features of the input
LIMITS = (1e-32, 1e12)
STYLES = {"RNN": "rnn", "LSTM": "lstm", "GRU": "gru"}
KEPT = {"LSTM": "dL/dc along f alone", "GRU": "dL/dh along z alone"}
MOST = 20_000  # weights that the bars have room for


class Part(NamedTuple):
    """One cell's part of the picture."""

    units: int
    weights: int
    norms: np.ndarray  # (T,): of dL/dh_t
    kept: np.ndarray  # (T,): of what came along the kept state alone


class ThreeCells(Explorer):
    """Gradient magnitude of the three cells for a loss at the last step, all under the same sliders.

    Look for the distance of each gated cell's curve to its dotted line. The line is what came along the kept state
    alone, through f of LSTM or z of GRU and no weights; what the curve has more came through W_hh.

    Parameters
    ----------
    **values
        Where the controls start: size ("units" or "weights"), H, gate_bias, gain, input_scale, T, start, seed.

    Examples
    --------
    >>> explorer = ThreeCells(size="weights", H=34)
    >>> {name: part.units for name, part in explorer.arrays.items()}
    {'RNN': 70, 'LSTM': 34, 'GRU': 39}
    """

    question = "At which gate bias do the gated cells overtake the RNN?"

    def make_controls(self):
        """The controls by name."""
        sizes = [("as many units", "units"), ("as many weights", "weights")]
        return {
            "gate_bias": slider("Bias of f and z", 0.0, -2.0, 8.0, 0.1, readout_format=".1f"),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 4.0, 0.05, readout_format=".2f"),
            "input_scale": slider("Input scale", 0.3, 0.0, 2.0, 0.05, readout_format=".2f"),
            "T": slider("Steps T", 100, 5, LONGEST, 1),
            "size": choice("All three have", sizes),
            "H": slider("LSTM's units H", 32, 2, 64, 1),
            "start": choice("Start of W_hh", ["orthogonal", "gaussian", "uniform", "identity"]),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    @staticmethod
    def compute(gate_bias, gain, input_scale, T, size, start, H, seed):
        """Run each cell forward, and back along all ways and along the kept state alone.

        Parameters
        ----------
        gate_bias, gain, input_scale : float
            Bias of f and z, scale of W_hh and of W_xh.
        T : int
            Steps.
        size, start : str
            Whether units or weights are equal; start of W_hh.
        H, seed : int
            Units of the LSTM; of weights, inputs and the gradient at the end.

        Returns
        -------
        dict of str to Part
            By cell.
        """
        budget, found = count_weights(LSTM(), D, H), {}
        for name, cell in CELLS.items():
            units = H if size == "units" else _units(cell, budget)
            x, dh_last = _stimulus(units, seed)
            params = dict(_drawn(cell, start, units, seed))
            params |= {"W_xh": input_scale * params["W_xh"], "W_hh": gain * params["W_hh"]}
            if cell.keeper is not None:
                b = params["b_h"].reshape(cell.gates, units).copy()
                b[cell.keeper] = gate_bias
                params["b_h"] = b.ravel()
            paths = gradient_paths(cell, params, x[:T], dh_last)
            found[name] = Part(units, count_weights(cell, D, units), paths.h, paths.carry)
        return found

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=4.0, width_ratios=[2.6, 1])
        curves = {name: line(style, label=f"{name}, dL/dh") for name, style in STYLES.items()}
        dots = {"linestyle": (0, (1, 1.2)), "linewidth": 3}
        for name, words in KEPT.items():
            curves[f"{name} kept"] = line(STYLES[name], label=f"{name}, {words}", **dots)
        self._curves = plots.draw_magnitudes(left, curves, LIMITS)
        with look():
            left.set(xlabel="time step t", ylabel="gradient magnitude")
            left.xaxis.set_major_locator(MaxNLocator(integer=True))
            handles = [self._curves[name] for name in curves]
            left.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, fontsize=10)
            right.set_title("Weights of the recurrent part", fontsize=11)
            rows = range(len(CELLS))
            self._bars = right.barh(rows, [1] * len(CELLS), 0.4, color=[COLORS[style] for style in STYLES.values()])
            self._words = [right.text(0.015 * MOST, row - 0.33, "", va="bottom", fontsize=11) for row in rows]
            right.set(xlim=(0, MOST), ylim=(2.5, -0.6), yticks=rows, yticklabels=list(CELLS))
            right.set_xticks([0, 10_000, 20_000], ["0", "10,000", "20,000"])
        return fig, [left.xaxis, *self._curves.values(), *self._bars, *self._words]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        T = len(arrays["RNN"].norms)
        self.fig.axes[0].set_xlim(1 - 0.02 * T, T + 0.02 * T)
        norms = {name: part.norms for name, part in arrays.items()}
        norms |= {f"{name} kept": arrays[name].kept for name in KEPT}
        plots.move_magnitudes(self._curves, norms)
        for part, bar, words in zip(arrays.values(), self._bars, self._words, strict=True):
            bar.set_width(part.weights)
            words.set_text(f"{part.units} units, {part.weights:,} weights")

    def reading(self, arrays):
        """What the picture says."""
        steps = len(arrays["RNN"].norms) - 1
        ends = [f"{name} ({part.units} units) {_end(part.norms[0])}" for name, part in arrays.items()]
        alone = " and ".join(
            f"{_end(arrays[name].kept[0])} along {gate}" for name, gate in (("LSTM", "f"), ("GRU", "z"))
        )
        return f"After {steps} steps back |dL/dh| is in {', '.join(ends)}; along the kept state alone came {alone}."


@lru_cache(maxsize=256)
def _units(cell, budget):
    return units_for(cell, D, 0, budget)


@lru_cache(maxsize=64)
def _stimulus(H, seed):
    """Inputs of one sequence, and a gradient of length 1 at its end."""
    rng = np.random.default_rng([seed, 1])
    x, dh_last = rng.normal(size=(LONGEST, 1, D)), rng.normal(size=(1, H))
    return x, dh_last / np.linalg.norm(dh_last)


@lru_cache(maxsize=64)
def _drawn(cell, start, H, seed):
    return init_params(cell, D, H, np.random.default_rng([seed, 2]), recurrent=start)


def _end(size):
    """A magnitude in words: overflow and underflow are said as such."""
    if not np.isfinite(size):
        return "beyond all numbers (it overflows)"
    return f"{size:.0e}" if size else "exactly 0"
