"""The stored comparisons are what the tool that makes them trains."""

import pytest

from rnnbook import load_table
from tools import study, tables


def test_the_adding_table_has_every_run_once():
    rows = load_table("adding")
    runs = [(row["T"], row["activation"], row["start"], row["H"], row["rate"], row["seed"]) for row in rows]
    assert runs == [(*setting, seed) for setting in tables.SETTINGS for seed in tables.SEEDS]
    assert {row["budget"] for row in rows} == {tables.BUDGET}
    for row in rows:
        assert (row["error"] <= tables.SOLVED) == (row["solved_at"] is not None)


def test_a_row_can_be_trained_again():
    """The easiest one; its step may differ by a window on another processor."""
    row = load_table("adding")[0]
    solved_at, _ = tables.train(10, "tanh", "orthogonal", 32, 3e-3, seed=0)
    assert solved_at == pytest.approx(row["solved_at"], rel=0.3)


def test_every_table_of_the_package_is_read_by_the_book():
    """What only the maintainers read, as what a machine measured, is stored beside what measures it."""
    root = study.DATA.parents[3]
    texts = [*root.glob("rnnbook/**/*.py"), *root.glob("notebooks/**/*.ipynb")]
    read = "\n".join(path.read_text(encoding="utf-8") for path in texts).replace('\\"', '"')
    names = [path.stem for path in study.DATA.glob("*.csv")]
    assert [name for name in names if f'"{name}"' not in read and not name.startswith("torch_")] == []


def test_an_unknown_table_is_named():
    with pytest.raises(ValueError, match=r"name is one of 'adding', .*; got 'copy'"):
        load_table("copy")
