"""One browser and one server of each kind for all tests of this folder, started when the first test asks."""

import os
import shutil

import pytest
from filelock import FileLock

from tests.browser import jupyter
from tests.browser.building import made


@pytest.fixture(scope="package")
def browser():
    """A browser context and its list of requests that tried to leave the machine."""
    # Not longer than this package: while Playwright runs, no other test could start an asyncio loop.
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    executable = jupyter.find_chromium()
    if executable is None:
        pytest.skip("no Chromium or Chrome found: install one, or name it in the environment variable CHROMIUM")
    with sync_api.sync_playwright() as playwright, jupyter.chromium(playwright, executable) as pair:
        yield pair


@pytest.fixture(scope="package")
def desk(tmp_path_factory):
    """The folder the servers serve: a copy of the book's notebooks and nothing else of it, and room for tests' own."""
    return shutil.copytree(jupyter.ROOT / "notebooks", tmp_path_factory.mktemp("desk") / "notebooks")


@pytest.fixture(scope="package", params=["lab", "notebook"])
def server(request, browser, desk):
    """JupyterLab, then Notebook 7."""
    with jupyter.jupyter_server(desk, request.param) as running:
        yield running


@pytest.fixture(scope="module")
def page(browser, server):
    """A page for all tests of a module; they go over it in order. No request of it may have left the machine."""
    context, outside = browser
    page = context.new_page()
    yield page
    jupyter.close(page)
    assert outside == []


@pytest.fixture(scope="package")
def site(tmp_path_factory):
    """The folder with the pages, made once for all workers: to record all explorers takes minutes."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, done = shared / "site" / "book", shared / "site.made"
    with FileLock(shared / "site.lock"):
        if not done.exists():
            made(folder)
            done.touch()
    return folder


def pytest_terminal_summary(terminalreporter):
    """Say how many moves the sweep made."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    moves = [value for report in reports for name, value in report.user_properties if name == "moves"]
    if moves:
        terminalreporter.write_line(f"The sweep moved controls {sum(moves)} times.")
