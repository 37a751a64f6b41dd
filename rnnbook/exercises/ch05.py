"""Chapter 05's exercises: a bias for a horizon, one step of the cell and of its variants, a step back."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import LSTM, sigmoid, unroll


def forget_bias(steps):
    """Bias of a forget gate whose horizon is that many steps."""
    return float(-np.log(np.expm1(1 / steps)))


BIAS = Exercise(
    name="forget_bias",
    chapter="05",
    solution=forget_bias,
    cases=lambda rng: [(20.0,), (1.0,), (0.5,), (100.0,), (3.7,), (1000.0,), *((s,) for s in rng.uniform(2, 50, 3))],
    counted="horizons",
    tolerance=1e-9,
    mistakes={
        "the logarithm of the horizon: close for long ones, as for Chrono, but f is not 1 - 1/steps exactly": (
            lambda steps: float(np.log(steps))
        ),
        "log(steps - 1): this is the bias for f = 1 - 1/steps, which is not the f with f ** steps = 1/e": (
            lambda steps: float(np.log(steps - 1))
        ),
        "the gate and not its bias: f = exp(-1/steps) is what the sigmoid is to give": lambda steps: np.exp(-1 / steps),
        "the logarithm of the gate: the sigmoid's inverse is log(f / (1 - f))": lambda steps: -1 / steps,
        "the sign is turned: this gate forgets as much as yours should keep": lambda steps: -forget_bias(steps),
        "the sigmoid of the gate: its inverse is needed": lambda steps: float(sigmoid(np.exp(-1 / steps))),
        "half of it is left after `steps`: the horizon leaves 1/e": (
            lambda steps: float(-np.log(np.expm1(np.log(2) / steps)))
        ),
    },
)


def preactivations(x, h, params):
    """What goes into the four blocks i, f, g, o, each (N, H)."""
    return np.split(x @ params["W_xh"] + h @ params["W_hh"] + params["b_h"], 4, axis=1)


def cell(i, f, g, o, c):
    """The cell from what its blocks gave, after their functions."""
    c = f * c + i * g
    return {"h": o * np.tanh(c), "c": c}


def lstm_step(x, h, c, params):
    """One step of the LSTM: a dict of the new h and c."""
    i, f, g, o = preactivations(x, h, params)
    return cell(sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o), c)


def step_cases(rng):
    """Inputs, states and weights of several sizes."""
    shapes = [(3, 2, 4), (4, 3, 2), (1, 4, 3), (2, 1, 1), (5, 2, 5), (1, 1, 5)]
    return [
        (
            rng.normal(size=(N, D)),
            np.tanh(rng.normal(size=(N, H))),
            rng.normal(size=(N, H)),
            {"W_xh": rng.normal(size=(D, 4 * H)), "W_hh": rng.normal(size=(H, 4 * H)), "b_h": rng.normal(size=4 * H)},
        )
        for N, D, H in shapes
    ]


def reordered(order):
    """The step with the blocks taken in another order."""

    def step(x, h, c, params):
        taken = dict(zip(order, preactivations(x, h, params), strict=True))
        i, f, o = (sigmoid(taken[letter]) for letter in "ifo")
        return cell(i, f, np.tanh(taken["g"]), o, c)

    return step


def changed(make):
    """The step from its blocks' pre-activations and the old carry, by another rule."""
    return lambda x, h, c, params: make(*preactivations(x, h, params), c)


def read_old(i, f, g, o, c):
    """The output gate lets the old carry out."""
    return {"h": sigmoid(o) * np.tanh(c), "c": sigmoid(f) * c + sigmoid(i) * np.tanh(g)}


def untamed(i, f, g, o, c):
    """The carry goes out without tanh."""
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return {"h": sigmoid(o) * c, "c": c}


