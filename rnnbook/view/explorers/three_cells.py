"""Three cells under the same sliders: the gradient of LSTM and GRU, each beside that of an RNN."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients import gradient_norms
from rnnbook.lab.training import count_weights, units_for
from rnnbook.nn import LSTM, RNN
from rnnbook.nn.cells import CELLS
from rnnbook.view import plots
from rnnbook.view.explorers.by_bias import (
    LONGEST,
    BiasExplorer,
    D,
    bias_that_gives,
    biases_of,
    from_which_on,
    magnitude,
    starting_params,
    stimulus,
    ways_back,
    which,
)
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

ENDS = -1.0, 4.0  # of the bias of f and z
BIASES = biases_of(*ENDS)
LIMITS = (1e-16, 1e8)  # of what is shown
LEAST = 1e-300  # that has a logarithm
GATED = {"LSTM": ("carry c", "f"), "GRU": ("state h", "z")}  # with what is kept, and the gate that keeps it
HOLD = 0.075  # of the axes' height: where a curve leaves the picture, its handle does not lie on what is written there
STYLES = {"RNN": "rnn", "LSTM": "lstm", "GRU": "gru"}


class Part(NamedTuple):
    """One cell's part of the picture; what depends on the bias is (B, T), of the RNN one row."""

    units: int
    weights: int
    norms: np.ndarray  # of dL/dh_t
    kept: np.ndarray  # of what came along the kept state alone


class ThreeCellsPicture(NamedTuple):
    """What the explorer shows."""

    parts: dict  # by cell
    chosen: int  # the bias that the slider is at


