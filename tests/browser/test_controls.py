"""Every control of every explorer, by key and by mouse: the picture follows to both ends, and comes back.

An explorer is the same code in every notebook that shows it and in both applications. So all its controls are driven
once, in JupyterLab, and those of three explorers in Notebook 7 as well.
"""

import pytest

from tests.browser import driving
from tests.browser.driving import DRIVEN
from tests.browser.jupyter import console_errors

pytestmark = pytest.mark.sweep

# Choices that may leave the picture as it is, with the reason.
SAME = {
    "Slider sets": "the orthogonal start at gain 1 has spectral radius 1",
    "Train the": "it says what the Train button will train",
}


@pytest.fixture(scope="module")
def shown(page, server, desk):
    """The page with the explorers that are driven in this application."""
    driving.open_explorers(page, server, desk, DRIVEN[server.app])
    return page


@pytest.mark.parametrize(
    ("server", "name"),
    [(app, name) for app, names in DRIVEN.items() for name in names],
    indirect=["server"],
    scope="package",
)
def test_the_picture_follows_every_control_to_both_ends_and_comes_back(shown, server, name, record_property):
    explorer = driving.explorers(shown).nth(DRIVEN[server.app].index(name))
    start, faults = explorer.locator("p[role=status]").text_content(), []
    for drive in driving.drive_sliders, driving.drive_options, driving.drive_handles:
        moves, wrong = drive(explorer)
        record_property("moves", moves)
        faults += [fault for fault in wrong if fault.split(":")[0] not in SAME]
    assert faults + driving.comes_back(explorer, start) == []
    assert console_errors(shown) == []
