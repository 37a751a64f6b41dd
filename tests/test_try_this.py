"""What the chapters say after "Try this" is what the explorers say."""

import re
import sys

import numpy as np

from rnnbook import LSTM, Adam, Text, Training
from rnnbook.lab.frameworks.conventions import USERS
from rnnbook.lab.reading import horizon_of, read_gates, recite
from rnnbook.lab.tasks import zen_of_python
from rnnbook.lab.training import accuracy
from rnnbook.view.explorers import (
    CarryPaths,
    Cliff,
    Conventions,
    DepthFlow,
    DriveGRU,
    DriveLSTM,
    GatesText,
    GradientFlow,
    Horizon,
    LossCurves,
    Masks,
    Padding,
    Recite,
    ReviewVerdict,
    Shapes,
    Switchboard,
    TapeWalk,
    ThreeCells,
    Triangle,
    Unroll,
    WhoSeesWhom,
    Window,
    YourText,
)
from rnnbook.view.explorers.tape_picture import numbered


def test_chapter_01_window():
    explorer = Window()
    assert (explorer.values()["k"], explorer.values()["lag"]) == (5, 8)
    assert "does not hold the token 8 steps back: right answers 0.25" in explorer.live.reading
    edge, token = explorer.touch()["handles"]
    for k in (6, 7, 8):
        edge.drag(k - 0.5, 0.6)
        assert abs(explorer.arrays.window[:, 8].mean() - 0.25) < 0.01
    edge.drag(8.5, 0.6)
    assert "The window of 9 holds the token 8 steps back: right answers 1.00" in explorer.live.reading
    assert "1,316 with this window, 1,316 in the RNN" in explorer.live.reading
    explorer.reset()
    token.drag(25, 1.4)
    assert "the RNN 0.85 (0.26 to 1.00)" in explorer.live.reading
    assert sorted(explorer.arrays.rnn[:, 25] > 0.9) == [False, True, True, True, True]
    for k in range(6, 27):
        explorer.set(k=k)
        assert f"The window of {k} {'holds' if k == 26 else 'does not hold'} the token" in explorer.live.reading
    assert "right answers 1.00" in explorer.live.reading
    assert "3,492 with this window" in explorer.live.reading
    explorer.reset()
    for _ in range(2):
        explorer.trainer.start()
        assert abs(explorer.trained[5, 8, 0].score.accuracy - 0.25) < 0.03
    explorer.set(network="RNN")
    explorer.trainer.start()
    assert "Trained here: RNN, seed 0, 300 steps: right answers 1.00." in explorer.live.reading
    assert explorer._stars.get_offsets()[:, 0].tolist() == [8, 8]


def test_chapter_04_gradient_flow():
    explorer = GradientFlow()
    assert "vanishes: a factor 0.868 a step in the mean, from 1 to 8.2e-07" in explorer.live.reading
    explorer.set(gain=1.0)
    assert "from 1 to 1.5e-03" in explorer.live.reading
    for gain, said in (
        (1.14, "vanishes"),
        (1.15, "hardly changes"),
        (1.17, "hardly changes: a factor 0.999"),
        (1.18, "hardly changes: a factor 1.002"),
        (1.19, "hardly changes"),
        (1.2, "grows"),
    ):
        explorer.set(gain=gain)
        assert f"the gradient {said}" in explorer.live.reading
    explorer.set(gain=1.18)
    assert "Theory (dotted): 1.003 = radius 1.18 × 0.850" in explorer.live.reading
    explorer.set(gain=0.8)
    assert "from 1 to 2.4e-11" in explorer.live.reading
    explorer.reset()
    explorer.set(activation="identity", start="gaussian", gain=1.0)
    assert "W_hh: spectral radius 1.01, largest singular value 1.95" in explorer.live.reading
    assert round((explorer.arrays["RNN"].spectrum.singular_values > 1).mean(), 2) == 0.39
    explorer.reset()
    explorer.set(activation="identity", gain=1.0)
    assert "Linear RNN: the gradient keeps its size: a factor 1.000 a step" in explorer.live.reading


def test_chapter_04_your_text():
    explorer = YourText()
    assert explorer.live.reading.startswith("27 characters back")
    for target in (35, 36, 50, 70, 100, 120, 141):
        explorer.set(target=target)
        far, factor = re.search(r"^(\d+) characters back .* a factor (\S+) a character", explorer.live.reading).groups()
        assert 21 <= int(far) <= 29
        assert 0.9 <= float(factor) <= 0.93
    explorer.reset()
    untrained = explorer.arrays.found.loss
    explorer.trainer.start()
    far, factor = re.search(r"^(\d+) characters back .* a factor (\S+) a character", explorer.live.reading).groups()
    assert int(far) > 50
    assert float(factor) > 0.95
    assert explorer.arrays.found.loss < untrained


