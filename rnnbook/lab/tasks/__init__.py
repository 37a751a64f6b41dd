"""Tasks whose difficulty is known: what to feed a network, and what knowing nothing reaches.

Every task knows its sizes and its loss, draws batches with `make_batch(rng, ...)`, and states its `baseline`:
the loss that the best memoryless predictor reaches, one that sees the current input and no earlier one.
"""

from rnnbook.lab.tasks.base import Task
from rnnbook.lab.tasks.synthetic import Adding, Echo, Recall
from rnnbook.lab.tasks.text import Text, zen_of_python

__all__ = ["Adding", "Echo", "Recall", "Task", "Text", "zen_of_python"]
