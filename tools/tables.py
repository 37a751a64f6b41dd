"""Train the long comparisons and store them: `make tables`, or `python -m tools.tables [NAME ...] [--dask ADDRESS]`.

Every row belongs to one training run. Runs go to all cores, or to a Dask cluster, and a study that is killed goes on
where it was (`tools/study.py`).
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: equal results from run to run

import numpy as np

from rnnbook import RNN, Adding, Batch, Echo, Recall
from rnnbook.lab.studies import (
    bias_training,
    carry_share,
    echo_accuracy,
    echo_training,
    forecast_error,
    forecast_training,
    recall_score,
    recall_training,
    review_rounds,
)
from rnnbook.lab.studies import curves as loss_curves
from rnnbook.lab.studies.contest import CONTESTS
from rnnbook.lab.studies.echo import cut_left, echo_in_state, text_training, train_echo
from rnnbook.lab.studies.gate_bias import BUDGETS
from rnnbook.lab.studies.gate_bias import SOLVED as SOLVED_BIAS
from rnnbook.lab.training import Recipe, solve
from rnnbook.nn.cells import CELLS
from tools import contest_speed, contests, noises, races, reviewers
from tools.study import run_study

SEEDS, BUDGET, SOLVED = range(5), 2000, 0.01
SETTINGS = [  # T, activation, start, H, learning rate
    *((T, "tanh", start, 32, 3e-3) for start in ("orthogonal", "uniform") for T in (10, 20, 50, 100)),
    (100, "relu", "identity", 64, 1e-3),
    *((100, "tanh", start, 64, 1e-3) for start in ("identity", "orthogonal")),  # one thing changed at a time
    (100, "relu", "orthogonal", 64, 1e-3),
    (100, "relu", "identity", 32, 3e-3),
]


def train(T, activation, start, H, rate, seed):
    """One run: the step at which it was solved, or None, and the mean loss of its last 50 steps."""
    training = Recipe(Adding(T), RNN(activation), H, rate, start={"recurrent": start}).training(seed)
    *_, last = solve(training, BUDGET, SOLVED)
    return last


def adding(T, activation, start, H, rate, seed):
    """A row of the adding problem at growing length, for chapter 04."""
    solved_at, error = train(T, activation, start, H, rate, seed)
    return [(T, activation, start, H, rate, BUDGET, seed, solved_at, f"{error:.3f}")]


REACH_SEEDS, REACH_STEPS = range(5), 300  # recall at a lag: which windows, None being the recurrent network
REACH = [(k, lag) for k in (*range(1, 27), None) for lag in range(26)]
AIRLINE_SEEDS, AIRLINE_STEPS = range(10), (300, 1000)
AIRLINE = [("RNN", 1), ("RNN", 2), ("RNN", 6), ("RNN", 12), ("RNN", None), ("GRU", None), ("LSTM", None)]


def window(k, lag, seed):
    """A row of recall at a lag, through a window k or with a state, for chapter 01."""
    training = recall_training(k, lag, seed)
    for _ in training.run(REACH_STEPS):
        pass
    score = recall_score(training, k, lag)
    return [(k, lag, seed, f"{score.accuracy:.3f}", f"{score.loss:.3f}")]


def airline(name, k, seed):
    """Rows of one run on the airline series, one after each number of steps, for chapter 01."""
    training, rows = forecast_training(CELLS[name], k, seed), []
    for steps in AIRLINE_STEPS:
        for _ in training.run(steps - len(training.history)):
            pass
        rows.append((name, k, seed, steps, f"{forecast_error(training, k):.4f}"))
    return rows


ECHO_LAG, ECHO_STEPS = 5, 400
ECHO = [(k, rate, seed) for rate in (1e-2, 3e-3) for k in range(1, 9) for seed in range(5)]


def echo(k, rate, seed):
    """A row of the echo task, trained in blocks of k steps, for chapter 03."""
    training = echo_training(ECHO_LAG, k, rate, seed, ECHO_STEPS)
    for _ in training.run(ECHO_STEPS):
        pass
    accuracy = echo_accuracy(training.model, training.params, ECHO_LAG)
    return [(ECHO_LAG, k, rate, ECHO_STEPS, seed, f"{accuracy:.2f}")]


FROZEN_K = 2
FROZEN = [(rate, trained, seed) for rate in (1e-2, 3e-3) for trained in ("readout", "everything") for seed in range(5)]


def frozen(rate, trained, seed):
    """A row of the echo task in blocks of two, with the cell frozen or not, for chapter 03."""
    training = echo_training(ECHO_LAG, FROZEN_K, rate, seed, ECHO_STEPS)
    before = echo_in_state(training.params, ECHO_LAG)
    train_echo(training, ECHO_STEPS, frozen=trained == "readout")
    after = echo_in_state(training.params, ECHO_LAG)
    accuracy = echo_accuracy(training.model, training.params, ECHO_LAG)
    return [(ECHO_LAG, FROZEN_K, rate, ECHO_STEPS, trained, seed, f"{accuracy:.2f}", f"{before:.2f}", f"{after:.2f}")]


CUT = [
    *(("text", 20, 3e-3, steps, seed) for steps in (0, 100) for seed in range(5)),
    *(("echo", 6, rate, ECHO_STEPS, seed) for rate in (1e-2, 3e-3) for seed in range(5)),
]


def cut(task, k, rate, steps, seed):
    """A row of one network, fresh or trained: what blocks of k leave of its own loss's gradient, for chapter 03."""
    if task == "text":
        training, batch = text_training(seed)
    else:
        training = echo_training(ECHO_LAG, k, rate, seed, steps)
        whole = Echo(ECHO_LAG, T=100 + ECHO_LAG).make_batch(np.random.default_rng(2**20), 32)
        batch = Batch(whole.x[ECHO_LAG:], whole.y[ECHO_LAG:])
    for _ in training.run(steps):
        pass
    cosine, length = cut_left(training.model, training.params, batch, k)
    return [(task, k, rate, steps, seed, f"{cosine:.2f}", f"{length:.2f}")]


