"""The package of the book: recurrent networks whose every gradient can be read, moved and checked.

`rnnbook.nn` has the networks, `rnnbook.lab` the experiments; both need NumPy only. `rnnbook.view`, with the
explorers, is loaded when it is first used.
"""

from importlib import import_module

from rnnbook.lab import *  # noqa: F403
from rnnbook.lab import __all__ as _lab_names
from rnnbook.nn import *  # noqa: F403
from rnnbook.nn import __all__ as _nn_names

__version__ = "0.1.0"
__all__ = [*_nn_names, *_lab_names]


def __getattr__(name):
    if name == "view":
        return import_module("rnnbook.view")
    raise AttributeError(f"module 'rnnbook' has no attribute {name!r}")
