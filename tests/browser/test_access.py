"""Every explorer without a mouse, for a screen reader, and with little room; three in Notebook 7, too.

The page is 800 pixels wide, with JupyterLab's side panel open; without it, an explorer has 640 pixels, as in a window
of 1280 at 200 %, and 390, as on a phone. There axe-core looks at all of them, on a light page and on a dark one.
"""

import unicodedata

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import driving
from tests.browser.driving import DRIVEN, EACH
from tests.browser.jupyter import accessible, cells, console_errors, wait_for

pytestmark = pytest.mark.sweep

ROLES = {"slider", "combobox", "textbox", "button", "group"}
# All that the key Tab stops at, as a browser counts it; what is greyed out is passed over.
STOPS = """(box) => [...box.querySelectorAll('*')].filter((node) => node.getClientRects().length &&
    !node.closest('[disabled]') && (node.tabIndex >= 0 || node.contentEditable === 'true'))"""
# What sticks out of an explorer, is cut off, or lies on another control.
MISFITS = """(box) => {
    const place = (node) => node.getBoundingClientRect(), frame = place(box.closest('.jp-OutputArea-output'));
    const name = (node) => `${node.tagName} ${node.getAttribute('class')} ${node.textContent.slice(0, 30)}`;
    const seen = [box, ...box.querySelectorAll('*')].filter((node) => !node.ownerSVGElement && place(node).width);
    const wide = seen.filter((node) => place(node).right > frame.right + 0.5 || place(node).left < frame.left - 0.5);
    const scrolls = [box.closest('.jp-OutputArea-output'), ...seen].filter((node) =>
        node.scrollWidth > node.clientWidth && ['auto', 'scroll'].includes(getComputedStyle(node).overflowX));
    const words = seen.filter((node) => node.matches('.widget-label, .widget-readout, button'));
    const cut = words.filter((node) => node.scrollWidth > node.clientWidth);
    const kinds = '.noUi-target, .widget-label, .widget-readout, button, select, input, textarea, svg[role=img]';
    const parts = seen.filter((node) => node.matches(kinds));
    const meet = (a, b, from, to) => a[from] < b[to] - 1 && b[from] < a[to] - 1;
    const overlap = (a, b) => meet(a, b, 'left', 'right') && meet(a, b, 'top', 'bottom');
    const pairs = parts.flatMap((a, k) => parts.slice(k + 1)
        .filter((b) => !a.contains(b) && overlap(place(a), place(b))).map((b) => `${name(a)} on ${name(b)}`));
    const short = seen.filter((node) => node.matches('.noUi-target') && place(node).width < 80);
    const tell = (what, nodes) => nodes.map((node) => `${what}: ${name(node)}`);
    return [...tell('sticks out', wide), ...tell('scrolls', scrolls), ...tell('cut off', cut), ...tell('short', short),
        ...pairs];
}"""

# How high an 11-point letter of the picture is, in CSS pixels.
LETTERS = """(box) => {
    const svg = box.querySelector('svg[role=img]');
    return 11 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
}"""


@pytest.fixture(scope="module")
def narrow(page, server, desk):
    """The page with the explorers of this application, 800 pixels wide; in JupyterLab the side panel is open."""
    page.set_viewport_size({"width": 800, "height": 1000})
    driving.open_explorers(page, server, desk, DRIVEN[server.app])
    return page


@pytest.fixture
def explorer(narrow, place):
    """One explorer, in sight."""
    app, name = place
    found = driving.explorers(narrow).nth(DRIVEN[app].index(name))
    found.scroll_into_view_if_needed()
    return found


def stops(explorer):
    """Handles of all that the key Tab stops at."""
    found = explorer.evaluate_handle(STOPS)
    return [found.get_property(str(k)).as_element() for k in range(found.evaluate("(nodes) => nodes.length"))]


each_explorer = pytest.mark.parametrize(
    ("server", "place"), EACH, indirect=["server"], ids=["-".join(place) for _, place in EACH], scope="package"
)


@each_explorer
def test_every_control_has_a_role_a_name_and_a_value_in_words(explorer):
    for stop in stops(explorer):
        role, name = accessible(stop, explorer.page)
        assert role in ROLES, name
        assert name
        assert not any(unicodedata.category(letter) == "Co" for letter in name)  # an icon, read as a letter
    for handle in driving.live_sliders(explorer):
        readout = handle.locator("xpath=ancestor::*[contains(@class, 'widget-slider')]//*[@contenteditable]")
        assert handle.get_attribute("aria-valuetext") == readout.text_content() != ""


