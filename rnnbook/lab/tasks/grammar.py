"""What a language needs for reviews to be made in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A particle has two forms: the first behind a consonant, the second behind a vowel.
PARTICLE = re.compile(r"(\w)(은|이|을|과|으로)\((는|가|를|와|로)\)")
FIRST_SYLLABLE, CODAS, CODA_L = ord("가"), 28, 8  # of the Unicode block of Korean syllables


def listed(words):
    """Words with spaces between them, as a tuple."""
    return tuple(words.split())


def far_apart(heads, tails):
    """Every head with every tail, words with the same head far apart."""
    heads, tails = heads.split(), tails.split()
    return tuple(heads[(k + turn) % len(heads)] + tail for turn in range(len(heads)) for k, tail in enumerate(tails))


def _with_particle(found):
    """A syllable with the form of the particle that goes with its last sound; after l it is 로, not 으로."""
    syllable, closed, opened = found.groups()
    coda = (ord(syllable) - FIRST_SYLLABLE) % CODAS
    return syllable + (opened if coda == 0 or (opened == "로" and coda == CODA_L) else closed)


@dataclass(frozen=True)
class Grammar:
    """Words and patterns of one language.

    In a pattern ``{noun}`` and the like are slots for words. ``{U}`` and ``{V}`` are opinions of opposite sign, of
    which V decides, ``{W}`` is another of V's sign, and ``{X}`` is one that the pattern denies; ``{U:form}`` asks for
    one form of it. ``{d}`` and ``{t}``, a word before an opinion and words behind it, are drawn once a pattern.

    Parameters
    ----------
    good, bad : tuple
        Opinion words that all splits have.
    rare_good, rare_bad : tuple
        Opinion words of which each split has its own.
    direct, negated : tuple of dict of str to str
        Ways to put an opinion, by form: with words of its sign, or with a negation and words of the other sign.
    pairs, corrections : tuple of str
        Patterns with two opinions, put in any way, or directly.
    plain, denials : tuple of str
        Patterns with one opinion or two of one sign, and those that deny one that is put directly.
    hearsay, scenes : tuple of tuple of str
        Sentences that say nothing of the film, with opinion words and without; for each split its own.
    common, rare : dict of str to tuple of str
        Words for each slot: those of all splits, and those of which each split has its own.
    before, behind : float
        How often there is something for ``{d}``, and for ``{t}``.
    """

    good: tuple
    bad: tuple
    rare_good: tuple
    rare_bad: tuple
    direct: tuple
    negated: tuple
    pairs: tuple
    corrections: tuple
    plain: tuple
    denials: tuple
    hearsay: tuple
    scenes: tuple
    common: dict
    rare: dict
    before: float
    behind: float

    def finish(self, text):
        """A text as it is printed, from words and marks with spaces between them."""
        text = PARTICLE.sub(_with_particle, text)
        text = re.sub(r" ([,.])", r"\1", text) + "."
        text = re.sub(r"\bi\b", "I", text)
        return re.sub(r"(^|\. )(\w)", lambda start: start[1] + start[2].upper(), text)
