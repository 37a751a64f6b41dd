"""Laws of plots and coloured text: what leaves the picture is marked, and what is marked is true."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from rnnbook.view import colored_text, figure, line, plots
from rnnbook.view.style import png

POSITIVE = st.floats(0, 1e300)


@pytest.fixture(scope="module")
def cells():
    return plots.draw_heat(figure()[1])["cells"]


@given(row=st.lists(st.sampled_from([0.0, np.inf, np.nan, 1e-30, 1e-3, 0.9, 1.0, 30.0, 1e20]), min_size=1, max_size=6))
def test_a_table_has_a_colour_for_all_but_zero(cells, row):
    limits = plots.MAGNITUDES
    plots.color_heat(cells, np.array([row]), (0.5, len(row) + 0.5, 0.5, 1.5), limits)
    shown = cells.get_array()
    assert cells.get_clim() == (-16, 8)
    assert np.ma.getmaskarray(shown)[0].tolist() == [value == 0 for value in row]
    for value, colour in zip(row, shown[0], strict=True):
        if limits[0] <= value <= limits[1]:
            assert 10.0**colour == pytest.approx(value)
        elif value != 0:  # beyond the scale, or no number
            assert colour == (-16 if value < 1 else 8)


@given(st.lists(st.one_of(POSITIVE, st.just(float("inf")), st.just(float("nan"))), min_size=1, max_size=20))
def test_every_magnitude_is_in_the_picture_or_its_side_is_marked(norms):
    _, ax = figure()
    artists = plots.draw_magnitudes(ax, {"a": line("rnn"), "b": line("gru")})
    norms = np.array(norms)
    plots.move_magnitudes(artists, {"a": norms})
    low, high = plots.MAGNITUDES
    assert np.isfinite(artists["a"].get_ydata()).all()
    assert artists["below"].get_visible() == bool((norms < low).any())
    assert artists["above"].get_visible() == bool((~(norms <= high)).any())
    assert not artists["b"].get_visible()


def test_the_mark_stands_at_the_first_step_outside_walking_back():
    _, ax = figure()
    artists = plots.draw_magnitudes(ax, {"a": line("rnn")})
    plots.move_magnitudes(artists, {"a": np.array([1e-30, 1e-20, 1e-10, 1.0])})
    assert artists["below"].get_offsets().tolist() == [[2, 1e-16]]


@given(st.lists(st.complex_numbers(max_magnitude=1e6, allow_nan=False), min_size=1, max_size=20))
def test_no_eigenvalue_is_dropped(values):
    _, ax = figure()
    artists = plots.draw_eigenvalues(ax, {"RNN": "rnn"})
    plots.move_eigenvalues(artists, {"RNN": np.array(values)})
    assert len(artists["RNN"].get_xdata()) + len(artists["outside"].get_offsets()) == len(values)
    assert np.abs(artists["outside"].get_offsets()).max(initial=0) <= plots.RADIUS * (1 + 1e-12)


def test_singular_values_outside_are_marked_on_their_border():
    _, ax = figure()
    artists = plots.draw_singular_values(ax, {"RNN": "rnn", "GRU": "gru"})
    plots.move_singular_values(artists, {"RNN": np.array([50.0, 20.0, 1.0, 1e-9])})
    assert artists["above"].get_offsets().tolist() == [[0.375, 10.0]]
    assert artists["below"].get_offsets().tolist() == [[0.875, 0.003]]
    assert artists["RNN"].get_ydata().tolist() == [50.0, 20.0, 1.0, 1e-9]
    assert not artists["GRU"].get_visible()


@given(st.lists(POSITIVE, min_size=1, max_size=30))
def test_levels_keep_the_order_and_the_largest_is_on_top(values):
    level = colored_text.levels(np.array(values))
    order = np.argsort(values)
    assert (np.diff(level[order]) >= 0).all()
    assert level.max() == (colored_text.LEVELS - 1 if max(values) > 0 else 0)


def test_levels_refuse_what_has_no_colour():
    for bad in ([np.nan], [np.inf], [-1.0]):
        with pytest.raises(ValueError, match="finite numbers of at least 0"):
            colored_text.levels(np.array(bad))


def test_black_letters_are_readable_on_every_level():
    for k in range(colored_text.LEVELS):
        channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colored_text.COLORS(k))]
        luminance = np.dot(channels, [0.2126, 0.7152, 0.0722])
        assert (luminance + 0.05) / 0.05 >= 7


@given(st.text(min_size=2, max_size=300))
def test_any_text_can_be_drawn(text):
    fig, ax = figure(height=2)
    fig.set_layout_engine("none")
    colored_text.draw_text(ax, text, np.zeros(len(text) - 1, int), len(text) - 1)
    fig.draw_without_rendering()
    rows = {text.get_position()[1] for text in ax.texts}
    assert 1 <= len(rows) == colored_text.text_rows(text, len(text) - 1) <= colored_text.ROWS
    assert len(ax.patches) == 1


def test_a_character_that_no_font_has_is_drawn_by_its_code_point(monkeypatch):
    monkeypatch.setattr(colored_text, "_font_with", lambda char: None)
    _, ax = figure(height=2)
    colored_text.draw_text(ax, "a한", np.zeros(1, int), 1)
    assert [text.get_text() for text in ax.texts] == ["a ", "D5\n5C"]


@pytest.mark.parametrize("script", ["한국어", "नमस्ते", "👋🏽"])
def test_on_a_machine_without_a_font_for_a_script_the_picture_is_of_code_points(monkeypatch, script):
    """Nothing is left to Matplotlib that it would warn of and draw as an empty box."""
    kept = (colored_text.MONOSPACE, "Last Resort High-Efficiency")  # the second comes with Matplotlib too
    bare = [font for font in colored_text.fontManager.ttflist if font.name in kept]
    monkeypatch.setattr(colored_text.fontManager, "ttflist", bare)
    colored_text._font_with.cache_clear()
    fig, ax = figure(height=2)
    colored_text.draw_text(ax, f"a{script}", np.zeros(len(script), int), len(script))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert png(fig).startswith(b"\x89PNG")
    colored_text._font_with.cache_clear()
    assert {f"{ord(char):04X}" for char in script} <= {text.get_text().replace("\n", "") for text in ax.texts}


def test_a_character_that_another_font_has_is_drawn_in_it(monkeypatch):
    file = colored_text.findfont("DejaVu Serif")
    assert colored_text._font_with("a") is not None
    monkeypatch.setattr(colored_text, "_font_with", lambda char: file)
    _, ax = figure(height=2)
    colored_text.draw_text(ax, "a한", np.zeros(1, int), 1)
    assert ax.texts[1].get_fontproperties().get_file() == file
    assert ax.texts[1].get_position() == (1, 0)
