"""Random problems for the engine: a cell, parameters, a sequence, and the gradients that arrive."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import strategies as st

from rnnbook.lab.tasks import Corpus, Reviews
from rnnbook.nn import GRU, LSTM, RNN, Both, Mean, Residual, Stack, Tape, bptt, unroll

ALL_CELLS = (RNN("tanh"), RNN("relu"), RNN("sigmoid"), RNN("identity"), LSTM(), GRU("after"), GRU("before"))
DTYPES = (np.float32, np.float64)

cells = pytest.mark.parametrize("cell", ALL_CELLS, ids=str)
# One of each recursion, where a law is of what stands around a cell: an activation of RNN is the cell's own affair.
recursions = pytest.mark.parametrize("cell", [RNN("tanh"), LSTM(), GRU("after"), GRU("before")], ids=str)
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


class Layered(NamedTuple):
    """A problem for a layer; with a seed something is dropped, the same at every forward."""

    layer: object
    params: dict
    x: np.ndarray  # (T, N, D), or tokens (T, N)
    state: tuple  # nested, as dstate
    dy: np.ndarray  # (T, N, width)
    dstate: tuple
    mask: np.ndarray | None = None  # (T, N)
    seed: int | None = None

    def forward(self, workspace=None):
        rng = None if self.seed is None else np.random.default_rng(self.seed)
        return self.layer.forward(self.params, self.x, self.state, self.mask, rng, workspace)

    def backward(self, tape=None, **options):
        tape = self.forward()[2] if tape is None else tape
        return self.layer.backward(self.params, tape, self.dy, self.dstate, **options)

    def loss(self):
        """The loss whose gradients by the outputs and by the last state are dy and dstate; None counts as zeros."""
        y, state, _ = self.forward()
        direct = 0.0 if self.dy is None else (y * self.dy).sum()
        return float(direct + (0.0 if self.dstate is None else dot(state, self.dstate)))


def make_layered(layer, seed, T=5, N=3, D=2, V=None, mask=None, dropped=False, dtype=np.float64):
    """A problem for a layer, all of it drawn at random; tokens below V if V is given. ReLU stays off its kink."""
    rng = np.random.default_rng(seed)

    def uniform(like, bound=1.0):
        return rng.uniform(-bound, bound, size=like.shape).astype(dtype)

    for _ in range(1000):
        params = {name: uniform(p, bound=1.2 / len(p) ** 0.5) for name, p in layer.init(V or D, rng).items()}
        x = rng.integers(V, size=(T, N)) if V else uniform(np.empty((T, N, D)))
        y, state, _ = layer.forward(params, x, None, mask)
        state, dstate = (each(uniform, state) for _ in range(2))
        state = counting(layer, state)
        problem = Layered(layer, params, x, state, uniform(y), dstate, mask, seed if dropped else None)
        bends = [tape.gates for tape in tapes_in(problem.forward()[2]) if tape.cell == RNN("relu")]
        if all(np.abs(a).min() > 1e-3 for a in bends):
            break
    return problem


def counting(layer, state):
    """The same state, but that every `Mean` has counted from 1 to 2 steps, and not less than none."""
    if isinstance(layer, Mean):
        return (np.concatenate([state[0][:, :-1], 1 + np.abs(state[0][:, -1:])], axis=1),)
    if isinstance(layer, Stack):
        return tuple(map(counting, layer.layers, state))
    if isinstance(layer, Both):
        return tuple(counting(layer.layer, way) for way in state)
    return counting(layer.layer, state) if isinstance(layer, Residual) else state


def each(function, *nests):
    """The nest of tuples that has `function` of the arrays at every place."""
    if isinstance(nests[0], tuple):
        return tuple(each(function, *parts) for parts in zip(*nests, strict=True))
    return function(*nests)


def leaves(nest):
    """The arrays in nested tuples, lists and dicts, in order."""
    if nest is None:
        return []
    if isinstance(nest, dict):
        nest = [nest[key] for key in sorted(nest)]
    return [leaf for part in nest for leaf in leaves(part)] if isinstance(nest, tuple | list) else [nest]


def bits(*nests):
    """Every array to the last bit, so that -0.0 is not 0.0."""
    return [(array.shape, array.dtype, array.tobytes()) for array in leaves(nests)]


def dot(nest, other):
    return sum((a * b).sum() for a, b in zip(leaves(nest), leaves(other), strict=True))


def tapes_in(tape):
    """What `unroll` recorded, wherever it stands in the tape of a composition."""
    if isinstance(tape, Tape):
        return [tape]
    return [inner for part in tape for inner in tapes_in(part)] if isinstance(tape, tuple) else []


def masked(kind, T, N, seed=0):
    """A mask of real steps (T, N) in which the last sequence is whole; None for "none"."""
    mask, padding = np.ones((T, N), bool), np.arange(T)[:, None] >= T - np.arange(N)[::-1] % T
    if kind == "hole":
        mask[1 : T - 1, : N - 1] = False
    elif kind == "random":
        mask = np.random.default_rng(seed).random((T, N)) < 0.5
        mask[0], mask[:, -1] = mask[0] | ~mask.any(axis=0), True
    elif kind in ("right", "left"):
        mask = ~padding if kind == "right" else ~padding[::-1]
    return None if kind == "none" else mask


def slopes(loss, arrays, grads, eps=1e-5, seed=0):
    """Along a random direction in each array: the loss's central difference, and what its gradient says.

    Both are divided by the norm of all gradients. The arrays are changed on the way and put back.
    """
    rng, pairs = np.random.default_rng(seed), []
    size = np.linalg.norm([np.linalg.norm(grad) for grad in grads]) or 1.0
    for array, grad in zip(arrays, grads, strict=True):
        assert grad.shape == array.shape
        way, here = rng.normal(size=array.shape), array.copy()
        way /= np.linalg.norm(way)
        array[...] = here + eps * way
        above = loss()
        array[...] = here - eps * way
        below = loss()
        array[...] = here
        pairs.append(((above - below) / (2 * eps) / size, (grad * way).sum() / size))
    return np.array(pairs).T


def small_reviews(train=40):
    """Reviews that are drawn words: so many to train on, and half as many to validate and to test."""
    rng = np.random.default_rng(0)
    words = ["good", "fine", "nice", "bad", "dull", "poor", "film", "the", "was", "it"]
    texts = tuple(" ".join(rng.choice(words, size=rng.integers(1, 9))) for _ in range(2 * train))
    labels = np.array(["good" in text.split() for text in texts], int)
    splits = np.split(np.arange(2 * train), [train, train + train // 2])
    return Reviews(Corpus(texts, labels, dict(zip(("train", "validation", "test"), splits, strict=True))))
