"""The performance page's table of explorers is made from the stored one, which has every explorer that there is."""

import csv
import json
import re

import pytest

from benchmarks import latency
from rnnbook.view.explorers.controls import first_slider


@pytest.fixture(scope="module")
def stored():
    """The rows and what stands beside them."""
    with latency.DATA.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), json.loads(latency.DATA.with_suffix(".json").read_text("utf-8"))


def found(name="GradientFlow", case="start", times=(30.0, 40.0, None), least=(20.0, 20.0), settings=None):
    return latency.row(name, case, "Gain", settings or {}, times, least)


def test_the_page_is_what_was_stored(stored):
    text = latency.README.read_text("utf-8")
    assert latency.page(text, *stored) == text
    assert text.count("| GradientFlow |") == 1


def test_every_explorer_has_its_row_and_its_main_control(stored, at_start):
    rows, told = stored
    started = {row["explorer"]: row for row in rows if row["case"] == "start"}
    assert started.keys() == {*latency.EXPLORERS, "one straight line"}
    for name in latency.EXPLORERS:
        explorer = at_start(name)
        control = explorer.controls[first_slider(explorer.controls, explorer.in_sight)]
        assert started[name]["control"] == control.description
    assert all(told.values())


def test_ratios_are_over_the_line_of_the_same_page(stored):
    for row in stored[0]:
        assert 0 < float(row["median"]) <= float(row["p95"])
    row = found()
    assert (row["moves"], row["missed"]) == (2, 1)
    assert (row["median"], row["p95"], row["ratio"], row["ratio95"]) == ("35.0", "40.0", "1.75", "2.00")


def test_what_is_above_the_goal_is_told():
    assert not latency.told(found()).endswith("above the goal")
    assert latency.told(found(times=[50.0])).endswith("above the goal")
    assert "1 missed" in latency.told(found())


def test_an_explorer_that_does_not_follow_is_no_row():
    with pytest.raises(RuntimeError, match="no move of 'Gain' changed the picture"):
        found(times=[None])


def test_the_table_has_a_line_an_explorer_the_least_first():
    line = latency.row("one straight line", "start", "Slope", {}, [20.0], [20.0])
    slow = found("Cliff", "slowest", [60.0], settings={"rate": 0.1, "clip": 5})
    lines = latency.table([found(), found("Cliff"), slow, line]).splitlines()
    assert [row.split(" | ")[0] for row in lines[2:]] == ["| one straight line", "| Cliff", "| GradientFlow"]
    assert lines[3] == "| Cliff | Gain | 35 (40) | 1.8 (2.0) | 60 (60) | 3.0 (3.0) | rate 0.1, clip 5 |"
    assert len({row.count("|") for row in lines}) == 1


def test_what_is_stored_makes_the_page(tmp_path):
    page = tmp_path / "README.md"
    page.write_text("above\n<!-- latency -->\nold\n<!-- end of latency -->\nbelow\n", encoding="utf-8")
    line = latency.row("one straight line", "start", "Slope", {}, [20.0], [20.0])
    latency.store([found(), line], tmp_path / "latency.csv", page)
    text = page.read_text("utf-8")
    assert re.fullmatch(r"above\n<!-- latency -->\n\|.*2 moves each\.\n<!-- end of latency -->\nbelow\n", text, re.S)
    with (tmp_path / "latency.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert latency.page(text, rows, json.loads((tmp_path / "latency.json").read_text("utf-8"))) == text


@pytest.mark.parametrize("name", ["Cliff", "LossCurves"])
def test_a_move_of_the_main_control_takes_time_whatever_kind_it_is(name, at_start):
    assert latency.seconds_of_a_move(at_start(name)) > 0
