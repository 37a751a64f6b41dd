"""The explorers of chapter 03: what they show is what `bptt` finds, and training keeps what it learned."""

import asyncio
import sys
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from rnnbook.lab.gradients import magnitudes, triangle
from rnnbook.lab.reading import reach, recite, rehearsal
from rnnbook.nn import RNN, Batch, unroll
from rnnbook.view.explorers import Recite, TapeWalk, Triangle, first_minute, tape_picture, your_text
from rnnbook.view.explorers import recite as recite_module
from rnnbook.view.explorers import tape_walk as walk_module
from rnnbook.view.explorers import triangle as triangle_module
from rnnbook.view.explorers.recited_text import HANG
from rnnbook.view.letters import letters
from rnnbook.view.live import Live
from rnnbook.view.step_back import step_back
from rnnbook.view.style import figure, save
from tools import rehearsals


@pytest.mark.parametrize("loss", ["every", "last"])
def test_the_walk_obeys_the_recursion(loss):
    walk = TapeWalk(back=0, loss=loss, gain=1.3).arrays
    params, _, _ = walk_module._network(0)
    W = 1.3 * params["W_hh"]
    np.testing.assert_allclose(walk.right[:-1], walk.delta[1:] @ W.T, atol=1e-12)
    np.testing.assert_allclose(walk.delta, (walk.above + walk.right) * walk.local, atol=1e-12)
    assert (walk.right[-1] == 0).all()


def test_the_local_derivative_is_that_of_tanh():
    params, x, _ = walk_module._network(0)
    h, _, _ = unroll(RNN(), params, x[:12])
    np.testing.assert_allclose(TapeWalk().arrays.local, 1 - h[:, 0] ** 2, rtol=1e-12)


def test_the_walk_ends_at_step_one():
    explorer = TapeWalk(T=5, back=19)
    assert explorer.arrays.t == 1


def test_the_forward_pass_is_there_from_the_start_and_the_walk_lights_it_up():
    explorer = TapeWalk(T=5, back=1)
    above, right, local, delta = (explorer._artists._cells.get_array()[k : k + 4] for k in (0, 5, 10, 15))
    lit = [np.sqrt(np.abs(array.T)) for array in explorer.arrays[:4]]  # by how much colour a number has, up to a factor
    whole = above[:, 3:, 3].max() / lit[0][:, 3:].max()
    np.testing.assert_allclose(above[:, 3:, 3], whole * lit[0][:, 3:])
    np.testing.assert_allclose(above[:, :3, 3], tape_picture.PALE * whole * lit[0][:, :3])
    assert (local[:, :3, 3] == tape_picture.PALE).all()
    assert (local[:, 3:, 3] == 1).all()
    for cells, full in ((right, lit[1]), (delta, lit[3])):
        assert (cells[:, :3] == tape_picture.UNKNOWN).all()
        np.testing.assert_allclose(cells[:, 3:, 3], whole * full[:, 3:])
    own, later, whole = explorer._artists.curves.values()
    assert own.get_xdata().tolist() == [1, 2, 3, 4, 5]
    assert later.get_xdata().tolist() == whole.get_xdata().tolist() == [4, 5]


def test_a_length_of_nothing_is_marked_at_the_border():
    explorer = TapeWalk(loss="last", back=0)
    low = explorer._artists.lengths.get_ylim()[0]
    marks = explorer._artists._gone.get_offsets()
    assert (marks[:, 1] == low).all()
    assert np.round(marks[:, 0]).tolist() == [*range(1, 12), 12]  # eleven losses that are not there, one next step
    explorer.set(loss="every", back=11, gain=0.5)
    assert len(explorer._artists._gone.get_offsets()) == 1


