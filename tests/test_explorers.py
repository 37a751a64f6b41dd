"""Every explorer, every control to both ends and through all options: no exception, no warning, a true sentence."""

import asyncio
import base64
import json
import re
import sys
import threading
from itertools import combinations

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg

from rnnbook.lab.reading import review_reader, verdicts, word_gradients
from rnnbook.lab.tasks import Corpus, Reviews, pad
from rnnbook.nn import LSTM, Model
from rnnbook.view import explorers
from rnnbook.view.explorers import (
    Cliff,
    DepthFlow,
    Explorer,
    FirstMinute,
    GatesText,
    GradientFlow,
    Padding,
    Recite,
    ReviewVerdict,
    TapeWalk,
    Triangle,
    Unroll,
    YourText,
)
from rnnbook.view.explorers.base import _within
from rnnbook.view.explorers.your_text import tenth_levels
from tests.eyes import as_seen

ALL = [getattr(explorers, name) for name in explorers.__all__ if name != "Explorer"]
each_explorer = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
TEXTS = ["ab", "hello hello hello", "한국어와 emoji 👩‍👩‍👧 \u0301\t\n<b>&", "x" * 2500, "\n\n", "𝔘𝔫𝔦"]
REVIEWS = [
    "dull",
    "The plot was NOT dull!",
    "아주 지루한 👩‍👩‍👧 영화 <b>&",
    "x" * 2500,
    "not dull but " * 60,
    "𝔘𝔫𝔦 \u0301 e\u0301",
]
DRAWINGS = ["", ".", "0.5, 6-24: 0", "abc 2 nan", "." * 30]


@pytest.fixture
def explorer(at_start, kind):
    """One explorer of each kind for all quick tests: Reset stands between them."""
    return at_start(kind.__name__)


def stops(control):
    """Both ends of a slider, its middle, or all options of a list."""
    if isinstance(control, widgets.IntSlider | widgets.FloatSlider):
        middle = (control.min + control.max) / 2
        return [control.min, type(control.value)(middle), control.max]
    if isinstance(control, widgets.Dropdown):
        return [value for _, value in control._options_full]
    if control.description in ("Review", "Compare"):
        return REVIEWS
    return DRAWINGS if control.description.startswith("Draw") else TEXTS


def ends(control):
    """Both ends of a slider, or all options of a list."""
    values = stops(control)
    return [values[0], values[-1]] if isinstance(control, widgets.IntSlider | widgets.FloatSlider) else values


def check(explorer):
    """What holds after every move."""
    assert "still the one before" not in explorer.live.reading
    assert explorer.live.reading == explorer.reading(explorer.arrays)
    assert explorer.live.reading.rstrip().endswith(".")
    assert not re.search(r"(?<![\de])[-−]0(\.0+)?(?!\.?\d)", explorer.live.reading)  # a zero has no sign
    numbers = numbers_in(explorer.arrays)
    if not all(np.isfinite(n).all() for n in numbers):
        assert "overflows" in explorer.live.reading


def numbers_in(thing):
    if isinstance(thing, np.ndarray):
        return [thing] if thing.dtype.kind in "fc" else []
    parts = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, tuple | list) else []
    return [n for part in parts for n in numbers_in(part)]


@each_explorer
def test_every_control_to_both_ends_and_through_all_options(explorer):
    """Each move is sound, and other pictures have other readings.

    Axes and letters are not drawn again while they stay the same: at both ends, all is as if they were.
    """
    moves, seen = 0, {}
    for name, control in explorer.controls.items():
        values = stops(control)
        for value in values:
            explorer.set(**{name: value})
            check(explorer)
            sentences = re.split(r"(?<=\.) ", explorer.live.reading)
            assert name not in explorer.in_sight or max(len(said.split()) for said in sentences) <= 25
            moves += 1
            shown = list(explorer.live.moving)
            seen.setdefault(tuple(shown), set()).add(explorer.live.reading)
            if value in (values[0], values[-1]):
                explorer.live._kept.clear()
                explorer.live.update()
                assert explorer.live.moving == shown, (name, value)
        explorer.reset()
    assert moves >= 2 * len(explorer.controls)
    assert len({reading for readings in seen.values() for reading in readings}) >= 0.8 * len(seen)
    assert len(seen) > 5


