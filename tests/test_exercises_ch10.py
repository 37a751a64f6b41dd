"""Chapter 10's exercises: other right answers pass, and the solutions are the package's and both frameworks' own."""

import os

import numpy as np
import pytest

from rnnbook import GRU, LSTM, RNN, Adam, Both, Recurrent, Stack, unroll
from rnnbook.exercises import ch10, check
from rnnbook.exercises.checking import SEED
from rnnbook.nn import from_keras, from_torch, to_keras, to_torch

CELLS = {"RNN": RNN(), "LSTM": LSTM(), "GRU": GRU()}


def named(name, function):
    """The function as if a reader had called it so."""
    function.__name__ = name
    return function


def cases(exercise, seed=SEED):
    return exercise.cases(np.random.default_rng(seed))


def by_einsum(state_dict):
    return {
        "b_h": sum(array for name, array in state_dict.items() if name.startswith("bias")),
        "W_hh": np.einsum("hk->kh", state_dict["weight_hh_l0"]),
        "W_xh": np.einsum("hd->dh", state_dict["weight_ih_l0"]),
    }


def by_index(state_dict):
    H = len(state_dict["bias_ih_l0"]) // 3
    order = np.r_[H : 2 * H, :H, 2 * H : 3 * H]
    ih, hh = (state_dict[f"{kind}_l0"][order] for kind in ("weight_ih", "weight_hh"))
    bias = np.vstack([state_dict["bias_ih_l0"][order], state_dict["bias_hh_l0"][order]])
    return {"kernel": ih.T, "recurrent_kernel": hh.T, "bias": bias}


def by_package(state_dict):
    """Through the book's names: right but for the biases, which the book adds."""
    arrays = to_keras(GRU(), from_torch(GRU(), state_dict))
    return dict(zip(("kernel", "recurrent_kernel", "bias"), arrays, strict=True))


def by_rows(state_dict, value):
    new = {name: array.copy() for name, array in state_dict.items()}
    new["bias_ih_l0"].reshape(4, -1)[1] = value
    new["bias_hh_l0"].reshape(4, -1)[1] = 0
    return new


def by_steps(there, back):
    T = len(there)
    return np.stack([np.concatenate([there[t], back[T - 1 - t]], axis=1) for t in range(T)], axis=1)


def by_eps_of_pytorch(p, g, m, v, t, lr, eps):
    """PyTorch's step with an eps that is larger by the correction's root."""
    m, v = m + 0.1 * (g - m), v + 0.001 * (g**2 - v)
    corrected = np.sqrt(v / (1 - 0.999**t)) + eps / np.sqrt(1 - 0.999**t)
    return {"p": p - lr * m / (1 - 0.9**t) / corrected, "m": m, "v": v}


