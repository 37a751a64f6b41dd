"""The notebook tool: what it stores does not change from run to run, and nothing bad is stored."""

import json
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import notebooks as tool


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def widget_view(model_id):
    return new_output(
        "display_data",
        data={
            tool.WIDGET: {"model_id": model_id, "version_major": 2, "version_minor": 0},
            "image/png": "aGVsbG8=",
        },
    )


def code(source="1", cell_id="a", outputs=(), count=None, metadata=None):
    return new_code_cell(source, id=cell_id, outputs=list(outputs), execution_count=count, metadata=metadata or {})


def normalised(*cells, **metadata):
    nb = new_notebook(cells=list(cells), metadata=metadata)
    tool.normalise(nb)
    nbformat.validate(nb)
    return nb


def write(folder, *cells):
    path = folder / "chapter.ipynb"
    path.write_text(nbformat.writes(new_notebook(cells=list(cells))), encoding="utf-8")
    return path


@pytest.fixture
def run(capsys):
    def call(*args):
        status = tool.main([str(arg) for arg in args])
        return status, *capsys.readouterr()

    return call


def test_good_ids_are_kept_and_bad_ones_follow_from_position_and_source():
    def cells():
        return [
            {"id": "setup", "source": "x = 1"},
            {"id": "setup", "source": "x = 1"},
            {"source": ["x = 1\n", "y = 2"]},
            {"id": "has spaces", "source": ""},
            {"id": "jacobian-by-hand", "source": "x"},
        ]

    first, second = cells(), cells()
    tool.name_cells(first)
    tool.name_cells(second)
    names = [cell["id"] for cell in first]
    assert names[0] == "setup"
    assert names[4] == "jacobian-by-hand"
    assert len(set(names)) == 5
    assert first == second


def test_naming_cells_twice_changes_nothing():
    cells = [{"id": "a", "source": ""}, {"id": "a", "source": ""}, {"source": ""}]
    tool.name_cells(cells)
    before = json.dumps(cells)
    tool.name_cells(cells)
    assert json.dumps(cells) == before


def test_notebook_metadata_is_reduced_to_the_kernel_name():
    nb = normalised(
        language_info={"name": "python", "version": "3.11.7"},
        kernelspec={"name": "my-env", "display_name": "mine", "language": "python"},
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {}}},
    )
    assert nb.metadata == tool.NOTEBOOK_METADATA


def test_cell_metadata_keeps_tags_and_slides_and_drops_times():
    kept = {
        "tags": ["remove-input"],
        "slideshow": {"slide_type": "slide"},
        "jupyter": {"source_hidden": True},
    }
    times = {"execution": {"iopub.execute_input": "2026-01-01T00:00:00Z"}, "collapsed": False}
    prose = new_markdown_cell("text", id="b", metadata=kept | times)
    nb = normalised(code(metadata=kept | times), prose)
    assert [cell.metadata for cell in nb.cells] == [kept, kept]


def test_counts_run_from_one_and_results_follow():
    result = new_output("execute_result", data={"text/plain": "2"}, execution_count=12)
    nb = normalised(
        code("1 + 1", "a", [result], 12), new_markdown_cell("", id="b"), code("", "c"), code("3", "d", (), 40)
    )
    assert [cell.get("execution_count") for cell in nb.cells] == [1, None, None, 2]
    assert nb.cells[0].outputs[0].execution_count == 1


def test_neighbouring_pieces_of_a_stream_are_joined():
    picture = new_output("display_data", data={"image/png": "aGVsbG8="})
    nb = normalised(code(outputs=[stream("a\n"), stream("b\n"), picture, stream("c\n")], count=1))
    outputs = nb.cells[0].outputs
    assert [output.get("text") for output in outputs] == ["a\nb\n", None, "c\n"]


