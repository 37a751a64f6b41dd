"""Every picture of every chapter, drawn again under settings of Matplotlib that a reader may have.

No browser is needed; it stands with what takes minutes.
"""

import linecache
import warnings
from pathlib import Path

import matplotlib.style
import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from tests.eyes import HOSTILE

BOOK = Path(__file__).parents[2] / "notebooks"
CHAPTERS = sorted([*BOOK.glob("*.ipynb"), *BOOK.glob("solutions/*.ipynb")])
pytestmark = pytest.mark.sweep


@pytest.fixture
def shell(monkeypatch):
    """What runs the cells of a notebook; it keeps their lines, so that exercises can look at them."""
    monkeypatch.setattr(linecache, "cache", dict(linecache.cache))
    with warnings.catch_warnings():
        yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def pictures(shell, source):
    """Run a cell; the pictures that it shows, and what its last line is shown as."""
    with capture_output() as captured:
        result = shell.run_cell(source)
    result.raise_error()
    shown = [output.data for output in captured.outputs]
    if result.result is not None:
        shown.append(shell.display_formatter.format(result.result)[0])
    return [data["image/png"] for data in shown if "image/png" in data]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: str(path.relative_to(BOOK).with_suffix("")))
def test_readers_settings_have_no_say_in_a_chapter(path, shell, monkeypatch):
    monkeypatch.chdir(path.parent)
    changed, drawn = [], 0
    all_at_once = list(HOSTILE.values())  # one by one in `test_style`
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        plain = pictures(shell, cell.source)
        drawn += len(plain)
        if plain:
            with matplotlib.style.context(all_at_once):
                if pictures(shell, cell.source) != plain:
                    changed.append(cell.id)
    assert not changed
    stored = sum("image/png" in str(cell.get("outputs", "")) for cell in nbformat.read(path, as_version=4).cells)
    assert drawn >= stored
