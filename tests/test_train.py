"""Laws of the training loop."""

import numpy as np
import pytest

from rnnbook import GRU, LSTM, RNN, SGD, Adam, Adding, Batch, Model, Text, Training
from rnnbook.lab.training import Recipe, solve


def make_training(cell=None, task=None, **more):
    rng, task = np.random.default_rng(0), task or Adding(6)
    model = task.model(cell or RNN())
    params = model.init_params(task.input_size, 8, task.output_size, rng)
    return Training(model, params, task.batches(rng, 4), Adam(lr=0.01), **{"clip": 1.0, **more})


def run(training, steps):
    return list(training.run(steps))


@pytest.mark.parametrize("task", [Adding(6), Text("hello world, hello you")], ids=repr)
@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU()], ids=repr)
def test_stopping_and_going_on_equals_never_having_stopped(cell, task):
    whole, parts = make_training(cell, task), make_training(cell, task)
    run(whole, 12)
    for progress in parts.run(100):
        if progress.step == 5:
            break  # the reader pressed Stop
    run(parts, 7)
    assert parts.history == whole.history
    for key, value in whole.params.items():
        np.testing.assert_array_equal(parts.params[key], value)


def test_progress_is_the_history():
    training = make_training()
    assert run(training, 5) == training.history
    assert [progress.step for progress in training.history] == [1, 2, 3, 4, 5]


def test_training_learns():
    training = make_training(GRU(), Adding(5))
    run(training, 400)
    losses = [progress.loss for progress in training.history]
    assert np.mean(losses[-20:]) < Adding.baseline / 4 < np.mean(losses[:5])


def test_the_state_is_carried_where_the_batch_says_so():
    """A stream in two batches with the state carried predicts like the stream in one batch."""
    rng = np.random.default_rng(0)
    model = Model(LSTM(), "squared", "every")
    params = model.init_params(2, 4, 1, rng)
    x, y = rng.normal(size=(6, 3, 2)), rng.normal(size=(6, 3, 1))
    whole = model.gradients(params, Batch(x, y)).loss
    halves = [Batch(x[:3], y[:3]), Batch(x[3:], y[3:], carry=True)]
    frozen = Training(model, {k: v.copy() for k, v in params.items()}, iter(halves), SGD(lr=1e-300))
    assert np.mean([p.loss for p in frozen.run(2)]) == pytest.approx(whole, rel=1e-12)
    fresh = Training(model, params, iter([halves[0], halves[1]._replace(carry=False)]), SGD(lr=1e-300))
    assert np.mean([p.loss for p in fresh.run(2)]) != pytest.approx(whole, rel=1e-6)


def test_a_run_ends_when_the_batches_do():
    training = make_training()
    training.batches = iter([next(training.batches) for _ in range(3)])
    assert len(run(training, 10)) == 3


def test_clipping_limits_the_step_and_reports_the_norm_before():
    clipped, free = make_training(clip=1e-3), make_training(clip=None)
    clipped.optimizer = free.optimizer = SGD(lr=1.0)
    before = {key: value.copy() for key, value in clipped.params.items()}
    (one,), (other,) = run(clipped, 1), run(free, 1)
    moved = np.sqrt(sum(((clipped.params[k] - before[k]) ** 2).sum() for k in before))
    assert moved == pytest.approx(1e-3)
    assert one.norm == other.norm > 1e-3


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_parameters():
    training = make_training()
    run(training, 2)
    training.params["W_hy"] *= 1e200  # its square is beyond floating point
    before = {key: value.copy() for key, value in training.params.items()}
    with pytest.raises(FloatingPointError, match="step 3: loss inf"), np.errstate(all="ignore"):
        run(training, 1)
    assert len(training.history) == 2
    for key, value in before.items():
        np.testing.assert_array_equal(training.params[key], value)


def test_steps_are_a_whole_number():
    with pytest.raises(ValueError, match="steps is a whole number of at least 0; got -1"):
        run(make_training(), -1)


def test_a_recipe_is_the_same_run_for_the_same_seed_and_another_for_another():
    recipe = Recipe(Adding(T=5), GRU(), H=8, rate=0.01, N=4, clip=None, start={"gate_bias": 2.0})
    one, two, other = (recipe.training(seed) for seed in (0, 0, 1))
    assert (one.params["b_h"].reshape(3, 8)[1] == 2).all()
    assert one.clip is None
    assert list(one.run(5)) == list(two.run(5)) != list(other.run(5))


def test_solving_looks_every_so_many_steps_and_ends_with_the_budget_or_below_the_limit():
    def looks(**options):
        training = Recipe(Adding(T=5), GRU(), H=8, rate=0.01).training(0)
        return training, list(solve(training, **options))

    training, found = looks(budget=25, limit=0.0, every=10)
    losses = [progress.loss for progress in training.history]
    assert [solved for solved, _ in found] == [None, None, None]
    means = [np.mean(losses[a:b]) for a, b in ((0, 10), (10, 20), (20, 25))]
    assert [error for _, error in found] == pytest.approx(means)
    assert found[-1][0] is None
    errors = iter([3.0, 2.0, 1.0])
    training, found = looks(budget=100, limit=1.5, every=10, error=lambda training: next(errors))
    assert found == [(None, 3.0), (None, 2.0), (30, 1.0)]
    assert len(training.history) == 30
    assert list(solve(training, budget=30, limit=1.5)) == []
