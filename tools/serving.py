"""One way to run a Jupyter server on this machine alone, for talks and for the tests in a browser.

It has settings, data and kernels' files of its own, in a folder that goes with it, and asks no network for news.
"""

import contextlib
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
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},  # else only cells in sight exist
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}
PAGES = {"lab": "lab/tree", "notebook": "notebooks"}
ALIASES = {"ip": "ServerApp.ip", "port": "ServerApp.port", "notebook-dir": "ServerApp.root_dir"}
DIRECT = build_opener(ProxyHandler({}))  # no proxy for this machine itself


@dataclass(frozen=True)
class Server:
    """A running Jupyter server.

    Attributes
    ----------
    app : str
        "lab" or "notebook".
    root : Path
        The folder it serves.
    address : str
        Of its base, with a slash at the end.
    token : str
        Which lets in; "" where none is asked for.
    process : subprocess.Popen
        The server itself.
    """

    app: str
    root: Path
    address: str
    token: str
    process: subprocess.Popen

    def url(self, path):
        """Return the address that opens a notebook, given by its path below `root`."""
        return f"{self.address}{PAGES[self.app]}/{path}?token={self.token}&reset"

    def api(self, path):
        """Return the answer of the server's REST interface."""
        asked = Request(f"{self.address}api/{path}", headers={"Authorization": f"token {self.token}"})
        with DIRECT.open(asked, timeout=5) as answer:
            return json.load(answer)


@contextlib.contextmanager
def jupyter_server(root, app="lab", *, arguments=(), settings=SETTINGS, extension=None, seconds=120):
    """Run a Jupyter server over the folder `root`.

    Parameters
    ----------
    root : path
        The folder to serve.
    app : {"lab", "notebook"}
        JupyterLab or Notebook 7.
    arguments : sequence of str
        More for the command; they have the last word.
    settings : dict
        Of JupyterLab's plugins, by name.
    extension : Path, optional
        A folder with `package.json`, and what goes into an extension's `static`.
    seconds : float
        How long it may take to answer.

    Yields
    ------
    Server

    Raises
    ------
    RuntimeError
        With the server's log, when it ends or does not answer in time.
    """
    with tempfile.TemporaryDirectory(prefix="rnnbook-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        _furnish(home, settings, extension)
        log = home / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command(app, root, arguments),
                env=_environment(home),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            yield _answering(process, app, Path(root), home, seconds)
        finally:
            _end(process)


def _furnish(home, settings, extension):
    """Write the settings, and install the extension."""
    for plugin, values in settings.items():
        file = home / "settings" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    if extension:
        place = home / "data" / "labextensions" / json.loads((extension / "package.json").read_text("utf-8"))["name"]
        (place / "static").mkdir(parents=True)
        for file in extension.iterdir():  # contents alone: in a copy of the book that is read-only, modes are, too
            shutil.copyfile(file, (place if file.name == "package.json" else place / "static") / file.name)


def _environment(home):
    places = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    return {
        **os.environ,
        **{f"JUPYTER_{key}": str(home / folder) for key, folder in places.items()},
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }


def command(app, root, arguments):
    """Return the command that starts a server; where `arguments` name something, they have the only word."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "IdentityProvider.token": secrets.token_hex(16),
        "ServerApp.root_dir": root,
        "LabApp.extension_manager": "readonly",
    }
    given = {argument.lstrip("-").partition("=")[0] for argument in arguments}  # named twice, Jupyter would stop
    given |= {ALIASES[name] for name in given & ALIASES.keys()}
    return [
        *(sys.executable, "-m", "jupyter", app, "--no-browser"),
        *(["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
        *(f"--{name}={value}" for name, value in own.items() if name not in given),
        *arguments,
    ]


def _answering(process, app, root, home, seconds):
    """Wait until the server answers. It writes itself where it listens, whatever the arguments made of that."""
    log, latest = home / "server.log", time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < latest:
        for file in (home / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(OSError, ValueError):  # it does not listen yet, or has written half the file
                found = json.loads(file.read_text(encoding="utf-8"))
                server = Server(app, root, found["url"], found["token"], process)
                server.api("status")
                return server
        time.sleep(0.05)
    raise RuntimeError(f"Jupyter does not answer:\n{log.read_text(encoding='utf-8', errors='replace')}")


def _end(process):
    """End the server, which ends its kernels; whoever presses Ctrl+C once more waits no longer."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()
