"""Shapes are those of the arrays, and follow the letters; the explorer draws them to scale."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook import GRU, LSTM, RNN, bptt, init_params, unroll
from rnnbook.lab.reading import array_shapes
from rnnbook.view.explorers import Shapes
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
    assert ("c_T" in table) == (cell.states == 2)
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


def extent(collection):
    """Width and height of all rectangles of a collection together."""
    corners = np.concatenate([path.vertices for path in collection.get_paths()])
    return corners.max(axis=0) - corners.min(axis=0)


@given(
    st.sampled_from(["RNN", "LSTM", "GRU"]),
    st.integers(1, 12),
    st.integers(1, 8),
    st.integers(1, 16),
    st.integers(1, 16),
)
def test_boxes_are_to_scale_and_stay_in_the_picture(cell, T, N, D, H):
    explorer = made()
    explorer.move(explorer.compute(cell, T, N, D, H))
    boxes, G = explorer._boxes, explorer.compute(cell, T, N, D, H).gates
    unit = extent(boxes["b_h"])[0] / (G * H)
    for name, shape in {"W_xh": (G * H, D), "W_hh": (G * H, H), "b_h": (G * H, 1), "a": (G * H, N)}.items():
        np.testing.assert_allclose(extent(boxes[name]), unit * np.array(shape), rtol=1e-9)
        assert len(boxes[name].get_paths()) == G
    for name, shape in {"x": (D, N), "h": (H, N)}.items():
        assert len(boxes[name].get_paths()) == min(T, 4)
        front = boxes[name].get_paths()[-1].vertices
        np.testing.assert_allclose(np.ptp(front, axis=0), unit * np.array(shape), rtol=1e-9)
    ax = explorer.fig.axes[1]
    corners = np.concatenate([path.vertices for box in boxes.values() for path in box.get_paths()])
    assert (corners >= 0).all()
    assert (corners <= (ax.get_xlim()[1], ax.get_ylim()[0])).all()


MADE = []


def made():
    """One explorer for all examples."""
    if not MADE:
        MADE.append(Shapes())
    return MADE[0]


@pytest.mark.parametrize("values", [{}, {"T": 1, "N": 1, "D": 1, "H": 1}, {"cell": "LSTM", "T": 12, "D": 16, "H": 16}])
def test_table_and_picture_do_not_touch(values):
    explorer = Shapes(**values)
    explorer.fig.draw_without_rendering()
    table = explorer._columns["numbers"].get_window_extent()
    titles = [title.get_window_extent() for title in explorer._titles.values()]
    assert max(text.x1 for text in [table]) < min(title.x0 for title in titles)
    columns = [text.get_window_extent() for text in explorer._columns.values()]
    assert all(left.x1 < right.x0 for left, right in pairwise(columns))


def test_the_table_shows_every_array_of_the_cell():
    explorer = Shapes()
    for cell in ("RNN", "LSTM", "GRU"):
        explorer.set(cell=cell)
        rows = explorer._columns["array"].get_text().split("\n")
        assert rows == [array.name for array in explorer.arrays.table]
    assert "320 numbers are learned in 3 blocks" in explorer.live.reading
