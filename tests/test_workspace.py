"""The workspace: memory that is used again changes no number, and what it wrote over is not used by mistake."""

import copy
import gc
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.lab.tasks import Adding
from rnnbook.lab.training import Training
from rnnbook.nn import GRU, LSTM, RNN, Adam, Workspace, bptt, unroll
from tests.problems import ALL_CELLS, cells, dtypes, flat, make, seeds


def both_ways(problem, workspace=None, **options):
    """h, the last state and all gradients."""
    cell, params, x, state, dh, dstate = problem
    h, last, tape = unroll(cell, params, x, state, workspace)
    back = bptt(cell, params, tape, dh, dstate, workspace=workspace, **options)
    return h.copy(), last, flat(back), back.states.copy()


def assert_equal(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        assert all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))


@dtypes
@cells
def test_a_used_workspace_changes_no_bit(cell, dtype):
    workspace = Workspace()
    for seed, sizes in enumerate(({}, {"T": 9, "N": 5, "H": 7}, {"T": 2, "N": 1, "H": 3}, {})):
        problem = make(cell, seed, dtype=dtype, **sizes)
        assert_equal(both_ways(problem, workspace), both_ways(problem))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(ALL_CELLS), st.integers(1, 9), st.integers(1, 4), seeds), max_size=5))
def test_any_mix_of_cells_and_sizes_may_share_one(runs):
    workspace = Workspace()
    for cell, T, N, seed in runs:
        problem = make(cell, seed, T=T, N=N)
        assert_equal(both_ways(problem, workspace, truncate=2), both_ways(problem, truncate=2))
    assert workspace.runs == len(runs)


@cells
def test_a_stale_tape_is_refused_wherever_it_is_used(cell):
    problem, workspace = make(cell, 0), Workspace()
    _, _, tape = unroll(cell, problem.params, problem.x, workspace=workspace)
    part = tape.part(0, 2)
    bptt(cell, problem.params, tape, problem.dh, workspace=workspace)  # the way back leaves it fresh
    bptt(cell, problem.params, tape, problem.dh, workspace=workspace)
    unroll(cell, problem.params, problem.x, workspace=workspace)
    uses = (
        lambda: bptt(cell, problem.params, tape, problem.dh),
        lambda: bptt(cell, problem.params, part, problem.dh[:2]),
        lambda: tape.gates,
        lambda: tape.states,
        lambda: tape.aux,
        lambda: tape.part(0, 1),
        lambda: tape.windows(2),
        lambda: tape.steps(0, 1),
    )
    for use in uses:
        with pytest.raises(ValueError, match="stale: a later unroll wrote into its workspace"):
            use()


@cells
def test_a_copy_of_a_tape_outlives_its_workspace(cell):
    problem, workspace = make(cell, 0), Workspace()
    _, _, tape = unroll(cell, problem.params, problem.x, workspace=workspace)
    copy = tape.windows(len(problem.x))
    before = flat(bptt(cell, problem.params, copy, problem.dh))
    unroll(cell, problem.params, -problem.x, workspace=workspace)
    assert np.array_equal(flat(bptt(cell, problem.params, copy, problem.dh)), before)


@cells
def test_last_state_and_gradients_of_parameters_are_never_written_over(cell):
    problem, workspace = make(cell, 0), Workspace()
    _, last, tape = unroll(cell, problem.params, problem.x, workspace=workspace)
    back = bptt(cell, problem.params, tape, problem.dh, workspace=workspace)
    kept = [*last, *back.params.values()]
    before = [array.copy() for array in kept]
    both_ways(make(cell, 1), workspace)
    assert all(np.array_equal(a, b) for a, b in zip(kept, before, strict=True))


@cells
def test_chunks_may_hand_their_gradient_on_inside_the_workspace(cell):
    problem, workspace = make(cell, 0, T=8), Workspace()
    _, _, tape = problem.unroll()
    whole = bptt(cell, problem.params, tape, problem.dh)
    dstate, parts = None, []
    for start in (6, 3, 0):
        stop = min(start + 3, 8)
        part = tape.part(start, stop)
        parts.append(bptt(cell, problem.params, part, problem.dh[start:stop], dstate, workspace=workspace))
        dstate = parts[-1].state
    total = {key: sum(part.params[key] for part in parts) for key in whole.params}
    for key, expected in whole.params.items():
        np.testing.assert_allclose(total[key], expected, rtol=1e-10, atol=1e-13)


@cells
def test_gradients_in_the_workspace_may_be_sent_back_once_more(cell):
    problem, workspace = make(cell, 0, T=8), Workspace()
    _, _, tape = problem.unroll()
    sent = tuple(states.copy() for states in bptt(cell, problem.params, tape, problem.dh, workspace=workspace).states)
    for k, expected in enumerate(sent):
        inside = bptt(cell, problem.params, tape, problem.dh, workspace=workspace).states[k]
        found = bptt(cell, problem.params, tape, inside, workspace=workspace)
        assert np.array_equal(flat(found), flat(bptt(cell, problem.params, tape, expected)))
    inside = bptt(cell, problem.params, tape, problem.dh, workspace=workspace).h[4:]
    found = bptt(cell, problem.params, tape.part(0, 4), inside, workspace=workspace)
    assert np.array_equal(flat(found), flat(bptt(cell, problem.params, tape.part(0, 4), sent[0][4:])))


