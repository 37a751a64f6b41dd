"""What the package loads and hands on. Who may import whom is import-linter's business, in pyproject.toml."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import rnnbook

ROOT = Path(rnnbook.__file__).parent


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
assert "rnnbook.lab.tasks" in sys.modules
assert "rnnbook.lab.studies" not in sys.modules
assert rnnbook.lab.tasks.Adding is rnnbook.Adding"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT.parent)
    assert done.returncode == 0, done.stderr


def test_the_package_hands_on_the_public_contract():
    names = """RNN LSTM GRU init_params Chrono set_spectral_radius unroll bptt Tape Backward gradcheck
        gradient_norms jacobian_norms cosine Model Batch SGD Adam clip_by_norm clip_by_value
        to_torch from_torch to_keras from_keras Recurrent Dropout Embedding Both Residual Stack"""
    assert [name for name in names.split() if name not in rnnbook.__all__] == []
    assert [name for name in rnnbook.__all__ if not hasattr(rnnbook, name)] == []
    assert len(set(rnnbook.__all__)) == len(rnnbook.__all__) <= 60  # the rest is found in its room
    with pytest.raises(AttributeError, match="module 'rnnbook' has no attribute 'nonsense'"):
        rnnbook.nonsense  # noqa: B018


def test_every_module_without_widgets_is_kept_without_them():
    contracts = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [kept] = [one["source_modules"] for one in contracts if "see widgets" in one["name"]]
    sources = {f"rnnbook.view.{path.stem}": path.read_text() for path in (ROOT / "view").glob("[a-z]*.py")}
    plain = [
        name
        for name in sources
        if not re.search(r"import (ipywidgets|anywidget|traitlets)|from traitlets", sources[name])
    ]
    assert kept == sorted(plain)
