"""Recite: a text learned by heart by truncated backpropagation through time, and how far back its gradient reaches."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.gradients import magnitudes
from rnnbook.lab.reading import reach
from rnnbook.lab.reading.rehearsal import EVERY, rehearsal, zen_task
from rnnbook.nn import Batch
from rnnbook.nn.cells import CELLS
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.recited_text import HANG, RecitedText
from rnnbook.view.explorers.trainer import Trainer
from rnnbook.view.style import INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

K = 107  # letters before the loss at most: 8 streams of the text's 856
PRESS, STEPS = 150, 600  # training steps a press, and steps of the chart
WIDE = 11.5  # inches
KNOWN = 256  # gradients that are kept
SIZES = (1e-4, 3.0)  # of the gradient, by its largest
POINT = line("mark", linestyle="none", markersize=11, markevery=None, clip_on=False)


class RecitePicture(NamedTuple):
    """What the explorer shows."""

    step: int  # of training
    spoken: str  # what the network recites then
    steps: np.ndarray  # of all recitations there are
    by_heart: np.ndarray  # characters before the first mistake of each
    start: np.ndarray  # (k,), gradient at the letters before the one with the loss, before training
    now: np.ndarray  # (k,), the same after these steps
    place: int  # of the letter with the loss, counted from 1
    shown: str  # "said" or "text"


class Recite(Explorer):
    """A network that has half learned the Zen of Python, 856 characters, recites it; training goes on at a press.

    Each letter that it recites is the next one's input. Look for three things: where the first mistake stands, and what
    the text there has in common with another place; how the letters right before the first mistake grow with training,
    and fall; and how far back the loss at the framed letter reaches, which is underlined: at letter 324, 37 letters
    before training, the whole window of 107 long before the text is known. Drag the diamond in the upper chart to go
    through the training, and the frame through the text, by the handle below it.

    Parameters
    ----------
    **values
        Where the controls start: step, place, cell ("RNN", "GRU", "LSTM"), k, seed, shown ("said", "text").

    Attributes
    ----------
    trainer : Trainer
        The Train and Stop buttons.
    trainings : dict of (str, int, int) to Rehearsal
        What was trained here, by cell, k and seed.

    Examples
    --------
    >>> explorer = Recite(step=150)
    >>> print(explorer.live.reading.split(";")[0])
    After 150 training steps the RNN recites 323 of 856 characters before its first mistake
    """

    question = "How much is recited, and how many letters back is the gradient still at least a tenth of its largest?"
    reflows = True
    in_sight = ("step", "place")
    played = "step"

    def __init__(self, **values):
        self.trainer = Trainer(self._begin, self._publish, self._shown, self.values, steps=PRESS)
        self.trainer.train_button.description, self.trainer.train_button.icon = f"Train {PRESS} more steps", "refresh"
        self.trainer.train_button.layout = widgets.Layout(width="auto")
        self.trainings, self._untrained, self._known, self._before = {}, (None, None), {}, None
        super().__init__(**values)
        self._start = self.values()  # of a network that is not trained yet, the first step

    def make_controls(self):
        """The controls by name."""
        letters = [("as recited", "said"), ("as they should be", "text")]
        return {
            "step": slider("Training steps", 150, 0, STEPS, EVERY),
            "place": slider("Loss at letter", 324, 2, len(zen_task().text), 1),
            "cell": choice("Cell", ["RNN", "GRU", "LSTM"]),
            "k": slider("Block length k", K, 5, K, 1),
            "shown": choice("Wrong letters", letters),
            "seed": slider("Seed", 0, 0, 10, 1),
        }

    def settle(self):
        """The slider stands at the step that is shown, and ends where training does; words are of this network."""
        last = int(self.arrays.steps[-1])
        if last:
            self.end_at("step", last)
        quiet, self.quiet = self.quiet, True
        self.controls["step"].value = self.arrays.step
        self.quiet = quiet
        self.grey_out(step="" if last else "nothing is trained yet, press Train")
        self._before = self._key(), self.arrays.step
        self.trainer.tell()

    def _shown(self):
        """The training of the network that is shown, and what is said of it."""
        training = self._training(*self._key())
        loss = f", loss {training.history[-1].loss:.3f} nats" if training.history else ""
        return training, f"{self._key()[0]}: trained for {len(training.history)} steps{loss}"

    def reset(self):
        """Back to the values at the start, the step among them: of no network is it chosen anew."""
        self._before = None
        super().reset()

    def refresh(self, **how):
        """Show what the controls say; of another network its newest step, unless the step was chosen with it."""
        key, step = self._key(), self.controls["step"].value
        if self._before and self._before[0] != key and self._before[1] == step:
            quiet, self.quiet = self.quiet, True
            self.put("step", int(self._recited(key)[-1].step))
            self.quiet = quiet
        super().refresh(**how)

    def rows(self):
        """The controls, training, the picture."""
        controls, *rest = super().rows()
        return [controls, self.trainer.row, *rest]

    def compute(self, step, place, cell, k, shown, seed):
        """Send the loss of one letter back through the letters before it.

        Parameters
        ----------
        step : int
            Training steps; without a recitation there, the one before is shown.
        place : int
            The letter, counted from 1.
        cell : str
            The choice.
        k : int
            Steps a block, in training and in the window before the letter.
        shown : str
            What stands in the place of wrong letters.
        seed : int
            Of the start's weights.

        Returns
        -------
        RecitePicture
            What to show.
        """
        said = self._recited((cell, k, seed))
        one = said[min(step // EVERY, len(said) - 1)]
        start, now = (self._back((cell, k, seed), recitation, place) for recitation in (said[0], one))
        steps, by_heart = (np.array([getattr(one, name) for one in said]) for name in ("step", "by_heart"))
        return RecitePicture(one.step, one.spoken, steps, by_heart, start, now, place, shown)

    def _recited(self, key):
        return self._training(*key).recitations

    def _training(self, *key):
        """What was trained here; of what was not, the last one that was asked for is kept."""
        if key in self.trainings:
            return self.trainings[key]
        if self._untrained[0] != key:
            self._untrained = key, rehearsal(*key)
        return self._untrained[1]

    def _back(self, key, recitation, place):
        """The gradient, which stays as it is while training is played."""
        known = key, recitation.step, place
        if known not in self._known:
            cell, k, _ = key
            self._known[known] = _back(cell, recitation.params, place, k)
            for oldest in [*self._known][:-KNOWN]:
                del self._known[oldest]
        return self._known[known]

    def _key(self):
        return tuple(self.controls[name].value for name in ("cell", "k", "seed"))

    def _begin(self):
        """Training goes on from its newest step, so that is shown."""
        training = self.trainings[self._key()] = self._training(*self._key())
        self.set(step=training.recitations[-1].step)
        return training

    def _publish(self, training):
        """Show the newest recitation, unless the reader looks at an older one."""
        if self._training(*self._key()) is not training:
            self.settle()
            return
        looks_back = self.arrays.step < self.arrays.steps[-1]
        last = training.recitations[-1].step
        self._furthest["step"] = max(last, STEPS)  # as far as the slider may go now
        self.set(**({} if looks_back else {"step": last}))

    def draw(self, arrays):
        """The figure, and the artists that move."""
        width = figure(width=WIDE)[0].get_size_inches()[0]  # as much as the page has
        if width == WIDE:
            fig, axes = figure(nrows=2, ncols=2, width=WIDE, height=4.9, width_ratios=[1.8, 1])
            (text, above), (spare, below) = axes
            text.set_subplotspec(text.get_gridspec()[:, 0])
            spare.remove()
        else:
            heights = [RecitedText.rows_for(zen_task().text, width) * 0.185 + 0.4, 1.9, 2.1]
            fig, (text, above, below) = figure(nrows=3, width=width, height=sum(heights), height_ratios=heights)
        self._text = RecitedText(text, zen_task().text, width)
        with look():
            above.set(ylim=(-20, 900), xlabel="training step", yticks=[0, 200, 400, 600, 800])
            above.set_title("Letters until a mistake", fontsize=12)
            self._history = above.plot([], [], **line("lstm", markevery=1, markersize=4, linestyle="-"))[0]
            self._point = above.plot([], [], **POINT)[0]
            below.set(yscale="log", ylim=SIZES, xlim=(K + 3, -2), xlabel="letters back from the frame")
            below.set_title("Gradient, largest = 1", fontsize=12)
            below.minorticks_off()
            below.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            below.axhline(0.1, **line("theory", linewidth=1.2))
            below.text(K + 2, 0.085, "a tenth", va="top", fontsize=10)
            self._curves = {
                "before training": below.plot([], [], **line("baseline"))[0],
                "now": below.plot([], [], **line("rnn", marker=""))[0],
            }
            self._reach = below.plot([], [], **POINT)[0]
            for name, color, row in (("before training", "baseline", 0.16), ("now", "rnn", 0.04)):
                below.text(0.98, row, name, color=INK[color], ha="right", transform=below.transAxes, fontsize=11)
        charts = [above.xaxis, self._history, self._point, *self._curves.values(), self._reach]
        return fig, [*self._text.artists, *charts]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        above = self._history.axes
        last = max(STEPS, 300 * -(-int(arrays.steps[-1]) // 300))
        if above.get_xlim() != (-0.03 * last, 1.03 * last):
            above.set_xlim(-0.03 * last, 1.03 * last)
        self._history.set_data(arrays.steps, arrays.by_heart)
        self._point.set_data([arrays.step], [arrays.by_heart[arrays.step // EVERY]])
        for name, norms in (("before training", arrays.start), ("now", arrays.now)):
            self._curves[name].set_data(np.arange(len(norms), 0, -1), np.maximum(norms, 1e-12))
        far, k, place = reach(arrays.now), len(arrays.now), arrays.place - 1
        self._reach.set_data([far], [arrays.now[-far]])
        reached = place - k + np.flatnonzero(arrays.now >= 0.1)
        self._text.show(arrays.spoken, place, reached, as_said=arrays.shown == "said")

    def touch(self):
        """The point goes through the training, the frame through the text; curves are read."""
        above, below = self._history.axes, self._reach.axes
        return {
            "handles": [
                Handle(
                    name="training step",
                    ax=above,
                    at=lambda: (self.arrays.step, self.arrays.by_heart[self.arrays.step // EVERY]),
                    drag=lambda step, heard: self.slide(step=step),
                    step=lambda right, up: self.step(step=right + up),
                    said=lambda: f"after {self.arrays.step} steps",
                ),
                Handle(
                    name="letter with the loss",
                    ax=self._text.ax,
                    at=lambda: self._text.handle(self.arrays.place - 1),
                    drag=lambda x, y: self.slide(place=self._text.nearest(x, y - HANG) + 1),
                    step=self._walk,
                    said=lambda: f"letter {self.arrays.place}",
                ),
            ],
            "probes": [Probe(above, "step", {"right": self._history}), Probe(below, "letters back", self._curves)],
            "ghosts": [self._curves["now"]],
        }

    def _walk(self, right, up):
        """Along the line, or to the line above or below."""
        x, y = self._text.at(self.arrays.place - 1)
        place = self._text.nearest(x, y - up) + 1 if up else self.arrays.place
        self.slide(place=place + right)

    def reading(self, arrays):
        """What the picture says."""
        text, heart = zen_task().text, int(arrays.by_heart[arrays.step // EVERY])
        rest = [said != right for said, right in zip(arrays.spoken[heart:], text[heart:], strict=True)]
        if not rest:
            heard = f"all {heart} characters"
        elif heart == 1:
            heard = f"nothing of {len(text)} characters but the first, which is given"
        else:
            heard = f"{heart} of {len(text)} characters before its first mistake"
            heard += "; most of what follows is wrong" if np.mean(rest) > 0.5 else ""
        when = f"After {arrays.step} training steps" if arrays.step else "Before training"
        far, k = reach(arrays.now), len(arrays.now)
        back = f"{far} letter{'s' if far > 1 else ''} back from letter {arrays.place}"
        window = "the whole window" if far == k else f"of a window of {k}"
        window = "with gaps" if far and (arrays.now[-far:] < arrays.now.max() / 10).any() else window
        before = f"; before training, {reach(arrays.start)}" if arrays.step else ""
        heard = f"{when} the {self.controls['cell'].value} recites {heard}"
        return f"{heard}. {back}, {window}, the gradient is still at least a tenth of its largest{before}."


@lru_cache(maxsize=4)
def _model(cell):
    return zen_task().model(CELLS[cell])


def _back(cell, params, place, k):
    """Gradient of one letter's loss by the state at the k letters before it, in their order, the largest being 1."""
    k = min(k, place - 1)  # the text has no more before it
    tokens = zen_task().tokens[place - 1 - k : place][:, None]
    mask = np.arange(k)[:, None] == k - 1
    norms = magnitudes(_model(cell).gradients(params, Batch(tokens[:-1], tokens[1:], mask)).back.h)
    return norms / norms.max()
