"""Chapter 04's last two exercises: a gradient that is too long, and a matrix that stretches before it shrinks."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import clip_by_value, spectral_radius


def global_norm(grads):
    """Norm of all arrays as one vector."""
    return np.sqrt(sum(np.sum(g**2) for g in grads.values()))


def scaled(grads, factor):
    """All arrays times one factor."""
    return {key: factor * g for key, g in grads.items()}


def clip(grads, max_norm):
    """Gradients scaled together to a global norm of at most max_norm."""
    norm = global_norm(grads)
    return scaled(grads, max_norm / norm if norm > max_norm else 1.0)


def clip_cases(rng):
    """Gradients that are too long, too long only together, short, or zero; arrays of one length each."""
    cases = [(3, 5, 40.0, 2.0), (2, 4, 1.3, 1.0), (1, 1, 7.0, 0.5), (4, 2, 0.02, 0.7), (2, 3, 0.0, 2.0)]
    return [(_grads(rng, D, H, norm), max_norm) for D, H, norm, max_norm in [*cases, (6, 8, 3e5, 0.1)]]


def _grads(rng, D, H, norm):
    drawn = {"W_xh": rng.normal(size=(D, H)), "W_hh": rng.normal(size=(H, H)), "b_h": rng.normal(size=H)}
    return {key: g * (norm / np.sqrt(3) / np.linalg.norm(g)) for key, g in drawn.items()}


def shorten(grads, max_norm, norm):
    """Clipping by another norm."""
    return scaled(grads, max_norm / norm if norm > max_norm else 1.0)


CLIP = Exercise(
    name="clip",
    chapter="04",
    solution=clip,
    cases=clip_cases,
    counted="dicts of gradients",
    mistakes={
        "each array by itself: parts shrink by different factors and the direction turns; one norm for all arrays": (
            lambda grads, max_norm: {key: clip({key: g}, max_norm)[key] for key, g in grads.items()}
        ),
        "elementwise: this cuts every entry by itself and turns the direction": clip_by_value,
        "short gradients are rescaled too: one that is within max_norm stays as it is, also one of norm 0": (
            lambda grads, max_norm: scaled(grads, max_norm / global_norm(grads))
        ),
        "the squared norm: the square root is missing": (
            lambda grads, max_norm: shorten(grads, max_norm, global_norm(grads) ** 2)
        ),
        "the norms of the arrays added up: their squares add up to the square of the global norm": (
            lambda grads, max_norm: shorten(grads, max_norm, sum(np.linalg.norm(g) for g in grads.values()))
        ),
        "the largest entry in place of the norm": (
            lambda grads, max_norm: shorten(grads, max_norm, max(np.abs(g).max() for g in grads.values()))
        ),
        "scaled to length 1 and not to max_norm": (
            lambda grads, max_norm: shorten(grads, 1.0, n) if (n := global_norm(grads)) > max_norm else grads
        ),
    },
)

RADIUS, STRETCH = 0.5, 100
TOO_LARGE = "the spectral radius is above 0.5: the largest absolute eigenvalue decides about high powers"
NORMAL = "a normal matrix (W W^T = W^T W): its k-th power stretches by the spectral radius to the k and no more"
NO_GROWTH = "no power stretches anything: that takes a largest singular value above 1"
TOO_LITTLE = "it grows before it dies, but not a hundredfold: go further from a normal matrix"


def grows_then_dies():
    """A matrix of spectral radius 0.5 that first stretches a vector more than a hundredfold."""
    return np.array([[0.5, 200.0], [0.0, 0.5]])


def stretches_first(W):
    """Say what a matrix lacks; None if it does what is asked."""
    W = W.astype(np.float64)
    radius, largest, power = spectral_radius(W), 0.0, np.eye(2)
    if radius > RADIUS + 1e-4:  # eigenvalues of a matrix far from normal are computed to few digits
        return f"{TOO_LARGE} (here it is {radius:.4f})"
    if np.allclose(W @ W.T, W.T @ W, rtol=0, atol=1e-9 * np.sum(W**2)):
        return NORMAL
    for _ in range(100):
        power = power @ W
        largest = max(largest, np.linalg.norm(power, 2))
    if largest <= 1:
        return NO_GROWTH
    return None if largest > STRETCH else f"{TOO_LITTLE} (here it is {largest:.1f}-fold)"


GROWS_THEN_DIES = Exercise(
    name="grows_then_dies",
    chapter="04",
    solution=grows_then_dies,
    cases=lambda rng: [()],
    axes={"": "2 2"},
    accepts=stretches_first,
    verified="a spectral radius of at most 0.5, and a power that stretches some vector more than a hundredfold",
    mistakes={
        TOO_LARGE: lambda: np.array([[0.9, 200.0], [0.0, 0.9]]),
        NORMAL: lambda: 0.5 * np.array([[0.0, 1.0], [1.0, 0.0]]),
        NO_GROWTH: lambda: np.array([[0.5, 0.3], [0.0, 0.5]]),
        TOO_LITTLE: lambda: np.array([[0.5, 5.0], [0.0, 0.5]]),
    },
)
