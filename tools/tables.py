"""Train the long comparisons once and store them: `make tables` (some minutes).

Every row is one training run: its task, cell, start, rate and budget, and when it solved the task, if it did. A
run is solved when the mean error of 50 steps is below 0.01; it then stops.
"""

import csv
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: equal results from run to run

import numpy as np

from rnnbook import GRU, LSTM, RNN, Adam, Adding, Training
from rnnbook.lab.studies import (
    bias_training,
    echo_accuracy,
    echo_training,
    forecast_error,
    forecast_training,
    recall_score,
    recall_training,
    run_until_solved,
)
from rnnbook.lab.studies.gate_bias import BUDGETS

DATA = Path(__file__).resolve().parents[1] / "rnnbook" / "lab" / "studies" / "data"
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


REACH_SEEDS, REACH_STEPS = range(5), 300  # recall at a lag: which windows, None being the recurrent network
REACH = [(k, lag) for k in (*range(1, 13), None) for lag in range(26)]
AIRLINE_SEEDS, AIRLINE_STEPS = range(10), (300, 1000)
AIRLINE = [("RNN", 1), ("RNN", 2), ("RNN", 6), ("RNN", 12), ("RNN", None), ("GRU", None), ("LSTM", None)]


def reach(k, lag, seed):
    """Accuracy and loss of one network on recall at a lag, through a window k or with a state."""
    training = recall_training(k, lag, seed)
    for _ in training.run(REACH_STEPS):
        pass
    return recall_score(training, k, lag)


def write_window():
    """Train every window and the recurrent network at every lag, for chapter 01."""
    with (DATA / "window.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("k", "lag", "seed", "accuracy", "loss"))
        for k, lag in REACH:
            for seed in REACH_SEEDS:
                score = reach(k, lag, seed)
                rows.writerow((k, lag, seed, f"{score.accuracy:.3f}", f"{score.loss:.3f}"))
            print(f"window: k = {k}, lag {lag}: done", flush=True)


def forecasts(name, k, seed):
    """Errors on the airline series after each number of steps, in one run."""
    training, done = forecast_training({"RNN": RNN, "GRU": GRU, "LSTM": LSTM}[name](), k, seed), 0
    for steps in AIRLINE_STEPS:
        for _ in training.run(steps - done):
            pass
        done = steps
        yield steps, forecast_error(training, k)


def write_airline():
    """Train every network on the airline series, for chapter 01."""
    with (DATA / "airline.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("cell", "k", "seed", "steps", "error"))
        for name, k in AIRLINE:
            for seed in AIRLINE_SEEDS:
                for steps, error in forecasts(name, k, seed):
                    rows.writerow((name, k, seed, steps, f"{error:.4f}"))
            print(f"airline: {name}, k = {k}: done", flush=True)


ECHO_LAG, ECHO_STEPS = 5, 400
ECHO = [(k, rate, seed) for rate in (1e-2, 3e-3) for k in range(1, 9) for seed in range(5)]


def echo(k, rate, seed):
    """Accuracy of one network on the echo task, trained in blocks of k."""
    training = echo_training(ECHO_LAG, k, rate, seed, ECHO_STEPS)
    for _ in training.run(ECHO_STEPS):
        pass
    return echo_accuracy(training.model, training.params, ECHO_LAG)


def write_echo():
    """Train the echo task by truncated backpropagation through time, for chapter 03."""
    with (DATA / "echo.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("lag", "k", "rate", "steps", "seed", "accuracy"))
        for k, rate, seed in ECHO:
            rows.writerow((ECHO_LAG, k, rate, ECHO_STEPS, seed, f"{echo(k, rate, seed):.2f}"))
        print("echo: done", flush=True)


FORGET_COLUMNS = ("task", "T", "cell", "H", "start", "bias", "rate", "budget", "seed", "solved_at", "loss")
FORGET = [  # task, T, cell, H, start, forget bias, rate
    *(("recall", L, "LSTM", 32, "orthogonal", bias, 1e-2) for L in (20, 50, 100) for bias in (0, 1, 2, "chrono")),
    *(("recall", 20, "LSTM", 32, "uniform", bias, 1e-2) for bias in (0, 1, 2, "chrono")),
    *(("recall", 20, "RNN", 32, start, None, 3e-3) for start in ("orthogonal", "uniform")),
    *(("adding", 100, "LSTM", 32, "orthogonal", bias, 1e-2) for bias in (0, 1, "chrono")),
    *(("adding", 100, "RNN", 65, "orthogonal", None, rate) for rate in (3e-3, 1e-2)),  # as many weights as LSTM's
]


def forget(task, T, cell, H, start, bias, rate, seed):
    """One run of the comparison of forget biases: the step at which it was solved, or None, and the loss."""
    training = bias_training(task, T, seed, cell=cell, H=H, start=start, bias=bias, rate=rate)
    *_, last = run_until_solved(training, BUDGETS[task])
    return last


def write_forget():
    """Train recall and adding from every forget bias, for chapter 05."""
    with (DATA / "forget.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(FORGET_COLUMNS)
        for setting in FORGET:
            for seed in range(5):
                solved_at, loss = forget(*setting, seed)
                rows.writerow((*setting, BUDGETS[setting[0]], seed, solved_at, f"{loss:.3f}"))
            print(f"forget: {setting}: done", flush=True)


def main():
    """Train every row and write the tables."""
    write_echo()
    write_adding()
    write_window()
    write_airline()
    write_forget()


def write_adding():
    """Train the adding problem at growing length, for chapter 04."""
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
