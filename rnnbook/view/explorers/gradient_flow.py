"""Gradient flow: how large the gradient still is, step by step back through time."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients import Flow, Spectrum, gradient_flow, spectrum, theory_slope
from rnnbook.nn import GRU, LSTM, RNN, init_params, set_spectral_radius
from rnnbook.view import plots
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

LONGEST, D = 200, 4  # steps at most, features of the input
LARGEST = 64  # units of a gated cell whose Jacobian is taken apart at every move: twice as many take up to 40 ms
CHANGED = 0.5, 2.0  # what arrives of 1 is said to have vanished below, and to have grown above
NOTHING = Spectrum(np.array([]), np.array([]), "nothing")
MEANING = {"RNN": "rnn", "LSTM": "lstm", "LSTM c": "lstm", "GRU": "gru", "theory": "theory"}  # colours of the labels
STYLES = {"RNN": "rnn", "LSTM": "lstm", "GRU": "gru"}
CURVES = {
    "RNN": line("rnn"),
    "LSTM": line("lstm"),
    "LSTM c": line("lstm", linewidth=5, alpha=0.4, marker=""),
    "GRU": line("gru"),
    "theory": line("theory"),
}
LABELS = {"RNN": "RNN", "LSTM": "LSTM, h", "LSTM c": "LSTM, c", "GRU": "GRU", "theory": "theory"}


class CellFlow(NamedTuple):
    """One cell's part of the picture."""

    flow: Flow
    spectrum: Spectrum
    theory: float | None
    tanh: bool  # whether its slopes are those of tanh, and not 1