def by_sizes(shapes):
    """By how many numbers there are, and how many arrays have one axis."""
    keras = len(shapes) % 3 == 0 and all(len(shape) == 2 for shape in shapes[::3])
    (first, second), (H, wide), each = shapes[0], sorted(shapes[1]), 3 if keras else 4
    reading_input = sum(shape == shapes[0] for shape in shapes[::each])
    return {
        "directions": reading_input,
        "layers": len(shapes) // (each * reading_input),
        "D": first if keras else second,
        "H": H,
        "biases": int(np.prod(shapes[2])) // wide if keras else 2,
        "cell": {1: "RNN", 3: "GRU", 4: "LSTM"}[wide // H],
        "framework": "Keras" if keras else "PyTorch",
    }


OTHERS = {
    "rnn_from_pytorch": [by_einsum, lambda state_dict: from_torch(RNN(), state_dict)],
    "gru_to_keras": [by_index],
    "set_forget_bias": [by_rows],
    "bidirectional_output": [by_steps],
    "keras_adam": [by_eps_of_pytorch],
    "read_shapes": [by_sizes],
}


@pytest.mark.parametrize(("name", "k"), [(name, k) for name, others in OTHERS.items() for k in range(len(others))])
def test_a_right_answer_may_be_written_in_another_way(name, k):
    assert check(named(name, OTHERS[name][k])).message.startswith("correct: ")


def test_every_exercise_has_another_right_answer_and_six_mistakes():
    assert list(OTHERS) == [exercise.name for exercise in ch10.EXERCISES]
    assert min(len(exercise.mistakes) for exercise in ch10.EXERCISES) >= 6


def equal(found, right):
    """Are two answers the same in form and in every number?"""
    if isinstance(right, dict):
        return found.keys() == right.keys() and all(equal(found[key], right[key]) for key in right)
    if isinstance(right, str):
        return found == right
    return np.shape(found) == np.shape(right) and np.allclose(found, right, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("exercise", ch10.EXERCISES, ids=lambda exercise: exercise.name)
def test_every_mistake_is_wrong_on_a_case_and_no_two_are_the_same(exercise):
    drawn = cases(exercise)
    with np.errstate(all="ignore"):
        answers = {hint: [wrong(*args) for args in drawn] for hint, wrong in exercise.mistakes.items()}
    answers["right"] = [exercise.solution(*args) for args in drawn]
    hints = list(answers)
    for k, one in enumerate(hints):
        for other in hints[k + 1 :]:
            assert not all(map(equal, answers[one], answers[other])), (one, other)


@pytest.mark.parametrize(
    ("exercise", "said"),
    [
        ("rnn_from_pytorch", "transposed: "),
        ("gru_to_keras", "blocks permuted: "),
        ("rnn_from_pytorch", "bias added twice: "),
        ("gru_to_keras", "bias added twice: "),
        ("set_forget_bias", "forget bias 2: "),
        ("bidirectional_output", "backward half reversed in time: "),
    ],
)
def test_the_mistakes_that_readers_of_both_frameworks_make_are_named(exercise, said):
    (found,) = (e for e in ch10.EXERCISES if e.name == exercise)
    hints = [hint for hint in found.mistakes if hint.startswith(said)]
    assert len(hints) == 1
    assert check(named(exercise, lambda *args: found.mistakes[hints[0]](*args))).message == hints[0]


# --- the solutions are what the package computes --------------------------------------------------


def test_an_rnn_of_pytorchs_layout_is_the_packages():
    for (state_dict,) in cases(ch10.RNN_FROM_PYTORCH):
        assert equal(ch10.rnn_from_pytorch(state_dict), from_torch(RNN(), state_dict))
        assert equal(
            ch10.rnn_from_pytorch(to_torch(RNN(), from_torch(RNN(), state_dict))), from_torch(RNN(), state_dict)
        )


def test_a_gru_carried_from_one_framework_to_the_other_is_the_same_in_the_book():
    for (state_dict,) in cases(ch10.GRU_TO_KERAS):
        here, there = from_torch(GRU(), state_dict), from_keras(GRU(), list(ch10.gru_to_keras(state_dict).values()))
        assert equal(there, here)


def test_biases_of_z_and_r_may_be_added_but_that_is_not_what_was_asked():
    verdict = check(named("gru_to_keras", by_package))
    assert verdict.message.startswith("the biases of z and r are added in row 0: the outputs are right")


def test_outputs_are_right_where_a_hint_says_so():
    rng = np.random.default_rng(0)
    for exercise, cell, read in (
        (ch10.RNN_FROM_PYTORCH, RNN(), lambda cell, params: params),
        (ch10.SET_FORGET_BIAS, LSTM(), from_torch),
        (ch10.GRU_TO_KERAS, GRU(), lambda cell, arrays: from_keras(cell, list(arrays.values()))),
    ):
        args = cases(exercise)[0]
        right = read(cell, exercise.solution(*args))
        x = rng.normal(size=(5, 3, len(right["W_xh"])))
        h = unroll(cell, right, x)[0].copy()
        for hint, wrong in exercise.mistakes.items():
            found = wrong(*args)
            try:
                same = np.allclose(unroll(cell, read(cell, found), x)[0], h)
            except (KeyError, ValueError):  # the arrays do not fit
                same = False
            assert same == ("the outputs are right" in hint), hint


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5])
def test_the_forget_gate_has_the_bias_in_total_and_nothing_else_moves(value):
    for state_dict, _ in cases(ch10.SET_FORGET_BIAS):
        before = from_torch(LSTM(), state_dict)
        after = from_torch(LSTM(), ch10.set_forget_bias(state_dict, value))
        i, _, g, o = np.split(before["b_h"], 4)
        assert equal(after, before | {"b_h": np.concatenate([i, np.full_like(i, value), g, o])})


