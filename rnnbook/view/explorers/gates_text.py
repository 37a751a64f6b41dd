"""Gates over a text: what an LSTM keeps, writes and shows at every letter of a text of your choice."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.reading import by_token, horizon_of, read_gates
from rnnbook.nn import LSTM
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.text_page import TextPage
from rnnbook.view.explorers.text_weights import HIDDEN, TextWeights
from rnnbook.view.style import line, look

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


class GatesText(TextPage):
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

    chart_height: ClassVar[float] = 1.9
    question = "At which letters does this gate open, and at which does it close?"
    in_sight = ("target", "view", "unit")

    def __init__(self, training=None, **values):
        weights = TextWeights()
        if training is not None:
            weights.trainings["LSTM", values.get("text", TEXT)] = training
            weights.keep(training)
            values = {"weights": "trained"} | values
        super().__init__(weights, **values)

    def make_controls(self):
        """The controls by name."""
        return {
            "text": self.text_area(TEXT, rows=2),
            "weights": choice("Weights", ["start", "trained"]),
            "view": choice("Colour by", [(words, letter) for letter, words in VIEWS.items()]),
            "unit": slider("Unit (0: mean)", 0, 0, HIDDEN, 1),
            "target": slider("Look at letter", len(TEXT), 1, len(TEXT), 1),
        }

    def chosen_cell(self):
        """The cell that learns."""
        return "LSTM"

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
        text, note = self.readable(text)
        task, params, why = self.weights.find("LSTM", text, trained=weights == "trained")
        tokens = task.encode(text)
        gates = self.read_once(read_gates, task.model(LSTM()), params, tokens)
        all_units = np.abs(np.tanh(gates["c"])) if view == "c" else gates[view]
        values = all_units[:, unit - 1] if unit else all_units.mean(axis=1)
        means = by_token(values, tokens, len(task.alphabet))
        extremes = tuple((task.alphabet[k], float(means[k])) for k in (np.nanargmin(means), np.nanargmax(means)))
        what = f"{VIEWS[view]}, {f'unit {unit}' if unit else 'mean of all units'}"
        place, white, horizons = min(target, len(text)) - 1, WHITE.get(view, 0), horizon_of(gates["f"])
        return GatesPicture(text, place, values, white, what, horizons, unit, extremes, note + why)

    def levels(self, arrays):
        """How dark each character is."""
        return np.rint(8 * np.maximum(arrays.values - arrays.white, 0) / (1 - arrays.white)).astype(int)

    def draw_chart(self, ax):
        """The curve, by name."""
        with look():
            ax.set(xlabel="letter", ylim=(-0.03, 1.03), yticks=(0, 0.5, 1))
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        return {"gate": ax.plot([], [], **line("mark", markersize=3, markevery=None, linewidth=1.2))[0]}

    def move_chart(self, ax, chart, arrays):
        """Put the curve where the arrays say."""
        n = len(arrays.text)
        ax.set_xlim(0.5, n + 0.5)
        ax.set_ylabel(f"dark: 1\nwhite: {arrays.white:g}")
        chart["gate"].set_marker("o" if n <= 200 else "")  # 2,000 dots would only be a thick line
        chart["gate"].set_data(np.arange(1, n + 1), arrays.values)

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
