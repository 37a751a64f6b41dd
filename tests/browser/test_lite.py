"""The edition that runs in the browser: it is built, opens a chapter from a sub-path, and asks Pyodide's address alone.

The last test runs a chapter. It needs Pyodide's distribution: a folder that RNNBOOK_PYODIDE names, or its address, and
is skipped where that does not answer; with RNNBOOK_PYODIDE=address it then fails.
"""

import json
import os
import re
import shutil
import threading
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

import pytest

import rnnbook
from tests.browser import driving, jupyter
from tests.browser.jupyter import PANEL
from tools import copies, lite
from tools.offline import text

pytestmark = pytest.mark.sweep

ABSENT = "jupyterlite is not installed; make lite installs it"
pytest.importorskip("jupyterlite_core", reason=ABSENT)
constants = pytest.importorskip("jupyterlite_pyodide_kernel.constants", reason=ABSENT)

CHAPTER = "04_vanishing_gradients"


class Quiet(SimpleHTTPRequestHandler):
    """A plain server of files, with the types that browsers ask of modules, and no lines about requests."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_):
        """Say nothing."""


@dataclass
class Pages:
    """The pages as a server of files gives them, below a sub-path."""

    folder: Path
    address: str

    def url(self, path):
        """Return where a notebook is run."""
        return self.address + lite.address(path.removesuffix(".ipynb"))


def pyodide():
    """Return the folder with Pyodide's distribution, "" where its address answers, or skip."""
    told = os.environ.get("RNNBOOK_PYODIDE", "")
    if told not in ("", "address"):
        return told
    try:
        with urlopen(constants.PYODIDE_LOCK_DEFAULT_URL, timeout=20) as answer:
            answer.read(1)
    except OSError:
        if told:
            raise
        pytest.skip("Pyodide's distribution is not reachable")
    return ""


def expose(edition):
    """Let an edition's pages show their application, so that a test can ask which cells have run."""
    config = edition / "jupyter-lite.json"
    told = json.loads(config.read_text(encoding="utf-8"))
    told["jupyter-config-data"]["exposeAppInBrowser"] = True
    config.write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The edition within the folder of pages, two folders below the server's root."""
    root = tmp_path_factory.mktemp("root")
    pages = root / "some" / "book"
    lite.build(pages / "lite")
    expose(pages / "lite")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Pages(pages, f"http://127.0.0.1:{server.server_port}/some/book/")
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser):
    """A page in a context of its own: what a reader of JupyterLite changes stays in the browser."""
    context, outside = browser
    outside.clear()
    page = context.new_page()
    yield page
    page.close()
    asked = set(outside)
    outside.clear()
    assert {address for address in asked if not address.startswith(constants.PYODIDE_CDN_URL)} == set()


def test_everything_that_the_kernel_installs_is_served(served):
    index = json.loads((served.folder / "lite" / "pypi" / "all.json").read_text(encoding="utf-8"))
    assert {f"{name}=={version}" for name, found in index.items() for version in found["releases"]} == {
        *lite.pinned(),
        f"rnnbook=={rnnbook.__version__}",
    }
    told = json.loads((served.folder / "lite" / "jupyter-lite.json").read_text(encoding="utf-8"))
    config = told["jupyter-config-data"]
    kernel = config["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]
    assert kernel["disablePyPIFallback"] is True
    assert all(address.startswith("./") for address in kernel["pipliteUrls"])
    assert {half["name"] for half in config["federated_extensions"]} == {
        "@jupyter-widgets/jupyterlab-manager",
        "@jupyterlite/pyodide-kernel-extension",
        "anywidget",
    }


def test_every_notebook_is_there_behind_the_cell_that_installs(served):
    for path in copies.chapters_and_solutions():
        first, *rest = copies.read(served.folder / "lite" / "files" / path)["cells"]
        assert first["source"] == lite.INSTALL
        assert rest == copies.read(copies.BOOK / path)["cells"]


@pytest.mark.parametrize("stem", [CHAPTER, f"solutions/{CHAPTER}"])
def test_a_notebook_opens_with_its_prose_formulas_and_pictures(served, page, stem):
    page.goto(served.url(stem))
    title = text(copies.read(copies.BOOK / f"{stem}.ipynb")["cells"][0]["source"]).splitlines()[0].removeprefix("# ")
    # The lab opens again what was open before, and then what it was asked for.
    page.locator(f"{PANEL} h1", has_text=re.compile(f"^{re.escape(title)}")).wait_for(timeout=60_000)
    if stem == CHAPTER:
        page.locator(f"{PANEL} mjx-container").first.wait_for(timeout=60_000)
        drawn = page.locator(f"{PANEL} .jp-RenderedMarkdown img")
        assert drawn.count() > 0
        for picture in drawn.all():
            jupyter.wait_for(lambda one=picture: one.evaluate("(image) => image.naturalWidth") > 100, 20, str)


def test_an_edition_is_replaced_and_another_folder_is_not(served, tmp_path):
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(SystemExit, match="holds something else"):
        lite.build(tmp_path)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "kept"
    again = shutil.copytree(served.folder / "lite", tmp_path / "again")
    (again / "left.txt").touch()
    lite.build(again)
    assert not (again / "left.txt").exists()
    assert (again / "lab" / "index.html").is_file()


def test_a_chapter_runs_and_its_explorer_follows_the_hand(served, browser):
    distribution = pyodide()
    context, _ = browser
    if distribution:  # as a school serves everything itself
        lite.build(served.folder / "school" / "lite", Path(distribution))
        expose(served.folder / "school" / "lite")
        served = Pages(served.folder / "school", f"{served.address}school/")
    else:
        context.route(f"{constants.PYODIDE_CDN_URL}/**", lambda route: route.continue_())
    page = context.new_page()
    try:
        jupyter.open_notebook(page, served, f"{CHAPTER}.ipynb", seconds=300)
        jupyter.run_all(page, 1200)
        explorer = driving.explorers(page).first
        sentence = explorer.locator("p[role=status]")
        before = sentence.text_content()
        driving.press(driving.live_sliders(explorer)[0], "End")
        jupyter.wait_for(lambda: sentence.text_content() != before, 60, sentence.text_content)
    finally:
        page.close()
        if not distribution:
            context.unroute(f"{constants.PYODIDE_CDN_URL}/**")
