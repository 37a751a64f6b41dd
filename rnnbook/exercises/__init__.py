"""The exercises of the chapters: `check` tells a reader what is likely wrong, and never the solution."""

from __future__ import annotations

from rnnbook.exercises import ch01, ch02, ch03, ch04, ch05, ch06
from rnnbook.exercises.checking import judge

__all__ = ["check"]

CHAPTERS = (ch01, ch02, ch03, ch04, ch05, ch06)
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
    >>> def clip(grads, max_norm):
    ...     return {key: g / max_norm for key, g in grads.items()}
    >>> check(clip).passed
    False
    """
    name = getattr(function, "__name__", None)
    if not callable(function) or name is None:
        raise TypeError(f"check takes the function that you wrote, as check(clip); got {type(function).__name__}")
    if name not in EXERCISES:
        raise ValueError(f"no exercise is called {name}; there are {', '.join(EXERCISES)}")
    return judge(EXERCISES[name], function)
