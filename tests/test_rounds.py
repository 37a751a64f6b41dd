"""Laws of training in rounds: when it looks, what it keeps, when patience ends it; and the stored loss curves."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, Adam, Adding, Batch, Both, Model, Recall, Recurrent, load_table
from rnnbook.lab.studies import review_network, review_rounds, stored_looks
from rnnbook.lab.studies.curves import EPOCHS, LOOKS, SETTINGS, UNITS
from rnnbook.lab.tasks import Reviews
from rnnbook.lab.training import Recipe, Rounds, Score, Stop, accuracy, batch_parts, early_stop, mean_score
from rnnbook.nn.cells import CELLS as CELLS_BY_NAME
from tests.problems import small_reviews
from tools import tables

CELLS = [RNN(), LSTM(), GRU()]
cells = pytest.mark.parametrize("cell", CELLS, ids=repr)
TASK = Recall(L=2)
VALIDATION = TASK.make_batch(np.random.default_rng(1), 50)
WORDS = ["good", "fine", "nice", "bad", "dull", "poor", "film", "the", "was", "it"]


def make_rounds(cell=None, steps=20, rate=0.01, **more):
    training = Recipe(TASK, cell or GRU(), H=8, rate=rate).training(seed=0)
    return Rounds(training, VALIDATION, steps, **more)


# --- looks ------------------------------------------------------------------------------------------


@given(steps=st.integers(1, 12), looks=st.integers(1, 15))
def test_looks_are_spread_over_a_round_and_the_last_stands_at_its_end(steps, looks):
    rounds = make_rounds(RNN(), steps=steps, looks=looks)
    places = [look.step for look in rounds.run_epochs(2)]
    assert len(places) == 2 * min(looks, steps)
    assert {steps, 2 * steps} <= set(places)
    assert [look.epoch for look in rounds.seen] == [step / steps for step in places]
    gaps = np.diff([0, *places])
    assert gaps.max() - gaps.min() <= 1


@cells
def test_a_look_says_what_one_would_see(cell):
    rounds, plain = make_rounds(cell, looks=2), make_rounds(cell).training
    for look in rounds.run_epochs(2):
        since = len(plain.history)
        made = list(plain.run(look.step - since))
        assert look.train == np.mean([progress.loss for progress in made])
        assert look.validation == mean_score(plain.model, plain.params, VALIDATION).loss
        assert look.accuracy == accuracy(plain.model, plain.params, VALIDATION)


@cells
@pytest.mark.parametrize("by", ["loss", "accuracy"])
def test_what_is_kept_is_what_was_there_at_the_best_look(cell, by):
    rounds, copies = make_rounds(cell, by=by, rate=0.05), []
    for _ in rounds.run_epochs(4):
        copies.append({name: array.copy() for name, array in rounds.training.params.items()})
        measured = [now.validation if by == "loss" else -now.accuracy for now in rounds.seen]
        best = int(np.argmin(measured))
        assert rounds.best is rounds.seen[best]
        assert all(np.array_equal(rounds.best_params[name], array) for name, array in copies[best].items())
        again = mean_score(rounds.training.model, rounds.best_params, VALIDATION)
        assert again == (rounds.best.validation, rounds.best.accuracy)
    assert len(copies) == 16


def test_what_is_kept_is_not_what_is_trained_on():
    rounds = make_rounds()
    list(rounds.run_epochs(1))
    kept = {name: array.copy() for name, array in rounds.best_params.items()}
    best = rounds.best
    for _ in rounds.run(4):  # up to just before the next look
        pass
    assert rounds.best is best
    for name, array in kept.items():
        np.testing.assert_array_equal(rounds.best_params[name], array)
        assert not np.array_equal(rounds.training.params[name], array)


def test_stopping_and_going_on_equals_never_having_stopped():
    whole, parts = make_rounds(), make_rounds()
    list(whole.run(60))
    for progress in parts.run(60):
        if progress.step == 17:
            break
    list(parts.run(43))
    assert parts.seen == whole.seen
    assert parts.history == whole.history


def test_memory_does_not_grow_from_round_to_round():
    training = Recipe(Adding(T=20), GRU(), H=32, rate=0.01).training(seed=0)
    validation = batch_parts(Adding(T=20).make_batch(np.random.default_rng(1), 400), 100)
    rounds, peaks, held = Rounds(training, validation, steps=25), [], []
    tracemalloc.start()
    try:
        for _ in range(4):
            tracemalloc.reset_peak()
            list(rounds.run_epochs(1))
            held.append(tracemalloc.get_traced_memory()[0])
            peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    size = sum(array.nbytes for array in training.params.values())
    assert peaks[2] <= 1.02 * peaks[1]
    assert peaks[3] <= 1.02 * peaks[1]
    assert held[3] - held[1] < size  # no second copy of the parameters


# --- patience ---------------------------------------------------------------------------------------

LOSSES = st.lists(st.integers(0, 9), min_size=1, max_size=20)


@given(LOSSES, st.integers(1, 6))
def test_patience_ends_after_so_many_looks_without_a_better_one(losses, patience):
    best, end = early_stop(losses, patience)
    seen = losses if end is None else losses[: end + 1]
    assert best == int(np.argmin(seen))
    if end is None:
        assert len(losses) - 1 - best < patience
    else:
        assert end - best == patience


@given(LOSSES)
def test_more_patience_never_ends_sooner_nor_with_a_worse_look(losses):
    stops = [early_stop(losses, patience) for patience in (1, 2, 3, 5, 20)] + [early_stop(losses)]
    found = [losses[stop.best] for stop in stops]
    assert found == sorted(found, reverse=True)
    ends = [np.inf if stop.end is None else stop.end for stop in stops]
    assert ends == sorted(ends)
    assert stops[-1] == Stop(int(np.argmin(losses)), None)


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_training_ends_where_early_stopping_says(patience, monkeypatch):
    losses = [0.9, 0.7, 0.8, 0.6, 0.65, 0.7, 0.6, 0.5, 0.4]
    rounds = make_rounds(patience=patience)
    answers = iter(losses)
    monkeypatch.setattr("rnnbook.lab.training.rounds.mean_score", lambda *_: Score(next(answers), 0.5))
    list(rounds.run_epochs(9))
    best, end = early_stop(losses, patience)
    assert len(rounds.seen) == end + 1
    assert rounds.ended
    assert rounds.best is rounds.seen[best]
    assert list(rounds.run(10)) == []
    assert len(rounds.history) == 5 * (end + 1)


def test_without_patience_it_goes_on():
    rounds = make_rounds(rate=1.0)
    assert len(list(rounds.run(100))) == 100
    assert not rounds.ended


# --- what is refused --------------------------------------------------------------------------------


class Breaks(Adam):
    """Adam, which ruins the readout at its 25th step."""

    made, factor = 0, np.nan

    def step(self, params, grads):
        super().step(params, grads)
        self.made += 1
        if self.made == 25:
            params["W_hy"] *= self.factor


@pytest.mark.parametrize(("factor", "said"), [(np.nan, "W_hy is not finite"), (1e307, "the validation loss is inf")])
def test_what_is_not_finite_ends_the_run_and_the_best_stays(factor, said):
    task = Adding(5)
    training = Recipe(task, RNN(), H=4, rate=0.01).training(0)
    training.optimizer = Breaks(0.01)
    training.optimizer.factor = factor
    rounds = Rounds(training, task.make_batch(np.random.default_rng(0), 20), steps=20)
    list(rounds.run(20))
    best, kept = rounds.best, {name: array.copy() for name, array in rounds.best_params.items()}
    with pytest.raises(FloatingPointError, match=f"{said} after step 25"), np.errstate(all="ignore"):
        list(rounds.run(20))
    assert rounds.best is best
    assert len(rounds.seen) == 4
    for name, array in kept.items():
        np.testing.assert_array_equal(rounds.best_params[name], array)


def test_accuracy_is_not_compared_where_there_is_none():
    training = Recipe(Adding(5), RNN(), H=4, rate=0.01).training(0)
    batch = Adding(5).make_batch(np.random.default_rng(0), 5)
    with pytest.raises(ValueError, match="accuracy is of a model with a softmax or logistic loss"):
        Rounds(training, batch, 5, by="accuracy")
    look = next(Rounds(training, batch, 4).run_epochs(1))
    assert look.accuracy is None
    assert np.isfinite(look.validation)


# --- scores in parts --------------------------------------------------------------------------------


@cells
@given(size=st.integers(1, 30), side=st.sampled_from(["left", "right"]), masked=st.booleans())
def test_a_split_in_parts_has_the_score_of_the_whole(cell, size, side, masked):
    task = Reviews(small_reviews().corpus, side=side, masked=masked)
    batch, model = task.batch("train"), task.model(cell)
    params = model.init_params(task.input_size, 5, 1, np.random.default_rng(0), embedding_size=3)
    parts = batch_parts(batch, size)
    assert sum(len(part.y) for part in parts) == 40
    assert max(len(part.y) for part in parts) == min(size, 40)
    assert mean_score(model, params, parts) == pytest.approx(mean_score(model, params, batch), rel=1e-12)
    assert mean_score(model, params, batch).accuracy == accuracy(model, params, batch)
    if masked and size == 1:
        assert all(part.real.all() for part in parts)


def test_a_layer_that_reads_both_ways_has_the_same_score_in_parts():
    task = small_reviews()
    model = task.model(Both(Recurrent(GRU(), 4)))
    params = model.init_params(task.input_size, None, 1, np.random.default_rng(0), embedding_size=3)
    batch = task.batch("train")
    assert mean_score(model, params, batch_parts(batch, 7)) == pytest.approx(mean_score(model, params, batch))


def test_every_target_weighs_the_same_and_what_is_masked_nothing():
    model, rng = Model(RNN(), "softmax", "every"), np.random.default_rng(0)
    params = model.init_params(3, 4, 2, rng)
    x, y, lengths = rng.normal(size=(6, 5, 3)), rng.integers(2, size=(6, 5)), np.array([6, 1, 2, 3, 1])
    whole = mean_score(model, params, Batch(x, y, lengths=lengths))
    parts = [Batch(x[:, part], y[:, part], lengths=lengths[part]) for part in (slice(1), slice(1, 5))]
    assert mean_score(model, params, parts) == pytest.approx(whole)


def test_targets_at_every_step_are_not_cut_into_parts():
    with pytest.raises(ValueError, match="one target a sequence"):
        batch_parts(Batch(np.zeros((4, 3, 1)), np.zeros((4, 3, 1))))


# --- networks that read reviews ---------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("drop", [0.0, 0.5])
def test_the_network_without_dropout_answers_as_the_one_that_was_trained(cell, drop):
    task = small_reviews()
    rounds = review_rounds(cell, drop=drop, task=task)
    with pytest.raises(ValueError, match="there was no look"):
        review_network(rounds)
    list(rounds.run_epochs(2))
    model, params = review_network(rounds)
    assert set(params) == {*CELLS_BY_NAME[cell].keys, "E", "W_hy", "b_y"}
    test = task.batch("test")
    assert mean_score(model, params, test) == mean_score(rounds.training.model, rounds.best_params, test)
    assert model.cell is rounds.training.model.layer.layers[-1].cell if drop else model is rounds.training.model


def test_dropout_is_for_training_alone_and_a_run_can_be_made_again():
    task = small_reviews()
    losses = {}
    for drop in (0.0, 0.5):
        one, two = ([p.loss for p in review_rounds("RNN", drop=drop, seed=3, task=task).run(4)] for _ in range(2))
        assert one == two
        losses[drop] = one
    assert losses[0.0][0] != losses[0.5][0]
    other = [p.loss for p in review_rounds("RNN", seed=4, task=task).run(4)]
    assert other != losses[0.0]


def test_a_round_is_once_over_the_training_split():
    rounds = review_rounds("RNN", task=small_reviews())
    assert rounds.steps == 2
    first, second = (next(rounds.training.batches) for _ in range(2))
    assert len(first.y) + len(second.y) == 40
    assert rounds.training.params["W_hh"].shape == (UNITS, UNITS)
    assert rounds.training.params["E"].std() == pytest.approx(0.3, rel=0.3)


# --- the stored runs --------------------------------------------------------------------------------


def test_the_table_has_every_look_of_every_run():
    rows = load_table("curves")
    found = [(row["cell"], row["rate"], row["drop"], row["seed"]) for row in rows]
    assert found == [setting for setting in SETTINGS for _ in range(EPOCHS * LOOKS)]
    for cell, rate, drop, _ in SETTINGS:
        looks = stored_looks(cell, rate, drop)
        assert [look.epoch * LOOKS for look in looks] == pytest.approx(range(1, EPOCHS * LOOKS + 1), abs=0.03)
        assert all(0 <= look.accuracy <= 1 and min(look.train, look.validation) > 0 for look in looks)


def test_the_first_epoch_of_a_run_can_be_trained_again(monkeypatch):
    monkeypatch.setattr(tables.loss_curves, "EPOCHS", 1)
    made = tables.curves("RNN", 0.005, 0.0, 0)
    stored = [row for row in load_table("curves") if (row["cell"], row["rate"], row["drop"]) == ("RNN", 0.005, 0.0)]
    for row, found in zip(stored[:LOOKS], made, strict=True):
        assert row["steps"] == found[4]
        assert row["validation"] == pytest.approx(float(found[6]), rel=0.05)
