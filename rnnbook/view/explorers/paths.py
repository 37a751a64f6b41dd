"""Carry paths: which part of an LSTM's gradient came along the carry alone, by step and by forget bias."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.nn import LSTM
from rnnbook.view.explorers.by_bias import (
    LONGEST,
    BiasExplorer,
    bias_that_gives,
    biases_of,
    from_which_on,
    magnitude,
    ways_back,
    which,
)
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

H = 32
ENDS = 0.0, 6.0  # of the forget bias
BIASES = biases_of(*ENDS)
INPUT_GATE = {"opposite": -1, "zero": 0}  # its bias, in forget biases


class CarryPicture(NamedTuple):
    """What the explorer shows."""

    shares: np.ndarray  # (B, T): by forget bias and step, of both parts' lengths together, along c alone
    chosen: int  # the forget bias that the slider is at
    sizes: tuple  # of the parts of dL/dc_1 there: along c alone, passing W_hh
    sign: int  # the input gate's bias, in forget biases


class CarryPaths(BiasExplorer):
    """Which part of the gradient that reaches an LSTM's c_t came along the carry alone, and which passed W_hh.

    The loss stands at the last step. On the way back the carry alone multiplies by the forget gate; all other ways
    pass W_hh at least once. The lengths of the two parts are shown as shares of their sum: the parts may partly cancel,
    so that neither length is a share of the gradient's own. Look for the edge of the grey area: how far back the part
    along c alone is the longer one. The point on the edge is where both are equally long; drag it, or the point beside
    it, to set the forget bias. Then leave the input gate half open, and look how far the same forget biases come.

    Parameters
    ----------
    **values
        Where the controls start: gate_bias, input_gate ("opposite", "zero"), gain, T, input_scale, start, seed.

    Examples
    --------
    >>> explorer = CarryPaths(gain=0.0, T=11)
    >>> float(explorer.arrays.shares.min())
    1.0
    """

    question = "From which forget bias on is the gradient at step 1 longer along the carry c than through W_hh?"
    reflows = True
    in_sight = ("gate_bias", "input_gate", "gain")
    biases = BIASES

    def make_controls(self):
        """The controls by name."""
        gates = [("shut as f opens: bias -b", "opposite"), ("half open: bias 0", "zero")]
        return {
            "gate_bias": self.bias_slider("Forget bias b", 3.0),
            "input_gate": choice("Input gate", gates),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "T": slider("Steps T", 100, 10, LONGEST, 1),
            "input_scale": slider("Input scale", 0.3, 0.0, 2.0, 0.05, readout_format=".2f"),
            "start": choice("Start of W_hh", ["orthogonal", "gaussian", "uniform", "identity"]),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    @staticmethod
    def compute(gate_bias, input_gate, gain, T, input_scale, start, seed):
        """Send the gradient back under every forget bias.

        Parameters
        ----------
        gate_bias : float
            The forget bias.
        input_gate : str
            Whether the input gate's bias is the opposite one, or 0.
        gain : float
            Scale of W_hh.
        T : int
            Steps.
        input_scale : float
            Scale of W_xh.
        start : str
            Of W_hh.
        seed : int
            Of weights, inputs and the gradient at the end.

        Returns
        -------
        CarryPicture
            What to show.
        """
        sign = INPUT_GATE[input_gate]
        biases = tuple((sign * b, b, 0.0, 0.0) for b in BIASES.tolist())  # of i, f, g, o
        ways = ways_back(LSTM(), biases, start, H, seed, gain, input_scale, T)
        k, both = which(gate_bias, BIASES), ways.carry + ways.through
        shares = np.divide(ways.carry, both, out=np.zeros_like(both), where=both > 0)  # of nothing, nothing
        return CarryPicture(shares, k, (ways.carry[k, 0], ways.through[k, 0]), sign)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=3.6, width_ratios=[1.6, 1])
        edge = line("theory", linestyle="-", zorder=3)
        with look():
            left.set_title("The gradient's way to $c_t$", fontsize=12)
            right.set_title("At step 1, by forget bias", fontsize=12)
            left.set(xlabel="time step t", ylabel="share of both lengths")
            right.set(xlabel="forget bias b", ylabel="c alone, of both lengths", xlim=(ENDS[0] - 0.4, ENDS[1] + 0.4))
            left.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            for ax in (left, right):
                ax.set(ylim=(-0.08, 1.08), yticks=[0, 0.25, 0.5, 0.75, 1])
                ax.set_yticklabels(["0", "", "half", "", "1"])
                ax.axhline(0.5, color=COLORS["baseline"], linewidth=1, linestyle=(0, (3, 3)), zorder=2)
            left.axhspan(0, 1, linewidth=0, facecolor=COLORS["mark"], alpha=0.3, zorder=0)
            right.grid(axis="x", visible=False)
            (self._area,) = left.fill([0, 1, 1], [0, 0, 1], facecolor="#E9E9E9", zorder=1)
            self._edge, self._curve = (ax.plot([], [], **edge)[0] for ax in (left, right))
            point = line("theory", markersize=10, marker="o", markevery=None, clip_on=False, zorder=4)
            self._held, self._point = (ax.plot([], [], **point)[0] for ax in (left, right))
            words = {"transform": left.transAxes, "fontsize": 12, "zorder": 4}
            self._alone = left.text(0.98, 0.1, "along c alone", ha="right", va="bottom", color=INK["theory"], **words)
            self._passed = left.text(0.02, 0.9, "passed $W_{hh}$", ha="left", va="top", color=INK["theory"], **words)
        letters = (self._alone, self._passed)
        return fig, [left.xaxis, self._area, self._edge, *letters, self._curve, self._held, self._point]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        shares = arrays.shares[arrays.chosen]
        T, left = len(shares), self.fig.axes[0]
        steps = np.arange(1, T + 1)
        if left.get_xlim() != (1, T):
            left.set_xlim(1, T)
        self._edge.set_data(steps, shares)
        self._area.set_xy([(1, 0), *zip(steps, shares, strict=True), (T, 0)])
        self._passed.set_visible(bool(shares[T // 3] < 0.8))  # a name stands where its area is, or not at all
        self._alone.set_visible(bool(shares[2 * T // 3] > 0.13))
        self._held.set_data(*([place] for place in _half(shares)))
        self._curve.set_data(BIASES, arrays.shares[:, 0])
        self._point.set_data([BIASES[arrays.chosen]], [shares[0]])

    def touch(self):
        """The points on the area's edge and beside it set the forget bias; the shares are read, and leave ghosts."""
        left, right = self.fig.axes
        keys = {"step": lambda right, up: self.step(gate_bias=right + up), "said": self._said}
        return {
            "handles": [
                Handle("edge of the area", left, at=self._on_edge, drag=self._drag_edge, **keys),
                Handle("forget bias", right, self._place, drag=lambda x, y: self.slide(gate_bias=x), **keys),
            ],
            "probes": [
                Probe(left, "t", {"along c alone": self._edge}),
                Probe(right, "b", {"along c alone": self._curve}, whole=False),
            ],
            "ghosts": [self._edge, self._curve],
        }

    def _said(self):
        return f"forget bias {BIASES[self.arrays.chosen]:.1f}"

    def _place(self):
        chosen = self.arrays.chosen
        return BIASES[chosen], self.arrays.shares[chosen, 0]

    def _on_edge(self):
        return _half(self.arrays.shares[self.arrays.chosen])

    def _drag_edge(self, x, y):
        """The forget bias at which the edge passes where the hand is."""
        self.slide(gate_bias=bias_that_gives(y, self.arrays.shares[:, round(x) - 1], BIASES))

    def reading(self, arrays):
        """What the picture says: the answer, and both parts at step 1."""
        bias, share = BIASES[arrays.chosen], arrays.shares[arrays.chosen, 0]
        alone, passed = arrays.sizes
        longer = from_which_on(arrays.shares[:, 0] > 0.5, BIASES)
        grown = ", grown on the way" if max(alone, passed) > 1 else ""
        return (
            f"At step 1 the part along c alone is the longer one {longer}. "
            f"At forget bias {bias:.1f} (input bias {arrays.sign * bias or 0:.1f}) it has {_percent(share)} "
            f"of both lengths together. "
            f"Of a gradient of 1 at h_{arrays.shares.shape[1]}, "
            f"{magnitude(alone, 2)} arrives along c alone, {magnitude(passed, 2)} through W_hh{grown}."
        )


def _half(shares):
    """Where both parts are equally long; at the first step, where c alone is longer all the way."""
    below = np.flatnonzero(shares < 0.5)
    if not len(below):
        return 1, shares[0]
    t = below[-1]  # between step t + 1, which is below, and the next
    return t + 1 + (0.5 - shares[t]) / (shares[t + 1] - shares[t]), 0.5


def _percent(share):
    if share < 5e-4:
        return "less than 0.1 %"
    return f"{100 * share:.{0 if share >= 0.095 else 1}f} %"