@each_explorer
@pytest.mark.parametrize("end", [0, -1], ids=["first", "last"])
def test_what_is_not_among_the_moving_artists_stays_as_it_is(explorer, end):
    explorer.set(**{name: stops(control)[end] for name, control in explorer.controls.items()})
    shown = in_thousandths(as_seen(explorer.live))
    explorer.live.redraw()
    assert in_thousandths(as_seen(explorer.live)) == shown


def in_thousandths(svg):
    """SVG with its numbers rounded: what is laid out once more may differ in the last digit."""
    return re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.3f}", svg)


def covering(choices):
    """Rows of choices in which every two choices of every two names stand together at least once."""
    places = {name: range(len(values)) for name, values in choices.items()}
    missing = {((a, i), (b, j)) for a, b in combinations(places, 2) for i in places[a] for j in places[b]}
    while missing:
        row = dict(min(missing))
        for name in [name for name in places if name not in row]:
            row[name] = max(places[name], key=lambda k, name=name: len(missing & pairs({**row, name: k}, places)))
        missing -= pairs(row, places)
        yield {name: choices[name][k] for name, k in row.items()}


def pairs(row, order):
    """Every two choices of a row, in the order of the names."""
    return set(combinations([(name, row[name]) for name in order if name in row], 2))


@each_explorer
def test_every_two_controls_at_their_ends_together(explorer):
    choices = {name: ends(c) for name, c in explorer.controls.items() if name != "target"}
    for row in covering(choices):
        explorer.set(**row)
        check(explorer)


@pytest.mark.parametrize("kind", [Recite, TapeWalk, Unroll], ids=lambda kind: kind.__name__)  # set what has changed
@pytest.mark.parametrize("end", [0, -1])
def test_a_moved_explorer_looks_as_a_new_one_at_its_values(explorer, end):
    for name, control in explorer.controls.items():
        explorer.set(**{name: stops(control)[end]})
    new = type(explorer)(**explorer.values())
    assert new.values() == explorer.values()
    assert as_seen(new.live) == as_seen(explorer.live)


@each_explorer
def test_reset_brings_back_values_picture_and_reading(explorer):
    values, picture, reading = explorer.values(), list(explorer.live.moving), explorer.live.reading
    for name, control in explorer.controls.items():
        explorer.set(**{name: stops(control)[0]})
    assert explorer.values() != values
    explorer.reset_button.click()
    assert explorer.values() == values
    assert list(explorer.live.moving) == picture
    assert explorer.live.reading == reading


@each_explorer
def test_compute_is_pure(explorer):
    before = json.dumps([n.tolist() for n in map(np.abs, numbers_in(explorer.arrays))])
    again = explorer.compute(**explorer.values())
    assert json.dumps([n.tolist() for n in map(np.abs, numbers_in(again))]) == before


@pytest.mark.parametrize("kind", {kind.png: kind for kind in ALL}.values(), ids=lambda kind: kind.__name__)
def test_the_bundle_has_widget_picture_and_sentence(explorer):
    """Of one explorer for each way to make a picture; the bundles of all are shown, and compared, in the chapters."""
    data, metadata = explorer._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.box.model_id
    assert base64.b64decode(data["image/png"])[1:4] == b"PNG"
    assert data["text/plain"] == metadata["image/png"]["alt"] == explorer.live.reading


def test_the_bundle_is_the_same_bytes_again(at_start):
    """Of one explorer; of all, as the chapters show them, `make notebooks` does it again."""
    explorer = at_start("Horizon")
    one, two = (explorer._repr_mimebundle_()[0]["image/png"] for _ in range(2))
    assert one == two


@each_explorer
def test_what_stands_in_the_data_of_a_moving_axis_moves_with_it(explorer):
    moving = explorer.live.artists
    for ax in explorer.fig.axes:
        for artist in {*ax.lines, *ax.collections, *ax.patches, *ax.texts, *ax.images}.difference(moving):
            held = artist.get_transform().contains_branch_seperately(ax.transData)
            assert not (held[0] and ax.xaxis in moving), artist
            assert not (held[1] and ax.yaxis in moving), artist


@each_explorer
def test_every_control_has_a_label_and_the_class_a_docstring(explorer, kind):
    assert all(control.description for control in explorer.controls.values())
    assert "Look for" in kind.__doc__
    assert issubclass(kind, Explorer)


