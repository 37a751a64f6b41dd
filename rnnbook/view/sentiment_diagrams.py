"""Many words to one answer: the network, and where padding leads its last state.

The pictures are narrow, so that their letters can be read on a page of 390 pixels.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from matplotlib.patches import FancyArrowPatch, Rectangle

from rnnbook.view.boxes import Size, draw_arrow, draw_box, draw_label
from rnnbook.view.style import COLORS, INK, figure, look

WORDS = ("the", "plot", "was", "not", "bad")
SIZE = Size(34, 14, 13)
ROWS = {"word": 0, "x": 0.85, "h": 2, "y": 3.1, "p": 4.1, "L": 5.1}  # heights

REVIEWS = (("a", "dull", "film"), ("not", "bad"), ("good",))
STEPS = 5
SMALL = Size(22, 12, 11)
PAD, EDGE = "#E9E9E9", 0.36  # fill of a step of padding, half the width of a step's box


class Drawn(NamedTuple):
    """What was drawn.

    Attributes
    ----------
    boxes : dict of str to list
        Boxes by what they hold.
    arrows : dict of str to list
        Arrows by what they are.
    """

    boxes: dict
    arrows: dict


def draw_many_to_one(ax, words):
    """A network that reads words and answers once: an embedding and a state a word, and one readout.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw: word t stands at t, the initial state at 0, rows at the heights of `ROWS`.
    words : tuple of str
        What is read.

    Returns
    -------
    Drawn
        Boxes "word", "x", "h", "y", "p" and "L"; arrows "E", "W_xh", "W_hh", "W_hy", "sigmoid" and "loss".

    Examples
    --------
    >>> drawn = draw_many_to_one(figure()[1], WORDS)
    >>> {name: len(arrows) for name, arrows in drawn.arrows.items()}
    {'E': 5, 'W_xh': 5, 'W_hh': 5, 'W_hy': 1, 'sigmoid': 1, 'loss': 1}
    """
    T = len(words)
    boxes = {name: [] for name in ROWS}
    arrows = {"E": [], "W_xh": [], "W_hh": []}
    draw_box(ax, 0, "h_0", "$h_0$", SIZE, row=ROWS["h"])
    for t, word in enumerate(words, start=1):
        with look():
            boxes["word"].append(ax.text(t, ROWS["word"], word, ha="center", va="center", fontsize=13))
        for kind in "xh":
            boxes[kind].append(draw_box(ax, t, kind, f"${kind}_{t}$", SIZE, row=ROWS[kind]))
        ends = {"E": ((t, ROWS["word"]), (t, ROWS["x"])), "W_xh": ((t, ROWS["x"]), (t, ROWS["h"]))}
        ends["W_hh"] = (t - 1, ROWS["h"]), (t, ROWS["h"])
        for name, (start, end) in ends.items():
            looks = {"color": COLORS["mark"], "shrinkA": 11} if name == "E" else {}
            arrows[name].append(draw_arrow(ax, start, end, "" if name == "E" else name, SIZE, **looks))
            if name != "E":
                draw_label(ax, start, end, name, SIZE)
        with look():
            ax.text(t + 0.06, ROWS["x"] / 2 - 0.03, "$E$", ha="left", va="center", fontsize=13, color=INK["mark"])
    for kind, letters in (("y", "$y$"), ("p", "$p$"), ("L", "$L$")):
        boxes[kind].append(draw_box(ax, T, "L" if kind == "L" else "y", letters, SIZE, row=ROWS[kind]))
    way = zip(("W_hy", "sigmoid", "loss"), pairwise(("h", "y", "p", "L")), strict=True)
    for name, (low, high) in way:
        ends = (T, ROWS[low]), (T, ROWS[high])
        arrows[name] = [draw_arrow(ax, *ends, name if name == "W_hy" else "", SIZE)]
    draw_label(ax, (T, ROWS["h"]), (T, ROWS["y"]), "W_hy", SIZE)
    ax.set_axis_off()
    return Drawn(boxes, arrows)


def many_to_one(words=WORDS):
    """A picture of the network of a review: many words to one answer.

    Parameters
    ----------
    words : tuple of str
        A review of two words to five.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows, counted.

    Raises
    ------
    ValueError
        If there are fewer words than two, or more than five.

    Examples
    --------
    >>> many_to_one()[1].split(":")[0]
    'Many words to one answer'
    """
    T = len(words)
    if not 2 <= T <= 5:
        raise ValueError(f"words are two to five, for the picture's sake; got {T}")
    fig, ax = figure(width=6.3, height=5.0)
    fig.set_layout_engine("none")
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(-0.4, T + 0.75), ylim=(-0.3, 5.5))
    draw_many_to_one(ax, words)
    with look():
        beside = {"ha": "right", "va": "center", "fontsize": 12.5}
        for kind, words_beside in (
            ("y", f"one readout, after the last word:  $y = h_{T} W_{{hy}} + b_y$"),
            ("p", r"probability of a good review:  $p = \sigma(y)$"),
            ("L", r"loss of a good review:  $L = -\log\ p$"),
        ):
            ax.text(T - 0.42, ROWS[kind], words_beside, **beside)
    return fig, (
        f'Many words to one answer: each of the {T} words of "{" ".join(words)}" picks its row of E, the embedding '
        f"x_t; W_xh and W_hh make {T} states of them, from h_0 on. Only the state after word {T} is read out, once: "
        f"y = h_{T} W_hy + b_y, p = sigmoid(y), and the loss is -log p where the review is good. So of {T} states one "
        f"gets a gradient from above; the other {T - 1} get theirs through W_hh."
    )


class Padded(NamedTuple):
    """One way to fill reviews up.

    Attributes
    ----------
    side : str
        Where the padding goes: "behind" or "in front".
    masked : bool
        Whether the network is told which steps are padding.
    said : str
        What the state does.
    """

    side: str
    masked: bool
    said: str


PADDINGS = (
    Padded("behind", True, "the state stays after the last word"),
    Padded("behind", False, "the state goes on over padding"),
    Padded("in front", True, "the state starts at the first word"),
    Padded("in front", False, "the state reads padding first"),
)


def draw_padded(ax, reviews, T, padded):
    """Reviews filled up to T steps, and the way of each one's state.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw: step t stands at t, the initial state at 0, the last one at T + 1, review n at -n.
    reviews : tuple of tuple of str
        Words.
    T : int
        Steps.
    padded : Padded
        Which side, and whether there is a mask.

    Returns
    -------
    Drawn
        Boxes "word", "pad" and "last"; arrows "step", which change the state, and "kept", around padding.

    Examples
    --------
    >>> drawn = draw_padded(figure()[1], REVIEWS, STEPS, PADDINGS[0])
    >>> {name: len(arrows) for name, arrows in drawn.arrows.items()}
    {'step': 6, 'kept': 3}
    """
    drawn = Drawn({"word": [], "pad": [], "last": []}, {"step": [], "kept": []})
    for n, words in enumerate(reviews):
        first = 1 if padded.side == "behind" else T - len(words) + 1
        last = first + len(words) - 1
        for t in range(1, T + 1):
            kind = "word" if first <= t <= last else "pad"
            drawn.boxes[kind].append(_step(ax, t, -n, words[t - first] if kind == "word" else "pad", kind))
        with look():
            ax.text(0.27, -n, "$h_0$", ha="center", va="center", fontsize=SMALL.letters)
        box, letters = draw_box(ax, T + 1, "h", f"$h_{T}$", SMALL, row=-n)
        drawn.boxes["last"].append((box, letters))
        if last < T:
            _told_apart(ax, -n, T, last, padded.masked)
            if not padded.masked:
                box.set(edgecolor=COLORS["mark"], linewidth=3)
        stops = [t for t in range(1, T + 1) if not padded.masked or first <= t <= last]
        for start, end in pairwise([0, *stops, T + 1]):
            kind = "step" if end - start == 1 else "kept"
            drawn.arrows[kind].append(_way(ax, start, end, -n, kind, T))
    ax.set_axis_off()
    return drawn


@look()
def _told_apart(ax, y, T, last, same):
    """Beside the last state: whether it is the one that the last word left."""
    sign, ink = ("=", "black") if same else (r"\neq", INK["mark"])
    ax.text(T + 1.33, y, f"${sign} h_{last}$", ha="left", va="center", fontsize=SMALL.letters, color=ink)


def _step(ax, t, y, word, kind):
    """The box of a step, with its word."""
    fill, ink = ("white", "black") if kind == "word" else (PAD, INK["baseline"])
    ax.add_patch(Rectangle((t - EDGE, y - 0.3), 2 * EDGE, 0.6, facecolor=fill, edgecolor=ink, linewidth=1, zorder=3))
    with look():
        return ax.text(t, y, word, ha="center", va="center", fontsize=11.5, color=ink, zorder=4)


@look()
def _way(ax, start, end, y, kind, T):
    """The way of a state into a step or into the last state; below the padding that a mask leaves out."""
    left, right = start + (EDGE if start else 0.45), end - (EDGE if end <= T else 0.25)
    looks = {"color": COLORS["rnn" if kind == "step" else "lstm"], "linewidth": 2, "zorder": 2}
    if kind == "kept":
        below, corner = y - 0.42, right - 0.14
        x, heights = [left, left + 0.1, left + 0.1, corner, corner], [y, y, below, below, y]
        ax.plot(x, heights, linestyle=(0, (3, 1)), solid_joinstyle="miter", **looks)
        left = corner
    style = {"arrowstyle": "-|>,head_length=0.35,head_width=0.18", "mutation_scale": 11, "shrinkA": 0, "shrinkB": 0}
    return ax.add_patch(FancyArrowPatch((left, y), (right, y), **style, **looks))


def padding_sides(reviews=REVIEWS, T=STEPS):
    """A picture of padding behind and in front, with a mask and without.

    Parameters
    ----------
    reviews : tuple of tuple of str
        Words of at most six letters.
    T : int
        Steps, at least as many as the longest review has words.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows, counted.

    Raises
    ------
    ValueError
        If a review is empty or longer than T.

    Examples
    --------
    >>> padding_sides()[1].split(":")[0]
    'Three reviews of 3, 2 and 1 words, padded to 5 steps'
    """
    lengths = [len(words) for words in reviews]
    if min(lengths) < 1 or max(lengths) > T:
        raise ValueError(f"reviews have 1 to T = {T} words; got {lengths}")
    fig, axes = figure(nrows=len(PADDINGS), width=5.4, height=6.6)
    for ax, padded in zip(axes, PADDINGS, strict=True):
        ax.set(xlim=(0.05, T + 1.95), ylim=(-len(reviews) + 0.45, 0.45))
        draw_padded(ax, reviews, T, padded)
        with look():
            ax.set_title(f"{padded.side}, {'with' if padded.masked else 'without'} a mask: {padded.said}", fontsize=12)
    words, gone = (_listed(numbers) for numbers in (lengths, [T - length for length in lengths]))
    states = _listed([f"h_{length}" for length in lengths])
    return fig, (
        f"{_COUNTS.get(len(reviews), len(reviews))} reviews of {words} words, padded to {T} steps: behind with a mask, "
        f"the last state h_{T} is {states}, as the last words left it. Behind without a mask, the state has gone over "
        f"{gone} steps of padding since. In front with a mask, the state starts at the first word; without one it has "
        f"read {gone} steps of padding before. In front, the last step is the last word."
    )


_COUNTS = {1: "One", 2: "Two", 3: "Three", 4: "Four"}


def _listed(numbers):
    return " and ".join(filter(None, [", ".join(map(str, numbers[:-1])), str(numbers[-1])]))
