"""Parameters as PyTorch and Keras have them, without either; with them in test_torch.py and test_keras.py."""

import numpy as np
import pytest

from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    Both,
    Dropout,
    Embedding,
    Recurrent,
    Residual,
    Stack,
    from_keras,
    from_torch,
    to_keras,
    to_torch,
)
from rnnbook.nn.interop import NAMES
from tests.problems import dtypes, make
from tests.twins import composed

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
        (broken(bias_hh_l0=None), KeyError, "bias_ih_l0, bias_hh_l0; bias_hh_l0 missing"),
        (broken(weight_hh_l0=None), KeyError, "a state dict of 1 layer, one direction has .*; weight_hh_l0 missing"),
        (
            broken(weight_ih_l1=np.zeros((16, 4))),
            ValueError,
            r"LSTM\(\) has 1 layer, one direction; the state dict has 2 layers, one direction: .*weight_ih_l1",
        ),
        (broken(readout=np.zeros(1)), ValueError, "of 1 layer, one direction has .*; got readout too"),
        (broken(weight_hr_l0=np.zeros((2, 4))), ValueError, "proj_size has no twin here; got weight_hr_l0"),
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


LAYERS = [(layers, ways) for layers in (1, 2, 3) for ways in ("one", "both")]
layered = pytest.mark.parametrize(("layers", "ways"), LAYERS)
ALL = (*TWINS, RNN("sigmoid"), RNN("identity"), GRU("before"))
every = pytest.mark.parametrize("cell", ALL, ids=str)


def params_of(layer, D=2, dtype=np.float64):
    """Parameters that are all drawn, biases too."""
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=array.shape).astype(dtype) for name, array in layer.init(D, rng).items()}


def check_same(again, params):
    assert again.keys() == params.keys()
    for key, array in params.items():
        assert again[key].tobytes() == array.tobytes()
        assert (again[key].dtype, again[key].shape) == (array.dtype, array.shape)
        assert not np.shares_memory(again[key], array)


@twins
@layered
@dtypes
def test_nets_come_back_from_torch_bit_for_bit(cell, layers, ways, dtype):
    layer = composed(cell, 3, layers, ways)
    params = params_of(layer, dtype=dtype)
    there = to_torch(layer, params)
    directions = ("", "_reverse") if ways == "both" else ("",)
    assert list(there) == [name[:-1] + f"{k}{way}" for k in range(layers) for way in directions for name in NAMES]
    check_same(from_torch(layer, there), params)


@every
@layered
@dtypes
def test_nets_come_back_from_keras_bit_for_bit(cell, layers, ways, dtype):
    layer = composed(cell, 3, layers, ways)
    params = params_of(layer, dtype=dtype)
    there = to_keras(layer, params)
    assert len(there) == 3 * layers * (2 if ways == "both" else 1)
    check_same(from_keras(layer, there), params)


@twins
@layered
@dtypes
def test_gradients_come_back_from_torch_bit_for_bit(cell, layers, ways, dtype):
    layer = composed(cell, 3, layers, ways)
    for one, grads in ((cell, make(cell, 0, dtype=dtype).params), (layer, params_of(layer, dtype=dtype))):
        check_same(from_torch(one, to_torch(one, grads, gradients=True), gradients=True), grads)


@every
@layered
@dtypes
def test_gradients_come_back_from_keras_bit_for_bit(cell, layers, ways, dtype):
    layer = composed(cell, 3, layers, ways)
    for one, grads in ((cell, make(cell, 0, dtype=dtype).params), (layer, params_of(layer, dtype=dtype))):
        check_same(from_keras(one, to_keras(one, grads, gradients=True), gradients=True), grads)


@twins
def test_of_gradients_that_of_the_first_bias_is_taken_and_none_is_added(cell):
    there = state_dict(cell)
    grads = from_torch(cell, there, gradients=True)
    assert np.array_equal(grads["b_h"], there["bias_ih_l0"])
    assert not np.shares_memory(grads["b_h"], there["bias_ih_l0"])
    if cell == GRU():
        assert np.array_equal(grads["b_hn"], there["bias_hh_l0"][8:])
        bias = np.random.default_rng(1).normal(size=(2, 12))
        grads = from_keras(cell, [np.ones((2, 12)), np.ones((4, 12)), bias], gradients=True)
        assert np.array_equal(grads["b_h"], np.concatenate([bias[0, 4:8], bias[0, :4], bias[0, 8:]]))
        assert np.array_equal(grads["b_hn"], bias[1, 8:])


