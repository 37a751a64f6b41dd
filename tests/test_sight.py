"""Laws of who sees whom: exact zeros by direction and mask, magnitudes by differences, and what padding moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, Both, Dropout, Embedding, Recurrent, Residual, Stack
from rnnbook.lab.gradients import padding_error, sight
from tests.problems import seeds

D, H = 2, 3
CELLS = [RNN(), LSTM(), GRU(), GRU("before")]
each_cell = pytest.mark.parametrize("cell", CELLS, ids=repr)
batches = st.integers(1, 7).flatmap(lambda T: st.lists(st.integers(1, T), min_size=1, max_size=3).map(lambda n: (T, n)))


def setting(layer, T, N, seed=0, bias=1.0):
    """Parameters with biases, and inputs."""
    rng = np.random.default_rng(seed)
    params = {name: array + bias * rng.normal(size=array.shape) * (array.ndim == 1) for name, array in
              layer.init(D, rng).items()}  # fmt: skip
    return params, rng.normal(size=(T, N, D))


def allowed(T, way):
    """Which inputs (columns) the outputs (rows) may see."""
    t, k = np.arange(T)[:, None], np.arange(T)
    return {"there": k <= t, "back": k >= t, "both": np.ones((T, T), bool)}[way]


@each_cell
@pytest.mark.parametrize("way", ["there", "back", "both"])
@given(batch=batches, seed=seeds)
@settings(max_examples=15)
def test_zeros_are_exact_where_no_way_leads_and_nowhere_else(cell, way, batch, seed):
    (T, lengths), layer = batch, Both(Recurrent(cell, H))
    params, x = setting(layer, T, len(lengths), seed)
    without, masked = sight(layer, params, x, way=way), sight(layer, params, x, lengths, way)
    for n, length in enumerate(lengths):
        np.testing.assert_array_equal(without[n] > 0, allowed(T, way))  # padding is read like anything else
        real = np.arange(T) < length
        np.testing.assert_array_equal(masked[n] > 0, allowed(T, way) & real & real[:, None])


@each_cell
@given(batch=batches, seed=seeds)
@settings(max_examples=10)
def test_with_a_mask_each_sequence_sees_what_it_sees_alone(cell, batch, seed):
    (T, lengths), layer = batch, Both(Recurrent(cell, H))
    params, x = setting(layer, T, len(lengths), seed)
    found = sight(layer, params, x, lengths)
    for n, length in enumerate(lengths):
        alone = sight(layer, params, x[:length, n : n + 1])[0]
        np.testing.assert_allclose(found[n, :length, :length], alone, rtol=1e-9, atol=1e-13)


@each_cell
def test_both_ways_are_the_root_of_the_sum_of_squares(cell):
    layer = Both(Recurrent(cell, H))
    params, x = setting(layer, 5, 2)
    there, back, both = (sight(layer, params, x, way=way) for way in ("there", "back", "both"))
    np.testing.assert_allclose(both, np.hypot(there, back), rtol=1e-12)
    one = {name.removeprefix("there."): array for name, array in params.items()}
    own = {name: one[name] for name in layer.layer.names()}
    np.testing.assert_allclose(sight(layer.layer, own, x), there, rtol=1e-9)


@pytest.mark.parametrize(
    "layer",
    [
        Recurrent(LSTM(), H),
        Stack((Recurrent(RNN(), H), Residual(Recurrent(GRU(), H)))),
        Stack((Both(Recurrent(GRU(), 2)), Both(Recurrent(RNN(), 1)))),
    ],
    ids=["recurrent", "stack", "stack of both"],
)
def test_the_numbers_are_those_of_differences(layer):
    params, x = setting(layer, 4, 2)
    found, eps = sight(layer, params, x), 1e-6
    for k in range(4):
        slopes = []
        for d in range(D):
            step = np.zeros_like(x)
            step[k, :, d] = eps
            above, below = (layer.forward(params, moved)[0] for moved in (x + step, x - step))
            slopes.append((above - below) / (2 * eps))
        numeric = np.sqrt((np.array(slopes) ** 2).sum(axis=(0, 3)))  # (T, N)
        np.testing.assert_allclose(found[:, :, k], numeric.T, rtol=1e-6, atol=1e-9)


def test_a_second_layer_of_both_sees_everything_in_either_half():
    layer = Stack((Both(Recurrent(RNN(), 2)), Both(Recurrent(RNN(), 2))))
    params, x = setting(layer, 5, 1)
    assert (sight(layer, params, x) > 0).all()


@each_cell
@given(batch=batches, seed=seeds)
@settings(max_examples=10)
def test_a_mask_makes_padding_harmless_and_its_lack_does_not(cell, batch, seed):
    (T, lengths), layer = batch, Both(Recurrent(cell, H))
    params, x = setting(layer, T, len(lengths), seed)
    x = np.where((np.arange(T)[:, None] < lengths)[:, :, None], x, 0)
    padded = np.array(lengths) < T
    for way in ("there", "back", "both"):
        outputs, last = padding_error(layer, params, x, lengths, way, masked=True)
        assert max(outputs.max(), last.max()) < 1e-12
        outputs, last = padding_error(layer, params, x, lengths, way)
        np.testing.assert_array_equal(last > 1e-12, padded)
        for off, length in zip(outputs.T, lengths, strict=True):
            assert (off[length - 1] > 1e-12) == (length < T and way != "there")  # nearest to the padding
            assert (off[length:] == 0).all()
            assert way != "there" or off.max() < 1e-12  # what comes later is not seen on the way there


@each_cell
def test_zeros_are_harmless_for_the_way_back_while_its_biases_give_none(cell):
    """From a state of zeros, zeros lead to zeros: the way back is still where it began when the sequence begins."""
    layer, rng = Both(Recurrent(cell, H)), np.random.default_rng(0)
    params, x = layer.init(D, rng), rng.normal(size=(9, 1, D))  # biases of gates alone, and an LSTM's g has none
    x[5:] = 0
    assert padding_error(layer, params, x, [5], "back").outputs.max() < 1e-12
    assert padding_error(layer, params, x, [5], "there").last[0] > 0.05
    assert (sight(layer, params, x, way="back")[0, :5, 5:] > 0).all()  # and yet it sees the padding


def test_the_error_is_the_distance_from_the_last_state_alone():
    layer = Both(Recurrent(GRU(), H))
    params, x = setting(layer, 6, 2)
    y, alone = layer.forward(params, x)[0], layer.forward(params, x[:4, :1])[0]
    for way, padded, true in (("there", y[-1, 0, :H], alone[-1, 0, :H]), ("back", y[0, 0, H:], alone[0, 0, H:])):
        expected = np.linalg.norm(padded - true) / np.linalg.norm(true)
        found = padding_error(layer, params, x, [4, 6], way)
        assert found.last == pytest.approx([expected, 0], abs=1e-12)
    assert found.outputs[0] == pytest.approx(found.last)  # where the way back ends


def test_bad_input_is_named():
    layer = Both(Recurrent(RNN(), H))
    params, x = setting(layer, 4, 2)
    with pytest.raises(ValueError, match="lengths are from 1 to T = 4; got 0 to 5"):
        sight(layer, params, x, [0, 5])
    with pytest.raises(ValueError, match=r"lengths has shape \(N = 2\); got \(3,\)"):
        sight(layer, params, x, [1, 2, 3])
    with pytest.raises(ValueError, match="only Both has a way back"):
        sight(layer.layer, params, x, way="back")
    with pytest.raises(ValueError, match="reads tokens"):
        sight(Embedding(3, 2), {"E": np.ones((3, 2))}, np.zeros((4, 1), int))
    with pytest.raises(ValueError, match="has no last state"):
        padding_error(Dropout(0.5), {}, x, [1, 2])
    with pytest.raises(TypeError, match="masked is True or False; got 1"):
        padding_error(layer, params, x, [1, 2], masked=1)
