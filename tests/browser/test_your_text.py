"""Typing, loading and training in the explorer of one's own text, while the page stays alive.

In JupyterLab; `test_cut_off.py` loads a file and trains in Notebook 7, too.
"""

import pytest

from tests.browser.jupyter import PANEL, console_errors, open_notebook, run_all, wait_for, write_notebook

pytestmark = pytest.mark.parametrize("server", ["lab"], indirect=True, scope="package")


@pytest.fixture(scope="module")
def explorer(page, server, desk):
    """The explorer on a page."""
    write_notebook(desk / "text.ipynb", ["from rnnbook.view.explorers import YourText\nYourText()"])
    open_notebook(page, server, "text.ipynb")
    run_all(page)
    found = page.locator(f"{PANEL} .rnnbook-explorer")
    found.wait_for()
    found.locator(".rnnbook-more").click()
    return found


def says(explorer, words):
    reading = explorer.locator("p[role=status]")
    wait_for(lambda: words in reading.text_content(), 20, lambda: f"{words!r} not in {reading.text_content()!r}")


def load(explorer, file):
    with explorer.page.expect_file_chooser() as chooser:
        explorer.get_by_role("button", name="Load a text file").click()
    chooser.value.set_files(file)


def test_typed_text_is_coloured_and_read(explorer):
    box = explorer.locator("textarea")
    for text, words in (("가나다 👋 hello", "'o'"), ("", "here is 0"), ("<b>bold</b> & more", "Character 18, 'e'")):
        box.fill(text)
        says(explorer, words)
    assert explorer.locator("b").count() == 0  # shown, not obeyed


def test_a_file_that_is_no_text_is_refused_and_the_picture_stays(explorer):
    load(explorer, {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff"})
    says(explorer, "photo.jpg is not a text in UTF-8")
    load(explorer, {"name": "a.txt", "mimeType": "text/plain", "buffer": "zwölf Boxkämpfer".encode()})
    says(explorer, "Character 16, 'r'")


def test_training_shows_progress_stops_and_goes_on(explorer):
    explorer.locator("textarea").fill("it is not what it is, it is what it becomes. " * 30)
    says(explorer, "Character 1350")
    explorer.get_by_role("button", name="Train").click()
    status = explorer.locator(".rnnbook-words")
    wait_for(lambda: "s left" in status.text_content(), 20, lambda: f"no progress: {status.text_content()}")
    slider = explorer.locator(".noUi-handle")
    slider.focus()
    explorer.page.keyboard.press("Home")  # a slider answers while training runs
    says(explorer, "Character 2, 't'")
    assert "s left" in status.text_content()
    explorer.get_by_role("button", name="Stop").click()
    wait_for(lambda: "stopped after" in status.text_content(), 20, lambda: status.text_content())
    steps = int(status.text_content().split()[2])
    assert 0 < steps < 300
    explorer.get_by_role("button", name="Train").click()
    wait_for(lambda: "done after" in status.text_content(), 60, lambda: status.text_content())
    assert f"done after {steps + 300} steps" in status.text_content()


def test_nothing_went_wrong(explorer):
    assert console_errors(explorer.page) == []