def test_chapter_04_cliff():
    explorer = Cliff()
    assert "the longest jump without clipping is 628.49, at step 26, out of the picture" in explorer.live.reading
    assert "; clipped, 0.05." in explorer.live.reading
    explorer.set(w=4.0, b=-1.5)
    assert (explorer.arrays.free.points == explorer.arrays.clipped.points).all()
    assert "to 1.2e-04 without clipping, 1.2e-04 clipped" in explorer.live.reading
    explorer.reset()
    explorer.set(shown=25)
    assert "is 0.04, at step 23; clipped, 0.04." in explorer.live.reading
    explorer.set(shown=0)
    assert explorer.live.reading == "No step is walked yet: press Play."


def test_chapter_02_shapes():
    explorer = Shapes()
    before = {array.name: array.shape for array in explorer.arrays.table}
    assert "8 × 40 = 320 numbers" in explorer.live.reading
    (end,) = explorer.touch()["handles"]
    end.drag(end.at()[0] + 4 * explorer._plan.ahead[0], end.at()[1])
    assert explorer.values()["T"] == 12
    grown = {array.name for array in explorer.arrays.table if array.shape != before[array.name]}
    assert grown == {"x", "h", "gates", "dL/dh", "dL/dx"}
    assert "12 × 40 = 480 numbers" in explorer.live.reading
    assert "The weights do not grow with T or N: 104 numbers, at H = 8." in explorer.live.reading
    explorer.reset()
    assert (explorer.arrays.array("W_hh").numbers, explorer.arrays.array("W_xh").numbers) == (64, 32)
    explorer.set(H=4)
    assert (explorer.arrays.array("W_hh").numbers, explorer.arrays.array("W_xh").numbers) == (16, 16)
    explorer.reset()
    explorer.set(cell="LSTM")
    assert "The weights do not grow with T or N: 416 numbers" in explorer.live.reading
    assert "4 blocks side by side" in explorer.live.reading
    assert "x, h, c and the gates grow with T, 8 × 104" in explorer.live.reading
    assert explorer._labels["c"].get_visible()


def test_chapter_02_unroll():
    explorer = Unroll()
    assert explorer.arrays.part == 1
    assert explorer.arrays.apart.round(2).tolist() == [1.13, 0.98, 0.88, 0.63, 0.48]
    assert explorer.arrays.spellings[0].word[1:] == explorer.arrays.spellings[1].word[1:]
    first = explorer.arrays.spellings[0]
    assert (first.word[2], first.word[3]) == ("l", "l")
    assert [explorer.arrays.guess(first, k) for k in (2, 3)] == ["o", "l"]
    explorer.set(step=5)
    assert "their states are 1.13 apart, 0.48 at the end" in explorer.live.reading
    explorer.reset()
    explorer.set(weights="trained", step=5)
    assert "their states are 0.47 apart, 0.06 at the end" in explorer.live.reading
    explorer.reset()
    explorer.set(weights="trained", second="jella", step=4)
    assert "'hello' reads 'l' and gives the next letter, 'o', a probability" in explorer.live.reading
    assert "'jella' reads 'l' and gives the next letter, 'a', a probability" in explorer.live.reading
    assert "The two states are 3.13 apart" in explorer.live.reading.replace("the two", "The two")


def test_chapter_03_tape_walk():
    explorer = TapeWalk()
    assert explorer.arrays.t == 9
    assert "own loss is longer, 2.95; step 10 sends 2.44" in explorer.live.reading
    own, later, _ = explorer.arrays.lengths
    assert (own > later).all()
    explorer.set(back=11)
    assert "step 1 of 12" in explorer.live.reading
    assert "own loss is longer, 1.99; step 2 sends 1.48" in explorer.live.reading
    explorer.set(gain=2.0)
    assert "that step 2 sends is longer, 47.4; its own loss gives 1.99" in explorer.live.reading
    explorer.reset()
    explorer.set(loss="last", back=11)
    assert (explorer.arrays.above[:-1] == 0).all()
    assert "all comes from step 2" in explorer.live.reading
    assert "delta, 0.000441 long; delta of step 12 is 0.309 long" in explorer.live.reading
    explorer.reset()
    assert numbered(explorer.arrays.local[8, 1]) == "0.041"
    explorer.set(input_scale=4.0)
    assert numbered(explorer.arrays.local[8, 1]) == "1e−10"
    assert "step 10 sends 0.407" in explorer.live.reading
    assert "delta of step 12 is 0.0271 long" in explorer.live.reading


