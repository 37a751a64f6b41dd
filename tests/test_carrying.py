"""A layer carried over: rightly it is the same network; each mistake is what its name says, and no other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook.lab.frameworks import read_as
from rnnbook.lab.frameworks.carrying import MISTAKES, PLACES, arrays_in, carry, params_from, two_biases, why_not
from rnnbook.nn import GRU, LSTM, RNN, init_params, to_keras, to_torch, unroll
from tests.problems import dtypes

CELLS = [RNN(), LSTM(), GRU()]
cells = pytest.mark.parametrize("cell", CELLS, ids=str)
places = pytest.mark.parametrize("place", PLACES)
ways = pytest.mark.parametrize(("source", "target"), [(one, other) for one in PLACES for other in PLACES])


def drawn(cell, D=2, H=3, seed=0):
    """Parameters none of which is zero, and a second bias."""
    rng = np.random.default_rng(seed)
    params = {key: rng.normal(size=own.shape) for key, own in init_params(cell, D, H, rng).items()}
    return params, rng.normal(size=cell.gates * H), rng.normal(size=(6, 2, D))


def same(one, other):
    assert one.keys() == other.keys()
    for key in one:
        np.testing.assert_allclose(one[key], other[key], rtol=0, atol=1e-14)


@places
@cells
@given(D=st.integers(1, 4), H=st.integers(1, 4), seed=st.integers(0, 9))
def test_arrays_of_a_place_come_back_whatever_the_second_bias(place, cell, D, H, seed):
    params, second, _ = drawn(cell, D, H, seed)
    same(params_from(place, cell, arrays_in(place, cell, params, second)), params)


@cells
def test_without_a_second_bias_they_are_those_of_the_converters(cell):
    params, *_ = drawn(cell)
    same(arrays_in("torch", cell, params), to_torch(cell, params))
    same(dict(enumerate(arrays_in("keras", cell, params).values())), dict(enumerate(to_keras(cell, params))))


@places
@cells
def test_a_second_bias_is_moved_where_there_is_one(place, cell):
    params, second, _ = drawn(cell)
    with_it, without = (arrays_in(place, cell, params, amount) for amount in (second, 0.0))
    moved = [key for key in with_it if not np.array_equal(with_it[key], without[key])]
    assert bool(moved) == (place != "book" and two_biases(place, cell))
    assert all("bias" in key for key in moved)


@ways
@cells
def test_what_is_carried_rightly_is_the_same_network(cell, source, target):
    params, second, _ = drawn(cell)
    there, found = carry(cell, params, source, target, second=second)
    assert there == cell
    same(found, params)


@ways
@cells
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_that_can_be_made_changes_the_network_and_another_does_not(cell, source, target, mistake):
    params, second, x = drawn(cell)
    before = {key: own.copy() for key, own in params.items()}
    there, found = carry(cell, params, source, target, mistake, second)
    apart = np.abs(unroll(there, found, x)[0] - unroll(cell, params, x)[0]).max()
    right = mistake == "none" or (mistake == "summed" and not cell.apart)  # one sum: no mistake
    assert (apart > 1e-3) == (not right and not why_not(cell, source, target, mistake))
    for key, own in params.items():
        np.testing.assert_array_equal(own, before[key])


@pytest.mark.parametrize("source", PLACES)
def test_reset_before_and_a_sum_of_biases_are_those_of_the_conventions(source):
    params, second, x = drawn(GRU())
    for mistake, how in (("before", {"reset": "before"}), ("summed", {"biases": "one"})):
        cell, found = carry(GRU(), params, source, "keras", mistake, second)
        np.testing.assert_allclose(unroll(cell, found, x)[0], read_as(params, x, **how), rtol=0, atol=1e-14)


def test_blocks_as_they_stand_are_the_exchanged_ones():
    """Whoever hands PyTorch's blocks r, z, n to Keras as they stand has exchanged r and z."""
    params, *_ = drawn(GRU())
    state_dict = to_torch(GRU(), params)
    kernel, recurrent = state_dict["weight_ih_l0"].T, state_dict["weight_hh_l0"].T
    bias = np.stack([state_dict["bias_ih_l0"], state_dict["bias_hh_l0"]])
    as_they_stand = params_from("keras", GRU(), {"kernel": kernel, "recurrent_kernel": recurrent, "bias": bias})
    same(carry(GRU(), params, "torch", "keras", "blocks")[1], as_they_stand)


@cells
def test_reshaped_has_the_numbers_in_the_order_of_the_source(cell):
    params, *_ = drawn(cell)
    _, found = carry(cell, params, "book", "torch", "reshaped")
    state_dict = to_torch(cell, found)
    for key, name in (("W_xh", "weight_ih_l0"), ("W_hh", "weight_hh_l0")):
        np.testing.assert_array_equal(state_dict[name].ravel(), params[key].ravel())


