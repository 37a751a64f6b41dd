"""The task `Words`, and the explorer that unrolls two of them: what it shows is what the package computes."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import RNN, Model, Text, Words, one_hot, unroll
from rnnbook.nn.losses import softmax_cross_entropy
from rnnbook.view.explorers import Unroll
from rnnbook.view.explorers.unroll import HIDDEN, character_model, shown, spoken

words = st.text(min_size=2, max_size=8)


@given(st.lists(words, min_size=1, max_size=4))
def test_the_batch_of_all_words_spells_each_of_them(spelled):
    task = Words(spelled)
    x, y, mask, carry, *padding = task.batch
    assert not carry
    assert padding == [None, None]  # every step is read; what follows a word's end does not count
    for n, word in enumerate(spelled):
        steps = mask[:, n]
        assert steps.sum() == len(word) - 1
        assert "".join(task.alphabet[k] for k in x[steps, n]) == word[:-1]
        assert "".join(task.alphabet[k] for k in y[steps, n]) == word[1:]


@given(words)
def test_one_word_alone_is_the_text(word):
    assert Words([word]).baseline == pytest.approx(Text(word).baseline, abs=1e-12)
    np.testing.assert_array_equal(Words([word]).batch.x[:, 0], Text(word).tokens[:-1])


def test_the_baseline_is_what_counting_pairs_reaches():
    task = Words(["hello", "help"])  # after l: l, o, p, each once; everything else is certain
    assert task.baseline == pytest.approx(3 * np.log(3) / 7)


def test_drawn_words_are_words():
    task = Words(["hello", "low"])
    x, y, mask, *_ = task.make_batch(np.random.default_rng(0), 50)
    drawn = {"".join(task.alphabet[k] for k in x[mask[:, n], n]) for n in range(50)}
    assert drawn == {"hell", "lo"}
    assert softmax_cross_entropy(np.zeros((*y.shape, 5)), y, mask)[0] == pytest.approx(np.log(5))


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ("hello", TypeError, "words is a list of strings; got 'hello'"),
        ([1, 2], TypeError, "words is a list of strings"),
        ([], ValueError, "at least one word"),
        (["ab", "c"], ValueError, "each of two letters or more; got ['ab', 'c']"),
    ],
)
def test_what_are_no_words_is_refused(given, error, said):
    with pytest.raises(error, match=re.escape(said)):
        Words(given)


@pytest.mark.parametrize("seed", range(20))
def test_the_trained_model_spells_both_words(seed):
    explorer = made()
    spellings = explorer.compute("hello", "jello", "trained", 4, seed).spellings
    assert all(spelling.right.all() for spelling in spellings)
    assert sum(spelling.losses.sum() for spelling in spellings) < 0.2


MADE = []


def made():
    """One explorer for all examples."""
    if not MADE:
        MADE.append(Unroll())
    return MADE[0]


@given(words, words, st.sampled_from(["start", "trained"]), st.integers(0, 3))
def test_what_is_shown_is_what_the_package_computes(word, second, weights, seed):
    arrays = made().compute(word, second, weights, 1, seed)
    task, params = character_model((word, second), weights == "trained", seed)
    for spelling in arrays.spellings:
        tokens = task.encode(spelling.word)
        h, _, _ = unroll(RNN(), params, one_hot(tokens, len(task.alphabet))[:, None])
        np.testing.assert_array_equal(spelling.h, h[:, 0])
        y, _ = Model(RNN(), loss="softmax", steps="every").predict(params, tokens[:-1, None])
        np.testing.assert_allclose(spelling.logits[:-1], y[:, 0], rtol=1e-12)
        mean, _ = softmax_cross_entropy(y, tokens[1:, None])
        assert spelling.losses.sum() == pytest.approx(mean * (len(tokens) - 1))
        assert np.isfinite(spelling.losses).all()


def test_a_shared_ending_stands_one_above_the_other():
    arrays = made().compute("yellow", "low", "start", 6, 0)
    first, second = arrays.spellings
    for step in range(1, 7):
        at = arrays._replace(step=step)
        assert at.at(first) == step - 1
        assert at.at(second) == step - 4
        if step >= 4:
            assert first.word[at.at(first)] == second.word[at.at(second)]
    assert arrays.apart(1) == pytest.approx(np.linalg.norm(first.h[0]))  # the second is still at the zero state


def test_equal_words_are_never_apart():
    arrays = made().compute("same", "same", "start", 1, 0)
    assert [arrays.apart(step) for step in range(1, 5)] == [0.0] * 4


def test_the_step_reaches_the_end_of_the_longer_word():
    explorer = Unroll()
    step = explorer.controls["step"]
    assert (step.value, step.max) == (4, 5)
    explorer.controls["second"].value = "yellow"
    assert step.max == 6
    explorer.set(step=6, second="to", word="be")
    assert (step.value, step.max) == (2, 2)
    assert "Step 2 of 2: 'be' ends with 'e'; 'to' ends with 'o'." in explorer.live.reading


def test_a_long_word_is_cut_and_says_so():
    explorer = Unroll(word="abcdefghij")
    assert "Cut to 8 letters: 'abcdefgh'." in explorer.live.reading
    assert explorer.arrays.steps == 8


@pytest.mark.parametrize("word", ["", "a"])
def test_too_short_a_word_is_said_and_the_picture_stays(word):
    explorer = Unroll()
    picture = list(explorer.live.moving)
    explorer.controls["word"].value = word
    assert explorer.live.reading.startswith("Each word needs two letters")
    assert explorer.live.reading.endswith("The picture is still the one before.")
    assert list(explorer.live.moving) == picture
    explorer.controls["word"].value = "hello"
    assert explorer.live.reading.startswith("Step 4 of 5")


def test_other_letters_of_the_same_length_are_written_into_the_boxes():
    explorer = Unroll(second="hello")
    before = explorer.live.still
    explorer.set(word="hollo", second="hollo")
    assert explorer.live.still != before
    assert [text.get_text() for text in explorer._artists._inputs[:5]] == list("hollo")


def test_a_step_draws_nothing_but_what_moves():
    explorer = Unroll()
    before = explorer.live.still
    for step in (1, 5, 2):
        explorer.set(step=step)
        assert explorer.live.still is before


def test_the_lit_arrows_are_those_of_the_step_and_the_future_is_covered():
    explorer = Unroll()
    for step in range(1, 6):
        explorer.set(step=step)
        ends = {name: arrow._posA_posB for name, arrow in explorer._artists._lit.items()}
        assert ends == {
            "W_xh": [(step, 0), (step, 1)],
            "W_hh": [(step - 1, 1), (step, 1)],
            "W_hy": [(step, 1), (step, 2)],
        }
        assert explorer._artists._cover.get_x() == step + 0.5
        for name, where in (("W_xh", (0, 0.5)), ("W_hh", (-0.5, 1)), ("W_hy", (0, 1.5))):
            offsets = explorer._artists._names[name].get_offsets().tolist()
            assert offsets == [[t + where[0], where[1]] for t in range(1, step + 1)]


def visible(artists, kind):
    return [box.get_visible() for box, _ in artists._drawn.boxes[kind]]


def test_the_network_has_the_letters_of_the_word():
    explorer = Unroll(word="low", second="yellow")
    artists = explorer._artists
    assert visible(artists, "x") == [False] * 3 + [True] * 3 + [False] * 2
    assert visible(artists, "L") == [False] * 3 + [True] * 2 + [False] * 3  # nothing comes after the last letter
    assert [arrow.get_visible() for arrow in artists._drawn.arrows["W_hh"]] == visible(artists, "x")
    assert artists._drawn.boxes["h_0"][0][0].get_offsets().tolist() == [[3.0, 1.0]]
    assert [text.get_text() for _, text in artists._drawn.boxes["h"]] == ["", "", "", "h₁", "h₂", "h₃", "h₄", "h₅"]


def test_nothing_is_lit_before_the_word_begins():
    artists = Unroll(word="low", second="yellow", step=3)._artists
    assert not any(arrow.get_visible() for arrow in artists._lit.values())
    assert all(len(names.get_offsets()) == 0 for names in artists._names.values())
    explorer = Unroll(word="low", second="yellow", step=4)
    assert all(arrow.get_visible() for arrow in explorer._artists._lit.values())


@given(st.characters())
def test_any_letter_can_be_shown_and_spoken(letter):
    assert len(shown(letter)) == 1 or shown(letter) == f"{ord(letter):04X}"
    assert shown(letter).isprintable()
    assert spoken(letter).isprintable()


def test_what_the_font_lacks_is_drawn_by_code_point_and_said():
    explorer = Unroll(word="한국어", second="word", step=1)
    inputs = explorer._artists._inputs
    assert [text.get_text() for text in inputs[:4]] == ["", "D55C", "AD6D", "C5B4"]
    assert inputs[1].get_fontsize() < inputs[0].get_fontsize()
    assert "'한국어' has not begun" in explorer.live.reading
    assert "The picture's font lacks 한, 국, 어: drawn by code point, D55C, AD6D, C5B4." in explorer.live.reading
    explorer.set(word="sword")
    assert "font" not in explorer.live.reading
    assert len({text.get_fontsize() for text in inputs}) == 1


def test_letters_drawn_by_code_point_fit_their_boxes():
    explorer = Unroll(word="한국어𝔘\U0010ffffab", second="\U0010ffff한")
    fig, artists = explorer.fig, explorer._artists
    fig.draw_without_rendering()
    for kind in ("x", "y"):
        for box, text in artists._drawn.boxes[kind]:
            if text.get_text():
                side, letters = np.sqrt(box.get_sizes()[0]), text.get_window_extent()  # a point is a pixel here
                assert max(letters.width, letters.height) < side
    ticks = [label.get_window_extent() for label in artists.logits.get_yticklabels()]
    assert min(tick.x0 for tick in ticks) > artists.net.get_window_extent().x1


def test_the_cached_weights_are_the_same_for_everyone():
    one, two = (character_model(("ab", "ba"), True, 3)[1] for _ in range(2))
    assert one is two
    assert one["W_hh"].shape == (HIDDEN, HIDDEN)
