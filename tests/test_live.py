"""The live figure without a browser: what it draws, what it sends, and what happens when drawing fails."""

import gc
import io
import re
import threading
import xml.etree.ElementTree as ET
from collections import Counter

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG

from rnnbook.view import style
from rnnbook.view.live import Live

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"


def rich_figure():
    """A figure with many kinds of artists, and those of them that move, from below to above."""
    rng = np.random.default_rng(0)
    x = np.arange(1, 60)
    fig = style.figure(width=9, height=5)[0]
    fig.clear()
    with style.look():
        left, image = fig.add_subplot(221, yscale="log", xlim=(0, 60), ylim=(1e-8, 10)), fig.add_subplot(222)
        polar, right = fig.add_subplot(223, projection="polar"), fig.add_subplot(224, xlim=(-2, 2), ylim=(-2, 2))
        (curve,) = left.plot(x, 0.8**x, **style.line("rnn", label=r"$\|\partial L/\partial h_t\|$"))
        left.plot(x, 0.7**x, **style.line("theory"))
        left.legend()
        band = left.fill_between(x, 0.6**x, 0.9**x, alpha=0.3, zorder=1)
        title = left.set_title("gain 1.00")
        cells = image.imshow(rng.random((20, 20)), vmin=0, vmax=1)
        fig.colorbar(cells, ax=image)
        (ray,) = polar.plot([0, 1, 2], [0.2, 0.6, 1.0])
        points = right.scatter(*rng.normal(size=(2, 30)), c=rng.random(30), zorder=3)
        bars = right.bar([-1, 1], [1, 1.5], hatch="//", facecolor="none", edgecolor="black")
        arrow = right.annotate("saddle", (0, 0), (1, -1.5), arrowprops={"arrowstyle": "->"})
    return fig, [band, curve, title, cells, ray, bars[0], points, arrow]


def change(moving, k):
    """Move all artists of `rich_figure`."""
    band, curve, title, cells, ray, bar, points, arrow = moving
    rng, x = np.random.default_rng(k), np.arange(1, 60)
    band.set_data(x, (0.5 + 0.01 * k) ** x, 0.9**x)
    curve.set_ydata((0.8 + 0.01 * k) ** x)
    title.set_text(f"gain {k:.2f}")
    cells.set_data(rng.random((20, 20)))
    ray.set_ydata(rng.random(3))
    bar.set_height(0.1 * k)
    points.set_offsets(rng.normal(size=(30, 2)))
    arrow.set_position((1, 0.1 * k))


def simple_figure():
    fig, ax = style.figure(width=4, height=2)
    with style.look():
        ax.set(xlim=(0, 9), ylim=(0, 9))
        (curve,) = ax.plot(np.arange(10.0))
    return fig, ax, curve


def page(live):
    """The SVG that the browser puts together from `still` and `moving`."""
    fill = {f'<g id="hole-{k}"/>': svg for k, svg in enumerate(live.moving)}
    return re.sub(r'<g id="hole-\d+"/>', lambda hole: fill[hole[0]], live.still)


def drawn(text):
    """What an SVG draws, in order, whatever its ids are called and wherever its definitions stand."""
    if not text.startswith("<?xml"):
        text = text.replace(
            "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ', 1
        )
    root = ET.fromstring(text)
    names = {node.get("id"): node for node in root.iter() if node.get("id")}

    def resolved(value):
        return re.sub(r"url\(#(.+?)\)|^#(.+)$", lambda ref: repr(content(names[ref[1] or ref[2]])), value)

    def content(node):
        what = tuple(sorted((key, resolved(value)) for key, value in node.items() if key != "id"))
        return node.tag, what, tuple(content(child) for child in node)

    def spread(path):
        """A row of markers as Matplotlib writes it: one by one."""
        assert path.get("marker-start") == path.get("marker-mid")
        (use,) = names[path.get("marker-start")[5:-1]]
        numbers = [float(number) for number in path.get("d")[1:].split()]
        corners = list(zip(numbers[::2], numbers[1::2], strict=True))
        assert corners[-1] == corners[-2]
        for x, y in corners[:-1]:
            one = {**use.attrib, "x": x, "y": y}
            yield use.tag, placed(use.tag, tuple((key, resolved(str(one[key]))) for key in sorted(one)))

    def placed(tag, what):
        """The place of a marker as numbers, however they are written."""
        if tag != f"{SVG}use":
            return what
        return tuple((key, float(value) if key in "xy" else value) for key, value in what)

    def walk(node):
        if node.tag in (f"{SVG}defs", f"{SVG}metadata"):
            return
        tag, what, _ = content(node)
        if tag == f"{SVG}marker":  # stands where its row does
            return
        if node.get("marker-start"):
            yield from spread(node)
            return
        if what and node is not root:
            yield tag, placed(tag, what)
        for child in node:
            yield from walk(child)

    return list(walk(root))


