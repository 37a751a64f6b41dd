"""The form of every chapter: short cells, answers after their questions, code in the prose that runs, a way on."""

import ast
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
CHAPTERS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
ANSWER = "hide-output"
LONGEST, LONGEST_LISTING = 15, 110  # lines of a cell


def cells(stem):
    """The cells of a chapter, with their source as one text."""
    found = json.loads((NOTEBOOKS / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


def tags(cell):
    return cell["metadata"].get("tags", [])


def code_in_prose():
    """Every block of Python that stands in a text, by chapter and cell."""
    for stem in CHAPTERS:
        for cell in cells(stem):
            if cell["cell_type"] == "markdown":
                for code in re.findall(r"^```python\n(.*?)^```", cell["source"], re.DOTALL | re.MULTILINE):
                    yield f"{stem[:2]}-{cell['id']}", code


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_code_cell_is_short_and_a_listing_is_off_the_slides(stem):
    for cell in cells(stem):
        lines = len(cell["source"].splitlines()) if cell["cell_type"] == "code" else 0
        if "listing" in tags(cell):
            assert LONGEST < lines <= LONGEST_LISTING, cell["id"]
            assert cell["metadata"]["slideshow"]["slide_type"] == "skip", cell["id"]
        else:
            assert lines <= LONGEST, f"{cell['id']}: {lines} lines"


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_prediction_is_asked_before_a_closed_answer(stem):
    """Between two predictions stands an answer that is closed, or an explorer that the reader moves."""
    waiting = None
    for cell in cells(stem):
        if cell["cell_type"] == "markdown" and "**Predict:**" in cell["source"]:
            assert waiting is None, f"{waiting} is not answered before {cell['id']}"
            waiting = cell["id"]
        elif ANSWER in tags(cell) or "\nexplorers." in "\n" + cell["source"]:
            waiting = None
    assert waiting is None, f"{waiting} is not answered"


@pytest.mark.parametrize("stem", CHAPTERS)
def test_an_answer_is_closed_in_jupyter_and_on_the_pages_alike(stem):
    for cell in cells(stem):
        closed = cell["metadata"].get("jupyter", {}).get("outputs_hidden", False)
        assert (ANSWER in tags(cell)) == closed, cell["id"]
        if closed:
            assert cell["outputs"], f"{cell['id']} has no output that could answer"
            assert "\nexplorers." not in "\n" + cell["source"], f"{cell['id']} shows something to move, and is closed"


@pytest.mark.parametrize(("stem", "after"), list(pairwise(CHAPTERS)))
def test_a_chapter_leads_on_to_the_next(stem, after):
    assert any(f"]({after}.ipynb)" in cell["source"] for cell in cells(stem))


def imported(code):
    """What a block imports besides NumPy."""
    return tuple(sorted({*re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE)} - {"numpy"}))


PROSE = dict(code_in_prose())
# Each block in names of its own; an error says which it was, as the file of its last line.
RUN = """
import json, sys
for name, code in json.load(sys.stdin).items():
    exec(compile(code, name, "exec"), {"__name__": "__main__"})
"""


@pytest.mark.parametrize("code", PROSE.values(), ids=PROSE)
def test_code_in_the_prose_asserts_what_is_said_of_it(code):
    assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code)))


@pytest.mark.parametrize("names", sorted({imported(code) for code in PROSE.values()}), ids=" and ".join)
def test_code_in_the_prose_runs(names):
    """Where a framework is installed, what is said of it is run: all in one process, which loads it once."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    ran = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps({name: code for name, code in PROSE.items() if imported(code) == names}),
        env=os.environ | {"KERAS_BACKEND": "torch"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stderr
