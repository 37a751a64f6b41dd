"""What the chapters say after "Try this" is what the explorers say."""

from rnnbook.view.explorers import Cliff, GradientFlow


def test_chapter_04_gradient_flow():
    explorer = GradientFlow()
    assert "falls from 1 to 1.5e-03" in explorer.live.reading
    explorer.set(gain=0.8)
    assert "falls from 1 to 2.4e-11" in explorer.live.reading
    explorer.reset()
    explorer.set(activation="identity", start="gaussian")
    assert "spectral radius of W_hh 1.01, largest singular value 1.95" in explorer.live.reading
    assert round((explorer.arrays["RNN"].spectrum.singular_values > 1).mean(), 2) == 0.39
    explorer.reset()
    explorer.set(cell="all three", gate_bias=0.0)
    assert "LSTM: over 99 steps back the gradient falls from 1 to 1.8e-14" in explorer.live.reading
    explorer.set(gate_bias=3.0)
    assert "LSTM: over 99 steps back the gradient stays near 1" in explorer.live.reading


def test_chapter_04_cliff():
    explorer = Cliff()
    assert explorer.live.reading.startswith("Without clipping the longest jump is 628.49")
    assert "no jump is longer than 0.05" in explorer.live.reading
    explorer.set(w=4.0, b=-1.5)
    assert (explorer.arrays.free.points == explorer.arrays.clipped.points).all()
    assert "to 1.2e-04" in explorer.live.reading
