"""Bad input: every door says what was given and what is expected, before NumPy fails somewhere inside."""

import re
from contextlib import contextmanager

import numpy as np
import pytest

from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    Batch,
    Chrono,
    Model,
    binary_cross_entropy,
    bptt,
    embed,
    embed_backward,
    init_params,
    one_hot,
    readout,
    readout_backward,
    set_spectral_radius,
    softmax,
    softmax_cross_entropy,
    spectral_radius,
    squared_error,
    unroll,
)
from rnnbook.nn.checks import check_finite
from tests.problems import cells, make

T, N, D, H = 6, 3, 2, 4  # the sizes of every problem below
NOT_FLOATS = [
    (np.ones((T, N, D), int), "int64"),
    (np.ones((T, N, D), bool), "bool"),
    (np.ones((T, N, D), object), "object"),
    (np.ones((T, N, D), complex), "complex128"),
    (np.full((T, N, D), "a"), "<U1"),
    (None, "object"),
]


@contextmanager
def refused(error, *parts):
    """The block raises that very error, no other kind of it, and the message has every part."""
    with pytest.raises(error) as caught:
        yield
    message = str(caught.value)
    assert caught.type is error
    assert [part for part in parts if part not in message] == [], message


# --- unroll ---------------------------------------------------------------------------------------


@cells
def test_x_without_the_batch_axis_is_refused_with_the_remedy(cell):
    problem = make(cell, 0)
    with refused(ValueError, "x has shape (T, N, D); got (6, 2)", "add the batch axis, x[:, None, :]"):
        unroll(cell, problem.params, problem.x[:, 0])


@pytest.mark.parametrize("shape", [(), (2,), (6, 3, 5), (6, 3, 2, 1)])
def test_x_of_another_shape_is_refused(shape):
    problem = make(LSTM(), 0)
    with refused(ValueError, f"(T, N, D = 2); got {shape}"):
        unroll(LSTM(), problem.params, np.ones(shape))


@pytest.mark.parametrize("shape", [(0, N, D), (T, 0, D)])
def test_empty_sequences_and_empty_batches_are_refused(shape):
    problem = make(GRU(), 0)
    with refused(ValueError, "at least one step and one sequence", f"got {shape}"):
        unroll(GRU(), problem.params, np.ones(shape))


@pytest.mark.parametrize(("x", "dtype"), NOT_FLOATS)
def test_x_that_is_not_floating_point_is_refused(x, dtype):
    problem = make(RNN(), 0)
    with refused(TypeError, f"x holds floating point numbers; got dtype {dtype}", "one_hot or embed"):
        unroll(RNN(), problem.params, x)


def test_sequences_of_unequal_length_are_refused():
    problem = make(RNN(), 0)
    x = [[[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]]]
    with refused(ValueError, "x is one array", "unequal length", "pad them"):
        unroll(RNN(), problem.params, x)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_with_their_place(bad):
    for cell in (RNN(), LSTM(), GRU()):
        problem = make(cell, 0)
        for key, array in problem.params.items():
            broken = array.copy()
            broken[..., 1] = bad
            place = (0, 1) if array.ndim == 2 else (1,)
            params = {**problem.params, key: broken}
            parts = f"{key} holds {bad} at {place}", "finite numbers expected"
            with refused(ValueError, *parts):
                unroll(cell, params, problem.x)
        x, state = problem.x.copy(), [array.copy() for array in problem.state]
        x[4, 1, 0] = state[-1][2, 3] = bad
        with refused(ValueError, f"x holds {bad} at (4, 1, 0)"):
            unroll(cell, problem.params, x)
        letter = "hc"[cell.states - 1]
        message = f"state {letter} holds {bad} at (2, 3)"
        with refused(ValueError, message):
            unroll(cell, problem.params, problem.x, tuple(state))