@pytest.mark.parametrize("T", [2, 20])
@pytest.mark.parametrize(("gain", "input_scale"), [(0.0, 0.0), (1.0, 4.0), (2.0, 0.0), (2.0, 1.0)])
@pytest.mark.parametrize("width", [None, 3.0])
def test_the_numbers_of_the_equation_do_not_touch_one_another(T, gain, input_scale, width):
    explorer = TapeWalk(T=T, gain=gain, input_scale=input_scale)
    explorer._lay_out(width)
    artists = explorer._artists
    still = [text.get_window_extent(RendererAgg(1, 1, 72)) for text in explorer.fig.axes[0].texts if text.get_text()]
    for back in range(0, T, 3):
        explorer.move(explorer.compute(**explorer.values() | {"back": back}))
        paths = [shape for part in artists._numbers.get_paths() for shape in words_of(part)]
        assert len(paths) == 8  # four numbers, three lengths, whose they are
        for one, other in combinations([*paths, *still], 2):
            assert not (one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1)
        assert min(box.x0 for box in paths) > 0
        assert max(box.x1 for box in paths) < artists.width


def words_of(path):
    """The boxes of the words of a path: outlines that lie close beside one another."""
    words = []
    for box in sorted((Path(part).get_extents() for part in path.to_polygons()), key=lambda box: box.x0):
        for k, word in enumerate(words):
            if abs(word.y0 + word.y1 - box.y0 - box.y1) < 16 and box.x0 < word.x1 + 5:
                words[k] = Bbox.union([word, box])
                break
        else:
            words.append(box)
    return words


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({}, "from its own loss is longer, 2.95; step 10 sends 2.44"),
        ({"gain": 2.0, "back": 11}, "that step 2 sends is longer"),
        ({"loss": "last"}, "all comes from step 10"),
    ],
)
def test_the_longer_part_is_said_in_the_digits_of_the_picture(setting, said):
    explorer = TapeWalk(**setting)
    assert said in explorer.live.reading
    assert f"and gain {explorer.values()['gain']:.2f} " in explorer.live.reading  # which decides the answer
    own, later, _ = explorer.arrays.lengths[:, explorer.arrays.t - 1]
    assert ("own loss is longer" in said) == (own >= later)
    explorer.set(back=0)
    assert "no step follows" in explorer.live.reading


def test_nothing_arrives_where_neither_part_does():
    assert "nothing arrives" in TapeWalk(loss="last", gain=0.0, back=5).live.reading


def test_the_column_is_dragged_and_the_keys_choose_the_unit():
    explorer = TapeWalk()
    (column,) = explorer.touch()["handles"]
    column.drag(4.3, 0)
    assert explorer.arrays.t == 4 == column.at()[0]
    column.step(1, -1)
    assert column.said() == "step 5 of 12, unit 3"
    column.step(0, 1)
    assert explorer.arrays.unit == 2
    assert explorer.values()["back"] == 7


def test_a_number_keeps_its_first_digits_and_six_places():
    shown = [tape_picture.numbered(value) for value in (0.0, 0.4642, -2e-5, 4e-13, -9.9994, 31.4159, 512.3, -4.2e4)]
    assert shown == ["0.000", "0.464", "−2e−05", "4e−13", "−9.999", "31.4", "512", "−4e+04"]


def test_weak_inputs_leave_more_to_cut():
    explorer, cosines = Triangle(), []
    for scale in (0.0, 0.5, 1.0, 2.0):
        explorer.set(input_scale=scale)
        cosines.append(explorer.arrays.every.cosine[9])
    assert cosines == sorted(set(cosines))


def test_the_triangle_draws_faint_what_is_cut_and_frames_what_is_kept():
    explorer = Triangle(k=10)
    colours, kept = explorer._cells.get_array(), explorer.arrays.kept
    cut = ~kept & (explorer.arrays.norms > 0)
    assert set(colours[cut][:, 3]) == {triangle_module.FADED}
    assert set(colours[kept][:, 3]) == {1.0}
    assert (colours[np.triu_indices(40, 1)][:, 3] == 0).all()
    x, y = explorer._edge.get_data()
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    assert area == pytest.approx(kept.sum())


