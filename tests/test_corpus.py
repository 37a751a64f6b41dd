"""Labelled texts as tokens: what comes back, where padding goes, and that a mask makes it nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN
from rnnbook.lab.tasks import Corpus, Reviews, Vocabulary, pad, split_words

TEXTS = ("good", "not good, bad", "not bad, good", "a dull film", "a very good film", "dull")
CORPUS = Corpus(TEXTS, [1, 0, 1, 0, 1, 0], {"train": range(4), "validation": [4], "test": [5]}, name="six")
rows = st.lists(st.lists(st.integers(2, 9), min_size=1, max_size=7).map(np.array), min_size=1, max_size=5)
sides = st.sampled_from(["left", "right"])


@given(st.lists(st.text(alphabet="abcd '.,", min_size=1), min_size=1, max_size=5), st.integers(1, 9))
def test_words_of_the_vocabulary_come_back_and_others_are_unknown(texts, n):
    words = [word for text in texts for word in split_words(text)]
    if not words:
        with pytest.raises(ValueError, match="the texts have at least one word; got none"):
            Vocabulary.of(texts, n)
        return
    whole, part = Vocabulary.of(texts), Vocabulary.of(texts, n)
    assert len(whole) == len(set(words)) + 2
    assert part.words == whole.words[:n]
    counts = [words.count(word) for word in whole.words]
    assert counts == sorted(counts, reverse=True)
    for text in texts:
        if split_words(text):
            assert whole.decode(whole.encode(text)) == " ".join(split_words(text))
        known = [word if word in part.words else "<unknown>" for word in split_words(text)] or ["<unknown>"]
        assert part.decode(part.encode(text)) == " ".join(known)


@given(rows, st.integers(1, 9), sides, sides)
def test_padding_and_cutting_at_either_end(rows, T, side, cut):
    x, real = pad(rows, T, side, cut)
    assert x.shape == real.shape == (T, len(rows))
    assert (x[~real] == 0).all()
    for n, row in enumerate(rows):
        kept = row[:T] if cut == "right" else row[-T:]
        np.testing.assert_array_equal(x[real[:, n], n], kept)
        edge = real[:, n] if side == "right" else real[::-1, n]
        assert (np.diff(edge.astype(int)) <= 0).all()  # real steps first, seen from the other side


@given(rows)
def test_without_a_length_the_longest_decides(rows):
    assert len(pad(rows)[0]) == max(map(len, rows))


@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU()], ids=repr)
def test_a_mask_makes_the_side_and_the_amount_of_padding_nothing(cell):
    tasks = [Reviews(CORPUS, T=T, side=side) for T, side in ((None, "right"), (9, "right"), (9, "left"))]
    model = tasks[0].model(cell)
    params = model.init_params(tasks[0].input_size, 5, 1, np.random.default_rng(0), embedding_size=3)
    answers = []
    for task in tasks:
        batch = task.batch("train")
        answers.append(model.predict(params, batch.x, mask=batch.real_steps())[0])
    np.testing.assert_allclose(answers[1], answers[0], atol=1e-12)
    np.testing.assert_allclose(answers[2], answers[0], atol=1e-12)
    bare = Reviews(CORPUS, T=9, masked=False).batch("train")
    assert bare.real is None
    assert not np.allclose(model.predict(params, bare.x)[0], answers[0])


@pytest.mark.parametrize("N", [1, 3, 4, 9])
def test_a_round_has_every_training_review_once(N):
    task = Reviews(CORPUS)
    batches = task.batches(np.random.default_rng(0), N)
    for _ in range(3):
        met = [next(batches) for _ in range(-(-4 // N))]
        seen = sorted(
            task.vocabulary.decode(batch.x[batch.real[:, n], n]) for batch in met for n in range(len(batch.y))
        )
        assert seen == sorted(" ".join(split_words(text)) for text in TEXTS[:4])


def test_a_task_knows_its_sizes_and_what_the_more_frequent_label_reaches():
    task = Reviews(CORPUS, n=3)
    assert task.vocabulary.words == ("good", "bad", "not")  # three, two, two times, then in alphabetical order
    assert (task.input_size, task.output_size, task.baseline) == (5, 1, pytest.approx(np.log(2)))
    assert task.chance == 1.0
    assert task.batch("train", most=2).y.tolist() == [[1.0], [0.0]]
    x, real = task.encode(["Good, not dull", "bad"])
    assert x.T.tolist() == [[2, 4, 1], [3, 0, 0]]
    assert real.T.tolist() == [[True, True, True], [True, False, False]]


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: Corpus("good", [1], {}), TypeError, "texts is a list of strings; got 'good'"),
        (lambda: Corpus(("a",), [2], {}), ValueError, "labels are from 0 to 1; got 2 to 2"),
        (lambda: Corpus(("a", "b"), [1], {}), ValueError, r"labels has shape \(texts = 2\); got \(1,\)"),
        (lambda: Corpus(("a",), [1], {"train": [0]}), ValueError, "splits are train, validation, test; got 'train'"),
        (
            lambda: Corpus(("a", "b"), [1, 0], {"train": [0], "validation": [1], "test": []}),
            ValueError,
            "every split has at least one text; test has none",
        ),
        (
            lambda: Corpus(("a", "b"), [1, 0], {"train": [0], "validation": [1], "test": [1]}),
            ValueError,
            "a text is in one split, once",
        ),
        (lambda: CORPUS.part("dev"), ValueError, "split is one of 'train', 'validation', 'test'; got 'dev'"),
        (lambda: Reviews(list(TEXTS)), TypeError, "corpus is a Corpus"),
        (lambda: Reviews(CORPUS, side="pre"), ValueError, "side is one of 'left', 'right'; got 'pre'"),
        (lambda: Reviews(CORPUS, masked=1), TypeError, "masked is True or False; got 1"),
        (lambda: Vocabulary(("a", "a")), ValueError, "at least one word, and none twice"),
        (lambda: Vocabulary(("a",)).decode([3]), ValueError, "tokens are from 0 to 2; got 3 to 3"),
        (lambda: Vocabulary(("a",)).encode(["a"]), TypeError, "text is a string; got list"),
        (lambda: pad([]), TypeError, "sequences is a list of rows of tokens, at least one"),
        (lambda: pad([np.array([0.5])]), TypeError, "sequence 0 are whole numbers"),
    ],
)
def test_bad_input_is_named(make, error, says):
    with pytest.raises(error, match=says):
        make()