def test_both_ways_in_one_array_are_the_packages():
    layer, rng = Both(Recurrent(LSTM(), 3)), np.random.default_rng(1)
    params, x = layer.init(2, rng), rng.normal(size=(6, 4, 2))
    ways = (
        {key.removeprefix(way): a for key, a in params.items() if key.startswith(way)} for way in ("there.", "back.")
    )
    there, back = (unroll(LSTM(), p, turned)[0].copy() for p, turned in zip(ways, (x, x[::-1]), strict=True))
    expected = layer.forward(params, x)[0].swapaxes(0, 1)
    np.testing.assert_allclose(ch10.bidirectional_output(there, back), expected, rtol=1e-12)


def test_keras_step_is_the_books_with_an_eps_that_shrinks_to_the_one_given():
    rng = np.random.default_rng(2)
    p, eps, kept = rng.normal(size=6), 0.01, (np.zeros(6), np.zeros(6))
    for t in range(1, 30):
        g = rng.normal(size=6)
        optimiser = Adam(lr=0.1, eps=eps / np.sqrt(1 - 0.999**t))
        optimiser.steps["p"], optimiser.shapes["p"] = t - 1, (6,)
        optimiser.memory["p"] = tuple(mean.copy() for mean in kept)
        params = {"p": p.copy()}
        optimiser.step(params, {"p": g})
        found = ch10.keras_adam(p, g, *kept, t, 0.1, eps)
        np.testing.assert_allclose(found["p"], params["p"], rtol=1e-12)
        p, kept = found["p"], (found["m"], found["v"])


@pytest.mark.parametrize("seed", range(4))
def test_shapes_are_those_of_the_packages_twins(seed):
    """Drawn networks of every kind: what is read is what was made."""
    rng = np.random.default_rng(seed)
    for name, cell in CELLS.items():
        for layers, ways in ((1, 1), (1, 2), (2, 1), (3, 2)):
            H = int(rng.integers(1, 7))
            D = int(rng.choice([n for n in range(1, 20) if n not in (H, 2 * H, 3 * H, 4 * H)]))
            stack = Stack([Both(Recurrent(cell, H)) if ways == 2 else Recurrent(cell, H)] * layers)
            params = stack.init(D, rng)
            size = {"cell": name, "D": D, "H": H, "layers": layers, "directions": ways}
            pytorch = [array.shape for array in to_torch(stack, params).values()]
            assert ch10.read_shapes(pytorch) == {"framework": "PyTorch", "biases": 2} | size
            keras = [array.shape for array in to_keras(stack, params)]
            assert ch10.read_shapes(keras) == {"framework": "Keras", "biases": 2 if name == "GRU" else 1} | size
            assert keras == ch10.shapes_of("Keras", name, D, H, 2 if name == "GRU" else 1, layers, ways)
            assert pytorch == ch10.shapes_of("PyTorch", name, D, H, 2, layers, ways)


def test_a_wrong_text_is_shown_and_a_number_in_its_place_is_refused():
    def answers(**instead):
        return named("read_shapes", lambda shapes: ch10.read_shapes(shapes) | instead)

    assert check(answers(framework=3)).message == "returned int of framework; expected a text (str)"
    assert check(answers(D="3")).message == "returned str of D; expected a whole number (int)"
    message = check(answers(framework="Theano")).message
    assert message.startswith("differs for shapes = [(")
    assert ": yours of framework is Theano, expected " in message
    assert check(answers(framework=np.array("Keras"))).message.startswith("differs for shapes = [(")


def test_a_list_that_is_changed_in_place_is_seen():
    def read_shapes(shapes):
        found = ch10.read_shapes(shapes)
        shapes.pop()
        return found

    assert check(read_shapes).message.startswith("changed its arguments in place: shapes")


# --- live, where the frameworks are installed -----------------------------------------------------


def test_the_book_computes_with_them_what_pytorch_computes():
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    net, x = torch.nn.RNN(3, 4, dtype=torch.float64), np.random.default_rng(3).normal(size=(5, 2, 3))
    params = ch10.rnn_from_pytorch({name: array.detach().numpy() for name, array in net.state_dict().items()})
    found = unroll(RNN(), params, x)[0]
    np.testing.assert_allclose(found, net(torch.from_numpy(x))[0].detach().numpy(), rtol=1e-12)


