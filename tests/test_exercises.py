"""The exercises: checks accept what is right and name what is wrong; chapters and solutions hold all of them."""

import ast
import dataclasses
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnbook.exercises import CHAPTERS, EXERCISES, ch04, ch06, check
from rnnbook.exercises.checking import SEED, Exercise, Verdict, attempted, judge
from rnnbook.exercises.wording import argument_names
from rnnbook.lab.gradients import gradient_norms, step_jacobian, theory_slope
from rnnbook.nn import GRU, RNN, bptt, init_params, sigmoid, unroll
from tests.problems import make

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SOLUTIONS = sorted((NOTEBOOKS / "solutions").glob("*.ipynb"))
PAIRS = [(exercise, hint) for exercise in EXERCISES.values() for hint in exercise.mistakes]

exercises = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=list(EXERCISES))
mistakes = pytest.mark.parametrize(("exercise", "hint"), PAIRS, ids=[f"{e.name}-{h[:24]}" for e, h in PAIRS])
other_seeds = pytest.mark.parametrize("seed", [1, 2, 3])


def cases(exercise, seed=SEED):
    return exercise.cases(np.random.default_rng(seed))


def lengths(value):
    """The shape of an argument; a list of shapes, which differ in length, has none."""
    return () if isinstance(value, list) and isinstance(value[0], tuple) else np.shape(value)


def with_cases(exercise, drawn):
    return dataclasses.replace(exercise, cases=lambda rng: drawn)


def named(name, function):
    """The function as if a reader had called it so."""
    function.__name__ = name
    return function


# --- right and typically wrong answers ------------------------------------------------------------


@exercises
def test_the_solution_passes_and_the_verdict_says_what_was_verified(exercise):
    verdict = judge(exercise, exercise.solution)
    said = exercise.verified or f"{len(cases(exercise))} {exercise.counted}"
    assert verdict.passed
    assert verdict.attempted
    assert repr(verdict) == verdict.message
    assert verdict.message.startswith("correct: ")
    assert said in verdict.message


@mistakes
def test_a_typical_mistake_gets_its_own_hint(exercise, hint):
    verdict = judge(exercise, exercise.mistakes[hint])
    assert verdict.attempted
    assert not verdict.passed
    assert verdict.message.startswith(hint)


@other_seeds
@mistakes
def test_the_hint_does_not_hang_on_the_numbers_drawn(exercise, hint, seed):
    other = with_cases(exercise, cases(exercise, seed))
    assert judge(other, exercise.solution).passed
    assert judge(other, exercise.mistakes[hint]).message.startswith(hint)


@mistakes
def test_one_general_shape_alone_shows_every_mistake(exercise, hint):
    general = [args for args in cases(exercise) if all(n > 1 for array in args for n in lengths(array))]
    if exercise.axes and not exercise.accepts:
        assert len(general) >= 2
        for args in general:
            assert judge(with_cases(exercise, [args]), exercise.mistakes[hint]).message.startswith(hint)


@exercises
def test_there_are_at_least_three_typical_mistakes(exercise):
    assert len(exercise.mistakes) >= 3


@exercises
def test_cases_have_sizes_of_one_and_come_out_the_same_every_time(exercise):
    drawn, again = cases(exercise), cases(exercise)
    assert all(repr(a) == repr(b) for a, b in zip(drawn, again, strict=True))
    letters = {}
    for args in drawn:
        for name, array in zip(argument_names(exercise), args, strict=True):
            for letter, n in zip(exercise.axes.get(name, "").split(), lengths(array), strict=True):
                letters.setdefault(letter, set()).add(n)
    assert all(1 in sizes and max(sizes) > 3 and len(sizes) > 3 for sizes in letters.values())


def with_verdicts():
    """Every exercise with everything that can be said to a wrong answer."""
    wrong = [lambda *args: None, lambda *args: "a", lambda *args: np.ones((9, 8)), lambda *args: 1 / 0]
    for exercise in EXERCISES.values():
        for function in [*wrong, *exercise.mistakes.values(), lambda *args, e=exercise: close_to(e, args)]:
            yield exercise, judge(exercise, function)


def close_to(exercise, args):
    """An answer of the right form that no typical mistake gives."""
    return larger(exercise.solution(*args), 1.01, 7)