FORGET = [  # task, T, cell, H, start, forget bias, rate
    *(("recall", L, "LSTM", 32, "orthogonal", bias, 1e-2) for L in (20, 50, 100) for bias in (0, 1, 2, "chrono")),
    *(("recall", 20, "LSTM", 32, "uniform", bias, 1e-2) for bias in (0, 1, 2, "chrono")),
    *(("recall", 20, "RNN", 32, start, None, 3e-3) for start in ("orthogonal", "uniform")),
    *(("adding", 100, "LSTM", 32, "orthogonal", bias, 1e-2) for bias in (0, 1, "chrono")),
    *(("adding", 100, "RNN", 65, "orthogonal", None, rate) for rate in (3e-3, 1e-2)),  # as many weights as LSTM's
]


def forget(task, T, cell, H, start, bias, rate, seed):
    """A row of recall or adding from one forget bias, for chapter 05."""
    training = bias_training(task, T, seed, cell=cell, H=H, start=start, bias=bias, rate=rate)
    *_, (solved_at, loss) = solve(training, BUDGETS[task], SOLVED_BIAS)
    return [(task, T, cell, H, start, bias, rate, BUDGETS[task], seed, solved_at, f"{loss:.3f}")]


CARRY_L = 20
CARRY = [(start, bias) for start in ("orthogonal", "uniform") for bias in (0, 1, 5, "chrono")]


def carry(start, bias, seed):
    """Two rows of an LSTM on recall, fresh and trained: what the carry brings from end to end, for chapter 05."""
    training = bias_training("recall", CARRY_L, seed, start=start, bias=bias)
    fresh = carry_share(Recall(CARRY_L), training)
    *_, (solved_at, _) = solve(training, BUDGETS["recall"], SOLVED_BIAS)
    found = (("fresh", fresh, None), ("trained", carry_share(Recall(CARRY_L), training), solved_at))
    return [(CARRY_L, start, bias, seed, when, at, f"{s.share:.2e}", f"{s.slope:.2f}") for when, s, at in found]


def curves(cell, rate, drop, seed):
    """Rows of one network that learns reviews, one a look, for chapter 09."""
    looks = review_rounds(cell, rate, drop, seed).run_epochs(loss_curves.EPOCHS)
    return [
        (cell, rate, drop, seed, look.step, f"{look.train:.4f}", f"{look.validation:.4f}", f"{look.accuracy:.3f}")
        for look in looks
    ]


def each_seed(settings, seeds):
    """Every setting with every seed."""
    return [(*setting, seed) for setting in settings for seed in seeds]


STUDIES = {  # table: its first line, one setting a run, and what makes a run's rows
    "echo": ("lag k rate steps seed accuracy", ECHO, echo),
    "frozen": ("lag k rate steps trained seed accuracy before after", FROZEN, frozen),
    "cut": ("task k rate steps seed cosine length", CUT, cut),
    "adding": ("T activation start H rate budget seed solved_at error", each_seed(SETTINGS, SEEDS), adding),
    "window": ("k lag seed accuracy loss", each_seed(REACH, REACH_SEEDS), window),
    "airline": ("cell k seed steps error", each_seed(AIRLINE, AIRLINE_SEEDS), airline),
    "forget": ("task T cell H start bias rate budget seed solved_at loss", each_seed(FORGET, range(5)), forget),
    "carry": ("T start bias seed when solved_at share slope", each_seed(CARRY, range(5)), carry),
    "contests": (" ".join(contests.COLUMNS), [(name,) for name in CONTESTS], contests.rows),
    "depth": (" ".join(races.COLUMNS), races.DEPTH, races.rows),
    "ways": (" ".join(races.COLUMNS), races.WAYS, races.rows),
    "reading": ("L cell reading rate seed steps accuracy", races.READING, races.reading),
    "dropout": (
        "data noise drop rate seed steps reading train validation test right_validation right_test",
        noises.DROPOUT,
        noises.dropout,
    ),
    "noise": ("cell noise drop rate seed steps accuracy", noises.NOISE, noises.noise),
    "monte_carlo": (
        "noise drop seed draws plain averaged wrong right spread doubt plain_doubt",
        noises.MONTE_CARLO,
        noises.monte_carlo,
    ),
    "curves": ("cell rate drop seed steps train validation right_validation", loss_curves.SETTINGS, curves),
    **{
        study: (" ".join(reviewers.COLUMNS[study]), reviewers.SETTINGS[study], reviewers.MAKERS[study])
        for study in reviewers.COLUMNS
    },
    "contest_speed": (" ".join(contest_speed.COLUMNS), [(name,) for name in CONTESTS], contest_speed.rows),
}


def main(arguments=None):
    """Run the named studies, or all."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(STUDIES)} (default: all)")
    parser.add_argument("--dask", metavar="ADDRESS", help="of a Dask scheduler, whose workers run the studies")
    parser.add_argument("--jobs", type=int, default=-1, help="processes (default: one on each core)")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in STUDIES]
    if unknown:
        parser.error(f"there is no study {', '.join(unknown)}; there are {', '.join(STUDIES)}")
    for name in given.names or STUDIES:
        columns, settings, rows = STUDIES[name]
        run_study(name, columns.split(), settings, rows, jobs=given.jobs, dask=given.dask)


if __name__ == "__main__":
    main()