def test_chapter_03_triangle():
    explorer = Triangle()
    assert "cosine 0.93" in explorer.live.reading
    explorer.live._handles[0].drag(1.5, 1.5)
    assert "40 of 820 pairs" in explorer.live.reading
    assert "47 degrees to the full one (cosine 0.69)" in explorer.live.reading
    assert "within 10 degrees of the full one from k = 34 on, of 40 steps" in explorer.live.reading
    explorer.reset()
    explorer.set(T=20)
    assert "from k = 19 on, of 20 steps" in explorer.live.reading
    explorer.reset()
    explorer.set(gain=0.5)
    assert "from k = 4 on" in explorer.live.reading
    explorer.set(gain=2.0)
    assert "at 80 degrees to the full one (cosine 0.18) and has 0.14 of its length" in explorer.live.reading
    norms, kept, *_ = explorer.arrays
    assert np.median(norms[~kept & (norms > 0)]) > 0.5 * np.median(norms[kept])
    explorer.reset()
    kept = explorer.arrays.kept.sum()
    explorer.set(cut="restart")
    assert explorer.arrays.kept.sum() == kept
    assert "cosine 0.88" in explorer.live.reading
    explorer.set(cut="window")
    assert "from k = 6 on" in explorer.live.reading


def test_chapter_03_recite(monkeypatch):
    explorer = Recite()
    assert "recites 323 of 856 characters before its first mistake" in explorer.live.reading
    assert "107 letters back from letter 324, the whole window, the gradient" in explorer.live.reading
    assert explorer.live.reading.endswith("; before training, 37.")
    assert explorer.arrays.by_heart.tolist() == [1, 4, 4, 4, 4, 4, 323]
    for step, back in ((0, 37), (25, 58), (50, 107), (75, 107), (100, 107), (125, 107)):
        explorer.set(step=step)
        assert f". {back} letters back from letter 324" in explorer.live.reading
    for seed in (0, 7):
        for place in (108, 200, 400, 600, 850):
            explorer.set(seed=seed, place=place)
            falls = explorer.arrays.start
            assert round(100 * (1 - falls[0] ** (1 / 106))) in (6, 7)
    text = zen_of_python()
    first, second = text.index("If the implementation is "), text.rindex("If the implementation is ")
    assert second + 25 == 752
    assert text[first : first + 25] == text[second:752]
    assert text[first + 25] != text[752]

    # What stands before the first mistake does not depend on what is said behind it, and that takes longer to say.
    def until_a_mistake(model, params, task):
        return recite(model, params, task, patience=1).ljust(len(task.text), "\0")

    monkeypatch.setattr(sys.modules["rnnbook.lab.reading.rehearsal"], "recite", until_a_mistake)
    explorer.reset()
    assert explorer.trainer.steps == 150
    explorer.trainer.start()
    assert explorer.values()["step"] == 300
    assert explorer.arrays.by_heart.max() == 856

    def goes_astray(seed):
        explorer, presses = Recite(k=20, seed=seed), 0
        while presses < 4 and 752 not in explorer.arrays.by_heart:
            explorer.trainer.start()
            presses += 1
            assert explorer.values()["step"] == 150 * presses
        return 752 in explorer.arrays.by_heart

    # A long training differs from machine to machine: many seeds do, and not always the first.
    assert any(goes_astray(seed) for seed in (4, 3, 1, 0))


def test_chapter_05_drive_lstm():
    explorer = DriveLSTM()
    explorer.set(f=1.0)
    assert "c ends at 6.78: 0.91 from step 5, 5.87 otherwise" in explorer.live.reading
    explorer.set(i=0.0)
    assert abs(explorer.arrays.driven.states).max() < 1e-12
    drag_pen(explorer, "i", 1.0)
    assert explorer.arrays.driven.gates["i"].round(12).nonzero()[0].tolist() == [4]
    assert "The number 0.91 of step 5 is kept: c ends at 0.91." in explorer.live.reading
    np.testing.assert_allclose(explorer.arrays.driven.states[1, 5:], 0.9087, atol=1e-4)
    explorer.presets["Overwrite"].click()
    assert explorer.arrays.driven.gates["f"].round(12).argmin() == 24
    assert explorer.arrays.driven.gates["i"].round(12).nonzero()[0].tolist() == [4, 24]
    assert "c ends at -0.98" in explorer.live.reading
    explorer.presets["Accumulate"].click()
    assert "c ends at 18.48" in explorer.live.reading
    explorer.set(t=40)
    assert "= 18.48; h = 1.00 × 1.00 = 1.00." in explorer.live.reading


