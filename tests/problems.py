"""Random problems for the engine: a cell, parameters, a sequence, and the gradients that arrive."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import strategies as st

from rnnbook.nn import GRU, LSTM, RNN, bptt, unroll

ALL_CELLS = (RNN("tanh"), RNN("relu"), RNN("sigmoid"), RNN("identity"), LSTM(), GRU("after"), GRU("before"))
DTYPES = (np.float32, np.float64)

cells = pytest.mark.parametrize("cell", ALL_CELLS, ids=str)
dtypes = pytest.mark.parametrize("dtype", DTYPES, ids=["float32", "float64"])
_sizes = st.integers(1, 3), st.integers(1, 3), st.integers(1, 4)  # N, D, H
shapes = st.tuples(st.integers(1, 10), *_sizes)
short_shapes = st.tuples(st.integers(1, 6), *_sizes)  # for central differences
seeds = st.integers(0, 2**32 - 1)


class Problem(NamedTuple):
    cell: object
    params: dict
    x: np.ndarray  # (T, N, D)
    state: tuple  # S arrays (N, H)
    dh: np.ndarray  # (T, N, H)
    dstate: tuple  # S arrays (N, H)

    def unroll(self):
        return unroll(self.cell, self.params, self.x, self.state)

    def bptt(self, tape=None, **options):
        tape = self.unroll()[2] if tape is None else tape
        return bptt(self.cell, self.params, tape, self.dh, self.dstate, **options)

    def loss(self):
        """The loss whose gradients by the hidden states and by the last state are dh and dstate."""
        h, state, _ = self.unroll()
        return float((h * self.dh).sum() + sum((a * b).sum() for a, b in zip(state, self.dstate, strict=True)))


def make(cell, seed, T=6, N=3, D=2, H=4, dtype=np.float64):
    """A problem in which everything is drawn at random; ReLU stays away from its kink.

    The numbers are bounded, since central differences lose their digits where units saturate, and where the
    loss bends sharply: a single unit with a weight near 1 and many steps is the worst.
    """
    rng = np.random.default_rng(seed)
    problem = _draw(cell, rng, T, N, D, H, dtype)
    while cell == RNN("relu") and np.abs(problem.unroll()[2].gates).min() < 1e-3:
        problem = _draw(cell, rng, T, N, D, H, dtype)
    return problem


def _draw(cell, rng, T, N, D, H, dtype):
    def uniform(*shape, bound=1.2):
        return rng.uniform(-bound, bound, size=shape).astype(dtype)

    G, S = cell.gates, cell.states
    params = {
        "W_xh": uniform(D, G * H, bound=1.2 / D**0.5),
        "W_hh": uniform(H, G * H, bound=1.2 / H**0.5),
        "b_h": uniform(G * H, bound=0.5),
    }
    if "b_hn" in cell.keys:
        params["b_hn"] = uniform(H, bound=0.5)
    state, dstate = (tuple(uniform(N, H) for _ in range(S)) for _ in range(2))
    return Problem(cell, params, uniform(T, N, D), state, uniform(T, N, H), dstate)


def flat(back):
    """All gradients of a backward pass as one long vector: parameters, x, initial state."""
    arrays = [*(back.params[key] for key in sorted(back.params)), back.x, *back.state]
    return np.concatenate([np.ravel(array) for array in arrays])


def relative(ours, theirs):
    """Norm of the difference over the norm of what is expected; a dead ReLU network has to be met exactly."""
    difference, size = np.linalg.norm(np.asarray(ours) - theirs), np.linalg.norm(theirs)
    return float(difference / size) if size else float(difference)


def arrays_of(tape):
    """The four arrays of a tape."""
    return tape.x, tape.gates, tape.states, tape.aux
