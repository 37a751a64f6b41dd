"""One look for every picture of the book: colours by meaning, sizes for a projector, the same bytes every time.

Nothing here touches pyplot or leaves a global setting changed: the look holds inside `look()`, and inside every method
of a figure made here and of its axes, so that it holds in a notebook's cell too.
"""

import inspect
import io
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

__all__ = [
    "COLORS",
    "DIVERGING",
    "DPI",
    "INK",
    "LINES",
    "SEQUENTIAL",
    "figure",
    "line",
    "look",
    "png",
    "room",
    "save",
    "with_line",
]

# Okabe & Ito's palette, which stays apart in the common colour blindnesses, by what a colour means. Its orange,
# sky blue and yellow are too pale for a line on white (contrast below 3:1) and are not used.
COLORS = {
    "rnn": "#D55E00",  # vermillion
    "lstm": "#0072B2",  # blue
    "gru": "#009E73",  # bluish green
    "theory": "#000000",  # what a formula predicts
    "baseline": "#666666",  # what a constant answer reaches, chance, or a floor
    "mark": "#CC79A7",  # reddish purple: the step, point or unit in question
    "muted": "#8C8C8C",  # context: other seeds, outlines
}

# Letters want more contrast than lines, 4.5:1 (WCAG 2): the same hues, darker where they are too pale for that.
INK = COLORS | {"rnn": "#B04A00", "gru": "#00663E", "mark": "#A34A7B", "muted": "#6B6B6B"}

# On a dark page every colour of the book has a stand-in, as far from the dark paper as its original is from white.
DARK = {
    "#ffffff": "#111111",  # paper
    "#000000": "#f2f2f2",  # ink, and what a formula predicts
    "#d55e00": "#ff8c42",
    "#b04a00": "#ff9d5c",
    "#0072b2": "#5cb8f0",
    "#009e73": "#2fd6a3",
    "#00663e": "#49dcae",
    "#666666": "#a6a6a6",
    "#cc79a7": "#e59ac4",
    "#a34a7b": "#eba9cd",
    "#8c8c8c": "#8a8a8a",
    "#6b6b6b": "#a3a3a3",
    "#e3e3e3": "#333333",  # grid
    "#e9e9e9": "#333333",  # bands and boxes, which carry letters in ink
    "#f1e3da": "#4a352a",
}

# Colour never carries a meaning alone: each one has its own dashes and, for a series of points, its own marker.
LINES = {
    "rnn": {"linestyle": "-", "marker": "o"},
    "lstm": {"linestyle": (0, (6, 1.5)), "marker": "s"},
    "gru": {"linestyle": (0, (6, 1.5, 1.5, 1.5)), "marker": "^"},
    "theory": {"linestyle": (0, (1, 1.2)), "marker": ""},
    "baseline": {"linestyle": (0, (3, 3)), "marker": ""},
    "mark": {"linestyle": "-", "marker": "D"},
    "muted": {"linestyle": "-", "marker": ""},
}

SEQUENTIAL = "cividis"  # for amounts; even steps of lightness, also without colour
DIVERGING = "PuOr"  # for signed values, with white at zero

_LOOK = {
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.titlelocation": "left",
    "axes.labelsize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "lines.markersize": 6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.8,
    "image.cmap": SEQUENTIAL,
    "image.interpolation": "none",  # pixels stay crisp, and an SVG holds them unscaled
    "image.composite_image": False,
    "svg.fonttype": "path",  # letters as outlines: the same picture on a machine with other fonts
    "svg.hashsalt": "rnnbook",  # ids that do not change from run to run
}
DPI = 144  # twice what most screens show at natural size: sharp on a projector, small enough to store
_KEYS = tuple(key for key in matplotlib.rcParams if key != "backend")
_LAST = []
_HERE = threading.local()
# Matplotlib's settings are global, and JupyterLab may run a callback in a second thread: who sets them is alone.
SETTINGS = threading.RLock()


