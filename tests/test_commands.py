"""The commands: what each one would run on each system, what is installed and when, and what is said when it fails."""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import venv as venv_module
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

import tasks

MAKEFILE = (tasks.ROOT / "Makefile").read_text(encoding="utf-8")
POSIX = tasks.python_in(PurePosixPath("/book/.venv"), windows=False)
WINDOWS = tasks.python_in(PureWindowsPath(r"C:\The book\.venv"), windows=True)
# A Python that says which version it is, whatever is asked of it; 0: what it is asked for is there.
SAYS = """#!/bin/sh
case "$2" in *version_info*) echo {version};; *) exit {code};; esac
"""
needs_posix = pytest.mark.skipif(os.name == "nt", reason="a Python is imitated by a shell script or a link")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    """As in a terminal: what `make test CH=04` was told is not for the commands that are tried."""
    for name in tasks.VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A folder that stands for the project, with its requirement files and one chapter."""
    for file in ("pyproject.toml", *tasks.ROOT.glob("requirements*.txt")):
        shutil.copy(tasks.ROOT / file, tmp_path)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_start_here.ipynb").touch()
    (tmp_path / "notebooks" / "04 a name.ipynb").touch()
    monkeypatch.setattr(tasks, "ROOT", tmp_path)
    monkeypatch.setattr(tasks, "VENV", tmp_path / ".venv")
    return tmp_path


@pytest.fixture
def called(monkeypatch):
    """Every program that a command would run, which does nothing; ``called.codes[word]`` is what it returns."""

    class Calls(list):
        def __init__(self):
            self.codes = {}

        def __call__(self, arguments, environment=None):
            words = [str(word) for word in arguments]
            self.append(words)
            return next((code for word, code in self.codes.items() if word in words), 0)

    calls = Calls()
    monkeypatch.setattr(tasks, "call", calls)
    return calls


@pytest.fixture
def venv(book):
    """An environment that works, with nothing installed by a command."""
    made = book / ".venv"
    venv_module.create(made, symlinks=os.name != "nt")  # without pip, which takes most of the time
    packages = Path(tasks.ask(tasks.python_in(made), "import site; print(site.getsitepackages()[-1])"))
    (packages / "pip").mkdir()
    (packages / "pip" / "__init__.py").touch()
    return made


def words(name, python=POSIX, **values):
    """The calls of a command without what they have in their environment."""
    return [call for call, _ in tasks.plan(name, values, python)]


def installs(calls):
    """The requirement files that were installed, in order."""
    return [call[-1] for call in calls if "pip" in call]


class TestCommands:
    def test_make_has_the_same_commands(self):
        (targets,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.M)
        assert targets.split() == ["help", *tasks.COMMANDS]
        assert f"\n{targets}:\n" in MAKEFILE

    @pytest.mark.parametrize("python", [POSIX, WINDOWS], ids=["posix", "windows"])
    @pytest.mark.parametrize("name", [name for name in tasks.COMMANDS if name != "clean"])
    def test_every_command_calls_the_environments_python_on_what_is_there(self, name, python):
        calls = words(name, python)
        assert calls
        for program, *arguments in calls:
            assert program == str(python)
            if arguments[0] == "-m" and arguments[1].split(".")[0] in ("tools", "benchmarks"):
                assert (tasks.ROOT / (arguments[1].replace(".", "/") + ".py")).exists()
            for argument in arguments:
                assert "{" not in argument
                if re.match(r"(tests|tools|figures|notebooks)\b", argument) and arguments[:2] != ["-m", argument]:
                    assert (tasks.ROOT / argument).exists()

    def test_where_an_environment_has_its_python(self):
        assert str(POSIX) == "/book/.venv/bin/python"
        assert str(WINDOWS) == r"C:\The book\.venv\Scripts\python.exe"

    def test_every_stage_that_is_asked_for_has_a_requirement_file(self):
        asked = {stage for command in tasks.COMMANDS.values() for stage in command.stages}
        assert asked == set(tasks.STAGES)
        for stage in tasks.STAGES.values():
            assert (tasks.ROOT / stage.requirements).exists()

    def test_test_is_units_chapters_and_browser(self):
        units, chapters, browser = tasks.plan("test", {}, POSIX)
        assert [units] == tasks.plan("units", {}, POSIX)
        assert units[0][-4:] == ["-m", "not sweep", "tests", "rnnbook"]
        assert chapters[1] == {"RNNBOOK_FRAMEWORKS": "stored"}
        assert "--nbval" in chapters[0]
        assert browser[0][-1] == "tests/browser"

    def test_a_variable_before_a_line_is_its_environment(self):
        [(arguments, environment)] = tasks.plan("frameworks", {}, POSIX)
        assert environment == {"KERAS_BACKEND": "torch"}
        assert arguments[:3] == [str(POSIX), "-m", "pytest"]

    @pytest.mark.parametrize("name", ["present", "notes"])
    def test_a_chapter_is_given_by_its_number(self, name):
        assert words(name)[0][-1] == "00"
        assert words(name, CH="04")[0][-1] == "04"

    def test_lab_opens_the_first_chapter_or_the_one_that_is_named(self, book):
        assert words("lab")[0][-1] == "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb"
        for named in ("notebooks/04 a name.ipynb", str(book / "notebooks" / "04 a name.ipynb")):
            address = words("lab", NOTEBOOK=named)[0][-1]
            assert address == "--LabApp.default_url=/lab/tree/notebooks/04%20a%20name.ipynb"
        assert f"--ServerApp.root_dir={book}" in words("lab")[0]

    def test_lab_opens_a_notebook_that_is_named_from_the_folder_it_lies_in(self, book, monkeypatch):
        monkeypatch.chdir(book / "notebooks")
        assert words("lab", NOTEBOOK="04 a name.ipynb")[0][-1].endswith("/notebooks/04%20a%20name.ipynb")


class TestArguments:
    def test_variables_come_from_make_and_the_command_line_has_the_last_word(self, monkeypatch):
        assert tasks.read(["present"]) == ("present", {}, False)
        monkeypatch.setenv("CH", "03")
        assert tasks.read(["present"])[1] == {"CH": "03"}
        assert tasks.read(["present", "CH=04"])[1] == tasks.read(["present", "04"])[1] == {"CH": "04"}
        monkeypatch.delenv("CH")
        assert tasks.read(["lab", "PYTHON=/a=b/python"])[1] == {"PYTHON": "/a=b/python"}
        assert tasks.read(["lab", "a.ipynb"])[1] == {"NOTEBOOK": "a.ipynb"}

    @pytest.mark.parametrize("arguments", [[], ["help"], ["-h"], ["--help"], ["test", "--help"]])
    def test_help_lists_every_command(self, arguments, monkeypatch, capsys):
        monkeypatch.setattr(tasks, "CALLED", "make")
        assert tasks.main(arguments) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[:2] for line in lines] == [["make", name] for name in ("help", *tasks.COMMANDS)]
        assert "make lab          open the book in JupyterLab (NOTEBOOK=path opens another chapter)" in lines

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["labb"], "There is no command labb. There are help, lab, present, "),
            (["lab", "none.ipynb"], "There is no notebook none.ipynb in "),
            (["lab", "NOTEBOOK=notebooks"], "There is no notebook notebooks in "),
            (["lab", "NOTEBOOK=../../etc/passwd.ipynb"], "There is no notebook ../../etc/passwd.ipynb in "),
            (["test", "tests/test_cells.py"], "The command test does not know tests/test_cells.py. Variables: CH, "),
            (["test", "--fast"], "The command test does not know --fast. "),
            (["present", "HC=04"], "The command present does not know HC=04. "),
        ],
    )
    def test_what_is_not_known_is_a_sentence_and_exit_code_2(self, book, called, capsys, arguments, sentence):
        assert tasks.main(arguments) == 2
        out, err = capsys.readouterr()
        assert (out, called) == ("", [])
        assert err.startswith(sentence)
        assert not (book / ".venv").exists()

    def test_a_notebook_that_is_missing_is_answered_with_those_that_are_there(self, book, called, capsys):
        tasks.main(["lab", "none.ipynb"])
        assert capsys.readouterr().err.splitlines()[1:] == [
            "notebooks/00_start_here.ipynb",
            "notebooks/04 a name.ipynb",
        ]

    def test_a_folder_that_is_named_is_one_word_and_none_is_no_word(self, book, called, capsys):
        assert tasks.main(["lite", "PYODIDE=/a folder", "--dry-run"]) == tasks.main(["lite", "--dry-run"]) == 0
        with_it, _, without, _ = capsys.readouterr().out.splitlines()
        assert with_it.endswith('-m tools.lite "--pyodide=/a folder"')
        assert without.endswith("-m tools.lite")

    def test_a_dry_run_shows_the_lines_and_runs_nothing(self, book, called, capsys):
        assert tasks.main(["--dry-run", "frameworks"]) == 0
        assert capsys.readouterr().out.startswith(f"KERAS_BACKEND=torch {tasks.python_in(tasks.VENV)} -m pytest ")
        assert called == []
        assert not (book / ".venv").exists()


class TestStamps:
    def test_each_stage_installs_once_and_a_second_run_installs_nothing(self, venv, called, capsys):
        assert tasks.main(["sweep"]) == 0
        assert installs(called) == [
            "requirements.txt",
            "requirements-dev.txt",
            "requirements-site.txt",
            "requirements-lite.txt",
        ]
        assert capsys.readouterr().out.splitlines() == [
            "Installing what requirements.txt names into .venv; this takes minutes, once",
            "Installing what requirements-dev.txt adds",
            "Installing what requirements-site.txt adds",
            "Installing what requirements-lite.txt adds",
        ]
        called.clear()
        for name in ("lab", "test", "html", "sweep"):
            assert tasks.main([name]) == 0
        assert installs(called) == []
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize(
        ("file", "again"),
        [
            ("requirements.txt", ["requirements.txt", "requirements-dev.txt"]),
            ("pyproject.toml", ["requirements.txt", "requirements-dev.txt"]),
            ("requirements-dev.txt", ["requirements-dev.txt"]),
            ("requirements-site.txt", []),
        ],
    )
    def test_a_file_that_changed_is_installed_once_and_what_builds_on_it(self, book, venv, called, file, again):
        tasks.main(["lint"])
        called.clear()
        (book / file).write_text((book / file).read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
        tasks.main(["lint"])
        tasks.main(["lint"])
        assert installs(called) == again

    def test_a_file_that_was_only_touched_installs_nothing(self, book, venv, called):
        tasks.main(["lint"])
        called.clear()
        text = (book / "requirements.txt").read_bytes()
        (book / "requirements.txt").write_bytes(text.replace(b"\n", b"\r\n"))  # a checkout on Windows
        os.utime(book / "requirements-dev.txt")
        tasks.main(["lint"])
        assert installs(called) == []

    @pytest.mark.parametrize("code", [1, 130])
    def test_an_installation_that_did_not_end_leaves_no_stamp_and_its_exit_code(self, venv, called, capsys, code):
        called.codes["requirements-dev.txt"] = code
        assert tasks.main(["lint"]) == code
        assert sorted(stamp.name for stamp in venv.glob("*.stamp")) == ["lab.stamp"]
        assert [call for call in called if "pip" not in call] == []
        called.codes.clear()
        called.clear()
        assert tasks.main(["lint"]) == 0
        assert installs(called) == ["requirements-dev.txt"]
        assert capsys.readouterr().err == ""

    def test_an_old_stamp_is_gone_while_the_new_files_are_installed(self, book, venv, called):
        tasks.main(["lint"])
        (book / "requirements.txt").write_text("changed", encoding="utf-8")
        called.codes["requirements.txt"] = 1
        tasks.main(["lint"])
        assert not (venv / "lab.stamp").exists()

    def test_jupyterlab_asks_for_no_news(self, venv, called):
        tasks.main(["check"])
        settings = json.loads((venv / "etc/jupyter/labconfig/page_config.json").read_text(encoding="utf-8"))
        assert settings == {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


def imitation(folder, name, version, code=0):
    """A Python that says it is of some version; `code` is 1 where it cannot make environments."""
    file = folder / name
    file.write_text(SAYS.format(version=version, code=code), encoding="utf-8")
    file.chmod(0o755)
    return str(file)


class TestPython:
    def test_the_first_that_is_new_enough_makes_the_environment(self, book, called, capsys):
        tasks.VENV.mkdir()
        tasks.make_venv(["no such python", sys.executable])
        version = ".".join(map(str, sys.version_info[:2]))
        assert capsys.readouterr().out == f"Making .venv with Python {version}\n"
        assert called == [[sys.executable, "-m", "venv", "--clear", str(tasks.VENV)]]

    @needs_posix
    def test_old_and_bare_ones_are_passed_over(self, tmp_path):
        old, bare = imitation(tmp_path, "old", "3.10"), imitation(tmp_path, "bare", "3.12", code=1)
        assert tasks.choose_python([old, bare, imitation(tmp_path, "good", "3.100")])[1] == "3.100"

    @needs_posix
    def test_one_that_is_too_old_is_told(self, book, called, capsys, monkeypatch):
        monkeypatch.setattr(tasks, "CALLED", "make")
        assert tasks.main(["lab", "PYTHON=" + imitation(book, "old", "3.9")]) == 1
        assert capsys.readouterr().err == (
            "Python 3.11 or newer is needed and was not found (found 3.9): "
            "install it, or name it with make PYTHON=/path/to/python3.\n"
        )
        assert called == []

    def test_none_is_told(self, book, called, capsys):
        assert tasks.main(["lab", "PYTHON=no such python"]) == 1
        assert capsys.readouterr().err.startswith("Python 3.11 or newer is needed and was not found: install it, ")

    @needs_posix
    def test_one_that_cannot_make_environments_is_told(self, book, called, capsys):
        assert tasks.main(["lab", "PYTHON=" + imitation(book, "bare", "3.12", code=1)]) == 1
        assert capsys.readouterr().err == (
            "Python 3.12 cannot make a virtual environment: "
            "install python3.12-venv (Debian, Ubuntu: apt install python3-venv).\n"
        )

    def test_an_environment_is_made_by_the_python_that_runs_and_not_by_itself(self, monkeypatch):
        monkeypatch.setattr(sys, "_base_executable", "/usr/bin/python3.12")
        assert tasks.candidates()[0] == "/usr/bin/python3.12"
        assert tasks.candidates("/opt/python") == ["/opt/python"]

    def test_an_environment_that_works_is_left(self, venv, called):
        tasks.make_venv(["no such python"])
        assert called == []

    @needs_posix
    def test_an_environment_whose_python_is_missing_is_made_again(self, venv, called):
        python = tasks.python_in(venv)
        python.unlink()
        python.symlink_to(venv / "gone")
        tasks.make_venv([sys.executable])
        assert called == [[sys.executable, "-m", "venv", "--clear", str(venv)]]

    @needs_posix
    def test_an_environment_whose_python_is_too_old_is_made_again(self, venv, called):
        tasks.python_in(venv).unlink()
        imitation(tasks.python_in(venv).parent, "python", "3.10")
        tasks.make_venv([sys.executable])
        assert len(called) == 1

    def test_an_environment_that_was_moved_with_the_book_is_made_again(self, venv, called, capsys):
        (venv / "place.stamp").write_text("/where/the/book/was/.venv", encoding="utf-8")
        tasks.make_venv([sys.executable])
        tasks.make_venv([sys.executable])
        assert called == [[sys.executable, "-m", "venv", "--clear", str(venv)]]

    def test_an_environment_that_was_not_finished_is_made_again(self, book, called):
        venv_module.create(tasks.VENV, symlinks=os.name != "nt")
        tasks.make_venv([sys.executable])
        assert called == [[sys.executable, "-m", "venv", "--clear", str(tasks.VENV)]]

    def test_a_real_one_is_broken_and_made_again(self, venv):
        python = tasks.python_in(venv)
        python.unlink()
        (venv / "lab.stamp").touch()
        tasks.make_venv([sys.executable])
        assert tasks.version_of(python, "pip") == ".".join(map(str, sys.version_info[:2]))
        assert tasks.ask(python, "import sys; print(sys.prefix)") == str(venv)
        assert not (venv / "lab.stamp").exists()


class TestFailure:
    def test_the_exit_code_of_a_line_passes_through_and_ends_the_command(self, venv, called):
        tasks.main(["bench"])
        called.clear()
        called.codes["benchmarks.frameworks"] = 5
        assert tasks.main(["bench"]) == 5
        assert [call[2] for call in called] == ["benchmarks.engine", "benchmarks.frameworks"]

    @pytest.mark.parametrize("code", [0, 3])
    def test_of_a_real_program_too(self, code):
        assert tasks.call([sys.executable, "-c", f"raise SystemExit({code})"]) == code

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
    def test_a_program_that_a_signal_ended_has_the_code_that_shells_give_it(self):
        assert tasks.call([sys.executable, "-c", "import os; os.kill(os.getpid(), 15)"]) == 143

    def test_a_program_that_is_not_there_is_a_sentence(self):
        with pytest.raises(tasks.CommandError, match="none is not there"):
            tasks.call([str(tasks.ROOT / "none")])

    def test_a_program_has_one_thread_and_the_projects_folder(self, tmp_path):
        code = "import os, pathlib, sys; e = os.environ; "
        code += "pathlib.Path(sys.argv[1]).write_text(' '.join([e['OPENBLAS_NUM_THREADS'], e['A'], os.getcwd()]))"
        tasks.call([sys.executable, "-c", code, str(tmp_path / "told")], {"A": "b"})
        assert (tmp_path / "told").read_text() == f"1 b {tasks.ROOT}"

    def test_what_cannot_be_removed_is_a_sentence(self, book, monkeypatch, capsys):
        def held(path):
            raise PermissionError("it is in use")

        (book / "build").mkdir()
        monkeypatch.setattr(shutil, "rmtree", held)
        assert tasks.main(["clean"]) == 1
        assert capsys.readouterr().err == f"{book / 'build'} cannot be removed; does a program use it? it is in use\n"

    def test_clean_removes_environment_builds_and_caches_and_nothing_else(self, book):
        kept = {path.relative_to(book) for path in book.rglob("*")}
        for folder in (".venv/bin", "build/html", "dist", "a.egg-info", "notebooks/__pycache__", ".ruff_cache"):
            (book / folder).mkdir(parents=True)
            (book / folder / "file").touch()
        assert tasks.main(["clean"]) == 0
        assert tasks.main(["clean"]) == 0
        assert {path.relative_to(book) for path in book.rglob("*")} == kept


# A program that says when it runs, and when it was interrupted; then it ends with a code.
SLEEPER = """
import pathlib, sys, time
folder = pathlib.Path({folder!r})
try:
    (folder / "runs").touch()
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.5)  # it cleans up, and whoever called it waits
    (folder / "cleaned").touch()
    sys.exit({code})
