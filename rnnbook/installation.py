"""Is everything in place that the book needs? Each piece is looked at, with advice where one is missing.

The standard library is enough to import this file; everything else is imported by the check that needs it, so
that a missing package is reported and not met. Where not even `rnnbook` can be imported, the file runs by
itself: ``python rnnbook/installation.py``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from functools import partial
from importlib import import_module, metadata, util
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from typing import NamedTuple

__all__ = ["Finding", "check_installation", "findings"]

OLDEST_PYTHON = (3, 11)
NAMES = {"numpy": "NumPy", "matplotlib": "Matplotlib"}
OPERATORS = {">=": ge, "<=": le, "==": eq, "!=": ne, ">": gt, "<": lt}
MANAGER = "@jupyter-widgets/jupyterlab-manager"  # its version 5 speaks with ipywidgets 8
OTHER_PAGES = {
    "Google Colab": ("COLAB_RELEASE_TAG", "COLAB_GPU"),
    "Kaggle": ("KAGGLE_KERNEL_RUN_TYPE",),
    "VS Code": ("VSCODE_PID", "VSCODE_CWD"),
}


class Finding(NamedTuple):
    """What was found about one piece.

    Attributes
    ----------
    name : str
        The piece.
    state : {"ok", "unsure", "wrong"}
        "unsure" where the kernel cannot see what the page has.
    what : str
        What is the matter.
    mend : str
        What to do about it.
    """

    name: str
    state: str = "ok"
    what: str = ""
    mend: str = ""

    def __str__(self):
        if self.state == "ok":
            return f"{self.name}: ok"
        return f"{self.name}: {self.what}\n    To mend it: {self.mend}"


def check_installation():
    """Look at everything that the book needs and print a line for each piece.

    A line ends in ok, or says what is wrong and how to mend it.

    Examples
    --------
    >>> from rnnbook.installation import check_installation
    >>> check_installation()
    Python: ok
    ...
    """
    found = findings()
    print(*found, sep="\n")
    wrong = [finding.name for finding in found if finding.state == "wrong"]
    unsure = [finding.name for finding in found if finding.state == "unsure"]
    if wrong:
        print(f"To be mended: {', '.join(wrong)}. Begin with the first; the others may follow from it.")
    elif unsure:
        print(f"Cannot be seen from here: {', '.join(unsure)}. If explorers have sliders, all is well.")
    else:
        print("Everything is in place.")


def findings():
    """Look at everything that the book needs.

    Returns
    -------
    list of Finding
        One for each piece, in the order in which to mend them.
    """
    return [Finding(name, *_run(check)) for name, check in _checks().items()]


def _checks():
    checks = {"Python": _python, "rnnbook": _rnnbook}
    checks |= {NAMES.get(name, name): partial(_package, name, bounds) for name, bounds in _requirements().items()}
    checks["JupyterLab's side of ipywidgets"] = partial(_extension, MANAGER, "jupyterlab_widgets")
    checks["JupyterLab's side of anywidget"] = partial(_extension, "anywidget", "anywidget")
    return checks | {"OPENBLAS_NUM_THREADS": _threads, "gradient check of an LSTM": _gradient, "an explorer": _explorer}


def _requirements():
    """Name to bounds of what rnnbook asks for: from its installed metadata, else from pyproject.toml beside it."""
    try:
        lines = metadata.requires("rnnbook") or []
    except metadata.PackageNotFoundError:
        lines = _clone().get("dependencies", [])
    # What is asked for under a condition stands before a semicolon, and is left out.
    parts = [re.match(r"([\w.-]+)\s*\(?([^;)\[]*)", line) for line in lines if ";" not in line]
    return {part[1]: part[2].strip() for part in parts}


def _fits(version, bounds):
    """Does a version as "2.4.6" lie within bounds as ">=2.0,<3"?"""
    for bound in filter(None, bounds.replace(" ", "").split(",")):
        match = re.fullmatch(r"([<>=!]=|[<>])([0-9.]+)", bound)
        if not match:
            raise ValueError(f"cannot read the bound {bound}")
        if not OPERATORS[match[1]](_numbers(version), _numbers(match[2])):
            return False
    return True


def _numbers(version):
    numbers = [int(n) for n in re.match(r"[0-9.]*", version)[0].split(".") if n]
    return (numbers + 6 * [0])[:6]


def _clone():
    """The table [project] of the clone that this file lies in; empty if it lies in no clone."""
    file = Path(__file__).resolve().parents[1] / "pyproject.toml"
    if sys.version_info < OLDEST_PYTHON or not file.is_file():
        return {}
    return import_module("tomllib").loads(file.read_text(encoding="utf-8"))["project"]


def _run(check):
    try:
        return check() or ()
    except Exception as error:  # noqa: BLE001 (a broken installation fails in any way; the other lines still count)
        return _wrong(f"{type(error).__name__}: {error}", _install("-r requirements.txt", "In the book's folder"))


def _wrong(what, mend):
    return "wrong", what, mend


def _install(what, where="In a terminal"):
    return f'{where}: "{sys.executable}" -m pip install {what}; then restart the kernel.'


def _python():
    if sys.version_info[:2] < OLDEST_PYTHON:
        have, need = (".".join(map(str, version[:2])) for version in (sys.version_info, OLDEST_PYTHON))
        mend = "Install a newer Python, make the environment again as the README says, and choose its kernel."
        return _wrong(f"this is {have}, the book needs {need} or newer ({sys.executable}).", mend)


def _rnnbook():
    again = _install("-r requirements.txt", "In the book's folder")
    if util.find_spec("rnnbook") is None:
        return _wrong(f"not installed in the environment of this kernel ({sys.prefix}).", again)
    have = import_module("rnnbook").__version__
    try:
        installed = metadata.version("rnnbook")
    except metadata.PackageNotFoundError:
        # Imported from a clone, it states its bounds there; from anywhere else, nothing does.
        return None if _clone() else _wrong("imported from a folder that was never installed.", again)
    if installed != have:
        return _wrong(f"the files are version {have}, what is installed is {installed}.", again)


def _package(name, bounds):
    add = _install(f'"{name}{bounds}"')
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return _wrong(f"not installed in the environment of this kernel ({sys.prefix}).", add)
    if not _fits(version, bounds):
        return _wrong(f"version {version} is installed, the book needs {bounds}.", add)
    try:
        loaded = getattr(import_module(name.replace("-", "_")), "__version__", version)
    except ImportError as error:
        again = _install(f'--force-reinstall "{name}{bounds}"')
        return _wrong(f"version {version} is installed and cannot be imported ({error}).", again)
    if _numbers(loaded) != _numbers(version):
        return _wrong(f"version {loaded} is loaded, {version} has been installed since.", "Restart the kernel.")


def _extension(folder, package):
    """The part that JupyterLab loads, if it looks where this kernel looks: the first one found counts."""
    file = next(filter(Path.is_file, (place / folder / "package.json" for place in _extension_folders())), None)
    again = _install(f"--force-reinstall {package}")
    if file is None:
        if page := _other_page():
            return "unsure", f"{page} brings its own.", f"if explorers have no sliders, allow {page} to load widgets."
        if util.find_spec("jupyterlab"):
            return _wrong(f"not found, though JupyterLab is installed here ({sys.prefix}).", again)
        mend = f"if explorers have no sliders, install {package} where JupyterLab runs."
        return "unsure", f"JupyterLab is not in the environment of this kernel ({sys.prefix}).", mend
    version = json.loads(file.read_text(encoding="utf-8"))["version"]
    need = [5] if folder == MANAGER else _numbers(metadata.version(package))[:2]
    if _numbers(version)[: len(need)] != need:
        return _wrong(
            f"version {version} is loaded, {'.'.join(map(str, need))} is needed ({file.parent}).",
            again if file.is_relative_to(sys.prefix) else f"Remove that folder, or: {again}",
        )


def _other_page():
    """The page that shows this kernel's widgets, where it is known and is no JupyterLab of this environment."""
    if sys.platform == "emscripten":
        return "JupyterLite"
    return next((page for page, signs in OTHER_PAGES.items() if any(sign in os.environ for sign in signs)), None)


