"""Pages, slides and notes that need no kernel: built once, opened from the disk, no request to anywhere."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from tests.browser.jupyter import ROOT, wait_for

pytest.importorskip("myst_nb", reason="requirements-site.txt is not installed")

pytestmark = pytest.mark.sweep

CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def run(*arguments):
    """Run a module of the book's tools and return what it printed, also when it fails."""
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the pages, the slides, and the notes of chapter 04."""
    folder = tmp_path_factory.mktemp("built")
    for made in (
        run("tools.pages", folder / "html"),
        run("tools.slides", folder / "slides"),
        run("tools.speaker_notes", "04", folder / "notes"),
    ):
        assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.fixture
def page(browser):
    """A page of a projector's size; no request of it may have left the machine, and no script failed."""
    context, outside = browser
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    yield page
    errors = page.page_errors()
    page.close()
    assert outside == []
    assert errors == []


# Steps through slides to the last as the key Space does: the captions of frames, and what reaches below the window.
WALK = """async (most) => {
    const frames = new Set(), cut = [];
    for (let k = 0; k < most; k++) {
        const slide = Reveal.getCurrentSlide();
        if (slide.getBoundingClientRect().bottom > innerHeight) cut.push(slide.textContent.trim().slice(0, 60));
        for (const caption of document.querySelectorAll('.present .current-fragment:not(.fade-out) figcaption'))
            frames.add(caption.textContent);
        if (Reveal.isLastSlide()) break;
        Reveal.next();
        await new Promise(requestAnimationFrame);
    }
    return [[...frames], cut];
}"""


