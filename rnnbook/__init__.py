"""The package of the book: recurrent networks whose every gradient can be read, moved and checked.

`rnnbook.nn` has the networks, `rnnbook.lab` the experiments; both need NumPy only. `rnnbook.lab`, whose names are also
found here, and `rnnbook.view`, with the explorers, are loaded when they are first used.
"""

from importlib import import_module

from rnnbook.nn import *  # noqa: F403
from rnnbook.nn import __all__ as _nn_names

__version__ = "0.1.0"


def __getattr__(name):
    if name in ("lab", "view"):
        return import_module(f"rnnbook.{name}")
    lab = import_module("rnnbook.lab")
    if name == "__all__":
        return [*_nn_names, *lab.__all__]
    if name in lab.__all__:
        return getattr(lab, name)
    raise AttributeError(f"module 'rnnbook' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__getattr__("__all__"), "view"])
