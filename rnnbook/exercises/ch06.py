"""Chapter 06's exercises: a step of a GRU forward and back, its conventions, its memory, its size."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise
from rnnbook.nn import sigmoid


def mix(z, n, h_old):
    """New state of a GRU, in the book's convention."""
    return (1 - z) * n + z * h_old


def mix_cases(rng):
    """Gates from 0 to 1, candidates and states from -1 to 1."""
    shapes = [(3, 4), (1, 1), (5, 2), (2, 7)]
    return [(rng.uniform(size=s), rng.uniform(-1, 1, s), rng.uniform(-1, 1, s)) for s in shapes]


MIX = Exercise(
    name="mix",
    chapter="06",
    solution=mix,
    cases=mix_cases,
    axes={"z": "N H", "n": "N H", "h_old": "N H", "": "N H"},
    mistakes={
        "z points the other way: in this book z = 1 keeps the old state, as in PyTorch; yours is Chung et al.'s": (
            lambda z, n, h: z * n + (1 - z) * h
        ),
        "the old state is kept, and the whole candidate is added: it has a weight of 1 - z": lambda z, n, h: n + z * h,
        "the candidate is weighted, and the whole old state is kept: it has a weight of z": (
            lambda z, n, h: (1 - z) * n + h
        ),
        "both weighted by z: the two weights add up to 1": lambda z, n, h: z * n + z * h,
        "a tanh too many: n is a tanh already, and a mean of two numbers in [-1, 1] stays there": (
            lambda z, n, h: np.tanh(mix(z, n, h))
        ),
    },
)


def parts(x, h, params, order="rzn"):
    """Gates, and what the candidate is made of; `order` is that of the blocks."""
    H = h.shape[1]
    ax, ah = x @ params["W_xh"] + params["b_h"], h @ params["W_hh"]
    at = {letter: slice(k * H, (k + 1) * H) for k, letter in enumerate(order)}
    r, z = (sigmoid(ax[:, at[k]] + ah[:, at[k]]) for k in "rz")
    return r, z, ax[:, at["n"]], ah[:, at["n"]], params["b_hn"]


def gru_step(x, h, params):
    """One step of a GRU, reset after the product."""
    r, z, xn, hn, b = parts(x, h, params)
    return mix(z, np.tanh(xn + r * (hn + b)), h)


def step_with(candidate, blend=mix, order="rzn"):
    """A wrong step: another candidate, another mixture, or another order of blocks."""

    def step(x, h, params):
        r, z, xn, hn, b = parts(x, h, params, order)
        return blend(z, candidate(r, xn, hn, b), h)

    return step


def reset_before(x, h, params):
    """The step of Cho et al. (2014), with both biases outside."""
    r, z, xn, _, b = parts(x, h, params)
    return mix(z, np.tanh(xn + (r * h) @ params["W_hh"][:, -h.shape[1] :] + b), h)


def after(r, xn, hn, b):
    """The candidate of this book."""
    return np.tanh(xn + r * (hn + b))


def step_cases(rng):
    """Weights of general size, all biases other than zero."""
    shapes = [(3, 2, 4), (1, 1, 1), (2, 5, 3), (4, 3, 2), (5, 4, 6)]  # N, D, H
    return [
        (
            rng.normal(size=(N, D)),
            rng.uniform(-1, 1, size=(N, H)),
            {
                "W_xh": rng.normal(size=(D, 3 * H)),
                "W_hh": rng.normal(size=(H, 3 * H)),
                "b_h": rng.normal(size=3 * H),
                "b_hn": rng.normal(size=H),
            },
        )
        for N, D, H in shapes
    ]


