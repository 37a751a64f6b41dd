"""All commands of the project, on Windows, macOS and Linux: `python tasks.py lab`. Without a command they are listed.

This file needs the standard library alone. What a command needs is installed in .venv: a stamp there keeps what the
requirement files said when they were installed, so a second run calls neither pip nor the network. The Makefile
has the same commands and calls this file.

A Python that is too old for the book runs this file too: it looks for a newer one, and says so where there is none.
"""

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)
NAMES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python")
CALLED = "make" if "MAKELEVEL" in os.environ else "python tasks.py"

# One thread: results are equal from run to run, and at the small sizes of this book a second one gains little.
# Texts are UTF-8, on a Windows with another code page too.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}

Stage = namedtuple("Stage", "requirements after message")
STAGES = {
    "lab": Stage("requirements.txt", None, "what requirements.txt names into .venv; this takes minutes, once"),
    "dev": Stage("requirements-dev.txt", "lab", "what requirements-dev.txt adds"),
    "site": Stage("requirements-site.txt", "lab", "what requirements-site.txt adds"),
    "lite": Stage("requirements-lite.txt", "lab", "what requirements-lite.txt adds"),
    "frameworks": Stage("requirements-frameworks.txt", "dev", "PyTorch and Keras"),
}

# One entry a command: its help, what it needs installed, and its lines. A line is what .venv's Python is called with,
# behind what it has in its environment; {CH}, {NOTEBOOK}, {PYODIDE} and {ROOT} are filled in.
Command = namedtuple("Command", "help stages lines")
UNITS = (
    "-m pytest -n auto --ignore=tests/browser --ignore=tests/fixtures --doctest-modules -m 'not sweep' tests rnnbook"
)
STORED = "RNNBOOK_FRAMEWORKS=stored"  # what PyTorch and Keras returned is read, not computed
COMMANDS = {
    "lab": Command(
        "open the book in JupyterLab (NOTEBOOK=path opens another chapter)",
        ["lab"],
        # Who is root, as in a container, is refused unless root is allowed. The hook keeps saved files as they are.
        [
            "-m jupyterlab --allow-root --ServerApp.ip=127.0.0.1 --ServerApp.root_dir={ROOT}"
            " --ContentsManager.pre_save_hook=tools.saving.keep_versions --LabApp.default_url=/lab/tree/{NOTEBOOK}"
        ],
    ),
    "present": Command(
        "present a chapter as slides with live sliders and code that runs (CH=04)", ["lab"], ["-m tools.present {CH}"]
    ),
    "notes": Command(
        "write a chapter's speaker notes beside its slides, with times (CH=04)",
        ["site"],
        ["-m tools.speaker_notes {CH}"],
    ),
    "slides": Command("write static slides of all chapters, which need no kernel", ["site"], ["-m tools.slides"]),
    "html": Command("write the book as plain pages, which need no kernel", ["site"], ["-m tools.pages"]),
    "check": Command(
        "run every notebook, and compare what it prints with what is stored",
        ["lab"],
        [f"{STORED} -m pytest --nbval --nbval-current-env notebooks"],
    ),
    "units": Command("run the tests that need neither a browser nor the chapters", ["dev"], [UNITS]),
    "test": Command(
        "run the tests: unit tests, examples, notebooks, every explorer in a browser",
        ["dev"],
        [
            UNITS,
            f"{STORED} -m pytest -n auto --dist loadscope --nbval --nbval-current-env notebooks",
            "-m pytest -n 2 --dist loadfile -m 'not sweep' tests/browser",
        ],
    ),
    "frameworks": Command(
        "compare with PyTorch and Keras themselves, and run chapter 10 with them",
        ["frameworks"],
        [
            "KERAS_BACKEND=torch -m pytest -n 2 --dist loadfile tests/test_torch.py tests/test_keras.py"
            " tests/test_exercises_ch10.py tests/test_framework_speed.py tests/test_form.py"
            " --nbval --nbval-current-env notebooks/10_pytorch_and_keras.ipynb"
        ],
    ),
    "sweep": Command(
        "in a browser: every notebook and control, two talks, the pages (some minutes)",
        ["dev", "site", "lite"],
        [
            f"{STORED} -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m sweep"
            " tests/browser tests/test_ways.py tests/test_sentiment_chapter.py tests/test_dist.py"
        ],
    ),
    "notebooks": Command(
        "execute the notebooks and store their outputs, the same bytes every time",
        ["dev"],
        ["tools/notebooks.py notebooks"],
    ),
    "figures": Command("draw the static pictures, the same bytes every time", ["dev"], ["figures/build.py"]),
    "tables": Command(
        "train the long comparisons and the stored networks again (some minutes)",
        ["dev"],
        ["-m tools.tables", "-m tools.readers", "-m tools.rehearsals"],
    ),
    "runs": Command(
        "run the chapters' functions of PyTorch and Keras again, and store what they return",
        ["frameworks"],
        ["-m tools.framework_runs"],
    ),
    "bench": Command(
        "measure the engine, PyTorch and Keras, what stands around it, and the time from slider to picture",
        ["dev"],
        [
            "-m benchmarks.engine",
            "-m benchmarks.frameworks --write",
            "-m benchmarks.costs",
            "-m benchmarks.latency --write",
        ],
    ),
    "lint": Command(
        "check format and style, notebooks too",
        ["dev"],
        [
            "-m ruff format --check .",
            "-m ruff check .",
            "-c 'from importlinter import cli; cli.lint_imports_command()' --no-cache",
            "tools/oldest.py --check",
        ],
    ),
    "dist": Command("build the package rnnbook as a wheel and an sdist, and check them", ["dev"], ["-m tools.dist"]),
    "lite": Command(
        "write the pages with the book for JupyterLite, which runs in the browser (PYODIDE=folder serves Pyodide too)",
        ["site", "lite"],
        ["-m tools.lite {PYODIDE}", "-m tools.pages"],  # the pages have links to it where it is there
    ),
    "colab": Command("write copies of the notebooks that run in Google Colab", ["lab"], ["-m tools.colab"]),
    "clean": Command("remove .venv, builds and caches", [], []),
}
VARIABLES = ("CH", "NOTEBOOK", "PYODIDE", "PYTHON")