def larger(answer, factor, more):
    """Every number of an answer larger, and every text longer."""
    if isinstance(answer, dict):
        return {key: larger(value, factor, more) for key, value in answer.items()}
    if isinstance(answer, str):
        return f"{answer}?"
    return answer + more if isinstance(answer, int) else factor * answer


def test_no_message_gives_the_solution_away():
    for exercise, verdict in with_verdicts():
        assert not verdict.passed
        for statement in ast.parse(inspect.getsource(exercise.solution)).body[0].body[1:]:
            assert ast.unparse(statement).removeprefix("return ") not in verdict.message


def test_a_right_answer_may_be_written_in_another_way():
    def by_loop(factor, limit):
        steps, gradient = 0, 1.0
        while gradient >= limit:
            gradient, steps = gradient * factor, steps + 1
        return steps

    def from_products(dh_last, h, W_hh):
        found = [np.linalg.norm(dh_last)]
        for t in range(len(h) - 1, 0, -1):
            dh_last = np.stack([row @ ch04.jacobian(h_t, W_hh) for row, h_t in zip(dh_last, h[t], strict=True)])
            found.insert(0, np.sqrt((dh_last * dh_last).sum()))
        return np.array(found)

    def by_norms(h, W_hh):
        factors = [np.sqrt(np.linalg.eigvalsh(W_hh @ W_hh.T)[-1]) * (1 - np.abs(states).min() ** 2) for states in h]
        return np.array([np.prod(factors[t + 1 :]) for t in range(len(h))])

    right = {
        "steps_until": [by_loop, lambda f, limit: np.int64(by_loop(f, limit))],
        "jacobian": [
            lambda h, W: np.diag((1 - h) * (1 + h)) @ W.T,
            lambda h, W: (W * (1 - h * h)).T,
            lambda h, W: np.einsum("i,ji->ij", np.cosh(np.arctanh(h)) ** -2.0, W),
        ],
        "backward_norms": [from_products],
        "factor_a_step": [
            lambda h, W: np.linalg.norm(W, 2) * np.linalg.norm(1 - h**2) / np.sqrt(h.size),
            lambda h, W: np.array(np.sqrt(np.trace(W.T @ W) / len(W) * ((1 - h**2) ** 2).mean())),
        ],
        "stretch_bound": [by_norms],
        "grows_then_dies": [
            lambda: np.array([[0, 0], [101, 0]]),
            lambda: np.array([[1, 1], [1, 1.0001]]) @ np.diag([0.5, 0.3]) @ np.linalg.inv([[1, 1], [1, 1.0001]]),
        ],
    }
    assert list(right) == [exercise.name for exercise in ch04.EXERCISES]
    for name, functions in right.items():
        for function in functions:
            assert check(named(name, function)).message.startswith("correct: "), name


def test_the_solutions_agree_with_the_package():
    for seed, gain in enumerate((0.7, 1.0, 1.4)):
        problem = make(RNN("tanh"), seed, T=9, N=2, D=3, H=5)
        q = np.linalg.qr(problem.params["W_hh"])[0]
        params = problem.params | {"W_hh": gain * q}
        h, _, tape = unroll(RNN("tanh"), params, problem.x)
        norms = gradient_norms(RNN("tanh"), params, problem.x, problem.dh[-1])
        np.testing.assert_allclose(ch04.backward_norms(problem.dh[-1], h, gain * q), norms, rtol=1e-12)
        for step in (0, 4, -1):
            package = step_jacobian(RNN("tanh"), params, tape, step, sequence=1)
            np.testing.assert_allclose(ch04.jacobian(h[step, 1], gain * q), package, rtol=1e-12)
        theory = 10 ** theory_slope(RNN("tanh"), params, tape)
        np.testing.assert_allclose(ch04.factor_a_step(h, gain * q), theory, rtol=1e-12)


@pytest.mark.parametrize("recurrent", ["orthogonal", "gaussian"])
@pytest.mark.parametrize("gain", [0.7, 1.4])
def test_no_gradient_passes_the_bound_and_with_one_unit_it_is_the_gradient(recurrent, gain):
    for H in (1, 5):
        rng = np.random.default_rng(H)
        params = init_params(RNN("tanh"), 3, H, rng, recurrent=recurrent, gain=gain)
        x, dh = rng.normal(size=(12, 1, 3)), rng.normal(size=(1, H))
        norms = gradient_norms(RNN("tanh"), params, x, dh)
        left, bound = norms / norms[-1], ch04.stretch_bound(unroll(RNN("tanh"), params, x)[0], params["W_hh"])
        assert (left <= bound * (1 + 1e-12)).all()
        assert np.allclose(left, bound, rtol=1e-9, atol=0) == (H == 1)


