"""Starting values: what a network is before it has learned anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnbook.nn.checks import (
    as_floats,
    check_count,
    check_dtype,
    check_finite,
    check_number,
    check_option,
    check_rng,
)
from rnnbook.nn.inputs import check_cell


@dataclass(frozen=True)
class Chrono:
    """Chrono start: the keeping gate's bias is log(u) with u drawn uniformly from [1, t_max - 1].

    A gate with bias log(u) keeps about u steps, so the units start with memories spread up to `t_max`. The
    input gate of LSTM starts at minus that bias.

    Parameters
    ----------
    t_max : float
        The longest memory to start with, in steps; above 2.

    Raises
    ------
    ValueError
        If `t_max` is not above 2.

    References
    ----------
    Tallec & Ollivier (2018), "Can recurrent neural networks warp time?", ICLR, eq. (16).

    Examples
    --------
    >>> Chrono(t_max=100)
    Chrono(t_max=100)
    """

    t_max: float

    def __post_init__(self):
        check_number("t_max", self.t_max, least=2, above=True)


def _orthogonal(H, rng):
    q, r = np.linalg.qr(rng.normal(size=(H, H)))
    return q * np.sign(np.diag(r))  # without the signs the draw would not be uniform (Mezzadri 2007)


STARTS = {
    "orthogonal": _orthogonal,
    "uniform": lambda H, rng: rng.uniform(-1, 1, size=(H, H)) / np.sqrt(H),
    "identity": lambda H, rng: np.eye(H),
    "gaussian": lambda H, rng: rng.normal(size=(H, H)) / np.sqrt(H),
}


def init_params(
    cell,
    input_size,
    hidden_size,
    rng,
    *,
    recurrent="orthogonal",
    gain=1.0,
    input_scale=1.0,
    gate_bias=None,
    dtype=np.float64,
):
    """Draw a cell's starting parameters.

    Every gate's block of W_hh and W_xh is drawn by itself. Biases are zero but for the gate that keeps.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell that the parameters are for.
    input_size : int
        Features D.
    hidden_size : int
        Hidden units H.
    rng : numpy.random.Generator
        The only source of randomness.
    recurrent : {"orthogonal", "uniform", "identity", "gaussian"}
        Start of each H x H block: a random orthogonal matrix, U(-1/sqrt(H), 1/sqrt(H)) as PyTorch's, the
        identity, or N(0, 1/H).
    gain : float
        Multiplies W_hh.
    input_scale : float
        Multiplies W_xh, whose blocks are Glorot uniform, U(-s, s) with s = sqrt(6 / (D + H)).
    gate_bias : float or Chrono, optional
        Bias of the gate that keeps: f of LSTM (1 if not given), z of GRU (0 if not given).
    dtype : numpy dtype
        float64 for teaching and checks, float32 for speed.

    Returns
    -------
    dict of str to ndarray
        ``W_xh`` (D, G*H), ``W_hh`` (H, G*H), ``b_h`` (G*H,), and ``b_hn`` (H,) for GRU with reset after the
        product.

    Raises
    ------
    TypeError
        If `cell` is not a cell, a size not a whole number, `rng` not a Generator, or dtype not float32 or
        float64.
    ValueError
        If `recurrent` is unknown, a size below 1, or an RNN, which has no gate, is given a gate bias.

    References
    ----------
    Saxe, McClelland & Ganguli (2013), arXiv:1312.6120, for the orthogonal start; Le, Jaitly & Hinton (2015),
    arXiv:1504.00941, for the identity; Glorot & Bengio (2010), AISTATS, eq. (16), for W_xh; Jozefowicz,
    Zaremba & Sutskever (2015), ICML, section 5, for the forget bias of 1.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnbook import LSTM, init_params
    >>> params = init_params(LSTM(), 3, 2, np.random.default_rng(0))
    >>> params["b_h"].tolist()
    [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    """
    check_cell(cell)
    check_count("input_size", input_size)
    check_count("hidden_size", hidden_size)
    check_option("recurrent", recurrent, STARTS)
    check_number("gain", gain)
    check_number("input_scale", input_scale)
    check_rng(rng)
    check_dtype(dtype)
    D, H, G = input_size, hidden_size, cell.gates
    W_hh = np.concatenate([STARTS[recurrent](H, rng) for _ in range(G)], axis=1)
    W_xh = rng.uniform(-1, 1, size=(D, G * H)) * np.sqrt(6 / (D + H))
    params = {"W_xh": input_scale * W_xh, "W_hh": gain * W_hh, "b_h": _biases(cell, H, gate_bias, rng)}
    if "b_hn" in cell.keys:
        params["b_hn"] = np.zeros(H)
    return {key: value.astype(dtype) for key, value in params.items()}


def _biases(cell, H, gate_bias, rng):
    b = np.zeros((cell.gates, H))
    if cell.keeper is None:
        if gate_bias is not None:
            raise ValueError(f"{cell} has no gate; gate_bias is for LSTM (f) and GRU (z), got {gate_bias!r}")
    elif isinstance(gate_bias, Chrono):
        b[cell.keeper] = np.log(rng.uniform(1, gate_bias.t_max - 1, size=H))
        if cell.states == 2:  # LSTM: what is kept is not written over
            b[0] = -b[cell.keeper]
    elif gate_bias is None:
        b[cell.keeper] = 1.0 if cell.states == 2 else 0.0
    else:
        check_number("gate_bias", gate_bias, least=-np.inf)
        b[cell.keeper] = gate_bias
    return b.ravel()


def spectral_radius(W):
    """Largest absolute eigenvalue of a square matrix.

    Parameters
    ----------
    W : ndarray
        Square matrix (H, H).

    Returns
    -------
    float
        The spectral radius.

    Raises
    ------
    TypeError
        If `W` does not hold floating point numbers.
    ValueError
        If `W` is not square, is empty, or holds NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> round(spectral_radius(np.array([[0.9, 5.0], [0.0, 0.9]])), 3)
    0.9
    """
    W = as_floats("W", W)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or not W.size:
        raise ValueError(f"W has shape (H, H), H at least 1; got {W.shape}")
    check_finite("W", W)
    return float(np.abs(np.linalg.eigvals(W)).max())


def set_spectral_radius(W, rho):
    """The matrix rescaled so that its largest absolute eigenvalue is exactly `rho`.

    Parameters
    ----------
    W : ndarray
        Square matrix (H, H); not changed.
    rho : float
        The spectral radius to have, at least 0.

    Returns
    -------
    ndarray
        ``W * rho / spectral_radius(W)``, of the same dtype.

    Raises
    ------
    ValueError
        If `W` is not square, holds NaN or infinity, or has only zero eigenvalues (no factor helps then).

    Examples
    --------
    >>> import numpy as np
    >>> W = np.random.default_rng(0).normal(size=(8, 8))
    >>> round(spectral_radius(set_spectral_radius(W, 1.1)), 6)
    1.1
    """
    check_number("rho", rho)
    W = as_floats("W", W)
    now = spectral_radius(W)
    if now == 0:
        raise ValueError("W has only zero eigenvalues: no factor gives it a spectral radius")
    return W * np.asarray(rho / now, W.dtype)
