"""Gates drawn by hand: fields that say what they ignored, pens, the lit cell, and whether the number is kept."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import RendererAgg

from rnnbook.view.explorers import DriveGRU, DriveLSTM
from rnnbook.view.explorers.by_hand import SIGNALS
from rnnbook.view.explorers.driven_picture import COMES, T
from rnnbook.view.explorers.gate_text import GateText, read_gate, what_was_taken, write_gate
from rnnbook.view.explorers.pen import FREE
from rnnbook.view.lit_cells import HIGH, MOST

KINDS = {"LSTM": DriveLSTM, "GRU": DriveGRU}
each = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
drawn_gates = st.lists(st.none() | st.integers(0, 20).map(lambda n: n / 20), min_size=1, max_size=T)
typed = st.text(alphabet="0123456789.,;: -enaif١", max_size=40)


@pytest.fixture(scope="module")
def made():
    return {kind: kind() for kind in KINDS.values()}


@pytest.fixture
def explorer(made, kind):
    made[kind].reset()
    return made[kind]


def pens(explorer):
    """The handles that draw, by their gate's letter."""
    found = {handle.name.removeprefix("pen that draws "): handle for handle in explorer.touch()["handles"]}
    return {letter: handle for letter, handle in found.items() if letter != "step t"}


# Fields


@given(gate=drawn_gates)
def test_what_is_written_is_read_again(gate):
    given = np.array([value is not None for value in gate])
    values = np.array([value or 0.0 for value in gate])
    read = read_gate(write_gate(GateText(values, given, 0, ())), len(gate))
    np.testing.assert_array_equal(read.given, given)
    np.testing.assert_array_equal(read.gate, values)
    assert not read.ignored


@given(text=typed)
@settings(max_examples=300)
def test_whatever_is_typed_is_a_gate_and_what_was_ignored_is_never_lost(text):
    read = read_gate(text, T)
    gate = read.over(0.5)
    assert ((gate >= 0) & (gate <= 1)).all()
    again = read_gate(write_gate(read, read.ignored), T)
    np.testing.assert_array_equal(again.gate, read.gate)
    np.testing.assert_array_equal(again.given, read.given)
    assert [why for _, why in again.ignored] == [why for _, why in read.ignored]


@pytest.mark.parametrize(
    ("text", "value", "ignored"),
    [
        ("1 0.5,0;0.25", [1, 0.5, 0, 0.25, 0.9, 0.9], []),
        (". . 1", [0.9, 0.9, 1, 0.9, 0.9, 0.9], []),
        ("2-4: 0, 1", [0.9, 0, 0, 0, 1, 0.9], []),
        ("1, abc, 0", [1, 0.9, 0, 0.9, 0.9, 0.9], [("abc", "no number")]),
        (
            "nan -0.5 1.5 inf",
            [0.9] * 6,
            [("nan", "no number")] + [(x, "not from 0 to 1") for x in ("-0.5", "1.5", "inf")],
        ),
        ("7: 1 0: 1 5-7: 1", [0.9] * 6, [(x, "no step from 1 to 6") for x in ("7: 1", "0: 1", "5-7: 1")]),
        ("4-2: 1", [0.9] * 6, [("4-2: 1", "its steps run backwards")]),
        ("6: 1, 0.5", [0.9] * 5 + [1], [("7: 0.5", "no step from 1 to 6")]),
        ("x: 1 2: 3: 1 5:", [0.9] * 6, [("x: 1", "no number"), ("2: 3: 1", "no number"), ("5: ", "no number")]),
        (f"{'9' * 5000}: 1", [0.9] * 6, [(f"{'9' * 5000}: 1", "no step from 1 to 6")]),
    ],
)
def test_fields_are_read_as_they_say(text, value, ignored):
    read = read_gate(text, 6)
    assert read.over(0.9).tolist() == value
    assert list(read.ignored) == ignored


def test_a_field_says_how_many_it_took_and_what_it_ignored():
    assert what_was_taken("Draw f", read_gate(" ", T)) == ""
    assert what_was_taken("Draw f", read_gate("1, 0", T)) == "Draw f: took 2 of 2 entries."
    numbers = ", ".join(["0.5"] * 38 + ["abc", "nan"])
    assert what_was_taken("Draw f", read_gate(numbers, T)) == (
        "Draw f: took 38 of 40 entries; ignored 'abc' (no number), 'nan' (no number)."
    )
    many = what_was_taken("Draw f", read_gate("x" * 99 + " a" * 9, T))
    assert "'xxxxxxxxxxxxxxxx…' (no number)" in many
    assert many.endswith("6 more.")


