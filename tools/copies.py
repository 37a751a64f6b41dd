"""Copies of the notebooks for places where nothing is installed: a first cell installs what the others import.

The repository's own notebooks have no such cell.
"""

import json
from pathlib import Path

from tools.notebooks import find
from tools.offline import ROOT

BOOK = ROOT / "notebooks"


def chapters_and_solutions(book=BOOK):
    """List the book's notebooks by their path below its folder, chapters first."""
    return [*(Path(path.name) for path in find(sorted(book.glob("*.ipynb")))), *solutions(book)]


def solutions(book):
    """List the notebooks with solutions by their path below the book's folder."""
    return [path.relative_to(book) for path in find([book / "solutions"])]


def begin_with(notebook, source):
    """Put a cell of code before all others.

    Parameters
    ----------
    notebook : dict
        A notebook as JSON; it is changed in place.
    source : str
        What the cell holds.

    Returns
    -------
    dict
        The notebook.
    """
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "install-the-book",
        "metadata": {"slideshow": {"slide_type": "skip"}},
        "outputs": [],
        "source": source,
    }
    notebook["cells"].insert(0, cell)
    return notebook


def read(path):
    """Read a notebook as JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def write(notebook, path):
    """Write a notebook as JSON, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
