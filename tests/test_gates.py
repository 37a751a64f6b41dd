"""The cell's picture: two themes, nothing on top of anything else, readable, the same bytes; gates over a text."""

import itertools

import numpy as np
import pytest

from rnnbook.view import style
from rnnbook.view.explorers import GatesText, gates_text
from rnnbook.view.gates import THEMES
from rnnbook.view.lstm_diagram import PARTS, lstm_cell
from rnnbook.view.outlines import rows_beside
from tests.test_diagrams import overlaps, texts_and_boxes

themes = pytest.mark.parametrize("theme", THEMES)


@themes
def test_nothing_overlaps_and_nothing_leaves_the_picture(theme):
    fig, _ = lstm_cell(theme)
    texts, boxes = texts_and_boxes(fig)
    assert not any(overlaps(a, b) for a, b in itertools.combinations(texts, 2))
    frame = fig.bbox
    assert all(frame.x0 <= b.x0 and b.x1 <= frame.x1 and frame.y0 <= b.y0 and b.y1 <= frame.y1 for b in texts + boxes)
    for text in texts:
        crossed = [box for box in boxes if overlaps(text, box)]
        assert all(box.x0 <= text.x0 and text.x1 <= box.x1 for box in crossed)


def test_the_letters_are_the_books():
    fig, sentence = lstm_cell()
    letters = {text.get_text() for text in fig.axes[0].texts}
    assert {"$f_t$", "$i_t$", "$g_t$", "$o_t$", "$c_{t-1}$", "$c_t$", "$h_{t-1}$", "$h_t$", "$x_t$"} <= letters
    assert sentence.endswith(".")


@pytest.mark.parametrize("part", PARTS)
def test_what_is_not_lit_is_faint(part):
    fig, _ = lstm_cell(lit=(part,))
    faint = THEMES["light"].faint
    colours = {text.get_text(): text.get_color() for text in fig.axes[0].texts}
    for other in PARTS:
        assert (colours[f"${other}_t$"] == faint) == (other != part)


@themes
def test_the_same_bytes_every_time(theme, tmp_path):
    files = [style.save(lstm_cell(theme)[0], tmp_path / name) for name in ("one", "two")]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]


@pytest.fixture(scope="module")
def over_a_text():
    return GatesText()


@pytest.fixture
def explorer(over_a_text):
    over_a_text.reset()
    return over_a_text


@pytest.mark.parametrize("view", "fioc")
def test_the_colours_are_stretched_to_the_units_own_range_and_the_page_says_which(explorer, view):
    explorer.set(view=view)
    values, levels = explorer.arrays.values, explorer.levels(explorer.arrays)
    assert levels[values.argmin()] == 0
    assert levels[values.argmax()] == 8
    assert (np.diff(levels[np.argsort(values)]) >= 0).all()
    ax = explorer.fig.axes[0]
    heights = explorer._chart["gate"].get_ydata()
    assert (heights.min(), heights.max()) == (*ax.get_ylim(),) == (0, 1)
    np.testing.assert_allclose(heights * np.ptp(values) + values.min(), values)
    for end, value in (("low", values.min()), ("high", values.max())):
        assert explorer._chart[end].get_marker() is rows_beside(f"{value:.2f}", -1)
    assert f"goes from {values.min():.2f} to {values.max():.2f}" in explorer.live.reading
    explorer.set(colours="all")
    assert explorer._chart["gate"].get_ydata().tolist() == values.tolist()
    assert explorer.levels(explorer.arrays).tolist() == np.rint(8 * values).tolist()


def test_units_stand_by_range_or_by_memory(explorer):
    ranges = []
    for unit in (1, 2, 30, 64):
        explorer.set(unit=unit)
        ranges.append(np.ptp(explorer.arrays.values))
    assert ranges == sorted(ranges, reverse=True)
    assert ranges[0] > 0.8  # at the start something happens
    explorer.set(order="horizon")
    horizons = []
    for unit in (1, 2, 30, 64):
        explorer.set(unit=unit)
        horizons.append(explorer.arrays.horizon)
        assert f"37 % is left after {horizons[-1]:.1f} letters in the mean." in explorer.live.reading
    assert horizons == sorted(horizons, reverse=True)


def test_another_gate_is_that_of_the_same_unit(explorer):
    for unit in (1, 17, 64):
        explorer.set(view="f", unit=unit)
        k = explorer.arrays.unit
        for view in "ioc":
            explorer.set(view=view)
            assert explorer.arrays.unit == k


def test_a_gate_opens_and_closes_where_it_passes_a_half(explorer):
    assert explorer.arrays.values.min() < 0.5 < explorer.arrays.values.max()
    assert " opens at " in explorer.live.reading
    explorer.set(unit=64)
    assert explorer.arrays.values.min() > 0.5
    assert " is highest at " in explorer.live.reading
    assert "from low (" in explorer._ends.value


