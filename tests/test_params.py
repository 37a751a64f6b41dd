"""Starts: each one's law, block by block."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.nn import GRU, LSTM, RNN, Chrono, init_params, set_spectral_radius, spectral_radius
from rnnbook.nn.params import STARTS
from tests.problems import cells, dtypes, seeds

starts = pytest.mark.parametrize("recurrent", list(STARTS))


def start(cell, seed=0, D=3, H=5, **options):
    return init_params(cell, D, H, np.random.default_rng(seed), **options)


def blocks(cell, array):
    """The gates' blocks of a parameter."""
    return np.split(array, cell.gates, axis=-1)


@cells
@given(D=st.integers(1, 5), H=st.integers(1, 6), seed=seeds)
@settings(max_examples=20)
def test_orthogonal_start_is_orthogonal_block_by_block(cell, D, H, seed):
    for W in blocks(cell, start(cell, seed, D, H)["W_hh"]):
        np.testing.assert_allclose(W.T @ W, np.eye(H), atol=1e-13)


def test_orthogonal_start_has_no_preferred_direction():
    """Of uniformly drawn orthogonal matrices every entry has mean 0 and the trace variance 1."""
    rng = np.random.default_rng(0)
    draws = np.array([init_params(RNN(), 1, 3, rng)["W_hh"] for _ in range(2000)])
    assert np.abs(draws.mean(axis=0)).max() < 0.06  # standard error 0.577 / sqrt(2000) = 0.013
    assert np.trace(draws, axis1=1, axis2=2).var() == pytest.approx(1, abs=0.15)


@cells
def test_uniform_start_is_within_the_bounds_of_pytorch_and_fills_them(cell):
    H = 60
    for W in blocks(cell, start(cell, H=H, recurrent="uniform")["W_hh"]):
        assert 0.95 * H**-0.5 < np.abs(W).max() <= H**-0.5
        assert W.var() == pytest.approx(1 / (3 * H), rel=0.1)


@cells
def test_gaussian_start_has_variance_one_over_h(cell):
    H = 60
    for W in blocks(cell, start(cell, H=H, recurrent="gaussian")["W_hh"]):
        assert W.var() == pytest.approx(1 / H, rel=0.1)
        assert np.abs(W).max() > 3 * H**-0.5  # it has tails
        assert abs(W.mean()) < 0.1 * H**-0.5


@cells
def test_identity_start_is_the_identity_in_every_block(cell):
    for W in blocks(cell, start(cell, recurrent="identity")["W_hh"]):
        assert np.array_equal(W, np.eye(5))


@pytest.mark.parametrize("recurrent", ["orthogonal", "uniform", "gaussian"])
@pytest.mark.parametrize("cell", [LSTM(), GRU()], ids=str)
def test_every_block_is_drawn_by_itself(cell, recurrent):
    params = start(cell, recurrent=recurrent)
    for key in ("W_hh", "W_xh"):
        first, *others = blocks(cell, params[key])
        assert not any(np.allclose(np.abs(first), np.abs(other), rtol=0.01) for other in others)


@cells
@given(D=st.integers(1, 8), H=st.integers(1, 8), seed=seeds)
@settings(max_examples=20)
def test_input_weights_are_within_the_glorot_bounds(cell, D, H, seed):
    assert np.abs(start(cell, seed, D, H)["W_xh"]).max() <= (6 / (D + H)) ** 0.5


@cells
def test_input_weights_fill_the_glorot_bounds(cell):
    for W in blocks(cell, start(cell, D=40, H=50)["W_xh"]):
        assert np.abs(W).max() > 0.95 * (6 / 90) ** 0.5
        assert W.var() == pytest.approx(2 / 90, rel=0.1)


@cells
@starts
@pytest.mark.parametrize(("option", "key"), [("gain", "W_hh"), ("input_scale", "W_xh")])
@pytest.mark.parametrize("factor", [0, 0.25, 3])
def test_gain_and_input_scale_multiply_their_own_matrix_alone(cell, recurrent, option, key, factor):
    plain = start(cell, recurrent=recurrent)
    scaled = start(cell, recurrent=recurrent, **{option: factor})
    for name, array in plain.items():
        assert np.array_equal(scaled[name], array * factor if name == key else array)


@cells
@dtypes
def test_shapes_keys_and_dtype_are_those_asked_for(cell, dtype):
    params = start(cell, D=3, H=5, dtype=dtype)
    G = cell.gates
    shapes = {"W_xh": (3, G * 5), "W_hh": (5, G * 5), "b_h": (G * 5,), "b_hn": (5,)}
    assert {key: array.shape for key, array in params.items()} == {key: shapes[key] for key in cell.keys}
    assert {array.dtype for array in params.values()} == {np.dtype(dtype)}


