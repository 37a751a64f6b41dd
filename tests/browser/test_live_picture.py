"""The live figure on a bare page, without Jupyter: what `live.js` puts together, to the pixel."""

from pathlib import Path

import pytest

import rnnbook.view.live
from rnnbook.view.live import Live
from tests.test_live import change, rich_figure, saved, simple_figure

# What Jupyter does with a widget: import its module, call render, and tell it when values have come.
HOST = """async ([source, values]) => {
    const listeners = new Set();
    window.receive = (news) => { Object.assign(values, news); listeners.forEach((listener) => listener()) };
    window.listeners = listeners;
    window.sent = [];
    const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
    window.cleanup = (await import(url)).default.render({
        model: {
            get: (name) => values[name],
            on: (event, f) => event === "change" && listeners.add(f),
            off: (event, f) => listeners.delete(f),
            send: (message) => window.sent.push(message),
        },
        el: document.querySelector("#widget"),
    });
}"""
SLIDER = """<div class="widget-slider"><label class="widget-label">gain</label>
    <div class="noUi-handle" tabindex="0" role="slider"></div><div class="widget-readout">0.10</div></div>"""

ADD = "(html) => document.querySelector('.rnnbook-explorer').insertAdjacentHTML('afterbegin', html)"


def values(live):
    return {"still": live.still, "reading": live.reading, **{f"part_{k}": svg for k, svg in enumerate(live.moving)}}


@pytest.fixture
def page(browser):
    """A page at twice the density, where every difference shows."""
    context = browser[0].browser.new_context(device_scale_factor=2, viewport={"width": 1000, "height": 700})
    page = context.new_page()
    page.set_content('<body style="margin: 0"><div class="rnnbook-explorer"><div id="widget"></div></div>')
    yield page
    assert page.page_errors() == []
    context.close()


@pytest.fixture
def host(page):
    """Show a live figure on the page."""
    source = Path(rnnbook.view.live.__file__).with_suffix(".js").read_text()
    return lambda live, without=(): page.evaluate(
        HOST, [source, {name: value for name, value in values(live).items() if name not in without}]
    )


def test_every_pixel_is_savefigs(page, host):
    fig, moving = rich_figure()
    live = Live(fig, moving, "as drawn")
    host(live)
    change(moving, 3)
    live.update("moved")
    page.evaluate("(news) => receive(news)", values(live))
    picture = page.locator("svg").screenshot()
    text = saved(fig)
    page.set_content(text[text.index("<svg") :])
    page.add_style_tag(content="body { margin: 0 } svg { display: block }")
    assert page.locator("svg").screenshot() == picture


def test_redrawn_figure_replaces_the_old_one(page, host):
    fig, ax, curve = simple_figure()
    live = Live(fig, [curve], "to 9")
    host(live)
    before = page.locator("svg").screenshot()
    ax.set_ylim(0, 20)
    live.update("to 20")
    page.evaluate("(news) => receive(news)", values(live))
    assert page.locator("svg").count() == 1
    assert page.locator("svg").screenshot() != before
    assert page.locator("svg").get_attribute("aria-label") == "to 20"


def test_only_what_changed_is_touched(page, host):
    fig, moving = rich_figure()
    live = Live(fig, moving)
    host(live)
    page.evaluate("""() => { document.querySelectorAll('[id$="-part"], p').forEach((node) => { node.old = true }) }""")
    moving[2].set_text("gain 1.01")
    live.update()
    page.evaluate("(news) => receive(news)", values(live))
    kept = page.eval_on_selector_all('[id$="-part"]', "(nodes) => nodes.map((node) => node.old === true)")
    assert kept.count(False) == 1
    assert page.evaluate("document.querySelector('p').old")


def test_an_empty_part_may_be_left_out(page, host):
    """As pages do that are saved without values that are a trait's default."""
    fig, moving = rich_figure()
    moving[0].set_visible(False)
    live = Live(fig, moving)
    assert live.moving[0] == ""
    host(live, without=("part_0",))
    drawn = page.eval_on_selector_all('[id*="-hole-"]', "(holes) => holes.map((hole) => hole.children.length > 0)")
    assert drawn == [svg != "" for svg in live.moving]


def test_controls_that_come_later_are_named(page, host):
    host(Live(simple_figure()[0], []))
    page.wait_for_timeout(100)
    page.evaluate(ADD, SLIDER)
    handle = page.get_by_role("slider", name="gain")
    handle.wait_for(state="attached", timeout=2000)
    assert handle.get_attribute("aria-valuetext") == "0.10"
    page.evaluate("""() => { document.querySelector('.noUi-handle').setAttribute('aria-valuetext', '-1');
                             document.querySelector('.widget-readout').textContent = '0.20' }""")
    page.wait_for_selector(".noUi-handle[aria-valuetext='0.20']", state="attached", timeout=2000)


def test_kernel_hears_of_a_narrow_page(page, host):
    """Once a width: Python then draws the picture for it."""
    host(Live(simple_figure()[0], []))
    page.wait_for_function("sent.length === 1")
    page.set_viewport_size({"width": 390, "height": 700})
    page.wait_for_function("sent.length === 2")
    page.set_viewport_size({"width": 389, "height": 700})
    page.wait_for_timeout(100)
    assert page.evaluate("sent") == [{"room": 0}, {"room": 384}]


def test_removed_widget_leaves_nothing_behind(page, host):
    host(Live(simple_figure()[0], []))
    page.wait_for_timeout(100)
    page.evaluate("cleanup()")
    page.evaluate(ADD, SLIDER)
    page.wait_for_timeout(100)
    assert page.evaluate("listeners.size") == 0
    assert page.locator(".noUi-handle").get_attribute("aria-label") is None
