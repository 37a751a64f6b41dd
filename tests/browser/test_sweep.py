"""The whole book as a reader meets it: every notebook, every control to both ends, in JupyterLab and Notebook 7."""

import pytest

from tests.browser import driving
from tests.browser.jupyter import PANEL, ROOT, console_errors, open_notebook, run_all, wait_for

pytestmark = pytest.mark.sweep

NOTEBOOKS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").rglob("[0-9]*.ipynb"))
# Choices that may leave the picture as it is, with the reason.
SAME = {
    "Slider sets": "the orthogonal start at gain 1 has spectral radius 1",
    "Train the": "it says what the Train button will train",
}


@pytest.fixture(scope="module", params=NOTEBOOKS)
def chapter(request, page, server):
    """The page with a notebook open and all its cells run."""
    open_notebook(page, server, request.param)
    run_all(page, 300)
    return page


def test_no_cell_fails_and_every_explorer_appears(chapter):
    assert driving.explorers(chapter).count() == chapter.locator(f"{PANEL} p[role=status]").count()
    assert chapter.locator(f"{PANEL} [data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_the_picture_follows_every_control_to_both_ends_and_comes_back(chapter, record_property):
    for explorer in driving.explorers(chapter).all():
        reading = explorer.locator("p[role=status]")
        start = reading.text_content()
        for drive in driving.drive_sliders, driving.drive_options:
            moves, faults = drive(explorer)
            record_property("moves", moves)
            assert [fault for fault in faults if fault.split(":")[0] not in SAME] == []
        driving.reset(explorer)
        wait_for(lambda r=reading, s=start: r.text_content() == s, 10, lambda r=reading: r.text_content())


def test_nothing_went_wrong(chapter):
    assert console_errors(chapter) == []