def drag_pen(explorer, letter, value):
    """Drag the diamond in a gate's row up or down."""
    pen = next(handle for handle in explorer.touch()["handles"] if handle.name == f"pen that draws {letter}")
    pen.take()
    pen.drag(pen.at()[0], value)


def test_chapter_05_carry_paths():
    explorer = CarryPaths()
    assert "3.0 (input bias -3.0) it has 15 % of both lengths together" in explorer.live.reading
    assert "the part along c alone is the longer one from a bias between 4.0 and 4.2 on" in explorer.live.reading
    edge, _ = explorer.touch()["handles"]
    assert round(edge.at()[0]) == 65
    assert "0.0039 arrives along c alone, 0.023 through" in explorer.live.reading
    edge.drag(1, 0.5)
    assert abs(explorer.values()["gate_bias"] - 4.2) < 0.3  # the last step of the drag, or the one before
    explorer.reset()
    explorer.set(input_gate="zero")
    assert "it has 0.1 % of both lengths together" in explorer.live.reading
    assert "0.0036 arrives along c alone, 7 through W_hh, grown on the way." in explorer.live.reading
    assert "the longer one at no bias up to 6.0" in explorer.live.reading
    explorer.reset()
    explorer.set(gain=0.5)
    assert "from a bias between 3.2 and 3.4 on" in explorer.live.reading
    explorer.set(gain=2.0)
    assert "from a bias between 4.6 and 4.8 on" in explorer.live.reading
    explorer.set(gain=0.0)
    assert "100 % of both lengths" in explorer.live.reading
    assert "along c alone, exactly 0 through W_hh" in explorer.live.reading


def test_chapter_05_horizon():
    explorer = Horizon()
    point, _ = explorer.touch()["handles"]
    point.drag(100, 0.5)
    assert explorer.controls["bias"].value == 4.6
    assert explorer.live.reading.startswith(
        "Forget bias 4.6 keeps 1/e for 100.0 steps by the formula, for 67.1 with noise."
    )
    assert "After 100 steps 0.37 is left by the formula, 0.2 with noise." in explorer.live.reading
    explorer.set(bias=5.1)
    assert "for 101.0 with noise." in explorer.live.reading
    explorer.reset()
    explorer.set(noise=0.0)
    assert "keeps 1/e for 7.9 steps, by the formula and in all 16 units" in explorer.live.reading
    for bias, steps in ((3.0, "20.6"), (4.0, "55.1"), (5.0, "148.9")):
        explorer.set(bias=bias)
        assert f"keeps 1/e for {steps} steps" in explorer.live.reading


def test_chapter_05_gates_text():
    task, rng = Text(zen_of_python()), np.random.default_rng(0)
    model = task.model(LSTM())
    params = model.init_params(task.input_size, 64, task.output_size, rng)
    training = Training(model, params, task.batches(rng, 8, T=50), Adam(1e-2), clip=1.0)
    for _ in training.run(100):
        pass
    f, capitals = read_gates(model, params, task.tokens)["f"], np.array([letter.isupper() for letter in task.text])
    longest = np.argsort(horizon_of(f))[-8:]
    small = np.array([letter.islower() for letter in task.text])
    drop = f[small].mean(axis=0) - f[capitals].mean(axis=0)
    place = task.text.rindex("N") + 1
    explorer = GatesText(training, text=task.text, order="horizon", unit=8 - int(drop[longest].argmax()), target=place)
    assert explorer.controls["weights"].value == "given"
    assert explorer.arrays.unit == longest[drop[longest].argmax()] + 1 == 33
    assert "37 % is left after 22.0 letters in the mean." in explorer.live.reading
    assert "is lowest at 'E' (0.65), 'U' (0.66)" in explorer.live.reading
    assert "is highest at 'e' (0.98)" in explorer.live.reading
    assert set(explorer.arrays.letters[:11]) == {letter for letter in task.text if letter.isupper()} - set("DPZ")
    assert "goes from 0.63 to 0.99" in explorer.live.reading
    lowest = np.argsort(explorer.arrays.values)[:19]
    assert all(place == 0 or task.text[place - 1] == "\n" for place in lowest)
    levels = explorer.levels(explorer.arrays)
    assert levels[capitals].mean() < 4 < 7 < levels[~capitals].mean()
    explorer.set(weights="start")
    assert np.ptp(explorer.levels(explorer.arrays)) == 8
    explorer.set(colours="all")
    assert np.ptp(explorer.levels(explorer.arrays)) == 1  # the colour is even
    assert "goes from 0.68 to 0.81" in explorer.live.reading
    assert "37 % is left after 3.5 letters" in explorer.live.reading
    explorer.reset()
    explorer.set(order="range", unit=2)
    assert explorer.live.reading.startswith("Forget gate f of unit 47 opens at ")
    assert "goes from 0.04 to 0.97" in explorer.live.reading
    assert "closes at the line end (0.08)" in explorer.live.reading
    assert "37 % is left after 1.6 letters" in explorer.live.reading
    explorer.trainer.steps = 5
    explorer.trainer.start()
    assert "done after 105 steps" in explorer.trainer.words.value  # it goes on where the notebook stopped


