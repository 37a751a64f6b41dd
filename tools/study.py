"""Many trainings on all cores: each result is kept as soon as it is there, and all are stored as a table.

A study that is killed goes on where it was when it is started again: finished runs stand in `build/studies`, a line
each. The table is written once, at the end, in the order of the settings, so it has the same bytes however often the
study was interrupted, and on however many cores it ran.
"""

import csv
import json
import os
import platform
from contextlib import contextmanager
from pathlib import Path

import joblib
import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "rnnbook" / "lab" / "studies" / "data"
JOURNALS = ROOT / "build" / "studies"


def versions():
    """What the numbers of a table depend on besides the code."""
    return {"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()}


def run_study(name, columns, settings, rows, *, jobs=-1, dask=None, data=DATA, journals=JOURNALS):
    """Run what is missing of a study, and write its table.

    Parameters
    ----------
    name : str
        Of the table, without ".csv".
    columns : sequence of str
        The table's first line.
    settings : sequence of tuple
        One a run, each of them different; numbers, strings and None.
    rows : callable
        ``rows(*setting)`` trains and returns the run's rows, each a tuple as long as `columns`.
    jobs : int
        Processes; -1 for one on each core.
    dask : str, optional
        Address of a Dask scheduler, whose workers run the study instead.
    data, journals : Path
        Where the table goes, and what is done so far.

    Raises
    ------
    ValueError
        If a setting stands twice.
    """
    keys = [json.dumps(setting) for setting in settings]
    if len(set(keys)) < len(keys):
        raise ValueError(f"{name}: a setting stands twice: {next(key for key in keys if keys.count(key) > 1)}")
    journal = Path(journals) / f"{name}.jsonl"
    done = _read(journal)
    missing = [key for key in keys if key not in done]
    with _workers(dask), journal.open("a", encoding="utf-8") as file:
        parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        results = parallel(joblib.delayed(_one)(rows, key) for key in missing)
        for key, found in tqdm(results, desc=name, initial=len(keys) - len(missing), total=len(keys)):
            done[key] = found
            file.write(json.dumps([key, found]) + "\n")
            file.flush()
    _write(Path(data) / f"{name}.csv", [columns, *(row for key in keys for row in done[key])])
    (Path(data) / f"{name}.json").write_text(json.dumps(versions()) + "\n", encoding="utf-8")
    journal.unlink()


def _one(rows, key):
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    return key, [[_text(value) for value in row] for row in rows(*json.loads(key))]


def _text(value):
    return "" if value is None else str(value)


def _read(journal):
    """What is done, rows by setting. A journal of other versions counts for nothing, nor does a line cut off."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True) if journal.exists() else []
    whole = [json.loads(line) for line in lines if line.endswith("\n")]
    if not whole or whole[0] != versions():
        whole = [versions()]
    journal.write_text("".join(json.dumps(line) + "\n" for line in whole), encoding="utf-8")
    return dict(whole[1:])


@contextmanager
def _workers(dask):
    """This machine's processes, or a Dask cluster's."""
    if dask is None:
        with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
            yield
        return
    from dask.distributed import Client  # only who has a cluster needs it

    with Client(dask) as client, joblib.parallel_config(backend="dask", client=client):
        yield


def _write(path, rows):
    """A table whole or not at all."""
    new = path.with_suffix(".new")
    with new.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    new.replace(path)
