"""A recurrent part and a readout: the loss of one batch and all its gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnbook.nn.checks import as_array, check_arrays, check_count, check_option
from rnnbook.nn.inputs import check_cell
from rnnbook.nn.layers import embed, embed_backward, one_hot, readout, readout_backward
from rnnbook.nn.losses import binary_cross_entropy, softmax_cross_entropy, squared_error
from rnnbook.nn.params import init_params
from rnnbook.nn.scan import bptt, unroll
from rnnbook.nn.tape import Backward
from rnnbook.nn.workspace import check_workspace

LOSSES = {"softmax": softmax_cross_entropy, "logistic": binary_cross_entropy, "squared": squared_error}


class Batch(NamedTuple):
    """Input and target of N sequences.

    Attributes
    ----------
    x : ndarray
        Numbers (T, N, D), or tokens (T, N).
    y : ndarray
        Targets: for the last step (N,) classes or (N, K) numbers, for every step (T, N) or (T, N, K).
    mask : ndarray of bool or None
        True where a target counts, of the shape of y; what is masked is not looked at. None: all count.
    carry : bool
        Whether the last state of the batch before goes on here.
    """

    x: np.ndarray
    y: np.ndarray
    mask: np.ndarray | None = None
    carry: bool = False


class Gradients(NamedTuple):
    """The loss of one batch, with everything that was found on the way back.

    Attributes
    ----------
    loss : float
        The mean over what counts.
    params : dict of str to ndarray
        Gradients by parameter name.
    y : ndarray
        Outputs or logits.
    state : tuple of ndarray
        The last state, to carry on from.
    back : Backward
        Gradients through time.
    """

    loss: float
    params: dict
    y: np.ndarray
    state: tuple
    back: Backward


@dataclass(frozen=True)
class Model:
    """One recurrent layer with a linear readout.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The recurrent part.
    loss : {"softmax", "logistic", "squared"}
        Softmax cross-entropy over classes, binary cross-entropy from logits, or squared error.
    steps : {"last", "every"}
        Which hidden states are read out.

    Raises
    ------
    TypeError
        If `cell` is not a cell.
    ValueError
        If an option is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnbook import RNN
    >>> rng = np.random.default_rng(0)
    >>> model = Model(RNN(), loss="squared", steps="last")
    >>> params = model.init_params(2, 8, 1, rng)
    >>> batch = Batch(rng.normal(size=(10, 4, 2)), np.ones((4, 1)))
    >>> step = model.gradients(params, batch)
    >>> sorted(step.params), step.y.shape
    (['W_hh', 'W_hy', 'W_xh', 'b_h', 'b_y'], (4, 1))
    """

    cell: object
    loss: str = "squared"
    steps: str = "last"

    def __post_init__(self):
        check_cell(self.cell)
        check_option("loss", self.loss, LOSSES)
        check_option("steps", self.steps, ("last", "every"))

    def init_params(self, input_size, hidden_size, output_size, rng, *, embedding_size=None, **start):
        """Draw starting parameters of all parts.

        Parameters
        ----------
        input_size : int
            Features D; the number of tokens V for a model that reads tokens.
        hidden_size : int
            Hidden units H.
        output_size : int
            Outputs or classes K.
        rng : numpy.random.Generator
            The only source of randomness.
        embedding_size : int, optional
            If given, tokens are looked up in an embedding ``E`` (V, embedding_size), N(0, 1).
        **start
            Passed on to `rnnbook.init_params`.

        Returns
        -------
        dict of str to ndarray
            The cell's parameters, ``W_hy`` (H, K) Glorot uniform, ``b_y`` (K,), and ``E`` if asked for.
        """
        for name, size in (("input_size", input_size), ("output_size", output_size)):
            check_count(name, size)
        if embedding_size is not None:
            check_count("embedding_size", embedding_size)
        H, K = hidden_size, output_size
        D = input_size if embedding_size is None else embedding_size
        params = init_params(self.cell, D, H, rng, **start)
        dtype = params["W_hh"].dtype
        params["W_hy"] = (rng.uniform(-1, 1, size=(H, K)) * np.sqrt(6 / (H + K))).astype(dtype)
        params["b_y"] = np.zeros(K, dtype)
        if embedding_size is not None:
            params["E"] = rng.normal(size=(input_size, embedding_size)).astype(dtype)
        return params

    def predict(self, params, x, state=None):
        """Outputs without gradients.

        Parameters
        ----------
        params : dict of str to ndarray
            From `init_params`.
        x : ndarray
            (T, N, D) numbers or (T, N) tokens.
        state : tuple of ndarray, optional
            Initial state.

        Returns
        -------
        y : ndarray
            Outputs or logits, (N, K) for the last step or (T, N, K) for every step.
        state : tuple of ndarray
            The last state.
        """
        self._check(params)
        h, state, _ = unroll(self.cell, params, self.vectors(params, x), state)
        return readout(params, self._read(h)), state

    def gradients(self, params, batch, state=None, truncate=None, workspace=None):
        """Loss of one batch and all gradients.

        Parameters
        ----------
        params : dict of str to ndarray
            From `init_params`.
        batch : Batch
            Inputs and targets.
        state : tuple of ndarray, optional
            Initial state.
        truncate : int, optional
            As in `rnnbook.bptt`.
        workspace : Workspace, optional
            Memory to use again; the gradients through time of an earlier batch in it are lost.

        Returns
        -------
        Gradients
            Loss, gradients, outputs, last state, and the gradients through time.
        """
        self._check(params)
        if not isinstance(batch, Batch):
            raise TypeError(f"batch is a Batch(x, y, mask); got {type(batch).__name__}")
        x = self.vectors(params, batch.x)
        work = check_workspace(workspace)
        h, state, tape = unroll(self.cell, params, x, state, work)
        read = self._read(h)
        y = readout(params, read)
        loss, dy = LOSSES[self.loss](y, batch.y, batch.mask)
        grads, dread = readout_backward(params, read, dy)
        if self.steps == "last":
            dh = work.empty("dh", h.shape, h.dtype)
            dh[:-1], dh[-1] = 0, dread
        else:
            dh = dread
        back = bptt(self.cell, params, tape, dh, truncate=truncate, workspace=work)
        grads.update(back.params)
        if "E" in params:
            grads.update(embed_backward(params, batch.x, back.x))
        return Gradients(loss, grads, y, state, back)

    def vectors(self, params, x):
        """Tokens as vectors, (T, N) to (T, N, D); numbers stay as they are.

        Parameters
        ----------
        params : dict of str to ndarray
            From `init_params`; with ``E`` the tokens are embedded, without it one-hot.
        x : ndarray
            (T, N, D) numbers or (T, N) tokens.

        Returns
        -------
        ndarray
            (T, N, D).
        """
        array = as_array("x", x)
        if array.dtype.kind not in "iu" and "E" not in params:
            return array
        if array.ndim != 2:
            raise ValueError(f"tokens have shape (T, N); got {array.shape}")
        if "E" in params:
            return embed(params, array)
        return one_hot(array, len(params["W_xh"]), params["W_xh"].dtype)

    def _check(self, params):
        embedding = ["E"] if "E" in params else []
        check_arrays(self, params, (*self.cell.keys, "W_hy", "b_y", *embedding), finite=False)

    def _read(self, h):
        return h[-1] if self.steps == "last" else h
