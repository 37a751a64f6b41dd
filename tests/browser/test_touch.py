"""What a hand can do to a picture: drag it, read it, see where it was, play it; by keyboard too, dark and narrow.

In JupyterLab. In Notebook 7, where an explorer is the same code, hands and keys are tried in `test_two_views.py`,
`test_live_widget.py` and `test_explorers.py`.
"""

import re

import pytest

from tests.browser import driving
from tests.browser.jupyter import accessible, console_errors, wait_for

pytestmark = pytest.mark.parametrize("server", ["lab"], indirect=True, scope="package")
NAMES = ["GradientFlow", "Cliff", "YourText", "DepthFlow", "WhoSeesWhom", "Recite"]


@pytest.fixture(scope="module")
def shown(page, server, desk):
    """The explorers by name, all their controls in sight."""
    driving.open_explorers(page, server, desk, NAMES)
    return dict(zip(NAMES, driving.explorers(page).all(), strict=True))


def sentence(explorer):
    return explorer.locator("p[role=status]").text_content()


def shown_value(explorer, label):
    return float(
        explorer.locator(f".noUi-handle[aria-label='{label}']").get_attribute("aria-valuetext").replace("−", "-")
    )


def middle(element):
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag_by(element, dx, dy, steps=8):
    element.scroll_into_view_if_needed()
    x, y = middle(element)
    mouse = element.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + dx, y + dy, steps=steps)
    mouse.up()


@pytest.mark.parametrize("name", NAMES[:2])
def test_every_handle_follows_the_hand_and_the_keys(shown, name):
    moves, faults = driving.drive_handles(shown[name])
    assert moves >= 4
    assert faults == []


def test_a_drag_of_60_moves_ends_where_the_hand_let_go(shown):
    cliff = shown["Cliff"]
    driving.reset(cliff)
    star = cliff.locator(".rnnbook-handle")
    before = middle(star)
    assert driving.follows(cliff, lambda: drag_by(star, 60, -45, steps=60))
    after = middle(star)
    assert after[0] - before[0] == pytest.approx(60, abs=4)  # the sliders have steps
    assert after[1] - before[1] == pytest.approx(-45, abs=4)


def test_a_drag_out_of_the_axes_stays_at_their_border(shown):
    cliff = shown["Cliff"]
    driving.reset(cliff)
    assert driving.follows(cliff, lambda: drag_by(cliff.locator(".rnnbook-handle"), -2000, 0))
    assert shown_value(cliff, "Start w") == 3.0
    assert driving.comes_back(cliff, sentence(cliff)) != []  # it had moved
    assert shown_value(cliff, "Start w") == 5.0


def test_a_handle_has_a_name_and_says_where_it_stands(shown):
    cliff = shown["Cliff"]
    driving.reset(cliff)
    star = cliff.locator(".rnnbook-handle")
    assert accessible(star) == ("slider", "start of the walk")
    assert star.get_attribute("aria-valuetext") == "w = 5.00, b = -2.30"
    assert driving.follows(cliff, lambda: driving.press(star, "ArrowRight"))
    assert star.get_attribute("aria-valuetext") == "w = 5.05, b = -2.30"


@pytest.mark.parametrize("hand", ["pointer", "keys"])
def test_values_are_read_without_the_kernel(shown, hand):
    flow = shown["GradientFlow"]
    driving.reset(flow)
    probe = flow.locator(".rnnbook-probe")
    flow.page.evaluate("""() => { window.asked = 0; window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
        .anyMessage.connect((_, {direction}) => { window.asked += direction === 'send' }) }""")
    if hand == "pointer":
        probe.scroll_into_view_if_needed()
        flow.page.mouse.move(*middle(probe))
    else:
        driving.press(probe, "End")
        for _ in range(3):
            flow.page.keyboard.press("PageDown")
    words = probe.locator(".rnnbook-values")
    wait_for(words.is_visible, 5, lambda: "no values are shown")
    found = dict(re.findall(r"^(\S+) (?:= )?(\S+)$", words.text_content(), re.M))
    if hand == "keys":
        assert found["t"] == "70"
        assert float(found["RNN"]) == pytest.approx(0.868**30, rel=0.2)
    assert float(found["theory"]) == pytest.approx(0.868 ** (100 - int(found["t"])), rel=0.1)
    assert flow.page.evaluate("window.asked") == 0
    flow.page.mouse.move(0, 0)
    probe.evaluate("(node) => node.blur()")


def test_a_move_leaves_a_ghost_and_reset_sends_it_away(shown):
    flow = shown["GradientFlow"]
    driving.reset(flow)
    ghosts = flow.locator(".rnnbook-ghost")
    assert ghosts.count() == 0
    flow.page.wait_for_timeout(800)
    assert driving.follows(flow, lambda: driving.press(flow.locator(".noUi-handle").first, "PageUp"))
    assert ghosts.count() == 2  # of the curve, and of the theory
    driving.reset(flow)
    assert ghosts.count() == 0


def test_a_letter_is_chosen_by_a_click_and_by_keys(shown):
    text = shown["YourText"]
    driving.reset(text)
    page = text.locator(".rnnbook-text")
    text.locator("textarea").fill("né 👋 가나다 xyz")
    wait_for(lambda: "'z'" in sentence(text), 20, lambda: sentence(text))
    driving.press(page, "Home")
    wait_for(lambda: "Character 2, 'é'" in sentence(text), 20, lambda: sentence(text))
    place = page.evaluate("""(box) => {
        const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), range = document.createRange();
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            const k = node.textContent.indexOf('나');
            if (k < 0) continue;
            range.setStart(node, k); range.setEnd(node, k + 1);
            const found = range.getBoundingClientRect();
            return [found.x + found.width / 2, found.y + found.height / 2];
        }
    }""")
    text.page.mouse.click(*place)
    wait_for(lambda: "Character 7, '나'" in sentence(text), 20, lambda: sentence(text))
    driving.press(page, "ArrowRight")
    wait_for(lambda: "Character 8, '다'" in sentence(text), 20, lambda: sentence(text))