@each_explorer
def test_an_explorer_asks_one_question_and_has_three_controls_in_sight_at_most(explorer):
    assert explorer.question.endswith("?")
    assert explorer.question in explorer.box.children[0].value
    assert 1 <= len(explorer.in_sight) <= 3
    assert set(explorer.in_sight) <= set(explorer.controls)


@each_explorer
def test_an_unknown_control_is_named(kind):
    with pytest.raises(TypeError, match=f"{kind.__name__} has the controls .*; got colour"):
        kind(colour="red")


def test_a_defect_is_not_swallowed(monkeypatch):
    explorer = GradientFlow(T=10, H=4)
    monkeypatch.setattr(explorer, "compute", lambda **values: {}["no such key"])
    with pytest.raises(KeyError):
        explorer.controls["gain"].value = 0.5


def test_gradient_flow_says_when_nothing_arrives():
    explorer = GradientFlow(cell="RNN", gain=0.0, T=20, H=4)
    assert "vanishes: it is exactly 0 after 1 step back" in explorer.live.reading
    assert explorer.touch()["handles"][0].at() is None
    explorer.set(gain=1.0, activation="identity", scale="spectral radius")
    assert "keeps its size: a factor 1.000 a step in the mean" in explorer.live.reading
    assert explorer.controls["gain"].description == "Spectral radius"


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_the_factor_of_gradient_flow_leads_from_end_to_end(cell):
    explorer = GradientFlow(cell=cell)
    for gain in (0.9, 1.17, 1.19, 1.6):
        explorer.set(gain=gain)
        first = explorer.arrays[cell].flow.norms[0][0]
        assert f": a factor {first ** (1 / 99):.3f} a" in explorer.live.reading


@pytest.mark.parametrize("T", [10, 100])
def test_a_gradient_that_neither_halves_nor_doubles_is_not_said_to_vanish_or_to_grow(T):
    explorer, said = GradientFlow(activation="identity", T=T), set()
    for gain in (0.9, 0.94, 0.992, 0.994, 1.0, 1.006, 1.08, 1.1):
        explorer.set(gain=gain)
        first = explorer.arrays["RNN"].flow.norms[0][0]  # gain ** (T - 1)
        verb = "vanishes" if first < 0.5 else "grows" if first > 2 else "hardly changes"
        if abs(first ** (1 / (T - 1)) - 1) < 5e-4:
            verb = "keeps its size"
        assert explorer.live.reading.startswith(f"Linear RNN: the gradient {verb}: a factor")
        said.add(verb)
    assert len(said) == 4


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("gain", [0.0, 1.0])
def test_what_is_left_is_said_where_one_loss_alone_went_all_the_way(cell, gain):
    """With a loss at every step the gradient at step 1 is as large if nothing went back: it says nothing of the way."""
    explorer = DepthFlow(cell=cell, gain=gain, after=0, T=20)
    back = explorer.arrays.norms[-1, 0]
    said = rf"{f'{back:.2g}' if back else 'nothing'}( is left)? after 19 steps back"
    assert re.search(f"^More is lost .* {said}", explorer.live.reading)
    explorer.set(loss="every")
    assert explorer.live.reading.startswith("At step 1 the gradient is")
    assert "left" not in explorer.live.reading
    assert explorer.arrays.norms[-1, 0] > 0.5


def test_gradient_flow_shows_the_theory_only_where_there_is_one():
    explorer = GradientFlow(T=20, H=8)
    assert "Theory (dotted)" in explorer.live.reading
    for change in ({"cell": "LSTM"}, {"cell": "GRU"}, {"cell": "RNN", "activation": "relu"}):
        explorer.set(**change)
        assert "Theory" not in explorer.live.reading
        assert not explorer._curves["theory"].get_visible()


def test_greyed_out_controls_change_nothing():
    explorer = GradientFlow(cell="LSTM", T=20, H=8)
    assert explorer.controls["activation"].disabled
    before = explorer.live.reading
    explorer.set(activation="relu")
    assert explorer.live.reading == before


@pytest.mark.parametrize("text", ["", "a"])
def test_too_short_a_text_is_said_and_the_picture_stays(text):
    explorer = YourText(text="hello")
    picture = list(explorer.live.moving)
    explorer.controls["text"].value = text
    assert f"here is {len(text)}. The picture is still the one before." in explorer.live.reading
    assert list(explorer.live.moving) == picture
    explorer.controls["text"].value = "hello"
    assert "Character 5, 'o'" in explorer.live.reading


