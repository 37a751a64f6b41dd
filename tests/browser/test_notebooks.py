"""Every chapter opens and runs from top to bottom, in JupyterLab or in Notebook 7 in turn, and one with solutions.

The solutions show numbers alone, which the reader's check compares; as soon as one of them shows more, it is run here.
Its kernel has settings of Matplotlib that a reader may have, and they have no say in its pictures.
"""

import re

import pytest

from tests.browser import driving, redrawing
from tests.browser.jupyter import PANEL, ROOT, console_errors, open_notebook, run_all

pytestmark = pytest.mark.sweep

SHOWN = re.compile(r'"image/|\(data:image|widget-view|explorers|"question"|!\[')  # what only a page can show


def notebooks():
    """Every chapter; of the solutions the first, and those that show more than numbers and words."""
    folder = ROOT / "notebooks"
    first, *more = sorted((folder / "solutions").glob("[0-9]*.ipynb"))
    shown = [path for path in more if SHOWN.search(path.read_text(encoding="utf-8"))]
    chosen = [*sorted(folder.glob("[0-9]*.ipynb")), first, *shown]
    return [path.relative_to(folder).as_posix() for path in chosen]


NOTEBOOKS = notebooks()
IN_TURN = [(("lab", "notebook")[k % 2], path) for k, path in enumerate(NOTEBOOKS)]
TELL = """async (code) => {
    const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
    return (await kernel.requestExecute({code, store_history: false}).done).content.status;
}"""


@pytest.mark.parametrize(("server", "path"), IN_TURN, indirect=["server"], scope="package")
def test_a_notebook_runs_and_shows_its_explorers(server, page, path):
    open_notebook(page, server, path)
    assert page.evaluate(TELL, f"import matplotlib.style; matplotlib.style.use({redrawing.ALL_AT_ONCE!r})") == "ok"
    drawn = [redrawing.images(outputs) for outputs in run_all(page, 300)]
    shown = page.locator(f"{PANEL} .rnnbook-explorer p[role=status]").count()
    assert driving.explorers(page).count() == shown
    asked = (ROOT / "notebooks" / path).read_text(encoding="utf-8").count('"question": "')  # answered by hand
    assert page.locator(f"{PANEL} p[role=status]").count() == shown + asked
    assert page.locator(f"{PANEL} [data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator(f"{PANEL} .jp-OutputPlaceholder:visible").count() == 0  # an answer opens when its cell is run
    pictures = page.locator(f"{PANEL} .jp-RenderedMarkdown img")
    assert pictures.evaluate_all("(all) => all.filter((one) => !one.naturalWidth).map((one) => one.src)") == []
    assert console_errors(page) == []
    stored = [redrawing.images(cell.outputs) for cell in redrawing.code_cells(ROOT / "notebooks" / path)]
    assert [len(some) for some in drawn] == [len(some) for some in stored]
    if drawn != stored:  # another release of Matplotlib draws other bytes: then draw both here
        assert redrawing.changed_by_settings(ROOT / "notebooks" / path) == []