def test_the_way_back_through_the_cell_of_2014_is_the_packages():
    problem = make(GRU(reset="before"), 0, T=1, N=3, D=2, H=4)
    _, _, tape = unroll(GRU(reset="before"), problem.params, problem.x, problem.state)
    r, z, n = tape.gates[:, 0]
    by_hand = ch06.reset_before_back(problem.dh[0], tape.states[0, 0], r, z, n, problem.params)
    package = bptt(GRU(reset="before"), problem.params, tape, problem.dh).state[0]
    np.testing.assert_allclose(by_hand, package, rtol=1e-12)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([[0.9, 5.0], [0.0, 0.9]], "the spectral radius is above 0.5"),
        ([[0.5, 150.0], [150.0, 0.5]], "the spectral radius is above 0.5"),
        ([[0.5, 0.0], [0.0, -0.5]], "a normal matrix"),
        ([[0.3, 0.4], [-0.4, 0.3]], "a normal matrix"),
        ([[0.0, 0.0], [0.0, 0.0]], "a normal matrix"),
        ([[0.5, 0.5], [0.0, 0.4]], "no power stretches anything"),
        ([[0.5, 99.0], [0.0, -0.4]], "(here it is 99.0-fold)"),
        ([[0.5, np.inf], [0.0, 0.5]], "returned NaN or infinity"),
        ([[0.5, 101.0], [0.0, 0.5]], "correct"),
        ([[0.5, 0.0], [-101.0, 0.5]], "correct"),
    ],
)
def test_a_matrix_is_judged_by_its_properties(matrix, said):
    assert said in check(named("grows_then_dies", lambda: np.array(matrix))).message


# --- the form of an answer ------------------------------------------------------------------------


def test_what_is_not_attempted_is_told_from_what_returns_none():
    def steps_until(factor, limit): ...

    not_yet = check(steps_until)
    assert not_yet == Verdict(False, False, not_yet.message)
    assert not_yet.message == "not attempted yet: write the body of steps_until in place of the ..."

    def steps_until(factor, limit):
        int(np.log(limit) / np.log(factor))

    forgotten = check(steps_until)
    assert forgotten.attempted
    assert forgotten.message == "returned None: is there a return?"


@pytest.mark.parametrize("source_is_there", [True, False])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("...", False),
        ("pass", False),
        ('"""What to write."""', False),
        ('"""What to write."""\n    ...', False),
        ('"""What to write."""\n    # here\n    ...\n    pass', False),
        ("return 0", True),
        ("return [a]", True),
        ("a + 1", True),
        ('"""What to write."""\n    ...\n    return a', True),
        ("x = a", True),
        ("from math import floor as f\n    ...", True),
        ("raise ValueError(a)", True),
        ("print(a)", True),
    ],
)
def test_a_body_is_attempted_when_it_does_something(body, expected, source_is_there, tmp_path):
    path = tmp_path / "answer.py"
    source = f"import numpy as np\n\n\ndef f(a):\n    {body}\n"
    if source_is_there:
        path.write_text(source)
    found = {}
    exec(compile(source, path, "exec"), found)
    assert attempted(found["f"]) == expected


def test_dots_that_are_returned_are_not_an_attempt():
    def steps_until(factor, limit):
        return ...

    assert not check(steps_until).attempted
    assert attempted(np.linalg.norm)
    assert attempted(max)


def test_an_exception_is_told_with_its_line_and_the_shapes():
    def backward_norms(dh_last, h, W_hh):
        return (dh_last * h) @ W_hh[0, :, None] @ W_hh @ h

    message = check(backward_norms).message
    assert message.startswith("raised ValueError: matmul: ")
    assert "in the line `return (dh_last * h) @ W_hh[0, :, None] @ W_hh @ h`" in message
    assert message.endswith(
        "; called with dh_last (N, H) = (3, 4), h (T, N, H) = (5, 3, 4), W_hh (H, H) = (4, 4)",
    )

    def steps_until(factor):
        return factor

    assert "raised TypeError: " in check(steps_until).message
    assert check(steps_until).message.endswith("; called with factor = 0.9, limit = 1e-05")

    def to_chung(params):
        return params["W"]

    assert check(to_chung).message.startswith("raised KeyError: 'W' in the line")
    assert "called with params {W_xh (2, 9), W_hh (3, 9), b_h (9,)}" in check(to_chung).message


