"""Every public door refuses what is not of its argument's kind, in the package's own words."""

import hashlib
import inspect
import pkgutil
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rnnbook
from rnnbook import lab, nn
from rnnbook.lab import frameworks, gradients, reading, studies, tasks, training
from rnnbook.nn import GRU, LSTM, RNN, Adam, Batch, Model, Recurrent
from tests.archives import pack, review_files
from tests.problems import make

ROOT = Path(rnnbook.__file__).parent
T, N, D, H, K = 5, 1, 2, 3, 2

NOT_COUNTS = [None, "abc", -1, 0, 1.5, np.nan, True, np.array([1, 2]), [3], {}]
NOT_NUMBERS = ["abc", -1, np.nan, np.inf, True, np.array([1.0, 2.0]), [0.5], {}]
NOT_RNGS = ["abc", 0, 1.5, np.random.RandomState(0), np.random, [0]]
NOT_OBJECTS = [None, "abc", 0, 1.5, object(), [], (1, 2), np.ones(2)]
NOT_ARRAYS = [None, "abc", 1, [[1], [1, 2]], np.ones(3, complex), np.array(["a"]), {}, object()]
NOT_DICTS = [None, "abc", 0, [], np.ones(2)]
WRONG_DICTS = [{"a": np.array([3, 4])}, {"a": None}, {"a": [1.0]}, {"a": np.array(["a"])}, {"a": np.ones(2, complex)}]
NOT_OPTIONS = [None, "abc", 0, ["last"], np.ones(2), {}]
NOT_STATES = ["abc", 0, np.ones(2), (np.ones(2),), (None,), ()]

GATES = {"i": 1.0, "f": 0.5, "o": 1.0}

SPLITS = {"train": [0], "validation": [1], "test": [2]}
BAD = {  # kind: values that no door for it takes
    "rng": [None, *NOT_RNGS],
    "rng or None": NOT_RNGS,
    "count": NOT_COUNTS,
    "count from 0": [bad for bad in NOT_COUNTS if bad is not None and not (type(bad) is int and bad == 0)],
    "steps back": [bad for bad in NOT_COUNTS if bad is not None],
    "number": [None, *NOT_NUMBERS],
    "share below 1": [None, 1, 1.5, *NOT_NUMBERS],
    "flag": [None, "abc", 0, 1, 1.0, [], np.ones(2, bool)],
    "number above 0": [None, 0, *NOT_NUMBERS],
    "number above 0, or None": [0, *NOT_NUMBERS],
    "index": [None, "abc", 10**6, -(10**6), 1.5, np.nan, True, np.array([0, 1]), [0], {}],
    "array": NOT_ARRAYS,
    "numbers": [bad for bad in NOT_ARRAYS if bad is None or type(bad) is not int],
    "float array": [*NOT_ARRAYS, np.ones((T, N, D), int), np.ones((T, N, D), bool)],
    "tokens": [None, "abc", -1, [-1], [99], [0.5], np.nan, np.array(["a"]), [[1], [1, 2]], {}, object()],
    "params": [*NOT_DICTS, {}, *WRONG_DICTS],
    "a dict": NOT_DICTS,  # of what is in it the first step tells
    "dict": [*NOT_DICTS, *WRONG_DICTS],
    "cell": [*NOT_OBJECTS, RNN],
    "layer": [*NOT_OBJECTS, RNN, Recurrent],
    "model": [*NOT_OBJECTS, RNN(), Model],
    "optimizer": [*NOT_OBJECTS, Adam],
    "batch": [*NOT_OBJECTS, Batch],
    "batches": [*NOT_OBJECTS, Batch],
    "tape": NOT_OBJECTS,
    "task": NOT_OBJECTS,
    "task or None": [bad for bad in NOT_OBJECTS if bad is not None],
    "function": [None, "abc", 0, [], {}],
    "option": NOT_OPTIONS,
    "state": NOT_STATES,
    "list of arrays": [None, "abc", 0, RNN(), [], [1], [np.ones(2)] * 2, [np.ones(2)] * 4, np.ones(3)],
    "workspace": ["abc", 0, [], {}],
    "mask": ["abc", 0, np.ones((T, N)), np.ones(7, bool), [[True], [True, False]]],
    "seed": [bad for bad in NOT_COUNTS if not (type(bad) is int and bad == 0)] + [np.random.default_rng(0)],
    "count or None": [bad for bad in NOT_COUNTS if bad is not None],
    "any number": [None, *[bad for bad in NOT_NUMBERS if type(bad) is not int]],
    "bias": [bad for bad in NOT_NUMBERS if type(bad) is not int],
    "function or None": ["abc", 0, [], {}],
    "training": [*NOT_OBJECTS, training.Training],
    "result": NOT_OBJECTS,
    "words": [None, "abc", 0, [], ["a"], [None], [1, 2], np.ones(2), {}],
    "text": [None, "", "a", 0, ["abc"], b"abc", np.ones(2), {}],
    "start of a unit": ["abc", 0, (), (1.0,), (None, None), ("a", "b"), (np.nan, 0.0), np.ones(3), {}],
    "number or None": NOT_NUMBERS,
    "rows": [None, "abc", 0, ["a"], [{}], [{"a": 1}], [], np.ones(2), {}],
    "runs": [None, "abc", 1, [], [np.nan], ["a"], [[1], [1, 2]], [[1.0]], {}, np.ones(2, complex)],
    "costs": [None, "abc", 1, (), (1.0,), (1.0, 0), (1.0, np.nan), (1.0, "a"), {}],
    "clips": [None, "abc", 1.0, (), (0,), (-1.0,), (np.nan,), ("a",), {}],
    "pair": [None, "abc", 1.0, (), (1.0,), (1.0, np.nan), ("a", "b"), {}],
    "gates": [
        *NOT_DICTS,
        {},
        {"a": 1.0},
        *({**GATES, "f": bad} for bad in (None, "abc", 1.5, -0.1, np.nan, np.ones(9))),
    ],
    "start": [*NOT_DICTS, {"a": 1.0}],
    "index from 1": [bad for bad in NOT_COUNTS if bad is not None] + [None, 10**6],
    "lengths": ["abc", 0, 1.5, [0], [T + 1], [1.0], [1] * (N + 1), [[1]], {}],
    "string": [None, 0, b"abc", ["a"], np.ones(2), {}],
    "texts": [None, "abc", 0, [], [None], [1, 2], np.ones(2), {}],
    "labels": [None, "abc", [0, 1], [0, 1, 2], [0, 1, 0.5], ["a"] * 3, [[1], [1, 2]], {}, object()],
    "splits": [*NOT_DICTS, {}, *({**SPLITS, "test": bad} for bad in (None, "abc", [], [0], [3], [0.5], [[2]]))],
    "sequences": [None, "abc", 0, [], [1], ["a"], [None], [[0.5]], [[-1]], [[[1]]], np.ones(2), {}],
    "dtype": [None, "abc", int, complex, "int64", np.float16, 0, np.ones(2)],
    "path": [None, 0, "", 1.5, True, b"abc", [], {}, object()],
    "path or None": [0, 1.5, True, b"abc", [], {}, object()],
    "address": [None, "abc", 0, b"https://", "file:///etc/passwd", [], {}],
    "digits": [None, "abc", 0, "0" * 63, "G" * 64, b"0" * 64, [], {}],
}
P = make(RNN(), 0, T=T, N=N, D=D, H=H)
BAD_PARTS = [("W_hh", bad) for bad in (np.ones((2, 2)), np.full((H, H), np.nan), np.ones((H, H), int))]
BAD_PARTS += [("b_h", None)]
BAD["params"] += [{**P.params, key: value} for key, value in BAD_PARTS]
BAD["W_hh"] = [*NOT_DICTS, {}]
BAD["W_hh"] += [{"W_hh": bad} for bad in (np.ones((2, 3)), np.full((3, 3), np.nan), np.eye(3, dtype=int))]
MODEL = Model(RNN(), loss="squared", steps="last")
WEIGHTS = MODEL.init_params(D, H, K, np.random.default_rng(0))
BATCH = Batch(P.x, np.ones((N, K)))
GRADS = {"a": np.array([3.0, 4.0])}
GRU_PARAMS = make(GRU(), 0, T=T, N=N, D=D, H=H).params
GATED = make(LSTM(), 0, T=T, N=1, D=D, H=H)
TAPE = P.unroll()[2]
TURN = nn.init_params(RNN(), D, H, np.random.default_rng(0))  # orthogonal
E = {"E": np.ones((4, 2))}


