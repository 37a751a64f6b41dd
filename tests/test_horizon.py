"""The horizon's picture: what units of the LSTM hold of a carry, and what the hand does to it."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.transforms import Bbox

from rnnbook.lab.reading import bias_for_horizon, forgetting, horizon
from rnnbook.nn import LSTM, sigmoid, unroll
from rnnbook.view.explorers import Horizon
from rnnbook.view.explorers.horizon import PLACES, STEPS, UNITS, _pushes


def carries(bias, noise, seed, T):
    """What units of an LSTM hold of a carry of 1 after each step, (T, UNITS), with the explorer's noise on their f."""
    W_xh, b_h = np.zeros((UNITS, 4 * UNITS)), np.zeros(4 * UNITS)
    W_xh[:, UNITS : 2 * UNITS], b_h[UNITS : 2 * UNITS] = noise * np.eye(UNITS), bias
    params = {"W_xh": W_xh, "W_hh": np.zeros((UNITS, 4 * UNITS)), "b_h": b_h}
    start = np.zeros((1, UNITS)), np.ones((1, UNITS))  # g is 0: nothing is written
    return unroll(LSTM(), params, _pushes(seed).T[:T, None], start)[2].states[1, 1:, 0]


@pytest.mark.parametrize(("bias", "noise"), [(0.0, 1.0), (2.0, 3.0), (5.0, 0.5)])
def test_the_picture_is_what_units_of_the_cell_hold_of_a_carry_of_1(bias, noise):
    explorer, T = Horizon(bias=bias, noise=noise, after=150), 200
    c = carries(bias, noise, explorer.values()["seed"], T)
    early = STEPS <= T
    ordered = np.sort(c[STEPS[early] - 1], axis=1)
    middle, high, low = explorer.arrays.units[:, len(PLACES) - len(STEPS) :][:, early]
    np.testing.assert_allclose(middle**2, ordered[:, 7] * ordered[:, 8], rtol=1e-10)
    np.testing.assert_allclose([low, high], ordered[:, [4, 11]].T, rtol=1e-10)
    assert (low <= middle).all()
    assert (middle <= high).all()
    np.testing.assert_allclose(explorer.arrays.then[1] ** 2, np.prod(np.sort(c[149])[7:9]), rtol=1e-10)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("noise", [0.0, 0.7, 3.0])
@pytest.mark.parametrize("bias", [0.0, 0.4, 3.0, 5.1, 8.0])
def test_the_memory_ends_where_the_median_unit_is_at_1_e(bias, noise, seed):
    """Step by step, although the curve is drawn at a hundred of them."""
    measured = Horizon.compute(bias, noise, 100, seed).measured
    steps = int(measured) + 2
    ordered = np.sort(np.log(carries(bias, noise, seed, steps)), axis=1)
    median = np.concatenate([[0], -ordered[:, 7:9].mean(axis=1)])
    assert measured == pytest.approx(np.interp(1.0, median, np.arange(steps + 1)), rel=1e-9)


@given(steps=st.floats(1e-300, 1e300))
def test_the_bias_for_a_horizon_has_it(steps):
    assert horizon(bias_for_horizon(steps)) == pytest.approx(steps, rel=1e-9)


@given(a=st.floats(-700, 30))
def test_what_is_forgotten_in_a_step_is_minus_the_logarithm_of_the_gate(a):
    assert np.exp(-forgetting(a)) == pytest.approx(sigmoid(np.array(a)), rel=1e-12)


@pytest.mark.parametrize("steps", [0.0, -1.0, [3.0, 0.0]])
def test_there_is_no_bias_for_a_horizon_of_no_step(steps):
    with pytest.raises(ValueError, match="a number of steps above 0"):
        bias_for_horizon(steps)


@pytest.mark.parametrize("bias", [0.0, 1.0, 4.6, 8.0])
def test_without_noise_every_unit_has_the_formulas_horizon(bias):
    explorer = Horizon(bias=bias, noise=0.0)
    assert explorer.arrays.measured == pytest.approx(horizon(bias))
    np.testing.assert_allclose(
        explorer.arrays.units, np.exp(-PLACES / horizon(bias))[None].repeat(3, 0), rtol=1e-3, atol=1e-9
    )
    assert not explorer._names[1].get_visible()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("bias", [2.0, 5.0, 8.0])
def test_noise_shortens_the_memory(bias, seed):
    horizons = [Horizon(bias=bias, noise=noise, seed=seed).arrays.measured for noise in (0.0, 1.0, 2.0, 3.0)]
    assert horizons == sorted(horizons, reverse=True)
    assert horizons[-1] < 0.6 * horizons[0]


@pytest.mark.parametrize("steps", [1.6, 10.0, 100.0, 2900.0])
def test_the_point_is_dragged_to_the_steps_that_the_bias_then_remembers(steps):
    explorer = Horizon()
    point, after = explorer.touch()["handles"]
    assert horizon(bias_for_horizon(steps)) == pytest.approx(steps)
    point.drag(steps, 0.9)
    assert explorer.arrays.formula == pytest.approx(steps, rel=0.06)  # the bias has steps of 0.1
    assert point.at() == (explorer.arrays.formula, 1 / np.e)
    after.drag(steps, 0.2)
    assert after.at()[0] == min(max(round(steps), 1), 500)


@pytest.mark.parametrize("width", [3.0, None])
def test_the_names_stay_within_the_picture(width):
    explorer = Horizon()
    explorer._lay_out(width)
    frame = explorer.fig.axes[0].get_window_extent()
    for bias, noise in product((0.0, 2.0, 8.0), (0.1, 3.0)):
        explorer.set(bias=bias, noise=noise, after=500)
        boxes = [written_box(name) for name in explorer._names] + [explorer._n.get_window_extent()]
        for box in boxes:
            assert frame.x0 <= box.x0
            assert box.x1 <= explorer.fig.bbox.x1


def written_box(name):
    """Where a marker's letters lie; Matplotlib's own box of a marker is a square."""
    place = name.axes.transData.transform(name.get_xydata()[0])
    letters = name.get_marker().get_extents()
    return Bbox(place + name.figure.dpi / 72 * letters.get_points())