def test_pytorchs_bidirectional_output_is_that_of_two_runs():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net = torch.nn.GRU(3, 4, bidirectional=True, batch_first=True, dtype=torch.float64)
    x = np.random.default_rng(4).normal(size=(5, 2, 3))
    arrays = {name: array.detach().numpy() for name, array in net.state_dict().items()}
    params = from_torch(Both(Recurrent(GRU(), 4)), arrays)
    ways = (
        {key.removeprefix(way): a for key, a in params.items() if key.startswith(way)} for way in ("there.", "back.")
    )
    there, back = (unroll(GRU(), p, turned)[0].copy() for p, turned in zip(ways, (x, x[::-1]), strict=True))
    found = net(torch.from_numpy(x.swapaxes(0, 1).copy()))[0].detach().numpy()
    np.testing.assert_allclose(ch10.bidirectional_output(there, back), found, rtol=1e-11)


def installed_keras():
    """Keras on PyTorch, or a test that is skipped."""
    pytest.importorskip("torch")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    return pytest.importorskip("keras")


def test_keras_computes_with_the_three_arrays_what_pytorch_computes_with_the_four():
    keras = installed_keras()
    import torch

    torch.manual_seed(1)
    net, layer = torch.nn.GRU(3, 4, batch_first=True), keras.layers.GRU(4, return_sequences=True)
    x = np.random.default_rng(5).normal(size=(2, 5, 3)).astype(np.float32)
    layer.build(x.shape)
    arrays = ch10.gru_to_keras({name: array.detach().numpy() for name, array in net.state_dict().items()})
    assert [tuple(weight.shape) for weight in layer.weights] == [array.shape for array in arrays.values()]
    layer.set_weights(list(arrays.values()))
    here, there = layer(x).detach().cpu().numpy(), net(torch.from_numpy(x))[0].detach().numpy()
    np.testing.assert_allclose(here, there, atol=1e-6)


def test_keras_adam_is_keras_and_the_hint_of_pytorchs_is_pytorchs():
    keras = installed_keras()
    import torch

    (pytorchs,) = (wrong for hint, wrong in ch10.KERAS_ADAM.mistakes.items() if hint.startswith("PyTorch's step"))
    rng = np.random.default_rng(6)
    start, gradients = rng.normal(size=5), rng.normal(size=(4, 5))
    variable, tensor = keras.Variable(start, dtype="float64"), torch.nn.Parameter(torch.from_numpy(start.copy()))
    theirs = keras.optimizers.Adam(0.1, epsilon=0.05), torch.optim.Adam([tensor], lr=0.1, eps=0.05)
    mine = [{"p": start, "m": np.zeros(5), "v": np.zeros(5)} for _ in range(2)]
    for t, g in enumerate(gradients, start=1):
        theirs[0].apply([keras.ops.convert_to_tensor(g, "float64")], [variable])
        tensor.grad = torch.from_numpy(g)
        theirs[1].step()
        mine = [
            step(old["p"], g, old["m"], old["v"], t, 0.1, 0.05)
            for step, old in zip((ch10.keras_adam, pytorchs), mine, strict=True)
        ]
        np.testing.assert_allclose(mine[0]["p"], variable.value.detach().cpu().numpy(), rtol=1e-6)
        np.testing.assert_allclose(mine[1]["p"], tensor.detach().numpy(), rtol=1e-12)
    assert np.abs(mine[0]["p"] - mine[1]["p"]).max() > 1e-2


@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_pytorchs_two_biases_never_part_further_than_they_were_drawn(kind):
    torch = pytest.importorskip("torch")
    torch.manual_seed(2)
    net = getattr(torch.nn, kind)(3, 4, dtype=torch.float64)
    start = net.bias_ih_l0.detach().clone(), net.bias_hh_l0.detach().clone()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(50):
        optimiser.zero_grad()
        (net(torch.randn(6, 2, 3, dtype=torch.float64))[0] ** 2).sum().backward()
        optimiser.step()
    moved = (net.bias_ih_l0.detach() - start[0]).abs().max()
    apart = net.bias_ih_l0.detach() - net.bias_hh_l0.detach() - (start[0] - start[1])
    assert moved > 0.1
    assert apart.abs().max() < 1e-12
