"""Chapter 04's exercises: the product of Jacobians, how fast it shrinks, and how far it can stretch."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import spectral_radius


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


def stretch_bound(h, W_hh):
    """Bounds on how far any gradient by the last state can be stretched back to each step of a tanh RNN."""
    return bounds(h, np.linalg.norm(W_hh, 2), lambda slopes: slopes.max(axis=(1, 2)))


def bounds(h, sigma, steepest):
    """Products of sigma and one slope a step, from the last step to each; 1 at the last."""
    back = sigma * steepest(1 - h**2)[:0:-1]  # from the last step to step 2, whose tanh are met on the way
    return np.concatenate([[1.0], np.cumprod(back)])[::-1]


def bound_cases(rng):
    """States, and matrices whose spectral radius is not their largest singular value, on both sides of 1."""
    shapes = [(5, 3, 4), (6, 1, 3), (1, 4, 2), (3, 2, 1), (1, 1, 1), (12, 4, 7)]
    return [
        (np.tanh(rng.normal(size=(T, N, H))), gain * rng.normal(size=(H, H)) / np.sqrt(H))
        for (T, N, H), gain in zip(shapes, (0.9, 1.5, 0.7, 1.1, 1.3, 0.6), strict=True)
    ]


def by_slopes(steepest):
    """A wrong bound: another slope stands for each step."""
    return lambda h, W: bounds(h, np.linalg.norm(W, 2), steepest)


STRETCH_BOUND = Exercise(
    name="stretch_bound",
    chapter="04",
    solution=stretch_bound,
    cases=bound_cases,
    axes={"h": "T N H", "W_hh": "H H", "": "T"},
    mistakes={
        "the spectral radius bounds no single step: which number says how far W_hh can stretch a row?": (
            lambda h, W: bounds(h, spectral_radius(W), lambda slopes: slopes.max(axis=(1, 2)))
        ),
        "the norm of all entries of W_hh: this holds too, and is far looser than the largest singular value": (
            lambda h, W: bounds(h, np.linalg.norm(W), lambda slopes: slopes.max(axis=(1, 2)))
        ),
        "forgot tanh': with 1 for every slope this holds too, and forgets what the states say": (
            by_slopes(lambda slopes: np.ones(len(slopes)))
        ),
        "the mean of the slopes: a gradient may lie on the units with the steepest ones": (
            by_slopes(lambda slopes: slopes.mean(axis=(1, 2)))
        ),
        "the root mean square of the slopes: what theory expects, and no bound (exercise 4)": (
            by_slopes(lambda slopes: np.sqrt(np.mean(slopes**2, axis=(1, 2))))
        ),
        "the flattest slope: the bound is for the unit whose gradient shrinks least": (
            by_slopes(lambda slopes: slopes.min(axis=(1, 2)))
        ),
        "one slope for all steps: this holds too, and is looser than each step's own": (
            by_slopes(lambda slopes: np.full(len(slopes), slopes.max()))
        ),
        "the slopes of the wrong step: from h_t to h_{t-1} they are those of the tanh that made h_t": (
            by_slopes(lambda slopes: np.roll(slopes.max(axis=(1, 2)), 1))
        ),
        "reversed time order: entry 0 is step 1, the longest way back, and 1 stands last": (
            lambda h, W: stretch_bound(h, W)[::-1]
        ),
        "one step too far: the gradient by the last state is not stretched at all, and its entry is 1": (
            lambda h, W: np.linalg.norm(W, 2) * np.max(1 - h[0] ** 2) * stretch_bound(h, W)
        ),
        "one step's factor in each entry: the factors of all steps between multiply": (
            lambda h, W: np.append(np.linalg.norm(W, 2) * np.max(1 - h[1:] ** 2, axis=(1, 2)), 1.0)
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


EXERCISES = (STEPS_UNTIL, JACOBIAN, BACKWARD_NORMS, FACTOR_A_STEP, STRETCH_BOUND, GROWS_THEN_DIES)