def square(params):
    return sum(float((array**2).sum()) for array in params.values())


def with_gradient(params):
    return square(params), {key: 2 * array for key, array in params.items()}


def rng():
    return np.random.default_rng(0)


KINDS = {  # what an argument of some name is, where the door itself does not say otherwise
    **dict.fromkeys(["input_size", "hidden_size", "output_size", "size", "D", "H", "N", "k", "budget"], "count"),
    **{"rng": "rng", "cell": "cell", "layer": "layer", "model": "model", "batch": "batch", "tape": "tape"},
    **{"params": "params", "grads": "dict", "others": "dict", "task": "task", "optimizer": "optimizer"},
    **dict.fromkeys(["x", "h", "dh_last", "gradients", "logits", "y", "dy", "dx", "W"], "float array"),
    **{"dh": "float array", "a": "array", "targets": "array", "tokens": "tokens", "batches": "batches"},
    **{"f": "function", "loss": "function", "recurrent": "option", "state": "state", "arrays": "list of arrays"},
    **dict.fromkeys(["lr", "eps", "max_norm", "limit", "t_max"], "number above 0"),
    **dict.fromkeys(["gain", "input_scale", "momentum", "rho"], "number"),
    **{"clip": "number", "workspace": "workspace", "mask": "mask", "dtype": "dtype", "truncate": "steps back"},
    **{"step": "index", "sequence": "index", "state_dict": "dict", "z": "option", "reset": "option"},
    **{"biases": "option", "steps": "option", "K": "count from 0", "decay": "number", "beta1": "number"},
    "beta2": "number",
    **{"seed": "seed", "training": "training", "window": "count or None", "lag": "count", "rate": "number above 0"},
    **{"name": "option", "rule": "option", "way": "option", "by": "option", "read": "option", "words": "words"},
    **dict.fromkeys(["noise", "number", "every", "L", "layers", "ways", "period", "draws"], "count"),
    **dict.fromkeys(["slow", "fast", "level"], "number above 0"),
    **{"net": "option", "data": "option", "drop": "number"},
    **{"reading": "result", "driven": "result", "one": "result", "other": "result", "rows": "rows", "trials": "rows"},
    **{"patience": "count or None", "V": "count or None", "error": "function or None"},
    **{"norms": "array", "costs": "costs", "clips": "clips", "gates": "gates", "first": "count from 0"},
    **{"last": "count or None", "target": "index from 1", "skip": "count from 0", "feedback": "any number"},
    **dict.fromkeys(["bias", "gate", "preactivation", "signal", "w", "b", "values"], "numbers"),
    **{"start": "pair", "radius": "number", "T": "count", "stack": "layer", "lengths": "lengths"},
    **{"path": "path", "network": "layer"},
    **{"kind": "option", "scaled": "flag", "framework": "option"},
    **{"corpus": "result", "mirrored": "result"},
    **{"losses": "runs", "looks": "count", "validation": "batches", "rounds": "result"},
    **dict.fromkeys(["split", "side", "cut", "language"], "option"),
    **{"p": "numbers", "bins": "count", "vocabulary": "result", "word": "string"},
    **{"masked": "flag", "texts": "texts", "labels": "labels", "splits": "splits", "sequences": "sequences"},
}
TEXT = tasks.Text("abcabc")
THREE = tasks.Corpus(("good", "bad", "dull"), [1, 0, 0], SPLITS)
REVIEWS = tasks.Reviews(THREE)
SPEAKER = TEXT.model(LSTM())
SPOKEN = SPEAKER.init_params(3, H, 3, np.random.default_rng(0))
READ = {"model": SPEAKER, "params": SPOKEN, "tokens": TEXT.tokens}
READER = reading.review_reader()
JUDGE = REVIEWS.model(LSTM())
JUDGED = {"model": JUDGE, "params": JUDGE.init_params(9, H, 1, np.random.default_rng(0)), "tokens": np.array([2, 3])}
DRIVEN = reading.drive(LSTM(), GATES, np.ones(4))
ECHO = studies.echo_training(lag=1, k=2, rate=0.01, seed=0, steps=2)
RECALLED = studies.recall_training(2, lag=1, seed=0)
FORECAST = studies.forecast_training(RNN(), 2, seed=0)
TRAINED = training.Recipe(tasks.Recall(3), LSTM(), H, 0.01, N=2).training(seed=0)
for _ in TRAINED.run(2):
    pass
