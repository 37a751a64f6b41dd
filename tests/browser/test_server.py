"""README's other way to open the book: `jupyter lab` on a notebook, whose folder is then all that is served."""

import pytest

from tests.browser.jupyter import PANEL, ROOT, console_errors, jupyter_server, open_notebook, wait_for

pytestmark = pytest.mark.sweep


def test_pictures_show_where_the_notebooks_folder_is_all_that_is_served(browser):
    with jupyter_server(ROOT / "notebooks", "lab") as server:
        page = browser[0].new_page()
        open_notebook(page, server, "04_vanishing_gradients.ipynb")
        pictures = page.locator(f"{PANEL} .jp-RenderedMarkdown img")
        wait_for(lambda: pictures.count(), 10, lambda: "the chapter shows no picture")
        assert pictures.evaluate_all("(all) => all.every((one) => one.naturalWidth > 0)")
        assert console_errors(page) == []
        page.close()