def saved(fig):
    """`savefig`'s SVG of the figure."""
    file = io.StringIO()
    with style.look():
        fig.savefig(file, format="svg", dpi=144, metadata={"Date": None})
    return file.getvalue()


@pytest.fixture
def count(monkeypatch):
    """How often Matplotlib's SVG renderer is asked to draw something."""
    calls = Counter()

    def counting(name, method):
        def counted(self, *args, **kwargs):
            calls[name] += 1
            return method(self, *args, **kwargs)

        return counted

    for name in ("draw_path", "draw_markers", "draw_path_collection", "draw_image", "draw_text"):
        monkeypatch.setattr(RendererSVG, name, counting(name, getattr(RendererSVG, name)))
    return calls


@pytest.fixture
def messages(monkeypatch):
    """The names of the values in each message to the browser."""
    sent = []

    def send_state(self, key=None):
        names = {key} if isinstance(key, str) else set(key)
        sent.extend([names] if names else [])  # ipywidgets sends no empty message

    monkeypatch.setattr(Live, "send_state", send_state)
    return sent


def test_matplotlib_writes_svg_as_live_expects():
    fig, _, curve = simple_figure()
    try:
        file = io.StringIO()
        svg = RendererSVG(72, 72, file, image_dpi=72, metadata={"Creator": None})
        renderer = MixedModeRenderer(fig, 1, 1, 72, svg)
        renderer.open_group("any", gid="name")
        renderer.close_group("any")
        renderer.open_group("any", gid="other")
        curve.draw(renderer)
        renderer.close_group("any")
        svg.finalize()
    except (AttributeError, TypeError) as error:
        pytest.fail(f"Matplotlib {mpl.__version__} changed its SVG renderer, rnnbook/view/live.py must follow: {error}")
    text = file.getvalue()
    assert '<g id="name"/>' in text, "live.py marks the place of a moving artist by an empty group"
    assert text.rstrip().endswith("</svg>"), "live.py cuts what follows the drawing"
    assert text.index("<style") < text.index("<g "), "live.py cuts what precedes the drawing, as its global style"
    assert "<clipPath" in text[text.index("<g ") :], "live.py needs the definitions behind the drawing"


@pytest.mark.parametrize("k", [1, 7])
def test_picture_is_what_savefig_draws(k):
    fig, moving = rich_figure()
    live = Live(fig, moving)
    assert drawn(page(live)) == drawn(saved(fig))
    change(moving, k)
    live.update()
    assert drawn(page(live)) == drawn(saved(fig))


def test_order_of_depth_is_kept():
    fig, ax, _ = simple_figure()
    with style.look():
        middle, below, above = (ax.axhline(4, zorder=z, color=f"#ab00{z:02}") for z in (30, 20, 40))
        ax.axhline(5, zorder=35, color="#ab0035")
    colours = re.findall(r"stroke: #ab00(\d\d)", page(Live(fig, [above, middle, below])))
    assert colours == ["20", "30", "35", "40"]


def test_update_draws_the_moving_artists_alone(count):
    fig, _, curve = simple_figure()
    live = Live(fig, [curve])
    count.clear()
    curve.set_ydata(np.ones(10))
    live.update()
    assert count == {"draw_path": 1}
    count.clear()
    live.redraw()
    assert count.total() > 20


def test_update_leaves_the_still_part(messages):
    fig, _, curve = simple_figure()
    live = Live(fig, [curve], "rises")
    before = live.still
    curve.set_ydata(np.ones(10))
    live.update("constant at 1")
    assert live.still is before
    assert live.reading == "constant at 1"
    assert messages[-1:] == [{"part_0", "reading"}]  # picture and sentence in one


def test_nothing_new_is_not_sent(messages):
    fig, _, curve = simple_figure()
    live = Live(fig, [curve], "rises")
    messages.clear()
    live.update("rises")
    live.redraw()
    assert messages == []


