"""Train and Stop buttons for an explorer: training that leaves the page alive."""

from __future__ import annotations

import asyncio
import threading
import time

import ipywidgets as widgets

from rnnbook.view.explorers.base import InputError

BREATH = 0.03  # seconds of training between two looks at the page's messages
NEWS = 0.5  # seconds between two new pictures


class Trainer:
    """A Train button, Stop, a bar with the time left, and a sentence.

    Training runs as an asyncio task that lets the kernel breathe every 30 ms, so sliders and Stop answer. What
    is learned is kept in the `Training`, which goes on where it was when Train is pressed again. What training says at
    its end stays until a control is moved, whichever thread asks; from then on the sentence is of the network that is
    shown. The explorer calls `tell` after every move, and training ends before the last `publish`, so that this is said
    there, too.

    Parameters
    ----------
    begin : callable
        ``begin() -> Training``, called when Train is pressed.
    publish : callable
        ``publish(training)``, called every `news` seconds and at the end, to show what was learned so far.
    shown : callable
        ``shown() -> (training, words)``, the training of the network that is shown, or None, and what is said of it.
    values : callable
        ``values() -> dict``, the controls' values: if they are others than at training's end, a control was moved.
    steps : int
        Steps a press.
    news : float
        Seconds between two new pictures.
    pace : callable
        ``pace(made) -> seconds`` that so many steps take at least where a page watches, so that fast learning
        can be seen.

    Attributes
    ----------
    row : Box
        The buttons, the bar and the sentence, to stand in an explorer.
    running : bool
        Whether training goes on.
    """

    def __init__(self, begin, publish, shown, values, steps=300, news=NEWS, pace=lambda made: 0.0):
        self.begin, self.publish, self.shown, self.values = begin, publish, shown, values
        self.steps, self.news, self.pace = steps, news, pace
        self.running = self._stop = False
        self._task, self._ended = None, None
        self._one_at_a_time = threading.Lock()  # what is said must be true when it is said
        self.train_button = widgets.Button(description="Train", icon="play", tooltip=f"Make {steps} steps more")
        self.train_button.layout = widgets.Layout(width="auto", flex="0 0 auto")
        self.stop_button = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.stop_button.layout = widgets.Layout(width="auto", flex="0 0 auto")
        self.bar = widgets.IntProgress(
            max=steps, layout=widgets.Layout(width="auto", max_width="220px", flex="1 1 60px", visibility="hidden")
        )
        # As large when it is empty, so nothing jumps when training starts.
        self.words = widgets.HTML(layout=widgets.Layout(width="auto", flex="1 1 300px", min_height="28px"))
        self.words.add_class("rnnbook-words")
        self.train_button.on_click(lambda _: self.start())
        self.stop_button.on_click(lambda _: self.stop())
        row = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="8px")
        self.row = widgets.Box([self.train_button, self.stop_button, self.bar, self.words], layout=row)

    def start(self):
        """Start training in the kernel's event loop; where there is none, train to the end before returning."""
        if self.running:
            return
        self.running = True
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            asyncio.run(self.train(watched=False))
        else:
            self._task = loop.create_task(self.train())  # kept: a task that nobody holds may vanish

    def stop(self):
        """Stop after the step that is being made."""
        self._stop = True

    def tell(self):
        """Say how training ended, until a control is moved; then what belongs to the network that is shown."""
        with self._one_at_a_time:
            if self.running:
                return
            training, words = self.shown()
            if self._ended:
                ended, said, values = self._ended
                if values is None or values == self.values():
                    words = said if training is ended else f"{said}; the network shown is another one"
                else:
                    self._ended = None
            self.words.value = words

    async def train(self, watched=True):
        """Make the steps, a breath at a time; at the pace if somebody watches."""
        self._ended = None
        self._show(running=True)
        try:
            training = self.begin()
            await self._steps(training, self.pace if watched else lambda made: 0.0)
        except (InputError, FloatingPointError) as error:
            self._fail(f"Training ended: {error}.")
        except Exception as error:
            self._fail(f"Training failed: {error!r}")  # a defect: seen here, and raised
            raise
        finally:
            self._show(running=False)

    def _fail(self, said):
        """Say why training ended, until a control is moved."""
        if self._ended:
            training, _, values = self._ended
            self._ended = training, said, values
        self.words.value = said

    async def _steps(self, training, pace):
        start = breath = news = time.perf_counter()
        made = 0
        try:
            for progress in training.run(self.steps):
                made += 1
                now = time.perf_counter()
                wait = start + pace(made) - now
                if wait > 0 or now - breath > BREATH:
                    left = (now - start) / made * (self.steps - made)
                    self.bar.value = made
                    self.words.value = (
                        f"step {progress.step}, loss\u00a0{progress.loss:.3f}\u00a0nats, {left:.0f}\u00a0s left"
                    )
                    if now - news > self.news:
                        self.publish(training)
                        news = time.perf_counter()
                    await asyncio.sleep(max(wait, 0.001))  # 0 would not let the kernel's sockets be read
                    breath = time.perf_counter()
                if self._stop:
                    break
        finally:
            if made:
                last, how = training.history[-1], "stopped" if self._stop else "done"
                said = f"{how} after {last.step} steps, loss\u00a0{last.loss:.3f}\u00a0nats"
                self._ended = training, said, None  # the last picture may move a control
                self.words.value = said
                self._show(running=False)
                self.publish(training)
                self._ended = training, said, self.values()

    def _show(self, running):
        self.running, self._stop = running, False
        self.train_button.disabled, self.stop_button.disabled = running, not running
        self.bar.value = 0
        self.bar.layout.visibility = "visible" if running else "hidden"
