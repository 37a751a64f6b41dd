"""Horizons, the ways of a gradient, stored PyTorch numbers, forget biases, and gates over a text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import (
    GRU,
    LSTM,
    RNN,
    Adam,
    Recall,
    Text,
    Training,
    bptt,
    from_torch,
    gradient_flow,
    gradient_paths,
    horizon,
    init_params,
    load_table,
    sigmoid,
    torch_run,
    unroll,
)
from rnnbook.lab.gradients import paths_by_bias
from rnnbook.lab.reading import by_token, horizon_of, read_gates
from rnnbook.lab.studies import bias_training, carry_share
from rnnbook.lab.studies.gate_bias import BUDGETS, SOLVED
from rnnbook.lab.tasks import zen_of_python
from rnnbook.lab.training import solve
from tests.problems import make
from tools import tables
from tools import torch_run as tool

CELLS = {"RNN": RNN(), "LSTM": LSTM(), "GRU": GRU(), "GRU before": GRU("before")}
each_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)


# --- horizons -------------------------------------------------------------------------------------


@given(bias=st.floats(-30, 30))
def test_after_the_horizon_one_part_in_e_is_left(bias):
    ln_f = -np.logaddexp(0, -bias)
    assert np.isclose(horizon(bias) * ln_f, -1)
    if bias < 15:  # beyond, f itself has no digits left for the horizon
        assert np.isclose(horizon_of(np.full(7, np.exp(ln_f))), horizon(bias), rtol=1e-6)


@given(u=st.floats(2, 1e6))
def test_the_bias_of_chrono_has_a_horizon_of_half_a_step_more(u):
    assert abs(horizon(np.log(u)) - u - 0.5) < 0.05


def test_extreme_gates_have_extreme_horizons():
    assert horizon(1000.0) == np.inf
    assert horizon_of(np.ones(3)) == np.inf
    assert horizon_of(np.array([1.0, 0.0])) == 0
    assert horizon(np.array([0.0, 1.0])).shape == (2,)
    assert horizon_of(np.full((5, 2, 3), 0.5)).shape == (2, 3)


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=20))
def test_a_gate_that_moves_keeps_no_longer_than_its_mean_would(gate):
    assert horizon_of(np.array(gate)) <= horizon_of(np.full(1, np.mean(gate))) * (1 + 1e-9)


@pytest.mark.parametrize("gate", [[], [1.2], [-0.1, 0.5], [np.nan], 0.5])
def test_what_is_no_gate_has_no_horizon(gate):
    with pytest.raises(ValueError, match="a gate has values from 0 to 1 for at least one step"):
        horizon_of(gate)
    with pytest.raises(ValueError, match="bias holds nan"):
        horizon(np.nan)


# --- the ways of a gradient -----------------------------------------------------------------------


@each_cell
@pytest.mark.parametrize("seed", range(3))
def test_the_carrys_own_part_is_the_product_of_the_keeping_gates(cell, seed):
    problem = make(cell, seed, T=6, N=2, D=3, H=4)
    paths = gradient_paths(cell, problem.params, problem.x, problem.dh[-1])
    flow = gradient_flow(cell, problem.params, problem.x, problem.dh[-1])
    np.testing.assert_allclose(paths.whole, flow.norms[-1], rtol=1e-12)
    np.testing.assert_allclose(paths.h, flow.norms[0], rtol=1e-12)
    if cell == RNN():
        assert (paths.carry[:-1] == 0).all()
        return
    last = problem.dh[-1]
    if cell == LSTM():
        last = last * paths.tape.gates[3, -1] * (1 - paths.tape.aux[-1] ** 2)
    keep = paths.tape.gates[cell.keeper]
    for t in range(6):
        expected = np.linalg.norm(last * keep[t + 1 :].prod(axis=0))
        assert np.isclose(paths.carry[t], expected, rtol=1e-12)


@each_cell
def test_the_ways_add_up_and_each_is_at_most_the_sum_of_the_others(cell):
    problem = make(cell, 0, T=8, N=2, D=3, H=4)
    paths = gradient_paths(cell, problem.params, problem.x, problem.dh[-1])
    assert (paths.whole <= paths.carry + paths.through + 1e-12).all()
    assert (paths.through <= paths.whole + paths.carry + 1e-12).all()
    assert paths.through[-1] == 0


def run_by_hand(params, x, h, c, held=None):
    """The last h of an LSTM, and its gates; with `held`, gates and candidates are these, whatever h is."""
    blocks = []
    for t, x_t in enumerate(x):
        i, f, g, o = np.split(x_t @ params["W_xh"] + h @ params["W_hh"] + params["b_h"], 4, axis=1)
        blocks.append(held[t] if held else (sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)))
        i, f, g, o = blocks[-1]
        c = f * c + i * g
        h = o * np.tanh(c)
    return h, blocks


@pytest.mark.parametrize("bias", [1.0, 5.0])
def test_end_to_end_along_the_carry_is_the_gradient_with_all_gates_held(bias):
    rng = np.random.default_rng(int(bias))
    params, x = init_params(LSTM(), 3, 4, rng, input_scale=0.3, gate_bias=bias), rng.normal(size=(7, 1, 3))
    dh_last, eps = rng.normal(size=(1, 4)), 1e-5
    paths = gradient_paths(LSTM(), params, x, dh_last)
    c, o = paths.tape.states[1, 1], paths.tape.gates[3, 0]
    held = run_by_hand(params, x[1:], o * np.tanh(c), c)[1]
    for gates, expected in ((None, paths.whole[0]), (held, paths.carry[0])):
        ends = [
            [(run_by_hand(params, x[1:], o * np.tanh(c + sign * e), c + sign * e, gates)[0] * dh_last).sum()]
            for e in eps * np.eye(4)
            for sign in (1, -1)
        ]
        differences = (np.array(ends[::2]) - np.array(ends[1::2])) / (2 * eps)
        assert np.isclose(np.linalg.norm(differences), expected, rtol=1e-7)


@pytest.mark.parametrize("bias", [0.0, 1.0, 5.0])
def test_without_input_a_step_back_multiplies_by_f_plus_a_quarter_of_the_candidates_weights(bias):
    H, rng = 6, np.random.default_rng(0)
    params = init_params(LSTM(), 2, H, rng, gate_bias=bias)
    x, dh_last = np.zeros((20, 1, 2)), rng.normal(size=(1, H))
    back = gradient_flow(LSTM(), params, x, dh_last).back.states[1, :, 0]
    step = sigmoid(np.array(bias)) * np.eye(H) + params["W_hh"][:, 2 * H : 3 * H].T / 4
    np.testing.assert_allclose(back[:-1], back[1:] @ step, rtol=1e-10)
    assert np.linalg.norm(step, 2) <= sigmoid(np.array(bias)) + 0.25 + 1e-12


def test_without_recurrent_weights_everything_comes_along_the_carry():
    params = init_params(LSTM(), 3, 4, np.random.default_rng(0), gain=0.0)
    paths = gradient_paths(LSTM(), params, np.random.default_rng(1).normal(size=(9, 1, 3)), np.ones((1, 4)))
    assert (paths.through == 0).all()
    np.testing.assert_allclose(paths.carry, paths.whole, rtol=1e-14)


@pytest.mark.parametrize("cell", [LSTM(), GRU("after"), GRU("before")], ids=str)
@pytest.mark.parametrize("seed", range(2))
def test_many_biases_side_by_side_are_as_many_runs_one_by_one(cell, seed):
    problem = make(cell, seed, T=7, N=1, D=3, H=4)
    biases = np.random.default_rng(seed).normal(size=(5, cell.gates), scale=3)
    together = paths_by_bias(cell, problem.params, problem.x, problem.dh[-1], biases)
    for k, bias in enumerate(biases):
        params = {**problem.params, "b_h": problem.params["b_h"] + np.repeat(bias, 4)}
        alone = gradient_paths(cell, params, problem.x, problem.dh[-1])
        for name in ("h", "whole", "carry", "through"):
            np.testing.assert_allclose(
                getattr(together, name)[k], getattr(alone, name), rtol=1e-9, atol=1e-14, err_msg=name
            )


def test_many_biases_want_a_gate_that_keeps_and_one_sequence():
    problem, biases = make(LSTM(), 0, T=3, N=1), np.zeros((2, 4))
    with pytest.raises(ValueError, match="RNN has no gate that keeps its state"):
        paths_by_bias(RNN(), make(RNN(), 0, N=1).params, problem.x, problem.dh[-1], np.zeros((2, 1)))
    with pytest.raises(ValueError, match=r"x has shape \(T = 3, N = 1, D = 2\); got \(3, 2, 2\)"):
        paths_by_bias(LSTM(), problem.params, problem.x.repeat(2, axis=1), problem.dh[-1], biases)
    with pytest.raises(ValueError, match=r"biases has shape \(B = 2, G = 4\); got \(2, 3\)"):
        paths_by_bias(LSTM(), problem.params, problem.x, problem.dh[-1], biases[:, 1:])


def test_a_gradient_of_another_shape_is_refused():
    params = init_params(LSTM(), 3, 4, np.random.default_rng(0))
    with pytest.raises(ValueError, match="dh_last has shape"):
        gradient_paths(LSTM(), params, np.zeros((2, 1, 3)), np.ones((1, 5)))


# --- PyTorch's numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "cell"), [("lstm", LSTM()), ("gru", GRU())])
def test_the_stored_run_is_the_tests_own_to_the_last_digit_and_the_packages(name, cell):
    run, fixture = torch_run(name), tool.arrays(name)
    assert run.keys() == fixture.keys()
    for key, array in fixture.items():
        np.testing.assert_array_equal(run[key], array)
    params = from_torch(cell, {key: array for key, array in run.items() if key.startswith(("weight", "bias"))})
    letters = "hc"[: cell.states]
    h, state, tape = unroll(cell, params, run["x"], tuple(run[f"{s}0"] for s in letters))
    np.testing.assert_allclose(h, run["h"], rtol=1e-12, atol=1e-14)
    back = bptt(cell, params, tape, run["dh"], tuple(run[f"d{s}T"] for s in letters))
    for s, last, first in zip(letters, state, back.state, strict=True):
        np.testing.assert_allclose(last, run[f"{s}T"], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(first, run[f"d_{s}0"], rtol=1e-11, atol=1e-13)


def test_an_unknown_run_is_named():
    with pytest.raises(ValueError, match=r"name is one of 'both', .*'stacked'; got 'rnn'"):
        torch_run("rnn")


# --- what a bias decides --------------------------------------------------------------------------


def test_the_table_has_every_run_once():
    rows = load_table("forget")
    runs = [tuple(row[key] for key in tables.STUDIES["forget"][0].split()[:7]) for row in rows]
    wanted = [(*s[:5], None if s[5] is None else str(s[5]), s[6]) for s in tables.FORGET]
    assert runs == [setting for setting in wanted for _ in range(5)]
    assert [row["seed"] for row in rows] == len(wanted) * [*range(5)]
    for row in rows:
        assert row["budget"] == BUDGETS[row["task"]]
        assert (row["loss"] <= SOLVED) == (row["solved_at"] is not None)


def test_a_row_of_it_can_be_trained_again():
    rows = load_table("forget")
    row = next(r for r in rows if (r["task"], r["T"], r["bias"], r["start"]) == ("recall", 20, "2", "orthogonal"))
    ((*_, solved_at, _),) = tables.forget("recall", 20, "LSTM", 32, "orthogonal", 2, 1e-2, seed=0)
    assert solved_at == pytest.approx(row["solved_at"], rel=0.3)


def test_the_table_of_the_carry_has_every_run_fresh_and_trained():
    rows = load_table("carry")
    runs = [(row["start"], row["bias"], row["seed"], row["when"]) for row in rows]
    seeds = [(*setting, seed) for setting in tables.CARRY for seed in range(5)]
    assert runs == [(start, str(bias), seed, when) for start, bias, seed in seeds for when in ("fresh", "trained")]
    assert not any(row["solved_at"] for row in rows if row["when"] == "fresh")


def test_without_w_hh_the_whole_gradient_is_the_carrys():
    training = bias_training("recall", 20, seed=0, bias=5)
    training.params["W_hh"][:] = 0
    found = carry_share(Recall(20), training)
    assert found.share == pytest.approx(1)
    assert found.slope == pytest.approx(0, abs=1e-9)


def test_a_fresh_row_of_the_carry_is_measured_again():
    row = next(r for r in load_table("carry") if (r["start"], r["bias"], r["seed"]) == ("uniform", "5", 3))
    found = carry_share(Recall(20), bias_training("recall", 20, 3, start="uniform", bias=5))
    assert found == pytest.approx((row["share"], row["slope"]), rel=0.01)


@pytest.mark.parametrize(("bias", "f"), [(None, 1.0), (0, 0.0), (2, 2.0)])
def test_the_bias_is_where_it_was_put(bias, f):
    training = bias_training("adding", 10, seed=1, bias=bias, H=8)
    assert (training.params["b_h"][8:16] == f).all()
    assert (np.delete(training.params["b_h"], slice(8, 16)) == 0).all()


def test_the_budget_ends_a_run_that_is_not_solved():
    training = bias_training("recall", 30, seed=0, bias=0, H=4)
    found = list(solve(training, 120, SOLVED))
    assert [solved for solved, _ in found] == [None, None, None]
    assert len(training.history) == 120


@pytest.mark.parametrize(("task", "cell"), [("copy", "LSTM"), ("recall", "GRU")])
def test_an_unknown_comparison_is_named(task, cell):
    with pytest.raises(ValueError, match="is one of"):
        bias_training(task, 5, seed=0, cell=cell)


# --- gates over a text ----------------------------------------------------------------------------


@each_cell
def test_every_letter_has_its_gates(cell):
    task = Text("hello")
    model = task.model(cell)
    params = model.init_params(task.input_size, 6, task.output_size, np.random.default_rng(0))
    found = read_gates(model, params, task.tokens)
    assert set(found) == set(cell.gate_names if cell.gates > 1 else "a") | set("hc"[: cell.states])
    assert all(array.shape == (5, 6) for array in found.values())
    if cell == LSTM():
        np.testing.assert_allclose(found["h"], found["o"] * np.tanh(found["c"]))
        np.testing.assert_allclose(found["c"][0], found["i"][0] * found["g"][0])
        assert not np.isclose(found["f"], sigmoid(np.array(1.0))).all()


@pytest.mark.parametrize("seed", range(5))
def test_on_the_zen_of_python_the_longest_memories_let_go_at_capitals(seed):
    rng, task = np.random.default_rng(seed), Text(zen_of_python())
    model = task.model(LSTM())
    params = model.init_params(task.input_size, 64, task.output_size, rng)
    training = Training(model, params, task.batches(rng, 8, T=50), Adam(1e-2), clip=1.0)
    for _ in training.run(100):
        pass
    f = read_gates(model, params, task.tokens)["f"]
    horizons = horizon_of(f)
    assert horizons.min() < 1
    assert horizons.max() > 12
    longest = np.argsort(horizons)[-8:]
    capitals, small = (np.array([is_so(letter) for letter in task.text]) for is_so in (str.isupper, str.islower))
    assert (f[capitals].mean(axis=0) < f[small].mean(axis=0))[longest].all()


def test_means_by_token():
    tokens = np.array([2, 0, 2, 2])
    values = np.arange(8.0).reshape(4, 2)
    means = by_token(values, tokens, 4)
    np.testing.assert_allclose(means[[0, 2]], [[2, 3], [10 / 3, 13 / 3]])
    assert np.isnan(means[[1, 3]]).all()
