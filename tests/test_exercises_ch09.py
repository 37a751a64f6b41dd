"""Chapter 09's exercises: other right answers pass, the solutions are the package's, and a wrong form has its hint."""

import numpy as np
import pytest

from rnnbook import GRU, Model, gradcheck, init_params, sigmoid, unroll
from rnnbook.exercises import ch09, check
from rnnbook.exercises.checking import SEED
from rnnbook.lab.tasks import Vocabulary, pad
from rnnbook.nn import Batch
from rnnbook.nn.layers import readout_backward
from rnnbook.nn.losses import binary_cross_entropy


def named(name, function):
    """The function as if a reader had called it so."""
    function.__name__ = name
    return function


def cases(exercise):
    return exercise.cases(np.random.default_rng(SEED))


def by_words_kept(words, index, n):
    """A dict of the words that have a token, made first."""
    kept = {word: k + 1 for word, k in index.items() if k <= n}
    return np.array([kept.get(word, 1) for word in words])


def by_logaddexp(logits, y):
    signs = 2 * y - 1
    return {
        "loss": float(np.logaddexp(0, -signs * logits).mean()),
        "dlogits": -signs * sigmoid(-signs * logits) / len(y),
    }


def by_loop(h, err, W_hy):
    pairs = list(zip(h, err, strict=True))
    return {
        "W_hy": sum(np.outer(h_n, err_n) for h_n, err_n in pairs),
        "b_y": np.ones(len(h)) @ err,
        "h": np.stack([W_hy @ err_n for _, err_n in pairs]),
    }


def kept_over_padding(h, real):
    state = h[0]
    for h_t, real_t in zip(h, real, strict=True):
        state = np.where(real_t[:, None], h_t, state)
    return state


def by_weights(dmean, real):
    return np.einsum("tn,nh->tnh", real / real.sum(axis=0), dmean)


def by_review(x, real, y, V, alpha):
    p = {1: np.full(V, alpha), 0: np.full(V, alpha)}
    for n, label in enumerate(y):
        p[label][np.unique(x[real[:, n], n])] += 1
    return np.log(p[1]) - np.log(p[0]) - np.log(p[1].sum()) + np.log(p[0].sum())


OTHERS = {
    "encode": [by_words_kept],
    "log_loss": [by_logaddexp, lambda a, y: dict(zip(("loss", "dlogits"), binary_cross_entropy(a, y), strict=True))],
    "readout_gradients": [by_loop],
    "last_real": [
        kept_over_padding,
        lambda h, real: np.array([h[np.flatnonzero(real[:, n])[-1], n] for n in range(real.shape[1])]),
    ],
    "pool_backward": [by_weights],
    "log_count_ratio": [by_review],
}


@pytest.mark.parametrize(("name", "k"), [(name, k) for name, others in OTHERS.items() for k in range(len(others))])
def test_a_right_answer_may_be_written_in_another_way(name, k):
    assert check(named(name, OTHERS[name][k])).message.startswith("correct: ")


def test_every_exercise_has_another_right_answer_and_six_mistakes():
    assert list(OTHERS) == [exercise.name for exercise in ch09.EXERCISES]
    assert min(len(exercise.mistakes) for exercise in ch09.EXERCISES) >= 6


@pytest.mark.parametrize("exercise", ch09.EXERCISES, ids=lambda exercise: exercise.name)
def test_every_mistake_is_wrong_on_a_case(exercise):
    for hint, wrong in exercise.mistakes.items():
        answers = []
        with np.errstate(all="ignore"):
            for args in cases(exercise):
                found, right = wrong(*args), exercise.solution(*args)
                found, right = [d.values() for d in (found, right)] if isinstance(right, dict) else ([found], [right])
                answers += [np.shape(a) == np.shape(b) and np.allclose(a, b) for a, b in zip(found, right, strict=True)]
        assert not all(answers), hint


