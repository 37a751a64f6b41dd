"""The map of applications: which steps get an input, and which outputs are read."""

from __future__ import annotations

from typing import NamedTuple

from rnnbook.view.boxes import Size, draw_arrow, draw_box
from rnnbook.view.style import COLORS, figure, look

SIZE = Size(26, 12, 11)
WIDTH = 11.6  # columns of the picture


class Application(NamedTuple):
    """One kind of task.

    Attributes
    ----------
    name : str
        Its usual name.
    uses : str
        What it is used for.
    inputs, outputs : tuple of str
        An example: what goes in and comes out at each step; an empty string where nothing does.
    """

    name: str
    uses: str
    inputs: tuple
    outputs: tuple


APPLICATIONS = (
    Application("one to one", "no sequence", ("photo",), ("cat",)),
    Application("one to many", "captions of pictures; music, dance, images", ("photo", "", ""), ("a", "cat", "sleeps")),
    Application(
        "many to one", "sentiment, an answer in one word", ("not", "bad", "at", "all"), ("", "", "", "positive")
    ),
    Application(
        "many to many, in step",
        "language model, tagging; music, dance, images",
        ("h", "e", "l", "l"),
        ("e", "l", "l", "o"),
    ),
    Application(
        "many to many, delayed",
        "translation, speech, conversation, question answering, video captions",
        ("je", "suis", "ici", "", "", ""),
        ("", "", "", "I", "am", "here"),
    ),
)
ROWS = ((0, 1, 2), (3, 4))  # which applications stand side by side


def draw_application(ax, application, left):
    """One small unrolled network with its example.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    application : Application
        What to draw.
    left : float
        Column of its first step; inputs stand at 0, states at 1, outputs at 2.

    Returns
    -------
    dict of str to list
        Under "h" the boxes, under "x" and "y" the words, under "W_xh", "W_hh", "W_hy" the arrows.

    Examples
    --------
    >>> fig, ax = figure()
    >>> drawn = draw_application(ax, APPLICATIONS[2], left=0)
    >>> {name: len(drawn[name]) for name in ("W_xh", "W_hh", "W_hy")}
    {'W_xh': 4, 'W_hh': 3, 'W_hy': 1}
    """
    drawn = {name: [] for name in ("h", "x", "y", "W_xh", "W_hh", "W_hy")}
    for k, (given, made) in enumerate(zip(application.inputs, application.outputs, strict=True)):
        column = left + k
        drawn["h"].append(draw_box(ax, column, "h", "", SIZE)[0])
        ways = (("W_hh", (column - 1, 1), (column, 1), k > 0), ("W_xh", (column, 0), (column, 1), given))
        for name, start, end, there in (*ways, ("W_hy", (column, 1), (column, 2), made)):
            if there:
                drawn[name].append(draw_arrow(ax, start, end, name, SIZE))
        for kind, word, height in (("x", given, 0), ("y", made, 2)):
            if word:
                drawn[kind].append(_word(ax, column, height, word))
    return drawn


def _word(ax, x, y, word):
    with look():
        return ax.text(x, y, word, ha="center", va="center", fontsize=SIZE.letters, zorder=4)


def applications():
    """A picture of the five kinds of tasks, each with an example.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    Examples
    --------
    >>> applications()[1].split(":")[0]
    'Five networks with the same state arrows'
    """
    fig, axes = figure(nrows=2, width=11.5, height=4.2)
    for ax, row in zip(axes, ROWS, strict=True):
        ax.set(xlim=(-0.6, WIDTH - 0.6), ylim=(-0.4, 3.2))
        ax.set_axis_off()
        chosen = [APPLICATIONS[k] for k in row]
        gap = (WIDTH - sum(len(a.inputs) for a in chosen)) / len(chosen)
        left = 0.0
        for application in chosen:
            draw_application(ax, application, left)
            with look():
                ax.text(left - 0.4, 2.92, application.name, va="center", fontsize=12.5, weight="bold")
                ax.text(left - 0.4, 2.5, application.uses, va="center", fontsize=11, color=COLORS["baseline"])
            left += len(application.inputs) + gap
    told = "; ".join(f"{a.name} ({a.uses}), {_told(a.inputs)} to {_told(a.outputs)}" for a in APPLICATIONS)
    return fig, f"Five networks with the same state arrows: {told}."


def _told(words):
    return '"' + " ".join(filter(None, words)) + '"'
