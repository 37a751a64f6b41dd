"""What the picture of the window is made of: a strip of tokens, shares of right answers below it, bars of weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.collections import PolyCollection

from rnnbook.lab.studies import load_table
from rnnbook.lab.studies.reach import HIDDEN, TOKENS, recall_task
from rnnbook.lab.training import rnn_weights, window_weights
from rnnbook.view.style import COLORS, INK, line

LONGEST, FARTHEST, SEEDS = 26, 25, 5  # windows, lags and seeds of the table
RNN_WEIGHTS = rnn_weights(TOKENS, HIDDEN, TOKENS)
CHANCE = 1 / TOKENS
STRIP, TOP = (1.44, 1.61), 1.77  # heights of the tokens, of all
BESIDE, LEFT = -1.9, FARTHEST + 1.2  # ends of the axis: behind the question, and before the farthest handle
BARS = {"window": (1.28, 1.68), "rnn": (0.0, 0.4)}  # lower and upper edge of the bars of weights
BAND, COLUMN, PAPER, VEIL = "#E9E9E9", "#F1E3DA", "#FFFFFF", (1, 1, 1, 0.75)


def weights(k):
    """Weights of the network that sees a window of k.

    Parameters
    ----------
    k : int
        The window.

    Returns
    -------
    int
        Their number.
    """
    return window_weights(k, TOKENS, HIDDEN, TOKENS)


@lru_cache(maxsize=1)
def shares():
    """Look up the shares of right answers of the stored runs.

    Returns
    -------
    ndarray, shape (windows + 1, seeds, lags)
        The windows from 1 on, and last the RNN.
    """
    found = np.full((LONGEST + 1, SEEDS, FARTHEST + 1), np.nan)
    for row in load_table("window"):
        found[-1 if row["k"] is None else row["k"] - 1, row["seed"], row["lag"]] = row["accuracy"]
    return found


def tokens():
    """Tokens of one sequence of the task, as letters.

    Returns
    -------
    list of str
        The last one first, so that each stands at its lag.
    """
    batch = recall_task(None, FARTHEST).make_batch(np.random.default_rng(0), 1)
    return ["ABCD"[token] for token in batch.x[::-1, 0]]


def area(left, right, bottom, top):
    """Corners of a rectangle.

    Parameters
    ----------
    left, right, bottom, top : float
        Its edges.

    Returns
    -------
    ndarray, shape (4, 2)
        The corners.
    """
    return np.array([(left, bottom), (right, bottom), (right, top), (left, top)])


def draw_recall(ax, letters):
    """Draw what stays: the tokens, the runs of the recurrent network, chance.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw, in the book's look.
    letters : float
        Size of words, in points.
    """
    ax.set(xlim=(LEFT, BESIDE), ylim=(-0.03, TOP), xlabel="L, steps back to the token asked for")
    ax.set_ylabel("share of right answers", loc="bottom")
    narrow = letters < 11
    if narrow:
        ax.set_xlabel("L, steps back to the token", fontsize=letters)
        ax.yaxis.label.set_size(letters)
        ax.tick_params(labelsize=letters)
    ax.set_xticks(range(0, FARTHEST + 1, 5))
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.spines["left"].set_bounds(-0.03, 1)
    ax.grid(visible=False, axis="x")
    token = {
        "ha": "center",
        "va": "center_baseline",
        "family": "DejaVu Sans Mono",
        "fontsize": letters if narrow else 13,
    }
    for lag, letter in enumerate(tokens()):
        ax.text(lag, sum(STRIP) / 2, letter, zorder=3, **token)
    brk = "\n" if narrow else "; "
    ax.text(-1, sum(STRIP) / 2, "?", weight="bold", **token)
    spots = line("rnn", linestyle="none", markersize=3, markevery=None, zorder=5)
    ax.plot(np.tile(range(FARTHEST + 1), SEEDS), shares()[-1].ravel(), **spots)
    ax.axhline(CHANCE, **line("baseline"))
    says = {"color": INK["baseline"], "fontsize": letters, "va": "bottom"}
    ax.text(LEFT - 0.2, 0.02, "dashed: chance" + ("" if narrow else "; dots: RNN, each run"), **says)
    ax.set_title(
        f"Task: name the token L steps back{brk}{TOKENS} tokens: chance {CHANCE:.2f}", fontsize=letters + 1 - narrow
    )


def draw_areas(ax):
    """Add the areas that move with the window and with the token that is asked for.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.

    Returns
    -------
    under : PolyCollection
        Below the tokens: the window, and the column of the one asked for.
    over : PolyCollection
        Above them: what hides those not seen, those before the start in the window and beyond; two frames.
    """
    under = PolyCollection([], facecolor=[BAND, COLUMN], linewidth=0, zorder=1)
    edges = {"edgecolor": [*["none"] * 3, COLORS["mark"], "black"], "linewidth": [0, 0, 0, 2.5, 2]}
    over = PolyCollection([], facecolor=[VEIL, BAND, PAPER, "none", "none"], **edges, zorder=4)
    for areas in (under, over):
        ax.add_collection(areas, autolim=False)
    return under, over


def move_areas(under, over, k, lag):
    """Put the areas where the window and the token are.

    Parameters
    ----------
    under, over : PolyCollection
        From `draw_areas`.
    k, lag : int
        The window, and how many steps back the token is.
    """
    edge, start = k - 0.5, lag + 0.5  # of the window, of the sequence
    under.set_verts([area(edge, -0.5, 0, STRIP[1]), area(start, lag - 0.5, 0, STRIP[0])])
    over.set_verts(
        [
            area(max(lag - 0.5, edge), edge, *STRIP),  # not seen
            area(max(start, edge), start, *STRIP),  # seen, before the start: zeros
            area(LEFT, max(start, edge), *STRIP),
            area(edge, -0.5, *STRIP),
            area(start, lag - 0.5, *STRIP),
        ]
    )


def draw_weights(ax, letters):
    """Draw weights to learn as two bars, of which the window's moves, and the outline of the one that is needed.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw, in the book's look.
    letters : float
        Size of words, in points.

    Returns
    -------
    bar : PolyCollection
        The window's bar, and the outline.
    here, needed : Text
        Their names.
    """
    ax.set(xlim=(0, 1.03 * weights(LONGEST)), ylim=(-0.1, 2.1), yticks=[])
    ax.set_title("weights to learn", fontsize=letters + 1)
    ax.set_xticks([0, 1000, 2000, 3000])
    ax.spines["left"].set_visible(False)
    ax.barh(np.mean(BARS["rnn"]), RNN_WEIGHTS, np.ptp(BARS["rnn"]), color=COLORS["rnn"])
    edges = {"edgecolor": ["none", "black"], "linestyle": ["-", "--"]}
    bar = PolyCollection([], facecolor=[COLORS["mark"], "none"], **edges, zorder=3)
    ax.add_collection(bar, autolim=False)
    name = {"fontsize": letters, "va": "bottom"}
    ax.text(0, BARS["rnn"][1] + 0.04, f"RNN: {RNN_WEIGHTS:,}", color=INK["rnn"], **name)
    here = ax.text(0, BARS["window"][1] + 0.04, "", color=INK["mark"], **name)
    needed = ax.text(0, BARS["window"][0] - 0.04, "", **name | {"va": "top"})
    return bar, here, needed