VALIDATION = tasks.Recall(3).make_batch(np.random.default_rng(0), 2)
ROUNDS = studies.review_rounds("RNN", task=REVIEWS)
for _ in ROUNDS.run_epochs(1):
    pass
READ_RIGHTLY = studies.reading_training(3, "last state", "RNN", seed=0)
REVIEWER, ROUND = ("RNN", "one-hot, n = 100"), studies.Round(1, 0.6, 0.5, 1.0)
REVIEWED = (studies.reader, studies.review_training, studies.run_reader)
SCORED = [{"cell": "GRU", "H": 9, "weights": 99, "above": 50, "rate": 0.01, "part": "run", "epoch": 3, "ms": 1.0}]
SCORED = [row | {"test": 0.8, "validation": 0.7} for row in SCORED]
CONTESTS = studies.load_table("contests")
PLACE = studies.standings(CONTESTS, "digits, 8 rows")
TRIALS = [{"rate": 0.1, "solved_at": None, "error": 0.5}, {"rate": 0.01, "solved_at": 9, "error": 0.1}]
RUN = {"cell": RNN(), "params": P.params, "x": P.x, "state": P.state}
STACK, BOTH = nn.Stack((Recurrent(RNN(), H), Recurrent(RNN(), H))), nn.Both(Recurrent(RNN(), H))
STACKED, DIRECTED = (
    {"layer": layer, "params": layer.init(D, np.random.default_rng(0)), "x": P.x} for layer in (STACK, BOTH)
)
ROW = {"W_hy": np.ones((H, K)), "b_y": np.ones(K)}
ARCHIVE, KEPT = pack(review_files()), tempfile.TemporaryDirectory()  # in place of a download
Path(KEPT.name, "aclImdb_v1.tar.gz").write_bytes(ARCHIVE)
SAVED = Path(KEPT.name, "saved")
nn.save_network(SAVED, RNN(), P.params)
# A good call of each door; where an argument may be left out (None), or is of another kind than its name says: OTHER.
DOORS = {
    nn.init_params: {
        **{"cell": RNN(), "input_size": D, "hidden_size": H, "rng": rng, "recurrent": "uniform"},
        **{"gain": 1.0, "input_scale": 1.0, "dtype": np.float64},
    },
    nn.unroll: {**RUN, "mask": np.ones((T, N), bool), "workspace": None},
    nn.bptt: {"cell": RNN(), "params": P.params, "tape": TAPE, "dh": P.dh, "truncate": 2},
    nn.global_norm: {"grads": GRADS},
    nn.clip_by_norm: {"grads": GRADS, "max_norm": 1.0},
    nn.clip_by_value: {"grads": GRADS, "limit": 1.0},
    nn.SGD: {"lr": 0.1, "momentum": 0.9},
    nn.RMSprop: {"lr": 0.1, "decay": 0.9, "eps": 1e-8},
    nn.Adam: {"lr": 0.1, "beta1": 0.9, "beta2": 0.9, "eps": 1e-8},
    nn.SGD(0.1).step: {"params": GRADS, "grads": GRADS},
    nn.Chrono: {"t_max": 10.0},
    nn.sigmoid: {"a": P.x},
    nn.softmax: {"logits": P.x},
    nn.softmax_cross_entropy: {"logits": P.x, "targets": np.ones((T, N), int), "mask": np.ones((T, N), bool)},
    nn.binary_cross_entropy: {"logits": P.x, "targets": np.ones((T, N, D)), "mask": np.ones((T, N, D), bool)},
    nn.squared_error: {"y": P.x, "targets": P.x, "mask": np.ones((T, N, D), bool)},
    nn.one_hot: {"tokens": [0, 1], "size": 3, "dtype": np.float64},
    nn.embed: {"params": E, "tokens": [0, 1]},
    nn.embed_backward: {"params": E, "tokens": [0, 1], "dx": np.ones((2, 2))},
    nn.readout: {"params": ROW, "h": np.ones((N, H))},
    nn.readout_backward: {"params": ROW, "h": np.ones((N, H)), "dy": np.ones((N, K))},
    nn.spectral_radius: {"W": np.eye(3)},
    nn.set_spectral_radius: {"W": np.eye(3), "rho": 1.0},
    nn.save_network: {"path": Path(KEPT.name, "network"), "network": RNN(), "params": P.params},
    nn.load_network: {"path": SAVED},
    nn.to_torch: {"layer": RNN(), "params": P.params},
    nn.from_torch: {"layer": RNN(), "state_dict": nn.to_torch(RNN(), P.params)},
    nn.to_keras: {"layer": RNN(), "params": P.params},
    nn.from_keras: {"layer": RNN(), "arrays": nn.to_keras(RNN(), P.params)},
    nn.Model: {"layer": RNN(), "loss": "squared", "steps": "last"},
    MODEL.init_params: {"input_size": D, "hidden_size": H, "output_size": K, "rng": rng},
    MODEL.predict: {"params": WEIGHTS, "x": P.x, "state": P.state, "rng": rng},
    MODEL.gradients: {"params": WEIGHTS, "batch": BATCH, "state": P.state, "truncate": 2, "rng": rng},
    nn.Recurrent: {"cell": RNN(), "H": H},
    nn.Both: {"layer": Recurrent(RNN(), H)},
    nn.Residual: {"layer": Recurrent(RNN(), H)},
    nn.Embedding: {"V": 3, "D": D, "scale": 0.3},
    nn.Embedding(3, 2).init: {"D": 3, "rng": rng, "dtype": np.float64},
    gradients.numerical_gradient: {"loss": square, "params": GRADS, "eps": 1e-5},
    gradients.gradcheck: {"f": with_gradient, "params": GRADS, "eps": 1e-5},
    gradients.magnitudes: {"gradients": P.dh},
    gradients.cosine: {"grads": GRADS, "others": GRADS},
    gradients.gradient_flow: {**RUN, "dh_last": P.dh[-1]},
    gradients.gradient_norms: {**RUN, "dh_last": P.dh[-1]},
    gradients.pair_norms: {**RUN, "dh": P.dh},
    gradients.jacobian_products: RUN,
    gradients.jacobian_norms: RUN,
    gradients.step_jacobian: {"cell": RNN(), "params": P.params, "tape": TAPE, "step": 1, "sequence": 0},
    gradients.spectrum: {"cell": RNN(), "params": P.params},
    training.count_weights: {"cell": RNN(), "D": D, "H": H, "K": K, "layers": 2, "ways": 2},
    training.units_for: {"cell": RNN(), "D": D, "K": K, "budget": 100, "layers": 2, "ways": 2},
    training.window_weights: {"k": 2, "D": D, "H": H, "K": K},
    training.rnn_weights: {"D": D, "H": H, "K": K},
    training.accuracy: {
        "model": Model(RNN(), loss="softmax"),
        "params": WEIGHTS,
        "batch": Batch(P.x, np.zeros(N, int)),
    },
    training.mean_score: {"model": MODEL, "params": WEIGHTS, "batches": [BATCH]},
    training.batch_parts: {"batch": BATCH, "size": 2},
    training.early_stop: {"losses": [0.7, 0.5, 0.6], "patience": 1},
    training.Rounds: {
        **{"training": TRAINED, "validation": [VALIDATION], "steps": 2, "looks": 1},
        **{"patience": 1, "by": "loss"},
    },
    studies.review_rounds: {"cell": "RNN", "rate": 0.01, "drop": 0.5, "seed": 0, "task": REVIEWS},
    studies.review_network: {"rounds": ROUNDS},
    studies.stored_looks: {"cell": "RNN", "rate": 0.01, "drop": 0.5},
    training.blocks: {"batch": Batch(P.x, P.x), "k": 2},
    training.laps: {"task": tasks.Text("abcabc"), "N": 1, "k": 2},
    training.Training: {
        **{"model": MODEL, "params": WEIGHTS, "batches": iter([BATCH]), "optimizer": Adam()},
        **{"clip": 1.0, "truncate": 2, "rng": rng},
    },
    frameworks.correspondence: {"layer": Recurrent(GRU(), 3), "D": 2, "framework": "torch"},
    frameworks.flip_z: {"params": GRU_PARAMS},
    frameworks.merge_biases: {"params": GRU_PARAMS},
    frameworks.read_as: {"params": GRU_PARAMS, "x": P.x, "z": "old", "reset": "after", "biases": "two"},
    **{
        task.make_batch: {"rng": rng, "N": 1}
        for task in (tasks.Adding(4), tasks.Recall(4), tasks.Echo(2, 4), tasks.Sine(4), tasks.Text("abcabc"))
    },
    **{
        task.make_batch: {"rng": rng, "N": 1}
        for task in (tasks.Between(4), tasks.TwoScales(9, period=4), studies.LastOutput(tasks.Recall(4)))
    },
    tasks.Text("abcabc").batches: {"rng": rng, "N": 1, "T": 2},
    tasks.Text("abcabc").decode: {"tokens": [0, 1]},
    tasks.Adding: {"T": 4},
    tasks.Recall: {"L": 4, "tokens": 3},
    tasks.Echo: {"lag": 2, "T": 4},
    tasks.Between: {"T": 4, "rule": "both"},
    tasks.TwoScales: {"T": 9, "period": 4, "slow": 0.5, "fast": 1.2},
    tasks.Sine: {"T": 4, "omega": 0.25},
    tasks.Digits: {"read": "rows"},
    tasks.Order: {"T": 8, "noise": 4, "first": 0, "last": 7},
    tasks.Series: {"values": np.arange(5.0), "skip": 1},
    tasks.Text: {"text": "abc"},
    tasks.Words: {"words": ["hello", "jell"]},
    tasks.Windowed: {"task": tasks.Recall(4), "k": 2},
    tasks.Bagged: {"task": tasks.Order(4)},
    tasks.Windowed(tasks.Recall(4), 2).see: {"batch": Batch(np.ones((4, 1, 8)), np.zeros(1, int))},
    tasks.Bagged(tasks.Order(4)).see: {"batch": Batch(np.ones((4, 1), int), np.ones((1, 1)))},
    **{
        task.make_batch: {"rng": rng, "N": 1}
        for task in (tasks.Digits(), tasks.Order(4), tasks.Words(["hello"]), tasks.Windowed(tasks.Recall(4), 2))
    },
    tasks.Series(np.arange(5.0)).make_batch: {"rng": rng, "N": 1},
    tasks.windows: {"x": P.x, "k": 2},
    tasks.load_imdb: {
        **{"seed": 0, "follow": lambda steps, total, label: steps, "folder": KEPT.name, "url": "http://127.0.0.1:9/"},
        **{"size": len(ARCHIVE), "sha256": hashlib.sha256(ARCHIVE).hexdigest(), "timeout": 1.0},
    },
    **{door: {} for door in (tasks.airline, tasks.load_digits, tasks.zen_of_python)},
    tasks.Corpus: {"texts": ("good", "bad", "dull"), "labels": [1, 0, 0], "splits": SPLITS, "name": "three"},
    THREE.part: {"split": "test"},
    tasks.split_words: {"text": "not good, bad"},
    tasks.Vocabulary: {"words": ("good", "bad")},
    tasks.Vocabulary.of: {"texts": ["good", "bad"], "n": 1},
    tasks.Vocabulary(("good",)).encode: {"text": "good"},
    tasks.Vocabulary(("good",)).decode: {"tokens": [0, 2]},
    tasks.pad: {"sequences": [[2, 3], [2]], "T": 2, "side": "left", "cut": "left"},
    tasks.Reviews: {"corpus": THREE, "n": 3, "T": 2, "side": "left", "cut": "left", "masked": True},
    REVIEWS.encode: {"texts": ["good"]},
    REVIEWS.batch: {"split": "test", "most": 1},
    REVIEWS.make_batch: {"rng": rng, "N": 1},
    REVIEWS.batches: {"rng": rng, "N": 1},
    tasks.make_reviews: {"seed": 0, "language": "ko", "noise": 0.0, "mirrored": False},
    tasks.bag_floor: {"corpus": THREE, "k": 1},
    tasks.window_floor: {"corpus": THREE, "k": 1, "side": "left"},
    tasks.bag_bound: {"corpus": THREE, "mirrored": THREE, "k": 1, "noise": 0.1},
    gradients.slope: {"norms": np.array([0.1, 1.0])},
    gradients.theory_slope: {"cell": RNN(), "params": TURN, "tape": TAPE, "radius": 1.0},
    gradients.one_unit_error: {"w": [0.0, 1.0], "b": 0.5, "T": 5},
    gradients.descend: {"start": (5.0, -2.3), "lr": 0.1, "steps": 3, "clips": (None, 0.5), "by": "norm", "T": 5},
    gradients.pairs_kept: {"T": 4, "k": 2, "way": "window"},
    gradients.cuts: {"params": P.params, "x": P.x[:, :1], "dh": P.dh[:, :1], "way": "window"},
    gradients.triangle: {"cell": RNN(), "params": P.params, "x": P.x, "dh": P.dh, "k": 2, "way": "window"},
    gradients.gradient_paths: {**RUN, "dh_last": P.dh[-1]},
    gradients.paths_by_bias: {
        **{"cell": LSTM(), "params": GATED.params, "x": GATED.x, "dh_last": GATED.dh[-1], "biases": np.zeros((2, 4))}
    },
    gradients.depth_flow: {**STACKED, "dy": P.dh},
    gradients.came_down: {
        **{"stack": STACK, "params": STACKED["params"], "tape": STACK.forward(STACKED["params"], P.x)[2]},
        **{"dy": P.dh, "step": 1},
    },
    gradients.sight: {**DIRECTED, "lengths": [3], "way": "there"},
    gradients.padding_error: {**DIRECTED, "lengths": [3], "way": "back"},
    gradients.direct_path: {"cell": RNN(), "params": P.params, "tape": TAPE},
    gradients.gradient_within: {"cell": RNN(), "params": P.params, "tape": TAPE, "dh": P.dh, "k": 2},
    reading.drive: {"cell": LSTM(), "gates": GATES, "signal": np.ones(4), "state": (0.0, 1.0), "feedback": 0.5},
    reading.written: {"driven": DRIVEN},
    reading.read_gates: READ,
    reading.by_token: {"values": np.ones(2), "tokens": [0, 1], "number": 2},
    reading.bias_for_horizon: {"steps": 20.0},
    reading.forgetting: {"preactivation": 1.0},
    reading.horizon: {"bias": 1.0},
    reading.horizon_of: {"gate": np.array([0.5, 0.5])},
    reading.survival_law: {"kind": "step", "rate": 0.5, "T": 3, "scaled": True},
    reading.survival_run: {"kind": "sequence", "rate": 0.5, "T": 3, "rng": rng, "N": N, "H": H, "scaled": False},
    reading.read: READ,
    reading.reach: {"norms": np.ones(3)},
    reading.look_back: {"model": SPEAKER, "params": SPOKEN, "reading": reading.read(**READ), "target": 2},
    reading.rehearsal: {"cell": "GRU", "k": 20, "seed": 1},
    reading.recite: {"model": SPEAKER, "params": SPOKEN, "task": TEXT, "patience": 3},
    reading.array_shapes: {"cell": RNN(), "T": T, "N": N, "D": D, "H": H, "V": 2},
    training.Recipe: {
        **{"task": tasks.Recall(3), "cell": RNN(), "H": H, "rate": 0.1, "N": 2, "clip": 1.0},
        **{"start": {"gain": 1.0}},
    },
    training.Recipe(tasks.Recall(3), RNN(), H, 0.1).training: {"seed": 0},
    training.mean_loss: {"training": TRAINED, "steps": 2},
    training.solve: {"training": TRAINED, "budget": 3, "limit": 1e-9, "every": 1, "error": lambda training: 1.0},
    studies.carry_share: {"task": tasks.Recall(3), "training": TRAINED},
    studies.contest: {"name": "digits, 8 rows"},
    studies.contestant: {"name": "digits, 8 rows", "cell": "GRU", "rate": 0.01, "seed": 0},
    studies.contend: {"name": "digits, 8 rows", "cell": "GRU", "rate": 0.01, "seed": 0, "every": 25},
    studies.error_of: {"training": TRAINED, "task": tasks.Recall(3)},
    studies.echo_training: {"lag": 1, "k": 2, "rate": 0.01, "seed": 0, "steps": 2},
    studies.echo_accuracy: {"model": ECHO.model, "params": ECHO.params, "lag": 1},
    studies.bias_training: {
        **{"task": "recall", "T": 3, "seed": 0, "cell": "LSTM", "bias": 1.0, "start": "orthogonal", "H": H},
        "rate": 0.01,
    },
    studies.recall_training: {"window": 2, "lag": 1, "seed": 0},
    studies.recall_score: {"training": RECALLED, "window": 2, "lag": 1},
    studies.forecast_training: {"cell": RNN(), "k": 2, "seed": 0},
    studies.forecast_error: {"training": FORECAST, "k": 2},
    studies.linear_error: {"k": 2},
    studies.rule_error: {"rule": "no change"},
    studies.standings: {"rows": CONTESTS, "name": "digits, 8 rows", "by": "cell"},
    studies.rank_test: {"a": [1, 2], "b": [3, 4]},
    studies.sign_test: {"a": [1, 2], "b": [3, 4]},
    studies.verdict: {"one": PLACE["RNN"], "other": PLACE["GRU"], "costs": (1.0, 2.0), "level": 0.01},
    reading.verdicts: {**JUDGED, "mask": np.ones(2, bool)},
    reading.word_gradients: {**JUDGED, "mask": np.ones(2, bool)},
    reading.occlusion: {**JUDGED, "way": "unknown"},
    reading.neighbours: {"params": READER.params, "vocabulary": READER.vocabulary, "word": "the", "k": 3},
    reading.calibration: {"p": [0.1, 0.6, 0.7], "labels": [0, 1, 1], "bins": 5},
    reading.flip_not: {"text": "the plot was dull"},
    reading.review_reader: {"language": "ko"},
    studies.race: {"name": "digits, 8 rows"},
    studies.net_layer: {"net": "2 layers", "cell": RNN(), "H": H},
    studies.racer: {"name": "digits, 8 rows", "net": "two ways", "rate": 0.01, "seed": 0},
    studies.run_race: {"name": "digits, 8 rows", "net": "two ways", "rate": 0.01, "seed": 0, "every": 25},
    studies.LastOutput: {"task": tasks.Recall(3)},
    studies.LastOutput(tasks.Recall(3)).see: {"batch": Batch(np.ones((3, 1), int), np.ones(1, int))},
    studies.reading_training: {"L": 3, "reading": "last state", "cell": "RNN", "seed": 0, "rate": 0.1, "H": H},
    studies.reading_accuracy: {"training": READ_RIGHTLY, "L": 3, "reading": "last state"},
    studies.small_set: {"data": "digits", "seed": 0},
    studies.noisy_layers: {"noise": "step", "drop": 0.5, "cell": RNN(), "H": H},
    studies.dropout_training: {"data": "digits", "noise": "step", "drop": 0.5, "seed": 0, "rate": 0.1},
    studies.unscaled: {"noise": "step", "drop": 0.5, "params": GRADS},
    studies.memory_training: {"cell": "RNN", "noise": "step", "drop": 0.5, "seed": 0, "rate": 0.1},
    studies.sample_answers: {
        **{"model": Model(RNN(), loss="softmax"), "params": WEIGHTS, "x": P.x, "rng": rng, "draws": 2}
    },
    studies.auc: {"a": [1, 2], "b": [3, 4]},
    studies.OneHot: {"V": 3, "layer": Recurrent(RNN(), H)},
    studies.Faulty: {"cell": RNN(), "H": H, "untransposed": True, "steps": 2},
    studies.reader: {"study": "words", "name": REVIEWER},
    studies.review_training: {"study": "words", "name": REVIEWER, "rate": 0.01, "seed": 0},
    studies.run_reader: {"study": "words", "name": REVIEWER, "rate": 0.01, "seed": 0, "epochs": 1},
    studies.best_round: {"rounds": [ROUND]},
    studies.best_rate: {"trials": SCORED},
    studies.scores: {"rows": SCORED, "by": "cell", "part": "run"},
    studies.choose_rate: {"trials": TRIALS, "budget": 10},
    studies.load_table: {"name": "adding"},
    frameworks.framework: {"name": "torch"},
    frameworks.stored_versions: {},
    frameworks.where_run: {},
    frameworks.keras_run: {"reset": "after"},
    frameworks.torch_run: {"name": "lstm"},
}
OTHER = {
    (nn.Model, "loss"): "option",
    **{(door, "rng"): "rng or None" for door in (MODEL.gradients, MODEL.predict)},
    (training.Training, "rng"): "rng or None",
    (training.Training, "clip"): "number above 0, or None",
    (training.Training, "params"): "a dict",
    (gradients.spectrum, "params"): "W_hh",
    (nn.sigmoid, "a"): "numbers",
    **{(door, "params"): "dict" for door in (gradients.numerical_gradient, gradients.gradcheck)},
    **{(nn.Embedding, name): "count" for name in "VD"},
    (nn.Embedding, "scale"): "number above 0",
    (studies.OneHot, "V"): "count",
    (studies.Faulty, "untransposed"): "flag",
    (studies.Faulty, "steps"): "steps back",
    **{(door, "study"): "option" for door in REVIEWED},
    **{(door, "name"): "option" for door in REVIEWED},
    (studies.run_reader, "epochs"): "count or None",
    (studies.best_round, "rounds"): "rows",
    (studies.scores, "by"): "option",
    (studies.scores, "part"): "option",
    **{(door, "K"): "count" for door in (training.window_weights, training.rnn_weights)},
    **{(door, name): "runs" for door in (studies.rank_test, studies.sign_test, studies.auc) for name in "ab"},
    (tasks.Recall, "tokens"): "count",
    (tasks.Sine, "omega"): "number above 0",
    (tasks.Series, "values"): "array",
    (tasks.Text, "text"): "text",
    (tasks.Series(np.arange(5.0)).make_batch, "rng"): "rng or None",
    (gradients.descend, "steps"): "count",
    (reading.drive, "state"): "start of a unit",
    **{(door, "rate"): "share below 1" for door in (reading.survival_law, reading.survival_run)},
    (gradients.theory_slope, "radius"): "number or None",
    (gradients.paths_by_bias, "biases"): "float array",
    (training.Recipe, "cell"): "layer",
    (training.Recipe, "H"): "count or None",
    (training.Recipe, "clip"): "number above 0, or None",
    (training.Recipe, "start"): "start",
    (training.solve, "limit"): "any number",
    (training.mean_loss, "steps"): "count",
    (training.Rounds, "steps"): "count",
    **{(door, "drop"): "share below 1" for door in (studies.review_rounds, studies.stored_looks)},
    **{(door, "cell"): "option" for door in (studies.review_rounds, studies.stored_looks)},
    (studies.review_rounds, "task"): "task or None",
    **{(door, "cell"): "option" for door in (studies.contestant, studies.contend, studies.bias_training)},
    **{(door, "cell"): "option" for door in (studies.reading_training, studies.memory_training)},
    **{(door, "reading"): "option" for door in (studies.reading_training, studies.reading_accuracy)},
    **{
        (door, "noise"): "option"
        for door in (studies.noisy_layers, studies.dropout_training, studies.unscaled, studies.memory_training)
    },
    (studies.unscaled, "params"): "dict",
    (studies.contend, "every"): "count or None",
    (studies.echo_training, "steps"): "count",
    (reading.bias_for_horizon, "steps"): "numbers",
    (studies.bias_training, "task"): "option",
    (studies.bias_training, "bias"): "bias",
    (studies.bias_training, "start"): "option",
    **{(door, "lag"): "count from 0" for door in (studies.recall_training, studies.recall_score)},
    (studies.forecast_training, "cell"): "layer",
    **{(door, "k"): "count or None" for door in (studies.forecast_training, studies.forecast_error)},
    (tasks.Text("abcabc").batches, "T"): "steps back",
    (tasks.Corpus, "name"): "string",
    **{(door, "text"): "string" for door in (tasks.split_words, tasks.Vocabulary.encode, reading.flip_not)},
    (tasks.Vocabulary, "words"): "texts",
    **{(door, "n"): "count or None" for door in (tasks.Vocabulary.of,)},
    (tasks.Reviews, "n"): "count",
    **{(door, "T"): "count or None" for door in (tasks.pad, tasks.Reviews)},
    (REVIEWS.batch, "most"): "count or None",
    (tasks.make_reviews, "mirrored"): "flag",
    **{(door, "noise"): "number" for door in (tasks.make_reviews, tasks.bag_bound)},
    (tasks.load_imdb, "follow"): "function",
    (tasks.load_imdb, "folder"): "path or None",
    (tasks.load_imdb, "url"): "address",
    (tasks.load_imdb, "sha256"): "digits",
    (tasks.load_imdb, "timeout"): "number above 0",
}
OTHER = {(door.__qualname__, name): kind for (door, name), kind in OTHER.items()}


