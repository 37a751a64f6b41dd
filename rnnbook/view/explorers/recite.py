"""Recite: a text learned by heart by truncated backpropagation through time, while you watch its gradient."""

from __future__ import annotations

import html
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.gradients import magnitudes
from rnnbook.lab.reading import recite
from rnnbook.lab.tasks import Text, zen_of_python
from rnnbook.lab.training import Training, laps
from rnnbook.nn import Adam, Batch
from rnnbook.nn.cells import CELLS
from rnnbook.view import plots
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, control_grid, slider
from rnnbook.view.explorers.trainer import Trainer
from rnnbook.view.style import COLORS, INK, figure, line, look

HIDDEN, STREAMS, RATE, CLIP = 128, 8, 3e-3, 1.0
PATIENCE = 8  # wrong characters in a row after which the recitation is over
COLUMNS = 107  # characters a row of the map: 8 rows of the Zen of Python
NORMS = (1e-3, 1e2)  # of the chart of the gradient's norm by training step
UNREACHED, WRONG, RIGHT = range(3)
SHADES = ListedColormap(["#EDEDED", COLORS["rnn"], "#8FC1E8"])


class Learned(NamedTuple):
    """What a training has reached, replaced whole."""

    params: dict
    norms: np.ndarray  # of the gradient, by training step


class RecitePicture(NamedTuple):
    """What the explorer shows."""

    start: np.ndarray  # (k,), gradient magnitude by position at the start's weights
    now: np.ndarray | None  # the same after training, if there was any
    norms: np.ndarray  # (steps,), the gradient's norm by training step
    spoken: str  # as far as the recitation went
    k: int
    where: str  # which gradient it is, in words


