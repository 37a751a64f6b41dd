"""Chapter 02's exercises: one step, all steps, the numbers that are learned, the losses of a text."""

from __future__ import annotations

import itertools

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import RNN, readout, unroll


def step(x_t, h, W_xh, W_hh, b_h):
    """One step of a tanh network, from h_{t-1} to h_t."""
    return np.tanh(x_t @ W_xh + h @ W_hh + b_h)


def step_cases(rng):
    """Inputs, states and weights of many sizes; D and H are equal once, where a swapped product would fit."""
    sizes = [(3, 5, 4), (2, 4, 3), (1, 3, 2), (4, 1, 1), (5, 2, 6), (2, 3, 3)]
    return [(*_drawn(rng, (N, D), (N, H)), *_weights(rng, D, H)) for N, D, H in sizes]


def _drawn(rng, *shapes):
    return [rng.normal(size=shape) for shape in shapes]


def _weights(rng, D, H):
    return rng.normal(size=(D, H)) / np.sqrt(D), rng.normal(size=(H, H)) / np.sqrt(H), rng.normal(size=H)


STEP = Exercise(
    name="step",
    chapter="02",
    solution=step,
    cases=step_cases,
    axes={"x_t": "N D", "h": "N H", "W_xh": "D H", "W_hh": "H H", "b_h": "H", "": "N H"},
    mistakes={
        "no state: this is a feedforward layer; what came before enters through h and W_hh": (
            lambda x, h, U, W, b: np.tanh(x @ U + b)
        ),
        "no input: only the old state enters": lambda x, h, U, W, b: np.tanh(h @ W + b),
        "forgot tanh: the sum is what goes into it": lambda x, h, U, W, b: x @ U + h @ W + b,
        "the bias is missing": lambda x, h, U, W, b: np.tanh(x @ U + h @ W),
        "W_hh transposed: in rows it is h @ W_hh; the transpose belongs to columns": (
            lambda x, h, U, W, b: np.tanh(x @ U + h @ W.T + b)
        ),
        "tanh too early: the three terms are added first, and one tanh is taken of the sum": (
            lambda x, h, U, W, b: np.tanh(x @ U) + np.tanh(h @ W) + b
        ),
        "the old state is added once more: h_t replaces h_{t-1}, and W_hh says what is kept of it": (
            lambda x, h, U, W, b: h + np.tanh(x @ U + h @ W + b)
        ),
    },
)


def all_states(x, W_xh, W_hh, b_h):
    """Hidden states of every step of a tanh network that starts at zero."""
    return _walk(x, W_xh, W_hh, b_h)


def _walk(x, W_xh, W_hh, b_h, carry=True, first=0.0):
    """States (T, N, H) from a first state; without carry every step starts from it."""
    start = np.full((x.shape[1], len(W_hh)), first)
    h, found = start, []
    for x_t in x:
        h = step(x_t, h if carry else start, W_xh, W_hh, b_h)
        found.append(h)
    return np.array(found)


def states_cases(rng):
    """Sequences of many sizes; the first two are general."""
    sizes = [(5, 3, 2, 4), (4, 2, 5, 3), (6, 1, 3, 2), (3, 4, 4, 5), (1, 2, 1, 1), (12, 5, 6, 7)]
    return [(rng.normal(size=(T, N, D)), *_weights(rng, D, H)) for T, N, D, H in sizes]


ALL_STATES = Exercise(
    name="all_states",
    chapter="02",
    solution=all_states,
    cases=states_cases,
    axes={"x": "T N D", "W_xh": "D H", "W_hh": "H H", "b_h": "H", "": "T N H"},
    mistakes={
        "the state is not carried: every step starts from zero; h of this step is the old state of the next one": (
            lambda x, U, W, b: _walk(x, U, W, b, carry=False)
        ),
        "the last state at every step: keep a new array for each step, and leave it alone afterwards": (
            lambda x, U, W, b: np.array([_walk(x, U, W, b)[-1]] * len(x))
        ),
        "one step late: entry 0 is h_1, the state after the first input; h_0 = 0 is not among them": (
            lambda x, U, W, b: np.concatenate([np.zeros_like(x[:1, :, :1] @ U[:1]), _walk(x, U, W, b)[:-1]])
        ),
        "the sequence is read backwards: step 1 comes first": lambda x, U, W, b: _walk(x[::-1], U, W, b)[::-1],
        "the last state stands first: states stay in the order of time": lambda x, U, W, b: _walk(x, U, W, b)[::-1],
        "it starts at one: the initial state is zero": lambda x, U, W, b: _walk(x, U, W, b, first=1.0),
        "W_hh transposed: in rows it is h @ W_hh; the transpose belongs to columns": (
            lambda x, U, W, b: _walk(x, U, W.T, b)
        ),
        "the bias is missing": lambda x, U, W, b: _walk(x, U, W, 0 * b),
    },
)


