"""What readers do to a notebook: cells out of order and twice, two of a kind, a second tab, a restarted kernel.

In JupyterLab. Notebook 7 is made of the same parts; two views, a restart, a shut-down kernel and yesterday's copy are
tried there too, in `test_two_views.py` and `test_cut_off.py`.
"""

import pytest

from tests.browser import driving
from tests.browser.jupyter import PANEL, console_errors, open_notebook, restart_kernel, run_cell, save, wait_for
from tests.browser.jupyter import write_notebook as write

pytestmark = [pytest.mark.sweep, pytest.mark.parametrize("server", ["lab"], indirect=True, scope="package")]

# Two views of one explorer, and another one of the same kind.
CELLS = ["from rnnbook.view.explorers import Horizon", "first = Horizon()\nfirst", "first", "Horizon(bias=4.0)"]
FIRST, AGAIN, OTHER = range(3)
# Ids that the page has twice, and references of a picture that find nothing within that picture.
INVALID = """() => {
    const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
    const twice = ids.filter((id, k) => ids.indexOf(id) !== k);
    const lost = [...document.querySelectorAll('svg[role=img]')].flatMap((svg) => [...svg.querySelectorAll('*')]
        .flatMap((node) => [...node.attributes])
        .flatMap(({value}) => [...value.matchAll(/url\\(#(.+?)\\)|^#(.+)$/g)].map((match) => match[1] ?? match[2]))
        .filter((id) => !svg.contains(document.getElementById(id))));
    return [...twice, ...lost];
}"""
LOST = "run all cells again"


@pytest.fixture(scope="module")
def notebook(page, server, desk):
    """The page with the notebook open and nothing run."""
    write(desk / "robust.ipynb", CELLS)
    open_notebook(page, server, "robust.ipynb")
    return page


def run_in_order(page):
    """Run all cells, one after the other, and wait for the three explorers."""
    assert [kind for k in range(len(CELLS)) for kind in run_cell(page, k) if kind == "error"] == []
    appear(page)


def appear(page, count=3):
    """Wait until the explorers are on the page, and return them."""
    found = driving.explorers(page)
    wait_for(lambda: found.count() == count, 30, lambda: f"{found.count()} of {count} explorers")
    for one in found.all():
        one.locator("svg[role=img]").wait_for()
    return found


def look(page, which):
    """Where the sliders of an explorer stand and what it says; ids and their prefix left out."""
    explorer = driving.explorers(page).nth(which)
    return driving.values(explorer), explorer.locator("p[role=status]").text_content()


def moves(page, which, key="ArrowRight"):
    """Move the first slider of an explorer, and say whether the picture follows."""
    explorer = driving.explorers(page).nth(which)
    return driving.follows(explorer, lambda: driving.press(driving.live_sliders(explorer)[0], key))


def agree(page, which, other_page, other):
    """Wait until two views show the same."""
    wait_for(
        lambda: look(page, which) == look(other_page, other),
        10,
        lambda: f"{look(page, which)} and {look(other_page, other)}",
    )


def test_an_explorer_before_its_import_is_a_name_error_and_nothing_else(notebook):
    assert run_cell(notebook, 1) == ["error"]
    error = notebook.locator(f"{PANEL} [data-mime-type='application/vnd.jupyter.stderr']")
    assert "NameError: name 'Horizon' is not defined" in error.text_content()
    assert driving.explorers(notebook).count() == 0
    run_in_order(notebook)
    assert error.count() == 0
    assert moves(notebook, FIRST)


def test_two_of_a_kind_move_apart_from_each_other(notebook):
    for moved, still in ((FIRST, OTHER), (OTHER, FIRST)):
        before = look(notebook, still)
        assert moves(notebook, moved)
        assert look(notebook, still) == before


def test_two_views_follow_each_other(notebook):
    for moved, following in ((FIRST, AGAIN), (AGAIN, FIRST)):
        assert moves(notebook, moved)
        agree(notebook, moved, notebook, following)
    assert notebook.evaluate(INVALID) == []


def test_a_cell_run_twice_shows_one_new_explorer(notebook):
    assert moves(notebook, OTHER)
    before, first = look(notebook, OTHER), look(notebook, FIRST)
    assert run_cell(notebook, 3) == ["execute_result"]
    appear(notebook)
    wait_for(lambda: look(notebook, OTHER) != before, 10, lambda: "the old explorer is still there")
    assert look(notebook, FIRST) == first
    assert moves(notebook, OTHER)
    assert moves(notebook, FIRST)
    assert notebook.evaluate(INVALID) == []


def test_the_same_notebook_in_two_tabs(notebook, server):
    save(notebook)
    tab = notebook.context.new_page()
    open_notebook(tab, server, "robust.ipynb")
    appear(tab)
    for page, other_page in ((tab, notebook), (notebook, tab)):  # one kernel: what is shown twice moves twice
        assert moves(page, FIRST)
        agree(page, FIRST, other_page, FIRST)
    assert run_cell(tab, 3) == ["execute_result"]  # now the tabs show two explorers there
    appear(tab)
    agree(tab, FIRST, notebook, FIRST)
    for page, other_page in ((tab, notebook), (notebook, tab)):
        before = look(other_page, OTHER)
        assert moves(page, OTHER)
        assert look(other_page, OTHER) == before
    assert tab.evaluate(INVALID) == notebook.evaluate(INVALID) == []
    assert console_errors(tab) == []
    tab.close()


def test_after_a_restart_the_picture_stays_and_says_what_to_do(notebook):
    explorer = driving.explorers(notebook).nth(FIRST)
    picture, reading = explorer.locator("svg[role=img]"), explorer.locator("p[role=status]")
    drawn, said = picture.evaluate("(svg) => svg.outerHTML"), reading.text_content()
    restart_kernel(notebook)
    wait_for(lambda: LOST in reading.text_content(), 20, reading.text_content)
    driving.press(driving.live_sliders(explorer)[0], "Home")  # it moves, and nobody listens
    explorer.evaluate(driving.SETTLED)
    assert picture.evaluate("(svg) => svg.outerHTML") == drawn
    assert reading.text_content().startswith(said)
    assert picture.get_attribute("aria-label") == said
    assert driving.explorers(notebook).count() == 3
    assert notebook.evaluate(INVALID) == []


def test_after_a_restart_the_cells_work_when_run_again(notebook):
    run_in_order(notebook)
    for which in (FIRST, AGAIN, OTHER):
        wait_for(lambda k=which: LOST not in look(notebook, k)[1], 10, lambda k=which: look(notebook, k)[1])
        assert moves(notebook, which)
    assert notebook.evaluate(INVALID) == []


def test_nothing_went_wrong(notebook):
    assert console_errors(notebook) == []
