"""The GRU's step back as a picture."""

import pytest

from rnnbook.view.gru_back_diagram import EDGES, gru_back
from rnnbook.view.style import png


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_edge_says_what_goes_back(theme):
    fig, sentence = gru_back(theme)
    drawn = {text.get_text() for text in fig.axes[0].texts}
    assert {letters for _, _, letters, _, _ in EDGES} < drawn
    assert "$dh * z$" in drawn
    assert "four gradients" in sentence


def test_same_picture_every_time():
    assert png(gru_back()[0]) == png(gru_back()[0])
