"""The experiments: tasks, training, gradient checks, the gradient on its way back. NumPy only."""

from rnnbook.lab.frameworks.conventions import flip_z, merge_biases, read_as
from rnnbook.lab.frameworks.stored import keras_run, torch_run
from rnnbook.lab.gradients.cliff import Descent, descend, one_unit_error
from rnnbook.lab.gradients.differences import Check, gradcheck, numerical_gradient
from rnnbook.lab.gradients.flow import (
    Flow,
    cosine,
    gradient_flow,
    gradient_norms,
    magnitudes,
    pair_norms,
)
from rnnbook.lab.gradients.jacobians import Spectrum, jacobian_norms, jacobian_products, spectrum, step_jacobian
from rnnbook.lab.gradients.paths import Paths, gradient_paths
from rnnbook.lab.gradients.slopes import slope, theory_slope
from rnnbook.lab.gradients.triangle import Pairs, pairs_kept, triangle
from rnnbook.lab.gradients.truncation import gradient_within
from rnnbook.lab.reading.drive import Driven, drive, written
from rnnbook.lab.reading.gates import by_token, read_gates
from rnnbook.lab.reading.horizon import horizon, horizon_of
from rnnbook.lab.reading.recite import recite
from rnnbook.lab.reading.shapes import ArrayShape, array_shapes
from rnnbook.lab.reading.text import LookBack, Reading, look_back, read
from rnnbook.lab.studies.contest import contend, contest, contestant, error_of
from rnnbook.lab.studies.echo import echo_accuracy, echo_training
from rnnbook.lab.studies.forecast import forecast_error, forecast_training, linear_error, rule_error
from rnnbook.lab.studies.gate_bias import bias_training, run_until_solved
from rnnbook.lab.studies.reach import recall_score, recall_training
from rnnbook.lab.studies.standings import Standing, choose_rate, standings, verdict
from rnnbook.lab.studies.tables import load_table
from rnnbook.lab.tasks import (
    Adding,
    Bagged,
    Digits,
    Echo,
    Order,
    Recall,
    Series,
    Sine,
    Text,
    Windowed,
    Words,
    airline,
    load_digits,
    windows,
    zen_of_python,
)
from rnnbook.lab.training.blocks import blocks, laps
from rnnbook.lab.training.loop import Progress, Training
from rnnbook.lab.training.score import accuracy
from rnnbook.lab.training.weights import count_weights, rnn_weights, units_for, window_weights

__all__ = [
    "Adding",
    "ArrayShape",
    "Bagged",
    "Check",
    "Descent",
    "Digits",
    "Driven",
    "Echo",
    "Flow",
    "LookBack",
    "Order",
    "Pairs",
    "Paths",
    "Progress",
    "Reading",
    "Recall",
    "Series",
    "Sine",
    "Spectrum",
    "Standing",
    "Text",
    "Training",
    "Windowed",
    "Words",
    "accuracy",
    "airline",
    "array_shapes",
    "bias_training",
    "blocks",
    "by_token",
    "choose_rate",
    "contend",
    "contest",
    "contestant",
    "cosine",
    "count_weights",
    "descend",
    "drive",
    "echo_accuracy",
    "echo_training",
    "error_of",
    "flip_z",
    "forecast_error",
    "forecast_training",
    "gradcheck",
    "gradient_flow",
    "gradient_norms",
    "gradient_paths",
    "gradient_within",
    "horizon",
    "horizon_of",
    "jacobian_norms",
    "jacobian_products",
    "keras_run",
    "laps",
    "linear_error",
    "load_digits",
    "load_table",
    "look_back",
    "magnitudes",
    "merge_biases",
    "numerical_gradient",
    "one_unit_error",
    "pair_norms",
    "pairs_kept",
    "read",
    "read_as",
    "read_gates",
    "recall_score",
    "recall_training",
    "recite",
    "rnn_weights",
    "rule_error",
    "run_until_solved",
    "slope",
    "spectrum",
    "standings",
    "step_jacobian",
    "theory_slope",
    "torch_run",
    "triangle",
    "units_for",
    "verdict",
    "window_weights",
    "windows",
    "written",
    "zen_of_python",
]
