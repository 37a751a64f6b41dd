"""A network in one file: what it is as text, and its parameters as arrays. Nothing in the file can run."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from dataclasses import fields
from math import prod
from pathlib import Path
from uuid import uuid4

import numpy as np

from rnnbook.nn.cells import GRU, LSTM, RNN
from rnnbook.nn.checks import check_arrays, check_count, check_dict, check_shape
from rnnbook.nn.contract import Cell, Layer
from rnnbook.nn.model import Model
from rnnbook.nn.pooling import Mean
from rnnbook.nn.recurrent import Dropout, Embedding, Recurrent
from rnnbook.nn.stack import WAYS, Both, Residual, Stack, named

FORMAT, VERSION = "rnnbook network", 1
MOST_MISSING = 100  # arrays whose names are listed
TEXT = "network.json"  # the arrays' names in the file end in .npy, so none of them is this
CLASSES = (RNN, LSTM, GRU, Recurrent, Dropout, Embedding, Mean, Both, Residual, Stack, Model)
KINDS = {one.__name__: one for one in CLASSES}
AXES = {"W_xh": "D G*H", "W_hh": "H G*H", "b_h": "G*H", "b_hn": "H", "W_hy": "H K", "b_y": "K", "E": "V D"}


def save_network(path, network, params):
    """Write a network and its parameters to a file.

    The file is a zip archive as `numpy.savez` writes, with one array a parameter, and the text ``network.json``, which
    says what the network is: all its layers and their settings. It is whole or not there: what stood at `path` before
    stays until the new file is written. Where `path` is a symbolic link, the new file takes the place of the link, and
    what the link points to stays as it was. The same network gives the same bytes.

    Parameters
    ----------
    path : str or os.PathLike
        Where to write; the file has exactly this name, and no suffix is added.
    network : Model, Layer, RNN, LSTM or GRU
        What the parameters are for.
    params : dict of str to ndarray
        All its parameters, and no others.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    IsADirectoryError
        If `path` is a folder.
    KeyError
        If a parameter is missing.
    TypeError
        If `path` is no path, `network` is none of the package, an array is masked, or the arrays are not of one dtype,
        float32 or float64.
    ValueError
        If a shape does not fit the network, an array holds NaN or infinity, or there are other arrays.

    See Also
    --------
    load_network : Reads the file.

    Examples
    --------
    >>> import tempfile
    >>> from rnnbook.nn import LSTM, init_params
    >>> params = init_params(LSTM(), 3, 5, np.random.default_rng(0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_network(f"{folder}/lstm.npz", LSTM(), params)
    ...     cell, again = load_network(f"{folder}/lstm.npz")
    >>> cell, all((again[name] == params[name]).all() for name in params)
    (LSTM(), True)
    """
    path, description = _path(path), _describe(network)
    arrays = _fitting(network, params)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} to")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; the name of a file expected")
    text = json.dumps({"format": FORMAT, "version": VERSION, "network": description}, indent=1)
    members = {TEXT: text.encode()} | {f"{name}.npy": _bytes(array) for name, array in arrays.items()}
    new = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        with new.open("xb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for name, data in members.items():
                    member = zipfile.ZipInfo(name)  # of 1980, so that the bytes do not depend on the day
                    member.create_system = 3  # nor on the system
                    archive.writestr(member, data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def load_network(path):
    """Read what `save_network` wrote.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    network : Model, Layer, RNN, LSTM or GRU
        Equal to the one that was saved.
    params : dict of str to ndarray
        Its parameters, to the last bit.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError
        If `path` is no path.
    ValueError
        If the file is of another kind, of a newer version, or damaged, or if its arrays do not fit its network: one
        missing, one too many, another shape or dtype, NaN or infinity, or objects in place of numbers.

    See Also
    --------
    save_network : Writes the file.

    Examples
    --------
    >>> import tempfile
    >>> from rnnbook.nn import GRU
    >>> model = Model(GRU(reset="before"), loss="softmax", steps="every")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_network(f"{folder}/gru.npz", model, model.init_params(4, 8, 4, np.random.default_rng(0)))
    ...     model, params = load_network(f"{folder}/gru.npz")
    >>> model, params["W_hh"].shape
    (Model(layer=GRU(reset='before'), loss='softmax', steps='every'), (8, 24))
    """
    path = _path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    text, arrays = _read(path)
    version = text.get("version")
    if type(version) is not int or version < 1:
        raise ValueError(f"{path} has no version: a whole number of at least 1 expected; got {version!r}")
    if version > VERSION:
        raise ValueError(f"{path} has version {version} of the format; this rnnbook reads up to {VERSION}: update it")
    try:
        network = _build(text.get("network"))
        return network, _fitting(network, arrays)
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        raise ValueError(f"{path} does not hold a network: {error.args[0]}") from error


def _path(path):
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise TypeError(f"path is the name of a file, a string or a pathlib.Path; got {path!r}")
    return Path(path)


def _bytes(array):
    """The array as a .npy file; rows first whatever its layout in memory."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    return file.getvalue()


def _read(path):
    """The text and the arrays of a file, as they stand there."""
    foreign = f"{path} is not a file of save_network"
    try:
        archive = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:  # NotImplementedError: another zip version
        raise ValueError(f"{foreign}, or only a part of one: {error}") from error
    with archive:
        names = archive.namelist()
        if TEXT not in names:
            raise ValueError(f"{foreign}: there is no {TEXT} in it, only {', '.join(names) or 'nothing'}")
        others = [name for name in names if name != TEXT and not name.endswith(".npy")]
        if others or len(set(names)) < len(names):
            raise ValueError(f"{foreign}: it holds {TEXT} and arrays, each once; got {', '.join(names)}")
        member = TEXT
        try:
            text, arrays = json.loads(archive.read(TEXT)), {}
            for member in names:
                if member != TEXT:
                    file = io.BytesIO(archive.read(member))
                    arrays[member.removesuffix(".npy")] = np.lib.format.read_array(file, allow_pickle=False)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, MemoryError) as error:
            raise ValueError(f"{path} is damaged, or {member} in it holds no numbers: {error}") from error
    if not isinstance(text, dict) or text.get("format") != FORMAT:
        raise ValueError(f"{foreign}: its {TEXT} does not say {FORMAT!r}")
    return text, arrays


def _describe(network):
    """A network as dicts, lists, numbers and strings."""
    if not isinstance(network, Cell | Layer | Model):
        raise TypeError(f"network is a Model, a layer or a cell, such as LSTM(); got {network!r}")
    description = _plain(network)
    if _build(description) != network:  # a subclass, with equations that the file could not tell
        raise TypeError(f"a file tells of {', '.join(KINDS)}; {network!r} is, or holds, another kind")
    return description


def _plain(value):
    kind = next((one for one in type(value).__mro__ if one in CLASSES), None)
    if kind is not None:
        return {"kind": kind.__name__} | {field.name: _plain(getattr(value, field.name)) for field in fields(kind)}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, Cell | Layer):
        raise TypeError(f"a file tells of {', '.join(KINDS)}; got {value!r}")
    return value.item() if isinstance(value, np.generic) else value


