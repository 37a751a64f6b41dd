"""What a reader meets at the edges: a kernel that is gone, yesterday's copy, a huge file, a button that would jump."""

import pytest

from tests.browser import driving
from tests.browser.jupyter import PANEL, console_errors, open_notebook, run_all, save, wait_for, write_notebook

LOST = "run all cells again"
SHUT_DOWN = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
CELL = "from rnnbook.view.explorers import Horizon, YourText\nHorizon()"


def reading_of(explorer):
    return explorer.locator("p[role=status]")


@pytest.fixture(scope="module")
def horizon(page, server, desk):
    """An explorer on a page of its own."""
    write_notebook(desk / "cut_off.ipynb", [CELL, "YourText(text='hello hello hello')"])
    open_notebook(page, server, "cut_off.ipynb")
    run_all(page)
    found = driving.explorers(page)
    wait_for(lambda: found.count() == 2, 20, lambda: f"{found.count()} of 2 explorers")
    return found.first


def test_no_label_says_null(horizon):
    assert horizon.page.locator(f"{PANEL} [title=null]").count() == 0
    assert horizon.locator(".widget-label[title]").count() > 0


def test_buttons_stay_where_they_are_when_training_starts(horizon):
    explorer = driving.explorers(horizon.page).nth(1)
    train, stop = (explorer.get_by_role("button", name=name) for name in ("Train", "Stop"))
    seen = [(train.bounding_box(), explorer.locator("svg[role=img]").bounding_box())]
    train.click()
    status = explorer.locator(".rnnbook-words")
    wait_for(lambda: "s left" in status.text_content(), 20, status.text_content)
    seen.append((train.bounding_box(), explorer.locator("svg[role=img]").bounding_box()))
    stop.click()
    wait_for(lambda: "after" in status.text_content(), 20, status.text_content)
    seen.append((train.bounding_box(), explorer.locator("svg[role=img]").bounding_box()))
    assert seen[0] == seen[1] == seen[2]


def test_a_file_of_100_mb_is_refused_in_words(horizon, tmp_path):
    large = tmp_path / "large.txt"
    large.write_bytes(b"hello\n" * (100_000_000 // 6))
    explorer = driving.explorers(horizon.page).nth(1)
    explorer.locator(".rnnbook-more").click()
    before = explorer.locator("textarea").input_value()
    with horizon.page.expect_file_chooser() as chooser:
        explorer.get_by_role("button", name="Load a text file").click()
    chooser.value.set_files(large)
    says = reading_of(explorer)
    wait_for(lambda: "large.txt has more than 10,000,000 bytes" in says.text_content(), 30, says.text_content)
    assert explorer.locator("textarea").input_value() == before
    assert driving.follows(horizon, lambda: driving.press(driving.live_sliders(horizon)[0], "ArrowRight"))


def test_after_shut_down_a_moved_slider_says_that_nobody_listens(horizon):
    said = reading_of(horizon).text_content()
    assert LOST not in said
    save(horizon.page)
    horizon.page.evaluate(SHUT_DOWN)
    driving.live_sliders(horizon)[0].focus()
    horizon.page.keyboard.press("ArrowRight")
    wait_for(lambda: LOST in reading_of(horizon).text_content(), 10, reading_of(horizon).text_content)
    assert reading_of(horizon).text_content().startswith(said)


def test_yesterdays_copy_says_what_the_book_says_it_does(horizon, server):
    """Chapter 00 quotes these words."""
    page = horizon.page
    open_notebook(page, server, "cut_off.ipynb")
    found = page.locator(f"{PANEL} .jp-OutputArea-output", has_text="model not found")
    found.first.wait_for()
    assert "Error displaying widget: model not found" in found.first.text_content()
    run_all(page)
    wait_for(lambda: driving.explorers(page).count() == 2, 20, lambda: "no explorers after running again")
    assert found.count() == 0


def test_nothing_went_wrong(horizon):
    assert [error for error in console_errors(horizon.page) if "not found" not in error] == []
