"""The layers that others are made of: one that recurs, dropout, and an embedding.

`rnnbook.nn.contract.Layer` says what a layer does. `Recurrent` calls `rnnbook.nn.scan`, which owns time; nothing here
steps through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnbook.nn.checks import (
    as_array,
    as_floats,
    check_arrays,
    check_count,
    check_dtype,
    check_finite,
    check_number,
    check_option,
    check_rng,
    check_shape,
)
from rnnbook.nn.contract import Layer
from rnnbook.nn.inputs import check_cell, check_mask, check_truncate, real_steps
from rnnbook.nn.layers import check_tokens, embed, embed_backward
from rnnbook.nn.params import init_params
from rnnbook.nn.scan import bptt, unroll
from rnnbook.nn.tape import Backward

FRESH = ("step", "sequence")


@dataclass(frozen=True, repr=False)
class Recurrent(Layer):
    """One recurrent layer.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The equations of a step.
    H : int
        Hidden units.
    drop : float
        Rate at which h_{t-1} is dropped where W_hh sees it, and nowhere else. What stays is divided by 1 - rate.
    fresh : {"sequence", "step"}
        "sequence": one draw for all steps of a call; "step": a new draw at every step. A carried state does not carry
        the draw: each call draws anew.
    by_gate : bool
        Whether each gate has a mask of its own, as in Keras and the paper's untied variant; else all have the same.

    Raises
    ------
    TypeError
        If `cell` is not a cell, or `H` not a whole number.
    ValueError
        If `H` is below 1, `drop` outside [0, 1), or `fresh` unknown.

    References
    ----------
    Gal & Ghahramani (2016), "A theoretically grounded application of dropout in recurrent neural networks", NIPS,
    section 4: one mask for the whole sequence.

    Examples
    --------
    >>> from rnnbook import LSTM
    >>> layer = Recurrent(LSTM(), 4)
    >>> params = layer.init(3, np.random.default_rng(0))
    >>> y, (h, c), tape = layer.forward(params, np.zeros((5, 2, 3)))
    >>> y.shape, layer.backward(params, tape, dstate=(h, c)).x.shape
    ((5, 2, 4), (5, 2, 3))
    """

    cell: object
    H: int
    drop: float = 0.0
    fresh: str = "sequence"
    by_gate: bool = False

    def __post_init__(self):
        check_cell(self.cell)
        check_count("H", self.H)
        check_number("drop", self.drop, below=1)
        check_option("fresh", self.fresh, FRESH)
        if not isinstance(self.by_gate, bool):
            raise TypeError(f"by_gate is True or False; got {self.by_gate!r}")

    def width(self, D):
        return self.H

    def names(self):
        return self.cell.keys

    def input_size(self, params):
        return len(params["W_xh"])

    def init(self, D, rng, **start):
        return init_params(self.cell, D, self.H, rng, **start)

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        check_names(self, params)
        check_shape("W_hh", params["W_hh"], "H G*H", (self.H, self.cell.gates * self.H))
        x = as_array("x", x)
        T, N = x.shape[:2] if x.ndim == 3 else (1, 1)  # anything else is refused by unroll
        shape = (T if self.fresh == "step" else 1, self.cell.gates if self.by_gate else 1, N, self.H)
        return unroll(self.cell, params, x, state, workspace, mask, _kept(rng, self.drop, shape, float))

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        shape, dtype = tape.gates.shape[1:], tape.gates.dtype
        dy = np.broadcast_to(np.zeros((), dtype), shape) if dy is None else check_gradient(dy, shape)
        return bptt(self.cell, params, tape, dy, dstate, truncate, workspace)

    def last(self, state, tape, below=None):
        return state[0]

    def last_backward(self, d, state, tape):
        return (d, *map(np.zeros_like, state[1:])), None


class DropoutTape(NamedTuple):
    """What `Dropout` leaves for the way back: shape and dtype of its input, the mask of real steps, what was kept."""

    shape: tuple
    dtype: np.dtype
    mask: np.ndarray | None
    keep: np.ndarray | None

    def last_keep(self):
        """What was kept at the last real step of each sequence, (N, D)."""
        if self.mask is None or len(self.keep) == 1:
            return self.keep[-1]
        last = len(self.mask) - 1 - self.mask[::-1].argmax(axis=0)
        return self.keep[last, np.arange(len(last))]


@dataclass(frozen=True, repr=False)
class Dropout(Layer):
    """Dropout between layers: some of the features are 0, the others divided by 1 - rate.

    Parameters
    ----------
    rate : float
        Share of the features that is dropped.
    fresh : {"step", "sequence"}
        Whether every step has a mask of its own, as between PyTorch's layers, or all steps the same, as Keras' option
        `dropout` of a recurrent layer has.

    Raises
    ------
    ValueError
        If `rate` is outside [0, 1), or `fresh` unknown.

    References
    ----------
    Zaremba, Sutskever & Vinyals (2014), "Recurrent neural network regularization", arXiv:1409.2329, section 3.1, for
    "step"; Gal & Ghahramani (2016), section 4, for "sequence".

    Examples
    --------
    >>> layer, x = Dropout(0.5), np.ones((1, 1, 8))
    >>> sorted(set(layer.forward({}, x, rng=np.random.default_rng(0))[0].ravel().tolist()))
    [0.0, 2.0]
    >>> layer.forward({}, x)[0].ravel().tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """

    rate: float
    fresh: str = "step"

    def __post_init__(self):
        check_number("rate", self.rate, below=1)
        check_option("fresh", self.fresh, FRESH)

    def width(self, D):
        return D

    def names(self):
        return ()

    def input_size(self, params):
        return None

    def init(self, D, rng, **start):
        return {}

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        _without_state(self, "state", state)
        x, mask = check_sequence(x, mask)
        keep = _kept(rng, self.rate, (len(x) if self.fresh == "step" else 1, *x.shape[1:]), x.dtype)
        return _dropped(x, keep), (), DropoutTape(x.shape, x.dtype, mask, keep)

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        _without_state(self, "dstate", dstate)
        check_truncate(truncate)
        if not isinstance(tape, DropoutTape):
            raise no_tape(self, tape)
        if dy is None:
            return Backward({}, np.zeros(tape.shape, tape.dtype), (), ())
        dy = real_steps(check_gradient(dy, tape.shape), tape.mask)
        return Backward({}, _dropped(dy, tape.keep), (), ())

    def last(self, state, tape, below=None):
        return below if below is None or tape.keep is None else below * tape.last_keep()

    def last_backward(self, d, state, tape):
        return (), d if tape.keep is None else d * tape.last_keep()


@dataclass(frozen=True, repr=False)
class Embedding(Layer):
    """A vector of its own for each token, in the rows of ``E``.

    Parameters
    ----------
    V : int
        Tokens there are.
    D : int
        Features of a vector.
    scale : float
        Of the start: `scale` times N(0, 1).

    Raises
    ------
    TypeError
        If a size is not a whole number, or `scale` not a number.
    ValueError
        If a size is below 1, or `scale` not above 0.

    Examples
    --------
    >>> layer = Embedding(5, 2)
    >>> params = layer.init(5, np.random.default_rng(0))
    >>> layer.forward(params, np.array([[0], [4]]))[0].shape
    (2, 1, 2)
    """

    V: int
    D: int
    scale: float = 1.0

    def __post_init__(self):
        check_count("V", self.V)
        check_count("D", self.D)
        check_number("scale", self.scale, above=True)

    @property
    def reads_tokens(self):
        return True

    def width(self, D):
        return self.D

    def names(self):
        return ("E",)

    def input_size(self, params):
        return self.V

    def init(self, D, rng, *, dtype=np.float64, **start):
        check_count("the input size", D)
        if D != self.V:
            raise ValueError(f"{self} reads {self.V} different tokens; the input size is {D}")
        check_rng(rng)
        check_dtype(dtype)
        return {"E": (self.scale * rng.normal(size=(self.V, self.D))).astype(dtype)}

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        _without_state(self, "state", state)
        tokens = as_array("tokens", x)
        if tokens.ndim != 2:
            raise ValueError(f"tokens have shape (T, N); got {tokens.shape}")
        mask = check_mask(mask, tokens)
        tokens = check_tokens(real_steps(tokens, mask), self.V)
        check_shape("E", params["E"], "V D", (self.V, self.D))
        return embed(params, tokens), (), (tokens, mask)

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        _without_state(self, "dstate", dstate)
        check_truncate(truncate)
        tokens, mask = check_parts(self, tape, 2)
        if dy is None:
            return Backward({"E": np.zeros_like(params["E"])}, None, (), ())
        dy = real_steps(check_gradient(dy, (*tokens.shape, self.D)), mask)
        return Backward(embed_backward(params, tokens, dy), None, (), ())

    def last(self, state, tape, below=None):
        return None

    def last_backward(self, d, state, tape):
        return (), None


def check_names(layer, params):
    """Refuse the parameters of another composition; names without a dot, such as the readout's, are not looked at."""
    names = layer.names()
    if names or not isinstance(params, Mapping):
        check_arrays(layer, params, names, finite=False)
    others = [name for name in params if "." in str(name) and name not in names]
    if others:
        raise ValueError(f"{layer} has params {', '.join(names)}; {', '.join(map(str, others))} left over")


