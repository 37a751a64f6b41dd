"""Optimisers and clipping; the trajectories themselves are compared with PyTorch's in test_torch.py."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.nn import SGD, Adam, RMSprop, clip_by_norm, clip_by_value, global_norm
from tests.problems import dtypes, seeds

MAKERS = {
    "SGD": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, momentum=0.9),
    "RMSprop": lambda: RMSprop(0.1),
    "Adam": lambda: Adam(0.1),
}
optimizers = pytest.mark.parametrize("make", list(MAKERS.values()), ids=list(MAKERS))


def draw(seed=0, dtype=np.float64, scale=1.0):
    rng = np.random.default_rng(seed)
    return {key: (scale * rng.normal(size=shape)).astype(dtype) for key, shape in (("a", (3, 2)), ("b", (4,)))}


def cosine(one, other):
    return sum(np.vdot(one[key], other[key]) for key in one) / (global_norm(one) * global_norm(other))


@optimizers
def test_step_changes_the_arrays_in_place(make):
    params = draw()
    held = dict(params)
    before = {key: array.copy() for key, array in params.items()}
    make().step(params, draw(1))
    for key, array in params.items():
        assert array is held[key]
        assert (array != before[key]).all()


@optimizers
@dtypes
def test_step_keeps_the_dtype_of_the_parameters(make, dtype):
    params, optimizer = draw(dtype=dtype), make()
    for seed in range(3):
        optimizer.step(params, draw(seed, dtype=np.float64))
    assert {array.dtype for array in params.values()} == {np.dtype(dtype)}


@optimizers
def test_step_leaves_the_gradients_alone(make):
    params, grads, optimizer = draw(), draw(1), make()
    before = {key: g.copy() for key, g in grads.items()}
    for _ in range(3):
        optimizer.step(params, grads)
    assert all(np.array_equal(grads[key], before[key]) for key in grads)


@optimizers
def test_every_parameter_has_a_memory_of_its_own(make):
    """Stepping two parameters together, or each with an optimiser of its own, is the same."""
    together, apart = draw(), draw()
    optimizer, alone = make(), {key: make() for key in apart}
    for seed in range(4):
        grads = draw(seed)
        if seed == 1:
            grads.pop("a")  # no gradient for it in this step
        optimizer.step(together, grads)
        for key, g in grads.items():
            alone[key].step(apart, {key: g})
    assert all(np.array_equal(together[key], apart[key]) for key in together)


@optimizers
def test_step_goes_downhill(make):
    params, optimizer = {"a": np.array([3.0, -2.0])}, make()
    for _ in range(200):
        optimizer.step(params, {"a": 2 * params["a"]})
    assert np.abs(params["a"]).max() < 0.2


@optimizers
def test_parameters_without_a_gradient_stay(make):
    params = draw()
    before = params["b"].copy()
    make().step(params, {"a": draw(1)["a"]})
    assert np.array_equal(params["b"], before)


def test_sgd_is_linear_in_the_gradient_and_adam_is_not():
    def moved(optimizer, factor):
        params = {"a": np.zeros(2)}
        optimizer.step(params, {"a": factor * np.array([1.0, -3.0])})
        return params["a"]

    np.testing.assert_allclose(moved(SGD(0.1), 10), 10 * moved(SGD(0.1), 1), rtol=1e-15)
    np.testing.assert_allclose(moved(Adam(0.1), 10), moved(Adam(0.1), 1), rtol=1e-7)
    np.testing.assert_allclose(moved(Adam(0.1), 1), [-0.1, 0.1], rtol=1e-7)  # the first step is lr, whatever g
    np.testing.assert_allclose(moved(RMSprop(0.1, decay=0.75), 5), [-0.2, 0.2], rtol=1e-7)


def test_momentum_adds_up_to_the_geometric_series():
    params, optimizer = {"a": np.zeros(1)}, SGD(1.0, momentum=0.5)
    steps = []
    for _ in range(3):
        before = params["a"].copy()
        optimizer.step(params, {"a": np.ones(1)})
        steps.append(float(before[0] - params["a"][0]))
    assert steps == [1, 1.5, 1.75]


@optimizers
def test_unknown_key_raises_and_nothing_is_changed(make):
    params, optimizer = draw(), make()
    before = {key: array.copy() for key, array in params.items()}
    with pytest.raises(KeyError, match="gradient for 'W_hx', but no such parameter among a, b"):
        optimizer.step(params, {"a": np.ones((3, 2)), "W_hx": np.ones(2)})
    assert all(np.array_equal(params[key], before[key]) for key in params)
    assert not optimizer.memory
    assert not optimizer.steps


@optimizers
def test_gradient_of_another_shape_raises_though_it_would_broadcast(make):
    with pytest.raises(ValueError, match=r"gradient of a has shape \(3, 2\) as the parameter; got \(2,\)"):
        make().step(draw(), {"a": np.ones(2)})


@optimizers
@pytest.mark.parametrize("bad", [np.ones(4, int), [1.0] * 4, np.ones(4, object), None], ids=repr)
def test_only_arrays_of_floats_can_be_stepped(make, bad):
    given = getattr(bad, "dtype", type(bad).__name__)
    with pytest.raises(TypeError, match=f"gradient of b is an array of floating point numbers; got {given}"):
        make().step(draw(), {"b": bad})
    with pytest.raises(TypeError, match=f"parameter of b is an array of floating point numbers; got {given}"):
        make().step({"b": bad}, {"b": np.ones(4)})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0), "lr is a finite number above 0; got 0"),
        (lambda: Adam(-1e-3), "lr is a finite number above 0; got -0.001"),
        (lambda: RMSprop(np.inf), "lr is a finite number above 0; got inf"),
        (lambda: SGD(0.1, momentum=1), "momentum is a finite number of at least 0 and below 1; got 1"),
        (lambda: SGD(0.1, momentum=-0.1), "momentum is a finite number of at least 0 and below 1; got -0.1"),
        (lambda: RMSprop(0.1, decay=1.5), "decay is a finite number of at least 0 and below 1; got 1.5"),
        (lambda: RMSprop(0.1, eps=0), "eps is a finite number above 0; got 0"),
        (lambda: Adam(0.1, beta1=1), "beta1 is a finite number of at least 0 and below 1; got 1"),
        (lambda: Adam(0.1, beta2=np.nan), "beta2 is a finite number of at least 0 and below 1; got nan"),
        (lambda: Adam(0.1, eps=0.0), "eps is a finite number above 0; got 0.0"),
        (lambda: clip_by_norm({}, 0), "max_norm is a finite number above 0; got 0"),
        (lambda: clip_by_value({}, -1.0), "limit is a finite number above 0; got -1.0"),
    ],
)
def test_settings_out_of_range_raise(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


@pytest.mark.parametrize("bad", ["0.1", None, True, 1j, [0.1]], ids=repr)
def test_settings_that_are_no_numbers_raise(bad):
    with pytest.raises(TypeError, match="lr is a number; got"):
        Adam(bad)
    with pytest.raises(TypeError, match="max_norm is a number; got"):
        clip_by_norm(draw(), bad)


@given(seed=seeds, scale=st.floats(1e-3, 1e3), max_norm=st.floats(1e-3, 1e3))
@settings(max_examples=50)
def test_clipping_by_norm_bounds_the_norm_and_keeps_the_direction(seed, scale, max_norm):
    grads = draw(seed, scale=scale)
    clipped, norm = clip_by_norm(grads, max_norm)
    assert norm == global_norm(grads)
    assert global_norm(clipped) == pytest.approx(min(norm, max_norm), rel=1e-12)
    assert cosine(clipped, grads) == pytest.approx(1, abs=1e-12)


def test_clipping_by_norm_leaves_short_gradients_as_they_are():
    grads = draw()
    clipped, norm = clip_by_norm(grads, 1e3)
    assert all(clipped[key] is grads[key] for key in grads)
    assert norm < 1e3


def test_clipping_does_not_change_what_it_was_given():
    for clip in (clip_by_norm, clip_by_value):
        grads = draw(scale=100)
        before = {key: g.copy() for key, g in grads.items()}
        clip(grads, 0.5)
        assert all(np.array_equal(grads[key], before[key]) for key in grads)


@given(seed=seeds, limit=st.floats(0.01, 5))
@settings(max_examples=50)
def test_clipping_by_value_bounds_every_entry_and_leaves_small_ones(seed, limit):
    grads = draw(seed)
    for key, clipped in clip_by_value(grads, limit).items():
        assert np.abs(clipped).max() <= limit
        small = np.abs(grads[key]) <= limit
        assert np.array_equal(clipped[small], grads[key][small])
        assert np.array_equal(np.sign(clipped), np.sign(grads[key]))


def test_clipping_by_value_turns_the_direction():
    grads = {"a": np.array([10.0, 0.1])}
    assert cosine(clip_by_value(grads, 0.1), grads) < 0.75
    assert cosine(clip_by_norm(grads, 0.1)[0], grads) == pytest.approx(1, abs=1e-15)


@dtypes
def test_clipping_keeps_the_dtype(dtype):
    grads = draw(dtype=dtype, scale=100)
    assert {g.dtype for g in clip_by_norm(grads, 1.0)[0].values()} == {np.dtype(dtype)}
    assert {g.dtype for g in clip_by_value(grads, 1.0).values()} == {np.dtype(dtype)}


@dtypes
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_clipping_a_gradient_that_is_not_finite_raises_and_says_where(bad, dtype):
    grads = draw(dtype=dtype)
    grads["b"][2] = bad
    with pytest.raises(FloatingPointError, match=rf"norm is {abs(bad)} \(in b\): clipping cannot mend it"):
        clip_by_norm(grads, 1.0)


def test_global_norm_is_the_norm_of_one_long_vector():
    grads = draw()
    long = np.concatenate([g.ravel() for g in grads.values()])
    assert global_norm(grads) == pytest.approx(np.linalg.norm(long), rel=1e-15)
    assert global_norm({}) == 0
    assert global_norm({"a": np.zeros(3), "b": np.zeros((0, 2))}) == 0


@dtypes
@pytest.mark.parametrize("decade", [-200, -30, -11, 0, 11, 30, 200])
def test_global_norm_neither_overflows_nor_vanishes_with_the_squares(dtype, decade):
    if dtype == np.float32 and abs(decade) > 30:
        decade //= 10
    size = 10.0**decade
    grads = {"a": np.array([3 * size, 0], dtype), "b": np.array([[4 * size]], dtype)}
    assert global_norm(grads) == pytest.approx(5 * size, rel=1e-6, abs=0)
    clipped, _ = clip_by_norm(grads, 0.5 * size)
    assert global_norm(clipped) == pytest.approx(0.5 * size, rel=1e-6, abs=0)
