"""Nets on equal terms: layers on one another and from both ends, every run once; and what is read of both ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, Batch, Recall, load_table
from rnnbook.lab.studies import (
    LastOutput,
    choose_rate,
    net_layer,
    race,
    racer,
    reading_accuracy,
    reading_training,
    run_race,
    sign_test,
    standings,
    verdict,
)
from rnnbook.lab.studies.race import DEPTHS, NETS, RACES
from rnnbook.lab.tasks import Echo
from rnnbook.lab.training import count_weights, units_for
from tools import races

ROWS = {name: load_table(name) for name in ("depth", "ways")}
entries = pytest.mark.parametrize(("name", "net"), races.ENTRIES)


def table(net):
    return ROWS["depth" if net in DEPTHS else "ways"]


@entries
def test_the_table_has_every_run_once_and_rates_were_chosen_by_the_rule(name, net):
    at = race(name)
    mine = [row for row in table(net) if (row["contest"], row["net"]) == (name, net)]
    trials, runs = ([row for row in mine if row["part"] == part] for part in ("trial", "run"))
    assert [(row["rate"], row["seed"]) for row in trials] == [(r, seed) for r in at.rates for seed in races.TRIALS]
    assert [row["seed"] for row in runs] == list(races.SEEDS)
    assert {row["rate"] for row in runs} == {choose_rate(trials, at.budget)}
    for row in mine:
        assert (row["error"] <= at.limit) == (row["solved_at"] is not None)
        assert row["budget"] == at.budget


@entries
def test_nets_have_as_many_weights(name, net):
    at, params = race(name), racer(name, net, 0.01, seed=0).params
    sizes, shape = (at.task.input_size, at.task.output_size), NETS[net][:2]
    H = units_for(GRU(), *sizes, at.weights, *shape)
    assert sum(array.size for array in params.values()) == count_weights(GRU(), sizes[0], H, sizes[1], *shape)
    (standing,) = [found for who, found in standings(table(net), name, by="net").items() if who == net]
    assert (standing.units, standing.weights) == (H, sum(array.size for array in params.values()))
    assert abs(standing.weights / at.weights - 1) < 0.1  # H is whole: of few units one more is much
    assert {array.dtype for array in params.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(("name", "net"), [("recall, L = 20", "1 layer"), ("both neighbours", "two ways")])
def test_a_row_can_be_trained_again(name, net):
    """Its step may differ on another processor."""
    (row,) = [
        row for row in table(net) if (row["contest"], row["net"], row["part"], row["seed"]) == (name, net, "run", 0)
    ]
    *_, (steps, error) = run_race(name, net, row["rate"], 0)
    assert abs(steps - row["solved_at"]) <= 50
    assert error < race(name).limit


def test_a_run_that_is_not_solved_stops_at_its_budget(monkeypatch):
    monkeypatch.setitem(RACES, "both neighbours", RACES["both neighbours"]._replace(budget=50, limit=0.0))
    assert [steps for steps, _ in run_race("both neighbours", "one way", 1e-3, 0, every=20)] == [20, 40, 50]


def test_a_net_of_another_race_is_refused():
    with pytest.raises(ValueError, match="net is one of 'one way', 'two ways'; got '2 layers'"):
        racer("both neighbours", "2 layers", 0.01, 0)


# --- what the runs say ----------------------------------------------------------------------------


def test_one_way_stays_at_what_may_be_known_before_the_next_bit():
    for name in ("both neighbours", "neighbours that differ"):
        floor = race(name).task.one_way
        errors = [row["error"] for row in ROWS["ways"] if (row["contest"], row["net"]) == (name, "one way")]
        assert min(errors) > 0.98 * floor


def test_a_sum_of_what_each_way_saw_is_no_exclusive_or():
    """Linear readout over one layer of both ways: of the bits before and after it sees a function each, added up."""
    found = standings(ROWS["ways"], "neighbours that differ", by="net")
    assert (found["two ways"].solved, found["two ways, 2 layers"].solved) == (0, 10)
    assert verdict(found["two ways"], found["two ways, 2 layers"]) == "two ways, 2 layers"
    training = racer("neighbours that differ", "two ways", 0.01, seed=0)
    for _ in training.run(30):
        pass
    corner = np.array([[a, 1, b] for a in (-1, 1) for b in (-1, 1)], np.float32).T[:, :, None]
    logits = training.model.predict(training.params, corner)[0][1, :, 0]
    assert abs(logits[0] - logits[1] - logits[2] + logits[3]) < 1e-5 * max(1, abs(logits).max())


@given(st.integers(1, 12), st.integers(1, 12))
def test_the_sign_test_counts_coins(more, fewer):
    a = np.arange(more + fewer + 3.0)
    b = a + np.r_[np.ones(more), -np.ones(fewer), np.zeros(3)]
    coins = np.array([bin(k).count("1") for k in range(2 ** min(more + fewer, 12))])
    if more + fewer <= 12:
        n = more + fewer
        assert sign_test(a, b) == pytest.approx(np.mean(abs(coins - n / 2) >= abs(more - n / 2)))
    assert sign_test(a, b) == sign_test(b, a)


def test_pairs_are_as_many():
    with pytest.raises(ValueError, match="a and b are pairs; got 2 and 3 runs"):
        sign_test([1, 2], [1, 2, 3])
    assert sign_test([1, 2], [1, 2]) == 1


# --- what is read of a layer that reads from both ends --------------------------------------------


@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU()], ids=repr)
def test_of_one_way_the_last_output_is_the_last_state_and_of_two_the_way_back_has_seen_one_input(cell):
    task, rng = Recall(6), np.random.default_rng(0)
    batch = task.make_batch(rng, 4)
    for net in ("one way", "two ways"):
        right, wrong = task.model(net_layer(net, cell, 3)), LastOutput(task).model(net_layer(net, cell, 3))
        params = right.init_params(4, None, 4, rng)
        one, other = right.gradients(params, batch), wrong.gradients(params, LastOutput(task).see(batch))
        assert (one.loss == pytest.approx(other.loss)) == (net == "one way")
        changed = batch.x.copy()
        changed[:-1] = (changed[:-1] + 1) % 4
        back = [wrong.layer.forward(params, right.vectors(params, x))[0][-1, :, 3:] for x in (batch.x, changed)]
        np.testing.assert_array_equal(*back)  # of one way there is nothing there


def test_the_last_output_is_not_read_of_what_is_padded_or_has_a_target_at_every_step():
    with pytest.raises(ValueError, match=r"a task with a target for the last state; Echo\(lag=1, T=4\)"):
        LastOutput(Echo(1, 4))
    batch = Batch(np.zeros((3, 2), int), np.zeros(2, int), lengths=[3, 1])
    with pytest.raises(ValueError, match="the batch has padding"):
        LastOutput(Recall(3)).see(batch)


def test_the_readings_table_has_every_run_once():
    columns = ("L", "cell", "reading", "rate", "seed", "steps")
    wanted = [(*setting, steps) for setting in races.READING for steps in races.READING_STEPS]
    assert [tuple(row[key] for key in columns) for row in load_table("reading")] == wanted


def test_a_net_read_rightly_is_right_at_once_and_the_other_reading_of_it_is_chance():
    training = reading_training(20, "last state", "RNN", seed=0)
    for _ in training.run(60):
        pass
    assert reading_accuracy(training, 20, "last state") > 0.95
    assert reading_accuracy(training, 20, "last output") < 0.5
