"""Laws of the diagrams: how many boxes and arrows, nothing on top of anything else, the same bytes every time."""

import functools
import itertools
import math
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from rnnbook.nn import GRU, RNN, from_keras, from_torch, init_params, unroll
from rnnbook.view import (
    applications,
    diagrams,
    dropout_diagram,
    figure,
    layer_arrays,
    layer_diagrams,
    one_hot_diagram,
    padding_diagram,
    sentiment_diagrams,
    style,
)
from rnnbook.view.applications import APPLICATIONS
from rnnbook.view.boxes import WEIGHTS
from rnnbook.view.gates import canvas

some_lengths = pytest.mark.parametrize("T", [1, 2, 6, 11, 12, 13, 9999])
ends = pytest.mark.parametrize("T", [1, 2, 12])  # what stands beside a step is the same at each
long = pytest.mark.parametrize("T", [13, 300, 9999])
OPTIONS = list(itertools.product((False, True), repeat=2))
DRAWN = {"unrolled": lambda: diagrams.unrolled(5), "branch": diagrams.branch, "applications": applications.applications}
DRAWN |= {"stacked": layer_diagrams.stacked, "both ways": layer_diagrams.both_ways}
DRAWN |= {"dropout": dropout_diagram.dropout_places, "padding": padding_diagram.padding_units}
REVIEWS = {"many to one": sentiment_diagrams.many_to_one, "padding sides": sentiment_diagrams.padding_sides}
REVIEWS |= {"one hot": one_hot_diagram.one_hot_product}
NARROW = REVIEWS | {
    f"same layer, {theme}": functools.partial(layer_arrays.same_layer_three_ways, theme) for theme in ("light", "dark")
}
DRAWN |= NARROW
pictures = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)


def overlaps(one, two):
    """Do two boxes in pixels share more than a hair?"""
    wide = min(one.x1, two.x1) - max(one.x0, two.x0)
    high = min(one.y1, two.y1) - max(one.y0, two.y0)
    return wide > 0.5 and high > 0.5


def texts_and_boxes(fig):
    """The frames of all texts, and of all boxes, in pixels."""
    fig.draw_without_rendering()
    texts = [t.get_window_extent() for ax in fig.axes for t in ax.texts if t.get_visible() and t.get_text()]
    boxes = [c.get_window_extent() for ax in fig.axes for c in ax.collections if c.get_visible()]
    return texts, boxes


@ends
@pytest.mark.parametrize(("outputs", "losses"), [(False, False), (True, False), (True, True)])
def test_three_arrows_a_step_and_a_box_for_every_vector(T, outputs, losses):
    drawn = diagrams.draw_unrolled(figure()[1], T, outputs=outputs, losses=losses)
    boxes = {kind: len(parts) for kind, parts in drawn.boxes.items()}
    arrows = {name: len(parts) for name, parts in drawn.arrows.items()}
    assert boxes == {"h_0": 1, "x": T, "h": T} | ({"y": T} if outputs else {}) | ({"L": T} if losses else {})
    assert arrows == {"W_xh": T, "W_hh": T} | ({"W_hy": T} if outputs else {}) | ({"": T} if losses else {})
    assert {name: len(labels) for name, labels in drawn.labels.items()} == {n: k for n, k in arrows.items() if n}


def test_a_matrix_has_one_colour_at_every_step_and_no_other_has_it():
    drawn = diagrams.draw_unrolled(figure()[1], 6)
    colours = {name: {arrow.get_facecolor() for arrow in arrows} for name, arrows in drawn.arrows.items()}
    assert all(len(found) == 1 for found in colours.values())
    assert len(set.union(*colours.values())) == len(colours)
    assert len(set(WEIGHTS.values())) == len(WEIGHTS)


def test_the_boxes_say_which_step_they_are():
    drawn = diagrams.draw_unrolled(figure()[1], 12, losses=True)
    for kind in "xhyL":
        assert [text.get_text() for _, text in drawn.boxes[kind]] == [f"${kind}_{{{t}}}$" for t in range(1, 13)]
        assert [box.get_offsets()[0, 0] for box, _ in drawn.boxes[kind]] == list(range(1, 13))


