"""Weights are counted as they are drawn, and units are those nearest to a budget."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, Model, init_params
from rnnbook.lab.training import count_weights, rnn_weights, units_for

CELLS = [RNN(), LSTM(), GRU(), GRU(reset="before")]
cells = pytest.mark.parametrize("cell", CELLS, ids=repr)


@cells
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 5))
def test_the_count_is_that_of_the_arrays(cell, D, H, K):
    rng = np.random.default_rng(0)
    params = Model(cell).init_params(D, H, K, rng) if K else init_params(cell, D, H, rng)
    assert count_weights(cell, D, H, K) == sum(array.size for array in params.values())


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
