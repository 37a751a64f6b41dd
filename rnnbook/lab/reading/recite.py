"""A text learned by heart."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.tasks.base import check_fits
from rnnbook.lab.tasks.text import Text
from rnnbook.nn.checks import check_count, check_instance


def recite(model, params, task, patience=None):
    """Let a model speak: from the first character on, each most likely next character is its next input.

    Parameters
    ----------
    model : Model
        A model that predicts the next token at every step.
    params : dict of str to ndarray
        Its parameters.
    task : Text
        The text that it learned; its first character is given.
    patience : int, optional
        Stop after so many wrong characters in a row; without it the model speaks as long as the text is.

    Returns
    -------
    str
        The first character of the text and then the model's.

    Raises
    ------
    TypeError
        If `model` is not a model, `task` not a `Text`, or `patience` not a whole number.
    ValueError
        If `patience` is below 1, or the model reads from both ends or predicts something else.

    Examples
    --------
    >>> from rnnbook import RNN, Text
    >>> task = Text("hello")
    >>> model = task.model(RNN())
    >>> params = model.init_params(task.input_size, 8, task.output_size, np.random.default_rng(0))
    >>> spoken = recite(model, params, task)
    >>> spoken[0], len(spoken)
    ('h', 5)
    """
    check_instance("task", task, Text, "Text(...)")
    check_fits(model, task)
    if patience is not None:
        check_count("patience", patience)
    if model.reads_ahead:
        raise ValueError(f"reciting carries the state from character to character; {model.layer} reads from both ends")
    spoken, state, wrong = [int(task.tokens[0])], None, 0
    for expected in task.tokens[1:]:
        logits, state = model.predict(params, np.array([spoken[-1:]]), state)
        spoken.append(int(logits[-1, 0].argmax()))
        wrong = 0 if spoken[-1] == expected else wrong + 1
        if wrong == patience:
            break
    return task.decode(spoken)
