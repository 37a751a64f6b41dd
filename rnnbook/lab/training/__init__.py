"""Training: the loop, blocks of a sequence in order, how many weights a network has, how often it is right."""

from rnnbook.lab.training.blocks import blocks, laps
from rnnbook.lab.training.loop import Progress, Training
from rnnbook.lab.training.recipe import Recipe, mean_loss, solve
from rnnbook.lab.training.score import accuracy
from rnnbook.lab.training.weights import count_weights, rnn_weights, units_for, window_weights

__all__ = [
    "Progress",
    "Recipe",
    "Training",
    "accuracy",
    "blocks",
    "count_weights",
    "laps",
    "mean_loss",
    "rnn_weights",
    "solve",
    "units_for",
    "window_weights",
]
