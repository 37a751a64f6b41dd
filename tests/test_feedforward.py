"""Laws of the feedforward tasks: what a window and a bag see, where the floors are, and that nothing goes below."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import (
    GRU,
    LSTM,
    RNN,
    Adam,
    Adding,
    Bagged,
    Echo,
    Order,
    Recall,
    Series,
    Sine,
    Text,
    Training,
    Windowed,
    accuracy,
    unroll,
)
from rnnbook.lab.tasks import airline, windows
from rnnbook.nn import Batch
from rnnbook.nn.losses import binary_cross_entropy, squared_error

TASKS = [Order(T=7), Sine(T=9), Series(np.arange(9.0), skip=2), Windowed(Recall(L=5), 3), Windowed(Sine(T=6), 2)]
TASKS += [Windowed(Echo(lag=2, T=6), 3), Windowed(Text("hello"), 1), Windowed(Adding(T=4), 4), Bagged(Order(T=7))]


@pytest.mark.parametrize("task", TASKS, ids=repr)
@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU()], ids=repr)
def test_a_batch_fits_the_model_of_its_task(task, cell):
    rng = np.random.default_rng(0)
    model = task.model(cell)
    params = model.init_params(task.input_size, 5, task.output_size, rng)
    found = model.gradients(params, task.make_batch(rng, 1))
    assert np.isfinite(found.loss)
    assert set(found.params) == set(params)


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_the_same_generator_draws_the_same_batches(task):
    one, two = (task.batches(np.random.default_rng(3), 1) for _ in range(2))
    for _ in range(2):
        for a, b in zip(next(one), next(two), strict=True):
            np.testing.assert_equal(a, b)


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_every_task_states_its_baseline(task):
    assert 0 <= task.baseline < np.inf
    if isinstance(task, Windowed | Bagged):
        assert task.baseline == task.task.baseline


@given(st.integers(1, 8), st.integers(1, 4), st.integers(1, 3), st.integers(1, 9), st.integers(0, 99))
def test_a_window_holds_the_last_k_inputs_and_zeros_before_the_start(T, N, D, k, seed):
    x = np.random.default_rng(seed).normal(size=(T, N, D))
    seen = windows(x, k).reshape(T, N, k, D)
    for t in range(T):
        for place in range(k):
            step = t - (k - 1) + place
            np.testing.assert_array_equal(seen[t, :, place], x[step] if step >= 0 else np.zeros((N, D)))


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_what_lies_before_the_window_changes_nothing(k, more, seed):
    rng = np.random.default_rng(seed)
    task = Windowed(Recall(L=k + more), k)
    tokens = rng.integers(4, size=(k + more, 3))
    other = tokens.copy()
    other[:more] = rng.integers(4, size=(more, 3))
    y = np.zeros(3, int)
    np.testing.assert_array_equal(task.see(Batch(tokens, y)).x, task.see(Batch(other, y)).x)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_every_prediction_becomes_a_sequence_of_its_own(k):
    task = Echo(lag=2, T=6)
    batch = task.make_batch(np.random.default_rng(0), 3)
    seen = Windowed(task, k).see(batch)
    assert seen.x.shape == (1, 18, k)
    np.testing.assert_array_equal(seen.y.reshape(6, 3, 1), batch.y)
    np.testing.assert_array_equal(seen.mask.reshape(6, 3, 1), batch.mask)
    np.testing.assert_array_equal(seen.x[0, :, -1].reshape(6, 3), batch.x[:, :, 0])


def test_a_sequence_of_one_step_is_a_feedforward_network():
    rng, task = np.random.default_rng(0), Windowed(Recall(L=4), 3)
    params = task.model(RNN()).init_params(12, 7, 4, rng)
    batch = task.make_batch(rng, 6)
    h, _, _ = unroll(RNN(), params, batch.x)
    np.testing.assert_allclose(h[0], np.tanh(batch.x[0] @ params["W_xh"] + params["b_h"]), rtol=1e-12)
    assert not task.model(RNN()).gradients(params, batch).params["W_hh"].any()


@given(st.permutations(range(8)), st.integers(0, 99))
def test_a_bag_is_the_same_to_the_bit_in_any_order(order, seed):
    rng, task = np.random.default_rng(seed), Order(T=8)
    view = Bagged(task)
    batch = task.make_batch(rng, 4)
    one, other = view.see(batch), view.see(Batch(batch.x[list(order)], batch.y))
    assert one.x.tobytes() == other.x.tobytes()
    assert (one.x == np.round(one.x)).all()
    model = view.model(RNN())
    params = model.init_params(view.input_size, 6, 1, rng)
    assert model.predict(params, one.x)[0].tobytes() == model.predict(params, other.x)[0].tobytes()


@given(st.integers(2, 12), st.integers(1, 5), st.data())
def test_order_has_a_and_b_once_and_says_which_came_first(T, noise, data):
    first = data.draw(st.integers(0, T - 2))
    last = data.draw(st.integers(first + 1, T - 1))
    batch = Order(T, noise, first, last).make_batch(np.random.default_rng(0), 20)
    places = []
    for token in (0, 1):
        assert ((batch.x == token).sum(axis=0) == 1).all()
        places.append((batch.x == token).argmax(axis=0))
        assert (places[-1] >= first).all()
        assert (places[-1] <= last).all()
    np.testing.assert_array_equal(batch.y[:, 0], places[0] < places[1])


@pytest.mark.parametrize("task", [Order(T=6), Order(T=6, last=4), Order(T=6, first=4)], ids=repr)
def test_the_baseline_of_order_is_reached_by_the_last_token(task):
    batch = task.make_batch(np.random.default_rng(0), 100_000)
    last = batch.x[-1]
    logits = np.select([last == 1, last == 0], [30.0, -30.0], 0.0)[:, None]  # B at the end: A came first
    loss, _ = binary_cross_entropy(logits, batch.y)
    assert loss == pytest.approx(task.baseline, abs=0.01)
    assert np.mean(batch.y) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("omega", [0.1, 0.25, 1.0, 3.0])
def test_the_floor_of_a_sine_is_that_of_the_best_function_of_one_value(omega):
    task = Sine(T=5, omega=omega)
    batch = task.make_batch(np.random.default_rng(0), 100_000)
    loss, _ = squared_error(np.cos(omega) * batch.x, batch.y, batch.mask)
    assert loss == pytest.approx(task.baseline, rel=0.02)
    worse, _ = squared_error(0.99 * np.cos(omega) * batch.x, batch.y, batch.mask)
    assert worse > loss
    exact = 2 * np.cos(omega) * batch.x[1:] - batch.x[:-1]
    np.testing.assert_allclose(exact, batch.y[1:], atol=1e-12)
    assert not batch.mask[0].any()
    assert batch.mask[1:].all()


@pytest.mark.parametrize("seed", range(3))
def test_training_never_goes_below_the_floor_of_hello(seed):
    task, rng = Windowed(Text("hello"), 1), np.random.default_rng(seed)
    model = task.model(RNN())
    params = model.init_params(task.input_size, 8, task.output_size, rng)
    training = Training(model, params, task.batches(rng, 1), Adam(0.03))
    losses = np.array([progress.loss for progress in training.run(400)])
    floor = Text("hello").baseline
    assert (losses >= floor - 1e-12).all()
    assert losses[-1] < floor + 0.002
    batch = task.make_batch(rng, 1)
    assert accuracy(model, params, batch) == 0.75


def test_a_second_letter_lifts_the_floor_of_hello():
    task, rng = Windowed(Text("hello"), 2), np.random.default_rng(0)
    model = task.model(RNN())
    params = model.init_params(task.input_size, 8, task.output_size, rng)
    training = Training(model, params, task.batches(rng, 1), Adam(0.03))
    assert list(training.run(300))[-1].loss < 0.01


def test_the_series_is_the_airlines():
    """Checksums of the published table: the first and last year, the sum and the largest number."""
    series = airline()
    assert series.shape == (144,)
    assert series[:12].sum() == 1520
    assert series[-12:].sum() == 5714
    assert (series.sum(), series.max(), series.min()) == (40363, 622, 104)


def test_a_series_is_one_batch_and_what_is_skipped_does_not_count():
    task = Series(np.array([1.0, 2.0, 1.0, 4.0]), skip=0)
    assert task.baseline == pytest.approx((1 + 1) / 3)  # after 1 come 2 and 4: their mean is 1 off both
    assert Series(np.array([1.0, 2.0, 1.0, 4.0]), skip=1).baseline == 0
    batch = Series(np.arange(6.0), skip=2).make_batch()
    np.testing.assert_array_equal(batch.y, batch.x + 1)
    assert batch.mask[:, 0, 0].tolist() == [False, False, True, True, True]


def test_accuracy_counts_what_the_mask_keeps():
    task, rng = Echo(lag=1, T=5), np.random.default_rng(0)
    model = task.model(RNN())
    params = model.init_params(1, 4, 1, rng)
    batch = task.make_batch(rng, 50)
    y, _ = model.predict(params, batch.x)
    right = ((y > 0) == (batch.y == 1))[1:]
    assert accuracy(model, params, batch) == right.mean()


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: windows(np.ones((3, 2)), 2), ValueError, r"x has shape \(T, N, D\); got \(3, 2\)"),
        (lambda: windows(np.ones((3, 2, 1)), 0), ValueError, "k is a whole number of at least 1"),
        (lambda: windows(np.ones((3, 2, 1), int), 1), TypeError, "x holds floating point numbers"),
        (lambda: Windowed("hello", 2), TypeError, "task is a task, as .*; got 'hello'"),
        (lambda: Windowed(Recall(3), 2.0), TypeError, "k is a whole number"),
        (lambda: Bagged(Text("hello")), ValueError, "a bag has one answer for the whole sequence"),
        (
            lambda: Bagged(Adding(4)).make_batch(np.random.default_rng(0), 2),
            ValueError,
            r"a bag counts tokens \(T, N\)",
        ),
        (lambda: Order(1), ValueError, "T is a whole number of at least 2"),
        (lambda: Order(5, last=5), ValueError, "A and B need two of the steps 0 to 4; got first 0, last 5"),
        (lambda: Order(5, first=4), ValueError, "got first 4, last 4"),
        (lambda: Sine(5, omega=4.0), ValueError, "omega is a finite number above 0 and below"),
        (lambda: Series([1.0]), ValueError, r"one series, of at least 2 numbers; got shape \(1,\)"),
        (lambda: Series([1, 2, 3]), TypeError, "values holds floating point numbers"),
        (lambda: Series([1.0, np.nan]), ValueError, "values"),
        (lambda: Series([1.0, 2.0]).make_batch(None, 2), ValueError, "there is one series, so N is 1; got 2"),
        (
            lambda: accuracy(Sine(3).model(RNN()), {}, Sine(3).make_batch(np.random.default_rng(0), 2)),
            ValueError,
            "right",
        ),
        (lambda: accuracy(Recall(3).model(RNN()), {}, np.ones(3)), TypeError, "batch is a Batch"),
    ],
)
def test_bad_settings_are_named(make, error, says):
    with pytest.raises(error, match=says):
        make()
