"""Masks: steps that are padding, what is dropped of h, and the many losses that go back through one tape."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    Both,
    Dropout,
    Embedding,
    Mean,
    Recurrent,
    Residual,
    Stack,
    Workspace,
    bptt,
    unroll,
)
from tests.problems import bits, cells, each, leaves, make, make_layered, masked, seeds, slopes
from tests.test_checks import refused

T, N, D, H, V = 5, 3, 2, 3, 4
PADDED = ["right", "left", "hole", "random"]
LAYERS = {
    "recurrent": lambda cell: Recurrent(cell, H, drop=0.3),
    "stack": lambda cell: Stack((Recurrent(cell, H), Dropout(0.3), Recurrent(cell, 2, drop=0.3, fresh="step"))),
    "both": lambda cell: Both(Recurrent(cell, 2)),
    "stack of both": lambda cell: Stack((Both(Recurrent(cell, 2)), Residual(Dropout(0.3)), Both(Recurrent(cell, 1)))),
    "residual": lambda cell: Residual(Stack((Dropout(0.3), Recurrent(cell, 2)))),
    "tokens": lambda cell: Stack((Embedding(V, 2), Both(Stack((Recurrent(cell, 2), Dropout(0.3)))))),
    "mean": lambda cell: Stack((Recurrent(cell, 2), Both(Mean()), Recurrent(cell, 2), Dropout(0.3), Mean())),
}

kinds = pytest.mark.parametrize("kind", LAYERS)
drops = st.tuples(st.booleans(), st.booleans())  # whether each step, and each gate, has a mask of its own


def problem_of(kind, cell, seed, padding, T=T, N=N, dropped=False):
    """A problem with a mask; no gradient arrives at what is padding."""
    tokens = {"V": V} if kind == "tokens" else {}
    problem = make_layered(LAYERS[kind](cell), seed, T, N, mask=masked(padding, T, N, seed), dropped=dropped, **tokens)
    return problem._replace(dy=np.where(problem.mask[:, :, None], problem.dy, 0.0))


def everything(problem):
    back = problem.backward()
    return *problem.forward()[:2], back.params, back.x, back.state, back.states


# --- padding --------------------------------------------------------------------------------------


@cells
@kinds
@given(seed=seeds, padding=st.sampled_from(PADDED), sizes=st.tuples(st.integers(3, 7), st.integers(1, 4)))
@settings(max_examples=6)
def test_a_padded_batch_is_each_sequence_alone_without_its_padding(cell, kind, seed, padding, sizes):
    problem = problem_of(kind, cell, seed, padding, *sizes)
    y, state, _ = problem.forward()
    back, parts = problem.backward(), []
    for n, real in enumerate(problem.mask.T):
        nth = np.s_[n : n + 1]
        alone = problem._replace(
            x=problem.x[real, nth],
            dy=problem.dy[real, nth],
            state=each(lambda a, nth=nth: a[nth], problem.state),
            dstate=each(lambda a, nth=nth: a[nth], problem.dstate),
            mask=None,
        )
        theirs, last, tape = alone.forward()
        parts.append(alone.backward(tape))
        ours = y[real, nth], *(a[nth] for a in leaves((state, back.state)))
        for a, b in zip(ours, [theirs, *leaves((last, parts[-1].state))], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
        if kind != "tokens":
            np.testing.assert_allclose(back.x[real, nth], parts[-1].x, rtol=1e-10, atol=1e-11)
            assert not back.x[~real, n].any()
    for name, grad in back.params.items():
        np.testing.assert_allclose(grad, sum(part.params[name] for part in parts), rtol=1e-10, atol=1e-11)


@cells
@given(seed=seeds, padding=st.sampled_from(PADDED), drop=drops)
@settings(max_examples=8)
def test_a_padded_batch_is_each_sequence_alone_also_where_h_is_dropped(cell, seed, padding, drop):
    problem, mask = make(cell, seed, T, N, D, H), masked(padding, T, N, seed)
    drop = dropping(cell, seed, *drop)
    dh = np.where(mask[:, :, None], problem.dh, 0)
    _, state, tape = unroll(cell, problem.params, problem.x, problem.state, mask=mask, drop=drop)
    back, parts = bptt(cell, problem.params, tape, dh, problem.dstate), []
    for n, real in enumerate(mask.T):
        nth, steps = np.s_[n : n + 1], real if len(drop) > 1 else np.s_[:]
        start, end = ([a[nth] for a in arrays] for arrays in (problem.state, problem.dstate))
        _, last, own = unroll(cell, problem.params, problem.x[real, nth], start, drop=drop[steps, :, nth])
        parts.append(bptt(cell, problem.params, own, dh[real, nth], end))
        for a, b in zip((*state, *back.state), (*last, *parts[-1].state), strict=True):
            np.testing.assert_allclose(a[nth], b, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(back.states[:, real, nth], parts[-1].states, rtol=1e-10, atol=1e-11)
    for name, grad in back.params.items():
        np.testing.assert_allclose(grad, sum(part.params[name] for part in parts), rtol=1e-10, atol=1e-11)


@cells
@kinds
@given(seed=seeds, padding=st.sampled_from(PADDED), bad=st.sampled_from([np.nan, np.inf, -np.inf, 1e300]))
@settings(max_examples=5)
def test_what_stands_in_the_padding_is_not_looked_at(cell, kind, seed, padding, bad):
    problem = problem_of(kind, cell, seed, padding, dropped=True)
    x = problem.x.copy()
    x[~problem.mask] = -1 if kind == "tokens" else bad
    dirty, clean = everything(problem._replace(x=x)), everything(problem)
    assert bits(dirty) == bits(clean)
    assert all(np.isfinite(array).all() for array in leaves(dirty))
    if kind != "tokens":
        assert not problem._replace(x=x).backward().x[~problem.mask].any()


@cells
@kinds
@pytest.mark.parametrize("dropped", [False, True])
def test_a_mask_of_ones_changes_no_bit(cell, kind, dropped):
    problem = problem_of(kind, cell, 0, "right", dropped=dropped)
    with_ones, without = (problem._replace(mask=mask) for mask in (np.ones((T, N), bool), None))
    assert bits(everything(with_ones)) == bits(everything(without))


@cells
@kinds
@given(seed=seeds, padding=st.sampled_from(PADDED))
@settings(max_examples=5)
def test_padding_of_one_sequence_changes_no_bit_of_the_others(cell, kind, seed, padding):
    problem = problem_of(kind, cell, seed, padding, dropped=True)
    mask = problem.mask.copy()
    mask[:, 1:] = True
    results = []
    for given_mask in (mask, None):
        one = problem._replace(mask=given_mask)
        back = one.backward()
        results.append([a[..., 1:, :] for a in leaves((*one.forward()[:2], back.x, back.state, back.states))])
    assert bits(results[0]) == bits(results[1])


@cells
@given(seed=seeds, start=st.integers(0, 4), length=st.integers(1, 4))
@settings(max_examples=8)
def test_the_state_stays_as_it_is_over_the_padding(cell, seed, start, length):
    problem = make(cell, seed, T=9, N=2)
    mask = np.ones((9, 2), bool)
    mask[start : start + length, 0] = False
    _, _, tape = unroll(cell, problem.params, problem.x, problem.state, mask=mask)
    back = bptt(cell, problem.params, tape, dstate=problem.dstate)
    for t in range(start, start + length):
        assert bits(tape.states[:, t + 1, 0]) == bits(tape.states[:, t, 0])
        assert (tape.states[:, t + 1, 1] != tape.states[:, t, 1]).any() or cell == RNN("relu")
    arriving = back.states[0, start : start + length, 0]  # nothing arrives there but what the steps after it send
    assert bits(list(arriving[1:])) == bits(list(arriving[:-1]))


@cells
@kinds
def test_a_sequence_of_nothing_but_padding_keeps_its_state_and_has_no_part_in_the_parameters(cell, kind):
    problem = problem_of(kind, cell, 0, "right")
    mask = problem.mask.copy()
    mask[:, 0] = False
    problem = problem._replace(mask=mask, dy=np.where(mask[:, :, None], problem.dy, 0.0))
    others = problem._replace(
        x=problem.x[:, 1:],
        mask=mask[:, 1:],
        dy=problem.dy[:, 1:],
        state=each(lambda a: a[1:], problem.state),
        dstate=each(lambda a: a[1:], problem.dstate),
    )
    back, theirs = problem.backward(), others.backward()
    assert bits([a[0] for a in leaves(problem.forward()[1])]) == bits([a[0] for a in leaves(problem.state)])
    assert bits([a[0] for a in leaves(back.state)]) == bits([a[0] for a in leaves(problem.dstate)])
    for name, grad in back.params.items():
        np.testing.assert_allclose(grad, theirs.params[name], rtol=1e-11, atol=1e-12)
    assert kind == "tokens" or not back.x[:, 0].any()


@cells
@given(seed=seeds, padding=st.sampled_from(PADDED), drop=drops, truncate=st.sampled_from([1, 2, 3, T]))
@settings(max_examples=8)
def test_truncation_equals_the_parts_of_the_tape_one_by_one(cell, seed, padding, drop, truncate):
    problem, mask = make(cell, seed, T, N, D, H), masked(padding, T, N, seed)
    drop = dropping(cell, seed, *drop)
    _, _, tape = unroll(cell, problem.params, problem.x, problem.state, mask=mask, drop=drop)
    ours = bptt(cell, problem.params, tape, problem.dh, problem.dstate, truncate=truncate)
    parts = []
    for start in range(0, T, truncate):
        stop = min(start + truncate, T)
        dstate = problem.dstate if stop == T else None
        parts.append(bptt(cell, problem.params, tape.part(start, stop), problem.dh[start:stop], dstate))
    for name, grad in ours.params.items():
        np.testing.assert_allclose(grad, sum(part.params[name] for part in parts), rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(ours.x, np.concatenate([part.x for part in parts]), rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(
        ours.states, np.concatenate([part.states for part in parts], axis=1), rtol=1e-10, atol=1e-11
    )


# --- what is dropped of h -------------------------------------------------------------------------


def dropping(cell, seed, each_step, by_gate, T=T, N=N, H=H):
    shape = (T if each_step else 1, cell.gates if by_gate else 1, N, H)
    return (np.random.default_rng(seed).random(shape) > 0.4) / 0.6


@cells
@given(seed=seeds, drop=drops, padding=st.sampled_from(["none", *PADDED]))
@settings(max_examples=8)
def test_gradient_equals_central_differences_where_h_is_dropped(cell, seed, drop, padding):
    problem, mask = make(cell, seed, T, N, D, H), masked(padding, T, N, seed)
    drop = dropping(cell, seed, *drop)

    def forward():
        return unroll(cell, problem.params, problem.x, problem.state, mask=mask, drop=drop)

    def loss():
        h, state, _ = forward()
        return float((h * problem.dh).sum() + sum((a * b).sum() for a, b in zip(state, problem.dstate, strict=True)))

    tape = forward()[2]
    if cell == RNN("relu") and np.abs(tape.gates).min() < 1e-3:
        return  # too near the kink
    back = bptt(cell, problem.params, tape, problem.dh, problem.dstate)
    varied = leaves((problem.params, problem.x, problem.state))
    ours, theirs = slopes(loss, varied, leaves((back.params, back.x, back.state)))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)


@cells
@pytest.mark.parametrize("each_step", [False, True])
@pytest.mark.parametrize("by_gate", [False, True])
def test_where_nothing_is_dropped_of_h_nothing_changes(cell, each_step, by_gate):
    problem = make(cell, 0, T, N, D, H)
    ones = np.ones_like(dropping(cell, 0, each_step, by_gate))
    h, state, tape = unroll(cell, problem.params, problem.x, problem.state, drop=ones)
    back = problem.bptt(tape)
    theirs, last, other = problem.unroll()
    for a, b in zip((h, *state), (theirs, *last), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-14)
    expected = problem.bptt(other)
    for a, b in zip(leaves(tuple(back)), leaves(tuple(expected)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


@cells
def test_where_all_of_h_is_dropped_the_recurrent_weights_have_no_part(cell):
    problem = make(cell, 0, T, N, D, H)
    nothing = np.zeros((1, 1, N, H))
    _, _, tape = unroll(cell, problem.params, problem.x, problem.state, drop=nothing)
    back = problem.bptt(tape)
    other = problem.params | {"W_hh": 0 * problem.params["W_hh"]}
    h, _, _ = unroll(cell, other, problem.x, problem.state)
    np.testing.assert_allclose(tape.states[0, 1:], h, rtol=1e-13, atol=1e-14)
    assert not back.params["W_hh"].any()


@pytest.mark.parametrize("cell", [LSTM(), GRU("after"), GRU("before")], ids=str)
def test_dropping_all_of_h_leaves_the_way_past_the_weights_alone(cell):
    """The gate that keeps is open, the one that lets in is shut: c of LSTM and h of GRU stay as they were."""
    problem = make(cell, 0, T, N, D, H)
    bias = np.zeros((cell.gates, H))
    bias[cell.keeper] = 40
    if cell == LSTM():
        bias[0] = -40
    params = {key: 0.1 * array for key, array in problem.params.items()} | {"b_h": bias.ravel()}
    _, state, tape = unroll(cell, params, problem.x, problem.state, drop=np.zeros((1, 1, N, H)))
    np.testing.assert_allclose(state[-1], problem.state[-1], rtol=1e-14, atol=1e-14)
    dstate = (*(np.zeros((N, H)) for _ in state[1:]), problem.dstate[-1])
    back = bptt(cell, params, tape, dstate=dstate)
    np.testing.assert_allclose(back.state[-1], problem.dstate[-1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cell", [LSTM(), GRU("after"), GRU("before")], ids=str)
def test_a_mask_for_one_gate_drops_h_for_that_gate_alone(cell):
    problem = make(cell, 0, 1, N, D, H)
    plain = problem.unroll()[2].gates
    for gate in range(cell.gates):
        drop = np.ones((1, cell.gates, N, H))
        drop[:, gate] = 0
        gates = unroll(cell, problem.params, problem.x, problem.state, drop=drop)[2].gates
        changed = [not np.allclose(a, b, rtol=1e-12) for a, b in zip(gates, plain, strict=True)]
        alone = [k == gate for k in range(cell.gates)]
        if cell != LSTM() and gate == 0:
            alone[2] = True  # r multiplies what n sees
        assert changed == alone


# --- many losses through one tape -----------------------------------------------------------------


def losses(cell, seed, M, mask=None, drop=None):
    problem, rng = make(cell, seed, T, N, D, H), np.random.default_rng(seed)
    dh, dstate = rng.normal(size=(T, M, N, H)), tuple(rng.normal(size=(M, N, H)) for _ in range(cell.states))
    return problem, unroll(cell, problem.params, problem.x, problem.state, mask=mask, drop=drop)[2], dh, dstate


@cells
@given(
    seed=seeds,
    M=st.integers(1, 4),
    padding=st.sampled_from(["none", *PADDED]),
    drop=st.none() | drops,
    truncate=st.sampled_from([None, 1, 2, 3]),
    arriving=st.sampled_from(["both", "dh", "dstate"]),
)
@settings(max_examples=15)
def test_many_losses_through_one_tape_are_one_after_another(cell, seed, M, padding, drop, truncate, arriving):
    drop = None if drop is None else dropping(cell, seed, *drop)
    problem, tape, dh, dstate = losses(cell, seed, M, masked(padding, T, N, seed), drop)
    dh, dstate = None if arriving == "dstate" else dh, None if arriving == "dh" else dstate
    together = bptt(cell, problem.params, tape, dh, dstate, truncate)
    apart = []
    for m in range(M):
        own, end = None if dh is None else dh[:, m], None if dstate is None else [a[m] for a in dstate]
        apart.append(bptt(cell, problem.params, tape, own, end, truncate))
        ours = together.x[:, m], together.states[:, :, m], *(a[m] for a in together.state)
        for a, b in zip(ours, (apart[-1].x, apart[-1].states, *apart[-1].state), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
    assert together.x.shape == (T, M, N, D)
    assert together.h.shape == (T, M, N, H)
    for name, grad in together.params.items():
        np.testing.assert_allclose(grad, sum(back.params[name] for back in apart), rtol=1e-11, atol=1e-12)


@cells
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("truncate", [None, 2])
def test_what_is_left_out_of_the_way_back_changes_no_bit_of_the_rest(cell, many, truncate):
    mask, drop = masked("right", T, N), dropping(cell, 0, True, True)
    problem, tape, dh, dstate = losses(cell, 0, 2, mask, drop)
    if not many:
        dh, dstate = dh[:, 0], tuple(array[0] for array in dstate)
    whole, workspace = bptt(cell, problem.params, tape, dh, dstate, truncate), Workspace()
    for weights in (True, False):
        for inputs in (True, False):
            for work in (None, workspace):
                options = {"weights": weights, "inputs": inputs, "workspace": work}
                back = bptt(cell, problem.params, tape, dh, dstate, truncate, **options)
                assert bits(back.params) == (bits(whole.params) if weights else [])
                assert bits(back.x) == (bits(whole.x) if inputs else [])
                assert (back.x is None) != inputs
                assert bits(back.state, back.states) == bits(whole.state, whole.states)


# --- one step back --------------------------------------------------------------------------------


def step_back(cell, seed):
    """A function of d_old: one step of `cell.backward`, with copies of what it may write over."""
    problem = make(cell, seed, 1, N, D, H)
    local = cell.local(problem.unroll()[2].steps(0, 1), np.empty((cell.factors, 1, N, H)))
    local, rng = [array[0] for array in local], np.random.default_rng(seed)
    d = rng.normal(size=(cell.states, N, H))

    def run(d_old):
        d_old, da = tuple(np.array(a) for a in d_old), np.zeros((cell.gates, N, H))
        dah = np.zeros_like(da) if cell.apart else da
        cell.backward(tuple(d.copy()), d_old, local, da, dah)
        if cell.waits:
            cell.backward_reset(da[-1].copy(), d_old[0], local, da)
        return d_old, da, dah

    return run, rng


@cells
def test_a_cell_adds_to_the_gradient_of_the_old_state(cell):
    run, rng = step_back(cell, 0)
    one, two = rng.normal(size=(2, cell.states, N, H))
    (first, da, dah), (second, *same) = run(one), run(two)
    np.testing.assert_allclose(np.array(first) - one, np.array(second) - two, rtol=1e-12, atol=1e-14)
    assert bits(da, dah) == bits(same)
    assert bits(list(run(one)[0])) == bits(list(first))


def test_a_loss_that_touches_c_inside_a_sequence_keeps_its_part():
    """Of LSTM's two states the gradient by c is the one that a step hands back past the weights."""
    run, rng = step_back(LSTM(), 1)
    own = rng.normal(size=(2, N, H))
    (dh, dc), *_ = run(own)
    (_, passed), *_ = run(np.zeros((2, N, H)))
    assert bits(dh) == bits(own[0])
    np.testing.assert_allclose(dc, own[1] + passed, rtol=1e-14)
    assert np.abs(passed).min() > 0


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (np.ones((T, N + 1), bool), ValueError, "mask has shape (T = 5, N = 3); got (5, 4)"),
        (np.ones(T, bool), ValueError, "mask has shape (T = 5, N = 3); got (5,)"),
        (np.ones((T, N)), TypeError, "mask holds True where a step is real; got dtype float64"),
        (np.eye(T, N, dtype=int), TypeError, "mask holds True where a step is real; got dtype int64"),
    ],
    ids=["shape", "axes", "floats", "integers"],
)
def test_masks_that_say_something_else_are_refused(mask, error, message):
    problem = make(GRU(), 0, T, N, D, H)
    with refused(error, message):
        unroll(GRU(), problem.params, problem.x, mask=mask)


