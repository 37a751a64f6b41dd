"""Laws of the gradient check: it passes what is right and names what is wrong."""

import numpy as np
import pytest

from rnnbook import GRU, LSTM, RNN, Batch, Model, gradcheck
from rnnbook.lab.gradients import numerical_gradient


def problem(cell, dtype=np.float64):
    rng = np.random.default_rng(0)
    model = Model(cell, "squared", "every")
    params = model.init_params(3, 4, 2, rng, dtype=dtype)
    batch = Batch(rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 2)))

    def f(p):
        step = model.gradients(p, batch)
        return step.loss, step.params

    return f, params


@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU(), GRU("before")], ids=repr)
def test_right_gradients_pass(cell):
    f, params = problem(cell)
    assert gradcheck(f, params).error < 1e-8


@pytest.mark.parametrize("key", ["W_xh", "W_hh", "b_h", "W_hy", "b_y"])
def test_a_wrong_gradient_is_found_and_named(key):
    f, params = problem(LSTM())

    def wrong(p):
        loss, grads = f(p)
        return loss, {**grads, key: 1.5 * grads[key]}

    check = gradcheck(wrong, params)
    assert check.error > 1e-3
    assert check.worst == key
    assert key in str(check)
    assert check.error == pytest.approx(np.sqrt(sum(e**2 for e in check.errors.values())))


def test_float32_is_too_coarse_to_check_in():
    f, params = problem(RNN(), np.float32)
    assert gradcheck(f, params).error > 1e-4
    assert gradcheck(*problem(RNN())).error < 1e-8


def test_the_parameters_are_left_alone():
    f, params = problem(GRU())
    before = {key: value.tobytes() for key, value in params.items()}
    gradcheck(f, params)
    assert {key: value.tobytes() for key, value in params.items()} == before


def test_the_difference_is_exact_for_a_parabola():
    g = numerical_gradient(lambda p: float((p["a"] ** 2).sum()), {"a": np.array([[1.0, -2.0]])}, eps=0.5)
    np.testing.assert_allclose(g["a"], [[2.0, -4.0]])


def test_bad_functions_are_named():
    one = {"a": np.ones(2)}
    with pytest.raises(KeyError, match="a missing"):
        gradcheck(lambda p: (1.0, {}), one)
    with pytest.raises(ValueError, match=r"gradient of a has shape"):
        gradcheck(lambda p: (1.0, {"a": np.ones(3)}), one)
    with pytest.raises(ValueError, match="zero everywhere"):
        gradcheck(lambda p: (1.0, {"a": np.ones(2)}), one)
    with pytest.raises(ValueError, match="eps"):
        gradcheck(lambda p: (1.0, {"a": np.ones(2)}), one, eps=0)
