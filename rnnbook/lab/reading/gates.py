"""What the gates of a network do while it reads a text."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.reading.text import as_tokens
from rnnbook.nn import unroll
from rnnbook.nn.checks import as_numbers, check_count, check_shape
from rnnbook.nn.layers import check_tokens


def read_gates(model, params, tokens):
    """Read a text, and keep what every gate and state did at every token.

    Parameters
    ----------
    model : Model
        One that reads tokens.
    params : dict of str to ndarray
        Its parameters.
    tokens : ndarray
        At least one token, (n,).

    Returns
    -------
    dict of str to ndarray
        By letter (n, H): the gates and the candidate by the cell's names, h, and c for LSTM. Row t is what the step
        that read token t did.

    Raises
    ------
    TypeError
        If `model` is not a model of one cell, or the tokens are not whole numbers.
    ValueError
        If there is no token, or one is not in the model's alphabet.

    Examples
    --------
    >>> from rnnbook import LSTM, Text
    >>> task = Text("hello")
    >>> model = task.model(LSTM())
    >>> params = model.init_params(task.input_size, 8, task.output_size, np.random.default_rng(0))
    >>> {letter: array.shape for letter, array in read_gates(model, params, task.tokens).items()}["f"]
    (5, 8)
    """
    tokens = as_tokens(model, tokens)
    _, _, tape = unroll(model.cell, params, model.vectors(params, tokens[:, None]))
    names = model.cell.gate_names if model.cell.gates > 1 else "a"
    return dict(zip([*names, *"hc"], [*tape.gates[:, :, 0], *tape.states[:, 1:, 0]], strict=False))


def by_token(values, tokens, number):
    """The mean of each token's values.

    Parameters
    ----------
    values : ndarray
        One row a place of the text, (n, ...).
    tokens : ndarray
        Which token stands there, (n,).
    number : int
        How many different tokens there are.

    Returns
    -------
    ndarray
        (number, ...); nan for a token that does not come up.

    Raises
    ------
    TypeError
        If `values` are not numbers, or tokens or their number not whole ones.
    ValueError
        If a token is not from 0 to `number` - 1, or there is not one row a token.

    Examples
    --------
    >>> by_token(np.array([1.0, 2.0, 4.0]), np.array([0, 1, 1]), 2).tolist()
    [1.0, 3.0]
    """
    check_count("number", number)
    values, tokens = as_numbers("values", values), check_tokens(tokens, number)
    check_shape("tokens", tokens, "n", values.shape[:1])
    sums, counts = np.zeros((number, *values.shape[1:])), np.bincount(tokens, minlength=number)
    np.add.at(sums, tokens, values)
    with np.errstate(invalid="ignore"):
        return sums / counts.reshape(-1, *[1] * (values.ndim - 1))
