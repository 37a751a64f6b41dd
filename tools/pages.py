"""The book as plain pages that open from the disk: `make html`. A link that leads nowhere fails the build."""

import argparse
import html
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from tools import recorded
from tools.offline import ROOT, make_folder


def ways(stem):
    """Return where a chapter can be run without an installation.

    Parameters
    ----------
    stem : str
        The notebook's name without ending.

    Returns
    -------
    list of (str, str)
        What a link says after "Run this page:", and where it leads. Empty where the book is served as pages alone.
    """
    return [way for offer in OFFERS for way in offer(stem)]


# Functions of a chapter's name as `ways`, one for every place that runs notebooks.
OFFERS = []


def run_row(offered):
    """Return the row beneath a chapter's title with the ways to run it, as HTML; "" where there is none."""
    if not offered:
        return ""
    links = " · ".join(f'<a href="{html.escape(url)}">{html.escape(label)}</a>' for label, url in offered)
    return f'<p class="ways">Run this page: {links}</p>'


def build(folder, source):
    """Build the pages with Sphinx: navigation, search, and every link between chapters followed.

    Parameters
    ----------
    folder : Path
        Where the pages go.
    source : Path
        The repository.

    Returns
    -------
    int
        0, or what Sphinx says when there was an error or a warning.
    """
    make_folder(folder)
    scripts = recorded.record_all(sorted((source / "notebooks").glob("*.ipynb")))
    # Pictures are named by what is in them: those of an earlier build would stay.
    shutil.rmtree(folder / "_images", ignore_errors=True)
    strict = ["--fail-on-warning", "--keep-going", "--quiet"]
    # A chapter that is new stands in the navigation of all pages: so all are read again. It takes seconds.
    fresh = ["--fresh-env", "--write-all", "--doctree-dir", str(folder.with_name("doctrees"))]
    recordings = ["--define", f"recordings={','.join(script.name for script in scripts)}"]
    return build_main(
        [*strict, *fresh, *recordings, "--conf-dir", str(ROOT / "tools" / "site"), str(source), str(folder)]
    )


def main(argv=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "html")
    parser.add_argument("--source", type=Path, default=ROOT, help="the repository")
    args = parser.parse_args(argv)
    status = build(args.folder, args.source)
    if status == 0:
        print(f"{args.folder / 'index.html'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
