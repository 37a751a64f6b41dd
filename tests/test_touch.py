"""What a hand can do, without a browser: handles, values to read, figures for narrow pages, predictions."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text

from rnnbook.view import explorers, figure, style
from rnnbook.view.explorers.controls import stops_of
from rnnbook.view.live import Live
from rnnbook.view.predict import predict
from rnnbook.view.text_view import TextView
from rnnbook.view.touch import Columns, Handle, Probe, window
from rnnbook.view.word_view import WordView
from tests.eyes import as_seen

EXPLORERS = [name for name in explorers.__all__ if name != "Explorer"]
PHONE = 3.5  # inches of a picture in a notebook on a page of 390 pixels
BESIDE = {"step that is looked at", "left edge of the window", "token that is asked for"}  # these lie on no curve


@pytest.fixture
def curve():
    _, ax = figure()
    ax.set(xlim=(0, 10), ylim=(0.01, 1), yscale="log")
    return ax.plot([1, 9], [0.1, 1.0])[0]


def handle(ax, log):
    return Handle("point", ax, lambda: (1, 0.1), lambda *to: log.append(to), lambda *by: log.append(by), lambda: "here")


def test_the_page_is_told_where_axes_lie_and_handles_stand(curve):
    live = Live(
        curve.figure, [curve], "", handles=[handle(curve.axes, [])], probes=[Probe(curve.axes, "t", {"a": curve})]
    )
    left, top, right, bottom = live.touch["axes"][0]["box"]
    width, height = 72 * curve.figure.get_size_inches()
    assert 0 < left < right < width
    assert 0 < top < bottom < height
    assert live.touch["handles"] == [{"axes": 0, "at": [1.0, 0.1], "name": "point", "said": "here"}]
    assert live.touch["probes"] == [
        {"axes": 0, "curves": {"a": [[1.0, 9.0], [0.1, 1.0]]}, "span": [1.0, 9.0], "x": "t", "whole": True}
    ]
    assert window(curve.axes)["y"] == [0.01, 1.0, "log"]


@pytest.mark.parametrize(
    ("message", "heard"),
    [({"handle": 0, "x": 3.0, "y": 0.2}, (3.0, 0.2)), ({"handle": 0, "right": -1, "up": 0}, (-1, 0))],
)
def test_a_handle_hears_the_hand(curve, message, heard):
    log = []
    live = Live(curve.figure, [curve], "", handles=[handle(curve.axes, log)])
    live._touched(live, message, [])
    assert log == [heard]


def test_a_table_is_read_column_by_column(curve):
    image = curve.axes.imshow([[0.0, 1.0], [0.5, 2.0]])
    rows = {"upper": np.array([0.0, np.inf]), "lower": np.array([0.12345, 2.0])}
    live = Live(curve.figure, [image], "", probes=[Columns(curve.axes, "t", image, lambda: rows)])
    (told,) = live.touch["probes"]
    assert told["curves"] == {"upper": [[1], [0.0]], "lower": [[1, 2], [0.1235, 2.0]]}  # what is infinite is not told
    assert (told["span"], told["x"], told["whole"]) == ([1.0, 2.0], "t", True)
    with pytest.raises(ValueError, match="must be among the moving artists"):
        Live(curve.figure, [], "", probes=[Columns(curve.axes, "t", image, lambda: rows)])


def test_the_loss_is_dragged_to_the_step_where_it_then_is():
    explorer = explorers.DepthFlow()
    (loss,) = explorer.touch()["handles"]
    loss.drag(20.3, 1.0)
    assert explorer.arrays.losses == (20,) == (loss.at()[0],)
    assert loss.said() == "at step 20"
    assert not explorer.arrays.norms[:, 20:].any()
    explorer.set(loss="every")
    assert loss.at() is None


def test_the_end_that_is_dragged_is_that_of_the_sequence_that_is_shown():
    explorer = explorers.WhoSeesWhom()
    for n, end in enumerate(explorer.touch()["handles"], 1):
        end.drag(4.4, n)
        assert explorer.arrays.chosen == n
        assert explorer.arrays.lengths[n - 1] == 4
        assert end.at() == (4.5, n)
        end.step(1, 0)
        assert end.said() == "5 of 12 steps"


def test_what_is_read_or_leaves_a_ghost_must_move(curve):
    with pytest.raises(ValueError, match="must be among the moving artists"):
        Live(curve.figure, [], "", probes=[Probe(curve.axes, "t", {"a": curve})])
    with pytest.raises(ValueError, match="must be among the moving artists"):
        Live(curve.figure, [], "", ghosts=[curve])


def test_axes_that_the_page_cannot_read_are_refused(curve):
    curve.axes.set_yscale("symlog")
    with pytest.raises(ValueError, match="linear or log; got symlog"):
        Live(curve.figure, [curve], "", handles=[handle(curve.axes, [])])


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_handle_sets_a_control_within_its_limits(name, at_start):
    explorer = at_start(name)
    handles = explorer.touch().get("handles", ())
    assert bool(handles) != (name in {"FirstMinute", "Switchboard", "YourText"})  # the text itself is touched, or read
    for place in handles:
        (low, high), (bottom, top), followed = place.ax.get_xlim(), place.ax.get_ylim(), 0
        for x, y in ((low, bottom), (high, top), (low, top)):
            explorer.reset()
            before = explorer.values()
            if place.take:
                place.take()
            place.drag(x, y)
            moved = {key: value for key, value in explorer.values().items() if value != before[key]}
            followed += len(moved)
            for key, value in moved.items():
                control = explorer.controls[key]
                assert not hasattr(control, "step") or control.min <= value <= control.max  # a field has no limits
        assert followed, place.name  # in one corner it may stand already
        for way in ((1, 0), (-1, 0)):  # it may stand at one end
            explorer.reset()
            place.step(*way)
            if explorer.values() != before:
                break
        else:
            pytest.fail(f"{place.name}: no key moves it")


@pytest.mark.parametrize("way", [-1, 1])
@pytest.mark.parametrize("name", [name for name in EXPLORERS if name != "Recite"])  # it starts where training ended
def test_the_first_touch_of_a_handle_changes_something_either_way(name, way, at_start):
    """By Page Up or Page Down, and by a drag of 40 pixels, where the page is as wide as the picture was made."""
    explorer = at_start(name)

    def drag(place):
        to_inches = place.ax.transData - place.ax.figure.dpi_scale_trans
        there = to_inches.transform(place.at()) + np.multiply(40 / 96, [way, -way])
        ends = np.sort([place.ax.get_xlim(), place.ax.get_ylim()]).T
        if place.take:
            place.take()
        place.drag(*np.clip(to_inches.inverted().transform(there), *ends))

    for place in explorer.touch().get("handles", ()):
        for touch in (drag, lambda place: place.step(0, 10 * way)):
            explorer.reset()
            start = explorer.values()
            touch(place)
            assert explorer.values() != start, place.name


def moves(explorer, names):
    """The explorer's start, and each of these controls at both its ends or at each of its choices."""
    yield {}
    for name in names:
        for value in stops_of(explorer.controls[name], 2):
            explorer.reset()
            explorer.set(**{name: value})
            yield {name: value}
    explorer.reset()


