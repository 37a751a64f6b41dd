"""Arrays to artists: each `draw_...` puts empty artists on given axes, each `move_...` sets their data.

What lies outside the axes is never dropped: it is drawn on the border, as a triangle or a cross, so that a
curve that leaves the picture says where it left. Artists that have nothing to show are invisible.
"""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.view.style import COLORS, SEQUENTIAL, line, look

MAGNITUDES = (1e-16, 1e8)  # limits that hold for a whole slider range: new limits would redraw everything
ROOM = 0.2  # for names left of curves, as a share of their steps
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")  # as letters, not as a formula, which takes 7 ms a tick
RADIUS = 2.2  # of the picture of the eigenvalues
SINGULAR = (3e-3, 10.0)


def draw_magnitudes(ax, names, limits=MAGNITUDES):
    """Axes for gradient magnitude by time step, with an empty curve for each name.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    names : dict of str to dict
        For each curve the keywords of `Axes.plot`, as ``{"h": line("rnn", label="through h")}``.
    limits : tuple of float
        Lowest and highest magnitude that is shown; powers of ten.

    Returns
    -------
    dict of str to Artist
        The curves by name, under "one" the line at 1, and under "below" and "above" the marks where curves leave the
        picture.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure()
    >>> artists = draw_magnitudes(ax, {"h": line("rnn")})
    >>> move_magnitudes(artists, {"h": np.array([1e-20, 1e-8, 1.0])})
    >>> artists["below"].get_offsets().tolist()
    [[1.0, 1e-16]]
    """
    with look():
        ax.set_yscale("log")
        ax.set_ylim(*limits)
        low, high = np.log10(limits).round()
        ax.set_yticks(10.0 ** np.arange(low, high + 1, 4 if high - low > 12 else 2))
        ax.minorticks_off()
        artists = {name: ax.plot([], [], **style)[0] for name, style in names.items()}
        artists["one"] = ax.axhline(1, color=COLORS["muted"], linewidth=0.8, zorder=1)
        for edge, marker in (("below", "v"), ("above", "^")):
            artists[edge] = _marks(ax, marker, size=110)
    return artists


def move_magnitudes(artists, norms):
    """Show magnitudes as curves over steps 1 to T; a curve that is not given is hidden.

    Parameters
    ----------
    artists : dict of str to Artist
        From `draw_magnitudes`.
    norms : dict of str to ndarray
        Magnitudes (T,) by name. A value of 0 lies below every picture; inf and nan, above.
    """
    edges = {"below": [], "above": []}
    for name, curve in artists.items():
        if name in edges or name == "one":
            continue
        values = norms.get(name)
        curve.set_visible(values is not None)
        if values is None:
            continue
        low, high = curve.axes.get_ylim()
        values = np.where(np.isfinite(values), values, np.inf)
        steps = 1 + np.arange(len(values))
        curve.set_data(steps, np.clip(values, low * 1e-20, high * 1e20))  # far outside, but a number
        for edge, gone, border in (("below", values < low, low), ("above", values > high, high)):
            for step in steps[gone][-1:]:  # walking back, the first step that is outside
                edges[edge].append((step, border, curve.get_color()))
    for edge, places in edges.items():
        _show_marks(artists[edge], places)


