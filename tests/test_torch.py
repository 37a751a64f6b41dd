"""PyTorch's numbers are ours: from stored fixtures, and live where torch is installed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    SGD,
    Adam,
    RMSprop,
    binary_cross_entropy,
    bptt,
    from_torch,
    softmax_cross_entropy,
    squared_error,
    to_torch,
    unroll,
)
from rnnbook.nn.interop import NAMES
from tests.problems import relative, seeds, shapes

STORED = dict(np.load(Path(__file__).parent / "fixtures" / "torch.npz"))
CELLS = {"rnn_tanh": RNN(), "rnn_relu": RNN("relu"), "lstm": LSTM(), "gru": GRU()}
OPTIMIZERS = {
    "sgd": lambda: SGD(0.1, momentum=0.9),
    "rmsprop": lambda: RMSprop(0.01, decay=0.9, eps=1e-8),
    "adam": lambda: Adam(0.01, 0.9, 0.999, eps=1e-8),
}
LOSSES = {"softmax": softmax_cross_entropy, "logistic": binary_cross_entropy, "squared": squared_error}
TOLERANCE = 1e-12


def below(prefix):
    """The stored arrays of one case, by the rest of their names."""
    return {key.removeprefix(prefix): array for key, array in STORED.items() if key.startswith(prefix)}


def cases():
    return sorted({"/".join(key.split("/")[1:3]) for key in STORED if key.startswith("cells/")})


def ours(name, given):
    """What `run` of make_torch.py returns, from the book's engine: gradients under PyTorch's names."""
    cell = CELLS[name]
    params = from_torch(cell, {key: given[key] for key in NAMES})
    letters = "hc"[: cell.states]
    h, last, tape = unroll(cell, params, given["x"], tuple(given[f"{letter}0"] for letter in letters))
    back = bptt(cell, params, tape, given["dh"], tuple(given[f"d{letter}T"] for letter in letters))
    found = {"h": h, "d_x": back.x}
    for letter, array, grad in zip(letters, last, back.state, strict=True):
        found |= {f"{letter}T": array, f"d_{letter}0": grad}
    grads = back.params
    found |= {
        "d_weight_ih_l0": grads["W_xh"].T,
        "d_weight_hh_l0": grads["W_hh"].T,
        "d_bias_ih_l0": grads["b_h"],
    }
    bias_hh = grads["b_h"].copy()  # both biases enter the same sum, but for n of GRU
    if cell.apart:
        bias_hh[-len(grads["b_hn"]) :] = grads["b_hn"]
    return found | {"d_bias_hh_l0": bias_hh}


def errors(found, expected):
    """Every array's relative error."""
    assert found.keys() == expected.keys()
    return {key: relative(found[key], expected[key]) for key in expected}


def split(stored):
    """What went in, and what came out."""
    given_keys = (*NAMES, "x", "h0", "c0", "dh", "dhT", "dcT")
    return {k: v for k, v in stored.items() if k in given_keys}, {
        k: v for k, v in stored.items() if k not in given_keys
    }


@pytest.mark.parametrize("case", cases())
def test_outputs_and_gradients_equal_the_stored_ones(case):
    stored, expected = split(below(f"cells/{case}/"))
    found = errors(ours(case.split("/")[0], stored), expected)
    assert {key: error for key, error in found.items() if not error < TOLERANCE} == {}


def test_the_stored_cases_cover_every_twin_and_the_shapes_that_matter():
    names, sizes = zip(*(case.split("/") for case in cases()), strict=True)
    assert set(names) == set(CELLS)
    lengths = {tuple(map(int, size.split("x")))[:2] for size in sizes}
    assert {T for T, _ in lengths} >= {1, 60}
    assert {N for _, N in lengths} >= {1, 3}
    assert len(cases()) == len(set(names)) * len(set(sizes))
    assert (Path(__file__).parent / "fixtures" / "torch.npz").stat().st_size < 300_000


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimiser_takes_the_stored_steps(name):
    stored = below(f"optim/{name}/")
    params, optimizer = {key: stored[f"{key}0"].copy() for key in "pq"}, OPTIMIZERS[name]()
    for step in range(5):
        grads = {"p": stored[f"g{step}"]} | ({"q": stored[f"k{step}"]} if step else {})
        optimizer.step(params, grads)
        for key, array in params.items():
            assert relative(array, stored[f"{key}{step + 1}"]) < TOLERANCE, (key, step)
    assert relative(params["p"], stored["p0"]) > 1e-3


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_equal_the_stored_ones(name, masked):
    stored, kind = below(f"losses/{name}/"), "_masked" if masked else ""
    loss, dy = LOSSES[name](stored["y"], stored["t"], stored["m"] if masked else None)
    assert loss == pytest.approx(float(stored[f"loss{kind}"]), rel=TOLERANCE)
    assert relative(dy, stored[f"dy{kind}"]) < TOLERANCE


@pytest.fixture(scope="module")
def live():
    """The script that made the fixtures, where torch is installed."""
    pytest.importorskip("torch", reason="torch is not installed")
    from tests.fixtures import make_torch

    return make_torch


@pytest.mark.parametrize("name", CELLS)
@given(shape=shapes, seed=seeds)
@settings(max_examples=25)
def test_outputs_and_gradients_equal_torch_live(live, name, shape, seed):
    given_arrays = live.draw(name, shape, np.random.default_rng(seed))
    expected = live.run(name, given_arrays)
    sizes = {key: float(np.linalg.norm(array)) for key, array in expected.items()}
    whole = np.linalg.norm([size for key, size in sizes.items() if key.startswith("d_")])
    for key, error in errors(ours(name, given_arrays), expected).items():
        scale = whole / sizes[key] if key.startswith("d_") and sizes[key] else 1  # a part of it may be near zero
        assert error < TOLERANCE * scale, key


@pytest.mark.parametrize("name", CELLS)
def test_torch_loads_what_to_torch_gives(live, name):
    import torch

    cell = CELLS[name]
    given_arrays = live.draw(name, (6, 2, 3, 4), np.random.default_rng(0))
    params = from_torch(cell, {key: given_arrays[key] for key in NAMES})
    module = live.MODULES[name](3, 4).double()
    module.load_state_dict({key: torch.from_numpy(array) for key, array in to_torch(cell, params).items()})
    y, _ = module(torch.from_numpy(given_arrays["x"]))
    h, _, _ = unroll(cell, params, given_arrays["x"])
    assert relative(h, y.detach().numpy()) < TOLERANCE
    again = from_torch(cell, module.state_dict())  # tensors, as torch hands them out
    assert all(np.array_equal(again[key], params[key]) for key in params)


def test_the_script_makes_the_stored_fixtures(live):
    made = live.everything()
    assert made.keys() == STORED.keys()
    for key, array in made.items():
        assert array.dtype == STORED[key].dtype
        np.testing.assert_allclose(array, STORED[key], rtol=1e-9, atol=1e-12, err_msg=key)