class Targets(HTMLParser):
    """Every file that a page links to or shows."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        links = (value for name, value in attrs if name in ("href", "src") and value)
        self.found |= {link for link in links if not re.match(r"[a-z]+:|#|//", link)}


@pytest.mark.parametrize("command", [["slides"], ["pages"], ["speaker_notes", "04"]])
def test_where_no_folder_can_be_made_a_sentence_says_so(command, tmp_path):
    (tmp_path / "file").touch()
    name, *arguments = command
    ended = run(f"tools.{name}", *arguments, tmp_path / "file" / "book")
    assert ended.returncode == 1
    assert re.fullmatch(r"\S+ cannot be made \(.+\)\. Name another folder after the command\.\n", ended.stderr)


@pytest.mark.parametrize("kind", ["html", "slides", "notes"])
def test_every_link_leads_to_a_file(built, kind):
    pages = [path for path in sorted((built / kind).rglob("*.html")) if "_static" not in path.parts]
    assert pages
    for file in pages:
        targets = Targets()
        targets.feed(file.read_text(encoding="utf-8"))
        for target in targets.found:
            path = unquote(re.split("[?#]", target)[0])
            assert (file.parent / path).exists(), f"{file.name} leads to {target}"


def test_there_is_a_page_and_a_slide_show_for_every_chapter(built):
    for chapter in CHAPTERS:
        assert (built / "html" / "notebooks" / f"{chapter}.html").exists()
        assert (built / "slides" / f"{chapter}.html").exists()


@pytest.mark.parametrize("chapter", ["02_rnn_unrolling", "04_vanishing_gradients"])
def test_a_chapter_reads_without_a_kernel(built, page, chapter):
    page.goto((built / "html" / "notebooks" / f"{chapter}.html").as_uri())
    page.locator("mjx-container svg").first.wait_for()
    assert page.locator("mjx-merror").count() == 0
    explorer = page.locator("figure.picture:visible:has(figcaption)").first  # another one may be a closed answer
    explorer.scroll_into_view_if_needed()
    assert explorer.locator("img").get_attribute("alt") == explorer.locator("figcaption").inner_text().strip()
    for picture in page.locator("article img").all():
        assert len(picture.get_attribute("alt")) > 20
        assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100
    assert page.get_by_text("widget-view").count() == 0


def test_an_answer_is_closed_until_it_is_opened_or_printed(built, page):
    page.goto((built / "html" / "notebooks" / "02_rnn_unrolling.html").as_uri())
    answers = page.locator("details.hide > .cell_output")
    assert answers.count() >= 5
    assert not answers.first.is_visible()
    said = page.get_by_text("NumPy stretches the state")  # what is said about the first answer
    assert not said.is_visible()
    page.get_by_text("Show the answer").first.click()
    assert answers.first.is_visible()
    said.wait_for(state="visible")
    assert not answers.nth(1).is_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert answers.nth(1).is_visible()


def test_what_is_said_about_a_closed_answer_waits_and_the_next_question_does_not(built, page):
    page.goto((built / "html" / "notebooks" / "04_vanishing_gradients.html").as_uri())
    said, asked = page.get_by_text("Training raises the share in every seed."), page.get_by_text("two more readers.")
    assert (said.is_visible(), asked.is_visible()) == (False, True)
    page.emulate_media(media="print")
    assert said.is_visible()


@pytest.mark.parametrize("chapter", ["02_rnn_unrolling", "04_vanishing_gradients"])
def test_an_answer_is_a_step_of_a_static_slide(built, page, chapter):
    page.goto((built / "slides" / f"{chapter}.html").as_uri())
    page.wait_for_selector("body[data-slides]", state="attached")
    steps = page.locator(".answer.fragment")
    assert steps.count() >= 3
    for k in range(steps.count()):
        answer = steps.nth(k)
        place = answer.evaluate("(node) => Object.values(Reveal.getIndices(node.closest('section')))")
        page.evaluate("([h, v]) => Reveal.slide(h, v, -1)", place[:2])
        later = page.locator(".present [data-step].fragment:not(.visible)")
        waiting = later.count()
        assert waiting
        assert not answer.evaluate("(node) => node.classList.contains('visible')")
        for _ in range(30):  # a strip of frames on the same slide has steps, too
            page.keyboard.press("Space")
            if later.count() < waiting:
                break
        assert later.count() < waiting


@pytest.mark.parametrize("width", [1280, 800])
def test_code_folds_and_the_page_does_not_scroll_sideways(built, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((built / "html" / "notebooks" / "04_vanishing_gradients.html").as_uri())
    code = page.locator("div.cell_input").first
    code.wait_for()
    page.get_by_role("button", name="Fold all code").click()
    assert not code.is_visible()
    page.locator("details.code > summary").first.click()
    assert code.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_search_finds_a_word(built, page):
    page.goto((built / "html" / "search.html").as_uri() + "?q=eigenvalue")
    found = page.locator("#search-results li a")
    wait_for(found.count, 20, lambda: "nothing was found")
    assert "04 Vanishing gradients" in found.all_text_contents()


def test_a_link_that_leads_nowhere_fails_the_build(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "README.md").write_text("# A page\n\n[a chapter](notebooks/99_nowhere.ipynb)\n", encoding="utf-8")
    made = run("tools.pages", tmp_path / "html", "--source", source)
    assert made.returncode != 0
    assert "99_nowhere.ipynb" in made.stderr


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_static_slides_fit_and_step_through_frames(built, page, chapter):
    page.goto((built / "slides" / f"{chapter}.html").as_uri())
    page.wait_for_selector("body[data-slides]", state="attached")
    assert page.locator("mjx-merror").count() == 0
    frames, cut = page.evaluate(WALK, 10 * page.evaluate("Reveal.getTotalSlides()"))
    assert cut == []
    assert page.evaluate("Reveal.isLastSlide()")
    # Every explorer that is made of no variable of the chapter has its strip.
    cells = json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    plain = r"explorers\.\w+\((\w+=(\"\w+\"|[\d.]+)(, )?)*\)"
    strips = page.locator(".frames").count()
    assert strips == sum(re.fullmatch(plain, line) is not None for cell in cells for line in cell["source"][-1:]) > 0
    assert len(frames) >= 4 * strips


def test_a_pdf_of_the_talk_has_a_page_for_every_frame(built, page):
    file = built / "slides" / "04_vanishing_gradients.html"
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-slides]", state="attached")
    slides, frames = page.evaluate("Reveal.getTotalSlides()"), page.locator(".frames figcaption").count()
    assert frames >= 2 * 5
    page.goto(file.as_uri() + "?print-pdf")
    page.wait_for_selector("body[data-slides]", state="attached")
    pages = page.locator(".pdf-page")
    wait_for(lambda: pages.count() >= slides + frames - page.locator(".frames").count(), 20, pages.count)
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == pages.count()


def test_the_notes_stand_beside_their_slides_with_their_time(built, page):
    page.goto((built / "notes" / "04_vanishing_gradients.html").as_uri())
    page.locator("mjx-container svg").first.wait_for()
    rows = page.locator(".row").all()
    assert len(rows) == len(re.findall("^## ", (ROOT / "notebooks/notes/04_vanishing_gradients.md").read_text(), re.M))
    total = 0
    for row in rows:
        minutes, until = map(
            int, re.match(r"(\d+) min, until minute (\d+)", row.locator(".time").inner_text()).groups()
        )
        total += minutes
        assert until == total
        assert row.locator(".small").bounding_box()["height"] > 30
        assert row.locator(".note p").nth(1).inner_text()


# Explorers that move without a kernel.

SHOWN = [
    pytest.param(chapter, k, name.split("-")[0], moves, id=f"{chapter[:2]}-{name.split('-')[0]}")
    for chapter in CHAPTERS
    for k, name, moves in recorded.in_notebook(json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text("utf-8")))
]
FLOW = "04_vanishing_gradients"
PUT = "(input, place) => { input.value = place; input.dispatchEvent(new Event('input', { bubbles: true })); }"
SENTENCE = ".rnnbook-live > p"


def open_explorer(page, address, number=0):
    """Open a chapter's page, and wait for one of its explorers to move."""
    page.goto(address)
    page.locator("figure[data-recorded], .recorded").nth(number).scroll_into_view_if_needed()
    wait_for(lambda: page.locator(".recorded").count() > 0, 20, lambda: "no explorer moves")
    box = page.locator("figure[data-recorded], .recorded").nth(number)
    box.and_(page.locator(".recorded")).wait_for()
    return box


