"""A unit whose gates are drawn by hand, beside the cell as it is at one step: what LSTM and GRU share."""

from __future__ import annotations

import html
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from rnnbook.view.explorers.controls import choice, slider, step_text
from rnnbook.view.explorers.driven_picture import COMES, STEPS, DrivenPicture, T
from rnnbook.view.explorers.gate_text import FIELD, what_was_taken
from rnnbook.view.explorers.pen import SNAP, Pen
from rnnbook.view.explorers.presets import preset_row
from rnnbook.view.lit_cells import number
from rnnbook.view.touch import Handle, Probe

SIGNALS = {
    "noise": (1.5 * np.random.default_rng(6).normal(size=T)).round(2),
    "one pulse": np.where(STEPS == COMES, 2.0, 0.0),
    "two pulses": np.where(STEPS == COMES, 2.0, np.where(STEPS == 25, -2.0, 0.0)),
    "steady": np.full(T, 0.5),
    "a wave": np.sin(2 * np.pi * (STEPS - 2.5) / 10),
}
NEAR = 0.05  # of 1: what counts as kept or shut
GONE = 0.01  # of 1: below it a number is lost


class ByHand(DrivenPicture):
    """What both explorers share: beside the picture the hand that draws, the fields, and the sentences.

    A subclass says what its gates are called, which settings have a name, and what the sentences say.

    Attributes
    ----------
    presets : dict of str to Button
        Settings with a name.
    erase : Button
        Takes away all that is drawn.
    notes : HTML
        What the fields took and what they ignored.
    """

    played = "t"
    gates: ClassVar[dict[str, str]]  # by letter, the sliders' labels
    plain: ClassVar[dict]
    settings: ClassVar[dict[str, dict]]  # what is not named stands at its start
    along: ClassVar[str]  # the way of the number that is counted, where there are others
    leak: ClassVar[str]  # why a number is lost
    mixed: ClassVar[str]  # why others are with it
    unwritten: ClassVar[str]  # why it never came in

    def make_controls(self):
        """The controls by name."""
        names = {
            "t": slider("Step t", COMES, 1, T, 1),
            **{k: self._slider(k) for k in self.in_sight if k != "t"},
            "signal": choice("Signal", list(SIGNALS)),
            **{k: self._slider(k) for k in self.gates if k not in self.in_sight},
        }
        fields = {f"draw_{k}": step_text(f"Draw {k}", tooltip=FIELD) for k in self.gates if len(k) == 1}
        return names | fields

    def _slider(self, name):
        least, most, step = (-2.0, 2.0, 0.25) if name == "feedback" else (0.0, 1.0, SNAP)
        return slider(self.gates[name], self.plain[name], least, most, step, readout_format=".2f")

    def rows(self):
        """The rows of every explorer; under "More" the settings with a name, the controls, and what the fields took."""
        empty = {name: "" for name in self.controls if name.startswith("draw_")}
        self.presets, self._presets = preset_row(self, self.settings, self.plain | empty, "Set the gates: {}")
        self.erase = widgets.Button(description="Erase drawing", icon="eraser", layout=widgets.Layout(width="auto"))
        self.erase.tooltip = "Let the sliders say where the gates stand, at every step"
        self.erase.on_click(lambda _: self.set(**empty))
        self._presets.children += (self.erase,)
        self.notes = widgets.HTML()
        for part in (self._presets, self.notes):
            part.layout.grid_area = "auto / 1 / auto / -1"  # ipywidgets clears grid_column: grid_area is set after it
        return super().rows()

    def out_of_sight(self):
        """The settings with a name, the controls that are not in sight, and what the fields took."""
        return [self._presets, *super().out_of_sight(), self.notes]

    def settle(self):
        """Say what the fields took."""
        said = [what_was_taken(self.controls[f"draw_{k}"].description, text) for k, text in self.arrays.texts.items()]
        self.notes.value = "<br>".join(html.escape(one) for one in said if one)

    # The hand

    def touch(self):
        """The step is dragged along the state, the gates are drawn; states are read, and leave ghosts."""
        state = self._axes["state"]
        pens = [Pen(self, k).handle(self._axes[k]) for k in self.rows_of]
        step = Handle(
            name="step t",
            ax=state,
            at=lambda: (self.arrays.t, self.shown(self.arrays)[self.kept][self.arrays.t - 1]),
            drag=lambda x, y: self.slide(t=x),
            step=lambda right, up: self.step(t=right + up),
            said=lambda: f"step {self.arrays.t}",
        )
        states = {k: self._curves[k] for k in self.states}
        return {"handles": [*pens, step], "probes": [Probe(state, "t", states)], "ghosts": [*states.values()]}

    # The sentences

    def verdict(self, arrays, wrote, keep):
        """Whether the number is kept, and if not, why.

        Parameters
        ----------
        arrays : Drive
            From `compute`.
        wrote : float
            Which share of the number was written.
        keep : ndarray
            The gate that keeps, (T,).

        Returns
        -------
        list of str
            Sentences.
        """
        last, own = self.shown(arrays)[self.kept][-1], arrays.worth[COMES - 1]
        rest, left = last - own, keep[COMES:].prod()
        ends = f"{self.kept} ends at {number(last)}"
        mix = f"{ends}: {number(own)} from step {COMES}{self.along}, {number(rest)} otherwise."
        it = f"The number {number(arrays.number)} of step {COMES}"
        if abs(wrote) < NEAR:
            said = [f"{it} was never written, since {self.unwritten}: {ends}."]
        elif left < 1 - NEAR:
            faded = f"has faded{self.along} to a factor {number(left)}"
            gone = faded if left >= GONE else f"is lost{self.along} (below {GONE} of it is left)"
            said = [f"{it} {gone}, since {self.leak}.", mix]
        elif abs(rest) >= NEAR:
            said = [f"{it} is kept but mixed with others, since {self.mixed}.", mix]
        elif wrote < 1 - NEAR:
            said = [f"Only a factor {number(wrote)} of the number {number(arrays.number)} was written: {ends}."]
        elif abs(last - arrays.number) >= NEAR:
            said = [f"{it} was not what step {COMES} wrote, {number(own)}, since n had read h: {ends}."]
        else:
            said = [f"{it} is kept: {ends}."]
        troubled = [self.controls[f"draw_{k}"].description for k, text in arrays.texts.items() if text.ignored]
        if troubled:
            said.append(f"Not every entry of {' and '.join(troubled)} was understood.")
        return said
