"""What every test run needs before NumPy is imported: one thread, and a patient Hypothesis."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # equal results from run to run, and faster at our sizes

import pytest
from hypothesis import settings


def pytest_configure(config):
    """A warning fails a test; it does not fail a reader's check of the notebooks, which does not see this file."""
    config.addinivalue_line("filterwarnings", "error")
    ours = "(?!rnnbook|tests|tools|benchmarks|figures)"  # what others deprecate is theirs to mend: it is only told
    config.addinivalue_line("filterwarnings", f"default::DeprecationWarning:{ours}")


# Where a test says no other number: the ranges are small, and hundreds of laws are tried at every run.
settings.register_profile("here", deadline=None, print_blob=True, max_examples=40)
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def at_start():
    """``at_start(name)``: an explorer where it starts, always the same one; who trains or redraws makes their own."""
    from rnnbook.view import explorers

    made = {}

    def explorer(name):
        if name in made:
            made[name].reset()
        else:
            made[name] = getattr(explorers, name)()
        return made[name]

    return explorer
