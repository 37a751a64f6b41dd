"""The package of the book: recurrent networks whose every gradient can be read, moved and checked.

`rnnbook.nn` has the networks, `rnnbook.lab` the experiments, in rooms by the question they answer; both need NumPy
only. What most chapters use is found here as well. The experiments and `rnnbook.view`, with the explorers, are loaded
when they are first used.
"""

import warnings
from importlib import import_module

from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    SGD,
    Adam,
    Backward,
    Batch,
    Both,
    Chrono,
    Dropout,
    Embedding,
    Model,
    Recurrent,
    Residual,
    Stack,
    Tape,
    Workspace,
    bptt,
    clip_by_norm,
    clip_by_value,
    from_keras,
    from_torch,
    global_norm,
    init_params,
    one_hot,
    readout,
    set_spectral_radius,
    sigmoid,
    softmax,
    softmax_cross_entropy,
    spectral_radius,
    squared_error,
    to_keras,
    to_torch,
    unroll,
)

__version__ = "0.9.0"

_EXPERIMENTS = {  # by room
    "rnnbook.lab.frameworks": [
        "keras_run",
        "torch_run",
    ],
    "rnnbook.lab.gradients": [
        "cosine",
        "gradcheck",
        "gradient_flow",
        "gradient_norms",
        "gradient_paths",
        "gradient_within",
        "jacobian_norms",
    ],
    "rnnbook.lab.reading": [
        "horizon",
        "recite",
    ],
    "rnnbook.lab.studies": [
        "load_table",
    ],
    "rnnbook.lab.tasks": [
        "Adding",
        "Bagged",
        "Digits",
        "Echo",
        "Order",
        "Recall",
        "Series",
        "Sine",
        "Text",
        "Windowed",
        "Words",
    ],
    "rnnbook.lab.training": [
        "Training",
        "accuracy",
    ],
}
_ROOMS = {name: room for room, names in _EXPERIMENTS.items() for name in names}
if not __debug__:
    warnings.warn("Python runs with -O or PYTHONOPTIMIZE: what the chapters assert is not checked", stacklevel=2)

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "Adam",
    "Adding",
    "Backward",
    "Bagged",
    "Batch",
    "Both",
    "Chrono",
    "Digits",
    "Dropout",
    "Echo",
    "Embedding",
    "Model",
    "Order",
    "Recall",
    "Recurrent",
    "Residual",
    "Series",
    "Sine",
    "Stack",
    "Tape",
    "Text",
    "Training",
    "Windowed",
    "Words",
    "Workspace",
    "accuracy",
    "bptt",
    "clip_by_norm",
    "clip_by_value",
    "cosine",
    "from_keras",
    "from_torch",
    "global_norm",
    "gradcheck",
    "gradient_flow",
    "gradient_norms",
    "gradient_paths",
    "gradient_within",
    "horizon",
    "init_params",
    "jacobian_norms",
    "keras_run",
    "load_table",
    "one_hot",
    "readout",
    "recite",
    "set_spectral_radius",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "spectral_radius",
    "squared_error",
    "to_keras",
    "to_torch",
    "torch_run",
    "unroll",
]


def __getattr__(name):
    if name in ("lab", "view"):
        return import_module(f"rnnbook.{name}")
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module 'rnnbook' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__, "lab", "view"})
