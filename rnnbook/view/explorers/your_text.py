"""Your text: which earlier characters move the prediction of a later one."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from rnnbook.lab.gradients import slope
from rnnbook.lab.reading import LookBack, look_back, read
from rnnbook.nn.cells import CELLS
from rnnbook.view import plots
from rnnbook.view.colored_text import levels
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.text_page import TextPage
from rnnbook.view.explorers.text_weights import TextWeights
from rnnbook.view.style import line, look
from rnnbook.view.touch import Probe

LIMITS = (1e-10, 1e2)  # of what the chart shows

TEXT = (
    "To guess the next letter of a word you need the letters before it. "
    "To guess the next word of a story you may need a name from the first page."
)


class TextPicture(NamedTuple):
    """What the explorer shows."""

    text: str
    target: int  # the place of the character that is predicted
    found: LookBack
    norms: np.ndarray  # (target,): the chosen view
    guess: str  # the character that the model holds most likely
    note: str  # what the reader should know: a cut, weights that are still the start's


class YourText(TextPage):
    """Type a text and see how much each character moves the loss of one later prediction.

    The darker a character, the larger the gradient of the loss at its input x_t, or at its state h_t; the chart
    below shows the same on a log axis. The framed character is the one that is predicted. Look for how far
    back the colour reaches, before training and after.

    Parameters
    ----------
    **values
        Where the controls start: text, cell ("RNN", "LSTM", "GRU"), weights ("start", "trained"), view
        ("input x_t", "state h_t"), target (counted from 1).

    Attributes
    ----------
    trainer : Trainer
        The Train and Stop buttons.
    weights : TextWeights
        What was learned.

    Examples
    --------
    >>> explorer = YourText(text="hello")
    >>> explorer.arrays.target, explorer.arrays.norms.shape
    (4, (4,))
    """

    question = "How many characters back does the gradient still reach?"
    in_sight = ("target", "weights", "cell")
    first_target: ClassVar[int] = 2
    chart_height: ClassVar[float] = 2.4

    def __init__(self, **values):
        super().__init__(TextWeights(), **values)

    def make_controls(self):
        """The controls by name."""
        return {
            "text": self.text_area(TEXT, rows=3),
            "cell": choice("Cell", list(CELLS)),
            "weights": choice("Weights", ["start", "trained"]),
            "view": choice("Gradient at", ["input x_t", "state h_t"]),
            "target": slider("Predict letter", len(TEXT), 2, len(TEXT), 1),
        }

    def chosen_cell(self):
        """The cell that learns."""
        return self.controls["cell"].value

    def compute(self, text, cell, weights, view, target):
        """Read the text with the chosen weights, and look back from the chosen character.

        Parameters
        ----------
        text, cell, weights, view : str
            The choices.
        target : int
            Which character is predicted, counted from 1.

        Returns
        -------
        TextPicture
            What to show.

        Raises
        ------
        InputError
            If the text has fewer than two characters.
        """
        text, note = self.readable(text)
        task, params, why = self.weights.find(cell, text, trained=weights == "trained")
        model, target = task.model(CELLS[cell]), min(target, len(text)) - 1
        found = look_back(model, params, self.read_once(read, model, params, task.encode(text)), target)
        norms = found.inputs if view == "input x_t" else found.states
        return TextPicture(text, target, found, norms, task.alphabet[found.best], note + why)

    def levels(self, arrays):
        """How dark each character is."""
        return levels(arrays.norms)

    def draw_chart(self, ax):
        """The curve, by name."""
        with look():
            ax.set(xlabel="character", ylabel="gradient norm")
        curve = line("mark", marker="o", markersize=3, markevery=None)
        return plots.draw_magnitudes(ax, {"norm": curve})

    def move_chart(self, ax, chart, arrays):
        """Put the curve where the arrays say."""
        ax.set_xlim(0.5, len(arrays.text) + 0.5)
        chart["norm"].set_marker("o" if len(arrays.text) <= 200 else "")  # 2,000 dots would only be a thick line
        plots.set_decades(ax, [arrays.norms], LIMITS)
        plots.move_magnitudes(chart, {"norm": arrays.norms})

    def touch(self):
        """The curve is read, and leaves a ghost."""
        curve = self._chart["norm"]
        return {"probes": [Probe(self.fig.axes[0], "character", {"gradient": curve})], "ghosts": [curve]}

    def reading(self, arrays):
        """What the picture says."""
        probability = f"{np.exp(-arrays.found.loss):.2f}"
        start = (
            f"Character {arrays.target + 1}, {arrays.text[arrays.target]!r}: probability {probability} "
            f"(most likely: {arrays.guess!r})"
        )
        norms = arrays.norms
        back = min(20, len(norms) - 1)
        if back < 1 or norms[-1] == 0:
            return f"{start}; gradient at the character before: {norms[-1]:.1e}.{arrays.note}"
        steep = f"a factor {10 ** slope(norms):.3f} a character, " if len(norms) > 2 else ""
        return (
            f"{start}; gradient: {steep}from {norms[-1]:.1e} at the character before to {norms[-1 - back]:.1e}, "
            f"{back} further back. The furthest of at least a tenth of the largest stands {reach(norms)} before it."
            f"{arrays.note}"
        )


def reach(norms):
    """How many letters back the gradient is still a tenth of its largest; 0 where there is none."""
    far = np.flatnonzero((norms >= norms.max() / 10) & (norms > 0))
    return len(norms) - int(far[0]) if len(far) else 0
