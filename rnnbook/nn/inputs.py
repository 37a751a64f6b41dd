"""What `unroll` and `bptt` accept: a cell, its parameters, a sequence, a state."""

from __future__ import annotations

from rnnbook.nn.checks import as_floats, check_arrays, check_finite, check_shape
from rnnbook.nn.contract import Cell


def check_cell(cell):
    """Refuse what is not a cell, such as the class in place of its instance.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        What the caller passed; any instance of a subclass of `rnnbook.nn.contract.Cell` will do.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if not isinstance(cell, Cell):
        raise TypeError(f"cell is an instance as RNN(), LSTM() or GRU(); got {cell!r}")


def check_params(cell, params, finite=True):
    """Check a cell's parameters and read the sizes off them.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell that the parameters are for.
    params : dict of str to ndarray
        At least the cell's own keys; others are not looked at.
    finite : bool
        Whether NaN and infinity are refused.

    Returns
    -------
    D : int
        Features.
    H : int
        Hidden units.
    dtype : numpy.dtype
        float32 or float64, the same for all.

    Raises
    ------
    KeyError
        If one of the cell's keys is missing.
    TypeError
        If `cell` is not a cell, an entry is not an array of float32 or float64, or the dtypes are mixed.
    ValueError
        If a shape does not fit, or (if asked) an entry is NaN or infinite.
    """
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
    if "b_hn" in cell.keys:
        check_shape("b_hn", params["b_hn"], "H", (H,))
    return D, H, dtype


def check_x(x, D, dtype):
    """The inputs (T, N, D) in the parameters' dtype.

    Parameters
    ----------
    x : array_like
        What the caller passed.
    D : int
        Features, as the parameters have them.
    dtype : numpy.dtype
        Of the parameters.

    Returns
    -------
    ndarray
        Not copied if the dtype is right already.

    Raises
    ------
    TypeError
        If x does not hold floating point numbers.
    ValueError
        If the shape does not fit, a sequence or the batch is empty, or x holds NaN or infinity.
    """
    x = as_floats("x", x, dtype, hint="; turn tokens into vectors with one_hot or embed")
    if x.ndim == 2:
        raise ValueError(f"x has shape (T, N, D); got {x.shape}: add the batch axis, x[:, None, :]")
    check_shape("x", x, "T N D", (None, None, D))
    if not x.size:
        raise ValueError(f"x has shape (T, N, D) with at least one step and one sequence; got {x.shape}")
    check_finite("x", x)
    return x


def check_state(name, state, cell, N, H, dtype, finite=True):
    """The arrays of a state, or of the gradient of one, in the parameters' dtype.

    Parameters
    ----------
    name : str
        ``"state"`` or ``"dstate"``.
    state : tuple of array_like
        What the caller passed.
    cell : RNN, LSTM or GRU
        Whose state it is.
    N, H : int
        Sequences and hidden units.
    dtype : numpy.dtype
        Of the parameters.
    finite : bool
        Whether NaN and infinity are refused; a gradient may have overflowed.

    Returns
    -------
    list of ndarray
        S arrays (N, H).

    Raises
    ------
    TypeError
        If they do not hold floating point numbers.
    ValueError
        If there are more or fewer than S, a shape does not fit, or an entry is not finite.
    """
    expected = "(h, c)" if cell.states == 2 else "(h,)"
    if not isinstance(state, tuple | list) or len(state) != cell.states:
        given = f"{len(state)} of them" if isinstance(state, tuple | list) else type(state).__name__
        raise ValueError(f"{name} of {cell} is a tuple {expected} of arrays ({N}, {H}); got {given}")
    arrays = [as_floats(f"{name} {letter}", array, dtype) for letter, array in zip("hc", state, strict=False)]
    for letter, array in zip("hc", arrays, strict=False):
        check_shape(f"{name} {letter}", array, "N H", (N, H))
        if finite:
            check_finite(f"{name} {letter}", array)
    return arrays


def check_dh(dh, shape, dtype, many):
    """The loss's direct gradient by every hidden state, in the parameters' dtype.

    Parameters
    ----------
    dh : array_like
        What the caller passed.
    shape : tuple of int
        (T, N, H) of the tape.
    dtype : numpy.dtype
        Of the parameters.
    many : bool
        Whether there may be any number of gradients in place of N.

    Returns
    -------
    ndarray
        (T, N, H), or (T, M, H).

    Raises
    ------
    TypeError
        If it does not hold floating point numbers.
    ValueError
        If the shape does not fit, or there is no gradient.
    """
    (T, N, H), dh = shape, as_floats("dh", dh, dtype)
    check_shape("dh", dh, "T N H", (T, None if many else N, H))
    if not dh.shape[1]:
        raise ValueError(f"dh has shape (T, M, H) with at least one gradient; got {dh.shape}")
    return dh