@contextmanager
def look():
    """Context in which Matplotlib draws as this book does; usable as a decorator too.

    Matplotlib reads size and colour of a text when the text is made. Methods of a figure that `figure` made and of
    its axes see to that themselves; code that makes artists in other ways belongs inside. The settings start from
    Matplotlib's own defaults: a reader's `matplotlibrc` has no say.

    Yields
    ------
    None
        Nothing.

    Examples
    --------
    >>> fig, ax = figure()
    >>> with look():
    ...     text = ax.text(0, 0, "h")
    >>> text.get_fontsize()
    12.0
    """
    if getattr(_HERE, "inside", False):  # Matplotlib's methods call one another
        yield
        return
    with SETTINGS:
        outside = _settings()
        _set(_inside(outside))
        _HERE.inside = True
        try:
            yield
        finally:
            _HERE.inside = False
            _set(outside)


def _settings():
    """What Matplotlib's settings are, the backend left aside, which is chosen when it is first asked for."""
    return {key: matplotlib.rcParams._get(key) for key in _KEYS}


def _set(settings):
    """Give values that Matplotlib has checked before; checking them again takes ten times as long."""
    for key, value in settings.items():
        matplotlib.rcParams._set(key, value)


def _inside(outside):
    """What the look sets otherwise than it is outside, worked out again only when that is not as it was last time."""
    if not _LAST or _LAST[0] != outside:
        with matplotlib.style.context(["default", _LOOK]):
            _LAST[:] = outside, {key: value for key, value in _settings().items() if value != outside[key]}
    return _LAST[1]


def _within_look(method):
    @wraps(method)
    def drawn(*args, **kwargs):
        with look():
            return method(*args, **kwargs)

    return drawn


def _in_look(cls):
    """Let every method of a class that may make an artist run inside `look`."""
    for name, method in inspect.getmembers(cls, inspect.isfunction):
        if not name.startswith(("_", "get_", "draw")):  # what is asked or drawn has been made
            setattr(cls, name, _within_look(method))
    return cls


@_in_look
class _Axes(Axes):
    """Axes in the book's look, whatever the reader's settings are."""


@_in_look
class _Figure(Figure):
    """A figure in the book's look, whatever the reader's settings are."""

    def add_subplot(self, *args, **kwargs):
        if not {"axes_class", "polar", "projection"} & set(kwargs):
            kwargs["axes_class"] = _Axes
        return super().add_subplot(*args, **kwargs)


_ROOM = ContextVar("room", default=None)


@contextmanager
def room(width):
    """Context in which `figure` makes figures no wider than the page, with their axes below one another.

    Parameters
    ----------
    width : float or None
        Room on the page, in inches. None for as much as a figure wants.

    Yields
    ------
    None

    Examples
    --------
    >>> with room(4.0):
    ...     fig, (upper, lower) = figure(ncols=2, width=9, height=3)
    >>> fig.get_size_inches().tolist()
    [4.0, 6.0]
    """
    before = _ROOM.set(width)
    try:
        yield
    finally:
        _ROOM.reset(before)


def figure(nrows=1, ncols=1, *, width=9.0, height=3.6, **subplots_kwargs):
    """Make an empty figure in the book's look.

    Parameters
    ----------
    nrows, ncols : int
        Rows and columns of axes.
    width, height : float
        Size in inches; 9 by 3.6 fills a slide's width and leaves room for controls.
    **subplots_kwargs
        Handed to `matplotlib.figure.Figure.subplots`.

    Returns
    -------
    fig : matplotlib.figure.Figure
        With constrained layout; not known to pyplot, so nothing appears in a cell's output by itself. Its methods
        and those of its axes add what they add in the book's look.
    axes : Axes or ndarray of Axes, shape (nrows, ncols) squeezed
        With a light grid below the data; `ax.grid(False)` for heat maps.

    Examples
    --------
    >>> fig, (left, right) = figure(ncols=2, width_ratios=[2, 1])
    >>> fig.get_size_inches().tolist()
    [9.0, 3.6]
    """
    space = _ROOM.get()
    with look():
        if space is None or space >= width:
            fig = _Figure(figsize=(width, height), layout="constrained")
            axes = fig.subplots(nrows, ncols, **subplots_kwargs)
        else:
            fig = _Figure(figsize=(space, height * ncols), layout="constrained")
            rest = {key: value for key, value in subplots_kwargs.items() if not key.endswith("_ratios")}
            axes = fig.subplots(nrows * ncols, 1, squeeze=False, **rest).reshape(nrows, ncols)
            axes = axes.squeeze() if axes.size > 1 else axes.item()
        for ax in fig.axes:
            # Ticks are made late, often outside `look`: say their sizes now.
            ax.tick_params(
                labelsize=_LOOK["xtick.labelsize"],
                grid_color=_LOOK["grid.color"],
                grid_linewidth=_LOOK["grid.linewidth"],
            )
    return fig, axes


