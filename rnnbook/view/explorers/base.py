"""What every explorer shares: controls beside a live figure, one sentence of reading, Reset, one output bundle."""

from __future__ import annotations

import base64
import contextlib

import ipywidgets as widgets

from rnnbook.view.explorers.controls import control_grid
from rnnbook.view.live import Live
from rnnbook.view.style import look


class InputError(ValueError):
    """What the reader gave cannot be shown; the message says why and what can."""


class Explorer:
    """Controls, a live figure, and a sentence that reads it.

    A subclass says which controls there are, computes arrays from their values, draws them once, moves the
    artists, and reads the picture. Everything else is here.

    Parameters
    ----------
    **values
        Where controls start, by name; Reset returns to these.

    Attributes
    ----------
    controls : dict of str to Widget
        The controls by name.
    live : Live
        The figure.
    arrays : object
        What is shown, as `compute` returned it.

    Raises
    ------
    TypeError
        If there is no control of that name.
    traitlets.TraitError
        If a value is not one that the control takes.

    Examples
    --------
    >>> from rnnbook.view.explorers import GradientFlow
    >>> explorer = GradientFlow(T=10, H=4)
    >>> explorer.set(gain=0.5)
    >>> explorer.values()["gain"], "falls" in explorer.live.reading
    (0.5, True)
    """

    def __init__(self, **values):
        self.controls = self.make_controls()
        for name, value in values.items():
            if name not in self.controls:
                raise TypeError(f"{type(self).__name__} has the controls {', '.join(self.controls)}; got {name}")
            self.put(name, value)
        self._start = self.values()
        self.quiet = False
        self.arrays = self.compute(**self.values())
        with look():  # an artist that is made by itself, and not by a method of its axes, has it from here
            self.fig, moving = self.draw(self.arrays)
            self.move(self.arrays)
        self.live = Live(self.fig, moving, self.reading(self.arrays))
        self.reset_button = widgets.Button(description="Reset", icon="undo", tooltip="Back to the values at the start")
        self.reset_button.on_click(lambda _: self.reset())
        for control in self.controls.values():
            control.observe(self._moved, "value")
        self.box = widgets.VBox(self.rows(), layout=widgets.Layout(overflow="visible"))
        self.box.add_class("rnnbook-explorer")
        for widget in _within(self.box):
            if widget.has_trait("tooltip") and widget.tooltip is None:
                widget.tooltip = getattr(widget, "description", "")  # None would be shown as "null"
        self.settle()

    def make_controls(self):
        """Make the controls.

        Returns
        -------
        dict of str to Widget
            By the names of `compute`'s parameters.
        """
        raise NotImplementedError

    def compute(self, **values):
        """Compute what the picture shows, from nothing but the controls' values.

        Parameters
        ----------
        **values
            By the controls' names.

        Returns
        -------
        object
            Arrays and numbers.
        """
        raise NotImplementedError

    def draw(self, arrays):
        """Draw the figure once.

        Parameters
        ----------
        arrays : object
            From `compute`.

        Returns
        -------
        fig : matplotlib.figure.Figure
            The figure.
        moving : list of Artist
            The artists that `move` changes.
        """
        raise NotImplementedError

    def move(self, arrays):
        """Put the artists where the arrays say.

        Parameters
        ----------
        arrays : object
            From `compute`.
        """
        raise NotImplementedError

    def reading(self, arrays):
        """Say in one sentence what the picture shows.

        Parameters
        ----------
        arrays : object
            From `compute`.

        Returns
        -------
        str
            The sentence; also the picture's alternative text.
        """
        raise NotImplementedError

    def rows(self):
        """What stands below one another: the controls, then the figure.

        Returns
        -------
        list of Widget
            For the box.
        """
        return [control_grid([*self.controls.values(), self.reset_button]), self.live]

    def values(self):
        """The controls' values.

        Returns
        -------
        dict
            By name.
        """
        return {name: control.value for name, control in self.controls.items()}

    def reset(self):
        """Put every control back to where it started, in one move."""
        self.set(**self._start)

    def set(self, **values):
        """Put controls to values, in one move.

        Parameters
        ----------
        **values
            By the controls' names.
        """
        with self._one_move():
            for name, value in values.items():
                self.put(name, value)

    def put(self, name, value):
        """Set one control; a subclass whose controls depend on one another does more.

        Parameters
        ----------
        name : str
            The control.
        value : object
            Its value.
        """
        self.controls[name].value = value

    def refresh(self):
        """Compute and show what the controls say."""
        try:
            arrays = self.compute(**self.values())
            reading = self.reading(arrays)
            self.move(arrays)
        except (InputError, FloatingPointError, MemoryError) as error:  # anything else is a defect, and is raised
            self.complain(error)
            return
        self.arrays = arrays
        self.live.update(reading)
        self.settle()

    def complain(self, trouble):
        """Say what is wrong where the reading stands; picture and arrays stay.

        Parameters
        ----------
        trouble : str or Exception
            What is wrong.
        """
        self.live.reading = f"{trouble}. The picture is still the one before."

    def settle(self):
        """After a move: enable and disable controls. Nothing, unless a subclass says."""

    def end_at(self, name, last):
        """Let a slider end where another control says, since beyond nothing would follow.

        Parameters
        ----------
        name : str
            The slider.
        last : int
            Its last value.
        """
        quiet, self.quiet = self.quiet, True  # the picture is that of the last value already
        self.controls[name].max = last
        self.quiet = quiet

    def png(self):
        """The picture as it is now.

        Returns
        -------
        bytes
            A PNG file.
        """
        return self.live.png()

    @contextlib.contextmanager
    def _one_move(self):
        self.quiet = True
        try:
            yield
        finally:
            self.quiet = False
        self.refresh()

    def _moved(self, change):
        if not self.quiet:
            self.refresh()

    def _repr_mimebundle_(self, include=None, exclude=None):
        """One bundle: the widget where a kernel runs, the picture and its sentence where none does."""
        data = {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.box.model_id,
            },
            "image/png": base64.b64encode(self.png()).decode("ascii"),
            "text/plain": self.live.reading,
        }
        return data, {"image/png": {"alt": self.live.reading}}


def _within(box):
    """All widgets of a box, and of the boxes in it."""
    for widget in getattr(box, "children", ()):
        yield widget
        yield from _within(widget)