@cells
def test_a_missing_parameter_is_named(cell):
    problem = make(cell, 0)
    for key in cell.keys:
        params = {k: v for k, v in problem.params.items() if k != key}
        parts = str(cell), f"needs params {', '.join(cell.keys)}; {key} missing"
        with refused(KeyError, *parts):
            unroll(cell, params, problem.x)


@cells
def test_parameters_of_mixed_dtype_are_refused(cell):
    problem = make(cell, 0)
    for key in cell.keys:
        params = {**problem.params, key: problem.params[key].astype(np.float32)}
        parts = "one dtype, float32 or float64", f"{key} float32", "float64"
        with refused(TypeError, *parts):
            unroll(cell, params, problem.x)


@pytest.mark.parametrize("dtype", [int, np.float16, complex, object, "U3"])
def test_parameters_of_another_dtype_are_refused(dtype):
    problem = make(GRU(), 0)
    params = {key: value.astype(dtype) for key, value in problem.params.items()}
    parts = "one dtype, float32 or float64", f"W_hh {params['W_hh'].dtype}"
    with refused(TypeError, *parts):
        unroll(GRU(), params, problem.x)


@pytest.mark.parametrize("bad", [[[1.0]], 1.0, None, np.float64(1)], ids=repr)
def test_parameters_that_are_not_arrays_are_refused(bad):
    params = dict.fromkeys(("W_xh", "W_hh", "b_h"), bad)
    with refused(TypeError, f"got W_xh {type(bad).__name__}"):
        unroll(RNN(), params, np.ones((T, N, D)))


@pytest.mark.parametrize("bad", [None, [1.0], np.ones(3), "W_hh"], ids=repr)
def test_params_that_are_not_a_dict_are_refused(bad):
    message = f"params of RNN(activation='tanh') is a dict of arrays by name; got {type(bad).__name__}"
    with refused(TypeError, message):
        unroll(RNN(), bad, np.ones((T, N, D)))


@pytest.mark.parametrize(
    ("key", "shape", "expected"),
    [
        ("W_hh", (4, 12), "W_hh has shape (H = 4, 4H = 16); got (4, 12)"),
        ("W_hh", (16,), "W_hh has shape (H = 16, 4H = 64); got (16,)"),
        ("W_hh", (), "W_hh has shape (H = 0, 4H = 0); got ()"),
        ("W_hh", (0, 0), "W_xh has shape (D = 2, 4H = 0); got (2, 16)"),
        ("W_xh", (2, 15), "W_xh has shape (D = 2, 4H = 16); got (2, 15)"),
        ("W_xh", (0, 16), "D and H are at least 1; got W_xh (0, 16) and W_hh (4, 16)"),
        ("b_h", (16, 1), "b_h has shape (4H = 16); got (16, 1)"),
        ("b_h", (4,), "b_h has shape (4H = 16); got (4,)"),
    ],
)
def test_parameters_of_another_shape_are_refused(key, shape, expected):
    problem = make(LSTM(), 0)
    params = {**problem.params, key: np.ones(shape)}
    with refused(ValueError, expected):
        unroll(LSTM(), params, problem.x)


def test_the_recurrent_bias_of_another_shape_is_refused():
    problem = make(GRU(), 0)
    params = {**problem.params, "b_hn": np.ones(12)}
    with refused(ValueError, "b_hn has shape (H = 4); got (12,)"):
        unroll(GRU(), params, problem.x)


def test_parameters_of_another_cell_are_refused():
    gru, lstm, x = make(GRU(), 0), make(LSTM(), 0), np.ones((T, N, D))
    with refused(ValueError, "W_hh has shape (H = 4, 4H = 16); got (4, 12)"):
        unroll(LSTM(), gru.params, x)
    with refused(KeyError, "b_hn missing"):
        unroll(GRU(), lstm.params, x)


