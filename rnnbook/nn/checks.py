"""Checks at the public doors: what was given, what was expected, both shapes by name."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import numpy as np

ARRAYS = (np.ndarray, np.floating)  # a tuple: to make a union at every call takes as long as a norm
FLOATS = (np.dtype("float32"), np.dtype("float64"))


def check_option(name, given, options):
    """Refuse a setting that is not one of the named ones."""
    options = list(options)
    if not isinstance(given, str) or given not in options:
        raise ValueError(f"{name} is one of {', '.join(map(repr, options))}; got {given!r}")


def check_number(name, given, least=0, above=False, below=np.inf):
    """Refuse a setting that is not a finite number of at least (or above) `least`, and below `below`."""
    if isinstance(given, bool) or not isinstance(given, int | float | np.integer | np.floating):
        raise TypeError(f"{name} is a number; got {given!r}")
    if not np.isfinite(given) or given < least or (above and given == least) or given >= below:
        bounds = f"{'above' if above else 'of at least'} {least}"
        if below < np.inf:
            bounds += f" and below {below}"
        raise ValueError(f"{name} is a finite number {bounds}; got {given}")


def check_count(name, given, least=1):
    """Refuse a size that is not a whole number of at least `least`."""
    if isinstance(given, bool) or not isinstance(given, int | np.integer):
        raise TypeError(f"{name} is a whole number; got {given!r}")
    if given < least:
        raise ValueError(f"{name} is a whole number of at least {least}; got {given}")


def check_seed(seed):
    """Refuse what is not a whole number of at least 0, such as a Generator."""
    check_count("seed", seed, least=0)


def check_rng(rng, optional=False):
    """Refuse what is not a Generator, such as a seed; None only where nothing need be drawn."""
    if not isinstance(rng, np.random.Generator) and not (optional and rng is None):
        raise TypeError(f"rng is a Generator, as np.random.default_rng(0) gives; got {type(rng).__name__}")


def check_dict(name, given):
    """Refuse what is not a dict of arrays."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} is a dict of arrays by name; got {type(given).__name__}")


def check_float_arrays(name, arrays):
    """Refuse what is not a dict of arrays of floating point numbers, each of a shape of its own.

    Whole numbers are refused as well: their squares wrap, and what is added to them loses its fraction.
    """
    check_dict(name, arrays)
    for key, array in arrays.items():
        if not isinstance(array, ARRAYS) or array.dtype.kind != "f":
            given = f"dtype {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
            raise TypeError(f"{name} holds arrays of floating point numbers; got {key} of {given}")


def check_dtype(dtype):
    """Refuse what is not one of the two dtypes of parameters; None too, which NumPy takes for float64."""
    if not isinstance(dtype, str | type | np.dtype) or dtype not in (
        np.float32,
        np.float64,
        float,
        "float32",
        "float64",
    ):
        raise TypeError(f"dtype is float32 or float64; got {getattr(dtype, '__name__', dtype)}")


def check_function(name, given):
    """Refuse what cannot be called."""
    if not callable(given):
        raise TypeError(f"{name} is a function; got {given!r}")


def check_instance(name, given, kind, maker):
    """Refuse what is not a result of the function that makes it."""
    if not isinstance(given, kind):
        raise TypeError(f"{name} is a {kind.__name__}, as {maker} returns; got {type(given).__name__}")


def check_table(name, rows, keys):
    """Refuse what is not a list of rows, dicts with an entry for each of the keys."""
    if not isinstance(rows, list | tuple) or not all(isinstance(row, dict) for row in rows):
        raise TypeError(f"{name} is a list of dicts, as load_table returns; got {type(rows).__name__}")
    wanted = set(keys)
    short = next((row for row in rows if not wanted <= row.keys()), None)
    if short is not None:
        missing = sorted(wanted - short.keys())
        raise KeyError(f"a row of {name} has {', '.join(keys)}; {', '.join(missing)} missing")


def as_array(name, array):
    """The array that nested lists stand for; lists of unequal length are refused."""
    try:
        return np.asarray(array)
    except ValueError as error:
        message = f"{name} is one array; got lists of unequal length: pad them to one length"
        raise ValueError(message) from error


def as_floats(name, array, dtype=None, hint=""):
    """The array in the parameters' dtype; anything but real floating point numbers is refused."""
    array = as_array(name, array)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} holds floating point numbers; got dtype {array.dtype}{hint}")
    return array.astype(dtype or array.dtype, copy=False)


def as_numbers(name, array):
    """The array in floating point; whole numbers are numbers too."""
    array = as_array(name, array)
    return as_floats(name, array.astype(float) if array.dtype.kind in "iu" else array)


def check_shape(name, array, letters, sizes):
    """Refuse an array of another shape, naming its axes; those in front without a letter are told by their length."""
    if array.shape == sizes:
        return
    same_ndim = array.ndim == len(sizes)
    if same_ndim and all(want in (None, got) for want, got in zip(sizes, array.shape, strict=True)):
        return
    axes = letters.split()
    axes = [""] * (len(sizes) - len(axes)) + axes
    expected = [
        axis if size is None else f"{axis} = {size}" if axis else str(size)
        for axis, size in zip(axes, sizes, strict=True)
    ]
    raise ValueError(f"{name} has shape ({', '.join(expected)}); got {array.shape}")


def check_finite(name, array):
    """Refuse NaN and infinity."""
    if isfinite(np.vdot(array, array)):  # one fast pass: a sum of squares is finite only if every entry is
        return
    finite = np.isfinite(array)
    if not finite.all():  # the squares may have overflowed alone
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(f"{name} holds {array[where]} at {where}; finite numbers expected")


def check_arrays(owner, params, keys, finite=True):
    """Look up the arrays of some keys: all there, all of one floating point dtype, all finite."""
    check_dict(f"params of {owner}", params)
    missing = [key for key in keys if key not in params]
    if missing:
        raise KeyError(f"{owner} needs params {', '.join(keys)}; {', '.join(missing)} missing")
    arrays = [params[key] for key in keys]
    dtypes = [a.dtype if isinstance(a, np.ndarray) else type(a) for a in arrays]
    if not isinstance(dtypes[0], np.dtype) or dtypes[0] not in FLOATS or dtypes.count(dtypes[0]) < len(dtypes):
        listed = ", ".join(
            f"{key} {getattr(dtype, '__name__', dtype)}" for key, dtype in zip(keys, dtypes, strict=True)
        )
        raise TypeError(f"params are arrays of one dtype, float32 or float64; got {listed}")
    if finite:
        for key, array in zip(keys, arrays, strict=True):
            check_finite(key, array)
    return dtypes[0]
