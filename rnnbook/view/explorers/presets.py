"""A row of buttons, each of which puts all controls to stated values in one move."""

from __future__ import annotations

import ipywidgets as widgets


def preset_row(explorer, presets, plain, tooltip):
    """Buttons for settings with a name.

    Parameters
    ----------
    explorer : Explorer
        Whose controls are set.
    presets : dict of str to dict
        By the button's word, the values that differ from `plain`.
    plain : dict
        Values of all controls.
    tooltip : str
        What a button does; "{}" stands for its word.

    Returns
    -------
    buttons : dict of str to Button
        By their words.
    row : Box
        All of them in a row.
    """
    buttons, slim = {}, widgets.Layout(width="auto")
    for name, settings in presets.items():
        buttons[name] = widgets.Button(description=name, tooltip=tooltip.format(name.lower()), layout=slim)
        buttons[name].on_click(lambda _, settings=settings: explorer.set(**plain | settings))
    layout = widgets.Layout(flex_flow="row wrap", grid_gap="8px", align_items="center")
    return buttons, widgets.Box([widgets.Label("Presets:"), *buttons.values()], layout=layout)
