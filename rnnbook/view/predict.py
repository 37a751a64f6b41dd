"""Predict first: a question that the reader answers by hand, and then the picture answers it.

What the reader draws, sets or picks stays in the browser; the kernel never sees it.
"""

import base64
from pathlib import Path

import anywidget
from traitlets import HasTraits, Int, List, Unicode

from rnnbook.view.live import Live
from rnnbook.view.style import png
from rnnbook.view.touch import Probe

__all__ = ["predict"]

# The page's side of a live figure, without what it gives to anywidget, and what a question adds.
_LIVE = Path(__file__).with_name("live.js").read_text(encoding="utf-8").replace("export default { render };", "")
_QUESTION = Path(__file__).with_name("predict.js").read_text(encoding="utf-8")


class _Asked(HasTraits):
    """What the page needs to ask and to compare; the picture, if there is one, shows the answer without a kernel."""

    question = Unicode().tag(sync=True)
    reading = Unicode().tag(sync=True)
    kind = Unicode().tag(sync=True)
    options = List(Unicode()).tag(sync=True)
    right = Int().tag(sync=True)
    bar = List().tag(sync=True)
    picture = None

    def choices(self):
        """The answers to pick from, or the ends of what can be set, in words."""
        return list(self.options) or ([f"from {self.bar[0]:g} to {self.bar[1]:g} {self.bar[3]}"] if self.bar else [])

    def _repr_mimebundle_(self, include=None, exclude=None, **kwargs):
        words = f"{self.question} {self.reading}"
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": words}
        # For pages, which close the answer.
        apart = {"text/plain": {"question": self.question, "answer": self.reading, "choices": self.choices()}}
        if self.picture is None:
            return data, apart
        png = base64.b64encode(self.picture).decode("ascii")
        return data | {"image/png": png}, apart | {"image/png": {"alt": words}}


class Question(_Asked, anywidget.AnyWidget):
    """A question with answers to pick, or a number to set; made by `predict`."""

    _esm = _LIVE + _QUESTION


class CurveQuestion(_Asked, Live):
    """A question with a curve to draw; made by `predict`."""

    _esm = _LIVE + _QUESTION


def predict(question, reading, *, curve=None, x="t", options=None, right=None, bar=None):
    """Ask the reader for a prediction: a curve to draw, one of several answers, or a number to set.

    Parameters
    ----------
    question : str
        What is asked. What was answered is kept in the browser under these words.
    reading : str
        The answer in one sentence, which appears when the reader presses *Show*, with or without a prediction.
    curve : matplotlib.lines.Line2D, optional
        The answer, in axes that are linear or logarithmic; the reader draws into these axes while it is hidden.
    x : str
        What the curve's horizontal axis counts.
    options : sequence of str, optional
        Answers to choose from.
    right : int, optional
        Which of the options is right, from 0.
    bar : tuple of (float, float, float, str), optional
        Lowest and highest number that can be set, the right one, and its unit.

    Returns
    -------
    Question or CurveQuestion
        To be the last line of a cell.

    Raises
    ------
    TypeError
        If there is not exactly one of `curve`, `options` and `bar`.
    ValueError
        If `right` is not the place of an option, or the right number does not lie between the ends.

    Examples
    --------
    >>> asked = predict("Which one forgets?", "The RNN forgets.", options=["RNN", "LSTM"], right=0)
    >>> asked.kind
    'choice'
    >>> from rnnbook.view import figure
    >>> fig, ax = figure()
    >>> (line,) = ax.plot([1, 2, 3], [1.0, 0.5, 0.25])
    >>> predict("How does it go on?", "It halves at every step.", curve=line).kind
    'curve'
    """
    given = {"curve": curve is not None, "options": options is not None, "bar": bar is not None}
    if sum(given.values()) != 1:
        raise TypeError(f"predict takes one of {', '.join(given)}; got {[name for name in given if given[name]]}")
    words = {"question": question, "reading": reading}
    if options is not None:
        if right not in range(len(options)):
            raise ValueError(f"right is the place of one of {len(options)} options, from 0; got {right!r}")
        return Question(kind="choice", options=list(options), right=int(right), **words)
    if bar is not None:
        low, high, value, _ = bar
        if not low <= value <= high:
            raise ValueError(f"the right number lies between the bar's ends {low} and {high}; got {value}")
        return Question(kind="bar", bar=list(bar), **words)
    probe = Probe(curve.axes, x, {"curve": curve})
    asked = CurveQuestion(curve.figure, [curve], reading, probes=[probe], kind="curve", question=question)
    asked.picture = png(curve.figure)
    return asked
