"""What dropout leaves of a written bit: the law against the package's masks, and the ways that carry no mask."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook.lab.gradients import direct_path, gradient_paths
from rnnbook.lab.reading import survival_law, survival_run
from rnnbook.lab.reading.noise import KINDS
from rnnbook.nn import GRU, LSTM, RNN, Recurrent, unroll
from rnnbook.view.explorers import Masks
from tests.problems import cells, make

kinds = pytest.mark.parametrize("kind", KINDS)
scalings = pytest.mark.parametrize("scaled", [True, False])
gated = pytest.mark.parametrize("cell", [LSTM(), GRU("after"), GRU("before")], ids=str)
rates = st.floats(0.0, 0.9)


@kinds
@scalings
@given(rate=rates, T=st.integers(1, 30))
def test_the_law_is_that_of_a_value_that_is_0_or_the_size(kind, scaled, rate, T):
    law = survival_law(kind, rate, T, scaled)
    np.testing.assert_allclose(law.mean, law.alive * law.size, rtol=1e-12)
    np.testing.assert_allclose(law.variance, law.size**2 * law.alive * (1 - law.alive), rtol=1e-12)
    assert all(part.shape == (T + 1,) for part in law)


@given(rate=rates, T=st.integers(1, 30))
def test_the_laws_as_they_are_written(rate, T):
    q, n = 1 - rate, np.arange(T + 1)
    np.testing.assert_allclose(survival_law("step", rate, T, scaled=False).mean, q**n, rtol=1e-12)
    fresh = survival_law("step", rate, T)
    np.testing.assert_allclose(fresh.mean, 1, rtol=1e-12)
    np.testing.assert_allclose(fresh.variance, q**-n - 1, rtol=1e-9, atol=1e-12)
    one = survival_law("sequence", rate, T)
    np.testing.assert_allclose(one.size, q**-n, rtol=1e-12)
    assert one.alive.tolist() == [1.0] + [q] * T
    between = survival_law("layers", rate, T)
    assert np.ptp(between.mean) == np.ptp(between.variance) == 0  # however many steps there are


@kinds
@scalings
def test_many_draws_of_the_package_follow_the_law(kind, scaled):
    T, N, H = 6, 3000, 8
    law = survival_law(kind, 0.3, T, scaled)
    left = survival_run(kind, 0.3, T, np.random.default_rng(0), N, H, scaled).left
    error = np.sqrt(law.variance / (N * H))  # the standard deviation of a mean of so many
    assert (np.abs(left.mean(axis=(1, 2)) - law.mean) <= 4 * error).all()
    np.testing.assert_allclose(left.var(axis=(1, 2)), law.variance, rtol=0.06)
    for n in range(T + 1):
        sizes = np.unique(left[n])
        np.testing.assert_allclose(sizes[sizes > 0], law.size[n], rtol=1e-12)


@kinds
@scalings
def test_a_bit_is_alive_while_no_mask_that_it_meets_drops_it(kind, scaled):
    run = survival_run(kind, 0.4, 9, np.random.default_rng(1), 5, 7, scaled)
    met = run.kept[:1] if kind == "layers" else np.logical_and.accumulate(run.kept)
    np.testing.assert_array_equal(run.left > 0, np.broadcast_to(met, run.left.shape))
    assert not run.kept.all()
    if kind == "sequence":
        assert (run.kept[1:] == run.kept[1]).all()
    else:
        assert (run.kept[1:] != run.kept[1]).any()


@kinds
def test_scaled_and_unscaled_runs_of_one_seed_have_the_same_masks(kind):
    one, other = (survival_run(kind, 0.4, 9, np.random.default_rng(2), 3, 4, scaled) for scaled in (True, False))
    np.testing.assert_array_equal(one.kept, other.kept)
    np.testing.assert_array_equal(one.left > 0, other.left > 0)
    assert set(np.unique(other.left)) == {0.0, 1.0}


@kinds
def test_without_noise_all_is_left(kind):
    run, law = survival_run(kind, 0.0, 4, np.random.default_rng(0)), survival_law(kind, 0.0, 4)
    assert (run.left == 1).all()
    assert run.kept.all()
    assert [part.tolist() for part in law] == [[1.0] * 5] * 3 + [[0.0] * 5]


def test_numbers_beyond_float64_are_refused_and_the_last_that_fit_are_not():
    with pytest.raises(ValueError, match=r"\(1 - rate\) \*\* -2000 is beyond float64 for rate = 0.9"):
        survival_law("step", 0.9, 1000)
    assert all(np.isfinite(part).all() for part in survival_law("step", 0.9, 154))
    assert survival_law("step", 0.9, 1000, scaled=False).mean[-1] == 0
    assert np.isfinite(survival_law("layers", 0.9, 1000).variance).all()


# --- ways that carry no mask ----------------------------------------------------------------------


@gated
@pytest.mark.parametrize("fresh", ["step", "sequence"])
@pytest.mark.parametrize("by_gate", [False, True], ids=["one for all gates", "one a gate"])
@pytest.mark.parametrize("rate", [0.0, 0.5, 0.9])
def test_the_kept_state_loses_nothing_to_masks_on_h(cell, fresh, by_gate, rate):
    """Along c_t, or along z_t h_{t-1}, the product of the gates is left to the last bit, whatever is dropped."""
    layer = Recurrent(cell, 6, drop=rate, fresh=fresh, by_gate=by_gate)
    params, rng = layer.init(3, np.random.default_rng(0)), np.random.default_rng(1)
    _, _, tape = layer.forward(params, rng.normal(size=(12, 2, 3)), rng=rng)
    assert (tape.drop is None) == (rate == 0)
    left, keeps = direct_path(cell, params, tape), tape.gates[1]
    np.testing.assert_array_equal(left[-1], 1)
    np.testing.assert_array_equal(left[:-1], np.cumprod(keeps[:0:-1], axis=0)[::-1])
    assert (left > 0).all()


@gated
def test_a_mask_on_the_kept_state_itself_would_end_it(cell):
    """The control: of h_t = m_t h_{t-1} with fresh masks nothing is left where a single mask dropped it."""
    run = survival_run("step", 0.5, 12, np.random.default_rng(0))
    assert (run.left[-1] == 0).mean() > 0.99
    layer = Recurrent(cell, 16, drop=0.5, fresh="step")
    params = layer.init(3, np.random.default_rng(0))
    _, _, tape = layer.forward(params, np.ones((13, 100, 3)), rng=np.random.default_rng(0))
    assert (direct_path(cell, params, tape)[0] > 0).all()


@cells
def test_the_direct_path_is_the_part_of_the_gradient_that_passes_no_weights(cell):
    problem = make(cell, 3, N=1)
    _, _, tape = unroll(cell, problem.params, problem.x)
    left = direct_path(cell, problem.params, tape)
    if isinstance(cell, RNN):
        assert not left[:-1].any()
    else:
        paths = gradient_paths(cell, problem.params, problem.x, problem.dh[-1])
        shares = paths.carry / paths.carry[-1]
        last = paths.tape  # of the same run
        np.testing.assert_array_equal(last.gates, tape.gates)
        if isinstance(cell, GRU):
            np.testing.assert_allclose(
                np.linalg.norm(left[:, 0] * problem.dh[-1, 0], axis=1) / np.linalg.norm(problem.dh[-1]), shares
            )


# --- the explorer ---------------------------------------------------------------------------------


@kinds
def test_what_is_shown_is_counted_from_the_run(kind):
    explorer = Masks(kind=kind, rate=0.3, after=4)
    left = explorer.arrays.run.left[4]
    assert f"{int((left > 0).sum()):,} of {left.size:,} units hold it" in explorer.live.reading
    points = explorer._holds.get_xydata()
    assert len(points) == (explorer.arrays.run.left[:, 0] > 0).sum()
    assert len(explorer._dropped.get_xydata()) == (~explorer.arrays.run.kept[:, 0]).sum()


@kinds
@pytest.mark.parametrize("place", [(10, 0.5), (3, 0.8), (7.4, 0.3)])
def test_the_diamond_is_where_it_was_dragged_to(kind, place):
    explorer = Masks(kind=kind)
    (handle,) = explorer.touch()["handles"]
    handle.drag(*place)
    n, alive = handle.at()
    assert n == round(place[0])
    assert alive == pytest.approx(place[1], abs=0.08)  # the rate has steps of 0.01


def test_where_no_unit_is_left_it_is_said_and_marked():
    explorer = Masks(rate=0.9, after=20)
    assert "0 of 1,000 units hold it" in explorer.live.reading
    assert "no unit holds anything" in explorer.live.reading
    gone = explorer._zero.get_xydata()
    assert gone[-1, 0] == 20
    assert len(gone) + len(explorer._counted[1].get_xydata()) == 21


@kinds
@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5, 0.9])
def test_when_half_have_lost_the_bit_is_said(kind, rate):
    explorer = Masks(kind=kind, rate=rate)
    met = {"step": range(21), "sequence": [0] + 20 * [1], "layers": 21 * [1]}[kind]  # masks, n steps after the write
    lost = [n for n, masks in enumerate(met) if (1 - rate) ** masks <= 0.5]
    if not lost:
        said = "more than half are expected to hold the 1 still after all 20 steps"
    elif lost[0] == 0:
        said = "at least half are expected to be without the 1 from the start"
    else:
        said = f"at least half are expected to have lost the 1 after {lost[0]} step"
    assert f": {said}" in explorer.live.reading  # "half" alone would be false where most of them have


def test_without_noise_there_is_no_seed():
    explorer = Masks(rate=0.0)
    assert explorer.controls["seed"].disabled
    assert "1,000 of 1,000 units hold it" in explorer.live.reading
