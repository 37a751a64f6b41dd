"""Static slides on a phone, and formulas at the ends of lines: made from a few cells, opened from the disk."""

import json

import pytest

from tests.browser.jupyter import ROOT

pytest.importorskip("sphinx_revealjs", reason="requirements-site.txt is not installed")

from tools.slides import PAGES, add_reveal, furnish, prose

pytestmark = pytest.mark.sweep

PHONES = [(320, 568), (390, 844), (430, 932), (844, 390), (768, 1024)]
FORMULAS = "word $h_t$, words $W_{hh}$; and $x_t$. " * 30
# Formulas whose comma begins the next line.
TORN = """() => [...document.querySelectorAll('mjx-container')].filter((formula) => {
    const range = document.createRange();
    range.setStart(formula.nextSibling, 0);
    range.setEnd(formula.nextSibling, 1);
    return range.getBoundingClientRect().left < formula.getBoundingClientRect().left;
}).length"""


def slide(source):
    return {"cells": [f'<div class="cell">{prose({"source": source})}</div>'], "note": ""}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Slides of two headings and many formulas."""
    folder = tmp_path_factory.mktemp("slides")
    furnish(folder)
    add_reveal(folder)
    notebook = json.loads((ROOT / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8"))
    slides = [slide(notebook["cells"][0]["source"]), slide("## Second"), slide(FORMULAS)]
    file = folder / "slides.html"
    file.write_text(PAGES.get_template("slides.html").render(title="Slides", slides=slides), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def page(browser, address):
    context, outside = browser
    page = context.new_page()
    page.goto(address)
    yield page
    assert page.page_errors() == []
    page.close()
    assert outside == []


@pytest.mark.parametrize("size", PHONES, ids=lambda size: "x".join(map(str, size)))
def test_slides_are_seen_on_a_phone(page, size):
    width, height = size
    address = page.url
    page.goto("about:blank")  # slides that are turned load themselves again
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    page.wait_for_selector("body[data-slides=ready]")
    heading = page.locator("section.present h1")
    heading.wait_for(timeout=5000)
    box = heading.bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= width + 1
    assert 0 <= box["y"] < box["y"] + box["height"] <= height
    page.keyboard.press("ArrowRight")
    page.locator("section.present h2", has_text="Second").wait_for(timeout=5000)


def test_no_line_begins_with_a_comma(page):
    page.wait_for_selector("body[data-slides=ready]")
    page.evaluate("Reveal.slide(2)")
    found = page.locator("section.present mjx-container")
    found.first.wait_for()
    assert found.count() == 90
    paragraph = page.locator("section.present p").last
    for width in range(300, 420):
        paragraph.evaluate("(node, width) => { node.style.width = `${width}px` }", width)
        assert page.evaluate(TORN) == 0, width
