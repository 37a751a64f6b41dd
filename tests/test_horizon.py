"""The horizon's picture: what units of the LSTM hold of a carry, and what the hand does to it."""

from itertools import product

import numpy as np
import pytest
from matplotlib.transforms import Bbox

from rnnbook.lab.reading import horizon
from rnnbook.nn import LSTM, unroll
from rnnbook.view.explorers import Horizon
from rnnbook.view.explorers.horizon import PLACES, STEPS, UNITS, _bias_for, _pushes


@pytest.mark.parametrize(("bias", "noise"), [(0.0, 1.0), (2.0, 3.0), (5.0, 0.5)])
def test_the_picture_is_what_units_of_the_cell_hold_of_a_carry_of_1(bias, noise):
    explorer, T = Horizon(bias=bias, noise=noise, after=150), 200
    W_xh, b_h = np.zeros((UNITS, 4 * UNITS)), np.zeros(4 * UNITS)
    W_xh[:, UNITS : 2 * UNITS], b_h[UNITS : 2 * UNITS] = noise * np.eye(UNITS), bias
    params = {"W_xh": W_xh, "W_hh": np.zeros((UNITS, 4 * UNITS)), "b_h": b_h}
    start = np.zeros((1, UNITS)), np.ones((1, UNITS))  # g is 0: nothing is written
    _, _, tape = unroll(LSTM(), params, _pushes(explorer.values()["seed"]).T[:T, None], start)
    c = tape.states[1, 1:, 0]
    early = STEPS <= T
    ordered = np.sort(c[STEPS[early] - 1], axis=1)
    middle, high, low = explorer.arrays.units[:, len(PLACES) - len(STEPS) :][:, early]
    np.testing.assert_allclose(middle**2, ordered[:, 7] * ordered[:, 8], rtol=1e-4)
    np.testing.assert_allclose([low, high], ordered[:, [4, 11]].T, rtol=1e-4)
    assert (low <= middle).all()
    assert (middle <= high).all()
    np.testing.assert_allclose(explorer.arrays.then[1] ** 2, np.prod(np.sort(c[149])[7:9]), rtol=1e-4)


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
    assert horizon(_bias_for(steps)) == pytest.approx(steps)
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