def test_gradients_come_back_through_a_mixed_stack_with_an_embedding():
    layer = Stack((Embedding(7, 2), Both(Recurrent(GRU(), 3)), Dropout(0.5), Recurrent(LSTM(), 4)))
    grads = params_of(layer, D=7)
    check_same(from_keras(layer, to_keras(layer, grads, gradients=True), gradients=True), grads)


@pytest.mark.parametrize("prefix", ["", "encoder."])
@twins
def test_a_single_cells_names_are_answered_with_the_way_to_a_layers(cell, prefix):
    there = state_dict(cell)
    bare = {prefix + name.removesuffix("_l0"): array for name, array in there.items()}
    for _ in range(2 if prefix else 1):
        with pytest.raises(KeyError, match="missing; got") as caught:
            from_torch(cell, bare)
        bare = eval(caught.value.args[0].rpartition(" as ")[2], {"d": bare})
    check_same(from_torch(cell, bare), from_torch(cell, there))


def test_a_mixed_stack_with_an_embedding_comes_back_from_keras():
    layer = Stack((Embedding(7, 2), Both(Recurrent(LSTM(), 3)), Dropout(0.5), Recurrent(GRU(), 4)))
    params = params_of(layer, D=7)
    there = to_keras(layer, params)
    shapes = [(7, 2), *2 * [(2, 12), (3, 12), (12,)], (6, 12), (4, 12), (2, 12)]
    assert [array.shape for array in there] == shapes
    check_same(from_keras(layer, there), params)
    assert to_keras(Dropout(0.5), {}) == []
    assert from_keras(Dropout(0.5), []) == {}


@every
def test_layout_is_that_of_keras(cell):
    params = make(cell, 0, D=2, H=4).params
    kernel, recurrent, bias = to_keras(cell, params)
    blocks = (1, 0, 2) if cell.gates == 3 else range(cell.gates)  # z before r
    for ours, theirs in (
        (params["W_xh"], kernel),
        (params["W_hh"], recurrent),
        (params["b_h"], np.atleast_2d(bias)[0]),
    ):
        for k, block in enumerate(blocks):
            assert np.array_equal(theirs[..., 4 * k : 4 * k + 4], ours[..., 4 * block : 4 * block + 4])
    if cell == GRU():
        assert np.array_equal(bias[1], np.concatenate([np.zeros(8), params["b_hn"]]))


@twins
@layered
def test_biases_that_are_not_there_are_zeros_at_both_doors(cell, layers, ways):
    layer = composed(cell, 3, layers, ways)
    params = params_of(layer)
    zeros = {key: np.zeros_like(array) if ".b_h" in f".{key}" else array for key, array in params.items()}
    there = {key: array for key, array in to_torch(layer, params).items() if not key.startswith("bias")}
    check_same(from_torch(layer, there), zeros)
    arrays = [array for k, array in enumerate(to_keras(layer, params)) if k % 3 < 2]
    check_same(from_keras(layer, arrays), zeros)


ONE, WIDE = Recurrent(LSTM(), 4), Recurrent(LSTM(), 5)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Stack((ONE, WIDE)), r"one H .*; got LSTM\(\), H = 4, one direction; LSTM\(\), H = 5, one direction"),
        (Stack((ONE, Both(ONE))), r"same directions; got LSTM\(\), H = 4, one direction; LSTM\(\), H = 4, both direc"),
        (Stack((ONE, Recurrent(GRU(), 4))), r"one cell, .*; got LSTM\(\), H = 4, one direction; GRU\(reset='after'\)"),
        (Stack((Embedding(7, 2), ONE)), r"modules of their own: Embedding\(V=7, D=2\) has no twin in a stack there"),
        (Stack((Dropout(0.5),)), "without a recurrent layer; got Stack"),
        (Both(Recurrent(GRU("before"), 4)), r"resets after the product: GRU\(reset='before'\) has no twin there"),
        (Recurrent(RNN("identity"), 4), r"has tanh and relu: RNN\('identity'\) has no twin there"),
    ],
)
def test_layers_that_torch_lacks_are_refused_by_name(layer, message):
    for call, given in ((to_torch, params_of(layer, 7)), (from_torch, state_dict())):
        with pytest.raises(ValueError, match=message):
            call(layer, given)


@pytest.mark.parametrize("layer", [Residual(ONE), Both(Stack((ONE, ONE))), Stack((ONE, Residual(ONE)))], ids=repr)
def test_layers_that_neither_has_are_refused_by_name(layer):
    given = params_of(layer, 4), state_dict(), params_of(layer, 4), []
    for call, arrays in zip((to_torch, from_torch, to_keras, from_keras), given, strict=True):
        with pytest.raises(ValueError, match=r"(Residual|Both)\(layer=.* has no twin there"):
            call(layer, arrays)


