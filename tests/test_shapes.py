"""Shapes are those of the arrays, and follow the letters; the explorer draws them to one scale."""

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, bptt, init_params, unroll
from rnnbook.lab.reading import array_shapes
from rnnbook.view.explorers import Shapes, shapes
from tests.problems import cells

sizes = st.tuples(*(st.integers(1, 6) for _ in range(4)))


def product(letters, values):
    """What a product of letters as "4H" stands for."""
    factor = letters.rstrip("TNDHGSV")
    return int(factor or 1) * int(np.prod([values[letter] for letter in letters[len(factor) :]]))


@cells
@given(sizes=sizes, V=st.one_of(st.none(), st.integers(1, 5)))
def test_every_shape_is_what_its_letters_say(cell, sizes, V):
    T, N, D, H = sizes
    values = {"T": T, "N": N, "D": D, "H": H, "V": V, "G": cell.gates}
    for array in array_shapes(cell, *sizes, V):
        assert array.shape == tuple(product(axis, values) for axis in array.letters.split()), array.name
        assert array.numbers == np.prod(array.shape)
        assert array.axes.replace(" ", "").replace(",)", ")") == f"({','.join(array.letters.split())})"
        assert array.axes.count(",") == str(array.shape).count(",")


@cells
def test_shapes_are_those_of_the_arrays(cell):
    rng = np.random.default_rng(0)
    params, x = init_params(cell, 3, 4, rng), rng.normal(size=(5, 2, 3))
    h, state, tape = unroll(cell, params, x)
    back = bptt(cell, params, tape, h)
    table = {array.name: array.shape for array in array_shapes(cell, T=5, N=2, D=3, H=4)}
    for name, array in {"x": x, "h": h, "gates": tape.gates, "dL/dx": back.x, "dL/dh": back.h, **params}.items():
        assert table[name] == array.shape
    assert table["dL/dW_hh"] == back.params["W_hh"].shape == table["W_hh"]
    assert [table[f"{s}_T"] for s in "hc"[: len(state)]] == [array.shape for array in state]
    assert ("c_T" in table) == ("c" in table) == (cell.states == 2)
    assert table.get("c", table["h"]) == tape.states[-1, 1:].shape
    assert "y" not in table


def learned(cell, T, N):
    return [array for array in array_shapes(cell, T, N, D=3, H=4) if array.kind == "learned"]


@cells
def test_what_is_learned_does_not_depend_on_steps_or_sequences(cell):
    assert learned(cell, 1, 1) == learned(cell, 9, 5)


@pytest.mark.parametrize(("cell", "numbers"), [(RNN(), 32), (LSTM(), 128), (GRU("before"), 96), (GRU(), 100)], ids=str)
def test_how_many_numbers_are_learned(cell, numbers):
    assert sum(array.numbers for array in learned(cell, 2, 2)) == numbers


@pytest.mark.parametrize(("wrong", "said"), [({"T": 0}, "T is"), ({"N": 0}, "N is"), ({"D": 0}, "input_size is")])
def test_a_size_below_one_is_refused(wrong, said):
    with pytest.raises(ValueError, match=f"{said} a whole number of at least 1; got 0"):
        array_shapes(RNN(), **{"T": 2, "N": 2, "D": 2, "H": 2} | wrong)
    with pytest.raises(ValueError, match="V is a whole number of at least 1; got 0"):
        array_shapes(RNN(), 2, 2, 2, 2, V=0)


def outlines(collection, k):
    """Width, height and least corner of each closed outline of one of a collection's paths."""
    return [(*np.ptp(part, axis=0), *part.min(axis=0)) for part in collection.get_paths()[k].to_polygons()]


SLIDERS = {"T": st.integers(1, 12), "N": st.integers(1, 4), "D": st.integers(1, 8), "H": st.integers(1, 10)}
WIDTHS = [None, 3.0, 3.5, 4.0, 8.0]


@pytest.mark.parametrize("width", WIDTHS)
@given(cell=st.sampled_from(["RNN", "LSTM", "GRU"]), sizes=st.fixed_dictionaries(SLIDERS))
def test_boxes_are_to_one_scale_and_stay_in_the_picture(width, cell, sizes):
    explorer = made(width)
    arrays = explorer.compute(cell, **sizes)
    explorer.move(arrays)
    T, N, H = (sizes[name] for name in "TNH")
    G, unit = arrays.gates, explorer._plan.unit
    shown = [name for name in shapes.KEPT if arrays.array(name)]
    for k, name in enumerate(shown):
        blocks = G if name == "gates" else 1
        found = outlines(explorer._stacks, k)
        assert len(found) == blocks + T - 1  # the front sheet's blocks, and what is seen of the others
        for front in found[:blocks]:
            np.testing.assert_allclose(front[:2], unit * np.array([arrays.shape(name)[-1], N]), rtol=1e-9)
        lefts = [left for *_, left, _ in found[blocks - 1 :]]
        if T > 2:
            np.testing.assert_allclose(np.diff(lefts[1:]), explorer._plan.ahead[0], rtol=1e-9)
    shown = [name for name in shapes.LEARNED if arrays.array(name)]
    for k, name in enumerate(shown):
        *rows, columns = arrays.shape(name)
        found = outlines(explorer._weights, k)
        assert len(found) == columns // H
        for block in found:
            np.testing.assert_allclose(block[:2], unit * np.array([H, *(rows or [1])]), rtol=1e-9)
    corners = np.concatenate([path.vertices for box in boxes(explorer) for path in box.get_paths()])
    assert (corners >= 0).all()
    assert (corners <= explorer.fig.get_size_inches()).all()


