"""Studies: every run once, kept at once, the same table however it was made."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import study
from tools.tables import STUDIES

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = [(n, "a" if n % 2 else None) for n in range(7)]
# Run n leaves its mark in a file, and ends the whole process without a word where it is told to.
KILLED = """
import os, sys
from pathlib import Path
from tools.study import run_study
folder, last = Path(sys.argv[1]), int(sys.argv[2])
def rows(n, letter):
    if n == last:
        os._exit(9)
    with (folder / "marks").open("a") as file:
        file.write(f"{n} ")
    return [(n, letter, n * n), (n, letter, f"{n / 3:.3f}")]
settings = [(n, "a" if n % 2 else None) for n in range(7)]
run_study("squares", ("n", "letter", "value"), settings, rows, jobs=1, data=folder, journals=folder)
"""


def rows(n, letter):
    return [(n, letter, n * n), (n, letter, f"{n / 3:.3f}")]


def table(folder, **options):
    """The bytes of a whole study."""
    folder.mkdir(exist_ok=True)
    study.run_study("squares", ("n", "letter", "value"), SETTINGS, rows, data=folder, journals=folder, **options)
    assert {path.name for path in folder.iterdir()} == {"squares.csv", "squares.json"}
    return (folder / "squares.csv").read_bytes()


def test_a_table_has_every_run_in_the_order_of_the_settings_and_versions_beside_it(tmp_path):
    lines = table(tmp_path, jobs=1).decode().splitlines()
    assert lines[0] == "n,letter,value"
    assert lines[1:5] == ["0,,0", "0,,0.000", "1,a,1", "1,a,0.333"]
    assert len(lines) == 1 + 2 * len(SETTINGS)
    assert '"numpy"' in (tmp_path / "squares.json").read_text()


def test_all_cores_make_the_same_bytes_as_one(tmp_path):
    assert table(tmp_path / "two", jobs=2) == table(tmp_path / "one", jobs=1)


def killed(folder, last):
    command = [sys.executable, "-c", KILLED, str(folder), str(last)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_study_that_is_killed_goes_on_where_it_was_with_the_same_bytes_at_the_end(tmp_path):
    (tmp_path / "squares.csv").write_text("what was there before")
    for last in (2, 5):
        assert killed(tmp_path, last).returncode == 9
        assert (tmp_path / "squares.csv").read_text() == "what was there before"
    done = killed(tmp_path, -1)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "marks").read_text() == "0 1 2 3 4 5 6 "  # each run once
    assert (tmp_path / "squares.csv").read_bytes() == table(tmp_path / "whole", jobs=1)


def test_a_line_that_was_cut_off_and_a_journal_of_other_versions_count_for_nothing(tmp_path, monkeypatch):
    assert killed(tmp_path, 3).returncode == 9
    journal = tmp_path / "squares.jsonl"
    journal.write_text(journal.read_text()[:-4])
    assert killed(tmp_path, 4).returncode == 9
    assert (tmp_path / "marks").read_text() == "0 1 2 2 3 "
    assert len(study._read(journal)) == 4
    monkeypatch.setattr(study, "versions", lambda: {"numpy": "another"})
    assert study._read(journal) == {}


def test_a_dask_cluster_of_two_workers_makes_the_same_bytes(tmp_path):
    distributed = pytest.importorskip("distributed")
    quiet = {"dashboard_address": None, "host": "127.0.0.1", "silence_logs": 50}
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as cluster:
        address = cluster.scheduler_address
        assert table(tmp_path / "dask", dask=address) == table(tmp_path / "here", jobs=1)


def test_a_setting_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"squares: a setting stands twice: \[1, 2\]"):
        study.run_study("squares", ("a",), [(1, 2), (3, 4), (1, 2)], rows, data=tmp_path, journals=tmp_path)


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_has_a_stored_table_with_its_columns_and_each_setting_once(name):
    columns, settings, _ = STUDIES[name]
    assert (study.DATA / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",") == columns.split()
    assert len(set(settings)) == len(settings)