@each_explorer
def test_the_picture_is_an_image_that_says_its_reading(explorer):
    reading = explorer.locator("p[role=status]")
    assert accessible(explorer.locator("svg[role=img]")) == ("image", reading.get_attribute("data-text"))
    assert accessible(reading)[0] == "status"


@each_explorer
def test_tab_stops_at_every_control_in_order_and_goes_on(explorer):
    expected, keyboard = stops(explorer), explorer.page.keyboard
    inside = "(box) => box.contains(document.activeElement)"
    expected[0].focus()
    keyboard.press("Shift+Tab")
    assert not explorer.evaluate(inside)
    keyboard.press("Tab")
    for _ in range(10):  # the cell's own buttons, which appear when the focus comes near, may stand between
        if not explorer.evaluate(inside):
            keyboard.press("Tab")
    for stop in expected:
        assert stop.evaluate("(node) => node === document.activeElement"), stop.get_attribute("class")
        keyboard.press("Tab")
    assert not explorer.evaluate(inside)


@each_explorer
def test_arrows_move_and_keys_work_a_button_and_never_the_notebook(explorer):
    start, before = driving.values(explorer), cells(explorer.page)
    for handle in driving.live_sliders(explorer):
        said = handle.get_attribute("aria-valuetext")
        driving.press(handle, "ArrowLeft" if driving.value(handle) == driving.value(handle, "max") else "ArrowRight")
        wait_for(lambda h=handle, s=said: h.get_attribute("aria-valuetext") != s, 5, lambda s=said: f"still {s}")
    for menu in explorer.locator("select").all():
        if menu.is_disabled():
            continue  # by the choice before
        chosen = menu.evaluate("(menu) => menu.selectedIndex")
        driving.press(menu, "ArrowUp" if chosen else "ArrowDown")
        assert menu.evaluate("(menu) => menu.selectedIndex") != chosen
        explorer.evaluate(driving.SETTLED)
    button = explorer.get_by_role("button", name="Reset")
    for key in ("b", "Space"):  # in command mode, "b" adds a cell
        driving.press(button, key)
    wait_for(lambda: driving.values(explorer) == start, 20, lambda: f"{driving.values(explorer)} after Reset")
    explorer.evaluate(driving.SETTLED)
    assert cells(explorer.page) == before


@each_explorer
def test_it_fits_beside_the_side_panel(explorer):
    assert explorer.evaluate(MISFITS) == []


def give(page, room):
    """Make the page as wide as leaves an explorer this many pixels; what stands beside it depends on the width, too."""
    output = page.locator(".jp-OutputArea-output").first
    for _ in range(20):
        lacking = room - output.evaluate("(output) => output.clientWidth")
        if abs(lacking) <= 4:
            return
        page.set_viewport_size({**page.viewport_size, "width": page.viewport_size["width"] + lacking})
        page.wait_for_timeout(100)
    raise AssertionError(f"{lacking} pixels are lacking")


@pytest.mark.parametrize("room", [640, 390])
def test_it_fits_and_is_read_with_little_room(narrow, server, room):
    if server.app == "lab":
        narrow.evaluate("""() => document.querySelector('#jp-left-stack').checkVisibility()
            && window.jupyterapp.commands.execute('application:toggle-left-area')""")
        narrow.wait_for_function("!document.querySelector('#jp-left-stack').checkVisibility()")
    give(narrow, room)
    faults = []
    for name, explorer in zip(DRIVEN[server.app], driving.explorers(narrow).all(), strict=True):
        explorer.scroll_into_view_if_needed()
        try:
            wait_for(lambda e=explorer: e.evaluate(LETTERS) >= 10.9, 30, lambda e=explorer: str(e.evaluate(LETTERS)))
        except TimeoutError as late:
            faults.append(f"{name}: letters of {late} px")
        faults += [f"{name}: {fault}" for fault in explorer.evaluate(MISFITS)]
    assert faults == []


def test_nothing_went_wrong(narrow):
    assert console_errors(narrow) == []


@pytest.mark.parametrize("server", ["lab"], indirect=True, scope="package")
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_no_serious_fault(narrow, theme):
    """The last one, since it changes the theme of the page, which is as wide as a phone by then."""
    narrow.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    narrow.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
    found = Axe().run(narrow, context={"include": [".rnnbook-explorer"]}).response
    assert len(found["passes"]) > 10
    assert [fault["id"] for fault in found["violations"] if fault["impact"] in ("serious", "critical")] == []
