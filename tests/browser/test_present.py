"""A talk as its presenter gives it: one command, slides by key, sliders by key and mouse, code edited and run."""

import re
import signal
import subprocess
import sys

import pytest

from tests.browser import driving
from tests.browser.jupyter import ROOT, wait_for

pytestmark = pytest.mark.sweep

BOX = ".rnnbook-deck .jp-WindowedPanel-outer"
# Cells in sight, and whether anything of them lies outside the window.
SEEN = f"""() => {{
    const cells = [...document.querySelectorAll('{BOX} .jp-Cell')].filter((cell) => cell.offsetHeight);
    const parts = cells.flatMap((cell) => [cell, ...cell.querySelectorAll('img, svg[role=img], pre, .cm-content')]);
    const boxes = parts.map((part) => part.getBoundingClientRect()).filter((box) => box.width);
    return {{cells: cells.length, out: boxes.some((box) => box.bottom > innerHeight || box.right > innerWidth + 1)}};
}}"""


# What a chapter says and shows is looked at in both; what the extension does is the same in each, and tried in one: in
# 02, which is run sooner, but for handles and Play, which 04 has.
in_02, in_04 = (pytest.mark.parametrize("address", [one], indirect=True, scope="module") for one in ("02", "04"))


@pytest.fixture(scope="module", params=["04", "02"])
def address(request):
    """Where the one command serves the slides of a chapter."""
    command = [sys.executable, "-m", "tools.present", request.param, "--no-browser"]
    talk = subprocess.Popen(
        [*command, "--LabApp.expose_app_in_browser=True"], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        yield re.search(r"http\S+", talk.stdout.readline())[0]
    finally:
        talk.send_signal(signal.SIGTERM)
        talk.communicate(timeout=30)


@pytest.fixture(scope="module")
def talk(browser, address):
    """The page with the slides, all cells run."""
    context, outside = browser
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(address)
    page.wait_for_selector(".rnnbook-presenting", state="attached", timeout=60_000)
    page.wait_for_function("document.body.dataset.rnnbookDeck", timeout=300_000)
    yield page
    page.close()
    assert outside == []


def number(page):
    """What the corner says: "3 / 17", "4 (1 of 2) / 17", or "5 / 17 ?" while an answer waits."""
    return page.locator(".rnnbook-deck-number").text_content()


def turn(page, key):
    """Press a key and wait for another page, or for the answer on this one."""
    before = number(page)
    page.keyboard.press(key)
    wait_for(lambda: number(page) != before, 5, lambda: f"{key} turned no page at {before}")


def go_to(page, thing):
    """Turn pages from the first on until something is in sight, and return it."""
    page.keyboard.press("Home")
    for _ in range(100):
        if page.locator(f"{thing}:visible").count():
            return page.locator(f"{thing}:visible").first
        turn(page, "Space")
    raise AssertionError(f"no slide has {thing}")


def test_it_stands_on_the_first_slide_with_all_cells_run(talk):
    assert talk.evaluate("document.body.dataset.rnnbookDeck") == "ready"
    assert number(talk).startswith("1 ")
    assert talk.locator(".rnnbook-deck h1:visible").count() == 1
    assert talk.locator("#jp-top-panel:visible, .jp-SideBar:visible, .jp-InputPrompt:visible").count() == 0
    assert talk.locator(".rnnbook-deck-message").text_content() == ""


def test_every_page_has_something_and_nothing_is_cut_off(talk):
    last = number(talk).split("/ ")[1].split()[0]
    seen = [number(talk)]
    while not re.fullmatch(rf"{last}( \({{1}}(\d+) of \2\))? / {last}", seen[-1]):
        turn(talk, "Space")
        seen.append(number(talk))
        talk.wait_for_timeout(150)
        found = talk.evaluate(SEEN)
        assert found["cells"], seen[-1]
        assert not found["out"], seen[-1]
    assert len(seen) >= int(last)
    talk.keyboard.press("Space")  # the end is the end
    assert number(talk) == seen[-1]


@in_02
@pytest.mark.parametrize(
    ("on", "back"), [("Space", "Shift+Space"), ("ArrowRight", "ArrowLeft"), ("PageDown", "PageUp")]
)
def test_next_and_previous(talk, on, back):
    talk.keyboard.press("Home")
    pages = [number(talk)]
    while len(pages) < 5:
        turn(talk, on)
        if number(talk) != pages[-1].removesuffix(" ?"):  # else it was the answer
            pages.append(number(talk))
    pages = [page.removesuffix(" ?") for page in pages]
    for page in reversed(pages[:-1]):
        turn(talk, back)
        assert number(talk).removesuffix(" ?") == page


def test_an_answer_comes_after_its_question(talk):
    """By a key of its own, or by running the cell; what was on the page keeps its place."""
    talk.keyboard.press("Home")
    for key in ("Space", "Shift+Enter"):
        while not number(talk).endswith("?"):
            turn(talk, "Space")
        slide = number(talk).removesuffix(" ?")
        outputs = talk.locator(".rnnbook-asked .jp-OutputArea-output")
        later = talk.locator(".rnnbook-later:not(.rnnbook-off)")
        answering = talk.locator(".rnnbook-asked").element_handle()
        hidden = "(node) => getComputedStyle(node).visibility === 'hidden'"
        assert outputs.count()
        assert outputs.first.evaluate(hidden)
        assert all(later.nth(k).evaluate(hidden) for k in range(later.count()))
        talk.wait_for_timeout(400)  # formulas and editors have their height by then
        place = answering.evaluate("(node) => node.offsetTop")
        if key == "Shift+Enter":
            talk.evaluate(
                """(node) => {
                    const cells = [...document.querySelectorAll('.rnnbook-deck .jp-Cell')];
                    window.jupyterapp.shell.currentWidget.content.activeCellIndex = cells.indexOf(node);
                }""",
                answering,
            )
        turn(talk, key)
        assert number(talk).removesuffix(" ?") == slide
        assert answering.query_selector(".jp-OutputArea-output").evaluate(hidden) is False
        if key == "Space":  # cells that are run are laid out anew
            assert abs(answering.evaluate("(node) => node.offsetTop") - place) < 2
    talk.keyboard.press("Home")


@in_02
def test_a_slider_moves_by_keyboard_and_by_mouse_and_the_slides_stay(talk):
    explorer = go_to(talk, ".rnnbook-explorer")
    slide = number(talk)
    handle = driving.live_sliders(explorer)[0]
    low = driving.value(handle) <= driving.value(handle, "min")
    for key in ("ArrowRight", "PageUp") if low else ("ArrowLeft", "PageDown"):
        assert driving.follows(explorer, lambda k=key: driving.press(handle, k)), key
        assert number(talk) == slide
    driving.reset(explorer)
    assert driving.follows(explorer, lambda: driving.drag(handle, "max" if low else "min"))
    assert number(talk) == slide
    turn(talk, "ArrowRight")  # after the mouse, the keys turn slides again
    turn(talk, "ArrowLeft")
    driving.reset(explorer)


@in_04
def test_a_handle_is_dragged_where_it_is_drawn(talk):
    """And stays under the hand; after the mouse the keys turn slides, on the handle they move it."""
    explorer = go_to(talk, ".rnnbook-explorer:has([aria-label='start of the walk'])")
    star, slide, mouse = explorer.locator(".rnnbook-handle"), number(talk), talk.mouse

    def middle():
        box = star.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def off_the_star():
        return explorer.evaluate("""(box) => {
            const middle = (node) => { const b = node.getBoundingClientRect();
                return [b.x + b.width / 2, b.y + b.height / 2] };
            const [x, y] = middle(box.querySelector('.rnnbook-handle'));
            const drawn = [...box.querySelectorAll('[id*="-hole-"] use')].map(middle);
            return Math.min(...drawn.map(([a, b]) => Math.hypot(a - x, b - y)));
        }""")

    def drag():
        mouse.move(x, y)
        mouse.down()
        mouse.move(x - 30, y + 30, steps=8)

    driving.reset(explorer)
    x, y = middle()
    assert off_the_star() < 2
    try:
        assert driving.follows(explorer, drag)
        assert middle() == (pytest.approx(x - 30, abs=4), pytest.approx(y + 30, abs=4))  # the sliders have steps
    finally:
        mouse.up()
    talk.wait_for_timeout(500)  # the slide may be laid out anew now
    assert off_the_star() < 2
    turn(talk, "ArrowRight")
    turn(talk, "ArrowLeft")
    assert number(talk) == slide
    assert driving.follows(explorer, lambda: driving.press(star, "ArrowRight"))
    assert number(talk) == slide
    driving.reset(explorer)
    talk.keyboard.press("Escape")


@in_04
def test_what_plays_stops_when_the_slide_is_turned(talk):
    explorer = go_to(talk, ".rnnbook-explorer:has(.widget-play)")
    steps = driving.live_sliders(explorer)[0]
    driving.press(steps, "Home")
    explorer.get_by_role("button", name="Play").click()
    wait_for(lambda: driving.value(steps) >= 2, 10, lambda: "nothing plays")
    turn(talk, "Space")
    turn(talk, "Shift+Space")
    stopped = driving.value(steps)
    talk.wait_for_timeout(900)
    assert driving.value(steps) == stopped < driving.value(steps, "max")
    driving.reset(explorer)


@in_02
def test_a_code_cell_is_edited_and_run(talk):
    editor = go_to(talk, ".rnnbook-deck .cm-content")
    slide = number(talk)
    editor.click()
    talk.keyboard.press("Control+End")
    talk.keyboard.insert_text("\nprint('seen in', 'the talk')")
    talk.keyboard.press("Shift+Enter")
    talk.get_by_text("seen in the talk", exact=False).locator("visible=true").first.wait_for(timeout=60_000)
    assert number(talk).split(" ")[0] == slide.split(" ")[0]
    talk.keyboard.press("Escape")
    turn(talk, "Space")


@in_02
def test_letters_do_not_reach_the_notebook(talk):
    talk.keyboard.press("Home")
    cells = "window.jupyterapp.shell.currentWidget.content.widgets.length"
    before = talk.evaluate(cells)
    for key in "dxabvzm":
        talk.keyboard.press(key)
        talk.keyboard.press(key)
    assert talk.evaluate(cells) == before


@in_02
def test_a_number_beside_a_slider_can_be_typed(talk):
    explorer = go_to(talk, ".rnnbook-explorer")
    slide, readout = number(talk), explorer.locator(".widget-readout").first
    handle = driving.live_sliders(explorer)[0]
    wanted = 0.5 if driving.value(handle, "max") <= 2 else 2
    readout.dblclick()
    talk.keyboard.press("ControlOrMeta+a")
    talk.keyboard.insert_text(str(wanted))
    assert driving.follows(explorer, lambda: talk.keyboard.press("Enter"))
    assert driving.value(handle) == wanted
    assert number(talk) == slide
    driving.reset(explorer)
    talk.keyboard.press("Escape")


@in_02
@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768), (1280, 720)], ids=lambda size: f"{size[0]}")
def test_everything_follows_the_window(talk, size):
    talk.set_viewport_size({"width": size[0], "height": size[1]})
    explorer = go_to(talk, ".rnnbook-explorer")
    talk.wait_for_timeout(400)
    picture = explorer.locator("svg[role=img]").bounding_box()
    assert picture["width"] > 0.7 * size[0]
    assert not talk.evaluate(SEEN)["out"]
    handle = driving.live_sliders(explorer)[0]
    track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-target')]").bounding_box()
    assert track["width"] > 0.07 * size[0]
    end = "max" if driving.value(handle) < driving.value(handle, "max") else "min"
    assert driving.follows(explorer, lambda: driving.drag(handle, end))
    assert driving.value(handle) == driving.value(handle, end)
    driving.reset(explorer)


