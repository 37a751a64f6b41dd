"""Shapes and arguments in words: axes by the book's letters."""

from __future__ import annotations

import inspect
import re

import numpy as np


def argument_names(exercise):
    """List the names of the arguments that an exercise's function takes."""
    return list(inspect.signature(exercise.solution).parameters)


def called_with(exercise, args):
    """Say what a function was called with.

    Parameters
    ----------
    exercise : Exercise
        The exercise, which knows the arguments' names and axes.
    args : tuple
        The arguments.

    Returns
    -------
    str
        The end of a message: arrays by their shapes, numbers by their values; empty if there are none.
    """
    pairs = zip(argument_names(exercise), args, strict=True)
    described = ", ".join(_argument(name, value, exercise.axes.get(name, "")) for name, value in pairs)
    return f"; called with {described}" if args else ""


def _argument(name, value, axes):
    if isinstance(value, dict):
        inside = (f"{key} {array.shape if isinstance(array, np.ndarray) else array}" for key, array in value.items())
        return f"{name} {{{', '.join(inside)}}}"
    if isinstance(value, list):
        return f"{name} = {value}"
    if isinstance(value, np.ndarray):
        return f"{name} {shape_text(value.shape, axes.split())}"
    return f"{name} = {value:.6g}"


def sizes_to_letters(exercise, args, shape):
    """Read the lengths of a shape as the book's letters, where a length belongs to one axis alone.

    Parameters
    ----------
    exercise : Exercise
        The exercise.
    args : tuple
        The arguments that the shape comes from.
    shape : tuple of int
        The shape.

    Returns
    -------
    list of str
        A letter or the number itself for each axis.
    """
    sizes = {}
    for name, value in zip(argument_names(exercise), args, strict=True):
        sizes |= dict(zip(exercise.axes.get(name, "").split(), np.shape(value), strict=False))
    found = [[letter for letter in sizes if sizes[letter] == length] for length in shape]
    return [letters[0] if len(letters) == 1 else str(n) for letters, n in zip(found, shape, strict=True)]


def shape_text(shape, letters):
    """Write a shape as ``(T, N) = (5, 3)``, or as numbers alone where no axis has a letter.

    Parameters
    ----------
    shape : tuple of int
        The shape.
    letters : list of str
        A letter or a number for each axis; empty if nothing is known.

    Returns
    -------
    str
        The shape in words.
    """
    numbers = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
    named = f"({', '.join(letters)}{',' * (len(letters) == 1)})"
    return numbers if not letters or named == numbers else f"{named} = {numbers}"


def in_numbers(value, digits):
    """Write numbers, words, shapes, arrays and dicts of them out on one line.

    Parameters
    ----------
    value : number, str, ndarray, list of str or of shapes, or dict of numbers, str or ndarray
        What to write.
    digits : int
        Digits of a number that count.

    Returns
    -------
    str
        As in ``[[0.5, -1], [2, 0]]``.
    """
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} {in_numbers(array, digits)}' for key, array in value.items())}}}"
    if isinstance(value, str) or (isinstance(value, list) and any(isinstance(entry, tuple) for entry in value)):
        return str(value)  # shapes of several lengths are no array
    written = np.array2string(
        np.asarray(value),
        separator=", ",
        max_line_width=np.inf,
        formatter={"float_kind": lambda number: f"{number + 0.0:.{digits}g}", "int_kind": str},
    )
    return re.sub(r"\s+", " ", written)
