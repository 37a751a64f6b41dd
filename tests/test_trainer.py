"""What is said beside Train is of the network that is shown, in every explorer that trains one."""

import asyncio

import pytest

from rnnbook.lab.tasks import Corpus, Reviews
from rnnbook.view.explorers import FirstMinute, GatesText, LossCurves, Recite, Window, YourText

STEPS = 5


def loss_curves():
    texts = ("good film", "bad film", "a fine day", "a dull day") * 10
    splits = {"train": range(32), "validation": range(32, 36), "test": range(36, 40)}
    return LossCurves(Reviews(Corpus(texts, [1, 0, 1, 0] * 10, splits)))


EXPLORERS = {  # how each is made, and the change that leads to another network
    "YourText": (lambda: YourText(text="abcabcabc"), {"cell": "LSTM"}),
    "GatesText": (lambda: GatesText(text="be or not be"), {"text": "to be or not"}),
    "FirstMinute": (lambda: FirstMinute(text="hello"), {"cell": "GRU"}),
    "Recite": (lambda: Recite(k=5), {"k": 6}),
    "Window": (Window, {"k": 4}),
    "LossCurves": (loss_curves, {"seed": 2}),
}


@pytest.fixture(params=EXPLORERS)
def explorer_and_other(request):
    make, other = EXPLORERS[request.param]
    explorer = make()
    explorer.trainer.steps = STEPS
    return explorer, other


async def press(explorer, meanwhile=lambda: None):
    explorer.trainer.train_button.click()
    await asyncio.sleep(0)
    meanwhile()
    await explorer.trainer._task


def test_of_another_network_that_is_shown_nothing_is_said_to_be_done(explorer_and_other):
    explorer, other = explorer_and_other
    here = {name: explorer.values()[name] for name in other}
    silent = explorer.trainer.words.value
    asyncio.run(press(explorer, lambda: explorer.set(**other)))
    elsewhere = explorer.trainer.words.value
    assert f"{STEPS} steps" not in elsewhere
    assert not explorer.trainer.running
    explorer.set(**here)
    assert f"{STEPS} steps" in explorer.trainer.words.value
    explorer.set(**other)
    assert explorer.trainer.words.value == elsewhere == silent


def test_training_has_ended_and_is_said_to_have_before_the_last_picture(explorer_and_other, monkeypatch):
    explorer, _ = explorer_and_other
    seen, publish = [], explorer.trainer.publish

    def published(training):
        seen.append((explorer.trainer.running, explorer.trainer.stop_button.disabled, explorer.trainer.words.value))
        publish(training)

    monkeypatch.setattr(explorer.trainer, "publish", published)
    asyncio.run(press(explorer))
    running, stopped, words = seen[-1]
    assert (running, stopped) == (False, True)
    assert words.startswith(f"done after {STEPS} steps, loss")
    assert explorer.trainer.words.value == words


def test_after_the_next_move_what_is_said_is_no_news_any_more(explorer_and_other):
    explorer, _ = explorer_and_other
    asyncio.run(press(explorer))
    explorer.refresh()
    assert "done after" not in explorer.trainer.words.value
    assert f"{STEPS} steps" in explorer.trainer.words.value