@in_02
def test_a_cell_that_outgrows_the_screen_stays_in_sight_and_the_page_stands_still(talk):
    editor = go_to(talk, ".rnnbook-deck .cm-content")
    editor.click()
    talk.keyboard.press("Control+End")
    for _ in range(25):
        talk.keyboard.press("Enter")
        talk.keyboard.insert_text("print('many', 'lines')")
    assert talk.evaluate("document.activeElement.closest('.cm-editor') !== null")
    talk.keyboard.press("Shift+Enter")
    talk.get_by_text("many lines", exact=False).locator("visible=true").first.wait_for(timeout=60_000)
    talk.wait_for_timeout(500)
    turned = """() => new Promise((done) => {
        let count = 0;
        const seen = new MutationObserver(() => { count += 1; });
        seen.observe(document.querySelector('.rnnbook-deck-number'), {childList: true});
        setTimeout(() => { seen.disconnect(); done(count); }, 1000);
    })"""
    assert talk.evaluate(turned) == 0
    assert editor.is_visible()
    for _ in range(25):
        talk.keyboard.press("Control+z")
    talk.keyboard.press("Escape")


@in_02
def test_it_comes_back_to_the_slides_from_another_notebook(talk):
    talk.keyboard.press("Home")
    slide = number(talk)
    open_it = "(path) => { window.jupyterapp.commands.execute('docmanager:open', {path}) }"
    talk.evaluate(open_it, "notebooks/00_start_here.ipynb")
    talk.locator("#jp-top-panel").wait_for()
    talk.keyboard.press("F8")
    talk.locator("#jp-top-panel").wait_for(state="hidden")
    assert talk.locator(".rnnbook-deck h1:visible").count() == 1
    assert number(talk) == slide


