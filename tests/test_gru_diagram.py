"""The picture of the GRU cell: light and dark, whole and in part, with the reset gate in both places."""

import pytest

from rnnbook.view.gates import THEMES
from rnnbook.view.gru_diagram import PARTS, gru_cell
from rnnbook.view.style import png


def letters(fig):
    return {text.get_text() for text in fig.axes[0].texts}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("reset", ["after", "before"])
def test_the_cell_has_the_books_letters(theme, reset):
    fig, sentence = gru_cell(theme, reset=reset)
    assert {"$r_t$", "$z_t$", "$n_t$", "$h_{t-1}$", "$h_t$", "$x_t$", "keep", "what"} <= letters(fig)
    assert ("$h_{t-1} W_{hn} + b_{hn}$" in letters(fig)) == (reset == "after")
    assert ("$W_{hn}$" in letters(fig)) == (reset == "before")
    assert "z_t" in sentence


def test_what_is_not_lit_is_faint_and_pictures_are_the_same_every_time():
    assert png(gru_cell()[0]) == png(gru_cell()[0])
    assert len({png(gru_cell(lit=(part,))[0]) for part in PARTS}) == len(PARTS)


@pytest.mark.parametrize("bad", [{"theme": "red"}, {"lit": ("c",)}, {"reset": "never"}])
def test_unknown_choices_are_named(bad):
    with pytest.raises(ValueError, match="is one of"):
        gru_cell(**bad)
