"""The window: its table is what the tool trains, its counts are the arrays', its explorer and its exercises."""

import asyncio
from itertools import combinations

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
from rnnbook.view.explorers.controls import stops_of
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
    explorer = Window(k=3, lag=7)
    rows = {(r["k"], r["lag"], r["seed"]): r["accuracy"] for r in load_table("window")}
    for runs, k in ((explorer.arrays.window, 3), (explorer.arrays.rnn, None)):
        assert runs.tolist() == [[rows[k, lag, seed] for lag in range(26)] for seed in range(5)]
    assert explorer._curve.get_ydata().tolist() == explorer.arrays.window.mean(axis=0).tolist()
    assert explorer._here.get_ydata() == [explorer.arrays.window[:, 7].mean(), explorer.arrays.rnn[:, 7].mean()]


def test_every_value_is_in_the_picture_and_no_move_draws_the_whole_again():
    assert np.isfinite(window.shares()).all()
    explorer = Window()
    still, (low, high) = explorer.live.still, explorer.fig.axes[0].get_ylim()
    assert low < window.shares().min() <= window.shares().max() < high
    assert window.weights(window.LONGEST) < explorer.fig.axes[1].get_xlim()[1]
    for name in ("k", "lag"):
        for value in stops_of(explorer.controls[name], 4):
            explorer.set(**{name: value})
            assert explorer.live.still == still


@pytest.mark.parametrize(("k", "lag"), [(5, 8), (9, 8), (1, 0), (26, 25), (3, 25), (12, 3)])
def test_the_window_frames_k_tokens_and_what_it_does_not_see_is_pale(k, lag):
    explorer = Window(k=k, lag=lag)
    veil, before, beyond, frame, asked = [path.vertices[:, 0] for path in explorer._over.get_paths()]
    assert np.ptp(frame) == k
    assert (asked.min(), asked.max()) == (lag - 0.5, lag + 0.5)
    assert np.ptp(veil) == max(lag - k, 0)  # the one that is asked for stays legible
    assert np.ptp(before) == max(k - 1 - lag, 0)
    assert beyond.min() == max(k, lag + 1) - 0.5
    bars = [path.vertices[:, 0].max() for path in explorer._bar.get_paths()]
    assert bars == [window.weights(k), window.weights(lag + 1)]


@pytest.mark.parametrize("width", [None, 3.0, 3.5, 4.0, 8.0])
def test_no_words_lie_on_others_or_leave_the_picture(width):
    explorer = Window()
    explorer._lay_out(width)
    widest = 72 * explorer.fig.get_size_inches()[0]
    for k, lag in ((5, 8), (1, 0), (26, 25), (12, 12), (2, 24), (26, 0), (13, 23)):
        explorer.set(k=k, lag=lag)
        explorer.fig.draw_without_rendering()
        texts = [text for ax in explorer.fig.axes for text in ax.texts if len(text.get_text()) > 1]
        boxes = {text.get_text(): text.get_window_extent() for text in texts}
        assert all(box.x0 >= 0 and box.x1 <= widest for box in boxes.values())
        assert not [
            (one, other)
            for one, other in combinations(boxes, 2)
            if boxes[one].padded(-1).overlaps(boxes[other].padded(-1))
        ]


def test_the_edge_is_dragged_to_the_width_and_the_token_to_the_step():
    explorer = Window()
    edge, token = explorer.touch()["handles"]
    edge.drag(8.4, 0.3)
    assert explorer.values()["k"] == 9
    assert edge.at()[0] == 8.5
    assert edge.said() == "a window of 9"
    token.drag(3.2, 1.4)
    assert explorer.values()["lag"] == 3 == token.at()[0]
    token.step(-1, 0)  # to the left: one step further back
    assert token.said() == "4 steps back"


def test_train_trains_the_chosen_cell_and_its_star_is_the_tables_number():
    explorer = Window(k=4, lag=3, seed=1)
    before = list(explorer.live.moving)
    explorer.trainer.start()
    stored = explorer.arrays.window[1, 3]
    assert explorer.trained[4, 3, 1].steps == BUDGET
    assert explorer.trained[4, 3, 1].score.accuracy == pytest.approx(stored, abs=0.005)
    assert "Trained here: window of 4, seed 1, 300 steps: right answers 1.00." in explorer.live.reading
    assert list(explorer.live.moving) != before
    explorer.set(k=5)
    assert "Trained here" not in explorer.live.reading
    assert not explorer._stars.get_visible()
    explorer.set(k=4)
    assert explorer._stars.get_offsets().tolist() == [[3, explorer.trained[4, 3, 1].score.accuracy]]
    explorer.trainer.start()
    assert explorer.trained[4, 3, 1].steps == 2 * BUDGET


def test_sliders_and_stop_answer_while_training_runs():
    explorer = Window(network="RNN", lag=20)
    explorer.trainer.steps = 100_000

    async def reader():
        explorer.trainer.train_button.click()
        await asyncio.sleep(0.3)
        explorer.controls["lag"].value = 2
        assert "holds the token 2 steps back" in explorer.live.reading
        explorer.trainer.stop_button.click()
        await explorer.trainer._task

    asyncio.run(reader())
    assert explorer.trainer.words.value.startswith("stopped after ")
    assert explorer.trainer.words.value.endswith("; the network shown is another one")  # of 2 steps back, not trained
    assert list(explorer.trained) == [(None, 20, 0)]  # what was chosen when it began
    explorer.set(lag=20)
    assert "Trained here: RNN, seed 0" in explorer.live.reading
    assert explorer.trainer.words.value.startswith("trained here for ")


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


def test_the_sentence_says_what_train_takes():
    explorer = Window()
    assert "in the RNN (Train: window, seed 0)" in explorer.live.reading
    explorer.set(seed=4, network="RNN")
    assert "in the RNN (Train: RNN, seed 4)" in explorer.live.reading
