"""What stands before and after the recurrent part: one-hot, embedding, readout."""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import as_array, as_floats, check_arrays, check_count, check_dtype, check_shape


def check_tokens(tokens, size, name="tokens"):
    """Refuse tokens that are not whole numbers from 0 to size - 1."""
    tokens = as_array(name, tokens)
    if not tokens.size:
        return tokens.astype(int)
    if tokens.dtype.kind not in "iu":
        raise TypeError(f"{name} are whole numbers; got dtype {tokens.dtype}")
    if tokens.min() < 0 or tokens.max() >= size:
        raise ValueError(f"{name} are from 0 to {size - 1}; got {tokens.min()} to {tokens.max()}")
    return tokens


def one_hot(tokens, size, dtype=np.float64):
    """Tokens as vectors with a single one.

    Parameters
    ----------
    tokens : array_like of int
        Indices from 0 to size - 1, any shape (...).
    size : int
        The number of classes V.
    dtype : numpy dtype
        Of the result.

    Returns
    -------
    ndarray
        Vectors (..., V).

    Raises
    ------
    TypeError
        If tokens are not integers.
    ValueError
        If one is out of range.

    Examples
    --------
    >>> one_hot([2, 0], 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    check_count("size", size)
    check_dtype(dtype)
    tokens = check_tokens(tokens, size)
    vectors = np.zeros((*tokens.shape, size), dtype)
    np.put_along_axis(vectors, tokens[..., None], 1, axis=-1)
    return vectors


def embed(params, tokens):
    """Look up each token's row of the embedding ``E``; the same as ``one_hot(tokens) @ E``.

    Parameters
    ----------
    params : dict of str to ndarray
        With ``E`` (V, D).
    tokens : array_like of int
        Indices from 0 to V - 1, any shape (...).

    Returns
    -------
    ndarray
        Vectors (..., D).

    Raises
    ------
    TypeError
        If tokens are not integers.
    ValueError
        If one is out of range.

    Examples
    --------
    >>> embed({"E": np.array([[1.0, 2.0], [3.0, 4.0]])}, [1, 1]).tolist()
    [[3.0, 4.0], [3.0, 4.0]]
    """
    return _embedding(params)[check_tokens(tokens, len(params["E"]))]


def embed_backward(params, tokens, dx):
    """Gradient of the embedding: every row gets the sum over the places where its token stood.

    Parameters
    ----------
    params : dict of str to ndarray
        With ``E`` (V, D).
    tokens : array_like of int
        What was looked up, (...).
    dx : ndarray
        Gradient of what was returned, (..., D).

    Returns
    -------
    dict of str to ndarray
        ``E`` (V, D).

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> embed_backward({"E": np.zeros((2, 1))}, [1, 1], np.array([[1.0], [2.0]]))["E"].tolist()
    [[0.0], [3.0]]
    """
    E = _embedding(params)
    tokens, dx = check_tokens(tokens, len(E)), as_floats("dx", dx, E.dtype)
    check_shape("dx", dx, "D", (*tokens.shape, E.shape[1]))
    dE = np.zeros_like(E)
    np.add.at(dE, tokens, dx)
    return {"E": dE}


def readout(params, h):
    """The linear layer on top: ``y = h W_hy + b_y``.

    Parameters
    ----------
    params : dict of str to ndarray
        With ``W_hy`` (H, K) and ``b_y`` (K,).
    h : ndarray
        Hidden states (..., H).

    Returns
    -------
    ndarray
        Outputs or logits (..., K).

    Raises
    ------
    KeyError
        If a parameter is missing.
    TypeError
        If parameters or h do not hold floating point numbers, or parameters are of mixed dtype.
    ValueError
        If a shape does not fit, or parameters hold NaN or infinity.

    Examples
    --------
    >>> readout({"W_hy": np.eye(2), "b_y": np.ones(2)}, np.zeros((4, 1, 2))).shape
    (4, 1, 2)
    """
    h = _readable(params, h)
    return h @ params["W_hy"] + params["b_y"]


def readout_backward(params, h, dy):
    """Gradients of the readout's parameters and of the hidden states.

    Parameters
    ----------
    params : dict of str to ndarray
        With ``W_hy`` (H, K) and ``b_y`` (K,).
    h : ndarray
        The hidden states that were read, (..., H).
    dy : ndarray
        Gradient of the outputs, (..., K).

    Returns
    -------
    grads : dict of str to ndarray
        ``W_hy`` (H, K) and ``b_y`` (K,).
    dh : ndarray
        (..., H).

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> params = {"W_hy": np.eye(2), "b_y": np.ones(2)}
    >>> grads, dh = readout_backward(params, np.ones((4, 2)), np.ones((4, 2)))
    >>> grads["b_y"].tolist(), dh.shape
    ([4.0, 4.0], (4, 2))
    """
    h = _readable(params, h)
    H, K = params["W_hy"].shape
    dy = as_floats("dy", dy, h.dtype)
    check_shape("dy", dy, "K", (*h.shape[:-1], K))
    flat_dy = dy.reshape(-1, K)
    grads = {"W_hy": h.reshape(-1, H).T @ flat_dy, "b_y": flat_dy.sum(axis=0)}
    return grads, dy @ params["W_hy"].T


def _embedding(params):
    check_arrays("the embedding", params, ("E",))
    check_shape("E", params["E"], "V D", (None, None))
    return params["E"]


def _readable(params, h):
    dtype = check_arrays("the readout", params, ("W_hy", "b_y"))
    W, h = params["W_hy"], as_floats("h", h, dtype)
    check_shape("W_hy", W, "H K", (None, None))
    check_shape("b_y", params["b_y"], "K", (W.shape[1],))
    if h.ndim == 0 or h.shape[-1] != len(W):
        raise ValueError(f"h has shape (..., H = {len(W)}) for this W_hy; got {h.shape}")
    return h
