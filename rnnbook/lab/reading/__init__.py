"""What a network does with what it reads: a text, a signal, gates held by hand; what it recites; what noise leaves."""

from rnnbook.lab.reading.drive import Driven, drive, written
from rnnbook.lab.reading.gates import by_token, read_gates
from rnnbook.lab.reading.horizon import horizon, horizon_of
from rnnbook.lab.reading.noise import Survival, SurvivalRun, survival_law, survival_run
from rnnbook.lab.reading.recite import recite
from rnnbook.lab.reading.shapes import ArrayShape, array_shapes
from rnnbook.lab.reading.text import LookBack, Reading, look_back, read

__all__ = [
    "ArrayShape",
    "Driven",
    "LookBack",
    "Reading",
    "Survival",
    "SurvivalRun",
    "array_shapes",
    "by_token",
    "drive",
    "horizon",
    "horizon_of",
    "look_back",
    "read",
    "read_gates",
    "recite",
    "survival_law",
    "survival_run",
    "written",
]