class CommandError(Exception):
    """Something cannot be done: a sentence for whoever asked for it, and the exit code."""

    def __init__(self, sentence, code=2):
        super().__init__(sentence)
        self.code = code


def help_text():
    """List the commands as they are called."""
    rows = {"help": "show this list", **{name: command.help for name, command in COMMANDS.items()}}
    return "\n".join(f"{CALLED} {name:12} {text}" for name, text in rows.items())


def takes(name):
    """Name the variable that a bare argument of a command stands for: `present 04` is `present CH=04`."""
    return next((key for key in VARIABLES if f"{{{key}}}" in " ".join(COMMANDS[name].lines)), None)


def plan(name, values, python):
    """List the calls that a command makes once all is installed: arguments, and what they have in their environment."""
    pyodide = f"--pyodide={Path(values['PYODIDE']).resolve()}" if values.get("PYODIDE") else ""
    fill = {"ROOT": ROOT, "CH": values.get("CH", "00"), "PYODIDE": pyodide}
    if takes(name) == "NOTEBOOK":
        fill["NOTEBOOK"] = quote(find_notebook(values.get("NOTEBOOK")))
    calls = []
    for line in COMMANDS[name].lines:
        words, environment = shlex.split(line), {}
        while re.match("[A-Z_]+=", words[0]):
            key, _, environment[key] = words.pop(0).partition("=")
        calls.append(([str(python), *filter(None, (word.format(**fill) for word in words))], environment))
    return calls


