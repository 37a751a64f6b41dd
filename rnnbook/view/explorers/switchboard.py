"""Switchboard: a layer in one framework and in the other, the arrays between, and one thing changed on the way."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle

from rnnbook.lab.frameworks import correspondence
from rnnbook.lab.frameworks.carrying import MISTAKES, carry, why_not
from rnnbook.nn import GRU, Recurrent, init_params, unroll
from rnnbook.nn.cells import CELLS
from rnnbook.view import plots
from rnnbook.view.explorers.apart import EQUAL, draw_outputs, move_outputs, said_size, span_steps
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import choice, slider
from rnnbook.view.style import INK, figure, line, look
from rnnbook.view.touch import Probe

LONGEST, N, D = 60, 4, 4  # steps at most, sequences, features of the input
SIZES = {"D": 7, "H": 5}  # with which arrays are looked up: shapes show which is which
SPREAD = 0.5  # of biases, which are drawn too: none is zero, as in a layer that has learned
WAYS = {
    "torch keras": "PyTorch to Keras",
    "keras torch": "Keras to PyTorch",
    "book torch": "book to PyTorch",
    "book keras": "book to Keras",
}
CALLS = {  # what can be changed beside the arrays
    "state": "start state not handed over",
    "axes": "time and batch exchanged",
    "mask": "padding in front, not masked",
    "float32": "float32 instead of float64",
}
CHANGES = MISTAKES | CALLS
SHORT = {  # as a list has room for them, with the cell where there is but one that has it
    "reshaped": "not transposed",
    "blocks": "two blocks exchanged",
    "twice": "first bias twice",
    "summed": "two biases summed",
    "forget": "forget bias + 1 again (LSTM)",
    "before": "reset before product (GRU)",
    "state": "start state lost",
    "axes": "time, batch swapped",
    "mask": "padding not masked",
    "float32": "float32",
}
LETTERS = (
    "T steps, N sequences, D features, H units.",
    "GRU: r reset, z update, n candidate.",
    "LSTM: i input, f forget, g candidate, o output.",
)
FORGOTTEN = 0.01  # the share of the largest difference that is left at the end at most
SIDE, ROWS = 10, {False: 12, True: 17}  # lines of text at a side, and between, also on a narrow page
LIMITS = (1e-17, 1e1)  # of differences: those of rounding are seen
ENDS = (5, 10, 20, 40, LONGEST)  # of the time axes
WIDE, STEP, INDENT, TOP = 11.5, 0.19, 0.24, 0.13  # inches: the figure, from line to line, before a setting, above all
SIZE, SPACING, SIGN = 10, 1.36, "≠"  # points; from line to line, of a letter's height; of settings that differ


class Line(NamedTuple):
    """A line of a definition."""

    text: str
    value: object  # what is compared with the other side's
    changed: bool = False


class Switched(NamedTuple):
    """What the explorer shows.

    Attributes
    ----------
    cell, source, target, change : str
        The choices.
    why : str
        Why the change cannot be made; empty where it is.
    left, right : tuple of Line
        The definitions.
    arrays : tuple of tuple
        For each array its names on the way, what happens there, and whether that is wrong.
    ours, theirs : ndarray
        The output of the first unit of the first sequence, in the source and in the target, (T,).
    apart : ndarray
        The largest difference of all units and sequences, (T,).
    H : int
        How many units there are.
    padding : int
        Steps of padding in front.
    """

    cell: str
    source: str
    target: str
    change: str
    why: str
    left: tuple
    right: tuple
    arrays: tuple
    ours: np.ndarray
    theirs: np.ndarray
    apart: np.ndarray
    H: int
    padding: int

    @property
    def differ(self):
        """Settings that the two have of different kinds, without what is changed."""
        return sum(_differs(*pair) for pair in zip(self.left, self.right, strict=True))


class Switchboard(Explorer):
    """A layer's definition in one framework, the same in the other, and the arrays between them.

    The sign ≠ marks a setting whose default is another one at the other side. Choose what is changed on the way, and
    see the outputs part or meet. Look for what parts them at once, what they forget again, and what makes no difference
    for one cell and a large one for another, as the sum of two biases does.

    Both sides are run by the book's engine in float64, from the arrays that each framework would have. Keras itself
    multiplies in float32 in a SimpleRNN, and in its other layers with a mask or recurrent dropout: equal is there equal
    to about seven digits. PyTorch has no mask, and a packed sequence has its padding behind: in front of a
    sequence padding is cut off there before the call.

    Parameters
    ----------
    **values
        Where the controls start: cell ("RNN", "LSTM", "GRU"), way ("torch keras", "keras torch", "book torch",
        "book keras"), change ("none", "reshaped", "blocks", ...), T, H, gain, seed.

    Examples
    --------
    >>> explorer = Switchboard(cell="LSTM", change="summed")
    >>> bool(explorer.arrays.apart.max() < 1e-12)
    True
    >>> explorer.set(cell="GRU")
    >>> bool(explorer.arrays.apart.max() > 0.1)
    True
    """

    question = (
        "Which mistakes in carrying weights over are forgotten: at the end, is under 1 % of the largest difference "
        "left?"
    )
    reflows = True
    in_sight = ("cell", "way", "change")

    def make_controls(self):
        """The controls by name."""
        return {
            "cell": choice("Cell", list(CELLS), value="GRU"),
            "way": choice("From and to", [(words, way) for way, words in WAYS.items()]),
            "change": choice(
                "Changed", [(SHORT.get(change, words), change) for change, words in CHANGES.items()], value="blocks"
            ),
            "T": slider("Steps T", 20, 1, LONGEST, 1),
            "H": slider("Hidden units H", 8, 1, 32, 1),
            "gain": slider("Gain of W_hh", 1.0, 0.0, 3.0, 0.05, readout_format=".2f"),
            "seed": slider("Seed", 0, 0, 20, 1),
        }

    @staticmethod
    def compute(cell, way, change, T, H, gain, seed):
        """Run the layer as the source has it, and as the target does after the change.

        Parameters
        ----------
        cell, way, change : str
            The choices.
        T, H : int
            Steps, hidden units.
        gain : float
            Scale of W_hh.
        seed : int
            Of weights, start state and inputs.

        Returns
        -------
        Switched
            What to show.
        """
        source, target = way.split()
        layer, (params, second, state, x) = CELLS[cell], _drawn(cell, H, seed)
        params, x = {**params, "W_hh": gain * params["W_hh"]}, x[:T]
        mistake = change if change in MISTAKES else "none"
        why = why_not(layer, source, target, mistake)
        here = carry(layer, params, source, "book", second=second)
        there = carry(layer, params, source, target, mistake, second)
        ours, theirs, padding = _outputs(here, there, x, state, change)
        apart = np.abs(ours - theirs)
        changed = "" if why else change
        left, right = _definition(cell, source, changed), _definition(cell, target, changed, source)
        rows = _between(cell, source, target, changed == "before")
        return Switched(
            **{"cell": cell, "source": source, "target": target, "change": change, "why": why},
            **{"left": left, "right": right, "arrays": tuple(_wrong(row, changed, layer) for row in rows)},
            **{"ours": ours[:, 0, 0], "theirs": theirs[:, 0, 0], "apart": apart.max(axis=(1, 2))},
            **{"H": H, "padding": padding},
        )

    def draw(self, arrays):
        """The figure, and the artists that move."""
        fig, axes = figure(ncols=5, width=WIDE, height=5.0)
        fig.set_layout_engine("none")  # letters keep their size, whatever there is to say
        narrow = fig.get_size_inches()[0] < WIDE
        _place(fig, axes, narrow)
        left, between, right, outputs, apart = axes
        with look():
            self._heads = [_head(ax, narrow) for ax in (left, between, right)]
            self._lines = [_Lines(ax) for ax in (left, between, right)]
            self._narrow = narrow
            self._curves, self._names = draw_outputs(outputs, "source", "target")
            self._apart = plots.draw_magnitudes(apart, {"apart": line("mark")}, LIMITS)
            outputs.set_title("Output of unit 1 (grey: padding)", fontsize=11)
            apart.set_title("Largest difference of all units", fontsize=11)
            apart.axhspan(LIMITS[0], EQUAL, facecolor="#E9E9E9", zorder=0)
            words = {"va": "center", "fontsize": 10, "transform": apart.get_yaxis_transform()}
            apart.text(0.04, 1e-16, "rounding alone; ▾: exactly equal", **words)
            self._least = apart.axhline(1, color=INK["muted"], linewidth=1, linestyle=(0, (3, 2)), zorder=1)
            beside = {"xytext": (2, -3), "textcoords": "offset points", "annotation_clip": False, "va": "top"}
            self._percent = apart.annotate("1 % of the largest", (1, 1), **beside, fontsize=10, color=INK["muted"])
            apart.set_xlabel("time step t")
            self._padding = outputs.add_patch(
                Rectangle((0.5, 0), 0, 1, transform=outputs.get_xaxis_transform(), facecolor="#E9E9E9", zorder=0)
            )
        texts = [*self._heads, *(text for lines in self._lines for text in lines.texts.values())]
        curves = [*self._curves.values(), *self._names.values(), *self._apart.values()]
        return fig, [*texts, outputs.xaxis, apart.xaxis, self._padding, self._least, self._percent, *curves]

    def move(self, arrays):
        """Put the artists where the arrays say."""
        calls = [_call(arrays.cell, place, arrays) for place in (arrays.source, arrays.target)]
        for head, text in zip(
            self._heads, (f"source: {calls[0]}", "The arrays on the way", f"target: {calls[1]}"), strict=True
        ):
            head.set_text(text)
        between = [one for row in arrays.arrays for one in _written(row, self._narrow)]
        sides = _side(arrays.left, arrays.right), _side(arrays.right, arrays.left)
        for lines, shown in zip(self._lines, (sides[0], between, sides[1]), strict=True):
            lines.show(shown)
        self._padding.set_width(arrays.padding)
        T = len(arrays.apart)
        last = next(end for end in ENDS if end >= T)
        move_outputs(self._curves, self._names, arrays, last)
        span_steps(self.fig.axes[4], last)
        plots.move_magnitudes(self._apart, {"apart": arrays.apart})
        least, seen = FORGOTTEN * arrays.apart.max(), bool(arrays.apart.max() > EQUAL)
        for part in (self._least, self._percent):
            part.set_visible(seen)
        if seen:
            self._least.set_ydata([least] * 2)
            self._percent.xy = (1, least)
        self._apart["apart"].set_markevery(max(1, T // 10))

    def touch(self):
        """Both charts are read."""
        outputs, apart = self.fig.axes[3:]
        names = {"source": self._curves["ours"], "target": self._curves["theirs"]}
        return {
            "probes": [Probe(outputs, "t", names), Probe(apart, "t", {"difference": self._apart["apart"]})],
        }

    def reading(self, arrays):
        """What the picture says: what is changed, and how far apart the outputs are."""
        T, largest, last = len(arrays.apart), arrays.apart.max(), arrays.apart[-1]
        way, what = WAYS[f"{arrays.source} {arrays.target}"], f"changed: {CHANGES[arrays.change]}"
        said = [f"{arrays.cell}, {way}, {what if arrays.change != 'none' else 'nothing changed'}."]
        if arrays.why:
            said.append(f"That cannot be: {arrays.why}.")
        steps = f"{T} step{'s' if T > 1 else ''}"
        if largest < EQUAL:
            how = "equal to the last bit" if largest == 0 else f"equal but for rounding, within {said_size(largest)}"
            said.append(f"In the book's engine the outputs of {steps} are {how}{_itself(arrays)}.")
        else:
            step = int(arrays.apart.argmax()) + 1
            met = "part and meet again" if last < FORGOTTEN * largest else "part and stay apart"
            met = "differ by its rounding" if arrays.change == "float32" else met
            end = f"the outputs {met}: at the end they are {said_size(last)} apart"
            said.append(f"Over {steps}, in the book's engine, {end}.")
            left = f"; at the end {100 * last / largest:.2g} % of it is left" if step < T else ""
            said.append(f"The largest difference is {said_size(largest)}, at step {step}{left}.")
        settings = f"{arrays.differ} setting{'s' if arrays.differ != 1 else ''}"
        differ = f"{settings} ha{'ve' if arrays.differ != 1 else 's'} another default there (≠)"
        return " ".join([*said, f"Drawn is unit 1 of {arrays.H}; {differ}."])


def _itself(arrays):
    """What is said of equal outputs where the framework itself has fewer digits."""
    fewer = arrays.cell == "RNN" and "keras" in (arrays.source, arrays.target)
    return "; Keras' own SimpleRNN multiplies in float32, to about seven digits" if fewer else ""


class _Lines:
    """Lines below one another: all of a kind are one text, since a text costs more than its lines do."""

    def __init__(self, ax):
        style = {"fontsize": SIZE, "va": "top", "linespacing": SPACING}
        self.texts = {
            "name": ax.text(0, TOP, "", **style),
            "set": ax.text(INDENT, TOP, "", **style),
            "how": ax.text(INDENT, TOP, "", color=INK["muted"], **style),
            "changed": ax.text(INDENT, TOP, "", color=INK["mark"], fontweight="bold", **style),
            "sign": ax.text(0, TOP, "", color=INK["mark"], fontweight="bold", **style),
        }

    def show(self, lines):
        """Show lines: of each its kind and its words, and whether a sign stands before it."""
        for kind, text in self.texts.items():
            own = [SIGN * signed if kind == "sign" else words * (kind == one) for one, words, signed in lines]
            text.set_text("\n".join(own) if any(own) else "")


def _head(ax, narrow):
    """An empty line above a column."""
    return ax.text(0, 0, "", fontsize=10 if narrow else 11, fontweight="bold", va="center")


def _differs(one, other):
    """Whether a setting has another default at the other side; what is changed is none."""
    return one.value != other.value and not (one.changed or other.changed)


def _side(lines, others):
    """The lines of a definition, with a sign before those that have another default at the other side."""
    pairs = zip(lines, others, strict=True)
    return [("changed" if one.changed else "set", one.text, _differs(one, other)) for one, other in pairs]


def _place(fig, axes, narrow):
    """Three columns of text below two charts; on a narrow page all below one another, first what answers the hand."""
    side, between = (STEP * (count + 1.2) for count in (SIDE, ROWS[narrow]))
    if narrow:
        width, top, places = fig.get_size_inches()[0], 0.45, []
        chart, column = (0.75, width - 0.95), (0.1, width - 0.2)
        for (left, wide), high, gap in (
            (chart, 1.9, 1.0),
            (chart, 1.9, 0.65),
            (column, side, 0.15),
            (column, between, 0.15),
            (column, side, 0),
        ):
            places.append((left, top, wide, high))
            top += high + gap
        places = [*places[2:], *places[:2]]
        fig.set_size_inches(width, top + 0.75)
    else:
        top = 0.35 + 2.0 + 0.75
        sides = [(0.15, top, 3.1, side), (3.45, top, 4.75, between), (8.35, top, 3.1, side)]
        places = [*sides, (0.75, 0.35, 4.7, 2.0), (6.4, 0.35, 4.9, 2.0)]
        fig.set_size_inches(WIDE, top + between + 0.35)
    width, height = fig.get_size_inches()
    fig.text(0.1 / width, 0.08 / height, ("\n" if narrow else " ").join(LETTERS), fontsize=SIZE, va="bottom")
    for ax, (left, top, wide, high) in zip(axes, places, strict=True):
        ax.set_position((left / width, 1 - (top + high) / height, wide / width, high / height))
    for ax, (_, _, wide, high) in zip(axes[:3], places[:3], strict=True):
        ax.set(xlim=(0, wide), ylim=(high, -0.1))
        ax.set_axis_off()


def _written(row, narrow):
    """The lines of an array on the way: its names, and what happens there."""
    names, how, wrong = row
    parts = [names] if not narrow or len(names) < 3 else [names[:2], ("", *names[2:])]
    said = [("name", " → ".join(part).strip(), False) for part in parts]
    return [*said, ("changed" if wrong else "how", how, False)]


def _call(cell, place, arrays):
    """The layer in a line of code."""
    kind = "SimpleRNN" if cell == "RNN" and place == "keras" else cell
    code = {
        "book": f"Recurrent({cell}(), {arrays.H})",
        "torch": f"torch.nn.{kind}({D}, {arrays.H})",
        "keras": f"keras.layers.{kind}({arrays.H})",
    }
    return code[place]


def _definition(cell, place, changed, source=None):
    """What a place makes of a layer that is given its sizes alone, line by line; the target knows its source."""
    target = source is not None
    G, apart = CELLS[cell].gates, CELLS[cell].apart
    whole = "whole" if G > 1 else "block"  # Keras draws the blocks of its gates as one matrix
    forget = cell == "LSTM" and place != "torch"
    zeros = f"zeros{', forget gate 1' if forget else ''}"
    lines = {
        "book": [
            Line("W_xh: Glorot, by block", ("glorot", "block")),
            Line("W_hh: orthogonal, by block", ("orthogonal", "block")),
            Line(f"b_h: {zeros}", zeros),
            Line("one bias" + (", and b_hn for n alone" if apart else ""), "n alone" if apart else 1),
            Line("x is (T, N, D)", "time"),
            Line("returns all steps, and the last", "all"),
        ],
        "torch": [
            Line("weight_ih: uniform, ±1/sqrt(H)", "uniform"),
            Line("weight_hh: uniform, ±1/sqrt(H)", "uniform"),
            Line("biases: uniform, ±1/sqrt(H)", "uniform"),
            Line("two biases (bias=True)", 2),
            Line("x is (T, N, D), batch_first=False", "time"),
            Line("returns all steps, and the last", "all"),
        ],
        "keras": [
            Line("kernel: glorot_uniform", ("glorot", whole)),
            Line("recurrent_kernel: orthogonal", ("orthogonal", whole)),
            Line(f"bias: {zeros}", zeros),
            Line("two biases, in two rows" if apart else "one bias (use_bias=True)", 2 if apart else 1),
            Line("x is (N, T, D)", "batch"),
            Line("return_sequences=False (True here)", "last"),
        ],
    }[place]
    before = changed == "before" and target
    if cell == "GRU":
        said = {"book": f'reset="{"before" if before else "after"}"', "torch": "resets after the product"}
        said["keras"] = f"reset_after={not before}"
        if before and place == "keras":
            lines[3] = Line("one bias", 1, True)
        lines.append(Line(said[place], "before" if before else "after", before))
    floats = Line("float64 (the default)", 64) if place == "book" else Line("float64 (set here)", 32)
    lines += [floats, Line("start state handed over", "given")]
    if changed == "float32" and target:
        lines[-2] = Line("float32 (the default)", 32, True)
    if changed == "state" and target:
        lines[-1] = Line("start state is zero", "zero", True)
    if changed == "axes":
        lines[-1] = Line("start state is zero", "zero")
    if changed == "axes" and target:
        lines[4] = Line(
            "reads (T, N, D) as (N, T, D)" if place == "keras" else "reads (N, T, D) as (T, N, D)", "", True
        )
    if changed == "mask":
        masked = "cut off" if place == "torch" else "masked"  # a packed sequence has its padding behind
        lines.append(Line(f"padding is {'not ' * target}{masked}", target, target))
    return tuple(lines)


@lru_cache(maxsize=64)
def _between(cell, source, target, before):
    """For each array its names on the way, and what happens there; also to a GRU that resets before the product."""
    cells, rows = {source: CELLS[cell], target: GRU(reset="before") if before else CELLS[cell]}, []
    places = {place: _matches(one, place) if place != "book" else () for place, one in cells.items()}
    ours = {match.ours: match.shape for match in _matches(CELLS[cell], "torch") if match.ours}
    for key, shape in ours.items():
        here, there = ([match for match in places[place] if match.ours == key] for place in (source, target))
        names = [_named(match.theirs, match.their_shape) for match in here] + [_named(key, shape)]
        names += [_named(match.theirs, match.their_shape) for match in there]
        how = [_backwards(match.how) for match in here] + [match.how for match in there]
        how = "; ".join(said for said in how if said != "as it stands")
        rows.append((tuple(names), how or "as it stands"))
    for place, matches in places.items():
        for match in (match for match in matches if not match.ours):
            rows.append(((_named(match.theirs, match.their_shape),), _excess(match.how, place == source)))
    return tuple(rows)


@lru_cache(maxsize=16)
def _matches(cell, place):
    """Which array becomes which: it takes a millisecond to find out."""
    return tuple(correspondence(Recurrent(cell, SIZES["H"]), SIZES["D"], place))


def _named(name, shape):
    """An array with its shape in letters: a picture of letters that stay is not drawn again."""
    letters = {SIZES["D"]: "D", 2: "2"} | {G * SIZES["H"]: f"{G if G > 1 else ''}H" for G in (1, 3, 4)}
    return f"{name} ({', '.join(letters[size] for size in shape)}{',' * (len(shape) == 1)})"


def _backwards(how):
    """What is done on the way back of what `how` says of the way there."""
    parts = how.replace("into row", "from row").split(", ")
    if parts[0].startswith("block "):
        parts[0] = f"from {parts[0]}"
    for k, said in enumerate(parts):
        if said.startswith("blocks "):
            here, there = said.removeprefix("blocks ").split(" become ")
            parts[k] = f"blocks {there} become {here}"
    return ", ".join(parts)


def _excess(how, back):
    """Of what no array of the book fills: where it goes on the way back, or what it is on the way there."""
    zeros, _, added = how.partition("; on the way back ")
    where = zeros.removeprefix("zeros").removeprefix(" in ")
    return f"{where + ' ' if where else ''}{added}" if back else zeros


def _wrong(row, changed, cell):
    """A row with what is done wrongly to it, and whether anything is."""
    names, how = row
    first = {name.partition(" ")[0] for name in names}
    matrix, second = first & {"W_xh", "W_hh"}, "b_hn" in first
    excess = not first & {"W_xh", "W_hh", "b_h", "b_hn"}
    one, two = (cell.gate_names * 2)[:2]
    said = {
        "reshaped": matrix and "reshaped, not transposed",
        "blocks": (matrix or "b_h" in first) and f"blocks {one} and {two} exchanged",
        "forget": "b_h" in first and "1 added to block f again",
        "dropped": (second or (excess and "added" in how)) and "left out",
        "twice": (second or (excess and "zeros" in how)) and "the first bias once more",
        "summed": second and "added to block n of b_h",
        "before": second and "added to block n of b_h",
    }.get(changed)
    return (names, said, True) if said else (names, how, False)


def _outputs(here, there, x, state, change):
    """Outputs of both (T, N, H), and how many steps of padding stand in front."""
    padding, mask = 0, None
    if change == "mask":
        padding = max(1, len(x) // 4)
        mask = np.repeat(np.arange(len(x))[:, None] >= padding, x.shape[1], axis=1)
        x = np.where(mask[..., None], x, 0.0)
    if change == "axes":
        turned, _, _ = unroll(*there, x.swapaxes(0, 1))
        return unroll(*here, x)[0], turned.swapaxes(0, 1), 0
    ours = unroll(*here, x, state, mask=mask)[0]
    cell, params = there
    if change == "float32":
        params, x = {key: array.astype(np.float32) for key, array in params.items()}, x.astype(np.float32)
        state = tuple(one.astype(np.float32) for one in state)
    if change == "state":
        state = None
    return ours, unroll(cell, params, x, state)[0], padding


@lru_cache(maxsize=64)
def _drawn(cell, H, seed):
    """Parameters of which no bias is zero, a second bias, a start state, and inputs, all of them drawn."""
    rng, layer = np.random.default_rng([seed, 10]), CELLS[cell]
    params = init_params(layer, D, H, rng)
    params |= {key: one + SPREAD * rng.normal(size=one.shape) for key, one in params.items() if key.startswith("b_")}
    second = SPREAD * rng.normal(size=layer.gates * H)
    state = tuple(np.tanh(rng.normal(size=(N, H))) for _ in range(layer.states))
    return params, second, state, rng.normal(size=(LONGEST, N, D))