def test_chapter_06_drive():
    explorer = DriveGRU()
    explorer.set(z=1.0)
    assert abs(explorer.arrays.driven.states).max() < 1e-12
    drag_pen(explorer, "z", 0.0)
    assert "The number 0.91 of step 5 is kept: h ends at 0.91." in explorer.live.reading
    np.testing.assert_allclose(explorer.arrays.driven.states[0, 5:], 0.9087, atol=1e-4)
    explorer.set(z=0.95)
    assert "has faded along z to a factor 0.17" in explorer.live.reading
    explorer.presets["Plain RNN"].click()
    assert (explorer.arrays.driven.states[0, 6:25] > 0.6).all()
    assert abs(explorer.arrays.driven.gates["n"] - explorer.arrays.blind).max() > 0.6  # off the pale line
    explorer.presets["Clear"].click()
    assert abs(explorer.arrays.driven.states[0, 15:25]).max() < 1e-9


def test_chapter_06_conventions():
    explorer = Conventions()
    assert "With the weights as they stand" in explorer.live.reading
    assert "by up to 1.23 at step 3" in explorer.live.reading
    assert "Nobody in the table reads so" in explorer.live.reading
    explorer.set(negated="yes")
    assert "equal to the last bit" in explorer.live.reading
    explorer.set(reset="before")
    assert "by up to 0.30 at step 16" in explorer.live.reading
    assert "No conversion is known for a reset gate before the product" in explorer.live.reading
    assert "that of Chung et al. (2014)" in explorer.live.reading
    explorer.reset()
    (mark,) = explorer.touch()["handles"]
    table = mark.ax.get_ylim()[0]
    heights = {}
    for y in np.linspace(0, table, 60):
        mark.drag(0.1, y)
        heights[mark.said()] = mark.at()[1]
    assert [*heights] == ["this book", *USERS]
    mark.drag(0.1, heights["Cho et al. 2014 (EMNLP)"])
    assert "by up to 0.30 at step 16" in explorer.live.reading
    mark.drag(0.1, heights["PyTorch nn.GRU"])
    assert "equal to the last bit" in explorer.live.reading
    explorer.set(negated="yes")
    assert "by up to 1.23" in explorer.live.reading
    assert "needs no negated block" in explorer.live.reading
    explorer.reset()
    explorer.set(z="old", reset="before", H=1)
    assert "equal to the last bit" in explorer.live.reading
    explorer.set(H=8, reset="after", second_bias=1.0, biases="one")
    assert "by up to 0.56" in explorer.live.reading
    assert "Two biases cannot be written as one" in explorer.live.reading


def test_chapter_06_three_cells():
    explorer = ThreeCells()
    assert "9·10⁻⁵ in the RNN, 1·10⁻¹⁴ in the LSTM, 5·10⁻¹⁴ in the GRU" in explorer.live.reading
    assert "RNN from a bias between 0.8 and 1.0 on, the GRU from a bias between 1.6 and 1.8 on" in explorer.live.reading
    explorer.set(gate_bias=3.0)
    assert "3 in the LSTM, 0.04 in the GRU" in explorer.live.reading
    explorer.reset()
    explorer.set(gain=1.5)
    assert explorer.arrays.parts["RNN"].norms[0, 0] > 100
    assert (
        "More reaches the LSTM than the RNN at no bias up to 4.0, the GRU at no bias up to 4.0."
        in explorer.live.reading
    )
    explorer.set(gain=0.0)
    assert "exactly 0 in the RNN, exactly 0 in the LSTM" in explorer.live.reading
    gru = explorer.arrays.parts["GRU"]
    np.testing.assert_array_equal(gru.norms, gru.kept)
    explorer.reset()
    explorer.set(size="weights")
    assert "0.002 in the RNN" in explorer.live.reading
    assert [part.units for part in explorer.arrays.parts.values()] == [66, 32, 37]
    assert "RNN from a bias between 0.8 and 1.0 on, the GRU from a bias between 2.0 and 2.2 on" in explorer.live.reading