def good(door, **changed):
    """The good arguments, each made anew where it is drawn from or changed, some of them exchanged."""
    arguments = {name: rng() if value is rng else value for name, value in DOORS[door].items()}
    return {name: dict(value) if isinstance(value, dict) else value for name, value in arguments.items()} | changed


def called(door, arguments):
    """What the door returns; of one that yields, the first."""
    found = door(**arguments)
    return next(found) if inspect.isgenerator(found) else found


def finite(found):
    """Whether every number in what a door returned is finite, however deep it lies."""
    if isinstance(found, Mapping):
        return all(map(finite, found.values()))
    if isinstance(found, tuple | list):
        return all(map(finite, found))
    if isinstance(found, np.ndarray | np.generic | float):
        return bool(np.isfinite(found).all())
    return True


def in_own_words(error):
    """Whether the innermost line is a `raise` of the package."""
    innermost = traceback.extract_tb(error.__traceback__)[-1]
    mine = Path(innermost.filename).is_relative_to(ROOT) and innermost.line.startswith("raise")
    return mine and isinstance(error, (TypeError, ValueError, KeyError))


def kinds(door):
    """The kind of each argument of the good call."""
    name = door.__qualname__
    return {argument: OTHER.get((name, argument), KINDS.get(argument)) for argument in DOORS[door]}


