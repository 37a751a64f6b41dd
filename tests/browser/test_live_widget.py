"""The live figure as a reader meets it: in JupyterLab and in Notebook 7, by keyboard and by mouse."""

import pytest

from tests.browser import driving
from tests.browser.jupyter import PICTURE, accessible, console_errors, open_notebook, run_all, write_notebook

EXPLORER = """\
import ipywidgets as widgets
import numpy as np
from rnnbook.view import style
from rnnbook.view.live import Live

def explorer(name, kind):
    fig, ax = style.figure(width=6, height=2.4)
    t = np.arange(1, 101)
    with style.look():
        ax.set(yscale="log", xlim=(0, 100), ylim=(1e-16, 1e4))
        (curve,) = ax.plot(t, 1.0 ** t, **style.line("rnn"))
    slider = kind(value=1.0, description=name)
    live = Live(fig, [curve], "1.00")
    def move(change):
        curve.set_ydata(np.clip(change["new"] ** t, 1e-300, 1e300))
        live.update(f"{change['new']:.2f}")
    slider.observe(move, "value")
    return widgets.VBox([slider, live]).add_class("rnnbook-explorer")
"""
CELLS = [
    EXPLORER,
    "gain = explorer('gain', lambda **kwargs: widgets.FloatSlider(min=0.5, max=1.5, step=0.01, **kwargs)); gain",
    "explorer('rate', lambda **kwargs: widgets.FloatLogSlider(min=-1, max=1, step=0.1, **kwargs))",
    "gain",
]


@pytest.fixture(scope="module")
def shown(page, server, desk):
    """Three views as the page has them: two explorers, and the first one again."""
    write_notebook(desk / "live.ipynb", CELLS)
    open_notebook(page, server, "live.ipynb")
    run_all(page)
    page.locator(PICTURE).nth(2).wait_for()
    return driving.explorers(page).all()


def picture_of(explorer):
    return explorer.locator(PICTURE)


def reading_of(explorer):
    return explorer.locator("p[role=status]")


def key(explorer, name="PageUp"):
    """A move: press a key on the slider. PageUp moves five steps, ArrowRight one."""
    return lambda: driving.press(explorer.locator(".noUi-handle"), name)


def changes(explorer, move):
    """Call `move()` and say whether the picture changes, also as it looks on the screen."""
    before = picture_of(explorer).screenshot()
    return driving.follows(explorer, move) and picture_of(explorer).screenshot() != before


def test_keys_move_the_picture_and_its_reading(shown):
    gain, *_ = shown
    for name, reading in [
        ("ArrowRight", "1.01"),
        ("ArrowLeft", "1.00"),
        ("PageUp", "1.05"),
        ("PageDown", "1.00"),
        ("End", "1.50"),
        ("Home", "0.50"),
    ]:
        assert changes(gain, key(gain, name)), name
        assert reading_of(gain).inner_text() == reading
        assert picture_of(gain).get_attribute("aria-label") == reading


def test_mouse_moves_the_picture(shown):
    gain, *_ = shown
    assert changes(gain, lambda: driving.drag(gain.locator(".noUi-handle"), "max"))
    assert reading_of(gain).inner_text() == "1.50"


def test_figures_do_not_disturb_each_other(shown):
    gain, rate, _ = shown
    before, reading = picture_of(gain).inner_html(), reading_of(gain).inner_text()
    assert changes(rate, key(rate))
    assert picture_of(gain).inner_html() == before
    assert reading_of(gain).inner_text() == reading


def test_two_views_of_one_figure_move_together(shown):
    gain, _, again = shown
    assert changes(again, key(gain, "Home"))
    assert reading_of(again).inner_text() == "0.50"


def test_second_view_keeps_its_clip_paths_when_the_first_is_hidden(shown):
    # With equal ids the visible picture would refer to a clip path that is not drawn.
    gain, _, again = shown
    picture_of(again).scroll_into_view_if_needed()
    before = picture_of(again).screenshot()
    picture_of(gain).evaluate("""(svg) => {
        svg.parentNode.style.height = `${svg.getBoundingClientRect().height}px`;
        svg.style.display = 'none';
    }""")
    after = picture_of(again).screenshot()
    picture_of(gain).evaluate("(svg) => { svg.parentNode.style.height = ''; svg.style.display = 'block' }")
    assert after == before


def test_no_id_is_on_the_page_twice(page, shown):
    ids = page.eval_on_selector_all(f"{PICTURE} [id]", "(nodes) => nodes.map((node) => node.id)")
    assert len(ids) > 30
    assert len(set(ids)) == len(ids)


def test_every_reference_finds_its_id(page, shown):
    lost = page.eval_on_selector_all(
        f"{PICTURE} *",
        """(nodes) => nodes.flatMap((node) => [...node.attributes])
            .flatMap(({value}) => [...value.matchAll(/url\\(#(.+?)\\)|^#(.+)$/g)])
            .map((match) => match[1] ?? match[2])
            .filter((id) => !document.getElementById(id))""",
    )
    assert lost == []


def test_live_region_is_the_same_node_after_an_update(shown):
    # Screen readers announce what changes within a region, not a region that appears.
    gain, *_ = shown
    region = reading_of(gain).element_handle()
    assert changes(gain, key(gain))
    assert region.evaluate("(node) => node.isConnected && node.getAttribute('aria-live')") == "polite"
    assert region.inner_text() == reading_of(gain).inner_text()


def test_slider_has_a_name_and_its_value_in_words(shown):
    gain, rate, _ = (explorer.locator(".noUi-handle") for explorer in shown)
    assert accessible(gain) == ("slider", "gain")
    assert changes(shown[1], key(shown[1], "Home"))
    assert accessible(rate) == ("slider", "rate")
    assert rate.get_attribute("aria-valuetext") == "0.100"  # not the exponent


def test_picture_has_its_reading_as_alternative_text(shown):
    gain, *_ = shown
    assert accessible(picture_of(gain)) == ("image", reading_of(gain).inner_text())


def test_figure_leaves_the_page_alone(page, shown):
    assert page.locator(f"{PICTURE} style").count() == 0


def test_nothing_went_wrong(page, browser, shown):
    assert console_errors(page) == []
    assert browser[1] == []
