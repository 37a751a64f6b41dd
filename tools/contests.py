"""The three cells trained against each other, every run of it, for chapter 06: the study `contests` of `make tables`.

A row is one training run. Rows of the part "trial" chose the learning rate of their contest and cell, with seeds
of their own; rows of the part "run" are what the chapter shows. `ms` is the processor time of a training step in
milliseconds, the three cells timed in turn in the same process: it belongs to a machine, its ratios much less.
"""

import time

import numpy as np

from rnnbook.lab.studies import choose_rate, contend, contest, contestant
from rnnbook.lab.studies.contest import CELLS, RATES, WINDOW
from rnnbook.lab.training import count_weights

COLUMNS = ("contest", "cell", "H", "weights", "rate", "budget", "part", "seed", "solved_at", "error", "ms")
FIRST_TRIAL, ROUNDS = 100, 40


def run(name, cell, rate, seed, every=None):
    """When one run was solved, None if it was not, and its last error."""
    *_, (steps, error) = contend(name, cell, rate, seed, every)
    return {"rate": rate, "seed": seed, "solved_at": steps if error < contest(name).limit else None, "error": error}


def milliseconds(name):
    """Processor time of a training step by cell: the median of 40 rounds, one step a cell each."""
    trainings = {cell: contestant(name, cell, RATES[0], 0) for cell in CELLS}
    seconds = {cell: [] for cell in CELLS}
    for _ in range(ROUNDS):
        for cell, training in trainings.items():
            start = time.process_time()
            for _ in training.run(1):
                pass
            seconds[cell].append(time.process_time() - start)
    return {cell: 1000 * np.median(took) for cell, took in seconds.items()}


def rows_of(name):
    """All runs of one contest: first those that choose each cell's rate, then those that count."""
    at, ms = contest(name), milliseconds(name)
    for cell in CELLS if at.bias != 0 else ("LSTM", "GRU"):
        seeds = range(FIRST_TRIAL, FIRST_TRIAL + at.trials)
        trials = [run(name, cell, rate, seed, WINDOW) for rate in RATES for seed in seeds]
        rate = choose_rate(trials, at.budget)
        runs = [run(name, cell, rate, seed) for seed in range(at.seeds)]
        H = contestant(name, cell, rate, 0).params["W_hh"].shape[0]
        same = {"contest": name, "cell": cell, "H": H, "budget": at.budget, "ms": ms[cell]}
        same["weights"] = count_weights(CELLS[cell], at.task.input_size, H, at.task.output_size)
        for part, found in (("trial", trials), ("run", runs)):
            for row in found:
                yield {**same, "part": part, **row}


def rows(name):
    """The rows of one contest as the table has them."""
    found = [{**row, "error": f"{row['error']:.4f}", "ms": f"{row['ms']:.2f}"} for row in rows_of(name)]
    return [tuple(row[column] for column in COLUMNS) for row in found]
