"""One step of backpropagation through time as a diagram: forward in black, back in colour."""

from __future__ import annotations

from matplotlib.patches import FancyArrowPatch

from rnnbook.view.style import COLORS, INK, figure, look

NODES = {  # place and letters
    "before": (0.0, 0.0, "$h_{t-1}$"),
    "a": (2.4, 0.0, "$a_t$"),
    "h": (4.6, 0.0, "$h_t$"),
    "after": (7.0, 0.0, "$a_{t+1}$"),
    "loss": (4.6, 1.75, "$L_t$"),
}
EDGES = (  # from, to, what happens forward, what goes back
    ("before", "a", "$W_{hh}$", "$\\delta_t\\, W_{hh}^\\top$"),
    ("a", "h", "tanh", "$(\\mathrm{sum}) * (1 - h_t^2)$"),
    ("h", "after", "$W_{hh}$", "$\\delta_{t+1} W_{hh}^\\top$"),
)


def step_back():
    """Draw one step back: two gradients meet at h_t, their sum passes the tanh, and goes on through W_hh.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The diagram.
    sentence : str
        What it shows.

    Examples
    --------
    >>> fig, sentence = step_back()
    >>> sentence.startswith("Two gradients meet at h_t")
    True
    """
    fig, ax = figure(width=9.5, height=2.8)
    with look():
        ax.set(xlim=(-0.7, 8.2), ylim=(-0.85, 2.1))
        ax.set_axis_off()
        for start, end, forward, back in EDGES:
            (x0, y0, _), (x1, y1, _) = NODES[start], NODES[end]
            _arrow(ax, (x0, y0 + 0.12), (x1, y1 + 0.12), "theory")
            _arrow(ax, (x1, y1 - 0.12), (x0, y0 - 0.12), "rnn")
            ax.text((x0 + x1) / 2, 0.24, forward, ha="center", va="bottom", fontsize=13)
            ax.text((x0 + x1) / 2, -0.5, back, ha="center", va="top", fontsize=13, color=INK["rnn"])
        x, _, _ = NODES["h"]
        top = NODES["loss"][1]
        _arrow(ax, (x - 0.1, 0), (x - 0.1, top), "theory")
        _arrow(ax, (x + 0.1, top), (x + 0.1, 0), "rnn")
        ax.text(x + 0.3, top / 2, "$\\partial L_t/\\partial h_t$", va="center", fontsize=13, color=INK["rnn"])
        ax.text(x - 0.3, top / 2, "$W_{hy}$", va="center", ha="right", fontsize=13)
        ax.text(NODES["a"][0], -0.5, "$\\delta_t$", ha="center", va="top", fontsize=13, color=INK["rnn"])
        ax.text(x + 0.45, top, "loss of step $t$", va="center", fontsize=13)
        ax.text(NODES["after"][0], 0.5, "step $t+1$", ha="center", va="bottom", fontsize=13)
        for x, y, letters in NODES.values():
            ax.scatter([x], [y], s=1250, facecolor="white", edgecolor="black", linewidth=1.4, zorder=3)
            ax.text(x, y, letters, ha="center", va="center", fontsize=13, zorder=4)
    sentence = (
        "Two gradients meet at h_t: from the loss of step t, and from step t + 1 through the transposed W_hh. "
        "Their sum passes the local derivative 1 - h_t squared and goes on to h_{t-1}."
    )
    return fig, sentence


def _arrow(ax, start, end, colour):
    style = {"arrowstyle": "-|>", "mutation_scale": 16, "linewidth": 1.6, "color": COLORS[colour]}
    ax.add_patch(FancyArrowPatch(start, end, shrinkA=19, shrinkB=19, **style))