class GradientFlow(Explorer):
    """Gradient magnitude by time step, for a loss at the last step.

    Look for the slope: on a log axis a constant factor a step is a straight line. The sentence says the mean factor,
    that which would lead from end to end. Compare it with the dotted theory line, and with the eigenvalues and singular
    values beside it. Drag the curve's left end, or the edge of the eigenvalues, to set the gain. The axis follows the
    curves in whole decades; where they were before stays as a ghost.

    Parameters
    ----------
    **values
        Where the controls start: cell ("RNN", "LSTM", "GRU", "all three"), activation, start, scale ("gain" or
        "spectral radius"), gain, T, H, input_scale, gate_bias, seed.

    Examples
    --------
    >>> explorer = GradientFlow(cell="RNN", activation="identity", gain=0.9, T=50)
    >>> print(explorer.live.reading.split(". ")[0])
    Linear RNN: the gradient vanishes: a factor 0.900 a step in the mean, from 1 to 5.7e-03 over 49 steps back
    """

    question = "From which gain on does the gradient grow on its way back, instead of vanishing?"
    reflows = True
    in_sight = ("gain", "T", "cell")

    def make_controls(self):
        """The controls by name."""
        return {
            "cell": choice("Cell", ["RNN", "LSTM", "GRU", "all three"]),
            "activation": choice("Activation (RNN)", ["tanh", "relu", "identity"]),
            "start": choice("Start of W_hh", ["orthogonal", "gaussian", "uniform", "identity"]),
            "scale": choice("Slider sets", ["gain", "spectral radius"]),
            "gain": slider("Gain", 0.9, 0.0, 2.0, 0.01, readout_format=".2f"),
            "T": slider("Steps T", 100, 10, LONGEST, 1),
            "H": slider("Hidden units H", 64, 2, 128, 1),
            "input_scale": slider("Input scale", 0.3, 0.0, 2.0, 0.05, readout_format=".2f"),
            "gate_bias": slider("Bias of f and z", 1.0, -2.0, 6.0, 0.1, readout_format=".1f"),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def settle(self):
        """A control that changes nothing at this cell is greyed out; the slider says which of the two it sets."""
        cell = self.controls["cell"].value
        self.controls["gain"].description = "Gain" if self.controls["scale"].value == "gain" else "Spectral radius"
        self.grey_out(
            activation="" if cell in ("RNN", "all three") else f"the activation of a {cell} is fixed",
            gate_bias="an RNN has no gates" if cell == "RNN" else "",
        )

    @staticmethod
    def compute(cell, activation, start, scale, gain, T, H, input_scale, gate_bias, seed):
        """Run each chosen cell forward and back.

        Parameters
        ----------
        cell, activation, start, scale : str
            The choices.
        gain : float
            Scale of W_hh, or its spectral radius.
        T, H : int
            Steps and hidden units.
        input_scale, gate_bias : float
            Scale of W_xh, bias of the gate that keeps.
        seed : int
            Of weights, inputs and the gradient at the end.

        Returns
        -------
        dict of str to CellFlow
            By "RNN", "LSTM", "GRU".
        """
        cells = {"RNN": RNN(activation), "LSTM": LSTM(), "GRU": GRU()}
        chosen = cells if cell == "all three" else {cell: cells[cell]}
        x, dh_last = _stimulus(H, seed)
        found = {}
        for name, kind in chosen.items():
            W, whole = _recurrent(kind, start, scale == "spectral radius", H, seed)
            params = _inputs(kind, H, seed, input_scale, None if name == "RNN" else gate_bias)
            params = {**params, "W_hh": gain * W}
            flow = gradient_flow(kind, params, x[:T], dh_last)
            if whole:  # eigenvalues and singular values of W_hh scale with it
                seen = Spectrum(gain * whole.eigenvalues, gain * whole.singular_values, whole.of)
            else:
                seen = spectrum(kind, params, flow.tape) if H <= LARGEST else NOTHING
            radius = np.abs(seen.eigenvalues).max(initial=0)
            expected = theory_slope(kind, params, flow.tape, radius)
            found[name] = CellFlow(flow, seen, expected, activation == "tanh")
        return found

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, middle, right) = figure(ncols=3, width=11.5, height=3.9, width_ratios=[2.3, 1.15, 0.9])
        self._curves = plots.draw_magnitudes(left, CURVES)
        self._clouds = plots.draw_eigenvalues(middle, STYLES)
        self._rows = plots.draw_singular_values(right, STYLES)
        with look():
            left.set(xlabel="time step t", ylabel="gradient magnitude |dL/dh_t|")
            # Names, of up to 58 pixels, stand as far from the curves as the ring of the handle reaches.
            pixels = 96 * fig.get_size_inches()[0]
            pixels = 0.45 * pixels if pixels > 700 else pixels - 75  # of the axes
            share = (58 + 26) / pixels
            room = 1.02 * share / (1 - share)
            self._beside = {"room": room, "gap": 26 / pixels * (1.02 + room)}
            middle.set_title("Eigenvalues")
            right.set_title("Singular values")
            side = {"ha": "right", "va": "center", "fontsize": 11}
            self._labels = {
                name: left.text(0, 1, label, color=INK[MEANING[name]], **side) for name, label in LABELS.items()
            }
        return fig, [
            *(left.xaxis, left.yaxis, self._curves["one"]),
            *(artist for name, artist in self._curves.items() if name != "one"),
            *(*self._labels.values(), *self._clouds.values(), *self._rows.values()),
        ]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        norms = {name: part.flow.norms[0] for name, part in arrays.items()}
        T = len(next(iter(norms.values())))
        if "LSTM" in arrays:
            norms["LSTM c"] = arrays["LSTM"].flow.norms[1]
        theory = arrays["RNN"].theory if "RNN" in arrays else None
        if theory is not None:
            back = np.arange(T)[::-1]
            norms["theory"] = np.where(back, 10.0 ** np.clip(theory * np.maximum(back, 1), -300, 300), 1.0)
        left = self.fig.axes[0]
        plots.set_decades(left, norms.values())
        plots.move_magnitudes(self._curves, norms)
        plots.label_starts(self._labels, {name: self._curves[name] for name in norms}, **self._beside)
        for name, values in norms.items():
            self._labels[name].set_visible(bool(values[0] > 1e-290))  # where nothing arrives there is no start to name
        seen = {name: part.spectrum for name, part in arrays.items()}
        plots.move_eigenvalues(self._clouds, {name: s.eigenvalues for name, s in seen.items()})
        plots.move_singular_values(self._rows, {name: s.singular_values for name, s in seen.items()})

    def touch(self):
        """The curve's end and the eigenvalues' edge set the gain; the curves are read, and leave ghosts."""
        left, middle, _ = self.fig.axes
        keys = {"step": lambda right, up: self.step(gain=right + up), "said": self._gain_said, "take": self._take}
        curves = {LABELS[name]: self._curves[name] for name in CURVES}
        return {
            "handles": [
                Handle("early end of the curve", left, at=self._end, drag=lambda x, y: self._drag_end(y), **keys),
                Handle("edge of the eigenvalues", middle, self._edge, drag=lambda x, y: self._drag_edge(x, y), **keys),
            ],
            "probes": [Probe(left, "t", curves)],
            "ghosts": [self._curves[name] for name in CURVES],
        }

    def _gain_said(self):
        return f"gain {self.controls['gain'].value:.2f}"

    def _first(self):
        return next(iter(self.arrays.values()))

    def _end(self):
        norm = self._first().flow.norms[0][0]
        return (1, norm) if norm > 0 else None

    def _edge(self):
        """Right of the eigenvalues; only an RNN's all scale with the gain."""
        return (np.abs(self.arrays["RNN"].spectrum.eigenvalues).max(), 0) if "RNN" in self.arrays else None

    def _take(self):
        """Remember where the hand takes hold: what it does from there depends on its place alone."""
        self._taken = self.controls["gain"].value, self._first().flow.norms[0][0], self._edge()

    def _drag_end(self, wanted):
        """The gain at which the first step's gradient would be `wanted`, if a factor a step went with the gain."""
        gain, norm, _ = self._taken
        steps = len(self._first().flow.norms[0]) - 1
        self.slide(gain=wanted ** (1 / steps) if not gain else gain * (wanted / norm) ** (1 / steps))

    def _drag_edge(self, x, y):
        gain, _, (radius, _) = self._taken
        self.slide(gain=np.hypot(x, y) * (gain / radius if gain else 1))

    def reading(self, arrays):
        """What the picture says: which way each cell's gradient goes, and where one cell is alone, by which numbers."""
        ways = " ".join(f"{self._name(name)}: {_way(part)}." for name, part in arrays.items())
        return f"{ways} {_why(next(iter(arrays.values())))}" if len(arrays) == 1 else ways

    def _name(self, cell):
        if cell != "RNN":
            return cell
        return {"tanh": "tanh RNN", "relu": "ReLU RNN", "identity": "Linear RNN"}[self.controls["activation"].value]


