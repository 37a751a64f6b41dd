"""The book in JupyterLite: `make lite`. JupyterLab, Python and the chapters run in the browser, without a server.

Everything comes from the site itself except Pyodide (Python, NumPy, Matplotlib for browsers): from its own address, or
with `--pyodide DIR` from the site too.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

from tools.copies import BOOK, begin_with, chapters_and_solutions, read, write
from tools.offline import ROOT, make_folder

INSTALL = "# The book's package, from this site, and NumPy and Matplotlib for browsers.\n%pip install -q rnnbook"
WHEELS = ROOT / "tools" / "lite_wheels.txt"
KEPT = ROOT / "build" / "lite_wheels"  # so that a second build needs no network
HALVES = ("jupyterlab_widgets", "anywidget")  # whose wheels hold what JupyterLab loads
SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "The RNN book",
        "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}},
    },
}
# Only cells in sight exist otherwise, and a link within a chapter leads to none of the others.
OVERRIDES = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}


def address(stem):
    """Return where a notebook is run, from the root of the pages, when the edition is built into their folder `lite`.

    Parameters
    ----------
    stem : str
        The notebook's path below the book's folder, without ending.

    Returns
    -------
    str
        A relative address.
    """
    return f"lite/lab/index.html?path={stem}.ipynb"


def check_pyodide(folder):
    """Stop with a sentence where a folder is not a distribution of Pyodide that can run the book.

    Parameters
    ----------
    folder : Path
        Should have pyodide.mjs, pyodide-lock.json and the packages that the latter names.
    """
    from jupyterlite_pyodide_kernel.constants import PYODIDE_PYTHON_VERSION, PYODIDE_VERSION

    advice = f"Download pyodide-{PYODIDE_VERSION}.tar.bz2 of Pyodide's releases, unpack it, and name the folder in it."
    for name in ("pyodide.mjs", "pyodide-lock.json"):
        if not (folder / name).is_file():
            raise SystemExit(f"{folder} is no distribution of Pyodide: it has no {name}. {advice}")
    lock = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))
    python = lock["info"]["python"]
    if not python.startswith(f"{PYODIDE_PYTHON_VERSION}."):
        raise SystemExit(f"{folder} has Python {python}, the kernel needs {PYODIDE_PYTHON_VERSION}. {advice}")
    for needed in (requirement for requirement in requirements() if requirement.name in ("numpy", "matplotlib")):
        found = lock["packages"].get(needed.name)
        if found is None or not (folder / found["file_name"]).is_file():
            raise SystemExit(f"{folder} has no {needed.name}; Pyodide's core alone does not run the book. {advice}")
        if found["version"] not in needed.specifier:
            raise SystemExit(f"{folder} has {needed.name} {found['version']}, the book needs {needed}. {advice}")


def requirements():
    """Return what the package asks for, as pyproject.toml says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(line) for line in project["dependencies"]]


def pinned():
    """Return the packages for the kernel, as in "psygnal==0.16.1"."""
    return re.findall(r"^[^#\s]+$", WHEELS.read_text(encoding="utf-8"), re.MULTILINE)


def pip(*arguments):
    """Run this interpreter's pip; where it fails, stop with what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"pip {arguments[0]} failed:\n{done.stdout}{done.stderr}")


def wheels(kept=KEPT):
    """Return the kernel's packages as files; what was not downloaded before is downloaded."""
    make_folder(kept)
    found = []
    for requirement in pinned():
        name, version = requirement.split("==")
        pattern = f"{name.replace('-', '_')}-{version}-py*-none-any.whl"
        if not list(kept.glob(pattern)):
            for_browsers = ["--platform=any", "--implementation=py", "--abi=none", "--python-version=3.14"]
            pip("download", "--no-deps", "--only-binary=:all:", *for_browsers, f"--dest={kept}", requirement)
        found += kept.glob(pattern)
    return found


def own_wheel(folder):
    """Build the package's wheel in a folder, from a copy, so that nothing left of an earlier build gets into it."""
    with tempfile.TemporaryDirectory() as made:
        for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-CONTENT.md"):
            shutil.copy(ROOT / name, made)
        shutil.copytree(ROOT / "rnnbook", Path(made, "rnnbook"), ignore=shutil.ignore_patterns("__pycache__"))
        pip("wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={folder}", made)
    (wheel,) = folder.glob("rnnbook-*.whl")
    return wheel


def write_contents(folder):
    """Write what the reader finds there: chapters and solutions with a first cell that installs, and their figures."""
    for path in chapters_and_solutions():
        notebook = begin_with(read(BOOK / path), INSTALL)
        notebook["metadata"]["kernelspec"] = {
            "display_name": "Python (Pyodide)",
            "language": "python",
            "name": "python",
        }
        write(notebook, folder / path)
    shutil.copytree(BOOK / "figures", folder / "figures")


def kernel_extension():
    """Return the folder with JupyterLab's half of the kernel."""
    package = distribution("jupyterlite-pyodide-kernel")
    (file,) = (file for file in package.files if file.match("pyodide-kernel-extension/package.json"))
    return Path(package.locate_file(file)).resolve().parent


def build(folder, pyodide=None, kept=KEPT):
    """Build the edition.

    Parameters
    ----------
    folder : Path
        Where it goes; an edition that is there is replaced.
    pyodide : Path, optional
        A folder with Pyodide's distribution, which the site then serves; by default pages ask Pyodide's own address.
    kept : Path
        Where downloaded packages are kept.
    """
    if pyodide is not None:
        check_pyodide(pyodide)
    if folder.exists() and any(folder.iterdir()) and not (folder / "jupyter-lite.json").is_file():
        raise SystemExit(f"{folder} holds something else. Name another folder after the command.")
    make_folder(folder)
    with tempfile.TemporaryDirectory() as made:
        desk = Path(made)
        write_contents(desk / "contents")
        if pyodide is not None:
            shutil.copytree(pyodide, desk / "static" / "pyodide")
        files = wheels(kept)
        halves = [file for file in files if file.name.startswith(HALVES)]
        (desk / "jupyter-lite.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
        (desk / "overrides.json").write_text(json.dumps(OVERRIDES), encoding="utf-8")
        config = {
            "LiteBuildConfig": {
                "apps": ["lab"],
                "contents": ["contents"],
                "federated_extensions": [str(path) for path in (kernel_extension(), *halves)],
                "ignore_sys_prefix": True,
                "no_sourcemaps": True,
                "output_dir": "site",
            },
            "PipliteAddon": {"piplite_urls": [str(file.resolve()) for file in (own_wheel(desk), *files)]},
        }
        (desk / "jupyter_lite_config.json").write_text(json.dumps(config), encoding="utf-8")
        command = [sys.executable, "-m", "jupyterlite_core", "build"]
        done = subprocess.run(command, cwd=desk, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"JupyterLite could not build the site:\n{done.stdout}{done.stderr}")
        shutil.rmtree(folder)
        shutil.move(desk / "site", folder)


def main(argv=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "html" / "lite")
    parser.add_argument("--pyodide", type=Path, metavar="DIR", help="a folder with Pyodide's distribution, served too")
    args = parser.parse_args(argv)
    build(args.folder, args.pyodide)
    print(args.folder / "lab" / "index.html")


if __name__ == "__main__":
    sys.exit(main())
