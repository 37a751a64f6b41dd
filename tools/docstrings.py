"""Validate the docstrings of a package's public names, and run their examples.

    python tools/docstrings.py rnnbook

Public is what carries no leading underscore and is defined in the package: functions, classes, and
the methods and properties that a class defines itself. Each has a docstring whose sections are right.
What some ``__all__`` hands on documents all its parameters and what it returns, and so do its methods,
unless they fill in a method of a base class, which says it: there a sentence is enough, or none. The doors, handed
on by the package itself or by its explorers, have an example. A named tuple lists its fields under Attributes instead.
Examples find ``np`` and the package's ``__all__`` imported.
"""

import doctest
import importlib
import inspect
import pkgutil
import sys
from pathlib import Path

import numpy as np
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import validate

CODES = {
    "GL03": "one blank line between sections, none at the end",
    "GL05": "no tabs",
    "GL06": "only numpydoc's sections",
    "GL07": "sections in numpydoc's order",
    "GL08": "a docstring",
    "SS01": "a summary",
    "SS02": "a summary that starts with a capital letter",
    "SS03": "a summary that ends with a period",
    "SS06": "a summary on one line",
    "PR02": "no parameters that do not exist",
    "PR03": "parameters in the order of the signature",
    "PR04": "a type for every parameter",
    "PR07": "a description for every parameter",
    "PR10": "a space before the colon of a parameter",
}
COMPLETE = {"PR01": "all parameters", "RT01": "what is returned", "YD01": "what is yielded"}
EXAMPLE = {"EX01": "an example"}
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def modules(name):
    """Import a package and its public modules."""
    package = importlib.import_module(name)
    found = pkgutil.walk_packages(package.__path__, name + ".")
    public = [m.name for m in found if not any(part.startswith("_") for part in m.name.split("."))]
    return [package, *map(importlib.import_module, public)]


def public_objects(module):
    """List the public names that a module defines, with the methods of its classes."""
    found = {}
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value) or inspect.isclass(value):
            found[f"{module.__name__}.{name}"] = value
        if inspect.isclass(value):
            for part, member in vars(value).items():
                is_code = inspect.isroutine(member) or isinstance(member, property)
                if is_code and not part.startswith("_"):
                    found[f"{module.__name__}.{name}.{part}"] = getattr(value, part)
    return found


def handed_on(found):
    """List what the modules hand on in ``__all__``, by full name where it is defined."""
    objects = [getattr(module, name) for module in found for name in getattr(module, "__all__", [])]
    return {f"{o.__module__}.{o.__qualname__}" for o in objects if hasattr(o, "__qualname__")}


def demands(name, value, exported, doors):
    """Say what is asked of one docstring.

    Parameters
    ----------
    name : str
        Full name of the object.
    value : object
        A function, class, method or property.
    exported, doors : set of str
        Full names of what is handed on at all, and by the package and its explorers.

    Returns
    -------
    dict
        numpydoc's code to what is expected.
    """
    if hasattr(value, "_fields"):
        return CODES
    owner, _, part = name.rpartition(".")
    if not value.__doc__ and inspect.isclass(owned_by(owner)) and fills_in(owner, part):
        return {}
    asked = CODES
    if name in exported or (owner in exported and not fills_in(owner, part)):
        asked = asked | COMPLETE
    return asked | EXAMPLE if name in doors else asked


def owned_by(owner):
    """Find the class or module of a full name."""
    module, _, name = owner.rpartition(".")
    return getattr(sys.modules.get(module), name, None)


def fills_in(owner, part):
    """Say whether a class found the method in one of its bases."""
    return any(part in vars(base) for base in owned_by(owner).__mro__[1:])


def missing_fields(value):
    """List the fields of a named tuple that its docstring does not name under Attributes."""
    documented = {a.name for a in get_doc_object(value)["Attributes"]}
    return [field for field in getattr(value, "_fields", []) if field not in documented]


def place(value, module):
    """Say where an object is defined, as ``file:line``."""
    value = inspect.unwrap(value.fget if isinstance(value, property) else value)
    try:
        line = inspect.getsourcelines(value)[1]
    except (OSError, TypeError):
        line = 1
    return f"{short(module.__file__)}:{line}"


def short(file):
    """Shorten a path under the working directory."""
    path = Path(file).resolve()
    return (path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path).as_posix()


class Runner(doctest.DocTestRunner):
    """A runner of examples that reports each failure as one ``file:line: message``."""

    def report_failure(self, out, test, example, got):
        """Report an example that printed something else."""
        self.report(out, test, example, f"expected {example.want.strip()!r}, got {got.strip()!r}")

    def report_unexpected_exception(self, out, test, example, exc_info):
        """Report an example that raised."""
        self.report(out, test, example, f"raised {exc_info[0].__name__}: {exc_info[1]}")

    def report(self, out, test, example, what):
        """Print one line about one example."""
        line = (test.lineno or 0) + example.lineno + 1
        out(f"{short(test.filename)}:{line}: {test.name}: {example.source.strip()!r} {what}\n")


def faults_of(name, value, asked, exported):
    """List what is wrong with one docstring."""
    errors = validate(name)["errors"]
    found = [f"{code} expected {asked[code]} ({message})" for code, message in errors if code in asked]
    if name in exported and (fields := missing_fields(value)):
        found.append(f"expected under Attributes the fields {', '.join(fields)}")
    return found


def run_examples(module, names):
    """Run the examples in a module's docstrings, printing those that fail; count both."""
    runner = Runner(verbose=False, optionflags=OPTIONS)
    for test in doctest.DocTestFinder().find(module, globs=names | vars(module)):
        runner.run(test, out=sys.stdout.write)
    return runner.tries, runner.failures


def check(name):
    """Check one package, printing what is wrong.

    Parameters
    ----------
    name : str
        The package.

    Returns
    -------
    tuple of int
        Docstrings validated, examples run, faults found.
    """
    found = modules(name)
    exported = handed_on(found)
    doors = handed_on(m for m in found if m.__name__ in (name, f"{name}.view.explorers"))
    names = {"np": np} | {key: getattr(found[0], key) for key in getattr(found[0], "__all__", [])}
    docstrings = examples = faults = 0
    for module in found:
        wrong = []
        if not (module.__doc__ or "").strip():
            wrong.append(f"{short(module.__file__)}:1: {module.__name__}: GL08 expected a docstring")
        objects = public_objects(module)
        for full, value in objects.items():
            asked = demands(full, value, exported, doors)
            found_here = faults_of(full, value, asked, exported)
            wrong += [f"{place(value, module)}: {full}: {fault}" for fault in found_here]
        if wrong:
            print("\n".join(wrong))
        tries, failures = run_examples(module, names)
        docstrings += 1 + len(objects)
        examples += tries
        faults += len(wrong) + failures
    return docstrings, examples, faults


def main(names):
    """Check packages.

    Parameters
    ----------
    names : list of str
        The packages.

    Returns
    -------
    int
        Exit status: 1 if anything is wrong.
    """
    sys.path.insert(0, "")
    totals = [sum(column) for column in zip(*map(check, names), strict=True)]
    print(f"{totals[0]} docstrings, {totals[1]} examples, {totals[2]} faults")
    return 1 if totals[2] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["rnnbook"]))
