"""One step of a GRU as a graph, with what each edge sends back."""

from __future__ import annotations

from rnnbook.view.gates import canvas, draw_block, draw_name, draw_wire

NODES = {  # place, letters, kind
    "h_prev": (0.0, 1.6, "$h_{t-1}$", "carry"),
    "r": (2.9, 0.0, "$r$", "gate"),
    "hn": (2.9, 1.6, "$hn$", "candidate"),
    "z": (2.9, 3.2, "$z$", "gate"),
    "n": (6.0, 0.8, "$n$", "candidate"),
    "h": (8.6, 2.4, "$h_t$", "carry"),
}
EDGES = (  # from, to, what goes back, where its letters stand (share of the way, right, up)
    ("h_prev", "z", "$da_z\\, W_{hz}^\\top$", (0.5, -0.15, 0.34), "right"),
    ("h_prev", "hn", "$(da_n * r)\\, W_{hn}^\\top$", (0.53, 0.0, 0.2), "center"),
    ("h_prev", "r", "$da_r\\, W_{hr}^\\top$", (0.5, -0.15, -0.34), "right"),
    ("r", "n", "$da_n * hn$", (0.5, 0.1, -0.28), "left"),
    ("hn", "n", "$da_n * r$", (0.5, 0.0, 0.28), "left"),
    ("n", "h", "$dh * (1 - z)$", (0.5, 0.2, -0.22), "left"),
    ("z", "h", "$dh * (h_{t-1} - n)$", (0.42, 0.0, 0.34), "left"),
)


def gru_back(theme="light"):
    """Draw the graph of a GRU's step: each edge carries the gradient that goes back over it.

    Parameters
    ----------
    theme : {"light", "dark"}
        For print, or for the projector.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    Examples
    --------
    >>> fig, sentence = gru_back()
    >>> sentence.startswith("Back through a GRU's step")
    True
    """
    fig, ax, colours = canvas(9.2, 4.2, (-0.6, 9.6), (-0.6, 5.1), theme)
    paint = {"carry": colours.carry, "gate": colours.gate, "candidate": colours.candidate}
    for start, end, letters, (share, right, up), side in EDGES:
        (x0, y0, _, _), (x1, y1, _, kind) = NODES[start], NODES[end]
        colour = paint[NODES[start][3] if end == "h" else kind]
        draw_wire(ax, [(x1, y1), (x0, y0)], colour, 1.8, 19)
        place = (x0 + share * (x1 - x0) + right, y0 + share * (y1 - y0) + up)
        draw_name(ax, place, letters, colour, 12, ha=side)
    (x0, y0, _, _), (x1, y1, _, _) = NODES["h_prev"], NODES["h"]
    draw_wire(ax, [(x1, y1), (x1, 4.4), (x0, 4.4), (x0, y0)], colours.carry, 4, 19)
    draw_name(ax, (x1 / 2, 4.7), "$dh * z$", colours.carry, 13)
    for x, y, letters, kind in NODES.values():
        if kind == "carry":
            draw_name(ax, (x + 0.14 * (x > 0), y), letters, paint[kind], 17, ha="left" if x > 0 else "center")
        else:
            draw_block(ax, (x, y), letters, paint[kind], colours)
    sentence = (
        "Back through a GRU's step: from h_t three gradients leave, dh * z for h_{t-1} without any weights, "
        "dh * (1 - z) for n and dh * (h_{t-1} - n) for z. From n they go on to r and to hn = h_{t-1} W_hn + b_hn. "
        "z, r and hn each send theirs through a block of W_hh to h_{t-1}, where four gradients are added."
    )
    return fig, sentence