GRU_STEP = Exercise(
    name="gru_step",
    chapter="06",
    solution=gru_step,
    cases=step_cases,
    axes={"x": "N D", "h": "N H", "": "N H"},
    mistakes={
        "z points the other way: z = 1 keeps the old state": step_with(after, lambda z, n, h: z * n + (1 - z) * h),
        "reset before the product: r multiplies h W_hn + b_hn, not h": reset_before,
        "Keras' order of blocks: here r is the first, z the second, n the third": step_with(after, order="zrn"),
        "b_hn stands outside: r multiplies h W_hn + b_hn, the bias too": (
            step_with(lambda r, xn, hn, b: np.tanh(xn + r * hn + b))
        ),
        "forgot b_hn: the recurrent part of n has a bias of its own": (
            step_with(lambda r, xn, hn, b: np.tanh(xn + r * hn))
        ),
        "forgot r: the candidate sees r * (h W_hn + b_hn)": step_with(lambda r, xn, hn, b: np.tanh(xn + hn + b)),
        "r multiplies the input too: only the recurrent part is reset": (
            step_with(lambda r, xn, hn, b: np.tanh(r * (xn + hn + b)))
        ),
        "a sigmoid for the candidate: gates are sigmoids, the candidate is a tanh": (
            step_with(lambda r, xn, hn, b: sigmoid(xn + r * (hn + b)))
        ),
    },
)


def to_chung(params):
    """The same network for a cell whose z = 1 takes the new state."""
    return {key: negated(value, 1) for key, value in params.items()}


