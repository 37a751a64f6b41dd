"""The LSTM's step back as a picture."""

import pytest

from rnnbook.view.lstm_back_diagram import EDGES, lstm_back
from rnnbook.view.style import png


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_edge_says_what_goes_back(theme):
    fig, sentence = lstm_back(theme)
    drawn = {text.get_text() for text in fig.axes[0].texts}
    assert {letters for _, _, letters, _ in EDGES} < drawn
    assert "$dc * f$" in drawn
    assert "the sum is dc" in sentence


def test_same_picture_every_time():
    assert png(lstm_back()[0]) == png(lstm_back()[0])
