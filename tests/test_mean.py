"""The mean of the states: what it is, what it sends back, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook.nn import Batch, Embedding, Mean, Model, Recurrent, Stack, readout, unroll
from tests.problems import bits, cells, leaves, make_layered, masked, seeds, slopes
from tests.test_checks import refused

MASKS = ["none", "right", "left", "hole", "random"]
masks = pytest.mark.parametrize("padding", MASKS)


def real_of(problem):
    return np.ones(problem.x.shape[:2], bool) if problem.mask is None else problem.mask


@masks
@given(seed=seeds, T=st.integers(3, 9), N=st.integers(1, 4))
def test_it_is_the_mean_over_the_real_steps_so_far(padding, seed, T, N):
    problem = make_layered(Mean(), seed, T, N, mask=masked(padding, T, N, seed))
    y, state, tape = Mean().forward({}, problem.x, None, problem.mask)
    for n, real in enumerate(real_of(problem).T):
        for t in range(T):
            so_far = problem.x[: t + 1, n][real[: t + 1]]
            expected = so_far.mean(axis=0) if len(so_far) else np.zeros(2)
            np.testing.assert_allclose(y[t, n], expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(Mean().last(state, tape), y[-1])
    assert state[0][:, -1].tolist() == real_of(problem).sum(axis=0).tolist()


@masks
@given(seed=seeds)
def test_gradient_equals_central_differences(padding, seed):
    problem = make_layered(Mean(), seed, mask=masked(padding, 5, 3, seed))
    back = problem.backward()
    ours, theirs = slopes(problem.loss, [problem.x, *problem.state], [back.x, *back.state])
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)


@masks
def test_every_real_state_gets_the_same_share_of_a_gradient_of_the_last_mean(padding):
    problem = make_layered(Mean(), 1, mask=masked(padding, 5, 3))
    _, state, tape = Mean().forward({}, problem.x, None, problem.mask)
    dm = np.random.default_rng(0).normal(size=(3, 2))
    dstate, below = Mean().last_backward(dm, state, tape)
    dx, real = Mean().backward({}, tape, None, dstate).x, real_of(problem)
    np.testing.assert_allclose(dx, real[:, :, None] * dm / real.sum(axis=0)[:, None], rtol=1e-12)
    assert below is None


@given(seed=seeds, cut=st.integers(1, 6), padding=st.sampled_from(MASKS))
def test_blocks_that_carry_the_state_are_the_whole(seed, cut, padding):
    problem = make_layered(Mean(), seed, T=7, mask=masked(padding, 7, 3, seed))
    whole, last, _ = problem.forward()
    state, parts = problem.state, []
    for block in (slice(cut), slice(cut, None)):
        mask = None if problem.mask is None else problem.mask[block]
        y, state, _ = Mean().forward({}, problem.x[block], state, mask)
        parts.append(y)
    assert bits(np.concatenate(parts), state) == bits(whole, last)


@cells
@masks
def test_on_a_recurrent_layer_a_model_reads_the_mean_of_all_states(cell, padding):
    V, T, N, H = 6, 5, 3, 4
    model = Model(Stack((Embedding(V, 2), Recurrent(cell, H), Mean())), "logistic", "last")
    rng, real = np.random.default_rng(0), masked(padding, T, N)
    params, x = model.init_params(V, None, 1, rng), rng.integers(V, size=(T, N))
    y, _ = model.predict(params, x, mask=real)
    own = {key.removeprefix("l1."): array for key, array in params.items() if key.startswith("l1.")}
    h, _, _ = unroll(cell, own, params["l0.E"][x], mask=real)
    weights = np.ones((T, N)) if real is None else real
    mean = (h * weights[:, :, None]).sum(axis=0) / weights.sum(axis=0)[:, None]
    np.testing.assert_allclose(y, readout({key: params[key] for key in ("W_hy", "b_y")}, mean), rtol=1e-11, atol=1e-13)
    found = model.gradients(params, Batch(x, np.ones((N, 1)), real=real))
    assert found.params.keys() == params.keys()
    assert all(np.isfinite(array).all() for array in leaves(found.params))


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ((), ValueError, "state of Mean() is a tuple (sums,) of one array (3, 3); got 0 of them"),
        (np.ones((3, 3)), ValueError, "of one array (3, 3); got ndarray"),
        ((np.ones((3, 2)),), ValueError, "state sums has shape (N = 3, D+1 = 3); got (3, 2)"),
        ((np.ones((3, 3), int),), TypeError, "state sums holds floating point numbers; got dtype int64"),
        ((np.full((3, 3), np.nan),), ValueError, "state sums holds nan at (0, 0)"),
        ((-np.ones((3, 3)),), ValueError, "the last column of state sums counts steps, at least 0; got -1.0"),
    ],
)
def test_a_state_that_is_none_is_refused(state, error, message):
    with refused(error, message):
        Mean().forward({}, np.ones((5, 3, 2)), state)


def test_what_is_no_sequence_or_no_tape_of_it_is_refused():
    with refused(TypeError, "x holds floating point numbers; got dtype int64", "turn tokens into vectors"):
        Mean().forward({}, np.ones((5, 3), int))
    with refused(TypeError, "tape of Mean() is what its forward returned third; got tuple of 2"):
        Mean().backward({}, (1, 2))
    _, _, tape = Mean().forward({}, np.ones((5, 3, 2)))
    with refused(ValueError, "dy has shape (T = 5, N = 3, D = 2); got (5, 3, 3)"):
        Mean().backward({}, tape, np.ones((5, 3, 3)))
    with refused(ValueError, "dstate sums has shape (N = 3, D+1 = 3); got (3, 2)"):
        Mean().backward({}, tape, dstate=(np.ones((3, 2)),))


def test_an_embedding_starts_as_small_as_it_is_told():
    one, other = (Embedding(5, 3, scale).init(5, np.random.default_rng(0))["E"] for scale in (1.0, 0.3))
    np.testing.assert_allclose(other, 0.3 * one, rtol=1e-15)
    assert repr(Embedding(5, 3)) == "Embedding(V=5, D=3)"
    with refused(ValueError, "scale is a finite number above 0; got 0"):
        Embedding(5, 3, 0)
