"""Laws of the tasks: what a batch holds, and that the stated baselines are what knowing nothing reaches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, Adding, Echo, Recall, Text
from rnnbook.nn.losses import binary_cross_entropy, softmax_cross_entropy, squared_error

TASKS = [Adding(T=12), Recall(L=6), Echo(lag=3, T=9), Text("to be or not to be")]


@pytest.mark.parametrize("task", TASKS, ids=repr)
@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU()], ids=repr)
def test_a_batch_fits_the_model_of_its_task(task, cell):
    rng = np.random.default_rng(0)
    model = task.model(cell)
    params = model.init_params(task.input_size, 5, task.output_size, rng)
    step = model.gradients(params, task.make_batch(rng, 4))
    assert np.isfinite(step.loss)
    assert set(step.params) == set(params)


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_the_same_generator_draws_the_same_batches(task):
    one, two = (task.batches(np.random.default_rng(3), 4) for _ in range(2))
    for _ in range(3):
        for a, b in zip(next(one), next(two), strict=True):
            np.testing.assert_equal(a, b)


@given(st.integers(2, 30), st.integers(1, 20), st.integers(0, 99))
def test_adding_marks_one_number_in_each_half(T, N, seed):
    batch = Adding(T).make_batch(np.random.default_rng(seed), N)
    marks = batch.x[..., 1]
    assert (marks[: T // 2].sum(axis=0) == 1).all()
    assert (marks[T // 2 :].sum(axis=0) == 1).all()
    np.testing.assert_allclose(batch.y[:, 0], (batch.x[..., 0] * marks).sum(axis=0))


def test_adding_baseline_is_the_error_of_answering_one():
    batch = Adding(20).make_batch(np.random.default_rng(0), 200_000)
    loss, _ = squared_error(np.ones_like(batch.y), batch.y)
    assert loss == pytest.approx(Adding(20).baseline, rel=0.02)


def test_recall_baseline_is_the_loss_of_equal_logits_and_the_first_token_is_the_answer():
    task = Recall(L=7, tokens=5)
    batch = task.make_batch(np.random.default_rng(0), 100)
    np.testing.assert_array_equal(batch.y, batch.x[0])
    loss, _ = softmax_cross_entropy(np.zeros((100, 5)), batch.y)
    assert loss == pytest.approx(task.baseline)
    assert task.chance == 1 / 5
    assert Recall(L=1).baseline == 0


@given(st.integers(1, 6), st.integers(1, 10))
def test_echo_is_the_input_shifted_by_the_lag(lag, more):
    task = Echo(lag, lag + more)
    batch = task.make_batch(np.random.default_rng(0), 3)
    np.testing.assert_array_equal(batch.y[lag:], batch.x[:-lag] > 0)
    assert batch.mask.sum() == more * 3
    loss, _ = binary_cross_entropy(np.zeros_like(batch.y), batch.y, batch.mask)
    assert loss == pytest.approx(task.baseline)


def test_text_baseline_is_reached_by_the_table_of_pairs():
    """The best table of next-character probabilities given the current one, fitted on the text itself."""
    task = Text("the cat sat on the mat, the hat on the cat")
    counts = np.zeros((task.input_size, task.output_size))
    np.add.at(counts, (task.tokens[:-1], task.tokens[1:]), 1)
    with np.errstate(divide="ignore"):
        logits = np.log(counts[task.tokens[:-1]])
    loss, _ = softmax_cross_entropy(np.maximum(logits, -1e6), task.tokens[1:])
    assert loss == pytest.approx(task.baseline)
    assert Text("hello").baseline == pytest.approx(np.log(2) / 2)


@given(st.text(min_size=2, max_size=60))
def test_any_text_comes_back_from_its_tokens(text):
    task = Text(text)
    assert task.decode(task.encode(text)) == text
    assert task.baseline >= 0


@given(st.text(alphabet="abcde ", min_size=12, max_size=80), st.integers(1, 5), st.integers(1, 9))
def test_text_batches_run_through_each_stream_in_order(text, N, T):
    task = Text(text)
    batches = task.batches(np.random.default_rng(0), N, T)
    length = (len(text) - 1) // N
    rounds = [[next(batches) for _ in range(-(-length // min(T, length)))] for _ in range(2)]
    for batch_list in rounds:
        assert [batch.carry for batch in batch_list] == [False] + [True] * (len(batch_list) - 1)
        x, y = (np.concatenate([b[k] for b in batch_list]) for k in (0, 1))
        assert x.shape == (length, N)
        np.testing.assert_array_equal(x[1:], y[:-1])  # what was predicted is what comes next
        for n in range(N):
            assert task.decode(x[:, n]) in text


def test_text_from_a_file_says_what_is_wrong(tmp_path):
    good = tmp_path / "good.txt"
    good.write_text("안녕 👋", encoding="utf-8")
    assert Text.from_file(good).text == "안녕 👋"
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"ab\xff\xfe")
    with pytest.raises(ValueError, match=r"bad\.bin is not a text in utf-8: .* at byte 2"):
        Text.from_file(bad)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: Adding(1), ValueError, "T is a whole number of at least 2; got 1"),
        (lambda: Adding(2.5), TypeError, "T is a whole number; got 2.5"),
        (lambda: Recall(0), ValueError, "L is a whole number of at least 1"),
        (lambda: Recall(3, tokens=1), ValueError, "tokens is a whole number of at least 2"),
        (lambda: Echo(3, 3), ValueError, "T is a whole number of at least 4"),
        (lambda: Text("a"), ValueError, "at least two characters.*got 1"),
        (lambda: Text(b"ab"), TypeError, "text is a string; got bytes"),
        (lambda: Text("abc").encode("abz"), ValueError, "alphabet is 'abc'; 'z' is not in it"),
        (lambda: Text("abc").make_batch(np.random.default_rng(0), 1, T=3), ValueError, "T is at most 2"),
        (lambda: next(Text("abc").batches(np.random.default_rng(0), 3)), ValueError, "N is at most 2"),
        (lambda: Adding(5).make_batch(np.random.default_rng(0), 0), ValueError, "N is a whole number of at least 1"),
    ],
)
def test_bad_settings_are_named(make, error, says):
    with pytest.raises(error, match=says):
        make()
