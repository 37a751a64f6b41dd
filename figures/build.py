"""Draw the book's pictures and list them: `make figures`. The same bytes at every run."""

import inspect
import os
import re
import shutil
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: equal results from run to run

import numpy as np
from motion import gradient_in_motion

from rnnbook import RNN, gradient_norms, init_params, load_table
from rnnbook.view import applications, diagrams, explorers, figure, layer_diagrams, line, save, sentiment_diagrams
from rnnbook.view.contests import contests_picture
from rnnbook.view.dropout_diagram import dropout_places
from rnnbook.view.gru_back_diagram import gru_back as gru_back_diagram
from rnnbook.view.gru_diagram import gru_cell as gru_diagram
from rnnbook.view.layer_arrays import same_layer_three_ways
from rnnbook.view.lstm_back_diagram import lstm_back as lstm_back_diagram
from rnnbook.view.lstm_diagram import lstm_cell as lstm_diagram
from rnnbook.view.one_hot_diagram import one_hot_product
from rnnbook.view.padding_diagram import padding_units
from rnnbook.view.step_back import step_back
from rnnbook.view.style import INK, look

HERE = Path(__file__).resolve().parent
INDEX = """# Figures

Every picture of the book that needs no kernel, as SVG and as PNG, for you to use again; one of them moves and is SVG
alone. Each is drawn by the function named below it, from the same networks that the chapters train; `make figures`
draws them all again and writes this page. The sentence below a picture is its alternative text.

Licence of all pictures: [CC BY 4.0](../LICENSE-CONTENT.md). Credit them as: from "rnnbook: an interactive textbook on
recurrent neural networks" by the rnnbook authors, CC BY 4.0. The code is under the
[BSD 3-Clause licence](../LICENSE).
"""


def feedforward_limits():
    """Chapter 01: one value, two ways to go on; and how far a window and a state remember."""
    fig, (left, right) = figure(ncols=2, width=11.5, height=3.4, width_ratios=[1, 1.25])
    omega, lags = 0.25, np.arange(16)
    up = np.arcsin(0.5)
    rows = [row for row in load_table("window") if row["lag"] in lags]
    with look():
        t = np.linspace(0, np.pi, 200)
        left.plot(t / omega, np.sin(t), color="#8C8C8C", linewidth=2)
        ends = []
        for start, marker, offset in ((up, "o", (-66, 4)), (np.pi - up, "s", (8, 2))):
            x, y = np.array([start, start + omega]) / omega, np.sin([start, start + omega])
            left.annotate("", (x[1], y[1]), (x[0], y[0]), arrowprops={"arrowstyle": "->", "lw": 2})
            left.plot(x[:1], y[:1], **line("theory", linestyle="none", marker=marker, markersize=9, markevery=None))
            left.annotate(f"then {y[1]:.2f}", (x[1], y[1]), offset, textcoords="offset points")
            ends.append(f"{y[1]:.2f}")
        left.axhline(0.5, **line("baseline"))
        left.set(xlabel="step", ylabel="value", ylim=(0, 1.1), xlim=(0, 14.5))
        reached = []
        for k, name, label in ((5, "mark", "window of 5"), (None, "rnn", "with a state")):
            right_answers = [np.mean([r["accuracy"] for r in rows if (r["k"], r["lag"]) == (k, lag)]) for lag in lags]
            right.plot(lags, right_answers, **line(name, label=label, markevery=None))
            reached.append(right_answers)
        right.axhline(0.25, **line("baseline", label="chance"))
        right.set(xlabel="steps back to the token that is asked for", ylabel="share of right answers", ylim=(0, 1.08))
        right.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    sentence = (
        f"Left, a sine wave with two dots at the height 0.50: from the rising one the next value is {ends[0]}, from "
        f"the falling one {ends[1]}. Right, share of right answers by lag: a window of 5 answers all up to lag 4 and "
        f"{np.mean(reached[0][5:]):.2f} from lag 5 on; the recurrent network {np.min(reached[1]):.2f} up to lag 15."
    )
    return fig, sentence


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
            ax.text(101, norms[0], f"{rho:g} a step", va="center", color=INK[name])
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
    explorer = explorers.GradientFlow(cell="all three", gain=1.0, gate_bias=2.0)
    return explorer.fig, explorer.live.reading


def cliff():
    """Chapter 04: a step off the wall of the error surface, and the same step clipped."""
    explorer = explorers.Cliff()
    return explorer.fig, explorer.live.reading


def unrolled():
    """Chapter 02: the folded network, and the same network unrolled."""
    return diagrams.unrolled(4, losses=False)


def branch():
    """Chapter 02: a state goes two ways, and two gradients come back."""
    return diagrams.branch()


def applications_map():
    """Chapter 02: which steps get an input, and which outputs are read."""
    return applications.applications()