@pytest.mark.parametrize("bad", [RNN, LSTM, GRU, "lstm", None, {"W_xh": 1}], ids=repr)
def test_what_is_not_a_cell_is_refused(bad):
    problem = make(RNN(), 0)
    _, _, tape = problem.unroll()
    message = f"cell is an instance as RNN(), LSTM() or GRU(); got {bad!r}"
    with refused(TypeError, message):
        unroll(bad, problem.params, problem.x)
    with refused(TypeError, message):
        bptt(bad, problem.params, tape, problem.dh)
    with refused(TypeError, message):
        init_params(bad, D, H, np.random.default_rng(0))
    with refused(TypeError, f"layer is a cell, an instance as RNN(), LSTM() or GRU(), or a layer; got {bad!r}"):
        Model(bad)


def bad_states(cell):
    """States that do not fit, with the error and the message."""
    one, few, expected = np.zeros((N, H)), cell.states - 1, {1: "(h,)", 2: "(h, c)"}[cell.states]
    right = (one,) * cell.states
    number = f"of {cell} is a tuple {expected} of arrays (3, 4); got "
    yield one, ValueError, number + "ndarray"
    yield (one,) * few, ValueError, f"{number}{few} of them"
    yield (one,) * 3, ValueError, number + "3 of them"
    yield "h", ValueError, number + "str"
    for shape in ((H,), (N, H + 1), (1, N, H), (1, H)):
        yield (*right[1:], np.zeros(shape)), ValueError, f"has shape (N = 3, H = 4); got {shape}"
    yield (*right[1:], one.astype(int)), TypeError, "holds floating point numbers; got dtype int64"
    yield (*right[1:], None), TypeError, "holds floating point numbers; got dtype object"


@cells
def test_states_of_the_wrong_number_shape_or_dtype_are_refused(cell):
    problem = make(cell, 0)
    _, _, tape = problem.unroll()
    for state, error, message in bad_states(cell):
        with refused(error, "state", message):
            unroll(cell, problem.params, problem.x, state)
        with refused(error, "dstate", message):
            bptt(cell, problem.params, tape, problem.dh, state)


# --- bptt -----------------------------------------------------------------------------------------


@cells
@pytest.mark.parametrize("truncate", [0, -1, np.int64(-3)])
def test_truncation_below_one_is_refused(cell, truncate):
    problem = make(cell, 0)
    message = f"truncate is a whole number of at least 1; got {truncate}"
    with refused(ValueError, message):
        problem.bptt(truncate=truncate)


@pytest.mark.parametrize("truncate", [2.0, "2", True, [2], np.array([2])], ids=repr)
def test_truncation_that_is_not_a_whole_number_is_refused(truncate):
    message = f"truncate is a whole number; got {truncate!r}"
    with refused(TypeError, message):
        make(RNN(), 0).bptt(truncate=truncate)


@pytest.mark.parametrize("shape", [(), (T, N), (T - 1, N, H), (N, T, H), (T, N, H + 1), (1, N, H)])
def test_dh_of_another_shape_is_refused_though_it_might_broadcast(shape):
    problem = make(GRU(), 0)._replace(dh=np.ones(shape))
    with refused(ValueError, f"dh has shape (T = 6, N = 3, H = 4); got {shape}"):
        problem.bptt()


def test_dh_that_is_not_floating_point_is_refused():
    problem = make(GRU(), 0)
    for dh, given in ((np.ones((T, N, H), int), "int64"), ([[["1"]]], "<U1")):
        call = problem._replace(dh=dh).bptt
        with refused(TypeError, f"dh holds floating point numbers; got dtype {given}"):
            call()


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        (RNN(), LSTM()),
        (LSTM(), GRU()),
        (RNN("tanh"), RNN("relu")),
        (GRU("after"), GRU("before")),
        (GRU("before"), GRU("after")),
    ],
    ids=str,
)
def test_the_tape_of_another_cell_is_refused(recorded, asked):
    _, _, tape = make(recorded, 0).unroll()
    parts = "the tape was recorded by", str(recorded), f"got {asked}"
    with refused(ValueError, *parts):
        make(asked, 0).bptt(tape)
    with refused(ValueError, *parts):
        make(asked, 0).bptt(tape.part(0, T))