MAY_BE_INFINITE = {"standings"}  # a run that was never solved


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__qualname__)
def test_a_door_takes_what_is_good_and_refuses_what_is_not_in_its_own_words(door):
    found = called(door, good(door))
    assert finite(found) or door.__qualname__ in MAY_BE_INFINITE, found
    wrong = []
    for argument, kind in kinds(door).items():
        for bad in BAD[kind]:
            try:
                found = called(door, good(door, **{argument: bad}))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told below
                if not in_own_words(error):
                    wrong.append(f"{argument}={bad!r}: {type(error).__name__}: {error}")
            else:
                wrong.append(f"{argument}={bad!r}: took it and returned {found!r:.60}")
    assert not wrong, "\n".join(wrong)


# No call here: tuples of results, what all tasks share, and cells and layers, whose own tests make them.
RESULTS = {"Backward", "Batch", "Gradients", "Tape", "Workspace", "Progress", "Check", "Descent", "Flow", "Pairs"}
RESULTS |= {"Paths", "Spectrum", "ArrayShape", "Driven", "LookBack", "Reading", "CarryShare", "Standing", "Task"}
RESULTS |= {"Calibration", "ReviewReader", "WordGradients", "Depth", "PaddingError", "Survival", "SurvivalRun", "Split"}
RESULTS |= {"Floor", "Look", "Score", "Stop", "Reader", "Round", "Match", "Cuts", "Recitation", "Rehearsal"}
ELSEWHERE = {"GRU", "LSTM", "RNN", "Dropout", "Mean", "Stack", "runs_on"}
ROOMS = [nn, *(getattr(lab, room.name) for room in pkgutil.iter_modules(lab.__path__))]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_public_name_has_a_good_call(room):
    written = {door.__qualname__ for door in DOORS} | RESULTS | ELSEWHERE
    assert [name for name in room.__all__ if name not in written] == []


