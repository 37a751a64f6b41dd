"""Docstrings are numpydoc's: all well formed, complete where a name is handed on, with examples at the doors."""

import importlib
import inspect
import pkgutil

import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import validate

import rnnbook

WELL_FORMED = {
    *("GL03", "GL05", "GL06", "GL07", "GL08"),  # there is one; blank lines, no tabs, numpydoc's sections in their order
    *("SS01", "SS02", "SS03", "SS06"),  # a summary of one line, from a capital letter to a period
    *("PR02", "PR03", "PR04", "PR07", "PR10"),  # parameters that exist, in their order, with type and description
}
COMPLETE = {"PR01", "RT01", "YD01"}  # all parameters; what is returned or yielded
EXAMPLE = {"EX01"}
MODULES = [rnnbook, *(importlib.import_module(m.name) for m in pkgutil.walk_packages(rnnbook.__path__, "rnnbook."))]


def name_of(value):
    """An object's full name, where it is defined."""
    return f"{value.__module__}.{value.__qualname__}"


def handed_on(modules):
    """Full names of the functions and classes that the modules have in their `__all__`."""
    objects = [getattr(module, name) for module in modules for name in getattr(module, "__all__", [])]
    return {name_of(value) for value in objects if hasattr(value, "__qualname__")}


EXPORTED = handed_on(MODULES)
DOORS = handed_on([rnnbook, importlib.import_module("rnnbook.view.explorers")])


def public(module):
    """Yield the public functions, classes and methods that a module defines, and the class where there is one."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value) or inspect.isclass(value):
            yield value, None
        if inspect.isclass(value):
            for part, member in vars(value).items():
                if (inspect.isroutine(member) or isinstance(member, property)) and not part.startswith("_"):
                    yield getattr(value, part), value


def faults(value, owner):
    """What numpydoc finds wrong with one docstring, of what is asked of it."""
    name = name_of(value.fget if isinstance(value, property) else value)
    in_base = owner is not None and any(name.rpartition(".")[2] in vars(base) for base in owner.__mro__[1:])
    if in_base and not value.__doc__:
        return []  # the method of the base says it
    if hasattr(value, "_fields"):  # a named tuple lists its fields under Attributes
        documented = {attribute.name for attribute in get_doc_object(value)["Attributes"]}
        missing = [f"{name}: no attribute {field}" for field in value._fields if field not in documented]
        return missing if name in EXPORTED else []
    asked = set(WELL_FORMED)
    if name in EXPORTED or (owner is not None and name_of(owner) in EXPORTED and not in_base):
        asked |= COMPLETE
    if name in DOORS:
        asked |= EXAMPLE
    return [f"{name}: {code} {message}" for code, message in validate(name)["errors"] if code in asked]


@pytest.mark.filterwarnings("ignore:Widget:DeprecationWarning")  # read with all of a class
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_docstrings_are_whole(module):
    assert module.__doc__
    assert [fault for value, owner in public(module) for fault in faults(value, owner)] == []
