"""The cells: their equations written out once more, and what each gate must do when it is shut or open."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.nn import GRU, LSTM, RNN, sigmoid, unroll
from tests.problems import cells, flat, make, relative, seeds, shapes

SHUT, OPEN = -1000.0, 1000.0  # biases at which a gate is exactly 0 and exactly 1


def logistic(a):
    return 1 / (1 + np.exp(-a))


def by_hand(problem):
    """Every hidden state from the equations as the cells' docstrings give them, one product a gate."""
    cell, p = problem.cell, problem.params
    W_x, W_h, b = (np.split(p[key], cell.gates, axis=-1) for key in ("W_xh", "W_hh", "b_h"))
    h, hs = problem.state[0], []
    c = problem.state[-1]
    for x in problem.x:
        a = [x @ W_x[k] + b[k] for k in range(cell.gates)]
        if isinstance(cell, RNN):
            f = {"tanh": np.tanh, "relu": lambda v: v * (v > 0), "sigmoid": logistic, "identity": lambda v: v}[
                cell.activation
            ]
            h = f(a[0] + h @ W_h[0])
        elif isinstance(cell, LSTM):
            i, f, o = (logistic(a[k] + h @ W_h[k]) for k in (0, 1, 3))
            c = f * c + i * np.tanh(a[2] + h @ W_h[2])
            h = o * np.tanh(c)
        else:
            r, z = (logistic(a[k] + h @ W_h[k]) for k in (0, 1))
            inner = r * (h @ W_h[2] + p["b_hn"]) if cell.reset == "after" else (r * h) @ W_h[2]
            h = (1 - z) * np.tanh(a[2] + inner) + z * h
        hs.append(h)
    return np.stack(hs), (h, c)[: cell.states]


