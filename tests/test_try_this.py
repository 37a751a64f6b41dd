"""What the chapters say after "Try this" is what the explorers say."""

import numpy as np

from rnnbook.lab import zen_of_python
from rnnbook.view.explorers import Cliff, GradientFlow, Recite, Shapes, TapeWalk, Triangle, Unroll, Window


def test_chapter_01_window():
    explorer = Window()
    assert (explorer.values()["k"], explorer.values()["lag"]) == (5, 8)
    assert "out of sight: right answers 0.25" in explorer.live.reading
    explorer.set(k=9)
    assert "8 steps back is in sight: right answers 1.00" in explorer.live.reading
    assert "learns 1,316 weights, the RNN 1,316" in explorer.live.reading
    explorer.reset()
    explorer.set(lag=25)
    assert "the RNN 0.85 (0.26 to 1.00)" in explorer.live.reading
    assert sorted(explorer.arrays.rnn[:, 25] > 0.9) == [False, True, True, True, True]
    assert "takes a window of 26 and 3,492" in explorer.live.reading
    explorer.reset()
    for _ in range(2):
        explorer.trainer.start()
        assert abs(explorer.trained[5, 8, 0].score.accuracy - 0.25) < 0.03
    explorer.set(network="RNN")
    explorer.trainer.start()
    assert "Trained here: RNN, seed 0, 300 steps: accuracy 1.00." in explorer.live.reading


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


def test_chapter_02_shapes():
    explorer = Shapes()
    before = {array.name: array.shape for array in explorer.arrays.table}
    explorer.set(T=12)
    grown = {array.name for array in explorer.arrays.table if array.shape != before[array.name]}
    assert {"x", "h", "gates"} <= grown
    assert "RNN: 104 numbers are learned, whatever T and N" in explorer.live.reading
    explorer.reset()
    numbers = {array.name: array.numbers for array in explorer.arrays.table}
    explorer.set(H=16)
    now = {array.name: array.numbers for array in explorer.arrays.table}
    assert now["W_hh"] == 4 * numbers["W_hh"] == 256
    assert now["W_xh"] == 2 * numbers["W_xh"]
    explorer.reset()
    explorer.set(cell="LSTM")
    assert "LSTM: 416 numbers are learned in 4 blocks" in explorer.live.reading
    assert {"c_0", "c_T"} <= {array.name for array in explorer.arrays.table}


def test_chapter_02_unroll():
    explorer = Unroll()
    bars = []
    for step in (3, 4):
        explorer.set(step=step)
        assert "'hello' reads 'l'" in explorer.live.reading
        bars.append(explorer.arrays.spellings[0].p[step - 1])
    assert abs(bars[0] - bars[1]).max() > 0.05
    explorer.reset()
    explorer.set(weights="trained", step=1)
    assert "The two states are 0.47 apart" in explorer.live.reading
    explorer.set(step=5)
    assert "The two states are 0.06 apart (after step 1: 0.47)" in explorer.live.reading
    explorer.reset()
    explorer.set(weights="trained", second="jella")
    assert explorer.arrays.step == 4
    assert "'hello' reads 'l' and gives 'o', which comes next" in explorer.live.reading
    assert "'jella' reads 'l' and gives 'a', which comes next" in explorer.live.reading
    assert "The two states are 3.13 apart" in explorer.live.reading


def test_chapter_03_tape_walk():
    explorer = TapeWalk()
    assert explorer.arrays.t == 9
    assert "the local derivative 0.052" in explorer.live.reading
    assert "delta is 0.22 here and 0.31 at step 12" in explorer.live.reading
    explorer.set(back=11)
    assert "Step 1 of 12" in explorer.live.reading
    explorer.reset()
    explorer.set(loss="last", back=11)
    assert (explorer.arrays.above[:-1] == 0).all()
    assert "delta is 0.00044 here and 0.31 at step 12" in explorer.live.reading
    explorer.reset()
    explorer.set(input_scale=4.0)
    assert "the local derivative 1e-09" in explorer.live.reading
    assert "and 0.027 at step 12" in explorer.live.reading


def test_chapter_03_triangle():
    explorer = Triangle()
    assert "cosine 0.93" in explorer.live.reading
    explorer.set(k=1)
    assert "40 of 820 pairs" in explorer.live.reading
    assert "47 degrees to it, cosine 0.69" in explorer.live.reading
    explorer.reset()
    explorer.set(gain=2.0)
    assert "has 0.14 of the full one's length and stands at 80 degrees" in explorer.live.reading
    norms, kept, *_ = explorer.arrays.pairs
    assert np.median(norms[~kept & (norms > 0)]) > 0.5 * np.median(norms[kept])
    explorer.reset()
    kept = explorer.arrays.pairs.kept.sum()
    explorer.set(carry="zero")
    assert explorer.arrays.pairs.kept.sum() == kept
    assert "cosine 0.88" in explorer.live.reading


def test_chapter_03_recite():
    explorer = Recite()
    assert explorer.trainer.steps == 300
    for seed in (0, 7):
        for place in (1, 200, 400, 600, 850):
            explorer.set(seed=seed, place=place)
            falls = explorer.arrays.start
            assert 0.06 <= 1 - (falls[0] / falls[-1]) ** (1 / 106) <= 0.07
    text = zen_of_python()
    first, second = text.index("If the implementation is "), text.rindex("If the implementation is ")
    assert second + 25 == 752
    assert text[first : first + 25] == text[second:752]
    assert text[first + 25] != text[752]
    heard = []
    for seed in (0, 1, 3, 4):  # a long training differs from machine to machine: many, and not which
        explorer = Recite(k=20, seed=seed)
        explorer.trainer.start()
        explorer.trainer.start()
        heard.append(explorer.live.reading)
    assert all("after 600 training steps" in words for words in heard)
    assert any("right up to character 752 of 856" in words for words in heard)
