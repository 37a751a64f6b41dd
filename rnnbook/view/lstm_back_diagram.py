"""One step of an LSTM as a graph, with what each edge sends back."""

from __future__ import annotations

from rnnbook.view.gates import canvas, draw_block, draw_name, draw_wire

NODES = {  # place, letters, kind
    "c_prev": (0.0, 4.2, "$c_{t-1}$", "carry"),
    "h_prev": (0.0, 0.9, "$h_{t-1}$", "hidden"),
    "f": (3.2, 3.0, "$f$", "gate"),
    "i": (3.2, 1.6, "$i$", "gate"),
    "g": (3.2, 0.2, "$g$", "candidate"),
    "o": (3.2, -1.2, "$o$", "gate"),
    "c": (7.0, 4.2, "$c_t$", "carry"),
    "h": (9.6, 0.9, "$h_t$", "hidden"),
}
EDGES = (  # from, to, what goes back, where its letters stand (share of the way, right, up)
    ("f", "c", "$dc * c_{t-1}$", (0.22, 0.0, 0.62)),
    ("i", "c", "$dc * g$", (0.12, 0.0, 0.6)),
    ("g", "c", "$dc * i$", (0.42, 0.35, -0.3)),
    ("o", "h", "$dh * \\tanh(c_t)$", (0.5, 0.2, -0.42)),
    ("c", "h", "$dh * o * (1 - \\tanh^2(c_t))$", (0.5, 0.2, 0.25)),
)


def lstm_back(theme="light"):
    """Draw the graph of an LSTM's step: each edge carries the gradient that goes back over it.

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
    >>> fig, sentence = lstm_back()
    >>> sentence.startswith("Back through an LSTM's step")
    True
    """
    fig, ax, colours = canvas(10.4, 4.6, (-0.7, 11.2), (-1.9, 5.1), theme)
    paint = {"carry": colours.carry, "gate": colours.gate, "candidate": colours.candidate, "hidden": colours.state}
    for start, end, letters, (share, right, up) in EDGES:
        (x0, y0, _, kind), (x1, y1, _, _) = NODES[start], NODES[end]
        draw_wire(ax, [(x1, y1), (x0, y0)], paint[kind], 1.8, 19)
        place = (x0 + share * (x1 - x0) + right, y0 + share * (y1 - y0) + up)
        draw_name(ax, place, letters, paint[kind], 12, ha="left")
    back = NODES["h_prev"]
    for gate in "figo":
        x, y, _, kind = NODES[gate]
        draw_wire(ax, [(x, y), back[:2]], paint[kind], 1.8, 19)
    draw_name(ax, (1.1, -0.75), "$\\delta\\, W_{hh}^\\top$", paint["hidden"], 13)
    (x0, y0, _, _), (x1, y1, _, _) = NODES["c_prev"], NODES["c"]
    draw_wire(ax, [(x1, y1), (x0, y0)], colours.carry, 4, 19)
    draw_name(ax, (x1 / 2, 4.6), "$dc * f$", colours.carry, 13)
    for x, y, letters, kind in NODES.values():
        if kind in ("carry", "hidden"):
            draw_name(ax, (x + 0.14 * (x > 0), y), letters, paint[kind], 17, ha="left" if x > 0 else "center")
        else:
            draw_block(ax, (x, y), letters, paint[kind], colours)
    sentence = (
        "Back through an LSTM's step: h_t sends dh * tanh(c_t) to o and dh * o * (1 - tanh(c_t) squared) to c_t, where "
        "what step t + 1 sends is added; the sum is dc. From c_t go dc * f to c_{t-1} without any weights, "
        "dc * c_{t-1} to f, dc * g to i and dc * i to g. The four blocks send delta W_hh transposed to h_{t-1}."
    )
    return fig, sentence
