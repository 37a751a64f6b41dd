"""A notebook that is opened and saved keeps its file, byte by byte; what a reader does is saved; no error loses it."""

import copy
import json
import logging
import shutil
from pathlib import Path

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import notebooks, saving

BOOK = notebooks.find([Path(__file__).parents[1] / "notebooks"])
NAME = "chapter.ipynb"
ANOTHER_PYTHON = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "version": "3.14.0", "codemirror_mode": {"name": "ipython", "version": 3}},
}
HIDDEN = {"jupyter": {"outputs_hidden": True}, "tags": ["hide-output"]}


def stream(text):
    return new_output("stream", name="stdout", text=text)


def result(text, count):
    return new_output("execute_result", data={"text/plain": text}, execution_count=count)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with a small chapter as the book stores it."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    folder = tmp_path / "desk"
    folder.mkdir()
    cells = [
        new_markdown_cell("# Título 제목", id="title", metadata={"slideshow": {"slide_type": "slide"}}),
        new_code_cell("print(1)\nprint(2)", id="prints", execution_count=1, outputs=[stream("1\n2\n")]),
        new_code_cell(
            "3 + 4", id="answer", execution_count=2, outputs=[result("7", 2)], metadata=copy.deepcopy(HIDDEN)
        ),
        new_code_cell("...", id="task", execution_count=3),
    ]
    nb = new_notebook(cells=cells)
    notebooks.normalise(nb)
    notebooks.replace(folder / NAME, nbformat.writes(nb) + "\n")
    return folder


@pytest.fixture
def manager(desk):
    return manager_of(desk, saving.keep_versions)


def manager_of(folder, hook):
    """What saves files for Jupyter, with a hook; given as a setting, it warns in Python that it sets it."""
    manager = LargeFileManager(root_dir=str(folder))
    manager.register_pre_save_hook(hook)
    return manager


def opened(manager, name=NAME):
    """What JupyterLab has of a notebook once it is open: as the server sent it, and what it writes into it."""
    content = json.loads(json.dumps(manager.get(name)["content"]))
    content["metadata"] |= copy.deepcopy(ANOTHER_PYTHON)
    for cell in content["cells"]:
        if cell["metadata"].get("jupyter", {}).get("outputs_hidden"):
            cell["metadata"]["collapsed"] = True
    return content


def save(manager, content, name=NAME):
    return manager.save({"type": "notebook", "content": content}, name)


def stored(desk):
    return nbformat.read(desk / NAME, as_version=4)


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_a_notebook_of_the_book_that_is_opened_and_saved_keeps_its_bytes(desk, manager, path):
    shutil.copy(path, desk / NAME)
    save(manager, opened(manager))
    assert (desk / NAME).read_bytes() == path.read_bytes()


def test_without_the_hook_the_file_would_change(desk):
    before = (desk / NAME).read_bytes()
    manager = LargeFileManager(root_dir=str(desk))
    save(manager, opened(manager))
    assert (desk / NAME).read_bytes() != before


def test_a_file_made_with_a_version_keeps_it(desk, manager):
    nb = stored(desk)
    nb.metadata.language_info["version"] = "3.11.2"
    notebooks.replace(desk / NAME, nbformat.writes(nb) + "\n")
    before = (desk / NAME).read_bytes()
    save(manager, opened(manager))
    assert (desk / NAME).read_bytes() == before


