"""The shape of every array of a network: read off the arrays, by running it once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn import bptt, init_params, readout, unroll
from rnnbook.nn.checks import check_count


class ArrayShape(NamedTuple):
    """One array of a network.

    Attributes
    ----------
    name : str
        As the book writes it.
    letters : str
        A letter or product an axis: ``"T N D"``, ``"H 4H"``.
    shape : tuple of int
        Of the array itself.
    kind : str
        "given", "learned", "computed" (forward), or "gradient".
    """

    name: str
    letters: str
    shape: tuple
    kind: str

    @property
    def axes(self):
        """The letters as a shape is written, ``"(T, N, D)"`` or ``"(H,)"``."""
        letters = self.letters.split()
        return f"({', '.join(letters)}{',' * (len(letters) == 1)})"

    @property
    def numbers(self):
        """How many numbers the array holds."""
        return int(np.prod(self.shape))


def array_shapes(cell, T, N, D, H, V=None):
    """Run a network of these sizes forward and back once, and list the shape of everything.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The recurrent part.
    T, N, D, H : int
        Steps, sequences, features, hidden units.
    V : int, optional
        Outputs of a readout, if there is one.

    Returns
    -------
    list of ArrayShape
        What is given, what is learned, what the way forward computes, what the way back does.

    Raises
    ------
    TypeError
        If `cell` is not a cell, or a size not a whole number.
    ValueError
        If a size is below 1.

    Examples
    --------
    >>> from rnnbook import LSTM
    >>> table = {array.name: array for array in array_shapes(LSTM(), T=5, N=2, D=4, H=8)}
    >>> table["W_hh"].letters, table["W_hh"].shape, sum(a.numbers for a in table.values() if a.kind == "learned")
    ('H 4H', (8, 32), 416)
    """
    for name, size in {"T": T, "N": N, **({} if V is None else {"V": V})}.items():
        check_count(name, size)
    params, x = init_params(cell, D, H, np.random.default_rng(0)), np.zeros((T, N, D))
    if V is not None:
        params |= {"W_hy": np.zeros((H, V)), "b_y": np.zeros(V)}
    h, state, tape = unroll(cell, params, x)
    back = bptt(cell, params, tape, np.ones_like(h))
    block = "H" if cell.gates == 1 else f"{cell.gates}H"
    axes = {"W_xh": f"D {block}", "W_hh": f"H {block}", "b_h": block, "b_hn": "H", "W_hy": "H V", "b_y": "V"}
    found = [ArrayShape("x", "T N D", x.shape, "given")]
    found += [ArrayShape(f"{s}_0", "N H", tape.states[k, 0].shape, "given") for k, s in enumerate("hc"[: cell.states])]
    found += [ArrayShape(key, axes[key], array.shape, "learned") for key, array in params.items()]
    found += [ArrayShape("h", "T N H", h.shape, "computed")]
    found += [ArrayShape("c", "T N H", states[1:].shape, "computed") for states in tape.states[1:]]
    found += [ArrayShape(f"{s}_T", "N H", array.shape, "computed") for s, array in zip("hc", state, strict=False)]
    if V is not None:
        found += [ArrayShape("y", "T N V", readout(params, h).shape, "computed")]
    found += [
        ArrayShape("gates", "G T N H", tape.gates.shape, "computed"),
        ArrayShape("dL/dh", "T N H", back.h.shape, "gradient"),
        ArrayShape("dL/dx", "T N D", back.x.shape, "gradient"),
        ArrayShape("dL/dW_hh", axes["W_hh"], back.params["W_hh"].shape, "gradient"),
    ]
    return found
