"""Two outputs that should be one: a unit of both over time, and the largest difference at every step."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.view import plots
from rnnbook.view.style import line, look

EQUAL = 1e-12  # differences below are those of rounding
LIMITS = (1e-17, 1e1)


def draw_apart(left, right, ours, theirs):
    """Axes for both outputs and for their difference, with empty curves.

    Parameters
    ----------
    left, right : matplotlib.axes.Axes
        Where outputs and difference are drawn.
    ours, theirs : str
        What the outputs are called.

    Returns
    -------
    curves : dict of str to Artist
        The outputs, "ours" and "theirs".
    apart : dict of str to Artist
        The difference, as `plots.draw_magnitudes` has it.
    """
    with look():
        styles = {
            "ours": line("gru", label=ours, markevery=None),
            "theirs": line("theory", label=theirs, marker=".", markevery=None),
        }
        curves = {name: left.plot([], [], **style)[0] for name, style in styles.items()}
        left.set(xlabel="time step t", ylabel="h of one unit", ylim=(-1.05, 1.05))
        left.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=10)
        apart = plots.draw_magnitudes(right, {"apart": line("mark")}, LIMITS)
        right.set_title("Largest difference of all units", fontsize=11)
        right.set(xlabel="time step t")
        for ax in (left, right):
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return curves, apart


def move_apart(curves, apart, arrays, last=None):
    """Put the artists of `draw_apart` where the arrays say.

    Parameters
    ----------
    curves, apart : dict of str to Artist
        From `draw_apart`.
    arrays : object
        With ours, theirs and apart, each (T,).
    last : int, optional
        Where the axes end; T if not given. New axes take longer than new curves.
    """
    T = len(arrays.apart)
    for ax in (curves["ours"].axes, apart["apart"].axes):
        ax.set_xlim(0.5, (last or T) + 0.5)
    for name, curve in curves.items():
        curve.set_data(np.arange(1, T + 1), getattr(arrays, name))
    plots.move_magnitudes(apart, {"apart": arrays.apart})


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
    >>> said_size(0.314), said_size(2e-5)
    ('0.31', '2e-05')
    """
    return f"{number:.2f}" if number >= 0.01 else f"{number:.0e}"
