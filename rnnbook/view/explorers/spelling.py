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
        Two. Words that begin alike begin together; of others the shorter one begins later, and both end together.
    alphabet : str
        The letters of both.
    apart : ndarray
        Distance of the two states after each step, until the first word ends. A word that has not begun is at the zero
        state.
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
        return max(len(spelling.word) for spelling in self.spellings)

    @property
    def now(self):
        """Distance after the step, or the last one if a word has ended."""
        return self.apart[min(self.step, len(self.apart)) - 1]

    @property
    def part(self):
        """The first step after which the states differ, from 1; None if there is none."""
        return next((step for step, apart in enumerate(self.apart, 1) if apart), None)

    def begin(self, spelling):
        """Steps before a word begins."""
        return _begin(spelling.word, [other.word for other in self.spellings])

    def at(self, spelling):
        """Which letter of a word the step is at, from 0; None before the word begins and after its end."""
        k = self.step - 1 - self.begin(spelling)
        return k if 0 <= k < len(spelling.word) else None

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
        The weights; read-only, for they are kept.

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
    for array in params.values():
        array.flags.writeable = False  # one network for all who ask
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
        Distance of their states after each step, until the first word ends.

    Examples
    --------
    >>> spell(("stay", "star"), trained=False, seed=0)[2].round(2).tolist()
    [0.0, 0.0, 0.0, 1.27]
    """
    task, params = character_model(words, trained, seed)
    spellings, states = [], []
    for word in words:
        tokens = task.encode(word)
        h, _, _ = unroll(RNN(), params, one_hot(tokens, len(task.alphabet))[:, None])
        p = softmax(readout(params, h)[:, 0])
        spellings.append(Spelling(word, h[:, 0], p, p[:-1].argmax(axis=1) == tokens[1:]))
        states.append(np.concatenate([np.zeros((_begin(word, words), HIDDEN)), h[:, 0]]))
    both = min(map(len, states))
    return tuple(spellings), task.alphabet, np.linalg.norm(states[0][:both] - states[1][:both], axis=1)


def _begin(word, words):
    """Steps before a word begins: none if all begin alike, and else as many as let all end together."""
    return 0 if len({other[0] for other in words}) == 1 else max(map(len, words)) - len(word)
