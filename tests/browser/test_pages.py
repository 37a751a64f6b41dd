"""Pages, slides and notes that need no kernel: built once, opened from the disk, no request to anywhere."""

import gzip
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe

from rnnbook.view import explorers
from tests.browser.jupyter import ROOT, wait_for
from tools import recorded
from tools.recording import buttons_of

pytest.importorskip("myst_nb", reason="requirements-site.txt is not installed")

pytestmark = pytest.mark.sweep

CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def run(*arguments):
    """Run a module of the book's tools and return what it printed, also when it fails."""
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )


@pytest.fixture(scope="module")
def built(site, tmp_path_factory):
    """The folder with the pages, the slides, and the notes of chapter 04."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "html").symlink_to(site)
    for made in (
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
def test_a_chapter_reads_without_a_kernel_and_without_recordings(built, page, chapter):
    page.route("**/recorded/*.js", lambda route: route.abort())
    page.goto((built / "html" / "notebooks" / f"{chapter}.html").as_uri())
    page.locator("mjx-container svg").first.wait_for()
    assert page.locator("mjx-merror").count() == 0
    explorer = page.locator("figure.picture:visible:has(figcaption)").first  # another one may be a closed answer
    explorer.scroll_into_view_if_needed()
    assert explorer.locator("img").get_attribute("alt") == explorer.locator("figcaption").inner_text().strip()
    for picture in page.locator("article img").all():
        assert len(picture.get_attribute("alt")) > 20
        picture.evaluate("(image) => { image.loading = 'eager'; }")  # on the page it waits until it comes near
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
    pytest.param(chapter, number, k, name.split("-")[0], moves, id=f"{chapter[:2]}-{name.split('-')[0]}")
    for chapter in CHAPTERS
    for number, (k, name, moves) in enumerate(
        recorded.in_notebook(json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text("utf-8")))
    )
]
FLOW = "04_vanishing_gradients"
PUT = "(input, place) => { input.value = place; input.dispatchEvent(new Event('input', { bubbles: true })); }"
PLACES = "figure[data-recorded], .recorded"
NOTE, SENTENCE = ".recorded-note", ".rnnbook-live > p"


def open_explorer(page, address, number=0):
    """Open a chapter's page, and wait until one of its explorers can be moved."""
    page.goto(address)
    page.locator(PLACES).nth(number).scroll_into_view_if_needed()
    box = page.locator(PLACES).nth(number)
    wait_for(lambda: "recorded" in (box.get_attribute("class") or ""), 20, lambda: "it stays a picture")
    for more in box.locator("summary").all():
        more.click()
    return box


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and writes nothing of it."""

    def log_message(self, *args):
        pass


@contextmanager
def served(folder):
    """A folder at an address of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def sentence(box):
    return box.locator(SENTENCE).get_attribute("data-text")


def row(box, name):
    return box.locator(f'[data-name="{name}"]')


def slide(box, name, place):
    row(box, name).locator("input").evaluate(PUT, place)


def drag_up(page, handle, pixels):
    handle.scroll_into_view_if_needed()
    place = handle.bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - pixels, steps=4)
    page.mouse.up()


def address(built, chapter=FLOW):
    return (built / "html" / "notebooks" / f"{chapter}.html").as_uri()


def recording(built, chapter, number):
    html = (built / "html" / "notebooks" / f"{chapter}.html").read_text(encoding="utf-8")
    name = re.findall(r'data-recorded="([\w-]+)"', html)[number]
    text = (built / "html" / "_static" / "recorded" / f"{name}.js").read_text(encoding="utf-8")
    return json.loads(text[text.index(",") + 1 : text.rindex(")")])


@pytest.mark.parametrize(("chapter", "number", "k", "name", "moves"), SHOWN)
def test_the_moves_of_a_text_show_the_kernels_sentence(built, page, chapter, number, k, name, moves):
    controls = {control["name"]: control for control in recording(built, chapter, number)["controls"]}
    source = "".join(json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text("utf-8"))["cells"][k]["source"])
    plain = "\n" not in source  # another one is made of what the chapter made before: its sentences come from there
    kernel = eval(source, {"explorers": explorers}) if plain else getattr(explorers, name)()
    box = open_explorer(page, address(built, chapter), number)
    for step in [step for way in moves for step in way if step is not None]:
        if step == "reset":
            box.get_by_role("button", name="Reset").click()
            kernel.reset()
        elif "press" in step:
            box.get_by_role("button", name=step["press"]).click()
            buttons_of(kernel)[step["press"]].click()
        else:
            ((control, value),) = step.items()
            kernel.set(**{control: value})
            said = kernel.controls[control]
            if controls[control]["kind"] == "slider":
                slide(box, control, controls[control]["shown"].index(format(value, said.readout_format)))
            else:
                label = (
                    dict(zip(said._options_values, said._options_labels, strict=True))[value]
                    if hasattr(said, "options")
                    else value
                )
                row(box, control).locator("select").select_option(label=label)
        assert box.locator(NOTE).inner_text() == ""
        assert not plain or sentence(box) == kernel.live.reading


