"""The tape: one step after the other back through time, with the numbers of every step."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.nn import RNN, bptt, init_params, unroll
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, DIVERGING, SEQUENTIAL, figure, look

STEPS, LONGEST, UNITS, D = 12, 20, 4, 2
STRIPS = (
    ("loss of step t\n$\\partial L_t/\\partial h_t$", DIVERGING, (-1, 1)),
    ("from step t + 1\n$\\delta_{t+1} W_{hh}^\\top$", DIVERGING, (-1, 1)),
    ("local derivative\n$1 - h_t^2$", SEQUENTIAL, (0, 1)),
    ("product\n$\\delta_t$", DIVERGING, (-1, 1)),
)
FORM = (  # what stands beside the strips at every step; `_table` has the numbers
    "",
    "unit (  loss +   next) x local =  delta",
    *(f"{unit:>3}  ({'':6} + {'':6}) x {'':5} = " for unit in range(1, UNITS + 1)),
    "",
    "all walked steps: |dL/dW_hh| = ",
    "",
    "purple is above 0, orange below;",
    "the darker, the larger",
    "local derivative: yellow 1, blue 0",
)
NUMBERS = 8  # lines of the form that have numbers, from the first on


class Walk(NamedTuple):
    """What the explorer shows: four arrays (T, H), where the walk stands, and what it has added up."""

    above: np.ndarray  # each step's own dL_t/dh_t
    right: np.ndarray  # what arrives from the step after, delta_{t+1} W_hh^T
    local: np.ndarray  # 1 - h_t^2
    delta: np.ndarray  # (above + right) * local
    t: int  # counted from 1
    weights: float  # norm of the gradient of W_hh that the walked steps add up to


class TapeWalk(Explorer):
    """The way back through a small network, step by step: what arrives, the local derivative, and the product.

    Look for the sum and the product in the framed column: the gradient of the step's own loss and what the next step
    sends back are added, and the sum is multiplied by the local derivative. Where a unit is near -1 or 1 its local
    derivative is near 0, and little gets past it.

    Parameters
    ----------
    **values
        Where the controls start: back (steps walked), loss ("every", "last"), gain, input_scale, T, seed.

    Examples
    --------
    >>> explorer = TapeWalk(back=0, loss="last")
    >>> print(explorer.live.reading.split(":")[0])
    Step 12 of 12
    """

    question = "How much of a step's gradient comes from its own loss, and how much from the steps after it?"

    def make_controls(self):
        """The controls by name."""
        return {
            "back": slider("Steps back", 3, 0, LONGEST - 1, 1),
            "loss": choice("Loss at", [("every step", "every"), ("the last step", "last")]),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "input_scale": slider("Input scale", 1.0, 0.0, 4.0, 0.1, readout_format=".1f"),
            "T": slider("Steps T", STEPS, 2, LONGEST, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def settle(self):
        """The walk ends at step 1."""
        self.end_at("back", self.controls["T"].value - 1)

    @staticmethod
    def compute(back, loss, gain, input_scale, T, seed):
        """Run the network forward and back, and take the tape apart.

        Parameters
        ----------
        back : int
            Steps walked back; the walk ends at step 1.
        loss : str
            "every" or "last".
        gain, input_scale : float
            Scale of W_hh, which is orthogonal at 1, and of W_xh.
        T, seed : int
            Steps; of weights, inputs and losses.

        Returns
        -------
        Walk
            What to show.
        """
        params, x, dh = _network(seed)
        params = {**params, "W_hh": gain * params["W_hh"], "W_xh": input_scale * params["W_xh"]}
        dh = dh[:T].copy()
        if loss == "last":
            dh[:-1] = 0
        h, _, tape = unroll(RNN(), params, x[:T])
        arrives, local = bptt(RNN(), params, tape, dh).h[:, 0], 1 - h[:, 0] ** 2
        delta, t = arrives * local, T - min(back, T - 1)
        weights = tape.states[0, t - 1 : T, 0].T @ delta[t - 1 :]  # h_{t-1}^T delta_t, summed
        return Walk(dh[:, 0], arrives - dh[:, 0], local, delta, t, float(np.linalg.norm(weights)))

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(nrows=4, ncols=2, width=11.5, height=4.0, width_ratios=[1.65, 1])
        strips, table = axes[:, 0], axes[0, 1]
        for spare in axes[1:, 1]:
            spare.remove()
        table.set_subplotspec(table.get_gridspec()[:, 1])
        with look():
            numbers = fig.add_subplot(table.get_subplotspec(), facecolor="none")
            for ax in (table, numbers):
                ax.set_axis_off()
            self._images = [_draw_strip(ax, *strip) for ax, strip in zip(strips, STRIPS, strict=True)]
            for ax in strips[:-1]:
                ax.tick_params(bottom=False, labelbottom=False)
            strips[-1].set_xlabel("time step t")
            style = {"color": COLORS["theory"], "linewidth": 2.5, "clip_on": False}
            self._frames = [ax.plot([], [], **style)[0] for ax in strips]
            _write(table, FORM)
            # Apart from the form: fewer letters to draw at a move; as one artist: each digit's outline only once.
            self._numbers = _write(numbers, [""] * NUMBERS)
        return fig, [*(ax.xaxis for ax in strips), *self._images, *self._frames, numbers]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        T, t = len(arrays.local), arrays.t
        largest = max(np.abs(array).max() for array in (arrays.above, arrays.right, arrays.delta))
        walked = np.arange(1, T + 1)[:, None] >= t
        above, right, delta = (_shade(array / largest) for array in (arrays.above, arrays.right, arrays.delta))
        shown = [above, right, arrays.local, delta]
        for image, frame, values in zip(self._images, self._frames, shown, strict=True):
            image.axes.set_xlim(0.5, T + 0.5)
            image.set_data(np.where(walked, values, np.nan).T)
            image.set_extent((0.5, T + 0.5, UNITS + 0.5, 0.5))
            frame.set_data([t - 0.5, t + 0.5, t + 0.5, t - 0.5, t - 0.5], [0.5, 0.5, UNITS + 0.5, UNITS + 0.5, 0.5])
        for text, numbers in zip(self._numbers, _table(arrays), strict=True):
            text.set_text(numbers)

    def reading(self, arrays):
        """What the picture says, in one sentence."""
        T, k = len(arrays.local), arrays.t - 1
        above, right, local, delta = (_number(array[k, 0]) for array in arrays[:4])
        here, last = np.linalg.norm(arrays.delta[k]), np.linalg.norm(arrays.delta[-1])
        return (
            f"Step {arrays.t} of {T}: unit 1 gets {above} from its own loss and {right} from the next step; their sum "
            f"times the local derivative {local.lstrip('+')} is {delta}. The length of delta is {here:.2g} here "
            f"and {last:.2g} at step {T}."
        )


def _draw_strip(ax, label, colours, limits):
    ax.grid(False)
    ax.set(yticks=range(1, UNITS + 1), ylim=(UNITS + 0.5, 0.5))
    ax.tick_params(labelsize=9.5, length=2)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylabel(label, rotation=0, ha="right", va="center", labelpad=8, fontsize=11)
    return ax.imshow(np.zeros((UNITS, 2)), aspect="auto", cmap=colours, vmin=limits[0], vmax=limits[1])


def _write(ax, lines):
    """One text a line, at equal distances, so that two forms of equal letters fit into one another."""
    font = {"family": "DejaVu Sans Mono", "fontsize": 10.5, "transform": ax.transAxes, "in_layout": False}
    return [ax.text(0.03, 0.95 - 0.085 * k, words, **font) for k, words in enumerate(lines)]


def _table(arrays):
    """The numbers of the framed column, a row a unit, where the form leaves room for them."""
    k = arrays.t - 1
    rows = []
    for numbers in zip(*(array[k] for array in arrays[:4]), strict=True):
        above, right, local, delta = map(_number, numbers)
        rows.append(f"      {above:>6}   {right:>6}    {local.lstrip('+'):>5}   {delta:>6}")
    return [f"step t = {arrays.t}", "", *rows, "", f"{'':31}{arrays.weights:.3g}"]


def _shade(values):
    """Square roots with the sign of the values: small ones would be too pale to be seen."""
    return np.sign(values) * np.sqrt(np.abs(values))


def _number(value):
    if 0 < abs(value) < 0.0005:
        return f"{value:+.0e}"
    return f"{value:+.3f}" if abs(value) < 10 else f"{value:+.3g}" if abs(value) < 1000 else f"{value:+.0e}"


@lru_cache(maxsize=32)
def _network(seed):
    """Weights with an orthogonal W_hh, inputs, and each loss's own gradient: L_t = h_t . c_t."""
    rng = np.random.default_rng([seed, 5])
    return init_params(RNN(), D, UNITS, rng), rng.normal(size=(LONGEST, 1, D)), rng.normal(size=(LONGEST, 1, UNITS))
