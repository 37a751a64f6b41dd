"""Chapter 02's last two exercises: sequences of different lengths, and a state that counts modulo 2."""

from __future__ import annotations

import itertools

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import RNN, readout, unroll


def last_states(h, lengths):
    """The state of each sequence after its own last step."""
    return h[lengths - 1, np.arange(len(lengths))]


def lengths_cases(rng):
    """States and lengths from 1 to T; in the general cases no length is T, so that no shift goes unseen."""
    sizes = [(6, 4, 3), (5, 3, 4), (9, 5, 2), (4, 2, 1), (1, 1, 5), (12, 7, 6)]
    return [(rng.normal(size=(T, N, H)), _lengths(rng, T, N)) for T, N, H in sizes]


def _lengths(rng, T, N):
    lengths = rng.integers(2, max(3, T), size=N)
    lengths[: min(N, 2)] = (1, max(1, T - 1))[: min(N, 2)]
    return np.minimum(lengths, T)


LAST_STATES = Exercise(
    name="last_states",
    chapter="02",
    solution=last_states,
    cases=lengths_cases,
    axes={"h": "T N H", "lengths": "N", "": "N H"},
    mistakes={
        "the last step of all: behind the end of a shorter sequence it holds what the filling made of the state": (
            lambda h, lengths: h[-1]
        ),
        "one step too far: a sequence of n steps ends at index n - 1": (
            lambda h, lengths: h[np.minimum(lengths, len(h) - 1), np.arange(len(lengths))]
        ),
        "the first states: the sequence has only begun": lambda h, lengths: h[0],
        "counted from the end: lengths count from the first step": (
            lambda h, lengths: h[len(h) - lengths, np.arange(len(lengths))]
        ),
        "a mean over the steps: asked is the one state after the last step": (
            lambda h, lengths: np.array([h[:n, k].mean(axis=0) for k, n in enumerate(lengths)])
        ),
        "the longest length for all: each sequence has its own": lambda h, lengths: h[max(lengths) - 1],
    },
)

LONGEST, NEAR = 10, 0.005  # bits; how close to 0 or 1 the output has to be
NO_STATE = "the answer depends on the current bit alone: W_hh decides what is known of the earlier ones"
STUCK = "the answer never changes: no bit reaches the output"
FORGETS = "right for a while, then wrong: the state drifts; larger weights push tanh to its flat ends"
UPSIDE_DOWN = "yes and no are exchanged: y is 1 where the number of ones is odd, and 0 where it is even"
NOT_NEAR = (
    f"on the right side of a half, and not within {NEAR} of 0 or 1: larger weights push tanh to its flat ends, "
    "and W_hy and b_y set the scale of y"
)


def _network(scale):
    """Unit 1: at least one of input and old parity; unit 2: both. Odd is one and not both."""
    return {
        "W_xh": scale * np.array([[1.0, 1.0]]),
        "W_hh": scale * np.array([[0.5, 0.5], [-0.5, -0.5]]),
        "b_h": scale * np.array([-0.5, -1.5]),
        "W_hy": np.array([[0.5], [-0.5]]),
        "b_y": np.array([0.0]),
    }


def parity():
    """Weights of a tanh network with two units that says whether the number of ones so far is odd."""
    return _network(scale=10.0)


def says_parity(params):
    """Say what a network lacks; None if it says the parity of every sequence of ten bits, at every step."""
    params = {key: np.asarray(value, np.float64) for key, value in params.items()}
    bits = np.array(list(itertools.product((0.0, 1.0), repeat=LONGEST))).T[:, :, None]
    y, odd = readout(params, unroll(RNN(), params, bits)[0])[..., 0], bits[..., 0].cumsum(axis=0) % 2
    said = y > 0.5
    if (said == odd).all():
        return None if np.abs(y - odd).max() < NEAR else NOT_NEAR
    if (said == said[0, 0]).all():
        return STUCK
    if (said != odd).all():
        return UPSIDE_DOWN
    if len(set(said[bits[..., 0] == 0])) == len(set(said[bits[..., 0] == 1])) == 1:
        return NO_STATE
    wrong = 1 + int(np.argmin((said == odd).all(axis=1)))
    return f"{FORGETS} (here some sequence is wrong at bit {wrong})"


PARITY = Exercise(
    name="parity",
    chapter="02",
    solution=parity,
    cases=lambda rng: [()],
    accepts=says_parity,
    verified=f"all {2**LONGEST:,} sequences of {LONGEST} bits, at every step, to {NEAR}",
    mistakes={
        NO_STATE: lambda: _network(10.0) | {"W_hh": np.zeros((2, 2))},
        STUCK: lambda: _network(10.0) | {"W_hy": np.zeros((2, 1))},
        FORGETS: lambda: _network(scale=2.0),
        UPSIDE_DOWN: lambda: _network(10.0) | {"W_hy": np.array([[-0.5], [0.5]]), "b_y": np.array([1.0])},
        NOT_NEAR: lambda: _network(10.0) | {"W_hy": np.array([[0.45], [-0.45]])},
    },
)
