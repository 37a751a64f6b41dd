"""Laws of the one-unit surface: the gradients are exact, the wall is where theory says, clipping shortens."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook.lab.gradients import descend, one_unit_error


def by_hand(w, b, T=50):
    h = 0.5
    for _ in range(T):
        h = 1 / (1 + np.exp(-(w * h + b)))
    return (h - 0.7) ** 2


@given(st.floats(3, 8), st.floats(-4, -1), st.integers(1, 50))
def test_the_error_is_that_of_the_loop_by_hand(w, b, T):
    assert float(one_unit_error(w, b, T).value) == pytest.approx(by_hand(w, b, T), rel=1e-9, abs=1e-15)


@given(st.floats(3, 4), st.floats(-1.5, -1), st.integers(1, 12))
def test_the_gradient_is_that_of_central_differences(w, b, T):
    error, eps = one_unit_error(w, b, T), 1e-5
    numeric = [
        (by_hand(w + eps, b, T) - by_hand(w - eps, b, T)) / (2 * eps),
        (by_hand(w, b + eps, T) - by_hand(w, b - eps, T)) / (2 * eps),
    ]
    assert [float(error.dw), float(error.db)] == pytest.approx(numeric, rel=1e-4, abs=1e-7)


@given(st.integers(1, 12))
def test_points_side_by_side_do_not_mix(n):
    w, b = np.random.default_rng(n).uniform([3, -4], [8, -1], size=(n, 2)).T
    together = one_unit_error(w, b)
    k = n // 2
    for part, alone in zip(together, one_unit_error(w[k], b[k]), strict=True):
        np.testing.assert_allclose(part[k], alone, rtol=1e-9)
    assert one_unit_error(w[:, None], b).value.shape == (n, n)


def test_the_wall_stands_where_one_half_is_a_fixed_point():
    """h = 0.5 stays for ever where w / 2 + b = 0; with w > 4 it is unstable, and either side runs away from it."""
    w = 6.0
    left, right = (float(one_unit_error(w, -w / 2 + side * 1e-3).value) for side in (-1, 1))
    assert left > 0.35
    assert right < 0.1
    gradient = one_unit_error(w, -w / 2)
    assert np.hypot(gradient.dw, gradient.db) > 1e6


@pytest.mark.parametrize("by", ["norm", "value"])
@given(clip=st.floats(0.01, 2), lr=st.floats(1e-3, 0.5))
def test_no_clipped_jump_is_longer_than_rate_times_clip(by, clip, lr):
    (walk,) = descend((5.0, -2.3), lr, 8, (clip,), by)
    longest = lr * clip * (1 if by == "norm" else np.sqrt(2))
    assert walk.jumps.max() <= longest * (1 + 1e-9)


def test_walks_side_by_side_are_walks_alone():
    together = descend((5.0, -2.3), 0.1, 30, (None, 0.5))
    alone = [descend((5.0, -2.3), 0.1, 30, (clip,))[0] for clip in (None, 0.5)]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.points, other.points, rtol=1e-6)


def test_the_step_off_the_cliff():
    free, clipped = descend((5.0, -2.3), 0.1, 60, (None, 0.5))
    assert 600 < free.jumps.max() < 660
    assert clipped.jumps.max() <= 0.05 + 1e-12
    assert clipped.errors[-1] < free.errors[-1] / 3


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match="by is one of 'norm', 'value'"):
        descend((5, -2), 0.1, 1, (1.0,), by="length")
    with pytest.raises(ValueError, match=r"start has shape \(numbers = 2\); got \(3,\)"):
        descend((5, -2, 1), 0.1, 1)
    with pytest.raises(ValueError, match="T is a whole number of at least 1"):
        one_unit_error(1.0, 1.0, T=0)
