"""A chapter in JupyterLab as `make lab` starts it: opened and saved, its bytes stay; run, its outputs alone change."""

import json
import shlex

import nbformat
import pytest

import tasks
from tests.browser.jupyter import ROOT, console_errors, open_notebook, run_cell, wait_for
from tools import serving

NAME = "04_vanishing_gradients.ipynb"
DIRTY = "window.jupyterapp.shell.currentWidget.context.model.dirty"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A copy of the chapter, as if another Python had stored it, and a folder to serve."""
    file = tmp_path_factory.mktemp("saving") / NAME
    nb = json.loads((ROOT / "notebooks" / NAME).read_text(encoding="utf-8"))
    nb["metadata"]["language_info"]["version"] = "3.12.1"
    file.write_bytes((nbformat.writes(nbformat.from_dict(nb)) + "\n").encode())
    return file


@pytest.fixture(scope="module")
def lab(browser, file):
    """JupyterLab with the hook of `make lab`, and the chapter open."""
    [line] = tasks.COMMANDS["lab"].lines
    [hook] = [word for word in shlex.split(line) if "pre_save_hook" in word]
    context, outside = browser
    arguments = [hook, "--LabApp.expose_app_in_browser=True"]
    with serving.jupyter_server(file.parent, "lab", arguments=arguments) as server:
        page = context.new_page()
        open_notebook(page, server, NAME)
        yield page
        page.close()
    assert outside == []


def press_save(page):
    """Press Ctrl+S, and wait until the notebook, which differs from its file, is saved."""
    wait_for(lambda: page.evaluate(DIRTY), 20, lambda: "there is nothing to save")
    page.keyboard.press("Control+s")
    wait_for(lambda: not page.evaluate(DIRTY), 20, lambda: "the notebook is not saved")


def test_a_chapter_that_is_opened_and_saved_keeps_its_bytes(lab, file):
    before = file.read_bytes()
    written = file.stat().st_mtime_ns
    press_save(lab)
    assert file.stat().st_mtime_ns != written
    is_kept = file.read_bytes() == before  # not within the assert, which would look for the difference for minutes
    assert is_kept, "see what the file has become"


def test_a_cell_that_is_run_changes_its_outputs_alone(lab, file):
    before = json.loads(file.read_bytes())
    code = [k for k, cell in enumerate(before["cells"]) if cell["cell_type"] == "code"]
    shown = next(k for k in code if "widget-view" in str(before["cells"][k]["outputs"]))
    closed = next(k for k in code if before["cells"][k]["metadata"].get("jupyter", {}).get("outputs_hidden"))
    ran = [k for k in code if k <= max(shown, closed)]
    assert [kind for k in ran for kind in run_cell(lab, k) if kind == "error"] == []
    press_save(lab)
    after = json.loads(file.read_bytes())
    changed = [k for k, pair in enumerate(zip(before["cells"], after["cells"], strict=True)) if pair[0] != pair[1]]
    assert shown in changed  # the id of its widget
    assert set(changed) <= set(ran)
    assert [without_results(cell) for cell in after["cells"]] == [without_results(cell) for cell in before["cells"]]
    assert {**after, "cells": None} == {**before, "cells": None}
    assert console_errors(lab) == []


def without_results(cell):
    """A cell of the file without what a run changes."""
    return {key: value for key, value in cell.items() if key not in ("outputs", "execution_count")}