def test_chapter_07_depth_flow():
    explorer = DepthFlow()
    assert explorer.live.reading.startswith(
        "More is lost back in time: 0.00015 is left after 30 steps back (0.75 a step), "
        "0.61 after 2 layers down (0.78 a layer). "
        "At step 1 the gradient is 1.7e-03 in layer 1 and 1.5e-04 in layer 3, from 1 at the loss."
    )
    explorer.set(residual="yes")
    assert explorer.live.reading.startswith(
        "More is lost back in time: 1.6e-05 is left after 30 steps back (0.69 a step), "
        "1.1 after 2 layers down (1.03 a layer)."
    )
    assert "is 7.2e-04 in layer 1" in explorer.live.reading
    explorer.reset()
    explorer.set(layers=6)
    assert "1.6e-02 in layer 1 and 1.3e-04 in layer 6" in explorer.live.reading
    assert "324,632 orders of 30 steps back and 5 down" in explorer.live.reading
    explorer.reset()
    explorer.set(cell="LSTM", gain=0.0)
    assert "is 1.4e-04 in layer 1 and exactly 0 in layer 3" in explorer.live.reading
    assert "half was in layer 1 when the way back reached step 1." in explorer.live.reading
    explorer.reset()
    explorer.touch()["handles"][0].drag(11, 3)
    assert "66 orders of 10 steps back and 2 down" in explorer.live.reading
    assert not explorer.arrays.norms[:, 11:].any()


def test_chapter_07_depth_flow_whatever_the_seed():
    """A residual step takes the factor down to 1 or more; in a tanh net, which it saturates, the factor back falls."""
    explorer = DepthFlow()
    for seed in range(21):
        down, back = {}, {}
        for residual in ("no", "yes"):
            explorer.set(seed=seed, residual=residual)
            norms = explorer.arrays.norms
            down[residual], back[residual] = norms[0, 30] ** (1 / 2), norms[-1, 0] ** (1 / 30)
        assert down["no"] < 0.9 < 1 < down["yes"]
        assert back["yes"] < back["no"]


def test_chapter_07_who_sees_whom():
    explorer = WhoSeesWhom()
    assert "output t sees the real inputs k ≥ t alone." in explorer.live.reading
    assert "10 of 25 real pairs are exactly 0" in explorer.live.reading
    assert "off by 0.65 of their norm at step 5, and by 0.0081 of their norm at step 1" in explorer.live.reading
    explorer.set(cell="LSTM")
    assert "off by 1.2 of their norm at step 5, and by 2.3 of their norm at step 1" in explorer.live.reading
    explorer.set(mask="yes")
    assert "Outputs and last state are those of the sequence alone" in explorer.live.reading
    explorer.reset()
    explorer.set(bias=0.0)
    assert "Outputs 1 to 5 see 7 steps of padding. Outputs and last state are those" in explorer.live.reading
    explorer.reset()
    explorer.set(way="there")
    assert "the real inputs k ≤ t alone" in explorer.live.reading
    assert "see no steps of padding. The last forward state, after step 12, is off by 0.95" in explorer.live.reading
    explorer.set(way="both")
    assert "output t sees every real input" in explorer.live.reading


def test_chapter_07_masks():
    explorer = Masks()
    assert explorer.values() == {"kind": "step", "rate": 0.2, "after": 4, "seed": 0}
    assert "at least half are expected to have lost the 1 after 4 steps. After 4 steps 412 of" in explorer.live.reading
    explorer.set(rate=0.5)
    assert (
        "at least half are expected to have lost the 1 after 1 step. After 4 steps 68 of 1,000" in explorer.live.reading
    )
    assert "a unit that holds it is at 16; the mean of all is 1.09 (expected 1)" in explorer.live.reading
    explorer.set(after=20)
    assert "After 20 steps 0 of 1,000 units hold it (expected: a share of 9.5e-07)" in explorer.live.reading
    assert "no unit holds anything; the mean of all is 0 (expected 1)" in explorer.live.reading
    explorer.reset()
    explorer.set(kind="sequence")
    assert "more than half are expected to hold the 1 still after all 20 steps" in explorer.live.reading
    assert "After 4 steps 798 of 1,000 units hold it (expected: a share of 0.8)" in explorer.live.reading
    explorer.set(after=20)
    assert "After 20 steps 798 of 1,000 units" in explorer.live.reading
    assert "a unit that holds it is at 86.7; the mean of all is 69.2 (expected 69.4)" in explorer.live.reading
    explorer.reset()
    explorer.set(kind="layers", after=20)
    assert "After 20 steps 798 of 1,000 units hold it" in explorer.live.reading
    assert "a unit that holds it is at 1.25; the mean of all is 0.998 (expected 1)" in explorer.live.reading


