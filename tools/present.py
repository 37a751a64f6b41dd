"""Present one chapter as slides, with live widgets and code that runs: `make present CH=04`.

    python -m tools.present 04

Opens JupyterLab on a copy of the book, so that what is typed during a talk leaves the book as it is. The first
slide stands at once, while all cells are run behind it. Nothing is fetched from any network.

Arguments that this command does not know go to `jupyter lab`.
"""

import argparse
import shutil
import signal
import tempfile
import webbrowser
from pathlib import Path

from tools.serving import ROOT, SETTINGS, jupyter_server

DECK = Path(__file__).parent / "deck"
# The last slide stands at the bottom, and no line of code is cut off.
SLIDES = {
    **SETTINGS,
    "@jupyterlab/notebook-extension/tracker": {
        "windowingMode": "none",
        "scrollPastEnd": False,
        "codeCellConfig": {"lineWrap": True},
    },
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
    start = f"{int(number):02}_" if number.isdecimal() else number
    found = sorted(folder.glob(f"{start}*.ipynb"))
    if len(found) != 1:
        chapters = ", ".join(path.stem for path in sorted(folder.glob("*.ipynb")))
        raise SystemExit(f"No chapter {number!r}. There are {chapters}.")
    return found[0]


def copy_book(folder):
    """Copy notebooks and figures, all of which can be written to, even where the book's own cannot."""
    for path in (file for name in ("notebooks", "figures") for file in (ROOT / name).rglob("[!.]*.*")):
        if path.parent.name[:1] != ".":  # as .ipynb_checkpoints
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def main(argv=None):
    """Start the server, open the browser, and wait until the talk is over."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("chapter", help="number of the chapter, as 04")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    args, more = parser.parse_known_args(argv)
    notebook = chapter(args.chapter)
    for name in "SIGINT", "SIGTERM", "SIGHUP":  # whoever ends this, by closing the terminal too, ends the server
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="rnnbook-talk-", ignore_cleanup_errors=True) as book:
        copy_book(Path(book))
        try:
            with jupyter_server(book, arguments=more, settings=SLIDES, extension=DECK) as server:
                address = server.url(f"notebooks/{notebook.name}")
                print(f"{notebook.stem}: {address}\n\n{KEYS}\n\nCtrl+C here ends the talk.", flush=True)
                if not args.no_browser:
                    webbrowser.open(address)
                server.process.wait()
        except KeyboardInterrupt:
            print("\nThe talk is over.")
        except RuntimeError as silent:
            raise SystemExit(str(silent)) from None


if __name__ == "__main__":
    main()