def test_the_walk_plays_and_stops_at_a_touch(shown):
    cliff = shown["Cliff"]
    driving.reset(cliff)
    steps = cliff.locator(".noUi-handle[aria-label='Steps walked']")
    driving.press(steps, "Home")
    wait_for(lambda: driving.value(steps) == 0, 5, lambda: "the walk is not at its start")
    cliff.evaluate(driving.SETTLED)
    cliff.page.evaluate("""() => { window.told = 0; window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
        .anyMessage.connect((_, {direction}) => { window.told += direction === 'send' }) }""")
    cliff.get_by_role("button", name="Play").click()
    wait_for(lambda: driving.value(steps) >= 2, 10, lambda: "nothing plays")
    assert cliff.page.evaluate("window.told") <= driving.value(steps)  # one message a step, or fewer
    cliff.locator(".rnnbook-picture").click(position={"x": 5, "y": 5})
    cliff.get_by_role("button", name="Play").wait_for()
    stopped = driving.value(steps)
    cliff.page.wait_for_timeout(900)
    assert driving.value(steps) == stopped < 40
    driving.reset(cliff)


def test_a_slider_that_is_greyed_out_is_not_played(shown):
    recite = shown["Recite"]
    play = recite.get_by_role("button", name="Play")
    assert play.is_enabled()
    recite.get_by_label("Cell").select_option("LSTM")  # of which no training is stored
    wait_for(play.is_disabled, 20, lambda: "Play can be pressed beside a slider that is greyed out")
    driving.reset(recite)
    wait_for(play.is_enabled, 20, lambda: "Play stays greyed out")


def test_nothing_plays_for_those_who_ask_for_less_motion(shown):
    cliff = shown["Cliff"]
    cliff.page.emulate_media(reduced_motion="reduce")
    assert not cliff.get_by_role("button", name="Play").is_visible()
    cliff.page.emulate_media(reduced_motion="no-preference")
    assert cliff.get_by_role("button", name="Play").is_visible()


def test_what_is_out_of_sight_and_moved_is_named(shown):
    flow = shown["GradientFlow"]
    more = flow.locator(".rnnbook-more")
    driving.reset(flow)
    assert more.text_content().strip() == "More"
    assert more.get_attribute("aria-expanded") == "true"
    assert driving.follows(flow, lambda: driving.press(flow.locator(".noUi-handle[aria-label='Seed']"), "PageUp"))
    assert more.text_content().strip() == "More: Seed"
    driving.reset(flow)
    assert more.text_content().strip() == "More"


@pytest.mark.parametrize("width", [1280, 768, 640, 390])
def test_letters_are_large_enough_at_every_width(shown, width):
    page = shown["Cliff"].page
    page.set_viewport_size({"width": width, "height": 1000})
    for name, explorer in shown.items():
        picture = explorer.locator("svg[role=img]")

        def size(picture=picture):  # of an 11-point letter, in CSS pixels
            return picture.evaluate("(svg) => 11 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")

        if explorer.bounding_box()["width"] > 200:  # JupyterLab's side bars leave no more on a narrow window
            wait_for(lambda s=size: s() >= 10.9, 10, lambda s=size, n=name: f"{n}: letters of {s():.1f} px")
            assert explorer.evaluate("(box) => box.scrollWidth <= box.clientWidth + 1"), name
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.wait_for_timeout(500)  # until the pages' new widths are told
    for explorer in shown.values():
        explorer.evaluate(driving.SETTLED)


def test_a_dark_page_has_dark_pictures(shown):
    page = shown["Cliff"].page
    page.evaluate("() => { document.body.dataset.jpThemeLight = 'false' }")
    for explorer in shown.values():
        paper, ink = explorer.evaluate("""(box) => {
            const picture = box.querySelector('.rnnbook-picture');
            return [getComputedStyle(picture).backgroundColor, getComputedStyle(picture.querySelector('svg')).fill];
        }""")
        assert paper == "rgb(17, 17, 17)"
        assert ink == "rgb(242, 242, 242)"
    page.emulate_media(media="print")
    assert shown["Cliff"].locator(".rnnbook-picture").evaluate("(p) => getComputedStyle(p).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    page.emulate_media(media="screen")
    page.evaluate("() => { document.body.dataset.jpThemeLight = 'true' }")


def test_a_finger_drags_the_star(shown):
    cliff = shown["Cliff"]
    driving.reset(cliff)
    star = cliff.locator(".rnnbook-handle")
    star.scroll_into_view_if_needed()
    devtools, (x, y) = cliff.page.context.new_cdp_session(cliff.page), middle(star)

    def finger(kind, *at):
        points = [{"x": at[0], "y": at[1]}] if at else []
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def stroke():
        finger("touchStart", x, y)
        for k in range(1, 9):
            finger("touchMove", x + 6 * k, y)
        finger("touchEnd")

    assert driving.follows(cliff, stroke)
    assert middle(star)[0] - x == pytest.approx(48, abs=4)
    devtools.detach()


def test_nothing_went_wrong(shown, browser):
    assert console_errors(shown["Cliff"].page) == []
    assert browser[1] == []