def test_the_second_bias_left_out_and_the_first_one_twice():
    params, second, _ = drawn(LSTM())
    _, found = carry(LSTM(), params, "torch", "keras", "dropped", second)
    np.testing.assert_allclose(found["b_h"], params["b_h"] - second, rtol=0, atol=1e-14)
    _, found = carry(LSTM(), params, "keras", "torch", "twice")
    np.testing.assert_allclose(found["b_h"], 2 * params["b_h"], rtol=0, atol=1e-14)


@ways
@cells
@dtypes
@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_dtype_is_that_of_the_parameters(cell, source, target, mistake, dtype):
    params, second, _ = drawn(cell)
    params = {key: own.astype(dtype) for key, own in params.items()}
    for one in (0.0, 1, second, second.astype(np.float32)):
        assert {array.dtype for array in arrays_in(source, cell, params, one).values()} == {np.dtype(dtype)}
        _, found = carry(cell, params, source, target, mistake, one)
        assert {array.dtype for array in found.values()} == {np.dtype(dtype)}


@places
@cells
def test_arrays_are_copies_both_ways(place, cell):
    params, *_ = drawn(cell)
    arrays = arrays_in(place, cell, params)
    back = params_from(place, cell, arrays)
    for one in arrays.values():
        assert not any(np.shares_memory(one, other) for other in (*params.values(), *back.values()))


@pytest.mark.parametrize("target", PLACES)
@places
@cells
def test_parameters_that_do_not_fit_are_refused_everywhere(place, target, cell):
    params, *_ = drawn(cell)
    nan = {**params, "b_h": np.full_like(params["b_h"], np.nan)}
    short = {key: own for key, own in params.items() if key != "b_h"}
    wide = {**params, "W_hh": params["W_hh"][:, :-1]}
    mixed = {**params, "b_h": params["b_h"].astype(np.float32)}
    for wrong, error, message in (
        (nan, ValueError, r"b_h holds nan at \(0,\)"),
        (short, KeyError, "b_h missing"),
        (wide, ValueError, "W_hh has shape"),
        (mixed, TypeError, "one dtype"),
    ):
        with pytest.raises(error, match=message):
            arrays_in(place, cell, wrong)
        with pytest.raises(error, match=message):
            carry(cell, wrong, place, target)
    if place == "book":
        with pytest.raises(ValueError, match=r"b_h holds nan at \(0,\)"):
            params_from("book", cell, nan)


@places
@cells
def test_arrays_of_another_cell_and_arrays_that_are_missing_are_refused(place, cell):
    other = GRU() if isinstance(cell, LSTM) else LSTM()
    with pytest.raises((ValueError, KeyError), match=r"has shape|missing"):
        params_from(place, cell, arrays_in(place, other, drawn(other)[0]))
    with pytest.raises(KeyError, match="missing"):
        params_from(place, cell, {})
    with pytest.raises(TypeError, match="is a dict"):
        params_from(place, cell, [])


@places
@cells
def test_a_second_bias_that_does_not_fit_is_refused(place, cell):
    params, second, _ = drawn(cell)
    length = cell.gates * 3
    with pytest.raises(ValueError, match=rf"second has shape \(G\*H = {length}\); got \({length + 1},\)"):
        arrays_in(place, cell, params, np.ones(length + 1))
    with pytest.raises(ValueError, match=rf"second has shape \(G\*H = {length}\); got \(1, {length}\)"):
        carry(cell, params, place, "book", second=second[None])
    with pytest.raises(ValueError, match="second holds nan"):
        arrays_in(place, cell, params, np.nan)
    with pytest.raises(TypeError, match="second holds floating point numbers"):
        arrays_in(place, cell, params, "0.5")


def test_what_is_no_cell_is_refused():
    params, *_ = drawn(RNN())
    for call in (
        lambda: arrays_in("book", "RNN", params),
        lambda: params_from("keras", RNN, arrays_in("keras", RNN(), params)),
        lambda: two_biases("torch", "RNN"),
        lambda: why_not("GRU", "book", "keras", "before"),
        lambda: carry(RNN, params, "book", "keras"),
    ):
        with pytest.raises(TypeError, match="cell is an instance"):
            call()


def test_unknown_options_are_named():
    params, *_ = drawn(RNN())
    with pytest.raises(ValueError, match="mistake"):
        carry(RNN(), params, "book", "keras", "lost")
    with pytest.raises(ValueError, match="target"):
        carry(RNN(), params, "book", "jax")
    with pytest.raises(ValueError, match="place"):
        params_from("jax", RNN(), params)
    with pytest.raises(ValueError, match="place"):
        two_biases("jax", RNN())
    with pytest.raises(ValueError, match="place"):
        arrays_in("jax", RNN(), params)