def test_a_run_that_brings_the_same_changes_nothing(desk, manager):
    before = (desk / NAME).read_bytes()
    content = opened(manager)
    content["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    for count, cell in enumerate(content["cells"][1:], start=40):
        cell["execution_count"] = count
        cell["metadata"]["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
        for shown in ("jupyter", "collapsed"):  # running a cell opens its answer
            cell["metadata"].pop(shown, None)
    _, prints, answer, _ = content["cells"]
    prints["outputs"] = [stream("1\n"), stream("2\n")]  # a kernel flushes where it likes
    answer["outputs"][0]["execution_count"] = 41
    save(manager, content)
    assert (desk / NAME).read_bytes() == before


def test_a_run_that_brings_something_else_changes_outputs_and_counts_alone(desk, manager):
    before = stored(desk)
    content = opened(manager)
    answer = content["cells"][2]
    answer |= {"execution_count": 9, "outputs": [result("8", 9)]}
    save(manager, content)
    after = stored(desk)
    assert after.cells[2].outputs == [result("8", 9)]
    assert after.cells[2].execution_count == 9
    before.cells[2] |= {"outputs": after.cells[2].outputs, "execution_count": 9}
    assert after == before


def test_what_a_reader_does_is_saved(desk, manager):
    content = opened(manager)
    title, prints, answer, task = content["cells"]
    title["source"] = "# Mine"
    title["metadata"]["tags"] = ["mine"]
    prints |= {"outputs": [], "execution_count": None}  # cleared
    task |= {"source": "return 5", "outputs": [result("5", 1)], "execution_count": 1}
    task["metadata"]["jupyter"] = {"source_hidden": True}
    own = new_code_cell("mine()", id="own", metadata={"collapsed": True})
    content["cells"] = [answer, title, own, task, prints]  # moved, and one that is new
    content["metadata"]["title"] = "Mine"
    save(manager, content)
    after = stored(desk)
    assert [cell.id for cell in after.cells] == ["answer", "title", "own", "task", "prints"]
    answer, title, own, task, prints = after.cells
    assert (title.source, title.metadata.tags) == ("# Mine", ["mine"])
    assert (prints.outputs, prints.execution_count) == ([], None)
    assert (task.source, task.outputs, task.metadata) == (
        "return 5",
        [result("5", 1)],
        {"jupyter": {"source_hidden": True}},
    )
    assert (own.source, own.metadata) == ("mine()", {"collapsed": True})
    assert answer.metadata == HIDDEN
    assert after.metadata.title == "Mine"


def test_a_kernel_of_another_language_is_a_choice(desk, manager):
    content = opened(manager)
    content["metadata"] |= {"kernelspec": {"name": "ir", "display_name": "R"}, "language_info": {"name": "R"}}
    save(manager, content)
    assert stored(desk).metadata == {"kernelspec": {"name": "ir", "display_name": "R"}, "language_info": {"name": "R"}}


def test_another_kernel_of_the_same_language_is_a_choice_too(desk, manager):
    content = opened(manager)
    chosen = {"name": "gpu", "display_name": "Python (gpu)", "language": "python"}
    content["metadata"]["kernelspec"] = chosen
    save(manager, content)
    assert stored(desk).metadata["kernelspec"] == chosen


def test_a_notebook_that_is_trusted_stays_so(desk, manager):
    content = opened(manager)
    content["cells"][2]["outputs"] = [new_output("display_data", data={"text/html": "<b>7</b>"})]
    for cell in content["cells"][1:]:
        cell["metadata"]["trusted"] = True
    save(manager, content)
    assert all(cell["metadata"].get("trusted") for cell in manager.get(NAME)["content"]["cells"][1:])
    assert b"trusted" not in (desk / NAME).read_bytes()


def test_a_new_notebook_is_saved_as_it_is(desk, manager):
    content = opened(manager)
    save(manager, content, "new.ipynb")
    assert nbformat.read(desk / "new.ipynb", as_version=4).metadata == ANOTHER_PYTHON


def test_a_file_and_a_folder_are_none_of_its_business(desk, manager):
    manager.save({"type": "file", "format": "text", "content": "mine"}, "note.txt")
    manager.save({"type": "directory"}, "folder")
    assert (desk / "note.txt").read_text(encoding="utf-8") == "mine"
    assert (desk / "folder").is_dir()


@pytest.mark.parametrize("broken", [b"", b"not json", b"[]", b'{"nbformat": 4, "nbformat_minor": 5}', b"\xff"])
def test_a_file_that_is_no_notebook_is_written_over_with_the_readers_work(desk, manager, broken, caplog):
    content = opened(manager)
    (desk / NAME).write_bytes(broken)
    content["cells"][3]["source"] = "mine"
    save(manager, content)
    assert stored(desk).cells[3].source == "mine"


@pytest.mark.parametrize("step", ["kept_cell", "keep", "results", "to_os_path"])
def test_an_error_anywhere_in_the_hook_is_logged_and_the_work_is_saved_whole(desk, monkeypatch, caplog, step):
    def fails(*arguments):
        raise RuntimeError("the hook is broken")

    manager = manager_of(desk, saving.keep_versions)
    content = opened(manager)
    content["cells"][3]["source"] = "mine"
    monkeypatch.setattr(saving, step, fails)
    manager.log = logging.getLogger("jupyter")
    save(manager, copy.deepcopy(content))
    assert "Pre-save hook keep_versions failed on chapter.ipynb" in caplog.text
    after = stored(desk)
    assert after.cells[3].source == "mine"
    assert after.metadata == ANOTHER_PYTHON  # as without the hook: nothing half done
