"""The LSTM cell, drawn by code in the book's letters."""

from __future__ import annotations

from rnnbook.nn.checks import check_option
from rnnbook.view.gates import ROUND, SAYS, SIDE, canvas, draw_block, draw_name, draw_operation, draw_wire

TOP, ROOF, ROW, BUS = 3.0, 2.15, 1.15, 0.2  # heights: the carry, the products above the gates, the gates, the input
GATES = {"f": 1.6, "i": 3.0, "g": 4.4, "o": 6.3}  # where the four blocks stand
PARTS = ("f", "i", "g", "o", "c")


def lstm_cell(theme="light", lit=PARTS):
    """Draw the LSTM cell in the book's letters: the carry above, the four blocks below, h going out.

    Parameters
    ----------
    theme : {"light", "dark"}
        For print, or for the projector.
    lit : sequence of str
        What is drawn in colour, of "f", "i", "g", "o" and "c", the carry; the rest is faint.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    Raises
    ------
    ValueError
        If there is no such theme or part.

    Examples
    --------
    >>> fig, sentence = lstm_cell("dark", lit=("f", "c"))
    >>> sentence.split(":")[0]
    'The LSTM cell'
    """
    for part in lit:
        check_option("lit", part, PARTS)
    fig, ax, colours = canvas(9.2, 2.75, (-0.65, 8.4), (-0.45, 3.5), theme)
    kinds = {"f": colours.gate, "i": colours.gate, "o": colours.gate, "g": colours.candidate, "c": colours.carry}
    paint = {part: colour if part in lit else colours.faint for part, colour in kinds.items()}
    ink = colours.ink if set(lit) == set(PARTS) else colours.faint
    x = GATES
    add = x["i"], TOP
    for start, end in ((0.0, x["f"]), (x["f"], add[0])):
        draw_wire(ax, [(start, TOP), (end, TOP)], paint["c"], 4, ROUND / 2 + 1)
    draw_wire(ax, [(add[0], TOP), (8.0, TOP)], paint["c"], 4)
    _feed(ax, ink)
    draw_wire(ax, [(x["f"], ROW), (x["f"], TOP)], paint["f"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(x["i"], ROW), (x["i"], ROOF)], paint["i"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(x["g"], ROW), (x["g"], ROOF), (x["i"], ROOF)], paint["g"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(x["i"], ROOF), add], paint["i"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(7.2, TOP), (7.2, ROW)], paint["c"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(x["o"], ROW), (7.2, ROW)], paint["o"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(7.2, ROW), (7.2, BUS), (8.0, BUS)], ink)
    for letter in "figo":
        draw_block(ax, (x[letter], ROW), f"${letter}_t$", paint[letter], colours)
    for place, part in (((x["f"], TOP), "f"), ((x["i"], ROOF), "i"), ((7.2, ROW), "o")):
        draw_operation(ax, place, "$\\times$", paint[part], colours)
    draw_operation(ax, add, "$+$", paint["c"], colours)
    draw_operation(ax, (7.2, ROOF), "tanh", paint["c"], colours)
    _names(ax, paint, ink)
    sentence = (
        "The LSTM cell: the carry runs along the top from c_{t-1} to c_t and meets only a product with the forget "
        "gate f_t and a sum with i_t times g_t. Below, x_t and h_{t-1} feed f, i, g and o. The tanh of c_t times o_t "
        "is h_t."
    )
    return fig, sentence


def _feed(ax, ink):
    """The input and the old state, side by side, to all four blocks."""
    ends = list(GATES.values())
    draw_wire(ax, [(0.0, BUS), (ends[-1], BUS), (ends[-1], ROW)], ink, gap=SIDE / 2 + 1)
    for end in ends[:-1]:
        draw_wire(ax, [(end, BUS), (end, ROW)], ink, gap=SIDE / 2 + 1)
    ax.scatter([0.75, *ends[:-1]], [BUS] * 4, s=22, color=ink, zorder=3)
    ax.plot([0.75, 0.75], [BUS - 0.42, BUS], color=ink, linewidth=1.8, zorder=1)


def _names(ax, paint, ink):
    draw_name(ax, (-0.08, TOP), "$c_{t-1}$", paint["c"], ha="right")
    draw_name(ax, (8.03, TOP), "$c_t$", paint["c"], ha="left")
    draw_name(ax, (-0.08, BUS), "$h_{t-1}$", ink, ha="right")
    draw_name(ax, (0.68, BUS - 0.36), "$x_t$", ink, ha="right")
    draw_name(ax, (8.03, BUS), "$h_t$", ink, ha="left")
    for letter, word in SAYS["LSTM"].items():
        draw_name(ax, (GATES[letter] + 0.34, ROW - 0.32), word, paint[letter], 12, ha="left")
