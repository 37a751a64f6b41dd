"""The first minute: a sentence is learned by heart, the guesses and the reach are what they are said to be."""

import asyncio
import re
import time

import numpy as np
import pytest

from rnnbook.lab.tasks import Text
from rnnbook.nn import Batch
from rnnbook.nn.cells import CELLS
from rnnbook.view.explorers import FirstMinute
from rnnbook.view.explorers import first_minute as module
from rnnbook.view.explorers.your_text import without_gaps

SENTENCES = ["Maria Lopez", "안녕하세요 반갑습니다", "hello 👩‍👩‍👧 hello", "aaaaab aaaaac aaaaad", module.TEXT]


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("text", SENTENCES)
def test_one_press_learns_a_sentence_by_heart(text, cell):
    explorer = FirstMinute(text=text, cell=cell)
    n = len(text) - 1
    assert ". Before learning, the network guesses " in explorer.live.reading
    explorer.trainer.start()
    assert f". After 100 training steps, the network guesses {n} of {n} letters right, and" in explorer.live.reading
    assert explorer.arrays.guesses == text[1:]


def test_guesses_and_gradient_are_the_models():
    explorer = FirstMinute(text="hello you", target=6)
    task = Text("hello you")
    params = explorer.weights.find("RNN", "hello you", trained=False)[1]
    tokens, last = task.tokens[:, None], np.arange(8)[:, None] == 4
    found = task.model(CELLS["RNN"]).gradients(params, Batch(tokens[:-1], tokens[1:], last))
    norms = np.linalg.norm(found.back.x[:5, 0], axis=1)
    np.testing.assert_allclose(explorer.arrays.norms, norms, rtol=1e-10)
    assert len(explorer.arrays.guesses) == 8


@pytest.mark.parametrize(
    ("norms", "back"), [([1.0], 1), ([0.0], 0), ([0.05, 0.2, 0.01, 1.0], 3), ([0.1, 1.0], 2), ([0.09, 0.9, 1.0], 2)]
)
def test_the_reach_is_that_of_a_tenth(norms, back):
    assert module.reach(np.array(norms)) == back


@pytest.mark.parametrize(
    ("norms", "said"),
    [
        ([1.0], ""),
        ([0.0], ""),
        ([0.05, 0.2, 1.0], ""),
        ([0.2, 0.05, 0.2, 1.0], ", without gaps 2"),
        ([1.0, 0.05], ", without gaps 0"),
    ],
)
def test_that_one_letter_lies_far_from_the_rest_is_said(norms, said):
    assert without_gaps(np.array(norms)) == said


def test_with_what_stands_in_the_chapter_the_furthest_letter_after_learning_lies_beyond_a_gap():
    explorer = FirstMinute()
    assert "gaps" not in explorer.live.reading
    explorer.trainer.start()
    assert re.search(r"^\d+ letters back .* a tenth of its largest, without gaps \d+ \(before", explorer.live.reading)
    far, nearest = map(int, re.search(r"^(\d+) .* without gaps (\d+)", explorer.live.reading).groups())
    coloured = explorer.levels(explorer.arrays)[::-1] > 0
    assert coloured[:nearest].all()
    assert not coloured[nearest]
    assert coloured[far - 1]


@pytest.mark.parametrize("width", [None, 4.0])
def test_the_legend_names_the_curves_that_are_seen(width):
    explorer = FirstMinute(text="hello")
    explorer._lay_out(width)

    def named():
        return [words.get_text() for words in explorer.fig.axes[0].get_legend().get_texts() if words.get_visible()]

    tenth = module.YourText(text="hello")
    tenth._lay_out(width)
    (tenth,) = [words.get_text() for words in tenth.fig.axes[0].get_legend().get_texts()]
    words, seen = explorer._chart["before: words"], explorer.live.artists
    assert named() == [tenth]
    assert explorer.live.moving[seen.index(words)] == ""
    explorer.trainer.start()
    assert named() == [tenth, "before learning"]
    assert (
        explorer.live.moving[seen.index(words)]
        != ""
        != explorer.live.moving[seen.index(explorer._chart["before: line"])]
    )
    explorer.set(weights=module.START)
    assert named() == [tenth]


@pytest.mark.parametrize("text", ["", "a"])
def test_too_short_a_text_is_told_and_nothing_is_lost(text):
    explorer = FirstMinute(text="hello")
    explorer.trainer.start()
    learned, before = explorer.live.reading, explorer.arrays
    explorer.set(text=text)
    assert explorer.live.reading.startswith(f"Type at least two characters; here is {len(text)}.")
    assert explorer.arrays is before
    explorer.trainer.start()
    assert explorer.trainer.words.value.startswith("Training ended: a text of at least two characters")
    explorer.set(text="hello")
    explorer.slide(target=5)
    assert explorer.live.reading == learned


