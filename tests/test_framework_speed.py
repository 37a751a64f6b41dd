"""The stored speeds are what the benchmark measures, and its ways compute one network."""

import json
from itertools import product

import pytest

from benchmarks import frameworks
from rnnbook import load_table

ROWS = load_table("framework_speed")
LIVE = pytest.mark.skipif(frameworks.torch is None, reason="PyTorch or Keras is not installed")


def test_the_grid_has_every_setting_once():
    threads = {row["threads"] for row in ROWS if row["part"] == "grid"}
    kinds = [(engine, dtype) for engine in ("rnnbook", "PyTorch") for dtype in ("float32", "float64")]
    wanted = product(threads, frameworks.GRID, frameworks.CELLS, [*kinds, ("Keras", "float32")])
    found = [
        (row["threads"], (row["T"], row["N"], row["H"]), row["cell"], (row["engine"], row["dtype"]))
        for row in ROWS
        if row["part"] == "grid"
    ]
    assert sorted(found) == sorted(wanted)
    assert 1 in threads


def test_compiled_ways_stand_beside_those_they_are_compiled_from():
    rows = [row for row in ROWS if row["part"] == "compiled" and row["how"] != "first"]
    settings = {(row["T"], row["N"], row["H"], row["cell"]) for row in rows if row["engine"] == "PyTorch"}
    assert settings == set(frameworks.COMPILED)
    for T, N, H, cell in settings:
        hows = {row["how"] for row in rows if (row["T"], row["N"], row["H"], row["cell"]) == (T, N, H, cell)}
        assert {"layer", "loop", "layer, compiled", "layer, fullgraph", "loop, compiled", "step, compiled"} <= hows


def test_every_row_has_times_or_says_why_not():
    for row in ROWS:
        if row["how"] == "first":
            assert row["compile"] > 0
        elif row["ms"] is None:
            assert row["note"]
        else:
            assert row["repeats"] >= 7
            assert 0 < row["least"] <= row["ms"]


def test_versions_and_processor_stand_beside_the_table():
    told = json.loads((frameworks.DATA / "framework_speed.json").read_text("utf-8"))
    assert {"numpy", "torch", "keras", "blas", "processor", "cores"} <= told.keys()
    assert all(told.values())


@LIVE
@pytest.mark.parametrize("part", ["grid", "loops"])
def test_the_smallest_case_runs_and_all_ways_find_one_loss(part):
    """`rows` refuses ways whose losses differ."""
    found = list(frameworks.PARTS[part](1, [(5, 2, 4)]))
    assert {row[5] for row in found} == set(frameworks.CELLS)
    assert all(len(row) == len(frameworks.COLUMNS) and float(row[12]) > 0 for row in found)


@LIVE
@pytest.mark.parametrize("cell", frameworks.CELLS)
def test_the_loop_by_hand_is_the_layer(cell):
    problem = frameworks.Problem(5, 2, 4, cell)
    ways = {("PyTorch", "layer", "float32"): frameworks.in_torch(problem)}
    ways["PyTorch", "loop", "float32"] = frameworks.by_hand(problem)
    assert len(list(frameworks.rows("compiled", problem, ways, 1))) == 2


@LIVE
def test_ways_that_differ_are_refused():
    problem = frameworks.Problem(5, 2, 4, "RNN")
    ways = {("PyTorch", "layer", "float32"): frameworks.in_torch(problem), ("other", "loop", "float32"): lambda: 9.0}
    with pytest.raises(RuntimeError, match="different networks"):
        list(frameworks.rows("compiled", problem, ways, 1))


def test_new_rows_take_the_place_of_their_part_only(tmp_path, monkeypatch):
    if frameworks.torch is None:
        monkeypatch.setattr(frameworks, "where", dict)
    monkeypatch.setattr(frameworks, "DATA", tmp_path)

    def row(part, ms):
        return [part, *[""] * 11, ms, "", ""]

    frameworks.store([row("grid", "1"), row("loops", "2")], ["grid", "loops"])
    frameworks.store([row("grid", "3")], ["grid"])
    lines = (tmp_path / "framework_speed.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[0] + line.split(",")[12] for line in lines[1:]] == ["grid3", "loops2"]
