"""PyTorch's numbers are ours: from stored fixtures, and live where torch is installed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook import torch_run
from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    SGD,
    Adam,
    Recurrent,
    RMSprop,
    binary_cross_entropy,
    bptt,
    from_keras,
    from_torch,
    softmax_cross_entropy,
    squared_error,
    to_torch,
    unroll,
)
from rnnbook.nn.interop import NAMES
from tests.problems import relative, seeds, shapes
from tests.twins import TOLERANCE, composed, off, ran
from tools import torch_run as tool

FILES = {name: Path(__file__).parent / "fixtures" / f"{name}.npz" for name in ("torch", "torch_nets")}
STORED, NETS = (dict(np.load(file)) for file in FILES.values())
CELLS = {"rnn_tanh": RNN(), "rnn_relu": RNN("relu"), "lstm": LSTM(), "gru": GRU()}
OPTIMIZERS = {
    "sgd": lambda: SGD(0.1, momentum=0.9),
    "rmsprop": lambda: RMSprop(0.01, decay=0.9, eps=1e-8),
    "adam": lambda: Adam(0.01, 0.9, 0.999, eps=1e-8),
}
LOSSES = {"softmax": softmax_cross_entropy, "logistic": binary_cross_entropy, "squared": squared_error}


def below(prefix, stored=STORED):
    """The stored arrays of one case, by the rest of their names."""
    return {key.removeprefix(prefix): array for key, array in stored.items() if key.startswith(prefix)}


def cases():
    return sorted({"/".join(key.split("/")[1:3]) for key in STORED if key.startswith("cells/")})


def nets():
    return sorted({key.rpartition("/")[0] for key in NETS})


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
    return found | {f"d_{key}": array for key, array in to_torch(cell, back.params, gradients=True).items()}


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
    assert all(file.stat().st_size < 300_000 for file in FILES.values())


def our_net(case, given):
    """What `run_net` of make_torch.py returns, from the book's engine."""
    name, layers, ways, *_ = case.split("/")
    layer = composed(CELLS[name], given["h0"].shape[-1], int(layers), ways)
    params = from_torch(layer, {key: array for key, array in given.items() if key.startswith(("weight", "bias"))})
    found, grads = ran(layer, params, given)
    return found | {f"d_{key}": array for key, array in to_torch(layer, grads, gradients=True).items()}


@pytest.mark.parametrize("case", nets())
def test_stacked_bidirectional_and_padded_nets_equal_the_stored_ones(case):
    stored = below(f"{case}/", NETS)
    expected = {key: stored[key] for key in stored if key in ("y", "hT", "cT") or key.startswith("d_")}
    assert off(our_net(case, stored), expected) == {}
    padding = np.arange(len(stored["x"]))[:, None] >= stored["lengths"]
    assert padding.any() == case.endswith("padded")
    assert not stored["d_x"][padding].any()


@pytest.mark.parametrize("name", ["stacked", "both", "both_padded"])
def test_the_runs_of_layers_in_the_package_are_the_tests_own_to_the_last_digit_and_ours(name):
    run, fixture, case = torch_run(name), tool.arrays(name), tool.RUNS[name][1].rstrip("/")
    assert run.keys() == fixture.keys()
    for key, array in fixture.items():
        np.testing.assert_array_equal(run[key], array)
    expected = {key: run[key] for key in run if key in ("y", "hT") or key.startswith("d_")}
    assert off(our_net(case, run), expected) == {}


def test_the_stored_nets_cover_every_kind():
    kinds = [case.split("/") for case in nets()]
    assert {name for name, *_ in kinds} == {"rnn_tanh", "lstm", "gru"}
    assert {(*size, fill) for _, *size, fill in kinds} == {
        (layers, ways, fill)
        for layers, ways in (("2", "one"), ("1", "both"), ("2", "both"))
        for fill in ("whole", "padded")
    }


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


@pytest.mark.parametrize("name", CELLS)
def test_gradients_of_a_module_come_home(live, name):
    """What PyTorch left in ``grad`` is what the book's engine has, by the book's names."""
    import torch

    layer = composed(CELLS[name], 4, 2, "both")
    params = layer.init(3, np.random.default_rng(0))
    module = live.net(name, 2, "both", (3, 4))
    module.load_state_dict({key: torch.from_numpy(array) for key, array in to_torch(layer, params).items()})
    x, dy = (np.random.default_rng(1).normal(size=(5, 2, size)) for size in (3, 8))
    module(torch.from_numpy(x))[0].backward(torch.from_numpy(dy))
    grads = from_torch(layer, {key: weight.grad for key, weight in module.named_parameters()}, gradients=True)
    expected = layer.backward(params, layer.forward(params, x)[2], dy).params
    assert grads.keys() == expected.keys()
    assert all(relative(grads[key], array) < TOLERANCE for key, array in expected.items())