def test_chapter_09_review_verdict():
    explorer = ReviewVerdict()
    assert "Word 11 of 13, 'dull', turns the verdict most: good 0.86 before it, 0.07 after it;" in explorer.live.reading
    assert "most for bad is 'dull' (word 11), -3.3. The second review ends at 0.95." in explorer.live.reading
    explorer.flip()
    assert "Word 11 of 14, 'not': good 0.86 before it, 0.80 after it." in explorer.live.reading
    assert "at the end 0.97." in explorer.live.reading
    assert "Flip not has put 'not' in as word 11." in explorer.live.reading
    assert "by leaving words out, in logits: most for good is 'not' (word 11), +7.2" in explorer.live.reading
    explorer.reset()
    explorer.set(shade="gradient")
    assert "most for good is 'me' (word 13), +0.3; most for bad is 'was' (word 10), -0.3." in explorer.live.reading
    assert explorer.arrays.first.parts[10].round(1) == -0.1  # dull: the verdict is too sure to feel it
    explorer.set(shade="unknown")
    assert "most for bad is 'was' (word 10), -5.1" in explorer.live.reading
    explorer.reset()
    first, second = (
        "i would sooner call it dull than call it gripping",
        "i would sooner call it gripping than call it dull",
    )
    explorer.set(text=first, second=second)
    assert "at the end 0.01" in explorer.live.reading
    assert "The second review ends at 0.99." in explorer.live.reading
    explorer.set(text="the film was not good", second="the film was good")
    assert (
        "'good', turns the verdict most: good 0.79 before it, 0.53 after it; at the end 0.53" in explorer.live.reading
    )
    assert "The second review ends at 0.91." in explorer.live.reading
    explorer.reset()
    explorer.set(network="ko")
    assert "at the end 0.97" in explorer.live.reading
    explorer.flip()
    assert "at the end 0.10" in explorer.live.reading


def test_chapter_09_padding():
    explorer = Padding()
    assert explorer.live.reading.startswith(
        "GRU, fresh: the gradient at the words falls below 1 % of that without padding after 14 steps of it, "
        "at T = 28. T = 80, 66 steps of padding behind"
    )
    for T, share in ((15, "0.48"), (20, "0.085"), (40, "1.2e-04"), (80, "9.4e-10"), (160, "7.6e-20")):
        explorer.set(T=T)
        assert f"the largest gradient at a word is {share} times that without padding." in explorer.live.reading
    explorer.reset()
    explorer.set(side="left")
    assert "by 0.011 of its norm" in explorer.live.reading
    assert "the largest gradient at a word is as large as without padding." in explorer.live.reading
    explorer.reset()
    explorer.set(mask="yes")
    assert "The last state is that of the words alone, and so is the verdict, 0.54." in explorer.live.reading
    explorer.reset()
    explorer.set(net="RNN")
    assert "by 1.8 of its norm" in explorer.live.reading
    assert "falls below 1 % of that without padding after 28 steps of it" in explorer.live.reading
    assert "1.1e-05 times that without padding" in explorer.live.reading
    explorer.reset()
    explorer.set(net="stored", T=160)
    assert "the verdict is 0.85, that of the words alone 0.93." in explorer.live.reading
    assert "stays above 1 % of that without padding over 146 steps of it" in explorer.live.reading
    assert "0.85 times that without padding" in explorer.live.reading
    explorer.set(side="left")
    assert "the verdict is 0.97, that of the words alone 0.93." in explorer.live.reading


def test_chapter_09_padding_whatever_the_seed():
    """Behind the words and without a mask, what 66 steps of padding leave of a fresh network's gradient is little."""
    explorer = Padding()
    for net, most in (("GRU", 1e-7), ("RNN", 2e-2)):
        for seed in range(21):
            explorer.set(net=net, seed=seed)
            assert explorer.arrays.norms.max() < most * explorer.arrays.free.max()
            assert explorer.arrays.away[-1] > 0.5


