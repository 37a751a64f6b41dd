"""Many letters, arrows and bars as one artist: drawn one by one, each would take as long as a curve."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from rnnbook.view.signs import SIGNS

FONT = FontProperties(family="DejaVu Sans")
LARGE = 100  # size in points at which outlines are read from the font
SIZE, SPACING = 11, 13  # points: of letters at a place of the data, and from row to row
MIDDLE = 0.36  # of a line of letters above its base, as a share of their size
SHIFTS = {"left": 0.0, "center": 0.5, "right": 1.0}
ARROW = np.array([(0, 0.5), (-1, 0.5), (-1, 1.5), (0, 0), (-1, -1.5), (-1, -0.5), (0, -0.5)])  # head at 3, end at 0, 6


@lru_cache(maxsize=4096)
def shown(letter):
    """A letter as the figure can show it: spaces by a sign, what the font lacks by its code point.

    Parameters
    ----------
    letter : str
        One character.

    Returns
    -------
    str
        One character, or the four to six digits of its code point.

    Examples
    --------
    >>> shown("a"), shown(" "), shown("한")
    ('a', '␣', 'D55C')
    """
    letter = SIGNS.get(letter, letter)
    known = letter.isprintable() and get_font(findfont(FONT)).get_char_index(ord(letter))
    return letter if known else f"{ord(letter):04X}"


def points(fig):
    """Points from a figure's lower left corner, as a transform.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure.

    Returns
    -------
    Transform
        For artists.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, _ = figure(width=5, height=2)
    >>> (points(fig) - fig.transFigure).transform((360, 144)).tolist()
    [1.0, 1.0]
    """
    return Affine2D().scale(1 / 72) + fig.dpi_scale_trans


@lru_cache(maxsize=4096)
def _letter(letter, size):
    """Vertices and codes of a letter at the origin, and how far the next one is away."""
    font = get_font(findfont(FONT))
    font.set_size(LARGE, 72)
    advance = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536
    vertices, codes = font.get_path()
    return np.reshape(vertices, (-1, 2)) * size / LARGE, np.array(codes, Path.code_type), advance * size / LARGE


@lru_cache(maxsize=4096)
def _line(letters, size):
    """Vertices and codes of letters with their base at height 0, and where they begin and end."""
    vertices, codes, x = [], [], 0.0
    for letter in letters:
        shape, kinds, advance = _letter(letter, size)
        vertices.append(np.add(shape, (x, 0)))
        codes.append(kinds)
        x += advance
    vertices, codes = np.concatenate(vertices), np.concatenate(codes)
    across = vertices[codes != Path.CLOSEPOLY, 0]  # where an outline closes there is no place
    return vertices, codes, across.min(initial=x), across.max(initial=0)


def written(items, size):
    """Letters at places, as one path.

    Parameters
    ----------
    items : iterable of tuple
        Letters, x, y of their middle, and, unless they stand around x, "left" or "right" for where they begin or end.
    size : float
        Of the letters, in points.

    Returns
    -------
    Path
        Of all letters.

    Examples
    --------
    >>> box = written([("a", 10, 0), ("b", 30, 0)], 12).get_extents()
    >>> bool(5 < box.x0 < 10 and 30 < box.x1 < 35)
    True
    """
    vertices, codes = [], []
    for letters, x, y, *where in items:
        shape, kinds, left, right = _line(letters, size)
        shift = left + SHIFTS[where[0] if where else "center"] * (right - left)
        vertices.append(np.add(shape, (x - shift, y - MIDDLE * size)))
        codes.append(kinds)
    return _path(vertices, codes)


def width_of(letters, size):
    """How wide letters are, as `written` puts them.

    Parameters
    ----------
    letters : str
        Without formulas.
    size : float
        Of the letters, in points.

    Returns
    -------
    float
        In points.

    Examples
    --------
    >>> round(width_of("0.50", 10))
    21
    """
    _, _, left, right = _line(letters, size)
    return float(right - left)


def arrows(places, width):
    """Arrows of one width, as one path.

    Parameters
    ----------
    places : iterable of tuple of float
        x and y of each start and end.
    width : float
        Of their shafts; the heads are three times as wide.

    Returns
    -------
    Path
        Of all arrows.

    Examples
    --------
    >>> arrows([(0, 0, 10, 0), (0, 5, 0, 25)], 2).get_extents().extents.tolist()  # left, bottom, right, top
    [-3.0, -3.0, 10.0, 25.0]
    """
    vertices = []
    for x0, y0, x1, y1 in places:
        along = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
        aside = np.array([-along[1], along[0]])
        head = np.add(np.multiply.outer(2.5 * width * ARROW[:, 0], along), (x1, y1))
        head[[0, 6]] = x0, y0
        vertices.append(head + np.multiply.outer(width * ARROW[:, 1], aside))
    return _polygons(vertices)


def bars(places):
    """Rectangles, as one path.

    Parameters
    ----------
    places : iterable of tuple of float
        Left, bottom, right and top of each.

    Returns
    -------
    Path
        Of all rectangles.

    Examples
    --------
    >>> bars([(0, 0, 1, 2), (3, 0, 4, 5)]).get_extents().extents.tolist()
    [0.0, 0.0, 4.0, 5.0]
    """
    return _polygons([np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]) for x0, y0, x1, y1 in places])


def draw_outlines(ax, looks, zorder):
    """An artist of several paths in points from the figure's corner, each with its own look, all of them empty.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Whose artist it is; it may reach beyond.
    looks : dict of str to tuple
        Colour of the face, colour and width of the edge of each path, by name; the last one lies on top.
    zorder : float
        Of all.

    Returns
    -------
    PathCollection
        The artist.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure()
    >>> artist = draw_outlines(ax, {"ink": ("black", "none", 0)}, 3)
    >>> artist.set_paths([bars([(72, 72, 144, 144)])])
    >>> inch = artist.get_paths()[0].get_extents(artist.get_transform()).width
    >>> bool(np.isclose(inch, fig.dpi))
    True
    """
    faces, edges, widths = zip(*looks.values(), strict=True)
    artist = PathCollection([_path([], [])] * len(looks), transform=points(ax.figure), zorder=zorder, clip_on=False)
    artist.set(facecolor=faces, edgecolor=edges, linewidth=widths, in_layout=False)
    return ax.add_collection(artist, autolim=False)


def moving_words(ax, color, **changes):
    """An empty place for words at a place of the data, which `write` fills: a line's marker, and so one curve.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    color : str
        Of the letters, from `rnnbook.view.style.INK`.
    **changes
        Further keywords of `Axes.plot`, as `transform`.

    Returns
    -------
    Line2D
        A moving artist.
    """
    (words,) = ax.plot([], [], linestyle="none", color=color, markeredgewidth=0, **changes)
    words.set_in_layout(False)  # Matplotlib takes a marker for a square, as high as it is wide
    return words


def write(words, said, x, y, side=1):
    r"""Write words beside a place, halfway up its sides.

    Parameters
    ----------
    words : Line2D
        From `moving_words`.
    said : str
        The words, a row or several.
    x, y : float
        The place.
    side : {1, -1}
        Right of it, or left.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> words = moving_words(figure()[1], "#000000")
    >>> write(words, "noise\n6.3", 0.5, 0.5)
    >>> words.get_xydata().tolist()
    [[0.5, 0.5]]
    """
    letters = rows_beside(said, side)
    words.set(data=([x], [y]), marker=letters, markersize=2 * np.abs(letters.vertices).max())


@lru_cache(maxsize=256)
def rows_beside(said, side):
    """Rows of letters around (0, 0), in points, halfway up and on one side.

    Parameters
    ----------
    said : str
        The words, a row or several.
    side : {1, -1}
        Right of it, or left.

    Returns
    -------
    matplotlib.path.Path
        All rows.
    """
    rows = said.split("\n")
    heights = SPACING * ((len(rows) - 1) / 2 - np.arange(len(rows)))
    return written([(row, 0, y, "left" if side > 0 else "right") for row, y in zip(rows, heights, strict=True)], SIZE)


def _polygons(corners):
    codes = [[Path.MOVETO] + [Path.LINETO] * (len(c) - 1) + [Path.CLOSEPOLY] for c in corners]
    return _path([np.vstack([c, c[:1]]) for c in corners], codes)


def _path(vertices, codes):
    if not vertices:
        return Path(np.zeros((0, 2)), np.zeros(0, Path.code_type))
    return Path(np.concatenate(vertices).round(2), np.concatenate(codes).astype(Path.code_type))
