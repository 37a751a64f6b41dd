"""What a hand can do to a picture: take hold of a handle, and read a value off a curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

SCALES = ("linear", "log")  # that the page can read; on other axes there are no handles and no values


@dataclass(frozen=True)
class Handle:
    """A place of the picture that is dragged by mouse or finger, or moved with the arrow keys.

    Parameters
    ----------
    name : str
        What it is, as a screen reader says it: "start of the walk".
    ax : matplotlib.axes.Axes
        Where it lies.
    at : callable
        ``at() -> (x, y)``, where it stands now, in the axes' data coordinates; None where there is nothing to hold.
    drag : callable
        ``drag(x, y)``, called with the place where the hand is, which is within the axes.
    step : callable
        ``step(right, up)``, called for an arrow key with -1, 0 or 1 each; ten times that with Shift, or for Page Up
        and Page Down.
    said : callable
        ``said() -> str``, where it stands, in words.
    take : callable, optional
        ``take()``, called when the hand takes hold, before the first `drag`.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> place = [0.5, 0.5]
    >>> handle = Handle(
    ...     "the point", figure()[1], at=lambda: place, drag=lambda x, y: place.__setitem__(slice(2), [x, y]),
    ...     step=lambda right, up: None, said=lambda: f"at {place[0]:.1f}, {place[1]:.1f}",
    ... )
    >>> handle.drag(0.2, 0.9)
    >>> handle.said()
    'at 0.2, 0.9'
    """

    name: str
    ax: Axes
    at: Callable
    drag: Callable
    step: Callable
    said: Callable
    take: Callable | None = None


@dataclass(frozen=True)
class Probe:
    """Curves of one pair of axes whose values can be read: under the pointer, or with the arrow keys.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where the curves lie.
    x : str
        What the horizontal axis counts: "t".
    curves : dict of str to Artist
        Moving lines by the name that stands before their value.
    whole : bool
        Whether x takes whole numbers alone.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure()
    >>> (curve,) = ax.plot([1, 2], [1.0, 0.5])
    >>> Probe(ax, "t", {"RNN": curve}).whole
    True
    """

    ax: Axes
    x: str
    curves: dict[str, Artist]
    whole: bool = True

    def span(self):
        """Where the curves that are shown begin and end."""
        places = [x for curve in self.curves.values() if curve.get_visible() for x in curve.get_xdata()]
        return [float(min(places)), float(max(places))] if places else [*map(float, self.ax.get_xlim())]

    def numbers(self):
        """The curves that are shown, each as x and y, four digits of those that are finite."""
        shown = {name: curve.get_xydata() for name, curve in self.curves.items() if curve.get_visible()}
        finite = {name: points[np.isfinite(points).all(axis=1)] for name, points in shown.items()}
        return {name: [four_digits(axis) for axis in points.T] for name, points in finite.items()}


@dataclass(frozen=True)
class Columns:
    """A table of one pair of axes whose values can be read as a curve's are, column by column.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where the table lies, its columns at 1, 2, ...
    x : str
        What the horizontal axis counts: "t".
    image : Artist
        What shows the table, a moving artist.
    rows : callable
        ``rows() -> dict``, each row's numbers by the name that stands before them, from the top down.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure()
    >>> image = ax.imshow([[1.0, 0.5]])
    >>> Columns(ax, "t", image, lambda: {"layer 1": [1.0, 0.5]}).numbers()
    {'layer 1': [[1, 2], [1.0, 0.5]]}
    """

    ax: Axes
    x: str
    image: Artist
    rows: Callable
    whole: ClassVar[bool] = True

    @property
    def curves(self):
        """The artist that must be among the moving ones."""
        return {self.x: self.image}

    def span(self):
        """The first and the last column."""
        return [1.0, float(max(map(len, self.rows().values())))]

    def numbers(self):
        """The rows, each as columns and numbers, four digits of those that are finite."""
        found = {name: [(k, float(f"{v:.4g}")) for k, v in enumerate(row, 1)] for name, row in self.rows().items()}
        finite = {name: [(k, v) for k, v in row if np.isfinite(v)] for name, row in found.items()}
        return {name: [list(part) for part in zip(*row, strict=True)] or [[], []] for name, row in finite.items()}


def four_digits(values):
    """Numbers with four digits each, formatted in one go: this happens at every move.

    Parameters
    ----------
    values : sequence of float
        Finite ones.

    Returns
    -------
    list of float

    Examples
    --------
    >>> four_digits([0.123456, 12345.6])
    [0.1235, 12350.0]
    """
    return [*map(float, ("%.4g " * len(values) % tuple(values)).split())]


def window(ax):
    """Where axes lie in the figure's SVG, and which data they span.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With linear or logarithmic scales.

    Returns
    -------
    dict
        "box" is left, top, right, bottom in points from the figure's top left corner; "x" and "y" are lowest and
        highest value and the scale.
    """
    height = 72 * ax.figure.get_size_inches()[1]
    left, bottom, right, top = (72 / ax.figure.dpi * edge for edge in ax.get_window_extent().extents)
    return {
        "box": [round(float(edge), 3) for edge in (left, height - top, right, height - bottom)],
        "x": [*map(float, ax.get_xlim()), ax.get_xscale()],
        "y": [*map(float, ax.get_ylim()), ax.get_yscale()],
    }