def test_reset_brings_the_given_network_back_and_what_was_trained_is_kept():
    explorer = GatesText()
    given = explorer.live.reading
    explorer.trainer.steps = 3
    explorer.trainer.start()
    trained = explorer.live.reading
    assert "whole Zen" not in trained
    explorer.reset()
    assert explorer.live.reading == given
    assert explorer.trainer.words.value.startswith("kept: the LSTM trained for 3 steps; Weights: trained here shows it")
    explorer.set(weights="trained")
    assert explorer.live.reading == trained


def test_letters_are_listed_by_their_mean(explorer):
    arrays = explorer.arrays
    assert sorted(arrays.letters) == sorted(set(arrays.text))
    for letter, mean in zip(arrays.letters, arrays.means, strict=True):
        here = [value for value, other in zip(arrays.values, arrays.text, strict=True) if other == letter]
        assert mean == pytest.approx(np.mean(here))
    assert (np.diff(arrays.means) >= 0).all()
    assert f"opens at {arrays.letters[-1]!r} ({arrays.means[-1]:.2f})" in explorer.live.reading
    assert f"closes at the line end ({arrays.means[0]:.2f})" in explorer.live.reading
    assert explorer.list.text[0] == "↵"
    assert explorer.list.levels == "".join(sorted(explorer.list.levels))


def test_a_letter_of_the_list_is_looked_at_where_it_stands_next(explorer):
    text, letters = explorer.arrays.text, explorer.arrays.letters
    explorer.set(target=1)
    seen = []
    for _ in range(text.count("B") + text.count("b") + 1):
        explorer.list.on_choice(letters.index("b"))
        seen.append(explorer.arrays.target)
        assert letters[explorer.list.chosen] == "b"
    places = [k for k, letter in enumerate(text) if letter == "b"]
    assert seen[: len(places)] == places
    assert seen[len(places)] == places[0]  # from the last one back to the first


def test_a_long_list_shows_both_ends(explorer):
    alphabet = "".join(map(chr, range(0x4E00, 0x4E00 + 90)))
    explorer.set(text=alphabet)
    letters = explorer.arrays.letters
    assert explorer.list.text == f"{letters[:30]}…{letters[-30:]}"
    for k, chosen in ((0, letters[0]), (60, letters[-1])):
        explorer.list.on_choice(k)
        assert alphabet[explorer.arrays.target] == chosen
        assert explorer.list.chosen == k
    before = explorer.arrays.target
    explorer.list.on_choice(30)  # the dots stand for no letter
    assert explorer.arrays.target == before
    explorer.set(target=alphabet.index(letters[45]) + 1)
    assert explorer.list.chosen == 30


def test_what_is_left_of_what_a_unit_holds_is_so_in_the_mean_of_the_letters_it_starts_from(explorer):
    explorer.set(order="horizon", unit=10)
    left = np.log(explorer.arrays.values)  # a whole horizon of letters leaves 1/e of the first, in the mean of the logs
    whole = int(explorer.arrays.horizon)
    sums = np.convolve(left, np.ones(whole), "valid")
    assert sums.min() < -1 < sums.max()  # from one letter less is left, from another more
    assert left.mean() * explorer.arrays.horizon == pytest.approx(-1)


@pytest.mark.parametrize("text", ["aaaaaaa", "ab", "aab\n", "To be, or not"])
@pytest.mark.parametrize("view", "fc")
def test_no_letter_stands_at_both_ends(explorer, text, view):
    explorer.set(text=text, view=view, weights="start")
    first = explorer.live.reading.split(". ")[0]
    assert max(first.count(f"{letter!r} (") for letter in text) <= 1
    one = len(set(text)) == 1
    assert ("in the mean at 'a', the only letter" in first) == one == (" to " not in explorer._ends.value)


def test_a_gate_that_never_moves_has_a_picture():
    explorer = GatesText(text="aa", weights="start")
    assert len(explorer.list.text) == 1
    assert np.isfinite(explorer._chart["gate"].get_ydata()).all()
    assert gates_text._range(np.ones(3)) == (0.99, 1.01)


def test_the_network_at_the_start_is_said_and_a_strange_letter_too(explorer):
    assert "It learned the whole Zen of Python, 100 steps." in explorer.live.reading
    explorer.set(weights="start")
    assert "learned" not in explorer.live.reading
    explorer.set(weights="given", text="5 µm")
    assert "never saw '5' 'µ'" in explorer.live.reading


def test_the_square_is_dragged_along_the_curve(explorer):
    (square,) = explorer.touch()["handles"]
    square.drag(9.3, 0.5)
    assert explorer.arrays.target == 8
    assert square.at()[0] == 9
    assert square.at()[1] == explorer._chart["gate"].get_ydata()[8]
    assert square.said() == "letter 9, 'o'"
    square.step(-1, 0)
    assert explorer.page.chosen == 7


def test_unknown_themes_and_parts_are_named():
    with pytest.raises(ValueError, match="theme is one of 'light', 'dark'; got 'blue'"):
        lstm_cell("blue")
    with pytest.raises(ValueError, match="lit is one of"):
        lstm_cell(lit=("z",))
