"""What `unroll` and `bptt` accept: a cell, its parameters, a sequence, a state."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import as_array, as_floats, check_arrays, check_count, check_finite, check_shape
from rnnbook.nn.contract import Cell


def check_cell(cell):
    """Refuse what is not a cell, such as the class in place of its instance."""
    if not isinstance(cell, Cell):
        raise TypeError(f"cell is an instance as RNN(), LSTM() or GRU(); got {cell!r}")


def check_params(cell, params, finite=True):
    """Check a cell's parameters; the features D, the hidden units H and the dtype, read off them."""
    check_cell(cell)
    dtype = check_arrays(cell, params, cell.keys, finite=finite)
    W_xh, W_hh = params["W_xh"], params["W_hh"]
    G, D, H = cell.gates, *(len(W) if W.ndim else 0 for W in (W_xh, W_hh))
    block = "H" if G == 1 else f"{G}H"
    check_shape("W_hh", W_hh, f"H {block}", (H, G * H))
    check_shape("W_xh", W_xh, f"D {block}", (D, G * H))
    if not (D and H):
        raise ValueError(f"D and H are at least 1; got W_xh {W_xh.shape} and W_hh {W_hh.shape}")
    check_shape("b_h", params["b_h"], block, (G * H,))
    if "b_hn" in params and not cell.apart and np.any(params["b_hn"]):
        raise ValueError(
            f"b_hn is the second bias of n, of GRU(reset='after'), and not zero; {cell} has no place for it"
        )
    if "b_hn" in cell.keys:
        check_shape("b_hn", params["b_hn"], "H", (H,))
    return D, H, dtype


def check_x(x, D, dtype, mask=None):
    """The inputs (T, N, D) in the parameters' dtype, 0 where the mask says that a step is padding."""
    x = as_floats("x", x, dtype, hint="; turn tokens into vectors with one_hot or embed")
    if x.ndim == 2:
        raise ValueError(f"x has shape (T, N, D); got {x.shape}: add the batch axis, x[:, None, :]")
    check_shape("x", x, "T N D", (None, None, D))
    if not x.size:
        raise ValueError(f"x has shape (T, N, D) with at least one step and one sequence; got {x.shape}")
    x = real_steps(x, mask)
    check_finite("x", x)
    return x


def real_steps(array, mask):
    """An array (T, N, ...) with 0 in place of whatever stands where the mask (T, N) says padding."""
    if mask is None:
        return array
    return np.where(mask.reshape(mask.shape + (1,) * (array.ndim - 2)), array, np.zeros((), array.dtype))


def check_mask(mask, x):
    """The mask of real steps, (T, N) as x has them."""
    if mask is None:
        return None
    mask = as_array("mask", mask)
    if mask.dtype != bool:
        raise TypeError(f"mask holds True where a step is real; got dtype {mask.dtype}")
    check_shape("mask", mask, "T N", _steps_and_sequences(x))
    return mask.copy()  # the tape keeps it


def _steps_and_sequences(x):
    shape = as_array("x", x).shape
    if len(shape) < 2:
        raise ValueError(f"x has shape (T, N, D), or (T, N) for tokens; got {shape}")
    return shape[:2]


def check_lengths(lengths, x):
    """The mask (T, N) of sequences that are padded on the right, from their lengths (N,)."""
    T, N = _steps_and_sequences(x)
    lengths = as_array("lengths", lengths)
    if lengths.dtype.kind not in "iu":
        raise TypeError(f"lengths are whole numbers; got dtype {lengths.dtype}")
    check_shape("lengths", lengths, "N", (N,))
    if lengths.min(initial=T) < 1 or lengths.max(initial=1) > T:
        raise ValueError(f"lengths are from 1 to T = {T}; got {lengths.min()} to {lengths.max()}")
    return np.arange(T)[:, None] < lengths


def check_drop(drop, sizes, dtype):
    """What multiplies h_{t-1} where W_hh sees it, with an entry for every step, (T, 1 or G, N, H)."""
    if drop is None:
        return None
    (T, G, N, H), drop = sizes, as_floats("drop", drop, dtype)
    steps, blocks = (n if n == 1 else None for n in drop.shape[:2]) if drop.ndim == 4 else (None, None)
    check_shape("drop", drop, "T G N H", (steps or T, blocks or G, N, H))
    check_finite("drop", drop)
    return np.broadcast_to(drop.copy(), (T, *drop.shape[1:]))  # the tape keeps it


def check_state(name, state, cell, rows, dtype, finite=True):
    """The S arrays (N, H), or (M, N, H), of a state in the parameters' dtype; a gradient of one may have overflowed."""
    letters = "hc"[: cell.states]
    if not isinstance(state, tuple | list) or len(state) != cell.states:
        given = f"{len(state)} of them" if isinstance(state, tuple | list) else type(state).__name__
        expected = f"({', '.join(letters)}{',' * (len(letters) == 1)})"
        raise ValueError(f"{name} of {cell} is a tuple {expected} of arrays ({', '.join(map(str, rows))}); got {given}")
    arrays = [as_floats(f"{name} {letter}", array, dtype) for letter, array in zip(letters, state, strict=True)]
    for letter, array in zip(letters, arrays, strict=True):
        check_shape(f"{name} {letter}", array, "M N H"[-2 * len(rows) :], rows)
        if finite:
            check_finite(f"{name} {letter}", array)
    return arrays


def check_arriving(dh, dstate, cell, sizes, dtype):
    """What arrives at a tape (T, N, H) from one loss or from M: dh (T, M, N, H), and S arrays dstate (M, N, H)."""
    T, N, H = sizes
    if dh is None and dstate is None:
        raise ValueError("bptt sends back dh, dstate or both; got neither")
    rows = (N, H)
    if dh is not None:
        dh = as_floats("dh", dh, dtype)
        rows = (dh.shape[1], N, H) if dh.ndim == 4 else rows
        check_shape("dh", dh, "T M N H" if dh.ndim == 4 else "T N H", (T, *rows))
    elif isinstance(dstate, tuple | list) and len(dstate) and np.ndim(dstate[0]) == 3:
        rows = (len(dstate[0]), N, H)
    if not rows[0]:
        raise ValueError("of M losses M is at least 1; got M = 0")
    return dh, None if dstate is None else check_state("dstate", dstate, cell, rows, dtype, finite=False)


def check_truncate(truncate):
    """Refuse what is no number of steps; None cuts nothing."""
    if truncate is not None:
        check_count("truncate", truncate)
