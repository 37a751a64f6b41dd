"""Networks that read reviews, for chapter 09: the studies `words`, `reviews`, `padding` and `faults`.

A row is one training run. Rows of the part "trial" chose the rate of their network, by the validation split and with
seeds of their own; rows of the part "run" are at that rate, and rows of the part "fixed" at one that was not chosen.
`epoch` is the round that was best on the validation split, `validation` and `test` are the accuracies after it, and
`last` is that on the test split after the last round. `above` counts the weights without the embedding. `ms` is the
processor time of a training step of this run in milliseconds.
"""

from itertools import product

import numpy as np

from rnnbook.lab.studies.sentiment import LABELS, READERS, best_rate, best_round, reader, review_training, run_reader

NUMBERS = ("H", "weights", "above", "rate", "epochs", "part", "seed", "epoch", "validation", "test", "last", "ms")
COLUMNS = {study: (*labels, *NUMBERS) for study, labels in LABELS.items()}
FIRST_TRIAL, SEEDS = 100, {"words": 10, "reviews": 5, "padding": 3, "faults": 5}
SETTINGS = {study: [(study, *name) for name in names] for study, names in READERS.items()}
SETTINGS["padding"] = [(*setting, seed) for seed in range(SEEDS["padding"]) for setting in SETTINGS["padding"]]
SETTINGS["padding"] += [  # where some seeds learn and others do not, ten of them
    ("padding", "GRU", T, "behind", seed) for seed in range(SEEDS["padding"], 10) for T in (60, 80, 120)
]


def run(study, name, part, rate, seed):
    """One run as a row without its labels."""
    rounds = list(run_reader(study, name, rate, seed))
    best = best_round(rounds)
    found = {"part": part, "rate": rate, "seed": seed, "epoch": best.epoch, "validation": best.validation}
    return found | {"test": best.test, "last": rounds[-1].test, "ms": np.mean([one.ms for one in rounds])}


def rows(study, *name):
    """All runs of one network: those that choose its rate, those that count, and those at the fixed rate."""
    at, seeds = reader(study, name), range(SEEDS[study])
    trials = [run(study, name, "trial", *of) for of in searched(at)]
    rate = best_rate(trials)
    found = trials + [run(study, name, "run", rate, seed) for seed in seeds]
    if at.fixed is not None:
        again = [one | {"part": "fixed"} for one in found if one["part"] == "run" and one["rate"] == at.fixed]
        found += again or [run(study, name, "fixed", at.fixed, seed) for seed in seeds]
    return written(study, name, found)


def row(study, *name_and_seed):
    """One run of a network whose rate is not searched."""
    *name, seed = name_and_seed
    name = tuple(name)
    (rate,) = reader(study, name).rates
    return written(study, name, [run(study, name, "run", rate, seed)])


def written(study, name, found):
    """Rows as the table has them."""
    same = dict(zip(LABELS[study], name, strict=True)) | sizes(study, name) | {"epochs": reader(study, name).epochs}
    for one in found:
        one |= {key: f"{one[key]:.4f}" for key in ("validation", "test", "last")} | {"ms": f"{one['ms']:.2f}"}
    return [tuple((same | one)[column] for column in COLUMNS[study]) for one in found]


def searched(at):
    """Rates and seeds of the runs that choose a rate; none where there is one rate alone."""
    return list(product(at.rates, range(FIRST_TRIAL, FIRST_TRIAL + at.trials))) if len(at.rates) > 1 else []


def sizes(study, name):
    """Units of the recurrent layer, weights, and weights above the embedding."""
    params = review_training(study, name, 0.01, 0)[0].params
    H = next(len(array) for key, array in params.items() if key.endswith("W_hh"))
    weights = sum(array.size for array in params.values())
    above = sum(array.size for key, array in params.items() if not key.endswith("E"))
    return {"H": H, "weights": weights, "above": above}


MAKERS = {"words": rows, "reviews": rows, "padding": row, "faults": rows}
