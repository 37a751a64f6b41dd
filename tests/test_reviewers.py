"""Networks that read reviews: one-hot words without ones, the faults of a published way back, and the stored runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, Batch, Model, Recurrent, bptt, load_table, one_hot
from rnnbook.lab.studies import Faulty, OneHot, reader, review_training, run_reader, scores
from rnnbook.lab.studies.sentiment import LABELS, READERS, Round, best_rate, best_round, split_accuracy
from rnnbook.lab.training import accuracy
from tests.problems import bits, cells, leaves, make_layered, masked, seeds
from tests.test_checks import refused
from tools import reviewers

V = 5
ENTRIES = [(study, name) for study, names in READERS.items() for name in names]
entries = pytest.mark.parametrize(("study", "name"), ENTRIES, ids=str)
paddings = st.sampled_from(["none", "right", "left", "hole", "random"])


# --- layers ---------------------------------------------------------------------------------------


@cells
@given(seed=seeds, padding=paddings, dropped=st.booleans())
def test_looking_rows_up_is_reading_one_hot_words(cell, seed, padding, dropped):
    layer = Recurrent(cell, 3, drop=0.3)
    ours = make_layered(OneHot(V, layer), seed, V=V, mask=masked(padding, 5, 3, seed), dropped=dropped)
    theirs = ours._replace(layer=layer, x=one_hot(ours.x, V))
    for a, b in zip(leaves(ours.forward()[:2]), leaves(theirs.forward()[:2]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)
    back, expected = ours.backward(), theirs.backward()
    assert back.x is None
    assert back.params.keys() == expected.params.keys()
    for key, grad in expected.params.items():
        np.testing.assert_allclose(back.params[key], grad, rtol=1e-11, atol=1e-12, err_msg=key)
    for a, b in zip(leaves((back.state, back.states)), leaves((expected.state, expected.states)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU()], ids=repr)
def test_models_of_both_are_the_same_network(cell):
    rng, lengths = np.random.default_rng(0), [4, 2, 3]
    batch = Batch(rng.integers(V, size=(4, 3)), np.array([[0.0], [1.0], [1.0]]), lengths=lengths)
    rows, ones = (Model(layer, "logistic") for layer in (OneHot(V, Recurrent(cell, 3)), Recurrent(cell, 3)))
    params = rows.init_params(V, None, 1, rng)
    one, other = rows.gradients(params, batch), ones.gradients(params, batch)
    assert one.loss == pytest.approx(other.loss, rel=1e-13)
    for key in params:
        np.testing.assert_allclose(one.params[key], other.params[key], rtol=1e-11, atol=1e-13)


@cells
@given(seed=seeds, padding=paddings)
def test_without_a_fault_the_way_back_is_right(cell, seed, padding):
    right = make_layered(Recurrent(cell, 3), seed, mask=masked(padding, 5, 3, seed))
    for layer in (Faulty(cell, 3), Faulty(cell, 3, steps=5), Faulty(cell, 3, steps=99)):
        ours = right._replace(layer=layer)
        assert bits(*ours.forward()[:2]) == bits(*right.forward()[:2])
        assert bits(leaves(tuple(ours.backward()))) == bits(leaves(tuple(right.backward())))


@given(seed=seeds, padding=paddings)
def test_untransposed_is_the_way_back_through_the_transposed_matrix(seed, padding):
    right = make_layered(Recurrent(RNN(), 3), seed, mask=masked(padding, 5, 3, seed))
    ours = right._replace(layer=Faulty(RNN(), 3, untransposed=True)).backward()
    _, _, tape = right.forward()
    turned = right.params | {"W_hh": right.params["W_hh"].T.copy()}
    theirs = bptt(RNN(), turned, tape, right.dy, right.dstate)
    assert bits(leaves(tuple(ours))) == bits(leaves(tuple(theirs)))
    even = right._replace(params=right.params | {"W_hh": right.params["W_hh"] + right.params["W_hh"].T})
    same = even._replace(layer=Faulty(RNN(), 3, untransposed=True)).backward()
    for a, b in zip(leaves(tuple(same)), leaves(tuple(even.backward())), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)  # of a symmetric matrix nobody can tell


@cells
@given(seed=seeds, steps=st.integers(1, 4))
def test_a_cut_is_the_way_back_of_the_last_steps_alone(cell, seed, steps):
    whole = make_layered(Recurrent(cell, 3), seed)
    ours = whole._replace(layer=Faulty(cell, 3, steps=steps)).backward()
    cut = 5 - steps
    _, state, _ = whole._replace(x=whole.x[:cut]).forward()
    end = whole._replace(x=whole.x[cut:], state=state, dy=whole.dy[cut:]).backward()
    for key, grad in end.params.items():
        np.testing.assert_allclose(ours.params[key], grad, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(ours.x[cut:], end.x, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(ours.states[:, cut:], end.states, rtol=1e-11, atol=1e-13)
    assert not ours.x[:cut].any()
    assert not any(array.any() for array in (ours.states[:, :cut], *ours.state))


def test_layers_that_cannot_be_are_refused():
    with refused(ValueError, "untransposed is for a cell of one gate, whose W_hh is square; got LSTM()"):
        Faulty(LSTM(), 3, untransposed=True)
    with refused(TypeError, "untransposed is True or False; got 1"):
        Faulty(RNN(), 3, untransposed=1)
    with refused(ValueError, "steps is a whole number of at least 1; got 0"):
        Faulty(RNN(), 3, steps=0)
    with refused(TypeError, "layer is"):
        OneHot(V, RNN())


# --- runs -----------------------------------------------------------------------------------------


def test_one_hot_words_from_the_product_start_as_the_same_function():
    (one, task), (other, _) = (
        review_training("words", ("RNN", words), 0.005, seed=3) for words in ("one-hot from E W_xh", "embedding 32")
    )
    batch = task.batch("validation", 20)
    logits = [run.model.predict(run.params, batch.x, mask=batch.real)[0] for run in (one, other)]
    np.testing.assert_allclose(*logits, rtol=1e-4, atol=1e-5)
    assert np.linalg.matrix_rank(one.params["W_xh"]) == 32
    for run in (one, other):
        next(run.run(1))
    np.testing.assert_allclose(one.history[0].loss, other.history[0].loss, rtol=1e-5)
    after = [run.model.predict(run.params, batch.x, mask=batch.real)[0] for run in (one, other)]
    assert abs(after[0] - after[1]).max() > 1e-3  # and learn as two


def test_runs_of_one_seed_have_the_same_batches_whatever_they_train():
    runs = [review_training(study, name, 0.01, seed=4)[0] for study, name in (ENTRIES[0], ENTRIES[1])]
    for _ in range(3):
        one, other = (next(run.batches) for run in runs)
        assert np.array_equal(one.x, other.x)


def test_a_row_of_zeros_and_a_bias_are_where_they_are_said_to_be():
    zeros, bias = (
        review_training("padding", ("GRU", 120, f"behind, {what}"), 0.01, 0)[0] for what in ("row of zeros", "bias 1")
    )
    assert not zeros.params["l0.E"][0].any()
    assert zeros.params["l0.E"][1:].all()
    assert bias.params["l1.b_h"].tolist() == [0.0] * 32 + [1.0] * 32 + [0.0] * 32


@pytest.mark.parametrize("padding", ["behind, masked", "behind", "in front"])
def test_a_split_is_scored_in_parts(padding):
    training, task = review_training("padding", ("RNN", 40, padding), 0.005, 0)
    whole = accuracy(training.model, training.params, task.batch("validation"))
    assert split_accuracy(training, task, "validation") == pytest.approx(whole, abs=2e-3)
    assert len(task.batch("validation").x) == 40


@entries
def test_networks_of_one_comparison_have_the_sizes_that_are_said(study, name):
    params = review_training(study, name, 0.01, 0)[0].params
    assert {array.dtype for array in params.values()} == {np.dtype(np.float32)}
    found = reviewers.sizes(study, name)
    assert found["weights"] == sum(array.size for array in params.values())
    if study == "reviews":
        assert abs(found["above"] / 5000 - 1) < 0.05
        assert found["weights"] - found["above"] == 1002 * 16


def test_the_best_round_and_the_best_rate():
    rounds = [Round(1, 0.6, 0.5, 1.0), Round(2, 0.7, 0.6, 1.0), Round(3, 0.7, 0.8, 1.0), Round(4, 0.6, 0.9, 1.0)]
    assert best_round(rounds).epoch == 2
    trials = [{"rate": r, "validation": v} for r, v in ((0.1, 0.9), (0.1, 0.5), (0.2, 0.7), (0.2, 0.7), (0.3, 0.6))]
    assert best_rate(trials) == 0.1
    for call in (best_round, best_rate):
        with pytest.raises(ValueError, match=r"got none|no row"):
            call([])


def test_an_unknown_network_is_named():
    with pytest.raises(ValueError, match=r"name is a tuple \(cell, layers\), one of .*; got 'GRU'"):
        reader("reviews", "GRU")
    with pytest.raises(ValueError, match="study is one of 'words', 'reviews', 'padding', 'faults'; got 'review'"):
        reader("review", ("GRU", "mean"))


# --- the stored runs ------------------------------------------------------------------------------


@entries
def test_the_table_has_every_run_once_and_rates_were_chosen_by_the_rule(study, name):
    at = reader(study, name)
    mine = [row for row in load_table(study) if tuple(row[key] for key in LABELS[study]) == name]
    trials, runs, fixed = ([row for row in mine if row["part"] == part] for part in ("trial", "run", "fixed"))
    assert len(mine) == len(trials) + len(runs) + len(fixed)
    assert [(row["rate"], row["seed"]) for row in trials] == reviewers.searched(at)
    alone = [setting[-1] for setting in reviewers.SETTINGS[study] if setting[1:-1] == name]  # a setting for each seed
    seeds = alone or list(range(reviewers.SEEDS[study]))
    assert [row["seed"] for row in runs] == seeds
    assert {row["rate"] for row in runs} == {best_rate(trials) if trials else at.rates[0]}
    assert [(row["rate"], row["seed"]) for row in fixed] == ([(at.fixed, k) for k in seeds] if at.fixed else [])
    sizes = reviewers.sizes(study, name)
    for row in mine:
        assert {key: row[key] for key in sizes} == sizes
        assert row["epochs"] == at.epochs
        assert 1 <= row["epoch"] <= at.epochs
        assert min(row["validation"], row["test"], row["last"]) >= 0
        assert max(row["validation"], row["test"], row["last"]) <= 1


def test_a_row_can_be_trained_again():
    """The quickest run there is, up to its best epoch; its numbers may part between processors."""
    name = ("RNN", 20, "behind, masked")
    (row,) = [r for r in load_table("padding") if (r["cell"], r["T"], r["padding"]) == name and r["seed"] == 2]
    found = best_round(list(run_reader("padding", name, row["rate"], 2, epochs=row["epoch"])))
    assert found.test == pytest.approx(row["test"], abs=0.1)


def test_scores_are_of_the_runs_that_count():
    rows = load_table("reviews")
    found = scores(rows, ("cell", "layers"))
    assert list(found) == list(READERS["reviews"])
    for name, score in found.items():
        mine = [row["test"] for row in rows if (row["cell"], row["layers"], row["part"]) == (*name, "run")]
        assert score.test == tuple(mine)
        assert score.spread == (min(mine), max(mine))
        assert score.median == np.median(mine)
    with pytest.raises(ValueError, match="GRU is several networks: name more columns"):
        scores(rows, "cell")
    with pytest.raises(ValueError, match="at least one row of the part 'fixed'; got none"):
        scores(rows, ("cell", "layers"), part="fixed")