def test_every_argument_of_a_good_call_is_of_a_kind():
    assert [(door.__qualname__, name) for door in DOORS for name, kind in kinds(door).items() if kind not in BAD] == []


def test_whole_numbers_are_refused_where_they_would_give_wrong_ones():
    whole = {"a": np.array([3, 4])}
    for door, *more in (
        (nn.clip_by_norm, whole, 1.0),
        (nn.clip_by_value, whole, 1.0),
        (nn.global_norm, whole),
        (gradients.numerical_gradient, square, whole),
        (gradients.gradcheck, with_gradient, whole),
        (gradients.cosine, whole, whole),
    ):
        with pytest.raises(TypeError, match="holds arrays of floating point numbers; got a of dtype int64"):
            door(*more)
    with pytest.raises(TypeError, match="gradients holds floating point numbers; got dtype int32"):
        gradients.magnitudes(np.full((1, 1, 1), 2**30, np.int32))


def test_a_gradient_of_whole_numbers_is_refused_by_gradcheck():
    with pytest.raises(TypeError, match="gradient of a holds floating point numbers; got dtype int64"):
        gradients.gradcheck(lambda p: (square(p), {"a": np.array([6, 8])}), GRADS)


def test_a_loss_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"loss\(params\) is a number; got array"):
        gradients.numerical_gradient(lambda p: p["a"], GRADS)