@pytest.mark.parametrize("cut", ["blocks", "restart", "window"])
def test_the_curve_and_the_arrow_say_what_the_triangle_finds(cut):
    explorer = Triangle(cut=cut, k=7)
    found = triangle(RNN(), *triangle_module._run(1.0, 1.0, 40, 0), 7, cut)
    np.testing.assert_allclose(explorer.arrays.norms, found.norms, rtol=1e-10)
    angle = np.degrees(np.arccos(found.cosine))
    assert explorer._curve.get_ydata()[6] == explorer._point.get_ydata()[0] == pytest.approx(angle)
    x, y = explorer._arrow.get_xydata()[1]
    assert np.degrees(np.arctan2(y, x)) == pytest.approx(angle)
    assert np.hypot(x, y) == pytest.approx(found.ratio)


def test_the_corner_of_a_block_and_the_point_on_the_curve_set_k():
    explorer = Triangle()
    corner, point = explorer.live._handles
    corner.drag(3.0, 17.6)
    assert explorer.values()["k"] == 17
    assert corner.at() == (17.5, 17.5)
    point.drag(28.3, 90.0)
    assert explorer.values()["k"] == point.at()[0] == 28
    point.drag(1e9, 0.0)
    corner.step(0, 1)  # up the picture is a shorter block
    assert explorer.values()["k"] == 39


@pytest.mark.parametrize("setting", [{"k": 1}, {"gain": 2.0}, {"cut": "window", "gain": 1.5}, {"cut": "restart"}])
def test_the_angle_stays_small_from_where_the_sentence_says(setting):
    explorer = Triangle(**setting)
    first = int(explorer.live.reading.split("from k = ")[1].split(" on")[0])
    angles = explorer._curve.get_ydata()
    assert (angles[first - 1 :] <= triangle_module.NEAR).all()
    assert first == 1 or angles[first - 2] > triangle_module.NEAR


def test_a_right_angle_has_a_cosine_without_a_sign():
    explorer = Triangle(seed=3, gain=2.0, k=19)
    assert -0.005 < explorer.arrays.every.cosine[18] < 0
    assert "at 90 degrees to the full one (cosine 0.00)" in explorer.live.reading


def test_an_arrow_that_leaves_the_picture_is_a_cross_on_its_border():
    explorer = Triangle()
    assert explorer._arrow.get_marker() == "o"
    every = explorer.arrays.every
    explorer.move(
        explorer.arrays._replace(every=every._replace(ratio=0 * every.ratio + 4, cosine=0 * every.cosine + 0.6))
    )
    assert explorer._arrow.get_marker() == "x"
    assert explorer._arrow.get_xydata()[1] == pytest.approx([1.125, 1.5])


def test_recite_trains_keeps_what_it_learned_and_goes_on():
    explorer = Recite(k=20)
    explorer.trainer.steps = 60
    assert explorer.live.reading.startswith("Before training")
    assert explorer.controls["step"].disabled
    explorer.trainer.start()
    assert "After 50 training steps" in explorer.live.reading
    assert explorer.arrays.steps.tolist() == [0, 25, 50]
    assert explorer.controls["step"].max == 50
    assert explorer.values()["step"] == 50
    after = explorer.live.reading
    explorer.set(k=30)
    assert explorer.live.reading.startswith("Before training")
    explorer.set(k=20)
    assert explorer.live.reading == after
    explorer.trainer.start()
    assert "After 100 training steps" in explorer.live.reading
    explorer.reset()
    assert explorer.live.reading.startswith("Before training")
    assert explorer.values()["step"] == explorer.arrays.step == 0


def test_the_words_and_the_slider_are_of_the_network_that_is_shown():
    explorer = Recite()
    assert "RNN: trained for 150 steps" in explorer.trainer.words.value
    explorer.controls["cell"].value = "LSTM"
    assert explorer.trainer.words.value == "LSTM: trained for 0 steps"
    assert explorer.values()["step"] == explorer.arrays.step == 0
    explorer.controls["cell"].value = "RNN"
    assert explorer.values()["step"] == explorer.arrays.step == 150
    explorer.set(cell="GRU")
    explorer.reset()
    assert explorer.arrays.step == 150
    assert "RNN: trained for 150 steps" in explorer.trainer.words.value