@cells
@given(shape=shapes, seed=seeds)
@settings(max_examples=25)
def test_unroll_follows_the_equations(cell, shape, seed):
    problem = make(cell, seed, *shape)
    h, state, _ = problem.unroll()
    expected_h, expected_state = by_hand(problem)
    np.testing.assert_allclose(h, expected_h, rtol=1e-12, atol=1e-13)
    for ours, theirs in zip(state, expected_state, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


def test_the_tape_holds_the_gates_in_the_named_order():
    for cell in (LSTM(), GRU("after"), GRU("before")):
        problem = make(cell, 0, T=1)
        for k, name in enumerate(cell.gate_names):
            squash = np.tanh if name in "gn" else logistic
            others = dict.fromkeys(("W_xh", "W_hh"), 0.0)
            params = {key: value * others.get(key, 1) for key, value in problem.params.items()}
            if "b_hn" in params:
                params["b_hn"] = np.zeros(4)
            _, _, tape = unroll(cell, params, problem.x)
            expected = squash(np.split(params["b_h"], cell.gates)[k])
            np.testing.assert_allclose(tape.gates[k, 0], np.tile(expected, (3, 1)), rtol=1e-14)


def gated(cell, seed=1, T=20, **biases):
    """A problem in which the named gates are told by their biases alone, whatever comes in."""
    problem = make(cell, seed, T=T)
    params = {key: value.copy() for key, value in problem.params.items()}
    for name, bias in biases.items():
        k = cell.gate_names.index(name)
        params["b_h"].reshape(cell.gates, -1)[k] = bias
    return problem._replace(params=params)


def test_lstm_with_forget_gate_open_and_input_gate_shut_carries_c_exactly():
    problem = gated(LSTM(), f=OPEN, i=SHUT)
    _, (_, c), tape = problem.unroll()
    assert np.array_equal(c, problem.state[1])
    assert np.array_equal(tape.states[1], np.broadcast_to(problem.state[1], tape.states[1].shape))
    dc = np.ones_like(c)
    back = problem._replace(dh=0 * problem.dh, dstate=(0 * c, dc)).bptt()
    assert np.array_equal(back.state[1], dc)  # the constant error carousel


def test_lstm_with_forget_gate_shut_remembers_nothing_in_c():
    problem = gated(LSTM(), f=SHUT, T=2)
    _, (_, c), tape = problem.unroll()
    i, _, g, _ = tape.gates[:, -1]
    assert np.array_equal(c, i * g)


def test_lstm_with_output_gate_shut_shows_nothing():
    h, _, tape = gated(LSTM(), o=SHUT).unroll()
    assert not h.any()
    assert tape.states[1].any()


@pytest.mark.parametrize("reset", ["after", "before"])
def test_gru_with_update_gate_at_one_keeps_the_state_and_its_gradient(reset):
    problem = gated(GRU(reset), z=OPEN)
    h, _, _ = problem.unroll()  # computed as n + z (h - n), so it may lose a last digit a step
    np.testing.assert_allclose(h, np.broadcast_to(problem.state[0], h.shape), rtol=0, atol=20 * 2**-52)
    back = problem._replace(dh=0 * problem.dh).bptt()
    assert np.array_equal(back.state[0], problem.dstate[0])


@pytest.mark.parametrize("reset", ["after", "before"])
def test_gru_with_update_gate_at_zero_is_its_candidate(reset):
    h, _, tape = gated(GRU(reset), z=SHUT).unroll()
    assert relative(h, tape.gates[2]) < 1e-15


def test_gru_with_reset_open_and_update_shut_is_the_tanh_network():
    problem = gated(GRU("before"), r=OPEN, z=SHUT)
    candidate = {key: np.split(problem.params[key], 3, axis=-1)[2] for key in ("W_xh", "W_hh", "b_h")}
    h, _, _ = unroll(RNN(), candidate, problem.x, problem.state)
    assert relative(problem.unroll()[0], h) < 1e-13


@given(seed=seeds)
@settings(max_examples=25)
def test_identity_network_is_linear(seed):
    one, two = (make(RNN("identity"), seed + k) for k in (0, 1))
    params = {**one.params, "b_h": np.zeros(4)}
    a, b = 0.7, -1.3
    x, state = a * one.x + b * two.x, (a * one.state[0] + b * two.state[0],)
    apart = [unroll(RNN("identity"), params, p.x, p.state)[0] for p in (one, two)]
    h, _, _ = unroll(RNN("identity"), params, x, state)
    np.testing.assert_allclose(h, a * apart[0] + b * apart[1], rtol=1e-11, atol=1e-12)


def test_identity_network_sends_back_the_same_gradient_whatever_the_input():
    problem = make(RNN("identity"), 3)
    other = problem._replace(x=100 * problem.x, state=(-problem.state[0],))
    assert np.array_equal(problem.bptt().states, other.bptt().states)


def twins(seed, T=6, H=4, change=()):
    """The same problem with the reset gate after and before the product, b_hn at zero."""
    before = make(GRU("before"), seed, T=T, H=H)
    params = {**before.params, **dict(change)}
    before = before._replace(params=params)
    after = before._replace(cell=GRU("after"), params={**params, "b_hn": np.zeros(H)})
    return before, after


def with_block(params, key, k, value):
    changed = params[key].copy()
    np.split(changed, 3, axis=-1)[k][:] = value
    return {key: changed}


def test_reset_before_and_after_the_product_differ():
    before, after = twins(0)
    assert relative(before.unroll()[0], after.unroll()[0]) > 0.01
    assert relative(before.bptt().x, after.bptt().x) > 0.01


@pytest.mark.parametrize(
    ("key", "block", "value"),
    [("b_h", 0, OPEN), ("b_h", 0, SHUT), ("W_hh", 2, 0.0), ("W_hh", 2, np.diag([0.5, -1.0, 2.0, 0.1]))],
    ids=["reset gate open", "reset gate shut", "no recurrent product", "each unit sees only itself"],
)
def test_reset_before_and_after_agree_when_the_gate_commutes_with_the_product(key, block, value):
    params = make(GRU("before"), 5).params
    before, after = twins(5, change=with_block(params, key, block, value))
    assert relative(before.unroll()[0], after.unroll()[0]) < 1e-14
    ours, theirs = before.bptt(), after.bptt()
    assert relative(ours.x, theirs.x) < 1e-13
    assert relative(ours.state[0], theirs.state[0]) < 1e-13


def test_reset_before_and_after_agree_in_the_first_step_from_zero():
    before, after = twins(6, T=1)
    zero = (np.zeros((3, 4)),)
    assert np.array_equal(before._replace(state=zero).unroll()[0], after._replace(state=zero).unroll()[0])


@given(seed=seeds)
@settings(max_examples=25)
def test_with_a_single_unit_the_place_of_the_reset_gate_does_not_matter(seed):
    before, after = twins(seed, H=1)
    assert relative(before.unroll()[0], after.unroll()[0]) < 1e-13
    ours, theirs = before.bptt(), after.bptt()
    theirs.params.pop("b_hn")
    assert relative(flat(ours), flat(theirs)) < 1e-12


def test_shut_reset_gate_hides_the_recurrent_bias():
    problem = gated(GRU("after"), r=SHUT)
    other = problem._replace(params={**problem.params, "b_hn": problem.params["b_hn"] + 1})
    assert np.array_equal(problem.unroll()[0], other.unroll()[0])
    assert not problem.bptt().params["b_hn"].any()


def test_relu_network_with_negative_pre_activations_passes_nothing_back():
    problem = make(RNN("relu"), 0)
    problem = problem._replace(params={**problem.params, "b_h": np.full(4, -1000.0)})
    back = problem.bptt()
    assert not back.x.any()
    assert not back.params["W_hh"].any()


@given(a=st.floats(-30, 30))
def test_sigmoid_is_the_logistic_function(a):
    assert sigmoid(np.array([a]))[0] == pytest.approx(1 / (1 + np.exp(-a)), abs=2e-16, rel=1e-15)
    assert sigmoid(a) == sigmoid(np.array([a]))[0]


def test_sigmoid_does_not_overflow_and_writes_where_it_is_told():
    a = np.array([-1e308, -1e4, 0, 1e4, 1e308])
    assert sigmoid(a, out=a) is a
    assert a.tolist() == [0, 0, 0.5, 1, 1]


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, bool])
def test_sigmoid_of_whole_numbers_is_that_of_floats(dtype):
    a = np.array([0, 1, 2, 100]).astype(dtype)
    assert np.array_equal(sigmoid(a), sigmoid(a.astype(float)))


