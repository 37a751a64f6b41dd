"""A text cut into lanes: what each row of a batch reads, block after block, and where the state is carried."""

from __future__ import annotations

from matplotlib.patches import FancyArrowPatch, Rectangle

from rnnbook.nn.checks import check_count
from rnnbook.view.style import COLORS, INK, figure, look


def lanes(text, N, k):
    """Draw a text as N lanes of blocks of k characters, with an arrow wherever a state is carried.

    Parameters
    ----------
    text : str
        What is read; its length is a multiple of N times k.
    N : int
        Lanes, one for each row of a batch.
    k : int
        Characters a block.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The diagram.
    sentence : str
        What it shows.

    Raises
    ------
    ValueError
        If N or k is below 1, or the text does not fill N lanes of whole blocks.

    Examples
    --------
    >>> fig, sentence = lanes("abcdefghijklmnopqrstuvwx", N=2, k=4)
    >>> sentence.split(".")[0]
    '24 characters in 2 lanes with the offsets 0, 12'
    """
    for name, given in (("N", N), ("k", k)):
        check_count(name, given)
    if not text or len(text) % (N * k):
        raise ValueError(f"text fills N = {N} lanes of blocks of k = {k} characters; it has {len(text)}")
    lane, shades = len(text) // N, ("#E8EEF7", "#FFF3D6", "#E6F3E6", "#F7E6EE")
    blocks = lane // k
    fig, ax = figure(width=9.5, height=0.75 + 0.75 * N)
    gap = 0.9
    with look():
        ax.set(xlim=(-3.2, blocks * (k + gap)), ylim=(-N + 0.25, 1.0))
        ax.set_axis_off()
        for n in range(N):
            ax.text(-0.3, -n, f"lane {n}, from {n * lane}", ha="right", va="center")
            for b in range(blocks):
                x = b * (k + gap)
                ax.add_patch(Rectangle((x, -n - 0.3), k, 0.6, facecolor=shades[b % 4], edgecolor="black"))
                for i, letter in enumerate(text[n * lane + b * k : n * lane + (b + 1) * k]):
                    ax.text(x + i + 0.5, -n, letter, ha="center", va="center", color="black", fontsize=13)
                if b:
                    style = {"arrowstyle": "-|>", "mutation_scale": 14, "linewidth": 1.6, "color": COLORS["rnn"]}
                    ax.add_patch(FancyArrowPatch((x - gap, -n), (x, -n), shrinkA=1, shrinkB=1, **style))
        for b in range(blocks):
            ax.text(b * (k + gap) + k / 2, 0.45, f"batch {b + 1}", ha="center", va="bottom")
        if blocks > 1:
            ax.text(k + gap / 2, 0.75, "state", ha="center", va="bottom", color=INK["rnn"])
    offsets = ", ".join(str(n * lane) for n in range(N))
    return fig, (
        f"{len(text)} characters in {N} lanes with the offsets {offsets}. Batch b is block b of every lane, {k} "
        f"characters each. The state is carried along a lane, {blocks - 1} times, and never from one lane to the next."
    )
