"""Run PyTorch and Keras where they are installed; elsewhere hand out what they returned, which is stored."""

from __future__ import annotations

import ast
import dis
import functools
import hashlib
import inspect
import io
import json
import os
import textwrap
from collections.abc import Mapping
from dataclasses import is_dataclass
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from types import CodeType, FunctionType, ModuleType
from typing import NamedTuple

import numpy as np

from rnnbook.nn.checks import check_option

FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "safetensors": "safetensors"}
NEEDS = {
    "torch": ("torch",),
    "keras": ("keras", "torch"),
    "safetensors": ("safetensors",),
}  # Keras runs on PyTorch here
SWITCH = "RNNBOOK_FRAMEWORKS"  # "stored" in the environment: run nothing, even where it could be run
INSTALL = "python -m pip install -r requirements-frameworks.txt"
DIGITS = 6  # of the numbers of an array, counted from its largest one: the last ones differ between machines


class Call(NamedTuple):
    """One call of a function of a framework."""

    key: str
    live: bool
    answer: object


CALLS = []  # of this process, in order


class Missing:
    """Stands for a module that is not installed: says so as soon as it is used."""

    def __init__(self, name):
        self._name = name

    def __repr__(self):
        return f"<{FRAMEWORKS[self._name]}: not installed>"

    def __getattr__(self, attribute):
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        raise ModuleNotFoundError(f"{FRAMEWORKS[self._name]} is not installed: {INSTALL}", name=self._name)


def framework(name):
    """A framework's module, or where it is not installed what says so when it is used.

    Keras is asked to run on PyTorch, unless the variable KERAS_BACKEND says otherwise. PyTorch uses one thread, as the
    book's NumPy does: at these sizes a second one gains little, and results are then equal from run to run.

    Parameters
    ----------
    name : {"torch", "keras", "safetensors"}
        The module.

    Returns
    -------
    module or Missing
        The module; any attribute of a `Missing` raises ModuleNotFoundError, which says how to install it.

    Raises
    ------
    RuntimeError
        If Keras runs on another backend than PyTorch.
    ValueError
        If the book does not know the framework.

    Examples
    --------
    >>> torch = framework("torch")
    >>> torch.nn.RNN  # doctest: +SKIP
    <class 'torch.nn.modules.rnn.RNN'>
    """
    check_option("name", name, FRAMEWORKS)
    if not _runs(name):
        return Missing(name)
    if name == "keras":
        os.environ.setdefault("KERAS_BACKEND", "torch")
        keras = import_module("keras")
        if keras.backend.backend() != "torch":
            raise RuntimeError(
                f"Keras runs on {keras.backend.backend()} here; the book compares with it on PyTorch: "
                "set KERAS_BACKEND=torch and start the kernel again"
            )
    module = import_module(name)
    if name == "torch":
        module.set_num_threads(1)
    return module


def runs_on(*names):
    """Decorate a function that needs a framework: it runs where that is installed; elsewhere its stored result is read.

    What is stored belongs to a call: the code of the function, the functions and values of the notebook that it uses,
    and its arguments; of an array six digits count. Change any of them, and the framework is needed. A change in the
    package, in a closure or in an object of a class of the notebook's own is not seen.

    Parameters
    ----------
    *names : {"torch", "keras", "safetensors"}
        The modules that the function uses.

    Returns
    -------
    callable
        The decorator. The function takes and returns arrays, numbers, texts, None, and tuples, lists and dicts of
        them; it may take cells and layers of the package, too.

    Raises
    ------
    LookupError
        When called, if the framework is not installed and there is no stored result of this call.
    TypeError
        When called, if an argument or a result is of another kind.
    ValueError
        If the book does not know the framework.

    Examples
    --------
    >>> torch = framework("torch")
    >>> @runs_on("torch")
    ... def weights(D, H):
    ...     return sum(array.numel() for array in torch.nn.RNN(D, H).parameters())
    >>> weights(8, 16)  # doctest: +SKIP
    416
    """
    for name in names:
        check_option("name", name, FRAMEWORKS)

    def decorate(function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            live = all(_runs(name) for name in names)
            if live and not _recordable(function):
                return function(*args, **kwargs)
            key = _key(function, args, kwargs)
            answer = function(*args, **kwargs) if live else _stored(key, names)
            if live:
                pack(answer)  # refuses what could not be stored
            CALLS.append(Call(key, live, answer))
            return answer

        return call

    return decorate


def where_run():
    """One sentence: whether the frameworks run here, in which versions, or which versions the stored results are of.

    Returns
    -------
    str
        The sentence.

    Examples
    --------
    >>> "PyTorch" in where_run()
    True
    """
    names = ("torch", "keras")
    if all(_runs(name) for name in names):
        versions = " and ".join(f"{FRAMEWORKS[name]} {framework(name).__version__}" for name in names)
        return f"{versions} run here, in this kernel."
    made = stored_versions()
    versions = " and ".join(f"{FRAMEWORKS[name]} {made[name]}" for name in names)
    missing = [FRAMEWORKS[name] for name in names if not _runs(name)]
    switched = os.environ.get(SWITCH) == "stored"
    why = f"{SWITCH}=stored is set" if switched else f"{' and '.join(missing)} not installed"
    return f"Results are read that {versions} returned on another day ({why})."


def stored_versions():
    """The versions that returned what is stored.

    Returns
    -------
    dict of str to str
        By module.

    Examples
    --------
    >>> sorted(stored_versions())
    ['keras', 'numpy', 'python', 'safetensors', 'torch']
    """
    return json.loads(bytes(_file()["versions"]))


def pack(answer):
    """A result as a text and a list of arrays; `unpack` is the inverse."""
    arrays = []

    def plain(value):
        if isinstance(value, np.ndarray | np.generic):
            if value.dtype.kind not in "fiubU":
                raise TypeError(f"an array of numbers, booleans or text can be stored; got dtype {value.dtype}")
            arrays.append(np.asarray(value))
            return {"array": len(arrays) - 1}
        if isinstance(value, float):
            arrays.append(np.array(value))
            return {"float": len(arrays) - 1}
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, tuple):
            return {"tuple": [plain(one) for one in value]}
        if isinstance(value, list):
            return [plain(one) for one in value]
        if isinstance(value, Mapping) and all(isinstance(key, str | int) for key in value):
            return {"dict": [[key, plain(one)] for key, one in value.items()]}
        raise TypeError(
            f"what a framework returns is handed on as arrays, numbers and texts; got {type(value).__name__}: "
            "a tensor becomes an array by .detach().numpy()"
        )

    return json.dumps(plain(answer)), arrays


