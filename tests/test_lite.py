"""The edition for the browser, as far as it goes without building it: addresses, and which Pyodide it takes."""

import json

import pytest

from tools import lite

ABSENT = "jupyterlite is not installed; make lite installs it"


@pytest.fixture
def distribution(tmp_path):
    """Write a folder as Pyodide's distribution, with files of no content, and the lock's table of packages."""
    constants = pytest.importorskip("jupyterlite_pyodide_kernel.constants", reason=ABSENT)

    def write(python=f"{constants.PYODIDE_PYTHON_VERSION}.2", without=(), **versions):
        versions = {"numpy": "2.4.6", "matplotlib": "3.10.8"} | versions
        packages = {name: {"version": v, "file_name": f"{name}-{v}.whl"} for name, v in versions.items()}
        lock = {"info": {"python": python}, "packages": packages}
        files = {"pyodide.mjs": "", "pyodide-lock.json": json.dumps(lock)}
        files |= {package["file_name"]: "" for package in packages.values()}
        for name, content in files.items():
            if not name.startswith(tuple(without)):
                (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path

    return write


def test_a_chapter_is_run_below_the_pages():
    assert lite.address("solutions/04_a") == "lite/lab/index.html?path=solutions/04_a.ipynb"


def test_each_package_of_the_kernel_is_pinned_and_satisfies_the_book():
    pinned = dict(line.split("==") for line in lite.pinned())
    needed = {requirement.name: requirement.specifier for requirement in lite.requirements()}
    assert {name: version in needed[name] for name, version in pinned.items() if name in needed} == {
        "ipywidgets": True,
        "anywidget": True,
    }


def test_a_distribution_that_fits_is_taken(distribution):
    assert lite.check_pyodide(distribution()) is None


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"without": ["pyodide.mjs"]}, "is no distribution of Pyodide: it has no pyodide.mjs"),
        ({"without": ["pyodide-lock"]}, "is no distribution of Pyodide: it has no pyodide-lock.json"),
        ({"without": ["numpy"]}, "has no numpy; Pyodide's core alone does not run the book"),
        ({"without": ["matplotlib"]}, "has no matplotlib"),
        ({"python": "3.12.1"}, "has Python 3.12.1, the kernel needs 3.14"),
        ({"numpy": "2.2.0"}, "has numpy 2.2.0, the book needs numpy"),
        ({"matplotlib": "3.8.4"}, "has matplotlib 3.8.4, the book needs matplotlib"),
    ],
)
def test_one_that_does_not_fit_is_refused_with_what_it_lacks(distribution, tmp_path, made, said):
    folder = distribution(**made)
    with pytest.raises(SystemExit) as refused:
        lite.main([str(tmp_path / "edition"), "--pyodide", str(folder)])
    assert str(refused.value).startswith(f"{folder} {said}")
    assert "Download pyodide-" in str(refused.value)
    assert not (tmp_path / "edition").exists()
