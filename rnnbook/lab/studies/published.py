"""Layers as a published network on reviews has them: one-hot words, and a way back with two faults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnbook.nn import Embedding, Recurrent
from rnnbook.nn.checks import check_count, check_instance
from rnnbook.nn.contract import Layer
from rnnbook.nn.recurrent import check_names, check_parts
from rnnbook.nn.tape import Backward


@dataclass(frozen=True, repr=False)
class OneHot(Layer):
    """A recurrent layer on one-hot words, without the ones: each word's row of W_xh is looked up.

    ``one_hot(x_t) W_xh`` is row x_t of W_xh, so states and gradients are those of the recurrent layer on one-hot
    vectors, at the cost of an embedding. (The rows go through an identity in place of W_xh, which changes no number.)

    Parameters
    ----------
    V : int
        Tokens there are.
    layer : Recurrent
        What reads them. The parameters are its own, under the same names.

    Raises
    ------
    TypeError
        If `V` is not a whole number, or `layer` not a recurrent layer.
    ValueError
        If `V` is below 1.

    Examples
    --------
    >>> from rnnbook import RNN
    >>> layer = OneHot(5, Recurrent(RNN(), 2))
    >>> params = layer.init(5, np.random.default_rng(0))
    >>> y, _, _ = layer.forward(params, np.array([[3]]))
    >>> bool((y[0, 0] == np.tanh(params["W_xh"][3] + params["b_h"])).all())
    True
    """

    V: int
    layer: object

    def __post_init__(self):
        check_count("V", self.V)
        check_instance("layer", self.layer, Recurrent, "Recurrent")

    @property
    def reads_tokens(self):
        return True

    def width(self, D):
        return self.layer.width(D)

    def names(self):
        return self.layer.names()

    def input_size(self, params):
        return self.V

    def init(self, D, rng, **start):
        return self.layer.init(self.V, rng, **start)

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        check_names(self, params)
        rows, _, looked_up = self._table.forward({"E": params["W_xh"]}, x, None, mask)
        y, state, tape = self.layer.forward(self._identity(params), rows, state, mask, rng, workspace)
        return y, state, (looked_up, tape)

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        looked_up, tape = check_parts(self, tape, 2)
        back = self.layer.backward(self._identity(params), tape, dy, dstate, truncate, workspace)
        table = self._table.backward({"E": params["W_xh"]}, looked_up, back.x)
        return back._replace(params=back.params | {"W_xh": table.params["E"]}, x=None)

    def last(self, state, tape, below=None):
        return self.layer.last(state, tape[1])

    def last_backward(self, d, state, tape):
        return self.layer.last_backward(d, state, tape[1])

    @property
    def _table(self):
        return Embedding(self.V, self.layer.cell.gates * self.layer.H)

    def _identity(self, params):
        W_xh = params["W_xh"]
        return params | {"W_xh": np.eye(W_xh.shape[1], dtype=W_xh.dtype)}


@dataclass(frozen=True, repr=False)
class Faulty(Recurrent):
    """A recurrent layer whose way forward is right, and whose way back has the faults of a published network.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The equations of a step.
    H : int
        Hidden units.
    drop : float
        As for `Recurrent`.
    fresh : {"sequence", "step"}
        As for `Recurrent`.
    by_gate : bool
        As for `Recurrent`.
    untransposed : bool
        Whether W_hh stands on the way back where its transpose belongs: ``delta_t W_hh`` in place of
        ``delta_t W_hh.T``.
    steps : int, optional
        How many steps the way back goes from the last one; all if not given.

    Raises
    ------
    TypeError
        If a setting is not of its kind.
    ValueError
        If `steps` is below 1, or the cell has more than one gate, whose blocks W_hh.T would mix up.

    Examples
    --------
    >>> from rnnbook import RNN
    >>> layer, x = Faulty(RNN(), 2, steps=1), np.ones((3, 1, 1))
    >>> params = layer.init(1, np.random.default_rng(0))
    >>> y, state, tape = layer.forward(params, x)
    >>> layer.backward(params, tape, dstate=state).x.ravel().round(2).astype(bool).tolist()
    [False, False, True]
    """

    untransposed: bool = False
    steps: int | None = None

    def __post_init__(self):
        super().__post_init__()
        if not isinstance(self.untransposed, bool):
            raise TypeError(f"untransposed is True or False; got {self.untransposed!r}")
        if self.untransposed and self.cell.gates > 1:
            raise ValueError(f"untransposed is for a cell of one gate, whose W_hh is square; got {self.cell}")
        if self.steps is not None:
            check_count("steps", self.steps)

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        if self.untransposed:
            params = params | {"W_hh": np.ascontiguousarray(params["W_hh"].T)}
        T = len(tape.x)
        cut = 0 if self.steps is None else max(0, T - self.steps)
        if not cut:
            return super().backward(params, tape, dy, dstate, truncate, workspace)
        end = super().backward(params, tape.part(cut, T), None if dy is None else dy[cut:], dstate, truncate, workspace)
        x, states = np.zeros_like(tape.x), np.zeros((len(end.states), T, *end.states.shape[2:]), end.states.dtype)
        x[cut:], states[:, cut:] = end.x, end.states
        return Backward(end.params, x, tuple(map(np.zeros_like, end.state)), states)
