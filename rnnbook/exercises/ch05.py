"""Chapter 05's exercises: a bias for a horizon, one step of the cell, the carry's own gradient."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.ch05_variants import COUPLED_STEP, PEEPHOLE_STEP, STORE
from rnnbook.exercises.checking import Exercise
from rnnbook.nn import sigmoid


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


def carry_gradient(dc_last, f):
    """Gradients by every c_t that come along the carry alone."""
    later = np.cumprod(np.concatenate([np.ones_like(f[:1]), f[:0:-1]]), axis=0)[::-1]
    return dc_last * later


CARRY_GRADIENT = Exercise(
    name="carry_gradient",
    chapter="05",
    solution=carry_gradient,
    cases=lambda rng: [
        (rng.normal(size=(N, H)), rng.uniform(0.2, 1, size=(T, N, H)))
        for T, N, H in [(5, 3, 4), (6, 2, 2), (1, 2, 3), (2, 1, 1), (9, 4, 3)]
    ],
    axes={"dc_last": "N H", "f": "T N H", "": "T N H"},
    tolerance=1e-9,
    mistakes={
        "one factor too many: dL/dc_t has passed f_{t+1} to f_T, and not f_t itself": (
            lambda dc, f: dc * np.cumprod(f[::-1], axis=0)[::-1]
        ),
        "forward: the gates from step 1 to t are multiplied; the way back meets those after t": (
            lambda dc, f: dc * np.cumprod(f, axis=0)
        ),
        "reversed time order: the last entry is dc_last itself": lambda dc, f: carry_gradient(dc, f)[::-1],
        "f[1:] in the wrong order: the gate of step t + 1 comes last on the way back to t": (
            lambda dc, f: dc * np.cumprod(np.concatenate([np.ones_like(f[:1]), f[1:]]), axis=0)[::-1]
        ),
        "one factor for every step: only the gate of the step after, not the product of all": (
            lambda dc, f: dc * np.concatenate([f[1:], np.ones_like(f[:1])])
        ),
        "a sum in place of the product": (
            lambda dc, f: dc * np.cumsum(np.concatenate([np.ones_like(f[:1]), f[:0:-1]]), axis=0)[::-1]
        ),
        "one gate for all units: each has its own f": (
            lambda dc, f: carry_gradient(dc, np.broadcast_to(f.mean(axis=2, keepdims=True), f.shape))
        ),
    },
)

EXERCISES = (BIAS, LSTM_STEP, CARRY_GRADIENT, PEEPHOLE_STEP, COUPLED_STEP, STORE)
