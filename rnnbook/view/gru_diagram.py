"""The GRU cell, drawn by code in the book's letters, with the reset gate after or before the product."""

from __future__ import annotations

from rnnbook.nn.checks import check_option
from rnnbook.view.gates import ROUND, SAYS, SIDE, canvas, draw_block, draw_name, draw_operation, draw_wire

TOP, ROOF, ROW, BUS = 3.0, 2.1, 1.15, 0.1  # heights: the state, 1 - z, the blocks, the input
Z, R, TIMES, N = 1.7, 3.4, 4.8, 6.5  # where z, r, the product with r, and n stand
END = 8.0
PARTS = ("r", "z", "n", "h")
WORDS = {
    "after": ("$h_{t-1} W_{hn} + b_{hn}$", "", "r_t times h_{t-1} W_hn + b_hn"),
    "before": ("$h_{t-1}$", "$W_{hn}$", "r_t times h_{t-1}, which then meets W_hn"),
}


def gru_cell(theme="light", lit=PARTS, reset="after"):
    """Draw the GRU cell in the book's letters: the state above, the gates and the candidate below.

    Parameters
    ----------
    theme : {"light", "dark"}
        For print, or for the projector.
    lit : sequence of str
        What is drawn in colour, of "r", "z", "n" and "h", the state; the rest is faint.
    reset : {"after", "before"}
        Whether r multiplies the product with W_hn, or the old state before it.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    Raises
    ------
    ValueError
        If there is no such theme, part or place.

    Examples
    --------
    >>> fig, sentence = gru_cell("dark", lit=("z", "h"))
    >>> sentence.split(":")[0]
    'The GRU cell'
    """
    for part in lit:
        check_option("lit", part, PARTS)
    check_option("reset", reset, WORDS)
    fig, ax, colours = canvas(9.2, 3.2, (-0.65, 8.4), (-0.55, 3.5), theme)
    kinds = {"r": colours.gate, "z": colours.gate, "n": colours.candidate, "h": colours.carry}
    paint = {part: colour if part in lit else colours.faint for part, colour in kinds.items()}
    ink = colours.ink if set(lit) == set(PARTS) else colours.faint
    _state(ax, paint["h"])
    _feed(ax, ink)
    draw_wire(ax, [(Z, ROW), (Z, TOP)], paint["z"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(Z, ROOF), (3.4, ROOF)], paint["z"], gap=19)
    draw_wire(ax, [(3.4, ROOF), (N, ROOF)], paint["z"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(R, ROW), (TIMES, ROW)], paint["r"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(TIMES, ROW), (N, ROW)], paint["r"], gap=SIDE / 2 + 1)
    draw_wire(ax, [(N, ROW), (N, ROOF)], paint["n"], gap=ROUND / 2 + 1)
    draw_wire(ax, [(N, ROOF), (N, TOP)], paint["n"], gap=ROUND / 2 + 1)
    for x, letter in ((Z, "z"), (R, "r"), (N, "n")):
        draw_block(ax, (x, ROW), f"${letter}_t$", paint[letter], colours)
    for place, part in (((Z, TOP), "z"), ((N, ROOF), "n"), ((TIMES, ROW), "r")):
        draw_operation(ax, place, "$\\times$", paint[part], colours)
    draw_operation(ax, (3.4, ROOF), "1 \N{MINUS SIGN} z", paint["z"], colours)
    draw_operation(ax, (N, TOP), "$+$", paint["h"], colours)
    _names(ax, paint, ink, reset)
    sentence = (
        "The GRU cell: the state runs along the top from h_{t-1} to h_t and meets only a product with z_t and a sum "
        "with (1 - z_t) times the candidate n_t. Below, x_t and h_{t-1} feed z_t, r_t and n_t; n_t sees the old state "
        f"as {WORDS[reset][2]}."
    )
    return fig, sentence


def _state(ax, colour):
    for start, end in ((0.0, Z), (Z, N)):
        draw_wire(ax, [(start, TOP), (end, TOP)], colour, 4, ROUND / 2 + 1)
    draw_wire(ax, [(N, TOP), (END, TOP)], colour, 4)


def _feed(ax, ink):
    """The old state from above and the input from below, on one wire to all blocks."""
    draw_wire(ax, [(0.45, TOP), (0.45, BUS), (N, BUS), (N, ROW)], ink, gap=SIDE / 2 + 1)
    for x, gap in ((Z, SIDE / 2 + 1), (R, SIDE / 2 + 1), (TIMES, ROUND / 2 + 1)):
        draw_wire(ax, [(x, BUS), (x, ROW)], ink, gap=gap)
    ax.scatter([0.45, 0.95, Z, R, TIMES], [TOP, *[BUS] * 4], s=22, color=ink, zorder=3)
    ax.plot([0.95, 0.95], [BUS - 0.42, BUS], color=ink, linewidth=1.8, zorder=1)


def _names(ax, paint, ink, reset):
    draw_name(ax, (-0.08, TOP), "$h_{t-1}$", paint["h"], ha="right")
    draw_name(ax, (END + 0.03, TOP), "$h_t$", paint["h"], ha="left")
    draw_name(ax, (0.88, BUS - 0.36), "$x_t$", ink, ha="right")
    below, over, _ = WORDS[reset]
    draw_name(ax, (TIMES + 0.08, BUS + 0.38), below, ink, 12, ha="left")
    draw_name(ax, (N + 0.08, BUS + 0.38), "$x_t W_{xn} + b_n$", ink, 12, ha="left")
    draw_name(ax, ((TIMES + N) / 2, ROW + 0.2), over, paint["r"], 12)
    for x, letter in ((Z, "z"), (R, "r"), (N, "n")):
        word = SAYS["GRU"][letter].replace(" n ", " $n$ ")
        draw_name(ax, (x + 0.34, ROW - 0.32), word, paint[letter], 12, ha="left")
    draw_name(ax, (Z + 0.12, (ROOF + TOP) / 2), "$z_t$", paint["z"], 12, ha="left")
    draw_name(ax, ((N + 3.4) / 2, ROOF + 0.2), "$1 - z_t$", paint["z"], 12)
