"""Train the three cells against each other and store every run, for chapter 06, as the second half of `make tables`.

A row is one training run. Rows of the part "trial" chose the learning rate of their contest and cell, with seeds
of their own; rows of the part "run" are what the chapter shows. `ms` is the processor time of a training step in
milliseconds, the three cells timed in turn in the same process: it belongs to a machine, its ratios much less.
"""

import csv
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import numpy as np

from rnnbook import load_table
from rnnbook.lab.studies import choose_rate, contend, contest, contestant
from rnnbook.lab.studies.contest import CELLS, CONTESTS, RATES
from rnnbook.lab.training import count_weights

FILE = Path(__file__).resolve().parents[1] / "rnnbook" / "lab" / "studies" / "data" / "contests.csv"
COLUMNS = ("contest", "cell", "H", "weights", "rate", "budget", "part", "seed", "solved_at", "error", "ms")
FIRST_TRIAL, ROUNDS = 100, 40


def run(name, cell, rate, seed):
    """When one run was solved, None if it was not, and its last error."""
    *_, (steps, error) = contend(name, cell, rate, seed)
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
        trials = [run(name, cell, rate, seed) for rate in RATES for seed in seeds]
        rate = choose_rate(trials, at.budget)
        runs = [run(name, cell, rate, seed) for seed in range(at.seeds)]
        H = contestant(name, cell, rate, 0).params["W_hh"].shape[0]
        same = {"contest": name, "cell": cell, "H": H, "budget": at.budget, "ms": ms[cell]}
        same["weights"] = count_weights(CELLS[cell], at.task.input_size, H, at.task.output_size)
        for part, found in (("trial", trials), ("run", runs)):
            for row in found:
                yield {**same, "part": part, **row}
        print(f"{name}: {cell} at {rate}: {[row['solved_at'] for row in runs]}", flush=True)


def write_contests(names=tuple(CONTESTS)):
    """Train the named contests; rows of the others stay."""
    kept = [row for row in load_table("contests") if row["contest"] not in names] if FILE.exists() else []
    rows = kept + [row for name in names for row in rows_of(name)]
    order = list(CONTESTS)
    with FILE.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        for row in sorted(rows, key=lambda row: order.index(row["contest"])):
            table.writerow({**row, "error": f"{row['error']:.4f}", "ms": f"{row['ms']:.2f}"})


if __name__ == "__main__":
    write_contests(sys.argv[1:] or tuple(CONTESTS))
