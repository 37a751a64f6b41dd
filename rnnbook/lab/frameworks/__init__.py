"""What PyTorch and Keras make of the same weights: live where they are installed, stored elsewhere."""

from rnnbook.lab.frameworks.conventions import flip_z, merge_biases, read_as
from rnnbook.lab.frameworks.correspondence import correspondence
from rnnbook.lab.frameworks.runs import framework, runs_on, stored_versions, where_run
from rnnbook.lab.frameworks.stored import keras_run, torch_run

__all__ = [
    "correspondence",
    "flip_z",
    "framework",
    "keras_run",
    "merge_biases",
    "read_as",
    "runs_on",
    "stored_versions",
    "torch_run",
    "where_run",
]
