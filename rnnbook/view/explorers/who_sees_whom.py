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
LIMITS = (1e-6, 1e1)  # of the colours: what is beyond has that of the end
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
    the backward way begins in the padding, and what it finds there reaches every real step. Outputs at the padding,
    which nobody reads, are grey.

    Parameters
    ----------
    **values
        Where the controls start: way ("both", "there", "back"), mask ("no", "yes"), sequence, length1, length2,
        length3, cell, bias, gain, seed.

    Examples
    --------
    >>> explorer = WhoSeesWhom(way="there", mask="yes")
    >>> explorer.live.reading.split(". ")[0]
    'Forward, with mask: output t sees the real inputs k ≤ t alone'
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
            plots.set_decades(self._heat["scale"].axes, [np.array(LIMITS)], LIMITS, above=False)
            self._heat["cells"].set(clim=np.log10(LIMITS), extent=(0.5, T + 0.5, T + 0.5, 0.5))
            self._unread = right.add_patch(Rectangle((0.5, T + 0.5), T, 0, facecolor="#E9E9E9", zorder=2.5))
            self._said = right.text(0.8, 1, "", va="top", fontsize=10, linespacing=1.3, zorder=4)
            for axis in (right.xaxis, right.yaxis):
                axis.set_major_locator(MaxNLocator(6, integer=True))
            (self._frame,) = right.plot([], [], color=COLORS["mark"], linewidth=2.5, zorder=3)
        return fig, [*self._bars, self._heat["cells"], self._unread, self._said, self._frame]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        for n, (bar, length) in enumerate(zip(self._bars, arrays.lengths, strict=True), 1):
            bar.set_width(length)
            bar.set_facecolor(COLORS["mark" if n == arrays.chosen else "muted"])
        norms = np.where(np.isfinite(arrays.norms), arrays.norms, np.inf)
        self._heat["cells"].set_data(np.ma.masked_where(norms == 0, np.log10(np.clip(norms, *LIMITS))))
        length = arrays.lengths[arrays.chosen - 1]
        end = length + 0.5
        self._unread.set_y(end)
        self._unread.set_height(T - length)
        self._said.set_text("\n".join(("frame: real steps", "grey: outputs at padding")[: T - length]))
        self._said.set_y(end + 0.2)
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
        real = self.arrays.norms[: self.arrays.lengths[self.arrays.chosen - 1]]
        return {f"output {t}": row for t, row in enumerate(real, 1)}

    def reading(self, arrays):
        """What the picture says: what an output sees, whether padding is part of it, and what that does."""
        length = arrays.lengths[arrays.chosen - 1]
        real = arrays.norms[:length, :length] == 0
        how = f"{WAYS[arrays.way]}, {'with' if arrays.masked else 'without'} mask"
        pairs = f"{real.sum()} of {length**2} real pair{'s are' if length > 1 else ' is'} exactly 0."
        lengths = f"Sequence {arrays.chosen} of lengths {', '.join(map(str, arrays.lengths))}"
        return " ".join([f"{how}: output t sees {_seen(real)}.", *_padding(arrays, length), f"{lengths}: {pairs}"])


def _seen(zero):
    """Which real inputs a real output sees: those on one side of the diagonal, or others."""
    t, k = np.arange(len(zero))[:, None], np.arange(len(zero))
    for side, words in ((k > t, "k ≤ t"), (k < t, "k ≥ t"), (k != t, "k = t")):
        if zero.any() and (zero == side).all():
            return f"the real inputs {words} alone"
    return "not every real input" if zero.any() else "every real input"


def _padding(arrays, length):
    """How many steps of padding the real outputs see, and how far that takes them from the sequence alone."""
    if length == T:
        return ["There is no padding."]
    steps, off = int((arrays.norms[:length, length:] > 0).any(axis=0).sum()), arrays.errors
    outputs = f"Outputs 1 to {length} see" if length > 1 else "Output 1 sees"
    said = [f"{outputs} {steps or 'no'} step{'' if steps == 1 else 's'} of padding."]
    if "there" in off and off["there"].last[0] > SAME:
        share = f"{off['there'].last[0]:.2g} of its norm"
        said.append(f"The last forward state, after step {T}, is off by {share} from that of the sequence alone.")
    if "back" in off and off["back"].outputs.max() > SAME:
        shares = [f"{off['back'].outputs[t, 0]:.2g} of their norm at step {t + 1}" for t in (length - 1, 0)]
        said.append(f"Backward outputs are off by {', and by '.join(shares if length > 1 else shares[:1])}.")
    return said if len(said) > 1 else [*said, "Outputs and last state are those of the sequence alone."]


@lru_cache(maxsize=64)
def _drawn(layer, seed):
    """Weights, numbers for the biases, and the inputs of all sequences."""
    rng = np.random.default_rng([seed, 4])
    params = layer.init(D, rng)
    biases = {name: rng.normal(size=array.shape) * (array.ndim == 1) for name, array in params.items()}
    return params, biases, rng.normal(size=(T, len(LENGTHS), D))
