"""Nets that PyTorch and Keras have too, run by the book's engine; their states are one row a layer and direction."""

import numpy as np

from rnnbook.nn import Both, Dropout, Recurrent, Stack
from tests.problems import relative

TOLERANCE = 1e-12


def composed(cell, H, layers=1, ways="one"):
    """So many layers of a cell, with a Dropout between, which has no part in the parameters but in their names."""
    layer = Both(Recurrent(cell, H)) if ways == "both" else Recurrent(cell, H)
    return Stack((layer, *[Dropout(0.5), layer] * (layers - 1))) if layers > 1 else layer


def nested(layer, rows):
    """The rows (h,) or (h, c) of a state, from an iterator, nested as `layer` has them."""
    if isinstance(layer, Stack):
        return tuple(nested(one, rows) for one in layer.layers)
    if isinstance(layer, Both):
        return nested(layer.layer, rows), nested(layer.layer, rows)
    return next(rows) if isinstance(layer, Recurrent) else ()


def rows_of(state):
    """The inverse: a list of rows."""
    if state and isinstance(state[0], np.ndarray):
        return [state]
    return [row for part in state for row in rows_of(part)]


def ran(layer, params, given):
    """Outputs, last states and gradients by x and by the states, as the scripts in fixtures name them; and by params.

    Outputs at padding are 0, and the gradients that arrive there too.
    """
    letters = [letter for letter in "hc" if f"{letter}0" in given]
    state, dstate = (
        nested(layer, zip(*(given[key.format(a)] for a in letters), strict=True)) for key in ("{}0", "d{}T")
    )
    real = np.arange(len(given["x"]))[:, None] < given["lengths"]
    y, last, tape = layer.forward(params, given["x"], state, None if real.all() else real)
    back = layer.backward(params, tape, given["dy"] * real[..., None], dstate)
    found = {"y": np.where(real[..., None], y, 0), "d_x": back.x}
    lasts, grads = (list(zip(*rows_of(nest), strict=True)) for nest in (last, back.state))
    for letter, array, grad in zip(letters, lasts, grads, strict=True):
        found |= {f"{letter}T": np.stack(array), f"d_{letter}0": np.stack(grad)}
    return found, back.params


def off(found, expected):
    """What is not as expected, by name, with its relative error; a gradient is measured by all of them, if small."""
    assert found.keys() == expected.keys()
    whole = np.linalg.norm([np.linalg.norm(array) for key, array in expected.items() if key.startswith("d_")])
    wrong = {}
    for key, array in expected.items():
        size = np.linalg.norm(array)
        scale = whole / size if key.startswith("d_") and size else 1.0
        error = relative(found[key], array)
        if not error < TOLERANCE * scale:
            wrong[key] = error
    return wrong
