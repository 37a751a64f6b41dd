"""The experiments: tasks, training, gradient checks, the gradient on its way back. NumPy only."""

from rnnbook.lab.cliff import Descent, descend, one_unit_error
from rnnbook.lab.forecast import forecast_error, forecast_training, linear_error, rule_error
from rnnbook.lab.gradcheck import Check, gradcheck, numerical_gradient
from rnnbook.lab.gradflow import (
    Flow,
    cosine,
    gradient_flow,
    gradient_norms,
    magnitudes,
    pair_norms,
)
from rnnbook.lab.jacobians import Spectrum, jacobian_norms, jacobian_products, spectrum, step_jacobian
from rnnbook.lab.reach import accuracy, recall_score, recall_training, rnn_weights, window_weights
from rnnbook.lab.shapes import ArrayShape, array_shapes
from rnnbook.lab.slopes import slope, theory_slope
from rnnbook.lab.tables import load_table
from rnnbook.lab.tasks import (
    Adding,
    Bagged,
    Echo,
    Order,
    Recall,
    Series,
    Sine,
    Text,
    Windowed,
    Words,
    airline,
    windows,
    zen_of_python,
)
from rnnbook.lab.textflow import LookBack, Reading, look_back, read
from rnnbook.lab.train import Progress, Training
from rnnbook.lab.triangle import Pairs, pairs_kept, triangle
from rnnbook.lab.truncated_echo import echo_accuracy, echo_training
from rnnbook.lab.truncation import blocks, gradient_within, laps, recite

__all__ = [
    "Adding",
    "ArrayShape",
    "Bagged",
    "Check",
    "Descent",
    "Echo",
    "Flow",
    "LookBack",
    "Order",
    "Pairs",
    "Progress",
    "Reading",
    "Recall",
    "Series",
    "Sine",
    "Spectrum",
    "Text",
    "Training",
    "Windowed",
    "Words",
    "accuracy",
    "airline",
    "array_shapes",
    "blocks",
    "cosine",
    "descend",
    "echo_accuracy",
    "echo_training",
    "forecast_error",
    "forecast_training",
    "gradcheck",
    "gradient_flow",
    "gradient_norms",
    "gradient_within",
    "jacobian_norms",
    "jacobian_products",
    "laps",
    "linear_error",
    "load_table",
    "look_back",
    "magnitudes",
    "numerical_gradient",
    "one_unit_error",
    "pair_norms",
    "pairs_kept",
    "read",
    "recall_score",
    "recall_training",
    "recite",
    "rnn_weights",
    "rule_error",
    "slope",
    "spectrum",
    "step_jacobian",
    "theory_slope",
    "triangle",
    "window_weights",
    "windows",
    "zen_of_python",
]
