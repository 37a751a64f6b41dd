"""A Matplotlib figure that answers a slider at once: only its moving artists are drawn again.

Matplotlib draws the whole figure once, with an empty group where each moving artist belongs. At every move its
own SVG renderer draws those artists alone, and `live.js` puts them into their groups. Any artist can move, what
lies above what stays exact, and the result is `savefig`'s SVG at a tenth of the time.
"""

import io
import re
from pathlib import Path

import anywidget
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_rgba
from matplotlib.path import Path as Outline
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FixedLocator
from matplotlib.transforms import Affine2D
from traitlets import Dict, Int, Unicode

from rnnbook.view import style
from rnnbook.view.touch import SCALES, window

__all__ = ["Live"]

_ONE_AT_A_TIME = style.SETTINGS  # a figure that is drawn reads them
_FEW = 3  # markers that are written one by one
_VIEWS = 64  # pictures of letters that are kept
_USE = re.compile(r'<use xlink:href="#(\w+)" x="[^"]*" y="[^"]*" style="([^"]*)"/>')
_NO_METADATA = dict.fromkeys(["Creator", "Date", "Format", "Type"])


class Live(anywidget.AnyWidget):
    """A live figure, with the sentence that reads it beneath.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Its layout is fixed by the first drawing, so that nothing jumps while a slider moves.
    moving : sequence of matplotlib.artist.Artist
        The artists of `fig` that change: lines, images, texts, collections, even whole axes. With `ax.xaxis`
        or `ax.yaxis` among them that axis may take new limits; all that is drawn along it must move too.
    reading : str
        One sentence that says what the figure shows: the text beneath it and its alternative text.
    handles : sequence of Handle
        What can be dragged. Their callables are called in the kernel, where a slider's callback would be.
    probes : sequence of Probe
        Curves whose values can be read; the page does that by itself.
    ghosts : sequence of Artist
        Moving lines that leave a pale copy of where they were before the last gesture.
    **kwargs
        Handed to the widget, as `layout` or `model_id`.

    Attributes
    ----------
    fig : matplotlib.figure.Figure
        The figure.
    artists : tuple of Artist
        The moving artists.
    still : str
        SVG of the figure with a group `hole-0`, `hole-1`, ... for each moving artist.
    moving : list of str
        SVG of each moving artist. The page has them as `part_0`, `part_1`, ..., and is sent those that change.
    reading : str
        The sentence.
    touch : dict
        What the page needs for handles and values: windows of axes, places of handles, numbers of curves.
    era : int
        Counts how often ghosts were sent away.
    resized : callable or None
        ``resized(width)``, called when the page has another width, in inches; None where any figure has room.
    calm : bool
        Whether the reader has asked the system for reduced motion.

    Raises
    ------
    TypeError
        When something in `moving` is not an artist.
    ValueError
        When the figure does not draw one of them, when a curve of a probe or a ghost is not among them, or when a
        handle or a probe lies in axes that are neither linear nor logarithmic.

    Notes
    -----
    Nothing private of Matplotlib is used. `tests/test_live.py` states what is expected of its SVG renderer.

    Examples
    --------
    >>> fig, ax = style.figure()
    >>> ax.set_ylim(0, 2)
    (0.0, 2.0)
    >>> (curve,) = ax.plot([0, 1], [1, 1])
    >>> live = Live(fig, [curve], "constant at 1")
    >>> curve.set_ydata([1, 2])
    >>> live.update("rises from 1 to 2")
    >>> live.reading
    'rises from 1 to 2'
    """

    _esm = Path(__file__).with_name("live.js")

    still = Unicode().tag(sync=True)
    reading = Unicode().tag(sync=True)
    touch = Dict().tag(sync=True)
    dark = Dict(style.DARK).tag(sync=True)
    era = Int().tag(sync=True)

    def __init__(self, fig, moving, reading="", *, handles=(), probes=(), ghosts=(), **kwargs):
        self.resized, self.calm = None, False
        super().__init__(**self._take(fig, moving, reading, handles, probes, ghosts), **kwargs)
        self.on_msg(self._touched)

    def replace(self, fig, moving, reading, *, handles=(), probes=(), ghosts=()):
        """Show another figure in this one's place, which may be in several places of the page.

        Parameters
        ----------
        fig : matplotlib.figure.Figure
            The other figure.
        moving : sequence of matplotlib.artist.Artist
            Its artists that change.
        reading : str
            The sentence.
        handles, probes, ghosts : sequence
            As at the start, of the other figure.
        """
        with _ONE_AT_A_TIME:
            values = self._take(fig, moving, reading, handles, probes, ghosts)
            with self.hold_sync():
                for name, value in values.items():
                    setattr(self, name, value)
                self.era += 1

    def _take(self, fig, moving, reading, handles, probes, ghosts):
        """Draw a figure for the first time, and return what the page needs of it, by trait."""
        self.fig, self.artists = fig, tuple(moving)
        for artist in self.artists:
            if not isinstance(artist, Artist):
                raise TypeError(f"moving must hold Matplotlib artists, not {type(artist).__name__}")
        self._handles, self._probes, self._ghosts = tuple(handles), tuple(probes), tuple(ghosts)
        self._check_touch(ghosts)
        fig.set_dpi(72)  # an SVG's unit is the point
        with _ONE_AT_A_TIME, style.look():
            self._kept = {}
            still, parts = self._draw_still(), self._draw_moving(everything=True)
            fig.set_layout_engine("none")
            self._drawn = self._frame()
        for k, artist in enumerate(self.artists):
            if f'"hole-{k}"' not in still:
                raise ValueError(
                    f"the figure does not draw {artist}: it must be visible, be listed once, "
                    "and not lie within a rasterized artist"
                )
        self.add_traits(**{name: Unicode().tag(sync=True) for name in self._parts() if not self.has_trait(name)})
        first = dict(zip(self._parts(), parts, strict=True))
        return {"still": still, "reading": reading, "touch": self._touch(), **first}

    @property
    def moving(self):
        """SVG of each moving artist, as a list of str."""
        return [getattr(self, name) for name in self._parts()]

    def update(self, reading=None, *, ghost=True):
        """Draw the moving artists and show them together with a new reading, in one message.

        Falls back to `redraw` when limits, scales or visibility of axes or the figure's size have changed. If
        an artist cannot be drawn, the last good picture and reading stay.

        Parameters
        ----------
        reading : str, optional
            The new sentence; without it the old one stays.
        ghost : bool
            Whether the curves leave a ghost where they were. Without, all ghosts go.
        """
        self._show(reading, everything=self._frame() != self._drawn, ghost=ghost)

    def redraw(self, reading=None):
        """Draw the whole figure: for titles, ticks and whatever else is not among the moving artists.

        It takes as long as `savefig`, ten times an `update`.

        Parameters
        ----------
        reading : str, optional
            The new sentence; without it the old one stays.
        """
        self._show(reading, everything=True)

    def png(self, dpi=style.DPI):
        """Draw the figure as it now is as PNG: the same figure gives the same bytes.

        Parameters
        ----------
        dpi : float
            Pixels per inch.

        Returns
        -------
        bytes
        """
        with _ONE_AT_A_TIME:
            return style.png(self.fig, dpi)

    def _show(self, reading, everything, ghost=True):
        with _ONE_AT_A_TIME, style.look():
            # First draw, then show: an exception on the way leaves the page as it was.
            still = self._draw_still() if everything else self.still
            parts = self._draw_moving(everything)
            self._drawn = self._frame()
            with self.hold_sync():  # one message, so that picture and sentence change together
                self.still, self.touch = still, self._touch()
                self.era += not ghost
                for name, svg in zip(self._parts(), parts, strict=True):
                    setattr(self, name, svg)
                if reading is not None:
                    self.reading = reading

    def _check_touch(self, ghosts):
        for artist in [*ghosts, *(curve for probe in self._probes for curve in probe.curves.values())]:
            if artist not in self.artists:
                raise ValueError(f"{artist} leaves a ghost or has values to read: it must be among the moving artists")
        for thing in self._handles + self._probes:
            for scale in (thing.ax.get_xscale(), thing.ax.get_yscale()):
                if scale not in SCALES:
                    raise ValueError(f"handles and probes need axes that are {' or '.join(SCALES)}; got {scale}")

    def _touch(self):
        """What handles and probes are now, for the page."""
        axes = list(dict.fromkeys(thing.ax for thing in self._handles + self._probes))
        handles = []
        for handle in self._handles:
            at = handle.at()
            at = None if at is None else [*map(float, at)]
            handles.append({"axes": axes.index(handle.ax), "at": at, "name": handle.name, "said": handle.said()})
        probes = []
        for probe in self._probes:
            curves = probe.numbers()
            span = {"span": probe.span(), "x": probe.x, "whole": probe.whole}
            probes.append({"axes": axes.index(probe.ax), "curves": curves, **span})
        ghosts = {str(self.artists.index(ghost)): window(ghost.axes) for ghost in self._ghosts}
        return {"axes": [window(ax) for ax in axes], "handles": handles, "probes": probes, "ghosts": ghosts}

    def _touched(self, _, content, buffers):
        """A hand moved a handle, by keys or to a place; or the page has more or less room, or wants no motion."""
        if "calm" in content:
            self.calm = content["calm"]
            return
        if "room" in content:
            if self.resized:
                self.resized(content["room"] / 96 if content["room"] else None)  # CSS pixels
            return
        try:
            handle = self._handles[content["handle"]]
            if "taken" in content:
                if handle.take:
                    handle.take()
            elif "right" in content:
                handle.step(content["right"], content["up"])
            else:
                handle.drag(content["x"], content["y"])
        finally:
            self.send({"handled": content["handle"]})  # the page sends no further place before

    def _parts(self):
        return [f"part_{k}" for k in range(len(self.artists))]

    def _frame(self):
        """What the still part was drawn for: if this changes, so does it."""
        frame = [*self.fig.get_size_inches()]
        for ax in self.fig.axes:
            frame += [ax.get_visible(), ax.get_xscale(), ax.get_yscale()]
            frame += [] if ax.xaxis in self.artists else ax.get_xlim()
            frame += [] if ax.yaxis in self.artists else ax.get_ylim()
        return frame

    def _draw_still(self):
        for k, artist in enumerate(self.artists):
            # The figure itself calls this in its drawing order, so each hole lies at its artist's depth.
            artist.draw = lambda renderer, k=k: _hole(renderer, f"hole-{k}")
        try:
            body = _svg(self.fig, self.fig.draw)
        finally:
            for artist in self.artists:
                vars(artist).pop("draw", None)  # listed twice, it has gone already
        width, height = self.fig.get_size_inches()
        # Matplotlib's two default strokes stand here, where they are inherited: its own <style>*{...}</style>
        # would restyle the reader's whole page.
        return (
            f'<svg viewBox="0 0 {72 * width:g} {72 * height:g}" role="img" style="display: block; width: 100%; '
            f'max-width: {96 * width:g}px; stroke-linejoin: round; stroke-linecap: butt">{body}</svg>'
        )

    def _draw_moving(self, everything):
        views, parts = self._slow_ones(), []
        if everything:
            self._kept = {}
        for k, artist in enumerate(self.artists):
            view = views.get(k)
            svg = self._kept.pop((k, view), None) if view else None  # letters take longer than all curves
            if svg is None:
                # A renderer for each: each part carries its own clip paths, hatches and glyphs.
                svg = _svg(self.fig, artist.draw) if artist.get_visible() else ""
            if view:
                self._kept[k, view] = svg
            parts.append(svg)
        for oldest in [*self._kept][:-_VIEWS]:  # the one that was last shown stands last
            del self._kept[oldest]
        return parts

    def _slow_ones(self):
        """What each moving axis and each moving text shows: what it has shown before need not be drawn again."""
        views = {k: _view(artist) for k, artist in enumerate(self.artists) if isinstance(artist, Axis)}
        return views | {k: _letters(artist) for k, artist in enumerate(self.artists) if type(artist) is Text}