# All of it at every length, since there is the least room; each part without the others where room changes.
@pytest.mark.parametrize(
    ("T", "losses", "folded"),
    [(T, True, True) for T in (1, 2, 6, 11, 12, 13, 9999)]
    + [(T, *options) for T in (1, 12, 9999) for options in OPTIONS if not all(options)],
)
def test_nothing_overlaps_and_nothing_leaves_the_picture(T, losses, folded):
    fig, _ = diagrams.unrolled(T, losses=losses, folded=folded)
    texts, boxes = texts_and_boxes(fig)
    assert not any(overlaps(a, b) for a, b in itertools.combinations(texts, 2))
    assert not any(overlaps(a, b) for a, b in itertools.combinations(boxes, 2))
    for text in texts:
        crossed = [box for box in boxes if overlaps(text, box)]
        assert all(box.x0 <= text.x0 and text.x1 <= box.x1 for box in crossed)  # what stands in a box fits in it
        assert len(crossed) <= 1
    frame = fig.bbox
    assert all(frame.x0 <= b.x0 and b.x1 <= frame.x1 and frame.y0 <= b.y0 and b.y1 <= frame.y1 for b in texts + boxes)
    arrows = [patch.get_window_extent() for patch in fig.axes[0].patches]
    assert all(a.x0 >= frame.x0 and a.x1 <= frame.x1 for a in arrows)


@long
def test_of_many_steps_the_first_and_the_last_are_drawn(T):
    drawn = diagrams.draw_unrolled(figure()[1], T)
    steps = [*range(1, 8), T - 1, T]
    assert [text.get_text() for _, text in drawn.boxes["h"]] == [f"$h_{{{t}}}$" for t in steps]
    assert len(drawn.arrows["W_xh"]) == len(drawn.arrows["W_hy"]) == len(steps)
    assert len(drawn.arrows["W_hh"]) == len(steps) + 1  # into the dots, and out of them
    _, sentence = diagrams.unrolled(T)
    assert f"over {T:,} steps, 9 of them drawn: W_xh, W_hh, W_hy serve at every step, and stay 3" in sentence


@some_lengths
def test_letters_are_large_enough_to_read(T):
    fig, _ = diagrams.unrolled(T)
    assert min(text.get_fontsize() for text in fig.axes[0].texts) >= 9


@ends
def test_the_sentence_counts_what_was_drawn(T):
    _, sentence = diagrams.unrolled(T)
    steps = "1 step" if T == 1 else f"{T} steps"
    times = "1 time" if T == 1 else f"{T} times"
    assert f"unrolled over {steps}: W_xh, W_hh, W_hy are drawn {times} each, {3 * T} arrows in all" in sentence
    assert sentence.endswith("stay 3 matrices.")


# Of all of them `make figures` does it again.
@pytest.mark.parametrize("draw", [DRAWN["unrolled"], DRAWN["padding"]], ids=["unrolled", "padding"])
def test_the_same_bytes_every_time(draw, tmp_path):
    files = [style.save(*(draw()[0], tmp_path / name)) for name in ("one", "two")]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]


@pictures
def test_the_alternative_text_is_one_sentence(draw):
    _, sentence = draw()
    assert re.fullmatch(r"[A-Z][^\n]*\.", sentence)
    assert "  " not in sentence


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: diagrams.unrolled(0), ValueError, "T is a whole number of at least 1; got 0"),
        (lambda: diagrams.unrolled(10**4), ValueError, "T is at most 9,999, or its number is wider than a box"),
        (lambda: diagrams.unrolled(2.0), TypeError, "T is a whole number; got 2.0"),
        (
            lambda: diagrams.draw_unrolled(figure()[1], 3, outputs=False, losses=True),
            ValueError,
            "losses stand on outputs",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, error, said):
    with pytest.raises(error, match=re.escape(said)):
        call()


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda application: application.name)
def test_an_application_has_an_arrow_for_every_word_and_between_neighbours(application):
    drawn = applications.draw_application(figure()[1], application, left=1.5)
    steps = len(application.inputs)
    assert len(drawn["h"]) == steps == len(application.outputs)
    assert len(drawn["W_hh"]) == steps - 1
    for kind, name, words in (("x", "W_xh", application.inputs), ("y", "W_hy", application.outputs)):
        there = [word for word in words if word]
        assert [text.get_text() for text in drawn[kind]] == there
        assert len(drawn[name]) == len(there)


def test_the_five_kinds_are_told_apart_by_their_steps():
    kinds = [(a.name, [bool(w) for w in a.inputs], [bool(w) for w in a.outputs]) for a in APPLICATIONS]
    for name, given, made in kinds:
        one, many = name.split(", ")[0].split(" to ")
        assert (sum(given) == 1) == (one == "one")
        assert (sum(made) == 1) == (many == "one")
    in_step, delayed = kinds[3], kinds[4]
    assert in_step[1] == in_step[2]
    assert delayed[1].index(False) == delayed[2].index(True)  # nothing comes out before all is in


