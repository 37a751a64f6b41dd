"""What an exercise is, and how a reader's answer is judged: with what is likely wrong, never with the solution.

An answer is tried on copies of arguments of several sizes. Its form comes first: does it run, return, and return
the right kind and shape? Then its values, against the solution and against typical mistakes, which are functions that
run on the same arguments: an answer that equals one of them, in form and in value, gets that mistake's hint; of others
the smallest case is shown in numbers. These are rounded, so that a stored verdict is the same on every machine.
"""

from __future__ import annotations

import ast
import copy
import dis
import inspect
import itertools
import math
import textwrap
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from rnnbook.exercises.wording import argument_names, called_with, in_numbers, shape_text, sizes_to_letters

KINDS = {
    int: ("a whole number (int)", "iu"),
    float: ("a number", "fiu"),
    str: ("a text (str)", "U"),
    np.ndarray: ("an array", "fiu"),
}
SEED = 0
TURNED = "; is it transposed?"
ROUNDED = "; yours is of a dtype with fewer digits than float64: compute in float64"
MOST_SHOWN = 24  # numbers of a case that are written out
NOTHING = 1e-40  # differences of this size are those of a 0 that was computed in another way


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a check says about an answer; it shows as its message.

    Parameters
    ----------
    passed : bool
        Whether the answer is right.
    attempted : bool
        Whether there is one.
    message : str
        What was verified, or what is likely wrong.
    """

    passed: bool
    attempted: bool
    message: str

    def __repr__(self):
        return self.message


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Parameters
    ----------
    name : str
        The function's name, by which `check` finds the exercise.
    chapter : str
        The chapter's number.
    solution : callable
        The right function.
    cases : callable
        From a Generator to a list of argument tuples, the first one of general sizes.
    mistakes : dict of str to callable
        Typical wrong functions, by the hint for who wrote one.
    axes : dict of str to str
        Letters of the axes of each array argument, and under "" of the answer: ``{"h": "T N H", "": "T"}``.
    counted : str
        What the cases are, in the plural.
    tolerance : float
        Largest relative error of an entry that is still right.
    accepts : callable, optional
        For an answer that is not unique: from the answer to a hint, or to None if it is right. It takes the place
        of comparing with the solution and with the mistakes.
    verified : str
        What is known of an answer that `accepts` lets pass.
    """

    name: str
    chapter: str
    solution: Callable
    cases: Callable
    mistakes: Mapping
    axes: Mapping = field(default_factory=dict)
    counted: str = "shapes"
    tolerance: float = 1e-12
    accepts: Callable | None = None
    verified: str = ""


def judge(exercise, function):
    """Judge a reader's function.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    function : callable
        The answer.

    Returns
    -------
    Verdict
        The first of: not attempted; wrong in form; a typical mistake; not finite; different; right.
    """
    if not attempted(function):
        return Verdict(False, False, f"not attempted yet: write the body of {exercise.name} in place of the ...")
    cases = exercise.cases(np.random.default_rng(SEED))
    answers, wanted = [], []
    for args in cases:
        wanted.append(exercise.solution(*copy.deepcopy(args)))
        answer, fault = _answer(exercise, function, args, wanted[-1])
        if fault:
            return Verdict(False, True, fault)
        answers.append(answer)
    fault = _mistake(exercise, cases, answers, wanted) or _difference(exercise, cases, answers, wanted)
    if fault:
        return Verdict(False, True, fault)
    error = f"largest relative error below {exercise.tolerance:.0e}" if exercise.tolerance else "every answer exact"
    return Verdict(True, True, "correct: " + (exercise.verified or f"{len(cases)} {exercise.counted}, {error}"))