def _extension_folders():
    try:
        return [Path(folder) for folder in import_module("jupyter_core.paths").jupyter_path("labextensions")]
    except ImportError:  # not in a kernel
        return [Path(sys.prefix, "share", "jupyter", "labextensions")]


def _threads():
    threads = os.environ.get("OPENBLAS_NUM_THREADS")
    if threads != "1":
        return _wrong(
            f"it is {threads or 'not set'}. The book is slower so, and last digits may differ from run to run.",
            'Restart the kernel and begin with the first cell, which sets it to "1" before NumPy is imported.',
        )


def _gradient():
    np = import_module("numpy")
    from rnnbook.lab.gradients import gradcheck
    from rnnbook.nn import LSTM, bptt, init_params, unroll

    rng = np.random.default_rng(0)
    params, x, dh = init_params(LSTM(), 2, 3, rng), rng.normal(size=(4, 2, 2)), rng.normal(size=(4, 2, 3))

    def loss(p):
        h, _, tape = unroll(LSTM(), p, x)
        return float((h * dh).sum()), bptt(LSTM(), p, tape, dh).params

    check = gradcheck(loss, params)
    if not check.error < 1e-8:
        return _wrong(
            f"{check}; expected below 1e-8.",
            "Ask git status whether rnnbook/nn was changed. If not: " + _install("--force-reinstall numpy"),
        )


def _explorer():
    explorer = import_module("rnnbook.view").explorers.GradientFlow(T=10, H=4)
    explorer.png()
    for widget in (explorer.box, explorer.live, explorer.reset_button, *explorer.controls.values()):
        widget.close()


if __name__ == "__main__":
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a terminal has no first cell, which sets it in every chapter
    check_installation()
