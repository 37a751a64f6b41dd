"""Labelled controls in the book's words, laid out as many side by side as the page is wide."""

from __future__ import annotations

from pathlib import Path

import anywidget
import ipywidgets as widgets
from traitlets import Bool, Instance, Int


def control_grid(controls):
    """Controls side by side in equal columns, as many as the page is wide.

    Parameters
    ----------
    controls : list of Widget
        In reading order.

    Returns
    -------
    GridBox
        The grid.
    """
    columns = "repeat(auto-fit, minmax(min(290px, 100%), 1fr))"
    return widgets.GridBox(
        controls, layout=widgets.Layout(grid_template_columns=columns, width="100%", grid_gap="2px 12px")
    )


def slider(label, value, least, most, step, **more):
    """A labelled slider: whole numbers if `step` is one.

    Parameters
    ----------
    label : str
        The book's word and symbol.
    value, least, most, step : int or float
        Start, ends and step.
    **more
        Passed on to the widget.

    Returns
    -------
    IntSlider or FloatSlider
        The slider.
    """
    kind = widgets.IntSlider if isinstance(step, int) else widgets.FloatSlider
    return kind(value=value, min=least, max=most, step=step, description=label, **_wide(), **more)


class Player(anywidget.AnyWidget):
    """A button that plays a slider from where it stands to its end, and one that brings it to its left end.

    It runs in the page, and `live.js` stops it at any touch, and hides it from those who ask for reduced motion. A
    slider that is greyed out is not played.

    Parameters
    ----------
    slider : IntSlider
        The slider.
    interval : int, optional
        Milliseconds between two steps; if not given, the whole slider takes some 12 seconds, and a step at most 0.7.
    **kwargs
        Handed to the widget.

    Examples
    --------
    >>> Player(slider("Steps T", 5, 1, 41, 1)).interval
    300
    """

    _esm = Path(__file__).parents[1] / "player.js"

    slider = Instance(widgets.Widget).tag(sync=True, **widgets.widget_serialization)
    interval = Int().tag(sync=True)
    # These two the page keeps to itself.
    playing = Bool().tag(sync=True)
    stopped = Int().tag(sync=True)

    def __init__(self, slider, interval=None, **kwargs):
        steps = (slider.max - slider.min) / slider.step
        super().__init__(slider=slider, interval=interval or min(700, max(100, round(12_000 / steps))), **kwargs)


def first_slider(controls, in_sight=()):
    """The slider that a reader meets first, of those that are not greyed out; where there is none, the first choice.

    Parameters
    ----------
    controls : dict of str to Widget
        An explorer's, by name.
    in_sight : sequence of str
        The names of those that stand in sight, in their order; if empty, all of them do.

    Returns
    -------
    str
        Its name.

    Examples
    --------
    >>> controls = {"cell": choice("Cell", ["RNN"]), "T": slider("Steps T", 5, 1, 9, 1), "k": slider("k", 1, 1, 5, 1)}
    >>> first_slider(controls), first_slider(controls, ["k", "T"]), first_slider(controls, ["cell"])
    ('T', 'k', 'cell')
    """
    live = [name for name in in_sight or controls if not controls[name].disabled]
    sliders = [name for name in live if hasattr(controls[name], "step")]
    choices = [name for name in live if hasattr(controls[name], "options")]
    return [*sliders, *choices, *live][0]


def stops_of(control, stops):
    """Places where a control is looked at: of a slider from end to end, of a list each option.

    Parameters
    ----------
    control : Widget
        A slider, a list, or anything else, which has its value alone.
    stops : int
        How many places of a slider, if it has as many steps.

    Returns
    -------
    list
        Values that the control takes.

    Examples
    --------
    >>> stops_of(slider("Steps T", 5, 1, 9, 1), 3)
    [1, 5, 9]
    >>> stops_of(choice("Cell", ["RNN", "GRU"]), 3)
    ['RNN', 'GRU']
    """
    if hasattr(control, "step"):
        steps = round((control.max - control.min) / control.step)
        chosen = sorted({round(k * steps / (stops - 1)) for k in range(stops)})
        return [type(control.value)(round(control.min + k * control.step, 10)) for k in chosen]
    if hasattr(control, "options"):
        return [option[1] if isinstance(option, tuple) else option for option in control.options]
    return [control.value]


def choice(label, options, value=None, **more):
    """A labelled list to choose from.

    Parameters
    ----------
    label : str
        The book's word.
    options : list
        Strings, or pairs of what is shown and what it stands for.
    value : object, optional
        The start; the first option if not given.
    **more
        Passed on to the widget.

    Returns
    -------
    Dropdown
        The list.
    """
    start = {} if value is None else {"value": value}
    return widgets.Dropdown(options=options, description=label, **start, **_wide(), **more)


def _wide():
    return {"style": {"description_width": "110px"}, "layout": widgets.Layout(width="auto")}


def review_field(label, text):
    """A labelled field for a review.

    Parameters
    ----------
    label : str
        The book's word.
    text : str
        The start.

    Returns
    -------
    Textarea
        The field.
    """
    return widgets.Textarea(
        value=text,
        tooltip="A review, or any sentence",
        placeholder="Type a review.",
        description=label,
        rows=2,
        **_wide(),
    )


def step_text(label, value="", tooltip=""):
    """A labelled field for one line of text.

    Parameters
    ----------
    label : str
        The book's word.
    value : str
        The start.
    tooltip : str
        What the text means.

    Returns
    -------
    Text
        The field.
    """
    return widgets.Text(value=value, description=label, tooltip=tooltip, placeholder="as the slider says", **_wide())