def attempted(function):
    """Say whether a function's body is more than a docstring and dots.

    Parameters
    ----------
    function : callable
        The function; its source is looked at, or its bytecode where there is no source.

    Returns
    -------
    bool
        False for a body of ``...``, ``pass`` or a docstring alone.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        bodies = [node.body for node in functions if node.name == function.__name__]
    except (OSError, TypeError, SyntaxError):
        bodies = []
    if bodies:
        return not all(map(_idle, bodies[0]))
    code = getattr(function, "__code__", None)
    steps = [step for step in dis.get_instructions(code) if step.opname not in ("RESUME", "NOP")] if code else []
    returns = {"LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    return not code or any(step.opname not in returns or step.argval is not None for step in steps)


def _idle(statement):
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr | ast.Return) and isinstance(value, ast.Constant):
        return value.value is ... or (isinstance(statement, ast.Expr) and isinstance(value.value, str))
    return isinstance(statement, ast.Pass)


def _answer(exercise, function, args, wanted):
    """The answer to one case, and what is wrong with its form."""
    given = copy.deepcopy(args)
    try:
        with np.errstate(all="ignore"):  # what comes of it is looked at below
            answer = function(*given)
    except Exception as error:  # noqa: BLE001 (a reader's function may raise anything, and is told what)
        code = getattr(function, "__code__", None)
        frames = [f for f in traceback.extract_tb(error.__traceback__) if code and f.filename == code.co_filename]
        line = f" in the line `{frames[-1].line}`" if frames and frames[-1].line else ""
        said = str(error).strip().split("\n")[0]
        return None, f"raised {type(error).__name__}: {said}{line}{called_with(exercise, args)}"
    if answer is None:
        return None, "returned None: is there a return?"
    fault = _form(exercise, args, answer, wanted)
    if not fault:
        changed = [name for name, a, b in zip(argument_names(exercise), given, args, strict=True) if not _same(a, b)]
        if changed:
            fault = f"changed its arguments in place: {', '.join(changed)}; work on a copy, or with new arrays"
        return answer, fault
    return answer, _mistake_of_form(exercise, args, answer, wanted, fault) or fault


def _form(exercise, args, answer, wanted, entry=""):
    """What is wrong with the kind or the shape of an answer; an empty string if nothing."""
    of = f" of {entry}" if entry else ""
    if isinstance(wanted, dict):
        if not isinstance(answer, Mapping):
            return f"returned {type(answer).__name__}; expected a dict of arrays"
        if answer.keys() != wanted.keys():
            keys, expected = (", ".join(map(str, d)) or "nothing" for d in (answer, wanted))
            return f"returned a dict of {keys}; expected one of {expected}{called_with(exercise, args)}"
        return next(filter(None, (_form(exercise, args, answer[k], wanted[k], k) for k in wanted)), "")
    kind, dtypes = KINDS[type(wanted)]
    is_number = isinstance(answer, int | float | np.number) and not isinstance(answer, bool)
    fits = isinstance(answer, str) if isinstance(wanted, str) else is_number
    if not isinstance(answer, np.ndarray) and (kind == "an array" or not fits):
        remedy = ": np.array makes one of it" if kind == "an array" and isinstance(answer, list | tuple) else ""
        return f"returned {type(answer).__name__}{of}; expected {kind}{remedy}"
    array = np.asarray(answer)
    if array.shape != np.shape(wanted):
        named = shape_text(np.shape(wanted), exercise.axes.get("", "").split())
        expected = named if np.shape(wanted) else kind
        returned = shape_text(array.shape, sizes_to_letters(exercise, args, array.shape))
        turned = array.ndim > 1 and sorted(array.shape) == sorted(np.shape(wanted))
        called = called_with(exercise, args) + TURNED * turned
        return f"returned an array of shape {returned}{of}; expected {expected}{called}"
    if array.dtype.kind not in dtypes:
        what = f"an array of dtype {array.dtype}" if array is answer else type(answer).__name__
        return f"returned {what}{of}; expected {kind}"
    return ""


def _mistake(exercise, cases, answers, wanted):
    """The hint of the typical mistake that gives the same answers."""
    if exercise.accepts or max(map(_error, answers, wanted)) <= exercise.tolerance:
        return ""
    for hint, wrong in exercise.mistakes.items():
        with np.errstate(all="ignore"):
            theirs = [wrong(*copy.deepcopy(args)) for args in cases]
        if all(_error(a, b) <= exercise.tolerance for a, b in zip(answers, theirs, strict=True)):
            return hint
    return ""


def _mistake_of_form(exercise, args, answer, wanted, fault):
    """The hint of the typical mistake that is wrong in form, as this answer is, and in every number the same."""
    for hint, wrong in exercise.mistakes.items():
        with np.errstate(all="ignore"):
            theirs = wrong(*copy.deepcopy(args))
        if _form(exercise, args, theirs, wanted) == fault and _error(answer, theirs) <= exercise.tolerance:
            return hint
    return ""


def _difference(exercise, cases, answers, wanted):
    """What is wrong with the values where no typical mistake explains it."""
    for args, answer in zip(cases, answers, strict=True):
        parts = map(np.asarray, answer.values() if isinstance(answer, Mapping) else [answer])
        if not all(np.isfinite(a).all() for a in parts if a.dtype.kind != "U"):
            return f"returned NaN or infinity{called_with(exercise, args)}"
    if exercise.accepts:
        return exercise.accepts(answers[0]) or ""
    errors = list(map(_error, answers, wanted))
    wrong = [i for i, error in enumerate(errors) if error > exercise.tolerance]
    if not wrong:
        return ""
    # The smallest case is the one that can be worked out on paper.
    least = min(wrong, key=lambda i: _count(cases[i]) + _count(wanted[i]))
    digits = 3 if errors[least] > 1e-2 else min(17, 2 - math.floor(math.log10(errors[least])))
    shown = _shown(exercise, cases[least], answers[least], wanted[least], digits)
    turned = all(_turned(answers[i], wanted[i], exercise.tolerance) for i in wrong)
    return f"differs{shown}; right for {len(cases) - len(wrong)} of {len(cases)} {exercise.counted}" + (
        TURNED * turned or ROUNDED * (max(errors) < 1e-2 and any(map(_is_short, answers)))
    )


def _is_short(answer):
    """Is an array of an answer of a dtype with fewer digits than float64?"""
    parts = map(np.asarray, answer.values() if isinstance(answer, Mapping) else [answer])
    return any(part.dtype.kind == "f" and part.dtype.itemsize < 8 for part in parts)


def _shown(exercise, args, answer, wanted, digits):
    """One case in numbers: what the function was called with, its answer, and the one that was expected."""
    called = called_with(exercise, args)
    if _count(args) <= MOST_SHOWN:
        pairs = zip(argument_names(exercise), args, strict=True)
        called = f" for {', '.join(f'{name} = {in_numbers(value, digits)}' for name, value in pairs)}"
    place = ""
    if isinstance(wanted, dict):
        key = max(wanted, key=lambda key: _error(answer[key], wanted[key]))
        place, answer, wanted = f" of {key}", answer[key], wanted[key]
    if np.size(wanted) > MOST_SHOWN:
        differs = ~np.isclose(answer, wanted, rtol=exercise.tolerance, atol=NOTHING)
        entry = tuple(map(int, np.argwhere(differs)[0]))
        place, answer, wanted = f"{place} at {list(entry)}", answer[entry], wanted[entry]
    return f"{called}: yours{place} is {in_numbers(answer, digits)}, expected {in_numbers(wanted, digits)}"


def _count(value):
    """How many numbers there are in arguments or in an answer."""
    if isinstance(value, dict | tuple | list):
        return sum(map(_count, value.values() if isinstance(value, dict) else value))
    return np.size(value)


def _turned(answer, wanted, tolerance):
    """Is an answer right but for the order of its axes?"""
    if isinstance(wanted, dict):
        return all(
            _error(answer[key], wanted[key]) <= tolerance or _turned(answer[key], wanted[key], tolerance)
            for key in wanted
        )
    orders = itertools.permutations(range(np.ndim(wanted)))
    ways = (np.transpose(answer, order) for order in itertools.islice(orders, 1, None))
    return any(way.shape == wanted.shape and _error(way, wanted) <= tolerance for way in ways)


def _error(answer, wanted):
    """Largest relative error of an entry; infinite where zero is expected, one is NaN, or shapes or texts differ."""
    if isinstance(wanted, dict):
        return max((_error(answer[key], wanted[key]) for key in wanted), default=0.0)
    if isinstance(wanted, str):
        return 0.0 if answer == wanted else math.inf
    a, b = np.asarray(answer, np.float64), np.asarray(wanted, np.float64)
    if a.shape != b.shape:
        return math.inf
    with np.errstate(all="ignore"):
        relative = np.abs(a - b) / np.abs(b)
        same = (a == b) | (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) < NOTHING)
    return float(np.max(np.where(same, 0, np.where(np.isnan(relative), np.inf, relative)), initial=0))


def _same(given, before):
    if isinstance(before, dict):
        return given.keys() == before.keys() and all(_same(given[key], before[key]) for key in before)
    if isinstance(before, list):  # of words or of shapes, which may differ in length
        return given == before
    return np.array_equal(given, before)
