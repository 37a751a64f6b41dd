"""Drive one LSTM unit by hand: three gates and a signal, and what c_t and h_t make of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.reading import Driven, drive, written
from rnnbook.nn import LSTM
from rnnbook.view.explorers.base import Explorer, InputError
from rnnbook.view.explorers.controls import choice, control_grid, slider, step_text
from rnnbook.view.explorers.presets import preset_row
from rnnbook.view.style import COLORS, figure, line, look

T = 40  # steps
STEPS = np.arange(1, T + 1)
SIGNALS = {
    "one pulse": np.where(STEPS == 5, 2.0, 0.0),
    "two pulses": np.where(STEPS == 5, 2.0, np.where(STEPS == 25, -2.0, 0.0)),
    "steady": np.full(T, 0.5),
    "a wave": np.sin(2 * np.pi * STEPS / 10),
    "noise": (1.5 * np.random.default_rng(6).normal(size=T)).round(2),
}
DRAWING = "Digits draw the gate step by step: 0 shut, 9 open; a point leaves the step to the slider"
PLAIN = {"signal": "two pulses", "i": 1.0, "f": 0.9, "o": 1.0, "draw_i": "", "draw_f": "", "draw_o": ""}
OPEN_AT = {step: "." * (step - 1) + "9" for step in (5, 25)}
PRESETS = {  # what is not named stands at its start
    "Remember": {"signal": "noise", "i": 0.0, "f": 1.0, "draw_i": OPEN_AT[5]},
    "Forget": {"signal": "one pulse", "f": 0.8},
    "Accumulate": {"signal": "steady", "f": 1.0},
    "Overwrite": {
        "signal": "noise",
        "i": 0.0,
        "f": 1.0,
        "draw_i": OPEN_AT[5] + OPEN_AT[25][5:],
        "draw_f": "." * 24 + "0",
    },
}


class Drive(NamedTuple):
    """What the explorer shows."""

    driven: Driven
    worth: np.ndarray  # (T,): what each step's writing is worth in the last c


class DriveLSTM(Explorer):
    """One LSTM unit whose gates do as you say: keep, write, show.

    Look for what stays in c_t and what h_t shows of it. A gate stands where its slider stands; digits in the field
    beside it draw it step by step: 0 is shut, 9 is open, any other character leaves that step to the slider.

    Parameters
    ----------
    **values
        Where the controls start: signal, i, f, o (from 0 to 1), draw_i, draw_f, draw_o (digits).

    Attributes
    ----------
    presets : dict of str to Button
        Remember, forget, accumulate, overwrite.

    Examples
    --------
    >>> explorer = DriveLSTM(signal="one pulse", i=1.0, f=0.9)
    >>> c = explorer.arrays.driven.states[1]
    >>> round(float(c[5]), 3), round(float(c[6] / c[5]), 3)
    (0.964, 0.9)
    """

    question = "How must the gates move to keep a number to the end?"

    def make_controls(self):
        """The controls by name."""
        gates = {"i": "Input gate i", "f": "Forget gate f", "o": "Output gate o"}
        sliders = {k: slider(label, PLAIN[k], 0.0, 1.0, 0.05, readout_format=".2f") for k, label in gates.items()}
        drawn = {f"draw_{k}": step_text(f"Draw {k} (0 to 9)", tooltip=DRAWING) for k in gates}
        return {"signal": choice("Signal into g", list(SIGNALS), PLAIN["signal"]), **sliders, **drawn}

    def rows(self):
        """The presets, the controls with each gate's slider over its drawing, the figure."""
        c = self.controls
        order = ["i", "f", "o", "draw_i", "draw_f", "draw_o", "signal"]
        self.presets, row = preset_row(self, PRESETS, PLAIN, "Set the gates so that the unit will {}")
        return [row, control_grid([*(c[name] for name in order), self.reset_button]), self.live]

    @staticmethod
    def compute(signal, i, f, o, draw_i, draw_f, draw_o):
        """Run the unit.

        Parameters
        ----------
        signal : str
            Which signal.
        i, f, o : float
            Where the gates stand.
        draw_i, draw_f, draw_o : str
            Digits that draw them.

        Returns
        -------
        Drive
            What to show.
        """
        gates = {
            letter: drawn(text, value, T)
            for letter, value, text in (("i", i, draw_i), ("f", f, draw_f), ("o", o, draw_o))
        }
        driven = drive(LSTM(), gates, SIGNALS[signal])
        return Drive(driven, written(driven))

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (top, middle, bottom) = figure(nrows=3, width=11.5, height=3.6, height_ratios=[0.75, 1, 1.3], sharex=True)
        plain, points = {"drawstyle": "steps-mid", "marker": ""}, {"markevery": None}
        with look():
            for ax in (top, middle, bottom):
                ax.set(xlim=(0.5, T + 0.5))
                ax.axhline(0, color=COLORS["muted"], linewidth=0.8)
            top.set(ylabel="g", ylim=(-1.15, 1.15), yticks=(-1, 0, 1))
            middle.set(ylabel="gates", ylim=(-0.08, 1.08), yticks=(0, 0.5, 1))
            bottom.set_yscale("symlog", linthresh=1, linscale=1.6)
            bottom.set(ylabel="c and h", ylim=(-25, 25), xlabel="step t")
            bottom.set_yticks([-10, -1, 0, 1, 10], ["-10", "-1", "0", "1", "10"])
            bottom.minorticks_off()
            self._lines = {
                "g": top.plot([], [], **line("gru", linestyle="-", **plain))[0],
                "i": middle.plot([], [], **line("rnn", label="i, writes", **plain))[0],
                "f": middle.plot([], [], **line("lstm", label="f, keeps", **plain))[0],
                "o": middle.plot([], [], **line("theory", label="o, shows", **plain))[0],
                "c": bottom.plot([], [], **line("lstm", label="carry c", markersize=4, **points))[0],
                "h": bottom.plot([], [], **line("theory", label="state h", marker="o", markersize=3, **points))[0],
            }
            for ax in (middle, bottom):
                ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
            fig.align_ylabels()
        return fig, list(self._lines.values())

    def move(self, arrays):
        """Put the artists where the arrays say."""
        shown = arrays.driven.gates | dict(zip("hc", arrays.driven.states[:, 1:], strict=True))
        offset = {"i": -0.012, "f": 0.012}  # so that equal gates are seen side by side
        for name, curve in self._lines.items():
            curve.set_data(STEPS, shown[name] + offset.get(name, 0))

    def reading(self, arrays):
        """What the picture says, in one sentence."""
        (h, c), worth = arrays.driven.states[:, 1:], arrays.worth
        end = f"After {T} steps c is {_plain(c[-1])} and h is {_plain(h[-1])}"
        largest = np.abs(worth).max()
        if largest < 5e-4:
            return f"{end}; nothing that was written is left."
        step = int(np.abs(worth).argmax())
        share = np.abs(worth) / np.abs(worth).sum()
        wrote = arrays.driven.gates["i"][step] * arrays.driven.gates["g"][step]
        left = _plain(worth[step] / wrote)
        count = int((share > 0.01).sum())
        steps = f"1 step of {T} has" if count == 1 else f"{count} steps of {T} have"
        return (
            f"{end}; {steps} a share of more than 1 % in c. The largest is that of step {step + 1}, which wrote "
            f"{_plain(wrote)}: a factor {left} of it is left."
        )


def drawn(text, value, steps):
    """A gate from digits: one a step, and the slider's value where there is none.

    Parameters
    ----------
    text : str
        "0" to "9" for 0 to 1; a point, a space and the end of the text leave a step to the slider.
    value : float
        Where the slider stands.
    steps : int
        How many.

    Returns
    -------
    ndarray
        From 0 to 1, (steps,).

    Raises
    ------
    InputError
        If the text has another character, or more than one a step.

    Examples
    --------
    >>> drawn("0.9", 0.5, 4).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    strange = sorted(set(text) - set("0123456789. "))
    if strange:
        raise InputError(
            f"A gate is drawn with digits from 0 to 9, and with points where the slider holds; "
            f"{' '.join(map(repr, strange))} cannot be read"
        )
    if len(text) > steps:
        raise InputError(f"A gate is drawn with one character a step: {steps} at most, and here are {len(text)}")
    gate = np.full(steps, float(value))
    for step, char in enumerate(text):
        if char in "0123456789":
            gate[step] = int(char) / 9
    return gate


def _plain(number):
    text = f"{number:.2f}"
    return "0.00" if text == "-0.00" else text
