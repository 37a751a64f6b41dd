"""A call of a framework: run where that is installed, else read; stored under a name that changes with what matters."""

import linecache
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rnnbook import GRU
from rnnbook.lab.frameworks import framework, runs, runs_on, where_run

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False)
    | st.text()
    | arrays.arrays(st.sampled_from([np.float64, np.float32, np.int64, np.bool_]), arrays.array_shapes(max_dims=2)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def made(source, **values):
    """The function `f` of a text, as a cell of a notebook makes it, with the values of other cells."""
    made.count = getattr(made, "count", 0) + 1
    name = f"<cell {made.count}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    namespace = {"__name__": "__main__", "np": np, "runs_on": runs_on, **values}
    exec(compile(source, name, "exec"), namespace)
    return namespace["f"]


def key(function, *args, **kwargs):
    return runs._key(function, args, kwargs)


@pytest.fixture
def nowhere(monkeypatch):
    """No framework is installed."""
    monkeypatch.setattr(runs, "find_spec", lambda name: None)
    monkeypatch.delenv(runs.SWITCH, raising=False)


@pytest.fixture
def everywhere(monkeypatch):
    """All are, and none is switched off."""
    monkeypatch.setattr(runs, "find_spec", lambda name: object())
    monkeypatch.delenv(runs.SWITCH, raising=False)


def same(one, other):
    if isinstance(one, np.ndarray | np.generic):
        return type(one) is type(other) and one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, tuple | list):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@given(values)
def test_what_is_stored_is_what_is_read(value):
    assert same(runs.unpack(*runs.pack(value)), value)


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, lambda: 0, {(1, 2): 3}, np.array([object()]), [np.random.default_rng(0)]]
)
def test_what_cannot_be_stored_is_refused(value):
    with pytest.raises(TypeError, match=r"array of numbers|handed on as arrays"):
        runs.pack(value)


PLAIN = "def f(x, T=3):\n    return x * T + scale\n"


@pytest.mark.parametrize(
    "source",
    [
        "def f(x, T=3):\n    # what it does\n    return x * T + scale\n",
        "def f(x, T=3):\n\n    return x*T + scale  # times\n",
        "def f(x,\n      T=3):\n        return x * T + scale\n",
    ],
)
def test_comments_and_spaces_do_not_matter(source):
    x = np.ones(2)
    assert key(made(source, scale=2.0), x) == key(made(PLAIN, scale=2.0), x)


@given(st.integers(0, 9), st.floats(-1e-10, 1e-10))
def test_last_digits_of_arguments_do_not_matter_and_defaults_are_arguments(seed, little):
    x = np.random.default_rng(seed).normal(size=4).round(3)
    function = made(PLAIN, scale=2.0)
    assert key(function, x + little) == key(function, x) == key(function, x, 3) == key(function, T=3, x=x)


def test_everything_else_matters():
    x, f = np.ones(2), made(PLAIN, scale=2.0)
    others = [
        key(made(PLAIN.replace("*", "-"), scale=2.0), x),
        key(made(PLAIN, scale=2.5), x),
        key(f, x, 4),
        key(f, x + 1e-3),
        key(f, x.astype(np.float32)),
        key(f, x[None]),
        key(f, list(x)),
        key(f, tuple(x)),
        key(f, {"x": x}),
        key(f, {"y": x}),
        key(f, {"a": {"b": 1}, "c": 2}),
        key(f, {"a": {"b": 1, "c": 2}}),
        key(f, 1e-7),
        key(f, 1e-8),
        key(f, 0.0),
        key(f, np.zeros(2)),
        key(f, np.array([0.0, 1e-9])),
        key(f, GRU()),
        key(f, GRU("before")),
        key(f, "GRU()"),
        key(f, None),
    ]
    assert len({key(f, x), *others}) == 1 + len(others)


def test_functions_of_the_notebook_that_are_used_matter_also_those_below():
    source = "def g(x):\n    return h(x)\n\n\ndef h(x):\n    return x{}\n\n\ndef f(x):\n    return [g(k) for k in x]\n"
    keys = [key(made(source.format(end)), [1]) for end in (" + 1", " + 2", " + 1  # one")]
    assert keys[0] == keys[2] != keys[1]


