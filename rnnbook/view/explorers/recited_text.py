"""A recited text in the picture: letters where those of the text stand, right and wrong ones, a frame, a line below."""

from __future__ import annotations

import numpy as np

from rnnbook.view.letters import WIDTH, letters
from rnnbook.view.signs import SIGNS
from rnnbook.view.style import INK, line, look

COLUMNS, SIZE = 71, 11  # of a wide picture; letters in points
NARROW, SMALLEST = 10, 10  # inches; points of a letter in a narrow picture
BAND = "#F1E3DA"  # behind what is wrong
HANG = 1.45  # rows by which the handle of the frame stands below it, so that it covers no letter of the row


class RecitedText:
    """Artists for a text that is recited.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    text : str
        What should be said.
    width : float
        Of the picture, in inches.

    Attributes
    ----------
    artists : list of Artist
        What moves.
    """

    def __init__(self, ax, text, width):
        self.ax, self.text = ax, text
        columns, self._x, self._y = _places(text, width)
        rows = self._y[-1] + 1
        narrow = width < NARROW
        with look():
            ax.set(xlim=(-0.7, columns - 0.3), ylim=(rows - 0.3, -0.7))
            words = "Shaded: wrong. Frame: the loss.", "Underlined: gradient ≥ a tenth."
            ax.set_title(("\n" if narrow else " ").join(words), fontsize=10 if narrow else 11)
            ax.axis("off")
            height = {"solid_capstyle": "butt", "marker": ""}
            self._band = ax.plot([], [], color=BAND, linewidth=11.5, zorder=1, **height)[0]
            self._mark = ax.plot([], [], **line("mark", marker="", zorder=3, clip_on=False))[0]
        size = SMALLEST if narrow else SIZE
        self._right = letters(ax, self._x, self._y, size, INK["lstm"])
        self._wrong = letters(ax, self._x, self._y, size, INK["rnn"])
        self.artists = [self._band, self._right, self._wrong, self._mark]
        self._shown = None

    @staticmethod
    def rows_for(text, width):
        """How many rows the text takes in a picture of this width."""
        return int(_places(text, width)[2][-1]) + 1

    def show(self, spoken, place, reached, as_said=True):
        """Show what was recited, a frame around one letter, and a line below those that it reaches."""
        if self._shown != (spoken, as_said):
            wrong = [a != b for a, b in zip(spoken, self.text, strict=True)]
            said = (spoken if as_said else self.text).replace("\n", SIGNS["\n"])
            self._right.text = "".join(" " if bad else char for char, bad in zip(said, wrong, strict=True))
            self._wrong.text = "".join(char if bad else " " for char, bad in zip(said, wrong, strict=True))
            self._band.set_data(*self._lines(np.flatnonzero(wrong), 0.0))
            self._shown = spoken, as_said
        x, y = self.at(place)
        frame = np.array([[-0.6, -0.6, 0.6, 0.6, -0.6, np.nan], [-0.5, 0.5, 0.5, -0.5, -0.5, np.nan]])
        below = self._lines(reached, 0.48)
        self._mark.set_data(*np.concatenate([frame + np.array([[x], [y]]), below], axis=1))

    def at(self, k):
        """Where a letter stands."""
        return float(self._x[k]), float(self._y[k])

    def handle(self, k):
        """Where the handle of a framed letter stands, below it."""
        x, y = self.at(k)
        return x, y + HANG

    def nearest(self, x, y):
        """The letter that is nearest to a place, lines first."""
        return int((np.abs(self._y - y).round() * 1000 + np.abs(self._x - x)).argmin())

    def _lines(self, places, down):
        """Lines along letters, row by row, as one curve with gaps."""
        if not len(places):
            return np.zeros((2, 0))
        x, y = self._x[places], self._y[places]
        first = np.flatnonzero(np.r_[True, (np.diff(places) > 1) | (np.diff(y) > 0)])
        last = np.r_[first[1:], len(places)] - 1
        gap = np.full(len(first), np.nan)
        rows = y[first] + down
        ends = (x[first] - 0.5, x[last] + 0.5, gap), (rows, rows, gap)
        return np.stack([np.stack(part, axis=1).ravel() for part in ends])


def _places(text, width):
    """Columns, and each letter's column and row: the text's own lines, or all in one where it is narrow."""
    room = 72 * width - 48  # beside the numbers of the charts below
    columns = COLUMNS if width >= NARROW else int(room / (WIDTH * SMALLEST))
    places, row = [], 0
    for one in text.splitlines(keepends=True) if width >= NARROW else [text]:
        start = 0
        while start < len(one):
            end = len(one)
            if end - start > columns:
                end = max(one.rfind(space, start, start + columns) for space in " \n") + 1 or start + columns
            places += [(column, row) for column in range(end - start)]
            start, row = end, row + 1
    x, y = np.array(places).T
    return columns, x, y
