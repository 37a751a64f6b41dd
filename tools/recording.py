"""What an explorer shows, control by control, as data for a page without a kernel."""

from unittest import mock

import ipywidgets as widgets

from rnnbook.view.explorers.base import _within
from rnnbook.view.explorers.controls import Player, first_slider, stops_of
from rnnbook.view.live import Live
from rnnbook.view.text_view import TextView
from rnnbook.view.word_view import WordView
from tools.shorten import elements

STOPS = 25  # places of a slider, from end to end, as far as it has steps
VIEWS = {
    Live: ("still", "reading", "touch", "era"),
    TextView: ("name", "text", "levels", "chosen"),
    WordView: ("name", "words", "levels", "known", "chosen"),
    widgets.HTML: ("value",),
}


class Once(dict):
    """Things by what they are, each with its place: the second time the same thing has the same place."""

    def place(self, thing):
        """Return where a thing stands, as a whole number; it is added if it is new."""
        return self.setdefault(thing, len(self))


class Recording:
    """An explorer's pictures and sentences, for every control moved by itself, and for the moves that a text asks for.

    The first slider and the first list are recorded together, every place with every option. All comes from the
    explorer's own code, and each part of a picture is kept once.

    Parameters
    ----------
    explorer : Explorer
        It is moved, and ends at its start.
    moves : list of list
        What a text asks the reader to do, one thing after the other: steps that are each "reset", a dict of controls to
        values, {"press": words on a button}, or None for what needs a kernel, where that thing ends.
    stops : int
        Places of a slider.

    Raises
    ------
    ValueError
        If a move names a button or a control that is not there.

    Examples
    --------
    >>> from rnnbook.view.explorers import Horizon
    >>> recording = Recording(Horizon(), [[{"noise": 0.0}, {"bias": 3.0}]], stops=2)
    >>> recording.places["bias"]
    [0.0, 2.0, 3.0, 8.0]
    >>> recording.found(noise=0.0, bias=3.0)["reading"][:32]
    'Forget bias 3.0 keeps 1/e for 20'
    """

    def __init__(self, explorer, moves=(), stops=STOPS):
        self.explorer = explorer
        self.views = views_of(explorer)
        self.buttons = buttons_of(explorer)
        explorer.reset()
        self.start = explorer.values()
        self.places = {name: [value] for name, value in self.start.items()}
        self._pieces, self._things, self._states = Once(), Once(), Once()
        self._seen = {}  # by what was asked for: the values then, and the state
        self._pressed = {}  # by button and the values before: the values after, and the state, which names the button
        self.stops = stops
        self._see(self.start)  # before a button says what it has done
        for way in moves:
            self._walk(way)
        self._walk_alone()
        for name, control in explorer.controls.items():
            if hasattr(control, "step"):
                self.places[name].sort()
        with mock.patch.object(explorer.live, "update"):  # which controls a hand moves is asked, and not drawn
            self.held = [self._held(k) for k in range(len(explorer.touch().get("handles", ())))]
            self.chosen = [self._chosen(view) for view in self.views]
        explorer.reset()

    # Going about

    def _walk_alone(self):
        """Every button, then every control by itself, and the first slider with the first list."""
        explorer = self.explorer
        names = explorer.in_sight or explorer.controls
        slider = first_slider(explorer.controls, explorer.in_sight)
        lists = [name for name in names if hasattr(explorer.controls[name], "options")]
        for words in self.buttons:
            explorer.reset()
            self._do({"press": words})
        for name in explorer.controls:
            explorer.reset()
            for value in stops_of(explorer.controls[name], self.stops):
                self._put_alone(name, value)
                if name in lists[:1] and name != slider:
                    self._slide(slider)
        while lacking := [*self._lacking()]:  # places to which texts, buttons or another control's end have led
            for name, value in lacking:
                self._put_alone(name, value)
        explorer.reset()

    def _put_alone(self, name, value):
        """A control to a value from the start: where another one was before, its end may hold this one back."""
        with mock.patch.object(self.explorer.live, "update"):  # the start was seen
            self.explorer.reset()
        self._put(name, value)

    def _lacking(self):
        """Places of controls that were not seen with all others at the start."""
        for name, places in self.places.items():
            for value in places:
                if tuple((self.start | {name: value}).values()) not in self._seen:
                    yield name, value

    def _slide(self, name):
        """A slider through all of its places, with the others where they are."""
        before = self.explorer.values()
        for value in {*stops_of(self.explorer.controls[name], self.stops), *self.places[name]}:
            self._put(name, value)
        self.explorer.set(**before)

    def _walk(self, way):
        """Do what a text asks for, up to what needs a kernel."""
        for step in way:
            if step is None:
                break
            if step == "reset":
                self.explorer.reset()
            else:
                self._do(step)

    def _do(self, step):
        """One step, a control at a time as a hand does it, each with its picture."""
        if "press" in step:
            if step["press"] not in self.buttons:
                raise ValueError(f"there are the buttons {', '.join(self.buttons)}; got {step['press']}")
            before = self.explorer.values()
            self.buttons[step["press"]].click()
            after = self.explorer.values()
            self._pressed[step["press"], self._key(before)] = self._key(after), self._states.place(self._state())
            self.explorer.reset()
            self.explorer.set(**after)
            self._see(after)  # as where a hand brings the controls there one by one
            self._slide(first_slider(self.explorer.controls, self.explorer.in_sight))
            return
        for name, value in step.items():
            if name not in self.places:
                raise ValueError(f"there are the controls {', '.join(self.places)}; got {name}")
            if hasattr(self.explorer.controls[name], "step"):
                self._slide(name)  # a hand passes places before the one that is named, and beyond
            self._put(name, value)

    def _put(self, name, value):
        asked = self.explorer.values() | {name: value}
        self.explorer.set(**{name: value})
        self._see(asked)

    def _key(self, values):
        """Values as a tuple; each has its place from then on."""
        for name, value in values.items():
            if value not in self.places[name]:
                self.places[name].append(value)
        return tuple(values.values())

    def _see(self, asked):
        """Write down what is shown, by the values that were asked for and by those that are shown."""
        key, shown = self._key(asked), self._key(self.explorer.values())
        if key not in self._seen:
            self._seen[key] = shown, self._states.place(self._state())
            self._seen.setdefault(shown, self._seen[key])  # found, too, by what is shown there

    # What is seen

    def _state(self):
        """The places of all that is shown now."""
        state = [self._thing(self._controls())]
        for view in self.views:
            state += [self._thing(self._trait(view, trait)) for trait in self._traits(view)]
        return tuple(state)

    def _traits(self, view):
        parts = [name for name in view.traits() if name.startswith("part_")]
        return [*VIEWS[kind_of(view)], *sorted(parts, key=lambda name: int(name[5:]))]

    def _trait(self, view, trait):
        value = getattr(view, trait)
        if trait == "still" or trait.startswith("part_"):
            return tuple(self._pieces.place(piece) for piece in elements(value))
        if trait == "era":
            return 0  # without a hand on the picture there are no ghosts to send away
        return value

    def _controls(self):
        """What controls are called now, and which of them are greyed out."""
        controls = self.explorer.controls.values()
        return [[control.description, control.disabled] for control in controls]

    def _thing(self, value):
        return self._things.place(_frozen(value))

    # What a hand does

    def _held(self, k):
        """Which controls a handle moves: by its keys to the right and up, and by being dragged."""
        right, up = self._moves_by(k, 1, 0), self._moves_by(k, 0, 1)
        dragged = {}
        for x, y in [(0.1, 0.1), (0.9, 0.1), (0.5, 0.5), (0.1, 0.9), (0.9, 0.9)]:
            handle = self._handle(k)
            if handle.take:
                handle.take()
            (left, last), (low, high) = handle.ax.get_xlim(), handle.ax.get_ylim()
            handle.drag(_between(left, last, x, handle.ax.get_xscale()), _between(low, high, y, handle.ax.get_yscale()))
            moved = {name for name, value in self.explorer.values().items() if value != self.start[name]}
            dragged |= {name: None for name in self.places if name in moved and len(self.places[name]) > 1}
        return {"right": right, "up": up, "drag": [*dragged]}

    def _handle(self, k):
        self.explorer.reset()
        return self.explorer.touch()["handles"][k]

    def _moves_by(self, k, right, up):
        """The control that a key moves, and by how many of its steps' signs; None if it moves none."""
        for sign in (1, -1):  # it may stand at an end
            self._handle(k).step(sign * right, sign * up)
            for name, way in self._changes().items():
                return [name, sign * way]
        return None

    def _changes(self):
        """The sliders that lie elsewhere than at the start, and in which direction."""
        moved = {name: value for name, value in self.explorer.values().items() if value != self.start[name]}
        controls = {name: control for name, control in self.explorer.controls.items() if name in moved}
        stepped = {name: control for name, control in controls.items() if hasattr(control, "step")}
        return {name: 1 if moved[name] > self.start[name] else -1 for name in stepped}

    def _chosen(self, view):
        """The control that a click on a text moves."""
        if not getattr(view, "on_choice", None) or view.chosen < 0:
            return None
        for by in (-1, 1):
            self.explorer.reset()
            view.on_choice(view.chosen + by)
            if changes := self._changes():
                self.explorer.reset()
                return next(iter(changes))
        return None

    # What is handed on

    def found(self, **values):
        """What is shown at values, as the page finds it.

        Parameters
        ----------
        **values
            Of controls; the others are at their start.

        Returns
        -------
        dict
            The traits of all views by their names, the first view's first where two have one of the same name.

        Raises
        ------
        KeyError
            If these values were not recorded together.
        """
        _, state = self._seen[tuple((self.start | values).values())]
        things, places, shown = [*self._things], [*self._states][state][1:], {}
        for view in self.views:
            names = self._traits(view)
            for name, place in zip(names, places, strict=False):
                shown.setdefault(name, things[place])
            places = places[len(names) :]
        return shown

    def data(self):
        """All that the page needs.

        Returns
        -------
        dict
            To be written as JSON. "at" has by the places of all controls' values the place of a state, and where other
            values are shown than were asked for, theirs.
        """
        index = {name: {_frozen(value): k for k, value in enumerate(values)} for name, values in self.places.items()}

        def at(key):
            return [index[name][_frozen(value)] for name, value in zip(self.places, key, strict=True)]

        seen = {}
        for key, (shown, state) in self._seen.items():
            seen[",".join(map(str, at(key)))] = state if shown == key else [state, at(shown)]
        hidden = {widget for part in self.explorer.out_of_sight() for widget in (part, *_within(part))}
        pressed = {}
        for (words, before), (after, state) in self._pressed.items():
            pressed.setdefault(words, {})[",".join(map(str, at(before)))] = [state, at(after)]
        return {
            "question": self.explorer.question,
            "controls": [self._control(name) for name in self.places],
            "start": at(tuple(self.start.values())),
            "views": [
                {
                    "kind": kind_of(view).__name__,
                    "traits": self._traits(view),
                    "moves": moves,
                    "reasons": view is self.explorer._reasons,
                }
                for view, moves in zip(self.views, self.chosen, strict=True)
            ],
            "dark": self.explorer.live.dark,
            "handles": self.held,
            "at": seen,
            "pressed": pressed,
            "buttons": {words: {"tip": b.tooltip, "more": b in hidden} for words, b in self.buttons.items()},
            "trains": hasattr(self.explorer, "trainer"),
            "states": [*self._states],
            "things": [_thawed(thing) for thing in self._things],
            "pieces": [*self._pieces],
        }

    def _control(self, name):
        control, places = self.explorer.controls[name], self.places[name]
        seen = self.explorer.in_sight or [*self.places]
        known = {
            "name": name,
            "more": name not in seen,
            "order": seen.index(name) if name in seen else len(seen),
            "shown": [self._said(name, value) for value in places],
        }
        if hasattr(control, "step"):
            players = [w for w in _within(self.explorer.box) if isinstance(w, Player) and w.slider is control]
            played = {"play": players[0].interval * len(control_steps(control)) // len(places)} if players else {}
            return known | {"kind": "slider"} | played
        return known | {"kind": "list" if hasattr(control, "options") else "text"}

    def _said(self, name, value):
        """How a control shows a value."""
        control = self.explorer.controls[name]
        if hasattr(control, "options"):
            labels = dict(zip(control._options_values, control._options_labels, strict=True))
            return labels[value]
        return format(value, control.readout_format) if hasattr(control, "step") else value


def views_of(explorer):
    """What an explorer shows, in its order: no question, and no news of training."""
    trainer = getattr(explorer, "trainer", None)
    news = [*_within(trainer.row)] if trainer else []
    asked = [widget for widget in _within(explorer.box) if "rnnbook-asks" in widget._dom_classes]
    return [w for w in _within(explorer.box) if kind_of(w) and w not in [*news, *asked]]


def buttons_of(explorer):
    """An explorer's buttons by their words, but for Reset and those that train."""
    trainer = getattr(explorer, "trainer", None)
    others = [explorer.reset_button, *(_within(trainer.row) if trainer else ())]
    buttons = [w for w in _within(explorer.box) if isinstance(w, widgets.Button) and w not in others]
    return {button.description: button for button in buttons}


def kind_of(widget):
    """Which of the views a widget is, or None; a widget's own class may be made for it alone."""
    return next((kind for kind in VIEWS if isinstance(widget, kind)), None)


def control_steps(control):
    """The steps of a slider, as a range."""
    return range(round((control.max - control.min) / control.step) + 1)


def _between(low, high, part, scale):
    """A place along an axis."""
    return low * (high / low) ** part if scale == "log" else low + part * (high - low)


def _frozen(value):
    """Lists and dicts as tuples, which can be looked up; numbers of pictures with five digits."""
    if isinstance(value, dict):
        return ("dict", *((name, _frozen(one)) for name, one in value.items()))
    if isinstance(value, list):
        return ("list", *map(_frozen, value))
    return float(f"{value:.5g}") if type(value) is float else value


def _thawed(value):
    """What `_frozen` froze; a tuple of numbers alone is SVG, by the places of its elements."""
    if not isinstance(value, tuple):
        return value
    kind, *rest = value or ("svg",)
    if kind == "dict":
        return {name: _thawed(one) for name, one in rest}
    if kind == "list":
        return [_thawed(one) for one in rest]
    return {"svg": [*value]}
