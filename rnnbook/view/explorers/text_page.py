"""What the explorers of the reader's own text share: typing and loading, a coloured page, Train and Stop."""

from __future__ import annotations

from textwrap import wrap
from typing import ClassVar

import ipywidgets as widgets

from rnnbook.view.colored_text import draw_text, text_rows
from rnnbook.view.explorers.base import Explorer, InputError
from rnnbook.view.explorers.trainer import Trainer
from rnnbook.view.explorers.upload import TextUpload
from rnnbook.view.style import figure, png, room
from rnnbook.view.text_view import TextView

SHORTEST, LONGEST = 2, 2000  # characters
WIDEST = 110  # letters of a line above a text, in the picture that is stored


class TextPage(Explorer):
    """An explorer of a text: its controls hold "text", "weights" and "target", its arrays `text` and `target`.

    A subclass says which cell learns (`chosen_cell`), how dark each character is (`levels`), and draws and moves
    the chart below the text (`draw_chart`, `move_chart`).

    Parameters
    ----------
    weights : TextWeights
        What was learned.
    **values
        Where the controls start.
    """

    first_target: ClassVar[int] = 1
    chart_height: ClassVar[float] = 2.0
    reflows: ClassVar[bool] = True
    trained: ClassVar[str] = "trained"  # the choice of what was learned here

    def __init__(self, weights, /, **values):
        self.trainer = Trainer(self._begin, self._publish, self._shown, self.values)
        self.weights = weights
        self._last_read = None, None, None
        self.page = TextView("letter to look at")
        self.page.on_choice = lambda k: self.slide(target=k + 1)
        self.upload = TextUpload(lambda text: self.set(text=text), self.complain)
        super().__init__(**values)

    def chosen_cell(self):
        """The cell that learns.

        Returns
        -------
        str
            "RNN", "LSTM" or "GRU".
        """
        raise NotImplementedError

    def levels(self, arrays):
        """How dark each character is.

        Parameters
        ----------
        arrays : object
            From `compute`.

        Returns
        -------
        ndarray
            Whole numbers from 0 to 8.
        """
        raise NotImplementedError

    def draw_chart(self, ax):
        """Draw the chart once.

        Parameters
        ----------
        ax : matplotlib.axes.Axes
            Where.

        Returns
        -------
        dict of str to Artist
            What moves.
        """
        raise NotImplementedError

    def move_chart(self, ax, chart, arrays):
        """Put the chart's artists where the arrays say.

        Parameters
        ----------
        ax : matplotlib.axes.Axes
            Where the chart was drawn.
        chart : dict of str to Artist
            From `draw_chart`.
        arrays : object
            From `compute`.
        """
        raise NotImplementedError

    def text_area(self, text, rows):
        """Make the field to type in.

        Parameters
        ----------
        text : str
            What it holds at the start.
        rows : int
            Its height.

        Returns
        -------
        Textarea
            The field.
        """
        return widgets.Textarea(
            value=text,
            description="Your text",
            placeholder="Type at least two characters.",
            rows=rows,
            layout=widgets.Layout(width="auto"),
            style={"description_width": "110px"},
        )

    def rows(self):
        """The text, the other controls, training, the coloured text, the chart."""
        grid, rest, reasons, live = super().rows()
        return [self.controls["text"], grid, rest, reasons, self.trainer.row, self.page, live]

    def out_of_sight(self):
        """The upload, and the controls but for the text, which has a place of its own."""
        return [*(self.controls[name] for name in self.controls if name not in (*self.in_sight, "text")), self.upload]

    def put(self, name, value):
        """Set a control; with a new text, let the slider reach its end, and stay there if it was there.

        A text that is too short to be read leaves the slider where it is, as it leaves the picture: who empties the
        field to type another text has not chosen another letter.

        Parameters
        ----------
        name : str
            The control.
        value : object
            Its value.
        """
        super().put(name, value)
        if name == "text" and len(value) >= SHORTEST:
            target, last = self.controls["target"], max(self.first_target, min(len(value), LONGEST))
            at_end = target.value == target.max
            target.max = last
            if at_end:
                target.value = last

    def _moved(self, change):
        if change["owner"] is self.controls["text"] and not self.quiet:
            self.set(text=change["new"])
        else:
            super()._moved(change)

    def readable(self, text):
        """The part of a text that is read, and what the reader should know of it.

        Parameters
        ----------
        text : str
            What was typed or loaded.

        Returns
        -------
        text : str
            At most 2,000 characters.
        note : str
            Says that it was cut, or nothing.

        Raises
        ------
        InputError
            If there are fewer than two characters.
        """
        if len(text) < SHORTEST:
            raise InputError(f"Type at least two characters; here is {len(text)}")
        if len(text) <= LONGEST:
            return text, ""
        return text[:LONGEST], f" The text is cut to its first {LONGEST:,} of {len(text):,} characters."

    def read_once(self, reader, model, params, tokens):
        """Run a reader on a text, unless it is the one that was read last: most moves only look elsewhere.

        Parameters
        ----------
        reader : callable
            Called as ``reader(model, params, tokens)``.
        model : Model
            The model.
        params : dict of str to ndarray
            Its parameters; equal ones are told by being the same dict.
        tokens : ndarray
            The text, (n,).

        Returns
        -------
        object
            What the reader returned.
        """
        key = model, tokens.tobytes()
        if self._last_read[0] != key or self._last_read[1] is not params:
            self._last_read = key, params, reader(model, params, tokens)
        return self._last_read[2]

    def settle(self):
        """What is said of training belongs to the network that is shown."""
        self.trainer.tell()

    def _shown(self):
        """The training of the network that is shown, and what is said of it."""
        cell, seen = self.chosen_cell(), self.controls["weights"].value == self.trained
        key = cell, self.controls["text"].value[:LONGEST]
        learned, training = self.weights.learned.get(key), self.weights.trainings.get(key)
        if learned is None or training is None:
            return None, ""
        if seen:
            loss = training.history[-1].loss
            return training, f"trained here for {learned.steps} steps, loss {loss:.3f} nats"
        label = self.controls["weights"].description
        chosen = next(label for label, value in self._choices() if value == self.trained)
        kept = f"kept: the {cell} trained for {learned.steps} steps; {label}: {chosen} shows it"
        return None, f"{kept}, and training goes on"

    def _choices(self):
        """The networks that can be chosen, as label and value."""
        options = self.controls["weights"].options
        return [option if isinstance(option, tuple) else (option, option) for option in options]

    def _begin(self):
        text = self.controls["text"].value[:LONGEST]
        if len(text) < 3:
            raise InputError(f"a text of at least three characters is needed to learn from; here is {len(text)}")
        return self.weights.training(self.chosen_cell(), text)

    def _publish(self, training):
        self.weights.keep(training)
        if self.controls["weights"].value == self.trained:
            self.refresh()
        else:
            self.controls["weights"].value = self.trained

    def draw(self, arrays):
        """The chart, and the artists that move; the text itself is the page's."""
        fig, ax = figure(width=11.5, height=self.chart_height)
        fig.get_layout_engine().set(
            rect=(0.005, 0, 0.975, 0.98)
        )  # room for the last tick's letters, whatever the number of letters
        self._chart = self.draw_chart(ax)
        return fig, [ax.xaxis, ax.yaxis, *self._chart.values()]

    def move(self, arrays):
        """Put the artists where the arrays say, and colour the text."""
        self.move_chart(self.fig.axes[0], self._chart, arrays)
        self.page.show(arrays.text, self.levels(arrays), arrays.target)

    def png(self):
        """The coloured text above the chart.

        Returns
        -------
        bytes
            A PNG file.
        """
        with room(None):
            return self._png()

    def written(self, arrays):
        """What stands above the chart in a picture.

        Parameters
        ----------
        arrays : object
            From `compute`.

        Returns
        -------
        list of tuple
            For each text a line above it or nothing, the text, how dark each character is, and which is framed.
        """
        return [("", arrays.text, self.levels(arrays), arrays.target)]

    def _png(self):
        written = [(wrap(above, WIDEST), *shown) for above, *shown in self.written(self.arrays)]
        heights = [*(0.3 * text_rows(text, place) for _, text, _, place in written), self.chart_height]
        lines = sum(0.25 * len(above) for above, *_ in written)
        fig, (*axes, chart) = figure(nrows=len(heights), width=11.5, height=sum(heights) + lines, height_ratios=heights)
        self.move_chart(chart, self.draw_chart(chart), self.arrays)
        for ax, (above, *_) in zip(axes, written, strict=True):
            if above:
                ax.set_title("\n".join(above), fontsize=11)
        fig.draw_without_rendering()  # the text's size follows from where the layout puts it
        fig.set_layout_engine("none")
        for ax, (_, *shown) in zip(axes, written, strict=True):
            draw_text(ax, *shown)
        return png(fig)