@in_02
def test_after_a_restart_it_says_which_key_runs_all_again(talk):
    message = talk.locator(".rnnbook-deck-message")
    talk.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    wait_for(lambda: "R runs all cells" in message.text_content(), 60, message.text_content)
    talk.evaluate("document.body.dataset.rnnbookDeck = ''")
    talk.keyboard.press("r")
    talk.wait_for_function("document.body.dataset.rnnbookDeck", timeout=300_000)
    assert talk.evaluate("document.body.dataset.rnnbookDeck") == "ready"
    explorer = go_to(talk, ".rnnbook-explorer")
    handle = driving.live_sliders(explorer)[0]
    low = driving.value(handle) <= driving.value(handle, "min")
    assert driving.follows(explorer, lambda: driving.press(handle, "PageUp" if low else "PageDown"))


@in_02
def test_leave_and_return(talk):
    talk.keyboard.press("Escape")  # the slider of the test before, which Home would move
    talk.keyboard.press("Home")
    wait_for(lambda: number(talk).startswith("1 "), 5, lambda: number(talk))
    turn(talk, "Space")
    slide = number(talk)
    talk.keyboard.press("F8")
    talk.locator("#jp-top-panel").wait_for()
    assert talk.locator(".rnnbook-deck .jp-Cell.rnnbook-off").count() == 0
    right = talk.locator(".rnnbook-deck").evaluate("(panel) => panel.getBoundingClientRect().right")
    assert talk.locator(BOX).evaluate("(box) => box.getBoundingClientRect().right") <= right
    talk.keyboard.press("F8")
    talk.locator("#jp-top-panel").wait_for(state="hidden")
    assert number(talk) == slide


@in_02
def test_code_is_hidden_and_shown(talk):
    cell = go_to(talk, ".jp-CodeCell:has(.rnnbook-explorer)")
    editor = cell.locator(".cm-content")
    assert not editor.is_visible()
    talk.keyboard.press("c")
    editor.wait_for()
    talk.keyboard.press("c")
    editor.wait_for(state="hidden")
