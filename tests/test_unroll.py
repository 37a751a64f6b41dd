"""The task `Words`, and the explorer that unrolls two of them: what it shows is what the package computes."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import RNN, Model, Text, Words, one_hot, softmax, unroll
from rnnbook.nn.losses import softmax_cross_entropy
from rnnbook.view import signs
from rnnbook.view.explorers import Unroll
from rnnbook.view.explorers.spelling import HIDDEN, character_model
from rnnbook.view.explorers.unroll import spoken
from rnnbook.view.explorers.unroll_picture import GAP, STEP, WORDS
from rnnbook.view.outlines import arrows, bars, shown, written

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
    spellings = explorer.compute("hello", "jello", 4, "trained", seed).spellings
    assert all(spelling.right.all() for spelling in spellings)
    assert all((spelling.p[:-1].max(axis=1) > 0.9).all() for spelling in spellings)


MADE = []


def made():
    """One explorer for all examples."""
    if not MADE:
        MADE.append(Unroll())
    return MADE[0]


@given(words, words, st.sampled_from(["start", "trained"]), st.integers(0, 3))
def test_what_is_shown_is_what_the_package_computes(word, second, weights, seed):
    arrays = made().compute(word, second, 1, weights, seed)
    task, params = character_model((word, second), weights == "trained", seed)
    for spelling in arrays.spellings:
        tokens = task.encode(spelling.word)
        h, _, _ = unroll(RNN(), params, one_hot(tokens, len(task.alphabet))[:, None])
        np.testing.assert_array_equal(spelling.h, h[:, 0])
        y, _ = Model(RNN(), loss="softmax", steps="every").predict(params, tokens[:-1, None])
        np.testing.assert_allclose(spelling.p[:-1], softmax(y[:, 0]), rtol=1e-12)
        assert spelling.right.tolist() == (y[:, 0].argmax(axis=1) == tokens[1:]).tolist()


def test_a_shared_ending_stands_one_above_the_other():
    arrays = made().compute("yellow", "low", 6, "start", 0)
    first, second = arrays.spellings
    for step in range(1, 7):
        at = arrays._replace(step=step)
        assert at.at(first) == step - 1
        assert at.at(second) == (step - 4 if step >= 4 else None)
        if step >= 4:
            assert first.word[at.at(first)] == second.word[at.at(second)]
    assert arrays.apart[0] == pytest.approx(np.linalg.norm(first.h[0]))  # the second is still at the zero state


def test_equal_words_are_never_apart():
    arrays = made().compute("same", "same", 1, "start", 0)
    assert arrays.apart.tolist() == [0.0] * 4
    assert arrays.part is None
    assert "'same' and 'same' never part" in made().reading(arrays)


@given(st.text("abc", max_size=6), st.sampled_from(["xa", "x"]), st.sampled_from(["start", "trained"]))
def test_words_part_where_their_first_letters_differ_and_not_before(shared, rest, weights):
    """Equal letters from the same state on give the same states, to the last digit."""
    rest = rest if shared else "xa"
    arrays = made().compute(shared + "ya", shared + rest, 1, weights, 0)
    assert arrays.part == len(shared) + 1
    assert not arrays.apart[: len(shared)].any()
    assert arrays.apart[len(shared)] > 0
    assert len(arrays.apart) == len(shared + rest)


def test_a_word_that_has_ended_is_said_and_has_no_distance():
    explorer = Unroll(word="hello", second="help", step=5)
    assert explorer.arrays.part == 4
    assert explorer.live.reading.endswith("Step 5 of 5. 'hello' ends with 'o'. 'help' has ended.")
    assert [*explorer._artists.curve.get_xdata()] == [1, 2, 3, 4]
    (handle,) = explorer.touch()["handles"]
    assert handle.at() == (5, explorer.arrays.apart[-1])


def test_the_step_reaches_the_end_of_the_longer_word():
    explorer = Unroll()
    step = explorer.controls["step"]
    assert (step.value, step.max) == (3, 5)
    explorer.controls["second"].value = "yellow"
    assert step.max == 6
    explorer.set(step=6, second="to", word="be")
    assert (step.value, step.max) == (2, 2)
    assert "Step 2 of 2" in explorer.live.reading
    assert "'be' ends with 'e'. 'to' ends with 'o'." in explorer.live.reading


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
    assert "Step 3 of 5" in explorer.live.reading


def path(explorer, name):
    """The outlines of one look, of the words or of the step."""
    artists = explorer._artists
    drawn, looks = (artists._words, WORDS) if name in ("ink", "differ", "grid") else (artists._step, STEP)
    return drawn.get_paths()[[*looks].index(name)]


def test_nothing_that_moves_draws_the_whole_figure():
    explorer = Unroll(second="hello")
    still, words = explorer.live.still, path(explorer, "ink").vertices
    explorer.set(word="hollo", second="hollo")
    assert len(path(explorer, "ink").vertices) != len(words)
    for change in ({"step": 5}, {"word": "to", "second": "yellow"}, {"weights": "trained"}, {"seed": 3}):
        explorer.set(**change)
        assert explorer.live.still is still


def test_a_step_leaves_what_the_words_say():
    explorer = Unroll()
    before = dict(zip(explorer.live.artists, explorer.live.moving, strict=True))
    explorer.set(step=4)
    after = dict(zip(explorer.live.artists, explorer.live.moving, strict=True))
    artists = explorer._artists
    assert {artist for artist in before if before[artist] != after[artist]} == {
        artists._band,
        artists._point,
        artists._step,
        artists._cover,
    }


def test_the_band_lies_on_the_step_and_the_cover_on_the_future():
    explorer = Unroll()
    for step in range(1, 6):
        explorer.set(step=step)
        band, cover, place = explorer._artists._band, explorer._artists._cover, explorer._artists.place
        assert band.get_x() <= explorer._artists._x(step) <= band.get_x() + band.get_width()
        assert cover.get_x() == pytest.approx(band.get_x() + band.get_width())
        assert cover.get_x() + cover.get_width() >= place.right
        assert explorer._artists._point.get_data()[0] == [step]


def test_where_a_word_has_ended_no_distance_is_marked_and_the_step_is_still_dragged():
    explorer = Unroll(word="hello", second="he")
    (handle,) = explorer.touch()["handles"]
    point = explorer._artists._point
    for step in range(1, 6):
        handle.drag(step, 0.0)
        assert explorer.arrays.step == step == handle.at()[0]
        assert point.get_visible() == (step <= 2)
        assert ("'he' has ended" in explorer.live.reading) == (step > 2)


def test_every_sign_of_the_picture_is_explained_in_it():
    explorer = Unroll()
    assert any(spelling.right.any() for spelling in explorer.arrays.spellings)
    assert any(text.get_text().startswith("✓:") for text in explorer.fig.axes[0].texts)


def test_the_states_stand_in_their_columns():
    explorer = Unroll(word="low", second="yellow")
    cells = explorer._artists._states.get_array().filled(np.nan).reshape(2 * HIDDEN + GAP, 6, 4)
    first, second = (spelling.h.T for spelling in explorer.arrays.spellings)
    np.testing.assert_array_equal(cells[:8, 3:, 1], first)
    np.testing.assert_array_equal(cells[-8:, :, 2], second)
    assert np.isnan(cells[:8, :3]).all()  # "low" begins three letters later
    assert np.isnan(cells[8:-8]).all()
    assert np.isnan(cells[..., [0, 3]]).all()


def test_a_word_that_has_not_begun_has_no_thick_arrows_and_no_bars():
    explorer = Unroll(word="low", second="yellow", step=3)
    arrow, bar = (len(shape.vertices) for shape in (arrows([(0, 0, 1, 0)], 1), bars([(0, 0, 1, 1)])))
    for step, words in ((3, 1), (4, 2)):
        explorer.set(step=step)
        V = len(explorer.arrays.alphabet)
        assert [len(path(explorer, name).vertices) for name in ("W_xh", "W_hh", "W_hy")] == [words * arrow] * 3
        assert [len(path(explorer, name).vertices) for name in ("others", "next")] == [
            words * (V - 1) * bar,
            words * bar,
        ]


def test_the_bars_are_as_long_as_the_probabilities():
    explorer = Unroll(step=3)
    place = explorer._artists.place
    first, second = (spelling.p[2] for spelling in explorer.arrays.spellings)
    letter = explorer.arrays.alphabet.index("l")
    box = path(explorer, "next").get_extents()
    assert (place.middle - box.x0 - 18) / place.reach == pytest.approx(first[letter], abs=1e-3)
    assert (box.x1 - place.middle - 18) / place.reach == pytest.approx(second[letter], abs=1e-3)


@given(st.characters())
def test_any_letter_can_be_shown_and_spoken(letter):
    assert len(shown(letter)) == 1 or shown(letter) == f"{ord(letter):04X}"
    assert shown(letter).isprintable()
    assert spoken(letter).isprintable()


def test_what_the_font_lacks_is_said():
    explorer = Unroll(word="한국어", second="word", step=1)
    assert "'한국어' has not begun" in explorer.live.reading
    assert "The picture's font lacks 한, 국, 어: drawn by code point, D55C, AD6D, C5B4." in explorer.live.reading
    explorer.set(word="sword")
    assert "font" not in explorer.live.reading


@pytest.mark.parametrize("letters", ["l", "$", "D55C", "0.48", " ", "a b"])
@pytest.mark.parametrize(("where", "share"), [("left", 0.0), ("center", 0.5), ("right", 1.0)])
def test_letters_stand_where_they_are_put(letters, where, share):
    box = written([(letters, 100, 50, where)], 12).get_extents()
    if letters.strip():
        assert box.x0 + share * box.width == pytest.approx(100, abs=0.02)
        assert box.y0 < 50 < box.y1
    else:
        assert not len(written([(letters, 100, 50)], 12).vertices)


@pytest.mark.parametrize("width", [None, 3.0])
def test_columns_of_eight_letters_stay_apart_and_within_the_figure(width):
    explorer = Unroll(word="mmmmmmmm", second="wwwwwwww", step=8)
    explorer._lay_out(width)
    artists = explorer._artists
    letters = written([("m", 0, 0)], 14).get_extents().width
    assert letters < artists._pitch
    for drawn in (artists._words, artists._step):
        for shape in drawn.get_paths():
            if len(shape.vertices):
                box = shape.get_extents()
                assert box.x0 > 0
                assert box.x1 < artists.place.width
                assert box.y0 > 0
                assert box.y1 < artists.place.height


@pytest.mark.parametrize("trained", [False, True])
def test_nobody_changes_the_weights_that_all_share(trained):
    params = character_model(("ab", "ba"), trained, 3)[1]
    before = {key: array.copy() for key, array in params.items()}
    for array in params.values():
        with pytest.raises(ValueError, match="read-only"):
            array += 1
    again = character_model(("ab", "ba"), trained, 3)[1]
    for key, array in before.items():
        np.testing.assert_array_equal(again[key], array)


@pytest.mark.parametrize("words", [("star", "stained"), ("stained", "star"), ("ab", "abc")])
def test_the_last_distance_is_that_of_the_step_where_the_shorter_word_ends(words):
    explorer = Unroll(word=words[0], second=words[1])
    assert len(explorer.arrays.apart) == min(map(len, words)) < explorer.arrays.steps
    said = explorer.live.reading
    assert ("never part" in said) == (explorer.arrays.part is None)
    assert "at the end" not in said
    if explorer.arrays.part:
        assert f"{explorer.arrays.apart[-1]:.2f} when the shorter word ends." in said


@pytest.mark.parametrize("words", [("star", "stay"), ("red", "sacred")])
def test_words_that_end_together_have_one_end(words):
    explorer = Unroll(word=words[0], second=words[1])
    assert f"{explorer.arrays.apart[-1]:.2f} at the end." in explorer.live.reading


def test_the_cached_weights_are_the_same_for_everyone():
    one, two = (character_model(("ab", "ba"), True, 3)[1] for _ in range(2))
    assert one is two
    assert one["W_hh"].shape == (HIDDEN, HIDDEN)


def test_signs_for_letters_without_ink_stand_in_one_table():
    package = Path(signs.__file__).parents[1]
    found = {path.name for path in package.rglob("*.py") if set(signs.SIGNS.values()) & set(path.read_text("utf-8"))}
    shown = {"outlines.py", "unroll.py"}  # in examples
    assert found - shown == {"signs.py"}
