"""The words of a text on the page with a signed shade for each, of which the reader chooses one."""

from pathlib import Path

import anywidget
from traitlets import Bool, Int, List, Unicode

__all__ = ["WordView"]


class WordView(anywidget.AnyWidget):
    """Shaded words in the browser's own fonts; a click or the arrow keys choose one.

    Parameters
    ----------
    name : str
        What stands before the words, and what a screen reader calls them: "first".

    Attributes
    ----------
    words : list of str
        The words; without any the view is hidden.
    levels : list of int
        A shade for each, from -8 to 8: blue above 0, orange and underlined below, white at 0.
    known : list of bool
        Whether each is in the vocabulary; the others are in italics in a dashed frame.
    chosen : int
        Place of the framed word, from 0; -1 where none can be chosen.
    on_choice : callable or None
        ``on_choice(k)``, called with the place that the reader wants.

    Examples
    --------
    >>> view = WordView("first")
    >>> view.show(["not", "dull"], [8, -3], [True, True], 0)
    >>> view.levels
    [8, -3]
    """

    _esm = Path(__file__).with_name("word_view.js")

    name = Unicode().tag(sync=True)
    words = List(Unicode()).tag(sync=True)
    levels = List(Int()).tag(sync=True)
    known = List(Bool()).tag(sync=True)
    chosen = Int(-1).tag(sync=True)

    def __init__(self, name):
        self.on_choice = None
        super().__init__(name=name)
        self.on_msg(self._asked)

    def show(self, words, levels, known, chosen=-1):
        """Show words, in one message.

        Parameters
        ----------
        words : sequence of str
            The words.
        levels : sequence of int
            From -8 to 8.
        known : sequence of bool
            Whether each is in the vocabulary.
        chosen : int
            Place of the framed word, from 0, or -1.
        """
        with self.hold_sync():
            self.words, self.levels = list(words), [int(level) for level in levels]
            self.known, self.chosen = [bool(one) for one in known], chosen

    def _asked(self, _, content, buffers):
        if self.on_choice:
            self.on_choice(content["chosen"])
