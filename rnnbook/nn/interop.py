"""The same parameters under PyTorch's names and layout, as NumPy arrays: neither way needs PyTorch."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.cells import GRU, RNN
from rnnbook.nn.checks import check_arrays, check_shape
from rnnbook.nn.inputs import check_cell, check_params

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def _check_twin(cell):
    check_cell(cell)
    if cell == GRU(reset="before"):
        raise ValueError("torch.nn.GRU resets after the product: GRU(reset='before') has no twin there")
    if cell in (RNN("sigmoid"), RNN("identity")):
        raise ValueError(f"torch.nn.RNN has tanh and relu: RNN({cell.activation!r}) has no twin there")


def to_torch(cell, params):
    """A cell's parameters as the state dict of torch.nn.RNN, LSTM or GRU.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell that the parameters are for.
    params : dict of str to ndarray
        The cell's parameters.

    Returns
    -------
    dict of str to ndarray
        ``weight_ih_l0`` (G*H, D), ``weight_hh_l0`` (G*H, H), ``bias_ih_l0`` and ``bias_hh_l0`` (G*H,).
        PyTorch has two biases where one is enough: the second is zero, but for b_hn of GRU.

    Raises
    ------
    ValueError
        If PyTorch has no such cell, or the parameters do not fit.

    Examples
    --------
    >>> from rnnbook import LSTM, init_params
    >>> params = init_params(LSTM(), 3, 5, np.random.default_rng(0))
    >>> {name: array.shape for name, array in to_torch(LSTM(), params).items()}["weight_ih_l0"]
    (20, 3)
    """
    _check_twin(cell)
    _, H, dtype = check_params(cell, params)
    bias_hh = np.zeros(cell.gates * H, dtype)
    if cell.apart:
        bias_hh[-H:] = params["b_hn"]
    arrays = params["W_xh"].T.copy(), params["W_hh"].T.copy(), params["b_h"].copy(), bias_hh
    return dict(zip(NAMES, arrays, strict=True))


def from_torch(cell, state_dict):
    """Parameters from the state dict of torch.nn.RNN, LSTM or GRU; the inverse of `to_torch`.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell that the parameters are for.
    state_dict : dict
        PyTorch's names to tensors or arrays, of one layer and direction. The two biases are added, but for n
        of GRU, whose second bias is b_hn.

    Returns
    -------
    dict of str to ndarray
        The cell's parameters.

    Raises
    ------
    KeyError
        If a name is missing.
    TypeError
        If an array does not hold float32 or float64, or dtypes are mixed.
    ValueError
        If PyTorch has no such cell, a shape does not fit, or there is more than one layer or direction.

    Examples
    --------
    >>> from rnnbook import GRU, init_params
    >>> params = init_params(GRU(), 3, 5, np.random.default_rng(0))
    >>> again = from_torch(GRU(), to_torch(GRU(), params))
    >>> all((again[key] == params[key]).all() for key in params)
    True
    """
    _check_twin(cell)
    missing = [name for name in NAMES if name not in state_dict]
    if missing:
        raise KeyError(f"a state dict of one layer has {', '.join(NAMES)}; {', '.join(missing)} missing")
    others = [name for name in state_dict if name not in NAMES]
    if others:
        raise ValueError(f"a state dict of one layer and direction has {', '.join(NAMES)}; got {', '.join(others)} too")
    arrays = {name: np.asarray(state_dict[name]) for name in NAMES}
    check_arrays(f"the twin of {cell}", arrays, NAMES)
    W_ih, W_hh, b_ih, b_hh = arrays.values()
    G, H = cell.gates, W_hh.shape[-1] if W_hh.ndim else 0
    check_shape("weight_hh_l0", W_hh, "G*H H", (G * H, H))
    check_shape("weight_ih_l0", W_ih, "G*H D", (G * H, None))
    for name in ("bias_ih_l0", "bias_hh_l0"):
        check_shape(name, arrays[name], "G*H", (G * H,))
    params = {"W_xh": W_ih.T.copy(), "W_hh": W_hh.T.copy(), "b_h": b_ih + b_hh}
    if cell.apart:
        params["b_h"][-H:] = b_ih[-H:]
        params["b_hn"] = b_hh[-H:].copy()
    check_params(cell, params)
    return params
