"""Unroll: two words through one network, a step at a time, with the same weights at every step."""

from __future__ import annotations

import ipywidgets as widgets

from rnnbook.view.explorers.base import Explorer, InputError
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.spelling import UnrollPicture, spell
from rnnbook.view.explorers.unroll_picture import LONGEST, UnrollArtists
from rnnbook.view.outlines import shown
from rnnbook.view.signs import SIGNS
from rnnbook.view.touch import Handle, Probe


def spoken(letter):
    """A letter as a sentence can say it: the page has more fonts than the figure.

    Parameters
    ----------
    letter : str
        One character.

    Returns
    -------
    str
        The character; a sign for a space, the code point of what cannot be printed.

    Examples
    --------
    >>> spoken(" "), spoken("한"), spoken("\\0")
    ('␣', '한', 'U+0000')
    """
    letter = SIGNS.get(letter, letter)
    return letter if letter.isprintable() else f"U+{ord(letter):04X}"


class Unroll(Explorer):
    """Two words, letter by letter, through one small character model of eight tanh units.

    The words face one another: letters in the middle, then the states, a row for each unit, then what the network
    holds most likely next. Words that begin alike stand together from their first letter on, others to their last.
    Look for the step at which the distance of the two states leaves 0, and for what is left of it at the end: between
    two equal letters the input is the same, the state is not, and so neither is the guess. Play, or drag the diamond;
    the arrows of one colour are the same matrix at every step and for both words.

    Parameters
    ----------
    **values
        Where the controls start: word, second, step (counted from 1), weights ("start", "trained"), seed.

    Examples
    --------
    >>> explorer = Unroll(word="hello", second="jello", weights="trained")
    >>> explorer.arrays.spellings[0].right.tolist()
    [True, True, True, True]
    """

    question = "At which step do two words part, and do they still differ at the end?"
    reflows = True
    in_sight = ("word", "second", "step")
    played = "step"

    def make_controls(self):
        """The controls by name."""
        return {
            "word": _word("First word", "hello"),
            "second": _word("Second word", "jello"),
            "step": slider("Step t", 3, 1, 5, 1),
            "weights": choice("Weights", ["start", "trained"]),
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
    def compute(word, second, step, weights, seed):
        """Run both words through the network.

        Parameters
        ----------
        word, second : str
            At least two letters each; eight are looked at.
        step : int
            Counted from 1.
        weights : str
            "start", or "trained" on these two words.
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
        spellings, alphabet, apart = spell(words, weights == "trained", seed)
        return UnrollPicture(spellings, alphabet, apart, min(step, max(map(len, words))), note)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        self._artists = UnrollArtists()
        return self._artists.fig, self._artists.moving

    def move(self, arrays):
        """Put the artists where the arrays say."""
        self._artists.move(arrays)

    def touch(self):
        """The marked column is dragged; the distance is read."""
        artists = self._artists
        return {
            "handles": [
                Handle(
                    name="step",
                    ax=artists.distance,
                    at=lambda: (self.arrays.step, self.arrays.now),
                    drag=lambda x, y: self.slide(step=x),
                    step=lambda right, up: self.step(step=right + up),
                    said=lambda: f"step {self.arrays.step} of {self.arrays.steps}",
                )
            ],
            "probes": [Probe(artists.distance, "t", {"distance": artists.curve})],
        }

    def reading(self, arrays):
        """What the picture says: where the words part, what is left at the end of the shorter one, and the step."""
        one, two = (_quoted(spelling.word) for spelling in arrays.spellings)
        if arrays.part is None:
            answer = f"{one} and {two} never part: their states are equal at every step."
        else:
            start, end = arrays.apart[[arrays.part - 1, -1]]
            when = "at the end" if len(arrays.apart) == arrays.steps else "when the shorter word ends"
            network = "trained" if self.controls["weights"].value == "trained" else "untrained"
            answer = (
                f"In the {network} network {one} and {two} part at step {arrays.part}: their states are {start:.2f} "
                f"apart, {end:.2f} {when}."
            )
        told = ". ".join(_told(arrays, spelling) for spelling in arrays.spellings)
        both = f": the two states are {arrays.now:.2f} apart" if arrays.step <= len(arrays.apart) else ""
        return f"{answer} Step {arrays.step} of {arrays.steps}{both}. {told}.{arrays.note}"


def _told(arrays, spelling):
    k, word = arrays.at(spelling), _quoted(spelling.word)
    if k is None:
        return f"{word} has {'not begun' if arrays.step <= arrays.begin(spelling) else 'ended'}"
    letter, *following = map(_quoted, spelling.word[k : k + 2])
    if not following:
        return f"{word} ends with {letter}"
    p = spelling.p[k, arrays.alphabet.index(spelling.word[k + 1])]
    return f"{word} reads {letter} and gives the next letter, {following[0]}, a probability of {p:.2f}"


def _quoted(letters):
    return f"'{''.join(map(spoken, letters))}'"


def _word(label, value):
    style = {"style": {"description_width": "110px"}, "layout": widgets.Layout(width="auto")}
    return widgets.Text(value=value, description=label, placeholder="Two letters or more", **style)
