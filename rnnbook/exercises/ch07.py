"""Chapter 07's exercises: the size of a stack, both ways and back, a mask that keeps, dropout and what it leaves."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise


def count_stack(D, sizes):
    """Numbers that a stack of RNN layers learns, without a readout."""
    return stacked(D, sizes)


def stacked(D, sizes, recurrent=1, bias=1, grows=True):
    """The sum over the layers, with or without some of their parts; `grows` hands each size on to the next layer."""
    total = 0
    for H in map(int, sizes):
        total += D * H + recurrent * H * H + bias * H
        D = H if grows else D
    return total


def count_cases(rng):
    """Stacks of one to five layers, of equal and of unequal sizes."""
    drawn = [(int(rng.integers(2, 60)), rng.integers(2, 90, size=n)) for n in (2, 3, 4, 5)]
    return [(3, np.array([4, 5])), (2, np.array([7])), (1, np.array([1])), (3, np.array([4, 4, 4])), *drawn]


COUNT_STACK = Exercise(
    name="count_stack",
    chapter="07",
    solution=count_stack,
    cases=count_cases,
    axes={"sizes": "L"},
    counted="stacks",
    tolerance=0.0,
    mistakes={
        "every layer reads D features: a layer above the first reads the H of the one below": (
            lambda D, sizes: stacked(D, sizes, grows=False)
        ),
        "forgot the biases: every layer has H of them": lambda D, sizes: stacked(D, sizes, bias=0),
        "two biases a layer: that is PyTorch's count; here a layer has one": lambda D, sizes: stacked(D, sizes, bias=2),
        "forgot W_hh: every layer has H x H recurrent weights": lambda D, sizes: stacked(D, sizes, recurrent=0),
        "only the first layer: the sum goes over all of them": lambda D, sizes: stacked(D, sizes[:1]),
        "only the last layer: the sum goes over all of them": lambda D, sizes: stacked(
            int([D, *sizes][-2]), sizes[-1:]
        ),
        "all layers as one of as many units: a unit sees its own layer's state, and not that of every layer": (
            lambda D, sizes: stacked(D, [sizes.sum()])
        ),
    },
)


def both_last(h_there, h_back):
    """The last state of each way, side by side; both arrays are in the order of the steps."""
    return np.concatenate([h_there[-1], h_back[0]], axis=-1)


def joined(*parts):
    """States side by side."""
    return np.concatenate(parts, axis=-1)


def both_cases(rng):
    """States of both ways."""
    shapes = [(5, 3, 4), (1, 1, 1), (4, 2, 3), (6, 1, 5), (2, 4, 2)]
    return [(rng.normal(size=shape), rng.normal(size=shape)) for shape in shapes]


BOTH_LAST = Exercise(
    name="both_last",
    chapter="07",
    solution=both_last,
    cases=both_cases,
    axes={"h_there": "T N H", "h_back": "T N H", "": "N 2H"},
    mistakes={
        "both at index -1: there the backward way has read one step only; its last state stands at index 0": (
            lambda there, back: joined(there[-1], back[-1])
        ),
        "both at index 0: there the forward way has read one step only; its last state stands at index -1": (
            lambda there, back: joined(there[0], back[0])
        ),
        "the two ends exchanged: the forward way ends at index -1, the backward way at index 0": (
            lambda there, back: joined(there[0], back[-1])
        ),
        "the two halves exchanged: the forward half comes first": lambda there, back: joined(back[0], there[-1]),
        "the mean over the steps: the last state of each way is asked for": (
            lambda there, back: joined(there.mean(axis=0), back.mean(axis=0))
        ),
        "the forward way twice: the second half is the backward way's": lambda there, back: joined(there[-1], there[0]),
    },
)


def way_back(dh, W_xh, W_hh):
    """Back through one linear layer h_t = x_t W_xh + h_{t-1} W_hh: dL/dx, (T, N, D)."""
    dx, delta = np.zeros((*dh.shape[:2], len(W_xh))), 0.0
    for t in reversed(range(len(dh))):
        delta = dh[t] + delta @ W_hh.T if t < len(dh) - 1 else dh[t]
        dx[t] = delta @ W_xh.T
    return dx


def both_back(dh_there, dh_back, params):
    """Gradient dL/dx of a linear layer that reads from both ends; both gradients are in the order of the steps."""
    return two_ways(dh_there, dh_back, params)


def two_ways(there, back, params, turn=True, turn_back=True, ways=("there", "back"), share=1.0):
    """The sum over the ways, with or without what belongs to it."""
    there = way_back(there, params["there.W_xh"], params["there.W_hh"])
    back = way_back(back[::-1] if turn else back, params["back.W_xh"], params["back.W_hh"])
    back = back[::-1] if turn_back else back
    return share * sum(dx for name, dx in (("there", there), ("back", back)) if name in ways)


def wrong_ways(**changes):
    """The sum with something left out."""
    return lambda there, back, params: two_ways(there, back, params, **changes)


def both_back_cases(rng):
    """Gradients of both halves, and matrices that are not symmetric."""
    cases = []
    for T, N, D, H in ((4, 3, 2, 3), (1, 1, 1, 1), (5, 2, 3, 2), (3, 1, 4, 4), (6, 4, 2, 5)):
        shapes = {"there.W_xh": (D, H), "there.W_hh": (H, H), "back.W_xh": (D, H), "back.W_hh": (H, H)}
        params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        cases.append((rng.normal(size=(T, N, H)), rng.normal(size=(T, N, H)), params))
    return cases


BOTH_BACK = Exercise(
    name="both_back",
    chapter="07",
    solution=both_back,
    cases=both_back_cases,
    axes={"dh_there": "T N H", "dh_back": "T N H", "": "T N D"},
    tolerance=1e-10,
    mistakes={
        "not added: x went both ways, so the gradients of both ways add up; the backward way's is missing": (
            wrong_ways(ways=("there",))
        ),
        "not added: x went both ways, so the gradients of both ways add up; the forward way's is missing": (
            wrong_ways(ways=("back",))
        ),
        "not turned: the backward way ran over x[::-1], so dh_back is turned before its way back": wrong_ways(
            turn=False
        ),
        "not turned back: what the backward way gives belongs to x[::-1], and is turned before it is added": (
            wrong_ways(turn_back=False)
        ),
        "never turned: the backward way ran over x[::-1]; dh_back is turned before, and what it gives after": (
            wrong_ways(turn=False, turn_back=False)
        ),
        "the mean of both ways: where a value goes two ways its gradients add up": wrong_ways(share=0.5),
        "the two gradients exchanged: each goes back through its own way": lambda a, b, p: two_ways(b, a, p),
        "the forward way's matrices on both ways: each way has its own": (
            lambda a, b, p: two_ways(a, b, p | {f"back.{name}": p[f"there.{name}"] for name in ("W_xh", "W_hh")})
        ),
    },
)


def masked_step(h_new, h_old, real):
    """The state after a step that is padding for some sequences."""
    return np.where(real[:, None], h_new, h_old)


def masked_cases(rng):
    """Steps that are real for some sequences and padding for others, and one sequence at a real and a padded step."""
    cases = []
    for N, H in ((4, 3), (1, 1), (5, 2), (3, 6), (6, 4)):
        real = rng.permutation(np.arange(N) < (N + 1) // 2)
        cases.append((rng.uniform(-1, 1, size=(N, H)), rng.uniform(-1, 1, size=(N, H)), real))
    padded = rng.uniform(-1, 1, size=(1, 4)), rng.uniform(-1, 1, size=(1, 4)), np.array([False])
    return [*cases, padded]


def where_real(yes, no=lambda new, old: old):
    """A wrong step: something else at real steps, or at padded ones."""
    return lambda new, old, real: np.where(real[:, None], yes(new, old), no(new, old))


def new_state(new, old):
    """The new state, as at a real step."""
    return new


MASKED_STEP = Exercise(
    name="masked_step",
    chapter="07",
    solution=masked_step,
    cases=masked_cases,
    axes={"h_new": "N H", "h_old": "N H", "real": "N", "": "N H"},
    mistakes={
        "multiplied by zero: a mask keeps the state over padding, and does not clear it": (
            where_real(new_state, lambda new, old: np.zeros_like(old))
        ),
        "the other way round: a real step takes the new state, padding keeps the old one": (
            where_real(lambda new, old: old, new_state)
        ),
        "no mask at all: padding has overwritten the state": where_real(new_state, new_state),
        "the state is never new: at a real step it is h_new": where_real(lambda new, old: old),
        "the old state is added to the new one: at a real step it is h_new alone": where_real(
            lambda new, old: new + old
        ),
        "the mean of both at padding: there the old state stays as it is": (
            where_real(new_state, lambda new, old: (new + old) / 2)
        ),
        "only padding is looked after: a real step takes h_new": where_real(lambda new, old: np.zeros_like(new)),
    },
)


def recurrent_dropout(x, u, W_xh, W_hh, rate):
    """States of a tanh RNN with one mask for the sequence on h_{t-1}."""
    return dropped(x, u, W_xh, W_hh, rate)


def dropped(x, u, W_xh, W_hh, rate, scale=lambda p: 1 / (1 - p), fresh=False, on="state", keep_low=False):
    """The states, with the mask of another kind or in another place."""
    T, N, _ = x.shape
    h, states = np.zeros((N, len(W_hh))), []
    for t in range(T):
        draw = u[t] if fresh else u[0]
        m = ((draw < rate) if keep_low else (draw >= rate)) * scale(rate)
        seen = (m * h) @ W_hh if on == "state" else m * (h @ W_hh) if on == "product" else h @ W_hh
        a = x[t] @ W_xh + seen
        h = m * np.tanh(a) if on == "output" else np.tanh(m * a) if on == "all" else np.tanh(a)
        states.append(h)
    return np.stack(states)


def wrong_noise(**changes):
    """The states with something else."""
    return lambda x, u, W_xh, W_hh, rate: dropped(x, u, W_xh, W_hh, rate, **changes)


def noise_cases(rng):
    """Draws of which the first drops some units and keeps others, and the later ones drop others."""
    cases = []
    for (T, N, D, H), rate in zip(
        ((4, 3, 2, 4), (1, 1, 1, 1), (5, 2, 3, 3), (3, 4, 5, 5), (6, 2, 4, 2)), (0.3, 0.4, 0.7, 0.2, 0.6), strict=True
    ):
        u = rng.uniform(size=(T, N, H))
        u[0, :, 0] *= rate  # the first unit is dropped, the last kept, at the first draw; at the second the other way
        u[0, :, -1] = rate + (1 - rate) * u[0, :, -1]
        if T > 2:
            u[2, :, 0], u[2, :, -1] = rate + (1 - rate) * u[2, :, 0], rate * u[2, :, -1]
        weights = rng.normal(size=(D, H)), rng.normal(size=(H, H)) / np.sqrt(H)
        cases.append((rng.normal(size=(T, N, D)), u, *weights, rate))
    return cases


RECURRENT_DROPOUT = Exercise(
    name="recurrent_dropout",
    chapter="07",
    solution=recurrent_dropout,
    cases=noise_cases,
    axes={"x": "T N D", "u": "T N H", "W_xh": "D H", "W_hh": "H H", "": "T N H"},
    tolerance=1e-10,
    mistakes={
        "redrawn at each step: one mask serves the whole sequence, that of u[0]": wrong_noise(fresh=True),
        "scaling forgotten: what stays is divided by 1 - rate": wrong_noise(scale=lambda p: 1.0),
        "divided by the rate: what stays is divided by 1 - rate, the share that stays": wrong_noise(
            scale=lambda p: 1 / p
        ),
        "multiplied by 1 - rate: what stays is divided by it": wrong_noise(scale=lambda p: 1 - p),
        "the mask is on the output: h_t leaves the step whole, and W_hh alone sees it with the mask": (
            wrong_noise(on="output")
        ),
        "the mask is on the product: it multiplies h_{t-1} before W_hh, not h_{t-1} W_hh": wrong_noise(on="product"),
        "the mask is on the whole pre-activation: what comes from x_t has none": wrong_noise(on="all"),
        "what should be dropped is kept: a unit is dropped where u < rate": wrong_noise(keep_low=True),
    },
)


def what_is_left(p, T, k):
    """Mean and variance of h_T for h_t = m_t h_{t-1}, with a mask redrawn every k steps and scaled at each step."""
    return left(p, T, masks=-(-T // k))


def left(p, T, masks, scaled=None, moment="variance"):
    """Mean and variance of a bit that meets so many masks, and is divided by 1 - p so many times; T if not said."""
    q = 1 - p
    scaled = T if scaled is None else scaled
    mean, square = q ** (masks - scaled), q ** (masks - 2 * scaled)
    second = {"variance": square * (1 - q**masks), "square": square}
    second["deviation"] = np.sqrt(second["variance"])
    return np.array([mean, second[moment]])


def left_cases(rng):
    """Masks held for one step, for some, and for all; steps that they divide and steps that they do not."""
    drawn = [(float(rng.uniform(0.1, 0.4)), int(rng.integers(5, 20)), int(rng.integers(2, 5))) for _ in range(4)]
    return [(0.2, 10, 3), (0.5, 4, 1), (0.5, 4, 4), (0.3, 7, 2), (0.1, 1, 1), (0.25, 6, 20), *drawn]


WHAT_IS_LEFT = Exercise(
    name="what_is_left",
    chapter="07",
    solution=what_is_left,
    cases=left_cases,
    counted="triples of rate, steps and steps a mask",
    tolerance=1e-9,
    mistakes={
        "scaling forgotten: at every step what stays is divided by 1 - p": (
            lambda p, T, k: left(p, T, -(-T // k), scaled=0)
        ),
        "a fresh mask at each step: here a mask is held for k steps, and drawn T / k times, rounded up": (
            lambda p, T, k: left(p, T, T)
        ),
        "one mask for the sequence: here a mask is held for k steps, and drawn T / k times, rounded up": (
            lambda p, T, k: left(p, T, 1)
        ),
        "rounded down: the last mask counts as well where k does not divide T": (
            lambda p, T, k: left(p, T, max(1, T // k))
        ),
        "scaled once a mask: what stays is divided by 1 - p at each of the T steps": (
            lambda p, T, k: left(p, T, -(-T // k), scaled=-(-T // k))
        ),
        "the mean of the square: the variance is that minus the square of the mean": (
            lambda p, T, k: left(p, T, -(-T // k), moment="square")
        ),
        "the standard deviation: the variance is its square": lambda p, T, k: left(
            p, T, -(-T // k), moment="deviation"
        ),
        "p and 1 - p exchanged: p is the share that is dropped": lambda p, T, k: left(1 - p, T, -(-T // k)),
        "variance first: the mean comes first": lambda p, T, k: left(p, T, -(-T // k))[::-1].copy(),
    },
)


EXERCISES = (COUNT_STACK, BOTH_LAST, BOTH_BACK, MASKED_STEP, RECURRENT_DROPOUT, WHAT_IS_LEFT)
