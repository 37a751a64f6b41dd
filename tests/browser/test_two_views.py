"""One explorer in two places of a page: dragged in either, read in both, after a restart too."""

import pytest

from tests.browser import driving
from tests.browser.jupyter import open_notebook, restart_kernel, run_all, wait_for, write_notebook
from tests.browser.test_touch import drag_by, middle, sentence

TWICE = ["from rnnbook.view.explorers import Cliff\nexplorer = Cliff()\nexplorer", "explorer"]


@pytest.fixture(scope="module")
def twice(browser, server, desk):
    """One explorer in two places of a page."""
    write_notebook(desk / "twice.ipynb", TWICE)
    page = browser[0].new_page()
    open_notebook(page, server, "twice.ipynb")
    run_all(page)
    found = driving.explorers(page)
    wait_for(lambda: found.count() == 2, 20, lambda: f"{found.count()} of 2 views")
    yield found.all()
    page.close()


def test_two_views_that_are_dragged_in_turn_agree(twice):
    one, two = twice
    assert driving.follows(two, lambda: drag_by(one.locator(".rnnbook-handle"), 40, 0))
    assert driving.follows(one, lambda: drag_by(two.locator(".rnnbook-handle"), 0, 40))
    assert sentence(one) == sentence(two)
    places = [view.locator(".rnnbook-handle").get_attribute("aria-valuetext") for view in twice]
    assert places[0] == places[1]


@pytest.mark.parametrize("narrow", [0, 1])
def test_two_views_of_different_width_are_both_read_and_dragged(twice, narrow):
    """The picture is laid out for the narrower view; in each, the handle lies on the star."""
    page = twice[0].page
    squeeze = "(box, width) => { box.closest('.jp-OutputArea-output').style.width = width }"
    twice[1 - narrow].evaluate(squeeze, "390px")
    page.wait_for_timeout(500)
    twice[narrow].evaluate(squeeze, "390px")
    page.wait_for_timeout(500)
    twice[1 - narrow].evaluate(squeeze, "")  # the last to say how wide it is, but not the narrowest
    page.wait_for_timeout(500)
    for view in twice:
        view.evaluate(driving.SETTLED)
    letters = "(svg) => 11 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width"  # of 11 points
    try:
        for view in twice:
            picture = view.locator("svg[role=img]")
            wait_for(lambda p=picture: p.evaluate(letters) >= 10.9, 20, lambda p=picture: p.evaluate(letters))
            assert view.evaluate("(box) => box.scrollWidth <= box.clientWidth + 1")
            off = view.evaluate("""(box) => {
                const middle = (node) => { const b = node.getBoundingClientRect();
                    return [b.x + b.width / 2, b.y + b.height / 2] };
                const star = [...box.querySelectorAll('[id*="-hole-"] use')].map(middle);
                const [x, y] = middle(box.querySelector('.rnnbook-handle'));
                return Math.min(...star.map(([a, b]) => Math.hypot(a - x, b - y)));
            }""")
            assert off < 2
        for one, other in (twice, twice[::-1]):
            before = sentence(other)
            assert driving.follows(other, lambda one=one: drag_by(one.locator(".rnnbook-handle"), 15, -10))
            wait_for(lambda o=other, b=before: sentence(o) != b, 20, lambda b=before: b)
            assert sentence(one) == sentence(other)
    finally:
        twice[narrow].evaluate(squeeze, "")
        page.wait_for_timeout(500)
        driving.reset(twice[0])


def test_a_kernel_that_is_restarted_in_a_drag_is_said_and_a_run_cell_drags_again(twice):
    one, page = twice[0], twice[0].page
    star = one.locator(".rnnbook-handle")
    star.scroll_into_view_if_needed()
    x, y = middle(star)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y)
    restart_kernel(page)
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.up()
    wait_for(lambda: "have lost their kernel" in sentence(one), 20, lambda: sentence(one))
    run_all(page)
    again = driving.explorers(page).first
    wait_for(lambda: "have lost" not in sentence(again), 20, lambda: sentence(again))
    assert driving.follows(again, lambda: drag_by(again.locator(".rnnbook-handle"), 40, 0))
