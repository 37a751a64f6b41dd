"""Which array of the book becomes which of a framework: found by numbering all entries and looking where they go."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn import Embedding, from_keras, from_torch, to_keras, to_torch
from rnnbook.nn.checks import check_option
from rnnbook.nn.contract import Layer
from rnnbook.nn.interop import rows
from rnnbook.nn.keras_interop import KINDS


class Match(NamedTuple):
    """An array of the book and what it becomes; or what a framework has that no array of the book fills."""

    ours: str  # its name; empty: none fills it
    shape: tuple  # its shape; empty where there is none
    theirs: str  # the framework's name
    their_shape: tuple  # of that whole array
    how: str  # what happens on the way there; where none fills it, what is made of it on the way back


def correspondence(layer, D, framework):
    """Which array of the book becomes which of a framework, and what happens to it on the way.

    Nothing is written down here: all entries of all arrays are numbered through, `to_torch` or `to_keras` carries them
    over, and the numbers are looked for in what comes out. What stays zero there is numbered for the way back.

    Parameters
    ----------
    layer : Layer
        A `Recurrent`, a `Both` of one, an `Embedding` (Keras only), or a `Stack` that the framework has.
    D : int
        Features of the input; of an `Embedding`, and of a `Stack` that begins with one, its V.
    framework : {"torch", "keras"}
        Which one.

    Returns
    -------
    list of Match
        A row for every pair of arrays, in the framework's order, and one for what the framework has in excess.
        PyTorch's names are those of the state dict. Keras' are kernel, recurrent_kernel, bias and embeddings; of more
        than one layer or direction the place in `get_weights` stands before it, such as "3 kernel". A matrix of one
        entry is its own transpose: it stands "as it stands", where one of more is "transposed".

    Raises
    ------
    TypeError
        If `layer` is no Layer.
    ValueError
        If the framework is unknown, or has no such layer.

    Examples
    --------
    >>> from rnnbook import GRU, Recurrent
    >>> for row in correspondence(Recurrent(GRU(), 3), 2, "keras"):
    ...     print(row.ours or "(none)", row.shape, "->", row.theirs, row.their_shape, "|", row.how)
    W_xh (2, 9) -> kernel (2, 9) | blocks r z n become z r n
    W_hh (3, 9) -> recurrent_kernel (3, 9) | blocks r z n become z r n
    b_h (9,) -> bias (2, 9) | into row 0, blocks r z n become z r n
    b_hn (3,) -> bias (2, 9) | into row 1, block n
    (none) () -> bias (2, 9) | zeros in row 1, blocks z r; on the way back added to b_h
    """
    if not isinstance(layer, Layer):
        raise TypeError(f"layer is a Layer, such as Recurrent(RNN(), 5); got {type(layer).__name__}")
    check_option("framework", framework, ("torch", "keras"))
    params, count = {}, 0
    for name, array in layer.init(D, np.random.default_rng(0)).items():
        params[name] = _numbers(array.shape, count)
        count += array.size
    there, back = _ways(layer, framework)
    theirs, cells, found = there(params), {row.prefix: row.what for row in rows(layer)}, []
    for name, array in theirs.items():
        found += [_match(cells, key, own, name, array) for key, own in params.items() if np.isin(own, array).any()]
        if (empty := array == 0).any():
            zeros = {other: np.zeros_like(one) for other, one in theirs.items()}
            returned = back({**zeros, name: np.where(empty, _numbers(array.shape, 0), 0)})
            for key in (key for key, own in returned.items() if own.any()):
                found.append(_excess(cells, key, returned[key], name, array))
    return found


def _numbers(shape, count):
    """An array that holds the numbers after count."""
    return count + 1.0 + np.arange(np.prod(shape)).reshape(shape)


def _ways(layer, framework):
    """The way there and back, both of them between dicts of arrays by name."""
    if framework == "torch":
        return lambda params: to_torch(layer, params), lambda arrays: from_torch(layer, arrays)
    its_rows = rows(layer)
    kinds = [kind for row in its_rows for kind in (("embeddings",) if isinstance(row.what, Embedding) else KINDS)]
    names = kinds if len(its_rows) == 1 else [f"{k} {kind}" for k, kind in enumerate(kinds)]
    return (
        lambda params: dict(zip(names, to_keras(layer, params), strict=True)),
        lambda arrays: from_keras(layer, list(arrays.values())),
    )


def _match(cells, key, own, name, array):
    """The row of an array of the book and one of the framework that has its numbers."""
    transposed, row, ours, theirs = _moved(cells, key, own, array)
    how = ["transposed"] * transposed + ([] if row is None else [f"into row {row}"])
    if len(theirs) < array.shape[0 if transposed else -1] // _block(cells, key, own):
        how.append(f"block {' '.join(theirs)}")
    elif ours != theirs:
        how.append(f"blocks {' '.join(ours)} become {' '.join(theirs)}")
    return Match(key, own.shape, name, array.shape, ", ".join(how) or "as it stands")


def _excess(cells, key, returned, name, array):
    """The row of what no array of the book fills, from the numbers that came back from there."""
    _, row, _, blocks = _moved(cells, key, returned, _numbers(array.shape, 0))
    all_blocks = len(blocks) == array.shape[-1] // _block(cells, key, returned)
    where = ["" if row is None else f"row {row}", "" if all_blocks else f"blocks {' '.join(blocks)}"]
    where = ", ".join(filter(None, where))
    return Match("", (), name, array.shape, f"zeros{' in ' * bool(where)}{where}; on the way back added to {key}")


def _cell(cells, key):
    return cells[key.removesuffix(key.rpartition(".")[2])]


def _block(cells, key, own):
    """How long a block is, of the columns of an array of the book."""
    cell = _cell(cells, key)
    gates = 1 if isinstance(cell, Embedding) or key.endswith("b_hn") else cell.gates
    return own.shape[-1] // gates


def _moved(cells, key, own, array):
    """Where numbers stand in both: transposed or not, in which row, and the names of the blocks here and there."""
    shared = np.intersect1d(own[own != 0], array)
    here, there = (np.stack(np.nonzero(np.isin(one, shared)), axis=1) for one in (own, array))
    here, there = (at[np.argsort(one[tuple(at.T)])] for at, one in ((here, own), (there, array)))
    row = int(there[0, 0]) if array.ndim > own.ndim else None
    transposed = own.ndim == 2 and not (here[:, 0] == there[:, 0]).all()
    block, cell = _block(cells, key, own), _cell(cells, key)
    names = "V" if isinstance(cell, Embedding) else cell.gate_names[-1 if key.endswith("b_hn") else 0 :]
    pairs = sorted(set(zip(there[:, 0 if transposed else -1] // block, here[:, -1] // block, strict=True)))
    return transposed, row, [names[k] for _, k in sorted(pairs, key=lambda pair: pair[1])], [names[k] for _, k in pairs]
