"""What is saved is loaded again to the last bit, in any process; what is no such file, or does not fit, is refused."""

import io
import json
import pickle
import subprocess
import sys
import threading
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbook.nn import (
    GRU,
    LSTM,
    RNN,
    Both,
    Dropout,
    Embedding,
    Mean,
    Model,
    Recurrent,
    Residual,
    Stack,
    init_params,
    load_network,
    save_network,
)
from rnnbook.nn.contract import Cell, Layer
from rnnbook.nn.files import KINDS, TEXT, VERSION
from tests.problems import ALL_CELLS, DTYPES, cells, dtypes, seeds

a_cell, a_dtype, a_rate = st.sampled_from(ALL_CELLS), st.sampled_from(DTYPES), st.floats(0, 0.99)
fresh = st.sampled_from(["step", "sequence"])
a_recurrent = st.builds(Recurrent, a_cell, st.integers(1, 4), a_rate, fresh, st.booleans())
a_leaf = st.one_of(a_recurrent, st.builds(Dropout, a_rate, fresh), st.just(Mean()))
above = st.recursive(
    a_leaf,
    lambda inner: st.builds(Both, inner) | st.builds(Stack, st.lists(inner, min_size=1, max_size=3)),
    max_leaves=5,
)


@st.composite
def layers(draw):
    """A composition, and a size of its input; a Residual where one fits, an Embedding at the bottom of some."""
    layer, D = draw(above), draw(st.integers(1, 4))
    if layer.width(D) == D:
        layer = draw(st.sampled_from([layer, Residual(layer)]))
    if draw(st.booleans()):
        V = draw(st.integers(1, 5))
        return Stack((Embedding(V, D, draw(st.floats(0.1, 2))), layer)), V
    return layer, D


def same(found, expected):
    """Whether names, their order, dtypes, shapes and bits are equal."""
    return list(found) == list(expected) and all(
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
        for one, other in zip(found.values(), expected.values(), strict=True)
    )


def round_trip(folder, network, params):
    path = folder / "network"
    save_network(path, network, params)
    again, arrays = load_network(path)
    assert again == network
    assert type(again) is type(network)
    assert same(arrays, params)
    assert all(array.flags.writeable for array in arrays.values())
    assert [file.name for file in folder.iterdir()] == ["network"]
    return path.read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("networks")


@given(layers(), a_dtype, seeds)
def test_any_composition_comes_back_as_it_was(folder, found, dtype, seed):
    layer, D = found
    round_trip(folder, layer, layer.init(D, np.random.default_rng(seed), dtype=dtype))


@given(
    layers(),
    st.sampled_from(["softmax", "logistic", "squared"]),
    st.sampled_from(["last", "every"]),
    st.integers(1, 3),
    a_dtype,
    st.one_of(st.none(), st.integers(1, 7)),
)
def test_any_model_comes_back_as_it_was(folder, found, loss, steps, K, dtype, V):
    layer, D = found
    model, size = Model(layer, loss, steps), None if V is None or layer.reads_tokens else D
    params = model.init_params(V if size else D, None, K, np.random.default_rng(0), embedding_size=size, dtype=dtype)
    round_trip(folder, model, params)


@cells
@dtypes
def test_a_cell_and_a_model_of_it_come_back_as_they_were(folder, cell, dtype):
    rng = np.random.default_rng(0)
    round_trip(folder, cell, init_params(cell, 2, 3, rng, dtype=dtype))
    for embedding_size in (None, 2):
        params = Model(cell).init_params(5, 3, 2, rng, embedding_size=embedding_size, dtype=dtype)
        round_trip(folder, Model(cell), params)


def test_every_kind_of_layer_is_among_the_kinds():
    kinds = {Model, *Cell.__subclasses__(), *Layer.__subclasses__()}
    assert {one.__name__ for one in kinds if one.__module__.startswith("rnnbook.nn.")} == set(KINDS)


