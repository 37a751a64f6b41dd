"""Models of composed layers: padding changes no number, dropout acts in training alone, both ways are never cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook.lab.gradients import gradcheck
from rnnbook.lab.reading import recite
from rnnbook.lab.tasks import Text
from rnnbook.lab.training import Training, accuracy, blocks
from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    SGD,
    Batch,
    Both,
    Dropout,
    Embedding,
    Mean,
    Model,
    Recurrent,
    Residual,
    Stack,
    binary_cross_entropy,
    softmax_cross_entropy,
    squared_error,
)
from tests.problems import seeds, slopes

V, K, T, N = 5, 3, 6, 3
LAYERS = {
    "cell": LSTM(),
    "recurrent": Recurrent(GRU(), 4),
    "both": Both(Recurrent(RNN(), 4)),
    "stack": Stack((Recurrent(LSTM(), 4), Residual(Recurrent(GRU("before"), 4)), Recurrent(RNN(), 2))),
    "embedding": Stack((Embedding(V, 3), Both(Recurrent(GRU(), 2)), Dropout(0.5), Recurrent(LSTM(), 3))),
    "mean": Stack((Embedding(V, 3), Recurrent(GRU(), 4), Dropout(0.5), Mean())),
    "mean of both": Both(Stack((Recurrent(GRU(), 3), Mean()))),
}
LENGTHS = np.array([6, 2, 4])
layers = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
all_steps = pytest.mark.parametrize("steps", ["last", "every"])


def setting(layer, steps, seed=0, loss="softmax"):
    """A model that reads tokens, its parameters, and a batch without padding marks."""
    rng = np.random.default_rng(seed)
    model = Model(layer, loss, steps)
    params = model.init_params(V, 4 if layer is LAYERS["cell"] else None, K, rng)
    params = {key: array + 0.1 * rng.normal(size=array.shape) for key, array in params.items()}
    x, y = rng.integers(V, size=(T, N)), rng.integers(K, size=(T, N) if steps == "every" else N)
    return model, params, Batch(x, y)


@layers
@all_steps
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "padded"])
@pytest.mark.parametrize("dropped", [False, True], ids=["nothing dropped", "dropped"])
def test_gradients_equal_central_differences(layer, steps, lengths, dropped):
    model, params, batch = setting(layer, steps)
    batch = batch._replace(lengths=lengths)

    def found():
        return model.gradients(params, batch, rng=np.random.default_rng(1) if dropped else None)

    grads = found().params
    ours, theirs = slopes(lambda: found().loss, list(params.values()), [grads[key] for key in params])
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)


@layers
@all_steps
@given(more=st.integers(1, 4), seed=seeds)
@settings(max_examples=10)
def test_any_amount_of_padding_gives_the_same_loss_gradients_states_and_accuracy(layer, steps, more, seed):
    model, params, batch = setting(layer, steps, seed)
    batch = batch._replace(lengths=LENGTHS)
    filler = np.full((more, N), -1)  # no token at all
    y = np.concatenate([batch.y, filler]) if steps == "every" else batch.y
    longer = Batch(np.concatenate([batch.x, filler]), y, lengths=LENGTHS)
    one, two = model.gradients(params, batch), model.gradients(params, longer)
    assert two.loss == pytest.approx(one.loss, rel=1e-13)
    for key, grad in one.params.items():
        np.testing.assert_allclose(two.params[key], grad, rtol=1e-11, atol=1e-13, err_msg=key)
    assert accuracy(model, params, longer) == accuracy(model, params, batch)


@layers
@all_steps
def test_a_padded_batch_is_the_mean_over_its_sequences_alone(layer, steps):
    model, params, batch = setting(layer, steps)
    whole = model.gradients(params, batch._replace(lengths=LENGTHS))
    alone = [
        model.gradients(params, Batch(batch.x[:n, [k]], batch.y[:n, [k]] if steps == "every" else batch.y[[k]]))
        for k, n in enumerate(LENGTHS)
    ]
    weights = LENGTHS / LENGTHS.sum() if steps == "every" else np.full(N, 1 / N)
    assert whole.loss == pytest.approx(sum(w * one.loss for w, one in zip(weights, alone, strict=True)), rel=1e-12)
    for key, grad in whole.params.items():
        expected = sum(w * one.params[key] for w, one in zip(weights, alone, strict=True))
        np.testing.assert_allclose(grad, expected, rtol=1e-10, atol=1e-13, err_msg=key)


@layers
@all_steps
def test_lengths_are_a_mask_of_real_steps(layer, steps):
    model, params, batch = setting(layer, steps)
    real = np.arange(T)[:, None] < LENGTHS
    one, two = (model.gradients(params, batch._replace(**given)) for given in ({"real": real}, {"lengths": LENGTHS}))
    assert one.loss == two.loss
    assert all(np.array_equal(one.params[key], two.params[key]) for key in params)
    y, _ = model.predict(params, batch.x, mask=real)
    np.testing.assert_array_equal(y, one.y)


def test_a_target_at_a_padded_step_counts_as_little_as_one_that_the_mask_leaves_out():
    model, params, batch = setting(LAYERS["stack"], "every")
    mask = np.random.default_rng(3).random((T, N)) < 0.7
    real = np.arange(T)[:, None] < LENGTHS
    both = model.gradients(params, batch._replace(mask=mask, lengths=LENGTHS))
    assert both.loss == model.gradients(params, batch._replace(mask=mask & real, lengths=LENGTHS)).loss
    changed = np.where(mask & real, batch.y, 99)  # no class, and not looked at
    assert both.loss == model.gradients(params, batch._replace(y=changed, mask=mask, lengths=LENGTHS)).loss


@pytest.mark.parametrize("loss", [softmax_cross_entropy, binary_cross_entropy, squared_error])
def test_an_output_that_does_not_count_may_be_anything(loss):
    rng = np.random.default_rng(0)
    y, mask = rng.normal(size=(4, 3)), np.array([True, False, True, True])
    targets = rng.integers(3, size=4) if loss is softmax_cross_entropy else rng.random((4, 3))
    mask = mask if loss is softmax_cross_entropy else np.repeat(mask[:, None], 3, axis=1)
    value, dy = loss(y, targets, mask)
    y[1] = [np.nan, np.inf, -np.inf]
    again, d_again = loss(y, targets, mask)
    assert again == value
    assert np.array_equal(d_again, dy)


def training(layer, **options):
    model, params, batch = setting(layer, "every")
    return Training(model, params, iter(lambda: batch, None), SGD(0.1), **options), batch


@pytest.mark.parametrize(
    "layer",
    [
        Stack((Dropout(0.5), Recurrent(LSTM(), 4))),
        Recurrent(LSTM(), 4, drop=0.5),
        Recurrent(GRU(), 4, 0.5, by_gate=True),
    ],
    ids=["between layers", "of h", "of h, by gate"],
)
def test_dropout_acts_in_training_that_has_an_rng_and_never_in_prediction(layer):
    def losses(**options):
        run, _ = training(layer, **options)
        return [progress.loss for progress in run.run(3)]

    dropped = losses(rng=np.random.default_rng(0))
    assert dropped == losses(rng=np.random.default_rng(0))
    assert dropped[0] != losses(rng=np.random.default_rng(1))[0]
    assert dropped[0] != losses()[0]
    run, batch = training(layer, rng=np.random.default_rng(0))
    assert np.array_equal(*(run.model.predict(run.params, batch.x)[0] for _ in range(2)))
    whole = run.model.gradients(run.params, batch)
    assert whole.loss == losses()[0]
    assert np.array_equal(whole.y, run.model.predict(run.params, batch.x)[0])


BOTH_WAYS = [LAYERS["both"], LAYERS["embedding"], Stack((Residual(Both(Recurrent(RNN(), 2))), Recurrent(RNN(), 2)))]


@pytest.mark.parametrize("layer", BOTH_WAYS, ids=["both", "within a stack", "within a way around"])
def test_what_reads_from_both_ends_is_neither_truncated_nor_carried_on(layer):
    model, params = Model(layer, "squared", "every"), None
    params = model.init_params(V if layer is LAYERS["embedding"] else 4, None, 1, np.random.default_rng(0))
    x = np.zeros((T, N), int) if layer is LAYERS["embedding"] else np.zeros((T, N, 4))
    batch = Batch(x, np.zeros((T, N, 1)))
    with pytest.raises(ValueError, match="reads from both ends: its way back cannot be truncated; got truncate=3"):
        model.gradients(params, batch, truncate=3)
    run = Training(model, params, blocks(batch, 3), SGD(0.1))
    next(run.run(1))  # the first block starts anew
    with pytest.raises(ValueError, match=r"reads from both ends: its state cannot be carried from batch to batch"):
        next(run.run(1))
    assert len(run.history) == 1


def test_blocks_of_a_padded_batch_carry_their_padding():
    model, params, batch = setting(Recurrent(LSTM(), 4), "every")
    padded = batch._replace(lengths=LENGTHS)
    whole = model.gradients(params, padded, truncate=3)
    state, total, count = None, dict.fromkeys(params, 0.0), 0
    for block in blocks(padded, 3):
        found, real = model.gradients(params, block, state), block.real.sum()
        state, count = found.state, count + real
        total = {key: total[key] + real * found.params[key] for key in params}
    for key, grad in whole.params.items():
        np.testing.assert_allclose(total[key] / count, grad, rtol=1e-10, atol=1e-13, err_msg=key)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"lengths": [6, 2]}, ValueError, r"lengths has shape \(N = 3\); got \(2,\)"),
        ({"lengths": [6.0, 2.0, 4.0]}, TypeError, "lengths are whole numbers; got dtype float64"),
        ({"lengths": [6, 0, 4]}, ValueError, "lengths are from 1 to T = 6; got 0 to 6"),
        ({"lengths": [7, 2, 4]}, ValueError, "lengths are from 1 to T = 6; got 2 to 7"),
        ({"lengths": LENGTHS, "real": np.ones((T, N), bool)}, ValueError, "a batch has real or lengths; got both"),
        ({"real": np.ones((N, T), bool)}, ValueError, r"mask has shape \(T = 6, N = 3\); got \(3, 6\)"),
        ({"real": np.ones((T, N))}, TypeError, "mask holds True where a step is real; got dtype float64"),
        (
            {"lengths": LENGTHS, "y": np.zeros((5, N), int)},
            ValueError,
            r"y has shape \(T = 6, N = 3\); got \(5, 3\)",
        ),
    ],
)
def test_padding_that_does_not_fit_is_refused(change, error, message):
    model, params, batch = setting(LAYERS["stack"], "every")
    with pytest.raises(error, match=message):
        model.gradients(params, batch._replace(**change))


def test_sizes_and_parameters_of_another_layer_are_refused():
    model, params, batch = setting(LAYERS["stack"], "every")
    with pytest.raises(ValueError, match=r"hidden_size of Stack\(.*\) is 2, or None; got 4"):
        model.init_params(V, 4, K, np.random.default_rng(0))
    with pytest.raises(KeyError, match=r"l2\.W_hh missing"):
        model.gradients({key: array for key, array in params.items() if key != "l2.W_hh"}, batch)
    with pytest.raises(ValueError, match=r"l3\.W_hh left over"):
        model.gradients(params | {"l3.W_hh": params["l2.W_hh"]}, batch)
    with pytest.raises(ValueError, match=r"W_hh has shape \(H = 2, G\*H = 2\); got \(3, 3\)"):
        model.gradients(params | {"l2.W_hh": np.zeros((3, 3))}, batch)
    only_dropout = Model(Dropout(0.5), "squared", "last")
    with pytest.raises(ValueError, match="has no last state that could be read: read every step"):
        only_dropout.predict(only_dropout.init_params(2, None, 1, np.random.default_rng(0)), np.zeros((T, N, 2)))


def test_an_embedding_of_the_model_and_one_of_the_stack_are_the_same_network():
    inside = Model(Stack((Embedding(V, 3), Recurrent(GRU(), 4))), "softmax", "last")
    params = inside.init_params(V, None, K, np.random.default_rng(0))
    outside = Model(GRU(), "softmax", "last")
    bare = {key: key.removeprefix("l0.").removeprefix("l1.") for key in params}
    same = {bare[key]: array for key, array in params.items()}
    batch = Batch(np.random.default_rng(1).integers(V, size=(T, N)), np.array([0, 1, 2]), lengths=LENGTHS)
    one, two = inside.gradients(params, batch), outside.gradients(same, batch)
    assert one.loss == two.loss
    assert all(np.array_equal(one.params[key], two.params[bare[key]]) for key in params)


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (np.ones(T, bool), ValueError, r"mask has shape \(T = 6, N = 3\); got \(6,\)"),
        (np.array(True), ValueError, r"mask has shape \(T = 6, N = 3\); got \(\)"),
        (np.ones((T, N)), TypeError, "mask holds True where an entry counts; got dtype float64"),
    ],
)
def test_a_mask_of_targets_is_checked_as_well_where_there_is_padding(mask, error, message):
    model, params, batch = setting(LAYERS["recurrent"], "every")
    with pytest.raises(error, match=message):
        model.gradients(params, batch._replace(mask=mask, lengths=LENGTHS))


def test_a_target_of_a_sequence_that_is_all_padding_is_refused():
    model, params, batch = setting(LAYERS["recurrent"], "last")
    real = np.arange(T)[:, None] < np.array([6, 0, 4])
    with pytest.raises(ValueError, match="a target for the last state needs a real step; sequence 1 has none"):
        model.gradients(params, batch._replace(real=real))


def test_blocks_end_with_the_last_real_step():
    rng = np.random.default_rng(0)
    batch = Batch(rng.normal(size=(9, 2, 1)), rng.normal(size=(9, 2, 1)), lengths=[4, 3])
    assert [len(block.x) for block in blocks(batch, 3)] == [3, 1]
    model = Model(RNN(), "squared", "every")
    run = Training(model, model.init_params(1, 4, 1, rng), blocks(batch, 3), SGD(0.1))
    assert len(list(run.run(9))) == 2


def test_an_embedding_alone_is_a_model_of_pairs():
    model = Model(Embedding(V, 4), "softmax", "every")
    params = model.init_params(V, None, K, np.random.default_rng(0))
    batch = Batch(np.random.default_rng(1).integers(V, size=(T, N)), np.zeros((T, N), int), lengths=LENGTHS)

    def f(params):
        found = model.gradients(params, batch)
        return found.loss, found.params

    assert gradcheck(f, params).error < 1e-6


def test_what_reads_from_both_ends_cannot_recite():
    task = Text("hello")
    model = task.model(Both(Recurrent(RNN(), 4)))
    params = model.init_params(task.input_size, None, task.output_size, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"carries the state from character to character; Both.* reads from both ends"):
        recite(model, params, task)


def test_tokens_without_a_layer_that_says_how_many_there_are_are_refused():
    for layer in (Dropout(0.5), Stack((Both(Dropout(0.5)), Recurrent(RNN(), 2)))):
        model = Model(layer, "squared", "every")
        params = model.init_params(V, None, 1, np.random.default_rng(0))
        with pytest.raises(ValueError, match="does not say how many tokens there are: put an Embedding below it"):
            model.predict(params, np.zeros((T, N), int))
