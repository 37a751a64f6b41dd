"""Gates over a text: what an LSTM keeps, writes and shows at every letter of a text of your choice."""

from __future__ import annotations

import codecs
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.lab import by_token, horizon_of, read_gates
from rnnbook.view.colored_text import draw_text, text_rows, to_html
from rnnbook.view.explorers.base import Explorer, InputError
from rnnbook.view.explorers.controls import choice, control_grid, slider
from rnnbook.view.explorers.text_weights import CELLS, HIDDEN, TextWeights
from rnnbook.view.explorers.trainer import Trainer
from rnnbook.view.style import figure, line, look, png

LONGEST = 2000  # characters
TEXT = (
    "The gate decides what to keep. At a space, at a full stop, it may let go; "
    "in the middle of a word it had better not."
)
VIEWS = {"f": "Forget gate f", "i": "Input gate i", "o": "Output gate o", "c": "Carry |tanh c|"}
WHITE = {"f": 0.5}  # what is white; others 0. A gate of 0.5 has forgotten all but 3 % after five letters


class GatesPicture(NamedTuple):
    """What the explorer shows."""

    text: str
    target: int  # the place that is looked at
    values: np.ndarray  # (n,): from 0 to 1
    white: float  # what is drawn white; 1 is dark
    what: str  # the chosen gate and unit, in words
    horizons: np.ndarray  # (H,): of every unit's forget gate, in characters
    unit: int  # 0 for the mean of all
    extremes: tuple  # the characters with the lowest and the highest mean, each with it
    note: str  # what the reader should know: a cut, weights that are still the start's


