"""What the reader sees: the look, plots, the live figure and the explorers. Loaded only when it is used."""

from rnnbook.view import explorers, plots
from rnnbook.view.live import Live
from rnnbook.view.picture import Picture, show
from rnnbook.view.predict import predict
from rnnbook.view.progress import follow
from rnnbook.view.style import COLORS, figure, line, save

__all__ = ["COLORS", "Live", "Picture", "explorers", "figure", "follow", "line", "plots", "predict", "save", "show"]
