"""First minute: a name or a sentence, learned by heart, and how far back its gradient reaches."""

from __future__ import annotations

import html
from itertools import groupby, repeat
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np

from rnnbook.lab.reading import look_back, reach, read
from rnnbook.lab.training import Training
from rnnbook.nn import Adam, Batch
from rnnbook.nn.cells import CELLS
from rnnbook.view import plots
from rnnbook.view.explorers.base import InputError
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.text_page import LONGEST
from rnnbook.view.explorers.text_weights import RATES, TextWeights
from rnnbook.view.explorers.your_text import LIMITS, YourText, without_gaps
from rnnbook.view.signs import SIGNS
from rnnbook.view.style import line

TEXT = "to be or not to be, that is the question"
STEPS = 100  # a press
LASTS = 2.0  # seconds of a press, so that the learning is seen
FRAME = 0.05  # seconds between two pictures of it
BEFORE = "before", "before: line", "before: words"  # in the chart: the curve, and what names it
START, LEARNED = "before learning", "after learning"


class MinutePicture(NamedTuple):
    """What the explorer shows."""

    text: str
    target: int  # the place of the letter from which the gradient goes back
    norms: np.ndarray  # (target,), of the gradient at every letter before
    before: np.ndarray | None  # the same before learning, if `norms` are those after it
    guesses: str  # the network's guess at every letter but the first, (n - 1,)
    steps: int  # training steps, 0 at the start's weights
    note: str  # what the reader should know


class Sentences(TextWeights):
    """Weights for sentences that are read whole, from the first letter to the last, at every step."""

    def training(self, cell, text):
        """The training of a cell on a text, which goes on where it was."""
        if (cell, text) not in self.trainings:
            task, params, _ = self.find(cell, text, trained=False)
            tokens = task.tokens[:, None]
            params = {name: value.copy() for name, value in params.items()}
            batches = repeat(Batch(tokens[:-1], tokens[1:]))
            self.trainings[cell, text] = Training(task.model(CELLS[cell]), params, batches, Adam(RATES[cell]), clip=1.0)
        return self.trainings[cell, text]