# --- the solutions are what the package computes --------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 4])
def test_tokens_are_those_of_a_vocabulary(n):
    texts = ["a film not bad", "a film", "a good film not", "a"]
    index = {word: k for k, word in enumerate(Vocabulary.of(texts).words, start=1)}
    words = ["a", "zither", "bad", "film", "good", "not", "a"]
    np.testing.assert_array_equal(ch09.encode(words, index, n), Vocabulary.of(texts, n).encode(" ".join(words)))


def test_keras_ids_are_the_ones_its_loader_gives():
    """As `keras.datasets.imdb.load_data` does it: shifted by index_from, then cut at num_words, then oov_char."""
    wrong = [w for hint, w in ch09.ENCODE.mistakes.items() if hint.startswith("Keras' ids")]
    for words, index, n in cases(ch09.ENCODE):
        shifted = [index.get(word, n) + 3 for word in words]  # every id it gets is of the index; one above n is unknown
        ids = [w if w < n else 2 for w in shifted]
        np.testing.assert_array_equal(wrong[0](words, index, n), ids)
        np.testing.assert_array_equal(wrong[1](words, index, n), [1, *ids])


def test_the_loss_is_the_packages_at_any_logit():
    for logits, y in cases(ch09.LOG_LOSS):
        loss, dlogits = binary_cross_entropy(logits, y)
        mine = ch09.log_loss(logits, y)
        assert mine["loss"] == pytest.approx(loss, rel=1e-12)
        np.testing.assert_allclose(mine["dlogits"], dlogits, rtol=1e-12)


@pytest.mark.parametrize("K", [1, 2, 3])
def test_the_readout_back_is_the_packages_and_the_published_bias_is_right_for_one_output_alone(K):
    rng = np.random.default_rng(K)
    h, err, params = rng.normal(size=(5, 4)), rng.normal(size=(5, K)), {"W_hy": rng.normal(size=(4, K))}
    grads, dh = readout_backward(params | {"b_y": np.zeros(K)}, h, err)
    mine = ch09.readout_gradients(h, err, params["W_hy"])
    for key, theirs in {**grads, "h": dh}.items():
        np.testing.assert_allclose(mine[key], theirs, rtol=1e-12)
    assert np.allclose(err.sum(), mine["b_y"]) == (K == 1)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_last_real_state_is_that_of_the_sequence_alone(side):
    rng = np.random.default_rng(0)
    params = init_params(GRU(), 3, 4, rng)
    rows = [rng.integers(1, 9, size=n) for n in (5, 2, 3)]
    E = rng.normal(size=(9, 3))
    x, real = pad(rows, T=7, side=side)
    h = unroll(GRU(), params, E[x], mask=real)[0]
    alone = np.stack([unroll(GRU(), params, E[row][:, None])[0][-1, 0] for row in rows])
    np.testing.assert_allclose(ch09.last_real(h, real), alone, rtol=1e-12)


def test_the_backward_of_a_mean_passes_the_gradient_check():
    rng = np.random.default_rng(1)
    real = pad([np.ones(n, int) for n in (4, 2, 6)])[1]
    weights = rng.normal(size=(3, 2))

    def loss(params):
        mean = (params["h"] * real[:, :, None]).sum(axis=0) / real.sum(axis=0)[:, None]
        return float((weights * mean).sum()), {"h": ch09.pool_backward(weights, real)}

    assert gradcheck(loss, {"h": rng.normal(size=(6, 3, 2))}).error < 1e-8


def test_ratios_turn_their_sign_with_the_labels_and_shrink_with_alpha():
    for x, real, y, V, alpha in cases(ch09.LOG_COUNT_RATIO):
        r = ch09.log_count_ratio(x, real, y, V, alpha)
        np.testing.assert_allclose(ch09.log_count_ratio(x, real, 1 - y, V, alpha), -r, rtol=1e-12, atol=1e-15)
        assert np.abs(ch09.log_count_ratio(x, real, y, V, 1e9)).max() < 1e-6


# --- a wrong form may be a typical mistake too ----------------------------------------------------


