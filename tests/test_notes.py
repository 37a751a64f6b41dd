"""Slides and their notes: one heading a slide, in order, a time that fits a talk, a file that loads."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
CHAPTERS = sorted(NOTEBOOKS.glob("*.ipynb"))


def slides(path):
    """The heading of every slide."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.metadata.get("slideshow", {}).get("slide_type") in ("slide", "subslide"):
            yield re.match(r"#+ (.*)", cell.source)[1].strip()


def notes(path):
    """Heading and text of every note."""
    text = (NOTEBOOKS / "notes" / f"{path.stem}.md").read_text(encoding="utf-8")
    return re.findall(r"^## (.*)\n\n((?:(?!^## ).*\n?)*)", text, re.MULTILINE)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_there_is_a_note_for_every_slide(path):
    assert [heading for heading, _ in notes(path)] == list(slides(path))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_what_to_try_stands_on_the_slide_of_its_explorer(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.source.startswith("**Try this**") or "slideshow" not in cell.metadata, cell.id


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_notebook_is_smaller_than_a_megabyte_and_stores_no_widget_state(path):
    assert path.stat().st_size < 1_000_000
    assert "widgets" not in nbformat.read(path, as_version=4).metadata


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_minutes_add_up_to_a_talk(path):
    minutes = [int(re.match(r"(\d+) min\.", text)[1]) for _, text in notes(path)]
    assert 10 <= sum(minutes) <= 30
    assert max(minutes) <= 4


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_cell_is_on_a_slide_or_left_out(path):
    """The first cell starts a slide; what carries no tag stands on the slide before it."""
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0].metadata.slideshow.slide_type == "slide"
    assert {cell.metadata.get("slideshow", {}).get("slide_type", "same") for cell in cells} <= {
        "slide",
        "subslide",
        "fragment",
        "skip",
        "same",
    }
