"""What the pages tell others of themselves, what they offer to run, which icons they carry, and the teachers' times."""

import html
import re
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("myst_nb", reason="requirements-site.txt is not installed")

from tools import address, pages, previews, talks
from tools.icons import SHOWN, icons
from tools.offline import ROOT, notes


def content(head, name):
    """What an element of a page's head says."""
    return html.unescape(re.search(f'(?:name|property)="{name}" content="([^"]*)"', head)[1])


def test_a_preview_has_whole_addresses_where_the_public_address_is_known():
    head = previews.tags('A "b" & c', "It <says>.", "https://o.github.io/n/", "a/b.html", "_images/c.png")
    for kind in ("og", "twitter"):
        assert content(head, f"{kind}:title") == 'A "b" & c'
        assert content(head, f"{kind}:description") == "It <says>."
        assert content(head, f"{kind}:image") == "https://o.github.io/n/_images/c.png"
    assert content(head, "og:url") == "https://o.github.io/n/a/b.html"
    assert content(head, "description") == "It <says>."


def test_without_a_public_address_a_page_still_says_what_it_is():
    head = previews.tags("A", "It says.", "", "a.html", "c.png")
    assert content(head, "description") == content(head, "og:description") == "It says."
    assert "image" not in head.replace("summary_large_image", "")
    assert "url" not in head


@pytest.mark.parametrize(
    ("paragraph", "said"),
    [
        ("One.\nTwo.", "One. Two."),
        (
            "A first sentence of some words. " + 30 * "word " + "end. " + 30 * "more ",
            "A first sentence of some words. ",
        ),
        (90 * "word ", 39 * "word " + "…"),
    ],
)
def test_a_description_is_short_and_ends_with_a_sentence_or_says_that_it_goes_on(paragraph, said):
    shortened = previews.shorten(paragraph)
    assert shortened.startswith(said.strip())
    assert len(shortened) <= previews.LONGEST
    assert shortened[-1] in ".…"


def test_a_sitemap_lists_whole_addresses():
    listed = ElementTree.fromstring(previews.sitemap("https://o.github.io/n/", ["index.html", "a&b.html"]))
    assert [page[0].text for page in listed] == ["https://o.github.io/n/index.html", "https://o.github.io/n/a&b.html"]


def test_a_page_is_run_where_it_can_be(tmp_path, monkeypatch):
    monkeypatch.setattr(address, "slug", lambda: "")
    assert pages.ways("04_vanishing_gradients", tmp_path) == []
    assert pages.run_row([]) == ""
    (tmp_path / "lite").mkdir()
    (tmp_path / "lite" / "jupyter-lite.json").touch()
    monkeypatch.setattr(address, "slug", lambda: "owner/name")
    row = pages.run_row(pages.ways("04", tmp_path), root="../")
    assert 'href="../lite/lab/index.html?path=04.ipynb"' in row
    assert 'href="https://mybinder.org/v2/gh/owner/name/' in row
    assert re.sub("<.*?>", "", row) == "Run this page: in the browser · open in Binder · open in Colab"


def test_every_icon_is_drawn_and_one_that_the_theme_lacks_is_named():
    theme = Path(find_spec("pydata_sphinx_theme").origin).parent / "theme" / "pydata_sphinx_theme" / "static"
    script = (theme / "scripts" / "fontawesome.js").read_text(encoding="utf-8")
    style = icons(script)
    assert len(style) < 10_000
    assert re.findall(r"\.fa-([\w-]+) { --icon: url\(\"data:image/svg", style) == SHOWN
    with pytest.raises(ValueError, match="no nowhere"):
        icons(script, ["nowhere"])


def test_the_times_for_teachers_are_those_of_the_notes():
    page = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
    assert talks.TABLE.search(page)[0] == talks.table()


def test_the_session_of_90_minutes_takes_90_minutes_and_its_talks_what_their_notes_say():
    page = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
    session = page.split("## A session of 90 minutes")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| (?:\[.*?\]\(notebooks/(\w+)\.ipynb\))?", session, re.MULTILINE)
    assert sum(int(minutes) for minutes, _ in rows) == 90
    talked = {stem: int(minutes) for minutes, stem in rows if stem}
    assert talked == {stem: notes(stem)[-1]["until"] for stem in talked} != {}
    for exercise in re.findall(r"exercise 1, \*(.*?)\*", session):
        assert any(f"### 1 {exercise}" in (ROOT / "notebooks" / f"{stem}.ipynb").read_text("utf-8") for stem in talked)
