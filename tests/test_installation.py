"""The installation check: silent when all is well, and the right advice for each thing that can be wrong."""

import json
import os
import subprocess
import sys
import tomllib
from importlib import metadata, util
from pathlib import Path
from types import SimpleNamespace

import pytest

import rnnbook
import rnnbook.nn
import rnnbook.view
from rnnbook import installation
from rnnbook.installation import Finding, check_installation, findings
from rnnbook.lab import gradients

ROOT = Path(rnnbook.__file__).parents[1]
LAB_WIDGETS, LAB_ANYWIDGET = "JupyterLab's side of ipywidgets", "JupyterLab's side of anywidget"
GRADIENT, EXPLORER = "gradient check of an LSTM", "an explorer"
PACKAGES = ["NumPy", "Matplotlib", "ipywidgets", "anywidget", "platformdirs"]
ALL = ["Python", "rnnbook", *PACKAGES, LAB_WIDGETS, LAB_ANYWIDGET, "OPENBLAS_NUM_THREADS", GRADIENT, EXPLORER]


@pytest.fixture
def well(monkeypatch, tmp_path):
    """A machine on which all is well; a folder that stands for JupyterLab's extensions."""
    for sign in [sign for signs in installation.OTHER_PAGES.values() for sign in signs]:
        monkeypatch.delenv(sign, raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr(installation, "_extension_folders", lambda: [tmp_path])
    extension(tmp_path, installation.MANAGER, "5.0.16")
    extension(tmp_path, "anywidget", metadata.version("anywidget"))
    return tmp_path


@pytest.fixture
def versions(monkeypatch):
    """Pretend that other versions are installed, None for not at all: ``versions(numpy="1.26.4")``."""
    real = metadata.version

    def pretend(**installed):
        def version(name):
            found = installed[name] if name in installed else real(name)
            if found is None:
                raise metadata.PackageNotFoundError(name)
            return found

        monkeypatch.setattr(metadata, "version", version)

    return pretend


def extension(folder, name, version):
    file = folder / name / "package.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"name": name, "version": version}), encoding="utf-8")


def remove(folder, name):
    (folder / name / "package.json").unlink()


def look(name):
    """One piece alone, as `findings` looks at it."""
    return Finding(name, *installation._run(installation._checks()[name]))


def wrong(name):
    found = look(name)
    assert found.state == "wrong"
    assert str(found) == f"{name}: {found.what}\n    To mend it: {found.mend}"
    return found


def test_where_all_is_well_it_prints_neither_versions_nor_paths(well, capsys):
    assert check_installation() is None
    assert capsys.readouterr().out.splitlines() == [f"{name}: ok" for name in ALL] + ["Everything is in place."]


def test_this_machine_is_seen_as_it_is():
    assert [finding for finding in findings() if finding.name in ALL[:7] and finding.state != "ok"] == []


def test_an_old_python(well, monkeypatch):
    old = SimpleNamespace(version_info=(3, 10, 4), executable="/usr/bin/python3", prefix="/usr")
    monkeypatch.setattr(installation, "sys", old)
    found = wrong("Python")
    assert found.what == "this is 3.10, the book needs 3.11 or newer (/usr/bin/python3)."
    assert "newer Python" in found.mend


def test_python_is_asked_for_as_pyproject_does():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, installation.OLDEST_PYTHON))


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_that_is_missing(well, versions, name):
    versions(**{name.lower(): None})
    found = wrong(name)
    assert found.what == f"not installed in the environment of this kernel ({sys.prefix})."
    assert found.mend.startswith(f'In a terminal: "{sys.executable}" -m pip install "{name.lower()}')
    assert found.mend.endswith("restart the kernel.")


@pytest.mark.parametrize(
    ("name", "version"),
    [("NumPy", "1.26.4"), ("NumPy", "3.0.0rc1"), ("Matplotlib", "3.9"), ("ipywidgets", "7.8.5"), ("anywidget", "1.0")],
)
def test_a_package_out_of_bounds(well, versions, name, version):
    versions(**{name.lower(): version})
    found = wrong(name)
    bounds = installation._requirements()[name.lower()]
    assert found.what == f"version {version} is installed, the book needs {bounds}."
    assert f'pip install "{name.lower()}{bounds}"; then restart the kernel' in found.mend


