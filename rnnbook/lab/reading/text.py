"""How much each earlier character of a text moves the loss of one prediction."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients.flow import from_the_last, magnitudes
from rnnbook.nn import Tape, readout, softmax_cross_entropy, unroll
from rnnbook.nn.checks import as_array, as_numbers, check_count, check_finite, check_instance, check_shape
from rnnbook.nn.contract import Cell
from rnnbook.nn.layers import readout_backward
from rnnbook.nn.model import check_model
from rnnbook.nn.recurrent import Recurrent


class Reading(NamedTuple):
    """A text that a model has read to the end, for many looks back.

    Attributes
    ----------
    tokens : ndarray of int
        (n,), of which the last is only predicted.
    tape : Tape
        Of n - 1 steps.
    logits : ndarray
        (n - 1, V).
    """

    tokens: np.ndarray
    tape: Tape
    logits: np.ndarray


class LookBack(NamedTuple):
    """The gradient of one prediction's loss by everything before it.

    Attributes
    ----------
    inputs : ndarray
        (target,), the norm of dL/dx_t of every character before.
    states : ndarray
        (target,), the norm of dL/dh_t.
    loss : float
        Nats.
    best : int
        The token that the model holds most likely.
    """

    inputs: np.ndarray
    states: np.ndarray
    loss: float
    best: int


def check_one_cell(model):
    """Refuse what is not a model of one cell, whose states and gates can be looked at."""
    check_model(model)
    if not isinstance(model.layer, Cell | Recurrent):
        raise TypeError(f"model has one cell, as Model(LSTM()); got {model}")


def as_tokens(model, tokens, least=1):
    """The tokens (n,) of a text that a model of one cell can read."""
    check_one_cell(model)
    tokens = as_array("tokens", tokens)
    check_shape("tokens", tokens, "n", (None,))
    check_count("the number of tokens", len(tokens), least=least)
    if tokens.dtype.kind not in "iu":
        raise TypeError(f"tokens are whole numbers; got dtype {tokens.dtype}")
    return tokens


def read(model, params, tokens):
    """Run a model over a text once.

    Parameters
    ----------
    model : Model
        A model that predicts the next token at every step.
    params : dict of str to ndarray
        Its parameters.
    tokens : ndarray of int
        The text, (n,), at least two.

    Returns
    -------
    Reading
        For `look_back`.

    Raises
    ------
    TypeError
        If `model` is not a model of one cell, or the tokens are not whole numbers.
    ValueError
        If there are fewer than two tokens, or one is not in the model's alphabet.

    Examples
    --------
    >>> from rnnbook import RNN, Text
    >>> task = Text("hello")
    >>> model = task.model(RNN())
    >>> params = model.init_params(task.input_size, 8, task.output_size, np.random.default_rng(0))
    >>> reading = read(model, params, task.tokens)
    >>> look_back(model, params, reading, target=4).inputs.shape
    (4,)
    """
    tokens = as_tokens(model, tokens, least=2)
    h, _, tape = unroll(model.cell, params, model.vectors(params, tokens[:-1, None]))
    return Reading(tokens, tape, readout(params, h[:, 0]))


def look_back(model, params, reading, target):
    """Send the loss of one prediction back through the text.

    Parameters
    ----------
    model : Model
        The model that read.
    params : dict of str to ndarray
        Its parameters.
    reading : Reading
        From `read`.
    target : int
        Which token is predicted, from 1 to n - 1.

    Returns
    -------
    LookBack
        Norms of the gradient by every earlier input and state.

    Raises
    ------
    TypeError
        If `model` is not a model of one cell, or `reading` does not come from `read`.
    ValueError
        If there is no such token, or nothing before it.

    Examples
    --------
    >>> from rnnbook import LSTM, Text
    >>> task = Text("hello")
    >>> model = task.model(LSTM())
    >>> params = model.init_params(task.input_size, 8, task.output_size, np.random.default_rng(0))
    >>> found = look_back(model, params, read(model, params, task.tokens), target=2)
    >>> len(found.states), found.loss > 0
    (2, True)
    """
    check_one_cell(model)
    check_instance("reading", reading, Reading, "read")
    check_count("target", target)
    if target >= len(reading.tokens):
        raise ValueError(f"target is at most {len(reading.tokens) - 1}, the last token; got {target}")
    tape = reading.tape.part(0, target)
    logits = reading.logits[target - 1 : target]
    loss, dy = softmax_cross_entropy(logits, reading.tokens[target : target + 1])
    dh_last = readout_backward(params, tape.states[0, -1], dy)[1]
    back = from_the_last(model.cell, params, tape, dh_last, inputs=True)
    return LookBack(magnitudes(back.x), magnitudes(back.h), loss, int(logits.argmax()))


def reach(norms):
    """How many tokens back a gradient is still at least a tenth of its largest.

    Parameters
    ----------
    norms : ndarray
        Norms of the gradient at the tokens before a prediction, (n,), in the order of the text, as of `look_back`.

    Returns
    -------
    int
        Counted from the prediction, so the last one is 1 back; 0 where there is no gradient.

    Raises
    ------
    TypeError
        If `norms` does not hold numbers.
    ValueError
        If it is not a row of finite numbers.

    Examples
    --------
    >>> reach(np.array([0.01, 0.2, 0.05, 1.0])), reach(np.zeros(4))
    (3, 0)
    """
    norms = as_numbers("norms", norms)
    check_shape("norms", norms, "n", (None,))
    check_finite("norms", norms)
    far = np.flatnonzero((norms >= norms.max(initial=0) / 10) & (norms > 0))
    return len(norms) - int(far[0]) if len(far) else 0
