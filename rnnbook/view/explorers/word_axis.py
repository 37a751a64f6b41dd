"""A horizontal axis that counts words, with the words themselves beneath it where they have room."""

from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator

from rnnbook.view.colored_text import drawable

NAMED, LETTERS = 18, 10  # words at most that are written, and letters of each


def drawn_word(word):
    """A word as a chart can have it: not too long, and empty where the book's font has not all of its letters.

    Parameters
    ----------
    word : str
        The word.

    Returns
    -------
    str
        What is drawn.
    """
    return _short(word) if all(drawable(letter) for letter in word) else ""


def _short(word):
    return word if len(word) <= LETTERS else word[: LETTERS - 1] + "…"


def label_words(ax, words, last):
    """Let an axis count from 1, and write the words beneath it, if they are few and the book's font has them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Whose horizontal axis it is.
    words : list of str
        The words.
    last : int
        Where the axis ends: a curve may go on beyond the words.
    """
    named = len(words) <= NAMED and all(drawable(letter) for word in words for letter in word)
    short = [_short(word) for word in words]
    view = last, tuple(short) if named else None
    if view == getattr(ax, "counts_words", None):  # letters take longer than curves
        return
    ax.counts_words = view
    ax.set_xlim(0.5, max(last, 2) + 0.5)
    places = range(1, len(words) + 1)
    if not named:
        places = [int(tick) for tick in MaxNLocator(8, integer=True).tick_values(1, last) if 1 <= tick <= last]
    ax.xaxis.set_major_locator(FixedLocator(places))
    ax.xaxis.set_major_formatter(FixedFormatter(short if named else [*map(str, places)]))
    ax.tick_params(axis="x", labelrotation=50 * named, labelsize=10 if named else 11)
    ax.set_xlabel("" if named else "word of the review")
    for label in ax.get_xticklabels():
        label.set(ha="right" if named else "center", rotation_mode="anchor" if named else "default")
