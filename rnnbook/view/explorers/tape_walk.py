"""The tape: one step after the other back through time, and where each step's gradient comes from."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.nn import RNN, bptt, init_params, unroll
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.tape_picture import TapeArtists, rounded
from rnnbook.view.touch import Handle, Probe

STEPS, LONGEST, UNITS, D = 12, 20, 4, 2


class Walk(NamedTuple):
    """What the explorer shows: four arrays (T, H), and where the walk stands.

    Attributes
    ----------
    above : ndarray
        Each step's own dL_t/dh_t.
    right : ndarray
        What arrives from the step after, delta_{t+1} W_hh^T.
    local : ndarray
        1 - h_t^2.
    delta : ndarray
        (above + right) * local.
    t, unit : int
        The step where the walk stands and the unit whose numbers are shown, counted from 1.
    gain : float
        Scale of W_hh.
    """

    above: np.ndarray
    right: np.ndarray
    local: np.ndarray
    delta: np.ndarray
    t: int
    unit: int
    gain: float

    @property
    def lengths(self):
        """Of above, right and delta at every step, (3, T)."""
        return np.linalg.norm([self.above, self.right, self.delta], axis=2)


class TapeWalk(Explorer):
    """The way back through a small network, step by step: two gradients meet, and the local derivative lets some pass.

    The tape of the forward pass is there from the start, pale; the walk lights it up from its end, a column a step.
    Look for the two lengths that are added in the marked column: that of the step's own loss, and that of what the next
    step sends back. Where a unit is near -1 or 1 its local derivative is near 0, and little gets past it. Play, or drag
    the column.

    Parameters
    ----------
    **values
        Where the controls start: back (steps walked), loss ("every", "last"), gain, unit, input_scale, T, seed.

    Examples
    --------
    >>> explorer = TapeWalk(back=0, loss="last")
    >>> print(explorer.live.reading.split(",")[0])
    At step 12 of 12 and gain 1.00 all comes from its own loss
    """

    question = (
        "At which step t and gain of W_hh is the gradient that step t + 1 sends back longer than that of its own loss?"
    )
    reflows = True
    in_sight = ("back", "loss", "gain")
    played = "back"

    def make_controls(self):
        """The controls by name."""
        return {
            "back": slider("Steps back", 3, 0, LONGEST - 1, 1),
            "loss": choice("Loss at", [("every step", "every"), ("the last step", "last")]),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "unit": slider("Numbers of unit", 2, 1, UNITS, 1),
            "input_scale": slider("Input scale", 1.0, 0.0, 4.0, 0.1, readout_format=".1f"),
            "T": slider("Steps T", STEPS, 2, LONGEST, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def settle(self):
        """The walk ends at step 1."""
        self.end_at("back", self.controls["T"].value - 1)

    @staticmethod
    def compute(back, loss, gain, unit, input_scale, T, seed):
        """Run the network forward and back, and take the tape apart.

        Parameters
        ----------
        back : int
            Steps walked back; the walk ends at step 1.
        loss : str
            "every" or "last".
        gain : float
            Scale of W_hh, which is orthogonal at 1.
        unit : int
            Whose numbers are shown, counted from 1.
        input_scale : float
            Scale of W_xh.
        T, seed : int
            Steps; of weights, inputs and losses.

        Returns
        -------
        Walk
            What to show.
        """
        above, right, local, delta = _run(loss, gain, input_scale, T, seed)
        t = T - min(back, T - 1)
        return Walk(above, right, local, delta, t, unit, gain)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        self._artists = TapeArtists(UNITS)
        return self._artists.fig, self._artists.moving

    def move(self, arrays):
        """Put the artists where the arrays say."""
        self._artists.move(arrays)

    def touch(self):
        """The column is dragged, and up and down choose the unit; the lengths are read, and leave ghosts."""
        artists = self._artists
        return {
            "handles": [
                Handle(
                    name="step of the walk",
                    ax=artists.strips,
                    at=lambda: (self.arrays.t, artists.middle),
                    drag=lambda x, y: self.slide(back=len(self.arrays.delta) - x),
                    step=lambda right, up: self.step(back=-right, unit=-up),
                    said=lambda: f"step {self.arrays.t} of {len(self.arrays.delta)}, unit {self.arrays.unit}",
                )
            ],
            "probes": [Probe(artists.lengths, "t", artists.curves)],
            "ghosts": [*artists.curves.values()],
        }

    def reading(self, arrays):
        """What the picture says: which of the two parts is longer, and what the local derivative lets pass."""
        T, t = len(arrays.delta), arrays.t
        own, later, here = arrays.lengths[:, t - 1]
        if own + later == 0:
            answer = f"nothing arrives, neither from its own loss nor from step {t + 1}" if t < T else "nothing arrives"
        elif t == T:
            answer = f"all comes from its own loss, {rounded(own)}, for no step follows"
        elif own == 0:
            answer = f"all comes from step {t + 1}, {rounded(later)}, for it has no loss of its own"
        elif own >= later:
            answer = f"the gradient from its own loss is longer, {rounded(own)}; step {t + 1} sends {rounded(later)}"
        else:
            answer = (
                f"the gradient that step {t + 1} sends is longer, {rounded(later)}; its own loss gives {rounded(own)}"
            )
        end = f"; delta of step {T} is {rounded(arrays.lengths[2, -1])} long" if t < T else ""
        return (
            f"At step {t} of {T} and gain {arrays.gain:.2f} {answer}. "
            f"What arrives, times the local derivative, is delta, {rounded(here)} long{end}."
        )


@lru_cache(maxsize=64)  # the walk goes on, and the tape stays
def _run(loss, gain, input_scale, T, seed):
    """The four arrays of the walk, (T, H)."""
    params, x, dh = _network(seed)
    params = {**params, "W_hh": gain * params["W_hh"], "W_xh": input_scale * params["W_xh"]}
    dh = dh[:T].copy()
    if loss == "last":
        dh[:-1] = 0
    cell = RNN()
    _, _, tape = unroll(cell, params, x[:T])
    arrives = bptt(cell, params, tape, dh).h[:, 0]
    local = cell.local(tape.steps(0, T), np.empty((cell.factors, *dh.shape)))[0][:, 0]
    return dh[:, 0], arrives - dh[:, 0], local, arrives * local


@lru_cache(maxsize=32)
def _network(seed):
    """Weights with an orthogonal W_hh, inputs, and each loss's own gradient: L_t = h_t . c_t."""
    rng = np.random.default_rng([seed, 5])
    return init_params(RNN(), D, UNITS, rng), rng.normal(size=(LONGEST, 1, D)), rng.normal(size=(LONGEST, 1, UNITS))