def find_notebook(given):
    """Return the path of a notebook below the project's folder, with slashes: the one given, or the first chapter."""
    chapters = sorted((ROOT / "notebooks").glob("*.ipynb"))
    if not given:
        return chapters[0].relative_to(ROOT).as_posix()
    for start in (Path.cwd(), ROOT):
        path = (start / given).resolve()
        if path.suffix == ".ipynb" and path.is_file() and ROOT in path.parents:
            return path.relative_to(ROOT).as_posix()
    names = "\n".join(path.relative_to(ROOT).as_posix() for path in chapters)
    raise CommandError(f"There is no notebook {given} in {ROOT}. The chapters are\n{names}")


def python_in(venv, windows=os.name == "nt"):
    """Return where an environment keeps its Python."""
    return venv / "Scripts" / "python.exe" if windows else venv / "bin" / "python"


def call(arguments, environment=None):
    """Run a program to its end and return its exit code.

    Ctrl+C reaches the program as well, which may ask back, as JupyterLab does, or clean up: so wait for what it does.
    Whoever ends this process ends the program.
    """
    pressed, process = [], None

    def end(number, frame):
        if process is None:
            sys.exit(128 + number)
        process.terminate()

    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number)),
        signal.SIGTERM: signal.signal(signal.SIGTERM, end),
    }
    try:
        process = subprocess.Popen(arguments, cwd=str(ROOT), env={**os.environ, **ENVIRONMENT, **(environment or {})})
        code = process.wait()
    except FileNotFoundError:
        raise CommandError(f"{arguments[0]} is not there.", 1) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if code == 0 and pressed:
        raise KeyboardInterrupt
    return 128 - code if code < 0 else code  # ended by a signal: as shells say it


