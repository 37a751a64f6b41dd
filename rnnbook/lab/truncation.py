"""Truncated backpropagation through time: blocks in order, what a cut gradient has left, a text learned by heart.

The state is carried from block to block; only the way back is cut. Williams & Peng (1990) is about both ways of
cutting: `rnnbook.bptt` with `truncate` cuts in blocks, `gradient_within` gives every loss the same reach.
"""

from __future__ import annotations

import numpy as np

from rnnbook.nn import Batch, bptt
from rnnbook.nn.checks import check_count, check_shape


def blocks(batch, k):
    """Cut the sequences of a batch into blocks of k steps, in order.

    Parameters
    ----------
    batch : Batch
        With a target at every step.
    k : int
        Steps a block; the last block has what is left. What is padding in every sequence at the end is left out.

    Yields
    ------
    Batch
        Views of k steps each, with their part of the padding. `carry` is True from the second block on, so that
        `Training` starts each block from the state in which the block before it ended, and refuses a model that reads
        from both ends. Each block's loss is the mean over its own steps, however few of them are real.

    Raises
    ------
    ValueError
        If k is below 1, or the targets are not one a step.

    Examples
    --------
    >>> whole = Batch(np.zeros((1000, 1, 1)), np.zeros((1000, 1, 1)))
    >>> cut = list(blocks(whole, 50))
    >>> len(cut), cut[0].x.shape, cut[0].carry, cut[1].carry
    (20, (50, 1, 1), False, True)
    """
    check_count("k", k)
    if len(batch.y) != len(batch.x):
        raise ValueError(f"y has a target for each of the {len(batch.x)} steps of x; got {len(batch.y)}")
    real, end = batch.real_steps(), len(batch.x)
    if real is not None and real.any():
        end = 1 + int(np.flatnonzero(real.any(axis=1))[-1])
    for first in range(0, end, k):
        part = slice(first, min(first + k, end))
        mask, padded = (array if array is None else array[part] for array in (batch.mask, real))
        yield Batch(batch.x[part], batch.y[part], mask, carry=first > 0, real=padded)


def laps(task, N, k):
    """Endless blocks of a text that is read in a circle by N streams, each from its own place.

    A lap is one whole turn of every stream: the state is carried through its blocks, and starts anew with the
    next lap. So every character is predicted N times a lap, with up to a whole text before it.

    Parameters
    ----------
    task : Text
        The text.
    N : int
        Streams; stream n begins ``n * len(text) // N`` characters in.
    k : int
        Steps a block; the last block of a lap has what is left.

    Yields
    ------
    Batch
        Tokens x and the tokens that follow them, y, (k, N); `carry` is False where a lap begins.

    Raises
    ------
    ValueError
        If N or k is below 1, or above the length of the text.

    Examples
    --------
    >>> from rnnbook import Text
    >>> task = Text("abcdef")
    >>> first, second = (next(batches) for batches in [laps(task, N=2, k=3)] for _ in "ab")
    >>> [task.decode(stream) for stream in first.x.T], [task.decode(stream) for stream in second.x.T], second.carry
    (['abc', 'def'], ['def', 'abc'], True)
    """
    length = len(task.tokens)
    for name, given in (("N", N), ("k", k)):
        check_count(name, given)
        if given > length:
            raise ValueError(f"{name} is at most {length} for a text of {length} characters; got {given}")
    starts = np.arange(N) * length // N
    while True:
        for first in range(0, length, k):
            steps = np.arange(first, min(first + k, length) + 1)[:, None]
            window = task.tokens[(starts + steps) % length]
            yield Batch(window[:-1], window[1:], carry=first > 0)


def gradient_within(cell, params, tape, dh, k):
    """The gradient if every step's loss sees the k last steps and no earlier one.

    Cutting in blocks gives the first loss of a block one step and the last one k. Here each loss has its own
    window, at k times the cost.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell that was unrolled.
    params : dict of str to ndarray
        The parameters that it was unrolled with.
    tape : Tape
        What `unroll` recorded.
    dh : ndarray
        Gradient of each step's own loss by its hidden state, (T, N, H).
    k : int
        Steps that a loss sees, its own step counted; from T on this is the full gradient.

    Returns
    -------
    dict of str to ndarray
        Gradients of the cell's parameters.

    Raises
    ------
    ValueError
        If k is below 1 or a shape does not fit.

    References
    ----------
    Williams & Peng (1990), "An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories", Neural Computation 2(4).

    Examples
    --------
    >>> from rnnbook import RNN, init_params, unroll
    >>> rng = np.random.default_rng(0)
    >>> params = init_params(RNN(), 2, 4, rng)
    >>> h, _, tape = unroll(RNN(), params, rng.normal(size=(10, 1, 2)))
    >>> cut, full = gradient_within(RNN(), params, tape, h, k=10), bptt(RNN(), params, tape, h).params
    >>> bool(abs(cut["W_hh"] - full["W_hh"]).max() < 1e-12)
    True
    """
    check_count("k", k)
    dh = np.asarray(dh)
    check_shape("dh", dh, "T N H", tape.gates.shape[1:])
    T, _, H = dh.shape
    k = min(k, T)
    grads = bptt(cell, params, tape.part(0, k), dh[:k]).params  # losses that have at most k steps behind them
    if k == T:
        return grads
    later = dh[k:].reshape(-1, H)  # each sees the k steps of its own window, and stands at the end of it
    dstate = (later, np.zeros_like(later))[: cell.states]
    others = bptt(cell, params, tape.part(1, T).windows(k), dstate=dstate).params
    return {key: grads[key] + others[key] for key in grads}


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
