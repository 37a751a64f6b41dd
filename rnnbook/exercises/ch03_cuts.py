"""Chapter 03's exercises about what is cut, and about what a norm does not see."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import RNN, Tape, bptt

TANH = RNN()


def pairs_left(T, k):
    """How many pairs of a loss and a state at or before it lie within one block of k steps."""
    whole, rest = divmod(T, k)
    return whole * k * (k + 1) // 2 + rest * (rest + 1) // 2


def pairs_cases(rng):
    """Lengths and windows: k divides T or not, is 1, is T, is longer."""
    cases = [(12, 4), (10, 4), (7, 1), (5, 5), (3, 8), (1, 1), (40, 10)]
    return cases + [(int(T), int(k)) for T, k in zip(rng.integers(20, 60, 4), rng.integers(3, 15, 4), strict=True)]


PAIRS_LEFT = Exercise(
    name="pairs_left",
    chapter="03",
    solution=pairs_left,
    cases=pairs_cases,
    counted="pairs of T and k",
    tolerance=0.0,
    mistakes={
        "every loss sees k steps here: in blocks the first loss of a block sees its own step alone": (
            lambda T, k: int(np.minimum(np.arange(1, T + 1), k).sum())
        ),
        "k squared a block: a loss reaches no state after it, so each block is a triangle": (
            lambda T, k: (T // k) * k * k + (T % k) ** 2
        ),
        "the diagonal is missing: a loss reaches the state of its own step": (
            lambda T, k: (T // k) * k * (k - 1) // 2 + (T % k) * (T % k - 1) // 2
        ),
        "the last, shorter block is missing: where k does not divide T, some steps remain": (
            lambda T, k: (T // k) * k * (k + 1) // 2
        ),
        "the last block counted as a whole one: it has only what is left of T": (
            lambda T, k: -(-T // k) * k * (k + 1) // 2
        ),
        "nothing is cut: these are all pairs of the triangle": lambda T, k: T * (T + 1) // 2,
    },
)


def deltas(dh, h, W_hh, k=None, cell=TANH):
    """Gradients by all pre-activations, found by `bptt`: blocks of k steps from the first; without k nothing is cut."""
    T, N, H = h.shape
    states = np.concatenate([np.zeros((1, N, H)), h])[None]
    tape = Tape(cell, np.zeros((T, N, 1)), np.zeros((1, T, N, H)), states, np.zeros((0, N, H)))
    params = {"W_xh": np.zeros((1, H)), "W_hh": W_hh, "b_h": np.zeros(H)}
    arrives = bptt(cell, params, tape, dh, truncate=k).h
    return arrives * (1 - h**2) if cell == TANH else arrives


def late(dh, h, W_hh, k, steps):
    """The same with blocks that are counted from so many steps before the first one."""
    before = [(steps, 0), (0, 0), (0, 0)]
    return deltas(np.pad(dh, before), np.pad(h, before), W_hh, k)[steps:]


def cut_deltas(dh, h, W_hh, k):
    """Gradients by all pre-activations of a tanh RNN, the way back cut every k steps from the first."""
    return deltas(dh, h, W_hh, k)


def cut_cases(rng):
    """Lengths that k divides and does not, and gradients at every step."""
    shapes = [(7, 3, 4, 3), (9, 2, 3, 4), (10, 4, 2, 4), (3, 1, 5, 1), (5, 2, 1, 4), (1, 1, 1, 2), (4, 1, 3, 9)]
    return [
        (rng.normal(size=(T, N, H)), np.tanh(rng.normal(size=(T, N, H))), rng.normal(size=(H, H)), k)
        for T, N, H, k in shapes
    ]


CUT_DELTAS = Exercise(
    name="cut_deltas",
    chapter="03",
    solution=cut_deltas,
    cases=cut_cases,
    axes={"dh": "T N H", "h": "T N H", "W_hh": "H H", "k": "", "": "T N H"},
    tolerance=1e-9,
    mistakes={
        "nothing is cut: at the first step of a block, what comes from the right stops": (
            lambda dh, h, W, k: deltas(dh, h, W)
        ),
        "one step off: the blocks are steps 0 to k - 1, k to 2k - 1 and so on; the first one has k steps, too": (
            lambda dh, h, W, k: late(dh, h, W, k, steps=1)
        ),
        "blocks counted from the end: the first block begins at the first step": (
            lambda dh, h, W, k: late(dh, h, W, k, steps=-len(h) % k)
        ),
        "missing transpose: forward is h_{t-1} @ W_hh, so the way back goes through W_hh the other way round": (
            lambda dh, h, W, k: deltas(dh, h, W.T, k)
        ),
        "forgot tanh': the sum is multiplied by the local derivative 1 - h**2 at every step": (
            lambda dh, h, W, k: deltas(dh, h, W, k, cell=RNN("identity"))
        ),
        "the gradient from above is lost: a cut stops what comes from the right, each step's own loss stays": (
            lambda dh, h, W, k: deltas(np.where(np.arange(len(h))[:, None, None] % k == k - 1, dh, 0), h, W, k)
        ),
    },
)

UNEQUAL = "the lengths differ: delta @ W and delta @ W.T are equally long for every delta if W @ W.T = W.T @ W"
SCALED = "equally long, but not as long as delta: that takes an orthogonal matrix, W @ W.T = I"
SYMMETRIC = "a symmetric matrix: it equals its transpose, so there is no wrong direction to hide"
ANGLE = "the lengths agree, but the two directions are not at a right angle: by how much does W turn a row?"


def hides_the_bug():
    """A rotation by 45 degrees, which turns one way, while its transpose turns the other way."""
    return np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2)


def at_right_angles(W):
    """Say what a matrix lacks; None if delta W and delta W^T are as long as delta and at right angles, always."""
    W = W.astype(np.float64)
    if np.allclose(W, W.T, rtol=0, atol=1e-6):
        return SYMMETRIC
    if not np.allclose(W @ W.T, W.T @ W, rtol=0, atol=1e-6):
        return UNEQUAL
    if not np.allclose(W @ W.T, np.eye(2), rtol=0, atol=1e-6):
        return SCALED
    overlap = W @ W  # (delta W) . (delta W^T) = delta W W delta^T
    return None if np.allclose(overlap, -overlap.T, rtol=0, atol=1e-6) else ANGLE


HIDES_THE_BUG = Exercise(
    name="hides_the_bug",
    chapter="03",
    solution=hides_the_bug,
    cases=lambda rng: [()],
    axes={"": "2 2"},
    accepts=at_right_angles,
    verified="for every delta all three are equally long, and the two directions are at right angles",
    mistakes={
        UNEQUAL: lambda: np.array([[1.0, 2.0], [0.0, 1.0]]),
        SCALED: lambda: np.array([[1.0, 1.0], [-1.0, 1.0]]),
        SYMMETRIC: lambda: np.array([[0.0, 1.0], [1.0, 0.0]]),
        ANGLE: lambda: np.array([[0.0, 1.0], [-1.0, 0.0]]),
    },
)
