"""What a network does with what it reads: a text, a review, a signal, gates held by hand; what it recites; noise."""

from rnnbook.lab.reading.calibration import Calibration, calibration
from rnnbook.lab.reading.drive import Driven, drive, written
from rnnbook.lab.reading.gates import by_token, read_gates
from rnnbook.lab.reading.horizon import bias_for_horizon, forgetting, horizon, horizon_of
from rnnbook.lab.reading.negation import flip_not
from rnnbook.lab.reading.noise import Survival, SurvivalRun, survival_law, survival_run
from rnnbook.lab.reading.recite import recite
from rnnbook.lab.reading.rehearsal import Recitation, Rehearsal, rehearsal
from rnnbook.lab.reading.shapes import ArrayShape, array_shapes
from rnnbook.lab.reading.stored import ReviewReader, review_reader
from rnnbook.lab.reading.text import LookBack, Reading, look_back, reach, read
from rnnbook.lab.reading.verdicts import WordGradients, neighbours, occlusion, verdicts, word_gradients

__all__ = [
    "ArrayShape",
    "Calibration",
    "Driven",
    "LookBack",
    "Reading",
    "Recitation",
    "Rehearsal",
    "ReviewReader",
    "Survival",
    "SurvivalRun",
    "WordGradients",
    "array_shapes",
    "bias_for_horizon",
    "by_token",
    "calibration",
    "drive",
    "flip_not",
    "forgetting",
    "horizon",
    "horizon_of",
    "look_back",
    "neighbours",
    "occlusion",
    "reach",
    "read",
    "read_gates",
    "recite",
    "rehearsal",
    "review_reader",
    "survival_law",
    "survival_run",
    "verdicts",
    "word_gradients",
    "written",
]