def learned_numbers(G, D, H, V):
    """Numbers that a cell with G gate blocks and a readout to V outputs learn."""
    return G * H * (D + H + 1) + V * (H + 1)


LEARNED_NUMBERS = Exercise(
    name="learned_numbers",
    chapter="02",
    solution=learned_numbers,
    cases=lambda rng: [(1, 4, 8, 4), (4, 3, 5, 2), (3, 7, 2, 9), (1, 1, 1, 1), (4, 65, 128, 65)],
    counted="sets of sizes",
    tolerance=0.0,
    mistakes={
        "the readout is missing: W_hy and b_y are learned too": lambda G, D, H, V: G * H * (D + H + 1),
        "the biases are missing: b_h and b_y": lambda G, D, H, V: G * H * (D + H) + V * H,
        "b_y is missing: one number for each output": lambda G, D, H, V: G * H * (D + H + 1) + V * H,
        "b_h is missing: one number for each unit of each block": lambda G, D, H, V: G * H * (D + H) + V * (H + 1),
        "one block alone: W_xh, W_hh and b_h hold G of them side by side": (
            lambda G, D, H, V: H * (D + H + 1) + V * (H + 1)
        ),
        "the readout has no gates: G multiplies the cell's arrays alone": (
            lambda G, D, H, V: G * (H * (D + H + 1) + V * (H + 1))
        ),
        "W_hh is missing: it has H rows for each of the G * H columns": lambda G, D, H, V: (
            G * H * (D + 1) + V * (H + 1)
        ),
    },
)


def sum_of_losses(logits, targets):
    """Cross-entropy in nats of one sequence, added up over its steps."""
    return float(-np.sum(_log_p(logits)[np.arange(len(targets)), targets]))


def _log_p(logits, axis=1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def losses_cases(rng):
    """Logits and classes; the first step's logits are so large that their exponentials overflow."""
    sizes = [(5, 4), (4, 6), (7, 3), (1, 5), (2, 2), (12, 27), (3, 1)]
    drawn = [(2 * rng.normal(size=(T, V)), rng.integers(V, size=T)) for T, V in sizes]
    return [(logits + 800.0 * (np.arange(len(logits)) == 0)[:, None], targets) for logits, targets in drawn]


def _naive(logits, targets):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(targets)), targets]).sum()


SUM_OF_LOSSES = Exercise(
    name="sum_of_losses",
    chapter="02",
    solution=sum_of_losses,
    cases=losses_cases,
    axes={"logits": "T V", "targets": "T"},
    mistakes={
        "the mean: here the steps' losses are added": lambda y, k: sum_of_losses(y, k) / len(k),
        "the sign: minus the logarithm of a probability is never negative": lambda y, k: -sum_of_losses(y, k),
        "a logarithm to base 2: in nats it is the natural one": lambda y, k: sum_of_losses(y, k) / np.log(2),
        "minus the logits: a probability comes from the softmax, which divides by the sum over all letters": (
            lambda y, k: -np.sum(y[np.arange(len(k)), k])
        ),
        "softmax over the steps: it is the letters of one step that compete": (
            lambda y, k: -np.sum(_log_p(y, axis=0)[np.arange(len(k)), k])
        ),
        "the probabilities themselves: the loss is minus their logarithm": (
            lambda y, k: -np.sum(np.exp(_log_p(y))[np.arange(len(k)), k])
        ),
        "overflow: exp of a logit above 709 is infinite; take the largest logit of a step off first": _naive,
        "every letter counts: only the probability of the letter that came is looked at": (
            lambda y, k: -np.sum(_log_p(y))
        ),
    },
)


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


EXERCISES = (STEP, ALL_STATES, LEARNED_NUMBERS, SUM_OF_LOSSES, LAST_STATES, PARITY)
