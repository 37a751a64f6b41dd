"""The contest of the three cells: equal terms, a table of every run once, and a strict word for a difference."""

from itertools import combinations

import numpy as np
import pytest

from rnnbook import load_table
from rnnbook.lab.studies import choose_rate, contend, contest, contestant, rank_test, standings, verdict
from rnnbook.lab.studies.contest import CELLS, CONTESTS, RATES
from rnnbook.lab.studies.standings import Standing
from rnnbook.lab.training import count_weights, units_for
from rnnbook.view.contests import contests_picture
from tools import contests

ROWS = load_table("contests")
names = pytest.mark.parametrize("name", CONTESTS)


def runs_of(name, cell, part):
    return [row for row in ROWS if (row["contest"], row["cell"], row["part"]) == (name, cell, part)]


@names
def test_the_table_has_every_run_once(name):
    at = contest(name)
    for cell in CELLS:
        if at.bias == 0 and cell == "RNN":  # it has no gate to set
            assert not runs_of(name, cell, "run")
            continue
        seeds = range(contests.FIRST_TRIAL, contests.FIRST_TRIAL + at.trials)
        trials, runs = (runs_of(name, cell, part) for part in ("trial", "run"))
        assert [(row["rate"], row["seed"]) for row in trials] == [(rate, seed) for rate in RATES for seed in seeds]
        assert [row["seed"] for row in runs] == list(range(at.seeds))
        for row in trials + runs:
            assert (row["error"] <= at.limit) == (row["solved_at"] is not None)
            assert row["budget"] == at.budget


@names
def test_rates_were_chosen_by_the_rule_and_sizes_by_the_budget(name):
    at = contest(name)
    for cell, standing in standings(ROWS, name).items():
        trials = runs_of(name, cell, "trial")
        assert standing.rate == choose_rate(trials, at.budget)
        sizes = at.task.input_size, at.task.output_size
        assert standing.units == units_for(CELLS[cell], *sizes, at.weights)
        assert standing.weights == count_weights(CELLS[cell], sizes[0], standing.units, sizes[1])
        assert abs(standing.weights / at.weights - 1) < 0.03


@pytest.mark.parametrize(("name", "cell", "seed"), [("recall, L = 20", "RNN", 0), ("digits, 8 rows", "GRU", 1)])
def test_a_row_can_be_trained_again(name, cell, seed):
    """Its step may differ on another processor."""
    (row,) = [row for row in runs_of(name, cell, "run") if row["seed"] == seed]
    *_, (steps, error) = contend(name, cell, row["rate"], seed)
    assert abs(steps - row["solved_at"]) <= 75
    assert error < contest(name).limit


@names
@pytest.mark.parametrize("cell", CELLS)
def test_all_start_from_the_same_bias(name, cell):
    training = contestant(name, cell, 1e-3, seed=0)
    assert training.params["W_hh"].dtype == np.float32
    G, keeper = CELLS[cell].gates, CELLS[cell].keeper
    biases = training.params["b_h"].reshape(G, -1)
    bias = contest(name).bias
    if keeper is not None and isinstance(bias, float):
        assert (biases[keeper] == bias).all()
    if keeper is not None and not isinstance(bias, float):
        assert (biases[keeper] >= 0).all()
        assert (biases[keeper] <= np.log(bias.t_max)).all()


def test_a_run_that_is_not_solved_stops_at_its_budget(monkeypatch):
    monkeypatch.setitem(CONTESTS, "digits, 8 rows", CONTESTS["digits, 8 rows"]._replace(budget=50, limit=0.0))
    assert [steps for steps, _ in contend("digits, 8 rows", "RNN", 1e-3, 0, every=20)] == [20, 40, 50]


def standing(*at, cell="GRU", ms=1.0):
    return Standing(cell, 9, 99, 0.01, tuple(sorted(at)), ms)


def test_the_rank_test_is_the_count_over_all_ways_to_deal():
    rng = np.random.default_rng(0)
    for n, m in ((3, 3), (4, 2), (5, 5)):
        both = rng.integers(1, 6, size=n + m).astype(float)
        both[both == 5] = np.inf
        ranks = np.array([(both < x).sum() + ((both == x).sum() + 1) / 2 for x in both])
        far = [abs(ranks[list(some)].sum() - n * ranks.mean()) for some in combinations(range(n + m), n)]
        expected = np.mean(np.array(far) >= far[0] - 1e-9)  # the first choice is the first n
        assert rank_test(both[:n], both[n:]) == pytest.approx(expected)
    assert rank_test(range(10), range(10, 20)) == pytest.approx(2 / 184756)


def test_a_difference_is_what_the_rank_test_separates():
    fast, slow = standing(*range(10, 20)), standing(*range(30, 40), cell="RNN")
    never = standing(*[np.inf] * 10, cell="LSTM")
    assert verdict(fast, slow) == verdict(slow, fast) == "GRU"
    assert verdict(never, slow) == "RNN"
    assert verdict(never, never) == verdict(fast, standing(*range(11, 21), cell="RNN")) == "not told apart"
    assert verdict(fast, slow, costs=(4.0, 1.0)) == "RNN"
    assert verdict(standing(1, 2, 3, 4, 5), standing(6, 7, 8, 9, 10, cell="RNN")) == "not told apart"  # 2 of 252
    assert (fast.solved, never.solved, fast.steps, slow.seconds, never.steps) == (10, 0, 14.5, 0.0345, np.inf)


def test_the_rule_for_rates():
    def row(rate, at, error=0.5):
        return {"rate": rate, "solved_at": at, "error": error}

    assert choose_rate([row(0.1, 100), row(0.1, None), row(0.2, 900), row(0.2, 900)], 1000) == 0.2  # more are solved
    assert choose_rate([row(0.1, 100), row(0.2, 50)], 1000) == 0.2  # sooner
    assert choose_rate([row(0.1, None, 0.2), row(0.2, None, 0.1)], 1000) == 0.2  # nearer


def test_what_does_not_exist_is_named():
    with pytest.raises(ValueError, match="name is one of"):
        contest("chess")
    with pytest.raises(ValueError, match="cell is one of"):
        contestant("recall, L = 20", "MLP", 0.01, 0)


def test_the_picture_shows_every_solved_run_and_says_the_median():
    fig, sentence = contests_picture(ROWS)
    (ax,) = fig.axes
    marks = {(x, y) for curve in ax.lines if curve.get_marker() not in ("", "None") for x, y in curve.get_xydata()}
    runs = [row for row in ROWS if row["part"] == "run"]
    assert len(marks) == sum(row["solved_at"] is not None for row in runs)
    for name in CONTESTS:
        for cell, standing in standings(ROWS, name).items():
            few = not np.isfinite(standing.steps)
            said = f"{standing.solved} of {len(standing.at)} solved" if few else f"{standing.steps:.0f}"
            assert f"{cell} {said}" in sentence[sentence.index(f" {name}: ") :].split(";")[0]
    assert len(ax.get_yticklabels()) == len(CONTESTS)
