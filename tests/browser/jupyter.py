"""JupyterLab and Notebook 7 in a real browser: start, open, run, move sliders, look.

Used by the tests in this folder and by `benchmarks/latency.py`. Everything happens on this machine: requests to
anywhere else are aborted and written down.
"""

import contextlib
import os
import re
import shutil
import time
from pathlib import Path

import nbformat

from tools import serving

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
HERE = re.compile(r"^(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|^(data|blob|about|file):")

# The notebook that is in front, in JupyterLab as in Notebook 7.
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
PICTURE = "svg[role=img]"


# By these, `open_notebook` and `run_all` know what is ready.
EXPOSED = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}


def jupyter_server(root, app="lab"):
    """Run a Jupyter server over a folder, whose pages show their application to a test; used in a `with`."""
    return serving.jupyter_server(root, app, arguments=[f"--{EXPOSED[app]}.expose_app_in_browser=True"])


def find_chromium():
    """Return the path of a Chromium or Chrome, or None. The environment variable CHROMIUM has the first word."""
    names = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else BROWSERS
    return next(filter(None, map(shutil.which, names)), None)


@contextlib.contextmanager
def chromium(playwright, executable, *arguments, **options):
    """Run a headless Chromium that reaches this machine alone.

    Parameters
    ----------
    playwright : playwright.sync_api.Playwright
        From `sync_playwright()`.
    executable : str
        The browser, from `find_chromium`.
    *arguments : str
        Of its command line, besides those that every test wants.
    **options
        For `Browser.new_context`, as `color_scheme="dark"`.

    Yields
    ------
    context : playwright.sync_api.BrowserContext
        Makes pages.
    outside : list of str
        Fills with the address of every request that would have left the machine.
    """
    flags = [
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        *arguments,
    ]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        flags.append("--no-sandbox")  # Chromium's sandbox does not start as root, as in a container
    browser = playwright.chromium.launch(executable_path=executable, headless=True, args=flags)
    outside = []

    def stop(route):
        outside.append(route.request.url)
        route.abort()

    try:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 1000}, **options})
        context.route(lambda url: not HERE.match(url), stop)
        yield context, outside
    finally:
        browser.close()


def wait_for(ready, seconds, complaint):
    """Call `ready` until it returns something true, and return that; raise TimeoutError(complaint())."""
    end = time.monotonic() + seconds
    while not (answer := ready()):
        if time.monotonic() > end:
            raise TimeoutError(complaint())
        time.sleep(0.05)
    return answer


def write_notebook(file, sources):
    """Write a notebook of code cells, given by their sources."""
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{k}") for k, source in enumerate(sources)]
    # Without a kernel's name, Jupyter asks for one.
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), file)


def open_notebook(page, server, path, seconds=60):
    """Open a notebook (path below the server's root) and wait until its kernel listens.

    The status that the page shows says idle before the kernel is connected, and what is run then is silently
    lost: so ask the session itself.
    """
    page.goto(server.url(path))
    page.wait_for_selector(f"{PANEL} .jp-Notebook .jp-Cell", timeout=1000 * seconds)
    page.wait_for_function(
        """() => {
        const session = window.jupyterapp?.shell.currentWidget?.sessionContext, kernel = session?.session?.kernel;
        return session?.isReady && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
    }""",
        timeout=1000 * seconds,
    )
    # What Jupyter itself says while it starts is not ours (Notebook 7.6 loads its shortcuts in the wrong order).
    page.clear_console_messages()
    page.clear_page_errors()


def run_all(page, seconds=120):
    """Run all cells, wait for the last one, and return the outputs of each code cell that is not empty.

    Raises
    ------
    AssertionError
        When a cell's output is an error.
    TimeoutError
        When the cells take longer.
    """
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    return wait_for(lambda: _executed(page), seconds, lambda: f"cells still running after {seconds} s")


def _executed(page):
    # From the notebook's model, not the page: it has all cells whether they are in sight or not.
    cells = page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.widgets
        .filter((cell) => cell.model.type === 'code' && cell.model.sharedModel.source.trim())
        .map(({model}) => ({done: model.executionCount !== null && model.executionState !== 'running',
                            outputs: model.outputs.toJSON()}))""")
    for output in (output for cell in cells for output in cell["outputs"]):
        # Jupyter does not run the cells after an error, so do not wait for them.
        assert output["output_type"] != "error", f"{output['ename']}: {output['evalue']}"
    idle = page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status") == "idle"
    return idle and all(cell["done"] for cell in cells) and [cell["outputs"] for cell in cells]


def run_cell(page, k):
    """Run one cell, wait for its end, and return the kinds of its outputs: "error", "execute_result", ..."""
    return page.evaluate(
        """async (k) => {
        const notebook = window.jupyterapp.shell.currentWidget.content;
        notebook.activeCellIndex = k;
        await window.jupyterapp.commands.execute('notebook:run-cell');
        return notebook.widgets[k].model.outputs.toJSON().map((output) => output.output_type);
    }""",
        k,
    )


def restart_kernel(page):
    """Restart the kernel of the notebook in front and wait until it listens again."""
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.wait_for_function("""() => {
        const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
        return kernel.connectionStatus === 'connected' && kernel.status === 'idle';
    }""")


def save(page, seconds=20):
    """Save the notebook in front."""
    page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:save') }")
    dirty = "window.jupyterapp.shell.currentWidget.context.model.dirty"
    wait_for(lambda: not page.evaluate(dirty), seconds, lambda: "the notebook is not saved")


def cells(page):
    """Return how many cells the notebook in front has."""
    return page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length")


def accessible(element, page=None):
    """Return role and name of an element as Chromium tells them to a screen reader; of a handle, name its page."""
    page = page or element.page
    devtools = page.context.new_cdp_session(page)
    try:
        element.evaluate("(node) => { window.asked = node }")
        asked = devtools.send("Runtime.evaluate", {"expression": "window.asked"})["result"]["objectId"]
        tree = devtools.send("Accessibility.getPartialAXTree", {"objectId": asked, "fetchRelatives": False})
    finally:
        devtools.detach()
    return tuple(tree["nodes"][0].get(key, {}).get("value") for key in ("role", "name"))


def console_errors(page):
    """Return what went wrong since the notebook was opened: errors in the console and uncaught exceptions."""
    errors = [message.text for message in page.console_messages() if message.type == "error"]
    return errors + [f"{error}\n{error.stack}" for error in page.page_errors()]


def close(page):
    """End the page's kernels and close it."""
    page.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    page.close()