def check_parts(layer, tape, parts):
    """The parts of a tape that the layer's own `forward` returned."""
    if not isinstance(tape, tuple) or len(tape) != parts:
        raise no_tape(layer, tape)
    return tape


def no_tape(layer, tape):
    """The error of a tape that is another layer's."""
    size = f" of {len(tape)}" if isinstance(tape, tuple) else ""
    return TypeError(f"tape of {layer} is what its forward returned third; got {type(tape).__name__}{size}")


def _dropped(x, keep):
    """What is left of x; a read-only view where all of it is, so that no one writes into the caller's array."""
    if keep is not None:
        return x * keep.astype(x.dtype, copy=False)
    view = x.view()
    view.flags.writeable = False
    return view


def _without_state(layer, name, state):
    if state is not None and (not isinstance(state, tuple | list) or len(state)):
        raise ValueError(f"{name} of {layer} is (), since it has none; got {type(state).__name__}")


def check_sequence(x, mask):
    """Inputs (T, N, D) for a layer that does not look at their size, 0 where a step is padding; and the mask."""
    x = as_floats("x", x, hint="; turn tokens into vectors with one_hot or Embedding")
    check_shape("x", x, "T N D", (None, None, None))
    mask = check_mask(mask, x)
    x = real_steps(x, mask)
    check_finite("x", x)
    return x, mask


def check_gradient(dy, shape, dtype=None):
    """The loss's gradient by the outputs of a layer."""
    dy = as_floats("dy", dy, dtype)
    check_shape("dy", dy, "T N D", shape)
    return dy


def _kept(rng, rate, shape, dtype):
    """1 / (1 - rate) for what stays, 0 for what is dropped; None while nothing is."""
    check_rng(rng, optional=True)
    if rng is None or not rate:
        return None
    return ((rng.random(shape) >= rate) / (1 - rate)).astype(dtype)
