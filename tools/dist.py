"""Build the package's archives, an sdist and a wheel, and check them: `make dist`. Neither step needs the network."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rnnbook import __version__
from tools.offline import ROOT, make_folder

# Neither belongs to an archive: what other builds left (setuptools takes in again whatever its list in an .egg-info
# names), and what stays in the repository.
LEFT_OUT = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "notebooks", "figures", "tests")


def build(folder):
    """Build the sdist, and the wheel from what the sdist holds, with the setuptools that is installed.

    Parameters
    ----------
    folder : Path
        Where the archives go.

    Returns
    -------
    list of Path
        The sdist and the wheel.

    Raises
    ------
    subprocess.CalledProcessError
        When the build fails, or a package index would not show an archive's description; the step says why.
    """
    made = [folder / f"rnnbook-{__version__}{ending}" for ending in (".tar.gz", "-py3-none-any.whl")]
    with tempfile.TemporaryDirectory() as place:
        source = shutil.copytree(ROOT, Path(place) / "rnnbook", ignore=LEFT_OUT)
        run("build", "--no-isolation", "--outdir", folder, source)
    run("twine", "check", "--strict", *made)
    return made


def run(*arguments):
    """Run a module of Python's as a command."""
    subprocess.run([sys.executable, "-m", *map(str, arguments)], check=True)


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        The arguments; those of the process if it is left out.

    Returns
    -------
    int
        0, or what the step that failed returned.
    """
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", help="where the archives go")
    folder = parser.parse_args(argv).folder.resolve()
    make_folder(folder)
    try:
        made = build(folder)
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    for path in made:
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