def test_the_tape_of_other_sizes_or_another_dtype_is_refused():
    for other, error, message in (
        (make(LSTM(), 0, D=3), ValueError, "tape.x has shape (T, N, D = 2); got (6, 3, 3)"),
        (
            make(LSTM(), 0, H=5),
            ValueError,
            "tape.gates has shape (G = 4, T = 6, N = 3, H = 4); got (4, 6, 3, 5)",
        ),
        (make(LSTM(), 0, T=5), ValueError, "dh has shape (T = 5, N = 3, H = 4); got (6, 3, 4)"),
        (make(LSTM(), 0, dtype=np.float32), TypeError, "recorded with float32 parameters; got float64"),
    ):
        _, _, tape = other.unroll()
        with refused(error, message):
            make(LSTM(), 0).bptt(tape)


@pytest.mark.parametrize("take", [0, 1], ids=["h in place of the tape", "state in place of the tape"])
def test_what_is_not_a_tape_is_refused(take):
    problem = make(RNN(), 0)
    given = problem.unroll()[take]
    message = f"tape is the Tape that unroll returned third; got {type(given).__name__}"
    with refused(TypeError, message):
        bptt(RNN(), problem.params, given, problem.dh)


# --- options, sizes, starts -----------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["tahn", "Tanh", None, 1, ["tanh"], np.array(["tanh", "relu"])], ids=repr)
def test_unknown_options_are_refused_and_the_known_ones_listed(bad):
    rng = np.random.default_rng(0)
    for call, known in (
        (lambda: RNN(bad), "activation is one of 'tanh', 'relu', 'sigmoid', 'identity'"),
        (lambda: GRU(reset=bad), "reset is one of 'after', 'before'"),
        (lambda: Model(RNN(), loss=bad), "loss is one of 'softmax', 'logistic', 'squared'"),
        (lambda: Model(RNN(), steps=bad), "steps is one of 'last', 'every'"),
        (
            lambda: init_params(RNN(), D, H, rng, recurrent=bad),
            "recurrent is one of 'orthogonal', 'uniform', 'identity', 'gaussian'",
        ),
    ):
        with refused(ValueError, f"{known}; got {bad!r}"):
            call()


def test_an_lstm_has_no_option_to_mistake():
    with pytest.raises(TypeError):
        LSTM("tanh")


@pytest.mark.parametrize("name", ["input_size", "hidden_size"])
def test_sizes_of_a_start_are_whole_numbers_from_one(name):
    def call(size):
        sizes = {"input_size": D, "hidden_size": H, name: size}
        return lambda: init_params(RNN(), rng=np.random.default_rng(0), **sizes)

    for size in (0, -1):
        with refused(ValueError, f"{name} is a whole number of at least 1; got {size}"):
            call(size)()
    for size in (2.0, "3", None, True):
        with refused(TypeError, f"{name} is a whole number; got {size!r}"):
            call(size)()


@pytest.mark.parametrize("bad", [0, None, np.random, np.random.RandomState(0)], ids=str)
def test_randomness_comes_in_as_a_generator(bad):
    parts = "rng is a Generator, as np.random.default_rng(0) gives", f"got {type(bad).__name__}"
    with refused(TypeError, *parts):
        init_params(RNN(), D, H, bad)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"gain": -1}, ValueError, "gain is a finite number of at least 0; got -1"),
        ({"gain": np.nan}, ValueError, "gain is a finite number of at least 0; got nan"),
        ({"gain": "1"}, TypeError, "gain is a number; got '1'"),
        ({"input_scale": np.inf}, ValueError, "input_scale is a finite number of at least 0; got inf"),
        ({"gate_bias": "chrono"}, TypeError, "gate_bias is a number; got 'chrono'"),
        ({"gate_bias": np.nan}, ValueError, "gate_bias is a finite number"),
        ({"dtype": int}, TypeError, "dtype is float32 or float64; got int"),
        ({"dtype": np.float16}, TypeError, "dtype is float32 or float64; got float16"),
    ],
)
def test_settings_of_a_start_out_of_range_are_refused(options, error, message):
    with refused(error, message):
        init_params(LSTM(), D, H, np.random.default_rng(0), **options)


