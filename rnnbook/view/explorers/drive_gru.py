"""Drive one GRU unit by hand: two gates and a signal, and what h_t makes of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.reading import Driven, drive, written
from rnnbook.nn import GRU
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, control_grid, slider, step_text
from rnnbook.view.explorers.drive_lstm import DRAWING, SIGNALS, STEPS, T, drawn
from rnnbook.view.explorers.presets import preset_row
from rnnbook.view.style import COLORS, figure, line, look

PLAIN = {"signal": "two pulses", "z": 0.5, "r": 1.0, "draw_z": "", "draw_r": "", "feedback": 0.0}
PRESETS = {  # what is not named stands at its start
    "Remember": {"signal": "noise", "z": 1.0, "draw_z": "....0"},
    "Forget": {"signal": "one pulse", "z": 0.8, "draw_z": "....0"},
    "Average": {"signal": "noise", "z": 0.9},
    "Overwrite": {"signal": "noise", "z": 1.0, "draw_z": "....0" + "." * 19 + "0"},
    "Plain RNN": {"signal": "two pulses", "z": 0.0, "r": 1.0, "feedback": 1.2},
    "Clear": {"signal": "two pulses", "z": 0.0, "r": 1.0, "feedback": 1.2, "draw_r": "." * 14 + "0"},
}

PALE = {"linestyle": "-", "linewidth": 5, "alpha": 0.35}  # beneath n: what differs from it came from h


class Drive(NamedTuple):
    """What the explorer shows."""

    driven: Driven
    blind: np.ndarray  # (T,): the candidate that sees the signal alone
    worth: np.ndarray  # (T,): what each step's writing is worth in the last h


class DriveGRU(Explorer):
    """One GRU unit whose gates do as you say: z keeps, 1 - z writes, r lets the candidate see the old state.

    Look for what stays in h_t: what z keeps it does not overwrite. A gate stands where its slider stands; digits in
    the field draw it step by step: 0 is shut, 9 is open, any other character leaves that step to the slider. The
    recurrent weight w_n is the candidate's: n_t = tanh(signal + r_t * w_n * h_{t-1}).

    Parameters
    ----------
    **values
        Where the controls start: signal, z, r (from 0 to 1), feedback, draw_z, draw_r (digits).

    Attributes
    ----------
    presets : dict of str to Button
        Remember, forget, average, overwrite, plain RNN, clear.

    Examples
    --------
    >>> explorer = DriveGRU(signal="one pulse", z=0.9)
    >>> h = explorer.arrays.driven.states[0]
    >>> round(float(h[5]), 4), round(float(h[6] / h[5]), 3)
    (0.0964, 0.9)
    """

    question = "How must z move to write a number and then keep it?"

    def make_controls(self):
        """The controls by name."""
        return {
            "signal": choice("Signal into n", list(SIGNALS), PLAIN["signal"]),
            "z": slider("Update gate z", PLAIN["z"], 0.0, 1.0, 0.05, readout_format=".2f"),
            "r": slider("Reset gate r", PLAIN["r"], 0.0, 1.0, 0.05, readout_format=".2f"),
            "draw_z": step_text("Draw z (0 to 9)", tooltip=DRAWING),
            "draw_r": step_text("Draw r (0 to 9)", tooltip=DRAWING),
            "feedback": slider("Weight w_n", PLAIN["feedback"], -2.0, 2.0, 0.1, readout_format=".1f"),
        }

    def rows(self):
        """The presets, the controls with each gate's slider over its drawing, the figure."""
        order = ["z", "r", "feedback", "draw_z", "draw_r", "signal"]
        self.presets, row = preset_row(self, PRESETS, PLAIN, "Set the gates: {}")
        return [row, control_grid([*(self.controls[name] for name in order), self.reset_button]), self.live]

    @staticmethod
    def compute(signal, z, r, draw_z, draw_r, feedback):
        """Run the unit.

        Parameters
        ----------
        signal : str
            Which signal.
        z, r : float
            Where the gates stand.
        draw_z, draw_r : str
            Digits that draw them.
        feedback : float
            The candidate's recurrent weight.

        Returns
        -------
        Drive
            What to show.
        """
        gates = {"z": drawn(draw_z, z, T), "r": drawn(draw_r, r, T)}
        driven = drive(GRU(), gates, SIGNALS[signal], feedback=feedback)
        return Drive(driven, np.tanh(driven.signal), written(driven))

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(nrows=3, width=11.5, height=3.9, height_ratios=[0.8, 0.8, 1.2], sharex=True)
        plain = {"drawstyle": "steps-mid", "marker": ""}
        with look():
            for ax in axes:
                ax.set(xlim=(0.5, T + 0.5), ylim=(-1.1, 1.1), yticks=(-1, 0, 1))
                ax.axhline(0, color=COLORS["muted"], linewidth=0.8)
            top, middle, bottom = axes
            top.set(ylabel="candidate")
            middle.set(ylabel="gates", ylim=(-0.08, 1.08), yticks=(0, 0.5, 1))
            bottom.set(ylabel="state", xlabel="step t")
            self._lines = {
                "blind": top.plot([], [], **line("baseline", label="tanh(signal)", **plain | PALE))[0],
                "n": top.plot([], [], **line("gru", label="n, proposed", **plain))[0],
                "z": middle.plot([], [], **line("lstm", label="z, keeps", **plain))[0],
                "r": middle.plot([], [], **line("rnn", label="r, lets n see h", **plain))[0],
                "h": bottom.plot([], [], **line("theory", label="h", linestyle="-", marker="o", markersize=4))[0],
            }
            self._lines["h"].set_markevery(None)
            for ax in axes:
                ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
            fig.align_ylabels()
        return fig, list(self._lines.values())

    def move(self, arrays):
        """Put the artists where the arrays say."""
        shown = arrays.driven.gates | {"blind": arrays.blind, "h": arrays.driven.states[0, 1:]}
        offset = {"z": 0.012, "r": -0.012}  # so that equal gates are seen side by side
        for name, curve in self._lines.items():
            curve.set_data(STEPS, shown[name] + offset.get(name, 0))

    def reading(self, arrays):
        """What the picture says, in one sentence."""
        h, worth = arrays.driven.states[0, 1:], np.abs(arrays.worth)
        end = f"After {T} steps h is {_plain(h[-1])} (largest so far {_plain(h[np.abs(h).argmax()])})"
        if (arrays.driven.gates["r"] < 0.99).any() and np.array_equal(arrays.driven.gates["n"], arrays.blind):
            end += " (with w_n = 0 the reset gate changes nothing)"
        if worth.max() < 5e-4:
            return f"{end}; nothing that was written is left."
        if worth[-1] > 0.99 * worth.sum() and arrays.driven.gates["z"][-1] < 0.01:
            return f"{end}; nothing is kept: every step makes h anew, and what it remembers went through the candidate."
        step, count = int(worth.argmax()), int((worth > 0.01 * worth.sum()).sum())
        z, n = (arrays.driven.gates[letter][step] for letter in "zn")
        wrote = (1 - z) * n
        steps = f"1 step of {T} has" if count == 1 else f"{count} steps of {T} have"
        return (
            f"{end}; {steps} a share of more than 1 % in it. The largest is that of step {step + 1}, which wrote "
            f"{_plain(wrote)}: a factor {_plain(worth[step] / abs(wrote))} of it is left."
        )


def _plain(number):
    text = f"{number:.2f}"
    return "0.00" if text == "-0.00" else text
