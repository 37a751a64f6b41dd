"""Chapter 06's exercises: a step of a GRU forward and back, its conventions, its memory, its size."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.ch06_back import GRU_STEP_BACK
from rnnbook.exercises.ch06_size import KEEP_BIAS, UNITS_WITHIN
from rnnbook.exercises.checking import Exercise
from rnnbook.nn import sigmoid


def mix(z, n, h_old):
    """New state of a GRU, in the book's convention."""
    return (1 - z) * n + z * h_old


def mix_cases(rng):
    """Gates from 0 to 1, candidates and states from -1 to 1."""
    shapes = [(3, 4), (1, 1), (5, 2), (2, 7)]
    return [(rng.uniform(size=s), rng.uniform(-1, 1, s), rng.uniform(-1, 1, s)) for s in shapes]


MIX = Exercise(
    name="mix",
    chapter="06",
    solution=mix,
    cases=mix_cases,
    axes={"z": "N H", "n": "N H", "h_old": "N H", "": "N H"},
    mistakes={
        "z points the other way: in this book z = 1 keeps the old state, as in PyTorch; yours is Chung et al.'s": (
            lambda z, n, h: z * n + (1 - z) * h
        ),
        "the old state is kept, and the whole candidate is added: it has a weight of 1 - z": lambda z, n, h: n + z * h,
        "the candidate is weighted, and the whole old state is kept: it has a weight of z": (
            lambda z, n, h: (1 - z) * n + h
        ),
        "both weighted by z: the two weights add up to 1": lambda z, n, h: z * n + z * h,
        "a tanh too many: n is a tanh already, and a mean of two numbers in [-1, 1] stays there": (
            lambda z, n, h: np.tanh(mix(z, n, h))
        ),
    },
)


def parts(x, h, params, order="rzn"):
    """Gates, and what the candidate is made of; `order` is that of the blocks."""
    H = h.shape[1]
    ax, ah = x @ params["W_xh"] + params["b_h"], h @ params["W_hh"]
    at = {letter: slice(k * H, (k + 1) * H) for k, letter in enumerate(order)}
    r, z = (sigmoid(ax[:, at[k]] + ah[:, at[k]]) for k in "rz")
    return r, z, ax[:, at["n"]], ah[:, at["n"]], params["b_hn"]


def gru_step(x, h, params):
    """One step of a GRU, reset after the product."""
    r, z, xn, hn, b = parts(x, h, params)
    return mix(z, np.tanh(xn + r * (hn + b)), h)


def step_with(candidate, blend=mix, order="rzn"):
    """A wrong step: another candidate, another mixture, or another order of blocks."""

    def step(x, h, params):
        r, z, xn, hn, b = parts(x, h, params, order)
        return blend(z, candidate(r, xn, hn, b), h)

    return step


def reset_before(x, h, params):
    """The step of Cho et al. (2014), with both biases outside."""
    r, z, xn, _, b = parts(x, h, params)
    return mix(z, np.tanh(xn + (r * h) @ params["W_hh"][:, -h.shape[1] :] + b), h)


def after(r, xn, hn, b):
    """The candidate of this book."""
    return np.tanh(xn + r * (hn + b))


def step_cases(rng):
    """Weights of general size, all biases other than zero."""
    shapes = [(3, 2, 4), (1, 1, 1), (2, 5, 3), (4, 3, 2), (5, 4, 6)]  # N, D, H
    return [
        (
            rng.normal(size=(N, D)),
            rng.uniform(-1, 1, size=(N, H)),
            {
                "W_xh": rng.normal(size=(D, 3 * H)),
                "W_hh": rng.normal(size=(H, 3 * H)),
                "b_h": rng.normal(size=3 * H),
                "b_hn": rng.normal(size=H),
            },
        )
        for N, D, H in shapes
    ]


GRU_STEP = Exercise(
    name="gru_step",
    chapter="06",
    solution=gru_step,
    cases=step_cases,
    axes={"x": "N D", "h": "N H", "": "N H"},
    mistakes={
        "z points the other way: z = 1 keeps the old state": step_with(after, lambda z, n, h: z * n + (1 - z) * h),
        "reset before the product: r multiplies h W_hn + b_hn, not h": reset_before,
        "Keras' order of blocks: here r is the first, z the second, n the third": step_with(after, order="zrn"),
        "b_hn stands outside: r multiplies h W_hn + b_hn, the bias too": (
            step_with(lambda r, xn, hn, b: np.tanh(xn + r * hn + b))
        ),
        "forgot b_hn: the recurrent part of n has a bias of its own": (
            step_with(lambda r, xn, hn, b: np.tanh(xn + r * hn))
        ),
        "forgot r: the candidate sees r * (h W_hn + b_hn)": step_with(lambda r, xn, hn, b: np.tanh(xn + hn + b)),
        "r multiplies the input too: only the recurrent part is reset": (
            step_with(lambda r, xn, hn, b: np.tanh(r * (xn + hn + b)))
        ),
        "a sigmoid for the candidate: gates are sigmoids, the candidate is a tanh": (
            step_with(lambda r, xn, hn, b: sigmoid(xn + r * (hn + b)))
        ),
    },
)


def to_chung(params):
    """The same network for a cell whose z = 1 takes the new state."""
    return {key: negated(value, 1) for key, value in params.items()}


def negated(array, *blocks):
    """An array with the named ones of its three blocks negated."""
    signs = np.repeat([-1.0 if k in blocks else 1.0 for k in range(3)], array.shape[-1] // 3)
    return array * signs


def chung_cases(rng):
    """Three arrays of general sizes."""
    return [
        (
            {
                "W_xh": rng.normal(size=(D, 3 * H)),
                "W_hh": rng.normal(size=(H, 3 * H)),
                "b_h": rng.normal(size=3 * H),
            },
        )
        for D, H in ((2, 3), (1, 1), (4, 2), (3, 5))
    ]


def only(*keys):
    """Negate z's block in some of the arrays."""
    return lambda params: {k: negated(v, 1) if k in keys else v.copy() for k, v in params.items()}


TO_CHUNG = Exercise(
    name="to_chung",
    chapter="06",
    solution=to_chung,
    cases=chung_cases,
    mistakes={
        "the block of r is negated: z is the second of r, z, n": lambda p: {k: negated(v, 0) for k, v in p.items()},
        "the block of n is negated: z is the second of r, z, n": lambda p: {k: negated(v, 2) for k, v in p.items()},
        "everything is negated: r and n are read alike by both": lambda p: {k: -v for k, v in p.items()},
        "forgot the bias: its block of z changes sign too": only("W_xh", "W_hh"),
        "forgot W_hh: the whole pre-activation of z changes sign": only("W_xh", "b_h"),
        "forgot W_xh: the whole pre-activation of z changes sign": only("W_hh", "b_h"),
        "1 minus the weights: it is 1 - sigmoid(a) that is wanted, and that is sigmoid(-a)": (
            lambda p: {k: np.where(negated(np.ones_like(v), 1) < 0, 1 - v, v) for k, v in p.items()}
        ),
        "nothing has changed: read as Chung et al. do, these weights are another network": (
            lambda p: {k: v.copy() for k, v in p.items()}
        ),
    },
)

EXERCISES = (MIX, GRU_STEP, TO_CHUNG, KEEP_BIAS, UNITS_WITHIN, GRU_STEP_BACK)