@lru_cache(maxsize=64)
def _stimulus(H, seed):
    """Inputs of one sequence, and a gradient of length 1 at its end."""
    rng = np.random.default_rng([seed, 1])
    x, dh_last = rng.normal(size=(LONGEST, 1, D)), rng.normal(size=(1, H))
    return x, dh_last / np.linalg.norm(dh_last)


@lru_cache(maxsize=64)
def _recurrent(cell, start, by_radius, H, seed):
    """W_hh at gain 1 (or at spectral radius 1, gate by gate), and for RNN its spectrum."""
    W = init_params(cell, D, H, np.random.default_rng([seed, 2]), recurrent=start)["W_hh"]
    if by_radius:
        W = np.concatenate([set_spectral_radius(block, 1.0) for block in np.split(W, cell.gates, axis=1)], axis=1)
    return W, spectrum(cell, {"W_hh": W}) if isinstance(cell, RNN) else None


def _inputs(cell, H, seed, input_scale, gate_bias):
    rng = np.random.default_rng([seed, 3])
    return init_params(cell, D, H, rng, recurrent="identity", input_scale=input_scale, gate_bias=gate_bias)


def _way(part):
    """Whether the gradient grows, vanishes or neither, and by which mean factor a step: from end to end."""
    norms = part.flow.norms[0]
    steps, first = len(norms) - 1, norms[0]
    if not np.isfinite(norms).all():
        return f"the gradient grows and overflows {_steps_back(~np.isfinite(norms))}"
    if first == 0:
        return f"the gradient vanishes: it is exactly 0 {_steps_back(norms == 0)}"
    factor = f"{first ** (1 / steps):.3f}"
    if factor == "1.000":
        verb = "keeps its size"
    elif CHANGED[0] <= first <= CHANGED[1]:
        verb = "hardly changes"
    else:
        verb = "grows" if first > 1 else "vanishes"
    return f"the gradient {verb}: a factor {factor} a step in the mean, from 1 to {first:.1e} over {steps} steps back"


def _why(part):
    """The numbers that go with the way: what theory expects, and the spectrum."""
    seen = part.spectrum
    if not len(seen.eigenvalues):
        return f"Its Jacobian is taken apart up to H = {LARGEST}."
    radius, stretch = np.abs(seen.eigenvalues).max(), seen.singular_values[0]
    numbers = f"{seen.of[0].upper()}{seen.of[1:]}: spectral radius {radius:.2f}, largest singular value {stretch:.2f}."
    if part.theory is None or not radius:
        return numbers
    factor = 10**part.theory
    slopes = f" × {factor / radius:.3f}, the root mean square of the slopes of tanh" if part.tanh else ""
    return f"Theory (dotted): {factor:.3f} = radius {radius:.2f}{slopes}. {numbers}"


def _steps_back(gone):
    """Where it happened first, walking back."""
    steps = len(gone) - 1 - np.flatnonzero(gone)[-1]
    return f"after {steps} step{'s' if steps > 1 else ''} back"