@pytest.mark.parametrize("gate_bias", [0.0, 1, Chrono(10)], ids=repr)
def test_a_gate_bias_for_a_cell_without_gates_is_refused(gate_bias):
    with refused(ValueError, "RNN(activation='tanh') has no gate", f"got {gate_bias!r}"):
        init_params(RNN(), D, H, np.random.default_rng(0), gate_bias=gate_bias)


@pytest.mark.parametrize("t_max", [2, 1.5, -3, np.nan])
def test_chrono_needs_more_than_two_steps(t_max):
    with refused(ValueError, f"t_max is a finite number above 2; got {t_max}"):
        Chrono(t_max)


@pytest.mark.parametrize(
    ("W", "error", "message"),
    [
        (np.ones((3, 4)), ValueError, "W has shape (H, H), H at least 1; got (3, 4)"),
        (np.ones(3), ValueError, "got (3,)"),
        (np.ones(()), ValueError, "got ()"),
        (np.ones((0, 0)), ValueError, "got (0, 0)"),
        (np.eye(3, dtype=int), TypeError, "W holds floating point numbers; got dtype int64"),
        (np.diag([1.0, np.nan]), ValueError, "W holds nan at (1, 1)"),
    ],
)
def test_matrices_without_a_spectral_radius_are_refused(W, error, message):
    with refused(error, message):
        spectral_radius(W)
    with refused(error, message):
        set_spectral_radius(W, 0.9)


def test_a_spectral_radius_that_no_factor_gives_is_refused():
    with refused(ValueError, "only zero eigenvalues"):
        set_spectral_radius(np.array([[0.0, 1.0], [0.0, 0.0]]), 0.9)
    with refused(ValueError, "rho is a finite number of at least 0; got -1"):
        set_spectral_radius(np.eye(2), -1)


# --- layers ---------------------------------------------------------------------------------------

READOUT = {"W_hy": np.ones((H, 5)), "b_y": np.ones(5)}
EMBEDDING = {"E": np.ones((7, D))}


@pytest.mark.parametrize(
    ("tokens", "error", "message"),
    [
        ([0, 7], ValueError, "tokens are from 0 to 6; got 0 to 7"),
        ([-1, 2], ValueError, "tokens are from 0 to 6; got -1 to 2"),
        ([0.0, 1.0], TypeError, "tokens are whole numbers; got dtype float64"),
        ([True], TypeError, "tokens are whole numbers; got dtype bool"),
        ("abc", TypeError, "tokens are whole numbers; got dtype <U3"),
        ([[1], [1, 2]], ValueError, "tokens is one array; got lists of unequal length"),
    ],
)
def test_tokens_that_are_none_are_refused(tokens, error, message):
    with refused(error, message):
        one_hot(tokens, 7)
    with refused(error, message):
        embed(EMBEDDING, tokens)
    with refused(error, message):
        embed_backward(EMBEDDING, tokens, np.ones((2, D)))


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({}, KeyError, "the embedding needs params E; E missing"),
        ({"E": np.ones(7)}, ValueError, "E has shape (V, D); got (7,)"),
        ({"E": np.ones((7, 2), int)}, TypeError, "float32 or float64; got E int64"),
        ({"E": np.full((7, 2), np.nan)}, ValueError, "E holds nan at (0, 0)"),
    ],
)
def test_embeddings_that_do_not_fit_are_refused(params, error, message):
    with refused(error, message):
        embed(params, [0, 1])
    with refused(error, message):
        embed_backward(params, [0, 1], np.ones((2, D)))


