"""Recurrent part and readout together: one batch, one loss, all gradients."""

import dataclasses

import numpy as np
import pytest

from rnnbook.nn import GRU, LSTM, RNN, Adam, Batch, Model, clip_by_norm, one_hot, unroll
from tests.problems import dtypes, leaves, relative, slopes
from tests.problems import recursions as cells

LOSSES = ("softmax", "logistic", "squared")
losses = pytest.mark.parametrize("loss", LOSSES)
which_steps = pytest.mark.parametrize("steps", ["last", "every"])
inputs = pytest.mark.parametrize("reads", ["numbers", "tokens one-hot", "tokens embedded"])

T, N, V, H, K = 5, 2, 4, 3, 3


def setting(cell, loss="squared", steps="last", reads="numbers", masked=False, seed=0, dtype=np.float64):
    """A model, its parameters and a batch; all biases moved away from zero."""
    rng = np.random.default_rng(seed)
    model = Model(cell, loss, steps)
    size = 2 if reads == "tokens embedded" else None
    params = model.init_params(V, H, K, rng, embedding_size=size, recurrent="uniform", dtype=dtype)
    for key, array in params.items():
        if key.startswith("b_"):
            array += rng.uniform(-0.5, 0.5, size=array.shape).astype(dtype)
    x = rng.uniform(-1, 1, size=(T, N, V)).astype(dtype) if reads == "numbers" else rng.integers(V, size=(T, N))
    shape = (N,) if steps == "last" else (T, N)
    shape += () if loss == "softmax" else (K,)
    y = rng.integers(K, size=shape) if loss == "softmax" else rng.uniform(size=shape)
    mask = None
    if masked:
        mask = rng.random(shape) < 0.5
        mask.flat[0] = True
    return model, params, Batch(x, y, mask)


def slopes_of(model, params, batch, found, state=None):
    """Central differences of the loss along a direction in each parameter and state, and what `found` says of them."""
    arrays, grads = (
        leaves((params, state)),
        leaves(({key: found.params[key] for key in params}, state and found.back.state)),
    )
    return slopes(lambda: model.gradients(params, batch, state).loss, arrays, grads)


def flat(grads):
    return np.concatenate([grads[key].ravel() for key in sorted(grads)])


@cells
@losses
@which_steps
@inputs
def test_gradients_equal_central_differences(cell, loss, steps, reads):
    model, params, batch = setting(cell, loss, steps, reads)
    found = model.gradients(params, batch)
    assert set(found.params) == set(params)
    ours, theirs = slopes_of(model, params, batch, found)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)


@losses
@which_steps
def test_gradients_with_mask_and_state_equal_central_differences(loss, steps):
    model, params, batch = setting(LSTM(), loss, steps, masked=True)
    rng = np.random.default_rng(1)
    state = tuple(rng.normal(size=(2, N, H)))
    found = model.gradients(params, batch, state)
    ours, theirs = slopes_of(model, params, batch, found, state)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)


@cells
@which_steps
def test_masked_steps_and_sequences_do_not_count(cell, steps):
    model, params, batch = setting(cell, "softmax", steps)
    mask = np.zeros(batch.y.shape, bool)
    mask[..., 0] = True  # the second sequence is left out
    found = model.gradients(params, batch._replace(mask=mask))
    alone = model.gradients(params, Batch(batch.x[:, :1], batch.y[..., :1]))
    assert found.loss == pytest.approx(alone.loss, rel=1e-13)
    assert relative(flat(found.params), flat(alone.params)) < 1e-12
    assert not found.back.x[:, 1].any()