def set_decades(ax, norms, limits=MAGNITUDES, least=2, above=True, by=1):
    """Let a logarithmic axis span what is seen, in whole decades, with 1 among them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `draw_magnitudes`.
    norms : iterable of ndarray
        Magnitudes.
    limits : tuple of float
        Powers of ten. What lies outside, as 0 and infinity do, is beyond the border.
    least : int
        Decades that are shown at least.
    above : bool
        Whether there is a decade above 1, so that a curve at 1 does not lie on the border.
    by : int
        Decades by which it grows downwards.
    """
    values = np.concatenate([np.ravel(values) for values in norms])
    values = np.clip(values[np.isfinite(values) & (values > 0)], *limits)
    low = min(0, by * int(np.floor(np.log10(values.min(initial=1)) / by + 1e-9)))
    high = max(0, int(np.ceil(np.log10(values.max(initial=1)) - 1e-9)))
    high += above and high == 0
    low = min(low, high - least)
    if ax.get_ylim() != (10.0**low, 10.0**high):
        ax.set_ylim(10.0**low, 10.0**high)
        every = next(step for step in (1, 2, 4, 8) if (high - low) / step <= 6)
        powers = np.arange(-every * (-low // every), high + 1, every)
        ax.set_yticks(10.0**powers, [f"10{str(n).translate(RAISED)}" for n in powers])


def label_starts(labels, curves, apart=0.075, room=ROOM, gap=0.02):
    """Put names left of where curves start, a line apart where the curves are closer, and make room for them.

    Parameters
    ----------
    labels : dict of str to Text
        By name, aligned to the right; those without a curve are hidden.
    curves : dict of str to Line2D
        The curves that are shown, over steps 1 to T on logarithmic axes.
    apart : float
        Least distance, as a share of the axes' height.
    room, gap : float
        Room left of the curves, and what the names keep away from them, as shares of the steps.
    """
    for name, label in labels.items():
        label.set_visible(name in curves)
    some = next(iter(curves.values()))
    ax, T = some.axes, len(some.get_xdata())
    if ax.get_xlim() != (1 - room * T, T + 0.02 * T):  # new ticks take longer than a curve
        ax.set_xlim(1 - room * T, T + 0.02 * T)
        ax.set_xticks(
            [tick for tick in MaxNLocator(6 if room < 0.3 else 4, integer=True).tick_values(0, T) if 0 <= tick <= T]
        )
    low, high = np.log10(ax.get_ylim())
    heights = {name: (np.log10(curve.get_ydata()[0]) - low) / (high - low) for name, curve in curves.items()}
    places, last = {}, -1.0
    for name in sorted(heights, key=heights.get):
        last = places[name] = max(min(heights[name], 1), last + apart, 0.03)
    over = max(0, last - 0.97)  # the topmost name stays below the upper border
    for name, place in places.items():
        labels[name].set_position((1 - gap * T, 10 ** (low + (place - over) * (high - low))))


def draw_heat(ax):
    """Axes for magnitudes of a table, as colours, with an empty table and a scale at its right side.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.

    Returns
    -------
    dict of str to Artist
        Under "cells" the image, under "scale" the axis that says what its colours are.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure()
    >>> artists = draw_heat(ax)
    >>> artists["cells"].get_array().shape, artists["scale"].get_scale()
    ((1, 1), 'log')
    """
    with look():
        cells = ax.imshow(np.zeros((1, 1)), aspect="auto", cmap=SEQUENTIAL, zorder=2)
        ax.grid(False)
        scale = ax.inset_axes([1.02, 0, 0.03, 1], xticks=[])
        scale.imshow(np.linspace(1, 0, 64)[:, None], extent=(0, 1, 0, 1), transform=scale.transAxes, aspect="auto")
        scale.set(yscale="log", ylim=MAGNITUDES)
        scale.grid(False)
        scale.minorticks_off()
        scale.yaxis.tick_right()
        scale.tick_params(labelsize=ax.yaxis.get_tick_params()["labelsize"])
    return {"cells": cells, "scale": scale.yaxis}


def color_heat(cells, values, extent, limits):
    """Show a table of magnitudes in colours that span fixed limits; where one is exactly 0 there is no colour.

    Parameters
    ----------
    cells : AxesImage
        From `draw_heat`.
    values : ndarray
        Magnitudes, row by row. What is infinite or nan has the colour of the upper end.
    extent : tuple of float
        Left, right, bottom and top of the table in the axes' data coordinates; its first row is at the top.
    limits : tuple of float
        Magnitudes of the first and the last colour; what lies outside has theirs.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> cells = draw_heat(figure()[1])["cells"]
    >>> color_heat(cells, np.array([[1e-9, 1.0, 0.0]]), (0.5, 3.5, 1.5, 0.5), (1e-8, 1e2))
    >>> cells.get_clim(), cells.get_array().tolist()
    ((-8.0, 2.0), [[-8.0, 0.0, None]])
    """
    shown = np.where(np.isfinite(values), values, np.inf)
    with np.errstate(divide="ignore"):
        cells.set_data(np.ma.masked_where(shown == 0, np.log10(np.clip(shown, *limits))))
    cells.set_clim(*np.log10(limits))
    cells.set_extent(extent)


def draw_eigenvalues(ax, names):
    """Axes with the unit circle, and an empty cloud of eigenvalues for each name.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    names : dict of str to str
        For each cloud its style's name.

    Returns
    -------
    dict of str to Artist
        The clouds by name, and under "outside" the crosses of those outside the picture.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure()
    >>> artists = draw_eigenvalues(ax, {"RNN": "rnn"})
    >>> move_eigenvalues(artists, {"RNN": np.array([0.5, 4j])})
    >>> artists["outside"].get_offsets().round(6).tolist()
    [[0.0, 2.2]]
    """
    with look():
        angle = np.linspace(0, 2 * np.pi, 200)
        ax.plot(np.cos(angle), np.sin(angle), color=COLORS["theory"], linewidth=1)
        ticks = [-2, -1, 0, 1, 2]
        ax.set(xlim=(-RADIUS, RADIUS), ylim=(-RADIUS, RADIUS), aspect="equal", xticks=ticks, yticks=ticks)
        ax.set_xlabel("real part")
        ax.set_ylabel("imaginary part", labelpad=-2)
        clouds = {}
        for name, meaning in names.items():
            style = line(meaning, linestyle="none", markersize=5, markevery=None, markeredgewidth=0, alpha=0.75)
            (clouds[name],) = ax.plot([], [], **style)
        return {**clouds, "outside": _marks(ax, "x", size=50)}


def move_eigenvalues(artists, eigenvalues):
    """Show eigenvalues as points; a cloud that is not given is hidden.

    Parameters
    ----------
    artists : dict of str to Artist
        From `draw_eigenvalues`.
    eigenvalues : dict of str to ndarray
        Complex numbers by name.
    """
    outside = []
    for name, cloud in artists.items():
        if name == "outside":
            continue
        values = np.asarray(eigenvalues.get(name, []))
        reach = np.maximum(np.abs(values.real), np.abs(values.imag))
        inside = reach <= RADIUS
        cloud.set_visible(bool(inside.any()))
        cloud.set_data(values[inside].real, values[inside].imag)
        for value in values[~inside] * RADIUS / reach[~inside]:
            outside.append((value.real, value.imag, cloud.get_color()))
    _show_marks(artists["outside"], outside)


def draw_singular_values(ax, names):
    """Axes for singular values, largest first, with an empty row for each name.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    names : dict of str to str
        For each row its style's name.

    Returns
    -------
    dict of str to Artist
        The rows by name, and under "below" and "above" the marks of values outside the picture.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> fig, ax = figure()
    >>> artists = draw_singular_values(ax, {"RNN": "rnn"})
    >>> move_singular_values(artists, {"RNN": np.array([20.0, 1.0, 0.0])})
    >>> artists["above"].get_offsets()[:, 1].tolist(), artists["below"].get_offsets()[:, 1].tolist()
    ([10.0], [0.003])
    """
    with look():
        ax.set_yscale("log")
        ax.set(xlim=(0, 1), ylim=SINGULAR, xticks=[0, 0.5, 1], xlabel="largest to smallest")
        ax.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
        ax.minorticks_off()
        ax.axhline(1, color=COLORS["theory"], linewidth=1)
        rows = {name: ax.plot([], [], **line(meaning))[0] for name, meaning in names.items()}
        return {**rows, "below": _marks(ax, "v", size=60), "above": _marks(ax, "^", size=60)}


def move_singular_values(artists, singular_values):
    """Show singular values by rank; a row that is not given is hidden.

    Parameters
    ----------
    artists : dict of str to Artist
        From `draw_singular_values`.
    singular_values : dict of str to ndarray
        Largest first, by name.
    """
    low, high = SINGULAR
    edges = {"below": [], "above": []}
    for name, row in artists.items():
        if name in edges:
            continue
        values = np.asarray(singular_values.get(name, []))
        rank = (np.arange(len(values)) + 0.5) / max(1, len(values))
        row.set_visible(len(values) > 0)
        row.set_data(rank, np.maximum(values, low * 1e-20))
        edges["below"] += [(r, low, row.get_color()) for r in rank[values < low][:1]]
        edges["above"] += [(r, high, row.get_color()) for r in rank[values > high][-1:]]
    for edge, places in edges.items():
        _show_marks(artists[edge], places)


def _marks(ax, marker, size):
    return ax.scatter([], [], s=size, marker=marker, clip_on=False, zorder=5, in_layout=False)


def _show_marks(marks, places):
    marks.set_visible(bool(places))
    marks.set_offsets(np.array([place[:2] for place in places]).reshape(-1, 2))
    marks.set_color([color for *_, color in places])
