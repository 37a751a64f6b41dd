"""GRU conventions: what converts is equal to rounding, what does not is not, and Keras' numbers are ours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, from_keras, init_params, keras_run, sigmoid, to_keras, unroll
from rnnbook.lab.frameworks import flip_z, merge_biases, read_as
from rnnbook.lab.frameworks.conventions import USERS
from rnnbook.view.explorers import Conventions
from rnnbook.view.explorers.apart import EQUAL

sizes = given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 99))


def drawn(D, H, seed, T=6):
    rng = np.random.default_rng(seed)
    params = init_params(GRU(), D, H, rng) | {"b_h": rng.normal(size=3 * H), "b_hn": rng.normal(size=H)}
    return params, rng.normal(size=(T, 2, D))


def by_the_letter(params, x, z_keeps, reset, two):
    """The cell with every convention written out."""
    H, h, states = len(params["W_hh"]), np.zeros((x.shape[1], len(params["W_hh"]))), []
    b_n, b_hn = params["b_h"][2 * H :], params["b_hn"]
    for x_t in x:
        ax, ah = x_t @ params["W_xh"], h @ params["W_hh"]
        r, z = (sigmoid(ax[:, k] + ah[:, k] + params["b_h"][k]) for k in (slice(H), slice(H, 2 * H)))
        if reset == "before":
            a = (r * h) @ params["W_hh"][:, 2 * H :] + b_hn
        else:
            a = r * (ah[:, 2 * H :] + b_hn) if two else r * ah[:, 2 * H :] + b_hn
        n = np.tanh(ax[:, 2 * H :] + b_n + a)
        h = (1 - z) * n + z * h if z_keeps else (1 - z) * h + z * n
        states.append(h)
    return np.array(states)


@pytest.mark.parametrize("z", ["old", "new"])
@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("biases", ["two", "one"])
@sizes
def test_every_convention_is_what_it_says(z, reset, biases, D, H, seed):
    params, x = drawn(D, H, seed)
    letter = by_the_letter(params, x, z == "old", reset, biases == "two")
    np.testing.assert_allclose(read_as(params, x, z=z, reset=reset, biases=biases), letter, rtol=1e-9, atol=1e-12)


@sizes
def test_the_direction_of_z_converts_exactly_and_twice_is_no_change(D, H, seed):
    params, x = drawn(D, H, seed)
    np.testing.assert_allclose(read_as(flip_z(params), x, z="new"), read_as(params, x), rtol=0, atol=1e-14)
    for key, array in flip_z(flip_z(params)).items():
        np.testing.assert_array_equal(array, params[key])


@sizes
def test_reset_before_and_after_agree_where_r_and_the_weights_change_places(D, H, seed):
    params, x = drawn(D, H, seed)
    params["b_hn"][:] = 0
    np.testing.assert_allclose(read_as(params, x[:1]), read_as(params, x[:1], reset="before"), atol=1e-14)
    params["W_hh"][:, 2 * H :] *= np.eye(H)
    np.testing.assert_allclose(read_as(params, x), read_as(params, x, reset="before"), atol=1e-12)


def test_reset_before_and_after_are_two_networks_and_a_second_bias_counts():
    params, x = drawn(3, 6, 0)
    assert np.abs(read_as(params, x) - read_as(params | {"b_hn": np.zeros(6)}, x, reset="before")).max() > 0.01
    assert np.abs(read_as(params, x) - read_as(params, x, biases="one")).max() > 0.01
    open_r = params | {"b_h": np.concatenate([np.full(6, 60.0), params["b_h"][6:]])}
    np.testing.assert_allclose(read_as(open_r, x), read_as(merge_biases(open_r), x), atol=1e-12)
    np.testing.assert_allclose(read_as(open_r, x), read_as(open_r, x, reset="before"), atol=1e-12)


@pytest.mark.parametrize(("reset", "tolerance"), [("after", 1e-14), ("before", 1e-6)])
def test_keras_numbers_are_ours(reset, tolerance):
    stored = keras_run(reset)
    params = from_keras(GRU(reset=reset), [stored[name] for name in ("kernel", "recurrent_kernel", "bias")])
    h, _, _ = unroll(GRU(reset=reset), params, stored["x"], (stored["h0"],))
    assert np.abs(h - stored["h"]).max() < tolerance


@pytest.mark.parametrize("reset", ["after", "before"])
@sizes
def test_to_keras_and_back(reset, D, H, seed):
    params, _ = drawn(D, H, seed)
    params = {key: params[key] for key in GRU(reset=reset).keys}
    again = from_keras(GRU(reset=reset), to_keras(GRU(reset=reset), params))
    assert again.keys() == params.keys()
    for key in params:
        np.testing.assert_array_equal(again[key], params[key])


def test_users_are_conventions_that_can_be_read():
    params, x = drawn(2, 3, 0)
    for z, reset, biases in USERS.values():
        assert read_as(params, x, z=z, reset=reset, biases=biases).shape == (6, 2, 3)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"z": "up"}, "z is one of"), ({"biases": "three"}, "biases is one of"), ({"reset": "never"}, "reset is one of")],
)
def test_unknown_conventions_are_named(change, says):
    params, x = drawn(2, 3, 0)
    with pytest.raises(ValueError, match=says):
        read_as(params, x, **change)


def test_keras_arrays_of_wrong_shape_are_named():
    arrays = to_keras(GRU(), drawn(2, 3, 0)[0])
    with pytest.raises(ValueError, match=r"bias has shape \(2, G\*H = 9\)"):
        from_keras(GRU(), [*arrays[:2], arrays[2][0]])


@sizes
def test_reset_before_and_after_agree_where_r_is_the_same_for_all_units(D, H, seed):
    params, x = drawn(D, H, seed)
    params = {key: array.copy() for key, array in params.items()}
    params["b_hn"][:] = 0
    for key in ("W_xh", "W_hh"):
        params[key][:, :H] = params[key][:, :1]
    params["b_h"][:H] = params["b_h"][0]
    np.testing.assert_allclose(read_as(params, x), read_as(params, x, reset="before"), atol=1e-12)


@pytest.mark.parametrize("row", range(6))
def test_a_reader_of_the_table_sets_the_switches_and_its_mark_stands_there(row):
    explorer = Conventions()
    explorer.read_as_row(row)
    name = ["this book", *USERS][row]
    assert name in explorer.arrays.readers
    (mark,) = explorer.touch()["handles"]
    assert mark.said() == name
    mark.step(0, -1)
    assert mark.said() == ["this book", *USERS][min(row + 1, 5)]


@pytest.mark.parametrize("z", ["old", "new"])
@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("negated", ["no", "yes"])
@pytest.mark.parametrize("biases", ["two", "one"])
def test_outputs_meet_where_weights_are_converted_and_only_there(z, reset, negated, biases):
    explorer = Conventions(z=z, reset=reset, negated=negated, biases=biases, second_bias=1.0)
    converted = (negated == "yes") == (z == "new") and reset == "after" and biases == "two"
    assert (explorer.arrays.apart.max() < 1e-12) == converted
    assert ("equal" in explorer.live.reading) == converted


def test_where_nobody_reads_so_the_mark_stands_at_the_switches():
    explorer = Conventions()
    (mark,) = explorer.touch()["handles"]
    assert "Nobody in the table reads so" in explorer.live.reading
    assert mark.said() == "your switches"
    assert explorer._marks.get_xydata().tolist() == [list(mark.at())]
    y = mark.at()[1]
    mark.step(0, -1)  # down to the first reader
    assert mark.said() == "this book"
    assert mark.at()[1] > y


def test_the_unit_that_is_shown_stays_whatever_the_switches_say():
    explorer = Conventions()
    ours, title = explorer.arrays.ours, explorer._unit.get_text()
    for values in ({"negated": "yes"}, {"reset": "before"}, {"z": "old"}):
        explorer.set(**values)
        np.testing.assert_array_equal(explorer.arrays.ours, ours)
        assert explorer._unit.get_text() == title == f"Output of unit {explorer.arrays.unit + 1} in both readings"


def test_reset_brings_the_mark_back_too():
    explorer = Conventions(z="old")
    place = explorer.touch()["handles"][0].at()
    explorer.read_as_row(1)
    explorer.reset()
    assert explorer.touch()["handles"][0].at() == place


@pytest.mark.parametrize("values", [{}, {"H": 1}, {"gain": 0.0}, {"H": 1, "second_bias": 1.0}])
@pytest.mark.parametrize("negated", ["no", "yes"])
@pytest.mark.parametrize("z", ["old", "new"])
def test_no_conversion_is_said_to_be_known_only_where_turning_z_leaves_a_difference(z, negated, values):
    explorer = Conventions(z=z, reset="before", negated=negated, **values)
    said = "No conversion is known" in explorer.live.reading
    explorer.set(negated="yes" if z == "new" else "no")
    assert said == (explorer.arrays.apart.max() >= EQUAL)