def test_x_that_is_not_finite_at_a_real_step_is_refused_in_spite_of_a_mask():
    problem = make(GRU(), 0, T, N, D, H)
    problem.x[T - 2, 1, 0] = np.nan
    with refused(ValueError, "x holds nan at (3, 1, 0); finite numbers expected"):
        unroll(GRU(), problem.params, problem.x, mask=masked("right", T, N))
    problem.x[T - 1, 1, 0], problem.x[T - 2, 1, 0] = np.nan, 1.0
    unroll(GRU(), problem.params, problem.x, mask=masked("right", T, N))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((2, 1, N, H), "(T = 5, G = 1, N = 3, H = 3)"),
        ((1, 2, N, H), "(T = 1, G = 3, N = 3, H = 3)"),
        ((1, 1, N, H + 1), "(T = 1, G = 1, N = 3, H = 3)"),
        ((T, 3, 1, H), "(T = 5, G = 3, N = 3, H = 3)"),
        ((N, H), "(T = 5, G = 3, N = 3, H = 3)"),
    ],
)
def test_drop_of_another_shape_is_refused(shape, expected):
    problem = make(GRU(), 0, T, N, D, H)
    with refused(ValueError, f"drop has shape {expected}; got {shape}"):
        unroll(GRU(), problem.params, problem.x, drop=np.ones(shape))


