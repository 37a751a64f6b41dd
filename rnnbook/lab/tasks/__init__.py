"""Tasks whose difficulty is known: what to feed a network, and what a constant answer or chance reaches.

Every task knows its sizes and its loss, draws batches with `make_batch(rng, ...)`, and states its `baseline`:
the loss that the best memoryless predictor reaches, one that sees the current input and no earlier one.
"""

from rnnbook.lab.tasks.base import Task
from rnnbook.lab.tasks.corpus import Corpus, Reviews, Vocabulary, pad, split_words
from rnnbook.lab.tasks.digits import Digits, load_digits
from rnnbook.lab.tasks.floors import Floor, bag_bound, bag_floor, window_floor
from rnnbook.lab.tasks.imdb import load_imdb
from rnnbook.lab.tasks.order import Order
from rnnbook.lab.tasks.reviews import make_reviews
from rnnbook.lab.tasks.series import Series, Sine, TwoScales, airline
from rnnbook.lab.tasks.synthetic import Adding, Between, Echo, Recall
from rnnbook.lab.tasks.text import Text, zen_of_python
from rnnbook.lab.tasks.window import Bagged, Windowed, windows
from rnnbook.lab.tasks.words import Words

__all__ = [
    "Adding",
    "Bagged",
    "Between",
    "Corpus",
    "Digits",
    "Echo",
    "Floor",
    "Order",
    "Recall",
    "Reviews",
    "Series",
    "Sine",
    "Task",
    "Text",
    "TwoScales",
    "Vocabulary",
    "Windowed",
    "Words",
    "airline",
    "bag_bound",
    "bag_floor",
    "load_digits",
    "load_imdb",
    "make_reviews",
    "pad",
    "split_words",
    "window_floor",
    "windows",
    "zen_of_python",
]