class Recite(Explorer):
    """Train a network to recite the Zen of Python, 856 characters, and watch the gradient meanwhile.

    Look for three things: how far back in the window the gradient of a loss reaches, before training and after; the
    norm of the gradient, which leaps when the network loses the thread; and the map, which fills up as the
    network gets further into the text.

    Parameters
    ----------
    **values
        Where the controls start: cell ("RNN", "GRU", "LSTM"), k, place, loss ("every", "last"), view ("h", "x"), seed.

    Attributes
    ----------
    trainer : Trainer
        The Train and Stop buttons.
    learned : dict of (str, int, int) to Learned
        What was learned, by cell, k and seed.

    Examples
    --------
    >>> explorer = Recite(k=20)
    >>> explorer.arrays.start.shape, explorer.arrays.now is None
    ((20,), True)
    """

    question = "How much of the text can the network recite, and how far back does its gradient then reach?"

    def __init__(self, **values):
        self.trainer = Trainer(self._begin, self._publish, steps=300)
        self.trainings, self.learned = {}, {}
        self._page = widgets.HTML(layout=widgets.Layout(width="auto"))
        self._last_spoken = None, ""
        super().__init__(**values)

    def make_controls(self):
        """The controls by name."""
        return {
            "cell": choice("Cell", ["RNN", "GRU", "LSTM"]),
            "k": slider("Window k", COLUMNS, 5, COLUMNS, 1),
            "place": slider("Window from", 1, 1, len(_task().text), 1),
            "loss": choice("Loss at", [("the window's end", "last"), ("every step", "every")]),
            "view": choice("Gradient at", [("state h_t", "h"), ("input x_t", "x")]),
            "seed": slider("Seed", 0, 0, 10, 1),
        }

    def rows(self):
        """The controls, training, the chart, the recited text."""
        buttons = widgets.Box([self.reset_button, self.trainer.row], layout=widgets.Layout(flex_flow="row wrap"))
        return [control_grid(list(self.controls.values())), buttons, self.live, self._page]

    def compute(self, cell, k, place, loss, view, seed):
        """Send the losses of one window back, and let the network recite.

        Parameters
        ----------
        cell : str
            The choice.
        k, place : int
            The window's length, and its first character counted from 1; after the last character comes the first.
        loss, view : str
            The choices.
        seed : int
            Of the start's weights.

        Returns
        -------
        RecitePicture
            What to show.
        """
        learned = self.learned.get((cell, k, seed))
        losses = "all its losses" if loss == "every" else "its last loss"
        where = f"{losses} at {'the states' if view == 'h' else 'the inputs'} of the window from character {place} on"
        start = _window_gradient(cell, _start(cell, seed), k, place, loss, view)
        if learned is None:
            return RecitePicture(start, None, np.zeros(0), _first_words(cell, seed), k, where)
        now = _window_gradient(cell, learned.params, k, place, loss, view)
        if self._last_spoken[0] is not learned:
            spoken = recite(_task().model(CELLS[cell]), learned.params, _task(), PATIENCE)
            self._last_spoken = learned, spoken
        return RecitePicture(start, now, learned.norms, self._last_spoken[1], k, where)

    def _begin(self):
        key = cell, k, seed = tuple(self.controls[name].value for name in ("cell", "k", "seed"))
        if key not in self.trainings:
            params = {name: value.copy() for name, value in _start(cell, seed).items()}
            batches = laps(_task(), STREAMS, k)
            self.trainings[key] = Training(_task().model(CELLS[cell]), params, batches, Adam(RATE), clip=CLIP)
        return self.trainings[key]

    def _publish(self, training):
        key = next(key for key, value in self.trainings.items() if value is training)
        params = {name: value.copy() for name, value in training.params.items()}
        self.learned[key] = Learned(params, np.array([progress.norm for progress in training.history]))
        self.refresh()

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(nrows=2, ncols=2, width=11.5, height=3.4, height_ratios=[2.6, 1])
        (left, right), (below, spare) = axes
        spare.remove()
        below.set_subplotspec(below.get_gridspec()[1, :])
        names = {"start": line("baseline", label="before training"), "now": line("rnn", label="now")}
        self._curves = plots.draw_magnitudes(left, names, (1e-8, 1e2))
        with look():
            left.set(
                xlabel="position in the window", ylabel="gradient magnitude", xlim=(1 - 0.02 * COLUMNS, 1.02 * COLUMNS)
            )
            handles = [self._curves[name] for name in names]
            left.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
            right.set(yscale="log", ylim=NORMS, xlabel="training step", ylabel="norm of the gradient")
            left.xaxis.set_major_locator(MaxNLocator(integer=True))
            right.axhline(CLIP, **line("theory", linewidth=1, label="what is longer is clipped to 1"))
            right.legend(loc="lower left", bbox_to_anchor=(0, 1))
            (self._history,) = right.plot([], [], **line("rnn", linewidth=1, marker=""))
            below.grid(False)
            below.set(yticks=[], xticks=[], title="Recited: blue is right, orange is wrong, grey was not reached")
            self._map = below.imshow(np.zeros((1, 1)), cmap=SHADES, vmin=0, vmax=2, aspect="auto")
            self._shown = None
        return fig, [right.xaxis, *self._curves.values(), self._history, self._map]

    def move(self, arrays):
        """Put the artists where the arrays say, and mark the text."""
        right = self.fig.axes[1]
        right.set_xlim(0, max(600, len(arrays.norms)))
        now = {} if arrays.now is None else {"now": arrays.now}
        plots.move_magnitudes(self._curves, {"start": arrays.start, **now})
        self._history.set_visible(len(arrays.norms) > 0)
        self._history.set_data(1 + np.arange(len(arrays.norms)), np.clip(arrays.norms, 0.9 * NORMS[0], 1.1 * NORMS[1]))
        if arrays.spoken == self._shown:
            return
        self._shown, marks = None, _marks(arrays.spoken)
        rows = -(-len(marks) // COLUMNS)
        self._map.set_data(np.pad(marks, (0, rows * COLUMNS - len(marks))).reshape(rows, COLUMNS))
        self._map.set_extent((0, COLUMNS, rows, 0))
        self._page.value = _to_html(arrays.spoken)
        self._shown = arrays.spoken  # now, when all of it is there

    def reading(self, arrays):
        """What the picture says."""
        marks = _marks(arrays.spoken)
        right = int((marks == RIGHT).sum())
        norms = arrays.start if arrays.now is None else arrays.now
        steps = len(arrays.norms)
        when = f"after {steps} training steps" if steps else "before training"
        cell, seed = self.controls["cell"].value, self.controls["seed"].value
        if right == len(marks):
            heard = f"the network recites all {right} characters"
        else:
            heard = f"the recitation is right up to character {int((marks != RIGHT).argmax())} of {len(marks)}"
        return (
            f"{cell}, seed {seed}: {when} {heard}; the gradient of {arrays.where} is {norms[-1]:.1e} at the "
            f"last of its {arrays.k} positions and {norms[0]:.1e} at the first."
        )


def _marks(spoken):
    """For every character of the text: not reached, wrong or right."""
    text = _task().text
    said = [RIGHT if a == b else WRONG for a, b in zip(spoken, text, strict=False)]
    return np.array(said + [UNREACHED] * (len(text) - len(said)))


def _to_html(spoken):
    """The recited text as HTML: mistakes are marked, and what was not reached stands in grey."""
    styles = {RIGHT: "", WRONG: f"color: {INK['rnn']}; font-weight: bold; text-decoration: underline"}
    grey = f"color: {INK['muted']}"
    shown, at, spans = spoken + _task().text[len(spoken) :], 0, []
    for mark, run in groupby(_marks(spoken)):
        size = len(list(run))
        part = html.escape(shown[at : at + size]).replace("\n", "↵\n")
        spans.append(f'<span style="{styles.get(mark, grey)}">{part}</span>')
        at += size
    return (
        '<div role="group" aria-label="Recited text" tabindex="0" style="background: white; color: black; '
        "white-space: pre-wrap; max-height: 4.2em; overflow-y: auto; "
        f'font: 13px/1.4 ui-monospace, Menlo, Consolas, monospace; padding: 4px 6px">{"".join(spans)}</div>'
    )


@lru_cache(maxsize=1)
def _task():
    return Text(zen_of_python())


@lru_cache(maxsize=64)
def _start(cell, seed):
    """Starting weights; whoever trains them makes a copy."""
    V = _task().input_size
    return _task().model(CELLS[cell]).init_params(V, HIDDEN, V, np.random.default_rng(seed))


@lru_cache(maxsize=64)
def _first_words(cell, seed):
    return recite(_task().model(CELLS[cell]), _start(cell, seed), _task(), PATIENCE)


def _window_gradient(cell, params, k, place, loss, view):
    """Gradient magnitude at every position of a window of the text, which is read in a circle."""
    tokens = _task().tokens[(place - 1 + np.arange(k + 1)) % len(_task().tokens)][:, None]
    mask = np.ones((k, 1), bool) if loss == "every" else np.arange(k)[:, None] == k - 1
    back = _task().model(CELLS[cell]).gradients(params, Batch(tokens[:-1], tokens[1:], mask)).back
    return magnitudes(back.h if view == "h" else back.x)
