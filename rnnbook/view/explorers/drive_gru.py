"""Drive one GRU unit by hand: its gates are drawn, and the cell shows what they let through."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from rnnbook.lab.reading import drive, written
from rnnbook.nn import GRU
from rnnbook.view.explorers.by_hand import SIGNALS, ByHand
from rnnbook.view.explorers.driven_picture import COMES, Drive, T
from rnnbook.view.explorers.gate_text import read_gate
from rnnbook.view.lit_cells import LitGRU, number
from rnnbook.view.style import INK, line

PALE = {"linestyle": "-", "linewidth": 5, "alpha": 0.35, "drawstyle": "steps-mid"}  # what differs from it came from h


class DriveGRU(ByHand):
    """One GRU unit whose gates do as your hand says: z keeps, 1 - z writes, r lets the candidate see the old state.

    Look for what becomes of the number that comes at step 5: the dashed line in the last row says where h should
    be. A gate stands where its slider stands; the diamond in its row draws it, at one step when it is dragged up or
    down, over several when it is dragged on. At the left the cell at step t: each box is filled as far as its gate is
    open, each wire is as wide as what flows through it. The recurrent weight w_n is the candidate's:
    n_t = tanh(signal + r_t * w_n * h_{t-1}); where n leaves the pale line, it saw h.

    Parameters
    ----------
    **values
        Where the controls start: t (step), z, r (from 0 to 1), signal, feedback, draw_z, draw_r ("5: 1, 6-24: 0").

    Attributes
    ----------
    presets : dict of str to Button
        Remember, forget, average, overwrite, plain RNN, clear.
    notes : HTML
        What the fields took and what they ignored.

    Examples
    --------
    >>> explorer = DriveGRU(z=1.0, draw_z="5: 0")
    >>> print(explorer.live.reading.split(" At ")[0])
    The number 0.91 of step 5 is kept: h ends at 0.91.
    """

    question = "How must z move to write the number of step 5 and then keep it to the end?"
    in_sight = ("t", "z")
    gates: ClassVar = {"z": "z at all steps", "r": "r at all steps", "feedback": "n's weight w_n"}
    rows_of: ClassVar = {"z": "keeps, 1 \N{MINUS SIGN} z writes", "r": "lets n see w_n h"}
    candidate, kept, states, cell = "n", "h", ("h",), LitGRU
    limits = ((-1.15, 1.15),)
    leak, mixed, unwritten = (
        "z is below 1 after it",
        "z is below 1 at other steps",
        f"z is 1 or nearly so at step {COMES}",
    )
    along: ClassVar = " along z"  # n reads h, too: z is not the only way
    plain: ClassVar = {"signal": "noise", "t": COMES, "z": 0.8, "r": 1.0, "feedback": 1.25}
    settings: ClassVar = {
        "Remember": {"z": 1.0, "draw_z": "5: 0"},
        "Forget": {"signal": "one pulse", "feedback": 0.0, "draw_z": "5: 0"},
        "Average": {"z": 0.9, "feedback": 0.0},
        "Overwrite": {"z": 1.0, "draw_z": "5: 0, 25: 0"},
        "Plain RNN": {"signal": "two pulses", "z": 0.0},
        "Clear": {"signal": "two pulses", "z": 0.0, "draw_r": "15: 0"},
    }

    @staticmethod
    def compute(t, z, r, signal, feedback, draw_z, draw_r):
        """Run the unit.

        Parameters
        ----------
        t : int
            The step that is lit.
        z, r : float
            Where the gates stand.
        signal : str
            Which signal.
        feedback : float
            The candidate's recurrent weight.
        draw_z, draw_r : str
            What is drawn of the gates.

        Returns
        -------
        Drive
            What to show.
        """
        texts = {"z": read_gate(draw_z, T), "r": read_gate(draw_r, T)}
        driven, worth = _driven(z, r, signal, feedback, draw_z, draw_r)
        blind = _alone(signal)
        return Drive(driven, worth, t, texts, float(blind[COMES - 1]), blind, feedback)

    def settle(self):
        """Say what the fields took; without w_n the reset gate changes nothing."""
        super().settle()
        self.grey_out(r="" if self.arrays.feedback else "with w_n = 0 the candidate does not see h")

    def more_curves(self, rows):
        """The state, and beneath the candidate what it would be without it."""
        return {
            "blind": rows["n"].plot([], [], **line("baseline", **PALE))[0],
            "h": rows["state"].plot([], [], **line("lstm", linestyle="-", marker=""))[0],
        }

    def titles(self, name):
        """Words above a row, each with its colour."""
        if name == "n":
            return [("n", INK["gru"]), ("(pale: no h seen)", INK["muted"])]
        return [("h  kept", INK["lstm"])] if name == "state" else super().titles(name)

    def shown(self, arrays):
        """The numbers of all curves."""
        return arrays.driven.gates | {"blind": arrays.blind, "h": arrays.driven.states[0, 1:]}

    def values_at(self, arrays):
        """The numbers of the cell at the step that is lit, and what flows through its wires."""
        k = arrays.t - 1
        v = {letter: float(gate[k]) for letter, gate in arrays.driven.gates.items()}
        h_old, h = map(float, arrays.driven.states[0, k : k + 2])
        seen, less = arrays.feedback * h_old, 1 - v["z"]
        v |= {"h_old": h_old, "kept": v["z"] * h_old, "less": less, "new": less * v["n"], "h": h}
        v |= {"seen": seen, "let": v["r"] * seen}
        return v, [v[name] for name in ("h_old", "kept", "new", "h", "let")]

    def reading(self, arrays):
        """What the cell does at this step, and whether the number is kept."""
        v, _ = self.values_at(arrays)
        now = {name: number(value) for name, value in v.items()}
        step = f"At step {arrays.t}, h = {now['z']} × {now['h_old']} + {now['less']} × {now['n']} = {now['h']}."
        z = arrays.driven.gates["z"]
        return " ".join([*self.verdict(arrays, 1 - z[COMES - 1], z), step])


@lru_cache(maxsize=64)
def _driven(z, r, signal, feedback, *fields):
    """The run, and what each step's writing is worth at its end: another step t leaves both as they are."""
    gates = {letter: read_gate(text, T).over(value) for letter, value, text in zip("zr", (z, r), fields, strict=True)}
    driven = drive(GRU(), gates, SIGNALS[signal], feedback=feedback)
    return driven, written(driven)


@lru_cache(maxsize=len(SIGNALS))
def _alone(signal):
    """The candidate of the same unit that sees the signal and nothing of h."""
    return drive(GRU(), {"r": 1.0, "z": 1.0}, SIGNALS[signal]).gates["n"]
