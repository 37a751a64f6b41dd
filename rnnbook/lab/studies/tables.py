"""Stored results of long comparisons; `make tables` trains them again."""

from __future__ import annotations

import csv
from importlib.resources import files

from rnnbook.nn.checks import check_option

KINDS = {
    "T": int,
    "H": int,
    "L": int,
    "rate": float,
    "budget": int,
    "seed": int,
    "solved_at": int,
    "error": float,
    "k": int,
    "lag": int,
    "steps": int,
    "accuracy": float,
    "loss": float,
    "weights": int,
    "ms": float,
    "share": float,
    "slope": float,
    "before": float,
    "after": float,
    "cosine": float,
    "length": float,
    "drop": float,
    "train": float,
    "validation": float,
    "test": float,
    "right_validation": float,
    "right_test": float,
    "draws": int,
    "plain": float,
    "averaged": float,
    "wrong": float,
    "right": float,
    "spread": float,
    "doubt": float,
    "plain_doubt": float,
    "above": int,
    "epochs": int,
    "epoch": int,
    "last": float,
    "N": int,
    "D": int,
    "threads": int,
    "repeats": int,
    "least": float,
    "compile": float,
}  # others: str


def load_table(name):
    """Read a stored comparison.

    Parameters
    ----------
    name : str
        Of a file in rnnbook/lab/studies/data, without ".csv", as "adding" or "forget"; an unknown name is answered
        with all.

    Returns
    -------
    list of dict
        The rows; numbers are numbers, and what is missing is None.

    Raises
    ------
    ValueError
        If there is no such table.

    Examples
    --------
    >>> row = load_table("adding")[0]
    >>> row["T"], row["start"], row["budget"]
    (10, 'orthogonal', 2000)
    """
    folder = files("rnnbook.lab.studies") / "data"
    check_option("name", name, sorted(path.name[:-4] for path in folder.iterdir() if path.name.endswith(".csv")))
    lines = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return [{key: _value(key, text) for key, text in row.items()} for row in csv.DictReader(lines)]


def _value(key, text):
    return KINDS.get(key, str)(text) if text else None
