"""A still picture in a notebook, with the sentence that reads it."""

import base64

from rnnbook.view.style import DPI, png

__all__ = ["Picture", "show"]


class Picture:
    """A still picture and the sentence that says what it shows, as one output of a notebook.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Drawn at once: later changes of the figure do not reach the picture.
    sentence : str
        The reading, with the numbers that matter; the picture's alternative text.
    dpi : float
        Pixels per inch of the PNG. It is shown at 96 to the inch whatever its density.

    Attributes
    ----------
    png : bytes
        The picture.
    sentence : str
        Its reading.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> Picture(figure()[0], "An empty figure.")
    An empty figure.
    """

    def __init__(self, fig, sentence, dpi=DPI):
        self.png = png(fig, dpi)
        self.sentence = sentence
        self._width = round(96 * fig.get_size_inches()[0])

    def __repr__(self):
        return self.sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/png": base64.b64encode(self.png).decode("ascii"), "text/plain": self.sentence}
        return data, {"image/png": {"alt": self.sentence, "width": self._width}}


def show(fig, sentence):
    """Show a figure in a notebook and print its reading beneath it.

    The printed line is there because JupyterLab ignores an image's alternative text, and because tests
    of notebooks compare printed text but no pictures.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure.
    sentence : str
        One sentence that says what the figure shows.

    Examples
    --------
    >>> from rnnbook.view import figure
    >>> show(figure()[0], "An empty figure.")
    An empty figure.
    An empty figure.
    """
    from IPython.display import display  # only a notebook needs it: figures are built without IPython

    display(Picture(fig, sentence))
    print(sentence)
