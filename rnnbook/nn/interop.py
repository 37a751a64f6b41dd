"""The same parameters under PyTorch's names and layout, as NumPy arrays: neither way needs PyTorch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from rnnbook.nn.cells import GRU, RNN
from rnnbook.nn.checks import as_array, check_arrays, check_shape
from rnnbook.nn.contract import Cell, Layer
from rnnbook.nn.inputs import check_cell, check_params
from rnnbook.nn.recurrent import Dropout, Embedding, Recurrent, check_names
from rnnbook.nn.stack import WAYS, Both, Stack, named, part

KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
NAMES = tuple(f"{kind}_l0" for kind in KINDS)


class Row(NamedTuple):
    """What a framework holds as one: a cell of one layer and direction, or an embedding."""

    prefix: str  # of our names
    what: object  # the cell, or the Embedding
    H: int | None  # None: as the arrays have it
    D: int | None
    way: str = ""  # "there" or "back" where there are both

    @property
    def keys(self):
        """The names of its parameters, without the prefix."""
        return self.what.keys if isinstance(self.what, Cell) else self.what.names()


def rows(layer, prefix="", D=None):
    """The rows of a cell or a composition, from the bottom up, and of `Both` there before back."""
    if not isinstance(layer, Layer):
        check_cell(layer)
        return [Row(prefix, layer, None, D)]
    if isinstance(layer, Recurrent):
        return [Row(prefix, layer.cell, layer.H, D)]
    if isinstance(layer, Both) and isinstance(layer.layer, Recurrent):
        cell, H = layer.layer.cell, layer.layer.H
        return [Row(f"{prefix}{way}.", cell, H, D, way) for way in WAYS]
    if isinstance(layer, Embedding):
        return [Row(prefix, layer, None, None)]
    if isinstance(layer, Dropout):
        return []
    if isinstance(layer, Stack):
        found = []
        for k, one in enumerate(layer.layers):
            found += rows(one, f"{prefix}l{k}.", D)
            D = one.width(D)
        return found
    parts = "Recurrent, Both of a Recurrent, Dropout, Embedding and a Stack of these"
    raise ValueError(f"PyTorch and Keras have {parts}: {layer} has no twin there")


def check_rows(layer, params, its_rows):
    """Refuse parameters that are not those of the rows."""
    if isinstance(layer, Layer):
        check_names(layer, params)
    if its_rows:
        check_arrays(layer, params, [row.prefix + key for row in its_rows for key in row.keys])
    for prefix, what, H, D, _ in its_rows:
        if isinstance(what, Embedding):
            check_shape(f"{prefix}E", params[f"{prefix}E"], "V D", (what.V, what.D))
            continue
        found_D, found_H, _ = check_params(what, part(params, prefix), finite=False)
        G = what.gates
        check_shape(f"{prefix}W_hh", params[f"{prefix}W_hh"], "H G*H", (H or found_H, G * (H or found_H)))
        check_shape(f"{prefix}W_xh", params[f"{prefix}W_xh"], "D G*H", (D or found_D, G * found_H))


def second_bias(row, params, gradients):
    """What a framework with two biases has as the second: zeros, or the gradient of the first; b_hn is its own."""
    b_h = params[row.prefix + "b_h"]
    second = b_h.copy() if gradients else np.zeros_like(b_h)
    if row.what.apart:
        b_hn = params[f"{row.prefix}b_hn"]
        second[-len(b_hn) :] = b_hn
    return second


def first_bias(cell, first, second, gradients):
    """What b_h, and b_hn of a GRU, are of a framework's two biases: their sum, or the gradient that both have."""
    b_h = first.copy() if gradients else first + second
    if not cell.apart:
        return {"b_h": b_h}
    H = len(b_h) // cell.gates
    b_h[-H:] = first[-H:]
    return {"b_h": b_h, "b_hn": second[-H:].copy()}


def read(name, tensor):
    """The array of a tensor, also of one that is still to be trained."""
    tensor = tensor.detach() if hasattr(tensor, "detach") else tensor
    try:
        return as_array(name, tensor)
    except TypeError as error:  # bfloat16, which NumPy lacks; a tensor on no device, or on another
        raise TypeError(f"{name} is an array, or a tensor that NumPy can read; got {tensor.dtype}: {error}") from error


