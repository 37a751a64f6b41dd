"""The book as plain pages that open from the disk: `make html`. A link that leads nowhere fails the build."""

import argparse
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from tools import recorded
from tools.offline import ROOT, make_folder


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