@pytest.mark.parametrize("tokens", [[0, 1], [[0, 1], [1, 0]]])
def test_embedding_gradients_of_another_shape_are_refused(tokens):
    shape = (*np.shape(tokens), D + 1)
    expected = f"dx has shape ({', '.join(map(str, np.shape(tokens)))}, D = 2); got {shape}"
    with refused(ValueError, expected):
        embed_backward(EMBEDDING, tokens, np.ones(shape))


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"W_hy": READOUT["W_hy"]}, KeyError, "the readout needs params W_hy, b_y; b_y missing"),
        ({**READOUT, "b_y": np.ones(1)}, ValueError, "b_y has shape (K = 5); got (1,)"),
        ({**READOUT, "W_hy": np.ones(4)}, ValueError, "W_hy has shape (H, K); got (4,)"),
        (
            {**READOUT, "b_y": np.ones(5, np.float32)},
            TypeError,
            "one dtype, float32 or float64; got W_hy float64, b_y",
        ),
        ({**READOUT, "b_y": np.full(5, np.inf)}, ValueError, "b_y holds inf at (0,)"),
    ],
)
def test_readouts_that_do_not_fit_are_refused(params, error, message):
    with refused(error, message):
        readout(params, np.ones((T, N, H)))
    with refused(error, message):
        readout_backward(params, np.ones((T, N, H)), np.ones((T, N, 5)))


@pytest.mark.parametrize(
    ("h", "error", "message"),
    [
        (np.ones((T, N, 5)), ValueError, "h has shape (..., H = 4) for this W_hy; got (6, 3, 5)"),
        (np.ones((T, 8)), ValueError, "h has shape (..., H = 4) for this W_hy; got (6, 8)"),
        (np.ones(()), ValueError, "got ()"),
        (np.ones((T, H), int), TypeError, "h holds floating point numbers; got dtype int64"),
    ],
)
def test_hidden_states_that_do_not_fit_the_readout_are_refused(h, error, message):
    with refused(error, message):
        readout(READOUT, h)
    with refused(error, message):
        readout_backward(READOUT, h, np.ones((*h.shape[:-1], 5)))


def test_output_gradients_of_another_shape_are_refused():
    with refused(ValueError, "dy has shape (6, 3, K = 5); got (6, 1, 5)"):
        readout_backward(READOUT, np.ones((T, N, H)), np.ones((T, 1, 5)))


# --- losses ---------------------------------------------------------------------------------------

ELEMENTWISE = (binary_cross_entropy, squared_error)


@pytest.mark.parametrize("bad", [np.ones((2, 3), int), np.ones((2, 3), object), [[1, 2, 3]], "abc"], ids=repr)
def test_integer_outputs_are_refused_instead_of_rounding_the_loss_to_zero(bad):
    given = f"holds floating point numbers; got dtype {np.asarray(bad).dtype}"
    with refused(TypeError, "logits", given):
        softmax(bad)
    with refused(TypeError, "logits", given):
        softmax_cross_entropy(bad, [0, 1])
    for loss in ELEMENTWISE:
        with refused(TypeError, given):
            loss(bad, np.ones((2, 3)))


@pytest.mark.parametrize("shape", [(), (3,), (2, 1), (3, 2), (2, 3, 1)])
def test_targets_and_masks_of_another_shape_are_refused_though_they_might_broadcast(shape):
    y, wrong = np.zeros((2, 3)), np.ones(shape, bool)
    given = f"has shape (2, 3); got {shape}"
    for loss in ELEMENTWISE:
        with refused(ValueError, f"targets {given}"):
            loss(y, wrong)
        with refused(ValueError, f"mask {given}"):
            loss(y, y, wrong)
    logits, classes = np.zeros((2, 3, 4)), np.zeros((2, 3), int)
    with refused(ValueError, f"targets {given}"):
        softmax_cross_entropy(logits, wrong.astype(int))
    with refused(ValueError, f"mask {given}"):
        softmax_cross_entropy(logits, classes, wrong)