def triangle():
    """Chapter 03: every loss and every state before it, and what blocks of 10 steps keep."""
    explorer = explorers.Triangle()
    return explorer.fig, explorer.live.reading


def lstm_cell():
    """Chapter 05: the cell, for print and for the page."""
    return lstm_diagram("light")


def lstm_cell_dark():
    """Chapter 05: the cell, for the projector."""
    return lstm_diagram("dark")


def lstm_back():
    """Chapter 05: what each part of an LSTM's step sends back."""
    return lstm_back_diagram("light")


def lstm_paths():
    """Chapter 05: which way the gradient of an LSTM came."""
    explorer = explorers.CarryPaths()
    return explorer.fig, explorer.live.reading


def gru_cell():
    """Chapter 06: the cell, for print and for the page."""
    return gru_diagram("light")


def gru_cell_dark():
    """Chapter 06: the cell, for the projector."""
    return gru_diagram("dark")


def gru_cell_before():
    """Chapter 06: the cell with the reset gate before the product."""
    return gru_diagram("light", reset="before")


def gru_back():
    """What each part of a GRU's step sends back."""
    return gru_back_diagram("light")


def gru_contests():
    """Chapter 06: when each run of each cell was solved."""
    return contests_picture(load_table("contests"))


def gru_three_cells():
    """Chapter 06: the gradient of three cells under the same sliders."""
    explorer = explorers.ThreeCells()
    return explorer.fig, explorer.live.reading


def stacked():
    """Chapter 07: layers on one another, and the two ways that a gradient takes back to the first step of the first."""
    return layer_diagrams.stacked()


def both_ways():
    """Chapter 07: a layer that reads both ways, and where each way's last state stands."""
    return layer_diagrams.both_ways()


def many_to_one():
    """Chapter 09: the network of a review, with one readout after its last word."""
    return sentiment_diagrams.many_to_one()


def padding_sides():
    """Chapter 09: padding behind and in front, with a mask and without, and where the last state comes from."""
    return sentiment_diagrams.padding_sides()


def same_layer_three_ways_dark():
    """Chapter 10: the arrays of one GRU layer three ways, for the projector."""
    return same_layer_three_ways("dark")


PICTURES = (
    feedforward_limits,
    unrolled,
    branch,
    applications_map,
    vanishing,
    gradient_flow,
    cliff,
    triangle,
    step_back,
    lstm_cell,
    lstm_cell_dark,
    lstm_paths,
    gru_cell,
    gru_cell_dark,
    gru_cell_before,
    gru_contests,
    gru_three_cells,
    gru_back,
    lstm_back,
    stacked,
    both_ways,
    dropout_places,
    padding_units,
    many_to_one,
    padding_sides,
    one_hot_product,
    same_layer_three_ways,
    same_layer_three_ways_dark,
)


def entry(draw, sentence, kinds=("png", "svg")):
    """The lines of the index page on one picture: where it is from, where it is drawn, and what it says."""
    files = ", ".join(f"[{kind.upper()}]({draw.__name__}.{kind})" for kind in sorted(kinds, reverse=True))
    name, file = draw.__name__, Path(inspect.getsourcefile(draw)).resolve()
    code = f"`{name}` in [{file.relative_to(HERE.parent).as_posix()}]({Path(os.path.relpath(file, HERE)).as_posix()})"
    return f"""
## {name.replace("_", " ")}

![{sentence}]({name}.{kinds[0]})

{sentence}

- Files: {files}
- {inspect.getdoc(draw).splitlines()[0]}
- Drawn by: {code}
- Licence: CC BY 4.0
"""


def shown_in_chapters():
    """The PNGs that chapters show. They lie beside the chapters too, where Jupyter serves `notebooks` alone."""
    chapters = (path.read_text(encoding="utf-8") for path in (HERE.parent / "notebooks").glob("*.ipynb"))
    return sorted({name for chapter in chapters for name in re.findall(r"\(figures/(\w+\.png)\)", chapter)})


def main():
    """Draw every picture beside this file, and the page that lists them."""
    svg, sentence = gradient_in_motion()
    (HERE / "gradient_in_motion.svg").write_text(svg, encoding="utf-8", newline="\n")
    index = INDEX + entry(gradient_in_motion, sentence, ["svg"])
    print(f"figures/gradient_in_motion: {sentence}")
    for draw in PICTURES:
        fig, sentence = draw()
        save(fig, HERE / draw.__name__, sentence)
        index += entry(draw, sentence)
        print(f"figures/{draw.__name__}: {sentence}")
    (HERE / "README.md").write_text(index, encoding="utf-8", newline="\n")
    beside = HERE.parent / "notebooks" / "figures"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    for name in shown_in_chapters():
        shutil.copyfile(HERE / name, beside / name)


if __name__ == "__main__":
    main()
