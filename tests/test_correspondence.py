"""Which array becomes which: found from the entries, and so in agreement with the converters."""

import numpy as np
import pytest

from rnnbook.lab.frameworks import correspondence
from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    Both,
    Dropout,
    Embedding,
    Recurrent,
    Residual,
    Stack,
    from_keras,
    from_torch,
    to_keras,
    to_torch,
)

LAYERS = {  # and D
    "RNN": (Recurrent(RNN(), 3), 2),
    "LSTM": (Recurrent(LSTM(), 3), 2),
    "GRU": (Recurrent(GRU(), 3), 2),
    "square GRU": (Recurrent(GRU(), 3), 3),
    "one unit": (Recurrent(GRU(), 1), 1),
    "both": (Both(Recurrent(GRU(), 3)), 2),
    "stack": (Stack([Recurrent(LSTM(), 3), Dropout(0.5), Recurrent(LSTM(), 3)]), 2),
}
KERAS_ONLY = {
    "reset before": (Recurrent(GRU(reset="before"), 3), 2),
    "sigmoid": (Recurrent(RNN("sigmoid"), 3), 2),
    "embedding": (Embedding(7, 3), 7),
    "words": (Stack([Embedding(7, 3), Both(Recurrent(LSTM(), 3)), Recurrent(GRU(), 5)]), 7),
}
CASES = [(name, *case, "torch") for name, case in LAYERS.items()]
CASES += [(name, *case, "keras") for name, case in (LAYERS | KERAS_ONLY).items()]
cases = pytest.mark.parametrize(("layer", "D", "framework"), [case[1:] for case in CASES], ids=lambda case: str(case))


def there(layer, params, framework):
    if framework == "torch":
        return to_torch(layer, params)
    arrays = to_keras(layer, params)
    return dict(enumerate(arrays))


@cases
def test_every_array_of_both_stands_in_a_row_with_its_shape(layer, D, framework):
    params, found = layer.init(D, np.random.default_rng(1)), correspondence(layer, D, framework)
    assert {row.ours: row.shape for row in found if row.ours} == {key: own.shape for key, own in params.items()}
    arrays, their_shapes = there(layer, params, framework), {row.theirs: row.their_shape for row in found}
    assert list(their_shapes.values()) == [array.shape for array in arrays.values()]
    if framework == "torch":
        assert list(their_shapes) == list(arrays)


@cases
def test_what_a_row_says_of_an_array_is_so(layer, D, framework):
    """Carried over alone, the array arrives where its row says, and in the way that it says."""
    names = list(dict.fromkeys(row.theirs for row in correspondence(layer, D, framework)))
    for row in correspondence(layer, D, framework):
        if not row.ours:
            continue
        rng = np.random.default_rng(2)
        params = {key: np.zeros_like(own) for key, own in layer.init(D, rng).items()}
        own = params[row.ours] = rng.normal(size=row.shape)
        arrays = dict(zip(names, there(layer, params, framework).values(), strict=True))
        assert [name for name, array in arrays.items() if array.any()] == [row.theirs]
        array = arrays[row.theirs]
        if "into row" in row.how:
            k = int(row.how.split("into row ")[1][0])
            assert not array[1 - k].any()
            array = array[k]
        array = array.T if "transposed" in row.how else array
        if "block n" in row.how:
            assert not array[: -len(own)].any()
            array = array[-len(own) :]
        if "become" in row.how:
            before, after = (names.split() for names in row.how.partition("blocks ")[2].split(" become "))
            blocks = dict(zip(before, np.split(own, len(before), axis=-1), strict=True))
            own = np.concatenate([blocks[name] for name in after], axis=-1)
        np.testing.assert_array_equal(array, own)


@cases
def test_what_nothing_fills_is_zero_and_is_added_on_the_way_back(layer, D, framework):
    params, found = layer.init(D, np.random.default_rng(3)), correspondence(layer, D, framework)
    arrays = there(layer, {key: 1.0 + np.abs(own) for key, own in params.items()}, framework)
    empty = {name: array == 0 for name, array in arrays.items() if (array == 0).any()}
    assert len(empty) == sum(not row.ours for row in found)
    for row, (name, zeros) in zip([row for row in found if not row.ours], empty.items(), strict=True):
        back = from_torch if framework == "torch" else lambda layer, arrays: from_keras(layer, list(arrays.values()))
        before, after = back(layer, arrays), back(layer, {**arrays, name: arrays[name] + 0.5 * zeros})
        key = row.how.rpartition("added to ")[2]
        assert [other for other in before if not np.array_equal(before[other], after[other])] == [key]
        assert np.isclose((after[key] - before[key]).sum(), 0.5 * zeros.sum())


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_what_a_framework_does_not_have_is_refused(framework):
    with pytest.raises(ValueError, match="no twin"):
        correspondence(Residual(Recurrent(RNN(), 3)), 3, framework)
    with pytest.raises(ValueError, match="framework"):
        correspondence(Recurrent(RNN(), 3), 3, "jax")
    with pytest.raises(TypeError, match="layer is a Layer"):
        correspondence(RNN(), 3, framework)


def test_only_keras_has_embeddings_in_a_stack_and_resets_before():
    for layer, D in (KERAS_ONLY["embedding"], KERAS_ONLY["reset before"]):
        with pytest.raises(ValueError, match="no twin"):
            correspondence(layer, D, "torch")
