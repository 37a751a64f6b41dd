"""Who sees whom: which output of a layer moves with which input, in a padded batch, with and without a mask."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.gradients import padding_error, sight
from rnnbook.nn import Both, Recurrent
from rnnbook.nn.cells import CELLS
from rnnbook.view import plots
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import COLORS, figure, look
from rnnbook.view.touch import Columns, Handle

T, D, H = 12, 2, 4  # steps of the batch, features, units each way
LENGTHS = (12, 8, 5)  # of the sequences at the start
LIMITS = (1e-24, 1e12)  # of the colours
SAME = 1e-12  # states that are as near as this are one
WAYS = {"there": "Forward", "back": "Backward", "both": "Both ways"}


class SightPicture(NamedTuple):
    """What the explorer shows."""

    norms: np.ndarray  # (T, T): of dy_t/dx_k of the chosen sequence
    errors: dict  # by "there" and "back": how far it is from the sequence alone, a PaddingError
    way: str
    masked: bool
    lengths: tuple
    chosen: int  # counted from 1


class WhoSeesWhom(Explorer):
    """Which output y_t of a layer moves with which input x_k, for one sequence of a padded batch.

    Look for what has no colour: there the gradient is exactly 0, whatever the weights. Forward that is all to the
    right of the diagonal, backward all to its left, both ways nothing. Drag the end of a sequence: without a mask
    the backward way begins in the padding, and what it finds there reaches every real step.

    Parameters
    ----------
    **values
        Where the controls start: way ("both", "there", "back"), mask ("no", "yes"), sequence, length1, length2,
        length3, cell, bias, gain, seed.

    Examples
    --------
    >>> explorer = WhoSeesWhom(way="there", mask="yes")
    >>> explorer.live.reading.split(". ")[0]
    'Sequence 3 of lengths 12, 8, 5, forward, with mask: 10 of 25 real pairs are exactly 0, all with k > t'
    """

    question = "Which inputs can an output see, and does it see the padding?"
    reflows = True
    in_sight = ("way", "mask", "sequence")

    def make_controls(self):
        """The controls by name."""
        lengths = {f"length{n}": slider(f"Length of {n}", length, 1, T, 1) for n, length in enumerate(LENGTHS, 1)}
        return {
            "way": choice("Direction", [(name, way) for way, name in WAYS.items()], "back"),
            "mask": choice("Mask", [("without", "no"), ("with", "yes")]),
            "sequence": slider("Sequence", 3, 1, len(LENGTHS), 1),
            **lengths,
            "cell": choice("Cell", list(CELLS)),
            "bias": slider("Size of biases", 0.5, 0.0, 2.0, 0.1, readout_format=".1f"),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 2.0, 0.05, readout_format=".2f"),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    @staticmethod
    def compute(way, mask, cell, sequence, length1, length2, length3, bias, gain, seed):
        """Run the chosen sequence as it stands in the batch, and send the gradient of every output back.

        Parameters
        ----------
        way, mask, cell : str
            The choices.
        sequence : int
            The chosen one; no other sequence of a batch has a part in it.
        length1, length2, length3 : int
            Real steps of each.
        bias, gain : float
            Size of all biases, scale of W_hh, which is orthogonal at 1.
        seed : int
            Of weights and inputs.

        Returns
        -------
        SightPicture
            What to show.
        """
        layer, lengths, masked = Both(Recurrent(CELLS[cell], H)), (length1, length2, length3), mask == "yes"
        drawn, biases, x = _drawn(layer, seed)
        params = {name: drawn[name] + bias * biases[name] for name in drawn}
        params |= {name: gain * params[name] for name in drawn if name.endswith("W_hh")}
        length = lengths[sequence - 1]
        x = x[:, sequence - 1 : sequence] * (np.arange(T) < length)[:, None, None]
        norms = sight(layer, params, x, [length] if masked else None, way)[0]
        ways = ("there", "back") if way == "both" else (way,)
        errors = {one: padding_error(layer, params, x, [length], one, masked) for one in ways}
        return SightPicture(norms, errors, way, masked, lengths, sequence)

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, (left, right) = figure(ncols=2, width=11.5, height=4.2, width_ratios=[1, 1.15])
        self._heat = plots.draw_heat(right)
        with look():
            left.grid(False)
            left.set(xlabel="step", ylabel="sequence", xlim=(0.5, T + 0.5), ylim=(len(LENGTHS) + 0.6, 0.4))
            left.set(xticks=range(2, T + 1, 2), yticks=range(1, len(LENGTHS) + 1))
            left.set_title(f"The batch, padded to {T} steps", fontsize=11)
            dashes = {"facecolor": "none", "edgecolor": COLORS["muted"], "linestyle": (0, (3, 2))}
            self._bars = []
            for n in range(1, len(LENGTHS) + 1):
                left.add_patch(Rectangle((0.5, n - 0.28), T, 0.56, **dashes))
                self._bars.append(left.add_patch(Rectangle((0.5, n - 0.28), 1, 0.56, facecolor=COLORS["muted"])))
            right.set(xlim=(0.5, T + 0.5), ylim=(T + 0.5, 0.5), xlabel="input k", ylabel="output t")
            right.set_title("$|dy_t/dx_k|$; blank: exactly 0", fontsize=11)
            for axis in (right.xaxis, right.yaxis):
                axis.set_major_locator(MaxNLocator(6, integer=True))
            (self._frame,) = right.plot([], [], color=COLORS["mark"], linewidth=2.5, zorder=3)
        return fig, [*self._bars, *self._heat.values(), self._frame]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        for n, (bar, length) in enumerate(zip(self._bars, arrays.lengths, strict=True), 1):
            bar.set_width(length)
            bar.set_facecolor(COLORS["mark" if n == arrays.chosen else "muted"])
        plots.move_heat(self._heat, arrays.norms, (0.5, T + 0.5, T + 0.5, 0.5), LIMITS, by=1)
        end = arrays.lengths[arrays.chosen - 1] + 0.5
        self._frame.set_data([0.5, end, end, 0.5, 0.5], [0.5, 0.5, end, end, 0.5])

    def touch(self):
        """The end of each sequence is dragged, which chooses it; columns are read."""
        left, right = self.fig.axes
        rows = {"handles": [self._end(left, n) for n in range(1, len(LENGTHS) + 1)]}
        return rows | {"probes": [Columns(right, "k", self._heat["cells"], self._rows)]}

    def _end(self, ax, n):
        name = f"length{n}"
        return Handle(
            name=f"end of sequence {n}",
            ax=ax,
            at=lambda: (self.arrays.lengths[n - 1] + 0.5, n),
            drag=lambda x, y: self.slide(**{name: x - 0.5, "sequence": n}),
            step=lambda right, up: self.slide(**{name: self.values()[name] + right + up, "sequence": n}),
            said=lambda: f"{self.arrays.lengths[n - 1]} of {T} steps",
        )

    def _rows(self):
        return {f"y_{t}": row for t, row in enumerate(self.arrays.norms, 1)}

    def reading(self, arrays):
        """What the picture says: which pairs are exactly 0, what is seen of the padding, and what that does."""
        length = arrays.lengths[arrays.chosen - 1]
        real = arrays.norms[:length, :length] == 0
        lengths = ", ".join(map(str, arrays.lengths))
        what = f"Sequence {arrays.chosen} of lengths {lengths}, {WAYS[arrays.way].lower()}"
        pairs = f"{real.sum()} of {length**2} real pair{'s are' if length > 1 else ' is'} exactly 0{_which(real)}."
        parts = [f"{what}, {'with' if arrays.masked else 'without'} mask: {pairs}", _longest(arrays, length)]
        return " ".join([*parts, *_padding(arrays, length)])


def _which(zero):
    """On which side of the diagonal the zeros are, where they are all of one side."""
    t, k = np.arange(len(zero))[:, None], np.arange(len(zero))
    after, before = (f" No output sees what comes {place} it" for place in ("after", "before"))
    for side, words in ((k > t, f", all with k > t.{after}"), (k < t, f", all with k < t.{before}")):
        if zero.any() and (zero == side).all():
            return words
    return ""


def _longest(arrays, length):
    """The magnitude at the far end of the real steps."""
    pair = f"dy_{length}/dx_1" if arrays.way == "there" else f"dy_1/dx_{length}"
    number = arrays.norms[length - 1, 0] if arrays.way == "there" else arrays.norms[0, length - 1]
    return f"{pair} has the magnitude {number:.1e}." if number else f"{pair} is exactly 0."


def _padding(arrays, length):
    """How many steps of padding the real outputs see, and how far that takes them from the sequence alone."""
    if length == T:
        return ["There is no padding."]
    steps, off = int((arrays.norms[:length, length:] > 0).any(axis=0).sum()), arrays.errors
    outputs = f"Outputs y_1 to y_{length} see" if length > 1 else "Output y_1 sees"
    said = [f"{outputs} {steps or 'no'} step{'' if steps == 1 else 's'} of padding."]
    if "there" in off and off["there"].last[0] > SAME:
        share = f"{off['there'].last[0]:.2g} of its length"
        said.append(f"The last forward state, after step {T}, is {share} away from that of the sequence alone.")
    if "back" in off and off["back"].outputs.max() > SAME:
        shares = [f"{off['back'].outputs[t, 0]:.2g} of their length at step {t + 1}" for t in (length - 1, 0)]
        said.append(f"Backward outputs are off by {', and by '.join(shares if length > 1 else shares[:1])}.")
    return said if len(said) > 1 else [*said, "Outputs and last state are those of the sequence alone."]


@lru_cache(maxsize=64)
def _drawn(layer, seed):
    """Weights, numbers for the biases, and the inputs of all sequences."""
    rng = np.random.default_rng([seed, 4])
    params = layer.init(D, rng)
    biases = {name: rng.normal(size=array.shape) * (array.ndim == 1) for name, array in params.items()}
    return params, biases, rng.normal(size=(T, len(LENGTHS), D))