@pytest.mark.parametrize(
    "changes", [{}, {"k": 20}, {"cell": "GRU"}, {"step": 75}, {"step": 600}, {"seed": 3, "step": 50}]
)
def test_reset_leads_to_the_step_at_the_start_and_the_slider_stands_at_the_step_that_is_shown(changes):
    explorer = Recite(**changes)
    started = explorer.values()
    assert started["step"] == explorer.arrays.step
    for other in ({"cell": "LSTM"}, {"step": 25}, {"k": 30, "seed": 1}):
        explorer.set(**other)
        assert explorer.values()["step"] == explorer.arrays.step
        explorer.reset()
        assert explorer.values() == started
        assert explorer.arrays.step == started["step"]


def test_reset_leads_to_the_step_at_the_start_from_another_network_at_the_same_step():
    explorer = Recite(step=25)
    explorer.set(cell="GRU", k=5)
    explorer.trainer.steps = 25
    explorer.trainer.start()
    assert (explorer.values()["step"], explorer.controls["step"].max) == (25, 25)
    explorer.reset()
    assert explorer.values()["step"] == explorer.arrays.step == 25
    assert explorer.controls["step"].max == 150


def test_what_is_not_trained_is_not_kept_and_recites_once(monkeypatch):
    calls, module = [], sys.modules["rnnbook.lab.reading.rehearsal"]
    monkeypatch.setattr(module, "recite", lambda *args: calls.append(args) or recite(*args))
    explorer = Recite(cell="GRU", seed=9)
    for k in (5, 30, 60, 106):
        explorer.set(k=k)
    assert len(calls) <= 1  # none, where another test has asked for it
    assert explorer.trainings == {}
    explorer.trainer.steps = 1
    explorer.trainer.start()
    explorer.set(k=20)
    assert [*explorer.trainings] == [("GRU", 106, 9)]


def test_how_far_back_is_one_function_everywhere():
    assert recite_module.reach is your_text.reach is first_minute.reach is reach


