"""A pen: the handle with which a hand draws one gate, step by step."""

from __future__ import annotations

import numpy as np

from rnnbook.view.explorers.gate_text import GateText, write_gate
from rnnbook.view.lit_cells import number
from rnnbook.view.touch import Handle

SNAP = 0.05  # between two values that a hand can draw, as on the sliders
FREE = 2.5  # steps: a hand that strays less draws at one step


class Pen:
    """Draws one gate of an explorer whose controls are t, the lit step, and a field for each gate.

    Parameters
    ----------
    explorer : ByHand
        Whose gate it is.
    letter : str
        The gate's.
    """

    def __init__(self, explorer, letter):
        self.explorer, self.letter = explorer, letter
        self._start = None  # where the hand took hold, as long as it draws at that step alone

    def handle(self, ax):
        """What the hand takes hold of.

        Parameters
        ----------
        ax : matplotlib.axes.Axes
            The gate's row.

        Returns
        -------
        Handle
            At the lit step.
        """
        return Handle(
            name=f"pen that draws {self.letter}",
            ax=ax,
            at=lambda: (self._t, self._gate[self._t - 1]),
            drag=self.drag,
            step=self.step,
            said=lambda: f"{self.letter} = {number(self._gate[self._t - 1])} at step {self._t}",
            take=self.take,
        )

    @property
    def _t(self):
        return self.explorer.arrays.t

    @property
    def _gate(self):
        return self.explorer.arrays.driven.gates[self.letter]

    def take(self):
        """Remember where the hand took hold."""
        self._start = self._t

    def drag(self, x, y):
        """Draw up to where the hand is: at one step, until the hand has gone sideways far enough to mean it.

        Parameters
        ----------
        x, y : float
            Step and value.
        """
        before, step = self._t, min(max(round(x), 1), len(self._gate))
        if self._start is not None:
            if abs(x - self._start) < FREE:
                step = before
            else:
                self._start = None
        self._write(before, step, y)

    def step(self, right, up):
        """Draw at the lit step by keys, or go to another step without drawing.

        Parameters
        ----------
        right, up : int
            By how many steps, or by how many values.
        """
        if up:
            self._write(self._t, self._t, self._gate[self._t - 1] + SNAP * up)
        else:
            self.explorer.step(t=right)

    def _write(self, before, step, value):
        """Give the gate values from one step to another, which is lit then: between them a straight line."""
        read = self.explorer.arrays.texts[self.letter]
        gate, given = read.gate.copy(), read.given.copy()
        way = np.arange(min(before, step), max(before, step) + 1)
        ends = {before: self._gate[before - 1], step: min(max(value, 0.0), 1.0)}  # one, where the hand stays at a step
        drawn = np.interp(way, *zip(*sorted(ends.items()), strict=True))
        gate[way - 1], given[way - 1] = ((drawn / SNAP).round() * SNAP).round(2), True
        text = write_gate(GateText(gate, given, read.entries, read.ignored), read.ignored)
        self.explorer.set(**{"t": step, f"draw_{self.letter}": text})
