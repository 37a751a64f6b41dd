"""A training on a text during which the network recites; one that is half done is stored."""

from __future__ import annotations

import io
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import NamedTuple

import numpy as np

from rnnbook.lab.reading.recite import recite
from rnnbook.lab.tasks import Text, zen_of_python
from rnnbook.lab.training import Training, laps
from rnnbook.lab.training.loop import Progress
from rnnbook.nn import Adam
from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import check_count, check_option, check_seed

EVERY = 25  # steps between two recitations
HIDDEN, STREAMS, RATE, CLIP = 128, 8, 3e-3, 1.0
STORED = "RNN", 107, 0  # cell, k and seed
SCALE = 1024  # by which Adam's averages are stored larger, since half precision has nothing below 6e-8


class Recitation(NamedTuple):
    """What the network could say after some steps.

    Attributes
    ----------
    step : int
        Training steps so far.
    params : dict of str to ndarray
        Its parameters then; not to be changed.
    spoken : str
        What it recited, as long as the text.
    by_heart : int
        How many characters were right before the first mistake.
    """

    step: int
    params: dict
    spoken: str
    by_heart: int


class Rehearsal(Training):
    """Training on the Zen of Python that lets the network recite every 25 steps; made by `rehearsal`.

    Parameters
    ----------
    cell : str
        "RNN", "LSTM" or "GRU".
    k : int
        Steps a block of truncated backpropagation through time.
    seed : int
        Of the start's weights.

    Attributes
    ----------
    task : Text
        The text.
    recitations : tuple of Recitation
        One for every 25 steps, the first before any.
    """

    def __init__(self, cell, k, seed):
        self.task = zen_task()
        model, V = self.task.model(CELLS[cell]), self.task.input_size
        params = model.init_params(V, HIDDEN, V, np.random.default_rng(seed))
        super().__init__(model, params, laps(self.task, STREAMS, k), Adam(RATE), clip=CLIP)
        self.recitations, self._start = (), (cell, seed)

    def run(self, steps):
        """Make more steps, as `Training.run` does, and recite in between.

        Parameters
        ----------
        steps : int
            How many.

        Yields
        ------
        Progress
            After each step.
        """
        self.recite_first()
        for progress in super().run(steps):
            if progress.step % EVERY == 0:
                self.recitations += (self.recitation(progress.step),)
            yield progress

    def recite_first(self):
        """Recite before any step."""
        self.recitations = self.recitations or (_first(*self._start),)

    def recitation(self, step, params=None, spoken=None):
        """What the network says now.

        Parameters
        ----------
        step : int
            After so many steps.
        params : dict of str to ndarray, optional
            Its parameters; a copy of the present ones if not given.
        spoken : str, optional
            What it said, if that is known.

        Returns
        -------
        Recitation
            For `recitations`.
        """
        params = params or {name: value.copy() for name, value in self.params.items()}
        spoken = spoken or recite(self.model, params, self.task)
        wrong = [k for k, (said, right) in enumerate(zip(spoken, self.task.text, strict=True)) if said != right]
        return Recitation(step, params, spoken, wrong[0] if wrong else len(spoken))


@lru_cache(maxsize=1)
def zen_task():
    """The Zen of Python as a text to predict.

    Returns
    -------
    Text
        856 characters.

    Examples
    --------
    >>> len(zen_task().text)
    856
    """
    return Text(zen_of_python())


@lru_cache(maxsize=8)
def _first(cell, seed):
    """What is recited before any step, whatever the block length."""
    return Rehearsal(cell, 1, seed).recitation(0)


def rehearsal(cell="RNN", k=107, seed=0):
    """A training on the Zen of Python: 128 units, 8 streams, Adam at 0.003, the gradient clipped at norm 1.

    That of a simple network with k = 107 and seed 0 begins half done, after 150 steps, with what it recited on its way;
    `tools/rehearsals.py` trained it. Its numbers are stored in half precision. All others begin at their first step.

    Parameters
    ----------
    cell : {"RNN", "LSTM", "GRU"}
        The cell.
    k : int
        Steps a block, at most 856.
    seed : int
        Of the start's weights.

    Returns
    -------
    Rehearsal
        The training, which goes on where it is.

    Raises
    ------
    TypeError
        If a number is not whole.
    ValueError
        If there is no such cell, or a number is out of range.

    Examples
    --------
    >>> half_done = rehearsal()
    >>> [said.step for said in half_done.recitations]
    [0, 25, 50, 75, 100, 125, 150]
    >>> half_done.recitations[-1].spoken[:32]
    'The Zen of Python, by Tim Peters'
    """
    check_option("cell", cell, tuple(CELLS))
    check_count("k", k)
    check_seed(seed)
    if k > len(zen_task().text):
        raise ValueError(f"k is at most {len(zen_task().text)}, the text's length; got {k}")
    training = Rehearsal(cell, k, seed)
    if (cell, k, seed) == STORED:
        _go_on(training)
    training.recite_first()
    return training


def _go_on(training):
    """Put a training where the stored one ends."""
    data = _stored()
    names, steps = list(training.params), data["history"].shape[0]
    for step, spoken in zip(range(0, steps + 1, EVERY), bytes(data["spoken"]).decode().split("\0"), strict=True):
        params = {name: _read(data[f"{step}.{name}"]) if step else training.params[name].copy() for name in names}
        training.recitations += (training.recitation(step, params, spoken),)
    adam = training.optimizer
    for name in names:
        training.params[name] = training.recitations[-1].params[name].copy()
        adam.steps[name], adam.shapes[name] = steps, training.params[name].shape
        adam.memory[name] = _read(data[f"mean.{name}"]) / SCALE, (_read(data[f"root.{name}"]) / SCALE) ** 2
    training.history = [Progress(step, *map(float, row)) for step, row in enumerate(data["history"], 1)]
    training.state = tuple(_read(data[name]) for name in sorted(data) if name.startswith("state"))
    next(islice(training.batches, steps - 1, None))


def _read(array):
    return array.astype(np.float64)


@lru_cache(maxsize=1)
def _stored():
    file = files("rnnbook.lab.reading") / "data" / "rehearsal.npz"
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as data:
        return {name: data[name] for name in data.files}
