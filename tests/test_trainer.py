"""What is said beside Train is of the network that is shown, in every explorer that trains one."""

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest

from rnnbook.lab.tasks import Corpus, Reviews
from rnnbook.view.explorers import FirstMinute, GatesText, LossCurves, Recite, Window, YourText
from rnnbook.view.explorers.trainer import Trainer

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
    explorer.trainer.pace = lambda made: 0.01 * made  # slow enough for what happens meanwhile
    explorer.trainer.train_button.click()
    await asyncio.sleep(0)
    meanwhile()
    await explorer.trainer._task


def test_that_the_network_shown_is_another_one_is_said_and_then_nothing_is_said_of_training(explorer_and_other):
    explorer, other = explorer_and_other
    here = {name: explorer.values()[name] for name in other}
    silent = explorer.trainer.words.value
    asyncio.run(press(explorer, lambda: explorer.set(**other)))
    said = explorer.trainer.words.value
    assert said.startswith(f"done after {STEPS} steps, loss")
    assert said.endswith("; the network shown is another one")
    assert not explorer.trainer.running
    explorer.set(**here)
    assert f"{STEPS} steps" in explorer.trainer.words.value
    explorer.set(**other)
    assert explorer.trainer.words.value == silent


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


def test_what_training_says_at_its_end_stays_until_a_control_is_moved(explorer_and_other):
    explorer, other = explorer_and_other
    here = {name: explorer.values()[name] for name in other}
    asyncio.run(press(explorer))
    said = explorer.trainer.words.value
    for _ in range(2):  # a slider in another thread may be late: nothing has moved since
        explorer.refresh()
        assert explorer.trainer.words.value == said
    assert said.startswith(f"done after {STEPS} steps, loss")
    explorer.set(**other)
    explorer.set(**here)
    assert "done after" not in explorer.trainer.words.value
    assert f"{STEPS} steps" in explorer.trainer.words.value


def test_what_a_thread_saw_before_the_end_is_not_said_after_it(explorer_and_other, monkeypatch):
    explorer, _ = explorer_and_other
    shown, late = explorer.trainer.shown, []

    def slowly():
        found = shown()
        if threading.current_thread() is not threading.main_thread():
            late.append(explorer.trainer.running)
            asleep.set()
            time.sleep(0.3)
        return found

    monkeypatch.setattr(explorer.trainer, "shown", slowly)
    asleep, thread = threading.Event(), threading.Thread(target=explorer.refresh)
    publish = explorer.trainer.publish

    def published(training):
        thread.start()  # training has ended, its network is not kept yet
        asleep.wait()
        publish(training)

    monkeypatch.setattr(explorer.trainer, "publish", published)
    explorer.trainer.start()
    thread.join()
    assert late == [False]
    assert explorer.trainer.words.value.startswith(f"done after {STEPS} steps, loss")
    assert "another" not in explorer.trainer.words.value


def test_what_ended_training_is_said_until_a_control_is_moved():
    class Failing:
        history = (SimpleNamespace(step=3, loss=2.0),)

        def run(self, steps):
            for step in (1, 2, 3):
                yield SimpleNamespace(step=step, loss=2.0)
            raise FloatingPointError("overflow in step 4")

    training, values = Failing(), {"k": 1}
    trainer = Trainer(lambda: training, lambda _: trainer.tell(), lambda: (training, "untrained"), lambda: dict(values))
    trainer.start()
    assert trainer.words.value == "Training ended: overflow in step 4."
    trainer.tell()
    assert trainer.words.value == "Training ended: overflow in step 4."
    values["k"] = 2
    trainer.tell()
    assert trainer.words.value == "untrained"