LAYER = Stack((Embedding(5, 2), Both(Recurrent(GRU("before"), 3)), Dropout(0.5)))
MODEL = Model(LAYER, "softmax", "every")
PARAMS = MODEL.init_params(5, None, 4, np.random.default_rng(0))


def test_the_same_network_gives_the_same_bytes(tmp_path):
    first = round_trip(tmp_path, MODEL, PARAMS)
    turned = {name: np.asfortranarray(PARAMS[name]) for name in sorted(PARAMS)}  # another order, another layout
    save_network(tmp_path / "again", MODEL, turned)
    assert (tmp_path / "again").read_bytes() == first


def test_numpy_sizes_are_sizes(tmp_path):
    layer = Recurrent(LSTM(), np.int64(3), np.float64(0.25))
    round_trip(tmp_path, layer, layer.init(2, np.random.default_rng(0)))


def test_numpy_alone_reads_the_file(tmp_path):
    save_network(tmp_path / "model.npz", MODEL, PARAMS)
    with np.load(tmp_path / "model.npz", allow_pickle=False) as file:
        assert json.loads(file[TEXT])["network"]["layer"]["layers"][0] == {
            **{"kind": "Embedding", "V": 5, "D": 2, "scale": 1.0},
        }
        assert same({name: file[name] for name in PARAMS}, PARAMS)