def test_drop_that_is_not_of_finite_floats_is_refused():
    problem = make(GRU(), 0, T, N, D, H)
    drop = np.ones((1, 1, N, H))
    with refused(TypeError, "drop holds floating point numbers; got dtype bool"):
        unroll(GRU(), problem.params, problem.x, drop=drop > 0)
    drop[0, 0, 1, 2] = np.nan
    with refused(ValueError, "drop holds nan at (0, 0, 1, 2)"):
        unroll(GRU(), problem.params, problem.x, drop=drop)


ARRIVING = [
    (None, None, "bptt sends back dh, dstate or both; got neither"),
    (np.ones((T, N)), None, "dh has shape (T = 5, N = 3, H = 3); got (5, 3)"),
    (np.ones((T, N, H + 1)), None, "dh has shape (T = 5, N = 3, H = 3); got (5, 3, 4)"),
    (np.ones((T - 1, N, H)), None, "dh has shape (T = 5, N = 3, H = 3); got (4, 3, 3)"),
    (np.ones((T, 2, N, H + 1)), None, "dh has shape (T = 5, M = 2, N = 3, H = 3); got (5, 2, 3, 4)"),
    (np.ones((T, 2, 2, N, H)), None, "dh has shape (T = 5, N = 3, H = 3); got (5, 2, 2, 3, 3)"),
    (np.ones((T, 0, N, H)), None, "of M losses M is at least 1; got M = 0"),
    (None, (np.ones((0, N, H)),) * 2, "of M losses M is at least 1; got M = 0"),
    (None, (np.ones((N, H)),), "dstate of LSTM() is a tuple (h, c) of arrays (3, 3); got 1 of them"),
    (None, (np.ones((N, H + 1)),) * 2, "dstate h has shape (N = 3, H = 3); got (3, 4)"),
    (None, (np.ones((2, N, H)), np.ones((1, N, H))), "dstate c has shape (M = 2, N = 3, H = 3); got (1, 3, 3)"),
    (None, (np.ones((2, N, H)), np.ones((N, H))), "dstate c has shape (M = 2, N = 3, H = 3); got (3, 3)"),
    (np.ones((T, 2, N, H)), (np.ones((N, H)),) * 2, "dstate h has shape (M = 2, N = 3, H = 3); got (3, 3)"),
    (np.ones((T, N, H)), (np.ones((2, N, H)),) * 2, "dstate h has shape (N = 3, H = 3); got (2, 3, 3)"),
    (np.ones((T, 2, N, H)), (np.ones((3, N, H)),) * 2, "dstate h has shape (M = 2, N = 3, H = 3); got (3, 3, 3)"),
]


@pytest.mark.parametrize(("dh", "dstate", "message"), ARRIVING)
def test_gradients_that_do_not_fit_the_tape_are_refused(dh, dstate, message):
    problem = make(LSTM(), 0, T, N, D, H)
    _, _, tape = problem.unroll()
    with refused(ValueError, message):
        bptt(LSTM(), problem.params, tape, dh, dstate)