@pytest.mark.parametrize(
    ("targets", "error", "message"),
    [
        ([0, 4], ValueError, "targets are from 0 to 3; got 0 to 4"),
        ([-1, 0], ValueError, "targets are from 0 to 3; got -1 to 0"),
        ([0.0, 1.0], TypeError, "targets are whole numbers; got dtype float64"),
        ([[0], [0, 1]], ValueError, "targets is one array; got lists of unequal length"),
    ],
)
def test_classes_that_are_none_are_refused(targets, error, message):
    with refused(error, message):
        softmax_cross_entropy(np.zeros((2, 4)), targets)


def test_logits_without_classes_are_refused():
    with refused(ValueError, "logits have shape (..., V)"):
        softmax_cross_entropy(np.array(1.0), 0)
    with refused(ValueError, "logits have shape (..., V)", "got (2, 0)"):
        softmax_cross_entropy(np.zeros((2, 0)), [0, 0])
    with refused(ValueError, "logits have shape (..., V)", "got (2, 0)"):
        softmax(np.zeros((2, 0)))
    with refused(ValueError, "logits have shape (..., V)", "got ()"):
        softmax(np.array(1.0))


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_targets_that_are_no_numbers_are_refused(loss):
    y = np.zeros(2)
    with refused(ValueError, "targets holds nan at (1,)"):
        loss(y, [0.5, np.nan])
    for bad, given in ((["a", "b"], "<U1"), ([None, 1], "object"), ([1j, 0], "complex128")):
        with refused(TypeError, f"targets are numbers; got dtype {given}"):
            loss(y, bad)


def test_probabilities_outside_zero_to_one_are_refused():
    with refused(ValueError, "targets are from 0 to 1; got 0.0 to 1.5"):
        binary_cross_entropy(np.zeros(2), [0, 1.5])
    with refused(ValueError, "targets are from 0 to 1; got -1.0 to 1.0"):
        binary_cross_entropy(np.zeros(2), [-1, 1])


def test_a_mean_over_nothing_is_refused():
    for loss in ELEMENTWISE:
        with refused(ValueError, "no entry counts"):
            loss(np.zeros(2), [0, 1], [False, False])
        with refused(ValueError, "no entry counts"):
            loss(np.zeros((0, 2)), np.zeros((0, 2)))
    with refused(ValueError, "no entry counts"):
        softmax_cross_entropy(np.zeros((2, 3)), [0, 1], [False, False])


@pytest.mark.parametrize("mask", [[1, 0], [1.0, 0.0], ["a", "b"]])
def test_masks_are_boolean(mask):
    given = f"mask holds True where an entry counts; got dtype {np.asarray(mask).dtype}"
    for loss in ELEMENTWISE:
        with refused(TypeError, given):
            loss(np.zeros(2), [0, 1], mask)


# --- model ----------------------------------------------------------------------------------------


def model_and_params(reads="numbers", **options):
    model = Model(GRU(), **options)
    size = 2 if reads == "embedding" else None
    return model, model.init_params(4, H, 5, np.random.default_rng(0), embedding_size=size)


def test_every_parameter_of_a_model_is_asked_for():
    x, y = np.ones((T, N, 4)), np.ones((N, 5))
    for key in ("W_xh", "W_hh", "b_h", "b_hn", "W_hy", "b_y"):
        model, params = model_and_params()
        params.pop(key)
        for call in (lambda: model.predict(params, x), lambda: model.gradients(params, Batch(x, y))):  # noqa: B023
            with refused(KeyError, "Model(layer=GRU(", f"{key} missing"):
                call()


def test_parameters_of_mixed_dtype_are_refused_across_the_whole_model():
    for key in ("W_hh", "W_hy", "b_y", "E"):
        model, params = model_and_params("embedding")
        params[key] = params[key].astype(np.float32)
        parts = "one dtype, float32 or float64", f"{key} float32"
        with refused(TypeError, *parts):
            model.predict(params, np.zeros((T, N), int))