@given(shape=hnp.array_shapes(max_dims=3, max_side=4), other=hnp.array_shapes(max_dims=3, max_side=4))
def test_sigmoid_writes_only_where_the_shape_is_the_same(shape, other):
    a, out = np.zeros(shape), np.ones(other)
    if shape == other:
        assert nn.sigmoid(a, out=out) is out
        assert (out == 0.5).all()
    else:
        with pytest.raises(ValueError, match="out has shape"):
            nn.sigmoid(a, out=out)
        assert (out == 1).all()


@pytest.mark.parametrize("out", [np.ones(2, np.float32), np.ones(2, int), [0.0, 0.0], "abc"], ids=repr)
def test_sigmoid_writes_only_where_the_dtype_is_the_same(out):
    with pytest.raises(TypeError, match="out is an array of dtype float64; got"):
        nn.sigmoid(np.zeros(2), out=out)


def test_softmax_takes_a_class_out_and_refuses_what_has_no_probabilities():
    assert nn.softmax(np.array([-np.inf, 0.0])).tolist() == [0, 1]
    for logits in ([np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf]):
        with pytest.raises(ValueError, match="the largest logit of each row holds"):
            nn.softmax(np.array(logits))


@pytest.mark.parametrize("make_optimizer", [lambda: nn.SGD(0.1), lambda: nn.RMSprop(0.1), nn.Adam])
def test_an_optimiser_is_for_one_model(make_optimizer):
    optimizer = make_optimizer()
    optimizer.step({"a": np.ones(2)}, {"a": np.ones(2)})
    other = {"a": np.ones(3)}
    with pytest.raises(ValueError, match=r"remembers a of shape \(2,\); got \(3,\): an optimiser is for one model"):
        optimizer.step(other, {"a": np.ones(3)})
    assert other["a"].tolist() == [1, 1, 1]