@pytest.mark.parametrize("kind", ["meta", "bfloat16", "sparse"])
def test_a_tensor_that_numpy_cannot_read_is_named_with_the_reason(live, kind):
    import torch

    tensor = {
        "meta": lambda: torch.empty(4, 4, device="meta"),
        "bfloat16": lambda: torch.ones(4, 4, dtype=torch.bfloat16),
        "sparse": lambda: torch.eye(4).to_sparse(),
    }[kind]()
    message = f"is an array, or a tensor that NumPy can read; got {tensor.dtype}: .*{kind}"
    with pytest.raises(TypeError, match=f"(?i)weight_hh_l0 {message}"):
        from_torch(RNN(), {**torch.nn.RNN(3, 4).state_dict(), "weight_hh_l0": tensor})
    with pytest.raises(TypeError, match=f"(?i)recurrent_kernel {message}"):
        from_keras(RNN(), [torch.ones(3, 4), tensor, torch.ones(4)])


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
def test_a_single_cell_of_torch_is_taken_as_the_hint_says(live, kind):
    import torch

    cell = {"RNNCell": RNN(), "LSTMCell": LSTM(), "GRUCell": GRU()}[kind]
    module = getattr(torch.nn, kind)(3, 4).double()
    with pytest.raises(KeyError, match=f"{kind}.* no _l0") as caught:
        from_torch(cell, module.state_dict())
    params = from_torch(cell, eval(caught.value.args[0].rpartition(" as ")[2], {"d": module.state_dict()}))
    x = np.random.default_rng(0).normal(size=(1, 2, 3))
    h = module(torch.from_numpy(x[0]))
    h = (h[0] if kind == "LSTMCell" else h).detach().numpy()
    assert relative(unroll(cell, params, x)[0][0], h) < TOLERANCE


@pytest.mark.parametrize("name", ["rnn_tanh", "rnn_relu", "lstm", "gru"])
@given(
    layers=st.integers(1, 3),
    ways=st.sampled_from(["one", "both"]),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 4)),
    seed=seeds,
)
@settings(max_examples=15)
def test_nets_equal_torch_live(live, name, layers, ways, lengths, sizes, seed):
    given_arrays = live.draw_net(name, layers, ways, lengths, sizes, np.random.default_rng(seed))
    assert off(our_net(f"{name}/{layers}/{ways}", given_arrays), live.run_net(name, layers, ways, given_arrays)) == {}


@pytest.mark.parametrize("name", CELLS)
def test_torch_loads_a_whole_net_and_gives_it_back(live, name):
    import torch

    layer = composed(CELLS[name], 4, 2, "both")
    params = layer.init(3, np.random.default_rng(0))
    module = live.net(name, 2, "both", (3, 4))
    there = {key: torch.from_numpy(array) for key, array in to_torch(layer, params).items()}
    module.load_state_dict(there)
    assert list(there) == list(module.state_dict())
    again = from_torch(layer, module.state_dict())
    assert again.keys() == params.keys()
    assert all(np.array_equal(again[key], params[key]) for key in params)


def test_without_biases_and_with_a_projection_as_torch_has_them(live):
    import torch

    module = torch.nn.GRU(2, 3, bias=False).double()
    params = from_torch(GRU(), module.state_dict())
    assert not params["b_h"].any()
    assert not params["b_hn"].any()
    x = np.random.default_rng(0).normal(size=(4, 1, 2))
    h, _, _ = unroll(GRU(), params, x)
    assert relative(h, module(torch.from_numpy(x))[0].detach().numpy()) < TOLERANCE
    with pytest.raises(ValueError, match="proj_size has no twin here; got weight_hr_l0"):
        from_torch(Recurrent(LSTM(), 3), torch.nn.LSTM(2, 3, proj_size=2).state_dict())


@pytest.mark.parametrize(("name", "stored"), [("torch", STORED), ("torch_nets", NETS)], ids=FILES)
def test_the_script_makes_the_stored_fixtures(live, name, stored):
    made = live.everything(name)
    assert made.keys() == stored.keys()
    for key, array in made.items():
        assert array.dtype == stored[key].dtype
        np.testing.assert_allclose(array, stored[key], rtol=1e-9, atol=1e-12, err_msg=key)


@pytest.mark.parametrize("layers", [2, 3])
def test_torch_drops_between_layers_alone_and_afresh_at_each_step(live, layers):
    """As `dropout_places` draws it: units that copy their input, x = 1, show which masks it met."""
    import torch

    T, N, H = 40, 5, 16
    module = torch.nn.RNN(H, H, layers, nonlinearity="relu", bias=False, dropout=0.5).double().train()
    with torch.no_grad():
        for name, weight in module.named_parameters():
            weight.copy_(torch.eye(H) if "weight_ih" in name else torch.zeros(H, H))
    torch.manual_seed(0)
    y = module(torch.ones(T, N, H, dtype=torch.float64))[0].detach().numpy()
    assert set(np.unique(y)) == {0.0, 2.0 ** (layers - 1)}  # one mask a gap; none before the first or after the last
    assert abs((y > 0).mean() - 0.5 ** (layers - 1)) < 0.05
    assert (y[1:] != y[:-1]).any(axis=(1, 2)).all()