LSTM_STEP = Exercise(
    name="lstm_step",
    chapter="05",
    solution=lstm_step,
    cases=step_cases,
    axes={"x": "N D", "h": "N H", "c": "N H"},
    tolerance=1e-9,
    mistakes={
        "f and i have changed places: the order is i, f, g, o, and f multiplies the old carry": reordered("figo"),
        "the blocks in the order i, f, o, g: the candidate g stands third": reordered("ifog"),
        "the blocks in the order i, g, f, o: f stands second": reordered("igfo"),
        "the candidate is a sigmoid: g is a tanh, so that it can also take away": (
            changed(lambda i, f, g, o, c: cell(sigmoid(i), sigmoid(f), sigmoid(g), sigmoid(o), c))
        ),
        "tanh for all four: the gates are sigmoids, from 0 to 1": (
            changed(lambda i, f, g, o, c: cell(np.tanh(i), np.tanh(f), np.tanh(g), np.tanh(o), c))
        ),
        "h shows the old carry: it reads c_t, after this step's update": changed(read_old),
        "h is o times c_t: between them is a tanh": changed(untamed),
        "f keeps 1 - f: an open forget gate, f = 1, keeps everything": (
            changed(lambda i, f, g, o, c: cell(sigmoid(i), 1 - sigmoid(f), np.tanh(g), sigmoid(o), c))
        ),
        "the bias is missing": (lambda x, h, c, params: lstm_step(x, h, c, params | {"b_h": 0 * params["b_h"]})),
        "the old h does not come in: the gates see x_t and h_{t-1}": (
            lambda x, h, c, params: lstm_step(x, 0 * h, c, params)
        ),
    },
)


SIZES = [(3, 4), (4, 2), (1, 5), (2, 1), (5, 3)]  # N, H


def peephole_step(a, c, p):
    """One step of an LSTM with peepholes, from its pre-activations: a dict of the new h and c."""
    c_new = sigmoid(a["f"] + p["f"] * c) * c + sigmoid(a["i"] + p["i"] * c) * np.tanh(a["g"])
    return {"h": sigmoid(a["o"] + p["o"] * c_new) * np.tanh(c_new), "c": c_new}


def peeping(sight_i, sight_f, sight_g, sight_o, order="ifo"):
    """The step with other sights: each says what a block sees, from the old and the new carry."""

    def step(a, c, p):
        p_i, p_f, p_o = (p[letter] for letter in order)
        write = sigmoid(a["i"] + p_i * sight_i(c)) * np.tanh(a["g"] + p_i * sight_g(c))
        new = sigmoid(a["f"] + p_f * sight_f(c)) * c + write
        return {"h": sigmoid(a["o"] + p_o * sight_o(c, new)) * np.tanh(new), "c": new}

    return step


def old(c, *new):
    """What a gate sees that looks at the carry before the step."""
    return c


def none(c, *new):
    """What a block sees that has no peephole."""
    return 0 * c


def fresh(c, new):
    """What the output gate sees: the carry after the update."""
    return new


PEEPHOLE_STEP = Exercise(
    name="peephole_step",
    chapter="05",
    solution=peephole_step,
    cases=lambda rng: [
        (
            {letter: rng.normal(size=(N, H)) for letter in "ifgo"},
            rng.normal(size=(N, H)),
            {letter: rng.normal(size=H) for letter in "ifo"},
        )
        for N, H in SIZES
    ],
    axes={"c": "N H"},
    tolerance=1e-9,
    mistakes={
        "the output gate looks at the old carry: i and f see c_{t-1}, o sees c_t": peeping(old, old, none, old),
        "no peephole at the output gate: it sees c_t": peeping(old, old, none, none),
        "no peephole at i and f: both see c_{t-1}": peeping(none, none, none, fresh),
        "the candidate has a peephole too: g sees x_t and h_{t-1} alone": peeping(old, old, old, fresh),
        "the weights of i and f are swapped: each gate has its own": peeping(old, old, none, fresh, "fio"),
        "no peepholes: this is the plain cell": peeping(none, none, none, none),
        "what the gates see is tanh(c): a peephole sees the carry itself": (
            peeping(np.tanh, np.tanh, none, lambda c, new: np.tanh(new))
        ),
    },
)