def test_another_text_is_not_called_learned():
    explorer = FirstMinute(text="hello")
    explorer.trainer.start()
    explorer.set(text="hole")
    assert explorer.arrays.steps == 0
    assert ". Before learning" in explorer.live.reading
    assert explorer.live.reading.endswith("not learned yet: press Learn it.")


def test_before_learning_is_that_of_the_same_letter_and_cell():
    explorer = FirstMinute(text="hello you", cell="GRU", target=6)
    before = explorer.arrays.norms
    assert not explorer._chart["before"].get_visible()
    explorer.trainer.start()
    np.testing.assert_array_equal(explorer.arrays.before, before)
    assert f"(before learning: {module.reach(before)})" in explorer.live.reading
    explorer.slide(target=4)
    after = explorer.arrays.before
    np.testing.assert_array_equal(explorer._chart["before"].get_ydata(), after)
    explorer.set(weights=module.START)
    np.testing.assert_array_equal(explorer.arrays.norms, after)


def test_what_is_said_of_training_belongs_to_the_network_that_is_shown():
    explorer = FirstMinute(text="hello")
    explorer.trainer.start()
    assert explorer.trainer.words.value.startswith("done after 100 steps")
    explorer.reset()
    assert explorer.trainer.words.value.startswith("kept: the RNN trained for 100 steps; Network: after learning shows")
    explorer.set(cell="LSTM")
    assert explorer.trainer.words.value == ""
    explorer.set(cell="RNN", weights=module.LEARNED)
    assert explorer.trainer.words.value.startswith("trained here for 100 steps, loss")


def test_a_second_press_goes_on_where_the_first_ended():
    explorer = FirstMinute(text="hello")
    explorer.trainer.start()
    explorer.trainer.start()
    assert explorer.arrays.steps == 200


def test_moving_a_slider_trains_nothing():
    explorer = FirstMinute(text="hello")
    explorer.slide(target=2)
    explorer.set(weights=module.LEARNED)
    assert explorer.weights.trainings == {}


def test_stop_ends_the_learning():
    explorer = FirstMinute(text="hello")
    explorer.trainer.steps = 100_000

    async def reader():
        explorer.trainer.train_button.click()
        await asyncio.sleep(0.2)
        explorer.trainer.stop_button.click()
        await explorer.trainer._task

    asyncio.run(reader())
    assert "stopped after" in explorer.trainer.words.value
    assert 0 < explorer.arrays.steps < 100_000


def pictures(explorer, monkeypatch):
    """How many letters are right in each picture of a press on a page, the first one to the last."""
    shown, publish = [], explorer._publish

    def published(training):
        publish(training)
        shown.append(sum(a == b for a, b in zip(explorer.arrays.text[1:], explorer.arrays.guesses, strict=True)))

    monkeypatch.setattr(explorer.trainer, "publish", published)

    async def reader():
        explorer.trainer.train_button.click()
        await explorer.trainer._task

    start = time.perf_counter()
    asyncio.run(reader())
    return shown, time.perf_counter() - start


def test_the_learning_can_be_watched(monkeypatch):
    shown, seconds = pictures(FirstMinute(), monkeypatch)
    assert seconds >= module.LASTS
    assert len(shown) >= 10
    assert shown[0] < shown[-1] == len(module.TEXT) - 1


def test_who_asks_for_reduced_motion_sees_the_end_alone(monkeypatch):
    explorer = FirstMinute()
    explorer.live._touched(explorer.live, {"calm": True}, [])
    shown, _ = pictures(explorer, monkeypatch)
    assert shown == [len(module.TEXT) - 1]
    assert explorer.arrays.steps == module.STEPS


def test_wrong_guesses_are_underlined_and_nothing_is_markup():
    explorer = FirstMinute(text="<b>&\n<b>&")
    assert "text-decoration: underline" in explorer._guesses.value
    explorer.trainer.start()
    assert "text-decoration: underline" not in explorer._guesses.value
    assert "·b&gt;&amp;↵&lt;b&gt;&amp;" in explorer._guesses.value.replace('<span style="">', "").replace("</span>", "")


@pytest.mark.parametrize("text", SENTENCES)
def test_a_sentence_has_at_most_25_words(text):
    explorer = FirstMinute(text=text)
    for reading in (explorer.live.reading, explorer.trainer.start() or explorer.live.reading):
        assert max(len(part.split()) for part in reading.split(". ")) <= 25


def test_what_the_chapter_says_to_try_is_so():
    explorer = FirstMinute()
    assert "guesses 0 of 39 letters right" in explorer.live.reading
    explorer.trainer.start()
    assert explorer.arrays.guesses == module.TEXT[1:]
    learned = module.reach(explorer.arrays.norms)
    explorer.set(weights=module.START)
    assert module.reach(explorer.arrays.norms) == 18
    assert 10 <= learned < 30
    explorer.slide(target=2)
    assert explorer.live.reading.startswith("1 letter back from letter 2, 'o', the gradient is still a tenth")
