"""What every eye can tell apart: the palette in three colour-vision deficiencies, letters on their paper, lines."""

import itertools
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgba
from matplotlib.text import Text

from rnnbook.view import explorers, style
from rnnbook.view.boxes import NAMES, WEIGHTS
from rnnbook.view.explorers.recited_text import BAND
from rnnbook.view.gates import THEMES
from tests.eyes import SIGHT, apart, contrast, seen

sys.path.insert(0, str(Path(__file__).parents[1] / "figures"))
from build import PICTURES

sys.path.pop(0)

# Delta E of 1976; about 2 is the least that is noticed. A line is thin, so far more is asked for.
APART, CONTEXT = 15, 8
NAMED = [name for name in style.COLORS if name != "muted"]
RECITED = {"right": style.INK["lstm"], "wrong": style.INK["rnn"], "behind what is wrong": BAND}
EXPLORERS = [name for name in explorers.__all__ if name != "Explorer"]
each_sight = pytest.mark.parametrize("sight", SIGHT)


@each_sight
def test_a_simulated_eye_sees_white_as_white(sight):
    assert np.allclose(SIGHT[sight].sum(axis=1), 1, atol=1e-5)


@each_sight
def test_colours_with_a_meaning_are_told_apart_by_every_eye(sight):
    pairs = {pair: apart(*(style.COLORS[name] for name in pair), sight) for pair in itertools.combinations(NAMED, 2)}
    assert {pair: distance for pair, distance in pairs.items() if distance < APART} == {}


@pytest.mark.parametrize("colour", [*style.COLORS.values(), *style.INK.values()])
def test_a_dark_page_has_as_much_contrast(colour):
    least = 4.5 if colour in style.INK.values() else 3
    assert contrast(style.DARK[colour.lower()], style.DARK["#ffffff"]) >= min(least, contrast(colour, "#ffffff"))


@each_sight
def test_context_is_told_from_every_meaning(sight):
    # Grey is near to green and purple for a deuteranope: so it has dashes and marker of its own too.
    assert min(apart(style.COLORS["muted"], style.COLORS[name], sight) for name in NAMED) > CONTEXT
    looks = {name: (str(look["linestyle"]), look["marker"]) for name, look in style.LINES.items()}
    assert len(set(looks.values())) == len(looks)


@each_sight
@pytest.mark.parametrize("theme", THEMES)
def test_parts_of_a_cell_are_told_apart_by_every_eye(theme, sight):
    parts = [getattr(THEMES[theme], part) for part in ("carry", "gate", "candidate", "state")]
    assert min(apart(a, b, sight) for a, b in itertools.combinations(parts, 2)) > APART


@each_sight
@pytest.mark.parametrize("colours", [WEIGHTS, NAMES, RECITED], ids=str)
def test_other_colours_that_stand_together_are_told_apart_by_every_eye(colours, sight):
    assert min(apart(a, b, sight) for a, b in itertools.combinations(colours.values(), 2)) > APART


@each_sight
def test_amounts_are_steps_of_lightness_and_signs_are_two_colours(sight):
    lightness = [seen(colormaps[style.SEQUENTIAL](k), sight)[0] for k in np.linspace(0, 1, 9)]
    assert min(np.diff(lightness)) > 5
    for k in (0.1, 0.25, 0.4):
        assert apart(colormaps[style.DIVERGING](k), colormaps[style.DIVERGING](1 - k), sight) > APART


@pytest.mark.parametrize("name", style.COLORS)
def test_letters_have_the_hue_of_their_line_and_the_contrast_of_letters(name):
    assert contrast(style.INK[name]) >= 4.5  # WCAG 2, 1.4.3
    *_, line_hue, letter_hue = (np.arctan2(*seen(c)[:0:-1]) for c in (style.COLORS[name], style.INK[name]))
    grey = np.hypot(*seen(style.COLORS[name])[1:]) < 1
    assert grey or abs(line_hue - letter_hue) < 0.25