def coupled_step(a, c):
    """One step of an LSTM with a coupled gate, from its three pre-activations: a dict of the new h and c."""
    keep = sigmoid(a["f"])
    c_new = keep * c + (1 - keep) * np.tanh(a["g"])
    return {"h": sigmoid(a["o"]) * np.tanh(c_new), "c": c_new}


def coupled(keep, write, squash=np.tanh):
    """The step with other rules for what f keeps and what it writes."""

    def step(a, c):
        new = keep(sigmoid(a["f"])) * c + write(sigmoid(a["f"])) * np.tanh(a["g"])
        return {"h": sigmoid(a["o"]) * squash(new), "c": new}

    return step


def _turned(a, c):
    new = sigmoid(a["f"]) * c + sigmoid(1 - a["f"]) * np.tanh(a["g"])
    return {"h": sigmoid(a["o"]) * np.tanh(new), "c": new}


def _old_shown(a, c):
    return {"h": sigmoid(a["o"]) * np.tanh(c), "c": coupled_step(a, c)["c"]}


COUPLED_STEP = Exercise(
    name="coupled_step",
    chapter="05",
    solution=coupled_step,
    cases=lambda rng: [
        ({letter: rng.normal(size=(N, H)) for letter in "fgo"}, rng.normal(size=(N, H))) for N, H in SIZES
    ],
    axes={"c": "N H"},
    tolerance=1e-9,
    mistakes={
        "the other way round: f keeps, and 1 - f writes": coupled(lambda f: 1 - f, lambda f: f),
        "f does both: what is kept and what is written should add up to 1": coupled(lambda f: f, lambda f: f),
        "everything is written: i = 1 - f goes with the candidate": coupled(lambda f: f, np.ones_like),
        "the tanh on the way out is missing: h is o * tanh(c)": coupled(lambda f: f, lambda f: 1 - f, lambda c: c),
        "h shows the old carry: it reads c_t, after the update": _old_shown,
        "the pre-activation is turned, and not the gate: sigmoid(1 - a) is not 1 - sigmoid(a)": _turned,
    },
)


def coupled_step_back(dh, dc, c_old, f, g, o, c):
    """Gradients of the step with a coupled gate: by its three pre-activations, and by the old carry."""
    return coupled_back(dh, dc, c_old, f, g, o, c)


def coupled_back(
    dh, dc, c_old, f, g, o, c, branch=True, way="both", slopes=True, squash=True, keep=True, tame=True, write=True
):
    """The way back, with or without its parts."""
    d = (dc if branch else 0) + dh * o * ((1 - np.tanh(c) ** 2) if squash else 1)
    through_f = {"both": c_old - g, "kept": c_old, "sum": c_old + g}[way]
    return {
        "f": d * through_f * (f * (1 - f) if slopes else 1),
        "g": d * ((1 - f) if write else f) * ((1 - g**2) if tame else 1),
        "o": dh * np.tanh(c) * (o * (1 - o) if slopes else 1),
        "c_old": d * f if keep else d,
    }


def _wrong_back(**changes):
    """The way back with something left out."""
    return lambda dh, dc, c_old, f, g, o, c: coupled_back(dh, dc, c_old, f, g, o, c, **changes)


def _back_cases(rng):
    """Gates where they can be, and the carry that they make."""
    cases = []
    for N, H in SIZES:
        f, o = rng.uniform(0.1, 0.9, size=(2, N, H))
        g, c_old, dh, dc = rng.uniform(-1, 1, size=(4, N, H))
        cases.append((dh, dc, c_old, f, g, o, f * c_old + (1 - f) * g))
    return cases