def ask(python, code):
    """Return what a Python prints when it runs some code, or None where it cannot, or is not there."""
    try:
        done = subprocess.run([str(python), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode().strip()


def version_of(python, module="sys"):
    """Return the version of a Python, as "3.11", or None where it does not start or lacks a module."""
    return ask(python, f"import {module}, sys; print('.'.join(map(str, sys.version_info[:2])))")


def is_old(version):
    """Say whether a version is older than what the book needs."""
    return tuple(map(int, version.split("."))) < OLDEST


def candidates(given=None):
    """List the Pythons that may make the environment: the one named, or this one and then those of usual names."""
    if given:
        return [given]
    this = getattr(sys, "_base_executable", None) or sys.executable  # where this is .venv's own, the one that made it
    return [this, *filter(None, map(shutil.which, NAMES))]


def choose_python(pythons):
    """Return the first Python that is new enough and can make an environment, which Debian packs apart; its version."""
    old = bare = None
    for python in pythons:
        version = version_of(python)
        if version is None:
            continue
        if is_old(version):
            old = version
        elif ask(python, "import ensurepip, venv") is None:
            bare = version
        else:
            return python, version
    if bare:
        raise CommandError(
            f"Python {bare} cannot make a virtual environment: "
            f"install python{bare}-venv (Debian, Ubuntu: apt install python3-venv).",
            1,
        )
    found = f" (found {old})" if old else ""
    raise CommandError(
        f"Python 3.11 or newer is needed and was not found{found}: "
        f"install it, or name it with {CALLED} PYTHON=/path/to/python3.",
        1,
    )


def make_venv(pythons):
    """Make .venv unless one is there whose Python works and has pip, and which was made where it is now.

    An environment has pip when it is complete; its scripts name the place where it was made.
    """
    place, version = VENV / "place.stamp", version_of(python_in(VENV), "pip")
    is_moved = place.exists() and place.read_text(encoding="utf-8") != str(VENV)
    if version and not is_old(version) and not is_moved:
        return
    python, version = choose_python(pythons)
    print(f"Making .venv with Python {version}", flush=True)
    succeed([python, "-m", "venv", "--clear", str(VENV)])
    place.write_text(str(VENV), encoding="utf-8")


def succeed(arguments):
    """Run a program, and end with its exit code if it fails; it has said why."""
    code = call(arguments)
    if code:
        raise CommandError("", code)


def fingerprint(stage):
    """Return a number of what a stage asks for: its requirement file, those before it, and pyproject.toml."""
    files = ["pyproject.toml"]
    while stage:
        files.append(STAGES[stage].requirements)
        stage = STAGES[stage].after
    texts = [(ROOT / file).read_text(encoding="utf-8") for file in files]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def install(stage):
    """Install what a stage needs, and the stages before it, unless their stamps say that just this is installed."""
    if STAGES[stage].after:
        install(STAGES[stage].after)
    stamp, asked = VENV / f"{stage}.stamp", fingerprint(stage)
    if stamp.exists():
        if stamp.read_text(encoding="utf-8") == asked:
            return
        stamp.unlink()
    print(f"Installing {STAGES[stage].message}", flush=True)
    pip = [str(python_in(VENV)), "-m", "pip", "--disable-pip-version-check"]
    # Not compiled ahead: Python compiles what is used when it is first used, and most of it never is.
    succeed([*pip, "install", "--quiet", "--no-compile", "-r", STAGES[stage].requirements])
    if stage == "lab":
        silence_news()
    stamp.write_text(asked, encoding="utf-8")


def silence_news():
    """Turn off JupyterLab's announcements, which would ask the network for news and updates at every start."""
    file = VENV / "etc" / "jupyter" / "labconfig" / "page_config.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    settings = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    file.write_text(json.dumps(settings) + "\n", encoding="utf-8")


def clean():
    """Remove .venv, builds and caches."""
    left = [VENV, *(ROOT / name for name in ("build", "dist", ".hypothesis", ".pytest_cache", ".ruff_cache"))]
    left += ROOT.glob("*.egg-info")
    for folder, names, _ in os.walk(str(ROOT)):
        left += [Path(folder) / name for name in names if name == "__pycache__"]
        names[:] = [name for name in names if name not in (".git", ".venv", "__pycache__")]
    for path in left:
        try:
            if path.is_symlink():
                path.unlink()
            elif path.exists():
                shutil.rmtree(str(path))
        except OSError as error:
            raise CommandError(f"{path} cannot be removed; does a program use it? {error}", 1) from None


def read(arguments):
    """Read the command line: a command, values of variables, and whether its lines are shown instead of run."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("command", nargs="?", default="help")
    parser.add_argument("values", nargs="*")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("-n", "--dry-run", action="store_true")
    known, unknown = parser.parse_known_args(arguments)
    if known.help or known.command == "help":
        return "help", {}, False
    name = known.command
    if name not in COMMANDS:
        raise CommandError(f"There is no command {name}. There are help, {', '.join(COMMANDS)}.")
    values = {key: os.environ[key] for key in VARIABLES if os.environ.get(key)}
    for given in known.values:
        key, is_named, value = given.partition("=")
        if is_named and key in VARIABLES:
            values[key] = value
        elif takes(name) and not is_named:
            values[takes(name)] = given
        else:
            unknown.append(given)
    if unknown:
        raise CommandError(f"The command {name} does not know {' '.join(unknown)}. Variables: {', '.join(VARIABLES)}.")
    return name, values, known.dry_run


def run(name, values):
    """Install what a command needs and make its calls up to the first that fails; return the exit code."""
    calls = plan(name, values, python_in(VENV))  # first, since it refuses a notebook that is not there
    make_venv(candidates(values.get("PYTHON")))
    for stage in COMMANDS[name].stages:
        install(stage)
    return next(filter(None, (call(words, environment) for words, environment in calls)), 0)


def main(arguments=None):
    """Run the command line and return the exit code."""
    try:
        name, values, is_dry = read(arguments)
        if name == "help":
            print(help_text())
        elif is_dry:
            for words, environment in plan(name, values, python_in(VENV)):
                print(*(f"{key}={value}" for key, value in environment.items()), subprocess.list2cmdline(words))
        elif name == "clean":
            clean()
        else:
            return run(name, values)
    except CommandError as error:
        print(error, end="\n" if str(error) else "", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
