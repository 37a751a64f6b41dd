"""Your text: which earlier characters move the prediction of a later one."""

from __future__ import annotations

import codecs
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from rnnbook.lab import LookBack, look_back, read, slope
from rnnbook.view import plots
from rnnbook.view.colored_text import draw_text, levels, text_rows, to_html
from rnnbook.view.explorers.base import Explorer, InputError
from rnnbook.view.explorers.controls import choice, control_grid, slider
from rnnbook.view.explorers.text_weights import CELLS, TextWeights
from rnnbook.view.explorers.trainer import Trainer
from rnnbook.view.style import figure, line, look, png

LONGEST = 2000  # characters
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


class YourText(Explorer):
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

    def __init__(self, **values):
        self.trainer = Trainer(self._begin, self._publish)
        self.weights = TextWeights()
        self._last_read = None, None, None
        self._page = widgets.HTML(layout=widgets.Layout(width="100%"))
        self._upload = widgets.FileUpload(description="Load a text file", layout=widgets.Layout(width="auto"))
        super().__init__(**values)
        self._upload.observe(self._load, "value")

    def make_controls(self):
        """The controls by name."""
        text = widgets.Textarea(
            value=TEXT,
            description="Your text",
            placeholder="Type at least two characters.",
            rows=3,
            layout=widgets.Layout(width="auto"),
            style={"description_width": "110px"},
        )
        return {
            "text": text,
            "cell": choice("Cell", list(CELLS)),
            "weights": choice("Weights", ["start", "trained"]),
            "view": choice("Gradient at", ["input x_t", "state h_t"]),
            "target": slider("Predict letter", len(TEXT), 2, len(TEXT), 1),
        }

    def rows(self):
        """The text, the other controls, training, the coloured text, the chart."""
        others = [control for name, control in self.controls.items() if name != "text"]
        grid = control_grid([*others, self._upload, self.reset_button])
        return [self.controls["text"], grid, self.trainer.row, self._page, self.live]

    def put(self, name, value):
        """Set a control; with a new text, let the slider reach its end.

        Parameters
        ----------
        name : str
            The control.
        value : object
            Its value.
        """
        super().put(name, value)
        if name == "text":
            self._fit_target(value)

    def _moved(self, change):
        if change["owner"] is self.controls["text"] and not self.quiet:
            self.set(text=change["new"])
        else:
            super()._moved(change)

    def _fit_target(self, text):
        """The slider reaches to the end of the text, and stays at the end if it was there."""
        target, last = self.controls["target"], max(2, min(len(text), LONGEST))
        at_end = target.value == target.max
        target.max = last
        if at_end:
            target.value = last

    def _load(self, change):
        for upload in change["new"]:
            content = bytes(upload["content"]).removeprefix(codecs.BOM_UTF8)
            try:
                self.set(text=content.decode("utf-8"))
            except UnicodeDecodeError as error:
                self.complain(f"{upload['name']} is not a text in UTF-8: {error.reason} at byte {error.start}")

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
        if len(text) < 2:
            raise InputError(f"Type at least two characters, one to see and one to predict; here is {len(text)}")
        note = ""
        if len(text) > LONGEST:
            note = f" The text is cut to its first {LONGEST:,} of {len(text):,} characters."
            text = text[:LONGEST]
        task, params, why = self.weights.find(cell, text, trained=weights == "trained")
        model, target = task.model(CELLS[cell]), min(target, len(text)) - 1
        found = look_back(model, params, self._read(model, params, task.encode(text)), target)
        norms = found.inputs if view == "input x_t" else found.states
        return TextPicture(text, target, found, norms, task.alphabet[found.best], note + why)

    def _read(self, model, params, tokens):
        """A text is read once; a moved target only looks back."""
        key = model, tokens.tobytes()
        if self._last_read[0] != key or self._last_read[1] is not params:
            self._last_read = key, params, read(model, params, tokens)
        return self._last_read[2]

    def _begin(self):
        text, cell = self.controls["text"].value[:LONGEST], self.controls["cell"].value
        if len(text) < 3:
            raise InputError(f"a text of at least three characters is needed to learn from; here is {len(text)}")
        return self.weights.training(cell, text)

    def _publish(self, training):
        self.weights.keep(training)
        if self.controls["weights"].value == "trained":
            self.refresh()
        else:
            self.controls["weights"].value = "trained"

    def draw(self, arrays):
        """The chart, and the artists that move; the text itself is the page's."""
        fig, ax = figure(width=11.5, height=2.4)
        self._chart = _draw_chart(ax)
        return fig, [ax.xaxis, *self._chart.values()]

    def move(self, arrays):
        """Put the artists where the arrays say, and colour the text."""
        _move_chart(self.fig.axes[0], self._chart, arrays)
        self._page.value = to_html(arrays.text, levels(arrays.norms), arrays.target)

    def png(self):
        """The coloured text above the chart.

        Returns
        -------
        bytes
            A PNG file.
        """
        rows = text_rows(self.arrays.text, self.arrays.target)
        fig, (above, below) = figure(nrows=2, width=11.5, height=2.4 + 0.3 * rows, height_ratios=[0.3 * rows, 2.4])
        _move_chart(below, _draw_chart(below), self.arrays)
        fig.draw_without_rendering()  # the text's size follows from where the layout puts it
        fig.set_layout_engine("none")
        draw_text(above, self.arrays.text, levels(self.arrays.norms), self.arrays.target)
        return png(fig)

    def reading(self, arrays):
        """What the picture says."""
        place = arrays.target + 1
        probability = f"{np.exp(-arrays.found.loss):.2f}"
        start = (
            f"Character {place}, {arrays.text[arrays.target]!r}, is expected with probability {probability}"
            f" (most likely: {arrays.guess!r})"
        )
        norms = arrays.norms
        back = min(20, len(norms) - 1)
        if back < 1 or norms[-1] == 0:
            return f"{start}; the gradient at the character before it is {norms[-1]:.1e}.{arrays.note}"
        far = f"{back} character{'s' if back > 1 else ''} further back"
        steep = f", a factor {10 ** slope(norms):.3f} a character" if len(norms) > 2 else ""
        return (
            f"{start}; the gradient is {norms[-1]:.1e} at the character before it and {norms[-1 - back]:.1e} "
            f"{far}{steep}.{arrays.note}"
        )


def _draw_chart(ax):
    with look():
        ax.set(xlabel="character", ylabel="gradient norm")
    return plots.draw_magnitudes(ax, {"norm": line("mark", marker="o", markersize=3, markevery=None)}, (1e-10, 1e2))


def _move_chart(ax, chart, arrays):
    ax.set_xlim(0.5, len(arrays.text) + 0.5)
    chart["norm"].set_marker("o" if len(arrays.text) <= 200 else "")  # 2,000 dots would only be a thick line
    plots.move_magnitudes(chart, {"norm": arrays.norms})