@cells
@starts
def test_same_generator_same_numbers(cell, recurrent):
    one, same, other = (start(cell, seed, recurrent=recurrent) for seed in (7, 7, 8))
    assert all(np.array_equal(one[key], same[key]) for key in one)
    assert not np.array_equal(one["W_xh"], other["W_xh"])


@cells
def test_single_precision_start_is_the_double_one_rounded(cell):
    double, single = start(cell), start(cell, dtype=np.float32)
    assert all(np.array_equal(single[key], double[key].astype(np.float32)) for key in double)


@cells
def test_arrays_of_a_start_are_the_callers_own(cell):
    params = start(cell, recurrent="identity")
    params["W_hh"][:] = 0
    assert start(cell, recurrent="identity")["W_hh"].any()
    arrays = list(params.values())
    assert not any(np.shares_memory(a, b) for k, a in enumerate(arrays) for b in arrays[:k])


@pytest.mark.parametrize(
    ("cell", "kept", "default"), [(LSTM(), 1, 1.0), (GRU(), 1, 0.0), (GRU("before"), 1, 0.0)], ids=str
)
def test_gate_bias_is_that_of_the_gate_that_keeps_and_of_no_other(cell, kept, default):
    assert cell.gate_names[kept] == ("f" if isinstance(cell, LSTM) else "z")
    for given_bias, expected in ((None, default), (0, 0.0), (2.5, 2.5), (-1, -1.0)):
        for k, b in enumerate(blocks(cell, start(cell, gate_bias=given_bias)["b_h"])):
            assert np.array_equal(b, np.full(5, expected if k == kept else 0.0))
    if "b_hn" in cell.keys:
        assert not start(cell, gate_bias=2.5)["b_hn"].any()


def test_the_bias_of_an_rnn_is_zero():
    assert not start(RNN())["b_h"].any()


@pytest.mark.parametrize("cell", [LSTM(), GRU(), GRU("before")], ids=str)
@given(seed=seeds, t_max=st.floats(2.01, 1000))
@settings(max_examples=30)
def test_chrono_bias_is_the_log_of_a_number_of_steps(cell, seed, t_max):
    b = blocks(cell, start(cell, seed, H=20, gate_bias=Chrono(t_max))["b_h"])
    steps = np.exp(b[cell.keeper])
    assert steps.min() >= 1 - 1e-12
    assert steps.max() <= t_max - 1 + 1e-9
    input_gate = -b[1] if cell == LSTM() else np.zeros(20)
    assert np.array_equal(b[0], input_gate)
    assert not b[2].any()


def test_chrono_spreads_the_memories_evenly_and_each_unit_has_its_own():
    b = blocks(GRU(), start(GRU(), H=2000, recurrent="identity", gate_bias=Chrono(101))["b_h"])
    steps = np.exp(b[1])
    assert np.histogram(steps, bins=4, range=(1, 100))[0] == pytest.approx([500] * 4, rel=0.15)
    assert len(np.unique(steps)) == 2000


def test_chrono_is_compared_by_its_length():
    assert Chrono(10) == Chrono(10.0) != Chrono(20)


@given(seed=seeds, H=st.integers(1, 8), rho=st.floats(0.01, 10))
@settings(max_examples=50)
def test_set_spectral_radius_is_exact(seed, H, rho):
    W = np.random.default_rng(seed).normal(size=(H, H))
    before = W.copy()
    scaled = set_spectral_radius(W, rho)
    assert np.abs(np.linalg.eigvals(scaled)).max() == pytest.approx(rho, rel=1e-10)
    ratio = scaled / W
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-12)  # a multiple of what was given
    assert ratio[0, 0] > 0
    assert np.array_equal(W, before)


@dtypes
def test_set_spectral_radius_keeps_the_dtype(dtype):
    W = np.random.default_rng(0).normal(size=(6, 6)).astype(dtype)
    scaled = set_spectral_radius(W, 0.9)
    assert scaled.dtype == dtype
    assert spectral_radius(scaled) == pytest.approx(0.9, rel=1e-5)
    assert not set_spectral_radius(W, 0).any()


def test_spectral_radius_is_neither_the_norm_nor_the_largest_entry():
    assert spectral_radius(np.array([[0.9, 5.0], [0.0, 0.9]])) == pytest.approx(0.9)
    assert spectral_radius(np.array([[0.0, -2.0], [2.0, 0.0]])) == pytest.approx(2)  # eigenvalues 2i and -2i
    assert spectral_radius([[0.0, 1.0], [0.0, 0.0]]) == 0
