"""How fast the gradient changes per step back, measured and as theory expects.

Slopes are changes of log10 of the magnitude per step *back* in time: below zero the gradient vanishes.
"""

from __future__ import annotations

import numpy as np

from rnnbook.nn import RNN, spectral_radius
from rnnbook.nn.checks import as_numbers, check_number, check_shape
from rnnbook.nn.inputs import check_cell, check_params
from rnnbook.nn.tape import check_recorded


def slope(norms):
    """Change of log10 of the magnitude per step back: least squares over the steps that are finite and not 0.

    Parameters
    ----------
    norms : ndarray
        Magnitudes (T,), first step first.

    Returns
    -------
    float
        Below zero for a gradient that vanishes; nan if fewer than two steps can be used.

    Raises
    ------
    TypeError
        If `norms` are not numbers.
    ValueError
        If they are not one row.

    Examples
    --------
    >>> round(slope(10.0 ** -np.arange(5)[::-1]), 6)
    -1.0
    """
    norms = as_numbers("norms", norms)
    check_shape("norms", norms, "T", (None,))
    usable = np.isfinite(norms) & (norms > 0)
    if usable.sum() < 2:
        return float("nan")
    back = (len(norms) - 1 - np.arange(len(norms)))[usable]
    centred = back - back.mean()
    return float(centred @ np.log10(norms[usable]) / (centred @ centred))


def theory_slope(cell, params, tape, radius=None):
    """The slope that theory expects, where there is a theory.

    For the linear network log10(rho), rho the spectral radius of W_hh. For a tanh network with a random orthogonal
    W_hh (times a number) log10(rho) + log10(mean((1 - h**2)**2)) / 2: an orthogonal matrix turns the gradient
    into a direction that does not know the units' slopes, so each step multiplies it by rho and by their root
    mean square.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    params : dict of str to ndarray
        Its parameters.
    tape : Tape
        From `unroll`.
    radius : float, optional
        The spectral radius of W_hh, for a caller who has it already.

    Returns
    -------
    float or None
        log10 per step back, minus infinity if nothing passes; None for gated cells, other activations and other starts.

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If `cell` is not a cell, `params` not a dict of arrays, or the tape of a tanh network not a tape.
    ValueError
        If `radius` is below 0, or a parameter has another shape or is not finite.

    References
    ----------
    Saxe, McClelland & Ganguli (2013), arXiv:1312.6120, section 3, for the orthogonal linear case; the tanh
    form is the mean squared slope of Poole et al. (2016), NeurIPS, eq. (10), taken over the units at hand.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> params = init_params(RNN("identity"), 1, 4, np.random.default_rng(0), gain=0.1)
    >>> round(theory_slope(RNN("identity"), params, None), 6)
    -1.0
    """
    check_cell(cell)
    if not isinstance(cell, RNN) or cell.activation not in ("tanh", "identity"):
        return None
    check_params(cell, params)
    W = params["W_hh"]
    if radius is not None:
        check_number("radius", radius)
    if cell.activation == "tanh":
        check_recorded(tape)
    with np.errstate(divide="ignore"):
        if cell.activation == "identity":
            return float(np.log10(spectral_radius(W) if radius is None else radius))
        square = W.T @ W
        scale = np.trace(square) / len(W)
        unit = np.eye(len(W))
        orthogonal = np.allclose(square, scale * unit, atol=1e-6 * scale, rtol=0)
        if not orthogonal or (scale and np.allclose(np.abs(W), np.sqrt(scale) * unit)):  # the identity turns nothing
            return None
        h = tape.states[0, 1:]
        return float(0.5 * np.log10(scale) + 0.5 * np.log10(np.mean((1 - h * h) ** 2)))
