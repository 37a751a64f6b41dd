"""The window: its table is what the tool trains, its counts are the arrays', its explorer and its exercises."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import RNN, Model, Recall, Windowed, load_table
from rnnbook.exercises import ch01, check
from rnnbook.lab.studies import (
    forecast_error,
    forecast_training,
    linear_error,
    recall_score,
    recall_training,
    rule_error,
)
from rnnbook.lab.studies.forecast import changes
from rnnbook.lab.studies.reach import BUDGET, FRESH, recall_task
from rnnbook.lab.tasks import windows
from rnnbook.lab.training import rnn_weights, window_weights
from rnnbook.view.explorers import Window, window
from tools import tables

LN4 = np.log(4)


# --- the tables -----------------------------------------------------------------------------------


def test_the_window_table_has_every_run_once():
    runs = [(row["k"], row["lag"], row["seed"]) for row in load_table("window")]
    assert runs == [(*setting, seed) for setting in tables.REACH for seed in tables.REACH_SEEDS]
    assert tables.REACH_STEPS == BUDGET
    assert tables.REACH[-window.FARTHEST - 2] == (window.LONGEST, window.FARTHEST)
    assert len(tables.REACH_SEEDS) == window.SEEDS


def test_through_a_window_recall_is_certain_or_chance():
    for row in load_table("window"):
        if row["k"] is not None and row["lag"] < row["k"]:
            assert row["accuracy"] == 1
            assert row["loss"] < 0.02
        elif row["k"] is not None:
            assert abs(row["accuracy"] - 0.25) < 4.5 * np.sqrt(0.25 * 0.75 / FRESH)
            assert row["loss"] > LN4 - 0.001


@pytest.mark.parametrize(
    ("k", "lag", "seed"), [(1, 0, 0), (3, 2, 1), (3, 3, 2), (12, 25, 4), (None, 4, 3), (None, 10, 0)]
)
def test_a_cell_of_the_window_table_can_be_trained_again(k, lag, seed):
    """Another processor may round otherwise: within what chance would forgive."""
    stored = [
        (r["accuracy"], r["loss"]) for r in load_table("window") if (r["k"], r["lag"], r["seed"]) == (k, lag, seed)
    ]
    ((*_, accuracy, loss),) = tables.window(k, lag, seed)
    assert (float(accuracy), float(loss)) == pytest.approx(stored[0], abs=0.006)


def test_the_airline_table_has_every_run_once_and_one_can_be_trained_again():
    rows = load_table("airline")
    runs = [(row["cell"], row["k"], row["seed"], row["steps"]) for row in rows]
    assert runs == [
        (*net, seed, n) for net in tables.AIRLINE for seed in tables.AIRLINE_SEEDS for n in tables.AIRLINE_STEPS
    ]
    stored = {(row["k"], row["seed"], row["steps"]): row["error"] for row in rows if row["k"]}
    (*_, steps, error), _ = tables.airline("RNN", 12, 3)
    error = float(error)
    assert error == pytest.approx(stored[12, 3, steps], abs=0.002)


# --- reach and forecast ---------------------------------------------------------------------------


@given(st.integers(1, 30), st.integers(1, 9), st.integers(1, 20), st.integers(1, 5))
def test_weights_are_counted_as_the_arrays_are(k, D, H, K):
    rng, model = np.random.default_rng(0), Model(RNN())
    one_step = model.init_params(k * D, H, K, rng)
    assert window_weights(k, D, H, K) == sum(a.size for key, a in one_step.items() if key != "W_hh")
    assert rnn_weights(D, H, K) == sum(a.size for a in model.init_params(D, H, K, rng).values())


def test_a_recall_task_is_a_window_or_the_sequence_itself():
    assert recall_task(None, 3) == Recall(4)
    assert recall_task(2, 3) == Windowed(Recall(4), 2)
    for bad, error in ((-1, ValueError), (1.5, TypeError)):
        with pytest.raises(error, match="lag is a whole number"):
            recall_task(2, bad)


def test_every_window_is_tried_on_the_same_sequences():
    rng = [np.random.default_rng(2**20) for _ in range(3)]
    targets = [recall_task(k, 5).make_batch(r, 50).y for k, r in zip((1, 4, None), rng, strict=True)]
    np.testing.assert_array_equal(targets[0], targets[1])
    np.testing.assert_array_equal(targets[0], targets[2])
    score = recall_score(recall_training(2, 5, seed=0), 2, 5)
    assert abs(score.accuracy - 0.25) < 0.05
    assert score.loss > 1.3


def test_the_rules_need_no_training():
    values, unit = changes()
    assert np.std(values[:-24]) == pytest.approx(1)
    assert rule_error("no change") == pytest.approx(unit * np.sqrt(np.mean(values[-24:] ** 2)))
    last_year = unit * np.sqrt(np.mean((values[-24:] - values[-36:-12]) ** 2))
    assert rule_error("change of a year ago") == pytest.approx(last_year)
    assert rule_error("a year ago, grown") < linear_error(12) < rule_error("change of a year ago")
    with pytest.raises(ValueError, match="rule is one of 'no change'"):
        rule_error("tomorrow")


def test_the_linear_window_is_the_least_squares_fit_of_the_months_before_the_test():
    values, unit = changes()
    k = 3
    seen = windows(values[:, None, None], k)[k - 1 : -1, 0]
    fit = np.linalg.lstsq(np.column_stack([seen, np.ones(len(seen))])[:-24], values[k:-24])[0]
    said = np.column_stack([seen, np.ones(len(seen))])[-24:] @ fit
    assert linear_error(k) == pytest.approx(unit * np.sqrt(np.mean((said - values[-24:]) ** 2)))


def test_the_test_months_are_not_trained_on():
    training = forecast_training(RNN(), 12, seed=0)
    batch = next(training.batches)
    assert batch.mask.sum() == 143 - 24 - 1 - 12
    np.testing.assert_array_equal(batch.y[:, 0], changes()[0][1:-24])
    assert 0.05 < forecast_error(training, 12) < 0.5


# --- the explorer ---------------------------------------------------------------------------------


def test_the_curves_are_the_tables():
    explorer = Window(k=3, lag=7, seed=2)
    rows = {(r["k"], r["lag"]): r for r in load_table("window") if r["seed"] == 2}
    for measure in ("accuracy", "loss"):
        explorer.set(measure=measure)
        for runs, k in ((explorer.arrays.window, 3), (explorer.arrays.rnn, None)):
            assert runs.shape == (1, 26)
            assert runs[0].tolist() == [rows[k, lag][measure] for lag in range(26)]
    explorer.set(seed="all")
    assert explorer.arrays.rnn.shape == (5, 26)


def test_every_value_is_in_the_picture():
    explorer = Window()
    for measure, (_, _, (low, high), *_) in window.MEASURES.items():
        values = window._table()[..., ("accuracy", "loss").index(measure)]
        assert np.isfinite(values).all()
        assert low < values.min()
        assert values.max() < high
        explorer.set(measure=measure)
        assert explorer.fig.axes[0].get_ylim() == (low, high)


def test_train_trains_the_chosen_cell_and_its_star_is_the_tables_number():
    explorer = Window(k=4, lag=3, seed=1)
    before = list(explorer.live.moving)
    explorer.trainer.start()
    stored = explorer.arrays.window[0, 3]
    assert explorer.trained[4, 3, 1].steps == BUDGET
    assert explorer.trained[4, 3, 1].score.accuracy == pytest.approx(stored, abs=0.005)
    assert "Trained here: window of 4, seed 1, 300 steps: accuracy 1.00." in explorer.live.reading
    assert list(explorer.live.moving) != before
    explorer.set(k=5)
    assert "Trained here" not in explorer.live.reading
    assert not explorer._stars[0].get_visible()
    explorer.set(k=4, measure="loss")
    assert "loss 0.0" in explorer.live.reading.split("Trained here")[1]
    explorer.trainer.start()
    assert explorer.trained[4, 3, 1].steps == 2 * BUDGET


def test_sliders_and_stop_answer_while_training_runs():
    explorer = Window(network="RNN", lag=20)
    explorer.trainer.steps = 100_000

    async def reader():
        explorer.trainer.train_button.click()
        await asyncio.sleep(0.3)
        explorer.controls["lag"].value = 2
        assert "2 steps back is in sight" in explorer.live.reading
        explorer.trainer.stop_button.click()
        await explorer.trainer._task

    asyncio.run(reader())
    assert "stopped after" in explorer.trainer.words.value
    assert list(explorer.trained) == [(None, 20, 0)]  # what was chosen when it began
    explorer.set(lag=20)
    assert "Trained here: RNN, seed 0" in explorer.live.reading


def test_reset_after_a_seed_was_chosen_shows_all_five_again():
    """The list of seeds must never be blank: a None as value would be."""
    explorer = Window()
    for action in (lambda: explorer.set(seed=3), explorer.reset, explorer.trainer.start, explorer.reset):
        action()
        assert explorer.controls["seed"].label in ("3", "all five")
    assert explorer.values()["seed"] == "all"
    assert explorer.arrays.rnn.shape == (5, 26)


# --- the exercises --------------------------------------------------------------------------------


def named(name, function):
    function.__name__ = name
    return function


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("memoryless_floor", lambda a, b: ch01.entropy(a, b) - ch01.entropy(a)),
        ("bag", lambda tokens, V: (tokens[:, :, None] == np.arange(V)).sum(axis=0)),
        ("last_k", windows),
        (
            "break_even",
            lambda D, H: next(k for k in range(1, 999) if window_weights(k, D, H, 3) > rnn_weights(D, H, 3)),
        ),
        ("next_value", lambda before, now, omega: now * np.cos(omega) + (now * np.cos(omega) - before)),
        ("machine", lambda: {"says": [[2, 0, 2, 1], [2, 0, 3, 1]], "state": [[0, 0, 1, 1], [0, 0, 0, 0]]}),
    ],
)
def test_a_right_answer_may_be_written_in_another_way(name, answer):
    if name == "machine":
        tables_ = answer()
        answer = lambda: {key: np.array(table) for key, table in tables_.items()}  # noqa: E731
    assert check(named(name, answer)).message.startswith("correct: ")


@pytest.mark.parametrize(
    ("says", "state", "said"),
    [
        ([[2, 0, 2, 0]] * 2, [[0, 0, 1, 0]] * 2, "the second l is followed by o"),
        ([[2, 0, 3, 0], [2, 0, 2, 0]], [[0, 0, 1, 0]] * 2, "the first l is followed by l"),
        ([[2, 0, 3, 0], [2, 0, 2, 0]], [[1, 1, 0, 0]] * 2, "correct"),
        ([[2, 9, 2, 0]] * 2, [[0, 0, 1, 0]] * 2, "a number is out of range"),
        ([[1, 1, 2, 0]] * 2, [[0, 0, 1, 0]] * 2, "h is followed by e, and e by l"),
    ],
)
def test_a_machine_is_judged_by_what_it_says(says, state, said):
    verdict = check(named("machine", lambda: {"says": np.array(says), "state": np.array(state)}))
    assert verdict.message.startswith(said)
