"""Parameters under PyTorch's names, without PyTorch; with it in test_torch.py."""

import numpy as np
import pytest

from rnnbook.nn import GRU, LSTM, RNN, from_torch, to_torch
from rnnbook.nn.interop import NAMES
from tests.problems import dtypes, make

TWINS = (RNN("tanh"), RNN("relu"), LSTM(), GRU())
twins = pytest.mark.parametrize("cell", TWINS, ids=str)


def state_dict(cell=None, D=2, H=4, dtype=np.float64):
    rng = np.random.default_rng(0)
    G = (cell or LSTM()).gates
    shapes = ((G * H, D), (G * H, H), (G * H,), (G * H,))
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in zip(NAMES, shapes, strict=True)}


@twins
@dtypes
def test_from_torch_undoes_to_torch(cell, dtype):
    params = make(cell, 0, dtype=dtype).params
    again = from_torch(cell, to_torch(cell, params))
    assert again.keys() == params.keys()
    for key, array in params.items():
        assert np.array_equal(again[key], array)
        assert again[key].dtype == dtype


@twins
def test_layout_is_that_of_pytorch(cell):
    params = make(cell, 0, D=2, H=4).params
    there = to_torch(cell, params)
    G = cell.gates
    shapes = [(G * 4, 2), (G * 4, 4), (G * 4,), (G * 4,)]
    assert [(name, array.shape) for name, array in there.items()] == list(zip(NAMES, shapes, strict=True))
    assert np.array_equal(there["weight_ih_l0"], params["W_xh"].T)
    assert np.array_equal(there["weight_hh_l0"], params["W_hh"].T)
    assert np.array_equal(there["bias_ih_l0"], params["b_h"])
    expected = np.zeros(G * 4)
    if cell == GRU():
        expected[8:] = params["b_hn"]
    assert np.array_equal(there["bias_hh_l0"], expected)


@twins
def test_the_two_biases_are_merged_but_for_the_candidate_of_gru(cell):
    there = state_dict(cell)
    params = from_torch(cell, there)
    merged = there["bias_ih_l0"] + there["bias_hh_l0"]
    if cell == GRU():
        assert np.array_equal(params["b_hn"], there["bias_hh_l0"][8:])
        merged[8:] = there["bias_ih_l0"][8:]
    assert np.array_equal(params["b_h"], merged)


@twins
def test_arrays_are_copies_both_ways(cell):
    params = make(cell, 0).params
    there = to_torch(cell, params)
    back = from_torch(cell, there)
    for array in there.values():
        assert not any(np.shares_memory(array, other) for other in (*params.values(), *back.values()))
        assert array.flags.c_contiguous


@pytest.mark.parametrize("cell", [GRU("before"), RNN("sigmoid"), RNN("identity")], ids=str)
def test_cells_that_pytorch_lacks_are_refused_by_name(cell):
    params = make(cell, 0).params
    reason = r"resets after the product: GRU\(reset='before'\)|has tanh and relu: RNN\('(sigmoid|identity)'\)"
    with pytest.raises(ValueError, match=rf"torch.nn.*({reason}) has no twin there"):
        to_torch(cell, params)
    with pytest.raises(ValueError, match="has no twin there"):
        from_torch(cell, state_dict(cell))


def broken(**changes):
    """A state dict of an LSTM with some entries replaced, or left out if None."""
    return {key: array for key, array in (state_dict() | changes).items() if array is not None}


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (broken(bias_ih_l0=None, bias_hh_l0=None), KeyError, "bias_ih_l0, bias_hh_l0 missing"),
        (
            broken(weight_ih_l1=np.zeros((16, 4))),
            ValueError,
            "of one layer and direction has .*; got weight_ih_l1 too",
        ),
        (
            broken(weight_ih_l0=np.zeros((12, 2))),
            ValueError,
            r"weight_ih_l0 has shape \(G\*H = 16, D\); got \(12, 2\)",
        ),
        (
            broken(weight_hh_l0=np.zeros((12, 4))),
            ValueError,
            r"weight_hh_l0 has shape .*16, H = 4\); got \(12, 4\)",
        ),
        (broken(weight_hh_l0=np.zeros(())), ValueError, r"weight_hh_l0 has shape .*got \(\)"),
        (broken(bias_hh_l0=np.zeros(1)), ValueError, r"bias_hh_l0 has shape \(G\*H = 16\); got \(1,\)"),
        (
            broken(bias_hh_l0=np.zeros(16, np.float32)),
            TypeError,
            "one dtype, float32 or float64; got .*float32",
        ),
        (broken(bias_hh_l0=np.zeros(16, int)), TypeError, "one dtype, float32 or float64; got .*int"),
        (broken(bias_hh_l0=np.full(16, np.nan)), ValueError, r"bias_hh_l0 holds nan at \(0,\)"),
    ],
)
def test_state_dicts_that_do_not_fit_are_refused(given, error, message):
    with pytest.raises(error, match=message):
        from_torch(LSTM(), given)