def line(name, **changes):
    """Colour, dashes and marker of one meaning, as keywords for `Axes.plot`.

    Parameters
    ----------
    name : str
        A key of `COLORS`, as "rnn", "lstm", "gru", "theory" or "baseline".
    **changes
        Keywords that replace or extend the standard ones.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        When no such meaning exists.

    Examples
    --------
    >>> line("gru", label="GRU")["color"]
    '#009E73'
    """
    if name not in COLORS:
        raise ValueError(f"no line style is called {name!r}; there are {', '.join(COLORS)}")
    # A marker at every fifth of the picture's diagonal tells lines apart without hiding 200 points behind it.
    return {
        "color": COLORS[name],
        "linewidth": _LOOK["lines.linewidth"],
        "markersize": _LOOK["lines.markersize"],
        "markevery": 0.2,
        **LINES[name],
        **changes,
    }


def png(fig, dpi=DPI):
    """Draw a figure as PNG: the same figure gives the same bytes.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure.
    dpi : float
        Pixels per inch.

    Returns
    -------
    bytes

    Examples
    --------
    >>> png(figure()[0])[1:4]
    b'PNG'
    """
    drawn = io.BytesIO()
    with look():
        fig.savefig(drawn, format="rgba", dpi=dpi)
    size = [int(inches * dpi) for inches in fig.get_size_inches()]
    # Nothing shines through: without the fourth channel a notebook is a tenth smaller.
    return _png(Image.frombytes("RGBA", size, drawn.getvalue()).convert("RGB"), dpi)


def _png(image, dpi):
    file = io.BytesIO()
    image.save(file, "png", dpi=(dpi, dpi))
    return file.getvalue()


def with_line(picture, words):
    """Put a line of small grey type beneath a picture.

    Parameters
    ----------
    picture : bytes
        A PNG file at the book's density.
    words : str
        The line.

    Returns
    -------
    bytes
        A PNG file, 24 points higher.

    Examples
    --------
    >>> with_line(png(figure()[0]), "an empty figure")[1:4]
    b'PNG'
    """
    above, strip = Image.open(io.BytesIO(picture)), 24 * DPI // 72
    with look():
        fig = Figure(figsize=(above.width / DPI, strip / DPI))
        fig.text(0.995, 8 / 24, words, ha="right", fontsize=10, color=INK["muted"])
    whole = Image.new("RGB", (above.width, above.height + strip))
    whole.paste(above, (0, 0))
    whole.paste(Image.open(io.BytesIO(png(fig))), (0, above.height))
    return _png(whole, DPI)


def save(fig, path, sentence=None):
    """Write a figure as SVG and as PNG, the same bytes every time.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure.
    path : str or Path
        Where to, without a suffix: `figures/cliff` gives `figures/cliff.svg` and `figures/cliff.png`.
    sentence : str, optional
        What the picture shows; becomes the SVG's title, which screen readers say.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    ValueError
        When `path` has a suffix, .svg or .png.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [file.name for file in save(figure()[0], f"{folder}/empty")]
    ['empty.svg', 'empty.png']
    """
    path = Path(path)
    if path.suffix in (".svg", ".png"):
        raise ValueError(f"{path} has a suffix; both {path.stem}.svg and {path.stem}.png are written: leave it out")
    files = [path.with_name(f"{path.name}.{kind}") for kind in ("svg", "png")]
    # The date would differ at every run, the creator with every release of Matplotlib.
    metadata = {"Date": None, "Creator": None, **({"Title": sentence} if sentence else {})}
    with look():
        fig.savefig(files[0], format="svg", dpi=DPI, metadata=metadata)
    files[1].write_bytes(png(fig))
    return files
