"""Nets trained against each other, every run of it, for chapter 07: the studies `depth`, `ways` and `reading`.

A row is one training run. Rows of the part "trial" chose the learning rate of their race and net, with seeds of their
own; rows of the part "run" are what the chapter shows. `ms` is the processor time of a step of this run in
milliseconds.
"""

import time
from itertools import product

from rnnbook.lab.studies import choose_rate, race, racer, reading_accuracy, reading_training, run_race
from rnnbook.lab.studies.contest import WINDOW
from rnnbook.lab.studies.race import DEPTHS, RACES
from rnnbook.lab.studies.ways import READINGS

COLUMNS = ("contest", "net", "H", "weights", "rate", "budget", "part", "seed", "solved_at", "error", "ms")
TRIALS, SEEDS = (100, 101), range(10)
ENTRIES = [(name, net) for name, at in RACES.items() for net in at.nets]
DEPTH = [entry for entry in ENTRIES if entry[1] in DEPTHS]
WAYS = [entry for entry in ENTRIES if entry[1] not in DEPTHS]


def run(name, net, rate, seed, every):
    """When one run was solved, None if it was not, its last error, and what a step took."""
    start = time.process_time()
    *_, (steps, error) = run_race(name, net, rate, seed, every)
    ms = 1000 * (time.process_time() - start) / steps
    return {"rate": rate, "seed": seed, "solved_at": steps if error < race(name).limit else None, "error": error} | {
        "ms": ms
    }


def rows(name, net):
    """All runs of one net in one race: first those that choose its rate, then those that count."""
    at = race(name)
    trials = [run(name, net, rate, seed, WINDOW) for rate in at.rates for seed in TRIALS]
    rate = choose_rate(trials, at.budget)
    runs = [run(name, net, rate, seed, 1) for seed in SEEDS]
    params = racer(name, net, rate, 0).params
    H = next(len(array) for key, array in params.items() if key.endswith("W_hh"))
    weights = sum(array.size for array in params.values())
    same = {"contest": name, "net": net, "H": H, "weights": weights, "budget": at.budget}
    found = [same | {"part": part} | row for part, of in (("trial", trials), ("run", runs)) for row in of]
    for row in found:
        row |= {"error": f"{row['error']:.4f}", "ms": f"{row['ms']:.2f}"}
    return [tuple(row[column] for column in COLUMNS) for row in found]


READING_STEPS = (50, 100, 150)
READING = [*product((20, 50), ("RNN", "GRU"), READINGS, (1e-2,), range(5))]


def reading(L, cell, kind, rate, seed):
    """Rows of one run: how many it gets right, of a layer that reads from both ends."""
    training, found = reading_training(L, kind, cell, seed, rate), []
    for steps in READING_STEPS:
        for _ in training.run(steps - len(training.history)):
            pass
        right = reading_accuracy(training, L, kind)
        found.append((L, cell, kind, rate, seed, steps, f"{right:.3f}"))
    return found
