"""Layers of layers: both directions, residual, stack. What is composed is a layer again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnbook.nn.checks import as_array
from rnnbook.nn.contract import Cell, Layer
from rnnbook.nn.inputs import check_mask, check_truncate, real_steps
from rnnbook.nn.recurrent import check_gradient, check_names, check_parts, check_sequence
from rnnbook.nn.tape import Backward
from rnnbook.nn.workspace import check_workspace

WAYS = ("there", "back")  # of Both: from the first step on, and from the last


@dataclass(frozen=True, repr=False)
class Both(Layer):
    """A layer that reads from both ends: two of a kind, one for each way, their outputs side by side.

    Where a sequence is padded, each way leaves its state as it is over the padding. Such a layer can neither be
    truncated nor carry its state from block to block, since the second way starts at the end.

    Parameters
    ----------
    layer : Layer
        What runs each way; the parameters of the two are under ``there.`` and ``back.``.

    Raises
    ------
    TypeError
        If `layer` is not a layer.

    References
    ----------
    Schuster & Paliwal (1997), "Bidirectional recurrent neural networks", IEEE Trans. Signal Processing 45(11).

    Examples
    --------
    >>> from rnnbook import RNN
    >>> layer = Both(Recurrent(RNN(), 4))
    >>> params = layer.init(3, np.random.default_rng(0))
    >>> y, (there, back), tape = layer.forward(params, np.ones((5, 2, 3)))
    >>> y.shape, bool((y[-1, :, :4] == there[0]).all()), bool((y[0, :, 4:] == back[0]).all())
    ((5, 2, 8), True, True)
    """

    layer: object

    def __post_init__(self):
        check_layer(self.layer)

    @property
    def reads_ahead(self):
        return True

    @property
    def reads_tokens(self):
        return self.layer.reads_tokens

    def width(self, D):
        return 2 * self.layer.width(D)

    def names(self):
        names = self.layer.names()  # once: where they nest, a call for each way would double at every level
        return tuple(f"{way}.{name}" for way in WAYS for name in names)

    def input_size(self, params):
        return self.layer.input_size(part(params, "there."))

    def init(self, D, rng, **start):
        there, back = (self.layer.init(D, rng, **start) for _ in WAYS)
        return named("there.", there) | named("back.", back)

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        check_names(self, params)
        state_there, state_back = check_nested(self, "state", state, 2)
        x, work, (there, back) = as_array("x", x), check_workspace(workspace), self._ways(params)
        mask = check_mask(mask, x)
        turned = None if mask is None else mask[::-1]
        y_there, *there = self.layer.forward(there, x, state_there, mask, rng, work.part("there"))
        y_back, *back = self.layer.forward(back, x[::-1], state_back, turned, rng, work.part("back"))
        y = np.concatenate([y_there, y_back[::-1]], axis=-1)
        states, tapes = zip(there, back, strict=True)
        return y, states, (*tapes, y.shape)

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        check_names(self, params)
        check_whole(self, truncate)
        (tape_there, tape_back, shape), work = check_parts(self, tape, 3), check_workspace(workspace)
        dstate_there, dstate_back = check_nested(self, "dstate", dstate, 2)
        dy_there, dy_back = (None, None) if dy is None else np.split(check_gradient(dy, shape), 2, axis=-1)
        dy_back = None if dy_back is None else dy_back[::-1]
        there, back = self._ways(params)
        there = self.layer.backward(there, tape_there, dy_there, dstate_there, None, work.part("there"))
        back = self.layer.backward(back, tape_back, dy_back, dstate_back, None, work.part("back"))
        dx = None if there.x is None else there.x + back.x[::-1]
        grads = named("there.", there.params) | named("back.", back.params)
        return Backward(grads, dx, (there.state, back.state), (there.states, back.states))

    def _ways(self, params):
        return part(params, "there."), part(params, "back.")

    def last(self, state, tape, below=None):
        # The second way ends at the first step, to which `below`, of the last step, does not belong.
        there, back = (self.layer.last(*way) for way in zip(state, tape[:2], (below, None), strict=True))
        return None if there is None or back is None else np.concatenate([there, back], axis=-1)

    def last_backward(self, d, state, tape):
        halves = zip(np.split(d, 2, axis=-1), state, tape[:2], strict=True)
        (there, below), (back, _) = (self.layer.last_backward(*half) for half in halves)
        return (there, back), below


@dataclass(frozen=True, repr=False)
class Residual(Layer):
    """A layer with a way around it: ``y = x + layer(x)``.

    Parameters
    ----------
    layer : Layer
        With as many outputs as inputs. The parameters are its own, under the same names.

    Raises
    ------
    TypeError
        If `layer` is not a layer.
    ValueError
        If it reads tokens.

    References
    ----------
    He, Zhang, Ren & Sun (2016), "Deep residual learning for image recognition", CVPR, eq. (1).

    Examples
    --------
    >>> from rnnbook import RNN
    >>> layer = Residual(Recurrent(RNN(), 3))
    >>> params = layer.init(3, np.random.default_rng(0), gain=0.0, input_scale=0.0)
    >>> layer.forward(params, np.ones((1, 1, 3)))[0].tolist()
    [[[1.0, 1.0, 1.0]]]
    """

    layer: object

    def __post_init__(self):
        check_layer(self.layer)
        if self.layer.reads_tokens:
            raise ValueError(f"what goes around {self.layer} would be tokens, which cannot be added to its output")

    @property
    def reads_ahead(self):
        return self.layer.reads_ahead

    def width(self, D):
        if self.layer.width(D) != D:
            raise ValueError(f"{self} adds its input to its output: {D} features to {self.layer.width(D)}")
        return D

    def names(self):
        return self.layer.names()

    def input_size(self, params):
        return self.layer.input_size(params)

    def init(self, D, rng, **start):
        self.width(D)
        return self.layer.init(D, rng, **start)

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        x, mask = check_sequence(x, mask)
        self.width(x.shape[-1])
        y, state, tape = self.layer.forward(params, x, state, mask, rng, workspace)
        y = x.astype(y.dtype, copy=False) + y
        return y, state, (tape, mask, y)

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        tape, mask, y = check_parts(self, tape, 3)
        dy = None if dy is None else check_gradient(dy, y.shape, y.dtype)
        back = self.layer.backward(params, tape, dy, dstate, truncate, workspace)
        return back._replace(x=real_steps(back.x if dy is None else back.x + dy, mask))

    def last(self, state, tape, below=None):
        inner = self.layer.last(state, tape[0], below)
        return None if below is None or inner is None else below + inner

    def last_backward(self, d, state, tape):
        dstate, below = self.layer.last_backward(d, state, tape[0])
        return dstate, d if below is None else d + below


@dataclass(frozen=True, repr=False)
class Stack(Layer):
    """Layers on one another: the output of each is the input of the next.

    Parameters
    ----------
    layers : tuple of Layer
        From the bottom up. Parameters of the first are under ``l0.``, of the next under ``l1.``, and so on; a layer
        without parameters counts as well. The state is a tuple of their states.

    Raises
    ------
    TypeError
        If one is not a layer.
    ValueError
        If there is none, or one that reads tokens stands on another.

    References
    ----------
    Schmidhuber (1992), "Learning complex, extended sequences using the principle of history compression", Neural
    Computation 4(2), and Graves, Mohamed & Hinton (2013), "Speech recognition with deep recurrent neural networks",
    ICASSP, eq. (11).

    Examples
    --------
    >>> from rnnbook import GRU
    >>> layer = Stack((Recurrent(GRU(), 4), Dropout(0.5), Recurrent(GRU(), 2)))
    >>> params = layer.init(3, np.random.default_rng(0))
    >>> sorted(params)
    ['l0.W_hh', 'l0.W_xh', 'l0.b_h', 'l0.b_hn', 'l2.W_hh', 'l2.W_xh', 'l2.b_h', 'l2.b_hn']
    >>> y, state, tape = layer.forward(params, np.ones((5, 1, 3)))
    >>> y.shape, len(state), [back.shape for back in layer.backward(params, tape, y).states if len(back)]
    ((5, 1, 2), 3, [(1, 5, 1, 4), (1, 5, 1, 2)])
    """

    layers: tuple

    def __post_init__(self):
        if not isinstance(self.layers, tuple | list):
            raise TypeError(f"layers is a tuple of layers; got {type(self.layers).__name__}")
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise ValueError("a stack has at least one layer; got none")
        for k, layer in enumerate(self.layers):
            check_layer(layer)
            if k and layer.reads_tokens:
                raise ValueError(f"an embedding reads tokens: it is the lowest layer; got it as layer {k}")

    @property
    def reads_ahead(self):
        return any(layer.reads_ahead for layer in self.layers)

    @property
    def reads_tokens(self):
        return self.layers[0].reads_tokens

    def width(self, D):
        for layer in self.layers:
            D = layer.width(D)
        return D

    def names(self):
        return tuple(f"l{k}.{name}" for k, layer in enumerate(self.layers) for name in layer.names())

    def input_size(self, params):
        for k, layer in enumerate(self.layers):
            size = layer.input_size(part(params, f"l{k}."))
            if size is not None or layer.width(1) != 1:  # what changes the width hides it from those above
                return size
        return None

    def init(self, D, rng, **start):
        params = {}
        for k, layer in enumerate(self.layers):
            params |= named(f"l{k}.", layer.init(D, rng, **start))
            D = layer.width(D)
        return params

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        check_names(self, params)
        firsts, lasts, tapes = check_nested(self, "state", state, len(self.layers)), [], []
        mask, work = check_mask(mask, x), check_workspace(workspace)
        for k, (layer, first) in enumerate(zip(self.layers, firsts, strict=True)):
            x, last, tape = layer.forward(part(params, f"l{k}."), x, first, mask, rng, work.part(k))
            lasts.append(last)
            tapes.append(tape)
        return x, tuple(lasts), tuple(tapes)

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        check_names(self, params)
        check_whole(self, truncate)
        check_parts(self, tape, len(self.layers))
        dstates, work = check_nested(self, "dstate", dstate, len(self.layers)), check_workspace(workspace)
        grads, backs, dx = {}, [], dy
        for k, layer in reversed(list(enumerate(self.layers))):
            back = layer.backward(part(params, f"l{k}."), tape[k], dx, dstates[k], truncate, work.part(k))
            grads = named(f"l{k}.", back.params) | grads
            backs.insert(0, back)
            dx = back.x
        return Backward(grads, dx, *(tuple(getattr(back, name) for back in backs) for name in ("state", "states")))

    def last(self, state, tape, below=None):
        for layer, one, its in zip(self.layers, state, tape, strict=True):
            below = layer.last(one, its, below)
        return below

    def last_backward(self, d, state, tape):
        dstates = [None] * len(self.layers)
        for k, layer in reversed(list(enumerate(self.layers))):
            if d is not None:  # below a recurrent layer nothing of it arrives
                dstates[k], d = layer.last_backward(d, state[k], tape[k])
        return tuple(dstates), d


def part(params, prefix):
    """The parameters of one part, under its own names."""
    return {name.removeprefix(prefix): array for name, array in params.items() if name.startswith(prefix)}


def named(prefix, params):
    """The parameters of one part, under the names that the whole has for them."""
    return {prefix + name: array for name, array in params.items()}


def check_layer(layer):
    """Refuse what is not a layer, such as a cell."""
    if not isinstance(layer, Layer):
        hint = f": Recurrent({layer!r}, H) is one" if isinstance(layer, Cell) else ""
        raise TypeError(
            f"a layer is a Recurrent, Dropout, Embedding, Mean, Both, Residual or Stack; got {layer!r}{hint}"
        )


def check_nested(layer, name, state, parts):
    """A state, or the gradient of one, for each part of a composition; None where nothing is said."""
    if state is None:
        return (None,) * parts
    if not isinstance(state, tuple | list) or len(state) != parts:
        given = f"{len(state)} of them" if isinstance(state, tuple | list) else type(state).__name__
        what = "a pair, for the way there and the way back" if isinstance(layer, Both) else f"{parts}, one a layer"
        raise ValueError(f"{name} of {layer} is a tuple of {what}; got {given}")
    return state


def check_whole(layer, truncate):
    """Refuse to truncate where a later step has a part in an earlier one."""
    check_truncate(truncate)
    if truncate is not None and layer.reads_ahead:
        raise ValueError(f"{layer} reads from both ends: its way back cannot be truncated; got truncate={truncate}")
