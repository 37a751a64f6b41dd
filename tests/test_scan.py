"""Time: what unroll and bptt must satisfy, for every cell."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.nn import GRU, LSTM, RNN, bptt, init_params, scan, unroll
from tests.problems import (
    ALL_CELLS,
    arrays_of,
    cells,
    dtypes,
    flat,
    leaves,
    make,
    relative,
    seeds,
    shapes,
    short_shapes,
    slopes,
)

EPS = 1e-5


def numerical(problem):
    """Central differences by every parameter, x and the initial state, in the order of `flat`."""
    own = problem._replace(
        params={key: value.copy() for key, value in problem.params.items()},
        x=problem.x.copy(),
        state=tuple(array.copy() for array in problem.state),
    )
    grads = []
    for array in [*(own.params[key] for key in sorted(own.params)), own.x, *own.state]:
        for place in np.ndindex(array.shape):
            here = array[place]
            array[place] = here + EPS
            above = own.loss()
            array[place] = here - EPS
            below = own.loss()
            array[place] = here
            grads.append((above - below) / (2 * EPS))
    return np.array(grads)


@cells
@given(shape=short_shapes, seed=seeds)
@settings(max_examples=10)
def test_gradient_equals_central_differences(cell, shape, seed):
    """Along a direction in each array."""
    problem = make(cell, seed, *shape)
    back = problem.bptt()
    varied = leaves((problem.params, problem.x, problem.state))
    ours, theirs = slopes(problem.loss, varied, leaves((back.params, back.x, back.state)))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)


@cells
def test_gradient_equals_central_differences_over_twelve_steps(cell):
    """In each entry of each array."""
    problem = make(cell, 12, T=12, N=1, D=2, H=3)
    assert relative(flat(problem.bptt()), numerical(problem)) < 1e-8


@cells
@given(shape=short_shapes, seed=seeds, data=st.data())
@settings(max_examples=10)
def test_states_are_the_total_gradient_of_every_step(cell, shape, seed, data):
    """Nudge h_t (for LSTM also c_t, which moves h_t) in the middle of the sequence and see the loss move."""
    problem = make(cell, seed, *shape)
    back = problem.bptt()
    t = data.draw(st.integers(1, len(problem.x)), label="t")
    _, state, tape = problem._replace(x=problem.x[:t]).unroll()
    after = problem._replace(x=problem.x[t:], dh=problem.dh[t:])

    def loss(state):
        direct = (state[0] * problem.dh[t - 1]).sum()
        if t == len(problem.x):
            return direct + sum((a * b).sum() for a, b in zip(state, problem.dstate, strict=True))
        return direct + after._replace(state=state).loss()

    def nudge(k, place, by):
        moved = [array.copy() for array in state]
        moved[k][place] += by
        if k == 1:
            moved[0][place] = tape.gates[3, -1][place] * np.tanh(moved[1][place])
        return tuple(moved)

    numeric = np.zeros((cell.states, *state[0].shape))
    for k in range(cell.states):
        for place in np.ndindex(state[0].shape):
            numeric[k][place] = (loss(nudge(k, place, EPS)) - loss(nudge(k, place, -EPS))) / (2 * EPS)
    assert np.linalg.norm(back.states[:, t - 1] - numeric) < 1e-8 * np.linalg.norm(back.states)
    assert np.array_equal(back.h, back.states[0])


def blocks(problem, k):
    """The gradients of blocks of k steps, run one by one with the state carried."""
    T, state, backs = len(problem.x), problem.state, []
    for start in range(0, T, k):
        part = slice(start, min(start + k, T))
        _, carried, tape = unroll(problem.cell, problem.params, problem.x[part], state)
        dstate = problem.dstate if part.stop == T else None
        backs.append(bptt(problem.cell, problem.params, tape, problem.dh[part], dstate))
        state = carried
    params = {key: sum(back.params[key] for back in backs) for key in problem.params}
    x, states = (np.concatenate([getattr(b, name) for b in backs], axis) for name, axis in (("x", 0), ("states", 1)))
    return scan.Backward(params, x, backs[0].state, states)


@cells
@pytest.mark.parametrize("k", [1, 2, 3, 4, 6, 7, 8, 20])
def test_truncation_equals_blocks_run_one_by_one(cell, k):
    problem = make(cell, 4, T=7)
    ours, theirs = problem.bptt(truncate=k), blocks(problem, k)
    assert relative(flat(ours), flat(theirs)) < 1e-13
    np.testing.assert_allclose(ours.states, theirs.states, rtol=1e-12, atol=1e-14)


@cells
@given(shape=shapes, seed=seeds, k=st.integers(1, 10))
@settings(max_examples=20)
def test_truncation_equals_blocks_for_any_shape(cell, shape, seed, k):
    problem = make(cell, seed, *shape)
    assert relative(flat(problem.bptt(truncate=k)), flat(blocks(problem, k))) < 1e-12


@cells
def test_truncation_changes_the_gradient_unless_the_window_is_the_whole_sequence(cell):
    problem = make(cell, 5, T=7)
    full = flat(problem.bptt())
    for k in range(1, 7):
        assert relative(flat(problem.bptt(truncate=k)), full) > 1e-3
    for k in (7, 8, np.int64(100)):
        assert np.array_equal(flat(problem.bptt(truncate=k)), full)


@cells
@given(seed=seeds, a=st.floats(-2, 2), b=st.floats(-2, 2))
@settings(max_examples=20)
def test_backward_is_linear_in_the_gradients_that_arrive(cell, seed, a, b):
    one = make(cell, seed)
    other = make(cell, seed + 1)
    _, _, tape = one.unroll()
    two = one._replace(dh=other.dh, dstate=other.dstate)
    both = one._replace(
        dh=a * one.dh + b * two.dh,
        dstate=tuple(a * p + b * q for p, q in zip(one.dstate, two.dstate, strict=True)),
    )
    apart = [problem.bptt(tape) for problem in (one, two)]
    together = both.bptt(tape)
    scale = np.linalg.norm(flat(apart[0])) + np.linalg.norm(flat(apart[1]))
    assert np.linalg.norm(flat(together) - (a * flat(apart[0]) + b * flat(apart[1]))) < 1e-12 * scale
    expected = a * apart[0].states + b * apart[1].states
    assert np.linalg.norm(together.states - expected) < 1e-12 * scale


@cells
def test_no_gradient_in_gives_no_gradient_out(cell):
    problem = make(cell, 0)
    _, _, tape = problem.unroll()
    back = bptt(cell, problem.params, tape, np.zeros_like(problem.dh))
    assert not flat(back).any()
    assert not back.states.any()


@cells
@pytest.mark.parametrize("truncate", [None, 2])
def test_bptt_twice_gives_the_same_and_leaves_everything_it_was_given_alone(cell, truncate):
    problem = make(cell, 1)
    h, _, tape = problem.unroll()
    given_arrays = [
        *arrays_of(tape),
        h,
        problem.x,
        problem.dh,
        *problem.dstate,
        *problem.state,
        *problem.params.values(),
    ]
    before = [array.tobytes() for array in given_arrays]
    first = flat(problem.bptt(tape, truncate=truncate))
    second = flat(problem.bptt(tape, truncate=truncate))
    assert first.tobytes() == second.tobytes()
    assert [array.tobytes() for array in given_arrays] == before


@cells
def test_what_bptt_returns_can_be_changed_without_harm(cell):
    problem = make(cell, 1)
    _, _, tape = problem.unroll()
    first = problem.bptt(tape)
    expected = flat(first).copy()
    for array in [*first.params.values(), first.x, *first.state, first.states]:
        array[...] = np.nan
    assert np.array_equal(flat(problem.bptt(tape)), expected)


@cells
def test_sequences_of_a_batch_do_not_mix(cell):
    problem = make(cell, 2, N=4)
    other = make(cell, 3, N=4)
    n = 1

    def mixed(ours, theirs):
        """Sequence n of ours among the sequences of theirs; the batch is the axis before the last."""
        array = theirs.copy()
        array[..., n, :] = ours[..., n, :]
        return array

    strange = problem._replace(
        x=mixed(problem.x, 10 * other.x),
        state=tuple(map(mixed, problem.state, other.state)),
        dh=mixed(problem.dh, other.dh),
        dstate=tuple(map(mixed, problem.dstate, other.dstate)),
    )
    assert np.array_equal(problem.unroll()[0][:, n], strange.unroll()[0][:, n])
    ours, theirs = problem.bptt(), strange.bptt()
    assert np.array_equal(ours.x[:, n], theirs.x[:, n])
    assert np.array_equal(ours.states[:, :, n], theirs.states[:, :, n])
    assert not np.array_equal(ours.x[:, 0], theirs.x[:, 0])


def pick(problem, order):
    """The problem with these sequences, in this order."""
    take = [tuple(array[order] for array in arrays) for arrays in (problem.state, problem.dstate)]
    return problem._replace(x=problem.x[:, order], dh=problem.dh[:, order], state=take[0], dstate=take[1])


@cells
@given(seed=seeds, order=st.permutations(range(5)))
@settings(max_examples=15)
def test_reordering_the_batch_reorders_the_results(cell, seed, order):
    problem = make(cell, seed, N=5)
    np.testing.assert_allclose(pick(problem, order).unroll()[0], problem.unroll()[0][:, order], rtol=1e-12, atol=1e-13)
    ours, theirs = pick(problem, order).bptt(), problem.bptt()
    assert relative(ours.x, theirs.x[:, order]) < 1e-12
    assert relative(ours.states, theirs.states[:, :, order]) < 1e-12
    for key in problem.params:
        assert relative(ours.params[key], theirs.params[key]) < 1e-12


@cells
def test_a_batch_has_the_summed_gradient_of_its_sequences(cell):
    problem = make(cell, 7, N=4)
    alone = [pick(problem, [n]).bptt() for n in range(4)]
    together = problem.bptt()
    for key in problem.params:
        assert relative(together.params[key], sum(back.params[key] for back in alone)) < 1e-12
    assert relative(together.x, np.concatenate([back.x for back in alone], axis=1)) < 1e-12


@cells
@given(shape=shapes, seed=seeds, data=st.data())
@settings(max_examples=15)
def test_two_halves_equal_once(cell, shape, seed, data):
    T = shape[0] + 1
    problem = make(cell, seed, T, *shape[1:])
    cut = data.draw(st.integers(1, T - 1), label="cut")
    h, state, _ = problem.unroll()
    first, carried, _ = problem._replace(x=problem.x[:cut]).unroll()
    second, last, _ = problem._replace(x=problem.x[cut:], state=carried).unroll()
    np.testing.assert_allclose(np.concatenate([first, second]), h, rtol=1e-12, atol=1e-13)
    for ours, theirs in zip(last, state, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


@cells
def test_initial_state_is_zero_unless_given(cell):
    problem = make(cell, 0)
    zeros = tuple(np.zeros_like(array) for array in problem.state)
    h, state, tape = unroll(cell, problem.params, problem.x)
    expected, _, _ = problem._replace(state=zeros).unroll()
    assert np.array_equal(h, expected)
    assert not np.array_equal(h, problem.unroll()[0])
    assert not tape.states[:, 0].any()
    assert len(state) == cell.states


@cells
def test_gradient_of_the_last_state_is_zero_unless_given(cell):
    problem = make(cell, 0)
    _, _, tape = problem.unroll()
    zeros = tuple(np.zeros_like(array) for array in problem.dstate)
    ours = bptt(cell, problem.params, tape, problem.dh)
    assert np.array_equal(flat(ours), flat(problem._replace(dstate=zeros).bptt(tape)))
    assert np.array_equal(ours.h[-1], problem.dh[-1])


@cells
def test_gradient_of_the_last_state_enters_as_that_of_the_last_h(cell):
    problem = make(cell, 0)
    _, _, tape = problem.unroll()
    last = problem.dstate[0]
    dh = problem.dh.copy()
    dh[-1] += last
    only_h = (last, *(np.zeros_like(array) for array in problem.dstate[1:]))
    ours = bptt(cell, problem.params, tape, problem.dh, only_h)
    assert relative(flat(ours), flat(bptt(cell, problem.params, tape, dh))) < 1e-14


@cells
def test_shapes_are_those_that_the_book_names(cell):
    T, N, D, H = 7, 2, 3, 5
    problem = make(cell, 0, T, N, D, H)
    h, state, tape = problem.unroll()
    back = problem.bptt(tape)
    assert h.shape == back.h.shape == (T, N, H)
    assert [array.shape for array in state] == [array.shape for array in back.state] == [(N, H)] * cell.states
    assert back.x.shape == (T, N, D)
    assert back.states.shape == (cell.states, T, N, H)
    assert {key: g.shape for key, g in back.params.items()} == {key: p.shape for key, p in problem.params.items()}
    assert np.array_equal(h[-1], state[0])


@cells
@dtypes
def test_dtype_in_dtype_out(cell, dtype):
    problem = make(cell, 0, dtype=dtype)
    h, state, tape = problem.unroll()
    back = problem.bptt(tape, truncate=4)
    arrays = [
        h,
        *state,
        *arrays_of(tape),
        *back.params.values(),
        back.x,
        *back.state,
        back.states,
        back.h,
    ]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@cells
@dtypes
def test_inputs_are_cast_to_the_dtype_of_the_parameters(cell, dtype):
    problem = make(cell, 0, dtype=dtype)
    others = {np.float32: np.float64, np.float64: np.float32}[dtype]
    foreign = problem._replace(
        x=problem.x.astype(others),
        state=tuple(array.astype(others) for array in problem.state),
        dh=problem.dh.astype(others),
        dstate=tuple(array.astype(others) for array in problem.dstate),
    )
    home = foreign._replace(
        x=foreign.x.astype(dtype),
        state=tuple(array.astype(dtype) for array in foreign.state),
        dh=foreign.dh.astype(dtype),
        dstate=tuple(array.astype(dtype) for array in foreign.dstate),
    )
    assert foreign.unroll()[0].dtype == dtype
    assert np.array_equal(foreign.unroll()[0], home.unroll()[0])
    assert np.array_equal(flat(foreign.bptt()), flat(home.bptt()))


@cells
@given(shape=shapes, seed=seeds)
@settings(max_examples=15)
def test_single_precision_is_close_to_double(cell, shape, seed):
    double = make(cell, seed, *shape)
    single = double._replace(params={key: value.astype(np.float32) for key, value in double.params.items()})
    exact = double._replace(params={key: value.astype(np.float64) for key, value in single.params.items()})
    np.testing.assert_allclose(single.unroll()[0], exact.unroll()[0], rtol=1e-5, atol=1e-5)
    ours, theirs = single.bptt(), exact.bptt()
    arrived = np.linalg.norm(exact.dh) + np.linalg.norm(exact.dstate)  # what a saturated unit does not let pass
    assert np.linalg.norm(flat(ours) - flat(theirs)) < 1e-5 * (arrived + np.linalg.norm(flat(theirs)))


@cells
def test_memory_layout_of_the_inputs_does_not_matter(cell):
    problem = make(cell, 8)
    wild = problem._replace(
        params={key: np.asfortranarray(value) for key, value in problem.params.items()},
        x=np.ascontiguousarray(problem.x.transpose(1, 0, 2)).transpose(1, 0, 2),  # batch first in memory
        dh=problem.dh[::-1].copy()[::-1],
        state=tuple(array.T.copy().T for array in problem.state),
    )
    for array in (*wild.params.values(), wild.x, wild.dh, *wild.state):
        array.flags.writeable = False
    assert not wild.x.flags.c_contiguous
    assert relative(wild.unroll()[0], problem.unroll()[0]) < 1e-14
    assert relative(flat(wild.bptt()), flat(problem.bptt())) < 1e-13


@cells
def test_other_parameters_are_not_looked_at(cell):
    problem = make(cell, 0)
    more = problem._replace(params={**problem.params, "W_hy": np.full((1, 1), np.nan), "note": "not an array"})
    assert np.array_equal(problem.unroll()[0], more.unroll()[0])
    assert set(more.bptt().params) == set(cell.keys)


@cells
def test_hidden_states_cannot_be_written_so_the_tape_stays_right(cell):
    problem = make(cell, 0)
    h, _, tape = problem.unroll()
    with pytest.raises(ValueError, match="read-only"):
        h[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        h[2:4] *= 2
    assert np.array_equal(tape.states[0, 1:], problem.unroll()[0])


@cells
def test_last_state_is_a_copy(cell):
    problem = make(cell, 0)
    h, state, tape = problem.unroll()
    expected = flat(problem.bptt(tape))
    for array in state:
        array[:] = np.nan
    assert np.isfinite(h).all()
    assert np.array_equal(flat(problem.bptt(tape)), expected)


@cells
def test_unroll_twice_gives_tapes_that_share_nothing(cell):
    problem = make(cell, 0)
    (h, _, one), (_, _, two) = problem.unroll(), problem.unroll()
    expected = h.copy()
    for array in (two.gates, two.states, two.aux):
        assert not any(np.shares_memory(array, other) for other in (one.gates, one.states, one.aux))
        array[...] = np.nan
    assert np.array_equal(h, expected)


@cells
@pytest.mark.parametrize("size", [1, 200, 1000, 2**30])
def test_size_of_the_time_blocks_does_not_change_the_gradient(cell, size, monkeypatch):
    problem = make(cell, 9, T=11)
    _, _, tape = problem.unroll()
    expected = flat(problem.bptt(tape, truncate=4))
    monkeypatch.setattr(scan, "BLOCK_BYTES", size)
    assert np.array_equal(flat(problem.bptt(tape, truncate=4)), expected)


def test_the_time_blocks_cover_every_step_once(monkeypatch):
    monkeypatch.setattr(scan, "BLOCK_BYTES", 300)
    assert scan._blocks_of_steps(8, 100) == [slice(0, 3), slice(3, 6), slice(6, 8)]
    assert scan._blocks_of_steps(2, 1000) == [slice(0, 1), slice(1, 2)]


@cells
def test_a_part_of_the_tape_is_the_tape_of_that_part(cell):
    problem = make(cell, 3)
    _, state, _ = problem._replace(x=problem.x[:2]).unroll()
    one = pick(problem, [1])
    expected = one._replace(x=one.x[2:5], state=tuple(array[[1]] for array in state)).unroll()[2]
    part = problem.unroll()[2].part(2, 5, sequence=1)
    assert part.cell == cell
    for ours, theirs in zip(arrays_of(part), arrays_of(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)
    whole = problem.unroll()[2]
    for ours, theirs in zip(arrays_of(whole.part(0, 6)), arrays_of(whole), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def long_problem(cell, T):
    rng = np.random.default_rng(0)
    params = init_params(cell, 3, 16, rng)
    return params, rng.normal(size=(T, 4, 3)), rng.normal(size=(T, 4, 16))


def steps_of(sizes):
    return [b - a for a, b in pairwise(sizes)]


@cells
def test_tape_and_gradients_grow_linearly_in_the_number_of_steps(cell):
    def sizes(T):
        params, x, dh = long_problem(cell, T)
        _, _, tape = unroll(cell, params, x)
        back = bptt(cell, params, tape, dh)
        fixed = sum(g.nbytes for g in back.params.values())
        return sum(array.nbytes for array in arrays_of(tape)), back.x.nbytes + back.states.nbytes, fixed

    tapes, backs, fixed = zip(*(sizes(T) for T in (100, 200, 300, 400)), strict=True)
    floats = 3 + 16 * (cell.gates + cell.states + cell.needs_aux)  # a step of a sequence: x, gates, states, aux
    assert steps_of(tapes) == [100 * 4 * 8 * floats] * 3
    assert steps_of(backs) == [100 * 4 * 8 * (3 + 16 * cell.states)] * 3
    assert len(set(fixed)) == 1


@pytest.mark.parametrize("truncate", [None, 10])
@cells
def test_peak_memory_grows_linearly_in_the_number_of_steps(cell, truncate, monkeypatch):
    monkeypatch.setattr(scan, "BLOCK_BYTES", 2**14)  # of one size at every T here

    def peak(T):
        params, x, dh = long_problem(cell, T)
        tracemalloc.start()
        try:
            _, _, tape = unroll(cell, params, x)
            bptt(cell, params, tape, dh, truncate=truncate)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # whatever is allocated once, at the first call
    growth = steps_of([peak(T) for T in (400, 800, 1200)])
    assert growth[1] == pytest.approx(growth[0], rel=0.02)
    gates = 400 * 4 * 16 * 8 * cell.gates
    assert gates < growth[0] < 8 * gates


def test_the_problems_reach_every_setting_of_every_cell():
    assert {*ALL_CELLS} == {RNN(), RNN("relu"), RNN("sigmoid"), RNN("identity"), LSTM(), GRU(), GRU("before")}