class GatesText(Explorer):
    """Colour a text by a gate of an LSTM that reads it, unit by unit, before training and after.

    White is 0, for the forget gate 0.5, and dark is 1; the chart below shows the same numbers. Look for units whose
    forget gate stays near 1 and falls at a few letters only: they hold something from one of those letters to the
    next. The framed letter is the one that the sentence tells about.

    Parameters
    ----------
    training : Training, optional
        Of an LSTM with 64 units on `text`: its weights are the trained ones, and *Train* goes on with it.
    **values
        Where the controls start: text, weights ("start", "trained"), view ("f", "i", "o", "c"), unit (0 for the
        mean of all), target (counted from 1).

    Attributes
    ----------
    trainer : Trainer
        The Train and Stop buttons.
    weights : TextWeights
        What was learned.

    Examples
    --------
    >>> explorer = GatesText(text="hello", unit=3)
    >>> explorer.arrays.values.shape, explorer.arrays.horizons.shape
    ((5,), (64,))
    """

    def __init__(self, training=None, **values):
        self.trainer = Trainer(self._begin, self._publish)
        self.weights = TextWeights()
        if training is not None:
            text = values.get("text", TEXT)
            self.weights.trainings["LSTM", text] = training
            self.weights.keep(training)
            values = {"weights": "trained"} | values
        self._last_read = None, None, None
        self._page = widgets.HTML(layout=widgets.Layout(width="100%", max_height="150px", overflow="auto"))
        self._upload = widgets.FileUpload(description="Load a text file", layout=widgets.Layout(width="auto"))
        super().__init__(**values)
        self._upload.observe(self._load, "value")

    def make_controls(self):
        """The controls by name."""
        text = widgets.Textarea(
            value=TEXT,
            description="Your text",
            placeholder="Type at least two characters.",
            rows=2,
            layout=widgets.Layout(width="auto"),
            style={"description_width": "110px"},
        )
        return {
            "text": text,
            "weights": choice("Weights", ["start", "trained"]),
            "view": choice("Colour by", [(words, letter) for letter, words in VIEWS.items()]),
            "unit": slider("Unit (0: mean)", 0, 0, HIDDEN, 1),
            "target": slider("Look at letter", len(TEXT), 1, len(TEXT), 1),
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
            target, last = self.controls["target"], max(1, min(len(value), LONGEST))
            at_end = target.value == target.max
            target.max = last
            target.value = last if at_end else target.value

    def _moved(self, change):
        if change["owner"] is self.controls["text"] and not self.quiet:
            self.set(text=change["new"])
        else:
            super()._moved(change)

    def _load(self, change):
        for upload in change["new"]:
            content = bytes(upload["content"]).removeprefix(codecs.BOM_UTF8)
            try:
                self.set(text=content.decode("utf-8"))
            except UnicodeDecodeError as error:
                self.complain(f"{upload['name']} is not a text in UTF-8: {error.reason} at byte {error.start}")

    def compute(self, text, weights, view, unit, target):
        """Read the text with the chosen weights.

        Parameters
        ----------
        text, weights, view : str
            The choices.
        unit : int
            Which unit, counted from 1; 0 for the mean of all.
        target : int
            Which character is looked at, counted from 1.

        Returns
        -------
        GatesPicture
            What to show.

        Raises
        ------
        InputError
            If the text has fewer than two characters.
        """
        if len(text) < 2:
            raise InputError(f"Type at least two characters; here is {len(text)}")
        note = f" The text is cut to its first {LONGEST:,} of {len(text):,} characters." if len(text) > LONGEST else ""
        text = text[:LONGEST]
        task, params, why = self.weights.find("LSTM", text, trained=weights == "trained")
        tokens = task.encode(text)
        gates = self._read(task.model(CELLS["LSTM"]), params, tokens)
        all_units = np.abs(np.tanh(gates["c"])) if view == "c" else gates[view]
        values = all_units[:, unit - 1] if unit else all_units.mean(axis=1)
        means = by_token(values, tokens, len(task.alphabet))
        extremes = tuple((task.alphabet[k], float(means[k])) for k in (np.nanargmin(means), np.nanargmax(means)))
        what = f"{VIEWS[view]}, {f'unit {unit}' if unit else 'mean of all units'}"
        place, white, horizons = min(target, len(text)) - 1, WHITE.get(view, 0), horizon_of(gates["f"])
        return GatesPicture(text, place, values, white, what, horizons, unit, extremes, note + why)

    def _read(self, model, params, tokens):
        """A text is read once; a moved unit only looks at another column."""
        if self._last_read[0] != tokens.tobytes() or self._last_read[1] is not params:
            self._last_read = tokens.tobytes(), params, read_gates(model, params, tokens)
        return self._last_read[2]

    def _begin(self):
        text = self.controls["text"].value[:LONGEST]
        if len(text) < 3:
            raise InputError(f"a text of at least three characters is needed to learn from; here is {len(text)}")
        return self.weights.training("LSTM", text)

    def _publish(self, training):
        self.weights.keep(training)
        if self.controls["weights"].value == "trained":
            self.refresh()
        else:
            self.controls["weights"].value = "trained"

    def draw(self, arrays):
        """The chart, and the artists that move; the text itself is the page's."""
        fig, ax = figure(width=11.5, height=1.9)
        self._curve = _draw_chart(ax)
        return fig, [ax.xaxis, ax.yaxis.label, self._curve]

    def move(self, arrays):
        """Put the artists where the arrays say, and colour the text."""
        _move_chart(self._curve, arrays)
        self._page.value = to_html(arrays.text, _levels(arrays), arrays.target)

    def png(self):
        """The coloured text above the chart.

        Returns
        -------
        bytes
            A PNG file.
        """
        rows = text_rows(self.arrays.text, self.arrays.target)
        fig, (above, below) = figure(nrows=2, width=11.5, height=1.9 + 0.3 * rows, height_ratios=[0.3 * rows, 1.9])
        _move_chart(_draw_chart(below), self.arrays)
        fig.draw_without_rendering()  # the text's size follows from where the layout puts it
        fig.set_layout_engine("none")
        draw_text(above, self.arrays.text, _levels(self.arrays), self.arrays.target)
        return png(fig)

    def reading(self, arrays):
        """What the picture says."""
        place = arrays.target
        here = f"{arrays.what}: {arrays.values[place]:.2f} at letter {place + 1}, {arrays.text[place]!r}"
        (low, least), (high, most) = arrays.extremes
        by_letter = f"in the mean {least:.2f} at {low!r} and {most:.2f} at {high!r}"
        horizons = arrays.horizons
        if arrays.unit:
            kept = f"Its forget gate has a horizon of {_letters(horizons[arrays.unit - 1])}"
        else:
            kept = f"The horizons of the 64 forget gates go from {horizons.min():.1f} to {_letters(horizons.max())}"
        return f"{here}; {by_letter}. {kept}.{arrays.note}"


def _letters(steps):
    return f"{steps:.1f} letters" if steps < 1e4 else "more than 10,000 letters"


def _levels(arrays):
    return np.rint(8 * np.maximum(arrays.values - arrays.white, 0) / (1 - arrays.white)).astype(int)


def _draw_chart(ax):
    with look():
        ax.set(xlabel="letter", ylim=(-0.03, 1.03), yticks=(0, 0.5, 1))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax.plot([], [], **line("mark", markersize=3, markevery=None, linewidth=1.2))[0]


def _move_chart(curve, arrays):
    n = len(arrays.text)
    curve.axes.set_xlim(0.5, n + 0.5)
    curve.axes.set_ylabel(f"dark: 1\nwhite: {arrays.white:g}")
    curve.set_marker("o" if n <= 200 else "")  # 2,000 dots would only be a thick line
    curve.set_data(np.arange(1, n + 1), arrays.values)
