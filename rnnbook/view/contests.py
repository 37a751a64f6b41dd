"""When each run of each cell was solved: a row a contest, a mark a run, a bar at the median."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.studies import contest, standings
from rnnbook.view.style import INK, LINES, figure, line, look

CELLS = {"RNN": "rnn", "LSTM": "lstm", "GRU": "gru"}
SHIFT = {"RNN": -0.27, "LSTM": 0.0, "GRU": 0.27}  # so that the three cells of a contest stand below one another
SPREAD = 0.09  # the runs of a cell stand a little above and below one another
LEFT, RIGHT = 25, 3200  # steps; runs that were not solved stand at the right
TICKS = [25, 50, 100, 200, 500, 1000]


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
        The median run of each cell in each contest, or how many were solved where that is no more than half.

    Examples
    --------
    >>> from rnnbook import load_table
    >>> contests_picture(load_table("contests"))[1].split(":")[0]
    'Steps until solved, the median run'
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
    return fig, f"Steps until solved, the median run: {'; '.join(said)}."


def _draw_runs(ax, y, standing, budget):
    style = line(CELLS[standing.cell], linestyle="none", markersize=5, markevery=None, clip_on=False)
    style |= {"color": INK[CELLS[standing.cell]], "markeredgecolor": "white", "markeredgewidth": 0.4}
    done = [steps for steps in standing.at if np.isfinite(steps)]
    ax.plot(done, y + np.linspace(-SPREAD, SPREAD, len(done)), **style)
    if np.isfinite(standing.steps):
        ax.vlines(standing.steps, y - 0.14, y + 0.14, color=style["color"], linewidth=1.5, zorder=1)
    if len(standing.at) > len(done):
        words = f"{len(standing.at) - len(done)} of {len(standing.at)} not in {budget:,} steps"
        ax.text(RIGHT, y, words, color=style["color"], fontsize=9, va="center", ha="right")


def _middle(standing):
    if np.isfinite(standing.steps):
        return f"{standing.cell} {standing.steps:.0f}"
    return f"{standing.cell} {standing.solved} of {len(standing.at)} solved"
