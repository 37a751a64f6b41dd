"""Loss curves: training and validation loss while a network learns reviews, and where early stopping ends it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.studies import review_network, review_rounds, stored_looks
from rnnbook.lab.studies.curves import DROPS, EPOCHS, LOOKS, RATES, review_task
from rnnbook.lab.tasks import Reviews
from rnnbook.lab.training import Look, Stop, early_stop
from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import check_instance
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.trainer import Trainer
from rnnbook.view.style import COLORS, figure, line, look
from rnnbook.view.touch import Handle, Probe

STEPS = 157  # training steps an epoch: 5,000 reviews, 32 a batch
GUESS = float(np.log(2))  # loss of a network that holds good and bad equally likely, in nats
DASHES = (0, (3, 1.5))  # of the training loss
ROOM = 1.05  # for the square at the last look
WIDE = 7  # inches from which the legend of the losses fits into one row


class Learned(NamedTuple):
    """What was trained at one setting, replaced whole: a slider may read it while training goes on.

    Attributes
    ----------
    task : Reviews
        What was learned.
    model : Model
        Of one cell, without dropout, which is for training alone.
    params : dict of str to ndarray
        Those of the look that is best in validation.
    best : Look
        That look.
    looks : tuple of Look
        All looks so far.
    """

    task: Reviews
    model: object
    params: dict
    best: Look
    looks: tuple


class CurvesPicture(NamedTuple):
    """What the explorer shows."""

    setting: tuple  # cell, rate, share that is dropped, seed
    patience: int
    recorded: tuple  # looks of the stored run; none of the reader's own task
    looks: tuple  # of what was trained here
    steps: int  # training steps that were made here
    stop: Stop | None  # of what was trained here, or else of the stored run
    kept: tuple  # what was trained here at other settings, and its epochs

    @property
    def run(self):
        """The looks that marks and sentence are about."""
        return self.looks or self.recorded


class LossCurves(Explorer):
    """Training and validation loss of a network that learns to judge reviews, while you train it.

    Grey curves are recorded: runs of six epochs, one for each setting. *Train* makes one epoch of your own, which is
    drawn over them in colour. Early stopping ends training at the square, when patience is used up, and keeps the
    parameters of the diamond, the look with the least validation loss until then. Look for how much better a later
    look would have been; drag the square for more patience. Look also for the gap between the two losses.

    A look is taken four times an epoch. The training loss is the mean of the steps since the last look, drawn in their
    middle; the validation loss is of 1,000 other reviews after the last of these steps.

    Parameters
    ----------
    task : Reviews, optional
        What is learned: `Reviews(make_reviews())`, which is made when it is first trained on, if not given. Of another
        task nothing is recorded.
    **values
        Where the controls start: cell ("RNN", "LSTM", "GRU"), rate, drop, patience (looks), seed.

    Attributes
    ----------
    trainer : Trainer
        The Train and Stop buttons.
    kept : dict of (str, float, float, int) to Learned
        What was trained here, by cell, rate, share that is dropped and seed.
    learned : Learned or None
        Of these, that of the controls as they stand: task, model, and the parameters of the best of all looks, however
        little patience is shown.

    Examples
    --------
    >>> explorer = LossCurves(patience=2)
    >>> explorer.learned is None, len(explorer.arrays.recorded)
    (True, 24)
    """

    question = "The weights of which epoch should be kept, and how much patience finds them?"
    in_sight = ("patience", "cell", "drop")
    reflows = True

    def __init__(self, task=None, /, **values):
        if task is not None:
            check_instance("task", task, Reviews, "Reviews")
        self.task = task
        self.kept, self._rounds = {}, {}
        steps = STEPS if task is None else -(-len(task.corpus.splits["train"]) // 32)
        self.trainer = Trainer(self._begin, self._publish, self._shown, self.values, steps=steps)
        self.trainer.train_button.tooltip = f"One epoch more: {steps} steps"
        super().__init__(**values)

    def make_controls(self):
        """The controls by name."""
        drops = [("none" if drop == 0 else f"p = {drop}", drop) for drop in DROPS]
        return {
            "cell": choice("Cell", list(CELLS), value="GRU"),
            "rate": choice("Learning rate", [(f"{rate:g}", rate) for rate in RATES], value=0.005),
            "drop": choice("Dropout", drops),
            "patience": slider("Patience", 4, 1, 2 * LOOKS, 1),
            "seed": slider("Seed", 1, 0, 10, 1),
        }

    def rows(self):
        """The controls, training, the figure."""
        *controls, live = super().rows()
        return [*controls, self.trainer.row, live]

    @property
    def learned(self):
        """What was trained here at the controls' values, or None."""
        return self.kept.get(self._setting())

    def _setting(self):
        return tuple(self.controls[name].value for name in ("cell", "rate", "drop", "seed"))

    def compute(self, cell, rate, drop, patience, seed):
        """Look the curves up: those that are recorded, and those that were trained here.

        Parameters
        ----------
        cell : str
            What reads the words.
        rate, drop : float
            Learning rate, and the share of the embedded words' features that is dropped in training.
        patience : int
            Looks without a better one after which training would end.
        seed : int
            Of what is trained here; recorded runs have seed 0.

        Returns
        -------
        CurvesPicture
            What to show.
        """
        setting = cell, rate, drop, seed
        recorded = () if self.task is not None else tuple(stored_looks(cell, rate, drop))
        found, rounds = self.kept.get(setting), self._rounds.get(setting)
        looks, steps = found.looks if found else (), len(rounds.history) if rounds else 0
        run = looks or recorded
        stop = early_stop([now.validation for now in run], patience) if run else None
        kept = tuple((key, other.looks[-1].epoch) for key, other in self.kept.items() if key != setting)
        return CurvesPicture(setting, patience, recorded, looks, steps, stop, kept)

    def _begin(self):
        key = self._setting()
        if key not in self._rounds:
            if self.task is None:
                self.trainer.words.value = "making the reviews"
            self._rounds[key] = review_rounds(*key, task=self.task)
        return self._rounds[key]

    def settle(self):
        """What is said of training belongs to the network that is shown."""
        self.trainer.tell()

    def _shown(self):
        """The training of the network that is shown, and what is said of it."""
        rounds = self._rounds.get(self._setting())
        steps = len(rounds.history) if rounds else 0
        words = f"trained here for {steps} steps" if steps else "Train makes an epoch of your own, drawn in colour."
        return rounds, words

    def _publish(self, rounds):
        key = next(key for key, value in self._rounds.items() if value is rounds)
        if rounds.best is not None:
            model, params = review_network(rounds)
            task = self.task or review_task()
            self.kept = {**self.kept, key: Learned(task, model, params, rounds.best, tuple(rounds.seen))}
        self.refresh(ghost=False)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(ncols=2, width=11.5, height=3.6, width_ratios=[1.6, 1])
        left, right = axes
        fig.get_layout_engine().set(rect=(0, 0, 0.995, 1))  # room for the last number of epochs
        with look():
            dashed = {"marker": "", "linestyle": DASHES}
            alone = {"linestyle": "none", "markevery": None, "clip_on": False}
            grey, mine = (
                line("muted", linewidth=1.6),
                line("gru", linestyle="-", marker="o", markersize=4, markevery=None),
            )
            self._bands = [ax.axvspan(0, 1, color="#E9E9E9", zorder=0) for ax in axes]
            self._guessing = left.axhline(GUESS, **line("baseline", linewidth=1))
            self._recorded = [
                left.plot([], [], **grey | dashed)[0],
                left.plot([], [], **grey)[0],
                right.plot([], [], **grey)[0],
            ]
            self._mine = [
                left.plot([], [], **mine | dashed | {"marker": "o", "markersize": 2.5})[0],
                left.plot([], [], **mine)[0],
                right.plot([], [], **mine)[0],
            ]
            self._best = [ax.plot([], [], **line("mark", **alone, markersize=10, zorder=6))[0] for ax in axes]
            end = line("theory", **alone, marker="s", markersize=7, markerfacecolor="white", zorder=5)
            self._end = left.plot([], [], **end)[0]
            for artist in (*self._best, self._end):
                artist.set_in_layout(False)
            left.set(ylabel="loss in nats")
            right.set(ylabel="validation accuracy")
            for ax in axes:
                ax.set(xlabel="epoch")
                ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            whose, shown = (", recorded", grey) if self.task is None else ("", line("theory", linestyle="-"))
            handles = [
                Line2D([], [], **shown | dashed, label=f"training{whose}"),
                Line2D([], [], **shown, label=f"validation{whose}"),
                Line2D([], [], **line("baseline", linewidth=1), label="guessing"),
                Line2D([], [], **line("mark", **alone, markersize=9), label="kept"),
                Line2D([], [], **end, label="stop"),
            ]
            width = fig.get_size_inches()[0]
            narrow = width < WIDE
            left.legend(
                handles=handles,
                loc="lower left",
                bbox_to_anchor=(-0.2 if narrow else -0.03, 1),
                ncols=(2 if width < 4 else 3) if narrow else len(handles),
                fontsize=10,
                handlelength=1.5,
                handletextpad=0.4,
                columnspacing=0.9,
            )
            self._name = right.set_title(_named(arrays.setting), fontsize=11 if narrow else 12)
        moving = [
            left.xaxis,
            left.yaxis,
            right.xaxis,
            right.yaxis,
            self._name,
            *self._bands,
            self._guessing,
            *self._recorded,
            *self._mine,
        ]
        return fig, [*moving, self._end, *self._best]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        left, right = self.fig.axes
        cell, *_ = arrays.setting
        for lines, looks in ((self._recorded, arrays.recorded), (self._mine, arrays.looks)):
            for curve, points in zip(lines, _curves(looks), strict=True):
                curve.set_data(*points)
                curve.set_visible(len(looks) > 0)
        for curve in self._mine:
            curve.set_color(COLORS[cell.lower()])
        self._name.set_text(_named(arrays.setting))
        looks = (*arrays.recorded, *arrays.looks)
        last = max([EPOCHS, *(int(np.ceil(now.epoch)) for now in looks)])
        top = max([0.75, *(max(now.train, now.validation) for now in looks)])
        left.set(xlim=(0, ROOM * last), ylim=(0, np.ceil(20.4 * top) / 20))
        lowest = min([0.4, *(now.accuracy for now in looks)])
        right.set(xlim=(0, ROOM * last), ylim=(np.floor(10 * lowest) / 10, 1.02))
        best, end = _stop(arrays)
        for mark, field in zip(self._best, ("validation", "accuracy"), strict=True):
            mark.set_data(*([[best.epoch], [getattr(best, field)]] if best else [[], []]))
        self._end.set_data(*([[end.epoch], [end.validation]] if end else [[], []]))
        for band in self._bands:
            band.set_visible(best is not None)
            if best:
                band.set_bounds(best.epoch, 0, (end or arrays.run[-1]).epoch - best.epoch, 1)  # y in shares of the axes

    def touch(self):
        """The end of the band is dragged; both charts are read."""
        left, right = self.fig.axes
        shown = [("recorded training", "recorded validation"), ("training", "validation")]
        losses = {
            name: curve
            for names, lines in zip(shown, (self._recorded, self._mine), strict=True)
            for name, curve in zip(names, lines[:2], strict=True)
        }
        return {
            "handles": [
                Handle(
                    name="stop",
                    ax=left,
                    at=self._place,
                    drag=self._drag,
                    step=lambda right, up: self.step(patience=right or up),
                    said=lambda: f"patience of {_looks(self.arrays.patience)}",
                )
            ],
            "probes": [
                Probe(left, "epoch", losses, whole=False),
                Probe(right, "epoch", {"recorded": self._recorded[2], "here": self._mine[2]}, whole=False),
            ],
            "ghosts": [self._recorded[1], self._recorded[2]],
        }

    def _place(self):
        _, end = _stop(self.arrays)
        return (end.epoch, end.validation) if end else None

    def _drag(self, epoch, _):
        """As much patience as lasts from the best look so far to where the hand is."""
        losses, epochs = ([getattr(now, name) for now in self.arrays.run] for name in ("validation", "epoch"))
        here = int(np.abs(np.array(epochs) - epoch).argmin())
        self.slide(patience=max(1, here - early_stop(losses[: here + 1]).best))

    def reading(self, arrays):
        """What the picture says, in numbers."""
        name, kept = _named(arrays.setting), self._said_kept(arrays)
        if not arrays.run:
            made = f"{arrays.steps} steps are made" if arrays.steps else "nothing is trained yet"
            return f"{name}, seed {arrays.setting[3]}: {made}; a look is taken four times an epoch.{kept}"
        seed = arrays.setting[3]
        whose = f"seed {seed}, trained here" if arrays.looks else f"recorded with seed 0 (Train: seed {seed})"
        last, (best, end) = arrays.run[-1], _stop(arrays)
        least = min(arrays.run, key=lambda now: now.validation)
        until = f"ends training at epoch {_short(end.epoch)}" if end else "is not used up"
        return (
            f"The lowest validation loss, {least.validation:.2f}, is at epoch {_short(least.epoch)}. "
            f"A patience of {_looks(arrays.patience)}, a quarter epoch each, {until}; kept is epoch "
            f"{_short(best.epoch)}: validation loss {best.validation:.2f}, accuracy {best.accuracy:.3f}. "
            f"{name}, {whose}: at epoch {_short(last.epoch)} the training loss is {last.train:.2f}, the validation "
            f"loss {last.validation:.2f}.{kept}"
        )

    @staticmethod
    def _said_kept(arrays):
        """What else was trained here, which no move and no Reset loses."""
        if not arrays.kept:
            return ""
        (setting, epochs), more = arrays.kept[-1], len(arrays.kept) - 1
        others = f" and {more} more" if more else ""
        length = f"{_short(epochs)} epoch{'' if epochs == 1 else 's'}"
        return f" Kept: {_named(setting)}, seed {setting[3]}, {length}{others}."


def _curves(looks):
    """Points of three curves: training loss in the middle of its steps, validation loss, validation accuracy."""
    epochs, train, validation, accuracy = (
        np.array([getattr(now, name) for now in looks]) for name in ("epoch", "train", "validation", "accuracy")
    )
    middles = (epochs + np.concatenate([[0.0], epochs[:-1]])) / 2 if looks else epochs
    return (middles, train), (epochs, validation), (epochs, accuracy)


def _stop(arrays):
    """The look that is best until patience runs out, and the one at which it does; None where there is none."""
    if arrays.stop is None:
        return None, None
    best, end = arrays.stop
    return arrays.run[best], None if end is None else arrays.run[end]


def _named(setting):
    cell, rate, drop, _ = setting
    return f"{cell}, rate {rate:g}, {f'dropout {drop:g}' if drop else 'no dropout'}"


def _short(epoch):
    """Two decimals at most."""
    return f"{epoch:.2f}".rstrip("0").rstrip(".")


def _looks(number):
    return f"{number} look{'' if number == 1 else 's'}"
