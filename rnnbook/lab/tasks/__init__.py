"""Tasks whose difficulty is known: what to feed a network, and what a constant answer or chance reaches.

Every task knows its sizes and its loss, draws batches with `make_batch(rng, ...)`, and states its `baseline`:
the loss that the best memoryless predictor reaches, one that sees the current input and no earlier one.
"""

from rnnbook.lab.tasks.base import Task
from rnnbook.lab.tasks.digits import Digits, load_digits
from rnnbook.lab.tasks.imdb import load_imdb
from rnnbook.lab.tasks.order import Order
from rnnbook.lab.tasks.series import Series, Sine, airline
from rnnbook.lab.tasks.synthetic import Adding, Echo, Recall
from rnnbook.lab.tasks.text import Text, zen_of_python
from rnnbook.lab.tasks.window import Bagged, Windowed, windows
from rnnbook.lab.tasks.words import Words

__all__ = [
    "Adding",
    "Bagged",
    "Digits",
    "Echo",
    "Order",
    "Recall",
    "Series",
    "Sine",
    "Task",
    "Text",
    "Windowed",
    "Words",
    "airline",
    "load_digits",
    "load_imdb",
    "windows",
    "zen_of_python",
]
