"""Every explorer of the book, in short: the picture follows its first slider. `make sweep` drives all controls."""

from tests.browser import driving
from tests.browser.driving import DRIVEN
from tests.browser.jupyter import console_errors


def short_drive(explorer):
    """The first slider by key, and then by mouse to an end."""
    first, faults = driving.live_sliders(explorer)[0], []
    low = driving.value(first) < (driving.value(first, "min") + driving.value(first, "max")) / 2
    key = "ArrowRight" if low else "ArrowLeft"
    if not driving.follows(explorer, lambda: driving.press(first, key)):
        faults.append(f"{key} changed nothing")
    end = "max" if driving.value(first) < driving.value(first, "max") else "min"
    if not driving.follows(explorer, lambda: driving.drag(first, end)):
        faults.append(f"a drag to its {end} changed nothing")
    return [f"{first.get_attribute('aria-label')}: {fault}" for fault in faults]


def test_the_picture_follows_key_and_mouse_and_comes_back(page, server, desk):
    """In JupyterLab all explorers, in Notebook 7 three of them; the first slider of each.

    Whether the others change something is asked of Python, in `tests/test_explorers.py`.
    """
    names, faults = DRIVEN[server.app], []
    driving.open_explorers(page, server, desk, names)
    for name, explorer in zip(names, driving.explorers(page).all(), strict=True):
        start = driving.alone(explorer).locator("p[role=status]").text_content()
        faults += [f"{name}, {fault}" for fault in short_drive(explorer)]
        faults += [f"{name}, {fault}" for fault in driving.comes_back(explorer, start)]
    assert faults == []
    assert console_errors(page) == []
