"""A release: one version everywhere; archives that hold the package, all of it and nothing else, and that install."""

import datetime
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import rnnbook
from tests.browser.jupyter import ROOT
from tools import dist

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LICENCES = {"LICENSE", "LICENSE-CONTENT.md"}
KINDS = [".tar.gz", "-py3-none-any.whl"]  # sdist and wheel

# What a reader of the package may do first. It prints where the package is from, and what came out.
USE = """
import hashlib, json
import rnnbook
from rnnbook.lab.reading import review_reader
from rnnbook.view.explorers import GradientFlow
explorer, words = GradientFlow(), review_reader()
seen = {
    "version": rnnbook.__version__,
    "picture": hashlib.sha256(explorer.png()).hexdigest(),
    "sentence": explorer.live.reading,
    "csv": hashlib.sha256(str(rnnbook.load_table("window")).encode()).hexdigest(),
    "npz": [float(abs(words.params[name]).sum()) for name in words.params],
}
print(json.dumps([rnnbook.__file__, seen]))
"""


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def of_package():
    """Every file that git would keep of the package, as a path from the repository."""
    files = (path for path in (ROOT / "rnnbook").rglob("*.*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(ROOT).as_posix() for path in files if not path.name.startswith(".")}


def test_one_version_and_one_day_stand_everywhere():
    version = PROJECT["version"]
    assert rnnbook.__version__ == version
    assert json.loads(text("tools/deck/package.json"))["version"] == version
    assert f"note   = {{Version {version}}}" in text("README.md")
    cited = dict(re.findall(r"^(version|date-released): (\S+)$", text("CITATION.cff"), re.MULTILINE))
    assert cited["version"] == version
    released = datetime.date.fromisoformat(cited["date-released"])
    newest = re.search(r"^## (.*)$", text("CHANGELOG.md"), re.MULTILINE)[1]
    assert newest == f"{version}, {released.day} {released:%B %Y}"
    assert f"year   = {{{released.year}}}" in text("README.md")


def test_licences_are_those_of_the_files_that_say_them():
    assert set(PROJECT["license-files"]) == LICENCES
    cited = re.findall(r"^  - (\S+-\S+)$", text("CITATION.cff").partition("license:")[2], re.MULTILINE)
    assert PROJECT["license"] == " AND ".join(cited)
    for path in re.findall(r"`(rnnbook/\S+)`", text("LICENSE-CONTENT.md")):
        assert (ROOT / path).is_file(), path


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The two archives by their ending, as `make dist` builds them."""
    pytest.importorskip("twine", reason="twine, of requirements-dev.txt, is not installed")
    folder = tmp_path_factory.mktemp("dist")
    assert dist.main([str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == {f"rnnbook-{PROJECT['version']}{kind}" for kind in KINDS}
    return {kind: folder / f"rnnbook-{PROJECT['version']}{kind}" for kind in KINDS}


@pytest.mark.sweep
def test_the_wheel_holds_the_package_all_of_it_and_its_licences(archives):
    with zipfile.ZipFile(archives[KINDS[1]]) as wheel:
        names = set(wheel.namelist())
        about = f"rnnbook-{PROJECT['version']}.dist-info"
        said = message_from_bytes(wheel.read(f"{about}/METADATA"))
    assert {name for name in names if not name.startswith(about)} == of_package()
    assert {f"{about}/licenses/{name}" for name in LICENCES} <= names
    assert said["Version"] == PROJECT["version"]
    assert said["License-Expression"] == PROJECT["license"]
    wanted = {Requirement(item) for item in said.get_all("Requires-Dist")}
    assert wanted == {Requirement(item) for item in PROJECT["dependencies"]}


@pytest.mark.sweep
def test_the_sdist_holds_the_package_and_what_builds_it_and_no_tests(archives):
    with tarfile.open(archives[KINDS[0]]) as sdist:
        names = {member.name.partition("/")[2] for member in sdist.getmembers() if member.isfile()}
    made = {"PKG-INFO", "setup.cfg", *(name for name in names if name.startswith("rnnbook.egg-info/"))}
    assert names - made == of_package() | LICENCES | {
        *("README.md", "CHANGELOG.md", "CITATION.cff", "pyproject.toml", "MANIFEST.in")
    }


@pytest.mark.sweep
@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_installs_into_an_empty_environment_and_works_there(archives, kind, tmp_path):
    place = tmp_path / "environment"
    venv.create(place)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    paths = {"base": str(place), "platbase": str(place)}
    site = Path(sysconfig.get_path("purelib", vars=paths))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(site), str(archives[kind])], check=True)
    # NumPy and the others are not installed once more: they come last on the way, so that rnnbook is the archive's.
    others = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (site / "others.pth").write_text("\n".join(others), encoding="utf-8")

    def use(python, folder, **environment):
        command = [str(python), "-c", USE]
        settings = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | environment
        done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    file, seen = use(python, tmp_path)
    assert Path(file).is_relative_to(place)
    assert seen == use(sys.executable, ROOT, PYTHONPATH=str(ROOT))[1]