@pytest.mark.parametrize("call", [to_torch, from_torch, to_keras, from_keras])
def test_what_is_neither_cell_nor_layer_is_refused(call):
    with pytest.raises(TypeError, match=r"an instance as RNN\(\), LSTM\(\) or GRU\(\); got 'LSTM'"):
        call("LSTM", {})


@pytest.mark.parametrize(
    ("layers", "ways", "found"),
    [
        (1, "one", "1 layer, one direction"),
        (2, "one", "2 layers, one direction"),
        (1, "both", "1 layer, both directions"),
    ],
)
def test_another_number_of_layers_or_directions_is_told(layers, ways, found):
    there = composed(LSTM(), 4, layers, ways)
    there = to_torch(there, params_of(there))
    with pytest.raises(ValueError, match=f"has 2 layers, both directions; the state dict has {found}: weight_ih_l0, "):
        from_torch(composed(LSTM(), 4, 2, "both"), there)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"weight_hh_l1_reverse": np.zeros((16, 5))},
            ValueError,
            r"weight_hh_l1_reverse has .*16, H = 4\); got \(16, 5\)",
        ),
        (
            {"weight_ih_l1": np.zeros((16, 4))},
            ValueError,
            r"weight_ih_l1 has shape \(G\*H = 16, D = 8\); got \(16, 4\)",
        ),
        (
            {"bias_ih_l1": np.zeros(16, np.float32)},
            TypeError,
            "one dtype, float32 or float64; got .*bias_ih_l1 float32",
        ),
        ({"bias_ih_l1": None}, KeyError, "a state dict of 2 layers, both directions has .*; bias_ih_l1 missing"),
        ({"weight_hr_l1": np.zeros(1)}, ValueError, "proj_size has no twin here; got weight_hr_l1"),
    ],
)
def test_state_dicts_of_nets_that_do_not_fit_are_refused(change, error, message):
    layer = composed(LSTM(), 4, 2, "both")
    there = to_torch(layer, params_of(layer)) | change
    with pytest.raises(error, match=message):
        from_torch(layer, {key: array for key, array in there.items() if array is not None})


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({3: None}, ValueError, r"has 12 arrays, or 8 with use_bias=False; got 11: \(2, 16\), \(4, 16\), \(16,\)"),
        (
            {4: np.zeros((5, 16))},
            ValueError,
            r"l0\.back\.recurrent_kernel has shape \(H = 4, G\*H = 16\); got \(5, 16\)",
        ),
        ({6: np.zeros((4, 16))}, ValueError, r"l2\.there\.kernel has shape \(D = 8, G\*H = 16\); got \(4, 16\)"),
        ({2: np.zeros((2, 16))}, ValueError, r"l0\.there\.bias has shape \(G\*H = 16\); got \(2, 16\)"),
        ({2: np.zeros(16, np.float32)}, TypeError, "one dtype, float32 or float64; got .*bias float32"),
        ({2: np.full(16, np.nan)}, ValueError, r"l0\.there\.bias holds nan at \(0,\)"),
    ],
)
def test_arrays_of_keras_that_do_not_fit_are_refused(change, error, message):
    layer = composed(LSTM(), 4, 2, "both")
    arrays = dict(enumerate(to_keras(layer, params_of(layer)))) | change
    with pytest.raises(error, match=message):
        from_keras(layer, [array for array in arrays.values() if array is not None])


def test_arrays_of_keras_are_a_list():
    with pytest.raises(TypeError, match=r"arrays is a list, as layer.get_weights\(\) returns it; got dict"):
        from_keras(LSTM(), {})


@pytest.mark.parametrize("call", [to_torch, to_keras])
def test_parameters_of_another_net_are_refused(call):
    layer = composed(LSTM(), 4, 2, "both")
    params = params_of(layer)
    with pytest.raises(ValueError, match=r"l2\.there\.W_xh has shape \(D = 8, G\*H = 16\); got \(2, 16\)"):
        call(layer, params | {"l2.there.W_xh": np.zeros((2, 16))})
    with pytest.raises(ValueError, match=r"W_hh has shape \(H = 4, G\*H = 16\); got \(5, 20\)"):
        call(ONE, params_of(WIDE))
    with pytest.raises(KeyError, match=r"l0\.there\.b_h missing"):
        call(layer, {key: array for key, array in params.items() if key != "l0.there.b_h"})
    with pytest.raises(ValueError, match=r"l1\.W_xh left over"):
        call(layer, params | {"l1.W_xh": np.zeros(1)})
    check_same(from_torch(ONE, to_torch(ONE, params_of(ONE) | {"W_hy": np.zeros((4, 1))})), params_of(ONE))
