"""The reader's check of the notebooks, as README gives it, in places and under settings that are not a maintainer's."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tasks

ROOT = Path(__file__).resolve().parents[1]
CHECK = ["-m", "pytest", "--nbval", "--nbval-current-env"]
NOTEBOOK = "notebooks/solutions/05_lstm_gates.ipynb"  # the quickest with pictures
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "notebooks" / "00_start_here.ipynb"]
TEXTS += [ROOT / "benchmarks" / "README.md"]
COMMAND = re.compile(r"(?:\.venv/bin/)?(?:python|jupyter)\b [^`\n\"\\]+|\bmake(?: [a-z]+)+(?: CH=\d+)?")
# What is done to a command that the texts name: here, or by another test.
RUN = {
    r"(make|python tasks\.py)( --dry-run)? \w+( CH=\d+| \d+| NOTEBOOK=notebooks/\S+)?": "tests/test_commands.py",
    r"python -m venv .venv": "an installation",
    r"python -m pip install .*": "an installation",
    r"python -m pytest --nbval --nbval-current-env notebooks": "below",
    r"python -m pytest tests/test_NAME.py": "how this test was started",
    r"jupyter lab notebooks/00_start_here.ipynb": "tests/browser/test_server.py",
    r"python rnnbook/installation.py": "tests/test_installation.py",
    r"python -m tools\.(present|pages|slides|speaker_notes)( 04)?": "tests/browser/test_present.py, test_pages.py",
    r"python -m pytest -m sweep tests/browser/test_lite.py": "what it runs is that test",
    r"python -m tools\.talks": "tests/test_previews.py",
    r"python -m benchmarks\.(engine|frameworks|latency)( --rounds 41 --against FOLDER)?": "it tells its options",
}


def check(folder=ROOT, cwd=None, arguments=(), **environment):
    """Run the reader's check of one notebook."""
    return subprocess.run(
        [sys.executable, *arguments, *CHECK, str(folder / NOTEBOOK), "-p", "no:cacheprovider"],
        cwd=cwd or folder,
        env={**os.environ, "PYTHONPATH": str(folder), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def clone(folder):
    """What the check needs of the book, in another folder."""
    for name in ("notebooks", "rnnbook"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.mark.sweep
def test_the_check_passes_without_a_home(tmp_path):
    (tmp_path / "file").touch()
    done = check(HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.sweep
def test_the_check_passes_from_another_folder_with_spaces_and_hangul(tmp_path):
    folder = tmp_path / "책 한 권 & more"
    folder.mkdir()
    done = check(clone(folder), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.sweep
def test_two_checks_at_once_pass(tmp_path):
    command = [sys.executable, *CHECK, str(ROOT / NOTEBOOK), "-p", "no:cacheprovider"]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(done.communicate()[0], done.returncode)[1] for done in both] == [0, 0]


def test_the_check_refuses_to_run_where_no_assert_counts():
    done = check(PYTHONOPTIMIZE="2")  # as -OO, which leaves out all that -O does, and docstrings
    assert done.returncode == 4
    assert "so no assert counts" in done.stderr


def test_a_chapter_says_where_no_assert_counts():
    done = subprocess.run([sys.executable, "-O", "-c", "import rnnbook"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert "what the chapters assert is not checked" in done.stderr


ANSWER = """
import runpy, sys
sys.modules |= {"torch": None, "keras": None}  # as where they are not installed; loading them takes half a minute
for module in sys.argv[1:]:
    sys.argv = [module, "--help"]
    try:
        runpy.run_module(module, run_name="__main__")
    except SystemExit as end:
        print(module, "failed" if end.code else "answered")
"""


def test_tools_answer_without_docstrings():
    """All in one process, which loads NumPy and Jupyter once."""
    modules = ["tools.present", "tools.notebooks", "tools.tables", "benchmarks.engine", "benchmarks.frameworks"]
    command = [sys.executable, "-OO", "-W", "ignore", "-c", ANSWER, *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.endswith(" answered")] == [
        f"{module} answered" for module in modules
    ]


def commands():
    """Every command that the texts tell a reader to type."""
    found = {}
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        typed = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^ {4}(\S.*)$", text, re.M)
        for line in typed:
            if hit := COMMAND.fullmatch(line.partition("   ")[0].partition("#")[0].strip()):
                found[hit[0].removeprefix(".venv/bin/")] = path.name
    return found


def test_every_command_in_the_texts_is_known_and_works():
    found = commands()
    ours = {f"{called} {name}" for called in ("make", "python tasks.py") for name in ("lab", "test")}
    assert ours | {"jupyter lab notebooks/00_start_here.ipynb"} <= set(found)
    for command in found:
        kinds = [kind for kind in RUN if re.fullmatch(kind, command)]
        assert kinds, command
        if typed := re.match(r"(make|python tasks\.py)(?: --dry-run)? (\w+)", command):
            assert typed[2] in ("help", *tasks.COMMANDS), command
        for file in re.findall(r"\S+\.(?:ipynb|txt)|rnnbook/\S+\.py", command):
            assert (ROOT / file).exists(), command
        for module in re.findall(r"(?:tools|benchmarks)\.\w+", command):
            assert (ROOT / f"{module.replace('.', '/')}.py").exists(), command


def test_every_text_that_a_text_leads_to_is_on_the_pages():
    settings = ast.parse((ROOT / "tools" / "site" / "conf.py").read_text(encoding="utf-8"))
    [patterns] = [
        node.value for node in settings.body if isinstance(node, ast.Assign) and "include_patterns" in ast.unparse(node)
    ]
    on_pages = {path for pattern in ast.literal_eval(patterns) for path in ROOT.glob(pattern)}
    assert set(TEXTS) <= on_pages
    for text in on_pages:
        targets = re.findall(r"\]\(([^)#:\s]+\.(?:md|ipynb))", text.read_text(encoding="utf-8"))
        assert [target for target in targets if (text.parent / target).resolve() not in on_pages] == [], text
