"""The networks: cells, time, starts, losses, optimisers. NumPy only."""

from rnnbook.nn.activations import sigmoid, softmax
from rnnbook.nn.cells import GRU, LSTM, RNN
from rnnbook.nn.clip import clip_by_norm, clip_by_value, global_norm
from rnnbook.nn.files import load_network, save_network
from rnnbook.nn.interop import from_torch, to_torch
from rnnbook.nn.keras_interop import from_keras, to_keras
from rnnbook.nn.layers import embed, embed_backward, one_hot, readout, readout_backward
from rnnbook.nn.losses import binary_cross_entropy, softmax_cross_entropy, squared_error
from rnnbook.nn.model import Batch, Gradients, Model
from rnnbook.nn.optim import SGD, Adam, RMSprop
from rnnbook.nn.params import Chrono, init_params, set_spectral_radius, spectral_radius
from rnnbook.nn.pooling import Mean
from rnnbook.nn.recurrent import Dropout, Embedding, Recurrent
from rnnbook.nn.scan import bptt, unroll
from rnnbook.nn.stack import Both, Residual, Stack
from rnnbook.nn.tape import Backward, Tape
from rnnbook.nn.workspace import Workspace

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "Adam",
    "Backward",
    "Batch",
    "Both",
    "Chrono",
    "Dropout",
    "Embedding",
    "Gradients",
    "Mean",
    "Model",
    "RMSprop",
    "Recurrent",
    "Residual",
    "Stack",
    "Tape",
    "Workspace",
    "binary_cross_entropy",
    "bptt",
    "clip_by_norm",
    "clip_by_value",
    "embed",
    "embed_backward",
    "from_keras",
    "from_torch",
    "global_norm",
    "init_params",
    "load_network",
    "one_hot",
    "readout",
    "readout_backward",
    "save_network",
    "set_spectral_radius",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "spectral_radius",
    "squared_error",
    "to_keras",
    "to_torch",
    "unroll",
]
