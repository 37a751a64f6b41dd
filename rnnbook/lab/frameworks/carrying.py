"""A layer carried from one framework to another, rightly or with one mistake, run by the package's own cells."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.frameworks.conventions import merge_biases
from rnnbook.nn import GRU, LSTM, from_keras, from_torch, to_keras, to_torch
from rnnbook.nn.checks import as_numbers, check_dict, check_finite, check_option, check_shape
from rnnbook.nn.inputs import check_cell, check_params
from rnnbook.nn.keras_interop import KINDS

PLACES = {"book": "the book", "torch": "PyTorch", "keras": "Keras"}
MISTAKES = {
    "none": "nothing",
    "reshaped": "matrices reshaped, not transposed",
    "blocks": "first two blocks exchanged",
    "dropped": "second bias left out",
    "twice": "first bias put into both",
    "summed": "both biases summed into the first",
    "forget": "1 added to the forget bias again",
    "before": "reset gate before the product",
}


def arrays_in(place, cell, params, second=0.0):
    """The parameters as a place has them, which may have a second bias of its own.

    Parameters
    ----------
    place : {"book", "torch", "keras"}
        Whose arrays.
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters, of one dtype.
    second : ndarray or float
        What of b_h (G*H,) is moved into the second bias, where two biases enter one sum: the network stays the same.

    Returns
    -------
    dict of str to ndarray
        By the names that the arrays have there, in the dtype of the parameters.

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If `cell` is no cell, dtypes are mixed, or `second` holds no numbers.
    ValueError
        If the place is unknown or has no such cell, or an array does not fit.

    Examples
    --------
    >>> from rnnbook import RNN, init_params
    >>> params = init_params(RNN(), 2, 3, np.random.default_rng(0))
    >>> {name: array.shape for name, array in arrays_in("keras", RNN(), params).items()}
    {'kernel': (2, 3), 'recurrent_kernel': (3, 3), 'bias': (3,)}
    """
    check_option("place", place, PLACES)
    *_, dtype = check_params(cell, params)
    second = _checked(second, params["b_h"].shape).astype(dtype)
    if place == "book":
        return {key: params[key].copy() for key in cell.keys}
    if not two_biases(place, cell):
        return dict(zip(KINDS, to_keras(cell, params), strict=True))
    if cell.apart:
        second[-len(params["b_hn"]) :] = 0
    moved = {**params, "b_h": params["b_h"] - second}
    if place == "torch":
        arrays = to_torch(cell, moved)
        return {**arrays, "bias_hh_l0": arrays["bias_hh_l0"] + second}
    arrays = dict(zip(KINDS, to_keras(cell, moved), strict=True))
    row = to_keras(cell, {**params, "b_h": second})[2][0]
    return {**arrays, "bias": arrays["bias"] + np.stack([np.zeros_like(row), row])}


def _checked(second, shape):
    """A second bias of its own (G*H,), given as such or as the number that it holds everywhere."""
    second = as_numbers("second", second)
    if second.ndim:
        check_shape("second", second, "G*H", shape)
    check_finite("second", second)
    return np.broadcast_to(second, shape)


def params_from(place, cell, arrays):
    """What a place's arrays are for the package's cell; the inverse of `arrays_in`.

    Parameters
    ----------
    place : {"book", "torch", "keras"}
        Whose arrays.
    cell : RNN, LSTM or GRU
        The cell.
    arrays : dict of str to ndarray
        By the names that they have there.

    Returns
    -------
    dict of str to ndarray
        The parameters.

    Raises
    ------
    KeyError
        If an array is missing.
    TypeError
        If `cell` is no cell, or dtypes are mixed.
    ValueError
        If the place is unknown or has no such cell, or an array does not fit.

    Examples
    --------
    >>> from rnnbook import RNN, init_params
    >>> params = init_params(RNN(), 2, 3, np.random.default_rng(0))
    >>> again = params_from("torch", RNN(), arrays_in("torch", RNN(), params, second=0.5))
    >>> bool(np.allclose(again["b_h"], params["b_h"]))
    True
    """
    check_option("place", place, PLACES)
    if place == "book":
        return arrays_in("book", cell, arrays)
    if place == "torch":
        return from_torch(cell, arrays)
    check_dict("arrays", arrays)
    if missing := [kind for kind in KINDS if kind not in arrays]:
        raise KeyError(f"arrays of Keras are {', '.join(KINDS)}; {', '.join(missing)} missing")
    return from_keras(cell, [arrays[kind] for kind in KINDS])


def two_biases(place, cell):
    """Whether a place has two biases for a cell.

    Parameters
    ----------
    place : {"book", "torch", "keras"}
        The place.
    cell : RNN, LSTM or GRU
        The cell.

    Returns
    -------
    bool
        Of PyTorch always, elsewhere for a GRU whose reset gate acts after the product.

    Raises
    ------
    TypeError
        If `cell` is no cell.
    ValueError
        If the place is unknown.

    Examples
    --------
    >>> two_biases("torch", LSTM()), two_biases("keras", LSTM()), two_biases("keras", GRU())
    (True, False, True)
    """
    check_option("place", place, PLACES)
    check_cell(cell)
    return place == "torch" or cell.apart


def why_not(cell, source, target, mistake):
    """Why a mistake cannot be made on this way, in words.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    source, target : {"book", "torch", "keras"}
        From where to where.
    mistake : str
        One of `MISTAKES`.

    Returns
    -------
    str
        The reason; empty where the mistake can be made.

    Raises
    ------
    TypeError
        If `cell` is no cell.
    ValueError
        If an option is unknown.

    Examples
    --------
    >>> why_not(LSTM(), "book", "keras", "reshaped")
    'both have their matrices as (D, G*H)'
    """
    check_cell(cell)
    check_option("source", source, PLACES)
    check_option("target", target, PLACES)
    check_option("mistake", mistake, MISTAKES)
    name = "GRU" if isinstance(cell, GRU) else type(cell).__name__
    alike = f"both have their matrices as {'(G*H, D)' if source == 'torch' else '(D, G*H)'}"
    possible = {
        "none": "",
        "reshaped": "" if (source == "torch") != (target == "torch") else alike,
        "blocks": "" if cell.gates > 1 else f"an {name} has one block",
        "dropped": "" if two_biases(source, cell) else f"{PLACES[source]} has one bias here",
        "twice": "" if two_biases(target, cell) else f"{PLACES[target]} has one bias here",
        "summed": "" if two_biases(source, cell) else f"{PLACES[source]} has one bias here",
        "forget": "" if isinstance(cell, LSTM) else "only an LSTM has a forget gate",
        "before": "" if isinstance(cell, GRU) else "only a GRU has a reset gate",
    }
    if isinstance(cell, GRU) and mistake == "before" and target == "torch":
        return "PyTorch resets after the product and has no switch for it"
    return possible[mistake]


def carry(cell, params, source, target, mistake="none", second=0.0):
    """Carry a layer from a place to another, and say what it is there, in the package's terms.

    The arrays of the source are turned into the target's, with the mistake; what the target then computes is what the
    returned cell computes with the returned parameters.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters; not changed.
    source, target : {"book", "torch", "keras"}
        From where to where.
    mistake : str
        One of `MISTAKES`; one that cannot be made on this way changes nothing.
    second : ndarray or float
        Of the source's second bias, as in `arrays_in`.

    Returns
    -------
    cell : RNN, LSTM or GRU
        The target's cell: the same, but for the reset gate before the product.
    params : dict of str to ndarray
        The target's parameters, as the package has them, in the dtype of `params`.

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If `cell` is no cell, dtypes are mixed, or `second` holds no numbers.
    ValueError
        If an option is unknown, a place has no such cell, or an array does not fit.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> params = init_params(LSTM(), 2, 3, np.random.default_rng(0))
    >>> _, wrong = carry(LSTM(), params, "torch", "keras", "forget")
    >>> (wrong["b_h"] - params["b_h"]).tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    if why_not(cell, source, target, mistake):
        mistake = "none"
    there = arrays_in(source, cell, params, second)
    if mistake == "dropped":
        there = _without_second(there)
    params = params_from(source, cell, there)
    H = len(params["W_hh"])
    if mistake == "blocks":
        params = params | {key: _exchanged(params[key], H) for key in ("W_xh", "W_hh", "b_h")}
    elif mistake == "forget":
        params["b_h"][H : 2 * H] += 1
    elif mistake in ("summed", "before") and cell.apart:
        params = merge_biases(params)
    if mistake == "before":
        return GRU(reset="before"), {key: params[key] for key in GRU(reset="before").keys}
    arrays = arrays_in(target, cell, params)
    if mistake == "reshaped":
        matrices = [name for name in arrays if "bias" not in name]
        arrays |= {name: arrays[name].T.reshape(arrays[name].shape) for name in matrices}
    if mistake == "twice" and target == "torch":
        arrays["bias_hh_l0"] = arrays["bias_ih_l0"]
    elif mistake == "twice" and target == "keras":
        arrays["bias"] = arrays["bias"][[0, 0]]
    elif mistake == "twice":
        arrays["b_hn"] = arrays["b_h"][-H:].copy()
    return cell, params_from(target, cell, arrays)


def _without_second(arrays):
    """Arrays of any place without the second bias."""
    if "bias" in arrays:
        first, second = arrays["bias"]
        return {**arrays, "bias": np.stack([first, np.zeros_like(second)])}
    name = "bias_hh_l0" if "bias_hh_l0" in arrays else "b_hn"
    return {**arrays, name: np.zeros_like(arrays[name])}


def _exchanged(array, H):
    """The first two blocks of columns in each other's place."""
    return np.concatenate([array[..., H : 2 * H], array[..., :H], array[..., 2 * H :]], axis=-1)
