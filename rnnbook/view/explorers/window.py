"""The window: how far back a network sees that has no state, and what each step more costs."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.studies import load_table, recall_score, recall_training
from rnnbook.lab.studies.reach import BUDGET, HIDDEN, TOKENS, Score
from rnnbook.lab.training import rnn_weights, window_weights
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, control_grid, slider
from rnnbook.view.explorers.trainer import Trainer
from rnnbook.view.style import COLORS, INK, figure, line, look

LONGEST, FARTHEST, SEEDS = 12, 25, 5  # windows, lags and seeds of the table
RNN_WEIGHTS = rnn_weights(TOKENS, HIDDEN, TOKENS)
MEASURES = {  # field, what the axis says, its limits, the best without the token, and its name
    "accuracy": ("accuracy", "share of right answers", (-0.03, 1.08), 1 / TOKENS, "chance"),
    "loss": ("loss", "cross-entropy in nats", (-0.06, 1.7), float(np.log(TOKENS)), "the floor"),
}


class Trained(NamedTuple):
    """What was trained here."""

    steps: int
    score: Score


class WindowPicture(NamedTuple):
    """What the explorer shows."""

    k: int
    lag: int
    window: np.ndarray  # (seeds, lags): the measure, through the window
    rnn: np.ndarray  # (seeds, lags): the same, with a state
    measure: str
    trained: dict  # by window, lag and seed: what Train left, for this window and for the RNN


class Window(Explorer):
    """Recall of a token that came in L steps ago: through a window of k steps, and with a state.

    Look for the edge: the window answers every time while the token is in it, and guesses from L = k on. The chart
    beside it counts the weights that are learned: each step more in the window costs the same number again, while
    the recurrent network's number stays. Curves are looked up in a table of 5 seeds; *Train* trains the chosen
    network again, here and now, and marks what it reaches with a star.

    Parameters
    ----------
    **values
        Where the controls start: k, lag, measure ("accuracy", "loss"), seed ("all" for all five), network
        ("window", "RNN").

    Attributes
    ----------
    trainer : Trainer
        The Train and Stop buttons.
    trained : dict
        What they left, by window, lag and seed.

    Examples
    --------
    >>> explorer = Window(k=4, lag=6)
    >>> print(explorer.live.reading.split(":")[0])
    Through a window of 4 the token 6 steps back is out of sight
    """

    question = "How wide must the window be to answer as the RNN does?"

    def __init__(self, **values):
        self.trainer = Trainer(self._begin, self._publish, BUDGET)
        self.trained, self._trainings = {}, {}
        super().__init__(**values)

    def make_controls(self):
        """The controls by name."""
        seeds = [("all five", "all"), *((str(seed), seed) for seed in range(SEEDS))]
        return {
            "k": slider("Window k", 5, 1, LONGEST, 1),
            "lag": slider("Lag L", 8, 0, FARTHEST, 1),
            "measure": choice("Show", list(MEASURES)),
            "seed": choice("Seeds", seeds),
            "network": choice("Train the", ["window", "RNN"]),
        }

    def rows(self):
        """The controls, training, the figure."""
        return [control_grid([*self.controls.values(), self.reset_button]), self.trainer.row, self.live]

    def compute(self, k, lag, measure, seed, network):
        """Look up the curves.

        Parameters
        ----------
        k, lag : int
            Window and lag.
        measure : str
            "accuracy" or "loss".
        seed : int or str
            One seed, or "all".
        network : str
            What Train trains; it changes no curve.

        Returns
        -------
        WindowPicture
            What to show.
        """
        table, field = _table(), Score._fields.index(MEASURES[measure][0])
        seeds = slice(None) if seed == "all" else slice(seed, seed + 1)
        window, rnn = table[k - 1, seeds, :, field], table[-1, seeds, :, field]
        trained = {key: found for key, found in self.trained.items() if key[0] in (k, None)}
        return WindowPicture(k, lag, window, rnn, measure, trained)

    def _chosen(self):
        """Window, lag and seed that Train is for."""
        chosen = self.values()
        seed = 0 if chosen["seed"] == "all" else chosen["seed"]
        return chosen["k"] if chosen["network"] == "window" else None, chosen["lag"], seed

    def _begin(self):
        self._key = key = self._chosen()
        if key not in self._trainings:
            self._trainings[key] = recall_training(*key)
        return self._trainings[key]

    def _publish(self, training):
        window, lag, _ = self._key
        found = Trained(len(training.history), recall_score(training, window, lag))
        self.trained = {**self.trained, self._key: found}  # replaced whole: a slider's callback may be reading it
        self.refresh()

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=3.5, width_ratios=[1.7, 1])
        fig.get_layout_engine().set(rect=(0.005, 0, 0.995, 1))  # room for the numbers of a loss, longer than of a share
        with look():
            left.set(xlim=(-0.6, FARTHEST + 0.6), xlabel="lag L: steps back to the token")
            self._seen = left.axvspan(0, 1, color="#E9E9E9", zorder=0, label="in the window")
            self._curves, self._bands = {}, {}
            for name, style, label in (("window", "mark", "window of k"), ("rnn", "rnn", "RNN")):
                self._curves[name] = left.plot([], [], **line(style, label=label, markevery=None, markersize=4))[0]
                self._bands[name] = left.fill_between([0], [0], [0], color=COLORS[style], alpha=0.15, linewidth=0)
            self._floor = left.plot([], [], **line("baseline", label="best without the token"))[0]
            self._lag = left.plot([], [], color=COLORS["theory"], linewidth=1)[0]
            self._stars = [left.plot([], [], **_star(*star))[0] for star in (("mark", 19), ("rnn", 12))]
            shown = [self._curves["window"], self._curves["rnn"], self._floor, self._seen]
            left.legend(handles=shown, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, fontsize=10)
            self._marks = _draw_weights(right)
        moving = [left.yaxis, self._seen, *self._bands.values(), *self._curves.values(), self._floor, self._lag]
        return fig, [*moving, *self._stars, *self._marks]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        left, lags = self.fig.axes[0], np.arange(FARTHEST + 1)
        field, label, limits, without, _ = MEASURES[arrays.measure]
        left.set(ylabel=label, ylim=limits)
        for name, runs in (("window", arrays.window), ("rnn", arrays.rnn)):
            self._curves[name].set_data(lags, runs.mean(axis=0))
            self._bands[name].set_data(lags, runs.min(axis=0), runs.max(axis=0))
        self._seen.set_bounds(-0.6, limits[0], arrays.k + 0.1, limits[1] - limits[0])
        self._floor.set_data([-0.6, FARTHEST + 0.6], [without, without])
        self._lag.set_data([arrays.lag, arrays.lag], limits)
        for star, of_rnn in zip(self._stars, (False, True), strict=True):
            found = [
                (key[1], getattr(t.score, field)) for key, t in arrays.trained.items() if (key[0] is None) == of_rnn
            ]
            star.set_visible(bool(found))
            star.set_data(*np.array(found).reshape(-1, 2).T)
        here, needed = self._marks
        here.set_data([arrays.k], [weights(arrays.k)])
        needed.set_data([arrays.lag + 1], [weights(arrays.lag + 1)])

    def reading(self, arrays):
        """What the picture says, in numbers."""
        k, lag, (_, _, _, without, floor) = arrays.k, arrays.lag, MEASURES[arrays.measure]
        sight = "in sight" if lag < k else "out of sight"
        mine, theirs = (_told(runs[:, lag]) for runs in (arrays.window, arrays.rnn))
        what = "right answers" if arrays.measure == "accuracy" else "cross-entropy in nats"
        return (
            f"Through a window of {k} the token {_steps(lag)} back is {sight}: {what} {mine}, {floor} {without:.3g}; "
            f"the RNN {theirs}. The window's network learns {weights(k):,} weights, the RNN {RNN_WEIGHTS:,}; to see "
            f"{_steps(lag)} back takes a window of {lag + 1} and {weights(lag + 1):,} weights.{self._said(arrays)}"
        )

    def _said(self, arrays):
        """What was trained here for the lag in question."""
        parts = []
        for (window, lag, seed), (steps, score) in arrays.trained.items():
            if lag == arrays.lag:
                name = "RNN" if window is None else f"window of {window}"
                value = getattr(score, MEASURES[arrays.measure][0])
                parts.append(f" Trained here: {name}, seed {seed}, {steps} steps: {arrays.measure} {value:.2f}.")
        return "".join(parts)


def weights(k):
    """Weights of the network that sees a window of k.

    Parameters
    ----------
    k : int
        The window.

    Returns
    -------
    int
        Their number.
    """
    return window_weights(k, TOKENS, HIDDEN, TOKENS)


def _draw_weights(ax):
    """Weights by window: the line, the RNN's number, and the two marks that move."""
    windows = range(1, FARTHEST + 2)
    ax.plot(windows, [weights(k) for k in windows], **line("mark", marker=""))
    ax.axhline(RNN_WEIGHTS, **line("rnn", marker=""))
    ax.text(FARTHEST + 1.8, RNN_WEIGHTS - 60, "RNN", color=INK["rnn"], ha="right", va="top")
    here = ax.plot([], [], **line("mark", linestyle="none", markersize=11, markevery=None, label="chosen k"))[0]
    open_style = line("theory", linestyle="none", marker="o", markerfacecolor="white", markersize=6, markevery=None)
    needed = ax.plot([], [], **open_style, label="needed for L")[0]
    ax.set(xlim=(0, FARTHEST + 2), ylim=(0, 3800), xlabel="window k", ylabel="weights to learn")
    ax.legend(handles=[here, needed], loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=10)
    return [here, needed]


def _star(style, size):
    shape = {"linestyle": "none", "marker": "*", "markersize": size, "markeredgecolor": "black"}
    return line(style, **shape, markevery=None, zorder=6, clip_on=False)


def _steps(n):
    return f"{n} step{'' if n == 1 else 's'}"


def _told(runs):
    """One number, or the mean and both ends of five."""
    mean, low, high = (f"{value:.2f}" for value in (runs.mean(), runs.min(), runs.max()))
    return mean if low == high else f"{mean} ({low} to {high})"


@lru_cache(maxsize=1)
def _table():
    """The stored runs as one array (windows and the RNN, seeds, lags, measures)."""
    found = np.full((LONGEST + 1, SEEDS, FARTHEST + 1, 2), np.nan)
    for row in load_table("window"):
        found[-1 if row["k"] is None else row["k"] - 1, row["seed"], row["lag"]] = row["accuracy"], row["loss"]
    return found