def off(place, curve):
    """How far a handle is from a curve, in points."""
    to_points = place.ax.transData + place.ax.figure.dpi_scale_trans.inverted()
    here, corners = (72 * to_points.transform(points) for points in (place.at(), curve.get_xydata()))
    start, way = corners[:-1], np.diff(corners, axis=0)
    share = ((here - start) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-12)
    nearest = start + np.clip(share, 0, 1)[:, None] * way
    return min(np.linalg.norm(points - here, axis=1).min() for points in (nearest, corners) if len(points))


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_handle_among_curves_lies_on_one_of_them_at_both_ends_of_every_control(name):
    explorer = getattr(explorers, name)()
    touch = explorer.touch()
    for move in moves(explorer, explorer.controls):
        for place in touch.get("handles", ()):
            probes = [probe for probe in touch.get("probes", ()) if isinstance(probe, Probe) and probe.ax is place.ax]
            curves = [curve for probe in probes for curve in probe.curves.values() if curve.get_visible()]
            if curves and place.at() and place.name not in BESIDE:
                assert min(off(place, curve) for curve in curves) < 2, (move, place.name)


@pytest.mark.parametrize("name", EXPLORERS)
def test_no_title_or_label_is_cut_on_a_page_of_390_pixels(name):
    explorer = getattr(explorers, name)()
    explorer._lay_out(PHONE)
    fig = explorer.fig
    for move in moves(explorer, explorer.in_sight[:1]):
        fig.draw_without_rendering()
        renderer, ticks = RendererAgg(1, 1, fig.dpi), set()
        for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
            ticks |= {id(label) for tick in axis.get_major_ticks() for label in (tick.label1, tick.label2)}
        for text in fig.findobj(Text):
            if text.get_visible() and text.get_text().strip() and id(text) not in ticks:
                box = text.get_window_extent(renderer)
                assert -1 <= box.x0 <= box.x1 <= fig.bbox.x1 + 1, (move, text.get_text())