@cells
@which_steps
def test_state_is_carried(cell, steps):
    """Reading a sequence in two batches, the state handed over, gives the outputs of reading it once."""
    model, params, batch = setting(cell, "squared", steps)
    y, last = model.predict(params, batch.x)
    first_y, carried = model.predict(params, batch.x[:3])
    second_y, second_last = model.predict(params, batch.x[3:], carried)
    expected = y if steps == "last" else y[3:]
    np.testing.assert_allclose(second_y, expected, rtol=1e-12)
    if steps == "every":
        np.testing.assert_allclose(first_y, y[:3], rtol=1e-12)
    for ours, theirs in zip(second_last, last, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    part = Batch(batch.x[3:], batch.y if steps == "last" else batch.y[3:])
    assert np.array_equal(model.gradients(params, part, carried).y, second_y)
    assert len(carried) == cell.states


@cells
@inputs
def test_predict_and_gradients_agree(cell, reads):
    model, params, batch = setting(cell, "softmax", "every", reads)
    y, state = model.predict(params, batch.x)
    found = model.gradients(params, batch)
    assert np.array_equal(y, found.y)
    assert y.shape == (T, N, K)
    assert all(np.array_equal(a, b) for a, b in zip(state, found.state, strict=True))


@cells
def test_reading_the_last_step_is_reading_every_step_and_keeping_the_last(cell):
    last, params, batch = setting(cell, "softmax", "last")
    every = dataclasses.replace(last, steps="every")
    y_last, y_every = last.predict(params, batch.x)[0], every.predict(params, batch.x)[0]
    assert y_last.shape == (N, K)
    np.testing.assert_allclose(y_last, y_every[-1], rtol=1e-14)
    mask = np.zeros((T, N), bool)
    mask[-1] = True
    targets = np.zeros((T, N), int)
    targets[-1] = batch.y
    ours, theirs = last.gradients(params, batch), every.gradients(params, Batch(batch.x, targets, mask))
    assert ours.loss == pytest.approx(theirs.loss, rel=1e-14)
    assert relative(flat(ours.params), flat(theirs.params)) < 1e-13


@cells
def test_tokens_one_hot_are_vectors(cell):
    model, params, batch = setting(cell, "softmax", "every", "tokens one-hot")
    ours = model.gradients(params, batch)
    theirs = model.gradients(params, batch._replace(x=one_hot(batch.x, V)))
    assert np.array_equal(flat(ours.params), flat(theirs.params))


@cells
def test_embedding_is_a_change_of_input_weights(cell):
    """One-hot tokens times E W_xh: the embedded model is the one-hot model with the product as its W_xh."""
    model, params, batch = setting(cell, "softmax", "every", "tokens embedded")
    merged = {**params, "W_xh": params["E"] @ params["W_xh"]}
    merged.pop("E")
    assert relative(model.predict(params, batch.x)[0], model.predict(merged, batch.x)[0]) < 1e-13
    ours, theirs = model.gradients(params, batch).params, model.gradients(merged, batch).params
    assert relative(ours["E"], theirs["W_xh"] @ params["W_xh"].T) < 1e-12
    assert relative(ours["W_xh"], params["E"].T @ theirs["W_xh"]) < 1e-12


@cells
def test_truncation_is_handed_on(cell):
    model, params, batch = setting(cell, "squared", "every")
    full, cut = model.gradients(params, batch), model.gradients(params, batch, truncate=2)
    assert full.loss == cut.loss
    assert np.array_equal(full.params["W_hy"], cut.params["W_hy"])
    assert relative(cut.params["W_hh"], full.params["W_hh"]) > 1e-3
    state, W_hh = None, 0
    for start in (0, 2, 4):
        part = Batch(batch.x[start : start + 2], batch.y[start : start + 2])
        found = model.gradients(params, part, state)
        W_hh = W_hh + found.params["W_hh"] * len(part.x) / T
        state = found.state
    assert relative(cut.params["W_hh"], W_hh) < 1e-12


@cells
@dtypes
def test_dtype_of_everything_is_that_of_the_parameters(cell, dtype):
    for reads in ("numbers", "tokens one-hot", "tokens embedded"):
        model, params, batch = setting(cell, "squared", "every", reads, dtype=dtype)
        found = model.gradients(params, batch)
        arrays = [*params.values(), *found.params.values(), found.y, *found.state, found.back.x]
        assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_parameters_have_the_shapes_and_starts_that_are_documented():
    rng = np.random.default_rng(0)
    params = Model(GRU()).init_params(50, 40, 30, rng, embedding_size=20, gain=0.5, gate_bias=2.0)
    shapes = {key: array.shape for key, array in params.items()}
    cell = {"W_xh": (20, 120), "W_hh": (40, 120), "b_h": (120,), "b_hn": (40,)}
    assert shapes == {**cell, "W_hy": (40, 30), "b_y": (30,), "E": (50, 20)}
    assert np.abs(params["W_hy"]).max() == pytest.approx((6 / 70) ** 0.5, rel=0.02)
    assert params["E"].std() == pytest.approx(1, abs=0.1)
    assert not params["b_y"].any()
    assert np.linalg.norm(params["W_hh"][:, :40], 2) == pytest.approx(0.5, rel=1e-12)
    assert (params["b_h"][40:80] == 2).all()


def test_without_embedding_the_input_size_is_that_of_the_input():
    params = Model(RNN()).init_params(7, 4, 2, np.random.default_rng(0))
    assert params["W_xh"].shape == (7, 4)
    assert "E" not in params


@cells
def test_gradients_leave_parameters_and_batch_alone(cell):
    model, params, batch = setting(cell, "softmax", "every", "tokens embedded", masked=True)
    arrays = [*params.values(), batch.x, batch.y, batch.mask]
    before = [array.tobytes() for array in arrays]
    model.gradients(params, batch)
    model.predict(params, batch.x)
    assert [array.tobytes() for array in arrays] == before


@cells
def test_the_recurrent_part_is_unroll_itself(cell):
    model, params, batch = setting(cell, "squared", "every")
    h, _, _ = unroll(cell, params, batch.x)
    y, _ = model.predict(params, batch.x)
    assert relative(y, h @ params["W_hy"] + params["b_y"]) < 1e-15


@cells
def test_training_on_one_batch_lowers_the_loss(cell):
    model, params, batch = setting(cell, "softmax", "every", "tokens one-hot")
    first = model.gradients(params, batch).loss
    optimizer = Adam(0.02)
    for _ in range(100):
        optimizer.step(params, clip_by_norm(model.gradients(params, batch).params, 1.0)[0])
    assert model.gradients(params, batch).loss < 0.5 * first


def test_models_are_compared_by_their_settings():
    assert Model(RNN()) == Model(RNN(), "squared", "last") != Model(RNN(), steps="every")
    with pytest.raises(dataclasses.FrozenInstanceError):
        Model(RNN()).loss = "softmax"