"""
CALLER = """
import sys, tasks
def run(name, values):
    code = tasks.call([sys.executable, "-c", {program!r}])
    print("next line", code)
    return code
tasks.run = run
sys.exit(tasks.main(["test"]))
"""


@pytest.mark.skipif(os.name == "nt", reason="a test cannot press Ctrl+C for another program on Windows")
class TestStop:
    def stop(self, folder, code, number, whole_group):
        """Run a command whose program sleeps, stop it, and return what was left."""
        program = SLEEPER.format(folder=str(folder), code=code)
        caller = subprocess.Popen(
            [sys.executable, "-c", CALLER.format(program=program)],
            cwd=tasks.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        end = time.monotonic() + 30
        while not (folder / "runs").exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        time.sleep(0.2)
        (os.killpg if whole_group else os.kill)(caller.pid, number)  # a terminal sends Ctrl+C to both
        out, err = caller.communicate(timeout=30)
        return caller.returncode, out, err

    def test_ctrl_c_gives_no_traceback_and_waits_for_the_program(self, tmp_path):
        assert self.stop(tmp_path, 0, signal.SIGINT, True) == (130, "", "")
        assert (tmp_path / "cleaned").exists()

    def test_ctrl_c_hands_on_the_exit_code_of_the_program(self, tmp_path):
        assert self.stop(tmp_path, 7, signal.SIGINT, True) == (7, "next line 7\n", "")

    def test_who_ends_the_command_ends_the_program(self, tmp_path):
        assert self.stop(tmp_path, 0, signal.SIGTERM, False) == (143, "next line 143\n", "")

    def test_ctrl_c_while_nothing_runs_gives_no_traceback(self, monkeypatch, capsys):
        def pressed(*arguments):
            raise KeyboardInterrupt

        monkeypatch.setattr(tasks, "run", pressed)
        assert tasks.main(["test"]) == 130
        assert capsys.readouterr() == ("", "")


def test_the_file_needs_no_package_and_no_new_python():
    """Whoever has too old a Python is told so by it, and not by an error of its syntax."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(tasks.ROOT / "tasks.py")], capture_output=True, text=True, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    ast.parse((tasks.ROOT / "tasks.py").read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.skipif(os.name == "nt" or not shutil.which("make"), reason="there is no make")
class TestMake:
    def make(self, *arguments):
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
        return subprocess.run(
            ["make", *arguments], cwd=tasks.ROOT, env=environment, capture_output=True, text=True, encoding="utf-8"
        )

    def test_make_alone_lists_the_targets(self):
        done = self.make()
        assert done.returncode == 0
        assert [line.split()[:2] for line in done.stdout.splitlines()] == [
            ["make", name] for name in ("help", *tasks.COMMANDS)
        ]

    def test_its_variables_reach_the_command(self):
        done = self.make("lab", "NOTEBOOK=no such.ipynb")
        assert done.returncode == 2
        assert done.stderr.startswith("There is no notebook no such.ipynb in ")

    def test_folders_of_the_same_name_do_not_stand_in_its_way(self):
        assert self.make("--question", "notebooks").returncode == 1  # there is something to do