def _twin(layer):
    """The rows of a composition, each by the end of its names in PyTorch; refused where there is no twin."""
    its_rows = rows(layer)
    for row in its_rows:
        if isinstance(row.what, Embedding):
            raise ValueError(
                f"torch.nn has embeddings as modules of their own: {row.what} has no twin in a stack there"
            )
        if row.what == GRU(reset="before"):
            raise ValueError("torch.nn.GRU resets after the product: GRU(reset='before') has no twin there")
        if row.what in (RNN("sigmoid"), RNN("identity")):
            raise ValueError(f"torch.nn.RNN has tanh and relu: RNN({row.what.activation!r}) has no twin there")
    if not its_rows:
        raise ValueError(f"torch.nn has no recurrent module without a recurrent layer; got {layer}")
    ends, kinds = {}, []
    for row in its_rows:
        back = row.way == "back"
        ends[f"_l{len(kinds) - back}" + "_reverse" * back] = row
        kinds += [] if back else [(row.what, row.H, "both directions" if row.way else "one direction")]
    if len(set(kinds)) > 1:
        listed = "; ".join(f"{cell}, H = {H}, {ways}" for cell, H, ways in dict.fromkeys(kinds))
        raise ValueError(f"all layers of a torch.nn module have one cell, one H and the same directions; got {listed}")
    return ends


def to_torch(layer, params, *, gradients=False):
    """The parameters of a cell or of layers as the state dict of torch.nn.RNN, LSTM or GRU.

    Parameters
    ----------
    layer : RNN, LSTM, GRU or Layer
        What the parameters are for: a cell, a `Recurrent`, a `Both` of one, or a `Stack` of these that have one cell,
        one H and the same directions. `Dropout` in it has no parameters and is passed over.
    params : dict of str to ndarray
        Its parameters.
    gradients : bool
        Whether `params` holds their gradients instead. PyTorch's two biases enter the same sum, so both have the
        gradient of b_h, but for n of GRU.

    Returns
    -------
    dict of str to ndarray
        ``weight_ih_l0`` (G*H, D), ``weight_hh_l0`` (G*H, H), ``bias_ih_l0`` and ``bias_hh_l0`` (G*H,); the same with
        ``_l0_reverse`` for the way back, and with ``_l1`` for the next layer, whose D is H, or 2H after both ways.
        PyTorch has two biases where one is enough: the second is zero, but for b_hn of GRU.

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If `layer` is neither cell nor layer, or dtypes are mixed.
    ValueError
        If PyTorch has no such module, or the parameters do not fit.

    Examples
    --------
    >>> from rnnbook import LSTM, Both, Recurrent, init_params
    >>> params = init_params(LSTM(), 3, 5, np.random.default_rng(0))
    >>> {name: array.shape for name, array in to_torch(LSTM(), params).items()}["weight_ih_l0"]
    (20, 3)
    >>> layer = Both(Recurrent(LSTM(), 5))
    >>> list(to_torch(layer, layer.init(3, np.random.default_rng(0))))[3:6]
    ['bias_hh_l0', 'weight_ih_l0_reverse', 'weight_hh_l0_reverse']
    """
    ends = _twin(layer)
    check_rows(layer, params, list(ends.values()))
    state_dict = {}
    for end, row in ends.items():
        W_xh, W_hh, b_h = (params[row.prefix + key] for key in ("W_xh", "W_hh", "b_h"))
        arrays = W_xh.T.copy(), W_hh.T.copy(), b_h.copy(), second_bias(row, params, gradients)
        state_dict |= {kind + end: array for kind, array in zip(KINDS, arrays, strict=True)}
    return state_dict