def _view(axis):
    ticks = tuple(axis.get_majorticklocs()) if isinstance(axis.get_major_locator(), FixedLocator) else ()
    names = axis.get_major_formatter()
    names = tuple(names.seq) if isinstance(names, FixedFormatter) else ()
    return axis.get_visible(), axis.get_scale(), axis.get_label_text(), *axis.get_view_interval(), ticks, names


def _letters(text):
    if text.get_bbox_patch():
        return None  # has a style of its own, and is drawn anew
    place = text.get_transform().transform([text.get_unitless_position(), (1, 1)]).tobytes()
    style = to_rgba(text.get_color(), text.get_alpha()), text.get_ha(), text.get_va(), text.get_rotation()
    return text.get_visible(), text.get_text(), place, style, hash(text.get_fontproperties())


def _hole(renderer, name):
    renderer.open_group("hole", gid=name)
    renderer.close_group("hole")


class _Renderer(RendererSVG):
    """Matplotlib's, but a curve's many markers are one element: SVG's own markers, at the corners of a path."""

    def __init__(self, width, height, file):
        self._size, self._file, self._rows = (width, height), file, 0
        super().__init__(width, height, file, image_dpi=style.DPI, metadata=_NO_METADATA)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        width, height = self._size
        flip = trans + Affine2D().scale(1, -1).translate(0, height)
        clean = path.cleaned(flip, clip=(0, 0, 72 * width, 72 * height), simplify=False)  # as Matplotlib does
        drawn = clean.codes != Outline.STOP
        corners, curved = clean.vertices[drawn].round(6), (clean.codes[drawn] > Outline.LINETO).any()
        if len(corners) < _FEW or curved:
            super().draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
            return
        start = self._file.tell()
        one = Outline([(width / 2, height / 2)])
        super().draw_markers(gc, marker_path, marker_trans, one, Affine2D(), rgbFace)
        self._file.seek(start)
        text = self._file.read()
        self._file.seek(start)
        self._file.truncate()
        self._rows += 1
        self._file.write(_USE.sub(lambda use: self._row(use[1], use[2], corners), text, count=1))

    def _row(self, shape, look, corners):
        # The last corner stands twice, with no marker at its end: a path of one corner has a start and an end there.
        name, corners = f"{shape}-{self._rows}", [*corners.tolist(), corners[-1].tolist()]
        places = " ".join(f"{x:.9g} {y:.9g}" for x, y in corners)
        return (
            f'<marker id="{name}" markerUnits="userSpaceOnUse" overflow="visible">'
            f'<use xlink:href="#{shape}" style="{look}"/></marker>'
            f'<path fill="none" marker-start="url(#{name})" marker-mid="url(#{name})" d="M{places}"/>'
        )


def _svg(fig, draw):
    """What `draw(renderer)` draws, as SVG elements without head and metadata."""
    width, height = fig.get_size_inches()
    file = io.StringIO()
    svg = _Renderer(72 * width, 72 * height, file)
    svg.open_group("part", gid="part")
    draw(MixedModeRenderer(fig, width, height, style.DPI, svg))
    svg.close_group("part")
    svg.finalize()
    text = file.getvalue()
    return text[text.index('<g id="part"') : text.rindex("</svg>")]
