"""Two outputs that should be one: a unit of both over time, each with its name at its end."""

from __future__ import annotations

import numpy as np

from rnnbook.view.style import INK, line, look

EQUAL = 1e-12  # differences below are those of rounding
ROOM = 0.65  # inches, for names behind curves
BETWEEN = 0.3  # from name to name at least, in units of h: a line of type


def draw_outputs(ax, ours, theirs):
    """Axes for both outputs, with empty curves and their names.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where the outputs are drawn.
    ours, theirs : str
        What the outputs are called.

    Returns
    -------
    curves : dict of str to Artist
        The outputs, "ours" and "theirs".
    names : dict of str to Artist
        Their names.
    """
    with look():
        styles = {"ours": line("gru", markevery=None), "theirs": line("theory", marker=".", markevery=None)}
        curves = {key: ax.plot([], [], **style)[0] for key, style in styles.items()}
        side = {"va": "center", "fontsize": 11}
        names = {
            "ours": ax.text(0, 0, ours, color=INK["gru"], **side),
            "theirs": ax.text(0, 0, theirs, color=INK["theory"], **side),
        }
        ax.set(xlabel="time step t", ylabel="h of one unit", ylim=(-1.1, 1.1), yticks=(-1, -0.5, 0, 0.5, 1))
    return curves, names


def move_outputs(curves, names, arrays, last):
    """Put the artists of `draw_outputs` where the arrays say.

    Parameters
    ----------
    curves, names : dict of str to Artist
        From `draw_outputs`.
    arrays : object
        With ours and theirs, each (T,).
    last : int
        The last step that there is room for, T or more: new axes take longer than new curves.
    """
    T = len(arrays.ours)
    span_steps(curves["ours"].axes, last)
    for key, curve in curves.items():
        curve.set_data(np.arange(1, T + 1), getattr(arrays, key))
    one, other = arrays.ours[-1], arrays.theirs[-1]
    side = 1 if one >= other else -1  # the higher curve has the higher name
    push = side * max(0, BETWEEN - abs(one - other)) / 2
    for key, place in (("ours", one + push), ("theirs", other - push)):
        names[key].set_position((T + 0.03 * last, np.clip(round(place, 1), -1, 1)))  # what stays is not drawn again


def span_steps(ax, last):
    """Let an axis of steps end where there is room for names behind the last.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The axes, in their place.
    last : int
        The last step.
    """
    width = ax.get_position().width * ax.figure.get_size_inches()[0]
    limits = 0.5, 0.5 + last * width / (width - ROOM)
    if ax.get_xlim() != limits:
        every = max(1, last // 4)
        ax.set(xlim=limits, xticks=range(every, last + 1, every))


def said_size(number):
    """A difference in words: two decimals, or a power of ten where it is small.

    Parameters
    ----------
    number : float
        The difference.

    Returns
    -------
    str
        The words.

    Examples
    --------
    >>> said_size(0.314), said_size(2e-5), said_size(0.0)
    ('0.31', '2e-05', 'exactly 0')
    """
    if number == 0:
        return "exactly 0"
    return f"{number:.2f}" if number >= 0.01 else f"{number:.0e}"