@each
def test_the_field_keeps_what_was_typed_and_the_note_beneath_says_what_was_ignored(explorer):
    for name in (name for name in explorer.controls if name.startswith("draw_")):
        explorer.set(**{name: "0.5, <b>, 2"})
        assert explorer.values()[name] == "0.5, <b>, 2"
        assert "took 1 of 3 entries; ignored &#x27;&lt;b&gt;&#x27; (no number)" in explorer.notes.value
        assert "Not every entry of Draw" in explorer.live.reading
        assert explorer.notes in explorer.out_of_sight()
        explorer.reset()
        assert explorer.notes.value == ""


# The hand


@each
def test_a_pen_that_strays_a_little_draws_one_step(explorer):
    for letter, pen in pens(explorer).items():
        before = explorer.arrays.driven.gates[letter].copy()
        pen.take()
        for x in (COMES + 0.4, COMES - 1.3, COMES + FREE - 0.1):
            pen.drag(x, 0.31)
        now = explorer.arrays.driven.gates[letter]
        assert np.flatnonzero(abs(now - before) > 1e-9).tolist() == [COMES - 1]
        assert now[COMES - 1] == pytest.approx(0.3)
        assert explorer.values()[f"draw_{letter}"] == f"{COMES}: 0.3"


@each
def test_a_pen_that_goes_on_draws_every_step_on_its_way(explorer):
    for letter, pen in pens(explorer).items():
        pen.take()
        pen.drag(COMES, 0.0)
        pen.drag(15, 1.0)  # the page leaves places out: what lies between is a straight line
        pen.drag(12, 1.0)
        gate = explorer.arrays.driven.gates[letter]
        np.testing.assert_allclose(gate[4:12], np.append(np.arange(7) / 10, 1), atol=0.026)
        np.testing.assert_allclose(gate[11:15], 1, atol=1e-9)
        assert explorer.arrays.t == 12
        assert explorer.arrays.texts[letter].given.nonzero()[0].tolist() == [*range(4, 15)]
        explorer.reset()


@each
def test_a_pen_obeys_the_arrow_keys(explorer):
    for letter, pen in pens(explorer).items():
        pen.step(3, 0)
        assert explorer.arrays.t == COMES + 3
        assert explorer.values()[f"draw_{letter}"] == ""
        pen.step(0, -10)
        start = explorer.controls[letter].value
        assert explorer.arrays.driven.gates[letter][COMES + 2] == pytest.approx(start - 0.5)
        assert pen.said() == f"{letter} = {start - 0.5:.2f} at step {COMES + 3}"
        pen.step(0, -20)
        assert explorer.values()[f"draw_{letter}"] == f"{COMES + 3}: 0"
        explorer.reset()


@each
def test_the_hand_keeps_what_a_field_did_not_understand(explorer):
    letter, pen = next(iter(pens(explorer).items()))
    explorer.set(**{f"draw_{letter}": "1, abc"})
    pen.take()
    pen.drag(COMES, 0.5)
    assert explorer.values()[f"draw_{letter}"] == f"1: 1, {COMES}: 0.5, abc"


# What the cell shows


@each
@settings(max_examples=25, deadline=None)
@given(t=st.integers(1, T), one=st.floats(0, 1), other=st.floats(0, 1), signal=st.sampled_from(list(SIGNALS)))
def test_boxes_are_filled_by_their_gates_and_what_flows_in_flows_out(made, kind, t, one, other, signal):
    explorer = made[kind]
    names = [*explorer.rows_of]
    step = {name: round(value, 2) for name, value in zip(names, (one, other), strict=True)}
    explorer.set(t=t, signal=signal, **step)
    values, flows = explorer.values_at(explorer.arrays)
    assert values["kept"] + values["new"] == pytest.approx(values[explorer.kept], abs=1e-9)
    gates, candidate, bands = (artist.get_path().vertices for artist in explorer.lit.artists)
    letters = [letter for letter in explorer.lit.boxes if letter not in "gn"]
    np.testing.assert_allclose(gates[2::5, 1] - gates[::5, 1], [HIGH * values[k] for k in letters], atol=0.02)
    assert candidate[2, 1] - candidate[0, 1] == pytest.approx(HIGH / 2 * values[explorer.candidate], abs=0.02)
    sizes = abs(bands[2::5] - bands[::5]).min(axis=1)
    np.testing.assert_allclose(sizes, [min(explorer.lit.band * abs(flow), MOST) for flow in flows], atol=0.02)


