"""Who sees whom: how much each output moves with each input, and what padding moves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients.flow import magnitudes
from rnnbook.nn import Both
from rnnbook.nn.checks import as_floats, check_option, check_shape
from rnnbook.nn.inputs import check_lengths
from rnnbook.nn.stack import check_layer

WAYS = ("both", "there", "back")


class PaddingError(NamedTuple):
    """How far a padded batch is from each sequence alone.

    Attributes
    ----------
    outputs : ndarray
        (T, N), of the outputs at every real step; 0 at padding.
    last : ndarray
        (N,), of the last states.
    """

    outputs: np.ndarray
    last: np.ndarray


def sight(layer, params, x, lengths=None, way="both"):
    """Magnitude of dy_t/dx_k for every pair of an output and an input.

    One backward pass serves all pairs: the sequence is laid side by side once for each number of its outputs, and
    each copy carries the gradient of that number alone.

    Parameters
    ----------
    layer : Layer
        Such as `Recurrent`, `Both` or a `Stack` of them.
    params : dict of str to ndarray
        Its parameters.
    x : ndarray
        Inputs (T, N, D).
    lengths : ndarray of int, optional
        (N,), real steps of each sequence: the rest is masked. Without them every step is read.
    way : {"both", "there", "back"}
        Of `Both` one half of the outputs can be asked for: that of the way there, or of the way back.

    Returns
    -------
    ndarray
        (N, T, T), of sequence n in row t and column k the Frobenius norm of dy_t/dx_k. It is exactly 0 where no way
        leads from the input to the output, and in the rows and columns of masked steps, which have no output. Needs
        room for T times `width` copies of the tape.

    Raises
    ------
    TypeError
        If `layer` is not a layer, or numbers are not floating point.
    ValueError
        If a shape does not fit, a length is not from 1 to T, the layer reads tokens, or half of the outputs is asked
        for of another layer than `Both`.

    References
    ----------
    Schuster & Paliwal (1997), "Bidirectional recurrent neural networks", IEEE Trans. Signal Processing 45(11),
    section II, for which inputs each output can use.

    Examples
    --------
    >>> from rnnbook import RNN, Both, Recurrent
    >>> layer, rng = Both(Recurrent(RNN(), 2)), np.random.default_rng(0)
    >>> params, x = layer.init(1, rng), rng.normal(size=(3, 1, 1))
    >>> [(sight(layer, params, x, way=way)[0] > 0).astype(int).tolist() for way in ("there", "back")]
    [[[1, 0, 0], [1, 1, 0], [1, 1, 1]], [[1, 1, 1], [0, 1, 1], [0, 0, 1]]]
    """
    x, mask = _checked(layer, x, lengths, way)
    (T, N, D), features = x.shape, _features(layer, x.shape[-1], way)
    W = len(features)
    copies = np.tile(x, (1, T * W, 1))  # output by output, number by number, all sequences
    y, _, tape = layer.forward(params, copies, mask=None if mask is None else np.tile(mask, (1, T * W)))
    dy = np.zeros((T, T, W, N, y.shape[-1]), y.dtype)
    for w, feature in enumerate(features):
        dy[np.arange(T), np.arange(T), w, :, feature] = 1 if mask is None else mask
    with np.errstate(over="ignore", invalid="ignore"):
        dx = layer.backward(params, tape, dy.reshape(T, T * W * N, -1)).x
    dx = dx.reshape(T, T, W, N, D).transpose(3, 1, 0, 2, 4)  # sequence, output's step, input's step, output, input
    return magnitudes(dx)


def padding_error(layer, params, x, lengths, way="both", masked=False):
    """How far outputs and last state of each padded sequence are from those of the sequence alone.

    Parameters
    ----------
    layer : Layer
        As for `sight`.
    params : dict of str to ndarray
        Its parameters.
    x : ndarray
        Inputs (T, N, D), with whatever the padding holds.
    lengths : ndarray of int
        (N,), real steps of each sequence.
    way : {"both", "there", "back"}
        As for `sight`. The last state of the way there stands after step T, that of the way back at the first step.
    masked : bool
        Whether the layer is told which steps are padding.

    Returns
    -------
    PaddingError
        Distances, each as a share of the length of what the sequence alone gives.

    Raises
    ------
    TypeError
        If `layer` is not a layer, numbers are not floating point, or `masked` is not True or False.
    ValueError
        If a shape does not fit, a length is not from 1 to T, the layer reads tokens or has no state, or half of the
        outputs is asked for of another layer than `Both`.

    Examples
    --------
    >>> from rnnbook import RNN, Both, Recurrent
    >>> layer, rng = Both(Recurrent(RNN(), 2)), np.random.default_rng(0)
    >>> params, x = layer.init(1, rng), rng.normal(size=(5, 1, 1))
    >>> x[3:] = 0
    >>> [bool(padding_error(layer, params, x, [3], way).last[0] < 1e-12) for way in ("there", "back")]
    [False, True]
    >>> params["back.b_h"] += 1  # what was harmless with biases of zero is so no longer
    >>> (padding_error(layer, params, x, [3], "back").outputs[:, 0] > 0.1).tolist()
    [True, True, True, False, False]
    """
    if not isinstance(masked, bool):
        raise TypeError(f"masked is True or False; got {masked!r}")
    x, mask = _checked(layer, x, lengths, way)
    features = _features(layer, x.shape[-1], way)
    y, last = _run(layer, params, x, mask if masked else None)
    found = PaddingError(np.zeros(mask.shape), np.zeros(mask.shape[1]))
    for n, length in enumerate(mask.sum(axis=0)):
        alone_y, alone_last = _run(layer, params, x[:length, n : n + 1], None)
        found.outputs[:length, n] = _off(y[:length, n, features], alone_y[:, 0, features])
        found.last[n] = _off(last[n, features], alone_last[0, features])
    return found


def _checked(layer, x, lengths, way):
    """The inputs and the mask, of a layer that such a question can be asked of."""
    check_layer(layer)
    check_option("way", way, WAYS)
    if layer.reads_tokens:
        raise ValueError(f"x is numbers (T, N, D), to have a gradient; {layer} reads tokens")
    if way != "both" and not isinstance(layer, Both):
        raise ValueError(f"only Both has a way {way} that can be asked for alone; got {layer}")
    x = as_floats("x", x)
    check_shape("x", x, "T N D", (None, None, None))
    return x, None if lengths is None else check_lengths(lengths, x)


def _features(layer, D, way):
    """Which of the outputs are meant."""
    half = layer.width(D) // 2
    return {"both": range(layer.width(D)), "there": range(half), "back": range(half, 2 * half)}[way]


def _run(layer, params, x, mask):
    """The outputs (T, N, width) and the last states (N, width) of all sequences."""
    y, state, tape = layer.forward(params, x, mask=mask)
    last = layer.last(state, tape)
    if last is None:
        raise ValueError(f"{layer} has no last state")
    return y, last


def _off(found, true):
    """The distance as a share of the true vector's length; of one without a length, the distance."""
    distance, length = (np.linalg.norm(array, axis=-1) for array in (found - true, true))
    return distance / np.where(length > 0, length, 1)
