"""Around the recurrent part: one-hot, embedding, readout."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.nn import embed, embed_backward, one_hot, readout, readout_backward
from tests.problems import dtypes, relative, seeds

leading = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@given(shape=leading, size=st.integers(1, 6), seed=seeds)
@settings(max_examples=30)
def test_one_hot_has_a_single_one_where_the_token_says(shape, size, seed):
    tokens = np.random.default_rng(seed).integers(size, size=shape)
    vectors = one_hot(tokens, size)
    assert vectors.shape == (*shape, size)
    assert np.array_equal(vectors.argmax(axis=-1), tokens)
    assert np.array_equal(np.sort(vectors, axis=-1)[..., -1], np.ones(shape))
    assert vectors.sum() == tokens.size


@dtypes
def test_one_hot_has_the_dtype_asked_for(dtype):
    assert one_hot([1, 0], 2, dtype).dtype == dtype


def test_one_hot_of_nothing_is_empty():
    assert one_hot([], 3).shape == (0, 3)


def test_one_hot_takes_every_kind_of_integer():
    for kind in (np.uint8, np.int8, np.int64, np.uint64):
        assert one_hot(np.array([2], kind), 3).tolist() == [[0, 0, 1]]


@dtypes
@given(shape=leading, seed=seeds)
@settings(max_examples=30)
def test_embedding_is_one_hot_times_the_matrix(dtype, shape, seed):
    rng = np.random.default_rng(seed)
    params = {"E": rng.normal(size=(5, 2)).astype(dtype)}
    tokens = rng.integers(5, size=shape)
    assert np.array_equal(embed(params, tokens), one_hot(tokens, 5, dtype) @ params["E"])
    assert embed(params, tokens).dtype == dtype
    dx = rng.normal(size=(*shape, 2)).astype(dtype)
    dE = embed_backward(params, tokens, dx)["E"]
    expected = one_hot(tokens, 5, dtype).reshape(-1, 5).T @ dx.reshape(-1, 2)
    np.testing.assert_allclose(dE, expected, atol=1e-14 if dtype == np.float64 else 1e-5)
    assert dE.dtype == dtype


def test_embedding_hands_out_copies():
    params = {"E": np.ones((3, 2))}
    embed(params, [0, 1])[:] = 5
    assert (params["E"] == 1).all()


@given(shape=leading, H=st.integers(1, 4), K=st.integers(1, 4), seed=seeds)
@settings(max_examples=30)
def test_readout_gradients_equal_central_differences(shape, H, K, seed):
    rng = np.random.default_rng(seed)
    params = {"W_hy": rng.normal(size=(H, K)), "b_y": rng.normal(size=K)}
    h, dy = rng.normal(size=(*shape, H)), rng.normal(size=(*shape, K))
    grads, dh = readout_backward(params, h, dy)
    assert set(grads) == {"W_hy", "b_y"}
    for array, found in ((params["W_hy"], grads["W_hy"]), (params["b_y"], grads["b_y"]), (h, dh)):
        numeric = np.empty_like(array)
        for place in np.ndindex(array.shape):
            here = array[place]
            array[place] = here + 0.5  # the readout is linear, so any step is exact
            above = (readout(params, h) * dy).sum()
            array[place] = here - 0.5
            numeric[place] = above - (readout(params, h) * dy).sum()
            array[place] = here
        np.testing.assert_allclose(found, numeric, atol=1e-12)


def test_readout_is_the_affine_map():
    rng = np.random.default_rng(0)
    params = {"W_hy": rng.normal(size=(4, 3)), "b_y": rng.normal(size=3)}
    h = rng.normal(size=(5, 2, 4))
    y = readout(params, h)
    assert y.shape == (5, 2, 3)
    assert relative(y[3, 1], h[3, 1] @ params["W_hy"] + params["b_y"]) < 1e-15


@dtypes
def test_readout_keeps_the_dtype_of_its_parameters(dtype):
    params = {"W_hy": np.ones((4, 3), dtype), "b_y": np.ones(3, dtype)}
    h = np.ones((2, 4))
    grads, dh = readout_backward(params, h, np.ones((2, 3)))
    arrays = [readout(params, h), *grads.values(), dh]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_backward_passes_leave_what_they_were_given_alone():
    params = {"W_hy": np.ones((4, 3)), "b_y": np.ones(3), "E": np.ones((5, 4))}
    h, dy, dx = np.ones((2, 4)), np.ones((2, 3)), np.ones((2, 4))
    readout_backward(params, h, dy)
    embed_backward(params, [1, 1], dx)
    assert all((array == 1).all() for array in (*params.values(), h, dy, dx))


@pytest.mark.parametrize("tokens", [[0, 0, 0], [2, 2, 1]])
def test_embedding_gradient_adds_up_over_repeated_tokens(tokens):
    dE = embed_backward({"E": np.zeros((3, 1))}, tokens, np.array([[1.0], [10.0], [100.0]]))["E"]
    expected = np.zeros((3, 1))
    for token, value in zip(tokens, (1, 10, 100), strict=True):
        expected[token] += value
    assert np.array_equal(dE, expected)