def test_the_sentence_says_what_is_given_and_what_is_wrong():
    explorer, text = Recite(step=0), rehearsal().task.text
    assert "recites nothing of 856 characters but the first, which is given." in explorer.live.reading
    for step in range(25, 151, 25):
        explorer.set(step=step)
        heart = explorer.arrays.by_heart[step // 25]
        rest = [a != b for a, b in zip(explorer.arrays.spoken[heart:], text[heart:], strict=True)]
        assert f"recites {heart} of 856 characters before its first mistake" in explorer.live.reading
        assert ("; most of what follows is wrong." in explorer.live.reading) == (np.mean(rest) > 0.5)


def test_half_learned_it_goes_on_where_it_was_stored():
    explorer = Recite()
    texts, curves = explorer._text._right.text, explorer._history.get_ydata()
    explorer.trainer.steps = 25
    explorer.trainer.start()
    training = explorer.trainings["RNN", 107, 0]
    losses = [progress.loss for progress in training.history]
    assert [progress.step for progress in training.history] == list(range(1, 176))
    assert max(losses[150:]) <= 1.1 * max(losses[140:150])  # no leap where the stored part ends
    assert explorer.values()["step"] == explorer.controls["step"].max == 175
    assert (explorer._history.get_ydata()[: len(curves)] == curves).all()
    explorer.set(step=150)
    assert explorer._text._right.text == texts


def test_train_shows_the_newest_step_and_who_then_looks_back_is_not_moved():
    explorer = Recite(step=25)
    explorer.trainer.steps = 25

    async def reader():
        explorer.trainer.train_button.click()
        await asyncio.sleep(0)
        assert explorer.values()["step"] == 150
        explorer.set(step=50)
        await explorer.trainer._task

    asyncio.run(reader())
    assert explorer.values()["step"] == 50
    assert explorer.controls["step"].max == 175


def test_beyond_the_chart_the_slider_and_the_axis_go_on(monkeypatch):
    monkeypatch.setattr(recite_module, "STEPS", 50)
    explorer = Recite(k=5)
    explorer.trainer.steps = 75
    explorer.trainer.start()
    assert explorer.values()["step"] == explorer.controls["step"].max == 75
    assert explorer._history.axes.get_xlim()[1] > 300
    explorer.set(step=25)
    explorer.set(step=75)
    assert explorer.arrays.step == 75


@pytest.mark.parametrize("cell", ["RNN", "LSTM"])
def test_the_gradient_by_letters_back_is_that_of_the_window(cell):
    explorer = Recite(k=15, place=300, cell=cell)
    training = rehearsal(cell, 15, 0)
    tokens = training.task.tokens[284:300, None]
    batch = Batch(tokens[:-1], tokens[1:], np.arange(15)[:, None] == 14)
    norms = magnitudes(training.model.gradients(training.params, batch).back.h)
    np.testing.assert_allclose(explorer.arrays.now, norms / norms.max(), rtol=1e-12)
    far = int(explorer._reach.get_xdata()[0])
    assert explorer._reach.get_ydata()[0] == explorer.arrays.now[15 - far] >= 0.1
    assert (explorer.arrays.now[: 15 - far] < 0.1).all()


@pytest.mark.parametrize("width", [11.5, 3.75])
def test_every_letter_is_right_or_wrong_and_stands_where_the_text_has_it(width):
    explorer = Recite()
    explorer._lay_out(width)
    shown, spoken = explorer._text, explorer.arrays.spoken.replace("\n", "↵")
    said = [a if a != " " else b for a, b in zip(shown._right.text, shown._wrong.text, strict=True)]
    assert "".join(said) == spoken
    right = [a == b for a, b in zip(explorer.arrays.spoken, shown.text, strict=True)]
    assert all(good or char == " " for char, good in zip(shown._right.text, right, strict=True))
    assert len({shown.at(k) for k in range(856)}) == 856
    assert [shown.nearest(*shown.at(k)) for k in range(0, 856, 7)] == list(range(0, 856, 7))
    explorer.set(shown="text")
    said = [a if a != " " else b for a, b in zip(shown._right.text, shown._wrong.text, strict=True)]
    assert "".join(said) == shown.text.replace("\n", "↵")


@pytest.mark.parametrize(("step", "far", "reached"), [(150, 107, 107), (25, 58, 57)])  # a letter between is below
def test_the_band_lies_behind_every_wrong_letter_and_the_line_below_those_that_are_reached(step, far, reached):
    explorer = Recite(step=step)
    shown = explorer._text
    wrong = sum(a != b for a, b in zip(explorer.arrays.spoken, shown.text, strict=True))
    assert explorer.live.reading.split(". ")[1].startswith(f"{far} letters back from letter 324, ")
    for curve, many in ((shown._band, wrong), (shown._mark, reached)):
        x, y = curve.get_data()
        x, y = (x[6:], y[6:]) if curve is shown._mark else (x, y)  # the frame comes first
        assert np.nansum(x[1::3] - x[::3]) == pytest.approx(many)
        assert (y[1::3] == y[::3]).all()


def test_the_frame_walks_through_the_text_and_the_diamond_through_the_training():
    explorer = Recite()
    step, letter = explorer.live._handles
    step.drag(60.0, 0.0)
    assert explorer.values()["step"] == step.at()[0] == 50
    step.step(1, 0)
    assert explorer.values()["step"] == 75
    letter.drag(3.2, 11.9 + HANG)  # the fourth letter of the line "Unless explicitly silenced."
    place = explorer.values()["place"]
    assert explorer._text.text[place - 4 : place + 2] == "Unless"
    letter.step(1, 0)
    letter.step(0, 1)  # to the line above
    assert explorer._text.at(explorer.values()["place"] - 1) == (4.0, 11.0)
    letter.drag(0.0, 0.0)  # the first letter has none before it
    assert explorer.values()["place"] == 2
    assert "1 letter back from letter 2, the whole window, the gradient" in explorer.live.reading


def test_letters_are_one_element_each_and_the_same_in_both_formats():
    fig, ax = figure()
    artist = letters(ax, range(6), [0] * 6, 11, "#000000")
    artist.text = "hel lo"
    live = Live(fig, [artist])
    assert live.moving[0].count("<marker ") == len(set("helo"))
    assert live.moving[0].count("marker-start=") == len(set("helo"))
    before = live.png()
    artist.text = "      "
    live.update()
    assert "<marker" not in live.moving[0]
    assert live.png() != before


def test_letters_that_look_otherwise_have_another_id(tmp_path):
    fig, ax = figure()
    for size, color in ((11, "#000000"), (11, "#FF0000"), (14, "#000000"), (14, "#000000")):
        letters(ax, range(2), [0] * 2, size, color).text = "he"
    save(fig, tmp_path / "letters")
    markers = ElementTree.parse(tmp_path / "letters.svg").iterfind(".//{http://www.w3.org/2000/svg}marker")
    looks = {}
    for marker in markers:
        looks.setdefault(marker.get("id"), set()).add(tuple(sorted(marker[0].items())))
    assert len(looks) == 6
    assert len(set.union(*looks.values())) == 6
    assert all(len(same) == 1 for same in looks.values())


def test_stop_ends_the_training_of_recite():
    explorer = Recite(k=10)
    explorer.trainer.steps = 100_000

    async def reader():
        explorer.trainer.train_button.click()
        await asyncio.sleep(0.3)
        explorer.trainer.stop_button.click()
        await explorer.trainer._task

    asyncio.run(reader())
    assert "stopped after" in explorer.trainer.words.value
    assert 0 < len(explorer.trainings["RNN", 10, 0].history) < 100_000


def test_what_is_stored_is_what_those_weights_recite():
    training = rehearsal()
    for said in training.recitations[1:]:
        again = recite(training.model, said.params, training.task)
        assert again[: said.by_heart + 1] == said.spoken[: said.by_heart + 1]
    losses = [progress.loss for progress in training.history]
    assert losses[0] > 3 > 0.1 > losses[-1]
    assert rehearsal().params["W_hh"] is not training.params["W_hh"]  # each is trained by itself


def test_what_is_stored_can_be_made_again(monkeypatch):
    monkeypatch.setattr(rehearsals, "STEPS", 25)
    found = rehearsals.arrays(*rehearsals.train())
    stored = sys.modules["rnnbook.lab.reading.rehearsal"]._stored()
    assert {name.replace("25.", "") for name in found if name.startswith("25.")} == set(rehearsal().params)
    np.testing.assert_allclose(found["history"], stored["history"][:25], rtol=1e-3)
    np.testing.assert_allclose(found["25.W_hh"], stored["25.W_hh"], atol=1e-2)


def test_the_diagram_of_one_step_back_has_all_nodes():
    fig, sentence = step_back()
    words = {text.get_text() for text in fig.axes[0].texts}
    assert {"$h_{t-1}$", "$a_t$", "$h_t$", "$a_{t+1}$", "$L_t$", "$\\delta_{t+1} W_{hh}^\\top$"} <= words
    assert sentence.endswith(".")


@pytest.mark.parametrize(("now", "said"), [((0.5, 0.05, 1.0), "with gaps"), ((0.5, 0.5, 1.0), "the whole window")])
def test_a_reach_with_gaps_is_said_to_have_gaps(now, said):
    explorer = Recite()
    arrays = explorer.arrays._replace(now=np.array(now), start=np.array(now))
    assert f"3 letters back from letter 324, {said}, the gradient" in explorer.reading(arrays)
