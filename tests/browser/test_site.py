"""The pages as a site: front, phone, dark page, sub-path, weight, and browsers that lack something."""

import functools
import gzip
import http.server
import json
import re
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.building import made
from tests.browser.jupyter import ROOT

pytest.importorskip("myst_nb", reason="requirements-site.txt is not installed")

from tools import slides

pytestmark = pytest.mark.sweep

MOST = 1_000_000  # bytes of a page on the wire, before an explorer comes into view
SITES = ["README", "TEACHING", "CHANGELOG", "CONTRIBUTING", "LICENSE-CONTENT", "figures/README", "benchmarks/README"]
CHAPTERS = [str(path.relative_to(ROOT).with_suffix("")) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
SOLUTIONS = [
    str(path.relative_to(ROOT).with_suffix("")) for path in sorted((ROOT / "notebooks/solutions").glob("*.ipynb"))
]
PAGES = ["index", "search", *SITES, *CHAPTERS, *SOLUTIONS]
# One of each kind, and the longest.
KINDS = ["index", "search", "TEACHING", "figures/README", CHAPTERS[3], CHAPTERS[-1], SOLUTIONS[0]]

# What reaches beyond the window's right edge, and is neither within something that scrolls nor within a closed drawer.
BEYOND = """() => {
    const width = document.documentElement.clientWidth;
    const scrolls = (node) => node && node !== document.documentElement &&
        (['auto', 'scroll', 'hidden'].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
    return [...document.querySelectorAll('.bd-article *')].filter((node) => !node.ownerSVGElement &&
        !node.closest('mjx-assistive-mml') && node.getClientRects().length &&
        node.getBoundingClientRect().right > width + 1 && !scrolls(node.parentElement)
    ).map((node) => node.outerHTML.slice(0, 80));
}"""
# Of every caption, how large and how thick its letters are.
LETTERS = """[...document.querySelectorAll('figcaption')].map((caption) => {
    const style = getComputedStyle(caption);
    return [parseFloat(style.fontSize), Number(style.fontWeight)];
})"""
# Of every caption, the colour of its letters and of what they stand on.
COLORS = """[...document.querySelectorAll('figure.picture figcaption')].map((caption) => {
    let ground = caption;
    while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
    return [getComputedStyle(caption).color, getComputedStyle(ground).backgroundColor];
})"""
# MathJax has set all formulas, where the page has any.
TYPESET = "!window.MathJax || window.MathJax.startup && MathJax.startup.promise.then(() => true)"


class Served(http.server.SimpleHTTPRequestHandler):
    """Files as a public server sends them, what is text compressed; the bytes are counted."""

    def do_GET(self):
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if not file.exists():
            self.send_error(404)
            return
        body, packed = file.read_bytes(), file.suffix in (".html", ".js", ".css", ".svg", ".json")
        body = gzip.compress(body) if packed else body
        self.server.sent.append((self.path, len(body)))
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(file))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def server(site):
    """A server with the pages under /book/, and what it sent."""
    handler = functools.partial(Served, directory=str(site.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.sent = []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        running.address = f"http://127.0.0.1:{running.server_port}/book/"
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def page(browser):
    """A page; no request of it may have left the machine, and no script failed."""
    context, outside = browser
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    yield page
    errors = page.page_errors()
    page.close()
    assert outside == []
    assert errors == []


def address(site, name):
    """Where a page lies on the disk."""
    return (site / f"{name}.html").as_uri()


def test_all_pages_are_listed_here(site):
    listed = {
        str(file.relative_to(site).with_suffix("")) for file in site.rglob("*.html") if "_static" not in file.parts
    }
    assert listed == set(PAGES)


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_front_page_shows_all_within_one_screen(site, page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address(site, "index"))
    picture = page.locator(".front img")
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 300
    for part in [picture, page.locator(".claim"), *page.locator(".starts a").all()]:
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= size[1]
    before = picture.screenshot()
    page.wait_for_timeout(1500)
    assert picture.screenshot() != before  # it moves
    page.get_by_role("link", name="Read the pages").click()
    assert page.locator("article h1").inner_text().startswith("00 Start here")
    page.locator(".navbar-brand").first.evaluate("(link) => link.click()")
    page.locator(".front").wait_for()


@pytest.mark.parametrize("name", PAGES)
def test_on_a_phone_nothing_is_cut(site, page, name):
    page.goto(address(site, name))
    page.wait_for_function(TYPESET)
    page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]") == [390, 390]
    assert page.evaluate(BEYOND) == []
    for size, weight in page.evaluate(LETTERS):
        assert size >= 14
        assert weight >= 400


def serious_faults(page, options):
    """What axe finds on a page, as far as it shuts readers out."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response
    serious = [fault for fault in found["violations"] if fault["impact"] in ("serious", "critical")]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in serious]


# A page of each kind with all of axe's rules; colours take most of the time, and are the same on all pages of a kind.
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "search", "TEACHING", "figures/README", CHAPTERS[0], SOLUTIONS[0]])
def test_axe_finds_no_serious_fault(site, page, name, theme):
    page.add_init_script(f"for (const key of ['mode', 'theme']) localStorage.setItem(key, '{theme}')")
    page.goto(address(site, name))
    page.wait_for_function(TYPESET)
    page.wait_for_timeout(100)  # what scrolls is marked when the formulas stand
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert serious_faults(page, {"rules": {"label-content-name-mismatch": {"enabled": True}}}) == []


# What depends on a page's own cells and formulas is looked at on all of them.
@pytest.mark.parametrize("name", CHAPTERS + SOLUTIONS)
def test_what_is_named_and_what_scrolls_is_right_on_every_page(site, page, name):
    page.goto(address(site, name))
    page.wait_for_function(TYPESET)
    page.wait_for_timeout(100)
    rules = [
        "label-content-name-mismatch",
        "scrollable-region-focusable",
        "image-alt",
        "link-name",
        "duplicate-id-aria",
    ]
    assert serious_faults(page, {"runOnly": rules}) == []


@pytest.mark.parametrize("name", KINDS)
def test_a_caption_is_read_on_a_dark_page(site, page, name):
    page.add_init_script("for (const key of ['mode', 'theme']) localStorage.setItem(key, 'dark')")
    page.goto(address(site, name))
    for color in page.evaluate(COLORS):
        text, ground = (sum(map(int, re.findall(r"\d+", one)[:3])) / 3 for one in color)
        assert text - ground > 120


def test_without_scripts_picture_and_sentence_stay_and_pages_are_turned(site, browser):
    context = browser[0].browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        page.goto(address(site, "index"))
        assert page.locator(".front img").is_visible()
        page.locator(".starts a").first.click()
        shown = page.locator("figure.picture").first
        assert shown.locator("img").is_visible()
        assert len(shown.locator("figcaption").inner_text()) > 20
        page.locator("a.right-next").click()
        assert page.locator("h1").first.inner_text().startswith("01 Feedforward limits")
        page.locator("a.left-prev").click()
        assert page.locator("h1").first.inner_text().startswith("00 Start here")
        assert page.locator("button:visible").count() == 0  # none that would do nothing
    finally:
        context.close()


@pytest.mark.parametrize("name", KINDS)
def test_a_browser_that_lacks_what_is_newer_shows_a_page_to_read(site, page, name):
    page.add_init_script("""
        delete window.IntersectionObserver; delete window.ResizeObserver; delete window.structuredClone;
        delete Array.prototype.at; delete Object.groupBy; delete String.prototype.replaceAll;
        delete Element.prototype.checkVisibility; delete HTMLImageElement.prototype.decode;
        Object.defineProperty(window, 'localStorage', {
            configurable: true, get() { throw new Error('nothing is kept'); } });
    """)
    page.goto(address(site, name))
    assert page.locator("article, .bd-search-container").first.is_visible()
    assert page.locator("h1:visible").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    ours = [file.name for file in (ROOT / "tools" / "site" / "static").glob("*.js")]
    errors = [error.stack or str(error) for error in page.page_errors()]
    assert [error for error in errors if any(name in error for name in ours)] == []
    page.clear_page_errors()  # those of the theme, which loses a convenience


def test_every_page_says_what_it_is(site):
    said = {}
    for name in PAGES:
        head = (site / f"{name}.html").read_text(encoding="utf-8").split("</head>")[0]
        said[name] = re.search('<meta name="description" content="([^"]{20,})">', head)[1]
        assert 'property="og:title"' in head
    assert len({said[name] for name in CHAPTERS}) == len(CHAPTERS)


def test_a_published_site_has_a_sitemap_whole_addresses_and_ways_to_run(tmp_path):
    source = tmp_path / "source"
    (source / "notebooks").mkdir(parents=True)
    (source / "README.md").write_text("# A page\n\nIt says something of itself.\n", encoding="utf-8")
    (source / "TEACHING.md").write_text("# For teachers\n\nIt says something to teachers.\n", encoding="utf-8")
    for name in ("figures", "benchmarks"):
        (source / name).mkdir()
    for name in ("CHANGELOG", "CONTRIBUTING", "LICENSE-CONTENT", "figures/README", "benchmarks/README"):
        (source / f"{name}.md").write_text("# Another page\n\nIt says something else.\n", encoding="utf-8")
    cells = [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# 00 Start here\n\nA first sentence."}]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for stem in ("notebooks/00_start_here", "notebooks/solutions/01_feedforward_limits"):
        (source / stem).parent.mkdir(exist_ok=True)
        (source / f"{stem}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    folder = tmp_path / "html"
    (folder / "lite").mkdir(parents=True)
    (folder / "lite" / "jupyter-lite.json").write_text("{}", encoding="utf-8")  # as `make lite` leaves it
    made(
        folder,
        "--source",
        source,
        GITHUB_SERVER_URL="https://github.com",
        GITHUB_REPOSITORY="owner/name",
    )
    listed = (folder / "sitemap.xml").read_text(encoding="utf-8")
    assert "<loc>https://owner.github.io/name/notebooks/00_start_here.html</loc>" in listed
    chapter = (folder / "notebooks" / "00_start_here.html").read_text(encoding="utf-8")
    assert 'property="og:image" content="https://owner.github.io/name/_static/gradient_flow.png"' in chapter
    assert 'Run this page: <a href="../lite/lab/index.html?path=00_start_here.ipynb">in the browser</a>' in chapter
    assert 'href="https://mybinder.org/v2/gh/owner/name/v' in chapter
    assert 'href="https://colab.research.google.com/github/owner/name/blob/colab/00_start_here.ipynb"' in chapter
    assert '<a href="lite/lab/index.html?path=00_start_here.ipynb"><strong>Run it</strong>' in (
        folder / "index.html"
    ).read_text(encoding="utf-8")


def test_where_the_address_is_not_known_there_is_no_sitemap(site):
    assert not (site / "sitemap.xml").exists()


def test_a_phone_held_upright_reads_static_slides(page, tmp_path):
    slides.furnish(tmp_path)
    slides.add_reveal(tmp_path)
    notebook = ROOT / "notebooks" / "00_start_here.ipynb"
    shown = slides.slides_of(json.loads(notebook.read_text(encoding="utf-8")), strips=False)
    rows = [{"cells": cells, "note": ""} for cells in shown]
    written = slides.PAGES.get_template("slides.html").render(title="00", slides=rows)
    (tmp_path / "00.html").write_text(written, encoding="utf-8")
    page.goto((tmp_path / "00.html").as_uri())
    page.wait_for_selector("body[data-slides]", state="attached")
    for _ in range(6):
        text = page.locator(".slides section.page.present:visible")
        box = text.bounding_box()
        assert text.inner_text().strip()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390.5
        heights = text.evaluate("""(slide) => [...slide.querySelectorAll('p, figcaption, li')].filter((node) =>
            node.checkVisibility()).map((node) => parseFloat(getComputedStyle(node).fontSize) * Reveal.getScale())""")
        assert all(height >= 10 for height in heights), heights
        page.keyboard.press("Space")
