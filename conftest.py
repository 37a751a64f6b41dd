"""What the examples in docstrings find imported: NumPy, and what the package hands on."""

import numpy as np
import pytest

import rnnbook


@pytest.fixture(autouse=True)
def _examples(doctest_namespace):
    doctest_namespace |= {"np": np} | {name: getattr(rnnbook, name) for name in rnnbook.__all__}