def test_a_function_that_fits_one_size_only_is_found_out():
    def jacobian(h, W_hh):
        return np.diag([1 - h[i] ** 2 for i in range(4)]) @ W_hh.T

    assert "raised IndexError" in check(jacobian).message
    assert check(jacobian).message.endswith("; called with h (H,) = (3,), W_hh (H, H) = (3, 3)")

    def factor_a_step(h, W_hh):
        return ch04.factor_a_step(h[:6, :4, :4], W_hh)

    message = check(factor_a_step).message
    assert message.startswith("differs; called with h (T, N, H) = (20, 4, 9), W_hh (H, H) = (9, 9): yours is 0.")
    assert message.endswith("; right for 5 of 6 shapes")


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("jacobian", lambda h, W: h, "an array of shape (H,) = (4,); expected (H, H) = (4, 4); called with h (H,)"),
        ("jacobian", lambda h, W: W[:3].tolist(), "returned list; expected an array: np.array makes one of it"),
        ("jacobian", lambda h, W: (W, h), "returned tuple; expected an array: np.array makes one of it"),
        ("jacobian", lambda h, W: 1.0, "returned float; expected an array"),
        ("jacobian", lambda h, W: W + 0j, "returned an array of dtype complex128; expected an array"),
        ("jacobian", lambda h, W: W.astype(str), "returned an array of dtype <U32; expected an array"),
        ("jacobian", lambda h, W: W.astype(object), "returned an array of dtype object; expected an array"),
        ("jacobian", lambda h, W: W > 0, "returned an array of dtype bool; expected an array"),
        ("jacobian", lambda h, W: W * np.nan, "returned NaN or infinity; called with h (H,) = (4,)"),
        ("jacobian", lambda h, W: W / 0.0, "returned NaN or infinity; called with h (H,) = (4,)"),
        ("backward_norms", lambda d, h, W: h, "an array of shape (T, N, H) = (5, 3, 4); expected (T,) = (5,)"),
        ("backward_norms", lambda d, h, W: h[1:, 0, 0], "an array of shape (H,) = (4,); expected (T,) = (5,)"),
        ("backward_norms", lambda d, h, W: np.ones((5, 9)), "of shape (T, 9) = (5, 9); expected (T,) = (5,)"),
        ("backward_norms", lambda d, h, W: np.ones(()), "returned an array of shape (); expected (T,) = (5,)"),
        ("factor_a_step", lambda h, W: h[0, 0], "an array of shape (H,) = (4,); expected a number; called"),
        ("factor_a_step", lambda h, W: [1.0], "returned list; expected a number"),
        ("factor_a_step", lambda h, W: True, "returned bool; expected a number"),
        ("factor_a_step", lambda h, W: 1j, "returned complex; expected a number"),
        ("factor_a_step", lambda h, W: "0.9", "returned str; expected a number"),
        ("factor_a_step", lambda h, W: float("inf"), "returned NaN or infinity; called with h (T, N, H)"),
        ("steps_until", lambda f, x: np.log(x) / np.log(f), "returned float64; expected a whole number (int)"),
        ("steps_until", lambda f, x: 110.0, "returned float; expected a whole number (int)"),
        ("steps_until", lambda f, x: 10**400, "returned int; expected a whole number (int)"),
        ("steps_until", lambda f, x: 111 + 10 * (f < 0.9), "differs for factor = 0."),
        ("to_chung", lambda p: list(p.values()), "returned list; expected a dict of arrays"),
        ("to_chung", lambda p: (p, 1), "returned tuple; expected a dict of arrays"),
        ("to_chung", lambda p: {}, "returned a dict of nothing; expected one of W_xh, W_hh, b_h; called with params"),
        ("to_chung", lambda p: {k: v.T for k, v in p.items()}, "shape (9, 2) of W_xh; expected (2, 9)"),
        ("to_chung", lambda p: dict.fromkeys(p, 1.0), "returned float of W_xh; expected an array"),
        ("to_chung", lambda p: {k: v / 0.0 for k, v in p.items()}, "returned NaN or infinity"),
        ("grows_then_dies", lambda: np.eye(3), "returned an array of shape (3, 3); expected (2, 2)"),
        ("grows_then_dies", lambda: [[0.5, 200], [0, 0.5]], "returned list; expected an array: np.array makes"),
    ],
)
def test_a_wrong_form_is_named(name, answer, said):
    message = check(named(name, answer)).message
    assert said in message
    assert "\n" not in message


