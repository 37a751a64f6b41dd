"""Every explorer of the book on one page, in short: the picture follows its sliders. `make sweep` drives them all."""

from tests.browser import driving
from tests.browser.driving import DRIVEN
from tests.browser.jupyter import console_errors


def short_drive(explorer, others):
    """The first slider by arrow key and by mouse, and, if asked for, the others by PageUp or PageDown."""
    faults, (first, *more) = [], driving.live_sliders(explorer)
    for handle in [first, *(more if others else [])]:
        driving.reset(explorer)  # far from its start, one slider can leave another without effect
        low = driving.value(handle) < (driving.value(handle, "min") + driving.value(handle, "max")) / 2
        up, down = ("ArrowRight", "ArrowLeft") if handle is first else ("PageUp", "PageDown")
        key = up if low else down
        if not driving.follows(explorer, lambda h=handle, k=key: driving.press(h, k)):
            faults.append(f"{handle.get_attribute('aria-label')}: {key} changed nothing")
    driving.reset(explorer)
    end = "max" if driving.value(first) < driving.value(first, "max") else "min"
    if not driving.follows(explorer, lambda: driving.drag(first, end)):
        faults.append(f"{first.get_attribute('aria-label')}: a drag to its {end} changed nothing")
    return faults


def test_the_picture_follows_key_and_mouse_and_comes_back(page, server, desk):
    """In JupyterLab all explorers and all their sliders; in Notebook 7 three explorers and the first slider of each."""
    names, faults = DRIVEN[server.app], []
    driving.open_explorers(page, server, desk, names)
    for name, explorer in zip(names, driving.explorers(page).all(), strict=True):
        start = explorer.locator("p[role=status]").text_content()
        faults += [f"{name}, {fault}" for fault in short_drive(explorer, others=server.app == "lab")]
        faults += [f"{name}, {fault}" for fault in driving.comes_back(explorer, start)]
    assert faults == []
    assert console_errors(page) == []