def _build(description):
    """The inverse of `_plain`; the classes themselves refuse settings that they do not have."""
    check_dict("the description of a network", description)
    settings = dict(description)
    kind = settings.pop("kind", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"a network is one of {', '.join(KINDS)}; got {kind!r}")
    expected = [field.name for field in fields(KINDS[kind])]
    if set(settings) != set(expected):
        raise ValueError(
            f"{kind} has the settings {', '.join(expected) or 'none'}; got {', '.join(settings) or 'none'}"
        )
    return KINDS[kind](**{name: _rich(value) for name, value in settings.items()})


def _rich(value):
    if isinstance(value, list):
        return tuple(_rich(one) for one in value)
    return _build(value) if isinstance(value, dict) else value


def _fitting(network, params):
    """The arrays in the order in which the network draws them; refused if they are not just those of the network."""
    check_dict(f"params of {network}", params)
    layer = network.layer if isinstance(network, Model) else network
    count = _count(layer)
    if count > len(params) + MOST_MISSING:  # before they are listed: a short text can nest more than memory holds
        raise KeyError(f"the layers of this network have {count} arrays; got {len(params)} in all")
    names = list(layer.keys if isinstance(layer, Cell) else layer.names())
    if isinstance(network, Model):
        names += ["W_hy", "b_y"] + ["E"] * ("E" in params and "E" not in names)
    if names:
        check_arrays(network, params, names)
    others = [str(name) for name in params if name not in names]
    if others:
        raise ValueError(f"{network} has params {', '.join(names) or 'none'}; {', '.join(others)} left over")
    for name in names:
        if isinstance(params[name], np.ma.MaskedArray):
            raise TypeError(f"{name} is a masked array, and a file holds no mask: fill it, as {name}.filled(0) does")
        check_shape(name, params[name], _axes(name), (None,) * len(_axes(name).split()))
    for name, shape in _shapes(layer, params, isinstance(network, Model)).items():
        check_shape(name, params[name], _axes(name), shape)
    return {name: params[name] for name in names}


