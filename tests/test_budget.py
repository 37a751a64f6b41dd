"""Weights are counted as they are drawn, and units are those nearest to a budget."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, Both, Model, Recurrent, Stack, init_params
from rnnbook.lab.training import count_weights, rnn_weights, units_for

CELLS = [RNN(), LSTM(), GRU(), GRU(reset="before")]
cells = pytest.mark.parametrize("cell", CELLS, ids=repr)


@cells
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 5))
def test_the_count_is_that_of_the_arrays(cell, D, H, K):
    rng = np.random.default_rng(0)
    params = Model(cell).init_params(D, H, K, rng) if K else init_params(cell, D, H, rng)
    assert count_weights(cell, D, H, K) == sum(array.size for array in params.values())


@cells
@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 5), st.integers(1, 3), st.integers(1, 2))
def test_the_count_of_layers_is_that_of_their_arrays(cell, D, H, K, layers, ways):
    one = Recurrent(cell, H) if ways == 1 else Both(Recurrent(cell, H))
    params = Model(Stack((one,) * layers)).init_params(D, None, K, np.random.default_rng(0))
    assert count_weights(cell, D, H, K, layers, ways) == sum(array.size for array in params.values())


@cells
@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 60_000), st.integers(1, 4), st.integers(1, 2))
def test_no_other_number_of_units_in_layers_is_nearer(cell, D, K, budget, layers, ways):
    H = units_for(cell, D, K, budget, layers, ways)
    off = [abs(count_weights(cell, D, n, K, layers, ways) - budget) for n in (max(1, H - 1), H, H + 1)]
    assert off[1] == min(off)
    assert H >= 1


def test_the_rnn_is_counted_as_in_chapter_01():
    assert count_weights(RNN(), 4, 32, 4) == rnn_weights(4, 32, 4)


@cells
@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 60_000))
def test_no_other_number_of_units_is_nearer(cell, D, K, budget):
    H = units_for(cell, D, K, budget)
    off = [abs(count_weights(cell, D, units, K) - budget) for units in (max(1, H - 1), H, H + 1)]
    assert off[1] == min(off)
    assert H >= 1


def test_bad_sizes_are_named():
    with pytest.raises(TypeError, match="cell"):
        count_weights("GRU", 2, 3)
    with pytest.raises(ValueError, match="H is a whole number of at least 1"):
        count_weights(GRU(), 2, 0)
    with pytest.raises(ValueError, match="budget is a whole number of at least 1"):
        units_for(GRU(), 2, 1, 0)
    with pytest.raises(ValueError, match="ways is 1, or 2 for a layer that reads from both ends; got 3"):
        count_weights(GRU(), 2, 3, ways=3)
