"""The window: how far back a network sees that has no state, and what each step more costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.studies import recall_score, recall_training
from rnnbook.lab.studies.reach import BUDGET, Score
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.explorers.trainer import Trainer
from rnnbook.view.explorers.window_parts import (
    BARS,
    BESIDE,
    CHANCE,
    FARTHEST,
    LEFT,
    LONGEST,
    RNN_WEIGHTS,
    SEEDS,
    STRIP,
    area,
    draw_areas,
    draw_recall,
    draw_weights,
    move_areas,
    shares,
    weights,
)
from rnnbook.view.style import COLORS, INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

WIDTH = 11.5  # inches of the figure where there is room
ROWS = {"RNN": 1.04, "window": 1.16, "asked for": 1.28, "size": 1.65}  # heights of words
THICK = line("rnn", marker="", linewidth=5, alpha=0.4)  # below the window's, which lies upon it
RING = {"marker": "o", "markersize": 9, "markevery": None, "markerfacecolor": "none", "markeredgewidth": 1.5}


class Trained(NamedTuple):
    """What was trained here."""

    steps: int
    score: Score


class WindowPicture(NamedTuple):
    """What the explorer shows."""

    k: int
    lag: int
    window: np.ndarray  # (seeds, lags): share of right answers, through the window
    rnn: np.ndarray  # (seeds, lags): the same, with a state
    trained: dict  # by window, lag and seed: what Train left, for this window and for the RNN
    next: str  # what Train takes


class Window(Explorer):
    """Recall of a token that came in L steps ago: through a window of k steps, and with a state.

    Above stands a sequence of tokens, the one asked for framed and the question at its end; the grey window shows
    what the network without a state sees of it,
    zeros before the first token. Look for the width at which right answers jump from chance to all:
    drag the window's left edge, or play it. Every column below says how often networks are right that are asked for
    the token above it. The bars count the weights that are learned: each step more in the window costs the same
    number again, the recurrent network's number stays. Shares are looked up in a table of 5 seeds; *Train*, under
    More, trains the chosen network again, here and now, and marks what it reaches with a star.

    Parameters
    ----------
    **values
        Where the controls start: k, lag, network ("window", "RNN"), seed.

    Attributes
    ----------
    trainer : Trainer
        The Train and Stop buttons.
    trained : dict
        What they left, by window, lag and seed.

    Examples
    --------
    >>> explorer = Window(k=4, lag=6)
    >>> print(explorer.live.reading.split(";")[0])
    The window of 4 does not hold the token 6 steps back: right answers 0.25, chance 0.25
    """

    question = "How wide must the window be to hold the token that is asked for?"
    reflows = True
    in_sight = ("k", "lag")
    played = "k"

    def __init__(self, **values):
        self.trainer = Trainer(self._begin, self._publish, self._shown, self.values, BUDGET)
        self.trainer.row.layout.grid_area = "auto / 1 / auto / -1"  # all columns: grid_column is not heard in a page
        self.trained, self._trainings = {}, {}
        super().__init__(**values)

    def make_controls(self):
        """The controls by name."""
        return {
            "k": slider("Window k", 5, 1, LONGEST, 1),
            "lag": slider("Steps back L", 8, 0, FARTHEST, 1),
            "network": choice("Train the", ["window", "RNN"]),
            "seed": choice("from seed", list(range(SEEDS))),
        }

    def out_of_sight(self):
        """Training stands under "More", with what it trains."""
        return [*super().out_of_sight(), self.trainer.row]

    def compute(self, k, lag, network, seed):
        """Look up the curves.

        Parameters
        ----------
        k, lag : int
            Window and lag.
        network : str
            What Train trains; it changes no curve.
        seed : int
            From which it starts; it changes none, either.

        Returns
        -------
        WindowPicture
            What to show.
        """
        table = shares()
        trained = {key: found for key, found in self.trained.items() if key[0] in (k, None)}
        return WindowPicture(k, lag, table[k - 1], table[-1], trained, f"{network}, seed {seed}")

    def _chosen(self):
        """Window, lag and seed that Train is for."""
        chosen = self.values()
        return chosen["k"] if chosen["network"] == "window" else None, chosen["lag"], chosen["seed"]

    def _begin(self):
        self._key = key = self._chosen()
        if key not in self._trainings:
            self._trainings[key] = recall_training(*key)
        return self._trainings[key]

    def settle(self):
        """What is said of training belongs to what Train is for."""
        self.trainer.tell()

    def _shown(self):
        """The training of the network that Train is for, and what is said of it."""
        training = self._trainings.get(self._chosen())
        return training, f"trained here for {len(training.history)} steps" if training else ""

    def _publish(self, training):
        window, lag, _ = self._key
        found = Trained(len(training.history), recall_score(training, window, lag))
        self.trained = {**self.trained, self._key: found}  # replaced whole: a slider's callback may be reading it
        self.refresh()

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=WIDTH, height=3.9, width_ratios=[2.7, 1])
        width = fig.get_size_inches()[0]
        if width < WIDTH:  # below one another
            fig.set_size_inches(width, 5.6)
            left.get_gridspec().set_height_ratios([3, 1.15])
        letters = 11 if width > 6 else 10
        column = (72 * width * (0.72 if width == WIDTH else 1) - 55) / (LEFT - BESIDE)  # in points
        self._reach = 3.7 * letters / column  # half a label
        with look():
            draw_recall(left, letters)
            self._under, self._over = draw_areas(left)
            self._rnn = left.plot(range(FARTHEST + 1), arrays.rnn.mean(axis=0), **THICK)[0]
            self._curve = left.plot([], [], **line("mark", markevery=None, markersize=4))[0]
            self._stars = left.scatter([], [], marker="*", edgecolor="black", zorder=6, clip_on=False)
            self._here = left.plot([], [], **line("theory", linestyle="none", **RING))[0]
            words = {"ha": "center", "va": "bottom", "fontsize": letters, "zorder": 7}
            zeros = {"marker": "$0$", "markersize": 0.6 * letters, "color": COLORS["muted"], "zorder": 5}
            self._zeros = left.plot([], [], linestyle="none", **zeros)[0]
            self._asked = left.text(0, ROWS["asked for"], "asked for", **words)
            self._shares = [left.text(0, 0, "", color=INK[name], weight="bold", **words) for name in ("rnn", "mark")]
            self._size = left.text(-0.4, ROWS["size"], "", color=INK["mark"], **words | {"ha": "right"})
            self._bar, *self._weights = draw_weights(right, letters)
        texts = [self._asked, *self._shares, self._size, *self._weights]
        return fig, [
            self._under,
            self._rnn,
            self._curve,
            self._here,
            self._over,
            self._zeros,
            self._stars,
            self._bar,
            *texts,
        ]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        k, lag = arrays.k, arrays.lag
        move_areas(self._under, self._over, k, lag)
        share, with_state = arrays.window.mean(axis=0), arrays.rnn.mean(axis=0)
        before = range(lag + 1, k)  # steps that the window sees and the sequence has not
        self._zeros.set_data(before, [sum(STRIP) / 2] * len(before))
        self._curve.set_data(range(FARTHEST + 1), share)
        self._rnn.set_ydata(with_state)
        self._here.set_data([lag, lag], [share[lag], with_state[lag]])
        for text, name, value in zip(self._shares, ("RNN", "window"), (with_state[lag], share[lag]), strict=True):
            text.set_text(f"{name} {value:.2f}")
            text.set_position((self._inside(lag, self._reach), ROWS[name]))
        if share[lag] < 0.5:  # there is room below the point
            self._shares[1].set_y(0.12)
        self._asked.set_x(self._inside(lag, 0.7 * self._reach))
        self._size.set_text(f"window of {k}")
        found = [(key[1], trained.score.accuracy, key[0]) for key, trained in arrays.trained.items()]
        self._stars.set_visible(bool(found))
        self._stars.set_offsets(np.array([place[:2] for place in found]).reshape(-1, 2))
        self._stars.set_sizes([220 if place[2] else 90 for place in found])  # one may lie upon the other
        self._stars.set_facecolor([COLORS["mark" if place[2] else "rnn"] for place in found])
        self._bar.set_verts([area(0, weights(size), *BARS["window"]) for size in (k, lag + 1)])
        here, needed = self._weights
        here.set_text(f"window of {k}: {weights(k):,}")
        needed.set_text(f"needed: window of {lag + 1}, {weights(lag + 1):,}")

    @staticmethod
    def _inside(lag, reach):
        """Where the middle of a label stands: at its column, as far as it does not leave the picture."""
        return min(max(lag, BESIDE + reach), LEFT - reach)

    def touch(self):
        """The window's edge and the token are dragged; shares are read, and the window's leave a ghost."""
        left, _ = self.fig.axes
        token = sum(STRIP) / 2
        return {
            "handles": [
                Handle(
                    name="left edge of the window",
                    ax=left,
                    at=lambda: (self.arrays.k - 0.5, 0.62),
                    drag=lambda x, y: self.slide(k=x + 0.5),
                    step=lambda right, up: self.step(k=up - right),
                    said=lambda: f"a window of {self.arrays.k}",
                ),
                Handle(
                    name="token that is asked for",
                    ax=left,
                    at=lambda: (self.arrays.lag, token),
                    drag=lambda x, y: self.slide(lag=x),
                    step=lambda right, up: self.step(lag=up - right),
                    said=lambda: f"{_steps(self.arrays.lag)} back",
                ),
            ],
            "probes": [Probe(left, "steps back", {"RNN": self._rnn, "window": self._curve})],
            "ghosts": [self._curve],
        }

    def reading(self, arrays):
        """What the picture says, in numbers."""
        k, lag = arrays.k, arrays.lag
        mine, theirs = f"{arrays.window[:, lag].mean():.2f}", _told(arrays.rnn[:, lag])
        more = f", and {k - 1 - lag} zeros before it" if k > lag + 2 else ""
        said = f"holds the token {_steps(lag)} back{more}: right answers {mine}"
        if lag >= k:
            said = f"does not hold the token {_steps(lag)} back: right answers {mine}, chance {CHANCE}"
        return (
            f"The window of {k} {said}; the RNN {theirs}. The least window that holds it is {lag + 1}, with "
            f"{weights(lag + 1):,} weights. Weights to learn: {weights(k):,} with this window, "
            f"{RNN_WEIGHTS:,} in the RNN (Train: {arrays.next}).{self._said(arrays)}"
        )

    def _said(self, arrays):
        """What was trained here for the lag in question."""
        parts = []
        for (window, lag, seed), (steps, score) in arrays.trained.items():
            if lag == arrays.lag:
                name = "RNN" if window is None else f"window of {window}"
                parts.append(f" Trained here: {name}, seed {seed}, {steps} steps: right answers {score.accuracy:.2f}.")
        return "".join(parts)


def _steps(n):
    return f"{n} step{'' if n == 1 else 's'}"


def _told(runs):
    """One number, or the mean and both ends of five."""
    mean, low, high = (f"{value:.2f}" for value in (runs.mean(), runs.min(), runs.max()))
    return mean if low == high else f"{mean} ({low} to {high})"