def test_a_package_that_cannot_be_imported(well, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    found = wrong("Matplotlib")
    assert "cannot be imported" in found.what
    assert "--force-reinstall" in found.mend


def test_a_package_that_was_upgraded_under_a_running_kernel(well, monkeypatch):
    monkeypatch.setattr(sys.modules["numpy"], "__version__", "2.0.0")
    assert wrong("NumPy") == Finding(
        "NumPy",
        "wrong",
        f"version 2.0.0 is loaded, {metadata.version('numpy')} has been installed since.",
        "Restart the kernel.",
    )


def test_rnnbook_in_another_environment_than_the_kernel(well, monkeypatch):
    real = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "rnnbook" else real(name))
    found = wrong("rnnbook")
    assert "not installed in the environment of this kernel" in found.what
    assert found.mend.startswith("In the book's folder: ")
    assert found.mend.endswith("-m pip install -r requirements.txt; then restart the kernel.")


def test_rnnbook_in_a_clone_that_is_not_installed_states_its_bounds_there(well, versions, monkeypatch):
    versions(rnnbook=None)
    monkeypatch.setattr(metadata, "requires", lambda name: metadata.distribution("none such"))
    assert look("rnnbook").state == "ok"
    assert set(installation._requirements()) == {name.lower() for name in PACKAGES}


def test_rnnbook_copied_to_a_folder(well, versions, monkeypatch, tmp_path):
    versions(rnnbook=None)
    monkeypatch.setattr(installation, "__file__", str(tmp_path / "rnnbook" / "installation.py"))
    found = wrong("rnnbook")
    assert found.what == "imported from a folder that was never installed."
    assert "requirements.txt" in found.mend


def test_rnnbook_that_was_pulled_and_not_installed_again(well, versions):
    versions(rnnbook="0.0.1")
    found = wrong("rnnbook")
    assert found.what == f"the files are version {rnnbook.__version__}, what is installed is 0.0.1."
    assert "requirements.txt" in found.mend


def test_bounds_are_those_of_the_installed_metadata(monkeypatch):
    lines = ["numpy<3,>=2.0", 'tomli (>=1) ; python_version < "3.11"', "threadpoolctl", "jupyter (>=1.1,<2)"]
    monkeypatch.setattr(metadata, "requires", lambda name: lines)
    assert installation._requirements() == {"numpy": "<3,>=2.0", "threadpoolctl": "", "jupyter": ">=1.1,<2"}


@pytest.mark.parametrize(
    ("version", "bounds", "answer"),
    [
        ("2.0", ">=2.0,<3", True),
        ("2.0.0", "<3,>=2.0", True),
        ("2.10.1", ">=2.9", True),
        ("1.9", ">=1.10", False),
        ("3.0.0", "<3", False),
        ("0.9.13.dev4", ">=0.9.13, <1", True),
        ("1.5", "!=1.5.0", False),
        ("1.5", "==1.5.0", True),
        ("1.5", "<=1.4", False),
        ("1.5", ">1.5", False),
        ("1.5", "", True),
    ],
)
def test_versions_are_compared_as_numbers(version, bounds, answer):
    assert installation._fits(version, bounds) is answer


def test_a_bound_that_is_not_understood_is_reported(well, monkeypatch):
    monkeypatch.setattr(metadata, "requires", lambda name: ["numpy~=2.0"])
    assert wrong("NumPy").what == "ValueError: cannot read the bound ~=2.0"


@pytest.mark.parametrize(
    ("name", "folder", "package"),
    [(LAB_WIDGETS, installation.MANAGER, "jupyterlab_widgets"), (LAB_ANYWIDGET, "anywidget", "anywidget")],
)
class TestExtension:
    def test_is_missing_beside_jupyterlab(self, well, monkeypatch, name, folder, package):
        remove(well, folder)
        monkeypatch.setattr(util, "find_spec", lambda name: object())
        found = wrong(name)
        assert found.what == f"not found, though JupyterLab is installed here ({sys.prefix})."
        assert f"pip install --force-reinstall {package}; then" in found.mend

    def test_cannot_be_seen_when_jupyterlab_runs_elsewhere(self, well, monkeypatch, name, folder, package):
        remove(well, folder)
        monkeypatch.setattr(util, "find_spec", lambda name: None)
        found = look(name)
        assert found.state == "unsure"
        assert f"install {package} where JupyterLab runs" in found.mend

    @pytest.mark.parametrize("page", installation.OTHER_PAGES)
    def test_is_not_looked_for_on_pages_that_bring_their_own(self, well, monkeypatch, name, folder, package, page):
        remove(well, folder)
        monkeypatch.setenv(installation.OTHER_PAGES[page][0], "1")
        found = look(name)
        assert (found.state, found.what) == ("unsure", f"{page} brings its own.")
        assert f"allow {page} to load widgets" in found.mend

    def test_in_the_browsers_own_kernel_jupyterlite_brings_it(self, well, monkeypatch, name, folder, package):
        remove(well, folder)
        monkeypatch.setattr(sys, "platform", "emscripten")
        found = look(name)
        assert (found.state, found.what) == ("unsure", "JupyterLite brings its own.")

    def test_is_of_another_version_and_comes_first(self, well, monkeypatch, tmp_path, name, folder, package):
        user = tmp_path / "user"
        extension(user, folder, "3.1.0")
        monkeypatch.setattr(installation, "_extension_folders", lambda: [user, well])
        found = wrong(name)
        assert found.what.startswith("version 3.1.0 is loaded, ")
        assert str(user / folder) in found.what
        assert found.mend.startswith("Remove that folder, or: In a terminal: ")

    def test_is_of_another_version_in_this_environment(self, well, monkeypatch, name, folder, package):
        extension(well, folder, "3.1.0")
        monkeypatch.setattr(installation.sys, "prefix", str(well))
        assert f"--force-reinstall {package}" in wrong(name).mend
        assert "Remove" not in wrong(name).mend


