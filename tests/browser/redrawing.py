"""A notebook's pictures, drawn in this process, plainly and under settings of Matplotlib that a reader may have."""

import contextlib
import linecache
import os
import warnings

import matplotlib.style
import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from tests.eyes import HOSTILE

ALL_AT_ONCE = list(HOSTILE.values())  # one by one in `test_style`


def code_cells(path):
    """Return the code cells of a notebook that are not empty."""
    return [
        cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code" and cell.source.strip()
    ]


def images(outputs):
    """Return the pictures among a cell's outputs, each as base64 without line ends."""
    found = [output.get("data", {}).get("image/png") for output in outputs]
    return ["".join("".join(one).split()) for one in found if one]


@contextlib.contextmanager
def shell(folder):
    """What runs the cells of a notebook in its folder; it keeps their lines, so that exercises can look at them."""
    lines, here = dict(linecache.cache), os.getcwd()
    os.chdir(folder)
    try:
        with warnings.catch_warnings():
            yield InteractiveShell.instance()
    finally:
        InteractiveShell.clear_instance()
        os.chdir(here)
        linecache.cache = lines


def pictures(shell, source):
    """Run a cell; the pictures that it shows, and what its last line is shown as."""
    with capture_output() as captured:
        result = shell.run_cell(source)
    result.raise_error()
    shown = [{"data": output.data} for output in captured.outputs]
    if result.result is not None:
        shown.append({"data": shell.display_formatter.format(result.result)[0]})
    return images(shown)


def changed_by_settings(path):
    """Run a notebook, and each cell with a picture again under hostile settings; list the cells that then differ."""
    changed = []
    with shell(path.parent) as running:
        for cell in code_cells(path):
            plain = pictures(running, cell.source)
            if plain:
                with matplotlib.style.context(ALL_AT_ONCE):
                    if pictures(running, cell.source) != plain:
                        changed.append(cell.id)
    return changed
