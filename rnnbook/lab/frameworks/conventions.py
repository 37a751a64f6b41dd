"""One set of GRU weights, read as others read it: which way z points, where r acts, how many biases."""

from __future__ import annotations

import numpy as np

from rnnbook.nn import GRU, unroll
from rnnbook.nn.checks import check_arrays, check_dict, check_option, check_shape
from rnnbook.nn.inputs import check_params

KEEPS = ("old", "new")  # what z = 1 takes: the old state or the candidate
BIASES = ("two", "one")  # whether n has a recurrent bias of its own
USERS = {  # who reads weights how: (z takes, reset, biases)
    "PyTorch nn.GRU": ("old", "after", "two"),
    "Keras GRU": ("old", "after", "two"),
    "Keras GRU(reset_after=False)": ("old", "before", "one"),
    "Cho et al. 2014 (EMNLP)": ("old", "before", "one"),
    "Chung et al. 2014": ("new", "before", "one"),
}
UNWRITTEN = ("Cho et al. 2014 (EMNLP)", "Chung et al. 2014")  # equations without biases: there is room for one


def _blocks(b_h):
    r, z, n = np.split(b_h, 3, axis=-1)
    return r, z, n


def flip_z(params):
    """The same network for a cell whose z points the other way.

    ``1 - sigmoid(a) = sigmoid(-a)``: the block of z changes its sign in W_xh, W_hh and b_h, and nothing else.

    Parameters
    ----------
    params : dict of str to ndarray
        Of a GRU; not changed.

    Returns
    -------
    dict of str to ndarray
        New arrays for W_xh, W_hh and b_h. Twice is no change.

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If `params` is not a dict of arrays of one floating point dtype.
    ValueError
        If a shape is not that of a GRU.

    Examples
    --------
    >>> flip_z({"W_xh": np.ones((1, 3)), "W_hh": np.ones((1, 3)), "b_h": np.ones(3)})["b_h"].tolist()
    [1.0, -1.0, 1.0]
    """
    check_dict("params of a GRU", params)
    check_params(GRU("after" if "b_hn" in params else "before"), params)
    flipped = {}
    for key in ("W_xh", "W_hh", "b_h"):
        r, z, n = _blocks(params[key])
        flipped[key] = np.concatenate([r, -z, n], axis=-1)
    return {**params, **flipped}


def merge_biases(params):
    """Both biases of n in one, outside the product with r.

    Parameters
    ----------
    params : dict of str to ndarray
        Of a GRU with its reset gate after the product; not changed.

    Returns
    -------
    dict of str to ndarray
        b_hn added to n's block of b_h, and zero itself. The same network only where r is 1 or b_hn is 0.

    Raises
    ------
    KeyError
        If a bias is missing.
    TypeError
        If `params` is not a dict of arrays of one floating point dtype.
    ValueError
        If b_h is not three times as long as b_hn.

    Examples
    --------
    >>> merged = merge_biases({"b_h": np.zeros(3), "b_hn": np.ones(1)})
    >>> merged["b_h"].tolist(), merged["b_hn"].tolist()
    ([0.0, 0.0, 1.0], [0.0])
    """
    check_arrays("a GRU", params, ("b_h", "b_hn"))
    check_shape("b_hn", params["b_hn"], "H", (None,))
    check_shape("b_h", params["b_h"], "3H", (3 * len(params["b_hn"]),))
    r, z, n = _blocks(params["b_h"])
    return {**params, "b_h": np.concatenate([r, z, n + params["b_hn"]]), "b_hn": np.zeros_like(params["b_hn"])}


def read_as(params, x, *, z="old", reset="after", biases="two", state=None):
    """Run weights as they stand through a GRU of another convention.

    The package's cell has z keep the old state. A cell whose z takes the new one is the same cell with z's block
    negated, so that is what is run: every convention goes through the one `unroll`.

    Parameters
    ----------
    params : dict of str to ndarray
        Of ``GRU(reset="after")``, with both biases.
    x : ndarray
        Inputs (T, N, D).
    z : {"old", "new"}
        What z = 1 takes.
    reset : {"after", "before"}
        Where r acts. Before the product there is no place for a second bias: it is added to the first.
    biases : {"two", "one"}
        Whether n's recurrent bias is multiplied by r.
    state : tuple of ndarray, optional
        Initial state (h,).

    Returns
    -------
    ndarray
        The hidden states (T, N, H).

    Raises
    ------
    ValueError
        If an option is unknown, or the parameters do not fit.

    Examples
    --------
    >>> from rnnbook import init_params
    >>> rng = np.random.default_rng(0)
    >>> params, x = init_params(GRU(), 2, 3, rng), rng.normal(size=(5, 1, 2))
    >>> here, there = read_as(params, x), read_as(params, x, z="new")
    >>> bool(np.allclose(here, there)), bool(np.allclose(here, read_as(flip_z(params), x, z="new")))
    (False, True)
    """
    check_option("z", z, KEEPS)
    check_option("reset", reset, ("after", "before"))
    check_option("biases", biases, BIASES)
    check_params(GRU(), params)
    if z == "new":
        params = flip_z(params)
    if biases == "one" or reset == "before":
        params = merge_biases(params)
    return unroll(GRU(reset=reset), params, x, state)[0]