def test_the_published_bias_gradient_has_its_hint_at_the_first_case_with_two_outputs():
    def readout_gradients(h, err, W_hy):
        return {"W_hy": h.T @ err, "b_y": np.sum(err), "h": err @ W_hy.T}

    assert check(readout_gradients).message.startswith("one number for b_y: summed over everything it is right for one")


def test_words_that_are_left_out_are_missed():
    def encode(words, index, n):
        found = []
        for word in words:
            if word in index and index[word] <= n:
                found.append(index[word] + 1)
        return np.array(found)

    assert check(encode).message.startswith("unknown words are left out")


def test_another_wrong_form_is_named_as_it_is():
    def encode(words, index, n):
        return [index.get(word, 1) for word in words]

    assert check(encode).message == "returned list; expected an array: np.array makes one of it"

    def readout_gradients(h, err, W_hy):
        return {"W_hy": h.T @ err, "b_y": np.max(err), "h": err @ W_hy.T}

    assert check(readout_gradients).message == "returned float64 of b_y; expected an array"


def test_words_and_indices_are_written_out():
    def encode(words, index, n):
        return np.array([index[word] + 2 * (index[word] > 2) for word in words if word in index])

    message = check(encode).message
    assert message.startswith("returned an array of shape (6,)")
    assert "called with words = ['" in message
    assert "index {" in message

    def encode(words, index, n):
        return ch09.encode(words, index, n) + 5 * (len(words) == 1)

    assert check(encode).message.startswith(
        "differs for words = ['good'], index = {the 1, film 2, good 3}, n = 3: yours is [9], expected [4]; right for 4"
    )


def test_the_model_that_the_exercises_are_parts_of_has_the_same_gradients():
    """Last real state, readout, loss and their way back, joined by hand, against the package."""
    rng = np.random.default_rng(2)
    model = Model(GRU(), loss="logistic", steps="last")
    params = init_params(GRU(), 3, 4, rng) | {"W_hy": rng.normal(size=(4, 1)), "b_y": rng.normal(size=1)}
    real = pad([np.ones(n, int) for n in (5, 2, 3)])[1]
    x, y = rng.normal(size=(5, 3, 3)), np.array([1.0, 0.0, 1.0])
    h = unroll(GRU(), params, x, mask=real)[0]
    last = ch09.last_real(h, real)
    found = ch09.log_loss((last @ params["W_hy"] + params["b_y"])[:, 0], y)
    back = ch09.readout_gradients(last, found["dlogits"][:, None], params["W_hy"])
    theirs = model.gradients(params, Batch(x, y[:, None], real=real))
    assert theirs.loss == pytest.approx(found["loss"], rel=1e-12)
    for key in ("W_hy", "b_y"):
        np.testing.assert_allclose(back[key], theirs.params[key], rtol=1e-10)
    np.testing.assert_allclose(back["h"], theirs.back.states[0][-1], rtol=1e-10)


# --- what readers write ---------------------------------------------------------------------------


def with_sigmoid(clip, eps):
    """The loss as the published network has it: a sigmoid that is clipped from below, then a probability that is."""

    def log_loss(logits, y):
        a = 1 / (1 + np.exp(-np.clip(logits, clip, None)))
        p = np.clip(a, eps, 1 - eps)
        return {"loss": float(np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p)))), "dlogits": (a - y) / len(y)}

    return log_loss


def test_the_published_loss_is_told_that_it_is_clipped():
    assert check(with_sigmoid(-100, 1e-10)).message.startswith("clipped at 1e-10: no loss is above 23.0 then")


def test_a_sigmoid_that_is_clipped_where_it_is_0_in_all_but_name_is_right():
    def log_loss(logits, y):
        p = 1 / (1 + np.exp(-np.clip(logits, -100, None)))
        return {"loss": float(np.mean(np.logaddexp(0, logits) - y * logits)), "dlogits": (p - y) / len(y)}

    assert check(log_loss).passed


def test_one_index_for_two_axes_is_told():
    def last_real(h, real):
        return h[real.sum(axis=0) - 1]

    assert check(last_real).message.startswith("all these steps of every sequence, and counted from the start")
