"""The explorers: each one line in a notebook, each with Reset, keyboard and a sentence that reads the picture."""

from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.cliff import Cliff
from rnnbook.view.explorers.gradient_flow import GradientFlow
from rnnbook.view.explorers.your_text import YourText

__all__ = ["Cliff", "Explorer", "GradientFlow", "YourText"]