def test_a_fresh_process_predicts_the_same_numbers(tmp_path):
    tokens = np.random.default_rng(1).integers(5, size=(6, 3))
    save_network(tmp_path / "model.npz", MODEL, PARAMS)
    code = """import sys, numpy as np
from rnnbook.nn import load_network
model, params = load_network(sys.argv[1])
y, _ = model.predict(params, np.array(eval(sys.argv[2])))
print(y.tobytes().hex())
assert not {"torch", "keras"} & set(sys.modules)"""
    path, given = str(tmp_path / "model.npz"), repr(tokens.tolist())
    done = subprocess.run([sys.executable, "-c", code, path, given], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert bytes.fromhex(done.stdout) == MODEL.predict(PARAMS, tokens)[0].tobytes()


def test_the_old_file_stays_if_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    before, path = round_trip(tmp_path, MODEL, PARAMS), tmp_path / "network"

    def broken(*_):
        raise OSError("no space left")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", broken)
    with pytest.raises(OSError, match="no space left"):
        save_network(path, MODEL, PARAMS)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_can_be_read_while_it_is_written_anew(tmp_path):
    path, halves = tmp_path / "cell", [init_params(GRU(), 2, 40, np.random.default_rng(seed)) for seed in range(2)]
    save_network(path, GRU(), halves[0])
    stop = threading.Event()

    def write():
        for k in range(40):
            save_network(path, GRU(), halves[k % 2])
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    reads = 0
    while not stop.is_set() or not reads:
        _, params = load_network(path)
        assert any(same(params, half) for half in halves)
        reads += 1
    writer.join()


WITHOUT = {name: array for name, array in PARAMS.items() if name != "l1.back.b_h"}
NAN = PARAMS["W_hy"].copy()
NAN[1, 2] = np.nan


@pytest.mark.parametrize(
    ("params", "error", "says"),
    [
        (WITHOUT, KeyError, "l1.back.b_h missing"),
        (PARAMS | {"W": np.ones(2)}, ValueError, "W left over"),
        (PARAMS | {"b_y": np.zeros(3)}, ValueError, r"W_hy has shape \(H = 6, K = 3\); got \(6, 4\)"),
        (PARAMS | {"l0.E": np.ones((4, 2))}, ValueError, r"l0.E has shape \(V = 5, D = 2\); got \(4, 2\)"),
        (
            PARAMS | {"l1.back.W_hh": np.ones((3, 8))},
            ValueError,
            r"back.W_hh has shape \(H = 3, G\*H = 9\); got \(3, 8\)",
        ),
        (PARAMS | {"b_y": np.zeros(())}, ValueError, r"b_y has shape \(K\); got \(\)"),
        (PARAMS | {"b_y": np.zeros(4, np.float32)}, TypeError, "one dtype"),
        (PARAMS | {"b_y": np.zeros(4, int)}, TypeError, "b_y int64"),
        (PARAMS | {"b_y": np.array([None] * 4)}, TypeError, "b_y object"),
        (PARAMS | {"W_hy": NAN}, ValueError, r"W_hy holds nan at \(1, 2\)"),
        (PARAMS | {"b_y": np.full(4, np.inf)}, ValueError, r"b_y holds inf at \(0,\)"),
        (list(PARAMS), TypeError, "is a dict"),
    ],
)
def test_params_that_are_not_the_networks_are_not_saved(tmp_path, params, error, says):
    with pytest.raises(error, match=says):
        save_network(tmp_path / "model", MODEL, params)
    assert not list(tmp_path.iterdir())


class Other(GRU):
    """A cell of the reader's own."""


@pytest.mark.parametrize("network", [Other(), Recurrent(Other(), 3), Model(Other()), RNN, "GRU", None], ids=repr)
def test_what_the_file_could_not_tell_is_not_saved(tmp_path, network):
    with pytest.raises(TypeError, match=r"another kind|network is a Model, a layer or a cell"):
        save_network(tmp_path / "cell", network, init_params(GRU(), 2, 3, np.random.default_rng(0)))
    assert not list(tmp_path.iterdir())


def members():
    """The members of a good file, by name."""
    told = {"format": "rnnbook network", "version": VERSION, "network": {"kind": "RNN", "activation": "tanh"}}
    params = init_params(RNN(), 2, 3, np.random.default_rng(0))
    return {TEXT: told} | {f"{name}.npy": array for name, array in params.items()}


def write(path, found):
    """A file with these members: dicts as JSON, arrays as .npy, bytes as they are."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in found.items():
            if isinstance(value, np.ndarray):
                file = io.BytesIO()
                np.save(file, value, allow_pickle=True)
                value = file.getvalue()
            archive.writestr(name, value if isinstance(value, bytes) else json.dumps(value))


def test_the_files_of_these_tests_are_good_unless_something_is_changed(tmp_path):
    write(tmp_path / "cell", members())
    assert load_network(tmp_path / "cell")[0] == RNN()


def text(**changed):
    return {TEXT: members()[TEXT] | changed}


class Trap:
    """What would run if the file were unpickled."""

    def __reduce__(self):
        return pytest.fail, ("a pickle was run",)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (text(version=VERSION + 1), f"has version {VERSION + 1} of the format; this rnnbook reads up to {VERSION}"),
        *((text(version=bad), "has no version: a whole number") for bad in (None, 0, -1, True, "1", 1.5)),
        (text(format="other"), "does not say 'rnnbook network'"),
        ({TEXT: [1]}, "does not say 'rnnbook network'"),
        ({TEXT: b"{"}, "is damaged"),
        ({TEXT: b"\xff"}, "is damaged"),
        ({TEXT: b"[" * 100_000}, "is damaged"),
        ({TEXT: None}, "there is no network.json in it"),
        ({"b_h.npy": None}, "needs params W_xh, W_hh, b_h; b_h missing"),
        ({"b_hn.npy": np.ones(3)}, "b_hn left over"),
        ({"b_h": b"1"}, "holds network.json and arrays, each once"),
        ({"b_h.npy": np.ones(4)}, r"b_h has shape \(G\*H = 3\); got \(4,\)"),
        ({"W_xh.npy": np.ones((3, 2, 1))}, r"W_xh has shape \(D, G\*H\); got \(3, 2, 1\)"),
        ({"W_hh.npy": np.ones(9)}, r"W_hh has shape \(H, G\*H\); got \(9,\)"),
        ({"W_xh.npy": np.ones((0, 3))}, "input_size is a whole number of at least 1; got 0"),
        ({"b_h.npy": np.ones(3, np.float32)}, "one dtype"),
        ({"b_h.npy": np.ones(3, int)}, "b_h int64"),
        ({"b_h.npy": np.array([np.nan, 0, 0])}, "b_h holds nan"),
        ({"b_h.npy": np.array([Trap()] * 3)}, "holds no numbers: Object arrays cannot be loaded"),
        ({"b_h.npy": b"not an array"}, "holds no numbers"),
        (text(network=None), "is a dict"),
        (text(network={"kind": "os.system"}), "a network is one of RNN, LSTM"),
        (text(network={"kind": ["RNN"]}), "a network is one of RNN, LSTM"),
        (text(network={"kind": "RNN"}), "RNN has the settings activation; got none"),
        (text(network={"kind": "RNN", "activation": "tanh", "more": 1}), "got activation, more"),
        (text(network={"kind": "RNN", "activation": "sin"}), "activation is one of"),
        (text(network={"kind": "LSTM"}), r"W_hh has shape \(H = 3, G\*H = 12\)|W_xh has shape"),
        (text(network={"kind": "Both", "layer": 1}), "a layer is a Recurrent"),
        (text(network={"kind": "Model", "layer": [], "loss": "squared", "steps": "last"}), "layer is a cell"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, changed, says):
    path = tmp_path / "cell"
    write(path, {name: value for name, value in (members() | changed).items() if value is not None})
    with pytest.raises(ValueError, match=says) as caught:
        load_network(path)
    assert str(caught.value).startswith(str(path))


def told(kind, **settings):
    """A layer as the text of a file tells it."""
    return {"kind": kind} | settings


def nested(kind, layer, times):
    """A layer inside itself, this many times."""
    for _ in range(times):
        layer = told(kind, layer=layer)
    return layer


CELL = members()[TEXT]["network"]
TOLD = {"cell": CELL, "drop": 0.0, "fresh": "sequence", "by_gate": False}
MEAN = told("Mean")


@pytest.mark.parametrize(
    ("layer", "prefix", "says"),
    [
        (told("Recurrent", H=10**6, **TOLD), "", r"G\*H = 1000000\); got"),
        (told("Recurrent", H=10**15, **TOLD), "", r"G\*H = 1000000000000000\); got"),
        (nested("Both", told("Recurrent", H=3, **TOLD), 60), "", "have 3458764513820540928 arrays; got 3"),
        (
            told("Stack", layers=[nested("Both", MEAN, 60), told("Recurrent", H=3, **TOLD)]),
            "l1.",
            "input_size is a whole number of at least 1; got 0",
        ),
    ],
    ids=["wide", "wider", "many", "many features"],
)
def test_a_text_of_a_network_larger_than_memory_is_refused_and_not_tried(tmp_path, layer, prefix, says):
    arrays = {f"{prefix}{name}": array for name, array in members().items() if name != TEXT}
    write(tmp_path / "cell", text(network=layer) | arrays)
    with pytest.raises(ValueError, match=says):
        load_network(tmp_path / "cell")


@pytest.mark.parametrize(("V", "D"), [(10**12, 2), (3, 10**12), (10**9, 10**9)])
def test_a_text_of_more_tokens_than_memory_is_refused_and_not_tried(tmp_path, V, D):
    write(tmp_path / "cell", text(network=told("Embedding", V=V, D=D, scale=1.0)) | {"E.npy": np.ones((3, 2))})
    with pytest.raises(ValueError, match=rf"E has shape \(V = {V}, D = {D}\); got \(3, 2\)"):
        load_network(tmp_path / "cell")


@pytest.mark.parametrize("data", [b"", b"abc", pickle.dumps(Trap()), b"\x93NUMPY"], ids=repr)
def test_other_bytes_are_refused(tmp_path, data):
    (tmp_path / "cell").write_bytes(data)
    with pytest.raises(ValueError, match="is not a file of save_network"):
        load_network(tmp_path / "cell")


def test_a_file_that_ends_early_or_has_a_changed_byte_in_its_numbers_is_refused(tmp_path):
    path = tmp_path / "cell"
    save_network(path, RNN(), init_params(RNN(), 2, 3, np.random.default_rng(0)))
    whole = path.read_bytes()
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        with pytest.raises(ValueError, match="only a part of one"):
            load_network(path)
    at = whole.index(b"W_hh.npy") + 150
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(ValueError, match=r"W_hh.npy in it holds no numbers: Bad CRC"):
        load_network(path)


def test_a_file_with_any_one_bit_changed_is_refused_or_says_the_same(tmp_path):
    """A bit of a date or of a flag may change and nothing else: then every number is as it was."""
    path, params = tmp_path / "cell", init_params(RNN(), 1, 2, np.random.default_rng(0))
    save_network(path, RNN(), params)
    whole, refused = path.read_bytes(), 0
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        try:
            network, again = load_network(path)
        except ValueError:  # any other error fails the test
            refused += 1
        else:
            assert network == RNN()
            assert same(again, params)
    assert refused > len(whole) / 2


def test_a_zip_of_a_version_to_come_is_refused(tmp_path):
    path = tmp_path / "cell"
    save_network(path, RNN(), init_params(RNN(), 2, 3, np.random.default_rng(0)))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 6] = 84  # the version that is needed to read the first member
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"is not a file of save_network.*version 8\.4"):
        load_network(path)


def test_a_masked_array_is_not_saved_as_what_is_below_its_mask(tmp_path):
    params = init_params(RNN(), 2, 3, np.random.default_rng(0))
    params["b_h"] = np.ma.masked_array(np.ones(3), [True, False, False])
    with pytest.raises(TypeError, match=r"b_h is a masked array.*b_h\.filled\(0\)"):
        save_network(tmp_path / "cell", RNN(), params)
    assert not list(tmp_path.iterdir())
    round_trip(tmp_path, RNN(), params | {"b_h": params["b_h"].filled(0)})


@pytest.mark.skipif(sys.platform == "win32", reason="making links needs a right there")
def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path):
    params = init_params(RNN(), 2, 3, np.random.default_rng(0))
    (tmp_path / "file").write_text("as it was")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    save_network(tmp_path / "link", RNN(), params)
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "as it was"
    assert same(load_network(tmp_path / "link")[1], params)


def test_a_path_says_what_is_not_there(tmp_path):
    params = init_params(RNN(), 2, 3, np.random.default_rng(0))
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load_network(tmp_path / "cell")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load_network(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        save_network(tmp_path / "folder" / "cell", RNN(), params)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        save_network(tmp_path, RNN(), params)
    for bad in (None, 0, b"cell", "", []):
        with pytest.raises(TypeError, match="path is the name of a file"):
            load_network(bad)


def test_no_suffix_is_added(tmp_path):
    params = init_params(RNN(), 2, 3, np.random.default_rng(0))
    for name in ("cell", "cell.npz", "cell.net"):
        save_network(str(tmp_path / name), RNN(), params)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["cell", "cell.net", "cell.npz"]


def test_no_date_is_in_the_file(tmp_path):
    save_network(tmp_path / "model", MODEL, PARAMS)
    with zipfile.ZipFile(tmp_path / "model") as archive:
        assert {(member.date_time, member.create_system) for member in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 3)
        }


def test_a_layer_that_sees_a_multiple_of_the_input_comes_back(folder):
    layer = Stack((Both(Dropout(0.5)), Both(Stack((Both(Mean()), Recurrent(LSTM(), 3))))))
    round_trip(folder, layer, layer.init(2, np.random.default_rng(0)))


def test_an_array_that_is_there_twice_is_refused(tmp_path):
    write(tmp_path / "cell", members())
    with zipfile.ZipFile(tmp_path / "cell", "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("b_h.npy", archive.read("b_h.npy"))
    with pytest.raises(ValueError, match="each once"):
        load_network(tmp_path / "cell")