def test_chapter_09_loss_curves():
    explorer = LossCurves()
    assert explorer.live.reading == (
        "The lowest validation loss, 0.29, is at epoch 4. A patience of 4 looks, a quarter epoch each, ends training "
        "at epoch 5; kept is epoch 4: validation loss 0.29, accuracy 0.911. GRU, rate 0.005, no dropout, recorded "
        "with seed 0 (Train: seed 1): at epoch 6 the training loss is 0.12, the validation loss 0.34."
    )
    explorer.set(patience=1)  # the plateau at the start uses it up
    assert "ends training at epoch 1.5; kept is epoch 1.25: validation loss 0.68, accuracy 0.591" in (
        explorer.live.reading
    )
    explorer.set(patience=2)
    assert "ends training at epoch 3.75; kept is epoch 3.25: validation loss 0.32, accuracy 0.890" in (
        explorer.live.reading
    )
    explorer.reset()
    explorer.set(drop=0.5)
    assert "the training loss is 0.20, the validation loss 0.27" in explorer.live.reading
    explorer.set(patience=6)
    assert "is not used up; kept is epoch 6: validation loss 0.27, accuracy 0.920" in (explorer.live.reading)
    explorer.reset()
    explorer.set(rate=0.01)
    assert "the training loss is 0.12, the validation loss 0.51" in explorer.live.reading
    assert "ends training at epoch 2.5; kept is epoch 1.5: validation loss 0.34, accuracy 0.851" in (
        explorer.live.reading
    )
    explorer.reset()
    explorer.set(cell="RNN")
    assert "ends training at epoch 2.75; kept is epoch 1.75" in explorer.live.reading
    explorer.set(rate=0.02)
    assert "at epoch 6 the training loss is 0.69" in explorer.live.reading


def check_learned(explorer, epochs):
    """A press of Train is an epoch; the best network reads more than 0.8 of the reviews right, and Reset keeps it."""
    explorer.trainer.news = np.inf  # seconds between two pictures
    for _ in range(epochs):
        explorer.trainer.start()
    assert f"seed 1, trained here: at epoch {epochs}" in explorer.live.reading
    task, model, params, best, looks = explorer.learned
    assert looks[-1].step == epochs * 157
    assert best.accuracy > 0.8
    assert accuracy(model, params, task.batch("test")) > 0.8
    explorer.reset()
    assert explorer.learned.best is best


def test_chapter_09_what_is_trained_in_the_loss_curves():
    """Two epochs, which are enough already; `test_sentiment_chapter.py` goes on for four, as the chapter does."""
    check_learned(LossCurves(), epochs=2)


def test_chapter_10_switchboard():
    explorer = Switchboard()
    assert "the outputs part and stay apart: at the end they are 0.89 apart. The largest difference is 0.89" in (
        explorer.live.reading
    )
    explorer.set(change="none")
    assert "equal to the last bit" in explorer.live.reading
    explorer.set(change="summed")
    assert "largest difference is 0.52" in explorer.live.reading
    for cell in ("LSTM", "RNN"):
        explorer.set(cell=cell)
        assert "equal to the last bit" in explorer.live.reading
    explorer.reset()
    explorer.set(change="state")
    assert "meet again: at the end they are 3e-03 apart. The largest difference is 0.88, at step 1" in (
        explorer.live.reading
    )
    assert "at step 1; at the end 0.39 % of it is left" in explorer.live.reading
    explorer.set(T=60)
    assert "at the end they are 4e-08 apart" in explorer.live.reading
    explorer.set(cell="LSTM")
    assert "at the end they are 4e-06 apart" in explorer.live.reading
    explorer.set(cell="GRU", change="blocks")
    assert "at the end they are 0.64 apart" in explorer.live.reading
    explorer.set(cell="RNN", change="state", gain=3.0)
    assert "at the end they are 1.85 apart" in explorer.live.reading
    explorer.set(seed=4)
    assert "meet again: at the end they are 3e-03 apart" in explorer.live.reading
    explorer.reset()
    explorer.set(cell="LSTM", change="forget")
    assert "largest difference is 0.38" in explorer.live.reading
    explorer.set(way="book keras")
    assert [one.value[1] for one in explorer.arrays.left[:2]] == ["block", "block"]
    assert [one.value[1] for one in explorer.arrays.right[:2]] == ["whole", "whole"]


def test_chapter_10_switchboard_whatever_the_seed():
    """A lost start state is forgotten at gain 1, and by an RNN at gain 3 with two seeds alone; exchanged blocks never.

    A sum of biases is a mistake for the GRU alone.
    """
    explorer, kept = Switchboard(T=60), 0
    for seed in range(21):
        explorer.set(seed=seed, change="state", cell="RNN", gain=3.0)
        kept += explorer.arrays.apart[-1] > 0.5
        explorer.set(cell="GRU", gain=1.0)
        assert explorer.arrays.apart[-1] < 1e-4 < 0.1 < explorer.arrays.apart[0]
        explorer.set(change="blocks")
        assert explorer.arrays.apart[-20:].min() > 0.3
        explorer.set(change="summed")
        assert explorer.arrays.apart.max() > 0.2
        explorer.set(cell="LSTM")
        assert explorer.arrays.apart.max() == 0
    assert kept == 19
