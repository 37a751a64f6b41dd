"""Drive one LSTM unit by hand: its gates are drawn, and the cell shows what they let through."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np

from rnnbook.lab.reading import drive, written
from rnnbook.nn import LSTM
from rnnbook.view.explorers.by_hand import SIGNALS, ByHand
from rnnbook.view.explorers.driven_picture import COMES, Drive, T
from rnnbook.view.explorers.gate_text import read_gate
from rnnbook.view.lit_cells import LitLSTM, number
from rnnbook.view.style import INK, line


class DriveLSTM(ByHand):
    """One LSTM unit whose gates do as your hand says: keep, write, show.

    Look for what becomes of the number that comes at step 5: the dashed line in the last row says where c should
    be. A gate stands where its slider stands; the diamond in its row draws it, at one step when it is dragged up or
    down, over several when it is dragged on. At the left the cell at step t: each box is filled as far as its gate is
    open, each wire is as wide as what flows through it.

    Parameters
    ----------
    **values
        Where the controls start: t (step), f, i, o (from 0 to 1), signal, draw_i, draw_f, draw_o ("5: 1, 6-24: 0").

    Attributes
    ----------
    presets : dict of str to Button
        Remember, forget, accumulate, overwrite.
    notes : HTML
        What the fields took and what they ignored.

    Examples
    --------
    >>> explorer = DriveLSTM(f=1.0, i=0.0, draw_i="5: 1")
    >>> print(explorer.live.reading.split(" At ")[0])
    The number 0.91 of step 5 is kept: c ends at 0.91.
    """

    question = "How must the gates f and i move to keep the number of step 5 to the end?"
    in_sight = ("t", "f", "i")
    gates: ClassVar = {"f": "f at all steps", "i": "i at all steps", "o": "o at all steps"}
    rows_of: ClassVar = {"i": "writes", "f": "keeps"}
    candidate, kept, states, cell = "g", "c", ("c", "h"), LitLSTM
    limits = ((-2.0, 8.0), (-4.0, 20.0), (-20.0, 20.0))
    leak, mixed, unwritten = "f is below 1 after it", "i is open at other steps", f"i is shut at step {COMES}"
    along: ClassVar = ""
    plain: ClassVar = {"signal": "noise", "t": COMES, "i": 1.0, "f": 0.8, "o": 1.0}
    settings: ClassVar = {
        "Remember": {"i": 0.0, "f": 1.0, "draw_i": "5: 1"},
        "Forget": {"signal": "one pulse", "f": 0.8},
        "Accumulate": {"signal": "steady", "f": 1.0},
        "Overwrite": {"i": 0.0, "f": 1.0, "draw_i": "5: 1, 25: 1", "draw_f": "25: 0"},
    }

    @staticmethod
    def compute(t, f, i, signal, o, draw_f, draw_i, draw_o):
        """Run the unit.

        Parameters
        ----------
        t : int
            The step that is lit.
        f, i : float
            Where the forget and the input gate stand.
        signal : str
            Which signal.
        o : float
            Where the output gate stands.
        draw_f, draw_i, draw_o : str
            What is drawn of them.

        Returns
        -------
        Drive
            What to show.
        """
        texts = {"f": read_gate(draw_f, T), "i": read_gate(draw_i, T), "o": read_gate(draw_o, T)}
        driven, worth = _driven(f, i, o, signal, draw_f, draw_i, draw_o)
        g = driven.gates["g"]
        return Drive(driven, worth, t, texts, float(g[COMES - 1]), g)

    def more_curves(self, rows):
        """The two states."""
        return {
            "c": rows["state"].plot([], [], **line("lstm", linestyle="-", marker=""))[0],
            "h": rows["state"].plot([], [], **line("theory"))[0],
        }

    def titles(self, name):
        """Words above a row, each with its colour."""
        if name == "g":
            return [("g  comes in", INK["gru"])]
        if name == "state":
            return [("c  kept,", INK["lstm"]), ("h  shown", INK["theory"])]
        return super().titles(name)

    def shown(self, arrays):
        """The numbers of all curves."""
        return arrays.driven.gates | dict(zip("hc", arrays.driven.states[:, 1:], strict=True))

    def values_at(self, arrays):
        """The numbers of the cell at the step that is lit, and what flows through its wires."""
        k = arrays.t - 1
        values = {letter: float(gate[k]) for letter, gate in arrays.driven.gates.items()}
        c_old, c, h = (float(v) for v in (*arrays.driven.states[1, k : k + 2], arrays.driven.states[0, k + 1]))
        values |= {"c_old": c_old, "kept": values["f"] * c_old, "new": values["i"] * values["g"], "c": c, "h": h}
        return values, [values[name] for name in ("c_old", "kept", "new", "c", "h")]

    def reading(self, arrays):
        """What the cell does at this step, and whether the number is kept."""
        v, _ = self.values_at(arrays)
        now = {name: number(value) for name, value in v.items()}
        step = (
            f"At step {arrays.t}, c = {now['f']} × {now['c_old']} + {now['i']} × {now['g']} = {now['c']}; "
            f"h = {now['o']} × {number(np.tanh(v['c']))} = {now['h']}."
        )
        gates = arrays.driven.gates
        return " ".join([*self.verdict(arrays, gates["i"][COMES - 1], gates["f"]), step])


@lru_cache(maxsize=64)
def _driven(f, i, o, signal, *fields):
    """The run, and what each step's writing is worth at its end: another step t leaves both as they are."""
    gates = {
        letter: read_gate(text, T).over(value) for letter, value, text in zip("fio", (f, i, o), fields, strict=True)
    }
    driven = drive(LSTM(), gates, SIGNALS[signal])
    return driven, written(driven)
