"""A sentence with its *not* taken out, or put in."""

from __future__ import annotations

import re
from functools import lru_cache

from rnnbook.lab.tasks.corpus import check_text
from rnnbook.lab.tasks.reviews_korean import KOREAN

NOT = re.compile(r"\bnot\b\s*", re.IGNORECASE)
BEHIND = re.compile(r"\b(?:is|was|are|were)\b(?!.*\b(?:is|was|are|were)\b)", re.IGNORECASE | re.DOTALL)


def flip_not(text):
    """Take every *not* out of a text, or, if there is none, put one behind the last *is*, *was*, *are* or *were*.

    A Korean text has another negation: -지 않은 and -지 않다 become the plain form of the adjective again, and where
    there is none, the last of the adjectives that the book's reviews are made of is negated.

    Parameters
    ----------
    text : str
        English or Korean.

    Returns
    -------
    str
        The text with its *not* flipped; the same text where there is neither a *not* nor a place for one.

    Raises
    ------
    TypeError
        If `text` is not a string.

    Examples
    --------
    >>> flip_not("The plot was not dull."), flip_not("The plot was dull.")
    ('The plot was dull.', 'The plot was not dull.')
    >>> flip_not("지루한 영화였다"), flip_not("지루하지 않은 영화였다")
    ('지루하지 않은 영화였다', '지루한 영화였다')
    """
    check_text(text)
    if re.search("[가-힣]", text):
        return _flip_korean(text)
    if NOT.search(text):
        return NOT.sub("", text).rstrip()
    return BEHIND.sub(r"\g<0> not", text, count=1)


def _flip_korean(text):
    plain, negated, forms = _korean()
    without = negated.sub(lambda found: plain[found[0]], text)
    if without != text:
        return without
    *_, last = [None, *forms.finditer(text)]
    if last is None:
        return text
    return text[: last.start()] + _negations()[last[0]] + text[last.end() :]


@lru_cache(maxsize=1)
def _negations():
    """The negated form of every form of an adjective that stands in a review."""
    groups = KOREAN.good, KOREAN.bad, KOREAN.rare_good, KOREAN.rare_bad
    found = {}
    for adjective in (adjective for group in groups for adjective in group):
        found[adjective.before] = f"{adjective.stem}지 않은"
        found |= {f"{adjective.quoted}{end}": f"{adjective.stem}지 않다{end}" for end in ("는", "고")}
    return found


@lru_cache(maxsize=1)
def _korean():
    """The plain form of each negated one, and what finds each kind in a text."""
    plain = {negated: form for form, negated in _negations().items()}
    either = ("|".join(sorted(map(re.escape, words), key=len, reverse=True)) for words in (plain, _negations()))
    negated, forms = (re.compile(rf"(?<!\w)(?:{words})(?!\w)") for words in either)
    return plain, negated, forms
