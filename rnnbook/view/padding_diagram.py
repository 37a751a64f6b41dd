"""What padding does to a step, unit by unit: with a mask the state stays, without one it is overwritten."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from rnnbook.nn import RNN, init_params, unroll
from rnnbook.view.style import COLORS, DIVERGING, figure, look

T, D, H, LENGTHS = 8, 3, 4, (8, 5, 3)


def padding_units():
    """Draw the states of a batch that is padded with zeros, run with a mask and without.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        What it shows.

    Examples
    --------
    >>> padding_units()[1].split(":")[0]
    'States of 3 sequences of 8, 5 and 3 steps, 4 units each, padded to 8 steps'
    """
    with_mask, without = padded_states()
    N = len(LENGTHS)
    fig, axes = figure(ncols=2, width=11.5, height=4.3)
    with look():
        for ax, h, title in zip(axes, (with_mask, without), ("with a mask", "without a mask"), strict=True):
            ax.set_title(title)
            image = _draw_states(ax, h)
        fig.colorbar(image, ax=axes, label="$h_t$, one cell a unit")
        axes[0].set_ylabel("sequence, and its units")
    apart = [f"{np.abs(with_mask[-1, n] - without[-1, n]).max():.2f}" for n in range(1, N)]
    return fig, (
        f"States of {N} sequences of {', '.join(map(str, LENGTHS[:-1]))} and {LENGTHS[-1]} steps, {H} units each, "
        f"padded to {T} steps: with a mask every unit keeps over the padding what the last real step left; without "
        f"one each padded step overwrites it, and at the end a unit of the shorter two is off by up to "
        f"{' and '.join(apart)}."
    )


def padded_states():
    """The states of a tanh RNN over a padded batch.

    Returns
    -------
    with_mask, without : ndarray
        (T, N, H) each.

    Examples
    --------
    >>> with_mask, without = padded_states()
    >>> bool((with_mask[3:, 2] == with_mask[2, 2]).all()), bool((without[3, 2] == without[2, 2]).any())
    (True, False)
    """
    rng = np.random.default_rng(7)
    params = init_params(RNN(), D, H, rng) | {"b_h": rng.normal(size=H) / 2}
    mask = np.arange(T)[:, None] < np.array(LENGTHS)
    x = rng.normal(size=(T, len(LENGTHS), D)) * mask[:, :, None]
    return tuple(unroll(RNN(), params, x, mask=m)[0] for m in (mask, None))


def _draw_states(ax, h):
    """Rows for the units of each sequence, a gap between sequences, a frame around what is padded."""
    gap = 0.6
    for n, length in enumerate(LENGTHS):
        top = n * (H + gap)
        extent = (0.5, T + 0.5, top + H, top)
        image = ax.imshow(h[:, n].T, cmap=DIVERGING, vmin=-1, vmax=1, aspect="auto", extent=extent)
        if length < T:
            where = (length + 0.5, top), T - length, H
            ax.add_patch(
                Rectangle(*where, fill=False, edgecolor=COLORS["theory"], linewidth=2, linestyle=(0, (3, 1.5)))
            )
    centres = [n * (H + gap) + H / 2 for n in range(len(LENGTHS))]
    ax.set_yticks(centres, [f"n = {n + 1}\n{length} steps" for n, length in enumerate(LENGTHS)])
    ax.tick_params(axis="y", length=0)
    ax.set(xlim=(0.45, T + 0.55), ylim=(centres[-1] + H / 2 + 0.1, -0.1), xlabel="step t (framed: padding)")
    ax.set_xticks(range(1, T + 1))
    ax.grid(False)
    ax.spines[["left", "bottom"]].set_visible(False)
    return image
