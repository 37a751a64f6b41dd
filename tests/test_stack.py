"""Layers: what runs a sequence forward and back, and what is composed of such layers."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.lab.gradients import gradcheck
from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    Backward,
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
from rnnbook.nn.contract import Layer
from tests.problems import (
    bits,
    dtypes,
    each,
    leaves,
    make_layered,
    masked,
    relative,
    seeds,
    slopes,
    tapes_in,
)
from tests.problems import recursions as cells
from tests.test_checks import refused

V = 4  # tokens, where there are any
LAYERS = {
    "recurrent": lambda cell: Recurrent(cell, 3, drop=0.4),
    "by gate": lambda cell: Recurrent(cell, 3, drop=0.4, by_gate=True),
    "each step": lambda cell: Recurrent(cell, 3, drop=0.4, fresh="step"),
    "by gate, each step": lambda cell: Recurrent(cell, 3, drop=0.4, fresh="step", by_gate=True),
    "residual": lambda cell: Residual(Recurrent(cell, 2)),
    "stack": lambda cell: Stack((Recurrent(cell, 3), Dropout(0.3), Recurrent(cell, 2))),
    "both": lambda cell: Both(Recurrent(cell, 2, drop=0.3)),
    "stack of both": lambda cell: Stack((Both(Recurrent(cell, 2)), Dropout(0.3, "sequence"), Both(Recurrent(cell, 1)))),
    "both of a stack": lambda cell: Both(Stack((Recurrent(cell, 2), Dropout(0.3), Residual(Recurrent(cell, 2))))),
    "residual of both": lambda cell: Residual(Stack((Dropout(0.3), Both(Recurrent(cell, 1))))),
    "tokens": lambda cell: Stack((Embedding(V, 3), Dropout(0.3), Residual(Recurrent(cell, 3)), Recurrent(cell, 2))),
    "way around dropout": lambda cell: Stack((Recurrent(cell, 3), Both(Residual(Dropout(0.3))))),
    "mean": lambda cell: Stack((Recurrent(cell, 3), Dropout(0.3), Mean())),
    "mean of both": lambda cell: Both(Stack((Recurrent(cell, 2), Residual(Mean()), Dropout(0.3), Recurrent(cell, 2)))),
}
PLAIN = [
    "recurrent",
    "residual",
    "stack",
    "both",
    "stack of both",
    "both of a stack",
    "residual of both",
    "tokens",
    "way around dropout",
    "mean",
    "mean of both",
]
MASKS = ["none", "right", "left", "hole", "random"]


def problem_of(kind, cell, seed=0, padding="none", T=5, N=3, **options):
    tokens = {"V": V} if kind == "tokens" else {}
    return make_layered(LAYERS[kind](cell), seed, T, N, mask=masked(padding, T, N, seed), **tokens, **options)


def compositions(*names):
    return pytest.mark.parametrize("kind", names or LAYERS)


def all_of(back):
    return leaves((back.params, back.x, back.state, back.states))


def varied(problem):
    """The arrays that a loss may be differentiated by: parameters, inputs unless they are tokens, initial state."""
    x = None if problem.x.dtype.kind == "i" else problem.x
    return leaves((problem.params, x, problem.state))


# --- gradients ------------------------------------------------------------------------------------


@cells
@compositions()
@given(
    seed=seeds,
    padding=st.sampled_from(MASKS),
    sizes=st.tuples(st.integers(3, 5), st.integers(1, 3)),
    arriving=st.sampled_from(["both", "dy", "dstate"]),
    dropped=st.booleans(),
)
@settings(max_examples=6)
def test_gradient_equals_central_differences(cell, kind, seed, padding, sizes, arriving, dropped):
    problem = problem_of(kind, cell, seed, padding, *sizes, dropped=dropped)
    if arriving != "both":
        problem = problem._replace(**{"dy" if arriving == "dstate" else "dstate": None})
    back = problem.backward()
    ours, theirs = slopes(problem.loss, varied(problem), leaves((back.params, back.x, back.state)))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)


@pytest.mark.parametrize("padding", MASKS)
@pytest.mark.parametrize("fresh", ["step", "sequence"])
def test_gradient_of_dropout_alone_equals_central_differences(fresh, padding):
    problem = make_layered(Dropout(0.4, fresh), 3, mask=masked(padding, 5, 3), dropped=True)
    back = problem.backward()
    ours, theirs = slopes(problem.loss, [problem.x], [back.x])
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)
    assert ours.any()


def test_gradient_of_an_embedding_is_zero_for_a_token_that_never_stands_there():
    problem = make_layered(Embedding(V, 2), 0, V=V)
    problem = problem._replace(x=np.where(problem.x == 1, 2, problem.x))
    back = problem.backward()
    assert back.x is None
    assert not back.params["E"][1].any()
    assert np.allclose(back.params["E"][2], problem.dy[problem.x == 2].sum(axis=0), rtol=1e-13)


@cells
@compositions()
def test_without_a_gradient_that_arrives_none_goes_back(cell, kind):
    problem = problem_of(kind, cell, dropped=True)._replace(dy=None, dstate=None)
    back = problem.backward()
    assert not any(array.any() for array in leaves((back.params, back.state, back.states)))
    assert back.x is None or not np.any(back.x)


@cells
@compositions()
def test_none_in_place_of_a_gradient_is_zeros(cell, kind):
    problem = problem_of(kind, cell, 1, "right", dropped=True)
    tape = problem.forward()[2]
    for name in ("dy", "dstate"):
        given_none = problem._replace(**{name: None}).backward(tape)
        given_zeros = problem._replace(**{name: each(np.zeros_like, getattr(problem, name))}).backward(tape)
        for ours, theirs in zip(all_of(given_none), all_of(given_zeros), strict=True):
            np.testing.assert_array_equal(ours, theirs)


@cells
@compositions()
def test_shapes_and_names_are_those_that_the_layer_says(cell, kind):
    problem = problem_of(kind, cell)
    y, state, _ = problem.forward()
    back = problem.backward()
    layer, D = problem.layer, V if kind == "tokens" else 2
    assert y.shape == (5, 3, layer.width(D))
    assert tuple(problem.params) == layer.names() == tuple(back.params)
    assert layer.input_size(problem.params) == D
    assert each(np.shape, state) == each(np.shape, back.state) == each(np.shape, problem.state)
    assert [p.shape for p in leaves(back.params)] == [p.shape for p in leaves(problem.params)]
    assert back.x is None if kind == "tokens" else back.x.shape == problem.x.shape


@dtypes
@compositions()
def test_dtype_in_dtype_out(kind, dtype):
    problem = problem_of(kind, LSTM(), 0, "right", dropped=True, dtype=dtype)
    y, state, _ = problem.forward()
    assert {array.dtype for array in [y, *leaves(state), *all_of(problem.backward())]} == {np.dtype(dtype)}


@cells
@compositions()
def test_forward_and_backward_leave_everything_they_were_given_alone(cell, kind):
    problem = problem_of(kind, cell, 2, "hole", dropped=True)
    given_arrays = (problem.params, problem.x, problem.state, problem.dy, problem.dstate, problem.mask)
    before = bits(*given_arrays)
    _, _, tape = problem.forward()
    first, second = bits(*all_of(problem.backward(tape))), bits(*all_of(problem.backward(tape)))
    assert first == second
    assert bits(*given_arrays) == before


# --- composition ----------------------------------------------------------------------------------


@cells
@pytest.mark.parametrize("padding", MASKS)
def test_stacking_is_running_one_then_the_other(cell, padding):
    one, two = Recurrent(cell, 3, drop=0.3), Recurrent(cell, 2, drop=0.3, fresh="step")
    problem = make_layered(Stack((one, two)), 0, mask=masked(padding, 5, 3), dropped=True)
    lower, upper = ({key[3:]: p for key, p in problem.params.items() if key[:3] == f"l{k}."} for k in (0, 1))
    rng = np.random.default_rng(problem.seed)
    h, first, tape = one.forward(lower, problem.x, problem.state[0], problem.mask, rng)
    y, last, top = two.forward(upper, h, problem.state[1], problem.mask, rng)
    above = two.backward(upper, top, problem.dy, problem.dstate[1])
    below = one.backward(lower, tape, above.x, problem.dstate[0])

    ours, state, whole = problem.forward()
    back = problem.backward(whole)
    assert bits(ours, state) == bits(y, (first, last))
    assert bits(back.x, back.state, back.states) == bits(
        below.x, (below.state, above.state), (below.states, above.states)
    )
    together = {f"l0.{key}": g for key, g in below.params.items()} | {f"l1.{key}": g for key, g in above.params.items()}
    assert bits(back.params) == bits(together)


@cells
@compositions(*[name for name in LAYERS if name != "tokens"])
def test_a_stack_of_one_layer_is_that_layer(cell, kind):
    problem = problem_of(kind, cell, 1, "right", dropped=True)
    stacked = problem._replace(
        layer=Stack([problem.layer]),
        params={f"l0.{key}": array for key, array in problem.params.items()},
        state=(problem.state,),
        dstate=(problem.dstate,),
    )
    assert bits(*stacked.forward()[:2]) == bits(*problem.forward()[:2])
    assert bits(all_of(stacked.backward())) == bits(all_of(problem.backward()))


@cells
def test_a_stack_in_a_stack_is_the_stack_of_all(cell):
    flat = make_layered(Stack((Recurrent(cell, 3), Recurrent(cell, 2), Recurrent(cell, 3))), 0)
    a, b, c = flat.layer.layers
    renamed = {"l0.": "l0.", "l1.": "l1.l0.", "l2.": "l1.l1."}
    deep = flat._replace(
        layer=Stack((a, Stack((b, c)))),
        params={renamed[key[:3]] + key[3:]: array for key, array in flat.params.items()},
        state=(flat.state[0], flat.state[1:]),
        dstate=(flat.dstate[0], flat.dstate[1:]),
    )
    assert bits(*deep.forward()[:2]) == bits(*flat.forward()[:2])
    assert bits(all_of(deep.backward())) == bits(all_of(flat.backward()))


@cells
@pytest.mark.parametrize("padding", MASKS)
def test_both_are_two_runs_one_of_them_over_the_sequence_turned_round(cell, padding):
    one = Recurrent(cell, 3)
    problem = make_layered(Both(one), 0, mask=masked(padding, 5, 3))
    there, back = ({k.split(".")[1]: p for k, p in problem.params.items() if k.startswith(w)} for w in ("t", "b"))
    turned = None if problem.mask is None else problem.mask[::-1]
    y, first, tape = one.forward(there, problem.x, problem.state[0], problem.mask)
    z, last, other = one.forward(back, problem.x[::-1], problem.state[1], turned)
    dy, dz = problem.dy[:, :, :3], problem.dy[::-1, :, 3:]
    ahead = one.backward(there, tape, dy, problem.dstate[0])
    behind = one.backward(back, other, dz, problem.dstate[1])

    ours, state, _ = problem.forward()
    whole = problem.backward()
    assert bits(ours, state) == bits(np.concatenate([y, z[::-1]], axis=2), (first, last))
    assert bits(whole.x) == bits(ahead.x + behind.x[::-1])
    assert bits(whole.state, whole.states) == bits((ahead.state, behind.state), (ahead.states, behind.states))
    together = {f"there.{k}": g for k, g in ahead.params.items()} | {f"back.{k}": g for k, g in behind.params.items()}
    assert bits(whole.params) == bits(together)


@cells
def test_the_two_ways_of_both_trade_places_when_the_sequence_is_turned_round(cell):
    problem = make_layered(Both(Recurrent(cell, 3)), 0)
    swap = {"there": "back", "back": "there"}
    mirrored = problem._replace(
        params={f"{swap[k.split('.')[0]]}.{k.split('.')[1]}": p for k, p in problem.params.items()},
        x=problem.x[::-1],
        state=problem.state[::-1],
    )
    y, z = problem.forward()[0], mirrored.forward()[0]
    assert bits(np.roll(z[::-1], 3, axis=2)) == bits(y)


@cells
@pytest.mark.parametrize("padding", ["none", "right"])
def test_a_residual_layer_adds_its_input_to_its_output(cell, padding):
    one = Recurrent(cell, 2, drop=0.3)
    problem = make_layered(Residual(one), 0, mask=masked(padding, 5, 3), dropped=True)
    inside = problem._replace(layer=one)
    real = np.ones((5, 3, 1), bool) if problem.mask is None else problem.mask[:, :, None]
    y, state, _ = problem.forward()
    inner, theirs, _ = inside.forward()
    assert np.array_equal(y, inner + np.where(real, problem.x, 0))
    assert bits(state) == bits(theirs)
    back, expected = problem.backward(), inside.backward()
    assert np.array_equal(back.x, expected.x + np.where(real, problem.dy, 0))
    assert bits(back.params, back.state, back.states) == bits(expected.params, expected.state, expected.states)


@cells
@compositions(*PLAIN)
@given(seed=seeds, padding=st.sampled_from(MASKS), order=st.permutations(range(4)))
@settings(max_examples=4)
def test_reordering_the_batch_reorders_the_results(cell, kind, seed, padding, order):
    problem = problem_of(kind, cell, seed, padding, N=4)

    def pick(array):
        return array[..., order, :]

    other = problem._replace(
        x=problem.x[:, order],
        mask=None if problem.mask is None else problem.mask[:, order],
        dy=pick(problem.dy),
        state=each(pick, problem.state),
        dstate=each(pick, problem.dstate),
    )
    y, state, _ = problem.forward()
    ours, last, _ = other.forward()
    for a, b in zip(leaves((ours, last)), leaves((pick(y), each(pick, state))), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
    back, theirs = other.backward(), problem.backward()
    for name in theirs.params:
        assert relative(back.params[name], theirs.params[name]) < 1e-11
    for a, b in zip(
        leaves((back.x, back.state, back.states)), leaves((theirs.x, theirs.state, theirs.states)), strict=True
    ):
        np.testing.assert_allclose(a, pick(b), rtol=1e-10, atol=1e-11)


# --- the last output ------------------------------------------------------------------------------


def at_last_real_step(y, mask, first=False):
    mask = np.ones(y.shape[:2], bool) if mask is None else mask
    step = mask.argmax(axis=0) if first else len(mask) - 1 - mask[::-1].argmax(axis=0)
    return y[step, np.arange(len(step))]


AHEAD = {
    "recurrent": lambda cell: Recurrent(cell, 3, drop=0.4),
    "stack": lambda cell: Stack((Recurrent(cell, 3), Dropout(0.3), Recurrent(cell, 2))),
    "residual": lambda cell: Stack((Recurrent(cell, 3), Residual(Recurrent(cell, 3)))),
    "residual of a stack": lambda cell: Stack(
        (Recurrent(cell, 3), Residual(Stack((Recurrent(cell, 3), Dropout(0.0)))))
    ),
    "one mask over time": lambda cell: Stack((Recurrent(cell, 6), Dropout(0.5, "sequence"))),
    "a mask each step": lambda cell: Stack((Recurrent(cell, 6), Dropout(0.5, "step"))),
    "a way around dropout": lambda cell: Stack((Recurrent(cell, 6), Residual(Dropout(0.5, "sequence")))),
    "mean": lambda cell: Stack((Recurrent(cell, 3), Dropout(0.4), Mean())),
    "a way around the mean": lambda cell: Stack((Recurrent(cell, 3), Residual(Mean()))),
    "mean below": lambda cell: Stack((Mean(), Recurrent(cell, 3))),
}


@cells
@pytest.mark.parametrize("kind", AHEAD)
def test_last_is_the_output_at_the_last_real_step(cell, kind):
    for padding in MASKS:
        for dropped in (False, True):
            problem = make_layered(AHEAD[kind](cell), 0, mask=masked(padding, 5, 3), dropped=dropped)
            y, state, tape = problem.forward()
            np.testing.assert_array_equal(
                problem.layer.last(state, tape), at_last_real_step(y, problem.mask), f"{padding}, {dropped}"
            )


@cells
@pytest.mark.parametrize("deep", [False, True])
def test_last_of_both_is_where_each_way_ends(cell, deep):
    layer = Stack((Recurrent(cell, 3), Recurrent(cell, 2), Dropout(0.4))) if deep else Recurrent(cell, 2)
    for padding in MASKS:
        problem = make_layered(Both(layer), 0, mask=masked(padding, 5, 3), dropped=True)
        y, state, tape = problem.forward()
        ends = at_last_real_step(y, problem.mask)[:, :2], at_last_real_step(y, problem.mask, first=True)[:, 2:]
        np.testing.assert_array_equal(problem.layer.last(state, tape), np.concatenate(ends, axis=1), padding)


def both_with_a_way_around(cell):
    return Both(Stack((Recurrent(cell, 2), Residual(Recurrent(cell, 2)))))


LAST = AHEAD | {"both": LAYERS["both"], "stack of both": LAYERS["stack of both"], "within": both_with_a_way_around}


@cells
@pytest.mark.parametrize("kind", LAST)
def test_gradient_of_a_loss_of_the_last_output_equals_central_differences(cell, kind):
    layer = LAST[kind](cell)
    for padding in ("none", "right", "left"):
        problem = make_layered(layer, 4, mask=masked(padding, 5, 3), dropped=True)
        _, state, tape = problem.forward()
        d = np.random.default_rng(0).normal(size=layer.last(state, tape).shape)

        def loss(problem=problem, d=d):
            _, state, tape = problem.forward()
            return float((layer.last(state, tape) * d).sum())

        dstate, below = layer.last_backward(d, state, tape)
        assert below is None
        back = problem._replace(dy=None, dstate=dstate).backward(tape)
        ours, theirs = slopes(loss, varied(problem), leaves((back.params, back.x, back.state)))
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    "layer", [Dropout(0.5), Residual(Recurrent(RNN(), 2)), Residual(Dropout(0.5)), Stack((Dropout(0.5),))], ids=str
)
def test_there_is_no_last_output_without_a_state_below(layer):
    problem = make_layered(layer, 0, dropped=True)
    _, state, tape = problem.forward()
    assert layer.last(state, tape) is None


# --- dropout --------------------------------------------------------------------------------------


@cells
@compositions()
def test_without_a_generator_nothing_is_dropped(cell, kind):
    problem = problem_of(kind, cell)
    y, state, tape = problem.forward()
    assert all(inner.drop is None for inner in tapes_in(tape))
    still = problem._replace(layer=still_layer(problem.layer), seed=1)
    assert bits(y, state) == bits(*still.forward()[:2])


def still_layer(layer):
    """The same layer with every rate 0."""
    if isinstance(layer, Stack):
        return Stack(tuple(map(still_layer, layer.layers)))
    if isinstance(layer, Both | Residual):
        return type(layer)(still_layer(layer.layer))
    if isinstance(layer, Recurrent):
        return Recurrent(layer.cell, layer.H)
    return Dropout(0.0) if isinstance(layer, Dropout) else layer


@given(rate=st.floats(0.05, 0.95), fresh=st.sampled_from(["step", "sequence"]), seed=seeds)
@settings(max_examples=15)
def test_the_share_that_is_dropped_is_the_rate_and_the_rest_is_scaled_up(rate, fresh, seed):
    x = np.random.default_rng(seed + 1).uniform(1, 2, size=(20, 50, 40))
    y = Dropout(rate, fresh).forward({}, x, rng=np.random.default_rng(seed))[0]
    kept = y != 0
    draws = x.size if fresh == "step" else x[0].size
    assert abs(kept.mean() - (1 - rate)) < 6 * (rate * (1 - rate) / draws) ** 0.5
    np.testing.assert_allclose(y[kept], x[kept] / (1 - rate), rtol=1e-14)
    assert (kept == kept[0]).all() == (fresh == "sequence")


@cells
@pytest.mark.parametrize("by_gate", [False, True])
@pytest.mark.parametrize("fresh", ["step", "sequence"])
def test_what_is_dropped_of_h_has_the_shape_that_was_asked_for(cell, fresh, by_gate):
    rate, T, N, H = 0.3, 8, 20, 30
    layer = Recurrent(cell, H, rate, fresh, by_gate)
    params = layer.init(2, np.random.default_rng(0))
    drop = layer.forward(params, np.zeros((T, N, 2)), rng=np.random.default_rng(1))[2].drop
    assert drop.shape == (T, cell.gates if by_gate else 1, N, H)
    assert set(np.unique(drop)) == {0.0, 1 / (1 - rate)}
    assert abs((drop[0] == 0).mean() - rate) < 6 * (rate * (1 - rate) / drop[0].size) ** 0.5
    assert (drop == drop[0]).all() == (fresh == "sequence")
    assert all((drop[:, k] != drop[:, 0]).any() for k in range(1, drop.shape[1]))
    assert (drop[:, :, 0] != drop[:, :, 1]).any()


@cells
@compositions()
def test_the_same_generator_drops_the_same_and_another_something_else(cell, kind):
    problem = problem_of(kind, cell, dropped=True)
    once, again, other = (problem._replace(seed=seed).forward()[0] for seed in (1, 1, 2))
    assert bits(once) == bits(again)
    assert kind == "residual" or bits(once) != bits(other)


# --- truncation -----------------------------------------------------------------------------------

CUT = {
    "stack": lambda cell: Stack((Recurrent(cell, 3), Recurrent(cell, 2))),
    "residual": lambda cell: Stack(
        (Recurrent(cell, 3), Dropout(0.3), Residual(Recurrent(cell, 3)), Recurrent(cell, 2))
    ),
    "tokens": lambda cell: Stack((Embedding(V, 2), Recurrent(cell, 3), Recurrent(cell, 2))),
    "mean": lambda cell: Stack((Recurrent(cell, 3), Mean(), Recurrent(cell, 2), Mean())),
}


@cells
@pytest.mark.parametrize("kind", CUT)
@pytest.mark.parametrize("padding", ["none", "hole", "random"])
def test_truncation_equals_blocks_run_one_by_one(cell, kind, padding):
    """A block may well be nothing but padding for one of the sequences."""
    T, N = 7, 3
    tokens = {"V": V} if kind == "tokens" else {}
    problem = make_layered(CUT[kind](cell), 1, T, N, mask=masked(padding, T, N), **tokens)
    full = problem.backward()
    for k in (1, 2, 3, 7, 9):
        state, backs = problem.state, []
        for start in range(0, T, k):
            part = slice(start, start + k)
            block = problem._replace(
                x=problem.x[part],
                dy=problem.dy[part],
                mask=None if problem.mask is None else problem.mask[part],
                state=state,
                dstate=problem.dstate if part.stop >= T else None,
            )
            _, state, tape = block.forward()
            backs.append(block.backward(tape))
        ours = problem.backward(truncate=k)
        for name, grad in ours.params.items():
            assert relative(grad, sum(back.params[name] for back in backs)) < 1e-12
        if kind != "tokens":
            assert relative(ours.x, np.concatenate([back.x for back in backs])) < 1e-12
        for a, b in zip(leaves(ours.state), leaves(backs[0].state), strict=True):
            assert relative(a, b) < 1e-12
        for a, *parts in zip(leaves(ours.states), *(leaves(back.states) for back in backs), strict=True):
            assert relative(a, np.concatenate(parts, axis=1)) < 1e-12
        assert (bits(all_of(ours)) == bits(all_of(full))) == (k >= T)


@pytest.mark.parametrize("k", [1, 3, 5, 100])
@pytest.mark.parametrize(
    "layer",
    [
        Both(Recurrent(GRU(), 1)),
        Stack((Recurrent(GRU(), 2), Both(Recurrent(GRU(), 1)))),
        Residual(Both(Recurrent(GRU(), 1))),
        Stack((Residual(Stack((Both(Dropout(0.1)), Recurrent(RNN(), 2)))),)),
        Both(Both(Recurrent(RNN(), 1))),
    ],
    ids=str,
)
def test_what_reads_from_both_ends_is_not_truncated(layer, k):
    problem = make_layered(layer, 0)
    with refused(ValueError, "reads from both ends", "cannot be truncated", f"got truncate={k}"):
        problem.backward(truncate=k)
    assert layer.reads_ahead
    assert not Stack((Recurrent(GRU(), 2), Residual(Dropout(0.1)))).reads_ahead


# --- memory ---------------------------------------------------------------------------------------


@cells
@compositions()
def test_one_workspace_over_many_steps_changes_no_bit(cell, kind):
    workspace = Workspace()
    for seed, (T, N) in enumerate([(5, 3), (7, 2), (3, 4), (7, 4)]):
        problem = problem_of(kind, cell, seed, MASKS[seed], T, N, dropped=True)
        y, state, tape = problem.forward(workspace)
        back = problem.backward(tape, workspace=workspace)
        theirs, last, other = problem.forward()
        expected = problem.backward(other)
        assert bits(y, state) == bits(theirs, last)
        assert bits(all_of(back)) == bits(all_of(expected))


@cells
def test_layers_in_one_workspace_leave_the_tapes_of_one_another_alone(cell):
    layer = Stack((Recurrent(cell, 3), Residual(Recurrent(cell, 3)), Both(Recurrent(cell, 3)), Recurrent(cell, 3)))
    problem = make_layered(layer, 0, D=3)
    workspace = Workspace()
    tapes = tapes_in(problem.forward(workspace)[2])
    for ours, theirs in zip(tapes, tapes_in(problem.forward()[2]), strict=True):
        assert bits(ours.x, ours.gates, ours.states, ours.aux) == bits(
            theirs.x, theirs.gates, theirs.states, theirs.aux
        )
    for k, one in enumerate(tapes):
        assert not any(np.shares_memory(one.states, other.states) for other in tapes[:k])


@cells
@compositions()
def test_a_tape_is_stale_after_another_forward_in_its_workspace(cell, kind):
    problem, workspace = problem_of(kind, cell), Workspace()
    _, _, tape = problem.forward(workspace)
    problem.forward(workspace)
    with refused(ValueError, "the tape is stale"):
        problem.backward(tape, workspace=workspace)


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, np.nan, np.inf])
def test_rates_outside_0_to_1_are_refused(rate):
    bounds = f"is a finite number of at least 0 and below 1; got {rate}"
    with refused(ValueError, f"rate {bounds}"):
        Dropout(rate)
    with refused(ValueError, f"drop {bounds}"):
        Recurrent(GRU(), 2, drop=rate)


@pytest.mark.parametrize("rate", ["0.5", None, True])
def test_rates_that_are_no_numbers_are_refused(rate):
    with refused(TypeError, f"rate is a number; got {rate!r}"):
        Dropout(rate)


@pytest.mark.parametrize("fresh", ["batch", None, 1])
def test_an_unknown_word_for_how_often_is_drawn_is_refused(fresh):
    message = f"fresh is one of 'step', 'sequence'; got {fresh!r}"
    with refused(ValueError, message):
        Dropout(0.5, fresh)
    with refused(ValueError, message):
        Recurrent(GRU(), 2, 0.5, fresh)


@pytest.mark.parametrize("make", [Both, Residual, lambda layer: Stack((Dropout(0.1), layer))])
def test_what_is_no_layer_is_refused_and_a_cell_gets_a_hint(make):
    what = "a layer is a Recurrent, Dropout, Embedding, Mean, Both, Residual or Stack; got "
    with refused(TypeError, what + "3"):
        make(3)
    with refused(TypeError, what + "LSTM()", ": Recurrent(LSTM(), H) is one"):
        make(LSTM())
    with refused(TypeError, what + "<class"):
        make(Recurrent)


def test_a_recurrent_layer_is_made_of_a_cell_and_a_size():
    with refused(TypeError, "cell is an instance as RNN(), LSTM() or GRU(); got <class"):
        Recurrent(GRU, 2)
    with refused(ValueError, "H is a whole number of at least 1; got 0"):
        Recurrent(GRU(), 0)
    with refused(TypeError, "V is a whole number; got 2.0"):
        Embedding(2.0, 1)
    with refused(ValueError, "D is a whole number of at least 1; got 0"):
        Embedding(2, 0)


def test_a_stack_that_cannot_stand_is_refused():
    with refused(ValueError, "a stack has at least one layer; got none"):
        Stack(())
    with refused(TypeError, "layers is a tuple of layers; got Recurrent"):
        Stack(Recurrent(RNN(), 2))
    with refused(ValueError, "an embedding reads tokens: it is the lowest layer; got it as layer 1"):
        Stack((Recurrent(RNN(), 2), Embedding(3, 2)))


def test_parameters_of_another_composition_are_refused():
    problem = make_layered(Stack((Recurrent(RNN(), 3), Recurrent(RNN(), 2))), 0)
    _, _, tape = problem.forward()
    fewer = {key: p for key, p in problem.params.items() if key != "l1.W_hh"}
    more = problem.params | {"l2.W_hh": np.ones((2, 2))}
    for params, error, parts in [
        (fewer, KeyError, ("needs params l0.W_xh, l0.W_hh, l0.b_h, l1.W_xh", "l1.W_hh missing")),
        (more, ValueError, ("has params l0.W_xh", "l2.W_hh left over")),
        ([1], TypeError, ("is a dict of arrays by name; got list",)),
    ]:
        with refused(error, *parts):
            problem._replace(params=params).forward()
        with refused(error, *parts):
            problem._replace(params=params).backward(tape)
    with refused(KeyError, "Both(", "there.W_xh", "missing"):
        Both(Recurrent(RNN(), 3)).forward(problem.params, problem.x)


def test_names_without_a_dot_are_left_to_others():
    problem = make_layered(Stack((Recurrent(RNN(), 3),)), 0)
    more = problem._replace(params=problem.params | {"W_hy": None})
    assert bits(*more.forward()[:2]) == bits(*problem.forward()[:2])


STATES = [
    (Stack((Recurrent(RNN(), 2), Recurrent(RNN(), 2))), (np.ones((3, 2)),), "a tuple of 2, one a layer; got 1 of them"),
    (Stack((Recurrent(RNN(), 2),)), np.ones((3, 2)), "a tuple of 1, one a layer; got ndarray"),
    (Stack((Recurrent(RNN(), 2),)), (np.ones((3, 2)),), "a tuple (h,) of arrays (3, 2); got ndarray"),
    (Stack((Recurrent(LSTM(), 2),)), ((np.ones((3, 2)),),), "a tuple (h, c) of arrays (3, 2); got 1 of them"),
    (Both(Recurrent(RNN(), 2)), (np.ones((3, 2)),), "a pair, for the way there and the way back; got 1 of them"),
    (Both(Recurrent(RNN(), 2)), (np.ones((3, 2)),) * 2, "a tuple (h,) of arrays (3, 2); got ndarray"),
    (Dropout(0.5), (np.ones((3, 2)),), "is (), since it has none; got tuple"),
    (Residual(Dropout(0.5)), np.ones((3, 2)), "is (), since it has none; got ndarray"),
    (Recurrent(RNN(), 2), (np.ones((3, 4)),), " h has shape (N = 3, H = 2); got (3, 4)"),
]


@pytest.mark.parametrize(("layer", "state", "message"), STATES)
def test_states_of_another_nesting_are_refused(layer, state, message):
    problem = make_layered(layer, 0)
    _, _, tape = problem.forward()
    with refused(ValueError, "state", message):
        problem._replace(state=state).forward()
    with refused(ValueError, "dstate", message):
        problem._replace(dstate=state).backward(tape)


@pytest.mark.parametrize("rng", [0, np.random.RandomState(0), np.random], ids=str)
@pytest.mark.parametrize("layer", [Dropout(0.5), Recurrent(RNN(), 2, 0.5), Both(Dropout(0.5))], ids=str)
def test_what_is_no_generator_is_refused(layer, rng):
    problem = make_layered(layer, 0)
    with refused(TypeError, "rng is a Generator, as np.random.default_rng(0) gives; got", type(rng).__name__):
        layer.forward(problem.params, problem.x, rng=rng)


@pytest.mark.parametrize("start", [True, False])
def test_a_way_around_a_layer_of_another_width_is_refused(start):
    layer = Residual(Recurrent(RNN(), 3))
    params = Recurrent(RNN(), 3).init(2, np.random.default_rng(0))
    with refused(ValueError, "Residual(", "adds its input to its output: 2 features to 3"):
        if start:
            layer.init(2, np.random.default_rng(0))
        layer.forward(params, np.ones((5, 3, 2)))


def test_an_embedding_is_as_large_as_its_input_and_its_parameters():
    with refused(ValueError, "reads 4 different tokens; the input size is 3"):
        Embedding(4, 2).init(3, np.random.default_rng(0))
    with refused(ValueError, "E has shape (V = 4, D = 2); got (5, 2)"):
        Embedding(4, 2).forward({"E": np.ones((5, 2))}, np.zeros((5, 3), int))
    with refused(ValueError, "tokens have shape (T, N); got (5, 3, 1)"):
        Embedding(4, 2).forward({"E": np.ones((4, 2))}, np.zeros((5, 3, 1), int))
    with refused(ValueError, "tokens are from 0 to 3; got -1 to 0"):
        Embedding(4, 2).forward({"E": np.ones((4, 2))}, -np.eye(3, dtype=int))


READ = {
    "recurrent": Recurrent(GRU(), 2),
    "dropout": Dropout(0.5),
    "residual": Residual(Recurrent(GRU(), 2)),
    "residual of dropout": Residual(Dropout(0.5)),
    "both": Both(Recurrent(GRU(), 1)),
    "stack": Stack((Recurrent(GRU(), 3), Dropout(0.5), Recurrent(GRU(), 2))),
}


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_x_that_is_not_finite_at_a_real_step_is_refused_with_its_place(kind, bad):
    problem = make_layered(READ[kind], 0, mask=masked("right", 5, 3))
    problem.x[4, 0] = np.nan  # padding: not looked at
    problem.forward()
    problem.x[2, 1, 1] = bad
    with refused(ValueError, f"x holds {bad} at (2, 1, 1); finite numbers expected"):
        problem.forward()


@pytest.mark.parametrize("kind", READ)
def test_x_that_is_no_sequence_of_floats_is_refused(kind):
    problem = make_layered(READ[kind], 0)
    with refused(TypeError, "x holds floating point numbers; got dtype int64", "one_hot or "):
        problem._replace(x=np.ones((5, 3, 2), int)).forward()
    with refused(ValueError, "x has shape (T, N, D", "got (5, 2)"):
        problem._replace(x=np.ones((5, 2))).forward()
    with refused(ValueError, "x is one array", "unequal length"):
        problem._replace(x=[[[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]]]).forward()


@pytest.mark.parametrize("kind", [*READ, "embedding"])
@pytest.mark.parametrize("shape", [(5, 3, 3), (5, 3, 4), (4, 3, 2), (5, 2, 2), (5, 3), ()])
def test_gradients_of_another_shape_than_the_outputs_are_refused(kind, shape):
    tokens = {"V": V} if kind == "embedding" else {}
    problem = make_layered(Embedding(V, 2) if kind == "embedding" else READ[kind], 0, **tokens)
    _, _, tape = problem.forward()
    with refused(ValueError, "has shape (T = 5, N = 3, ", f"= 2); got {shape}"):
        problem._replace(dy=np.ones(shape)).backward(tape)


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize(
    ("mask", "error", "parts"),
    [
        (np.ones((5, 2), bool), ValueError, ("mask has shape (T = 5, N = 3); got (5, 2)",)),
        (np.ones((5, 3, 1), bool), ValueError, ("mask has shape (T = 5, N = 3); got (5, 3, 1)",)),
        (np.ones((5, 3)), TypeError, ("mask holds True where a step is real; got dtype float64",)),
        (np.ones((5, 3), int), TypeError, ("mask holds True where a step is real; got dtype int64",)),
    ],
    ids=["shape", "axes", "floats", "integers"],
)
def test_masks_that_say_something_else_are_refused(kind, mask, error, parts):
    problem = make_layered(READ[kind], 0)
    with refused(error, *parts):
        problem._replace(mask=mask).forward()


@cells
def test_layers_send_back_the_gradient_of_one_loss_and_refuse_those_of_many(cell):
    layer, N = Residual(Recurrent(cell, 2)), 2
    params = layer.init(2, np.random.default_rng(0))
    _, state, tape = layer.forward(params, np.zeros((2, N, 2)), mask=np.array([[True, False], [True, True]]))
    with pytest.raises(ValueError, match=r"dy has shape \(T = 2, N = 2, D = 2\); got \(2, 2, 2, 2\)"):
        layer.backward(params, tape, np.ones((2, 2, N, 2)))
    with pytest.raises(ValueError, match=r"dstate h has shape \(N = 2, H = 2\); got \(3, 2, 2\)"):
        layer.backward(params, tape, dstate=tuple(np.ones((3, *array.shape)) for array in state))


@cells
def test_a_way_around_keeps_the_dtype_of_the_parameters(cell):
    layer = Stack((Residual(Recurrent(cell, 2)), Residual(Recurrent(cell, 2))))
    params = layer.init(2, np.random.default_rng(0), dtype=np.float32)
    y, state, tape = layer.forward(params, np.ones((3, 1, 2)))
    back = layer.backward(params, tape, np.ones(y.shape))
    assert {y.dtype, *(array.dtype for array in leaves(state)), *(g.dtype for g in back.params.values())} == {y.dtype}
    assert y.dtype == np.float32


@pytest.mark.parametrize("layer", [Recurrent(RNN(), 2), Dropout(0.0)], ids=["recurrent", "dropout"])
def test_what_is_no_generator_is_refused_even_where_nothing_is_dropped(layer):
    params = layer.init(2, np.random.default_rng(0))
    with pytest.raises(TypeError, match="rng is a Generator"):
        layer.forward(params, np.zeros((2, 1, 2)), rng=3)


@dataclass(frozen=True)
class Projected(Layer):
    """A layer that a reader might write: x W at every step, whatever the mask says."""

    K: int

    def width(self, D):
        return self.K

    def names(self):
        return ("W",)

    def input_size(self, params):
        return len(params["W"])

    def init(self, D, rng, **start):
        return {"W": rng.normal(size=(D, self.K))}

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        return x @ params["W"], (), (x, mask)

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        x, _ = tape
        return Backward({"W": np.einsum("tnd,tnk->dk", x, dy)}, dy @ params["W"].T, (), ())


@cells
def test_a_layer_of_the_readers_own_may_stand_anywhere(cell):
    layer = Stack((Recurrent(cell, 2), Residual(Projected(2)), Both(Recurrent(cell, 2))))
    mask, rng = masked("hole", 5, 3), np.random.default_rng(0)
    params = {key: array + 0.3 * rng.normal(size=array.shape) for key, array in layer.init(2, rng).items()}
    x, dy = rng.normal(size=(5, 3, 2)), rng.normal(size=(5, 3, 4))

    def f(given):
        own = {key: array for key, array in given.items() if key != "x"}
        y, _, tape = layer.forward(own, given["x"], mask=mask)
        back = layer.backward(own, tape, dy)
        return float((y * dy).sum()), {**back.params, "x": back.x}

    assert gradcheck(f, {**params, "x": x}).error < 1e-6


@cells
def test_what_the_caller_does_to_a_mask_afterwards_changes_no_gradient(cell):
    layer, mask, rng = Recurrent(cell, 2), masked("right", 5, 3), np.random.default_rng(0)
    params, x, drop = layer.init(2, rng), rng.normal(size=(5, 3, 2)), np.ones((1, 1, 3, 2))
    h, _, tape = unroll(cell, params, x, mask=mask, drop=drop)
    expected = bits(bptt(cell, params, tape, h).params)
    mask[:], drop[:] = True, 0
    assert bits(bptt(cell, params, tape, h).params) == expected


def test_a_dropout_that_drops_nothing_hands_out_what_cannot_be_written():
    x = np.ones((2, 1, 3))
    y, _, tape = Dropout(0.5).forward({}, x)
    dx = Dropout(0.5).backward({}, tape, x).x
    assert not y.flags.writeable
    assert not dx.flags.writeable
    assert x.flags.writeable


@pytest.mark.parametrize(
    "layer",
    [
        Dropout(0.5),
        Embedding(4, 2),
        Both(Recurrent(RNN(), 2)),
        Residual(Recurrent(RNN(), 2)),
        Stack((Recurrent(RNN(), 2), Dropout(0.5))),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_the_tape_of_another_layer_is_refused(layer):
    tokens = layer.reads_tokens
    params = layer.init(4 if tokens else 2, np.random.default_rng(0))
    y, _, tape = layer.forward(params, np.zeros((3, 1), int) if tokens else np.zeros((3, 1, 2)))
    for wrong in (None, [], (), (tape,), "tape"):
        with pytest.raises(TypeError, match=r"tape of .* is what its forward returned third; got"):
            layer.backward(params, wrong, y)


def test_parameters_of_mixed_dtype_are_refused_across_a_stack():
    layer = Stack((Recurrent(RNN(), 2), Recurrent(RNN(), 2)))
    params = layer.init(2, np.random.default_rng(0))
    params["l1.b_h"] = params["l1.b_h"].astype(np.float32)
    with pytest.raises(TypeError, match="params are arrays of one dtype, float32 or float64; got"):
        layer.forward(params, np.zeros((3, 1, 2)))


@pytest.mark.parametrize("layer", [Dropout(0.5), Stack((Dropout(0.5),)), Recurrent(RNN(), 2)])
def test_a_truncation_that_is_no_number_of_steps_is_refused_by_every_layer(layer):
    params = layer.init(2, np.random.default_rng(0))
    y, _, tape = layer.forward(params, np.zeros((3, 1, 2)))
    with pytest.raises(ValueError, match="truncate is a whole number of at least 1; got -3"):
        layer.backward(params, tape, y, truncate=-3)


def test_layers_show_what_is_not_as_it_is_anyway():
    assert repr(Stack((Recurrent(RNN(), 2), Dropout(0.5, "sequence")))) == (
        "Stack(layers=(Recurrent(cell=RNN(activation='tanh'), H=2), Dropout(rate=0.5, fresh='sequence')))"
    )


def test_the_gradient_of_h_is_that_of_one_recurrent_layer():
    for layer in (Dropout(0.5), Stack((Recurrent(RNN(), 2),)), Both(Recurrent(RNN(), 2))):
        params = layer.init(2, np.random.default_rng(0))
        y, _, tape = layer.forward(params, np.zeros((3, 1, 2)))
        back = layer.backward(params, tape, y)
        with pytest.raises(AttributeError, match="of a composition take states, nested as its state is"):
            back.h  # noqa: B018