def test_where_a_block_ends_matters():
    inside = "def f(x):\n    if x:\n        x += 1\n        x += 2\n    return x\n"
    assert key(made(inside), 1) != key(made(inside.replace("        x += 2", "    x += 2")), 1)


def test_an_attribute_of_a_values_name_does_not_matter():
    source = "def f(x):\n    return x.T\n"
    assert key(made(source, T=1), np.ones(2)) == key(made(source, T=2), np.ones(2))


def test_what_cannot_be_an_argument_is_refused():
    with pytest.raises(TypeError, match=r"takes arrays, numbers, texts, cells and layers; got Generator"):
        key(made(PLAIN, scale=1), np.random.default_rng(0))


TIMES = '@runs_on("torch")\ndef f(x):\n    return {"y": 2 * x, "words": ("a", None)}\n'


def test_where_it_is_installed_it_runs_and_is_noted(everywhere):
    before = len(runs.CALLS)
    assert made(TIMES)(np.ones(2))["y"].tolist() == [2, 2]
    (call,) = runs.CALLS[before:]
    assert call.live
    assert call.key.startswith("f-")


def test_elsewhere_the_stored_answer_is_read_and_is_ones_own(nowhere, monkeypatch):
    function, x = made(TIMES), np.ones(2)
    text, found = runs.pack({"y": np.array([7.0]), "words": ("a", None)})
    name = key(function, x)
    stored = {name: np.frombuffer(text.encode(), np.uint8)} | {f"{name}/{k}": array for k, array in enumerate(found)}
    monkeypatch.setattr(runs, "_file", lambda: stored)
    for _ in range(2):
        answer = function(x)
        assert answer["words"] == ("a", None)
        assert answer["y"].tolist() == [7.0]
        answer["y"][:] = 0
    with pytest.raises(LookupError, match=r"f needs PyTorch, which does not run here.*requirements-frameworks.txt"):
        function(x + 1)


def test_the_switch_reads_what_is_stored_even_where_it_could_run(everywhere, monkeypatch):
    monkeypatch.setenv(runs.SWITCH, "stored")
    with pytest.raises(LookupError, match="Undo the change"):
        made(TIMES)(np.ones(3))
    assert "RNNBOOK_FRAMEWORKS=stored is set" in where_run()


def test_a_function_without_a_text_runs(everywhere):
    namespace = {"runs_on": runs_on}
    exec(TIMES, namespace)
    assert namespace["f"](1)["y"] == 2


def test_a_missing_framework_says_so_when_it_is_used(nowhere):
    torch = framework("torch")
    assert repr(torch) == "<PyTorch: not installed>"
    with pytest.raises(ModuleNotFoundError, match=r"PyTorch is not installed: python -m pip install"):
        torch.nn.RNN(1, 1)
    assert not hasattr(torch, "_anything")
    assert where_run().startswith("Results are read that PyTorch 2")
    assert where_run().endswith("(PyTorch and Keras not installed).")


def test_the_versions_are_those_of_what_the_chapter_uses(everywhere, monkeypatch):
    """Keras is asked for on PyTorch here too: by itself it takes TensorFlow, which need not be there."""

    class Module:
        __version__ = "9.9"

    monkeypatch.setattr(runs, "framework", lambda name: Module)
    assert where_run() == "PyTorch 9.9 and Keras 9.9 run here, in this kernel."


@pytest.mark.parametrize("call", [framework, runs_on])
def test_an_unknown_framework_is_named(call):
    with pytest.raises(ValueError, match="'jax'"):
        call("jax")


def test_keras_on_another_backend_is_refused(everywhere, monkeypatch):
    class Backend:
        def __getattr__(self, name):
            return self

        def __call__(self):
            return "jax"

    monkeypatch.setattr(runs, "import_module", lambda name: Backend())
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with pytest.raises(RuntimeError, match=r"Keras runs on jax here.*KERAS_BACKEND=torch"):
        framework("keras")
