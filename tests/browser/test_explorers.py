"""Every explorer of the book on one page, in short: the picture follows its sliders. `make sweep` drives them all."""

import pytest

from tests.browser import driving
from tests.browser.driving import EXPLORERS
from tests.browser.jupyter import console_errors, wait_for


@pytest.fixture(scope="module")
def all_on_one_page(page, server, desk):
    """The page with one cell an explorer, all run."""
    driving.open_explorers(page, server, desk, EXPLORERS)
    return page


@pytest.mark.parametrize("k", range(len(EXPLORERS)), ids=EXPLORERS)
def test_the_picture_follows_key_and_mouse_and_comes_back(all_on_one_page, server, k):
    """The first slider by arrow key and by mouse; in JupyterLab the others by PageUp or PageDown too."""
    explorer = driving.explorers(all_on_one_page).nth(k)
    reading = explorer.locator("p[role=status]")
    start = reading.text_content()
    first, *others = driving.live_sliders(explorer)
    for handle in [first, *(others if server.app == "lab" else [])]:
        low = driving.value(handle) < (driving.value(handle, "min") + driving.value(handle, "max")) / 2
        keys = ("ArrowRight", "ArrowLeft") if handle is first else ("PageUp", "PageDown")
        key = keys[0] if low else keys[1]
        assert driving.follows(explorer, lambda h=handle, k=key: driving.press(h, k)), handle.get_attribute(
            "aria-label"
        )
    end = "max" if driving.value(first) < driving.value(first, "max") else "min"
    assert driving.follows(explorer, lambda: driving.drag(first, end))
    driving.reset(explorer)
    wait_for(lambda: reading.text_content() == start, 10, lambda: f"after Reset: {reading.text_content()}")


def test_nothing_went_wrong(all_on_one_page):
    assert console_errors(all_on_one_page) == []
