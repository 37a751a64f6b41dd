"""Chapter 03's exercises: one step back, sums over time, the check, and where the way back is cut."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import RNN, Tape, bptt


def delta_before(dh, delta_next, h, W_hh):
    """Gradient by the pre-activation of one step: of its own loss and of the next step, times the local derivative."""
    return (dh + delta_next @ W_hh.T) * (1 - h**2)


def delta_cases(rng):
    """States away from saturation, and matrices that are neither symmetric nor orthogonal."""
    shapes = [(3, 4), (2, 5), (1, 3), (4, 1), (1, 1), (7, 2)]
    return [
        (rng.normal(size=(N, H)), rng.normal(size=(N, H)), rng.uniform(-0.95, 0.95, (N, H)), rng.normal(size=(H, H)))
        for N, H in shapes
    ]


DELTA_BEFORE = Exercise(
    name="delta_before",
    chapter="03",
    solution=delta_before,
    cases=delta_cases,
    axes={"dh": "N H", "delta_next": "N H", "h": "N H", "W_hh": "H H", "": "N H"},
    mistakes={
        "missing transpose: forward is h_{t-1} @ W_hh, so the way back goes through W_hh the other way round": (
            lambda dh, delta, h, W: (dh + delta @ W) * (1 - h**2)
        ),
        "forgot dh: the loss of this very step reaches h_t too": (lambda dh, delta, h, W: (delta @ W.T) * (1 - h**2)),
        "forgot delta_next: h_t goes into the next step too": lambda dh, delta, h, W: dh * (1 - h**2),
        "the local derivative belongs to the sum: dh passes the tanh as well": (
            lambda dh, delta, h, W: dh + (delta @ W.T) * (1 - h**2)
        ),
        "the local derivative belongs to the sum: what the next step sends passes the tanh as well": (
            lambda dh, delta, h, W: dh * (1 - h**2) + delta @ W.T
        ),
        "forgot tanh': this is dL/dh_t; delta_t is one step further, behind the local derivative": (
            lambda dh, delta, h, W: dh + delta @ W.T
        ),
        "tanh once too often: h is the state, after tanh already": (
            lambda dh, delta, h, W: (dh + delta @ W.T) * (1 - np.tanh(h) ** 2)
        ),
        "the slope of tanh is not 1 - h: at 0 and at 1 they agree, in between and below they do not": (
            lambda dh, delta, h, W: (dh + delta @ W.T) * (1 - h)
        ),
    },
)


def before(h, h_0):
    """The states h_0 ... h_{T-1} that the steps started from."""
    return np.concatenate([h_0[None], h[:-1]])


def products(x, h_old, delta):
    """Products of every step, summed over steps and sequences."""
    return {
        "W_xh": np.einsum("tnd,tnh->dh", x, delta),
        "W_hh": np.einsum("tni,tnj->ij", h_old, delta),
        "b_h": np.einsum("tnh->h", delta),
    }


def weight_gradients(x, h, h_0, delta):
    """Gradients of W_xh, W_hh and b_h: one product a step, summed over all steps."""
    return products(x, before(h, h_0), delta)


def weight_cases(rng):
    """Batches with T and N on both sides of one, and an initial state that is not zero."""
    shapes = [(5, 3, 2, 4), (4, 2, 3, 5), (1, 3, 2, 2), (6, 1, 1, 3), (2, 4, 5, 1), (1, 1, 1, 1), (7, 5, 4, 6)]
    return [
        (
            rng.normal(size=(T, N, D)),
            *(np.tanh(rng.normal(size=s)) for s in ((T, N, H), (N, H))),
            rng.normal(size=(T, N, H)),
        )
        for T, N, D, H in shapes
    ]


WEIGHT_GRADIENTS = Exercise(
    name="weight_gradients",
    chapter="03",
    solution=weight_gradients,
    cases=weight_cases,
    axes={"x": "T N D", "h": "T N H", "h_0": "N H", "delta": "T N H"},
    tolerance=1e-9,
    mistakes={
        "shifted h: delta_t meets the state that the step started from, h_{t-1}, not the one that it made": (
            lambda x, h, h_0, delta: products(x, h, delta)
        ),
        "step 1 starts from h_0, which need not be zero": (
            lambda x, h, h_0, delta: products(x, before(h, np.zeros_like(h_0)), delta)
        ),
        "the bias is not summed over the batch: every sequence has its share in the loss": (
            lambda x, h, h_0, delta: {**weight_gradients(x, h, h_0, delta), "b_h": delta.sum(axis=0)[0]}
        ),
        "a mean over the batch for the bias: the loss has divided by N already, here the shares are added": (
            lambda x, h, h_0, delta: {**weight_gradients(x, h, h_0, delta), "b_h": delta.sum(axis=0).mean(axis=0)}
        ),
        "the last step alone: the weights serve at every step, and their gradients are sums over all of them": (
            lambda x, h, h_0, delta: products(x[-1:], before(h, h_0)[-1:], delta[-1:])
        ),
        "a mean over the steps: shared weights add up what every step asks of them": (
            lambda x, h, h_0, delta: {k: g / len(x) for k, g in weight_gradients(x, h, h_0, delta).items()}
        ),
    },
)


def norm_of(grads):
    """Norm of all entries as one vector."""
    return np.sqrt(np.sum([np.sum(g**2) for g in grads.values()]))


def check_error(grads, numeric):
    """Norm of the difference over the norm of the numerical gradient, all parameters as one vector."""
    return float(norm_of({key: grads[key] - numeric[key] for key in numeric}) / norm_of(numeric))


def error_cases(rng):
    """Gradients of arrays of many sizes and their numerical ones, some apart and some close."""
    cases = []
    for (D, H), apart in zip([(3, 4), (2, 1), (1, 6), (5, 2)], (0.5, 1e-3, 0.1, 2.0), strict=True):
        numeric = {"W_xh": rng.normal(size=(D, H)), "W_hh": 3 * rng.normal(size=(H, H)), "b_h": rng.normal(size=H)}
        cases.append(({key: g + apart * rng.normal(size=g.shape) for key, g in numeric.items()}, numeric))
    return cases


def differences(grads, numeric):
    """All entries of the difference and of the numerical gradient, each as one vector."""
    return [
        np.concatenate([g.ravel() for g in many])
        for many in ([grads[k] - numeric[k] for k in numeric], numeric.values())
    ]


CHECK_ERROR = Exercise(
    name="check_error",
    chapter="03",
    solution=check_error,
    cases=error_cases,
    counted="pairs of gradients",
    tolerance=1e-9,
    mistakes={
        "the largest relative error of an entry: where an entry is near zero, central differences carry no digit": (
            lambda g, n: float(np.max(np.abs(differences(g, n)[0] / differences(g, n)[1])))
        ),
        "an absolute error: it has to be compared with the norm of the numerical gradient": (
            lambda g, n: float(np.linalg.norm(differences(g, n)[0]))
        ),
        "the squared error: the square root is missing": lambda g, n: check_error(g, n) ** 2,
        "relative to the gradient that is checked: divide by the numerical one, which cannot be wrong": (
            lambda g, n: float(np.linalg.norm(differences(g, n)[0]) / norm_of(g))
        ),
        "one error a parameter, added up: take all parameters as one long vector": (
            lambda g, n: float(np.sum([np.linalg.norm(g[k] - n[k]) / np.linalg.norm(n[k]) for k in n]))
        ),
        "the worst parameter alone: take all parameters as one long vector": (
            lambda g, n: float(max(np.linalg.norm(g[k] - n[k]) / np.linalg.norm(n[k]) for k in n))
        ),
    },
)

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
        "nothing is cut: the first step of a block sends nothing to the step before it": (
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
        "dh is lost: a cut stops what the next step sends, each step's own loss stays": (
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


EXERCISES = (DELTA_BEFORE, WEIGHT_GRADIENTS, CHECK_ERROR, PAIRS_LEFT, CUT_DELTAS, HIDES_THE_BUG)
