"""What the reader sees: the look, plots, the live figure and the explorers. Loaded only when it is used."""

from rnnbook.view import explorers, plots
from rnnbook.view.live import Live
from rnnbook.view.style import COLORS, Picture, figure, line, save, show

__all__ = ["COLORS", "Live", "Picture", "explorers", "figure", "line", "plots", "save", "show"]
