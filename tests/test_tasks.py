"""Laws of the tasks: what a batch holds, and that the stated baselines are what knowing nothing reaches."""

import codecs
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, Adding, Echo, Recall, Text
from rnnbook.lab.tasks import Between, TwoScales
from rnnbook.nn.losses import binary_cross_entropy, softmax_cross_entropy, squared_error

TASKS = [Adding(T=12), Recall(L=6), Echo(lag=3, T=9), Text("to be or not to be"), Between(9), TwoScales(20, 5)]


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


KOREAN = "안녕 세상\n둘째 줄\n"
READ = {  # bytes of a file, and the text that they are
    "plain": (KOREAN.encode(), KOREAN),
    "byte order mark": (KOREAN.encode("utf-8-sig"), KOREAN),
    "CRLF": (KOREAN.replace("\n", "\r\n").encode(), KOREAN),
    "CR": (KOREAN.replace("\n", "\r").encode(), KOREAN),
    "UTF-16": (KOREAN.encode("utf-16"), KOREAN),
    "UTF-16 of the other order": (codecs.BOM_UTF16_BE + KOREAN.encode("utf-16-be"), KOREAN),
    "UTF-32": (KOREAN.encode("utf-32"), KOREAN),
    "mark, CRLF": (b"\xef\xbb\xbfa\r\nb", "a\nb"),
}
REFUSED = {  # bytes of a file, and what is said of it
    "cp949": (KOREAN.encode("cp949"), r"is not a text in UTF-8: .* at byte 0; save it as UTF-8"),
    "latin-1": ("grüße".encode("latin-1"), r"is not a text in UTF-8: .* at byte 2; save it as UTF-8"),
    "UTF-16 without its mark": ("hello".encode("utf-16-le"), r"is not a text in UTF-8: it holds the character NUL"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", r"is not a text in UTF-8: .* at byte 0"),
    "zeros": (bytes(100), r"is not a text in UTF-8: it holds the character NUL"),
    "half of UTF-16": (KOREAN.encode("utf-16")[:-1], r"is not a text in utf-16: "),
    "empty": (b"", r"has 0 characters; a text has at least two"),
    "a mark alone": (codecs.BOM_UTF8, r"has 0 characters"),
    "a letter": (b"\xef\xbb\xbfa", r"has 1 characters"),
}


def file_of(tmp_path, content):
    file = tmp_path / "a.txt"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("kind", READ)
def test_a_text_from_a_file_has_neither_marks_nor_carriage_returns(kind, tmp_path):
    content, text = READ[kind]
    assert Text.from_file(file_of(tmp_path, content)).text == text
    assert Text.from_file(str(file_of(tmp_path, content)), encoding="ascii" if "mark" in kind else "utf-8").text == text


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_is_no_text_is_refused_in_words(kind, tmp_path):
    content, said = REFUSED[kind]
    with pytest.raises(ValueError, match=rf"a\.txt {said}"):
        Text.from_file(file_of(tmp_path, content), "UTF-8")


@pytest.mark.parametrize("encoding", ["cp949", "utf-16-le", "utf-8"])
def test_a_text_in_an_encoding_that_is_named(encoding, tmp_path):
    assert Text.from_file(file_of(tmp_path, KOREAN.encode(encoding)), encoding).text == KOREAN
    with pytest.raises(LookupError, match="martian"):
        Text.from_file(file_of(tmp_path, b"hello"), "martian")


def test_what_is_no_file_or_too_large_a_one(tmp_path):
    for path, error in ((tmp_path, OSError), (tmp_path / "missing.txt", FileNotFoundError)):
        with pytest.raises(error, match=re.escape(str(path))):
            Text.from_file(path)
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(ValueError, match=r"large\.txt has more than 10,000,000 bytes, the most that is read: keep a"):
        Text.from_file(large)


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


@given(st.integers(3, 12), st.sampled_from(["both", "differ"]), st.integers(0, 99))
def test_a_label_between_is_that_of_its_neighbours(T, rule, seed):
    batch = Between(T, rule).make_batch(np.random.default_rng(seed), 5)
    before, after = batch.x[:-2] > 0, batch.x[2:] > 0
    expected = before & after if rule == "both" else before != after
    np.testing.assert_array_equal(batch.y[1:-1], expected)
    assert batch.mask[1:-1].all()
    assert not batch.mask[[0, -1]].any()


@pytest.mark.parametrize("rule", ["both", "differ"])
def test_the_floors_of_between_are_what_knowing_that_much_reaches(rule):
    task = Between(50, rule)
    batch = task.make_batch(np.random.default_rng(0), 4000)
    before = np.zeros_like(batch.x, bool)
    before[1:] = batch.x[:-1] > 0
    share = {b: batch.y[batch.mask & (before == b)].mean() for b in (False, True)}
    p = np.where(before, share[True], share[False]).clip(1e-12, 1 - 1e-12)
    for known, floor in ((batch.y[batch.mask].mean(), task.baseline), (p, task.one_way)):
        logits = np.broadcast_to(np.log(known / (1 - known)), batch.y.shape)
        loss, _ = binary_cross_entropy(np.ascontiguousarray(logits), batch.y, batch.mask)
        assert loss == pytest.approx(floor, rel=0.01)


def test_the_floors_of_two_scales_are_what_knowing_that_much_reaches():
    task = TwoScales(60, period=10, slow=0.5, fast=1.2)
    batch = task.make_batch(np.random.default_rng(0), 20_000)
    now, then = batch.x[batch.mask], batch.y[batch.mask]
    slope = (now * then).mean() / (now**2).mean()  # the best guess from one value is a multiple of it, by symmetry
    assert ((then - slope * now) ** 2).mean() == pytest.approx(task.baseline, rel=0.02)
    before, here, after = batch.x[19:-1], batch.x[20:], batch.y[20:]
    guesses = np.stack([2 * np.cos(omega) * here - before for omega in (task.slow, task.fast)])
    still = np.isclose(guesses, after, atol=1e-9).any(axis=0)
    assert 1 - still.mean() == pytest.approx(1 / task.period, rel=0.05)  # the share of steps at which the rate changes
    phase = np.random.default_rng(1).uniform(0, 2 * np.pi, 200_000)
    here, there = np.sin(phase + task.slow), np.sin(phase + task.fast)
    p = 1 / task.period
    guess = (1 - p) * here + p * there
    error = (1 - p) * (guess - here) ** 2 + p * (guess - there) ** 2
    assert error.mean() == pytest.approx(task.countless, rel=0.02)


def test_two_equal_rates_are_refused():
    with pytest.raises(ValueError, match=r"slow and fast are two rates; got 0.5 twice"):
        TwoScales(40, fast=0.5)