class ThreeCells(BiasExplorer):
    """Gradient magnitude of LSTM and GRU beside an RNN's, for a loss at the last step, all under the same sliders.

    Look for the early ends of the curves, on the left: drag the end of the LSTM or the GRU over that of the RNN. The
    dotted line is what reaches the LSTM's carry c by f alone, or the GRU's state h by z alone, through no weights.
    What the GRU's curve has more came through W_hh. The LSTM's curve is the gradient by h, its dotted line that by c:
    at a gain of 0 the one is nothing, and the other is not. The axis is that of all biases, and stays while the bias
    moves.

    Parameters
    ----------
    **values
        Where the controls start: gate_bias, gain, input_scale, T, size ("units" or "weights"), H, start, seed.

    Examples
    --------
    >>> explorer = ThreeCells(size="weights", H=34)
    >>> {name: part.units for name, part in explorer.arrays.parts.items()}
    {'RNN': 70, 'LSTM': 34, 'GRU': 39}
    """

    question = (
        "From which gate bias on does more of the gradient reach step 1 in the LSTM, and in the GRU, than in the RNN?"
    )
    reflows = True
    in_sight = ("gate_bias", "gain", "input_scale")
    biases = BIASES

    def make_controls(self):
        """The controls by name."""
        sizes = [("as many units", "units"), ("as many weights", "weights")]
        return {
            "gate_bias": self.bias_slider("Bias of f and z", 0.0),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "input_scale": slider("Input scale", 0.3, 0.0, 2.0, 0.05, readout_format=".2f"),
            "T": slider("Steps T", 100, 10, LONGEST, 1),
            "size": choice("All three have", sizes),
            "H": slider("LSTM's units H", 32, 2, 64, 1),
            "start": choice("Start of W_hh", ["orthogonal", "gaussian", "uniform", "identity"]),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    @staticmethod
    def compute(gate_bias, gain, input_scale, T, size, start, H, seed):
        """Send the gradient back in the RNN, and in the other two under every bias.

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
        ThreeCellsPicture
            What to show.
        """
        found = {}
        for name, cell in CELLS.items():
            units = H if size == "units" else _units(cell, count_weights(LSTM(), D, H))
            norms = _all_biases(cell, start, units, seed, gain, input_scale, T)
            found[name] = Part(units, count_weights(cell, D, units), *norms)
        return ThreeCellsPicture(found, which(gate_bias, BIASES))

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(ncols=2, width=11.5, height=3.9, sharey=True)
        self._panels = dict(zip(GATED, axes, strict=True))
        self._artists, self._kept, self._labels, self._titles = {}, {}, {}, {}
        narrow = fig.get_size_inches()[0] < 5
        with look():
            for name, ax in self._panels.items():
                style = line(STYLES[name], marker="")
                self._artists[name] = plots.draw_magnitudes(ax, {"RNN": line("rnn", marker=""), name: style}, LIMITS)
                self._artists[name].pop("one").remove()
                (self._kept[name],) = ax.plot([], [], **{**style, "linestyle": (0, (1, 1.2)), "alpha": 0.7})
                side = {"ha": "right", "va": "center", "fontsize": 10 if narrow else 11}
                self._labels[name] = {it: ax.text(0, 1, it, color=INK[STYLES[it]], **side) for it in (name, "RNN")}
                self._titles[name] = ax.set_title(" \n ", fontsize=10 if narrow else 12, color=INK[STYLES[name]])
                ax.set(xlabel="time step t")
            axes[0].set_ylabel("gradient magnitude $|dL/dh_t|$")
        gap, letters = (0.1, 0.26) if narrow else (0.055, 0.18)  # of a name from the handle; what its letters need
        self._beside = {"room": letters + gap, "gap": gap}
        return fig, [artist for name in GATED for artist in self._moving(name)]

    def _moving(self, name):
        ax, drawn = self._panels[name], [*self._artists[name].values(), *self._labels[name].values()]
        return [ax.xaxis, ax.yaxis, self._kept[name], *drawn, self._titles[name]]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        rnn = arrays.parts["RNN"].norms[0]
        ends = [part.norms[:, 0] for part in arrays.parts.values()]
        plots.set_decades(self._panels["LSTM"], [rnn, *ends], LIMITS, by=4)
        for name in GATED:
            part, artists = arrays.parts[name], self._artists[name]
            plots.move_magnitudes(artists, {"RNN": rnn, name: part.norms[arrays.chosen]})
            plots.label_starts(self._labels[name], {cell: artists[cell] for cell in (name, "RNN")}, **self._beside)
            self._name_where_it_leaves(name)
            self._kept[name].set_data(1 + np.arange(len(rnn)), np.maximum(part.kept[arrays.chosen], LEAST))
            dotted = "dotted: to the {} by {} alone".format(*GATED[name])
            self._titles[name].set_text(f"{name}: {part.units} units, {part.weights:,} weights\n{dotted}")

    def _name_where_it_leaves(self, name):
        """Move the name of a curve that ends below the picture to where it leaves it, above a name that is there."""
        (low, high), there = self._panels[name].get_ylim(), None
        for cell, label in self._labels[name].items():
            norms = self._artists[name][cell].get_ydata()
            x, y = _early_end(norms, (low, high))
            if norms[0] < y:
                close = there is not None and abs(x - there) < self._beside["room"] * len(norms)
                label.set_position((x - self._beside["gap"] * len(norms), y * (high / low) ** (HOLD * close)))
                there = x

    def touch(self):
        """The early end of each gated curve sets the bias; the curves are read, and leave ghosts."""
        keys = {"step": lambda right, up: self.step(gate_bias=right + up), "said": self._place_said}
        handles, probes = [], []
        for name, ax in self._panels.items():
            at, drag = (lambda name=name: self._end(name)), (lambda x, y, name=name: self._drag(name, x, y))
            handles.append(Handle(f"early end of the {name}'s curve", ax, at, drag, **keys))
            probes.append(Probe(ax, "t", {cell: self._artists[name][cell] for cell in ("RNN", name)}))
        ghosts = [self._artists[name][name] for name in GATED]
        return {"handles": handles, "probes": probes, "ghosts": ghosts}

    def _place_said(self):
        return f"bias {BIASES[self.arrays.chosen]:.1f}"

    def _end(self, name):
        """Where the curve ends, or leaves the picture; nowhere, if no bias would move it."""
        norms = self.arrays.parts[name].norms
        return _early_end(norms[self.arrays.chosen], self._panels[name].get_ylim()) if norms[:, 0].any() else None

    def _drag(self, name, x, y):
        """The bias at which the curve passes where the hand is."""
        norms = self.arrays.parts[name].norms
        here = norms[:, min(max(round(x), 1), norms.shape[1]) - 1]
        self.slide(gate_bias=bias_that_gives(np.log(y), np.log(np.maximum(here, LEAST)), BIASES))

    def reading(self, arrays):
        """What the picture says: the answer, and what arrives in each cell."""
        rnn, k = arrays.parts["RNN"], arrays.chosen
        first, lstm, gru = rnn.norms[0, 0], arrays.parts["LSTM"], arrays.parts["GRU"]
        from_lstm, from_gru = (from_which_on(part.norms[:, 0] > first, BIASES) for part in (lstm, gru))
        return (
            f"More reaches the LSTM than the RNN {from_lstm}, the GRU {from_gru}. "
            f"At bias {BIASES[k]:.1f} the gradient at step 1 is {magnitude(first)} in the RNN, "
            f"{magnitude(lstm.norms[k, 0])} in the LSTM, {magnitude(gru.norms[k, 0])} in the GRU. "
            f"Dotted, without W_hh: {magnitude(lstm.kept[k, 0])} comes to c_1 by f alone, "
            f"{magnitude(gru.kept[k, 0])} to h_1 by z alone. "
            f"The RNN has {rnn.units} units and {rnn.weights:,} weights."
        )


def _early_end(norms, limits):
    """The place of a curve's end at step 1; where the curve leaves the picture, a little before it does."""
    low, high = np.log(limits)
    curve, room = np.log(np.clip(norms, LEAST, 1 / LEAST)), HOLD * (high - low)
    outside = np.flatnonzero((curve < low) | (curve > high))
    if not len(outside):
        return 1, norms[0]
    border = low + room if curve[outside[-1]] < low else high - room
    way = curve[outside[-1] :]
    t = np.flatnonzero((way[:-1] < border) != (way[1:] < border))[0]  # the border lies between this step and the next
    return outside[-1] + 1 + t + (border - way[t]) / (way[t + 1] - way[t]), np.exp(border)


@lru_cache(maxsize=256)
def _units(cell, budget):
    return units_for(cell, D, 0, budget)


@lru_cache(maxsize=64)
def _all_biases(cell, start, H, seed, gain, input_scale, T):
    """Magnitudes of dL/dh_t and of what was kept: (B, T), or of the RNN, which has no such bias, (1, T)."""
    if isinstance(cell, RNN):
        x, dh_last = stimulus(H, seed)
        norms = gradient_norms(cell, starting_params(cell, start, H, seed, gain, input_scale), x[:T], dh_last)
        return norms[None], np.zeros((1, T))
    runs = np.zeros((len(BIASES), cell.gates))
    runs[:, cell.keeper] = BIASES
    ways = ways_back(cell, tuple(map(tuple, runs.tolist())), start, H, seed, gain, input_scale, T)
    return ways.h, ways.carry
