"""What every explorer shares: controls beside a live figure, one sentence of reading, Reset, one output bundle."""

from __future__ import annotations

import base64
import contextlib
import html
from typing import ClassVar

import ipywidgets as widgets

from rnnbook.view.explorers.controls import Player, control_grid
from rnnbook.view.live import Live
from rnnbook.view.style import look, room, with_line

STILL = "A picture: it moves where this cell is run."  # seen as long as no kernel answers
LEAST = 3.0  # inches: on less, a picture becomes smaller


class InputError(ValueError):
    """What the reader gave cannot be shown; the message says why and what can."""


class Explorer:
    """Controls, a live figure, and a sentence that reads it.

    A subclass asks one question, says which controls there are, computes arrays from their values, draws them once,
    moves the artists, and reads the picture. It may name the controls that stay in sight (`in_sight`, three at most;
    the others go under "More"), the one that can be played (`played`), and what a hand can do to the picture (`touch`).
    Everything else is here.

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
    >>> explorer.values()["gain"], "a factor" in explorer.live.reading
    (0.5, True)
    """

    question: ClassVar[str] = ""  # the one that moving the controls answers; it stands above them
    in_sight: ClassVar[tuple[str, ...]] = ()  # names of controls; if empty, all of them
    reflows: ClassVar[bool] = False  # whether its axes may stand below one another on a narrow page
    played: ClassVar[str] = ""  # the slider with a button that plays it

    def __init__(self, **values):
        self.controls = self.make_controls()
        self._furthest = {}  # where sliders end that have ended earlier since
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
        self.live = Live(self.fig, moving, self.reading(self.arrays), **self.touch())
        self.live.resized, self._room = self._lay_out, None
        self.reset_button = widgets.Button(description="Reset", icon="undo", tooltip="Back to the values at the start")
        self.reset_button.layout = widgets.Layout(width="auto", flex="0 0 auto")
        self.reset_button.on_click(lambda _: self.reset())
        for control in self.controls.values():
            control.observe(self._moved, "value")
        self._grey, self._reasons = {}, widgets.HTML(layout=widgets.Layout(display="none"))
        # However many names it says, it takes no row more: the picture stays under the hand that drags in it.
        self.more = widgets.ToggleButton(icon="sliders", layout=widgets.Layout(width="auto", flex="0 1 auto"))
        self.more.add_class("rnnbook-more")
        asked = widgets.HTML(f"<strong>{html.escape(self.question)}</strong>")
        asked.add_class("rnnbook-asks")
        self.box = widgets.VBox([asked, *self.rows()], layout=widgets.Layout(overflow="visible"))
        self.box.add_class("rnnbook-explorer")
        for widget in _within(self.box):
            if widget.has_trait("tooltip") and widget.tooltip is None:
                widget.tooltip = getattr(widget, "description", "")  # None would be shown as "null"
        self.settle()
        self._say_more()

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

    def touch(self):
        """What a hand can do to the picture, after `draw`.

        Returns
        -------
        dict
            Of `Live`'s keywords: "handles", "probes", "ghosts". Nothing, unless a subclass says.
        """
        return {}

    def out_of_sight(self):
        """The controls that stand under "More".

        Returns
        -------
        list of Widget
            In their order.
        """
        return [control for name, control in self.controls.items() if name not in self.in_sight]

    def rows(self):
        """What stands below one another: the controls, then the figure.

        Returns
        -------
        list of Widget
            For the box.
        """
        if not self.in_sight:
            return [control_grid([*self.controls.values(), self.reset_button]), self._reasons, self.live]
        seen = [self.controls[name] for name in self.in_sight]
        rest = control_grid(self.out_of_sight())
        rest.layout.display = "none"
        self.more.observe(lambda change: self._open(rest, change["new"]), "value")
        buttons = [Player(self.controls[self.played])] if self.played else []
        # Not grid_column: ipywidgets sets grid_area after it, which clears it.
        whole_row = widgets.Layout(grid_area="auto / 1 / auto / -1")
        buttons = widgets.HBox([*buttons, self.more, self.reset_button], layout=whole_row)
        return [control_grid([*seen, buttons]), rest, self._reasons, self.live]

    def values(self):
        """The controls' values.

        Returns
        -------
        dict
            By name.
        """
        return {name: control.value for name, control in self.controls.items()}

    def reset(self):
        """Put every control back to where it started, in one move, and send the ghosts away."""
        with self._one_move(ghost=False):
            for name, value in self._start.items():
                self.put(name, value)

    def step(self, **by):
        """Move sliders by steps, as far as they go, in one move.

        Parameters
        ----------
        **by : int
            How many steps, by the slider's name.
        """
        self.slide(**{name: self.controls[name].value + n * self.controls[name].step for name, n in by.items()})

    def slide(self, **values):
        """Put sliders on the steps nearest to values, in one move.

        Parameters
        ----------
        **values : float
            By the slider's name; what lies beyond an end becomes the end.
        """
        places = {}
        for name, value in values.items():
            control = self.controls[name]
            steps = round((min(max(value, control.min), control.max) - control.min) / control.step)
            places[name] = type(control.value)(round(control.min + steps * control.step, 10))
        self.set(**places)

    def grey_out(self, **why):
        """Grey out controls that change nothing now, and say why beneath them.

        Parameters
        ----------
        **why : str
            The reason by the control's name; an empty one makes it live again.
        """
        for name, reason in why.items():
            self.controls[name].disabled = bool(reason)
            self._grey[name] = reason
        said = [f"{self.controls[name].description}: {reason}." for name, reason in self._grey.items() if reason]
        self._reasons.value = f"<small>{html.escape(' '.join(said))}</small>"
        self._tell_why()

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
        if name in self._furthest:
            self.controls[name].max = self._furthest[name]  # how far it may go is known when all are set
        self.controls[name].value = value

    def refresh(self, *, ghost=True):
        """Compute and show what the controls say.

        Parameters
        ----------
        ghost : bool
            Whether curves leave a ghost where they were.
        """
        try:
            arrays = self.compute(**self.values())
            reading = self.reading(arrays)
            with look():
                self.move(arrays)
        except (InputError, FloatingPointError, MemoryError) as error:  # anything else is a defect, and is raised
            self.complain(error)
            return
        self.arrays = arrays
        self.live.update(reading, ghost=ghost)
        self.settle()
        self._say_more()

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
        self._furthest.setdefault(name, self.controls[name].max)
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

    def _open(self, rest, shown):
        """Show or hide the controls that are out of sight, and the reasons why some of them are greyed out."""
        rest.layout.display = "grid" if shown else "none"
        self._tell_why()

    def _tell_why(self):
        seen = self.more.value or not self.in_sight or any(self._grey.get(name) for name in self.in_sight)
        self._reasons.layout.display = None if seen and any(self._grey.values()) else "none"

    def _lay_out(self, width):
        """Draw the figure for a page of this width."""
        if not self.reflows:
            return
        width = width and max(width, LEAST)
        if width == self._room:
            return
        self._room = width
        with look(), room(width):
            self.fig, moving = self.draw(self.arrays)
            self.move(self.arrays)
        self.live.replace(self.fig, moving, self.live.reading, **self.touch())

    def _say_more(self):
        """On the button over the controls that are out of sight: which of them are not where they started."""
        where = {name: control.value for name, control in self.controls.items()}
        hidden = [(name, control) for name, control in self.controls.items() if control in self.out_of_sight()]
        moved = [control.description for name, control in hidden if where[name] != self._start[name]]
        self.more.description = self.more.tooltip = "More" + (": " if moved else "") + ", ".join(moved)

    @contextlib.contextmanager
    def _one_move(self, **how):
        self.quiet = True
        try:
            yield
        finally:
            self.quiet = False
        self.refresh(**how)

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
            "image/png": base64.b64encode(with_line(self.png(), STILL)).decode("ascii"),
            "text/plain": self.live.reading,
        }
        return data, {"image/png": {"alt": self.live.reading}}


def _within(box):
    """All widgets of a box, and of the boxes in it."""
    for widget in getattr(box, "children", ()):
        yield widget
        yield from _within(widget)