@given(
    cell=st.sampled_from([RNN(), LSTM(), GRU(), GRU("before")]),
    D=st.integers(1, 9),
    K=st.integers(0, 9),
    budget=st.integers(1, 10**30),
)
def test_units_for_ends_and_finds_the_nearest(cell, D, K, budget):
    H = training.units_for(cell, D, K, budget)
    off = [abs(training.count_weights(cell, D, units, K) - budget) for units in (max(1, H - 1), H, H + 1)]
    assert off[1] == min(off)


def test_counts_of_weights_do_not_wrap():
    assert training.count_weights(LSTM(), np.int8(100), np.int8(100)) == training.count_weights(LSTM(), 100, 100)
    assert training.window_weights(*[np.int8(100)] * 4) == training.window_weights(100, 100, 100, 100)


def test_a_bias_that_has_no_place_is_not_dropped():
    for door, *more in ((nn.to_keras,), (nn.unroll, P.x)):
        with pytest.raises(ValueError, match=r"b_hn is the second bias of n.* GRU\(reset='before'\) has no place"):
            door(GRU("before"), GRU_PARAMS, *more)
    nn.to_keras(GRU("before"), {**GRU_PARAMS, "b_hn": np.zeros(H)})  # of zeros nothing is lost


def test_the_parameters_of_an_lstm_are_not_those_of_a_gru():
    params = make(LSTM(), 0, H=3).params  # (2, 12): three blocks of 4 as well as four of 3
    with pytest.raises(ValueError, match="W_hh has shape"):
        frameworks.flip_z(params)


def test_a_whole_models_state_dict_is_answered_with_the_way_to_its_part():
    inner = nn.to_torch(RNN(), P.params)
    whole = {f"rnn.{name}": array for name, array in inner.items()} | {"fc.weight": np.ones((K, H))}
    with pytest.raises(KeyError) as caught:
        nn.from_torch(RNN(), whole)
    message = caught.value.args[0]
    assert "fc.weight" in message
    expression = message.partition(" as ")[2]
    assert nn.from_torch(RNN(), eval(expression, {"d": whole})).keys() == P.params.keys()


@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU()], ids=str)
def test_without_biases_both_frameworks_give_zeros(cell):
    params = make(cell, 0).params
    bare = {name: array for name, array in nn.to_torch(cell, params).items() if "bias" not in name}
    for found in (nn.from_torch(cell, bare), nn.from_keras(cell, nn.to_keras(cell, params)[:2])):
        assert found.keys() == params.keys()
        assert not any(array.any() for key, array in found.items() if key.startswith("b_"))


@pytest.mark.parametrize("change", [np.float16, "mixed", "nan"])
def test_what_keras_arrays_hold_is_looked_at(change):
    arrays = nn.to_keras(LSTM(), make(LSTM(), 0).params)
    if change == "mixed":
        arrays[0] = arrays[0].astype(np.float32)
    elif change == "nan":
        arrays[2][0] = np.nan
    else:
        arrays = [array.astype(change) for array in arrays]
    with pytest.raises((TypeError, ValueError), match=r"one dtype, float32 or float64|bias holds nan"):
        nn.from_keras(LSTM(), arrays)


def test_a_whole_models_weights_are_answered_with_the_place_of_the_recurrent_layer():
    inner = nn.to_keras(LSTM(), make(LSTM(), 0).params)
    whole = [np.ones((7, len(inner[0]))), *inner, np.ones((len(inner[1]), K)), np.ones(K)]
    with pytest.raises(ValueError, match=r"got 6: .*; arrays\[1:4\] have the shapes of a recurrent layer") as caught:
        nn.from_keras(LSTM(), whole)
    part = eval(caught.value.args[0].rpartition("; ")[2].partition(" ")[0], {"arrays": whole})
    assert nn.from_keras(LSTM(), part).keys() == make(LSTM(), 0).params.keys()
    with pytest.raises(ValueError, match=r"got 1: \(7, 2\)$"):
        nn.from_keras(LSTM(), [np.ones((7, 2))])


def test_a_network_is_tried_on_the_task_that_it_fits():
    for door, *arguments in (
        (studies.echo_accuracy, MODEL, WEIGHTS, 1),
        (studies.recall_score, FORECAST, 2, 1),
        (studies.forecast_error, RECALLED, 2),
        (studies.carry_share, tasks.Adding(4), TRAINED),
        (reading.recite, MODEL, WEIGHTS, TEXT),
    ):
        with pytest.raises(ValueError, match=r"has loss .* and steps .*; got Model"):
            door(*arguments)


def test_what_has_not_begun_has_no_mean_loss():
    with pytest.raises(ValueError, match="has made none"):
        training.mean_loss(RECALLED, 2)