class FirstMinute(YourText):
    """Type a name or a sentence, let a network learn it by heart, and see how far back its gradient reaches.

    Below the text stands what the network guesses for each letter when it has read the letters before; wrong
    guesses are underlined. A letter of the text is coloured where the gradient of the loss at the framed letter is at
    least a tenth of its largest; the stronger the colour, the larger.
    Look for how many guesses are right, and how far back the colour reaches, before learning and after. *Learn it*
    takes about two seconds, most of them for the first steps: by itself it would be too fast to watch.

    Parameters
    ----------
    **values
        Where the controls start: text, target (counted from 1), weights ("before learning", "after
        learning"), cell ("RNN", "LSTM", "GRU").

    Attributes
    ----------
    trainer : Trainer
        The buttons *Learn it* and *Stop*.
    weights : TextWeights
        What was learned.

    Examples
    --------
    >>> explorer = FirstMinute(text="hello")
    >>> len(explorer.arrays.guesses), explorer.arrays.norms.shape, explorer.arrays.steps
    (4, (4,), 0)
    """

    question = "How far back is the gradient still a tenth of its largest, before learning and after?"
    in_sight = ("target", "weights")
    trained = LEARNED

    def __init__(self, **values):
        self._start_read = None, None
        self._guesses = widgets.HTML(layout=widgets.Layout(width="auto"))
        super().__init__(**values)
        self.weights = Sentences()
        self.trainer.steps = self.trainer.bar.max = STEPS
        self.trainer.train_button.description = "Learn it"
        self.trainer.train_button.tooltip = f"Make {STEPS} training steps"

    def make_controls(self):
        """The controls by name."""
        return {
            "text": self.text_area(TEXT, rows=2),
            "target": slider("From letter", len(TEXT), 2, len(TEXT), 1),
            "weights": choice("Network", [START, LEARNED]),
            "cell": choice("Cell", list(CELLS)),
        }

    def rows(self):
        """The text, learning, the coloured text and the guesses, the chart."""
        text, grid, rest, reasons, train, key, page, live = super().rows()
        return [text, train, grid, rest, reasons, key, page, self._guesses, live]

    def compute(self, text, target, weights, cell):
        """Read the text with the chosen weights, guess its letters, and look back from one of them.

        Parameters
        ----------
        text : str
            The text.
        target : int
            From which letter the gradient goes back, counted from 1.
        weights, cell : str
            The choices.

        Returns
        -------
        MinutePicture
            What to show.

        Raises
        ------
        InputError
            If the text has fewer than two characters.
        """
        text, note = self.readable(text)
        learned = self.weights.learned.get((cell, text)) if weights == LEARNED else None
        if weights == LEARNED and learned is None:
            note += " This text is not learned yet: press Learn it."
        task, params, _ = self.weights.find(cell, text, trained=False)
        model, target = task.model(CELLS[cell]), min(target, len(text)) - 1
        before = None
        if learned is not None:
            before, params = self._before(model, params, task.tokens, target), learned.params
        reading = self.read_once(read, model, params, task.tokens)
        guesses = "".join(task.alphabet[k] for k in reading.logits.reshape(len(text) - 1, -1).argmax(axis=1))
        steps = 0 if learned is None else learned.steps
        norms = look_back(model, params, reading, target).inputs
        return MinutePicture(text, target, norms, before, guesses, steps, note)

    def _before(self, model, params, tokens, target):
        """The gradient before learning, whose reading is kept as long as text and cell stay."""
        key = model, tokens.tobytes()
        if self._start_read[0] != key:
            self._start_read = key, read(model, params, tokens)
        return look_back(model, params, self._start_read[1], target).inputs

    def _begin(self):
        text = self.controls["text"].value[:LONGEST]
        if len(text) < 2:
            raise InputError(f"a text of at least two characters is needed to learn from; here is {len(text)}")
        # One picture, at the end, for those who ask for reduced motion.
        calm = self.live.calm
        self.trainer.pace, self.trainer.news = (lambda made: 0.0, np.inf) if calm else (_pace, FRAME)
        return self.weights.training(self.chosen_cell(), text)

    def draw_chart(self, ax):
        """The curve, faint the one before learning, and the line at a tenth, by name."""
        chart = super().draw_chart(ax)
        style = line("mark", linewidth=2, marker="", alpha=0.45, linestyle="--", label="before learning")
        (chart["before"],) = ax.plot([], [], **style)
        ax.set(xlabel="letter", ylabel="gradient")
        handles = [chart["tenth"], chart["before"]]
        columns = 2 if ax.get_figure().get_size_inches()[0] > 7 else 1
        key = ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0, ncols=columns)
        # Shown with the curve that they name; there is room for them from the first.
        chart |= zip(BEFORE[1:], (key.legend_handles[1], key.get_texts()[1]), strict=True)
        return chart

    def move_chart(self, ax, chart, arrays):
        """Put curves and line where the arrays say."""
        before, *named = (chart[name] for name in BEFORE)
        super().move_chart(ax, {name: artist for name, artist in chart.items() if name not in BEFORE}, arrays)
        for artist in before, *named:
            artist.set_visible(arrays.before is not None)
        if arrays.before is not None:
            shown = [arrays.norms, arrays.norms.max() / 10, arrays.before]
            plots.set_decades(ax, shown, LIMITS)
            before.set_data(1 + np.arange(len(arrays.before)), arrays.before)

    def touch(self):
        """The curves are read; before and after stand side by side, so there is no ghost."""
        return {"probes": super().touch()["probes"]}

    def move(self, arrays):
        """Put the artists where the arrays say, colour the text, and write the guesses."""
        super().move(arrays)
        self._guesses.value = _to_html(arrays)

    def written(self, arrays):
        """The text and the guesses, for a picture."""
        return [
            *super().written(arrays),
            (
                "Guesses for the letters above; ·: the first letter is not guessed.",
                _said(arrays),
                np.zeros(0, int),
                arrays.target,
            ),
        ]

    def reading(self, arrays):
        """What the picture says."""
        right = sum(a == b for a, b in zip(arrays.text[1:], arrays.guesses, strict=True))
        place, far = f"letter {arrays.target + 1}, {arrays.text[arrays.target]!r}", reach(arrays.norms)
        guessed = f"the network guesses {right} of {len(arrays.guesses)} letters right"
        when, fell = "Before learning", ""
        if arrays.before is not None:
            when = f"After {arrays.steps} training steps"
            fell = f", and the largest gradient went from {arrays.before.max():.1e} to {arrays.norms.max():.1e}"
        if far:
            back = f"{far} letter{'' if far == 1 else 's'} back from {place}, the gradient is still"
            was = ""
            if arrays.before is not None:
                was = f" (before learning: {reach(arrays.before)}{without_gaps(arrays.before)})"
            answer = f"{back} a tenth of its largest{without_gaps(arrays.norms)}{was}"
        else:
            answer = f"From {place}, no gradient goes back"
        return f"{answer}. {when}, {guessed}{fell}.{arrays.note}"


def _pace(made):
    """Seconds that so many steps take: most letters fall into place in the first steps, so these are the slowest."""
    return LASTS * (made / STEPS) ** 0.5


def _said(arrays):
    """The guesses under the letters they are for; nothing is guessed for the first."""
    return "·" + arrays.guesses.replace("\n", SIGNS["\n"])


def _to_html(arrays):
    """The guesses as HTML: wrong ones are underlined."""
    pairs, spans = list(zip(arrays.text[1:], arrays.guesses, _said(arrays)[1:], strict=True)), ["·"]
    wrong = "font-weight: bold; text-decoration: underline"
    for right, run in groupby(pairs, lambda pair: pair[0] == pair[1]):
        spans.append(f'<span style="{"" if right else wrong}">{html.escape("".join(said for *_, said in run))}</span>')
    return (
        "<div>Guesses for the letters above; bold and underlined: wrong; ·: the first letter is not guessed.</div>"
        '<div role="group" aria-label="Guesses" tabindex="0" style="'
        "white-space: pre-wrap; overflow-wrap: anywhere; max-height: 5.6em; overflow-y: auto; "
        f'font: 13px/1.4 ui-monospace, Menlo, Consolas, monospace; padding: 4px 6px">{"".join(spans)}</div>'
    )
