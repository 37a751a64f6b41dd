"""Depth flow: the gradient in a net of several layers, by layer and step, and when it came down to the first."""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.gradients import came_down, depth_flow
from rnnbook.nn import Recurrent, Residual, Stack, init_params
from rnnbook.nn.cells import CELLS
from rnnbook.view import plots
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, INK, figure, line, look
from rnnbook.view.touch import Columns, Handle, Probe

MOST, LONGEST, D, H = 6, 60, 4, 32
LIMITS = (1e-6, 1e2)  # of the colours; what lies outside has the colour of that end
SHARES = (-0.5, 1.25)  # of layer 1's gradient: its parts may cancel
STYLES = {"RNN": "rnn", "LSTM": "lstm", "GRU": "gru"}


class DepthPicture(NamedTuple):
    """What the explorer shows."""

    norms: np.ndarray  # (L, T): of dL/dh_t, the first layer in the first row
    share: np.ndarray  # (T,): of layer 1's at step 1, what came down at each step; empty where nothing did
    cell: str
    losses: tuple  # steps that have a loss, counted from 1


class DepthFlow(Explorer):
    """Gradient magnitude by layer and step, for a loss on the top layer.

    Look for the two ways: down a column, a step a layer, and back along a row, a step in time. A gradient that reaches
    layer 1 at step 1 has gone all steps of both, in some order: the curve says how much of it had come down to layer
    1 already, from the loss back. Drag the triangle, which is the loss. A residual step is to depth what the carry is
    to time: it takes the factor down to about 1, and no way back gets shorter by it.

    Parameters
    ----------
    **values
        Where the controls start: layers, gain, residual ("no", "yes"), cell, loss ("one", "every"), after (steps after
        the loss), T, input_scale, gate_bias, seed.

    Examples
    --------
    >>> explorer = DepthFlow(layers=2, T=11, after=0)
    >>> explorer.arrays.norms.shape, "11 orders of 10 steps back and 1 down" in explorer.live.reading
    ((2, 11), True)
    """

    question = "Where is more of the gradient lost in all: on its way back in time, or down the layers?"
    reflows = True
    in_sight = ("layers", "gain", "residual")
    played = "layers"

    def make_controls(self):
        """The controls by name."""
        return {
            "layers": slider("Layers", 3, 1, MOST, 1),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "residual": choice("Residual step", [("none", "no"), ("around each upper layer", "yes")]),
            "cell": choice("Cell", list(CELLS)),
            "loss": choice("Loss at", [("one step", "one"), ("every step", "every")]),
            "after": slider("Steps after it", 4, 0, LONGEST - 1, 1),
            "T": slider("Steps T", 35, 5, LONGEST, 1),
            "input_scale": slider("Scale of W_xh", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "gate_bias": slider("Bias of f and z", 1.0, -2.0, 6.0, 0.1, readout_format=".1f"),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def settle(self):
        """A control that changes nothing now is greyed out; no loss stands before the first step."""
        values = self.values()
        self.end_at("after", values["T"] - 1)
        self.grey_out(
            residual="one layer has none above it" if values["layers"] == 1 else "",
            after="" if values["loss"] == "one" else "every step has a loss (Loss at, under More)",
            gate_bias="an RNN has no gates (Cell and bias are under More)" if values["cell"] == "RNN" else "",
        )

    @staticmethod
    def compute(layers, gain, input_scale, residual, cell, loss, after, T, seed, gate_bias):
        """Run the net forward, and the loss back.

        Parameters
        ----------
        layers : int
            How many there are.
        gain, input_scale : float
            Scale of W_hh, which is orthogonal at 1, and of W_xh.
        residual, cell, loss : str
            The choices.
        after, T, seed : int
            Steps after the loss; all steps; of weights, inputs and the gradient of the loss.
        gate_bias : float
            Of the gate that keeps.

        Returns
        -------
        DepthPicture
            What to show.
        """
        return _picture(layers, gain, input_scale, residual, cell, loss, after, T, seed, gate_bias)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=3.7, width_ratios=[2.2, 1])
        fig.get_layout_engine().set(rect=(0, 0, 0.99, 1))  # room for the last tick's letters, whatever T is
        self._heat = plots.draw_heat(left)
        scale = self._heat.pop("scale").axes
        plots.set_decades(scale, [LIMITS], LIMITS, above=False)  # whatever is moved, a colour is one magnitude
        ticks = [label.get_text() for label in scale.get_yticklabels()]
        scale.set_yticks(scale.get_yticks(), [f"≤{ticks[0]}", *ticks[1:-1], f"≥{ticks[-1]}"])
        with look():
            left.set(xlabel="time step t", ylabel="layer")
            left.set_title("Gradient magnitude (▼ the loss)", fontsize=11)
            right.set(xlabel="time step t")
            right.set_title("Of layer 1's gradient at step 1,\nshare already in layer 1 at step t", fontsize=11)
            right.set(ylim=SHARES, yticks=[-0.5, 0, 0.5, 1], ylabel="share (parts may cancel)")
            right.axhline(0.5, color=COLORS["muted"], linewidth=0.8)
            left.set_yticks(range(1, MOST + 1))
            for axis in (left.xaxis, right.xaxis):
                axis.set_major_locator(MaxNLocator(6, integer=True))
            marks = line("mark", linestyle="none", marker="v", markersize=10, markevery=None, clip_on=False)
            (self._losses,) = left.plot([], [], **marks)
            (self._share,) = right.plot([], [], **line("rnn"))
            words = {"ha": "center", "va": "center", "color": INK["muted"], "transform": right.transAxes}
            self._nothing = right.text(0.5, 0.35, "nothing comes down", **words)
        axes = [left.xaxis, left.yaxis, right.xaxis]
        return fig, [*axes, *self._heat.values(), self._losses, self._share, self._nothing]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        norms, share = arrays.norms, arrays.share
        (L, T), (left, right) = norms.shape, self.fig.axes
        left.set(xlim=(0.5, T + 0.5), ylim=(0.5, 0.5 + 1.14 * L))
        plots.color_heat(self._heat["cells"], norms[::-1], (0.5, T + 0.5, 0.5, L + 0.5), LIMITS)
        self._losses.set_data(arrays.losses, np.full(len(arrays.losses), self._height(L)))
        so_far = share[::-1].cumsum()[::-1]
        self._share.set(**line(STYLES[arrays.cell]))
        self._share.set_data(1 + np.arange(len(share)), so_far)
        right.set_xlim(0.5, T + 0.5)
        self._share.set_visible(len(share) > 0)
        self._nothing.set_visible(len(share) == 0)

    def touch(self):
        """The loss is dragged along the top layer; columns and the curve are read."""
        left, right = self.fig.axes
        return {
            "handles": [
                Handle(
                    name="the loss",
                    ax=left,
                    at=self._place,
                    drag=lambda x, y: self.slide(after=self.values()["T"] - x),
                    step=lambda right, up: self.step(after=-right - up),
                    said=lambda: f"at step {self.arrays.losses[-1]}",
                )
            ],
            "probes": [
                Columns(left, "t", self._heat["cells"], self._rows),
                Probe(right, "t", {"share": self._share}),
            ],
            "ghosts": [self._share],
        }

    @staticmethod
    def _height(L):
        return 0.5 + 1.07 * L

    def _place(self):
        """Above the top layer; losses at all steps cannot be dragged."""
        if len(self.arrays.losses) > 1:
            return None
        return self.arrays.losses[0], self._height(len(self.arrays.norms))

    def _rows(self):
        return {f"layer {k}": row for k, row in reversed([*enumerate(self.arrays.norms, 1)])}

    def reading(self, arrays):
        """What the picture says: what each way leaves, the two ends of step 1, and the ways that lead there."""
        norms, losses, (L, T) = arrays.norms, arrays.losses, arrays.norms.shape
        if not np.isfinite(norms).all():
            return f"The gradient overflows on its way back over {T - 1} steps and down {L} layers."
        low, top = norms[0, 0], norms[-1, 0]
        source = "from 1 at the loss" if len(losses) == 1 else "with a loss of 1 at every step"
        ends = f"{_size(low)} in layer 1" + (f" and {_size(top)} in layer {L}" if L > 1 else "")
        left = _left(norms, losses[-1]) if len(losses) == 1 else []  # fresh losses on the way are not what is left
        return " ".join([*left, f"At step 1 the gradient is {ends}, {source}.", *_ways(arrays)])


def _left(norms, last):
    """What is left of the loss after the way back in the top layer, and after the way down at its own step."""
    L, here = len(norms), norms[-1, last - 1]
    back, down = norms[-1, 0] / here, norms[0, last - 1] / here
    ways = []
    if last > 1:
        ways.append(("back in time", back, f"after {last - 1} step{'s' * (last > 2)} back", "step", last - 1))
    if L > 1:
        ways.append(("down the layers", down, f"after {L - 1} layer{'s' * (L > 2)} down", "layer", L - 1))
    if not ways:
        return []
    ways.sort(key=lambda way: way[1])
    parts = [
        f"{f'{whole:.2g}' if whole else 'nothing'}{' is left' * (k == 0)} {where}"
        + (f" ({whole ** (1 / many):.2f} a {unit})" if whole else "")
        for k, (_, whole, where, unit, many) in enumerate(ways)
    ]
    if len(ways) == 1:
        most = f"The one way is {ways[0][0]}"
    else:
        most = "Nothing is lost either way" if ways[0][1] >= 1 else f"More is lost {ways[0][0]}"
    return [f"{most}: {', '.join(parts)}."]


def _ways(arrays):
    """How many orders lead to layer 1 at step 1, and how far back half of its gradient had come down."""
    (L, _), share, last = arrays.norms.shape, arrays.share, arrays.losses[-1]
    if not len(share):
        return []
    half = 1 + int(np.flatnonzero(share[::-1].cumsum()[::-1] >= 0.5)[-1])
    half = f"half was in layer 1 when the way back reached step {half}"
    if len(arrays.losses) > 1:
        return [f"{half.capitalize()}."]
    orders, back = comb(last - 1 + L - 1, L - 1), f"{last - 1} step{'' if last == 2 else 's'} back"
    return [f"{orders:,} order{'' if orders == 1 else 's'} of {back} and {L - 1} down lead there; {half}."]


def _size(number):
    return f"{number:.1e}" if number else "exactly 0"


@lru_cache(maxsize=128)
def _picture(layers, gain, input_scale, residual, cell, loss, after, T, seed, gate_bias):
    """Forward and back, once a setting: whoever plays the slider comes by it again."""
    kind, params = CELLS[cell], {}
    for k in range(layers):
        own = _drawn(kind, k, seed)
        b_h = own["b_h"].reshape(kind.gates, H).copy()
        if kind.keeper is not None:
            b_h[kind.keeper] = gate_bias
        own |= {"W_xh": input_scale * own["W_xh"], "W_hh": gain * own["W_hh"], "b_h": b_h.ravel()}
        params |= {f"l{k}.{name}": array for name, array in own.items()}
    layer = Recurrent(kind, H)
    stack = Stack((layer, *[Residual(layer) if residual == "yes" else layer] * (layers - 1)))
    x, every = _stimulus(seed)
    losses = [T - min(after, T - 1)] if loss == "one" else range(1, T + 1)
    dy = np.zeros((T, 1, H))
    dy[np.array(losses) - 1] = every[: len(losses)]
    norms, _, tape = depth_flow(stack, params, x[:T], dy)
    shared = layers > 1 and 0 < norms[0, 0] < np.inf
    share = came_down(stack, params, tape, dy) if shared else np.zeros(0)
    return DepthPicture(norms, share, cell, tuple(losses))


@lru_cache(maxsize=256)
def _weights(cell, layer, seed):
    """One layer's weights, which stay as they are when there are more layers."""
    return init_params(cell, H if layer else D, H, np.random.default_rng([seed, 2, layer]))


def _drawn(cell, layer, seed):
    return dict(_weights(cell, layer, seed))


@lru_cache(maxsize=32)
def _stimulus(seed):
    """Inputs of one sequence, and for each step a gradient of length 1."""
    rng = np.random.default_rng([seed, 1])
    x, dy = rng.normal(size=(LONGEST, 1, D)), rng.normal(size=(LONGEST, 1, H))
    return x, dy / np.linalg.norm(dy, axis=-1, keepdims=True)
