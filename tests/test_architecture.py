"""The floors of the house: who may import whom, how long a function may be, and one time loop for all."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rnnbook

ROOT = Path(rnnbook.__file__).parent
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))
LONGEST_FUNCTION = 45

modules = pytest.mark.parametrize("module", MODULES)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LOOPS = (ast.For, ast.AsyncFor, ast.comprehension)
FLOORS = {  # which parts of the package a floor may use; "" is rnnbook/__init__.py
    "nn": {"nn"},
    "lab": {"nn", "lab"},
    "exercises": {"nn", "lab", "exercises"},
    "view": {"nn", "lab", "view"},
    "": {"nn", "lab", "exercises"},
}
WIDGETS = {"ipywidgets", "anywidget", "traitlets"}


def read(module):
    return (ROOT / module).read_text(encoding="utf-8")


def floor(module):
    """nn, lab, exercises or view; the package's own file has no floor."""
    return module.split("/")[0] if "/" in module else ""


def imports(module, source):
    """Every absolute name that a module imports, and whether a function does it, only when it is called."""
    tree = ast.parse(source)
    late = {id(node) for function in ast.walk(tree) if isinstance(function, FUNCTIONS) for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import hides its floor"
            parts = node.names if node.module == "rnnbook" else []  # its parts may be floors
            names = [f"rnnbook.{alias.name}" for alias in parts] or [node.module]
        else:
            continue
        for name in names:
            yield name, id(node) in late


def allowed(module, name, late):
    """May this module import that name?"""
    top, *below = name.split(".")
    here = floor(module)
    if top == "rnnbook":
        return bool(below) and below[0] in FLOORS[here]
    if top in sys.stdlib_module_names:
        return True
    if here == "view":
        explorer = module == "view/live.py" or module.startswith("view/explorers/")
        return top in {"numpy", "matplotlib", "IPython"} or (top in WIDGETS and explorer)
    return here in {"nn", "lab", "exercises"} and (top == "numpy" or (top == "sklearn" and here == "lab" and late))


def trespasses(module, source):
    return [name for name, late in imports(module, source) if not allowed(module, name, late)]


@modules
def test_a_module_stands_on_a_known_floor(module):
    assert floor(module) in FLOORS


@modules
def test_a_module_imports_from_its_own_floor_or_below(module):
    assert trespasses(module, read(module)) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nn/cells.py", "import matplotlib"),
        ("nn/cells.py", "from rnnbook.lab import gradcheck"),
        ("nn/cells.py", "from rnnbook import RNN"),
        ("nn/cells.py", "def f():\n    import scipy.linalg"),
        ("nn/cells.py", "def f():\n    import sklearn"),
        ("lab/training/loop.py", "from rnnbook.view.style import look"),
        ("lab/training/loop.py", "from rnnbook import view"),
        ("lab/tasks/digits.py", "from sklearn.datasets import load_digits"),
        ("lab/training/loop.py", "def f():\n    from matplotlib.figure import Figure"),
        ("lab/training/loop.py", "from IPython.display import display"),
        ("view/style.py", "import ipywidgets"),
        ("view/plots.py", "def f():\n    from anywidget import AnyWidget"),
        ("view/plots.py", "import pandas"),
        ("__init__.py", "from rnnbook.view import style"),
        ("__init__.py", "import numpy"),
    ],
)
def test_an_import_from_above_would_be_seen(module, source):
    assert len(trespasses(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "nn/cells.py",
            "from __future__ import annotations\nimport numpy as np\nfrom rnnbook.nn import checks",
        ),
        ("lab/tasks/digits.py", "def load():\n    from sklearn.datasets import load_digits"),
        ("lab/training/loop.py", "import asyncio\nfrom rnnbook.nn.optim import SGD\nfrom rnnbook.lab import tasks"),
        ("view/live.py", "import anywidget\nfrom matplotlib.figure import Figure"),
        ("view/explorers/flow.py", "import ipywidgets as w\nfrom rnnbook.lab import gradient_flow"),
        ("__init__.py", "from rnnbook.nn import *\nfrom rnnbook import lab"),
    ],
)
def test_an_import_from_below_is_let_through(module, source):
    assert trespasses(module, source) == []