COUPLED_STEP_BACK = Exercise(
    name="coupled_step_back",
    chapter="05",
    solution=coupled_step_back,
    cases=_back_cases,
    axes=dict.fromkeys(("dh", "dc", "c_old", "f", "g", "o", "c"), "N H"),
    tolerance=1e-9,
    mistakes={
        "forgot dc: the carry is a branch node, so what h sends is added to what the next step sends": (
            _wrong_back(branch=False)
        ),
        "the gate f is used twice: f * c_old and (1 - f) * g both change with it": _wrong_back(way="kept"),
        "the sign of the second use: (1 - f) * g falls as f grows": _wrong_back(way="sum"),
        "forgot the sigmoids' slopes: they are f (1 - f) and o (1 - o)": _wrong_back(slopes=False),
        "forgot the derivative of tanh(c): it is 1 - tanh(c)**2": _wrong_back(squash=False),
        "forgot f on the way to the old carry: it was multiplied by f": _wrong_back(keep=False),
        "forgot the slope of g's tanh: it is 1 - g**2": _wrong_back(tame=False),
        "g was multiplied by 1 - f, not by f": _wrong_back(write=False),
    },
)


STEPS, SEQUENCES, LARGEST = 300, 20, 20.0


def store():
    """Parameters of one unit that stores the value of the last step whose flag was up."""
    return {  # blocks i, f, g, o; x is (value, flag)
        "W_xh": np.array([[0.0, 0.0, 3.0, 0.0], [20.0, -20.0, 0.0, 0.0]]),
        "W_hh": np.zeros((1, 4)),
        "b_h": np.array([-10.0, 10.0, 0.0, 10.0]),
    }


def accepts_store(params):
    """What is wrong with the parameters, as a hint; None if they store the bit."""
    rng = np.random.default_rng(0)
    value, flag = rng.choice([-1.0, 1.0], size=(STEPS, SEQUENCES)), rng.random((STEPS, SEQUENCES)) < 0.02
    flag[:10], flag[10] = False, True  # nothing is stored yet; then every sequence gets its first bit
    params = {name: np.asarray(array, float) for name, array in params.items()}
    if max(np.abs(array).max() for array in params.values()) > LARGEST:
        return "a number is larger than 20: smaller ones are enough"
    h, _, _ = unroll(LSTM(), params, np.stack([value, flag], axis=-1).astype(float))
    h = h[..., 0]
    last = np.maximum.accumulate(np.where(flag, np.arange(STEPS)[:, None], -1), axis=0)
    want = np.where(last >= 0, np.take_along_axis(value, np.maximum(last, 0), axis=0), 0)
    if np.abs(h[:10]).max() > 0.1:
        return "h moves before any flag was up: with the flag down the input gate must be shut"
    if (np.sign(h[10]) != want[10]).any() or np.abs(h[10]).min() < 0.5:
        return (
            "the first value is not stored: with the flag up the input gate must be open, and g have the value's sign"
        )
    held = np.where(flag, np.arange(STEPS)[:, None] - last, 1) > 0
    wrong = (np.sign(h) != want) & (last >= 0)
    if (wrong & flag).any():
        return "a second value does not replace the first: with the flag up the forget gate must be shut"
    if (wrong & held).any() or np.abs(h[10:]).min() < 0.5:
        return "the bit fades: with the flag down the forget gate must be near 1 for hundreds of steps, and o open"
    return None


def variant(**changes):
    """The stored unit with some numbers of its blocks changed: by key, the places and their new values."""

    def wrong():
        params = store()
        for key, places in changes.items():
            for place, number in places.items():
                params[key][place] = number
        return params

    return wrong


STORE = Exercise(
    name="store",
    chapter="05",
    solution=store,
    cases=lambda rng: [()],
    accepts=accepts_store,
    verified="20 sequences of 300 steps, every bit is held until the next flag",
    mistakes={
        "h moves before any flag was up: with the flag down the input gate must be shut": variant(b_h={0: 10.0}),
        "the first value is not stored: with the flag up the input gate must be open, and g have the value's sign": (
            variant(W_xh={(0, 2): -3.0})
        ),
        "a second value does not replace the first: with the flag up the forget gate must be shut": (
            variant(W_xh={(1, 1): 0.0})
        ),
        "the bit fades: with the flag down the forget gate must be near 1 for hundreds of steps, and o open": (
            variant(b_h={1: 3.0})
        ),
    },
)


EXERCISES = (BIAS, LSTM_STEP, PEEPHOLE_STEP, COUPLED_STEP, COUPLED_STEP_BACK, STORE)
