"""A recurrent part and a readout: the loss of one batch and all its gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnbook.nn.checks import as_array, check_arrays, check_count, check_dict, check_option, check_rng, check_shape
from rnnbook.nn.contract import Cell, Layer
from rnnbook.nn.inputs import check_lengths, check_mask, real_steps
from rnnbook.nn.layers import embed, embed_backward, one_hot, readout, readout_backward
from rnnbook.nn.losses import binary_cross_entropy, softmax_cross_entropy, squared_error
from rnnbook.nn.recurrent import Recurrent
from rnnbook.nn.stack import check_whole
from rnnbook.nn.tape import Backward

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
    real : ndarray of bool or None
        (T, N), False where a step is padding: neither its x nor its target is looked at, and states stay as they are.
    lengths : ndarray of int or None
        (N,), steps of each sequence, in place of `real` where the padding is on the right.

    Examples
    --------
    >>> x, y = np.zeros((3, 2, 1)), np.zeros((3, 2, 1))
    >>> Batch(x, y, lengths=[3, 1]).real_steps().astype(int).tolist()
    [[1, 1], [1, 0], [1, 0]]
    """

    x: np.ndarray
    y: np.ndarray
    mask: np.ndarray | None = None
    carry: bool = False
    real: np.ndarray | None = None
    lengths: np.ndarray | None = None

    def real_steps(self):
        """Which steps are real, from `real` or `lengths`.

        Returns
        -------
        ndarray of bool or None
            (T, N), or None where all are.

        Raises
        ------
        TypeError
            If `real` is not boolean, or `lengths` are not whole numbers.
        ValueError
            If both are given, a shape does not fit, or a length is outside 1 to T.
        """
        if self.lengths is None:
            return check_mask(self.real, self.x)
        if self.real is not None:
            raise ValueError("a batch has real or lengths; got both")
        return check_lengths(self.lengths, self.x)

    def counted(self, steps):
        """Which targets count: those that `mask` names, and of targets at every step those at real steps.

        Parameters
        ----------
        steps : {"last", "every"}
            Whether there is one target a sequence, or one a step.

        Returns
        -------
        ndarray of bool or None
            Of the shape of the targets, or None where all count.

        Raises
        ------
        ValueError
            If the targets of every step do not begin with the axes T and N, `mask` has another shape than the targets,
            or a sequence with a target for its last state has no real step.
        """
        real, y = self.real_steps(), as_array("y", self.y)
        if real is None:
            return self.mask
        if steps == "last":
            if not real.any(axis=0).all():
                n = int(real.any(axis=0).argmin())
                raise ValueError(f"a target for the last state needs a real step; sequence {n} has none")
            return self.mask
        letters = "T N " + "K " * (y.ndim - 2)
        check_shape("y", y, letters, (*real.shape, *y.shape[2:]))
        real = np.broadcast_to(real.reshape(real.shape + (1,) * (y.ndim - 2)), y.shape)
        if self.mask is None:
            return real
        mask = as_array("mask", self.mask)
        if mask.dtype != bool:
            raise TypeError(f"mask holds True where an entry counts; got dtype {mask.dtype}")
        check_shape("mask", mask, letters, y.shape)
        return real & mask


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
    state : tuple
        The last state, to carry on from.
    back : Backward
        Gradients through time, of the layer.
    """

    loss: float
    params: dict
    y: np.ndarray
    state: tuple
    back: Backward


@dataclass(frozen=True)
class Model:
    """A layer, a linear readout and a loss.

    Parameters
    ----------
    layer : RNN, LSTM, GRU or Layer
        What runs the sequence. A cell stands for one recurrent layer of it, whose size the parameters say.
    loss : {"softmax", "logistic", "squared"}
        Softmax cross-entropy over classes, binary cross-entropy from logits, or squared error.
    steps : {"last", "every"}
        What is read out: the layer's last state, or its output at every step.

    Raises
    ------
    TypeError
        If `layer` is neither a cell nor a layer.
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

    layer: object
    loss: str = "squared"
    steps: str = "last"

    def __post_init__(self):
        if not isinstance(self.layer, Cell | Layer):
            raise TypeError(f"layer is a cell, an instance as RNN(), LSTM() or GRU(), or a layer; got {self.layer!r}")
        check_option("loss", self.loss, LOSSES)
        check_option("steps", self.steps, ("last", "every"))

    @property
    def cell(self):
        """The cell of a model with one recurrent layer."""
        return self.layer if isinstance(self.layer, Cell) else self.layer.cell

    @property
    def reads_ahead(self):
        """Whether an output may depend on later inputs, so that a state cannot be carried from batch to batch."""
        return isinstance(self.layer, Layer) and self.layer.reads_ahead

    def init_params(self, input_size, hidden_size, output_size, rng, *, embedding_size=None, **start):
        """Draw starting parameters of all parts.

        Parameters
        ----------
        input_size : int
            Features D; the number of tokens V for a model that reads tokens.
        hidden_size : int or None
            Hidden units H of a cell; None for a layer, which has its own sizes.
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
            The layer's parameters, ``W_hy`` (H, K) Glorot uniform, ``b_y`` (K,), and ``E`` if asked for.
        """
        for name, size in (("input_size", input_size), ("output_size", output_size)):
            check_count(name, size)
        if embedding_size is not None:
            check_count("embedding_size", embedding_size)
        if isinstance(self.layer, Cell):
            check_count("hidden_size", hidden_size)
        check_rng(rng)
        D = input_size if embedding_size is None else embedding_size
        layer = Recurrent(self.layer, hidden_size) if isinstance(self.layer, Cell) else self.layer
        H, K = layer.width(D), output_size
        if hidden_size not in (None, H):
            raise ValueError(f"hidden_size of {layer} is {H}, or None; got {hidden_size}")
        params = layer.init(D, rng, **start)
        dtype = next((array.dtype for array in params.values()), np.dtype(start.get("dtype", np.float64)))
        params["W_hy"] = (rng.uniform(-1, 1, size=(H, K)) * np.sqrt(6 / (H + K))).astype(dtype)
        params["b_y"] = np.zeros(K, dtype)
        if embedding_size is not None:
            params["E"] = rng.normal(size=(input_size, embedding_size)).astype(dtype)
        return params

    def predict(self, params, x, state=None, mask=None, rng=None):
        """Outputs without gradients; nothing is dropped, unless a generator is given.

        Parameters
        ----------
        params : dict of str to ndarray
            From `init_params`.
        x : ndarray
            (T, N, D) numbers or (T, N) tokens.
        state : tuple, optional
            Initial state.
        mask : ndarray of bool, optional
            (T, N), False where a step is padding.
        rng : numpy.random.Generator, optional
            Draws what the layers drop, as in training: one of the predictions of Monte Carlo dropout.

        Returns
        -------
        y : ndarray
            Outputs or logits, (N, K) of the last state or (T, N, K) for every step.
        state : tuple
            The last state.
        """
        check_rng(rng, optional=True)
        read, state, _ = self._run(self._layer(params), params, x, state, mask, rng, None)
        return readout(params, read), state

    def gradients(self, params, batch, state=None, truncate=None, workspace=None, rng=None):
        """Loss of one batch and all gradients.

        Parameters
        ----------
        params : dict of str to ndarray
            From `init_params`.
        batch : Batch
            Inputs and targets.
        state : tuple, optional
            Initial state.
        truncate : int, optional
            As in `rnnbook.bptt`.
        workspace : Workspace, optional
            Memory to use again; the gradients through time of an earlier batch in it are lost.
        rng : numpy.random.Generator, optional
            Draws what the layers drop; without it nothing is.

        Returns
        -------
        Gradients
            Loss, gradients, outputs, last state, and the gradients through time.

        Raises
        ------
        ValueError
            If something does not fit, or the layer reads from both ends and is to be truncated.
        """
        check_batch(batch)
        check_rng(rng, optional=True)
        layer, real = self._layer(params), batch.real_steps()
        check_whole(layer, truncate)
        read, state, tape = self._run(layer, params, batch.x, state, real, rng, workspace)
        y = readout(params, read)
        loss, dy = LOSSES[self.loss](y, batch.y, batch.counted(self.steps))
        grads, dread = readout_backward(params, read, dy)
        if self.steps == "every":
            back = layer.backward(params, tape, dread, None, truncate, workspace)
        else:
            dstate, _ = layer.last_backward(dread, state, tape)
            back = layer.backward(params, tape, None, dstate, truncate, workspace)
        grads.update(back.params)
        if self._embeds(params):
            tokens = real_steps(as_array("x", batch.x), real)
            grads.update(embed_backward(params, tokens, back.x))
        return Gradients(loss, grads, y, state, back)

    def vectors(self, params, x, mask=None):
        """What the layer reads: tokens as vectors, (T, N) to (T, N, D); numbers stay as they are.

        Parameters
        ----------
        params : dict of str to ndarray
            From `init_params`; with ``E`` the tokens are embedded, without it one-hot, but for a layer that embeds
            them itself.
        x : ndarray
            (T, N, D) numbers or (T, N) tokens.
        mask : ndarray of bool, optional
            (T, N), False where a step is padding, and may hold any token.

        Returns
        -------
        ndarray
            (T, N, D), or the tokens for a layer that embeds them itself.
        """
        array = as_array("x", x)
        embeds = self._embeds(params)
        if not embeds and (array.dtype.kind not in "iu" or self._layer(params).reads_tokens):
            return array
        if array.ndim != 2:
            raise ValueError(f"tokens have shape (T, N); got {array.shape}")
        array = real_steps(array, check_mask(mask, array))
        if embeds:
            return embed(params, array)
        V = self._layer(params).input_size(params)
        if V is None:
            raise ValueError(f"{self.layer} does not say how many tokens there are: put an Embedding below it")
        return one_hot(array, V, params["W_hy"].dtype)

    def _embeds(self, params):
        """Whether the model itself has an embedding below its layer."""
        check_dict(f"params of {self}", params)
        return "E" in params and not (isinstance(self.layer, Layer) and "E" in self.layer.names())

    def _layer(self, params):
        """The layer; for a cell that of the size that the parameters have."""
        names = self.layer.keys if isinstance(self.layer, Cell) else self.layer.names()
        check_arrays(self, params, (*names, "W_hy", "b_y", *(["E"] if self._embeds(params) else [])), finite=False)
        if isinstance(self.layer, Layer):
            return self.layer
        return Recurrent(self.layer, max(1, *params["W_hh"].shape[:1], 1))  # another shape is refused by the layer

    def _run(self, layer, params, x, state, mask, rng, workspace):
        """What the readout reads, the last state, and the tape."""
        y, state, tape = layer.forward(params, self.vectors(params, x, mask), state, mask, rng, workspace)
        read = y if self.steps == "every" else layer.last(state, tape)
        if read is None:
            raise ValueError(f"{layer} has no last state that could be read: read every step")
        return read, state, tape


def check_batch(batch):
    """Refuse what is not a batch, such as a pair of arrays."""
    if not isinstance(batch, Batch):
        raise TypeError(f"batch is a Batch(x, y, mask); got {type(batch).__name__}")


def check_model(model):
    """Refuse what is not a model, such as a cell."""
    if not isinstance(model, Model):
        raise TypeError(f"model is a Model, as Model(LSTM()) or task.model(LSTM()); got {model!r}")
