"""Train the long comparisons once and store them: `make tables` (some minutes).

Every row is one training run: its task, cell, start, rate and budget, and when it solved the task, if it did. A
run is solved when the mean error of 50 steps is below 0.01; it then stops.
"""

import csv
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: equal results from run to run

import numpy as np

from rnnbook import RNN, Adam, Adding, Training

DATA = Path(__file__).resolve().parents[1] / "rnnbook" / "lab" / "data"
SEEDS, BUDGET, WINDOW, SOLVED = range(5), 2000, 50, 0.01
SETTINGS = [  # T, activation, start, H, learning rate
    *((T, "tanh", start, 32, 3e-3) for start in ("orthogonal", "uniform") for T in (10, 20, 50, 100)),
    (100, "relu", "identity", 64, 1e-3),
]
COLUMNS = ("T", "activation", "start", "H", "rate", "budget", "seed", "solved_at", "error")


def train(T, activation, start, H, rate, seed):
    """One run: the step at which it was solved, or nothing, and the mean error of its last 50 steps."""
    rng, task = np.random.default_rng(seed), Adding(T)
    model = task.model(RNN(activation))
    params = model.init_params(task.input_size, H, task.output_size, rng, recurrent=start)
    training = Training(model, params, task.batches(rng, 32), Adam(rate), clip=1.0)
    for progress in training.run(BUDGET):
        if progress.step % WINDOW == 0:
            error = np.mean([p.loss for p in training.history[-WINDOW:]])
            if error < SOLVED:
                return progress.step, error
    return "", error


def main():
    """Train every row and write the table."""
    with (DATA / "adding.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for T, activation, start, H, rate in SETTINGS:
            for seed in SEEDS:
                solved_at, error = train(T, activation, start, H, rate, seed)
                rows.writerow((T, activation, start, H, rate, BUDGET, seed, solved_at, f"{error:.3f}"))
            print(f"adding: T = {T}, {activation}, {start}: done", flush=True)


if __name__ == "__main__":
    main()