@pytest.mark.parametrize("width", [1280, 390])
def test_a_recording_is_small_and_has_the_form_for_the_page(built, page, width):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 844})
    box = open_explorer(page, address(built))
    (script,) = {url.rsplit("/", 1)[1] for url in asked if "/recorded/" in url}
    assert script.endswith("-narrow.js") == (width == 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert box.locator("svg").first.bounding_box()["width"] <= width
    for path in (built / "html" / "_static" / "recorded").glob("*.js"):
        assert len(gzip.compress(path.read_bytes())) <= 500_000, path.name


def test_a_second_control_puts_the_first_back_and_says_so(built, page):
    box = open_explorer(page, address(built))
    start = sentence(box)
    slide(box, "T", 0)
    shorter = sentence(box)
    assert shorter != start
    slide(box, "gain", 0)
    assert (
        box.locator(NOTE).inner_text()
        == "This combination is in the notebook. On this page Steps T went back to the start."
    )
    assert row(box, "T").locator("output").inner_text() == "100"
    assert row(box, "gain").locator("output").inner_text() == "0.00"
    row(box, "gain").locator("input").press("ArrowRight")
    assert "went back to the start" in box.locator(NOTE).inner_text()  # until another control is moved
    box.get_by_role("button", name="Reset").click()
    slide(box, "T", 0)
    assert sentence(box) == shorter
    box.get_by_role("button", name="Reset").click()
    assert (sentence(box), box.locator(NOTE).inner_text()) == (start, "")


def test_keys_a_hand_and_play_move_a_recorded_explorer(built, page):
    box = open_explorer(page, address(built, "05_lstm_gates"), 2)  # Horizon: one handle drags the bias
    bias = row(box, "bias").locator("input")
    output = row(box, "bias").locator("output")
    assert bias.get_attribute("aria-valuetext") == output.inner_text() == "2.0"
    bias.press("ArrowRight")
    assert float(output.inner_text()) > 2.0
    bias.press("End")
    assert output.inner_text() == "8.0"
    box.get_by_role("button", name="Reset").click()
    handle = box.locator(".rnnbook-handle").first
    handle.press("ArrowRight")
    assert 2.0 < float(output.inner_text()) < 3.0
    handle.scroll_into_view_if_needed()
    place = handle.bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    assert float(output.inner_text()) > 3.0
    assert abs(handle.bounding_box()["x"] + place["width"] / 2 - x - 60) < 30  # the nearest place
    box.get_by_role("button", name="Reset").click()
    box.get_by_role("button", name="Play").click()
    wait_for(lambda: float(output.inner_text()) > 3.0, 20, output.inner_text)
    box.get_by_role("button", name="Pause").click()
    stands = output.inner_text()
    page.wait_for_timeout(1200)  # longer than a step
    assert output.inner_text() == stands


def test_every_control_goes_everywhere_alone(built):
    for chapter, number in [param.values[:2] for param in SHOWN]:
        data = recording(built, chapter, number)
        for k, control in enumerate(data["controls"]):
            for place in range(len(control["shown"])):
                alone = [place if j == k else other for j, other in enumerate(data["start"])]
                assert ",".join(map(str, alone)) in data["at"], (chapter, control["name"], control["shown"][place])


def test_where_the_hand_cannot_go_with_another_control_moved_it_is_said(built, page):
    box = open_explorer(page, address(built))
    slide(box, "T", 0)
    drag_up(page, box.locator(".rnnbook-handle").first, 50)
    assert (
        box.locator(NOTE).inner_text()
        == "This combination is in the notebook. On this page Steps T went back to the start."
    )
    assert float(row(box, "gain").locator("output").inner_text()) > 0.9


def test_a_pen_draws_what_the_text_asks_for_and_play_keeps_it(built, page):
    box = open_explorer(page, address(built, "05_lstm_gates"))  # DriveLSTM
    slide(box, "f", 20)
    slide(box, "i", 0)
    drag_up(page, box.get_by_label("pen that draws i"), 40)
    assert "The number 0.91 of step 5 is kept: c ends at 0.91." in sentence(box)
    box.get_by_role("button", name="Play").click()
    wait_for(lambda: row(box, "t").locator("output").inner_text() == "40", 30, lambda: sentence(box))
    assert "The number 0.91 of step 5 is kept: c ends at 0.91." in sentence(box)


def test_play_goes_on_as_far_as_was_recorded_with_the_others(built, page):
    box = open_explorer(page, address(built, "05_lstm_gates"), 2)  # Horizon
    slide(box, "after", 0)  # with the bias anywhere else it was not recorded
    box.get_by_role("button", name="Play").click()
    wait_for(lambda: box.locator(NOTE).inner_text() == "This combination is in the notebook.", 20, lambda: "no word")
    assert row(box, "after").locator("output").inner_text() == "1"
    assert row(box, "bias").locator("output").inner_text() == "2.0"
    assert box.get_by_role("button", name="Play").is_visible()


def test_a_letter_is_chosen_in_a_recorded_text(built, page):
    box = open_explorer(page, address(built), 2)
    text = box.locator(".rnnbook-text")
    assert row(box, "target").locator("output").inner_text() == "141"
    text.press("Home")
    assert row(box, "target").locator("output").inner_text() == "2"
    assert text.get_attribute("aria-valuenow") == "2"


def test_what_a_page_cannot_follow_is_said_in_the_text(built):
    for chapter in CHAPTERS:
        html = (built / "html" / "notebooks" / f"{chapter}.html").read_text(encoding="utf-8")
        ways = [way for *_, moves in (param.values for param in SHOWN if param.values[0] == chapter) for way in moves]
        assert html.count("(In the notebook.)") == ways.count([None])
        assert html.count("(To the end in the notebook.)") == sum(None in way and way != [None] for way in ways)


@pytest.mark.parametrize("answer", ["none", "another page"])
def test_with_a_recording_missing_a_sentence_says_so_and_the_picture_stays(built, page, answer):
    if answer == "none":
        page.route("**/recorded/*.js", lambda route: route.abort())
    else:
        page.route("**/recorded/*.js", lambda route: route.fulfill(body="'Not found'", content_type="text/javascript"))
    page.goto(address(built))
    figure = page.locator("figure[data-recorded]").first
    figure.scroll_into_view_if_needed()
    figure.locator(NOTE).wait_for()
    assert "could not be shown" in figure.locator(NOTE).inner_text()
    assert figure.locator("img").is_visible()


def test_a_browser_that_does_not_tell_what_is_in_view_shows_recordings_at_once(built, browser):
    page = browser[0].new_page()  # the theme's own script complains there
    page.add_init_script("delete window.IntersectionObserver")
    page.goto(address(built))
    wait_for(lambda: page.locator(".recorded").count() == 3, 20, lambda: page.locator(".recorded").count())
    page.close()


def test_without_javascript_picture_and_sentence_remain(built, browser):
    context = browser[0].browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address(built))
    figure = page.locator("figure[data-recorded]").first
    assert figure.locator("img").is_visible()
    assert "the gradient vanishes" in figure.locator("figcaption").inner_text()
    context.close()


def test_the_pages_work_below_another_address(built, page):
    with served(built) as base:
        box = open_explorer(page, f"{base}/html/notebooks/{FLOW}.html")
        slide(box, "gain", 0)
        assert row(box, "gain").locator("output").inner_text() == "0.00"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("chapter", "number"), [(FLOW, 0), ("05_lstm_gates", 0)])
def test_axe_finds_no_serious_fault_in_a_recorded_explorer(built, page, chapter, number, theme):
    page.add_init_script(f"for (const key of ['mode', 'theme']) localStorage.setItem(key, '{theme}')")
    open_explorer(page, address(built, chapter), number)
    rules = {"label-content-name-mismatch": {"enabled": True}}
    found = Axe().run(page, ".recorded", {"resultTypes": ["violations"], "rules": rules}).response
    serious = [fault for fault in found["violations"] if fault["impact"] in ("serious", "critical")]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in serious] == []