def test_no_words_overlap_on_the_map():
    fig, _ = applications.applications()
    texts, boxes = texts_and_boxes(fig)
    assert not any(overlaps(a, b) for a, b in itertools.combinations(texts + boxes, 2))
    assert all(fig.bbox.x0 <= t.x0 and t.x1 <= fig.bbox.x1 and t.y1 <= fig.bbox.y1 for t in texts)


def test_the_branch_shows_two_ways_there_and_two_ways_back():
    fig, _ = diagrams.branch()
    forward, back = (ax.patches for ax in fig.axes)
    assert len(forward) == len(back) == 2
    for there, home in zip(sorted(forward, key=str), sorted(back, key=str), strict=True):
        assert there.get_facecolor() == home.get_facecolor()
    texts, boxes = texts_and_boxes(fig)
    assert not any(overlaps(a, b) for a, b in itertools.combinations(texts, 2))
    assert not any(overlaps(a, b) for a, b in itertools.combinations(boxes, 2))


# --- layers on one another, and both ways ----------------------------------------------------------

SIZES = [(2, 2), (3, 5), (4, 8)]


@pytest.mark.parametrize(("L", "T"), SIZES)
def test_a_stacked_net_has_every_box_and_arrow_and_two_ways_of_equal_length(L, T):
    drawn = layer_diagrams.draw_stacked(figure()[1], L, T)
    assert {kind: len(boxes) for kind, boxes in drawn.boxes.items()} == {"x": T, "h": L * T, "L": 1}
    arrows = {name: len(found) for name, found in drawn.arrows.items()}
    ways = {"down first": L - 1 + T - 1, "back first": L - 1 + T - 1}
    assert arrows == {"W_xh": L * T, "W_hh": L * (T - 1)} | ways
    _, sentence = layer_diagrams.stacked(L, T)
    assert f"{T - 1} steps back through W_hh and {L - 1} down" in sentence
    assert f"every one of the {math.comb(T + L - 2, L - 1)} orders" in sentence


@pytest.mark.parametrize("T", [2, 5, 6])
def test_a_layer_that_reads_both_ways_has_its_last_states_at_both_ends(T):
    drawn = layer_diagrams.draw_both(layer_diagrams.both_ways(T)[0].axes[0], T)
    assert {name: len(found) for name, found in drawn.arrows.items()} == dict(
        zip(("in", "out", "there", "back"), (2 * T, 2 * T, T - 1, T - 1), strict=True)
    )
    for name, last in (("there", T - 1), ("back", 0)):
        for kind in (name, f"y {name}"):
            framed = [t for t, (box, _) in enumerate(drawn.boxes[kind]) if box.get_linewidth()[0] > 2]
            assert framed == [last]
    for there, back in zip(drawn.boxes["there"], drawn.boxes["back"], strict=True):
        assert there[0].get_offsets()[0, 1] < back[0].get_offsets()[0, 1]


