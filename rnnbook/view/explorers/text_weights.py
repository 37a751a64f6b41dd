"""The weights behind a text: the start's, and what was learned on this text or on another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.tasks import Text
from rnnbook.lab.training import Training
from rnnbook.nn import Adam
from rnnbook.nn.cells import CELLS

HIDDEN = 64
RATES = {"RNN": 3e-3, "LSTM": 1e-2, "GRU": 1e-2}


class Learned(NamedTuple):
    """What a training has reached, replaced whole: a slider may read it while training goes on.

    Attributes
    ----------
    task : Text
        The text that was learned, with its alphabet.
    params : dict of str to ndarray
        A copy of the weights.
    steps : int
        Training steps.
    said : str
        What the reader should know about these weights, or nothing.
    """

    task: Text
    params: dict
    steps: int
    said: str = ""


class TextWeights:
    """Weights by cell and text, and the trainings that made them: nothing that was learned is lost.

    Attributes
    ----------
    trainings : dict of (str, str) to Training
        By cell and text.
    learned : dict of (str, str) to Learned
        By cell and text, the last one last.
    """

    def __init__(self):
        self.trainings, self.learned = {}, {}

    def find(self, cell, text, trained):
        """The weights to read a text with.

        Parameters
        ----------
        cell : str
            "RNN", "LSTM" or "GRU".
        text : str
            At least two characters.
        trained : bool
            Whether to look for weights trained on this text, or else on another that has all its characters.

        Returns
        -------
        task : Text
            With the alphabet of the weights.
        params : dict of str to ndarray
            The weights; the start's if no others fit.
        note : str
            What the reader should know about them, or nothing.
        """
        fresh = Text(text)
        start = fresh, _start(cell, fresh.alphabet)
        if not trained:
            return *start, ""
        if (cell, text) in self.learned:
            learned = self.learned[cell, text]
            return learned.task, learned.params, learned.said
        known = [learned for (kind, _), learned in self.learned.items() if kind == cell]
        if not known:
            return *start, f" No {cell} has been trained yet: these weights are the start's; press Train."
        learned = known[-1]
        strange = sorted(set(text) - set(learned.task.alphabet))
        if strange:
            letters = " ".join(map(repr, strange[:5]))
            return *start, f" The trained {cell} never saw {letters}: these weights are the start's; press Train."
        return learned.task, learned.params, learned.said or " The weights were trained on another text."

    def training(self, cell, text):
        """The training of a cell on a text, which goes on where it was.

        Parameters
        ----------
        cell, text : str
            What to train on what.

        Returns
        -------
        Training
            With batches in reading order and the state carried.
        """
        if (cell, text) not in self.trainings:
            task = Text(text)
            params = {key: value.copy() for key, value in _start(cell, task.alphabet).items()}
            streams = int(np.clip(len(text) // 16, 1, 8))
            batches = task.batches(np.random.default_rng(0), streams, T=50)
            model = task.model(CELLS[cell])
            self.trainings[cell, text] = Training(model, params, batches, Adam(RATES[cell]), clip=1.0)
        return self.trainings[cell, text]

    def keep(self, training):
        """Keep what a training has reached so far.

        Parameters
        ----------
        training : Training
            One that `training` returned.
        """
        key = next(key for key, value in self.trainings.items() if value is training)
        self.learned.pop(key, None)
        params = {name: value.copy() for name, value in training.params.items()}
        self.learned[key] = Learned(Text(key[1]), params, len(training.history))


@lru_cache(maxsize=32)
def _start(cell, alphabet):
    """Starting weights for an alphabet; whoever trains them makes a copy."""
    V = len(alphabet)
    model = Text(alphabet + alphabet[:1]).model(CELLS[cell])
    return model.init_params(V, HIDDEN, V, np.random.default_rng(0))