def test_parts_that_stay_are_not_sent(messages):
    fig, moving = rich_figure()
    live = Live(fig, moving)
    messages.clear()
    moving[2].set_text("another")
    live.update()
    assert messages == [{"part_2"}]


def test_every_move_is_sent_once(messages):
    fig, _, curve = simple_figure()
    live = Live(fig, [curve])
    messages.clear()
    for k in range(1, 10):
        curve.set_ydata(np.full(10, k))
        live.update(f"{k}")
    assert messages == [{"part_0", "reading"}] * 9


@pytest.mark.parametrize(
    "alter",
    [
        lambda fig, ax: ax.set_ylim(0, 20),
        lambda fig, ax: ax.set_xscale("symlog"),
        lambda fig, ax: ax.set_visible(False),
        lambda fig, ax: fig.set_size_inches(5, 2),
    ],
)
def test_changed_axes_or_size_redraw_everything(alter):
    fig, ax, curve = simple_figure()
    live = Live(fig, [curve])
    before = live.still
    alter(fig, ax)
    live.update()
    assert live.still != before
    if ax.get_visible():
        assert drawn(page(live)) == drawn(saved(fig))
    before = live.still
    live.update()
    assert live.still is before


def test_moving_axis_takes_new_limits(count):
    fig, ax, curve = simple_figure()
    live = Live(fig, [ax.xaxis, curve])
    before = live.still
    ax.set_xlim(0, 5)
    live.update()
    assert live.still is before
    assert drawn(page(live)) == drawn(saved(fig))
    count.clear()
    curve.set_ydata(np.ones(10))
    live.update()
    assert count == {"draw_path": 1}  # the curve: the axis is as it was
    assert drawn(page(live)) == drawn(saved(fig))


LETTERS = {
    "text": lambda text, ax: text.set_text("other"),
    "place": lambda text, ax: text.set_position((2, 5)),
    "colour": lambda text, ax: text.set_color("#D55E00"),
    "colour, as an array": lambda text, ax: text.set_color(np.array([0.8, 0.4, 0.0])),
    "opacity": lambda text, ax: text.set_alpha(0.5),
    "weight": lambda text, ax: text.set_fontweight("bold"),
    "size": lambda text, ax: text.set_fontsize(20),
    "side": lambda text, ax: text.set_ha("right"),
    "height": lambda text, ax: text.set_va("top"),
    "turn": lambda text, ax: text.set_rotation(30),
    "out of sight": lambda text, ax: text.set_visible(False),
    "limits of a moving axis": lambda text, ax: ax.set_xlim(0, 5),
    "a frame": lambda text, ax: text.set_bbox({"facecolor": "white", "edgecolor": "black"}),
}


@pytest.mark.parametrize("alter", LETTERS.values(), ids=LETTERS)
def test_letters_are_drawn_again_when_they_change(alter, count):
    fig, ax, curve = simple_figure()
    with style.look():
        text = ax.text(1, 4, "letters")
    live = Live(fig, [ax.xaxis, curve, text])
    count.clear()
    curve.set_ydata(np.ones(10))
    live.update()
    assert count == {"draw_path": 1}  # the curve alone: the letters are as they were
    alter(text, ax)
    live.update()
    assert drawn(page(live)) == drawn(saved(fig))


def test_letters_in_a_frame_follow_the_frame():
    fig, ax, _ = simple_figure()
    with style.look():
        text = ax.text(1, 4, "letters", bbox={"facecolor": "white"})
    live = Live(fig, [text])
    text.get_bbox_patch().set_facecolor("#D55E00")
    live.update()
    assert drawn(page(live)) == drawn(saved(fig))


def test_layout_does_not_move_after_the_first_drawing():
    fig, ax, curve = simple_figure()
    live = Live(fig, [curve])
    before = ax.get_position().bounds
    ax.set_ylim(0, 1e7)
    live.update()
    live.png()
    assert ax.get_position().bounds == before


@pytest.mark.parametrize("act", [Live.update, Live.redraw])
def test_failing_artist_leaves_the_last_good_picture(act, messages):
    fig, _, curve = simple_figure()
    text = fig.text(0.5, 0.5, "good")
    live = Live(fig, [curve, text], "good")
    before = live.still, live.moving, live.reading
    messages.clear()
    curve.set_ydata(np.ones(10))
    text.set_text(r"$\unknown$")
    with pytest.raises(ValueError, match="unknown"):
        act(live, "bad")
    assert (live.still, live.moving, live.reading) == before
    assert messages == []
    text.set_text("good again")
    act(live, "good again")
    assert live.reading == "good again"
    assert live.moving != before[1]


