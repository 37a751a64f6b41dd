"""Many letters of equal width as one artist of a picture, drawn in the time of a few curves."""

from functools import lru_cache

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from rnnbook.view.colored_text import MONOSPACE

WIDTH = 0.602  # of a letter of that font, in its sizes
MIDDLE = 0.28  # from the line of writing to the letter's place, half the height of an x
SVG = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "z"}
TEXTS = 64  # whose letters are kept sorted


def letters(ax, x, y, size, color):
    """Letters at fixed places of axes; all that are equal are one element of the page.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where they are added.
    x, y : array_like
        The middles of the letters, in data coordinates.
    size : float
        Of the font, in points.
    color : str
        Of all letters, "#" and six digits.

    Returns
    -------
    matplotlib.artist.Artist
        Its `text` has a letter for each place, at the start none; a space is not drawn.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure()
    >>> artist = letters(ax, range(5), [0] * 5, 11, "#000000")
    >>> artist.text = "hello"
    """
    return _Letters(ax, x, y, size, color)


class _Letters(Artist):
    """The artist of `letters`."""

    def __init__(self, ax, x, y, size, color):
        super().__init__()
        self.places, self.size, self.color = np.column_stack([x, y]).astype(float), size, color
        self.text, self._kept, self._where = "", {}, b""
        self.set_in_layout(False)
        self.set_zorder(2)  # as a line
        ax.add_artist(self)

    def draw(self, renderer):
        """Draw them; Matplotlib calls this."""
        if hasattr(renderer, "writer"):
            self._write(renderer)
        else:
            gc = renderer.new_gc()
            gc.set_linewidth(0)
            gc.set_snap(False)
            size, ink = Affine2D().scale(renderer.points_to_pixels(self.size)), to_rgba(self.color)
            for char, places in _sorted(self.text).items():
                renderer.draw_markers(gc, _outline(char), size, Path(self.places[places]), self.axes.transData, ink)
            gc.restore()
        self.stale = False

    def _write(self, renderer):
        """As SVG's own markers, at the corners of a path."""
        to_page = self.axes.transData + Affine2D().scale(1, -1).translate(0, renderer.height)
        where = to_page.transform([(0, 0), (1, 1)]).tobytes()
        if where != self._where:
            self._corners = [f"{x:.5g} {y:.5g}" for x, y in to_page.transform(self.places).tolist()]
            self._where, self._kept = where, {}
        if self.text not in self._kept:
            # The last corner stands twice, since a path's end has no marker.
            paths = {char: [self._corners[k] for k in [*at, at[-1]]] for char, at in _sorted(self.text).items()}
            self._kept[self.text] = {char: "M" + " ".join(corners) for char, corners in paths.items()}
            for oldest in [*self._kept][:-TEXTS]:
                del self._kept[oldest]
        for char, path in self._kept[self.text].items():
            name = f"letter-{ord(char)}-{self.size:g}-{self.color[1:].lower()}"  # one look, one id
            renderer.writer.start("marker", id=name, markerUnits="userSpaceOnUse", overflow="visible")
            renderer.writer.element("path", d=_drawn(char, self.size), style=f"fill: {self.color.lower()}")
            renderer.writer.end("marker")
            way = {"marker-start": f"url(#{name})", "marker-mid": f"url(#{name})"}
            renderer.writer.element("path", attrib={"fill": "none", **way, "d": path})


def _sorted(text):
    """Where each letter stands."""
    found = {}
    for k, char in enumerate(text):
        found.setdefault(char, []).append(k)
    return {char: found[char] for char in sorted(found) if char != " "}


@lru_cache(maxsize=512)
def _outline(char):
    """A letter of size 1 around its middle."""
    return TextPath((-WIDTH / 2, -MIDDLE), char, size=1, prop=FontProperties(family=MONOSPACE))


@lru_cache(maxsize=512)
def _drawn(char, size):
    """The outline as SVG has it, downwards."""
    parts = _outline(char).transformed(Affine2D().scale(size, -size)).iter_segments(simplify=False)
    return "".join(
        SVG[code] + ("" if code == Path.CLOSEPOLY else " ".join(f"{v:.4g}" for v in part)) for part, code in parts
    )
