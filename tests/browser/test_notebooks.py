"""Every chapter as a reader meets it: run all, move every slider by key and by mouse, see the picture follow."""

import pytest

from tests.browser.jupyter import (
    PANEL,
    ROOT,
    changes,
    console_errors,
    move_by_keyboard,
    move_by_mouse,
    open_notebook,
    picture_of,
    reading_of,
    run_all,
    sliders,
    wait_for,
)

CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request, page, server, desk):
    """The page with a chapter open and all its cells run."""
    open_notebook(page, server, f"notebooks/{request.param}")
    run_all(page)
    return page


def explorers(page):
    return page.locator(f"{PANEL} .rnnbook-explorer")


def test_no_cell_fails_and_every_explorer_appears(chapter):
    assert explorers(chapter).count() == chapter.locator(f"{PANEL} p[role=status]").count()


def fresh_sliders(page):
    """Every slider that is not greyed out, its explorer reset: from elsewhere a move may rightly change nothing."""
    if not explorers(page).count():
        return
    for handle in sliders(page):
        if handle.locator("xpath=ancestor::*[@disabled]").count():
            continue
        around = handle.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' rnnbook-explorer ')]")
        around.get_by_role("button", name="Reset").click()
        page.wait_for_timeout(500)  # Reset's own picture is not to be taken for the slider's
        yield handle


def test_every_slider_moves_its_picture_by_key(chapter):
    for handle in fresh_sliders(chapter):
        at_end = float(handle.get_attribute("aria-valuenow")) >= float(handle.get_attribute("aria-valuemax"))
        key = "PageDown" if at_end else "PageUp"
        assert changes(picture_of(handle), lambda h=handle, k=key: move_by_keyboard(h, k))


def test_every_slider_moves_its_picture_by_mouse(chapter):
    for handle in fresh_sliders(chapter):
        now, low, high = (float(handle.get_attribute(f"aria-value{end}")) for end in ("now", "min", "max"))
        pixels = 40 if now < (low + high) / 2 else -40
        before = reading_of(handle).text_content()
        assert changes(picture_of(handle), lambda h=handle, p=pixels: move_by_mouse(h, p))
        wait_for(lambda h=handle, b=before: reading_of(h).text_content() != b, 10, lambda b=before: f"still: {b}")


def test_reset_brings_back_the_sentence(chapter):
    for k in range(explorers(chapter).count()):
        explorer = explorers(chapter).nth(k)
        reading = explorer.locator("p[role=status]")
        moved = reading.text_content()
        explorer.get_by_role("button", name="Reset").click()
        wait_for(lambda r=reading, m=moved: r.text_content() != m, 10, lambda: "Reset changed nothing")


def test_nothing_went_wrong(chapter):
    assert console_errors(chapter) == []
