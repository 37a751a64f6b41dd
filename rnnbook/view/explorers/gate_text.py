"""A gate written down: numbers step by step, and what a field does not understand is named and kept."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np

FIELD = (
    "Numbers from 0 to 1, one a step from step 1 on. '5: 1' is 1 at step 5, '6-24: 0' is 0 at steps 6 to 24, "
    "a point leaves a step to the slider."
)
_ENTRY = re.compile(r"(?:([0-9]+)(?:-([0-9]+))?:)?([^:]*)")
NAMED, LETTERS = 4, 16  # ignored entries that are named, and letters of each


class GateText(NamedTuple):
    """What a field says.

    Attributes
    ----------
    gate : ndarray
        The gate's values, (T,), 0 where none is given.
    given : ndarray of bool
        Where one is given, (T,).
    entries : int
        How many there are.
    ignored : tuple of tuple of str
        Each entry that was ignored, and why.
    """

    gate: np.ndarray
    given: np.ndarray
    entries: int
    ignored: tuple

    def over(self, value):
        """The gate, with the slider's value where none is given."""
        return np.where(self.given, self.gate, value)


@lru_cache(maxsize=256)
def read_gate(text, steps):
    """Read a field.

    Parameters
    ----------
    text : str
        Entries between commas, semicolons or spaces: a number stands for the next step, "5: 1" for step 5, "6-24: 0"
        for steps 6 to 24; a point leaves its step to the slider.
    steps : int
        How many there are.

    Returns
    -------
    GateText
        What was understood, and what was not.

    Examples
    --------
    >>> read = read_gate("0.25, abc, ., 1; 5: 0.5 9: 1", 5)
    >>> read.over(0.75).tolist()
    [0.25, 0.75, 0.75, 1.0, 0.5]
    >>> read.entries, read.ignored
    (6, (('abc', 'no number'), ('9: 1', 'no step from 1 to 5')))
    """
    gate, given, ignored, coming = np.zeros(steps), np.zeros(steps, bool), [], 1
    entries = [entry for entry in re.split(r"[,;\s]+", re.sub(r"\s*:\s*", ":", text)) if entry]
    for entry in entries:
        found = _ENTRY.fullmatch(entry)
        first, last, written = found.groups() if found else (None, None, entry)
        placed = first is not None or ":" in entry
        first = _step(first) if first else coming
        last = _step(last) if last else first
        if not placed:
            coming += 1
        elif found:
            coming = last + 1
        why = _trouble(written, first, last, steps)
        if why:
            name = entry if placed or why != _no_step(steps) else f"{first}:{entry}"  # it must not fall on another step
            ignored.append((name.replace(":", ": "), why))
        elif written != ".":
            gate[first - 1 : last], given[first - 1 : last] = float(written), True
    gate.flags.writeable = given.flags.writeable = False  # the answer is kept, and given again
    return GateText(gate, given, len(entries), tuple(ignored))


def write_gate(read, ignored=()):
    """Write a gate down, as `read_gate` reads it.

    Parameters
    ----------
    read : GateText
        The gate; only values where one is given are written.
    ignored : tuple of tuple of str
        Entries that were not understood: they stay, at the end.

    Returns
    -------
    str

    Examples
    --------
    >>> write_gate(read_gate("5:1 6:0 7:0 9:0.5", 10), (("abc", "no number"),))
    '5: 1, 6-7: 0, 9: 0.5, abc'
    """
    entries, step, steps = [], 0, len(read.gate)
    while step < steps:
        last = step
        while last + 1 < steps and read.given[step] and read.given[last + 1] and read.gate[last + 1] == read.gate[step]:
            last += 1
        if read.given[step]:
            where = f"{step + 1}" if last == step else f"{step + 1}-{last + 1}"
            entries.append(f"{where}: {repr(float(read.gate[step])).removesuffix('.0')}")
        step = last + 1
    return ", ".join([*entries, *(entry for entry, _ in ignored)])


def what_was_taken(field, read):
    """How many entries of a field were taken, and which were ignored and why.

    Parameters
    ----------
    field : str
        Its label.
    read : GateText
        What it says.

    Returns
    -------
    str
        A sentence; nothing if nothing was written.

    Examples
    --------
    >>> what_was_taken("Draw f", read_gate("0.5 nan 1.5", 40))
    "Draw f: took 1 of 3 entries; ignored 'nan' (no number), '1.5' (not from 0 to 1)."
    """
    if not read.entries:
        return ""
    said = f"{field}: took {read.entries - len(read.ignored)} of {read.entries} entries"
    named = [f"'{entry[:LETTERS]}{'…' * (len(entry) > LETTERS)}' ({why})" for entry, why in read.ignored[:NAMED]]
    more = [f"{len(read.ignored) - NAMED} more"] if len(read.ignored) > NAMED else []
    return said + (f"; ignored {', '.join(named + more)}." if read.ignored else ".")


def _step(digits):
    """A step's number; one of too many digits is beyond every end."""
    return int(digits) if len(digits) < 9 else 10**9


def _trouble(written, first, last, steps):
    if written != ".":
        try:
            value = float(written)
        except ValueError:
            return "no number"
        if math.isnan(value):
            return "no number"
        if not 0 <= value <= 1:
            return "not from 0 to 1"
    if last < first:
        return "its steps run backwards"
    return "" if first >= 1 and last <= steps else _no_step(steps)


def _no_step(steps):
    return f"no step from 1 to {steps}"
