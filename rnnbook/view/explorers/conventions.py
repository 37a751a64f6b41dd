"""Conventions: the same GRU weights read as others read them, and how far apart the outputs are."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.frameworks import flip_z, read_as
from rnnbook.lab.frameworks.conventions import UNWRITTEN, USERS
from rnnbook.nn import GRU, init_params
from rnnbook.view.explorers.apart import EQUAL, draw_apart, move_apart, said_size
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, figure, look

LONGEST, D = 60, 4  # steps at most, features of the input


class Readings(NamedTuple):
    """What the explorer shows."""

    ours: np.ndarray  # (T,): the unit that differs most, as the book reads the weights
    theirs: np.ndarray  # (T,): the same unit, as the others do
    apart: np.ndarray  # (T,): largest difference of all units
    users: tuple  # who reads weights so


class Conventions(Explorer):
    """One set of GRU weights, read in two ways; the largest difference of the outputs at every step.

    Look for which switch does nothing, which can be undone by converting the weights, and which cannot. The names
    on the right are bold where the switches stand as they have it.

    Parameters
    ----------
    **values
        Where the controls start: z ("old" or "new"), reset ("after" or "before"), biases ("two" or "one"), convert
        ("no" or "yes"), second_bias, gain, T, H, seed.

    Examples
    --------
    >>> explorer = Conventions(z="new", reset="after")
    >>> explorer.set(convert="yes")
    >>> bool(explorer.arrays.apart.max() < 1e-12)
    True
    """

    question = "How far apart do two readings of the same GRU weights end up?"

    def make_controls(self):
        """The controls by name."""
        return {
            "z": choice("z = 1", [("keeps the old state", "old"), ("takes the new one", "new")]),
            "reset": choice(
                "Reset gate acts", [("after the product", "after"), ("before the product", "before")], "before"
            ),
            "biases": choice("Biases of n", [("two, one inside r", "two"), ("one, outside r", "one")]),
            "convert": choice("Block of z", [("as it stands", "no"), ("negated where z differs", "yes")]),
            "second_bias": slider("Size of b_hn", 0.0, 0.0, 2.0, 0.1, readout_format=".1f"),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 3.0, 0.05, readout_format=".2f"),
            "T": slider("Steps T", 20, 1, LONGEST, 1),
            "H": slider("Hidden units H", 8, 1, 32, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def settle(self):
        """There is nothing to convert where z is the book's, and one bias only before the product."""
        self.controls["convert"].disabled = self.controls["z"].value == "old"
        self.controls["biases"].disabled = self.controls["reset"].value == "before"

    @staticmethod
    def compute(z, reset, biases, convert, second_bias, gain, T, H, seed):
        """Run the weights as the book reads them, and as the switches say.

        Parameters
        ----------
        z, reset, biases, convert : str
            The switches.
        second_bias, gain : float
            Size of b_hn, scale of W_hh.
        T, H, seed : int
            Steps, hidden units; of weights and inputs.

        Returns
        -------
        Readings
            What to show.
        """
        params, x = _drawn(H, seed)
        params = {**params, "W_hh": gain * params["W_hh"], "b_hn": second_bias * params["b_hn"]}
        ours = read_as(params, x[:T])[:, 0]
        given = flip_z(params) if z == "new" and convert == "yes" else params
        theirs = read_as(given, x[:T], z=z, reset=reset, biases=biases)[:, 0]
        unit = np.abs(ours - theirs).max(axis=0).argmax()
        seen = z, reset, "one" if reset == "before" else biases
        users = tuple(name for name, use in USERS.items() if use == seen)
        return Readings(ours[:, unit], theirs[:, unit], np.abs(ours - theirs).max(axis=1), users)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(ncols=3, width=11.5, height=3.7, width_ratios=[1.35, 1.2, 0.95])
        left, middle, right = axes
        self._curves, self._apart = draw_apart(left, middle, "the book's reading", "the other one")
        with look():
            right.set_axis_off()
            right.set_title("Who reads weights so", fontsize=11)
            self._names = {
                name: right.text(0, 1 - (k + 0.35) / 5, name, va="center", fontsize=11.5)
                for k, name in enumerate(USERS)
            }
            for k, (name, (z, reset, biases)) in enumerate(USERS.items()):
                count = "none written" if name in UNWRITTEN else biases
                words = f"z = 1: {z} state, reset {reset}, biases of n: {count}"
                right.text(0, 1 - (k + 0.72) / 5, words, va="center", fontsize=9.5, color=COLORS["baseline"])
        moving = [left.xaxis, middle.xaxis, *self._curves.values(), *self._apart.values(), *self._names.values()]
        return fig, moving

    def move(self, arrays):
        """Put the artists where the arrays say."""
        move_apart(self._curves, self._apart, arrays)
        for name, text in self._names.items():
            text.set_color("black" if name in arrays.users else COLORS["baseline"])
            text.set_fontweight("bold" if name in arrays.users else "normal")

    def reading(self, arrays):
        """What the picture says."""
        who = f"So read: {', '.join(arrays.users)}" if arrays.users else "Nobody on the list reads weights so"
        largest, T = arrays.apart.max(), len(arrays.apart)
        steps = f"{T} step{'s' if T > 1 else ''}"
        if largest < EQUAL:
            how = "equal to the last bit" if largest == 0 else f"equal but for rounding, by less than {EQUAL:.0e}"
            return f"{who}; the outputs of {steps} are {how}."
        step = int(arrays.apart.argmax()) + 1
        last = f", at the end by {said_size(arrays.apart[-1])}" if step < T else ""
        return f"{who}; over {steps} the outputs differ by up to {said_size(largest)}, at step {step}{last}."


@lru_cache(maxsize=64)
def _drawn(H, seed):
    """Weights with a second bias of size 1, and an input."""
    rng = np.random.default_rng([seed, 6])
    params = init_params(GRU(), D, H, rng)
    return {**params, "b_hn": rng.normal(size=H)}, rng.normal(size=(LONGEST, 1, D))