def from_torch(layer, state_dict, *, gradients=False):
    """Parameters from the state dict of torch.nn.RNN, LSTM or GRU; the inverse of `to_torch`.

    Parameters
    ----------
    layer : RNN, LSTM, GRU or Layer
        What the parameters are for, as in `to_torch`.
    state_dict : dict
        PyTorch's names to tensors or arrays, of as many layers and directions as `layer` has. The two biases are
        added, but for n of GRU, whose second bias is b_hn. Of a module with ``bias=False`` they are zeros.
    gradients : bool
        Whether `state_dict` holds their gradients instead, of each parameter its ``grad``. They are not added: of two
        biases in one sum either one's gradient is that of b_h, and the first is taken.

    Returns
    -------
    dict of str to ndarray
        The parameters of `layer`, or their gradients.

    Raises
    ------
    KeyError
        If a name is missing.
    TypeError
        If an array does not hold float32 or float64, or NumPy cannot read a tensor, or dtypes are mixed.
    ValueError
        If PyTorch has no such module, a shape does not fit, there is another number of layers or directions, or a
        projection (``proj_size``).

    Notes
    -----
    A state dict does not say which activation its module has: that of one with ``nonlinearity="relu"`` fits ``RNN()``,
    and is right for ``RNN("relu")`` alone.

    Examples
    --------
    >>> from rnnbook import GRU, init_params
    >>> params = init_params(GRU(), 3, 5, np.random.default_rng(0))
    >>> again = from_torch(GRU(), to_torch(GRU(), params))
    >>> all((again[key] == params[key]).all() for key in params)
    True
    >>> grads = to_torch(GRU(), params, gradients=True)  # as if params were gradients
    >>> bool((from_torch(GRU(), grads, gradients=True)["b_h"] == params["b_h"]).all())
    True
    """
    ends = _twin(layer)
    given = _arrays(layer, state_dict, list(ends))
    params = {}
    for end, (prefix, cell, H, D, _) in ends.items():
        W_ih, W_hh, b_ih, b_hh = (given[kind + end] for kind in KINDS)
        G, H = cell.gates, H or (W_hh.shape[-1] if W_hh.ndim else 0)
        check_shape(f"weight_hh{end}", W_hh, "G*H H", (G * H, H))
        check_shape(f"weight_ih{end}", W_ih, "G*H D", (G * H, D))
        for kind in KINDS[2:]:
            check_shape(kind + end, given[kind + end], "G*H", (G * H,))
        row = {"W_xh": W_ih.T.copy(), "W_hh": W_hh.T.copy()}
        params |= named(prefix, row | first_bias(cell, b_ih, b_hh, gradients))
    check_rows(layer, params, list(ends.values()))
    return params


def _arrays(layer, state_dict, ends):
    """The arrays of a state dict of just these layers and directions, with zeros for biases that it does not have."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"a state dict is a dict of tensors or arrays by name; got {type(state_dict).__name__}")
    wrong = [name for name in state_dict if not isinstance(name, str)]
    if wrong:
        raise TypeError(f"the names of a state dict are strings; got {wrong[0]!r}")
    projected = [name for name in state_dict if name.startswith("weight_hr")]
    if projected:
        raise ValueError(f"an LSTM with proj_size has no twin here; got {', '.join(projected)}")
    found = [match[1] for name in state_dict if (match := re.fullmatch(r"weight_ih(_l\d+(_reverse)?)", name))]
    if found and _size(found) != _size(ends):
        raise ValueError(f"{layer} has {_size(ends)}; the state dict has {_size(found)}: {', '.join(state_dict)}")
    kinds = KINDS if any("bias" in name for name in state_dict) else KINDS[:2]
    names = [kind + end for end in ends for kind in kinds]
    missing = [name for name in names if name not in state_dict]
    if missing:
        found = ", ".join(state_dict)
        raise KeyError(
            f"a state dict of {_size(ends)} has {', '.join(names)}; {', '.join(missing)} missing; got {found}"
            + _hint(state_dict)
        )
    others = [name for name in state_dict if name not in names]
    if others:
        raise ValueError(f"a state dict of {_size(ends)} has {', '.join(names)}; got {', '.join(others)} too")
    arrays = {name: read(name, state_dict[name]) for name in names}
    check_arrays(f"the twin of {layer}", arrays, names)
    if len(kinds) < len(KINDS):
        W_hh = {end: arrays[f"weight_hh{end}"] for end in ends}
        arrays |= {kind + end: np.zeros(W.shape[:1], W.dtype) for end, W in W_hh.items() for kind in KINDS[2:]}
    return arrays


def _hint(state_dict):
    """How to name a single cell's arrays, and how to take the recurrent module's part out of a whole model's."""
    if "weight_ih" in state_dict:
        return '. RNNCell, LSTMCell and GRUCell have no _l0: this is one as {f"{name}_l0": a for name, a in d.items()}'
    prefixes = sorted({match[1] for name in state_dict if (match := re.fullmatch(r"(.+\.)weight_ih(_l0)?", name))})
    if not prefixes:
        return ""
    strip = f'{{name.removeprefix("{prefixes[0]}"): a for name, a in d.items() if name.startswith("{prefixes[0]}")}}'
    modules = f"modules {', '.join(prefixes)}: take one" if len(prefixes) > 1 else f"the module {prefixes[0]}: take it"
    return f". This is the state dict d of a whole model with {modules} as {strip}"


def _size(ends):
    """How many layers and directions names with these ends belong to."""
    layers = len({end.removesuffix("_reverse") for end in ends})
    ways = "both directions" if any(end.endswith("_reverse") for end in ends) else "one direction"
    return f"{layers} layer{'s' * (layers > 1)}, {ways}"
