"""Chapter 01's exercises: the floor, the bag, the window, its price, the second value, and the least state."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise


def entropy(*tokens):
    """Entropy in nats of what these arrays hold together, place by place."""
    _, counts = np.unique(np.stack(tokens, axis=-1), axis=0, return_counts=True)
    share = counts / counts.sum()
    return float(np.sum(share * np.log(1 / share)))


def memoryless_floor(now, then):
    """Least mean cross-entropy of a function of the current token."""
    pairs = list(zip(now.tolist(), then.tolist(), strict=True))
    firsts = [first for first, _ in pairs]
    return float(np.mean([np.log(firsts.count(pair[0]) / pairs.count(pair)) for pair in pairs]))


def floor_cases(rng):
    """Pairs of tokens in which the next one is never certain, but for a single pair."""
    cases = []
    for T, V in ((9, 3), (7, 3), (16, 4), (60, 5)):
        now, then = rng.integers(1, V, size=(2, T))
        now[:5], then[:5] = (0, 0, 0, 0, 0), (0, 1, 1, 2, 1)  # one token more frequent than the others, and uncertain
        cases.append((now, then))
    return [*cases, (np.array([2]), np.array([0]))]


FLOOR = Exercise(
    name="memoryless_floor",
    chapter="01",
    solution=memoryless_floor,
    cases=floor_cases,
    axes={"now": "T", "then": "T"},
    mistakes={
        "in bits: the book's logarithm is the natural one": lambda now, then: memoryless_floor(now, then) / np.log(2),
        "the entropy of the next token without the current one: it is lower when the current one is seen": (
            lambda now, then: entropy(then)
        ),
        "the entropy of the pairs: the current token is given, and its own share comes off": (
            lambda now, then: entropy(now, then)
        ),
        "the sum: the loss is a mean over the predictions": lambda now, then: len(now) * memoryless_floor(now, then),
        "every current token counts the same: a token that occurs more often has more predictions": (
            lambda now, then: np.mean([entropy(then[now == token]) for token in np.unique(now)])
        ),
        "the minus sign is missing: a cross-entropy is minus the logarithm of a probability": (
            lambda now, then: -memoryless_floor(now, then)
        ),
    },
)


def bag(tokens, V):
    """How often each token occurs in each sequence."""
    return np.stack([np.bincount(sequence, minlength=V) for sequence in tokens.T]).astype(np.float64)


def bag_cases(rng):
    """Tokens in which one occurs twice."""
    cases = []
    for T, N, V in ((5, 3, 4), (7, 2, 6), (1, 4, 3), (4, 1, 3), (12, 6, 5), (3, 5, 4), (1, 1, 2)):
        tokens = rng.integers(V, size=(T, N))
        tokens[: min(T, 2)] = V - 1
        cases.append((tokens, V))
    return cases


BAG = Exercise(
    name="bag",
    chapter="01",
    solution=bag,
    cases=bag_cases,
    axes={"tokens": "T N", "": "N V"},
    tolerance=0.0,
    mistakes={
        "whether a token occurs, not how often: two of the same count twice (and += on indices adds only once)": (
            lambda tokens, V: np.minimum(bag(tokens, V), 1.0)
        ),
        "one bag for all sequences: each column of tokens is a sequence of its own": (
            lambda tokens, V: np.tile(bag(tokens, V).sum(axis=0), (tokens.shape[1], 1))
        ),
        "shares in place of counts: do not divide by the length": lambda tokens, V: bag(tokens, V) / len(tokens),
        "the last token alone: a bag holds all of the sequence": lambda tokens, V: bag(tokens[-1:], V),
    },
)


def last_k(x, k):
    """The last k inputs side by side at every step, the oldest first, zeros before the start."""
    longer = np.concatenate([np.zeros((k - 1, *x.shape[1:]), x.dtype), x])
    return np.concatenate([longer[first : first + len(x)] for first in range(k)], axis=-1)


def window_cases(rng):
    """Sequences longer than the window, and single ones."""
    shapes = [(6, 3, 2, 3), (9, 2, 4, 2), (5, 4, 3, 4), (1, 2, 3, 1), (4, 1, 2, 2), (7, 2, 1, 3), (1, 1, 5, 1)]
    return [(rng.normal(size=(T, N, D)), k) for T, N, D, k in shapes]


LAST_K = Exercise(
    name="last_k",
    chapter="01",
    solution=last_k,
    cases=window_cases,
    axes={"x": "T N D"},
    tolerance=0.0,
    mistakes={
        "the newest first: the oldest input of the window stands first": (
            lambda x, k: np.concatenate(np.split(last_k(x, k), k, axis=-1)[::-1], axis=-1)
        ),
        "around the corner: np.roll brings the end of the sequence to its start, where zeros belong": (
            lambda x, k: np.concatenate([np.roll(x, back, axis=0) for back in range(k - 1, -1, -1)], axis=-1)
        ),
        "the first input repeated: before the start there is nothing, and zeros stand for it": (
            lambda x, k: last_k(np.concatenate([x[:1]] * (k - 1) + [x]), k)[k - 1 :]
        ),
        "the current input is missing: the window ends at step t and not before it": (
            lambda x, k: last_k(np.concatenate([0 * x[:1], x[:-1]]), k)
        ),
        "a look ahead: at step t the inputs after t have not come in yet": (
            lambda x, k: last_k(np.concatenate([x, np.zeros((k, *x.shape[1:]))]), k)[k - 1 : k - 1 + len(x)]
        ),
        "features sorted by feature: keep the D features of one step together": (
            lambda x, k: last_k(x, k).reshape(*x.shape[:2], k, x.shape[2]).swapaxes(2, 3).reshape(*x.shape[:2], -1)
        ),
    },
)


def break_even(D, H):
    """Least window at which the feedforward network has more weights than the recurrent one."""
    return H // D + 2


def break_even_cases(rng):
    """Sizes: H a multiple of D, and not; D above H."""
    return [(4, 32), (3, 32), (10, 7), (1, 1), (27, 128), *((int(D), int(H)) for D, H in rng.integers(2, 60, (4, 2)))]


BREAK_EVEN = Exercise(
    name="break_even",
    chapter="01",
    solution=break_even,
    cases=break_even_cases,
    counted="pairs of D and H",
    tolerance=0.0,
    mistakes={
        "right but where the two are equal: more means more": lambda D, H: int(np.ceil(1 + H / D)),
        "one step short: is W_xh of the recurrent network missing, or rounded down to where there are not yet more?": (
            lambda D, H: H // D + 1
        ),
        "a step of the window has D features: one step more costs D H weights, not H": lambda D, H: D + H + 1,
        "the quotient is upside down: how many blocks of D H weights go into H H?": lambda D, H: D // H + 2,
    },
)


def next_value(before, now, omega):
    """Next value of a sine wave from the last two."""
    return 2 * np.cos(omega) * now - before


def wave_cases(rng):
    """Waves at any phase and of any height."""
    cases = []
    for N, omega in ((5, 0.25), (8, 1.1), (1, 0.6), (3, 2.5), (40, 0.05)):
        height, phase = rng.uniform(0.5, 3, size=N), rng.uniform(0, 6, size=N)
        cases.append((height * np.sin(phase), height * np.sin(phase + omega), omega))
    return cases


NEXT_VALUE = Exercise(
    name="next_value",
    chapter="01",
    solution=next_value,
    cases=wave_cases,
    axes={"before": "N", "now": "N", "": "N"},
    tolerance=1e-9,
    mistakes={
        "a straight line: it goes on as it went, and a sine bends": lambda before, now, omega: 2 * now - before,
        "the best from one value alone: it does not use the value before": lambda before, now, omega: (
            np.cos(omega) * now
        ),
        "a factor 2 is missing: add up sin(p + omega) and sin(p - omega)": (
            lambda before, now, omega: np.cos(omega) * now - before
        ),
        "the two values are swapped: the one that is multiplied is the later one": (
            lambda before, now, omega: 2 * np.cos(omega) * before - now
        ),
        "the sign of the value before: it is taken away": lambda before, now, omega: 2 * np.cos(omega) * now + before,
        "sine and cosine are swapped: at omega = 0 the next value is the current one": (
            lambda before, now, omega: 2 * np.sin(omega) * now - before
        ),
    },
)

ALPHABET = "ehlo"
SEEN, WANTED = "hell", "ello"
WHOLE = "the tables hold whole numbers: states 0 and 1, letters 0 to 3"
RANGE = "a number is out of range: states are 0 and 1, letters 0 to 3"
FIRST_L = "the first l is followed by l: in the state that is reached after h and e, l says l"
SECOND_L = "the second l is followed by o: the first l has to leave another state behind than the one it met"
OTHERS = "h is followed by e, and e by l: each says so in the state that it meets"


def machine():
    """Tables of a machine with two states that recites hello."""
    says = np.array([[2, 0, 2, 0], [2, 0, 3, 0]])
    state = np.array([[0, 0, 1, 0], [1, 1, 1, 1]])
    return {"state": state, "says": says}


def recites(tables):
    """Say what the machine gets wrong; None if it says hello."""
    state, says = tables["state"], tables["says"]
    if not all((table == np.round(table)).all() for table in (state, says)):
        return WHOLE
    if not (np.isin(state, (0, 1)).all() and np.isin(says, (0, 1, 2, 3)).all()):
        return RANGE
    at, said = 0, []
    for letter in SEEN:
        place = ALPHABET.index(letter)
        said.append(ALPHABET[int(says[at, place])])
        at = int(state[at, place])
    if said[:2] != list(WANTED[:2]):
        return f"{OTHERS} (here h, e, l, l are answered by {', '.join(said)})"
    if said[2] != WANTED[2]:
        return f"{FIRST_L} (here h, e, l, l are answered by {', '.join(said)})"
    return None if said[3] == WANTED[3] else f"{SECOND_L} (here h, e, l, l are answered by {', '.join(said)})"


MACHINE = Exercise(
    name="machine",
    chapter="01",
    solution=machine,
    cases=lambda rng: [()],
    axes={"": "2 4"},
    accepts=recites,
    verified="after h, e, l, l it says e, l, l, o, with two states",
    mistakes={
        SECOND_L: lambda: {"state": np.zeros((2, 4), int), "says": np.array([[2, 0, 2, 0], [2, 0, 3, 0]])},
        FIRST_L: lambda: {"state": np.zeros((2, 4), int), "says": np.array([[2, 0, 3, 0], [2, 0, 3, 0]])},
        OTHERS: lambda: {"state": machine()["state"], "says": np.array([[2, 2, 2, 0], [2, 2, 3, 0]])},
        RANGE: lambda: {"state": np.array([[1, 1, 2, 1], [1, 1, 2, 1]]), "says": machine()["says"]},
        WHOLE: lambda: {"state": machine()["state"] * 0.5, "says": machine()["says"]},
    },
)


EXERCISES = (FLOOR, BAG, LAST_K, BREAK_EVEN, NEXT_VALUE, MACHINE)
