"""The explorers that look a bias up: what they show is what one run gives, and a hand finds the bias that shows it."""

import numpy as np
import pytest

from rnnbook.lab.gradients import gradient_norms, gradient_paths
from rnnbook.nn import GRU, LSTM, RNN
from rnnbook.view.explorers import CarryPaths, ThreeCells
from rnnbook.view.explorers.base import _within
from rnnbook.view.explorers.by_bias import bias_that_gives, biases_of, from_which_on, starting_params, stimulus
from rnnbook.view.explorers.controls import Player
from rnnbook.view.explorers.paths import _percent
from rnnbook.view.explorers.three_cells import HOLD

KINDS = pytest.mark.parametrize("kind", [CarryPaths, ThreeCells])


@pytest.fixture(scope="module")
def made():
    return {kind: kind(T=30) for kind in (CarryPaths, ThreeCells)}


@pytest.fixture
def explorer(made, kind):
    made[kind].reset()
    return made[kind]


def paths_at(cell, biases, H=32, gain=1.0):
    params = starting_params(cell, "orthogonal", H, 0, gain, 0.3)
    params["b_h"] = params["b_h"] + np.repeat(biases, H)
    x, dh_last = stimulus(H, 0)
    return gradient_paths(cell, params, x[:30], dh_last)


@pytest.mark.parametrize(("input_gate", "sign"), [("opposite", -1), ("zero", 0)])
@pytest.mark.parametrize("bias", [0.0, 2.6, 6.0])
def test_the_share_is_that_of_the_two_parts_of_one_run(made, input_gate, sign, bias):
    made[CarryPaths].set(input_gate=input_gate, gate_bias=bias)
    arrays, paths = made[CarryPaths].arrays, paths_at(LSTM(), [sign * bias, bias, 0, 0])
    expected = paths.carry / (paths.carry + paths.through)
    np.testing.assert_allclose(arrays.shares[arrays.chosen], expected, rtol=1e-7)
    np.testing.assert_allclose(arrays.sizes, (paths.carry[0], paths.through[0]), rtol=1e-7)
    assert (arrays.shares >= 0).all()
    assert (arrays.shares <= 1).all()
    np.testing.assert_array_equal(arrays.shares[:, -1], 1)  # at the last step nothing has gone back yet


@pytest.mark.parametrize("bias", [-1.0, 1.2, 4.0])
def test_each_cells_curves_are_those_of_one_run(made, bias):
    made[ThreeCells].reset()
    made[ThreeCells].set(gate_bias=bias)
    arrays = made[ThreeCells].arrays
    for cell, biases in ((LSTM(), [0, bias, 0, 0]), (GRU(), [0, bias, 0])):
        part, paths = arrays.parts[type(cell).__name__], paths_at(cell, biases)
        np.testing.assert_allclose(part.norms[arrays.chosen], paths.h, rtol=1e-7)
        np.testing.assert_allclose(part.kept[arrays.chosen], paths.carry, rtol=1e-7)
    x, dh_last = stimulus(32, 0)
    expected = gradient_norms(RNN(), starting_params(RNN(), "orthogonal", 32, 0, 1.0, 0.3), x[:30], dh_last)
    np.testing.assert_array_equal(arrays.parts["RNN"].norms[0], expected)


@pytest.mark.parametrize("kind", [CarryPaths])
@pytest.mark.parametrize("t", [5, 14, 25])
def test_the_edge_of_the_area_follows_the_hand(explorer, t):
    edge, point = explorer.touch()["handles"]
    for wanted in (0.3, 0.5, 0.7):
        edge.drag(t + 0.3, wanted)
        k, shares = explorer.arrays.chosen, explorer.arrays.shares[:, t - 1]
        assert shares[max(k - 1, 0)] <= wanted <= shares[min(k + 1, len(shares) - 1)]
        assert edge.at()[1] == 0.5 or edge.at()[0] == 1
        assert explorer._held.get_xydata().tolist() == [[*edge.at()]]  # the point is held, not the empty edge
    point.drag(2.31, 0.4)
    assert point.at()[0] == pytest.approx(2.4) == explorer.values()["gate_bias"]
    assert point.said() == "forget bias 2.4"


@pytest.mark.parametrize("kind", [ThreeCells])
@pytest.mark.parametrize("wanted", [1e-6, 1e-3, 1e-1])
def test_the_early_end_follows_the_hand(explorer, wanted):
    for handle, name in zip(explorer.touch()["handles"], ("LSTM", "GRU"), strict=True):
        handle.drag(1, wanted)
        k, ends = explorer.arrays.chosen, explorer.arrays.parts[name].norms[:, 0]
        assert ends[max(k - 1, 0)] <= wanted <= ends[k + 1]
        assert handle.at() == (1, ends[k])
    explorer.set(gain=0.0)
    lstm, gru = explorer.touch()["handles"]
    assert lstm.at() is None  # nothing arrives, at any bias
    assert gru.at()[0] == 1


@KINDS
def test_the_bias_is_played(explorer):
    (player,) = (widget for widget in _within(explorer.box) if isinstance(widget, Player))
    assert player.slider is explorer.controls["gate_bias"]
    assert (player.slider.min, player.slider.max) == (explorer.biases[0], explorer.biases[-1])


@KINDS
def test_while_the_bias_moves_nothing_still_is_drawn_again(explorer):
    still = explorer.live.still
    for bias in explorer.biases:
        explorer.set(gate_bias=bias)
        assert explorer.live.still == still