MADE = {}


def made(width):
    """One explorer for all examples of a width."""
    if width not in MADE:
        MADE[width] = Shapes()
        MADE[width]._lay_out(width)
    return MADE[width]


def boxes(explorer):
    """The stacks and the weights."""
    return explorer._stacks, explorer._weights


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_words_lie_on_nothing(width, cell):
    explorer = made(width)
    for sizes in ({"T": 5, "N": 2, "D": 4, "H": 8}, {"T": 12, "N": 4, "D": 8, "H": 10}):
        arrays = explorer.compute(cell, **sizes)
        explorer.move(arrays)
        explorer.fig.draw_without_rendering()
        texts = [text for text in explorer.fig.axes[0].texts if text.get_visible()]
        words = [text.get_window_extent() for text in texts]
        assert not [pair for pair in combinations(words, 2) if pair[0].overlaps(pair[1])]
        whole = explorer.fig.bbox
        assert all(whole.x0 <= word.x0 and word.x1 <= whole.x1 and whole.y0 <= word.y0 for word in words)
        place = explorer.fig.axes[0].transData
        drawn = [path.get_extents(place) for box in boxes(explorer) for path in box.get_paths()]
        assert not [word for word in words for area in drawn if word.overlaps(area)]


def test_the_numbers_in_the_picture_are_those_of_the_arrays():
    explorer = Shapes()
    for cell in ("RNN", "LSTM", "GRU"):
        explorer.set(cell=cell)
        shown = {name: label.get_text() for name, label in explorer._labels.items() if label.get_visible()}
        assert ("c" in shown) == (cell == "LSTM")
        arrays = [explorer.arrays.array(name) for name in shown]
        for array, said in zip(arrays, shown.values(), strict=True):
            assert f" {array.axes}: " in said
            assert said.endswith(f" {array.numbers:,}")
        kept = sum(array.numbers for array in arrays if array.name in shapes.KEPT)
        learned = sum(array.numbers for array in arrays if array.name not in shapes.KEPT)
        assert explorer._heads["kept"].get_text() == f"Grows with T: 8 steps × {kept // 8} = {kept} numbers"
        assert explorer._heads["learned"].get_text() == f"Same at any T: {learned} numbers"
    assert "The weights do not grow with T or N: 320 numbers, at H = " in explorer.live.reading


def test_time_moves_the_stacks_alone():
    explorer = Shapes()
    before = dict(zip(explorer.live.artists, explorer.live.moving, strict=True))
    still = explorer.live.still
    explorer.set(T=12)
    now = dict(zip(explorer.live.artists, explorer.live.moving, strict=True))
    assert explorer.live.still == still
    moved = {artist for artist in now if now[artist] != before[artist]}
    labels = {explorer._labels[name] for name in ("x", "h", "gates")}
    assert moved == {explorer._stacks, explorer._heads["kept"], *labels}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_end_of_the_stack_is_dragged_to_the_step(width):
    explorer = Shapes()
    explorer._lay_out(width)
    (end,) = explorer.touch()["handles"]
    places = {}
    for T in (1, 5, 12):
        explorer.set(T=T)
        places[T] = end.at()
        corners = explorer._stacks.get_paths()[0].vertices
        np.testing.assert_allclose(end.at(), (corners[:, 0].max(), corners[:, 1].min()))
    for T, place in places.items():
        end.drag(place[0] + 0.02, place[1])
        assert explorer.values()["T"] == T
        assert end.said() == f"{T} steps"


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_what_is_said_of_the_weights_is_the_same_for_every_t_and_n_and_names_the_h_it_is_true_of(cell):
    explorer, said = Shapes(cell=cell), set()
    for T, N, H in ((1, 1, 8), (12, 1, 8), (8, 4, 8), (8, 2, 10)):
        explorer.set(T=T, N=N, H=H)
        said |= set(
            re.findall(r"The weights do not grow with T or N: [\d,]+ numbers, at H = \d+\.", explorer.live.reading)
        )
    assert len(said) == 2
