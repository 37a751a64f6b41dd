"""Chapter 01's last exercise: the least state that says hello."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise

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
