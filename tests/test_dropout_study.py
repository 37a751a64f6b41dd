"""Noise in two layers: the same net wherever it is, scaling at prediction or in training, and the stored runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, Dropout, Model, Recurrent, load_table, unroll
from rnnbook.lab.studies import (
    auc,
    dropout_training,
    memory_training,
    noisy_layers,
    sample_answers,
    small_set,
    unscaled,
)
from rnnbook.lab.studies.dropout import NOISES
from tools import noises

CELLS = [RNN(), LSTM(), GRU()]
cells = pytest.mark.parametrize("cell", CELLS, ids=repr)


def test_a_deal_gives_every_digit_to_one_part_and_another_deal_gives_others():
    parts = small_set("digits", seed=0)
    images = np.concatenate([batch.x for batch in parts], axis=1)
    assert images.shape == (8, 1797, 8)
    other = np.concatenate([batch.x for batch in small_set("digits", seed=1)], axis=1)
    assert not np.array_equal(images, other)
    assert sorted(images.sum(axis=(0, 2)).tolist()) == sorted(other.sum(axis=(0, 2)).tolist())
    again = small_set("digits", seed=0)
    assert all(np.array_equal(one.x, two.x) for one, two in zip(parts, again, strict=True))


def test_lines_are_predicted_from_a_newline_to_the_next():
    parts = small_set("lines", seed=3)
    assert [batch.x.shape[1] for batch in parts] == [12, 4, 4]
    for batch in parts:
        assert (batch.x[0] == batch.x[0, 0]).all()
        last = batch.lengths - 1
        assert (batch.y[last, np.arange(len(last))] == batch.x[0, 0]).all()
        real = batch.real_steps()
        np.testing.assert_array_equal(batch.y[:-1][real[1:]], batch.x[1:][real[1:]])


@cells
def test_noise_of_every_kind_has_the_same_arrays_and_starts_the_same(cell):
    starts = [noisy_layers(noise, 0.5, cell, 3).init(2, np.random.default_rng(0)) for noise in NOISES]
    for params in starts:
        assert params.keys() == starts[0].keys()
        assert all(np.array_equal(params[key], starts[0][key]) for key in params)


@cells
@given(st.sampled_from(["step", "sequence"]), st.floats(0.05, 0.9), st.integers(0, 99))
def test_what_is_kept_may_be_scaled_in_training_or_the_weights_behind_it_at_prediction(cell, fresh, drop, seed):
    """Within: masks of 0 and 1 before the larger weights are the scaled masks before the trained ones."""
    rng = np.random.default_rng(seed)
    T, N, D, H = 5, 2, 3, 4
    params, x = Recurrent(cell, H).init(D, rng), rng.normal(size=(T, N, D))
    keep = (rng.random((T if fresh == "step" else 1, 1, N, H)) >= drop).astype(float)
    whole = unscaled(fresh, drop, {f"l0.{key}": array for key, array in params.items()})
    larger = {key.removeprefix("l0."): array for key, array in whole.items()}
    scaled, *_ = unroll(cell, params, x, None, None, None, keep / (1 - drop))
    plain, *_ = unroll(cell, larger, x, None, None, None, keep)
    np.testing.assert_allclose(plain, scaled, rtol=1e-9, atol=1e-12)


class Unscaled(Dropout):
    """Dropout as it was first written: what is kept stays as it is."""

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        y, state, tape = super().forward(params, x, state, mask, rng, workspace)
        return y if rng is None else y * (1 - self.rate), state, tape


@cells
@given(st.floats(0.05, 0.9), st.integers(0, 99))
def test_the_same_between_layers(cell, drop, seed):
    scaled = noisy_layers("layers", drop, cell, 4)
    first, _, second = scaled.layers
    plain = type(scaled)((first, Unscaled(drop), second))
    rng = np.random.default_rng(seed)
    params, x = scaled.init(3, rng), rng.normal(size=(5, 2, 3))
    one, *_ = scaled.forward(params, x, rng=np.random.default_rng(1))
    other, *_ = plain.forward(unscaled("layers", drop, params), x, rng=np.random.default_rng(1))
    np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-12)
    assert not np.allclose(scaled.forward(params, x)[0], plain.forward(unscaled("layers", drop, params), x)[0])


def test_without_noise_there_is_nothing_to_scale():
    params = {"l0.W_hh": np.ones(2), "l2.W_xh": np.ones(2)}
    assert unscaled("none", 0.5, params) == params
    behind = {noise: {key for key, a in unscaled(noise, 0.5, params).items() if (a == 2).all()} for noise in NOISES}
    assert behind == {"none": set(), "layers": {"l2.W_xh"}, "step": {"l0.W_hh"}, "sequence": {"l0.W_hh"}}


def test_a_run_with_noise_can_be_made_again():
    for make in (
        lambda: dropout_training("digits", "layers", 0.5, seed=1)[0],
        lambda: dropout_training("lines", "sequence", 0.5, seed=1)[0],
        lambda: memory_training("GRU", "step", 0.25, seed=1, rate=0.01),
    ):
        one, two = ([progress.loss for progress in make().run(3)] for _ in range(2))
        assert one == two


def test_draws_differ_where_something_is_dropped_and_nowhere_else():
    for noise, differs in (("layers", True), ("sequence", True), ("none", False)):
        training, split = dropout_training("digits", noise, 0.5, seed=0)
        x = split.test.x[:, :4]
        drawn = sample_answers(training.model, training.params, x, np.random.default_rng(0), 3)
        again = sample_answers(training.model, training.params, x, np.random.default_rng(0), 3)
        np.testing.assert_array_equal(drawn, again)
        np.testing.assert_allclose(drawn.sum(axis=-1), 1, rtol=1e-5)
        assert (drawn.std(axis=0).max() > 1e-4) == differs


def test_only_classes_have_probabilities():
    with pytest.raises(ValueError, match="a model with a softmax loss"):
        sample_answers(Model(RNN()), {}, np.ones((1, 1, 1)), np.random.default_rng(0), 1)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_the_area_is_the_share_of_pairs(a, b):
    pairs = [(x > y) + (x == y) / 2 for x in a for y in b]
    assert auc(a, b) == pytest.approx(np.mean(pairs))
    assert auc(a, b) + auc(b, a) == pytest.approx(1)


# --- the stored runs ------------------------------------------------------------------------------


def test_the_dropout_table_has_every_look_of_every_run():
    rows = load_table("dropout")
    wanted = []
    for data, noise, drop, rate, seed in noises.DROPOUT:
        every, steps = noises.STEPS[data]
        looks = [(steps_now, "scaled") for steps_now in range(every, steps + 1, every)]
        looks += [(steps, "unscaled")] * (drop > 0)
        wanted += [(data, noise, drop, rate, seed, *look) for look in looks]
    keys = ("data", "noise", "drop", "rate", "seed", "steps", "reading")
    assert [tuple(row[key] for key in keys) for row in rows] == wanted
    for row in rows:
        assert min(row["train"], row["validation"], row["test"]) >= 0
        assert (
            0 <= min(row["right_validation"], row["right_test"]) <= max(row["right_validation"], row["right_test"]) <= 1
        )


def test_looks_can_be_made_again(monkeypatch):
    monkeypatch.setitem(noises.STEPS, "digits", (25, 50))
    setting = ("digits", "none", 0.0, 1e-2, 0)
    made = noises.dropout(*setting)
    keys = ("data", "noise", "drop", "rate", "seed")
    stored = [row for row in load_table("dropout") if tuple(row[key] for key in keys) == setting][:2]
    for row, found in zip(stored, made, strict=True):
        assert row["steps"] == found[5]
        assert row["test"] == pytest.approx(float(found[9]), rel=0.1)


def test_the_noise_table_has_every_run_once():
    keys = ("cell", "noise", "drop", "rate", "seed", "steps")
    wanted = [(*setting, steps) for setting in noises.NOISE for steps in noises.NOISE_STEPS]
    assert [tuple(row[key] for key in keys) for row in load_table("noise")] == wanted


def test_the_monte_carlo_table_has_every_run_once():
    rows = load_table("monte_carlo")
    assert [(row["noise"], row["drop"], row["seed"]) for row in rows] == noises.MONTE_CARLO
    for row in rows:
        assert min(row["spread"], row["doubt"], row["plain_doubt"]) >= 0
        assert max(row["spread"], row["doubt"], row["plain_doubt"]) <= 1