def test_the_gain_that_is_dragged_to_is_the_one_that_shows_it():
    explorer = explorers.GradientFlow(activation="identity", T=50)
    end, _ = explorer.touch()["handles"]
    end.take()
    end.drag(1, 1e-3)
    assert explorer.arrays["RNN"].flow.norms[0][0] == pytest.approx(1e-3, rel=0.4)  # the gain has steps of 0.01


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_narrow_page_gets_a_figure_of_its_width_and_a_wide_one_the_old_one(name, at_start):
    explorer = at_start(name)
    wide = as_seen(explorer.live)
    explorer._lay_out(4.0)
    assert explorer.fig.get_size_inches()[0] == 4.0
    explorer._lay_out(None)
    assert as_seen(explorer.live) == wide


def test_axes_stand_below_one_another_where_there_is_no_room():
    with style.room(5.0):
        fig, axes = figure(nrows=2, ncols=2, width=9, height=4, width_ratios=[1, 2])
        assert figure(width=4)[0].get_size_inches()[0] == 4
    assert axes.shape == (2, 2)
    fig.draw_without_rendering()
    assert len({ax.get_position().x0 for ax in axes.flat}) == 1
    assert fig.get_size_inches().tolist() == [5, 8]


def test_a_text_says_which_letter_is_wanted():
    view, wanted = TextView("letter"), []
    view._asked(view, {"chosen": 3}, [])  # nobody listens yet
    view.on_choice = wanted.append
    view._asked(view, {"chosen": 3}, [])
    assert wanted == [3]


def test_a_text_says_which_word_is_wanted():
    view, wanted = WordView("first"), []
    view._asked(view, {"chosen": 3}, [])
    view.on_choice = wanted.append
    view._asked(view, {"chosen": 3}, [])
    assert wanted == [3]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({}, TypeError, "one of curve, options, bar; got \\[\\]"),
        ({"options": ["a"], "bar": (0, 1, 0.5, "")}, TypeError, "got \\['options', 'bar'\\]"),
        ({"options": ["a", "b"], "right": 2}, ValueError, "one of 2 options, from 0; got 2"),
        ({"options": ["a", "b"]}, ValueError, "got None"),
        ({"bar": (0, 1, 2, "m")}, ValueError, "between the bar's ends 0 and 1; got 2"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        predict("What?", "That.", **given)


def test_without_a_kernel_a_question_is_its_words_and_the_picture_with_the_answer(curve):
    data, metadata = predict("How?", "So.", curve=curve)._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == "How? So."
    assert "image/png" not in predict("Which?", "A.", options=["A", "B"], right=0)._repr_mimebundle_()[0]
    assert np.isfinite(curve.get_ydata()).all()
