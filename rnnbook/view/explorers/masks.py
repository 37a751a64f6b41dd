"""Masks over the unrolled network: which noise lets a number survive that was stored many steps ago?"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.reading import Survival, SurvivalRun, survival_law, survival_run
from rnnbook.view import plots
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, INK, figure, line, look
from rnnbook.view.touch import Handle, Probe

T, N, UNITS = 20, 100, 10  # steps after the write, sequences, units; one sequence is drawn, all are counted
SIZES = (1e-1, 1e6)  # of what is shown: a value above it leaves the picture, and is said
NAMES = {  # by kind: in the list, and at the start of the sentence
    "layers": ("between layers", "Masks between layers, on each step's input"),
    "step": ("recurrent, each step", "Recurrent masks, fresh each step"),
    "sequence": ("recurrent, one mask", "One recurrent mask a sequence"),
}
LARGE, SMALL = 7.5, 4.5  # points, of a unit that holds the 1 and of one that has lost it


class MasksPicture(NamedTuple):
    """What the explorer shows."""

    kind: str
    rate: float
    after: int  # the step that is looked at
    law: Survival  # of what is left
    run: SurvivalRun  # of the package, divided by 1 - rate at every mask
    plain: SurvivalRun  # the same masks without that


class Masks(Explorer):
    """A 1 is stored in units that copy their state, and masks drop some of them: what is left, step by step.

    Look for the rows: a filled mark is a unit that still holds the 1, a cross a mask that drops here, the state or,
    between layers, the step's input. With fresh recurrent masks every row ends sooner or later; with one mask a row is
    lost at once or never; masks between layers meet the 1 once, when it comes in. Beside it the share that holds it,
    and what scaling by 1/(1 - p) makes of the mean: counted over 100 sequences of 10 units, against what is expected.
    Drag the diamond: sideways the step that is looked at, up and down the rate.

    Parameters
    ----------
    **values
        Where the controls start: kind ("layers", "step", "sequence"), rate, after (steps), seed.

    Examples
    --------
    >>> explorer = Masks(kind="sequence", rate=0.5)
    >>> print(explorer.live.reading.split(".")[0])
    One recurrent mask a sequence, p = 0
    """

    question = "A 1 is stored in every unit: after how many steps has dropout wiped it out in half of them?"
    reflows = True
    in_sight = ("kind", "rate", "after")

    def make_controls(self):
        """The controls by name."""
        return {
            "kind": choice("Masks", [(label, kind) for kind, (label, *_) in NAMES.items()], value="step"),
            "rate": slider("Rate p", 0.2, 0.0, 0.9, 0.01, readout_format=".2f"),
            "after": slider("Look after n", 4, 1, T, 1),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    def settle(self):
        """Nothing is drawn at a rate of 0."""
        self.grey_out(seed="" if self.controls["rate"].value else "at a rate of 0 nothing is dropped")

    @staticmethod
    def compute(kind, rate, after, seed):
        """Run the units with the package's masks, scaled and not, and take the law beside them.

        Parameters
        ----------
        kind : str
            Where the masks lie.
        rate : float
            Probability that a mask drops a unit.
        after : int
            The step that is looked at, counted from the write.
        seed : int
            Of the masks.

        Returns
        -------
        MasksPicture
            What to show.
        """
        return MasksPicture(kind, rate, after, survival_law(kind, rate, T), *_runs(kind, rate, seed))

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(ncols=3, width=11.5, height=3.5, width_ratios=[1.6, 1, 1])
        units, share, value = axes
        with look():
            alone = {"linestyle": "none", "markevery": None}
            lost = {"markersize": SMALL, "marker": "o", "markerfacecolor": "none", "markeredgewidth": 0.8}
            cross = {"markersize": 5.5, "marker": "x", "markeredgewidth": 1.4}
            self._holds = units.plot([], [], **line("rnn", **alone, markersize=LARGE, label="holds the 1"))[0]
            self._lost = units.plot([], [], **line("muted", **alone, **lost, label="lost it"))[0]
            self._dropped = units.plot([], [], **line("theory", **alone, **cross, label="mask drops"))[0]
            self._laws = [ax.plot([], [], **line("theory", label="expected"))[0] for ax in (share, value)]
            counted = line("theory", **alone, marker="o", markersize=4.5, markerfacecolor="white", label="counted")
            self._counted = [ax.plot([], [], **counted)[0] for ax in (share, value)]
            self._size = value.plot([], [], **line("baseline", label="if held"))[0]
            self._zero = value.plot([], [], **line("theory", **alone, marker="v", markersize=7, clip_on=False))[0]
            self._after = [ax.axvline(1, color=COLORS["muted"], linewidth=1, zorder=1) for ax in axes]
            self._point = share.plot([], [], **line("mark", **alone, markersize=10, clip_on=False))[0]
            for artist in (self._zero, self._point):
                artist.set_in_layout(False)
            share.axhline(0.5, color=COLORS["mark"], linewidth=1, zorder=1)
            share.text(T + 0.4, 0.515, "half", ha="right", va="bottom", fontsize=10, color=INK["mark"])
            units.grid(False)
            units.set(ylim=(UNITS + 0.8, 0.2), yticks=(1, UNITS), ylabel="unit of one sequence")
            share.set(ylim=(-0.03, 1.08), ylabel="share that holds the 1")
            value.set(yscale="log", ylabel="mean, scaled by 1/(1 - p)")
            value.minorticks_off()
            plots.set_decades(value, [np.array(SIZES)], SIZES, above=False)
            value.text(0.97, 0.04, "▾: mean is 0", transform=value.transAxes, ha="right", va="bottom", fontsize=10)
            for ax in axes:
                ax.set(xlim=(-0.7, T + 0.7), xticks=range(0, T + 1, 5), xlabel="step n")
                where = {"loc": "lower left", "bbox_to_anchor": (-0.03, 1), "fontsize": 10, "columnspacing": 0.7}
                ax.legend(**where, ncols=3, handlelength=1.4, handletextpad=0.3)
        points = [self._holds, self._lost, self._dropped, *self._counted, self._zero, self._point]
        return fig, [*self._after, self._size, *self._laws, *points]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        value, steps, left, kept = self.fig.axes[2], np.arange(T + 1), arrays.run.left, arrays.run.kept
        for artist, there in ((self._holds, left > 0), (self._lost, left == 0), (self._dropped, ~kept)):
            n, unit = np.nonzero(there[:, 0])
            artist.set_data(n, unit + 1)
        means = left.mean(axis=(1, 2))
        self._laws[0].set_data(steps, arrays.law.alive)
        self._counted[0].set_data(steps, arrays.plain.left.mean(axis=(1, 2)))
        self._laws[1].set_data(steps, arrays.law.mean)
        self._counted[1].set_data(steps[means > 0], means[means > 0])
        self._size.set_data(steps, arrays.law.size)
        self._zero.set_data(steps[means == 0], np.full((means == 0).sum(), value.get_ylim()[0]))
        for mark in self._after:
            mark.set_xdata([arrays.after] * 2)
        self._point.set_data(*([place] for place in self._place(arrays)))

    def touch(self):
        """The diamond is dragged; both charts are read."""
        _, share, value = self.fig.axes
        names = ("expected", "counted")
        return {
            "handles": [
                Handle(
                    name="step and rate",
                    ax=share,
                    at=lambda: self._place(self.arrays),
                    drag=self._drag,
                    step=lambda right, up: self.step(after=right, rate=-up),
                    said=lambda: "n = {after}, p = {rate:.2f}".format(**self.values()),
                )
            ],
            "probes": [
                Probe(share, "n", dict(zip(names, (self._laws[0], self._counted[0]), strict=True))),
                Probe(
                    value,
                    "n",
                    dict(zip((*names, "holds it"), (self._laws[1], self._counted[1], self._size), strict=True)),
                ),
            ],
        }

    @staticmethod
    def _place(arrays):
        """Where the law stands at the step that is looked at."""
        return arrays.after, arrays.law.alive[arrays.after]

    def _drag(self, n, alive):
        """The step that is nearest, and the rate at which the law passes there."""
        n, alive = min(max(round(n), 1), T), min(max(alive, 0.0), 1.0)
        masks = n if self.arrays.kind == "step" else 1
        self.slide(after=n, rate=1 - alive ** (1 / masks))

    def reading(self, arrays):
        """What the picture says, in numbers: when half have lost it, how many hold it, what scaling does."""
        n, left = arrays.after, arrays.run.left[arrays.after]
        alive, mean, law = int((left > 0).sum()), left.mean(), Survival(*(part[n] for part in arrays.law))
        steps = "1 step" if n == 1 else f"{n} steps"
        holds = f"{alive:,} of {left.size:,} units hold" if alive != 1 else f"1 of {left.size:,} units holds"
        held = f"a unit that holds it is at {_short(law.size)}" if alive else "no unit holds anything"
        return (
            f"{NAMES[arrays.kind][1]}, p = {arrays.rate:.2f}: {_half(arrays.law.alive)}. "
            f"After {steps} {holds} it (expected: a share of {_short(law.alive)}). "
            f"Scaled by 1/(1 - p), {held}; the mean of all is {_short(mean)} (expected {_short(law.mean)})."
        )


def _half(alive):
    """When half of the units or more are expected to have lost the 1."""
    gone = np.flatnonzero(alive <= 0.5)
    if not len(gone):
        return f"more than half are expected to hold the 1 still after all {T} steps"
    if gone[0] == 0:
        return "at least half are expected to be without the 1 from the start"
    return f"at least half are expected to have lost the 1 after {gone[0]} step{'' if gone[0] == 1 else 's'}"


@lru_cache(maxsize=64)
def _runs(kind, rate, seed):
    """The same masks with scaling and without."""
    draws = [np.random.default_rng([seed, 11]) for _ in range(2)]
    return tuple(
        survival_run(kind, rate, T, rng, N, UNITS, scaled) for rng, scaled in zip(draws, (True, False), strict=True)
    )


def _short(number):
    """Three digits that count, and powers of ten far from 1."""
    return f"{number:.3g}" if not number or 1e-3 <= abs(number) < 1e4 else f"{number:.1e}"
