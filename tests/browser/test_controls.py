"""Every control of every explorer, by key and by mouse: the picture follows to both ends, and comes back.

Each slider goes to one end by key and to the other by mouse, in turn; both hands and both ends of one slider are tried
in `test_live_widget.py`.

An explorer is the same code in every notebook that shows it and in both applications. So all its controls are driven
once, in JupyterLab, and those of three explorers in Notebook 7 as well.
"""

import pytest

from tests.browser import driving
from tests.browser.driving import DRIVEN, EACH
from tests.browser.jupyter import console_errors

pytestmark = pytest.mark.sweep

# Choices that may leave the picture as it is, with the reason.
SAME = {
    "Slider sets": "the orthogonal start at gain 1 has spectral radius 1",
}


@pytest.fixture(scope="module")
def shown(page, server, desk):
    """The page with the explorers that are driven in this application."""
    driving.open_explorers(page, server, desk, DRIVEN[server.app])
    return page


@pytest.mark.parametrize(
    ("server", "place"), EACH, indirect=["server"], ids=["-".join(place) for _, place in EACH], scope="package"
)
def test_the_picture_follows_every_control_to_both_ends_and_comes_back(shown, place, record_property):
    app, name = place
    explorer = driving.alone(driving.explorers(shown).nth(DRIVEN[app].index(name)))
    start, faults = explorer.locator("p[role=status]").text_content(), []
    for drive in driving.drive_sliders, driving.drive_options, driving.drive_handles:
        moves, wrong = drive(explorer)
        record_property("moves", moves)
        faults += [fault for fault in wrong if fault.split(":")[0] not in SAME]
    assert faults + driving.comes_back(explorer, start) == []
    assert console_errors(shown) == []