def test_sigmoid_keeps_the_dtype_and_leaves_its_argument_alone():
    a = np.linspace(-2, 2, 5, dtype=np.float32)
    given_bytes = a.tobytes()
    assert sigmoid(a).dtype == np.float32
    assert a.tobytes() == given_bytes


def test_cells_are_compared_by_their_settings():
    assert RNN() == RNN("tanh") != RNN("relu")
    assert GRU() == GRU(reset="after") != GRU(reset="before")
    assert LSTM() == LSTM() != GRU()
    assert len({RNN(), RNN("tanh"), LSTM(), LSTM(), GRU(), GRU("before")}) == 4


@cells
def test_cells_cannot_be_changed(cell):
    name = next((field.name for field in dataclasses.fields(cell)), "gates")
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(cell, name, "tanh")


def test_the_place_of_the_reset_gate_can_be_replaced_copied_and_pickled():
    for one, other in (("after", "before"), ("before", "after")):
        cell = GRU(one)
        for same in (copy.copy(cell), copy.deepcopy(cell), pickle.loads(pickle.dumps(cell)), dataclasses.replace(cell)):
            assert same == cell
            assert same.keys == cell.keys
        replaced = dataclasses.replace(cell, reset=other)
        assert replaced == GRU(other)
        problem = make(replaced, 0)
        assert np.array_equal(problem.unroll()[0], problem._replace(cell=GRU(other)).unroll()[0])


def test_a_cell_of_ones_own_that_is_a_gru_resets_after_the_product():
    class Own(GRU):
        pass

    assert type(Own()) is Own
    with pytest.raises(ValueError, match="Own has the equations of GRU"):
        Own("before")
