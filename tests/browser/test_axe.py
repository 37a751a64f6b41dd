"""No serious fault that axe finds in any explorer, on a light page and on a dark one."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import driving

THEMES = ["JupyterLab Light", "JupyterLab Dark"]


@pytest.fixture(scope="module")
def shown(page, server, desk):
    """All explorers, their controls in sight."""
    if server.app != "lab":
        pytest.skip("an explorer is the same in both applications")
    driving.open_explorers(page, server, desk, driving.EXPLORERS)
    return page


@pytest.mark.sweep
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_no_serious_fault(shown, theme):
    shown.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    shown.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
    found = Axe().run(shown, context={"include": [".rnnbook-explorer"]}).response
    assert len(found["passes"]) > 10
    assert [fault["id"] for fault in found["violations"] if fault["impact"] in ("serious", "critical")] == []
