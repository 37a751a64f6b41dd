"""Driving one unit: the gates do as they are told, and what is written adds up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN
from rnnbook.lab.reading import drive, written

T = 12
GATED = {"LSTM": (LSTM(), "ifo"), "GRU": (GRU(), "rz"), "GRU before": (GRU("before"), "rz")}
gated = pytest.mark.parametrize(("cell", "letters"), GATED.values(), ids=GATED)
between = st.floats(0, 1)


@gated
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_gates_stand_where_they_were_put(cell, letters, seed):
    rng = np.random.default_rng(seed)
    gates = {letter: rng.choice([0.0, 0.25, 0.5, 0.9, 1.0], size=T) for letter in letters}
    driven = drive(cell, gates, rng.normal(size=T))
    for letter in letters:
        np.testing.assert_allclose(driven.gates[letter], gates[letter], rtol=1e-12, atol=1e-15)


@gated
def test_one_number_is_a_constant(cell, letters):
    one = drive(cell, dict.fromkeys(letters, 0.3), np.ones(T))
    many = drive(cell, {letter: np.full(T, 0.3) for letter in letters}, np.ones(T))
    np.testing.assert_array_equal(one.states, many.states)


@given(i=between, f=between, o=between)
def test_the_lstm_equations_by_hand(i, f, o):
    signal = np.random.default_rng(0).normal(size=T)
    driven = drive(LSTM(), {"i": i, "f": f, "o": o}, signal, state=(0.2, -0.5))
    h, c = driven.states
    assert (h[0], c[0]) == (0.2, -0.5)
    np.testing.assert_allclose(c[1:], f * c[:-1] + i * np.tanh(signal), atol=1e-12)
    np.testing.assert_allclose(h[1:], o * np.tanh(c[1:]), atol=1e-12)


@pytest.mark.parametrize("reset", ["after", "before"])
@given(r=between, z=between, feedback=st.floats(-2, 2))
def test_the_gru_equations_by_hand(reset, r, z, feedback):
    signal = np.random.default_rng(0).normal(size=T)
    (h,) = drive(GRU(reset), {"r": r, "z": z}, signal, state=(0.4,), feedback=feedback).states
    n = np.tanh(signal + r * feedback * h[:-1])
    np.testing.assert_allclose(h[1:], (1 - z) * n + z * h[:-1], atol=1e-12)


@gated
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), start=st.floats(-1, 1))
def test_what_is_written_adds_up_to_the_last_state(cell, letters, seed, start):
    rng = np.random.default_rng(seed)
    gates = {letter: rng.uniform(size=T) for letter in letters}
    driven = drive(cell, gates, rng.normal(size=T), state=(start,) * cell.states, feedback=0.7)
    keep = driven.gates["f" if "f" in letters else "z"]
    kept = driven.states[-1]
    np.testing.assert_allclose(written(driven).sum() + keep.prod() * start, kept[-1], atol=1e-12)


@pytest.mark.parametrize(
    ("cell", "gates", "signal", "error", "said"),
    [
        (RNN(), {}, [1.0], ValueError, "RNN has none to drive"),
        (LSTM(), {"i": 1.0, "f": 1.0}, [1.0], ValueError, "LSTM has the gates i, f, o"),
        (LSTM(), {"i": 1.0, "f": 1.0, "o": 1.0, "g": 1.0}, [1.0], ValueError, "with i, f, o, g"),
        (GRU(), {"r": 1.0, "z": 1.5}, [1.0], ValueError, "gate z has values from 0 to 1; got 1.5 to 1.5"),
        (GRU(), {"r": 1.0, "z": [0.5, 0.5]}, [1.0], ValueError, r"z has shape \(T = 1\); got \(2,\)"),
        (GRU(), {"r": 1.0, "z": np.nan}, [1.0], ValueError, "z holds nan"),
        (GRU(), {"r": 1.0, "z": 0.5}, [[1.0]], ValueError, r"signal has shape \(T\)"),
        (LSTM(), {"i": "open", "f": 1.0, "o": 1.0}, [1.0], TypeError, "i holds floating point numbers"),
        ("LSTM", {}, [1.0], TypeError, "cell"),
    ],
)
def test_what_cannot_be_driven_is_named(cell, gates, signal, error, said):
    with pytest.raises(error, match=said):
        drive(cell, gates, signal)
