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


@LIVE
@pytest.mark.parametrize("cell", frameworks.CELLS)
def test_fit_takes_every_cell_and_finds_the_loss_of_the_others(cell):
    problem = frameworks.Problem(5, 2, 4, cell)
    ways = {("Keras", "fit", "float32"): frameworks.fitted(problem, False)}
    ways["rnnbook", "plain", "float32"] = frameworks.ours(problem)
    assert len(list(frameworks.rows("compiled", problem, ways, 1))) == 2  # `rows` refuses other losses


def test_refused_ways_come_last_in_the_order_in_which_they_were_tried():
    problem = frameworks.Problem(5, 2, 4, "RNN")
    ways = {("rnnbook", "plain", "float32"): frameworks.ours(problem)}
    refused = [("PyTorch", f"way {k}", "float32") for k in range(9)]
    found = list(frameworks.rows("compiled", problem, ways, 1, notes=dict.fromkeys(refused, "no")))
    assert [row[7:10] for row in found] == [*ways, *refused]


def row(part, ms):
    return [part, *[""] * 11, ms, "", ""]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """What the benchmark takes for versions and machine, and a folder of the test's own."""
    told = {"torch": "2.0", "cores": 2}
    monkeypatch.setattr(frameworks, "where", lambda: dict(told))
    monkeypatch.setattr(frameworks, "DATA", tmp_path)
    return told


def test_new_rows_take_the_place_of_their_part_only(here, tmp_path):
    frameworks.store([row("grid", "1"), row("loops", "2")], ["grid", "loops"])
    frameworks.store([row("grid", "3")], ["grid"])
    lines = (tmp_path / "framework_speed.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[0] + line.split(",")[12] for line in lines[1:]] == ["grid3", "loops2"]


def test_parts_of_other_versions_are_not_mixed(here, tmp_path, monkeypatch):
    frameworks.store([row("grid", "1"), row("loops", "2")], ["grid", "loops"])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    here["torch"] = "2.1"
    with pytest.raises(ValueError, match=r"elsewhere: torch 2\.0, now 2\.1: measure all parts"):
        frameworks.store([row("grid", "3")], ["grid"])
    monkeypatch.setattr(frameworks, "torch", frameworks)  # as if PyTorch were installed
    monkeypatch.setattr(frameworks, "measured", lambda *_: pytest.fail("measured before it was refused"))
    with pytest.raises(ValueError, match="elsewhere"):
        frameworks.main(["grid", "--write"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    frameworks.store([row("grid", "3"), row("loops", "4")], ["grid", "loops"])  # all that there is
    assert json.loads((tmp_path / "framework_speed.json").read_text("utf-8")) == here
