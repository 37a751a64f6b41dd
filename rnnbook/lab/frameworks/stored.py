"""What PyTorch computed, stored in the package, for a chapter to be measured against."""

from __future__ import annotations

import numpy as np

from rnnbook.lab.studies.tables import load_table
from rnnbook.nn.checks import check_option

RUNS = ("both", "both_padded", "gru", "lstm", "stacked")


def torch_run(name):
    """One forward and backward pass of PyTorch in float64: weights, inputs, outputs and gradients.

    The loss is ``sum(h * dh)``, or for layers ``sum(y * dy)``, plus the same with the last state and dhT (and dcT), so
    that every output counts.

    Parameters
    ----------
    name : {"lstm", "gru", "stacked", "both", "both_padded"}
        torch.nn.LSTM or torch.nn.GRU; torch.nn.RNN (tanh) with num_layers=2, with bidirectional=True, or with
        bidirectional=True over sequences of different lengths, packed.

    Returns
    -------
    dict of str to ndarray
        By PyTorch's names weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, the same with l1 for the second layer
        and with l0_reverse for the way back; x (T, N, D), h0 (and c0) that went in; h (T, N, H), hT (and cT) that came
        out; dh, dhT (dcT) that went back; and d_... the gradients of all that went in. Of layers the outputs are y
        (T, N, H), or (T, N, 2H) of both ways, and dy; hT is (2, N, H), layer by layer or way by way; and lengths (N,)
        are the steps of each sequence.

    Raises
    ------
    ValueError
        If there is no such run.

    Notes
    -----
    PyTorch 2.13 on one processor. `tests/fixtures/make_torch.py` ran it, `tools/torch_run.py` wrote these files
    from what it stored; every number is written with all its digits.

    Examples
    --------
    >>> run = torch_run("lstm")
    >>> run["x"].shape, run["h"].shape, run["weight_hh_l0"].shape
    ((12, 3, 2), (12, 3, 5), (20, 5))
    >>> torch_run("both")["y"].shape, torch_run("both_padded")["lengths"].tolist()
    ((6, 3, 6), [4, 6, 1])
    """
    check_option("name", name, RUNS)
    run = {row["array"]: _array(row) for row in load_table(f"torch_{name}")}
    return run | {key: run[key].astype(int) for key in ("lengths",) if key in run}


def _array(row):
    shape = [int(size) for size in row["shape"].split()]
    return np.array([float(number) for number in row["numbers"].split()]).reshape(shape)


def keras_run(reset="after"):
    """One forward pass of keras.layers.GRU in float64: weights, inputs and outputs.

    Parameters
    ----------
    reset : {"after", "before"}
        With ``reset_after=True``, Keras' default, or False.

    Returns
    -------
    dict of str to ndarray
        kernel, recurrent_kernel and bias as Keras has them; x (T, N, D) and h0 (N, H) that went in; h (T, N, H)
        that came out, time first.

    Raises
    ------
    ValueError
        If `reset` is neither.

    Notes
    -----
    Keras 3.15 on PyTorch. `tests/fixtures/make_keras.py` wrote the file, every number with all its digits. "before"
    is good to seven digits only: there Keras multiplied matrices in float32.

    Examples
    --------
    >>> run = keras_run("before")
    >>> run["kernel"].shape, run["bias"].shape, run["h"].shape
    ((3, 12), (12,), (9, 2, 4))
    """
    check_option("reset", reset, ("after", "before"))
    rows = {row["array"]: row for row in load_table("keras_gru")}
    return {name.split("/")[1]: _array(row) for name, row in rows.items() if name.startswith(f"{reset}/")}
