"""A text with a number for each character, as coloured text in a picture; `text_view` has the page's."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.patches import Rectangle

from rnnbook.view.style import DPI, look

LEVELS, DECADES = 9, 4  # level 0 is below 1e-4 of the largest; each level above spans half a decade
COLUMNS, ROWS = 88, 8  # of a text in a picture
SHADE = "#4BA3E3"  # of the highest level: black on it has a contrast of 7:1
_RAMP = LinearSegmentedColormap.from_list("text", ["#FFFFFF", SHADE])
COLORS = ListedColormap(_RAMP(np.linspace(0, 1, LEVELS)))
MONOSPACE = "DejaVu Sans Mono"  # comes with Matplotlib


def levels(values):
    """Sort magnitudes into levels by their logarithm, relative to the largest.

    Parameters
    ----------
    values : ndarray
        At least 0, (n,).

    Returns
    -------
    ndarray of int
        0 for less than 1e-4 of the largest (or if all are 0), up to 8.

    Raises
    ------
    ValueError
        If a value is NaN, infinite or negative.

    Examples
    --------
    >>> levels(np.array([0.0, 1e-9, 1e-2, 1.0])).tolist()
    [0, 0, 4, 8]
    """
    values = np.asarray(values, float)
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise ValueError("values are finite numbers of at least 0")
    largest = values.max(initial=0)
    if largest == 0:
        return np.zeros(len(values), int)
    with np.errstate(divide="ignore"):
        decades = np.log10(values / largest)
    return np.clip(np.ceil((LEVELS - 1) * (1 + decades / DECADES) - 1e-9), 0, LEVELS - 1).astype(int)


def text_rows(text, target):
    """How many rows `draw_text` needs.

    Parameters
    ----------
    text : str
        The text.
    target : int
        Place of the framed character, in the last row shown.

    Returns
    -------
    int
        From 1 to 8.

    Examples
    --------
    >>> text_rows("one\\ntwo", target=5)
    2
    """
    return len(_shown_lines(text, target))


def draw_text(ax, text, level, target):
    """The coloured text on axes: a cell a character, eight rows at most, the last one with the target.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw, at its final place; its frame is taken away.
    text : str
        Any characters; those that the book's font lacks are set in the first of the machine's fonts that has them, and
        by their code point where none does.
    level : ndarray of int
        A level for each of the first characters, as `levels` gives it; the rest stays white.
    target : int
        Place of the character to put a frame around.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure(height=1.0)
    >>> draw_text(ax, "abc", np.array([0, 8]), target=2)
    >>> ax.texts[0].get_text()
    'abc'
    """
    lines = _shown_lines(text, target)
    cells = np.zeros((len(lines), COLUMNS), int)
    pixels = DPI * ax.get_figure().get_size_inches()[0] * ax.get_position().width
    cell = int(pixels / COLUMNS)  # letters are set at whole pixels
    size = 72 / DPI * cell / 0.602  # the font's width is 0.602 em
    with look():
        for row, (start, line) in enumerate(lines):
            known = level[start : start + len(line)]
            cells[row, : len(known)] = known
            shown = "".join(char if drawable(char) else " " for char in line)
            ax.text(-0.5, row, shown, family=MONOSPACE, fontsize=size, va="center_baseline", parse_math=False)
            for column, char in enumerate(line):
                if not drawable(char):
                    draw_foreign(ax, column, row, char, size)
        frame = {"fill": False, "edgecolor": "#D55E00", "linewidth": 2, "clip_on": False}
        start, _ = lines[-1]
        ax.add_patch(Rectangle((target - start - 0.5, len(lines) - 1.5), 1, 1, **frame))
        ax.imshow(cells, cmap=COLORS, vmin=0, vmax=LEVELS - 1, aspect="auto", interpolation="none")
        ax.set_xlim(-0.5, pixels / cell - 0.5)
        ax.set_axis_off()


def _shown_lines(text, target):
    lines = _wrap(text, COLUMNS)
    last = max(k for k, (start, _) in enumerate(lines) if start <= target)
    return lines[max(0, last + 1 - ROWS) : last + 1]


def _wrap(text, columns):
    """Start and content of every line, none longer than the columns."""
    lines, start = [], 0
    for line in text.split("\n"):
        for k in range(0, max(1, len(line)), columns):
            lines.append((start + k, line[k : k + columns]))
        start += len(line) + 1
    return lines


@lru_cache(maxsize=4096)
def drawable(char):
    """Whether the book's font of equal widths has a character."""
    return bool(char.isprintable() and get_font(findfont(MONOSPACE)).get_char_index(ord(char)))


def draw_foreign(ax, column, row, char, size):
    """A character in another font, or the digits of its code point in two rows."""
    where = {"ha": "center", "va": "center", "parse_math": False}
    if file := _font_with(char):
        ax.text(column, row, char, font=Path(file), fontsize=0.8 * size, **where)
    else:
        digits = f"{ord(char):04X}"
        halves = f"{digits[: len(digits) // 2]}\n{digits[len(digits) // 2 :]}"
        ax.text(column, row, halves, family=MONOSPACE, fontsize=0.35 * size, linespacing=1, **where)


@lru_cache(maxsize=4096)
def _font_with(char):
    """The file of the first of the machine's fonts that has a character, or None."""
    # Matplotlib's own "Last Resort" has a box for every script and a letter of none.
    real = {font.fname for font in fontManager.ttflist if not font.name.startswith("Last Resort")}
    files = sorted(real) if char.isprintable() else []
    return next((file for file in files if get_font(file).get_char_index(ord(char))), None)
