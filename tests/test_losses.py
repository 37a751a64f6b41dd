"""Losses: value and gradient, masks, extremes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.nn import binary_cross_entropy, softmax, softmax_cross_entropy, squared_error
from tests.problems import dtypes, relative, seeds

EPS = 1e-5
LOSSES = {
    "softmax": softmax_cross_entropy,
    "logistic": binary_cross_entropy,
    "squared": squared_error,
}
losses = pytest.mark.parametrize("name", list(LOSSES))
leading = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


def draw(name, shape, seed, masked=True):
    """Outputs, targets that fit the loss, and a mask that keeps at least one entry."""
    rng = np.random.default_rng(seed)
    if name == "softmax":
        y, targets = rng.normal(size=(*shape, 4)), rng.integers(4, size=shape)
    else:
        y, targets = rng.normal(size=shape), rng.uniform(size=shape)
    mask = rng.random(shape) < 0.6
    mask[(0,) * len(shape)] = True
    return y, targets, mask if masked else None


@losses
@given(shape=leading, seed=seeds, masked=st.booleans())
@settings(max_examples=30)
def test_gradient_equals_central_differences(name, shape, seed, masked):
    y, targets, mask = draw(name, shape, seed, masked)
    _, dy = LOSSES[name](y, targets, mask)
    numeric = np.empty_like(y)
    for place in np.ndindex(y.shape):
        here = y[place]
        y[place] = here + EPS
        above = LOSSES[name](y, targets, mask)[0]
        y[place] = here - EPS
        numeric[place] = (above - LOSSES[name](y, targets, mask)[0]) / (2 * EPS)
        y[place] = here
    assert np.linalg.norm(dy - numeric) < 1e-8 * max(np.linalg.norm(numeric), 1e-2)


@losses
@given(shape=leading, seed=seeds)
@settings(max_examples=30)
def test_loss_is_the_mean_over_what_the_mask_keeps(name, shape, seed):
    y, targets, mask = draw(name, shape, seed)
    loss, dy = LOSSES[name](y, targets, mask)
    kept_loss, kept_dy = LOSSES[name](y[mask], targets[mask])
    each = [LOSSES[name](y[tuple(p)][None], targets[tuple(p)][None])[0] for p in np.argwhere(mask)]
    assert loss == pytest.approx(kept_loss, rel=1e-12)
    assert loss == pytest.approx(np.mean(each), rel=1e-12)
    np.testing.assert_allclose(dy[mask], kept_dy, rtol=1e-12, atol=1e-15)
    assert not dy[~mask].any()


@losses
def test_what_is_masked_is_not_looked_at(name):
    y, targets, mask = draw(name, (5, 3), 0)
    assert not mask.all()
    padded = targets.astype(int if name == "softmax" else float)
    padded[~mask] = -100 if name == "softmax" else np.nan
    expected, dy = LOSSES[name](y, targets, mask)
    loss, dy_padded = LOSSES[name](y, padded, mask)
    assert loss == expected
    assert np.array_equal(dy_padded, dy)


@losses
def test_full_mask_is_no_mask(name):
    y, targets, _ = draw(name, (4, 2), 1)
    (loss, dy), (expected, expected_dy) = (LOSSES[name](y, targets, m) for m in (np.ones((4, 2), bool), None))
    assert loss == expected
    assert np.array_equal(dy, expected_dy)


@losses
@dtypes
def test_gradient_has_the_dtype_and_the_value_is_a_number(name, dtype):
    y, targets, mask = draw(name, (4, 2), 1)
    loss, dy = LOSSES[name](y.astype(dtype), targets, mask)
    assert dy.dtype == dtype
    assert dy.shape == y.shape
    assert type(loss) is float


@losses
@dtypes
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_extreme_outputs_do_not_overflow(name, dtype, size):
    if name == "squared" and size > 1e18:
        size = 1e18  # the square itself has to be a number
    y = np.array([[size, -size, 0.0], [-size, size, 0.0]], dtype)
    targets = [1, 1] if name == "softmax" else np.array([[1, 1, 0], [0, 0, 1.0]])
    loss, dy = LOSSES[name](y, targets)
    assert np.isfinite(loss)
    assert np.isfinite(dy).all()


def test_extreme_logits_have_the_exact_loss():
    right, wrong = np.array([[1e4, 0.0]]), np.array([[0.0, 1e4]])
    assert softmax_cross_entropy(right, [0])[0] == 0
    loss, dlogits = softmax_cross_entropy(wrong, [0])
    assert loss == 1e4
    assert dlogits.tolist() == [[-1, 1]]
    assert binary_cross_entropy(np.array([1e4]), [1])[0] == 0
    loss, dlogits = binary_cross_entropy(np.array([-1e4, 1e4]), [1, 0])
    assert loss == 1e4
    assert dlogits.tolist() == [-0.5, 0.5]


def test_small_losses_keep_their_digits():
    assert binary_cross_entropy(np.array([40.0]), [1])[0] == pytest.approx(np.exp(-40), rel=1e-12, abs=0)


@given(seed=seeds, shift=st.floats(-100, 100))
@settings(max_examples=30)
def test_softmax_does_not_see_a_common_shift(seed, shift):
    y, targets, _ = draw("softmax", (3, 2), seed)
    np.testing.assert_allclose(softmax(y + shift), softmax(y), rtol=1e-11)
    np.testing.assert_allclose(softmax(y).sum(axis=-1), 1, rtol=1e-14)
    _, dy = softmax_cross_entropy(y + shift, targets)
    np.testing.assert_allclose(dy.sum(axis=-1), 0, atol=1e-15)


def test_softmax_is_the_normalised_exponential():
    y = np.random.default_rng(0).normal(size=(3, 4))
    assert relative(softmax(y), np.exp(y) / np.exp(y).sum(axis=-1, keepdims=True)) < 1e-15


@pytest.mark.parametrize("V", [2, 5, 26])
def test_uniform_guess_costs_log_v(V):
    loss, _ = softmax_cross_entropy(np.zeros((4, V)), [0, 1, 1, 0])
    assert loss == pytest.approx(np.log(V), rel=1e-14)


def test_two_classes_are_the_logistic_loss():
    y = np.random.default_rng(0).normal(size=20)
    targets = np.arange(20) % 2
    two = np.stack([np.zeros(20), y], axis=-1)
    (soft, dsoft), (logistic, dlogistic) = (
        softmax_cross_entropy(two, targets),
        binary_cross_entropy(y, targets),
    )
    assert soft == pytest.approx(logistic, rel=1e-14)
    np.testing.assert_allclose(dsoft[:, 1], dlogistic, atol=1e-16)


def test_squared_error_has_no_half_in_front():
    loss, dy = squared_error(np.array([[3.0, 0.0]]), np.array([[0.0, 0.0]]))
    assert loss == 4.5
    assert dy.tolist() == [[3, 0]]


@losses
def test_losses_leave_what_they_were_given_alone(name):
    y, targets, mask = draw(name, (4, 2), 2)
    before = y.tobytes(), targets.tobytes(), mask.tobytes()
    LOSSES[name](y, targets, mask)
    assert (y.tobytes(), targets.tobytes(), mask.tobytes()) == before


@losses
def test_gradient_is_the_callers_own(name):
    y, targets, mask = draw(name, (4, 2), 2)
    _, dy = LOSSES[name](y, targets, mask)
    assert not np.shares_memory(dy, y)
