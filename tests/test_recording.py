"""What the pages' explorers show is what the kernel shows, part by part, shortened by less than the eye sees."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook.view import explorers
from tools import recorded
from tools.offline import ROOT
from tools.recording import Recording, buttons_of, views_of
from tools.shorten import elements, path

CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [name for name in explorers.__all__ if name not in ("Explorer", "InputError")]
NUMBER = st.integers(-900_000, 900_000).map(lambda v: f"{v / 1000:.6f}")
POINTS = st.tuples(NUMBER, NUMBER)


def chapter(path):
    return json.loads(path.read_text(encoding="utf-8"))


def explorers_of_chapters():
    """Every explorer of every chapter: the notebook, its cell, its class, and the moves of its text."""
    return [
        pytest.param(file, k, name.split("-")[0], moves, id=f"{file.stem[:2]}-{name.split('-')[0]}")
        for file in CHAPTERS
        for k, name, moves in recorded.in_notebook(chapter(file))
    ]


def corners(d):
    """The corners of a path in absolute coordinates, from commands that are absolute or relative."""
    words = re.findall(r"[a-zA-Z]|-?\d*\.?\d+", d)
    found, here, first, command, k = [], np.zeros(2), None, "", 0
    while k < len(words):
        if words[k].isalpha():
            command, k = words[k], k + 1
            if command in "zZ":
                here = first
                continue
        n = {"m": 1, "l": 1, "c": 3, "q": 2}[command.lower()]
        points = np.array([float(word) for word in words[k : k + 2 * n]]).reshape(n, 2)
        points = points + here if command.islower() else points
        found, here, k = [*found, *points], points[-1], k + 2 * n
        if command in "mM":
            first, command = here, "l" if command == "m" else "L"
    return np.array(found)


@given(st.lists(st.tuples(st.sampled_from("MLCQz"), st.tuples(POINTS, POINTS, POINTS)), max_size=8), POINTS)
def test_a_shortened_path_has_the_same_corners_to_half_a_digit(pieces, start):
    d = "M {} {}".format(*start)
    for command, points in pieces:
        n = {"M": 1, "L": 1, "C": 3, "Q": 2, "z": 0}[command]
        d += f" \n{command} " + " ".join(v for point in points[:n] for v in point)
    digits = 2 if "C" in d else 1
    assert abs(corners(path(d)) - corners(d)).max() <= 0.5 * 10**-digits + 1e-9


def test_a_command_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match=r"M, L, C, Q and z; got 'A'"):
        path("M 0 0 A 1 1 0 0 0 2 2")


def test_elements_that_are_joined_say_the_same_without_comments():
    svg = '<!-- gain -->\n<g id="text_1">\n <use xlink:href="#m1" x="10.123456" y="3"/>\n</g>'
    assert "".join(elements(svg)) == '<g id="text_1"><use xlink:href="#m1" x="10.12" y="3"/></g>'


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_what_the_kernel_shows(name):
    recording = Recording(getattr(explorers, name)(), stops=2)
    data, fresh = recording.data(), getattr(explorers, name)()
    start, last = data["start"], {}
    for key, found in data["at"].items():
        moved = moved_from(start, key)
        if len(moved) == 1:
            last[moved[0]] = int(key.split(",")[moved[0]]), found if isinstance(found, int) else found[0]
    stepped = [k for k, control in enumerate(data["controls"]) if control["kind"] != "text"]
    assert set(stepped) <= set(last)
    for k in stepped:
        places = {int(key.split(",")[k]) for key in data["at"] if len(moved_from(start, key)) <= 1}
        assert places == set(range(len(data["controls"][k]["shown"])))
    for k, (place, state) in last.items():
        control = data["controls"][k]["name"]
        fresh.reset()
        fresh.set(**{control: recording.places[control][place]})
        assert_shown(data, state, fresh)


def moved_from(start, key):
    """The controls whose places in a key are not those of the start."""
    return [k for k, place in enumerate(map(int, key.split(","))) if place != start[k]]


def assert_shown(data, state, explorer):
    """The parts, sentences and texts of a state are those of the explorer, part by part."""
    row = [data["things"][k] for k in data["states"][state]]
    assert row.pop(0) == [[control.description, control.disabled] for control in explorer.controls.values()]
    for view, known in zip(views_of(explorer), data["views"], strict=True):
        for trait in known["traits"]:
            shown, real = row.pop(0), getattr(view, trait)
            if isinstance(shown, dict) and "svg" in shown:
                assert [data["pieces"][k] for k in shown["svg"]] == elements(real)
            elif trait == "touch":
                assert rounded(shown) == rounded(real)
            elif trait != "era":
                assert shown == real
    assert row == []


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


@pytest.mark.parametrize(("file", "k", "name", "moves"), explorers_of_chapters())
def test_every_move_of_a_text_is_there_to_be_made(file, k, name, moves):
    cells = chapter(file)["cells"]
    text = "".join(next(cell["source"] for cell in cells[k + 1 :] if "moves" in cell["metadata"]))
    assert len(moves) == len(re.findall(r"(?m)^\d+\. ", text))
    explorer = getattr(explorers, name)()
    explorer.quiet = True  # the values are looked at, and not the pictures
    words = buttons_of(explorer)
    for way in moves:
        assert None not in way[:-1]
        for step in way:
            if isinstance(step, dict) and "press" in step:
                assert step["press"] in words
            elif isinstance(step, dict):
                for control, value in step.items():
                    explorer.put(control, value)
                    assert explorer.controls[control].value == value


def test_a_browser_writes_the_moves_as_they_are_written():
    def numbers(value):
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [number for part in parts for number in numbers(part)] or ([value] if isinstance(value, float) else [])

    for file in CHAPTERS:
        written = [number for cell in chapter(file)["cells"] for number in numbers(cell["metadata"].get("moves", []))]
        assert not any(number.is_integer() for number in written)  # JavaScript saves 1.0 as 1


def test_a_text_says_which_moves_need_a_kernel():
    source = "**Try this**\n\n1. Move it.\n2. Train.\n3. Press *Reset*, and train.\n\nThat is all.\n"
    moves = [[{"gain": 1.0}], [None], ["reset", None]]
    notebook = {"cells": [{"metadata": {"moves": moves}, "source": source}]}
    recorded.say_where(notebook)
    assert notebook["cells"][0]["source"] == (
        "**Try this**\n\n1. Move it.\n2. Train. *(In the notebook.)*\n"
        "3. Press *Reset*, and train. *(To the end in the notebook.)*\n\nThat is all.\n"
    )


def test_a_move_that_cannot_be_made_is_refused():
    with pytest.raises(ValueError, match=r"there are the controls bias, noise, after, seed; got gain"):
        Recording(explorers.Horizon(), [[{"gain": 1.0}]], stops=2)
    with pytest.raises(ValueError, match=r"there are the buttons .*Overwrite.*; got Fly"):
        Recording(explorers.DriveLSTM(), [[{"press": "Fly"}]], stops=2)


def test_a_recording_has_another_name_when_anything_it_comes_from_changes(monkeypatch):
    notebook = chapter(ROOT / "notebooks" / "04_vanishing_gradients.ipynb")
    (k, name, _), *_ = recorded.in_notebook(notebook)
    assert recorded.in_notebook(notebook)[0][1] == name
    monkeypatch.setattr(recorded, "_code", lambda: ["another"])
    assert recorded.in_notebook(notebook)[0][1] != name
    monkeypatch.undo()
    notebook["cells"][k + 1]["metadata"]["moves"] = []
    assert recorded.in_notebook(notebook)[0][1] != name


def test_the_pages_draw_with_the_notebooks_own_code():
    script = recorded.scripts()
    for name in ("live", "text_view", "word_view"):
        body, _ = (ROOT / "rnnbook" / "view" / f"{name}.js").read_text(encoding="utf-8").split("export default")
        assert body in script
    assert "export" not in script