def test_failing_still_part_gives_the_artists_back():
    fig, ax, curve = simple_figure()
    live = Live(fig, [curve])
    ax.set_title(r"$\unknown$")
    ax.set_ylim(0, 5)
    for _ in range(2):  # the second time too: the new limits have not been drawn yet
        with pytest.raises(ValueError, match="unknown"):
            live.update()
    assert "draw" not in vars(curve)
    ax.set_title("known")
    live.update()
    assert drawn(page(live)) == drawn(saved(fig))


def test_wrong_moving_artists_are_refused():
    fig, ax, curve = simple_figure()
    _, _, stranger = simple_figure()
    with pytest.raises(TypeError, match="artists, not list"):
        Live(fig, [ax.plot([1, 2])])
    for moving in ([stranger], [curve, curve]):
        with pytest.raises(ValueError, match="does not draw"):
            Live(fig, moving)
    assert "draw" not in vars(curve)


def test_hidden_artist_appears_in_its_place():
    fig, _, curve = simple_figure()
    curve.set_visible(False)
    live = Live(fig, [curve])
    assert "<path" not in live.moving[0]
    curve.set_visible(True)
    live.update()
    assert drawn(page(live)) == drawn(saved(fig))


def test_nothing_restyles_the_page():
    fig, moving = rich_figure()
    live = Live(fig, moving)
    for text in (live.still, *live.moving):
        assert "<style" not in text
        assert "<metadata" not in text
        ET.fromstring(f'<x xmlns:xlink="{XLINK[1:-1]}">{text}</x>')  # well-formed by itself


def test_fragments_carry_what_they_refer_to():
    fig, moving = rich_figure()
    live = Live(fig, moving)
    for text in live.moving:
        wanted = set(re.findall(r'url\(#(.+?)\)|href="#(.+?)"', text))
        assert {a or b for a, b in wanted} <= set(re.findall(r' id="(.+?)"', text))


def test_text_is_text_whatever_it_says():
    fig, ax, curve = simple_figure()
    with style.look():
        label = ax.text(1, 1, '--><script>alert(1)</script> </g> hole-0 & id="hole-0"')
    live = Live(fig, [curve, label])
    assert drawn(page(live)) == drawn(saved(fig))
    assert "<script" not in page(live)


def test_same_figure_gives_the_same_text():
    first, second = (Live(*rich_figure()) for _ in range(2))
    assert first.still == second.still
    assert first.moving == second.moving


def test_png_is_the_picture_as_it_now_is():
    fig, _, curve = simple_figure()
    live = Live(fig, [curve])
    before = live.png()
    assert live.png() == before
    curve.set_ydata(np.ones(10))
    live.update()
    assert live.png() != before
    assert live.png(dpi=72) != live.png(dpi=144)


def test_settings_of_matplotlib_are_left_alone():
    before = mpl.rcParams.copy()
    fig, moving = rich_figure()
    live = Live(fig, moving)
    live.update()
    live.png()
    assert mpl.rcParams.copy() == before


def test_moves_are_drawn_in_the_books_look_whatever_the_settings():
    fig, moving = rich_figure()
    live = Live(fig, moving)
    with mpl.rc_context(
        {"mathtext.fontset": "cm", "svg.fonttype": "none", "svg.hashsalt": None, "path.simplify": False}
    ):
        change(moving, 2)
        live.update()
    assert drawn(page(live)) == drawn(saved(fig))


def test_two_threads_may_update():
    # A callback may run in a second thread (JupyterLab's subshells); Matplotlib's settings are global.
    before, failures = mpl.rcParams.copy(), []
    fig, _, curve = simple_figure()
    live = Live(fig, [curve])

    def run():
        try:
            for _ in range(20):
                live.redraw()
        except Exception as error:  # noqa: BLE001 (what a thread raises would else be lost)
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert mpl.rcParams.copy() == before


def test_memory_does_not_grow_with_updates():
    fig, _, curve = simple_figure()
    live = Live(fig, [curve])

    def objects_after(updates):
        for k in range(updates):
            curve.set_ydata(np.full(10, 1 + k % 7))
            live.update(f"{k}")
        gc.collect()
        return len(gc.get_objects())

    before = objects_after(20)
    assert objects_after(150) - before < 50  # not even one an update
