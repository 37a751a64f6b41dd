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


def test_the_picture_follows_every_control_to_both_ends_and_comes_back(page, server, desk, record_property):
    names, faults = DRIVEN[server.app], []
    driving.open_explorers(page, server, desk, names)
    for name, explorer in zip(names, driving.explorers(page).all(), strict=True):
        start = explorer.locator("p[role=status]").text_content()
        for drive in driving.drive_sliders, driving.drive_options, driving.drive_handles:
            moves, wrong = drive(explorer)
            record_property("moves", moves)
            faults += [f"{name}, {fault}" for fault in wrong if fault.split(":")[0] not in SAME]
        faults += [f"{name}, {fault}" for fault in driving.comes_back(explorer, start)]
    assert faults == []
    assert console_errors(page) == []
