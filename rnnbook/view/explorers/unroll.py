"""Unroll: two words through one network, a step at a time, with the same weights at every step."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from rnnbook.lab.tasks import Words
from rnnbook.lab.training import Training
from rnnbook.nn import RNN, SGD, one_hot, readout, softmax, unroll
from rnnbook.view.explorers.base import Explorer, InputError
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.unroll_picture import UnrollArtists, shown, spoken
from rnnbook.view.style import figure

HIDDEN, RATE, STEPS, LONGEST = 8, 0.5, 100, 8  # units; rate and steps of training; letters


class Spelling(NamedTuple):
    """One word on its way through the network.

    Attributes
    ----------
    word : str
        Its letters.
    h : ndarray
        States after each letter, (letters, H).
    logits, p : ndarray
        What the network makes of each state, (letters, V).
    losses : ndarray
        Minus the logarithm of the probability of the letter that follows, (letters - 1,).
    right : ndarray of bool
        Whether that letter was the most likely one, (letters - 1,).
    """

    word: str
    h: np.ndarray
    logits: np.ndarray
    p: np.ndarray
    losses: np.ndarray
    right: np.ndarray


class UnrollPicture(NamedTuple):
    """What the explorer shows."""

    spellings: tuple  # of Spelling, two
    alphabet: str
    step: int  # of the longer word; the shorter one begins later
    note: str

    @property
    def steps(self):
        """Steps of the longer word."""
        return max(len(spelling.word) for spelling in self.spellings)

    def at(self, spelling):
        """Which letter of a word the step is at, from 0; negative before the word begins."""
        return self.step - 1 - (self.steps - len(spelling.word))

    def guess(self, spelling, k):
        """The letter that is most likely after letter k."""
        return self.alphabet[spelling.p[k].argmax()]

    def apart(self, step):
        """Distance of the two states after a step; a word that has not begun is at the zero state."""
        places = [step - 1 - (self.steps - len(spelling.word)) for spelling in self.spellings]
        one, two = (s.h[k] if k >= 0 else np.zeros(HIDDEN) for s, k in zip(self.spellings, places, strict=True))
        return float(np.linalg.norm(one - two))


class Unroll(Explorer):
    """Two words, letter by letter, through one small character model of eight tanh units.

    Look for the same letter in two places: the input is equal, the state is not, and so neither is the prediction.
    Then compare the two strips: where the words share their ending, how long does the state still show where they
    differed? The thick arrows are the same three matrices at every step.

    Parameters
    ----------
    **values
        Where the controls start: word, second, weights ("start", "trained"), step (counted from 1), seed.

    Examples
    --------
    >>> explorer = Unroll(word="hello", second="jello", weights="trained")
    >>> explorer.arrays.spellings[0].right.tolist()
    [True, True, True, True]
    """

    def make_controls(self):
        """The controls by name."""
        return {
            "word": _word("Word", "hello"),
            "second": _word("Second word", "jello"),
            "weights": choice("Weights", ["start", "trained"]),
            "step": slider("Step t", 4, 1, 5, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def put(self, name, value):
        """Set a control; with a new word, let the step reach the end of the longer one.

        Parameters
        ----------
        name : str
            The control.
        value : object
            Its value.
        """
        super().put(name, value)
        if name in ("word", "second"):
            longer = max(len(self.controls[key].value[:LONGEST]) for key in ("word", "second"))
            self.controls["step"].max = max(2, longer)

    def _moved(self, change):
        words = self.controls["word"], self.controls["second"]
        if change["owner"] in words and not self.quiet:
            self.set(**{"word" if change["owner"] is words[0] else "second": change["new"]})
        else:
            super()._moved(change)

    @staticmethod
    def compute(word, second, weights, step, seed):
        """Run both words through the network.

        Parameters
        ----------
        word, second : str
            At least two letters each; eight are looked at.
        weights : str
            "start", or "trained" on these two words.
        step : int
            Counted from 1.
        seed : int
            Of the weights.

        Returns
        -------
        UnrollPicture
            What to show.

        Raises
        ------
        InputError
            If a word has fewer than two letters.
        """
        if min(len(word), len(second)) < 2:
            raise InputError("Each word needs two letters, one to see and one to predict")
        words = word[:LONGEST], second[:LONGEST]
        cut = [_quoted(long[:LONGEST]) for long in (word, second) if len(long) > LONGEST]
        note = f" Cut to {LONGEST} letters: {' and '.join(cut)}." if cut else ""
        lacking = {letter: shown(letter) for letter in "".join(words) if len(shown(letter)) > 1}
        if lacking:
            note += f" The picture's font lacks {', '.join(map(spoken, lacking))}: drawn by code point, "
            note += f"{', '.join(lacking.values())}."
        return UnrollPicture(*_spellings(words, weights == "trained", seed), min(step, max(map(len, words))), note)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, _ = figure(ncols=4, width=11.5, height=4.2)
        fig.set_layout_engine("none")
        self._artists = UnrollArtists(fig, LONGEST)
        return fig, self._artists.moving

    def move(self, arrays):
        """Put the artists where the arrays say."""
        self._artists.move(arrays)

    def refresh(self):
        """As always; other words are written into boxes and at axes that do not move, so all is redrawn."""
        before, still = [spelling.word for spelling in self.arrays.spellings], self.live.still
        super().refresh()
        if [spelling.word for spelling in self.arrays.spellings] != before and self.live.still is still:
            self.live.redraw()

    def reading(self, arrays):
        """What the picture says."""
        first, second = arrays.spellings
        told = "; ".join(_told(arrays, spelling) for spelling in arrays.spellings)
        now, start = arrays.apart(arrays.step), arrays.apart(1)
        since = f" (after step 1: {start:.2f})" if arrays.step > 1 else ""
        return (
            f"Step {arrays.step} of {arrays.steps}: {told}. The two states are {now:.2f} apart{since}. "
            f"Over the whole words, {first.right.sum()} of {len(first.right)} and {second.right.sum()} of "
            f"{len(second.right)} answers are right; the losses add up to {first.losses.sum():.2f} and "
            f"{second.losses.sum():.2f} nats.{arrays.note}"
        )


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
def _spellings(words, trained, seed):
    task, params = character_model(words, trained, seed)
    return tuple(_spell(task, params, word) for word in words), task.alphabet


def _spell(task, params, word):
    tokens = task.encode(word)
    h, _, _ = unroll(RNN(), params, one_hot(tokens, len(task.alphabet))[:, None])
    logits = readout(params, h)[:, 0]
    p = softmax(logits)
    following = p[np.arange(len(word) - 1), tokens[1:]]
    return Spelling(word, h[:, 0], logits, p, -np.log(following), p[:-1].argmax(axis=1) == tokens[1:])


def _told(arrays, spelling):
    k, word = arrays.at(spelling), _quoted(spelling.word)
    if k < 0:
        return f"{word} has not begun"
    letter, *following = map(_quoted, spelling.word[k : k + 2])
    if not following:
        return f"{word} ends with {letter}"
    probability, guess = np.exp(-spelling.losses[k]), _quoted(arrays.guess(spelling, k))
    return f"{word} reads {letter} and gives {following[0]}, which comes next, {probability:.2f} (most likely {guess})"


def _quoted(letters):
    return f"'{''.join(map(spoken, letters))}'"


def _word(label, value):
    style = {"style": {"description_width": "110px"}, "layout": widgets.Layout(width="auto")}
    return widgets.Text(value=value, description=label, placeholder="Two letters or more", **style)
