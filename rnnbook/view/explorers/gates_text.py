"""Gates over a text: at which letters of a text of your choice a gate of an LSTM opens, and at which it closes."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from rnnbook.lab.reading import by_token, horizon_of, read_gates
from rnnbook.lab.tasks import Text, zen_of_python
from rnnbook.lab.training import Training
from rnnbook.nn import LSTM, Adam
from rnnbook.view.colored_text import LEVELS, SHADE
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.text_page import TextPage
from rnnbook.view.explorers.text_weights import HIDDEN, RATES, Learned, TextWeights
from rnnbook.view.outlines import moving_words, write
from rnnbook.view.signs import SIGNS
from rnnbook.view.style import INK, line, look
from rnnbook.view.text_view import TextView
from rnnbook.view.touch import Columns, Handle

TEXT = zen_of_python().partition("Flat")[0]  # the title and four lines
STEPS = 100  # of training on the whole poem
VIEWS = {"f": "Forget gate f", "i": "Input gate i", "o": "Output gate o", "c": "Carry |tanh c|"}
ORDERS = {"range": "how far f moves", "horizon": "how long it remembers"}
NAMES = {" ": "the space", "\n": "the line end"}
MOST = 60  # letters of the list, from both ends
ENDS = 2  # letters from each end in the sentence


class GatesPicture(NamedTuple):
    """What the explorer shows."""

    text: str
    target: int  # the place that is looked at
    values: np.ndarray  # (n,): from 0 to 1
    span: tuple  # the values that are white and dark
    view: str  # a key of VIEWS
    unit: int  # counted from 1
    horizon: float  # of its forget gate, in letters
    letters: str  # all different ones, those first at which it is lowest in the mean
    means: np.ndarray  # of the letters
    note: str  # what the reader should know: a cut, weights that are still the start's


class GatesText(TextPage):
    """Colour a text by a gate of an LSTM that reads it, unit by unit, before training and after.

    White is the smallest value that this unit takes on this text, and dark is its largest; the bar at the chart's axis
    says which these are. Units stand in the order of their forget gates, whatever is coloured. Look for the letters at
    the two ends of the list, which is sorted from shut to open: a unit whose forget gate closes at the line end alone
    holds something for a line. Drag the square along the curve, or choose a letter in the list or in the text. At the
    start the network has learned the Zen of Python for 100 steps,
    as in chapter 05, which takes less than a second when the explorer is made.

    Parameters
    ----------
    training : Training, optional
        Of an LSTM with 64 units on `text`: its weights are the given ones, and *Train* goes on with it.
    **values
        Where the controls start: text, unit (its place in the order, from 1), view ("f", "i", "o", "c"), target
        (counted from 1), order ("range", "horizon"), colours ("own", "all"), weights ("given": those that the explorer
        has from the first, "trained": by *Train*, "start").

    Attributes
    ----------
    trainer : Trainer
        The Train and Stop buttons.
    weights : TextWeights
        What was learned.

    Examples
    --------
    >>> explorer = GatesText(unit=3)
    >>> explorer.arrays.values.shape, sorted(explorer.arrays.letters) == sorted(set(explorer.arrays.text))
    ((166,), True)
    """

    chart_height: ClassVar[float] = 2.0
    question = "At which letters does the forget gate of this unit open, and at which does it close?"
    in_sight = ("unit", "view", "target")

    def __init__(self, training=None, **values):
        weights, self._given = TextWeights(), TextWeights()
        if training is not None:
            self._given.trainings["LSTM", values.get("text", TEXT)] = training
            self._given.keep(training)
            weights.trainings |= self._given.trainings
        else:
            self._given.learned["LSTM", zen_of_python()] = _learned()
        self.list = TextView("letter, from shut to open")
        self.list.on_choice = self._find
        self._ends = widgets.HTML(layout=widgets.Layout(width="auto"))
        super().__init__(weights, **values)

    def make_controls(self):
        """The controls by name."""
        return {
            "text": self.text_area(TEXT, rows=2),
            "unit": slider("Unit, sorted", 1, 1, HIDDEN, 1),
            "view": choice("Colour by", [(words, letter) for letter, words in VIEWS.items()]),
            "target": slider("Look at letter", TEXT.rindex("C") + 1, 1, len(TEXT), 1),
            "order": choice("Sorted by", [(words, order) for order, words in ORDERS.items()]),
            "colours": choice("Colours from", [("the unit's own range", "own"), ("0 to 1", "all")]),
            "weights": choice(
                "Weights", [("learned before", "given"), ("trained here", "trained"), ("start", "start")]
            ),
        }

    def chosen_cell(self):
        """The cell that learns."""
        return "LSTM"

    def rows(self):
        """The list of letters stands below the text."""
        *rows, live = super().rows()
        return [*rows, self._ends, self.list, live]

    def compute(self, text, unit, view, target, order, colours, weights):
        """Read the text with the chosen weights.

        Parameters
        ----------
        text : str
            The text.
        unit : int
            Which unit in the chosen order, counted from 1.
        view : str
            "f", "i", "o" or "c".
        target : int
            Which character is looked at, counted from 1.
        order, colours, weights : str
            The choices.

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
        known = self._given if weights == "given" else self.weights
        task, params, why = known.find("LSTM", text, trained=weights != "start")
        tokens = task.encode(text)
        gates = self.read_once(read_gates, task.model(LSTM()), params, tokens)
        all_units = np.abs(np.tanh(gates["c"])) if view == "c" else gates[view]
        horizons = horizon_of(gates["f"])
        ranked = np.argsort(-(np.ptp(gates["f"], axis=0) if order == "range" else horizons), kind="stable")
        k = int(ranked[unit - 1])
        values = all_units[:, k]
        span = _range(values) if colours == "own" else (0.0, 1.0)
        means = by_token(values, tokens, len(task.alphabet))
        by_mean = np.argsort(means)[: np.isfinite(means).sum()]  # nan, of letters that do not come up, stands last
        letters = "".join(task.alphabet[token] for token in by_mean)
        place = min(target, len(text)) - 1
        found = text, place, values, span, view, k + 1, float(horizons[k]), letters, means[by_mean], note + why
        return GatesPicture(*found)

    def levels(self, arrays):
        """How dark each character is."""
        return _levels(arrays.values, arrays.span)

    def draw_chart(self, ax):
        """The curve, the square at the letter that is looked at, and the ends of the colours, by name."""
        with look():
            # The curve is stretched as the colours are: new limits of an axis would take longer than all else.
            ax.set(xlabel="letter", ylim=(0, 1), yticks=(0, 1), yticklabels=("", ""))
            ax.yaxis.labelpad = 52
            inches = ax.get_figure().get_size_inches()[0]
            ax.xaxis.set_major_locator(MaxNLocator(8 if inches > 7 else 4, integer=True))
            wide = 0.15 / inches
            for k in range(LEVELS):  # what the colours mean: as see-through as on the page
                where, size = (-1.2 * wide, k / LEVELS), (wide, 1 / LEVELS)
                shade = {"color": SHADE, "alpha": k / (LEVELS - 1), "linewidth": 0}
                ax.add_patch(Rectangle(where, *size, transform=ax.transAxes, clip_on=False, **shade))
            curve = line("lstm", linestyle="-", marker="o", markersize=3, markevery=None, linewidth=1.2, clip_on=False)
            here = line("rnn", linestyle="none", marker="s", markersize=10, markerfacecolor="none", markeredgewidth=2)
            beside = ax.get_yaxis_transform() + ScaledTranslation(-0.25, 0, ax.get_figure().dpi_scale_trans)
            beside = {"transform": beside, "clip_on": False}
            return {
                "gate": ax.plot([], [], **curve)[0],
                "here": ax.plot([], [], **here | {"markevery": None}, clip_on=False)[0],
                "low": moving_words(ax, INK["theory"], **beside),
                "high": moving_words(ax, INK["theory"], **beside),
            }

    def move_chart(self, ax, chart, arrays):
        """Put curve, square and numbers where the arrays say."""
        n, (low, high) = len(arrays.text), arrays.span
        if ax.get_xlim() != (0.5, n + 0.5):
            ax.set_xlim(0.5, n + 0.5)
        ax.set_ylabel(VIEWS[arrays.view])
        stretched = (arrays.values - low) / (high - low)
        # More dots than that would only be a thick line.
        chart["gate"].set_marker("o" if n <= 18 * ax.get_figure().get_size_inches()[0] else "")
        chart["gate"].set_data(np.arange(1, n + 1), stretched)
        chart["here"].set_data([arrays.target + 1], [stretched[arrays.target]])
        for name, value, place in (("low", low, 0), ("high", high, 1)):
            write(chart[name], f"{value:.{2 if high - low > 0.05 else 4}f}", 0, place, side=-1)

    def move(self, arrays):
        """Put the artists where the arrays say, colour the text, and write the list."""
        super().move(arrays)
        listed, levels, place = _listed(arrays)
        self._ends.value = f"<div>{_caption(arrays)}</div>"
        self.list.show(listed, levels, place)

    def touch(self):
        """The square is dragged along the curve, whose values are read."""
        ax = self.fig.axes[0]
        handle = Handle(
            name="letter to look at",
            ax=ax,
            at=lambda: self._chart["here"].get_xydata()[0],
            drag=lambda x, y: self.slide(target=x),
            step=lambda right, up: self.step(target=right + up),
            said=lambda: f"letter {self.arrays.target + 1}, {_name(self.arrays.text[self.arrays.target])}",
        )
        read = Columns(ax, "letter", self._chart["gate"], lambda: {self.arrays.view: self.arrays.values})
        return {"handles": [handle], "probes": [read]}  # another unit's curve is stretched otherwise: no ghost

    def written(self, arrays):
        """The text and the list, for a picture."""
        return [*super().written(arrays), (_caption(arrays), *_listed(arrays))]

    def reading(self, arrays):
        """What the picture says."""
        low, high = arrays.values.min(), arrays.values.max()
        place, letters = arrays.target, list(zip(arrays.letters, arrays.means, strict=True))
        some = min(ENDS, max(1, len(letters) // 2))
        most, least = _said(letters[::-1][:some]), _said(letters[:some])
        opens, closes = ("opens", "closes") if _shuts(arrays) else ("is highest", "is lowest")
        where = f"{opens} at {most}, and {closes} at {least}. These are means; it"
        if len(letters) == 1:
            where = f"is {arrays.means[0]:.2f} in the mean at {_name(arrays.letters)}, the only letter. It"
        return (
            f"{VIEWS[arrays.view]} of unit {arrays.unit} {where} goes from {low:.2f} to {high:.2f}, and is "
            f"{arrays.values[place]:.2f} at letter {place + 1}, {_name(arrays.text[place])}. Of what this unit holds, "
            f"37 % is left after {_steps(arrays.horizon)} in the mean.{arrays.note}"
        )

    def _find(self, k):
        """Look at the next place where the chosen letter of the list stands."""
        text, letter = self.arrays.text, _both_ends(self.arrays.letters)[k]
        places = text.find(letter, self.arrays.target + 1), text.find(letter)
        self.slide(target=1 + next((place for place in places if place >= 0), self.arrays.target))


@lru_cache(maxsize=1)
def _learned():
    """The network of chapter 05: an LSTM that learned the Zen of Python for 100 steps."""
    task, rng = Text(zen_of_python()), np.random.default_rng(0)
    model = task.model(LSTM())
    params = model.init_params(task.input_size, HIDDEN, task.output_size, rng)
    training = Training(model, params, task.batches(rng, 8, T=50), Adam(RATES["LSTM"]), clip=1.0)
    for _ in training.run(STEPS):
        pass
    return Learned(task, training.params, STEPS, f" It learned the whole Zen of Python, {STEPS} steps.")


def _range(values):
    """Lowest and highest, or a little around a value that never changes."""
    low, high = float(values.min()), float(values.max())
    return (low, high) if high - low > 1e-6 else (low - 0.01, low + 0.01)


def _levels(values, span):
    low, high = span
    return np.rint((LEVELS - 1) * np.clip((values - low) / (high - low), 0, 1)).astype(int)


def _both_ends(letters):
    return letters if len(letters) <= MOST else f"{letters[: MOST // 2]}…{letters[-MOST // 2 :]}"


def _listed(arrays):
    """The letters as they are shown, how dark each is, and which is the one that is looked at."""
    shown, means = _both_ends(arrays.letters), arrays.means
    if len(means) > MOST:
        means = np.concatenate([means[: MOST // 2], [arrays.span[0]], means[-MOST // 2 :]])
    place = shown.find(arrays.text[arrays.target])
    return shown.translate(str.maketrans(SIGNS)), _levels(means, arrays.span), place if place >= 0 else MOST // 2


def _shuts(arrays):
    """Whether a gate passes one half on this text: one that does not is neither opened nor closed, only moved."""
    return arrays.view != "c" and arrays.values.min() < 0.5 < arrays.values.max()


def _caption(arrays):
    if len(arrays.letters) == 1:
        return f"The only letter, and its mean ({arrays.means[0]:.2f}):"
    low, high = ("shut", "open") if _shuts(arrays) else ("low", "high")
    return f"The letters by their mean, from {low} ({arrays.means[0]:.2f}) to {high} ({arrays.means[-1]:.2f}):"


def _said(letters):
    return ", ".join(f"{_name(letter)} ({mean:.2f})" for letter, mean in letters)


def _name(letter):
    return NAMES.get(letter, repr(letter))


def _steps(horizon):
    return f"{horizon:.1f} letters" if horizon < 1e4 else "more than 10,000 letters"
