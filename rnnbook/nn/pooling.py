"""The mean over the steps so far, as a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnbook.nn.checks import as_floats, check_finite, check_shape
from rnnbook.nn.contract import Layer
from rnnbook.nn.inputs import check_truncate, real_steps
from rnnbook.nn.recurrent import check_gradient, check_sequence, no_tape
from rnnbook.nn.tape import Backward


class MeanTape(NamedTuple):
    """What `Mean` leaves for the way back: sums and counts after every step (T, N, D + 1), and the mask."""

    sums: np.ndarray
    mask: np.ndarray | None


@dataclass(frozen=True, repr=False)
class Mean(Layer):
    """The mean over the real steps so far, their sum over their number.

    On a recurrent layer it is the mean of all states, which a model with ``steps="last"`` then reads in place of the
    last one. It has no parameters. The state is one array (N, D + 1): the sums of the D features, and in the last
    column how many steps were added. Where a step is padding it stays as it is; before the first real step the mean
    is 0.

    References
    ----------
    Lin, Chen & Yan (2014), "Network in network", ICLR, take the mean over all places of an image; here the places are
    steps.

    Examples
    --------
    >>> x = np.array([1.0, 3.0, 8.0]).reshape(3, 1, 1)
    >>> y, (sums,), tape = Mean().forward({}, x)
    >>> y.ravel().tolist(), sums.tolist()
    ([1.0, 2.0, 4.0], [[12.0, 3.0]])
    >>> from rnnbook import GRU, Model, Recurrent, Stack
    >>> model = Model(Stack((Recurrent(GRU(), 4), Mean())), "logistic", "last")
    >>> params = model.init_params(1, None, 1, np.random.default_rng(0))
    >>> model.predict(params, x)[0].shape
    (1, 1)
    """

    def width(self, D):
        return D

    def names(self):
        return ()

    def input_size(self, params):
        return None

    def init(self, D, rng, **start):
        return {}

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        x, mask = check_sequence(x, mask)
        T, N, D = x.shape
        if not x.size:
            raise ValueError(f"x has shape (T, N, D) with at least one step and one sequence; got {x.shape}")
        added = np.ones((T, N, D + 1), x.dtype)  # a step adds its features to the sums, and 1 to the count
        added[:, :, :D] = x
        added = real_steps(added, mask)
        if state is not None:
            added[:1] += _checked(self, "state", state, (N, D + 1), x.dtype)
        sums = added.cumsum(axis=0)
        return _means(sums), (sums[-1].copy(),), MeanTape(sums, mask)

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        check_truncate(truncate)
        if not isinstance(tape, MeanTape):
            raise no_tape(self, tape)
        sums, mask = tape
        T, N, D = sums.shape[0], sums.shape[1], sums.shape[2] - 1
        ds = np.zeros_like(sums) if dy is None else _means_back(check_gradient(dy, (T, N, D), sums.dtype), sums)
        if dstate is not None:
            ds[-1] += _checked(self, "dstate", dstate, (N, D + 1), sums.dtype, finite=False)
        for start in range(0, T, truncate or T):
            block = ds[start : start + (truncate or T)]
            block[:] = block[::-1].cumsum(axis=0)[::-1]  # a sum has a part in all means from its step on
        return Backward({}, real_steps(ds[:, :, :D], mask), (ds[0].copy(),), ds[None])

    def last(self, state, tape, below=None):
        return _means(state[0])

    def last_backward(self, d, state, tape):
        return (_means_back(d, state[0]),), None


def _counts(sums):
    """How many steps were added, (..., 1); 1 where there was none, so that the mean of none is 0."""
    return np.where(sums[..., -1:] == 0, 1, sums[..., -1:]).astype(sums.dtype, copy=False)


def _means(sums):
    """Sums divided by counts, (..., D + 1) to (..., D)."""
    return sums[..., :-1] / _counts(sums)


def _means_back(dm, sums):
    """The way back from the means: by sums and count."""
    n = _counts(sums)
    return np.concatenate([dm / n, -(dm * sums[..., :-1]).sum(axis=-1, keepdims=True) / n**2], axis=-1)


def _checked(layer, name, state, shape, dtype, finite=True):
    """The one array of a state, or of the gradient of one."""
    if not isinstance(state, tuple | list) or len(state) != 1:
        given = f"{len(state)} of them" if isinstance(state, tuple | list) else type(state).__name__
        raise ValueError(f"{name} of {layer} is a tuple (sums,) of one array {shape}; got {given}")
    array = as_floats(f"{name} sums", state[0], dtype)
    check_shape(f"{name} sums", array, "N D+1", shape)
    if finite:
        check_finite(f"{name} sums", array)
        if array[:, -1].min(initial=0) < 0:
            raise ValueError(f"the last column of {name} sums counts steps, at least 0; got {array[:, -1].min()}")
    return array
