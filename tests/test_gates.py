"""The cell's picture: two themes, nothing on top of anything else, readable, the same bytes; gates over a text."""

import itertools

import pytest

from rnnbook.view import style
from rnnbook.view.explorers import GatesText
from rnnbook.view.gates import THEMES
from rnnbook.view.lstm_diagram import PARTS, lstm_cell
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


def test_the_gates_over_a_text_say_on_the_page_what_is_white():
    explorer = GatesText(text="hello")
    before = explorer.live.moving[1]
    assert explorer.fig.axes[0].get_ylabel().endswith("white: 0.5")
    explorer.set(view="o")
    assert explorer.fig.axes[0].get_ylabel().endswith("white: 0")
    assert explorer.live.moving[1] != before


def test_unknown_themes_and_parts_are_named():
    with pytest.raises(ValueError, match="theme is one of 'light', 'dark'; got 'blue'"):
        lstm_cell("blue")
    with pytest.raises(ValueError, match="lit is one of"):
        lstm_cell(lit=("z",))
