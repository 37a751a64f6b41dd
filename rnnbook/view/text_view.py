"""A text on the page with a shade for each character, of which the reader chooses one."""

from pathlib import Path

import anywidget
from traitlets import Int, Unicode

__all__ = ["TextView"]


class TextView(anywidget.AnyWidget):
    """A shaded text in the browser's own fonts; a click or the arrow keys choose a character.

    Parameters
    ----------
    name : str
        What is chosen, as a screen reader says it: "letter to predict".

    Attributes
    ----------
    text : str
        Any characters.
    levels : str
        A digit from 0 to 8 for each of the first characters, 8 the darkest; the rest of the text is grey.
    chosen : int
        Place of the framed character, from 0.
    on_choice : callable or None
        ``on_choice(k)``, called with the place that the reader wants.

    Examples
    --------
    >>> view = TextView("letter to predict")
    >>> view.show("hello", [0, 3, 8, 8], 4)
    >>> view.levels
    '0388'
    """

    _esm = Path(__file__).with_name("text_view.js")

    name = Unicode().tag(sync=True)
    text = Unicode().tag(sync=True)
    levels = Unicode().tag(sync=True)
    chosen = Int().tag(sync=True)

    def __init__(self, name):
        self.on_choice = None
        super().__init__(name=name)
        self.on_msg(self._asked)

    def show(self, text, levels, chosen):
        """Show a text, in one message.

        Parameters
        ----------
        text : str
            Any characters.
        levels : sequence of int
            From 0 to 8, for the first characters.
        chosen : int
            Place of the framed character, from 0.
        """
        with self.hold_sync():
            self.text, self.levels, self.chosen = text, "".join(str(int(level)) for level in levels), chosen

    def _asked(self, _, content, buffers):
        if self.on_choice:
            self.on_choice(content["chosen"])
