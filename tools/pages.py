"""The book as plain pages that open from the disk: `make html`. A link that leads nowhere fails the build."""

import argparse
import html
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from tools import badges, lite, recorded
from tools.offline import ROOT, make_folder


def ways(stem, folder):
    """Return where a chapter can be run without an installation.

    Parameters
    ----------
    stem : str
        The notebook's name without ending.
    folder : Path
        Where the pages go; `make lite` puts the edition for the browser there.

    Returns
    -------
    list of (str, str)
        What a link says after "Run this page:", and where it leads, from the root of the pages. Empty where the book is
        served as pages alone.
    """
    found = [("in the browser", lite.address(stem))] if (folder / "lite" / "jupyter-lite.json").is_file() else []
    return [*found, *badges.links(stem).items()]


def run_row(offered, root=""):
    """Return the row beneath a chapter's title with the ways to run it, as HTML; "" where there is none."""
    if not offered:
        return ""
    hrefs = [(label, url if "://" in url else root + url) for label, url in offered]
    links = " · ".join(f'<a href="{html.escape(url)}">{html.escape(label)}</a>' for label, url in hrefs)
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