@each
@pytest.mark.parametrize("width", [None, 3.0, 3.75, 6.0])
def test_no_letter_is_small_and_no_two_names_touch(kind, width):
    explorer = kind()
    explorer._lay_out(width)
    texts = [text for ax in explorer.fig.axes for text in ax.texts]
    assert len(texts) > 15
    boxes = [text.get_window_extent(RendererAgg(1, 1, explorer.fig.dpi)) for text in texts]
    for (one, a), (other, b) in itertools.combinations(zip(texts, boxes, strict=True), 2):
        assert not a.overlaps(b), (one.get_text(), other.get_text())
    for text, box in zip(texts, boxes, strict=True):
        assert text.get_fontsize() >= 10
        assert box.x0 >= 0, text.get_text()
        assert box.x1 <= explorer.fig.bbox.x1, text.get_text()


# The sentences


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (DriveLSTM, {"i": 0.0}, "never written, since i is shut"),
        (DriveLSTM, {}, "is lost (below 0.01 of it is left), since f is below 1 after it"),
        (DriveLSTM, {"f": 0.9}, "has faded to a factor 0.03, since f is below 1 after it"),
        (DriveLSTM, {"f": 1.0, "draw_f": "20: 0.8"}, "has faded to a factor 0.80, since f is below 1 after it"),
        (DriveLSTM, {"f": 1.0}, "is kept but mixed with others, since i is open"),
        (
            DriveLSTM,
            {"f": 1.0, "i": 0.0, "draw_i": "5: 0.5"},
            "Only a factor 0.50 of the number 0.91 was written: c ends at 0.45",
        ),
        (DriveLSTM, {"f": 1.0, "i": 0.0, "draw_i": "5: 1"}, "is kept: c ends at 0.91"),
        (DriveGRU, {"z": 1.0}, "never written, since z is 1"),
        (DriveGRU, {"z": 0.95}, "has faded along z to a factor 0.17, since z is below 1 after it"),
        (DriveGRU, {"z": 1.0, "draw_z": "3: 0, 5: 0.5"}, "is kept but mixed with others, since z is below 1"),
        (DriveGRU, {"z": 1.0, "draw_z": "5: 0.5"}, "Only a factor 0.50 of the number 0.91 was written"),
        (DriveGRU, {"z": 1.0, "draw_z": "5: 0"}, "is kept: h ends at 0.91"),
    ],
)
def test_the_sentence_says_why(kind, values, said):
    assert said in kind(**values).live.reading


def test_the_reset_gate_is_greyed_out_where_nothing_goes_through_it():
    explorer = DriveGRU(feedback=0.0)
    assert explorer.controls["r"].disabled
    explorer.set(feedback=0.5)
    assert not explorer.controls["r"].disabled


@each
def test_a_setting_with_a_name_puts_every_control_and_clears_what_was_drawn(explorer):
    for name, button in explorer.presets.items():
        explorer.set(
            t=33, signal="a wave", **{key: "1-40: 0.5" for key in explorer.controls if key.startswith("draw_")}
        )
        explorer.erase.click()
        assert not any(text.given.any() for text in explorer.arrays.texts.values())
        button.click()
        found, wanted = explorer.values(), explorer.plain | explorer.settings[name]
        assert {key: found[key] for key in wanted} == wanted
        assert all(not found[key] for key in found if key.startswith("draw_") and key not in wanted)
        assert all(math.isfinite(number) for number in explorer.arrays.worth)


@pytest.mark.parametrize("signal", [name for name in SIGNALS if name != "one pulse"])
def test_the_two_parts_of_what_is_mixed_add_up_to_the_end(signal):
    said = DriveLSTM(signal=signal, f=1.0).live.reading
    end, own, rest = map(float, re.search(r"c ends at (\S+): (\S+) from step 5, (\S+) otherwise\.", said).groups())
    assert end == pytest.approx(own + rest, abs=0.016)  # three numbers of two digits
