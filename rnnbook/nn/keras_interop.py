"""The same parameters in Keras' order and layout, as NumPy arrays: neither way needs Keras."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from rnnbook.nn.cells import GRU
from rnnbook.nn.checks import check_arrays, check_shape
from rnnbook.nn.interop import check_rows, first_bias, read, rows, second_bias
from rnnbook.nn.recurrent import Embedding
from rnnbook.nn.stack import named

KINDS = ("kernel", "recurrent_kernel", "bias")


def to_keras(layer, params, *, gradients=False):
    """The parameters of a cell or of layers as Keras has them, in the order of its `get_weights`.

    Parameters
    ----------
    layer : RNN, LSTM, GRU or Layer
        What the parameters are for: a cell or a `Recurrent` for keras.layers.SimpleRNN, LSTM or GRU
        (``reset_after=False`` for ``GRU("before")``), a `Both` of one for Bidirectional, or a `Stack` of these for a
        Sequential, in which `Embedding` and `Dropout` may stand too.
    params : dict of str to ndarray
        Its parameters.
    gradients : bool
        Whether `params` holds their gradients instead. Keras' two biases of a GRU enter the same sum for z and r, so
        both have the gradient of b_h there.

    Returns
    -------
    list of ndarray
        Of each layer and direction kernel (D, G*H), recurrent_kernel (H, G*H) and bias (G*H,); of an `Embedding` its
        vectors (V, D). The blocks of GRU are in Keras' order z, r, h, and its bias is (2, 3H) with the input's first,
        unless the reset gate is before the product. Keras' LSTM calls c what is g here.

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If `layer` is neither cell nor layer, or dtypes are mixed.
    ValueError
        If Keras has no such layer, or the parameters do not fit.

    Examples
    --------
    >>> from rnnbook import GRU, Both, Recurrent
    >>> layer = Both(Recurrent(GRU(), 5))
    >>> params = layer.init(3, np.random.default_rng(0))
    >>> [array.shape for array in to_keras(layer, params)]
    [(3, 15), (5, 15), (2, 15), (3, 15), (5, 15), (2, 15)]
    """
    its_rows, arrays = rows(layer), []
    check_rows(layer, params, its_rows)
    for row in its_rows:
        prefix, what, *_ = row
        if isinstance(what, Embedding):
            arrays.append(params[f"{prefix}E"].copy())
            continue
        kernel, recurrent, bias = (_turned(what, params[prefix + key]) for key in ("W_xh", "W_hh", "b_h"))
        if what.apart:
            bias = np.stack([bias, _turned(what, second_bias(row, params, gradients))])
        arrays += [kernel, recurrent, bias]
    return arrays


def from_keras(layer, arrays, *, gradients=False):
    """Parameters from what `get_weights` of a Keras layer or Sequential returns; the inverse of `to_keras`.

    Parameters
    ----------
    layer : RNN, LSTM, GRU or Layer
        What the parameters are for, as in `to_keras`.
    arrays : list
        Arrays or tensors, as `to_keras` returns them. The two biases of GRU are added, but for n, whose second one is
        b_hn. With ``use_bias=False`` there are two arrays where else are three, and the biases are zeros.
    gradients : bool
        Whether `arrays` holds their gradients instead. They are not added: for z and r either bias has the gradient of
        b_h, and the first is taken.

    Returns
    -------
    dict of str to ndarray
        The parameters of `layer`, or their gradients.

    Raises
    ------
    TypeError
        If an array does not hold float32 or float64, or NumPy cannot read a tensor, or dtypes are mixed.
    ValueError
        If Keras has no such layer, a shape does not fit, or there is another number of arrays.

    Notes
    -----
    The arrays do not say which activation their layer has: those of ``SimpleRNN(activation="relu")`` fit ``RNN()``, and
    are right for ``RNN("relu")`` alone. LSTM and GRU are those with Keras' own ``activation="tanh"`` and
    ``recurrent_activation="sigmoid"``.

    Examples
    --------
    >>> from rnnbook import LSTM, init_params
    >>> params = init_params(LSTM(), 3, 5, np.random.default_rng(0))
    >>> again = from_keras(LSTM(), to_keras(LSTM(), params))
    >>> all((again[key] == params[key]).all() for key in params)
    True
    >>> grads = to_keras(GRU(), init_params(GRU(), 3, 5, np.random.default_rng(0)), gradients=True)
    >>> list(from_keras(GRU(), grads, gradients=True))
    ['W_xh', 'W_hh', 'b_h', 'b_hn']
    """
    its_rows, params = rows(layer), {}
    given = _arrays(layer, its_rows, arrays)
    for prefix, what, H, D, _ in its_rows:
        if isinstance(what, Embedding):
            check_shape(f"{prefix}embeddings", given[f"{prefix}embeddings"], "V D", (what.V, what.D))
            params[f"{prefix}E"] = given[f"{prefix}embeddings"].copy()
            continue
        kernel, recurrent = (given[prefix + kind] for kind in KINDS[:2])
        G, H = what.gates, H or (len(recurrent) if recurrent.ndim else 0)
        check_shape(f"{prefix}recurrent_kernel", recurrent, "H G*H", (H, G * H))
        check_shape(f"{prefix}kernel", kernel, "D G*H", (D, G * H))
        shape = (2, G * H) if what.apart else (G * H,)
        bias = given.get(f"{prefix}bias", np.zeros(shape, kernel.dtype))
        check_shape(f"{prefix}bias", bias, "G*H", shape)
        kernel, recurrent, bias = (_turned(what, array) for array in (kernel, recurrent, bias))
        biases = first_bias(what, *bias, gradients) if what.apart else {"b_h": bias}
        params |= named(prefix, {"W_xh": kernel, "W_hh": recurrent, **biases})
    check_rows(layer, params, its_rows)
    return params


def _arrays(layer, its_rows, arrays):
    """The arrays by Keras' names for them, each with our prefix; without biases where there are none."""
    if not isinstance(arrays, list | tuple):
        raise TypeError(f"arrays is a list, as layer.get_weights() returns it; got {type(arrays).__name__}")
    kinds = [("embeddings",) if isinstance(row.what, Embedding) else KINDS for row in its_rows]
    names = [row.prefix + kind for row, its_kinds in zip(its_rows, kinds, strict=True) for kind in its_kinds]
    without = [name for name in names if not name.endswith("bias")]
    if len(arrays) not in (len(names), len(without)):
        shapes = [read("each of arrays", array).shape for array in arrays]
        listed = ", ".join(map(str, shapes))
        counts = f"{len(names)} arrays, or {len(without)} with use_bias=False"
        raise ValueError(f"the twin of {layer} has {counts}; got {len(arrays)}: {listed}{_hint(its_rows, shapes)}")
    names = names if len(arrays) == len(names) else without
    given = {name: read(name, array) for name, array in zip(names, arrays, strict=True)}
    if names:
        check_arrays(f"the twin of {layer}", given, names)
    return given


def _hint(its_rows, shapes):
    """Where in a whole model's arrays a kernel (D, G*H) stands before a recurrent kernel (H, G*H)."""
    widths, places = {row.what.gates for row in its_rows if not isinstance(row.what, Embedding)}, []
    for start, (kernel, recurrent) in enumerate(pairwise(shapes)):
        if len(kernel) == len(recurrent) == 2 and any(
            kernel[1] == recurrent[1] == gates * recurrent[0] for gates in widths
        ):
            bias = start + 2 < len(shapes) and shapes[start + 2] in (kernel[1:], (2, kernel[1]))
            places.append(f"arrays[{start}:{start + 2 + bias}]")
    return f"; {' and '.join(places)} have the shapes of a recurrent layer" if places else ""


def _turned(cell, array):
    """The array with the blocks r and z of a GRU in each other's place, which is so both ways; always a copy."""
    if not isinstance(cell, GRU):
        return array.copy()
    one, two, n = np.split(array, 3, axis=-1)
    return np.concatenate([two, one, n], axis=-1)