def _axes(name):
    return AXES[name.rpartition(".")[2]]


def _shapes(layer, params, read_out):
    """The shapes that the network's arrays have with the sizes that the first axes of some of them say."""
    if isinstance(layer, Cell):
        layer = Recurrent(layer, len(params["W_hh"]))
    D, embedded = layer.input_size(params), read_out and "E" in params and "E" not in layer.names()
    if embedded:
        D = params["E"].shape[-1]
    elif D is None:
        lowest = (*layer.names(), *["W_hy"] * read_out)[:1]
        D = len(params[lowest[0]]) // _times(layer) if lowest else 1
    check_count("input_size", D)
    shapes = _drawn(layer, D)
    if read_out:
        H, K = layer.width(D), len(params["b_y"])
        shapes |= {"W_hy": (H, K), "b_y": (K,)}
    return shapes | ({"E": (len(params["E"]), D)} if embedded else {})


def _drawn(layer, D):
    """The shapes of what `layer.init` draws, in its order; nothing is drawn, since a file may tell of any size."""
    if isinstance(layer, Stack):
        shapes = {}
        for k, one in enumerate(layer.layers):
            shapes |= named(f"l{k}.", _drawn(one, D))
            D = one.width(D)
        return shapes
    if isinstance(layer, Both):
        inner = _drawn(layer.layer, D)
        return {name: shape for way in WAYS for name, shape in named(f"{way}.", inner).items()}
    if isinstance(layer, Residual):
        layer.width(D)  # refuses a layer that does not give back as many features
        return _drawn(layer.layer, D)
    sizes = {"D": D}
    if isinstance(layer, Recurrent):
        sizes |= {"H": layer.H, "G*H": layer.cell.gates * layer.H}
    elif isinstance(layer, Embedding):
        sizes = {"V": layer.V, "D": layer.D}
    return {name: tuple(sizes[axis] for axis in _axes(name).split()) for name in layer.names()}


def _count(layer):
    """How many arrays a layer has."""
    if isinstance(layer, Stack):
        return sum(map(_count, layer.layers))
    if isinstance(layer, Both | Residual):
        return _count(layer.layer) * (len(WAYS) if isinstance(layer, Both) else 1)
    return len(layer.keys if isinstance(layer, Cell) else layer.names())


def _times(layer):
    """How many features the lowest array of a layer sees for each of the input; where it has none, its output's."""
    if not layer.names():
        return layer.width(1)
    if isinstance(layer, Stack):
        lowest = next(k for k, one in enumerate(layer.layers) if one.names())
        return prod(_times(one) for one in layer.layers[: lowest + 1])
    return _times(layer.layer) if isinstance(layer, Both | Residual) else 1