@cells
def test_a_layer_may_read_the_layer_below_from_the_same_workspace(cell):
    below, above = make(cell, 0, D=2, H=4), make(cell, 1, D=4, H=4)
    workspace = Workspace()
    inside, _, _ = unroll(cell, below.params, below.x, workspace=workspace)
    x = inside.copy()
    _, _, tape = unroll(cell, above.params, inside, workspace=workspace)
    assert np.array_equal(tape.x, x)
    found = flat(bptt(cell, above.params, tape, above.dh, workspace=workspace))
    _, _, fresh = unroll(cell, above.params, x)
    assert np.array_equal(found, flat(bptt(cell, above.params, fresh, above.dh)))


def test_a_copied_workspace_shares_nothing_and_still_knows_its_memory():
    _, params, x, *_ = make(RNN(), 0)
    workspace = Workspace()
    h, _, tape = unroll(RNN(), params, x, workspace=workspace)
    kept, twin = h.copy(), copy.deepcopy(workspace)
    ours, _, _ = unroll(RNN(), params, 2 * x, workspace=twin)
    np.testing.assert_array_equal(h, kept)
    assert tape.gates.any()
    assert twin.holds(ours)
    assert not workspace.holds(ours)
    assert not twin.holds(h)


def test_an_empty_part_and_no_gradient_at_all_are_refused():
    problem = make(LSTM(), 0, N=1)
    _, _, tape = problem.unroll()
    with pytest.raises(ValueError, match=r"at least one step and one sequence; got x of shape \(0, 1, 2\)"):
        bptt(LSTM(), problem.params, tape.part(3, 3), problem.dh[:0])
    with pytest.raises(ValueError, match="of M losses M is at least 1; got M = 0"):
        bptt(LSTM(), problem.params, tape, np.ones((6, 0, 1, 4)))


def test_what_is_no_workspace_is_refused():
    problem = make(RNN(), 0)
    with pytest.raises(TypeError, match=r"workspace is a Workspace\(\) or None; got dict"):
        unroll(RNN(), problem.params, problem.x, workspace={})
    with pytest.raises(TypeError, match=r"workspace is a Workspace\(\) or None; got bool"):
        bptt(RNN(), problem.params, problem.unroll()[2], problem.dh, workspace=True)


@pytest.mark.parametrize(("cell", "arrays"), [(RNN(), 2), (LSTM(), 7), (GRU(), 5), (GRU("before"), 5)], ids=str)
@dtypes
def test_the_tape_holds_so_many_arrays_a_step(cell, arrays, dtype):
    T, N, D, H = 7, 3, 2, 4
    _, _, tape = make(cell, 0, T=T, N=N, D=D, H=H, dtype=dtype).unroll()
    step = N * (arrays * H + D)  # the documented count, of numbers
    assert tape.nbytes == (T * step + cell.states * N * H) * np.dtype(dtype).itemsize
    assert arrays <= 8


@cells
def test_training_steps_ask_for_no_new_large_memory(cell):
    rng, task = np.random.default_rng(0), Adding(T=200)
    model = task.model(cell)
    params = model.init_params(2, 16, 1, rng)
    batch = task.make_batch(rng, 64)
    training = Training(model, params, iter(lambda: batch, None), Adam(), clip=1.0)
    for _ in training.run(3):
        pass
    gc.collect()
    tracemalloc.start()
    for _ in training.run(8):
        pass
    grown, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    one = 200 * 64 * 16 * 8  # a (T, N, H) array; views of its steps take some hundred bytes each
    assert peak < one
    assert grown < one / 32
    assert training.workspace.nbytes > 3 * one  # so what a step needs is there, and not made anew


def test_results_are_equal_from_process_to_process():
    code = (
        "import numpy as np; from rnnbook import *; rng = np.random.default_rng(0); cell = LSTM();"
        "p = init_params(cell, 20, 64, rng); h, _, tape = unroll(cell, p, rng.normal(size=(50, 32, 20)));"
        "b = bptt(cell, p, tape, h); print(b.params['W_hh'].tobytes().hex()[:4000], b.x.sum().hex())"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 4000


@pytest.mark.parametrize("cell", [RNN("relu"), RNN("identity")], ids=str)
def test_an_overflow_in_a_network_without_gates_is_told(cell):
    params = {"W_xh": np.ones((1, 1)), "W_hh": np.full((1, 1), 1e200), "b_h": np.zeros(1)}
    with pytest.warns(RuntimeWarning, match="overflow"):
        unroll(cell, params, np.ones((4, 1, 1)))


@pytest.mark.parametrize("cell", [LSTM(), GRU(), GRU("before"), RNN("sigmoid")], ids=str)
def test_a_gate_that_is_shut_beyond_exp_is_zero_without_a_warning(cell):
    problem = make(cell, 0)
    problem.params["b_h"] -= 1e4
    h, _, tape = problem.unroll()
    assert np.isfinite(h).all()
    assert not tape.gates[0].any() if cell.gates > 1 else not h.any()
