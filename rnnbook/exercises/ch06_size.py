"""Chapter 06's exercises about numbers: how long a gate keeps, and how many units a budget buys."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise


def keep_bias(steps, share):
    """Bias of z at which a share of the state is left after so many steps, without input."""
    log_z = np.log(share) / steps
    return float(log_z - np.log(-np.expm1(log_z)))  # log(z / (1 - z)), also where z is near 1


def keep_cases(rng):
    """Steps and shares, short and long; none at which the bias is 0, where a relative error says nothing."""
    drawn = [(int(rng.integers(3, 300)), float(rng.uniform(0.05, 0.95))) for _ in range(4)]
    return [(20, 0.5), (1, 0.9), (100, 0.1), (5, 0.01), *drawn]


KEEP_BIAS = Exercise(
    name="keep_bias",
    chapter="06",
    solution=keep_bias,
    cases=keep_cases,
    counted="pairs of steps and share",
    tolerance=1e-9,
    mistakes={
        "the gate and not its bias: sigmoid(b) = z, and b is asked for": lambda n, s: s ** (1 / n),
        "the sign: z near 1 needs a bias above 0": lambda n, s: -keep_bias(n, s),
        "one step: after n steps z ** n is left, so z is the n-th root of the share": lambda n, s: np.log(s / (1 - s)),
        "log(z) is not the inverse of the sigmoid: that is log(z / (1 - z))": lambda n, s: np.log(s) / n,
        "the rule of thumb log(n): close for a share of 1/e and many steps, and the share is given": (
            lambda n, s: np.log(n)
        ),
        "the share is divided by the steps: each step multiplies by z": lambda n, s: np.log((s / n) / (1 - s / n)),
        "a logarithm to base 10: the sigmoid is made of e": lambda n, s: keep_bias(n, s) / np.log(10),
    },
)


def units_within(D, budget):
    """Most units of a GRU, reset after the product, with at most so many weights."""
    return largest(D, budget)


def largest(D, budget, gates=3, bias=1, apart=1):
    """Most units H with gates * (D H + H H + bias H) + apart H within the budget."""
    a, b = gates, gates * (D + bias) + apart
    H = int((np.sqrt(b * b + 4 * a * budget) - b) / (2 * a))
    return next(n for n in range(H + 2, -1, -1) if a * n * n + b * n <= budget)


def units_cases(rng):
    """Budgets that a number of units meets exactly, and budgets one weight short of it."""
    pairs = [(2, 10), (4, 32), (1, 1), (8, 35), (45, 56)]
    exact = [(D, 3 * (D * H + H * H + H) + H) for D, H in pairs]
    drawn = [(int(rng.integers(1, 60)), int(rng.integers(500, 90_000))) for _ in range(6)]
    close = [(D, 3 * (D * H + H * H) + least * H) for D, H in pairs for least in (0, 1, 3)]  # too few biases would fit
    return [(2, 5000), *close, *exact, *((D, budget - 1) for D, budget in exact[:2]), *drawn]


UNITS_WITHIN = Exercise(
    name="units_within",
    chapter="06",
    solution=units_within,
    cases=units_cases,
    counted="pairs of features and budget",
    tolerance=0.0,
    mistakes={
        "forgot b_hn: reset after the product has H numbers more": lambda D, n: largest(D, n, apart=0),
        "forgot b_h: every block has a bias": lambda D, n: largest(D, n, bias=0),
        "forgot both biases: b_h has 3H numbers and b_hn has H": lambda D, n: largest(D, n, bias=0, apart=0),
        "four blocks: that is LSTM; GRU has r, z and n": lambda D, n: largest(D, n, gates=4, apart=0),
        "one block: that is RNN; GRU has r, z and n": lambda D, n: largest(D, n, gates=1, apart=0),
        "one unit too many: at most the budget": lambda D, n: largest(D, n) + 1,
        "one unit too few where the budget is met exactly: at most includes it": lambda D, n: largest(D, n - 1),
    },
)
