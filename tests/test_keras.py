"""Keras' numbers are ours: from stored fixtures, and live where Keras and PyTorch are installed."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.lab.reading import survival_law
from rnnbook.nn import GRU, LSTM, RNN, Both, Dropout, Embedding, Recurrent, Stack, from_keras, to_keras, unroll
from tests.problems import relative, seeds
from tests.twins import TOLERANCE, composed, off, ran

FILE = Path(__file__).parent / "fixtures" / "keras.npz"
STORED = dict(np.load(FILE))
CELLS = {"simple": RNN(), "lstm": LSTM(), "gru": GRU(), "gru_before": GRU("before")}


def cases():
    return sorted({key.rpartition("/")[0] for key in STORED})


def weights(arrays):
    """The arrays w0, w1, ... in order."""
    return [arrays[f"w{k}"] for k in range(len(arrays)) if f"w{k}" in arrays]


def ours(case, given):
    """What `run_net` of make_keras.py returns, from the book's engine."""
    name, layers, ways, *_ = case.split("/")
    layer = composed(CELLS[name], given["h0"].shape[-1], int(layers), ways)
    found, grads = ran(layer, from_keras(layer, weights(given)), given)
    return found | {f"d_w{k}": array for k, array in enumerate(to_keras(layer, grads, gradients=True))}


def expected(arrays):
    """What came out of Keras; outputs at padding, which mean nothing, as 0."""
    real = np.arange(len(arrays["x"]))[:, None, None] < arrays["lengths"][:, None]
    out = {
        key: array for key, array in arrays.items() if key in ("hT", "cT") or key[:3] in ("d_x", "d_h", "d_c", "d_w")
    }
    return out | {"y": np.where(real, arrays["y"], 0)}


@pytest.mark.parametrize("case", cases())
def test_outputs_and_gradients_equal_the_stored_ones(case):
    stored = {key.removeprefix(f"{case}/"): array for key, array in STORED.items() if key.startswith(f"{case}/")}
    assert {array.dtype for key, array in stored.items() if key != "lengths"} == {np.dtype("float64")}
    assert off(ours(case, stored), expected(stored)) == {}


def test_the_stored_cases_cover_every_kind():
    sizes = {
        (layers, ways, fill)
        for layers, ways in (("1", "one"), ("1", "both"), ("2", "both"))
        for fill in ("whole", "padded")
    }
    assert {tuple(case.split("/")) for case in cases()} == {(name, *size) for name in CELLS for size in sizes}
    assert FILE.stat().st_size < 300_000