@pytest.mark.parametrize("width", [None, 3.0, 3.5])
def test_no_name_lies_on_another_or_on_the_axis(width):
    explorer = ThreeCells()
    explorer._lay_out(width)
    for change in ({}, {"gate_bias": -1.0}, {"gain": 0.0}, {"gate_bias": 4.0}, {"H": 2}, {"start": "uniform"}):
        explorer.reset()
        explorer.set(**change)
        explorer.fig.draw_without_rendering()
        for name, ax in explorer._panels.items():
            one, other = (label.get_window_extent() for label in explorer._labels[name].values())
            assert not one.overlaps(other), (change, name)
            assert min(one.x0, other.x0) > ax.get_window_extent().x0 + 1, (change, name)


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_a_curve_that_leaves_the_picture_is_held_where_it_does_and_follows_from_there(made, cell):
    explorer = ThreeCells(gate_bias=-1.0)
    handle = explorer.touch()["handles"][["LSTM", "GRU"].index(cell)]
    x, y = handle.at()
    low, high = explorer.fig.axes[0].get_ylim()
    assert 1 < x < explorer.values()["T"]
    assert y == pytest.approx(low * (high / low) ** HOLD)
    handle.drag(x, y)
    assert explorer.values()["gate_bias"] == pytest.approx(-1.0, abs=0.2)
    handle.drag(x, 100 * y)
    k, t = explorer.arrays.chosen, round(x) - 1
    below, above = explorer.arrays.parts[cell].norms[[k - 1, k + 1], t]
    assert below <= 100 * y <= above


def test_a_curve_that_leaves_the_picture_is_named_where_it_does(made):
    explorer = ThreeCells(gate_bias=-1.0)
    (below,) = explorer._artists["LSTM"]["below"].get_offsets()
    label = explorer._labels["LSTM"]["LSTM"]
    assert below[0] > 10
    assert 0 < below[0] - label.get_position()[0] < 10


@pytest.mark.parametrize(
    ("holds", "said"),
    [
        ([True] * 4, "at every bias from 0.0 on"),
        ([False, False, True, True], "from a bias between 0.2 and 0.4 on"),
        ([True, False, True, True], "from a bias between 0.2 and 0.4 on"),
        ([False, True, True, False], "at some biases, not at 0.6"),
        ([False] * 4, "at no bias up to 0.6"),
    ],
)
def test_the_answer_says_from_which_bias_on(holds, said):
    assert from_which_on(np.array(holds), biases_of(0.0, 0.6)) == said


def test_the_bias_for_a_value_lies_between_those_around_it_and_stays_within_the_ends():
    biases, values = biases_of(0.0, 0.8), np.array([1.0, 2.0, 1.5, 4.0, 3.0])
    assert bias_that_gives(1.5, values, biases) == pytest.approx(0.1)
    assert bias_that_gives(3.0, values, biases) == pytest.approx(0.5)
    assert bias_that_gives(0.0, values, biases) == 0
    assert bias_that_gives(9.0, values, biases) == pytest.approx(0.8)


@pytest.mark.parametrize("input_gate", ["opposite", "zero"])
@pytest.mark.parametrize("gain", [0.0, 1.0, 2.0])
def test_what_is_said_of_the_parts_is_said_of_their_lengths(made, input_gate, gain):
    """Of vectors that partly cancel, neither length is a share of the sum's: they are compared with one another."""
    explorer, longer = made[CarryPaths], []
    explorer.reset()
    explorer.set(input_gate=input_gate, gain=gain)
    for bias in explorer.biases:
        explorer.set(gate_bias=bias)
        alone, passed = explorer.arrays.sizes
        longer.append(alone > passed)
        said = _percent(alone / (alone + passed))
        assert f"it has {said} of both lengths together." in explorer.live.reading
    answer = from_which_on(np.array(longer), explorer.biases)
    assert explorer.live.reading.startswith(f"At step 1 the part along c alone is the longer one {answer}.")


@pytest.mark.parametrize("gain", [0.0, 1.0])
def test_only_in_the_gru_is_the_dotted_line_a_part_of_the_curves_gradient(made, gain):
    """At a gain of 0 the GRU's two are one; of the LSTM's, which are by h and by c, only one is nothing."""
    made[ThreeCells].reset()
    made[ThreeCells].set(gain=gain)
    gru, lstm = (made[ThreeCells].arrays.parts[name] for name in ("GRU", "LSTM"))
    assert (gru.norms == gru.kept).all() == (gain == 0)
    assert lstm.kept[:, 0].all()
    assert lstm.norms[:, 0].any() == (gain > 0)


@pytest.mark.parametrize("gain", [0.5, 1.0, 2.0])
def test_more_is_said_to_arrive_where_more_arrives(made, gain):
    made[ThreeCells].reset()
    made[ThreeCells].set(gain=gain)
    rnn, lstm, gru = (made[ThreeCells].arrays.parts[name].norms[:, 0] for name in ("RNN", "LSTM", "GRU"))
    from_lstm, from_gru = (from_which_on(ends > rnn[0], ThreeCells.biases) for ends in (lstm, gru))
    answer = f"More reaches the LSTM than the RNN {from_lstm}, the GRU {from_gru}."
    assert made[ThreeCells].live.reading.startswith(answer)


def test_of_a_gradient_that_is_nothing_no_share_is_shown():
    explorer = CarryPaths(start="identity", input_gate="zero", gain=2.0, T=200, input_scale=0.1, seed=20)
    assert np.isfinite(explorer.arrays.shares).all()
    assert (explorer.arrays.shares == 0).any()