def test_model_ids_follow_from_cell_and_output_and_the_picture_stays():
    def ids(*random):
        nb = normalised(
            code("a", "a", [widget_view(random[0]), widget_view(random[1])], 1),
            code("b", "b", [widget_view(random[2])], 2),
        )
        assert all(output.data["image/png"] == "aGVsbG8=" for cell in nb.cells for output in cell.outputs)
        return [output.data[tool.WIDGET]["model_id"] for cell in nb.cells for output in cell.outputs]

    names = ids("1" * 32, "2" * 32, "3" * 32)
    assert names == ids("4" * 32, "5" * 32, "6" * 32)
    assert len(set(names)) == 3
    assert all(len(name) == 32 and int(name, 16) for name in names)


def test_complaints_name_the_cell_of_errors_and_stderr():
    error = new_output("error", ename="ValueError", evalue="x must be (T, N, D)", traceback=[])
    nb = new_notebook(
        cells=[code(cell_id="good", outputs=[stream("fine")]), code(cell_id="bad", outputs=[error]),
               code(cell_id="loud", outputs=[stream("careful\n", "stderr")])]
    )  # fmt: skip
    assert tool.complaints(nb) == [
        "cell 2 (bad): ValueError: x must be (T, N, D)",
        "cell 3 (loud): stderr: careful",
    ]


def test_checkpoints_are_not_found(tmp_path):
    for name in ["b.ipynb", "a.ipynb", "solutions/a.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in tool.find([tmp_path])]
    assert found == ["a.ipynb", "b.ipynb", "solutions/a.ipynb"]


def test_executing_twice_stores_the_same_bytes(run, tmp_path):
    source = "import os, sys\nprint(sys.executable, os.getcwd(), os.environ['OPENBLAS_NUM_THREADS'])"
    widget = "import ipywidgets\nipywidgets.IntSlider(description='T')"
    path = write(tmp_path, code(source, "where"), code(widget, "slider"), new_markdown_cell("prose", id="prose"))

    status, out, err = run(path)
    assert (status, err) == (0, "")
    assert out.rstrip().endswith("written")
    stored = path.read_bytes()
    assert stored.endswith(b"}\n")
    assert b"widget-state" not in stored
    nb = nbformat.read(path, as_version=4)
    assert nb.cells[0].outputs[0].text == f"{sys.executable} {tmp_path} 1\n"
    assert tool.WIDGET in nb.cells[1].outputs[0].data

    status, out, _ = run(path)
    assert status == 0
    assert out.rstrip().endswith("unchanged")
    assert path.read_bytes() == stored


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("print(1)\n1 / 0", "cell 1 (fails): ZeroDivisionError: division by zero"),
        ("import sys\nprint('careful', file=sys.stderr)", "cell 1 (fails): stderr: careful"),
    ],
)
def test_a_bad_notebook_fails_and_its_file_is_left_alone(run, tmp_path, source, message):
    path = write(tmp_path, code(source, "fails"))
    before = path.read_bytes()
    status, _, err = run(path)
    assert status == 1
    assert f"{path.as_posix()}: {message}" in err
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_check_names_the_cells_that_differ_and_writes_nothing(run, tmp_path):
    path = write(tmp_path, code("print(1)", "same", [stream("1\n")], 1), code("print(2)", "stale", [stream("3\n")], 2))
    before = path.read_bytes()
    status, _, err = run("--check", path)
    assert status == 1
    assert err == f"{path.as_posix()}: cell 2 (stale)\n"
    assert path.read_bytes() == before


def test_what_is_not_a_notebook_is_refused_by_name(run, tmp_path):
    path = tmp_path / "text.ipynb"
    path.write_text("not json", encoding="utf-8")
    status, _, err = run(path, tmp_path / "missing.ipynb")
    assert status == 1
    assert f"{path.as_posix()}: JSONDecodeError" in err
    assert "missing.ipynb: FileNotFoundError" in err


def test_a_folder_without_notebooks_is_an_error(run, tmp_path):
    assert run(tmp_path) == (1, "", f"no notebooks in {tmp_path}\n")
