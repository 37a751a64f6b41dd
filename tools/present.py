"""Present one chapter as slides, with live widgets and code that runs: `make present CH=04`.

    python tools/present.py 04

Opens JupyterLab on a copy of the book, so that what is typed during a talk leaves the book as it is. The first
slide stands at once, while all cells are run behind it. Nothing is fetched from any network.

Arguments that this command does not know go to `jupyter lab`.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).resolve().parents[1]
DECK = Path(__file__).parent / "deck"
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # A cell out of sight keeps its widgets, the last one stands at the bottom, and no line of code is cut off.
    "@jupyterlab/notebook-extension/tracker": {
        "windowingMode": "none",
        "scrollPastEnd": False,
        "codeCellConfig": {"lineWrap": True},
    },
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}
KEYS = """Space, right, PageDown: on      Shift+Space, left, PageUp: back      Home, End: first, last slide
Shift+Enter: run the cell       R: run all cells                     C: show or hide code
+ and -: size of the type       F: full screen                       Escape: leave a field or slider
F8: leave the slides, return    Tab reaches buttons and sliders      ?: these keys"""


def chapter(number, folder=ROOT / "notebooks"):
    """Return the notebook of a chapter, given by its number or the start of its name.

    Parameters
    ----------
    number : str
        As "4", "04" or "04_vanishing_gradients".
    folder : Path
        Where the notebooks are.

    Returns
    -------
    Path
        The notebook.
    """
    start = f"{int(number):02}_" if number.isdigit() else number
    found = sorted(folder.glob(f"{start}*.ipynb"))
    if len(found) != 1:
        chapters = ", ".join(path.stem for path in sorted(folder.glob("*.ipynb")))
        raise SystemExit(f"No chapter {number!r}. There are {chapters}.")
    return found[0]


def furnish(home):
    """Put settings, the slides' extension and a copy of the book into a fresh folder.

    Returns
    -------
    dict
        The environment that makes Jupyter use them.
    """
    for plugin, values in SETTINGS.items():
        file = home / "settings" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    extension = home / "data" / "labextensions" / "rnnbook-deck"
    (extension / "static").mkdir(parents=True)
    shutil.copy(DECK / "package.json", extension)
    shutil.copy(DECK / "deck.js", extension / "static" / "remoteEntry.js")
    shutil.copy(DECK / "deck.css", extension / "static")
    for name in ("notebooks", "figures"):
        shutil.copytree(ROOT / name, home / "book" / name, ignore=shutil.ignore_patterns(".*"))
    places = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    return {
        **os.environ,
        **{f"JUPYTER_{key}": str(home / folder) for key, folder in places.items()},
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }


def free_port():
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def command(home, port, token, more):
    """Return the command that starts JupyterLab on this machine alone."""
    as_root = ["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    return [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", *as_root),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={home / 'book'}",
        "--LabApp.extension_manager=readonly",
        *more,
    ]


def wait_until_up(server, address, log, seconds=120):
    """Return when the server answers; raise SystemExit with its log when it ends before, or takes too long."""
    latest, direct = time.monotonic() + seconds, build_opener(ProxyHandler({}))  # no proxy for this machine itself
    while True:
        try:
            with direct.open(address, timeout=5):
                return
        except (URLError, OSError):
            if server.poll() is not None or time.monotonic() > latest:
                raise SystemExit(f"JupyterLab does not answer:\n{log.read_text(encoding='utf-8')}") from None
        time.sleep(0.1)


def end(server):
    """End the server, which ends its kernels; whoever presses Ctrl+C once more waits no longer."""
    server.terminate()
    try:
        server.wait(20)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        server.kill()
        server.wait()


def main(argv=None):
    """Start the server, open the browser, and wait until the talk is over."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapter", help="number of the chapter, as 04")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    args, more = parser.parse_known_args(argv)
    notebook = chapter(args.chapter)
    for name in "SIGINT", "SIGTERM", "SIGHUP":  # whoever ends this, by closing the terminal too, ends the server
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), signal.default_int_handler)
    port, token = free_port(), secrets.token_hex(16)
    address = f"http://127.0.0.1:{port}/lab/tree/notebooks/{notebook.name}?token={token}&reset"
    with tempfile.TemporaryDirectory(prefix="rnnbook-talk-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        env, log = furnish(home), home / "server.log"
        with log.open("wb") as output:
            server = subprocess.Popen(command(home, port, token, more), env=env, stdout=output, stderr=output)
        try:
            wait_until_up(server, f"http://127.0.0.1:{port}/api", log)
            print(f"{notebook.stem}: {address}\n\n{KEYS}\n\nCtrl+C here ends the talk.", flush=True)
            if not args.no_browser:
                webbrowser.open(address)
            server.wait()
        except KeyboardInterrupt:
            print("\nThe talk is over.")
        finally:
            end(server)


if __name__ == "__main__":
    main()