def test_extensions_are_looked_for_where_jupyterlab_does():
    paths = pytest.importorskip("jupyter_core.paths")
    assert list(map(str, installation._extension_folders())) == paths.jupyter_path("labextensions")


def test_extensions_are_looked_for_in_the_environment_when_there_is_no_jupyter(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyter_core.paths", None)
    assert installation._extension_folders() == [Path(sys.prefix, "share", "jupyter", "labextensions")]


@pytest.mark.parametrize(("setting", "what"), [(None, "it is not set."), ("8", "it is 8.")])
def test_more_than_one_thread(well, monkeypatch, setting, what):
    if setting is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    else:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", setting)
    found = wrong("OPENBLAS_NUM_THREADS")
    assert found.what.startswith(what)
    assert "Restart the kernel and begin with the first cell" in found.mend


def test_a_gradient_that_is_wrong(well, monkeypatch):
    right = rnnbook.nn.bptt

    def with_a_wrong_sign(cell, params, tape, dh):
        back = right(cell, params, tape, dh)
        return back._replace(params=back.params | {"W_hh": -back.params["W_hh"]})

    monkeypatch.setattr(rnnbook.nn, "bptt", with_a_wrong_sign)
    found = wrong(GRADIENT)
    assert found.what.startswith("relative error ")
    assert found.what.endswith("most of it in W_hh; expected below 1e-8.")
    assert found.mend.startswith("Ask git status whether rnnbook/nn was changed. If not: ")


def test_a_gradient_that_is_not_a_number(well, monkeypatch):
    broken = gradients.Check(float("nan"), {"W_hh": float("nan")})
    monkeypatch.setattr(gradients, "gradcheck", lambda loss, params: broken)
    assert "relative error nan" in wrong(GRADIENT).what


def test_an_explorer_that_cannot_be_made(well, monkeypatch):
    def broken(**values):
        raise OSError("no font")

    monkeypatch.setattr(rnnbook.view.explorers, "GradientFlow", broken)
    found = wrong(EXPLORER)
    assert found.what == "OSError: no font"
    assert "requirements.txt" in found.mend


def test_what_is_wrong_stands_in_the_last_line_too(well, versions, monkeypatch, capsys):
    versions(numpy="1.26.4")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    check_installation()
    *_, last = capsys.readouterr().out.splitlines()
    assert last.startswith("To be mended: NumPy, OPENBLAS_NUM_THREADS. Begin with the first")


def test_on_another_page_nothing_is_wrong(well, monkeypatch, capsys):
    monkeypatch.setattr(installation, "_extension_folders", list)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    check_installation()
    *_, last = capsys.readouterr().out.splitlines()
    assert last.startswith(f"Cannot be seen from here: {LAB_WIDGETS}, {LAB_ANYWIDGET}. If explorers have sliders")


def test_the_file_runs_by_itself_where_nothing_is_installed():
    left_out = ("PYTHONPATH", "OPENBLAS_NUM_THREADS")
    environment = {key: value for key, value in os.environ.items() if key not in left_out}
    script = [sys.executable, "-S", str(ROOT / "rnnbook" / "installation.py")]  # -S: without site-packages
    done = subprocess.run(script, capture_output=True, text=True, env=environment, cwd=ROOT.anchor)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Python: ok" in done.stdout
    assert "OPENBLAS_NUM_THREADS: ok" in done.stdout  # each chapter's first cell sets it, and a terminal has none
    assert "rnnbook: not installed in the environment of this kernel" in done.stdout
    assert "pip install -r requirements.txt" in done.stdout
    for name in PACKAGES:
        assert f"{name}: not installed" in done.stdout
