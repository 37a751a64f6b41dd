"""Chapter 07's exercises: other right answers pass, and the solutions are what the package computes."""

import numpy as np
import pytest

from rnnbook import LSTM, RNN, Both, Recurrent, Stack, unroll
from rnnbook.exercises import ch07, check
from rnnbook.lab.reading import survival_law
from tests.problems import make


def named(name, function):
    """The function as if a reader had called it so."""
    function.__name__ = name
    return function


def turned_at_the_ends(dh_there, dh_back, params):
    """Both ways turned once: the forward way runs over the turned sequence's end."""
    way = ch07.way_back
    there = way(dh_there, params["there.W_xh"], params["there.W_hh"])
    there += way(np.flip(dh_back, 0), params["back.W_xh"], params["back.W_hh"])[::-1]
    return there


def in_place(h_new, h_old, real):
    h = h_old.copy()
    h[real] = h_new[real]
    return h


def by_package(x, u, W_xh, W_hh, rate):
    drop = np.where(u[0] < rate, 0, 1 / (1 - rate))[None, None]
    return unroll(RNN(), {"W_xh": W_xh, "W_hh": W_hh, "b_h": np.zeros(len(W_hh))}, x, drop=drop)[0].copy()


def by_products(p, T, k):
    """Mask for mask: E[m] and E[m^2] of each, scaled as often as it is held."""
    held = [min(k, T - start) for start in range(0, T, k)]
    mean = np.prod([(1 - p) ** (1 - n) for n in held])
    square = np.prod([(1 - p) ** (1 - 2 * n) for n in held])
    return np.array([mean, square - mean**2])


OTHERS = {
    "count_stack": [
        lambda D, sizes: sum(n * (m + n + 1) for m, n in zip([D, *sizes[:-1]], sizes, strict=True)),
        lambda D, sizes: int((np.array([D, *sizes[:-1]]) + sizes + 1) @ sizes),
    ],
    "both_last": [
        lambda there, back: np.hstack([there[len(there) - 1], back[0]]),
        lambda there, back: np.concatenate([there, back[::-1]], axis=2)[-1].copy(),
    ],
    "both_back": [turned_at_the_ends],
    "masked_step": [in_place, lambda new, old, real: real[:, None] * new + (1 - real[:, None]) * old],
    "recurrent_dropout": [by_package],
    "what_is_left": [by_products],
}


@pytest.mark.parametrize(("name", "k"), [(name, k) for name, others in OTHERS.items() for k in range(len(others))])
def test_a_right_answer_may_be_written_in_another_way(name, k):
    assert check(named(name, OTHERS[name][k])).message.startswith("correct: ")


def test_every_exercise_has_another_right_answer_and_five_mistakes():
    assert list(OTHERS) == [exercise.name for exercise in ch07.EXERCISES]
    assert min(len(exercise.mistakes) for exercise in ch07.EXERCISES) >= 5


@pytest.mark.parametrize(("D", "sizes"), [(3, (4,)), (2, (5, 3)), (1, (2, 6, 4))])
def test_what_a_stack_learns_is_counted_as_the_package_does(D, sizes):
    params = Stack([Recurrent(RNN(), H) for H in sizes]).init(D, np.random.default_rng(0))
    assert ch07.count_stack(D, np.array(sizes)) == sum(array.size for array in params.values())


@pytest.mark.parametrize("cell", [RNN(), LSTM()], ids=str)
def test_the_last_states_are_those_that_a_readout_of_both_ways_gets(cell):
    layer, rng = Both(Recurrent(cell, 3)), np.random.default_rng(1)
    params = layer.init(2, rng)
    y, state, tape = layer.forward(params, rng.normal(size=(5, 4, 2)))
    np.testing.assert_array_equal(ch07.both_last(*np.split(y, 2, axis=-1)), layer.last(state, tape))


def test_back_through_both_ways_is_what_the_package_gives():
    layer, rng = Both(Recurrent(RNN("identity"), 3)), np.random.default_rng(2)
    params = layer.init(2, rng, gain=0.9)
    _, _, tape = layer.forward(params, rng.normal(size=(6, 4, 2)))
    dy = rng.normal(size=(6, 4, 6))
    by_hand = ch07.both_back(*np.split(dy, 2, axis=-1), params)
    np.testing.assert_allclose(by_hand, layer.backward(params, tape, dy).x, rtol=1e-12)


def test_a_masked_step_is_the_packages():
    problem = make(RNN(), 3, T=1, N=5, H=4)
    real = np.array([True, False, True, True, False])
    (old,), new = problem.state, problem.unroll()[0][0]
    h, _, _ = unroll(RNN(), problem.params, problem.x, problem.state, mask=real[None])
    np.testing.assert_array_equal(ch07.masked_step(new, old, real), h[0])


@pytest.mark.parametrize("T", [1, 5, 9])
def test_what_is_left_lies_between_the_two_laws(T):
    for k, kind in ((1, "step"), (T, "sequence")):
        law = survival_law(kind, 0.3, T)
        np.testing.assert_allclose(ch07.what_is_left(0.3, T, k), [law.mean[-1], law.variance[-1]], rtol=1e-12)


@pytest.mark.parametrize("k", [1, 3, 4, 7])
def test_what_is_left_is_what_many_draws_give(k):
    p, T, draws = 0.3, 7, 400_000
    rng = np.random.default_rng(0)
    h = np.ones(draws)
    for t in range(T):
        if t % k == 0:
            m = (rng.random(draws) >= p) / (1 - p)
        h = m * h
    mean, variance = ch07.what_is_left(p, T, k)
    assert abs(h.mean() - mean) < 4 * np.sqrt(variance / draws)
    assert h.var() == pytest.approx(variance, rel=0.03)
