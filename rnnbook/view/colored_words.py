"""Words with a signed number for each, as coloured words in a picture; `word_view` has the page's."""

from __future__ import annotations

import unicodedata

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from rnnbook.view.colored_text import MONOSPACE, draw_foreign, drawable
from rnnbook.view.style import INK, look

LEVELS, COLUMNS, ROWS = 8, 96, 6  # shades each way; characters in a row of a picture, and rows
WIDEST = 40  # letters of a word that are shown
AGAINST, FOR = (LinearSegmentedColormap.from_list("words", ["#FFFFFF", end]) for end in ("#F0963C", "#4BA3E3"))


def signed_levels(values, largest):
    """Sort signed numbers into shades from -8 to 8.

    Parameters
    ----------
    values : ndarray
        Signed numbers, (n,).
    largest : float
        The magnitude that has the darkest shade.

    Returns
    -------
    ndarray of int
        0 for less than a sixteenth of the largest, and if that is 0.

    Raises
    ------
    ValueError
        If a value is not finite, or the largest is below one of them.

    Examples
    --------
    >>> signed_levels(np.array([-2.0, 0.1, 1.0]), 2.0).tolist()
    [-8, 0, 4]
    """
    values = np.asarray(values, float)
    if not np.isfinite(values).all() or np.abs(values).max(initial=0) > largest:
        raise ValueError(f"values are finite numbers up to the largest, {largest}; got {values}")
    return np.zeros(len(values), int) if largest == 0 else np.rint(LEVELS * values / largest).astype(int)


def word_rows(words):
    """How many rows `draw_words` needs.

    Parameters
    ----------
    words : sequence of str
        The words.

    Returns
    -------
    int
        From 1 to 6.

    Examples
    --------
    >>> word_rows(["word"] * 30)
    2
    """
    return 1 + max((row for row, _, _ in _places(words)), default=0)


def draw_words(ax, name, words, levels, known, chosen=-1):
    """Coloured words on axes, six rows at most; the rest is left out, and three dots say so.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw, at its final place; its frame is taken away.
    name : str
        What stands before them.
    words : sequence of str
        Any words; characters that the book's font lacks are set in the first of the machine's fonts that has them.
    levels : sequence of int
        A shade for each, from `signed_levels`.
    known : sequence of bool
        Whether each is in the vocabulary; the others are in italics in a dashed frame.
    chosen : int
        Place of the word to put a frame around, or -1.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure(height=1.0)
    >>> draw_words(ax, "first", ["not", "dull"], [8, -3], [True, True], chosen=0)
    >>> [text.get_text() for text in ax.texts]
    ['first', 'not', 'dull']
    """
    places, rows = _places(words), word_rows(words)
    size = 72 * ax.get_figure().get_size_inches()[0] * ax.get_position().width / (COLUMNS + 10) / 0.602
    with look():
        ax.text(-9, 0, name, fontsize=11, va="center_baseline", color=INK["muted"])
        for k, (row, column, width) in enumerate(places):
            shade = (FOR if levels[k] > 0 else AGAINST)(abs(levels[k]) / LEVELS)
            ax.add_patch(Rectangle((column - 0.4, row - 0.42), width + 0.8, 0.84, facecolor=shade, linewidth=0))
            frame = {"fill": False, "clip_on": False}
            if k == chosen:
                ax.add_patch(Rectangle((column - 0.4, row - 0.42), width + 0.8, 0.84, linewidth=1.8, **frame))
            elif not known[k]:
                dashes = {"edgecolor": INK["muted"], "linestyle": (0, (3, 2)), **frame}
                ax.add_patch(Rectangle((column - 0.4, row - 0.42), width + 0.8, 0.84, **dashes))
            word = words[k] if len(words[k]) < WIDEST else words[k][: WIDEST - 1] + "…"
            _draw_word(ax, column, row, word, size, known[k])
            if levels[k] < 0:
                ax.plot([column, column + width], [row + 0.36] * 2, color=INK["theory"], linewidth=0.9)
        if len(places) < len(words):
            row, column, width = places[-1]
            ax.text(column + width + 1, row, "...", family=MONOSPACE, fontsize=size, va="center_baseline")
        ax.set(xlim=(-10, COLUMNS), ylim=(rows - 0.5, -0.5))
        ax.set_axis_off()


def _draw_word(ax, column, row, word, size, known):
    """A word in one piece, or character by character where the book's font lacks one."""
    if all(map(drawable, word)):
        style = "normal" if known else "italic"
        ax.text(column, row, word, family=MONOSPACE, fontsize=size, style=style, va="center_baseline", parse_math=False)
        return
    for char in word:
        width = _width(char)
        if drawable(char):
            ax.text(column, row, char, family=MONOSPACE, fontsize=size, va="center_baseline", parse_math=False)
        elif width:
            draw_foreign(ax, column + width / 2, row, char, size)
        column += width


def _places(words):
    """Row, column and width of every word that has room, in cells."""
    found, row, column = [], 0, 0
    for word in words:
        width = sum(map(_width, word[:WIDEST]))
        if column and column + width > COLUMNS - 6:
            row, column = row + 1, 0
        if row == ROWS:
            break
        found.append((row, column, width))
        column += width + 2
    return found


def _width(char):
    """Cells that a character takes: letters of East Asia two, accents none."""
    return 0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
