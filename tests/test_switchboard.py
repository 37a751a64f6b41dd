"""The switchboard: what its two sides say of defaults, and what its lines say of arrays."""

import re

import numpy as np
import pytest

from rnnbook.lab.frameworks.carrying import MISTAKES, why_not
from rnnbook.nn.cells import CELLS
from rnnbook.view.explorers import Switchboard
from rnnbook.view.explorers.apart import said_size
from rnnbook.view.explorers.switchboard import CHANGES, ROWS, SIDE, SIGN, WAYS, _written

EVERY = [(cell, way, change) for cell in CELLS for way in WAYS for change in CHANGES]
every = pytest.mark.parametrize(("cell", "way", "change"), EVERY)
SET = {"T": 9, "H": 4, "gain": 1.0, "seed": 0}


@every
def test_all_lines_have_room_and_what_is_changed_is_marked(cell, way, change):
    found = Switchboard.compute(cell=cell, way=way, change=change, **SET)
    assert len(found.left) == len(found.right) <= SIDE
    for narrow, count in ROWS.items():
        assert sum(len(_written(row, narrow)) for row in found.arrays) <= count
    marked = any(line.changed for line in found.right) or any(wrong for *_, wrong in found.arrays)
    right = change == "none" or (change == "summed" and cell != "GRU")  # what the transfer does anyway
    assert marked == (not right and not found.why)
    assert not any(line.changed for line in found.left)
    assert (found.apart.max() > 1e-9) == marked


@every
def test_a_line_that_is_changed_is_not_counted_as_a_default(cell, way, change):
    found, plain = (Switchboard.compute(cell=cell, way=way, change=one, **SET) for one in (change, "none"))
    hidden = sum(
        line.changed and line.value != other.value for line, other in zip(found.right, found.left, strict=True)
    )
    assert found.differ <= plain.differ <= found.differ + hidden


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("way", WAYS)
def test_as_many_signs_are_seen_at_each_side_as_the_sentence_says(at_start, cell, way):
    explorer = at_start("Switchboard")
    for change in CHANGES:
        explorer.set(cell=cell, way=way, change=change)
        seen = [explorer._lines[side].texts["sign"].get_text().count(SIGN) for side in (0, 2)]
        said = int(re.search(r"(\d+) settings? ha(?:s|ve) another default", explorer.live.reading)[1])
        assert seen == [said, said], change


@pytest.mark.parametrize("change", MISTAKES)
def test_what_one_cell_alone_has_is_named_with_it_in_the_list(at_start, change):
    explorer = at_start("Switchboard")
    (label,) = [label for label, value in explorer.controls["change"].options if value == change]
    possible = [cell for cell in CELLS if any(not why_not(CELLS[cell], *way.split(), change) for way in WAYS)]
    assert label.endswith(")") == (len(possible) == 1)
    assert len(possible) > 1 or label.endswith(f"({possible[0]})")


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("change", [change for change in CHANGES if change not in MISTAKES])
def test_a_changed_call_is_the_same_on_every_way(cell, change):
    """What is changed is not the arrays, so they do not matter."""
    aparts = [Switchboard.compute(cell=cell, way=way, change=change, **SET).apart for way in WAYS]
    for apart in aparts[1:]:
        np.testing.assert_allclose(apart, aparts[0], rtol=0, atol=1e-6 if change == "float32" else 1e-12)


def test_padding_is_a_quarter_and_the_masked_side_keeps_its_state():
    found = Switchboard.compute(cell="GRU", way="torch keras", change="mask", **SET | {"T": 20})
    assert found.padding == 5
    assert np.ptp(found.ours[:5]) == 0
    assert np.ptp(found.theirs[:5]) > 0.01


def test_defaults_differ_where_they_do():
    """PyTorch against Keras: starts, axes, what is returned, and the number of biases, but for a GRU."""
    for cell, expected in {"RNN": 6, "LSTM": 6, "GRU": 5}.items():
        assert Switchboard.compute(cell=cell, way="torch keras", change="none", **SET).differ == expected
    for way in ("book torch", "book keras"):
        floats = [(line, other) for line, other in lines("RNN", way) if "float64" in line.text]
        assert [(line.text, other.text) for line, other in floats] == [("float64 (the default)", "float64 (set here)")]
        assert floats[0][0].value != floats[0][1].value
    signs = {(line.text, other.text) for line, other in lines("GRU", "book torch") if line.value == other.value}
    assert ("x is (T, N, D)", "x is (T, N, D), batch_first=False") in signs


def lines(cell, way):
    found = Switchboard.compute(cell=cell, way=way, change="none", **SET)
    return zip(found.left, found.right, strict=True)


def test_what_is_set_here_is_said_and_no_mask_is_said_of_pytorch():
    assert "return_sequences=False (True here)" in [line.text for line, _ in lines("GRU", "keras torch")]
    masked = ("padding is masked", "padding is not masked")
    said = {"torch": ("padding is cut off", "padding is not cut off"), "keras": masked, "book": masked}
    for way in WAYS:
        found = Switchboard.compute(cell="GRU", way=way, change="mask", **SET)
        source, target = way.split()
        assert found.left[-1].text == said[source][0]
        assert found.right[-1].text == said[target][1]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("way", WAYS)
def test_the_engine_is_named_and_where_keras_itself_has_fewer_digits(cell, way):
    explorer = Switchboard(cell=cell, way=way, change="none")
    assert "In the book's engine the outputs of 20 steps are equal" in explorer.live.reading
    fewer = "Keras' own SimpleRNN multiplies in float32, to about seven digits" in explorer.live.reading
    assert fewer == (cell == "RNN" and "keras" in way)
    explorer.set(change="state")
    assert "in the book's engine" in explorer.live.reading


@pytest.mark.parametrize("cell", CELLS)
def test_no_difference_is_told_as_a_power_of_ten_of_nothing(cell):
    explorer = Switchboard(cell=cell, gain=0.0)
    for change in CHANGES:
        explorer.set(change=change)
        assert "0e+00" not in explorer.live.reading
        apart = explorer.arrays.apart
        met = apart[-1] == 0 < 1e-12 < apart.max()
        assert ("at the end they are exactly 0 apart" in explorer.live.reading) == met
    assert said_size(0.0) == "exactly 0"