def test_not_a_number_anywhere_in_a_model_is_refused():
    for key in ("W_xh", "W_hh", "b_h", "b_hn", "W_hy", "b_y", "E"):
        model, params = model_and_params("embedding")
        params[key][...] = np.nan
        with refused(ValueError, f"{key} holds nan at"):
            model.predict(params, np.zeros((T, N), int))


def test_batches_that_do_not_fit_are_refused():
    model, params = model_and_params()
    x, y = np.ones((T, N, 4)), np.ones((N, 5))
    for batch, error, message in (
        ((x, y), TypeError, "batch is a Batch(x, y, mask); got tuple"),
        (Batch(x, np.ones(N)), ValueError, "targets has shape (3, 5); got (3,)"),
        (Batch(x, np.ones((T, N, 5))), ValueError, "targets has shape (3, 5); got (6, 3, 5)"),
        (Batch(x, y, np.ones(N, bool)), ValueError, "mask has shape (3, 5); got (3,)"),
        (Batch(x[:, 0], y), ValueError, "add the batch axis"),
        (Batch(x[..., :3], y), ValueError, "x has shape (T, N, D = 4); got (6, 3, 3)"),
        (Batch(x.astype(int), y), ValueError, "tokens have shape (T, N); got (6, 3, 4)"),
        (Batch(np.full((T, N), 4), y), ValueError, "tokens are from 0 to 3; got 4 to 4"),
        (Batch(np.zeros(T, int), y), ValueError, "tokens have shape (T, N); got (6,)"),
        (Batch("hello", y), TypeError, "x holds floating point numbers; got dtype <U5"),
    ):
        with refused(error, message):
            model.gradients(params, batch)


def test_numbers_for_a_model_with_an_embedding_are_refused():
    model, params = model_and_params("embedding")
    with refused(TypeError, "tokens are whole numbers; got dtype float64"):
        model.predict(params, np.ones((T, N)))
    with refused(ValueError, "tokens have shape (T, N); got (6, 3, 4)"):
        model.predict(params, np.ones((T, N, 4)))


@pytest.mark.parametrize("name", ["input_size", "hidden_size", "output_size", "embedding_size"])
def test_sizes_of_a_model_are_whole_numbers_from_one(name):
    def call(size):
        sizes = {"input_size": 4, "hidden_size": H, "output_size": 5, "embedding_size": 2, name: size}
        return lambda: Model(RNN()).init_params(rng=np.random.default_rng(0), **sizes)

    for size in (0, -2):
        with refused(ValueError, f"{name} is a whole number of at least 1; got {size}"):
            call(size)()
    with refused(TypeError, f"{name} is a whole number; got 2.5"):
        call(2.5)()


def test_states_and_truncation_are_checked_through_the_model():
    model, params = model_and_params(steps="every")
    batch = Batch(np.ones((T, N, 4)), np.ones((T, N, 5)))
    with refused(ValueError, "truncate is a whole number of at least 1; got 0"):
        model.gradients(params, batch, truncate=0)
    with refused(ValueError, "state of GRU(reset='after') is a tuple (h,)"):
        model.gradients(params, batch, state=np.zeros((N, H)))


def test_messages_never_show_numpy_scalars_as_their_repr():
    with refused(ValueError, "got 0"):
        make(RNN(), 0).bptt(truncate=np.int64(0))
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        init_params(RNN(), D, H, np.random.default_rng(0), gain=np.float64(-1))
    assert not re.search(r"np\.", str(caught.value))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_whose_squares_overflow_are_finite(dtype):
    large = np.full((2, 3), np.finfo(dtype).max)
    check_finite("x", large)
    check_finite("x", large[:, ::2])
    for bad in (np.nan, np.inf, -np.inf):
        large[1, 2] = bad
        with refused(ValueError, f"x holds {bad} at (1, 2)"):
            check_finite("x", large)
