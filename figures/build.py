"""Draw the book's static pictures: `make figures`. Each is SVG and PNG, the same bytes at every run."""

import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: equal results from run to run

import numpy as np

from rnnbook import RNN, gradient_norms, init_params
from rnnbook.view import explorers, figure, line, save
from rnnbook.view.style import look

HERE = Path(__file__).parent


def vanishing():
    """Chapter 04: a constant factor a step is a straight line on a log axis."""
    fig, ax = figure(width=9, height=3.4)
    T, H, ends = 100, 64, []
    back = np.arange(T)
    with look():
        for rho, name in ((1.2, "lstm"), (1.0, "gru"), (0.8, "rnn")):
            params = init_params(RNN("identity"), 1, H, np.random.default_rng(0), gain=rho)
            norms = gradient_norms(RNN("identity"), params, np.zeros((T, 1, 1)), np.ones((1, H)) / np.sqrt(H))
            ax.plot(back, norms[::-1], **line(name))
            ax.text(101, norms[0], f"{rho:g} a step", va="center", color=line(name)["color"])
            ends.append(f"{norms[0]:.0e}")
        ax.set(yscale="log", ylim=(1e-11, 1e9), xlim=(0, 115), xticks=range(0, 101, 20))
        ax.set(xlabel="steps back", ylabel="gradient magnitude")
    sentence = (
        "Three straight lines on a log axis: over 99 steps back a linear network multiplies the gradient by 1.2, 1 "
        f"or 0.8 a step, and it ends at {ends[0]}, {ends[1]} and {ends[2]}."
    )
    return fig, sentence


def gradient_flow():
    """The README: the main explorer with all three cells."""
    explorer = explorers.GradientFlow(cell="all three", gate_bias=2.0)
    return explorer.fig, explorer.live.reading


def cliff():
    """Chapter 04: a step off the wall of the error surface, and the same step clipped."""
    explorer = explorers.Cliff()
    return explorer.fig, explorer.live.reading


PICTURES = (vanishing, gradient_flow, cliff)


def main():
    """Draw every picture beside this file."""
    for draw in PICTURES:
        fig, sentence = draw()
        save(fig, HERE / draw.__name__, sentence)
        print(f"figures/{draw.__name__}: {sentence}")


if __name__ == "__main__":
    main()