def lengths(source):
    """Lines of every function, its docstring left out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, FUNCTIONS[:2]):
            docstring = node.body[0] if ast.get_docstring(node) else None
            without = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
            yield node.name, node.end_lineno - node.lineno + 1 - without


@modules
def test_a_function_fits_on_a_screen(module):
    assert [name for name, length in lengths(read(module)) if length > LONGEST_FUNCTION] == []


def test_lengths_are_counted_without_the_docstring():
    source = 'def f():\n    """One\n    two\n    """\n    a = 1\n    return a\n\ndef g():\n    return 1\n'
    assert dict(lengths(source)) == {"f": 3, "g": 2}


@modules
def test_no_file_is_called_utils(module):
    assert not {"utils", "util", "helpers", "misc", "common"} & set(module.removesuffix(".py").split("/"))


def idle(statement):
    """Does the statement do nothing but go on?"""
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass | ast.Continue | ast.Break)


def swallowed(source):
    """Lines of handlers that catch everything, or go on as if nothing had happened."""
    for node in ast.walk(ast.parse(source)):
        if getattr(node, "attr", getattr(node, "id", "")) == "suppress":
            yield node.lineno
        if isinstance(node, ast.ExceptHandler):
            types = ast.walk(node.type) if node.type else ()
            everything = not node.type or {getattr(n, "id", "") for n in types} & {
                "Exception",
                "BaseException",
            }
            inside = [inner for statement in node.body for inner in ast.walk(statement)]
            raises = any(isinstance(inner, ast.Raise) for inner in inside)
            uses = node.name is not None and any(getattr(inner, "id", "") == node.name for inner in inside)
            if all(map(idle, node.body)) or (everything and not raises and not uses):
                yield node.lineno


@modules
def test_no_exception_is_swallowed(module):
    assert list(swallowed(read(module))) == []


@pytest.mark.parametrize(
    ("handler", "bad"),
    [
        ("except:\n    x = 1", True),
        ("except Exception:\n    x = 1", True),
        ("except (ValueError, Exception):\n    x = 1", True),
        ("except ValueError:\n    pass", True),
        ("except ValueError:\n    ...", True),
        ("except Exception as error:\n    show(error)", False),
        ("except BaseException:\n    clean()\n    raise", False),
        ("except ValueError:\n    x = 1", False),
    ],
)
def test_a_swallowed_exception_would_be_seen(handler, bad):
    assert bool(list(swallowed(f"try:\n    f()\n{handler}\n"))) == bad


def test_a_suppressed_exception_would_be_seen():
    assert list(swallowed("with contextlib.suppress(ValueError):\n    f()\n")) == [1]


def steps_through_time(source):
    """Lines of loops over range(T), or calls of what a cell does in one step."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, LOOPS):
            for call in ast.walk(node.iter):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "range":
                    names = {n.id for argument in call.args[:2] for n in ast.walk(argument) if isinstance(n, ast.Name)}
                    if names & {"T", "start", "stop"}:
                        yield call.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of_a_cell = getattr(node.func.value, "id", getattr(node.func.value, "attr", "")) == "cell"
            if of_a_cell and node.func.attr in {
                "forward",
                "backward",
                "backward_reset",
                "reset_state",
                "local",
            }:
                yield node.lineno


@modules
def test_only_the_scan_steps_through_time(module):
    assert bool(list(steps_through_time(read(module)))) == (module == "nn/scan.py")


@pytest.mark.parametrize(
    "source",
    [
        "for t in range(T):\n    f(t)",
        "for t in reversed(range(1, T + 1)):\n    f(t)",
        "[f(t) for t in range(T)]",
        "self.cell.forward(a, ah, old, new, aux)",
    ],
)
def test_a_second_time_loop_would_be_seen(source):
    assert len(list(steps_through_time(source))) == 1


def test_the_package_loads_neither_pictures_nor_widgets():
    code = "import sys, rnnbook; rnnbook.RNN; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT.parent)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"matplotlib", "ipywidgets", "anywidget", "IPython", "sklearn", "torch", "scipy"}


def test_experiments_load_when_one_is_first_used():
    code = """import sys, rnnbook
assert "rnnbook.lab" not in sys.modules
assert {"Adding", "view", "RNN"} <= set(dir(rnnbook))
rnnbook.Adding
assert "rnnbook.lab" in sys.modules
assert rnnbook.lab.Adding is rnnbook.Adding"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT.parent)
    assert done.returncode == 0, done.stderr


def test_the_package_hands_on_the_public_contract():
    names = """RNN LSTM GRU init_params Chrono set_spectral_radius unroll bptt Tape Backward gradcheck
        gradient_norms jacobian_norms cosine Model Batch SGD RMSprop Adam clip_by_norm clip_by_value
        to_torch from_torch"""
    assert [name for name in names.split() if name not in rnnbook.__all__] == []
    assert [name for name in rnnbook.__all__ if not hasattr(rnnbook, name)] == []
    assert len(set(rnnbook.__all__)) == len(rnnbook.__all__)
    with pytest.raises(AttributeError, match="module 'rnnbook' has no attribute 'nonsense'"):
        rnnbook.nonsense  # noqa: B018
