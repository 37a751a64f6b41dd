"""Run the chapters' functions of PyTorch and Keras, and store what they return for machines without them.

    python -m tools.framework_runs             # write rnnbook/lab/frameworks/data/runs.npz
    python -m tools.framework_runs --check     # run, compare with what is stored, write nothing

Needs requirements-frameworks.txt. The cells of every notebook that names `runs_on` are run in this process.
"""

import argparse
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["KERAS_BACKEND"] = "torch"
os.environ["MPLBACKEND"] = "agg"

import numpy as np
from IPython.core.interactiveshell import InteractiveShell

from rnnbook.lab.frameworks import runs

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "rnnbook" / "lab" / "frameworks" / "data" / "runs.npz"
TOLERANCE = 1e-5  # Keras multiplies in float32


def users():
    """The notebooks that call a framework."""
    return [path for path in sorted((ROOT / "notebooks").rglob("*.ipynb")) if "runs_on" in path.read_text("utf-8")]


def calls(path):
    """What every call of a framework in a notebook returned, packed, by its key."""
    shell = InteractiveShell()
    runs.CALLS.clear()
    os.chdir(path.parent)
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            shell.run_cell("".join(cell["source"])).raise_error()
    if not all(call.live for call in runs.CALLS):
        raise RuntimeError("a call was not run: install requirements-frameworks.txt, and set no RNNBOOK_FRAMEWORKS")
    answers = {}
    for call in runs.CALLS:
        packed = runs.pack(call.answer)
        if str(answers.setdefault(call.key, packed)) != str(packed):
            raise RuntimeError(f"{call.key}: two calls of one name returned different results")
    return answers


def arrays(answers):
    """What goes into the file: of every call a text and its arrays, and the versions."""
    made = {name: version(name).split("+")[0] for name in ("keras", "numpy", "safetensors", "torch")}
    stored = {"versions": _bytes(json.dumps(made | {"python": platform.python_version()}))}
    for key, (text, found) in answers.items():
        stored |= {key: _bytes(text)} | {f"{key}/{k}": array for k, array in enumerate(found)}
    return stored


def differences(found, stored):
    """What differs from the stored, by name."""
    names = (found.keys() | stored.keys()) - {"versions"}
    return sorted(name for name in names if not _close(found.get(name), stored.get(name)))


def _close(one, other):
    if one is None or other is None or one.shape != other.shape or one.dtype != other.dtype:
        return False
    return bool((one == other).all()) or (
        one.dtype.kind == "f" and np.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    )


def _bytes(text):
    return np.frombuffer(text.encode(), dtype=np.uint8)


def main(argv=None):
    """Run the command line; exit status 1 if something differs."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with what is stored, write nothing")
    check = parser.parse_args(argv).check
    found = arrays({key: packed for path in users() for key, packed in calls(path).items()})
    if not check:
        FILE.parent.mkdir(exist_ok=True)
        np.savez_compressed(FILE, **found)
        print(f"{FILE.relative_to(ROOT)}: {len(found)} arrays, {FILE.stat().st_size / 1000:.0f} KB")
        return 0
    with np.load(FILE, allow_pickle=False) as stored:
        wrong = differences(found, dict(stored))
    print("\n".join(wrong) or f"{len(found)} arrays as stored")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
