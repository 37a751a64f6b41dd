"""Copies for Colab install the package of the release, need nothing of the repository, and run in an empty folder."""

import re
from pathlib import Path

import nbformat
import pytest

from tools import badges, colab, copies, notebooks
from tools.offline import text

SLUG, RELEASE = "someone/book", "v1.2.3"
PATHS = copies.chapters_and_solutions()
LINK = re.compile(r"""\]\(([^)\s]+)|(?:src|href)=["']([^"']+)""")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with all copies."""
    folder = tmp_path_factory.mktemp("colab")
    colab.build(folder, SLUG, RELEASE)
    return folder


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_copy_is_the_notebook_behind_one_cell_more(built, path):
    copy, original = copies.read(built / path), copies.read(copies.BOOK / path)
    nbformat.validate(nbformat.from_dict(copy))
    first, *rest = copy["cells"]
    assert f'"rnnbook @ git+https://github.com/{SLUG}@{RELEASE}"' in first["source"]
    code = [cell for cell in original["cells"] if cell["cell_type"] == "code"]
    assert [cell for cell in rest if cell["cell_type"] == "code"] == code
    assert [cell["id"] for cell in rest] == [cell["id"] for cell in original["cells"]]


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_every_link_of_a_copy_leads_to_a_place_that_there_is(built, path):
    prefixes = {
        f"https://colab.research.google.com/github/{SLUG}/blob/{colab.BRANCH}/": built,
        f"https://raw.githubusercontent.com/{SLUG}/{RELEASE}/notebooks/": copies.BOOK,
    }
    for cell in copies.read(built / path)["cells"]:
        if cell["cell_type"] != "markdown":
            continue
        for target in (a or b for a, b in LINK.findall(text(cell["source"]))):
            assert target.startswith(("https://", "http://", "#", "attachment:", "data:")), target
            for prefix, folder in prefixes.items():
                if target.startswith(prefix):
                    assert (folder / target.removeprefix(prefix)).is_file(), target


def test_pictures_and_links_of_a_solution_are_counted_from_its_own_folder():
    cells = [{"cell_type": "markdown", "source": ["[back](../04_a.ipynb#part) ![p](../figures/p.png) [x](#here)"]}]
    copy = colab.copy({"cells": cells}, Path("solutions/04_a.ipynb"), SLUG, RELEASE)
    assert copy["cells"][1]["source"] == (
        f"[back](https://colab.research.google.com/github/{SLUG}/blob/colab/04_a.ipynb#part) "
        f"![p](https://raw.githubusercontent.com/{SLUG}/{RELEASE}/notebooks/figures/p.png) [x](#here)"
    )


def test_a_copy_runs_in_an_empty_folder(built, tmp_path):
    notebook = notebooks.load(built / "00_start_here.ipynb")
    assert notebooks.execute(notebook, tmp_path) == []
    assert notebook.cells[0].outputs == []  # the package is there: nothing is installed
    assert list(tmp_path.iterdir()) == []


def test_without_an_address_a_sentence_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(colab.address, "slug", lambda: "")
    with pytest.raises(SystemExit, match=r"write it into pyproject\.toml"):
        colab.main([str(tmp_path / "copies")])
    assert not (tmp_path / "copies").exists()


def test_the_command_writes_every_notebook(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(colab.address, "slug", lambda: SLUG)
    assert colab.main([str(tmp_path)]) is None
    assert capsys.readouterr().out.split() == [str(tmp_path / path) for path in PATHS]


def test_links_open_the_release_in_binder_and_the_copy_in_colab():
    release = badges.address.release()
    assert badges.links("solutions/04_a", SLUG) == {
        "open in Binder": f"https://mybinder.org/v2/gh/{SLUG}/{release}?labpath=notebooks%2Fsolutions%2F04_a.ipynb",
        "open in Colab": f"https://colab.research.google.com/github/{SLUG}/blob/colab/solutions/04_a.ipynb",
    }


def test_where_the_address_is_not_known_nothing_is_offered():
    assert badges.links("04_a", "") == {}