def sentence(box):
    return box.locator(SENTENCE).get_attribute("data-text")


def slide(box, name, place):
    box.locator(f'[data-name="{name}"] input').evaluate(PUT, place)


def address(built, chapter=FLOW):
    return (built / "html" / "notebooks" / f"{chapter}.html").as_uri()


@pytest.mark.parametrize(("chapter", "k", "name", "moves"), SHOWN)
def test_the_moves_of_a_text_show_the_kernels_sentence(built, page, chapter, k, name, moves):
    cells = json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    source, number = "".join(cells[k]["source"]), [param.values[1] for param in SHOWN if param.values[0] == chapter].index(k)
    ours = eval(source, {"explorers": explorers}) if source.startswith("explorers.") and "\n" not in source else None
    box = open_explorer(page, address(built, chapter), number)
    shown = getattr(explorers, name)() if ours is None else ours
    assert ours is None or sentence(box) == ours.live.reading
    for step in [step for way in moves for step in way if step is not None]:
        before = sentence(box)
        if step == "reset":
            box.get_by_role("button", name="Reset").click()
            shown.reset()
        elif "press" in step:
            box.get_by_role("button", name=step["press"]).click()
            buttons_of(shown)[step["press"]].click()
        else:
            ((control, value),) = step.items()
            row, widget = box.locator(f'[data-name="{control}"]'), shown.controls[control]
            if hasattr(widget, "step"):
                places = row.locator("input").evaluate(
                    "(input, said) => { const output = input.nextElementSibling; const found = [];"
                    "for (let k = 0; k <= input.max; k++) found.push(k); return found; }"
                )
                wanted = format(value, widget.readout_format)
                place = next(p for p in places if said_at(row, p) == wanted)
                row.locator("input").evaluate(PUT, place)
            else:
                labels = dict(zip(widget._options_values, widget._options_labels, strict=True)) if hasattr(widget, "options") else {}
                row.locator("select").select_option(label=labels.get(value, value))
            shown.set(**{control: value})
        assert box.locator(".recorded-note").inner_text() == ""
        assert sentence(box) == shown.live.reading if ours else sentence(box) != before
