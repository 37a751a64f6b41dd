"""The explorers: each one line in a notebook, each with Reset, keyboard and a sentence that reads the picture."""

from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.cliff import Cliff
from rnnbook.view.explorers.gradient_flow import GradientFlow
from rnnbook.view.explorers.recite import Recite
from rnnbook.view.explorers.shapes import Shapes
from rnnbook.view.explorers.tape_walk import TapeWalk
from rnnbook.view.explorers.triangle import Triangle
from rnnbook.view.explorers.unroll import Unroll
from rnnbook.view.explorers.window import Window
from rnnbook.view.explorers.your_text import YourText

__all__ = [
    "Cliff",
    "Explorer",
    "GradientFlow",
    "Recite",
    "Shapes",
    "TapeWalk",
    "Triangle",
    "Unroll",
    "Window",
    "YourText",
]
