"""Reading a network that judges: verdicts, gradients, occlusion, neighbours, calibration; and what is stored."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.lab.gradients import numerical_gradient
from rnnbook.lab.reading import (
    calibration,
    flip_not,
    neighbours,
    occlusion,
    review_reader,
    verdicts,
    word_gradients,
)
from rnnbook.lab.tasks import Reviews, Vocabulary, make_reviews
from rnnbook.lab.training import accuracy
from rnnbook.nn import GRU, LSTM, RNN, Both, Dropout, Embedding, Model, Recurrent, Residual, Stack, sigmoid
from rnnbook.view.colored_words import signed_levels, word_rows
from rnnbook.view.verdicts import calibration_picture, verdict_picture
from tools.readers import DATA, store

V, D, H = 7, 3, 4
NETS = {  # layer, and options of init_params
    "RNN, one-hot": (RNN(), {"hidden_size": H}),
    "GRU, embedding": (GRU(), {"hidden_size": H, "embedding_size": D}),
    "LSTM in a stack": (Stack((Embedding(V, D), Dropout(0.5), Recurrent(LSTM(), H))), {"hidden_size": None}),
    "two layers": (Stack((Recurrent(RNN(), D), Residual(Recurrent(GRU(), D)))), {"hidden_size": None}),
    "both ways": (Both(Recurrent(GRU(), H)), {"hidden_size": None, "embedding_size": D}),
    "both ways in a stack": (Stack((Embedding(V, D), Both(Recurrent(RNN(), H)))), {"hidden_size": None}),
}
each_net = pytest.mark.parametrize("name", NETS)
texts = st.lists(st.integers(0, V - 1), min_size=1, max_size=8).map(np.array)


def net(name, dtype=np.float64):
    layer, options = NETS[name]
    model = Model(layer, loss="logistic", steps="last")
    params = model.init_params(V, output_size=1, rng=np.random.default_rng(3), dtype=dtype, **options)
    return model, params | {"b_y": np.array([0.3], dtype)}


def logit(model, params, tokens):
    return model.predict(params, tokens[:, None])[0][0, 0]


@each_net
@settings(max_examples=15)
@given(tokens=texts)
def test_a_verdict_after_a_word_is_that_on_the_text_cut_there(name, tokens):
    model, params = net(name)
    cut = [sigmoid(logit(model, params, tokens[: t + 1])) for t in range(len(tokens))]
    np.testing.assert_allclose(verdicts(model, params, tokens), cut, rtol=1e-12)


@each_net
@settings(max_examples=15)
@given(tokens=texts, data=st.data())
def test_padding_that_is_masked_changes_nothing(name, tokens, data):
    model, params = net(name)
    before = data.draw(st.integers(0, 3))
    mask = np.arange(before + len(tokens) + 2)
    mask = (mask >= before) & (mask < before + len(tokens))
    padded = np.zeros(len(mask), int)
    padded[mask] = tokens
    alone = verdicts(model, params, tokens)
    found = verdicts(model, params, padded, mask)
    np.testing.assert_allclose(found[mask], alone, rtol=1e-12)
    np.testing.assert_allclose(found[before + len(tokens) :], alone[-1], rtol=1e-12)
    one, other = word_gradients(model, params, padded, mask), word_gradients(model, params, tokens)
    np.testing.assert_allclose(one.norms[mask], other.norms, rtol=1e-9, atol=1e-15)
    assert not one.norms[~mask].any()


@each_net
@settings(max_examples=15)
@given(tokens=texts)
def test_occlusion_is_the_difference_to_the_text_without_the_word(name, tokens):
    model, params = net(name)
    whole = logit(model, params, tokens)
    unknown = [logit(model, params, np.where(np.arange(len(tokens)) == t, 1, tokens)) for t in range(len(tokens))]
    np.testing.assert_allclose(occlusion(model, params, tokens, "unknown"), whole - unknown, atol=1e-12)
    if len(tokens) > 1:
        without = [logit(model, params, np.delete(tokens, t)) for t in range(len(tokens))]
        np.testing.assert_allclose(occlusion(model, params, tokens), whole - without, atol=1e-12)


@each_net
@settings(max_examples=8, deadline=None)
@given(tokens=texts)
def test_word_gradients_are_the_slopes_of_the_logit(name, tokens):
    """By differences: each place has a vector of its own, so that equal words are moved one at a time."""
    model, params = net(name)
    found = word_gradients(model, params, tokens)
    assert found.logit == pytest.approx(logit(model, params, tokens), rel=1e-12)
    key = next((key for key in params if key in ("E", "l0.E")), None)
    vectors = np.eye(V)[tokens] if key is None else params[key][tokens]
    if key == "E":
        inner, rest = model, {name: array for name, array in params.items() if name != "E"}
    elif key is None:
        inner, rest = model, params
    else:
        inner = Model(Stack(model.layer.layers[1:]), loss="logistic", steps="last")
        rest = {name.replace("l1.", "l0.").replace("l2.", "l1."): array for name, array in params.items()}
        del rest["l0.E"]
    slopes = numerical_gradient(lambda p: float(inner.predict(rest, p["x"])[0][0, 0]), {"x": vectors[:, None]})["x"][
        :, 0
    ]
    np.testing.assert_allclose(found.norms, np.linalg.norm(slopes, axis=1), rtol=1e-4, atol=1e-8)
    np.testing.assert_allclose(found.products, (slopes * vectors).sum(axis=1), rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("bias", [-800.0, 800.0])
def test_the_gradient_is_there_however_sure_the_verdict_is(bias):
    model, params = net("GRU, embedding")
    one = word_gradients(model, params, np.array([2, 3, 4]))
    other = word_gradients(model, params | {"b_y": np.array([bias])}, np.array([2, 3, 4]))
    np.testing.assert_allclose(one.products, other.products, rtol=1e-9)


def test_neighbours_are_sorted_words_and_not_the_word_itself():
    vocabulary = Vocabulary(("a", "b", "c", "d"))
    E = np.array([[9.0, 9], [9, 9], [1, 0], [2, 0.1], [-1, 0], [0, 0]])
    assert [word for word, _ in neighbours({"E": E}, vocabulary, "a", 9)] == ["b", "d", "c"]
    cosines = [cosine for _, cosine in neighbours({"l0.E": E}, vocabulary, "a", 9)]
    np.testing.assert_allclose(cosines, [2 / np.hypot(2, 0.1), 0, -1])
    with pytest.raises(ValueError, match="'film' is not one of the 4 words"):
        neighbours({"E": E}, vocabulary, "film")
    with pytest.raises(ValueError, match="E has shape"):
        neighbours({"E": E[1:]}, vocabulary, "a")


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1), st.integers(1, 20))
def test_calibration_sorts_all_into_bins(pairs, bins):
    p, labels = map(np.array, zip(*pairs, strict=True))
    found = calibration(p, labels, bins)
    assert found.counts.sum() == len(p)
    assert (found.counts > 0).all()
    assert found.counts @ found.means == pytest.approx(p.sum())
    assert found.counts @ found.shares == pytest.approx(labels.sum())
    assert 0 <= found.error <= 1
    whole = abs(p.mean() - labels.mean())
    assert found.error >= whole - 1e-12
    assert calibration(p, labels, 1).error == pytest.approx(whole)


def test_a_calibrated_probability_has_no_error_and_a_sure_one_its_share():
    p, labels = np.repeat([0.25, 0.75], 4), np.array([1, 0, 0, 0, 1, 1, 1, 0])
    assert calibration(p, labels).error == 0
    assert calibration(np.ones(4), [1, 0, 0, 0])[3:] == (0.75, 0.75)


@pytest.mark.parametrize("call", [verdicts, word_gradients, occlusion])
def test_only_what_gives_one_logit_at_the_end_is_read(call):
    tokens = np.array([1, 2])
    for loss, steps in (("softmax", "last"), ("logistic", "every")):
        model = Model(RNN(), loss=loss, steps=steps)
        params = model.init_params(V, H, 1, np.random.default_rng(0))
        with pytest.raises(ValueError, match="model has loss 'logistic' and steps 'last'"):
            call(model, params, tokens)
    model = Model(RNN(), loss="logistic")
    with pytest.raises(ValueError, match=r"one output; got b_y of shape \(2,\)"):
        call(model, model.init_params(V, H, 2, np.random.default_rng(0)), tokens)


def test_an_embedding_within_another_layer_is_refused():
    model = Model(Both(Stack((Embedding(V, D), Recurrent(RNN(), H)))), loss="logistic")
    params = model.init_params(V, None, 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="the embedding is the lowest layer of a stack; got Both"):
        word_gradients(model, params, np.array([1, 2]))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_stored_network_is_of_the_books_reviews_and_has_learned_them(language):
    vocabulary, model, params = review_reader(language)
    task = Reviews(make_reviews(language=language))
    assert vocabulary == task.vocabulary
    assert {name: array.shape for name, array in params.items()} == {
        **{"E": (1002, 16), "W_xh": (16, 96), "W_hh": (32, 96), "b_h": (96,), "b_hn": (32,)},
        **{"W_hy": (32, 1), "b_y": (1,)},
    }
    assert all(np.isfinite(array).all() and array.dtype == np.float64 for array in params.values())
    assert accuracy(model, params, task.batch("test")) >= 0.9


def test_what_a_training_stores_is_what_is_read(tmp_path):
    vocabulary, _, params = review_reader("ko")
    store(tmp_path / "one.npz", vocabulary.words, params)
    store(tmp_path / "two.npz", vocabulary.words, params)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz", allow_pickle=False) as found, np.load(DATA / "reviews_ko.npz") as stored:
        assert found.files == stored.files
        assert all((found[name] == stored[name]).all() for name in found.files)


def test_pictures_show_the_numbers_and_say_them():
    words = ["so", "dull"]
    fig, sentence = verdict_picture(words, {"one": [0.2, 0.9], "two": [0.5, 0.1]}, {"left out": [-1.0, 2.0]})
    verdict, below = fig.axes
    assert [curve.get_ydata().tolist() for curve in verdict.get_lines()[:2]] == [[0.2, 0.9], [0.5, 0.1]]
    assert [bar.get_height() for bar in below.patches] == [-1.0, 2.0]
    assert [label.get_text() for label in below.get_xticklabels()] == words
    assert "two 0.10 at the end; it changes most at dull, from 0.50 to 0.10" in sentence
    assert sentence.endswith("left out: most for good dull (+2.0), for bad so (-1.0).")
    found = calibration([0.1, 0.3, 0.9], [0, 1, 1], bins=2)
    fig, sentence = calibration_picture({"GRU": found})
    assert fig.axes[1].get_lines()[1].get_ydata().tolist() == [0.5, 1.0]
    assert "GRU, 3 reviews: calibration error 0.233" in sentence
    assert "furthest off where 2 have a mean probability of 0.20 and 0.50 are good" in sentence


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: verdict_picture([], [0.5]), TypeError, "words is a list of strings, at least one"),
        (lambda: verdict_picture(["a"], [0.5, 0.5]), ValueError, "p has shape"),
        (lambda: verdict_picture(["a"], [np.nan]), ValueError, "finite number for every word"),
        (lambda: verdict_picture(["a"], [0.5], {"b": [1.0, 2.0]}), ValueError, "b has shape"),
        (lambda: calibration_picture([0.5]), TypeError, "found is a Calibration"),
    ],
)
def test_what_cannot_be_pictured_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_shades_are_signed_and_words_have_rows():
    assert signed_levels([-1.0, 0.0, 0.06, 0.5], 1.0).tolist() == [-8, 0, 0, 4]
    assert signed_levels([0.0], 0.0).tolist() == [0]
    for values, largest in (([np.nan], 1.0), ([2.0], 1.0)):
        with pytest.raises(ValueError, match="values are finite numbers up to the largest"):
            signed_levels(values, largest)
    assert [word_rows(words) for words in ([], ["x" * 2500], ["word"] * 30, ["word"] * 900)] == [1, 1, 2, 6]


def test_not_is_flipped_in_both_languages():
    for text in ("The plot was not dull.", "지루하지 않은 영화", "재미있지 않다는 생각이 들었다"):
        flipped = flip_not(text)
        assert flipped != text
        assert flip_not(flipped) == text
    assert flip_not("not good, not bad") == "good, bad"
    assert flip_not("Is it good? It was.") == "Is it good? It was not."
    assert flip_not("nothing notable") == "nothing notable"


def test_what_is_stored_stays_as_it_is():
    params = review_reader().params
    with pytest.raises(ValueError, match="read-only"):
        params["E"][0] = 0
    params["E"] = None
    assert review_reader().params["E"] is not None
