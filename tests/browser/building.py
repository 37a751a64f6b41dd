"""The pages as `make html` makes them."""

import os
import subprocess
import sys

from tests.browser.jupyter import ROOT


def made(folder, *arguments, **environment):
    """Make the pages as `make html` does; warnings that other packages give are no errors there."""
    code = "import sys; from tools import pages; sys.exit(pages.main(sys.argv[1:]))"
    ended = subprocess.run(
        [sys.executable, "-c", code, str(folder), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