@pytest.mark.parametrize("kind", [FirstMinute, GatesText, YourText], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("text", ["", "a"])
def test_a_field_that_is_emptied_to_type_anew_leaves_the_letter_that_was_chosen(kind, text):
    explorer = kind(text="hello world", target=4)
    shown, letters = explorer.arrays, explorer.page.text
    explorer.controls["text"].value = text
    assert explorer.controls["target"].value == 4
    assert (explorer.arrays, explorer.page.text) == (shown, letters)
    assert "The picture is still the one before." in explorer.live.reading
    assert explorer.controls["text"].placeholder == "Type at least two characters."
    explorer.controls["text"].value = "hello you"
    assert explorer.controls["target"].value == 4
    assert explorer.controls["target"].max == len("hello you")
    assert "still the one before" not in explorer.live.reading


def test_a_long_text_is_cut_and_says_so():
    explorer = YourText(text="ab" * 1500)
    assert "cut to its first 2,000 of 3,000 characters" in explorer.live.reading
    assert explorer.arrays.target == 1999


def test_the_target_follows_the_end_of_the_text_and_stays_where_it_was_put():
    explorer = YourText(text="hello")
    explorer.controls["text"].value = "hello world"
    assert explorer.controls["target"].value == 11
    explorer.controls["target"].value = 3
    explorer.controls["text"].value = "hello world again"
    assert explorer.controls["target"].value == 3
    explorer.controls["text"].value = "he"
    assert explorer.controls["target"].value == 2


def upload(explorer, name, content):
    explorer.upload.receive(explorer.upload, {"name": name}, [memoryview(content)])


def test_a_file_is_loaded_and_what_is_no_text_is_refused():
    explorer = YourText(text="hello")
    upload(explorer, "a.txt", b"\xef\xbb\xbf" + "grüße".encode())
    assert explorer.controls["text"].value == "grüße"
    upload(explorer, "b.txt", "zwölf\r\nBoxkämpfer\r".encode("utf-16"))
    assert explorer.controls["text"].value == "zwölf\nBoxkämpfer\n"
    upload(explorer, "a.txt", "grüße".encode())
    for name, content in (("empty.txt", b""), ("zeros", bytes(9)), ("old.txt", "안녕".encode("cp949"))):
        upload(explorer, name, content)
        assert explorer.live.reading.startswith(name)
        assert explorer.live.reading.endswith("The picture is still the one before.")
    upload(explorer, "photo.jpg", b"\xff\xd8\xff")
    assert explorer.live.reading.startswith("photo.jpg is not a text in UTF-8: invalid start byte at byte 0;")
    assert explorer.controls["text"].value == "grüße"


def test_training_learns_the_text_and_keeps_it():
    explorer = YourText(text="abcabcabcabcabcabc")
    untrained = explorer.arrays.found.loss
    explorer.trainer.start()
    assert explorer.controls["weights"].value == "trained"
    assert explorer.arrays.found.loss < 0.1 < untrained
    learned = explorer.live.reading
    explorer.set(text="something else")
    assert "never saw" in explorer.live.reading
    explorer.set(text="abcabcabcabcabcabc")
    assert explorer.live.reading == learned  # nothing trained is lost
    explorer.set(text="abccba")
    assert "trained on another text" in explorer.live.reading
    explorer.set(cell="GRU", text="abcabcabcabcabcabc")
    assert "No GRU has been trained yet" in explorer.live.reading


def test_letters_are_coloured_down_to_a_tenth_of_the_largest():
    explorer = YourText()
    for target in (141, 60, 2):
        explorer.set(target=target)
        norms, coloured = explorer.arrays.norms, explorer.levels(explorer.arrays) > 0
        assert (coloured == (norms >= norms.max() / 10)).all()
        far = target - 1 - int(coloured.argmax())
        assert re.match(f"{far} characters? back", explorer.live.reading)
        assert explorer._chart["tenth"].get_xdata()[1] == target - far
    assert tenth_levels(np.zeros(3)).tolist() == [0, 0, 0]


def test_a_network_that_was_trained_is_said_to_be_kept():
    explorer = YourText(text="abcabcabcabcabcabc")
    explorer.trainer.start()
    explorer.reset()
    assert explorer.trainer.words.value.startswith("kept: the RNN trained for 300 steps; Weights: trained shows it")
    explorer.set(cell="GRU", weights="trained")
    assert explorer.trainer.words.value == ""


def test_training_goes_on_where_it_was():
    explorer = YourText(text="abcabcabcabcabcabc")
    explorer.trainer.start()
    explorer.trainer.start()
    assert "done after 600 steps" in explorer.trainer.words.value


def test_training_on_nothing_says_so():
    explorer = YourText(text="ab")
    explorer.trainer.start()
    assert "three characters" in explorer.trainer.words.value
    assert not explorer.trainer.running


def test_sliders_and_stop_answer_while_training_runs():
    explorer = YourText(text="to be or not to be, that is the question. " * 20)
    explorer.trainer.steps = 100_000

    async def reader():
        explorer.trainer.train_button.click()
        await asyncio.sleep(0.3)
        assert explorer.trainer.running
        assert explorer.trainer.train_button.disabled
        explorer.controls["target"].value = 7
        assert "Character 7" in explorer.live.reading
        explorer.trainer.stop_button.click()
        await explorer.trainer._task

    asyncio.run(reader())
    assert "stopped after" in explorer.trainer.words.value
    assert not explorer.trainer.running
    made = next(iter(explorer.weights.trainings.values()))
    assert 0 < len(made.history) < 100_000
    assert explorer.weights.learned[next(iter(explorer.weights.trainings))].steps == len(made.history)


def test_a_slider_in_another_thread_sees_whole_weights():
    """JupyterLab may run a slider's callback in a thread of its own while a cell, or training, runs."""
    explorer = YourText(text="to be or not to be, that is the question. " * 5)
    explorer.trainer.steps = 200
    errors = []

    async def both():
        explorer.trainer.train_button.click()
        while explorer.trainer.running:
            try:
                await asyncio.to_thread(explorer.refresh)
            except Exception as error:
                errors.append(error)
                raise
            await asyncio.sleep(0.01)
        await explorer.trainer._task

    asyncio.run(both())
    assert not errors
    assert explorer.trainer.words.value.startswith("done after 200 steps, loss")


def test_a_figure_that_is_laid_out_while_another_moves_has_the_books_look():
    """Matplotlib's settings are global, and two threads change them."""
    one, other = Padding(), GradientFlow(T=10, H=4)
    looks = []

    def lay_out():
        for k in range(4):
            one._lay_out(3.0 + 0.1 * k)
            looks.extend((ax.spines["top"].get_visible(), ax.yaxis.label.get_size()) for ax in one.fig.axes)

    thread, interval = threading.Thread(target=lay_out), sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        thread.start()
        while thread.is_alive():
            other.step(gain=1)
            other.step(gain=-1)
        thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert set(looks) == {(False, 12.0)}


def test_a_defect_in_training_is_seen_and_raised(monkeypatch):
    explorer = YourText(text="abcabc")
    monkeypatch.setattr(explorer.trainer, "begin", lambda: {}["no such key"])
    with pytest.raises(KeyError):
        explorer.trainer.start()
    assert "Training failed: KeyError" in explorer.trainer.words.value
    assert not explorer.trainer.running


def test_a_jump_off_the_cliff_keeps_its_direction_in_the_picture():
    explorer = Cliff(w=6.0, b=-3.0)
    free, drawn = explorer.arrays.free, explorer._walks[0].get_xydata()
    assert free.jumps.max() > 1e6
    first = int(free.jumps.argmax()) + 1
    true, shown = free.points[first] - free.points[0], drawn[first] - free.points[0]
    assert np.cross([*true, 0], [*shown, 0])[2] == pytest.approx(0, abs=1e-6 * np.linalg.norm(true))
    assert np.abs(drawn).max() < 2e3


@pytest.mark.parametrize("kind", [ReviewVerdict, Padding])
def test_a_review_without_a_word_is_said_and_nothing_typed_is_lost(kind):
    explorer = kind(text="the plot was not dull")
    picture = list(explorer.live.moving)
    explorer.controls["text"].value = " ... "
    assert explorer.live.reading == "Type at least one word; here is none. The picture is still the one before."
    assert list(explorer.live.moving) == picture
    assert explorer.controls["text"].value == " ... "
    explorer.controls["text"].value = "the plot was not dull"
    assert "still the one before" not in explorer.live.reading


def test_not_is_flipped_and_flipped_back():
    explorer = ReviewVerdict()
    text, start = explorer.controls["text"].value, explorer.live.reading
    explorer.flip_button.click()
    assert explorer.controls["text"].value == text.replace("was dull", "was not dull")
    assert explorer.arrays.first.p[-1] > 0.9
    explorer.flip_button.click()
    assert explorer.controls["text"].value == text
    assert explorer.live.reading == f"{start} Flip not has taken out 'not', which was word 11."
    explorer.set(text="what a film")
    explorer.flip_button.click()
    assert explorer.live.reading.startswith("There is no not to take out")
    assert explorer.controls["text"].value == "what a film"


def test_only_the_books_own_reviews_change_with_the_language():
    explorer = ReviewVerdict()
    start = explorer.values()
    explorer.controls["network"].value = "ko"
    assert "Not in the vocabulary" not in explorer.live.reading
    explorer.set(text="내가 쓴 글")
    explorer.controls["network"].value = "en"
    assert explorer.controls["text"].value == "내가 쓴 글"
    assert explorer.controls["second"].value == start["second"]
    assert "Not in the vocabulary: '내가', '쓴', '글'." in explorer.live.reading
    explorer.reset()
    assert explorer.values() == start
    assert ReviewVerdict(network="ko").arrays.first.known.all()


def test_a_network_of_ones_own_is_read_as_it_was_given():
    texts, splits = ("a good film", "a bad film", "a dull film", "dull"), ([0, 1], [2], [3])
    corpus = Corpus(texts, [1, 0, 0, 0], dict(zip(("train", "validation", "test"), splits, strict=True)))
    task = Reviews(corpus)
    model = task.model(LSTM())
    params = model.init_params(task.input_size, 4, 1, np.random.default_rng(0))
    explorer = ReviewVerdict(task, model, params, text="a dull film")
    before = explorer.arrays.first.p.copy()
    np.testing.assert_array_equal(before, verdicts(model, params, task.vocabulary.encode("a dull film")))
    assert explorer.arrays.first.known.tolist() == [True, False, True]
    params["W_hy"] += 1.0  # training goes on
    explorer.refresh()
    np.testing.assert_array_equal(explorer.arrays.first.p, before)
    with pytest.raises(TypeError, match="given by task, model and params; got task"):
        ReviewVerdict(task)
    with pytest.raises(TypeError, match="task is a Reviews"):
        ReviewVerdict(task.vocabulary, model, params)
    with pytest.raises(ValueError, match="model has loss 'logistic'"):
        ReviewVerdict(task, Model(LSTM()), params)


def test_the_word_that_is_looked_at_is_chosen_in_the_text_and_stays():
    explorer = ReviewVerdict(text="the plot was dull")
    explorer.pages[0]._asked(None, {"chosen": 2}, [])
    assert explorer.values()["word"] == 3
    assert explorer.pages[0].chosen == 2
    explorer.controls["text"].value = "the plot was dull to me"
    assert explorer.values()["word"] == 3
    explorer.controls["text"].value = "the plot"
    assert explorer.values()["word"] == 2
    assert explorer.pages[1].chosen == -1
    explorer.set(second="")
    assert explorer.pages[1].words == []
    assert not explorer._second.get_visible()


def test_a_long_review_is_cut_and_says_so():
    explorer = ReviewVerdict(text="not dull but " * 60, second="dull " * 101)
    assert explorer.live.reading.endswith("The first and the second review is cut to 100 words.")
    assert len(explorer.arrays.first.words) == len(explorer.arrays.second.words) == 100


@pytest.mark.parametrize("net", ["GRU", "RNN", "stored"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_with_a_mask_padding_changes_nothing(net, side):
    explorer = Padding(net=net, side=side, mask="yes")
    for T in (15, 160):
        explorer.set(T=T)
        assert explorer.arrays.away.max() < 1e-12
        np.testing.assert_allclose(explorer.arrays.norms, explorer.arrays.free, rtol=1e-9)
        np.testing.assert_allclose(explorer.arrays.p, explorer.arrays.alone, rtol=1e-12)


def test_without_a_mask_the_words_are_as_they_are_alone_until_the_padding_begins():
    explorer = Padding(side="right", T=100)
    words = len(explorer.arrays.words)
    assert explorer.arrays.away[:words].max() < 1e-12 < 0.1 < explorer.arrays.away[words:].min()
    shares = []
    for T in (15, 40, 80, 160):
        explorer.set(T=T)
        shares.append((explorer.arrays.norms / explorer.arrays.free).max())
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 1e-12
    explorer.set(T=6)
    assert explorer.arrays.words == explorer.controls["text"].value.split()[:6]
    assert "The last 8 words are cut off. There is no padding" in explorer.live.reading


def test_what_is_said_of_padding_is_what_the_slider_shows():
    explorer = Padding()
    steps, T = map(int, re.search(r"after (\d+) steps of it, at T = (\d+)\.", explorer.live.reading).groups())
    gone = []
    for there in (T - 1, T):
        explorer.set(T=there)
        words = len(explorer.arrays.words)
        assert explorer._count.get_text() == f"step: {words} words + {there - words} padding"
        gone.append(explorer.arrays.norms.max() < 0.01 * explorer.arrays.free.max())
    assert gone == [False, True]
    assert words + steps == T


def test_padding_shows_what_reading_the_padded_review_gives():
    vocabulary, model, params = review_reader()
    explorer = Padding(net="stored", T=30, side="left")
    x, _ = pad([vocabulary.encode(explorer.values()["text"])], 30, "left")
    np.testing.assert_allclose(explorer.arrays.p, verdicts(model, params, x[:, 0]), rtol=1e-12)
    found = word_gradients(model, params, x[:, 0]).norms
    np.testing.assert_allclose(explorer.arrays.norms, found[x[:, 0] > 0], rtol=1e-9)


# --- nothing without effect, nothing without a word --------------------------------------------------


def counting_sliders(explorer):
    """The sliders of whole numbers that are in use, by name."""
    found = explorer.controls.items()
    return {name: control for name, control in found if isinstance(control, widgets.IntSlider) and not control.disabled}


@each_explorer
@pytest.mark.parametrize("least", [False, True], ids=["as it starts", "with the least of another"])
def test_every_slider_has_an_effect_up_to_its_end(explorer, least):
    sliders = counting_sliders(explorer)
    for other in sliders if least else [None]:
        if other:
            explorer.set(**{other: sliders[other].min})
        for moved in counting_sliders(explorer).keys() - {other}:
            control = explorer.controls[moved]
            assert control.max > control.min
            values = explorer.values()
            end, before = (explorer.compute(**values | {moved: value}) for value in (control.max, control.max - 1))
            assert repr(end) != repr(before), f"{moved} at {control.max} is as at {control.max - 1}; {other}"
        explorer.reset()


@pytest.mark.parametrize(("make", "slider", "T"), [(TapeWalk, "back", 2), (Triangle, "k", 4)])
def test_a_slider_ends_where_the_sequence_does_and_comes_back(make, slider, T):
    explorer = make()
    start = explorer.values()
    explorer.controls["T"].value = T
    assert explorer.controls[slider].max == T - (make is TapeWalk)
    assert explorer.values()[slider] <= explorer.controls[slider].max
    explorer.reset()
    assert explorer.values() == start
    explorer.set(**{slider: 18, "T": 20})
    assert explorer.values()[slider] == 18


@each_explorer
def test_every_control_has_words_for_the_mouse(explorer):
    assert all(control.tooltip for control in explorer.controls.values())
    assert None not in [widget.tooltip for widget in _within(explorer.box) if widget.has_trait("tooltip")]


def cut_ticks(fig):
    """Tick labels that reach out of the figure, which ends there on the page."""
    texts = []
    for ax in (ax for ax in fig.axes if ax.get_visible() and ax.axison):
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            inside = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
            texts += [tick.label1 for tick in inside if axis.get_visible() and tick.label1.get_visible()]
    boxes = {text.get_text(): text.get_window_extent(RendererAgg(1, 1, fig.dpi)) for text in texts if text.get_text()}
    return [words for words, box in boxes.items() if box.x0 < -0.5 or box.x1 > fig.bbox.x1 + 0.5 or box.y0 < -0.5]


@each_explorer
@pytest.mark.parametrize("end", [0, -1], ids=["first", "last"])
def test_no_tick_is_cut_at_the_edge(explorer, end):
    ends = {name: stops(control)[end] for name, control in explorer.controls.items()}
    if "text" in ends:
        widest = "x" * 2500 if ends["text"] in TEXTS else " ".join(["w" * 2500] * 18)
        ends["text"] = ["ab", widest][end]
    explorer.set(**ends)
    assert cut_ticks(explorer.fig) == []