@pytest.mark.parametrize("theme", THEMES)
def test_letters_of_a_cell_stand_out_from_paper_and_box(theme):
    colours = THEMES[theme]
    for paper in (colours.paper, colours.fill):
        for name in ("ink", "carry", "gate", "candidate", "state"):
            assert contrast(getattr(colours, name), paper) >= 4.5, name


@cache
def picture_of(name):
    """A picture of the book, an explorer's or one of figures/, for the tests here alone, which draw it anew."""
    if name in EXPLORERS:
        return getattr(explorers, name)().fig
    return next(picture for picture in PICTURES if picture.__name__ == name)()[0]


each_picture = pytest.mark.parametrize("name", [*EXPLORERS, *(picture.__name__ for picture in PICTURES)])


def papers(fig, texts):
    """The colour that each text stands on: the commonest in its box, when no text is drawn."""
    fig.set_dpi(100)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    fig.set_layout_engine("none")  # without its texts the layout would be another
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in texts]
    shown = [text.get_visible() for text in texts]
    for text in texts:
        text.set_visible(False)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[::-1, :, :3]
    for text, visible in zip(texts, shown, strict=True):
        text.set_visible(visible)
    for box in boxes:
        x0, y0, x1, y1 = np.clip(np.array(box.extents).round(), 0, [*pixels.shape[1::-1]] * 2).astype(int)
        colours, counts = np.unique(pixels[y0:y1, x0:x1].reshape(-1, 3), axis=0, return_counts=True)
        yield colours[counts.argmax()] / 255 if len(counts) else np.ones(3)


def blended(colour, paper, alpha):
    *rgb, opacity = to_rgba(colour)
    opacity *= 1 if alpha is None else alpha
    return opacity * np.array(rgb) + (1 - opacity) * paper


@each_picture
def test_every_letter_stands_out_from_what_it_stands_on(name):
    fig = picture_of(name)
    texts = [text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert texts
    for text, paper in zip(texts, papers(fig, texts), strict=True):
        ink = blended(text.get_color(), paper, text.get_alpha())
        assert contrast(ink, paper) >= 4.5, f"{text.get_text()!r}: {to_hex(ink)} on {to_hex(paper)}"


@pytest.mark.parametrize("name", EXPLORERS)
def test_no_letter_of_an_explorer_is_below_7_pixels_on_a_page_of_800(name):
    fig, room = picture_of(name), 620  # pixels that JupyterLab leaves for an output when its side panel is folded
    texts = [text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip()]
    pixels = 96 / 72 * min(1, room / (96 * fig.get_size_inches()[0]))
    assert min(text.get_fontsize() for text in texts) * pixels >= 7


def form(line):
    """What is left of a line without its colour: dashes, marker and, for single points, their size."""
    points = line.get_linestyle() == "None"
    marker = "" if line.get_marker() == "None" else line.get_marker()
    return (None if points else str(line._unscaled_dash_pattern)), marker, line.get_markersize() if points else 0


def told_apart(a, b):
    """Whether two lines differ in form, or one is less than half as wide as the other."""
    thin, wide = sorted(line.get_linewidth() for line in (a, b))
    return form(a) != form(b) or thin < wide / 2


def straight(line):
    """Whether a line runs along an axis: that tells it from every curve."""
    x, y = line.get_data()
    return len(x) > 1 and (np.ptp(x) == 0 or np.ptp(y) == 0)


@each_picture
def test_lines_of_one_chart_that_differ_in_colour_differ_in_form(name):
    # A diagram, which has no axes, is left out: its lines end at boxes with letters.
    for ax in (ax for ax in picture_of(name).axes if ax.axison):
        for a, b in itertools.combinations([line for line in ax.lines if not straight(line)], 2):
            same = to_hex(a.get_color()) == to_hex(b.get_color())
            assert same or told_apart(a, b), f"{a.get_label()} and {b.get_label()}: {form(a)}"