@pytest.mark.parametrize(
    "draw",
    [*(lambda L=L, T=T: layer_diagrams.stacked(L, T) for L, T in SIZES), layer_diagrams.both_ways,
     lambda: layer_diagrams.both_ways(6)],
)  # fmt: skip
def test_layers_leave_room_for_every_word(draw):
    fig, _ = draw()
    texts, boxes = texts_and_boxes(fig)
    assert not any(overlaps(a, b) for a, b in itertools.combinations(texts, 2))
    for text in texts:
        crossed = [box for box in boxes if overlaps(text, box)]
        assert all(box.x0 <= text.x0 and text.x1 <= box.x1 for box in crossed)
    assert all(fig.bbox.x0 <= b.x0 and b.x1 <= fig.bbox.x1 and b.y1 <= fig.bbox.y1 for b in texts + boxes)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: layer_diagrams.stacked(1), "L is a whole number of at least 2; got 1"),
        (lambda: layer_diagrams.stacked(3, 9), "T is at most 8, for the picture's sake; got 9"),
        (lambda: layer_diagrams.both_ways(7), "T is at most 6"),
        (lambda: layer_diagrams.both_ways(1), "T is a whole number of at least 2; got 1"),
    ],
)
def test_layers_that_cannot_be_drawn_are_refused(call, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        call()


each_scheme = pytest.mark.parametrize("scheme", dropout_diagram.SCHEMES, ids=lambda scheme: scheme.name)


@each_scheme
def test_a_mask_has_one_name_and_one_colour_and_each_step_its_own_where_masks_are_fresh(scheme):
    _, ax = figure()
    drawn = dropout_diagram.draw_scheme(ax, scheme)
    assert set(drawn) == set(scheme.places)
    steps = dropout_diagram.STEPS
    for place, texts in drawn.items():
        colour = dropout_diagram.MASKS[place][1]
        shades = {dropout_diagram.shade(colour, t, scheme.fresh) for t in range(1, steps + 1)}
        assert len(texts) == steps
        assert len({text.get_text() for text in texts}) == len(shades) == (steps if scheme.fresh else 1)
    names = [text.get_text() for texts in drawn.values() for text in texts]
    assert len(set(names)) == len(scheme.places) * (steps if scheme.fresh else 1)


@each_scheme
def test_every_arrow_is_drawn_and_those_with_a_mask_have_a_colour(scheme):
    _, ax = figure()
    dropout_diagram.draw_scheme(ax, scheme)
    ways = [place for place, (_, _, ends) in dropout_diagram.MASKS.items() if len(ends) == 2]
    grey = [patch for patch in ax.patches if to_hex(patch.get_facecolor()) == dropout_diagram.GREY.lower()]
    assert len(ax.patches) == len(ways) * dropout_diagram.STEPS
    assert len(grey) == (len(ways) - len(set(ways) & set(scheme.places))) * dropout_diagram.STEPS


def test_nothing_overlaps_on_the_map_of_dropout():
    fig, sentence = dropout_diagram.dropout_places()
    texts, _ = texts_and_boxes(fig)
    texts += [ax.title.get_window_extent() for ax in fig.axes if ax.title.get_text().strip()]
    assert all(fig.bbox.x0 <= t.x0 and t.x1 <= fig.bbox.x1 and t.y1 <= fig.bbox.y1 for t in texts)
    assert all(scheme.name in sentence for scheme in dropout_diagram.SCHEMES)


def test_padded_states_are_kept_with_a_mask_and_overwritten_without():
    with_mask, without = padding_diagram.padded_states()
    assert with_mask.shape == (padding_diagram.T, len(padding_diagram.LENGTHS), padding_diagram.H)
    for n, length in enumerate(padding_diagram.LENGTHS):
        np.testing.assert_array_equal(with_mask[:length, n], without[:length, n])
        assert (with_mask[length:, n] == with_mask[length - 1, n]).all()
        assert (without[length:, n] != without[length - 1 : -1, n]).all()


def test_the_padding_picture_says_how_far_off_the_last_states_are():
    with_mask, without = padding_diagram.padded_states()
    _, sentence = padding_diagram.padding_units()
    for n in (1, 2):
        assert f"{np.abs(with_mask[-1, n] - without[-1, n]).max():.2f}" in sentence
    assert np.array_equal(with_mask[:, 0], without[:, 0])


# --- many words to one answer ---------------------------------------------------------------------


def inside_and_apart(fig):
    """No text on another one, none across the edge of a box, and all of them in the picture."""
    texts, boxes = texts_and_boxes(fig)
    texts += [ax.title.get_window_extent() for ax in fig.axes if ax.title.get_text()]
    assert not any(overlaps(a, b) for a, b in itertools.combinations(texts, 2))
    for text in texts:
        crossed = [box for box in boxes if overlaps(text, box)]
        assert all(box.x0 <= text.x0 and text.x1 <= box.x1 for box in crossed)
    assert all(fig.bbox.x0 <= b.x0 and b.x1 <= fig.bbox.x1 and b.y1 <= fig.bbox.y1 for b in texts + boxes)


@pytest.mark.parametrize("words", [("good", "film"), ("not", "bad", "film"), sentiment_diagrams.WORDS])
def test_a_review_has_a_state_a_word_and_one_readout(words):
    drawn = sentiment_diagrams.draw_many_to_one(figure()[1], words)
    T = len(words)
    assert {name: len(found) for name, found in drawn.boxes.items()} == (
        dict.fromkeys(("word", "x", "h"), T) | dict.fromkeys("ypL", 1)
    )
    assert {name: len(found) for name, found in drawn.arrows.items()} == (
        dict.fromkeys(("E", "W_xh", "W_hh"), T) | dict.fromkeys(("W_hy", "sigmoid", "loss"), 1)
    )
    (y,) = (box for box, _ in drawn.boxes["y"])
    assert y.get_offsets()[0, 0] == T
    _, sentence = sentiment_diagrams.many_to_one(words)
    assert f"of {T} states one gets a gradient from above; the other {T - 1} get theirs through W_hh" in sentence


@pytest.mark.parametrize("words", [("good",), ("a",) * 6])
def test_a_review_that_does_not_fit_is_refused(words):
    with pytest.raises(ValueError, match=f"two to five, for the picture's sake; got {len(words)}"):
        sentiment_diagrams.many_to_one(words)


@pytest.mark.parametrize("draw", NARROW.values(), ids=NARROW)
def test_narrow_pictures_can_be_read_on_a_page_of_390_pixels(draw):
    fig, _ = draw()
    inside_and_apart(fig)
    shown = min(1, 390 / (96 * fig.get_size_inches()[0]))
    letters = [text.get_fontsize() for ax in fig.axes for text in [*ax.texts, ax.title] if text.get_text()]
    assert min(letters) * 96 / 72 * shown >= 9


@pytest.mark.parametrize("padded", sentiment_diagrams.PADDINGS, ids=lambda p: f"{p.side}-{p.masked}")
@pytest.mark.parametrize(("reviews", "T"), [(sentiment_diagrams.REVIEWS, 5), ((("not", "bad"), ("good",)), 2)])
def test_a_state_goes_through_every_step_or_around_the_padding(padded, reviews, T):
    drawn = sentiment_diagrams.draw_padded(figure()[1], reviews, T, padded)
    lengths = [len(words) for words in reviews]
    assert [text.get_text() for text in drawn.boxes["word"]] == [word for words in reviews for word in words]
    assert len(drawn.boxes["pad"]) == sum(T - length for length in lengths)
    around = sum(length < T for length in lengths) if padded.masked else 0
    read = sum(length if padded.masked else T for length in lengths)
    assert len(drawn.arrows["kept"]) == around
    assert len(drawn.arrows["step"]) == read + len(reviews) - around
    framed = [box.get_linewidth()[0] > 2 for box, _ in drawn.boxes["last"]]
    gone_on = padded.side == "behind" and not padded.masked
    assert framed == [gone_on and length < T for length in lengths]


@pytest.mark.parametrize("padded", sentiment_diagrams.PADDINGS, ids=lambda p: f"{p.side}-{p.masked}")
def test_the_last_state_is_what_the_picture_says_of_it(padded):
    rng = np.random.default_rng(3)
    params, T = init_params(RNN(), 2, 3, rng) | {"b_h": rng.normal(size=3)}, sentiment_diagrams.STEPS
    lengths = np.array([len(words) for words in sentiment_diagrams.REVIEWS])
    steps = np.arange(T)[:, None]
    real = steps < lengths if padded.side == "behind" else steps >= T - lengths
    x = rng.normal(size=(T, len(lengths), 2)) * real[:, :, None]
    h = unroll(RNN(), params, x, mask=real if padded.masked else None)[0].copy()
    alone = [unroll(RNN(), params, x[real[:, n], n][:, None])[0][-1, 0].copy() for n in range(len(lengths))]
    same = [np.allclose(h[-1, n], last) for n, last in enumerate(alone)]
    ax = figure()[1]
    sentiment_diagrams.draw_padded(ax, sentiment_diagrams.REVIEWS, T, padded)
    said = [text.get_text() for text in ax.texts if text.get_text().startswith(("$=", "$\\neq"))]
    assert all(same) == padded.masked
    if padded.side == "behind":
        sign = "=" if padded.masked else r"\neq"
        assert said == [f"${sign} h_{length}$" for length in lengths]
    else:
        assert said == []


@pytest.mark.parametrize("reviews", [((),), (("a",) * 6,)])
def test_reviews_that_cannot_be_padded_are_refused(reviews):
    with pytest.raises(ValueError, match=re.escape(f"1 to T = 5 words; got [{len(reviews[0])}]")):
        sentiment_diagrams.padding_sides(reviews, 5)


def test_a_one_hot_row_picks_the_row_that_is_framed_in_both_tables():
    x, E, W = one_hot_diagram.tables()
    picked = one_hot_diagram.PICKED
    np.testing.assert_array_equal(x @ E, E[[picked]])
    np.testing.assert_allclose(x @ (E @ W), (x @ E) @ W, rtol=1e-14)
    assert np.linalg.matrix_rank(E @ W) == one_hot_diagram.EMBEDDED
    _, ax = figure()
    places = one_hot_diagram.draw_product(ax, 0, [(x, ""), (E, ""), (W, ""), (x @ E @ W, "")])
    frames = [patch.get_bbox() for patch in ax.patches]
    assert frames[0].x0 - places[0][0] == picked
    assert places[1][3] - frames[1].y1 == picked
    assert all(a[1] < b[0] for a, b in itertools.pairwise(places))
    shown = [image.get_array() for image in ax.images]
    for array, drawn in zip((E, W, x @ E @ W), shown, strict=True):
        np.testing.assert_array_equal(array, drawn)


def test_the_arrays_of_one_layer_are_one_layer():
    book, pytorch, keras = layer_arrays.same_layer()
    for other in (from_torch(GRU(), pytorch), from_keras(GRU(), list(keras.values()))):
        assert all(np.array_equal(other[key], book[key]) for key in book)


@pytest.mark.parametrize(
    ("whose", "order"), [("the book", ["rzn"] * 3 + ["n"]), ("Keras", ["zrn"] * 3), ("PyTorch", ["rzn"] * 4)]
)
def test_blocks_are_drawn_to_scale_and_in_the_order_of_their_numbers(whose, order):
    book, pytorch, keras = layer_arrays.same_layer()
    arrays = {"the book": book, "Keras": keras, "PyTorch": pytorch}[whose]
    _, ax, colours = canvas(6, 7, (0, 31), (-38, 0))
    placed = layer_arrays.draw_arrays(ax, whose, arrays, book, (0, 0), colours)
    seen = {name: [block for block in placed if block.array == name] for name in arrays}
    for (name, blocks), expected in zip(seen.items(), order, strict=True):
        down = whose == "PyTorch"
        assert sum(block.place[2] * block.place[3] for block in blocks) == arrays[name].size
        along = [-b.place[1] if down else b.place[0] for b in blocks[:3]]
        assert along == sorted(set(along))
        second = {"bias_hh_l0": "00n"}.get(name, expected)
        assert "".join(block.name for block in blocks) == second + "00n" * (name == "bias")
        x0, y0 = min(b.place[0] for b in blocks), min(b.place[1] for b in blocks)
        x1, y1 = max(b.place[0] + b.place[2] for b in blocks), max(b.place[1] + b.place[3] for b in blocks)
        array = arrays[name]
        rows, columns = array.shape if array.ndim == 2 else (len(array), 1) if down else (1, len(array))
        assert (round(y1 - y0, 9), round(x1 - x0, 9)) == (rows, columns)
    rooms = [(b.place[0], b.place[1], b.place[0] + b.place[2], b.place[1] + b.place[3]) for b in placed]
    apart = (a[2] <= b[0] + 1e-9 or b[2] <= a[0] + 1e-9 or a[3] <= b[1] + 1e-9 or b[3] <= a[1] + 1e-9
             for a, b in itertools.combinations(rooms, 2))  # fmt: skip
    assert all(apart)


@pytest.mark.parametrize("k", range(3), ids=["the book", "PyTorch", "Keras"])
def test_the_frames_hold_the_same_weights_in_all_three(k):
    """The numbers under each frame, read out of the array that it lies on, are those into z's first unit."""
    arrays, whose = layer_arrays.same_layer(), ("the book", "PyTorch", "Keras")[k]
    book, framed = arrays[0], []
    _, ax, colours = canvas(6, 7, (0, 31), (-38, 0))
    placed = layer_arrays.draw_arrays(ax, whose, arrays[k], book, (0, 0), colours)
    for frame in (patch.get_bbox() for patch in ax.patches if patch.get_linewidth() == 3):
        for name, array in arrays[k].items():
            x0 = min(block.place[0] for block in placed if block.array == name)
            y1 = max(block.place[1] + block.place[3] for block in placed if block.array == name)
            row, column = round(y1 - frame.y1), round(frame.x0 - x0)
            if array.ndim == 2 and 0 <= row < len(array) and 0 <= column < array.shape[1]:
                framed.append(array[row : row + round(frame.height), column : column + round(frame.width)].ravel())
    z = np.split(book["W_xh"], 3, axis=1)[1][:, 0], np.split(book["W_hh"], 3, axis=1)[1][:, 0]
    assert len(framed) == 2
    assert all(np.array_equal(one, other) for one, other in zip(framed, z, strict=True))


def test_an_array_that_is_not_of_the_book_is_refused():
    book, *_ = layer_arrays.same_layer()
    with pytest.raises(ValueError, match=re.escape("an array of (3, 12) is not made of the book's blocks")):
        layer_arrays.blocks_of(book["W_xh"] + 1, book)
