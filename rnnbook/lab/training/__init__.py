"""Training: the loop, blocks of a sequence in order, training in rounds, how many weights, how often right."""

from rnnbook.lab.training.blocks import blocks, laps
from rnnbook.lab.training.loop import Progress, Training
from rnnbook.lab.training.recipe import Recipe, mean_loss, solve
from rnnbook.lab.training.rounds import Look, Rounds, Stop, early_stop
from rnnbook.lab.training.score import Score, accuracy, batch_parts, mean_score
from rnnbook.lab.training.weights import count_weights, rnn_weights, units_for, window_weights

__all__ = [
    "Look",
    "Progress",
    "Recipe",
    "Rounds",
    "Score",
    "Stop",
    "Training",
    "accuracy",
    "batch_parts",
    "blocks",
    "count_weights",
    "early_stop",
    "laps",
    "mean_loss",
    "mean_score",
    "rnn_weights",
    "solve",
    "units_for",
    "window_weights",
]
