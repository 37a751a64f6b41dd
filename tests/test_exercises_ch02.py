"""Chapter 02's exercises: other right answers pass, and a network is judged by what it says."""

import numpy as np
import pytest

from rnnbook import GRU, LSTM, RNN, Model, softmax, softmax_cross_entropy, unroll
from rnnbook.exercises import ch02, check, judge
from tests.problems import make


def named(name, function):
    """The function as if a reader had called it so."""
    function.__name__ = name
    return function


def from_columns(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(W_xh.T @ x_t.T + W_hh.T @ h.T + b_h[:, None]).T


def stacked(x_t, h, W_xh, W_hh, b_h):
    """One product of input and state side by side."""
    return np.tanh(np.hstack([x_t, h]) @ np.vstack([W_xh, W_hh]) + b_h)


def by_package(x, W_xh, W_hh, b_h):
    return unroll(RNN(), {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}, x)[0].copy()


def in_place(x, W_xh, W_hh, b_h):
    h = np.zeros((len(x) + 1, x.shape[1], len(b_h)))
    for t, x_t in enumerate(x):
        h[t + 1] = np.tanh(x_t @ W_xh + h[t] @ W_hh + b_h)
    return h[1:]


OTHERS = {
    "step": [from_columns, stacked],
    "all_states": [by_package, in_place],
    "learned_numbers": [lambda G, D, H, V: (D + H + 1) * G * H + H * V + V],
    "sum_of_losses": [
        lambda y, k: softmax_cross_entropy(y, k)[0] * len(k),
        lambda y, k: -sum(np.log(softmax(row)[i]) for row, i in zip(y, k, strict=True)),
    ],
    "last_states": [
        lambda h, n: np.stack([h[length - 1, k] for k, length in enumerate(n)]),
        lambda h, n: h[n - 1].diagonal(axis1=0, axis2=1).T.copy(),
    ],
    "parity": [
        lambda: {
            key: value * (5 if key in ("W_xh", "W_hh", "b_h") else 1) for key, value in ch02.PARITY.solution().items()
        }
    ],
}


@pytest.mark.parametrize(("name", "k"), [(name, k) for name, others in OTHERS.items() for k in range(len(others))])
def test_a_right_answer_may_be_written_in_another_way(name, k):
    assert check(named(name, OTHERS[name][k])).message.startswith("correct: ")


def test_every_exercise_has_another_right_answer():
    assert list(OTHERS) == [exercise.name for exercise in ch02.EXERCISES]


def test_the_solutions_agree_with_the_package():
    problem = make(RNN(), seed=0, T=6, N=3, D=4, H=5)
    W = [problem.params[key] for key in ("W_xh", "W_hh", "b_h")]
    h, _, _ = unroll(RNN(), problem.params, problem.x)
    np.testing.assert_allclose(ch02.all_states(problem.x, *W), h, rtol=1e-12)
    np.testing.assert_allclose(ch02.step(problem.x[0], np.zeros((3, 5)), *W), h[0], rtol=1e-12)


@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU("before")], ids=str)
def test_what_is_learned_is_what_a_model_has(cell):
    params = Model(cell).init_params(3, 5, 2, np.random.default_rng(0))
    assert ch02.learned_numbers(cell.gates, 3, 5, 2) == sum(array.size for array in params.values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"W_hh": np.zeros((2, 2))}, "depends on the current bit alone"),
        ({"W_hy": np.zeros((2, 1)), "b_y": np.ones(1)}, "the answer never changes"),
        ({"b_y": np.array([0.02])}, "not within 0.005"),
        ({"W_hh": ch02.PARITY.solution()["W_hh"] * 0.6}, "some sequence is wrong at bit 4"),
        ({"b_h": np.array([np.nan, 0.0])}, "returned NaN or infinity"),
        ({"W_xh": np.ones((1, 3))}, "returned an array of shape (1, 3) of W_xh; expected (1, 2)"),
    ],
)
def test_a_network_is_judged_by_what_it_says(change, said):
    assert said in check(named("parity", lambda: ch02.PARITY.solution() | change)).message


def test_overflow_is_told():
    def naive(logits, targets):
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        return -np.log(p[np.arange(len(targets)), targets]).sum()

    assert judge(ch02.SUM_OF_LOSSES, naive).message.startswith("overflow: exp of a logit above 709 is infinite")
