"""What PyTorch and Keras make of the same weights, and what they computed, stored."""

from rnnbook.lab.frameworks.conventions import flip_z, merge_biases, read_as
from rnnbook.lab.frameworks.stored import keras_run, torch_run

__all__ = [
    "flip_z",
    "keras_run",
    "merge_biases",
    "read_as",
    "torch_run",
]
