"""Words that a small character model spells: states, probabilities, and how far two words' states are apart."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.tasks import Words
from rnnbook.lab.training import Training
from rnnbook.nn import RNN, SGD, one_hot, readout, softmax, unroll

HIDDEN, RATE, STEPS = 8, 0.5, 100  # units; rate and steps of training


class Spelling(NamedTuple):
    """One word on its way through the network.

    Attributes
    ----------
    word : str
        Its letters.
    h : ndarray
        States after each letter, (letters, H).
    p : ndarray
        Probabilities of the letter that follows, (letters, V).
    right : ndarray of bool
        Whether the letter that follows was the most likely one, (letters - 1,).
    """

    word: str
    h: np.ndarray
    p: np.ndarray
    right: np.ndarray


class UnrollPicture(NamedTuple):
    """What the explorer shows.

    Attributes
    ----------
    spellings : tuple of Spelling
        Two; the shorter word begins later, so that both end together.
    alphabet : str
        The letters of both.
    apart : ndarray
        Distance of the two states after each step of the longer word, (steps,). A word that has not begun is at the
        zero state.
    step : int
        Which one is looked at, from 1.
    note : str
        What the reader should know.
    """

    spellings: tuple
    alphabet: str
    apart: np.ndarray
    step: int
    note: str

    @property
    def steps(self):
        """Steps of the longer word."""
        return len(self.apart)

    @property
    def part(self):
        """The first step after which the states differ, from 1; None if there is none."""
        return next((step for step, apart in enumerate(self.apart, 1) if apart), None)

    def begin(self, spelling):
        """Steps before a word begins."""
        return self.steps - len(spelling.word)

    def at(self, spelling):
        """Which letter of a word the step is at, from 0; negative before the word begins."""
        return self.step - 1 - self.begin(spelling)

    def guess(self, spelling, k):
        """The letter that is most likely after letter k."""
        return self.alphabet[spelling.p[k].argmax()]


@lru_cache(maxsize=64)
def character_model(words, trained, seed):
    """A small tanh network over the letters of a few words, at its start or trained to spell them.

    Parameters
    ----------
    words : tuple of str
        The words.
    trained : bool
        Whether to make 100 steps of SGD at 0.5 on all words at once.
    seed : int
        Of the start.

    Returns
    -------
    task : Words
        With the alphabet.
    params : dict of str to ndarray
        The weights; not to be changed, for they are kept.

    Examples
    --------
    >>> task, params = character_model(("hello", "jello"), trained=False, seed=0)
    >>> task.alphabet, params["W_hh"].shape
    ('ehjlo', (8, 8))
    """
    task, V = Words(words), len(set("".join(words)))
    model = task.model(RNN())
    params = model.init_params(V, HIDDEN, V, np.random.default_rng(seed))
    if trained:
        for _ in Training(model, params, iter([task.batch] * STEPS), SGD(RATE)).run(STEPS):
            continue
    return task, params


@lru_cache(maxsize=64)  # the step moves, and the words stay
def spell(words, trained, seed):
    """Two words through one network.

    Parameters
    ----------
    words : tuple of str
        Two words of two letters or more.
    trained : bool
        Whether the network is trained on them.
    seed : int
        Of its start.

    Returns
    -------
    spellings : tuple of Spelling
        One a word.
    alphabet : str
        Their letters.
    apart : ndarray
        Distance of their states after each step, with both words' ends at the last one.

    Examples
    --------
    >>> spell(("stay", "star"), trained=False, seed=0)[2].round(2).tolist()
    [0.0, 0.0, 0.0, 1.27]
    """
    task, params = character_model(words, trained, seed)
    spellings, states, steps = [], [], max(map(len, words))
    for word in words:
        tokens = task.encode(word)
        h, _, _ = unroll(RNN(), params, one_hot(tokens, len(task.alphabet))[:, None])
        p = softmax(readout(params, h)[:, 0])
        spellings.append(Spelling(word, h[:, 0], p, p[:-1].argmax(axis=1) == tokens[1:]))
        states.append(np.concatenate([np.zeros((steps - len(word), HIDDEN)), h[:, 0]]))
    return tuple(spellings), task.alphabet, np.linalg.norm(states[0] - states[1], axis=1)
