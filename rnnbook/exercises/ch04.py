"""Chapter 04's exercises: the product of Jacobians, how fast it shrinks, and what clipping does."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import clip_by_value, spectral_radius


def steps_until(factor, limit):
    """Whole steps back until a gradient of 1 is below the limit."""
    return int(np.floor(np.log(limit) / np.log(factor))) + 1


def steps_cases(rng):
    """Factors and limits; those drawn keep away from where rounding decides, two meet the limit exactly."""
    cases = [(0.9, 1e-5), (0.99, 1e-3), (0.5, 0.25), (0.5, 0.5), (0.001, 0.3)]
    factors = rng.uniform(0.3, 0.97, size=4).tolist()
    return cases + [(f, f ** (n - u)) for f, n, u in zip(factors, (2, 7, 40, 300), (0.6, 0.3, 0.7, 0.4), strict=True)]


STEPS_UNTIL = Exercise(
    name="steps_until",
    chapter="04",
    solution=steps_until,
    cases=steps_cases,
    counted="pairs of factor and limit",
    tolerance=0.0,
    mistakes={
        "one step short: rounding down gives the last step at which the gradient is not yet below the limit": (
            lambda factor, limit: int(np.log(limit) / np.log(factor))
        ),
        "right but where the limit is met exactly: below means below, and 0.25 is not below 0.25": (
            lambda factor, limit: int(np.ceil(np.log(limit) / np.log(factor)))
        ),
        "rounded to the nearest step: where the gradient is not yet below the limit, one more is needed": (
            lambda factor, limit: round(np.log(limit) / np.log(factor))
        ),
        "one step too many: is the step counted before the limit is looked at?": (
            lambda factor, limit: steps_until(factor, limit) + 1
        ),
        "a natural logarithm over one to base 10: take both to the same base": (
            lambda factor, limit: int(np.floor(np.log(limit) / np.log10(factor))) + 1
        ),
        "a logarithm to base 10 over a natural one: take both to the same base": (
            lambda factor, limit: int(np.floor(np.log10(limit) / np.log(factor))) + 1
        ),
        "the quotient is upside down: how often does one step's logarithm go into that of the limit?": (
            lambda factor, limit: int(np.floor(np.log(factor) / np.log(limit))) + 1
        ),
        "the same amount is taken off at every step: a factor a step falls in a straight line on a log axis": (
            lambda factor, limit: int(np.floor((1 - limit) / (1 - factor))) + 1
        ),
    },
)


def jacobian(h, W_hh):
    """Matrix that takes dL/dh_t back by one step of a tanh RNN."""
    return (1 - h**2)[:, None] * W_hh.T


def jacobian_cases(rng):
    """States away from saturation, where 1 - h**2 loses digits, and square matrices that are not symmetric."""
    return [(rng.uniform(-0.95, 0.95, H), rng.normal(size=(H, H))) for H in (4, 3, 1, 2, 7, 12)]


JACOBIAN = Exercise(
    name="jacobian",
    chapter="04",
    solution=jacobian,
    cases=jacobian_cases,
    axes={"h": "H", "W_hh": "H H", "": "H H"},
    mistakes={
        "missing transpose: forward is h_{t-1} @ W_hh, so the way back goes through W_hh the other way round": (
            lambda h, W: (1 - h**2)[:, None] * W
        ),
        "slope on the wrong side: a row dL/dh_t meets the slopes before the weights; which axis do they scale?": (
            lambda h, W: W.T * (1 - h**2)
        ),
        "the transpose of what was asked: this takes columns back, as J @ dL/dh_t; the book's gradients are rows": (
            lambda h, W: W * (1 - h**2)
        ),
        "forgot tanh': the weights alone are the Jacobian of the linear network": lambda h, W: W.T,
        "tanh once too often: h is the state, after tanh already": lambda h, W: (1 - np.tanh(h) ** 2)[:, None] * W.T,
        "the slope of tanh is not 1 - h: at 0 and at 1 they agree, in between and below they do not": (
            lambda h, W: (1 - h)[:, None] * W.T
        ),
    },
)


def walk(dh_last, h, step):
    """Gradients by all states, first step first, by a function that goes one step back."""
    grads = [dh_last]
    for now, before in zip(h[:0:-1], h[-2::-1], strict=True):
        grads.append(step(grads[-1], now, before))
    return np.array(grads[::-1])


def norms(grads):
    """One norm a step, over all sequences and units."""
    return np.sqrt(np.sum(grads**2, axis=(1, 2)))


def grads_by_h(dh_last, h, W_hh):
    """Gradients by all states of a tanh RNN, for a loss at the end."""
    return walk(dh_last, h, lambda dh, now, before: (dh * (1 - now**2)) @ W_hh.T)


def backward_norms(dh_last, h, W_hh):
    """Norms of dL/dh_t at every step of a tanh RNN, for a loss at the end."""
    return norms(grads_by_h(dh_last, h, W_hh))


def norms_cases(rng):
    """Gradients, states and matrices: none orthogonal, which would hide a missing transpose from the norms."""
    shapes = [(5, 3, 4), (6, 1, 3), (4, 3, 2), (1, 2, 3), (3, 2, 1), (1, 1, 1), (12, 4, 7)]
    return [
        (rng.normal(size=(N, H)), np.tanh(rng.normal(size=(T, N, H))), rng.normal(size=(H, H)) / np.sqrt(H))
        for T, N, H in shapes
    ]


BACKWARD_NORMS = Exercise(
    name="backward_norms",
    chapter="04",
    solution=backward_norms,
    cases=norms_cases,
    axes={"dh_last": "N H", "h": "T N H", "W_hh": "H H", "": "T"},
    mistakes={
        "missing transpose: forward is h_{t-1} @ W_hh, so the way back goes through W_hh the other way round": (
            lambda dh, h, W: norms(walk(dh, h, lambda d, now, before: (d * (1 - now**2)) @ W))
        ),
        "reversed time order: entry 0 is step 1, the longest way back, and the norm of dh_last stands last": (
            lambda dh, h, W: backward_norms(dh, h, W)[::-1]
        ),
        "forgot tanh': every step back has the slopes 1 - h**2 besides the weights": (
            lambda dh, h, W: norms(walk(dh, h, lambda d, now, before: d @ W.T))
        ),
        "the slopes of the wrong step: from h_t to h_{t-1} they are those of the tanh that made h_t": (
            lambda dh, h, W: norms(walk(dh, h, lambda d, now, before: (d * (1 - before**2)) @ W.T))
        ),
        "slope on the wrong side of the product: the way back meets the slopes before the weights": (
            lambda dh, h, W: norms(walk(dh, h, lambda d, now, before: (d @ W.T) * (1 - now**2)))
        ),
        "one step too far: dh_last is the gradient by the last state itself, and its norm is the last entry": (
            lambda dh, h, W: norms((grads_by_h(dh, h, W) * (1 - h**2)) @ W.T)
        ),
        "the gradient before the tanh: take the norm of dL/dh_t before the slopes are applied": (
            lambda dh, h, W: norms(grads_by_h(dh, h, W) * (1 - h**2))
        ),
        "the squared norm: the square root is missing": lambda dh, h, W: backward_norms(dh, h, W) ** 2,
        "a mean over the sequences: the norm is that of all N x H entries of a step as one vector": (
            lambda dh, h, W: np.linalg.norm(grads_by_h(dh, h, W), axis=2).mean(axis=1)
        ),
    },
)


def factor_a_step(h, W_hh):
    """Factor that theory expects of one step back: tanh, and a number times an orthogonal matrix."""
    return float(spectral_radius(W_hh) * np.sqrt(np.mean((1 - h**2) ** 2)))


def factor_cases(rng):
    """States, and orthogonal matrices times a number on both sides of 1."""
    shapes = [(5, 3, 4), (6, 1, 3), (1, 4, 2), (3, 2, 1), (1, 1, 1), (20, 4, 9)]
    return [
        (np.tanh(rng.normal(size=(T, N, H))), rho * np.linalg.qr(rng.normal(size=(H, H)))[0])
        for (T, N, H), rho in zip(shapes, (0.9, 1.5, 0.7, 1.1, 1.3, 1.2), strict=True)
    ]


FACTOR_A_STEP = Exercise(
    name="factor_a_step",
    chapter="04",
    solution=factor_a_step,
    cases=factor_cases,
    axes={"h": "T N H", "W_hh": "H H"},
    mistakes={
        "the mean of the slopes: norms add squares, so it is their root mean square, which is larger": (
            lambda h, W: spectral_radius(W) * np.mean(1 - h**2)
        ),
        "forgot tanh': the spectral radius alone is the factor of the linear network": lambda h, W: spectral_radius(W),
        "the slopes alone: W_hh multiplies the gradient too, by rho": lambda h, W: np.sqrt(np.mean((1 - h**2) ** 2)),
        "the mean square: the square root is missing": lambda h, W: spectral_radius(W) * np.mean((1 - h**2) ** 2),
        "the root of the mean slope: the slopes are squared before the mean is taken": (
            lambda h, W: spectral_radius(W) * np.sqrt(np.mean(1 - h**2))
        ),
        "the root mean square of h: it is the slopes 1 - h**2 that multiply": (
            lambda h, W: spectral_radius(W) * np.sqrt(np.mean(h**2))
        ),
        "the norm of all entries of W_hh: it is rho times the square root of H": (
            lambda h, W: np.linalg.norm(W) * np.sqrt(np.mean((1 - h**2) ** 2))
        ),
        "the logarithm of the factor: the slope on the log axis, not the factor": (
            lambda h, W: np.log10(factor_a_step(h, W))
        ),
    },
)


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


EXERCISES = (STEPS_UNTIL, JACOBIAN, BACKWARD_NORMS, FACTOR_A_STEP, CLIP, GROWS_THEN_DIES)
