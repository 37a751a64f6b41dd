"""Laws of truncation: blocks, windows, laps, the triangle, and what reciting means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook.lab.gradients import cosine, cuts, gradient_within, pair_norms, pairs_kept, triangle
from rnnbook.lab.gradients.flow import of_each_loss
from rnnbook.lab.reading import recite
from rnnbook.lab.studies import echo_accuracy, echo_training, load_table
from rnnbook.lab.tasks import Echo, Text
from rnnbook.lab.training import Training, blocks, laps
from rnnbook.nn import RNN, SGD, Batch, bptt, unroll
from tests.problems import make, seeds
from tests.problems import recursions as cells
from tools import tables

WAYS = ("blocks", "window", "restart")


def draw_problem(cell, seed, T=6):
    """A problem that starts from zeros, as `triangle` does."""
    problem = make(cell, seed, T=T)
    return problem._replace(state=None)


@cells
@pytest.mark.parametrize("k", [1, 2, 5, 6, 7])
def test_a_window_is_the_sum_of_losses_that_each_see_k_steps(cell, k):
    """The law by its definition: every loss alone, cut once, k - 1 steps before it."""
    problem = make(cell, seed=1, T=6)
    _, _, tape = problem.unroll()
    found = gradient_within(cell, problem.params, tape, problem.dh, k)
    expected = {key: np.zeros_like(g) for key, g in found.items()}
    for t in range(6):
        first = max(0, t - k + 1)
        alone = np.zeros_like(problem.dh[first : t + 1])
        alone[-1] = problem.dh[t]
        for key, g in bptt(cell, problem.params, tape.part(first, t + 1), alone).params.items():
            expected[key] += g
    for key in found:
        np.testing.assert_allclose(found[key], expected[key], rtol=1e-9, atol=1e-12)


@cells
@given(seed=seeds, k=st.integers(1, 12), T=st.integers(1, 10))
def test_the_whole_window_is_the_full_gradient_and_one_step_is_one_block(cell, seed, k, T):
    problem = make(cell, seed, T=T)
    _, _, tape = problem.unroll()
    found = gradient_within(cell, problem.params, tape, problem.dh, k)
    if k >= T or k == 1:
        same = bptt(cell, problem.params, tape, problem.dh, truncate=k).params
        for key in found:
            np.testing.assert_allclose(found[key], same[key], rtol=1e-8, atol=1e-10)


def test_a_window_needs_a_step_and_gradients_of_the_tapes_shape():
    problem = make(RNN(), seed=0)
    _, _, tape = problem.unroll()
    with pytest.raises(ValueError, match="k is a whole number of at least 1; got 0"):
        gradient_within(RNN(), problem.params, tape, problem.dh, 0)
    with pytest.raises(ValueError, match=r"dh has shape \(T = 6, N = 3, H = 4\); got \(5, 3, 4\)"):
        gradient_within(RNN(), problem.params, tape, problem.dh[:5], 2)


@given(T=st.integers(1, 40), k=st.integers(1, 45))
def test_pairs_are_counted_as_they_should_be(T, k):
    whole, rest = divmod(T, k)
    in_blocks = whole * k * (k + 1) // 2 + rest * (rest + 1) // 2
    assert pairs_kept(T, k, "blocks").sum() == pairs_kept(T, k, "restart").sum() == in_blocks
    assert pairs_kept(T, k, "window").sum() == sum(min(t, k) for t in range(1, T + 1))
    for way in WAYS:
        kept = pairs_kept(T, k, way)
        assert kept.diagonal().all()
        assert not np.triu(kept, 1).any()
    assert (pairs_kept(T, k, "window") >= pairs_kept(T, k, "blocks")).all()


@cells
@pytest.mark.parametrize("way", WAYS)
def test_a_window_of_all_steps_cuts_nothing(cell, way):
    problem = draw_problem(cell, seed=3)
    found = triangle(cell, problem.params, problem.x, problem.dh, 6, way)
    assert found.cosine == pytest.approx(1)
    assert found.ratio == pytest.approx(1)
    np.testing.assert_allclose(found.norms, pair_norms(cell, problem.params, problem.x, problem.dh), rtol=1e-10)


@cells
@pytest.mark.parametrize("way", WAYS)
def test_the_triangle_measures_the_gradient_that_training_would_use(cell, way):
    problem, k = draw_problem(cell, seed=5), 2
    _, _, tape = problem.unroll()
    full = bptt(cell, problem.params, tape, problem.dh).params
    if way == "restart":
        parts = [slice(t, t + k) for t in (0, 2, 4)]
        runs = [unroll(cell, problem.params, problem.x[part])[2] for part in parts]
        found = [bptt(cell, problem.params, run, problem.dh[p]).params for run, p in zip(runs, parts, strict=True)]
        left = {key: sum(grads[key] for grads in found) for key in full}
    elif way == "window":
        left = gradient_within(cell, problem.params, tape, problem.dh, k)
    else:
        left = bptt(cell, problem.params, tape, problem.dh, truncate=k).params
    measured = triangle(cell, problem.params, problem.x, problem.dh, k, way)
    assert measured.cosine == pytest.approx(cosine(left, full))
    assert (measured.norms[~measured.kept] == 0).all() == (way == "restart")


@pytest.mark.parametrize("way", WAYS)
@given(seed=seeds, T=st.integers(1, 8))
def test_all_windows_at_once_are_the_windows_one_by_one(way, seed, T):
    problem = draw_problem(RNN(), seed, T)
    x, dh = problem.x[:, :1], problem.dh[:, :1]
    found = cuts(problem.params, x, dh, way)
    one_by_one = [triangle(RNN(), problem.params, x, dh, k, way) for k in range(1, T + 1)]
    np.testing.assert_allclose(found.cosine, [one.cosine for one in one_by_one], atol=1e-12)
    np.testing.assert_allclose(found.ratio, [one.ratio for one in one_by_one], rtol=1e-12)


@cells
@given(seed=seeds, T=st.integers(1, 8))
def test_the_losses_apart_add_up_to_what_they_send_back_together(cell, seed, T):
    problem = draw_problem(cell, seed, T)
    _, _, tape = problem.unroll()
    apart = of_each_loss(cell, problem.params, tape, problem.dh)
    together = bptt(cell, problem.params, tape, problem.dh).h
    np.testing.assert_allclose(apart.sum(axis=1), together, rtol=1e-9, atol=1e-12)
    later, earlier = np.tril_indices(T, -1)
    assert not apart[later, earlier].any()  # no state is seen by a loss before it


def test_all_windows_are_of_one_sequence():
    problem = draw_problem(RNN(), 0)
    with pytest.raises(ValueError, match=r"x has shape \(T = 6, N = 1, D = "):
        cuts(problem.params, problem.x, problem.dh)


def test_an_unknown_way_is_named():
    with pytest.raises(ValueError, match="way is one of 'blocks', 'window', 'restart'; got 'half'"):
        pairs_kept(4, 2, "half")


@given(T=st.integers(1, 30), k=st.integers(1, 35))
def test_blocks_are_the_whole_in_order(T, k):
    x = np.arange(T)[:, None, None] * np.ones((1, 2, 3))
    parts = list(blocks(Batch(x, x[..., :1], x[..., :1] > 3), k))
    for name in ("x", "y", "mask"):
        whole = {"x": x, "y": x[..., :1], "mask": x[..., :1] > 3}[name]
        np.testing.assert_array_equal(np.concatenate([getattr(part, name) for part in parts]), whole)
    assert [part.carry for part in parts] == [False] + [True] * (len(parts) - 1)
    assert {len(part.x) for part in parts[:-1]} <= {k}


def test_training_in_blocks_is_truncated_bptt():
    """Without a step in between, the gradients of the blocks add up to those of `truncate`."""
    rng, task = np.random.default_rng(0), Echo(lag=2, T=12)
    model = task.model(RNN())
    params = model.init_params(1, 4, 1, rng)
    whole = task.make_batch(rng, 3)
    bits = Batch(whole.x, whole.y)
    still = Training(model, params, blocks(bits, 5), SGD(1e-300))
    norms = [progress.norm for progress in still.run(10)]
    assert len(norms) == 3
    cut = model.gradients(params, bits, truncate=5).params
    parts, state = [], None
    for part in blocks(bits, 5):
        found = model.gradients(params, part, state)
        parts.append((len(part.x), found.params))
        state = found.state
    for key, g in cut.items():
        np.testing.assert_allclose(sum(n / 12 * grads[key] for n, grads in parts), g, atol=1e-14)


def test_blocks_want_a_target_a_step():
    with pytest.raises(ValueError, match="a target for each of the 4 steps of x; got 1"):
        next(blocks(Batch(np.zeros((4, 1, 1)), np.zeros((1, 1))), 2))


@given(n=st.integers(2, 30), N=st.integers(1, 30), k=st.integers(1, 30))
def test_a_lap_shows_every_stream_the_whole_text_in_order(n, N, k):
    task = Text("".join(chr(97 + i) for i in range(n)))
    if max(N, k) > n:
        with pytest.raises(ValueError, match=f"at most {n} for a text of {n} characters"):
            next(laps(task, N, k))
        return
    batches, seen = laps(task, N, k), []
    for first in range(0, 2 * n, k if n % k == 0 else 10**9):
        batch = next(batches)
        assert batch.carry == (first % n > 0)
        assert ((batch.x + 1) % n == batch.y).all()
        seen.append(batch.x)
    if n % k == 0:
        seen = np.concatenate(seen)[:n]
        assert (np.sort(seen, axis=0) == np.arange(n)[:, None]).all()
        assert ((seen[1:] - seen[:-1]) % n == 1).all()
        assert seen[0].tolist() == [i * n // N for i in range(N)]


def test_a_short_last_block_ends_the_lap():
    batches = laps(Text("abcdefg"), N=1, k=3)
    made = [next(batches) for _ in range(6)]
    assert [len(batch.x) for batch in made] == [3, 3, 1, 3, 3, 1]
    assert [batch.carry for batch in made] == [False, True, True] * 2


def test_reciting_stops_when_it_has_lost_the_thread():
    task = Text("hello hello")
    model = task.model(RNN())
    params = model.init_params(task.input_size, 8, task.output_size, np.random.default_rng(0))
    whole = recite(model, params, task)
    assert len(whole) == 11
    assert whole.startswith("h")
    short = recite(model, params, task, patience=2)
    assert whole.startswith(short)
    assert len(short) < 11
    with pytest.raises(ValueError, match="patience is a whole number of at least 1; got 0"):
        recite(model, params, task, patience=0)


def test_a_learned_word_is_recited():
    task = Text("hello")
    model = task.model(RNN())
    params = model.init_params(task.input_size, 16, task.output_size, np.random.default_rng(0))
    training = Training(model, params, laps(task, N=1, k=5), SGD(0.5))
    for _ in training.run(100):
        pass
    assert recite(model, params, task) == "hello"


def test_no_gradient_gets_from_a_loss_to_an_input_before_its_block():
    """Why a lag of L cannot be learned from blocks of k <= L: no loss is told of the input that decides it."""
    problem = make(RNN(), seed=2, T=10)
    _, _, tape = problem.unroll()
    for k in (3, 5):
        for t in range(10):
            alone = np.zeros_like(problem.dh)
            alone[t] = problem.dh[t]
            reached = np.abs(bptt(RNN(), problem.params, tape, alone, truncate=k).x).max(axis=(1, 2)) > 0
            assert reached.tolist() == [s <= t and s // k == t // k for s in range(10)]


def test_the_echo_table_has_every_run_once_and_one_can_be_run_again():
    rows = load_table("echo")
    assert [(row["k"], row["rate"], row["seed"]) for row in rows] == tables.ECHO
    assert {(row["lag"], row["steps"]) for row in rows} == {(tables.ECHO_LAG, tables.ECHO_STEPS)}
    for k, accuracy in ((2, 0.55), (6, 0.99)):
        row = next(row for row in rows if (row["k"], row["rate"]) == (k, 1e-2))
        ((*_, again),) = tables.echo(k, 1e-2, seed=0)
        assert float(again) == pytest.approx(row["accuracy"], abs=0.12)
        assert row["accuracy"] == pytest.approx(accuracy, abs=0.06)


def test_an_untrained_network_is_near_chance():
    training = echo_training(lag=5, k=3, rate=1e-2, seed=0, steps=2)
    assert 0.35 < echo_accuracy(training.model, training.params, lag=5) < 0.65


def test_the_controls_of_truncation_are_whole_and_can_be_run_again():
    rows = load_table("frozen")
    assert [(row["rate"], row["trained"], row["seed"]) for row in rows] == tables.FROZEN
    ((*_, accuracy, _, after),) = tables.frozen(3e-3, "everything", 1)
    row = next(row for row in rows if (row["rate"], row["trained"], row["seed"]) == (3e-3, "everything", 1))
    assert (float(accuracy), float(after)) == pytest.approx((row["accuracy"], row["after"]), abs=0.1)
    left = load_table("cut")
    assert [(row["task"], row["k"], row["rate"], row["steps"], row["seed"]) for row in left] == tables.CUT
    ((*_, cosine, length),) = tables.cut("text", 20, 3e-3, 0, 2)
    assert (float(cosine), float(length)) == pytest.approx((left[2]["cosine"], left[2]["length"]), abs=0.02)