@exercises
def test_a_mistake_that_is_on_no_list_is_shown_in_the_numbers_of_one_case(exercise):
    """Every number a little larger: no hint fits, and one case says it all."""

    def wrong(*args):
        return larger(exercise.solution(*args), 1.25, 3)

    verdict = judge(exercise, wrong)
    if exercise.accepts and verdict.passed:  # a larger answer may be right where it is not unique
        return
    assert not verdict.passed
    if not exercise.accepts:
        assert re.search(r": yours.* is .*, expected .*; right for \d+ of \d+ ", verdict.message)
        yours, expected = re.search(r": yours.*? is (.*), expected (.*); right for", verdict.message).groups()
        assert yours != expected
        assert "\n" not in verdict.message
        assert len(verdict.message) < 700


@exercises
def test_an_answer_with_its_axes_turned_is_asked_for_it(exercise):
    def turned(*args):
        return exercise.solution(*args).T

    first = exercise.solution(*cases(exercise)[0])
    if isinstance(first, np.ndarray) and first.ndim > 1 and not exercise.accepts:
        known = [h for h in exercise.mistakes if judge(exercise, turned).message.startswith(h)]
        assert known or judge(exercise, turned).message.endswith("; is it transposed?")


def test_a_square_answer_that_is_turned_is_seen_by_its_values():
    square = with_cases(EXERCISES["bag"], [(np.array([[0, 1], [0, 0]]), 2)])
    message = judge(square, lambda tokens, V: EXERCISES["bag"].solution(tokens, V).T).message
    assert message == (
        "differs for tokens = [[0, 1], [0, 0]], V = 2: yours is [[2, 1], [0, 1]], expected [[2, 0], [1, 1]]; "
        "right for 0 of 1 shapes; is it transposed?"
    )


@exercises
def test_an_answer_of_fewer_digits_is_told_so(exercise):
    """Where whole numbers and texts are asked, or seven digits are enough, there is nothing to tell."""

    def short(*args):
        answer = exercise.solution(*args)
        return {key: in_float32(a) for key, a in answer.items()} if isinstance(answer, dict) else in_float32(answer)

    verdict = judge(exercise, short)
    if not exercise.accepts and not verdict.passed:
        assert verdict.message.startswith("differs")
        assert verdict.message.endswith("of a dtype with fewer digits than float64: compute in float64")


def in_float32(answer):
    """Arrays of floating point numbers and such numbers rounded, all else as it is."""
    return np.float32(answer) if np.asarray(answer).dtype == np.float64 else answer


def test_float32_is_told_so():
    message = check(named("jacobian", lambda h, W: ch04.jacobian(h, W).astype(np.float32))).message
    assert message.endswith("; yours is of a dtype with fewer digits than float64: compute in float64")


def test_an_array_of_zeros_that_becomes_another_is_told():
    zeros = {key: np.zeros((2, 3)) for key in ("W_xh", "W_hh")}

    def to_chung(params):
        return {key: np.where(array == 0, 1e-9, array) for key, array in ch06.to_chung(params).items()}

    message = judge(with_cases(ch06.TO_CHUNG, [(zeros,)]), to_chung).message
    assert message.startswith("differs for params = {W_xh [[0, 0, 0], [0, 0, 0]], ")
    assert ": yours of W_xh is [[1e-09, 1e-09, 1e-09], [1e-09, 1e-09, 1e-09]], expected [[0, 0" in message


def test_the_function_is_tried_on_a_copy_of_the_arguments():
    drawn = cases(ch06.TO_CHUNG)
    before = repr(drawn)

    def to_chung(params):
        for array in params.values():
            array *= -1
        return params

    verdict = judge(with_cases(ch06.TO_CHUNG, drawn), to_chung)
    assert verdict.message == "changed its arguments in place: params; work on a copy, or with new arrays"
    assert repr(drawn) == before

    def to_chung(params):
        turned = ch06.to_chung(params)
        params.clear()
        return turned

    assert judge(with_cases(ch06.TO_CHUNG, drawn), to_chung) == verdict
    assert repr(drawn) == before

    def jacobian(h, W_hh):
        h -= h**3
        W_hh[0] = 0
        return W_hh

    assert "in place: h, W_hh;" in check(jacobian).message


