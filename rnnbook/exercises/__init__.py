"""The exercises of the chapters: `check` tells a reader what is likely wrong, and never the solution."""

from __future__ import annotations

import difflib
import inspect

from rnnbook.exercises import ch01, ch02, ch03, ch04, ch05, ch06, ch07, ch09, ch10
from rnnbook.exercises.checking import judge
from rnnbook.exercises.wording import argument_names

__all__ = ["check"]

CHAPTERS = (ch01, ch02, ch03, ch04, ch05, ch06, ch07, ch09, ch10)
EXERCISES = {exercise.name: exercise for chapter in CHAPTERS for exercise in chapter.EXERCISES}


def check(function):
    """Judge the answer to an exercise, which is found by the function's name.

    Parameters
    ----------
    function : callable
        The function you wrote, itself and not what it returns. It is tried on copies of arguments of several
        sizes, also on such as you did not try.

    Returns
    -------
    Verdict
        Whether it passed, whether it was attempted, and a message: what was verified, or what is likely wrong.

    Raises
    ------
    TypeError
        If it is not a function.
    ValueError
        If no exercise has its name.

    Examples
    --------
    >>> from rnnbook.exercises import check
    >>> def jacobian(h, W_hh):
    ...     return W_hh.T
    >>> check(jacobian).passed
    False
    """
    name = getattr(function, "__name__", None)
    if not callable(function) or name is None:
        raise TypeError(f"check takes the function that you wrote, as check(jacobian); got {type(function).__name__}")
    if name not in EXERCISES:
        meant = _meant(name, function)
        raise ValueError(
            f"no exercise is called {name}: an exercise is found by its function's name, so keep the one that stands "
            f"in its cell{f'; did you mean {meant}?' if meant else ''}"
        )
    return judge(EXERCISES[name], function)


def _meant(name, function):
    """The exercises whose name is like this one, or whose arguments are the same."""
    try:
        arguments = list(inspect.signature(function).parameters)
    except ValueError:  # NumPy's and Python's own functions may have no signature
        arguments = None
    alike = difflib.get_close_matches(name, EXERCISES, cutoff=0.7)
    same = [exercise.name for exercise in EXERCISES.values() if argument_names(exercise) == arguments]
    return " or ".join([*dict.fromkeys(same + alike)][:3])
