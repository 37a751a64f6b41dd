"""Your text: which earlier characters move the prediction of a later one."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import ipywidgets as widgets
import numpy as np

from rnnbook.lab.reading import LookBack, look_back, reach, read
from rnnbook.nn.cells import CELLS
from rnnbook.view import plots
from rnnbook.view.colored_text import LEVELS
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.text_page import TextPage
from rnnbook.view.explorers.text_weights import TextWeights
from rnnbook.view.style import line, look
from rnnbook.view.touch import Probe

LIMITS = (1e-10, 1e2)  # of what the chart shows
TENTH = "a tenth of the largest"
KEY = (
    "Framed: the letter that is guessed. Coloured: where the gradient is at least a tenth of its largest; "
    "the stronger, the larger. Diamond: the furthest of these."
)

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

    A character is coloured where the gradient of the loss, at its input x_t or at its state h_t, is at least a tenth
    of the largest, and the stronger the colour, the larger it is. The chart below shows the gradient at all characters,
    on a log axis. The framed character is the one that is predicted. Look for how far back the colour reaches, before
    training and after.

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

    question = "How far back is the gradient still at least a tenth of its largest?"
    in_sight = ("target", "weights", "cell")
    first_target: ClassVar[int] = 2
    chart_height: ClassVar[float] = 2.4

    def __init__(self, **values):
        self._key = widgets.HTML(
            f'<div style="font-size: 12px; line-height: 1.3">{KEY}</div>', layout=widgets.Layout(width="auto")
        )
        super().__init__(TextWeights(), **values)

    def rows(self):
        """Above the coloured text stands what the colour means."""
        *rows, page, live = super().rows()
        return [*rows, self._key, page, live]

    def written(self, arrays):
        """The text below its key, for a picture."""
        return [(KEY, arrays.text, self.levels(arrays), arrays.target)]

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
        """How dark each character is: white below a tenth of the largest."""
        return tenth_levels(arrays.norms)

    def draw_chart(self, ax):
        """The curve, by name."""
        with look():
            ax.set(xlabel="character", ylabel="gradient norm")
        curve = line("mark", marker="o", markersize=3, markevery=None)
        chart = plots.draw_magnitudes(ax, {"norm": curve})
        with look():
            style = line("theory", linewidth=1, marker="D", markersize=7, label=TENTH)
            (chart["tenth"],) = ax.plot([], [], **style | {"markevery": [1]})
            if ax.get_figure().get_size_inches()[0] < 7:
                chart["tenth"].set_label(TENTH.split(" of")[0])
            ax.legend(handles=[chart["tenth"]], loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)
        return chart

    def move_chart(self, ax, chart, arrays):
        """Put the curve where the arrays say."""
        ax.set_xlim(0.5, len(arrays.text) + 0.5)
        chart["norm"].set_marker("o" if len(arrays.text) <= 200 else "")  # 2,000 dots would only be a thick line
        tenth = arrays.norms.max() / 10
        plots.set_decades(ax, [arrays.norms, tenth], LIMITS)
        curves = {name: artist for name, artist in chart.items() if name != "tenth"}
        plots.move_magnitudes(curves, {"norm": arrays.norms})
        chart["tenth"].set_visible(bool(tenth > 0))
        far = len(arrays.norms) + 1 - reach(arrays.norms)
        chart["tenth"].set_data([0.5, far, len(arrays.text) + 0.5], [tenth] * 3)

    def touch(self):
        """The curve is read, and leaves a ghost."""
        curve = self._chart["norm"]
        return {"probes": [Probe(self.fig.axes[0], "character", {"gradient": curve})], "ghosts": [curve]}

    def reading(self, arrays):
        """What the picture says."""
        norms, far = arrays.norms, reach(arrays.norms)
        here = (
            f"Character {arrays.target + 1}, {arrays.text[arrays.target]!r}: probability "
            f"{np.exp(-arrays.found.loss):.2f} (most likely: {arrays.guess!r})."
        )
        if not far:
            return f"No gradient goes back from here. {here}{arrays.note}"
        back = f"{far} character{'' if far == 1 else 's'} back"
        if len(norms) == 1:
            return f"{back}, at the only one before, the gradient is {norms[0]:.1e}. {here}{arrays.note}"
        factor = (norms[0] / norms[-1]) ** (1 / (len(norms) - 1)) if norms[-1] else 0
        steep = f": a factor {factor:.3f} a character in the mean" if factor else ""
        return (
            f"{back} the gradient is still at least a tenth of its largest, and no further. {here} From the character "
            f"before to the first, the gradient goes from {norms[-1]:.1e} to {norms[0]:.1e}{steep}.{arrays.note}"
        )


def without_gaps(norms):
    """How far back no gradient is below a tenth of the largest, to be said where a letter beyond a gap is further."""
    small = np.flatnonzero(norms[::-1] < norms.max(initial=0) / 10)
    unbroken = small[0] if len(small) else len(norms)
    return f", without gaps {unbroken}" if unbroken < reach(norms) else ""


def tenth_levels(norms):
    """How dark letters are: 0 below a tenth of the largest, from there to the largest 2 to 8, by the logarithm."""
    largest = norms.max(initial=0)
    if not largest:
        return np.zeros(len(norms), int)
    shares = np.clip(norms / largest, 0.1, 1)
    return np.where(norms >= largest / 10, 2 + np.rint((LEVELS - 3) * (1 + np.log10(shares))), 0).astype(int)