# --- the door -------------------------------------------------------------------------------------


RENAMED = {
    "stepp": (lambda x: x, "; did you mean step?"),
    "mine": (lambda tokens, V: 0, "; did you mean bag"),
    "<lambda>": (lambda h, W_hh: 0, "; did you mean "),
    "max": (max, "stands in its cell"),
    "f": (lambda nothing, like, it: 0, "stands in its cell"),
}


@pytest.mark.parametrize("name", RENAMED)
def test_a_renamed_function_is_told_which_exercise_it_may_be(name):
    function, said = RENAMED[name]
    with pytest.raises(ValueError, match=f"^no exercise is called {name}: .*keep the one that stands in its") as raised:
        check(function if name == "max" else named(name, function))
    assert said in str(raised.value)
    assert len(str(raised.value)) < 220


@exercises
def test_a_renamed_solution_is_asked_for_by_its_name(exercise):
    with pytest.raises(ValueError, match=rf"did you mean .*\b{exercise.name}\b") as raised:
        check(named(f"{exercise.name}_2", lambda *args: exercise.solution(*args)))
    assert str(raised.value).count(" or ") <= 2


@pytest.mark.parametrize("given", [None, 3, "jacobian", np.eye(2)], ids=lambda given: type(given).__name__)
def test_check_takes_the_function_itself(given):
    with pytest.raises(TypeError, match=rf"as check\(jacobian\); got {type(given).__name__}$"):
        check(given)


def test_names_are_unique_and_every_exercise_knows_its_chapter():
    assert len(EXERCISES) == sum(len(chapter.EXERCISES) for chapter in CHAPTERS)
    for chapter in CHAPTERS:
        assert {exercise.chapter for exercise in chapter.EXERCISES} == {chapter.__name__[-2:]}
    assert all(isinstance(exercise, Exercise) for exercise in EXERCISES.values())


def test_the_package_does_not_load_the_exercises():
    code = "import sys, rnnbook; sys.exit('rnnbook.exercises' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=NOTEBOOKS.parent).returncode == 0
    code = "import sys, rnnbook.exercises; sys.exit(any(m in sys.modules for m in ('matplotlib', 'rnnbook.view')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=NOTEBOOKS.parent).returncode == 0


# --- chapters and solutions -----------------------------------------------------------------------


def checks(path):
    """The code cells of a notebook that end with a check: the exercise's name to source and shown text."""
    found = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        called = re.search(r"^check\((\w+)\)$", source, re.MULTILINE)
        if cell["cell_type"] == "code" and called:
            results = [output["data"] for output in cell["outputs"] if output["output_type"] == "execute_result"]
            found[called[1]] = source, "".join("".join(data["text/plain"]) for data in results)
    return found


def verdict_on(source):
    """What a check says about the function that a cell defines."""
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    found = {"np": np, "sigmoid": sigmoid}  # what the set-up cells import
    exec(ast.unparse(ast.Module(functions, [])), found)
    return check(found[functions[-1].name])


chapters = pytest.mark.parametrize("solved", SOLUTIONS, ids=lambda path: path.stem)


@chapters
def test_a_chapter_asks_what_its_solutions_solve(solved):
    chapter = NOTEBOOKS / solved.name
    asked, answered = list(checks(chapter)), list(checks(solved))
    assert asked == answered == [e.name for e in EXERCISES.values() if e.chapter == solved.name[:2]]
    assert f"(solutions/{solved.name})" in chapter.read_text(encoding="utf-8")
    assert f"(../{solved.name})" in solved.read_text(encoding="utf-8")


@pytest.mark.parametrize("chapter", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_chapter_leaves_its_exercises_to_the_reader(chapter):
    for name, (source, shown) in checks(chapter).items():
        assert name in EXERCISES
        assert shown.startswith("not attempted yet")
        assert not verdict_on(source).attempted
        assert (NOTEBOOKS / "solutions" / chapter.name).exists()


@chapters
def test_every_solution_passes_and_is_short(solved):
    for name, (source, shown) in checks(solved).items():
        verdict = verdict_on(source)
        assert verdict.passed, name
        assert shown == verdict.message
        assert len(source.splitlines()) <= 15


def test_there_are_solutions():
    assert [path.name[:2] for path in SOLUTIONS] == sorted({exercise.chapter for exercise in EXERCISES.values()})
