"""When each run of each cell was solved: a row a contest, a mark for each number of steps, the runs counted in it."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.studies import contest, standings
from rnnbook.view.style import INK, LINES, figure, line, look

CELLS = {"RNN": "rnn", "LSTM": "lstm", "GRU": "gru"}
SHIFT = {"RNN": -0.27, "LSTM": 0.0, "GRU": 0.27}  # so that the three cells of a contest stand below one another
SIZE = {"RNN": 10, "LSTM": 10, "GRU": 13}  # in points; a triangle needs more for the same number
DROP = {"RNN": -0.6, "LSTM": -0.6, "GRU": -2}
LEFT, RIGHT = 36, 3200  # steps; runs that were not solved stand at the right
TICKS = [50, 100, 200, 500, 1000]


def contests_picture(rows):
    """Draw the steps of every run on a log axis.

    Parameters
    ----------
    rows : list of dict
        ``load_table("contests")``.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        The run in the middle of each cell in each contest, or how many were solved where that is less than half.

    Examples
    --------
    >>> from rnnbook import load_table
    >>> contests_picture(load_table("contests"))[1].split(":")[0]
    'Steps until solved, the run in the middle'
    """
    names, said = list(dict.fromkeys(row["contest"] for row in rows)), []
    fig, ax = figure(width=11.5, height=4.6)
    with look():
        for row, name in enumerate(names):
            found = standings(rows, name)
            said.append(f"{name}: {', '.join(_middle(standing) for standing in found.values())}")
            for cell, standing in found.items():
                _draw_runs(ax, row + SHIFT[cell], standing, contest(name).budget)
        for cell, style in CELLS.items():
            ax.plot(
                [], [], **line(style, linestyle="none", marker=LINES[style]["marker"], label=cell, color=INK[style])
            )
        ax.set(xscale="log", xlim=(LEFT, RIGHT), ylim=(len(names) - 0.5, -0.5), xlabel="steps until solved")
        ax.set_yticks(range(len(names)), names)
        ax.set_xticks(TICKS, [f"{tick:,}" for tick in TICKS])
        ax.minorticks_off()
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return fig, f"Steps until solved, the run in the middle: {'; '.join(said)}."


def _draw_runs(ax, y, standing, budget):
    style = line(CELLS[standing.cell], linestyle="none", markersize=SIZE[standing.cell], markevery=None, clip_on=False)
    style |= {"color": INK[CELLS[standing.cell]], "markeredgecolor": "white", "markeredgewidth": 0.7}
    at = np.array(standing.at)
    done, runs = np.unique(at[np.isfinite(at)], return_counts=True)
    ax.plot(done, np.full(len(done), y), **style)
    if len(done) > 1:
        ax.plot([done[0], done[-1]], [y, y], color=style["color"], linewidth=1.2, zorder=1)
    for x, count in zip(done, runs, strict=True):
        if count > 1:
            ax.annotate(
                str(count), (x, y), (0, DROP[standing.cell]), textcoords="offset points", color="white", **COUNT
            )
    if len(at) > runs.sum():
        words = f"{len(at) - runs.sum()} of {len(at)} not in {budget:,} steps"
        ax.text(RIGHT, y, words, color=style["color"], fontsize=9, va="center", ha="right")


COUNT = {"fontsize": 6.5, "fontweight": "bold", "ha": "center", "va": "center", "zorder": 4}


def _middle(standing):
    if np.isfinite(standing.steps):
        return f"{standing.cell} {standing.steps:.0f}"
    return f"{standing.cell} {standing.solved} of {len(standing.at)} solved"
