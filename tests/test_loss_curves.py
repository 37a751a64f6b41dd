"""Loss curves: what is recorded, what is trained over it, and that nothing learned is lost."""

import asyncio

import numpy as np
import pytest

from rnnbook.lab.studies import curves, stored_looks
from rnnbook.lab.training import early_stop, mean_score
from rnnbook.view.explorers import LossCurves
from rnnbook.view.explorers import loss_curves as module
from tests.problems import small_reviews

GRU = ("GRU", 0.005, 0.0, 1)


@pytest.fixture(scope="module")
def task():
    return small_reviews(640)  # 20 steps an epoch, so that a look comes every five


def press(explorer, times=1):
    for _ in range(times):
        explorer.trainer.start()
    return explorer


def points(curve):
    return curve.get_xydata().tolist()


def test_showing_it_makes_no_reviews_and_trains_nothing(monkeypatch):
    for where in (curves, module):
        monkeypatch.setattr(where, "review_task", lambda: pytest.fail("the reviews are made"))
    explorer = LossCurves()
    for cell in ("RNN", "LSTM", "GRU"):
        explorer.set(cell=cell, rate=0.01, drop=0.5, patience=2, seed=3)
        assert list(explorer.arrays.recorded) == stored_looks(cell, 0.01, 0.5)
    assert explorer.kept == {}
    assert explorer.learned is None


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_a_press_is_an_epoch_and_the_best_look_is_kept(cell, task):
    explorer = press(LossCurves(task, cell=cell, rate=0.02, drop=0.5), 3)
    found = explorer.learned
    assert [look.step for look in found.looks] == list(range(5, 61, 5))
    assert found.task is task
    losses = [look.validation for look in found.looks]
    assert found.best is found.looks[int(np.argmin(losses))]
    score = mean_score(found.model, found.params, task.batch("validation"))
    assert score.loss == pytest.approx(found.best.validation, rel=1e-5)
    assert score.accuracy == pytest.approx(found.best.accuracy)
    assert found.model.cell == module.CELLS[cell]


@pytest.mark.parametrize("trained", [False, True])
def test_marks_stand_at_the_best_look_and_where_patience_ends(task, trained):
    explorer = press(LossCurves(task, rate=0.02), 3) if trained else LossCurves(rate=0.01)
    looks, ends = explorer.learned.looks if trained else explorer.arrays.recorded, set()
    for patience in range(1, explorer.controls["patience"].max + 1):
        explorer.set(patience=patience)
        best, end = early_stop([look.validation for look in looks], patience)
        assert points(explorer._best[0]) == [[looks[best].epoch, looks[best].validation]]
        assert points(explorer._best[1]) == [[looks[best].epoch, looks[best].accuracy]]
        assert points(explorer._end) == ([] if end is None else [[looks[end].epoch, looks[end].validation]])
        assert f"accuracy {looks[best].accuracy:.3f}." in explorer.live.reading
        assert ("is not used up" in explorer.live.reading) == (end is None)
        ends.add(end)
    assert trained or len(ends) > 3


def test_the_training_loss_stands_in_the_middle_of_its_steps(task):
    explorer = press(LossCurves(task))
    looks = explorer.learned.looks
    assert points(explorer._mine[0]) == [[k / 4 + 1 / 8, look.train] for k, look in enumerate(looks)]
    assert points(explorer._mine[1]) == [[(k + 1) / 4, look.validation] for k, look in enumerate(looks)]


def test_what_is_trained_is_drawn_over_what_is_recorded():
    explorer = LossCurves(cell="RNN")
    recorded = [points(curve) for curve in explorer._recorded]
    explorer.trainer.steps = 45
    press(explorer)
    assert [points(curve) for curve in explorer._recorded] == recorded
    assert [len(points(curve)) for curve in explorer._mine] == [1, 1, 1]
    assert "RNN, rate 0.005, no dropout, seed 1, trained here: at epoch 0.25" in explorer.live.reading
    assert explorer._mine[1].get_color() == module.COLORS["rnn"]


def test_stop_keeps_what_was_learned_and_the_next_press_goes_on(task):
    whole, stopped = press(LossCurves(task), 2), LossCurves(task)
    stopped.trainer.steps = 100_000

    async def reader():
        stopped.trainer.train_button.click()
        while not stopped.kept:
            await asyncio.sleep(0.01)
        stopped.trainer.stop_button.click()
        await stopped.trainer._task

    asyncio.run(reader())
    assert "stopped after" in stopped.trainer.words.value
    steps = stopped.arrays.steps
    assert 5 <= steps < 100_000
    stopped.trainer.steps = 40
    press(stopped)
    assert stopped.arrays.steps == steps + 40
    shared = min(len(whole.learned.looks), len(stopped.learned.looks))
    assert stopped.learned.looks[:shared] == whole.learned.looks[:shared]