def negated(array, *blocks):
    """An array with the named ones of its three blocks negated."""
    signs = np.repeat([-1.0 if k in blocks else 1.0 for k in range(3)], array.shape[-1] // 3)
    return array * signs


def chung_cases(rng):
    """Three arrays of general sizes."""
    return [
        (
            {
                "W_xh": rng.normal(size=(D, 3 * H)),
                "W_hh": rng.normal(size=(H, 3 * H)),
                "b_h": rng.normal(size=3 * H),
            },
        )
        for D, H in ((2, 3), (1, 1), (4, 2), (3, 5))
    ]


def only(*keys):
    """Negate z's block in some of the arrays."""
    return lambda params: {k: negated(v, 1) if k in keys else v.copy() for k, v in params.items()}


TO_CHUNG = Exercise(
    name="to_chung",
    chapter="06",
    solution=to_chung,
    cases=chung_cases,
    mistakes={
        "the block of r is negated: z is the second of r, z, n": lambda p: {k: negated(v, 0) for k, v in p.items()},
        "the block of n is negated: z is the second of r, z, n": lambda p: {k: negated(v, 2) for k, v in p.items()},
        "everything is negated: r and n are read alike by both": lambda p: {k: -v for k, v in p.items()},
        "forgot the bias: its block of z changes sign too": only("W_xh", "W_hh"),
        "forgot W_hh: the whole pre-activation of z changes sign": only("W_xh", "b_h"),
        "forgot W_xh: the whole pre-activation of z changes sign": only("W_hh", "b_h"),
        "1 minus the weights: it is 1 - sigmoid(a) that is wanted, and that is sigmoid(-a)": (
            lambda p: {k: np.where(negated(np.ones_like(v), 1) < 0, 1 - v, v) for k, v in p.items()}
        ),
        "nothing has changed: read as Chung et al. do, these weights are another network": (
            lambda p: {k: v.copy() for k, v in p.items()}
        ),
    },
)


def keep_bias(steps, share):
    """Bias of z at which a share of the state is left after so many steps, without input."""
    log_z = np.log(share) / steps
    return float(log_z - np.log(-np.expm1(log_z)))  # log(z / (1 - z)), also where z is near 1


def keep_cases(rng):
    """Steps and shares, short and long; none at which the bias is 0, where a relative error says nothing."""
    drawn = [(int(rng.integers(3, 300)), float(rng.uniform(0.05, 0.95))) for _ in range(4)]
    return [(20, 0.5), (1, 0.9), (100, 0.1), (5, 0.01), *drawn]


KEEP_BIAS = Exercise(
    name="keep_bias",
    chapter="06",
    solution=keep_bias,
    cases=keep_cases,
    counted="pairs of steps and share",
    tolerance=1e-9,
    mistakes={
        "the gate and not its bias: sigmoid(b) = z, and b is asked for": lambda n, s: s ** (1 / n),
        "the sign: z near 1 needs a bias above 0": lambda n, s: -keep_bias(n, s),
        "one step: after n steps z ** n is left, so z is the n-th root of the share": lambda n, s: np.log(s / (1 - s)),
        "log(z) is not the inverse of the sigmoid: that is log(z / (1 - z))": lambda n, s: np.log(s) / n,
        "the rule of thumb log(n): close for a share of 1/e and many steps, and the share is given": (
            lambda n, s: np.log(n)
        ),
        "the share is divided by the steps: each step multiplies by z": lambda n, s: np.log((s / n) / (1 - s / n)),
        "a logarithm to base 10: the sigmoid is made of e": lambda n, s: keep_bias(n, s) / np.log(10),
    },
)


def units_within(D, budget):
    """Most units of a GRU, reset after the product, with at most so many weights."""
    return largest(D, budget)


def largest(D, budget, gates=3, bias=1, apart=1):
    """Most units H with gates * (D H + H H + bias H) + apart H within the budget."""
    a, b = gates, gates * (D + bias) + apart
    H = int((np.sqrt(b * b + 4 * a * budget) - b) / (2 * a))
    return next(n for n in range(H + 2, -1, -1) if a * n * n + b * n <= budget)


def units_cases(rng):
    """Budgets that a number of units meets exactly, and budgets one weight short of it."""
    pairs = [(2, 10), (4, 32), (1, 1), (8, 35), (45, 56)]
    exact = [(D, 3 * (D * H + H * H + H) + H) for D, H in pairs]
    drawn = [(int(rng.integers(1, 60)), int(rng.integers(500, 90_000))) for _ in range(6)]
    close = [(D, 3 * (D * H + H * H) + least * H) for D, H in pairs for least in (0, 1, 3)]  # too few biases would fit
    return [(2, 5000), *close, *exact, *((D, budget - 1) for D, budget in exact[:2]), *drawn]


UNITS_WITHIN = Exercise(
    name="units_within",
    chapter="06",
    solution=units_within,
    cases=units_cases,
    counted="pairs of features and budget",
    tolerance=0.0,
    mistakes={
        "forgot b_hn: reset after the product has H numbers more": lambda D, n: largest(D, n, apart=0),
        "forgot b_h: every block has a bias": lambda D, n: largest(D, n, bias=0),
        "forgot both biases: b_h has 3H numbers and b_hn has H": lambda D, n: largest(D, n, bias=0, apart=0),
        "four blocks: that is LSTM; GRU has r, z and n": lambda D, n: largest(D, n, gates=4, apart=0),
        "one block: that is RNN; GRU has r, z and n": lambda D, n: largest(D, n, gates=1, apart=0),
        "one unit too many: at most the budget": lambda D, n: largest(D, n) + 1,
        "one unit too few where the budget is met exactly: at most includes it": lambda D, n: largest(D, n - 1),
    },
)


def reset_before_back(dh, h_old, r, z, n, params):
    """Gradient dL/dh_{t-1} of a GRU, reset before the product, from dL/dh_t."""
    return through(dh, h_old, r, z, n, params)


def through(dh, h_old, r, z, n, params, ways="hrzn", transpose=True, tanh=True, slopes=True, sign=1):
    """The sum over some of the ways back, with or without their factors."""
    W_r, W_z, W_n = (W.T if transpose else W for W in np.split(params["W_hh"], 3, axis=1))
    d_product = (dh * (1 - z) * ((1 - n**2) if tanh else 1)) @ W_n  # by r * h_old
    da_r = d_product * h_old * (r * (1 - r) if slopes else 1)
    da_z = sign * dh * (h_old - n) * (z * (1 - z) if slopes else 1)
    found = {"h": dh * z, "r": da_r @ W_r, "z": da_z @ W_z, "n": d_product * r}
    return sum(found[way] for way in ways)


def wrong(**changes):
    """The way back with something left out."""
    return lambda dh, h_old, r, z, n, params: through(dh, h_old, r, z, n, params, **changes)


def another(to_r, to_h):
    """The way back with another gradient by r, and another one by the old state through n."""

    def back(dh, h_old, r, z, n, params):
        W_r, _, W_n = np.split(params["W_hh"], 3, axis=1)
        da_n = dh * (1 - z) * (1 - n**2)
        da_r = to_r(da_n, W_n, h_old) * r * (1 - r)
        return through(dh, h_old, r, z, n, params, ways="hz") + da_r @ W_r.T + to_h(da_n, W_n, r)

    return back


def back_cases(rng):
    """Gates, candidates and states where they can be, and square blocks that are not symmetric."""
    cases = []
    for N, H in ((3, 4), (1, 1), (2, 6), (4, 3), (5, 2)):
        h_old, n = rng.uniform(-1, 1, size=(2, N, H))
        r, z = rng.uniform(0.05, 0.95, size=(2, N, H))
        cases.append((rng.normal(size=(N, H)), h_old, r, z, n, {"W_hh": rng.normal(size=(H, 3 * H))}))
    return cases


RESET_BEFORE_BACK = Exercise(
    name="reset_before_back",
    chapter="06",
    solution=reset_before_back,
    cases=back_cases,
    axes=dict.fromkeys(("dh", "h_old", "r", "z", "n", ""), "N H"),
    mistakes={
        "the chapter's cell, reset after the product: here r meets h_old first, and W_hn multiplies r * h_old": (
            another(lambda da_n, W, h: da_n * (h @ W), lambda da_n, W, r: (da_n * r) @ W.T)
        ),
        "r on the wrong side: the gradient goes back through W_hn first, and meets r after it": (
            another(lambda da_n, W, h: (da_n @ W.T) * h, lambda da_n, W, r: (da_n * r) @ W.T)
        ),
        "r gets da_n: between r and the candidate stands W_hn, so r gets (da_n @ W_hn.T) * h_old": (
            another(lambda da_n, W, h: da_n * h, lambda da_n, W, r: (da_n @ W.T) * r)
        ),
        "forgot h_old on the way through r: the product r * h_old has the slope h_old by r": (
            another(lambda da_n, W, h: da_n @ W.T, lambda da_n, W, r: (da_n @ W.T) * r)
        ),
        "forgot r on the way through n: the product r * h_old has the slope r by h_old": (
            another(lambda da_n, W, h: (da_n @ W.T) * h, lambda da_n, W, r: da_n @ W.T)
        ),
        "forgot the direct way: z * dh reaches the old state without any weights": wrong(ways="rzn"),
        "only the direct way: the old state also reaches h_t through r, z and n": wrong(ways="h"),
        "forgot the way through z: the gate itself was made from the old state": wrong(ways="hrn"),
        "forgot the way through r: the gate itself was made from the old state": wrong(ways="hzn"),
        "forgot the way through n: the candidate sees (r * h_old) W_hn": wrong(ways="hrz"),
        "the gates' own ways are missing: r and z were made from the old state too": wrong(ways="hn"),
        "missing transpose: forward multiplies by the blocks, so the way back goes through the transposed blocks": (
            wrong(transpose=False)
        ),
        "forgot tanh': the candidate's slope is 1 - n**2": wrong(tanh=False),
        "forgot the sigmoids' slopes: they are r (1 - r) and z (1 - z)": wrong(slopes=False),
        "the sign of z's way: h_t = (1 - z) n + z h_old grows with z by h_old - n": wrong(sign=-1),
    },
)


EXERCISES = (MIX, GRU_STEP, TO_CHUNG, KEEP_BIAS, UNITS_WITHIN, RESET_BEFORE_BACK)
