"""Copies of the notebooks that open in Google Colab: `make colab`. The branch `colab` of the repository holds them.

They need the repository's public address (tools/address.py): their first cell installs the package of this release from
it, their pictures come from it, and their links lead to the other copies.
"""

import argparse
import re
import sys
from pathlib import Path, PurePosixPath
from posixpath import normpath

from tools import address
from tools.copies import BOOK, begin_with, chapters_and_solutions, read, write
from tools.offline import ROOT, make_folder, text

BRANCH = "colab"
INSTALL = """\
# Installs the book's package, where it is not installed yet; this takes about a minute.
# If Colab then asks to restart the session, do so and run all cells again.
# Where sliders do not appear or stay dead: Runtime > Restart session, then run all cells.
# If that does not help, run: from google.colab import output; output.enable_custom_widget_manager()
from importlib.util import find_spec

if find_spec("rnnbook") is None:
    %pip install -q "rnnbook @ git+{repository}@{release}"
"""
# The target of a link or picture in Markdown or HTML that names no host and no place on the same page.
RELATIVE = re.compile(r"""(\]\(|(?:src|href)=["'])(?![a-z]+:|[#/])([^)\s"'#]+)""")


def opened(stem, slug):
    """Return the address under which Colab opens the copy of a notebook (its path without ending) of OWNER/NAME."""
    return f"https://colab.research.google.com/github/{slug}/blob/{BRANCH}/{stem}.ipynb"


def copy(notebook, path, slug, release):
    """Make a copy of a notebook that runs in Colab, outside the repository.

    Parameters
    ----------
    notebook : dict
        As JSON; it is changed in place.
    path : Path
        Of the notebook, below the book's folder.
    slug : str
        "OWNER/NAME" of the repository on GitHub.
    release : str
        The tag whose package is installed and whose pictures are shown.

    Returns
    -------
    dict
        The notebook.
    """

    def absolute(match):
        target = PurePosixPath(normpath((PurePosixPath(path.as_posix()).parent / match[2]).as_posix()))
        if target.suffix == ".ipynb":
            return match[1] + opened(target.with_suffix("").as_posix(), slug)
        return f"{match[1]}https://raw.githubusercontent.com/{slug}/{release}/notebooks/{target}"

    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = RELATIVE.sub(absolute, text(cell["source"]))
    return begin_with(notebook, INSTALL.format(repository=f"https://github.com/{slug}", release=release))


def build(folder, slug, release):
    """Write the copies of all chapters and solutions.

    Parameters
    ----------
    folder : Path
        Where they go, in the same order of folders as in the book.
    slug, release : str
        As of `copy`.

    Returns
    -------
    list of Path
        The files.
    """
    make_folder(folder)
    for path in chapters_and_solutions():
        write(copy(read(BOOK / path), path, slug, release), folder / path)
    return [folder / path for path in chapters_and_solutions()]


def main(argv=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "colab")
    args = parser.parse_args(argv)
    slug = address.slug()
    if not slug:
        raise SystemExit(
            "The copies for Colab need the repository's address on GitHub: "
            "write it into pyproject.toml, [tool.rnnbook] repository."
        )
    for path in build(args.folder, slug, address.release()):
        print(path)


if __name__ == "__main__":
    sys.exit(main())