@pytest.fixture(scope="module")
def live():
    """The script that made the fixtures, where Keras runs on PyTorch."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("keras", reason="keras is not installed")
    from tests.fixtures import make_keras

    return make_keras


def test_the_script_makes_the_stored_fixtures(live):
    made = live.nets()
    assert made.keys() == STORED.keys()
    for key, array in made.items():
        assert array.dtype == STORED[key].dtype
        np.testing.assert_allclose(array, STORED[key], rtol=1e-9, atol=1e-12, err_msg=key)


@pytest.mark.parametrize("name", CELLS)
@given(
    layers=st.integers(1, 2),
    ways=st.sampled_from(["one", "both"]),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    seed=seeds,
)
@settings(max_examples=8)
def test_nets_equal_keras_live(live, name, layers, ways, lengths, sizes, seed):
    arrays = live.draw_net(name, layers, ways, lengths, sizes, np.random.default_rng(seed))
    arrays |= live.run_net(name, layers, ways, arrays)
    assert off(ours(f"{name}/{layers}/{ways}", arrays), expected(arrays)) == {}


def test_a_sequential_takes_what_to_keras_gives_and_computes_the_same(live):
    import keras

    layers = keras.layers
    layer = Stack((Embedding(7, 3), Both(Recurrent(LSTM(), 4)), Dropout(0.5), Recurrent(GRU(), 2), Recurrent(RNN(), 5)))
    params = layer.init(7, np.random.default_rng(0))
    model = keras.Sequential(
        [
            layers.Embedding(7, 3, dtype="float64"),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True, dtype="float64"), dtype="float64"),
            layers.Dropout(0.5, dtype="float64"),
            layers.GRU(2, return_sequences=True, dtype="float64"),
            layers.SimpleRNN(5, return_sequences=True, dtype="float64"),
        ]
    )
    model.build((None, None))
    model.set_weights(to_keras(layer, params))
    tokens = np.random.default_rng(1).integers(7, size=(6, 2))
    with live.in_float64():
        y = model(tokens.T).detach().numpy().swapaxes(0, 1)
    assert relative(layer.forward(params, tokens)[0], y) < TOLERANCE
    again = from_keras(layer, [weight.value.detach().numpy() for weight in model.weights])
    assert again.keys() == params.keys()
    assert all(np.array_equal(again[key], params[key]) for key in params)


@pytest.mark.parametrize("ways", ["one", "both"])
@pytest.mark.parametrize("name", CELLS)
def test_tensors_and_their_gradients_come_home(live, name, ways):
    """What PyTorch left in ``grad`` below Keras is what the book's engine has, by the book's names."""
    import keras
    import torch

    kind, options = {
        "simple": ("SimpleRNN", {}),
        "lstm": ("LSTM", {}),
        "gru": ("GRU", {}),
        "gru_before": ("GRU", {"reset_after": False}),
    }[name]
    theirs = getattr(keras.layers, kind)(4, return_sequences=True, dtype="float64", **options)
    theirs = keras.layers.Bidirectional(theirs, dtype="float64") if ways == "both" else theirs
    layer, rng = composed(CELLS[name], 4, 1, ways), np.random.default_rng(0)
    x, dy = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 8 if ways == "both" else 4))
    params = {key: rng.normal(size=array.shape) for key, array in layer.init(3, rng).items()}
    with live.in_float64():
        theirs.build((None, None, 3))
        theirs.set_weights(to_keras(layer, params))
        theirs(x.swapaxes(0, 1)).backward(torch.from_numpy(dy.swapaxes(0, 1).copy()))
    tensors = [weight.value for weight in theirs.weights]
    assert all(tensor.requires_grad for tensor in tensors)
    again = from_keras(layer, tensors)
    assert all(relative(again[key], array) < TOLERANCE for key, array in params.items())
    grads = from_keras(layer, [tensor.grad for tensor in tensors], gradients=True)
    expected = layer.backward(params, layer.forward(params, x)[2], dy).params
    assert grads.keys() == expected.keys()
    assert all(relative(grads[key], array) < TOLERANCE for key, array in expected.items())


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
def test_a_layer_without_biases_and_every_activation(live, activation):
    import keras

    theirs = keras.layers.SimpleRNN(
        3,
        activation={"identity": "linear"}.get(activation, activation),
        use_bias=False,
        return_sequences=True,
        dtype="float64",
    )
    x, layer = np.random.default_rng(0).normal(size=(4, 2, 2)), Recurrent(RNN(activation), 3)
    with live.in_float64():
        y = theirs(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1)
    params = from_keras(layer, [weight.value.detach().numpy() for weight in theirs.weights])
    assert not params["b_h"].any()
    assert relative(layer.forward(params, x)[0], y) < TOLERANCE


@pytest.mark.parametrize("name", ["lstm", "gru", "gru_before"])
def test_a_mask_a_gate_is_what_keras_calls_recurrent_dropout(live, name):
    import keras

    T, N, D, H, cell, rng = 6, 3, 2, 4, CELLS[name], np.random.default_rng(0)
    kept = (rng.random((cell.gates, N, H)) >= 0.5) / 0.5  # of each gate, the same at every step
    options = {"reset_after": name == "gru"} if name != "lstm" else {}
    kind = keras.layers.LSTM if name == "lstm" else keras.layers.GRU
    layer = kind(H, recurrent_dropout=0.5, return_sequences=True, dtype="float64", **options)
    layer.build((None, None, D))
    in_their_order = [0, 1, 2, 3] if name == "lstm" else [1, 0, 2]  # z, r, h
    masks = [keras.ops.convert_to_tensor(kept[k], dtype="float64") for k in in_their_order]
    layer.cell._create_dropout_mask = lambda step_input, rate: masks
    params, x = Recurrent(cell, H).init(D, rng), rng.normal(size=(T, N, D))
    layer.set_weights(to_keras(cell, params))
    with live.in_float64():
        y = layer(x.swapaxes(0, 1), training=True).detach().numpy().swapaxes(0, 1)
    assert relative(unroll(cell, params, x, drop=kept[None])[0], y) < TOLERANCE
    assert relative(unroll(cell, params, x)[0], y) > 0.01


def test_keras_drops_inputs_with_one_mask_a_sequence_and_no_outputs(live):
    """As `dropout_places` draws it: units that copy their input, x = 1, show which masks it met."""
    import keras

    T, N, H = 12, 5, 16
    options = {"activation": None, "use_bias": False, "return_sequences": True, "dtype": "float64", "seed": 0}
    layer = keras.layers.SimpleRNN(H, dropout=0.5, **options)
    layer.build((None, None, H))
    layer.set_weights([np.eye(H), np.zeros((H, H))])
    y = layer(np.ones((N, T, H)), training=True).detach().numpy().swapaxes(0, 1)
    assert set(np.unique(y)) == {0.0, 2.0}
    assert (y == y[0]).all()
    assert (y[0, 1:] != y[0, 0]).any(axis=1).all()  # each sequence has its own


def test_keras_recurrent_dropout_leaves_of_a_written_bit_what_the_law_says(live):
    import keras

    T, N, H = 12, 50, 16
    options = {"activation": None, "use_bias": False, "return_sequences": True, "dtype": "float64", "seed": 0}
    layer = keras.layers.SimpleRNN(H, recurrent_dropout=0.2, **options)
    layer.build((None, None, H))
    layer.set_weights([np.eye(H), np.eye(H)])
    bit = np.zeros((N, T + 1, H))
    bit[:, 0] = 1
    left = layer(bit, training=True).detach().numpy().swapaxes(0, 1)
    law = survival_law("sequence", 0.2, T)
    np.testing.assert_allclose(left, np.where(left > 0, law.size[:, None, None], 0), rtol=1e-6)
    assert abs((left[1:] > 0).mean() - law.alive[-1]) < 0.05
    assert ((left[1:] > 0) == (left[1] > 0)).all()
