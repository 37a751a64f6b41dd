"""What every check of the book needs, a reader's too: asserts that count, and a home that can be written to.

Examples in docstrings find NumPy and what the package hands on imported.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

import rnnbook


def pytest_configure(config):
    """Refuse to check with assertions off, and lend Jupyter and Matplotlib a home where there is none."""
    if not __debug__:
        raise pytest.UsageError("Python runs with -O or PYTHONOPTIMIZE, so no assert counts: run it without")
    try:
        with tempfile.TemporaryFile(dir=Path.home()):
            return
    except (OSError, RuntimeError):  # there is none; their notices would stand among a cell's outputs
        home = tempfile.TemporaryDirectory(prefix="rnnbook-home-")
        config.add_cleanup(home.cleanup)
    for name in ("MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
        os.environ.setdefault(name, home.name)


@pytest.fixture(autouse=True)
def _examples(doctest_namespace):
    doctest_namespace |= {"np": np} | {name: getattr(rnnbook, name) for name in rnnbook.__all__}
