"""Chapter 03's exercises: one step back, sums over time, the check, and where the way back is cut."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.ch03_cuts import CUT_DELTAS, HIDES_THE_BUG, PAIRS_LEFT
from rnnbook.exercises.checking import Exercise


def delta_before(dh, delta_next, h, W_hh):
    """Gradient by the pre-activation of one step: from above and from the right, times the local derivative."""
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
        "forgot the gradient from above: the loss of this very step reaches h_t too": (
            lambda dh, delta, h, W: (delta @ W.T) * (1 - h**2)
        ),
        "forgot the gradient from the right: h_t goes into the next step too": lambda dh, delta, h, W: dh * (1 - h**2),
        "the local derivative belongs to the sum: what comes from above passes the tanh as well": (
            lambda dh, delta, h, W: dh + (delta @ W.T) * (1 - h**2)
        ),
        "the local derivative belongs to the sum: what comes from the right passes the tanh as well": (
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

EXERCISES = (DELTA_BEFORE, WEIGHT_GRADIENTS, CHECK_ERROR, PAIRS_LEFT, CUT_DELTAS, HIDES_THE_BUG)