def test_moving_controls_while_training_is_answered_and_loses_nothing(task):
    explorer, alone = LossCurves(task), press(LossCurves(task), 3)
    explorer.trainer.steps, explorer.trainer.news = 60, 0

    async def reader():
        explorer.trainer.train_button.click()
        while not explorer.kept:
            await asyncio.sleep(0.01)
        explorer.set(cell="LSTM", rate=0.02)
        assert explorer.learned is None
        assert "nothing is trained yet" in explorer.live.reading
        assert explorer.trainer.running
        explorer.set(patience=1)
        await explorer.trainer._task

    asyncio.run(reader())
    assert explorer.trainer.words.value.endswith("; the network shown is another one")
    assert points(explorer._mine[1]) == []
    assert explorer.live.reading.endswith(" Kept: GRU, rate 0.005, no dropout, seed 1, 3 epochs.")
    explorer.set(cell="GRU", rate=0.005)
    assert "trained here for 60 steps" in explorer.trainer.words.value
    assert explorer.learned.looks == alone.learned.looks
    assert points(explorer._mine[1]) == points(alone._mine[1])


def test_reset_loses_nothing_and_says_what_is_kept(task):
    explorer = press(LossCurves(task, cell="LSTM"))
    learned = explorer.learned
    explorer.set(cell="RNN")
    press(explorer)
    explorer.set(cell="GRU")
    press(explorer)
    explorer.set(seed=5, patience=1)
    explorer.reset()
    assert explorer.learned is learned
    assert explorer.live.reading.endswith(" Kept: GRU, rate 0.005, no dropout, seed 1, 1 epoch and 1 more.")


def test_another_seed_is_another_network(task):
    explorer = press(LossCurves(task))
    first = explorer.learned
    explorer.set(seed=2)
    assert explorer.learned is None
    press(explorer)
    assert explorer.learned.looks != first.looks
    assert set(explorer.kept) == {GRU, ("GRU", 0.005, 0.0, 2)}


def test_before_the_first_look_it_says_how_many_steps_are_made(task):
    explorer = LossCurves(task)
    assert "nothing is trained yet" in explorer.live.reading
    explorer.trainer.steps = 3
    press(explorer)
    assert explorer.learned is None
    assert "3 steps are made" in explorer.live.reading


@pytest.mark.parametrize("factor", [np.nan, np.inf])
def test_what_is_not_finite_is_said_and_the_best_stays(task, factor):
    explorer = press(LossCurves(task))
    learned, picture = explorer.learned, points(explorer._mine[1])
    explorer._rounds[GRU].training.params["W_hy"] *= np.float32(factor)
    for _ in range(2):
        press(explorer)
        assert explorer.trainer.words.value == "Training ended: W_hy is not finite after step 20."
        assert not explorer.trainer.running
        assert explorer.learned is learned
        assert points(explorer._mine[1]) == picture
    assert all(np.isfinite(array).all() for array in learned.params.values())


def test_the_square_is_dragged_to_as_much_patience_as_it_takes():
    explorer = LossCurves()
    losses = [look.validation for look in explorer.arrays.recorded]
    (handle,) = explorer.touch()["handles"]
    for look, place in enumerate(explorer.arrays.recorded):
        handle.drag(place.epoch, 0.5)
        wanted = look - early_stop(losses[: look + 1]).best
        assert explorer.values()["patience"] == min(max(1, wanted), 8)
        if 1 <= wanted <= 8:
            assert explorer._place()[0] <= place.epoch
    explorer.set(patience=8)
    handle.step(-1, 0)
    assert explorer.values()["patience"] == 7


def test_a_task_of_the_readers_own_has_nothing_recorded(task):
    explorer = LossCurves(task)
    assert explorer.arrays.recorded == ()
    assert not any("recorded" in text.get_text() for text in explorer.fig.axes[0].get_legend().get_texts())
    assert explorer.trainer.steps == 20
    with pytest.raises(TypeError, match="task is a Reviews"):
        LossCurves("IMDB")


def test_a_sentence_has_at_most_25_words(task):
    readings = []
    for explorer in (LossCurves(drop=0.5), LossCurves(task, drop=0.5), press(LossCurves(task, drop=0.5))):
        for patience in (1, 8):
            explorer.set(patience=patience)
            readings.append(explorer.live.reading)
        explorer.set(seed=4)
        readings.append(explorer.live.reading)
    assert max(len(part.split()) for reading in readings for part in reading.split(". ")) <= 25