def unpack(text, arrays):
    """The result that `pack` made a text and a list of arrays of."""

    def rich(value):
        if isinstance(value, list):
            return [rich(one) for one in value]
        if not isinstance(value, dict):
            return value
        (kind, inside), *_ = value.items()
        if kind == "float":
            return float(arrays[inside])
        if kind == "array":
            return arrays[inside].copy() if arrays[inside].ndim else arrays[inside][()]
        if kind == "tuple":
            return tuple(rich(one) for one in inside)
        return {key: rich(one) for key, one in inside}

    return rich(json.loads(text))


def _runs(name):
    """Whether it may run here and is installed."""
    return os.environ.get(SWITCH) != "stored" and all(find_spec(one) is not None for one in NEEDS[name])


def _recordable(function):
    """Whether its text can be read; a function typed at a bare prompt has none and is run without more."""
    try:
        return bool(inspect.getsource(function))
    except OSError:
        return False


@functools.lru_cache(maxsize=1)
def _file():
    """What is stored, array by array."""
    file = files("rnnbook.lab.frameworks") / "data" / "runs.npz"
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as data:
        return {name: data[name] for name in data.files}


def _stored(key, names):
    data = _file()
    if key not in data:
        missing = " and ".join(FRAMEWORKS[name] for name in names)
        raise LookupError(
            f"{key.rpartition('-')[0]} needs {missing}, which does not run here, and what is stored is the result of "
            f"the book's call: the function, a value that it uses or an argument is another one. Undo the change, or "
            f"install the frameworks: {INSTALL}"
        )
    arrays = [data[f"{key}/{k}"] for k in range(sum(name.startswith(f"{key}/") for name in data))]
    return unpack(bytes(data[key]).decode("utf-8"), arrays)


def _key(function, args, kwargs):
    """A name for a call: the function's, and a digest of its text, of what it uses and of its arguments."""
    digest = hashlib.sha256()
    _take_function(digest, function, set())
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    _take(digest, dict(bound.arguments))
    return f"{function.__name__}-{digest.hexdigest()[:16]}"


def _take_function(digest, function, seen):
    """Take in the code of a function, and what of the notebook it uses."""
    function = inspect.unwrap(function)
    if function in seen:
        return
    seen.add(function)
    digest.update(_canonical(ast.parse(textwrap.dedent(inspect.getsource(function)))).encode())
    for name in sorted(_names(function.__code__)):
        value = function.__globals__.get(name)
        if isinstance(value, FunctionType):
            if value.__module__ == function.__module__:
                _take_function(digest, value, seen)
        elif value is not None and not isinstance(value, ModuleType | Missing | type) and not callable(value):
            digest.update(name.encode())
            _take(digest, value)


def _canonical(node):
    """The syntax tree as a text: without comments and spaces, and the same in every version of Python."""
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value is not None and value != [])
        return f"{type(node).__name__}({', '.join(f'{name}={_canonical(value)}' for name, value in fields)})"
    return f"[{', '.join(map(_canonical, node))}]" if isinstance(node, list) else repr(node)


def _names(code):
    """The global names that code and what is nested in it look up; not those of attributes."""
    own = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    return own.union(*(_names(one) for one in code.co_consts if isinstance(one, CodeType)))


def _take(digest, value):
    """Take in a value; of an array its kind, its shape and six digits of its numbers."""
    if isinstance(value, float):  # np.float64 too
        digest.update(f"float{value:.9e}".encode())
    elif isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f":
        value = np.asarray(value)
        largest = np.abs(value[np.isfinite(value)]).max(initial=0.0)
        unit = 10.0 ** np.floor(np.log10(largest)) if largest else 1.0
        digest.update(f"{value.dtype}{value.shape}{unit:.0e}".encode())
        digest.update((np.round(value / unit, DIGITS) + 0.0).tobytes())  # + 0.0: no minus zero
    elif isinstance(value, np.ndarray | np.generic):
        digest.update(f"{value.dtype.kind}{value.shape}{value.tolist()}".encode())
    elif isinstance(value, tuple | list):
        for one in value:
            _take(digest, one)
        digest.update(f"{type(value).__name__}{len(value)}".encode())
    elif isinstance(value, Mapping):
        for key, one in value.items():
            digest.update(f"{key}:".encode())
            _take(digest, one)
        digest.update(f"dict{len(value)}".encode())
    elif value is None or isinstance(value, bool | int | str) or is_dataclass(value):
        digest.update(f"{type(value).__name__}{value!r}".encode())
    else:
        raise TypeError(
            f"a function of a framework takes arrays, numbers, texts, cells and layers; got {type(value).__name__}"
        )
