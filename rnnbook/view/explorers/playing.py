"""A Play button for a slider whose end moves."""

from ipywidgets import Play
from traitlets import dlink

from rnnbook.view.explorers.base import _within


def play_to_the_end(explorer):
    """Let an explorer's Play button end where its slider does, which other controls may shorten or lengthen."""
    control = explorer.controls[explorer.played]
    for widget in _within(explorer.box):
        if isinstance(widget, Play):
            dlink((control, "max"), (widget, "max"))
