"""Opening and saving a notebook changes nothing in its file: what JupyterLab runs on every notebook before it saves it.

    python -m jupyterlab --ContentsManager.pre_save_hook=tools.saving.keep_versions

JupyterLab writes the version of the Python that runs into every notebook that it saves, and counts runs anew: a chapter
that was only read would then differ from the book's. What a reader writes, marks or tags is saved as ever; an answer
that the file has closed stays closed there. Where a widget was shown anew its id is saved, too: by it another page
shows the widget that lives.

Jupyter logs an error of a hook and saves what it has: so a notebook is changed in one step, when all is found.
"""

from pathlib import Path

import nbformat
from jupyter_server.utils import to_os_path
from nbformat.v4.rwbase import rejoin_lines

from tools.notebooks import merge_streams

# What depends on the machine; what JupyterLab adds: the state of widgets and times, where settings ask for them, and in
# other words that an output is hidden.
MACHINE = ("kernelspec", "language_info")
ADDED = {"widgets"}
CELL_ADDED = {"execution", "collapsed"}


def keep_versions(model, path, contents_manager, **more):
    """Keep in a notebook that is saved what its file has and what no reader changed.

    Parameters
    ----------
    model : dict
        What is saved; its `content` is changed in place if it is a notebook that has a file already.
    path : str
        Where to, below the folder that is served.
    contents_manager : jupyter_server.services.contents.manager.ContentsManager
        Who saves.
    **more
        What later releases of Jupyter may say.
    """
    file = Path(to_os_path(path.strip("/"), contents_manager.root_dir))
    if model.get("type") == "notebook" and model.get("content") and file.is_file():
        stored = nbformat.read(file, as_version=nbformat.NO_CONVERT)
        model["content"] |= kept(model["content"], stored)


def kept(new, stored):
    """Return the metadata and the cells of a notebook, with what is kept of its stored self.

    Parameters
    ----------
    new : dict
        The notebook as JupyterLab has it.
    stored : nbformat.NotebookNode
        The notebook as its file has it.

    Returns
    -------
    dict
        "metadata" and "cells".
    """
    metadata = keep(new["metadata"], stored.metadata, ADDED)
    if chosen(metadata) == chosen(stored.metadata):  # else another kernel was chosen, which is kept
        metadata = keep(metadata, stored.metadata, MACHINE)
    before = {cell.id: cell for cell in stored.cells if "id" in cell}
    cells = [kept_cell(cell, before[cell["id"]]) if cell.get("id") in before else cell for cell in new["cells"]]
    return {"metadata": metadata, "cells": cells}


def chosen(metadata):
    """Return what tells which kernel a reader chose: its name and its language, or None where one is not named."""
    return metadata.get("kernelspec", {}).get("name"), language(metadata)


def language(metadata):
    """Return the language of a notebook, or None where it names none."""
    return metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language")


def keep(new, stored, keys):
    """Return `new` with some keys as they are stored, and without those that are not."""
    return {key: value for key, value in new.items() if key not in keys} | {
        key: stored[key] for key in keys if key in stored
    }


def kept_cell(cell, stored):
    """Return a cell with what its stored self hides, and with its outputs and counts if a run brought the same."""
    cell = cell | {"metadata": keep(cell["metadata"], stored.metadata, CELL_ADDED)}
    if cell["cell_type"] != "code" or stored.cell_type != "code":
        return cell
    if stored.metadata.get("jupyter", {}).get("outputs_hidden"):  # running a cell opens the answer
        cell["metadata"]["jupyter"] = cell["metadata"].get("jupyter", {}) | {"outputs_hidden": True}
    new = rejoin_lines(nbformat.from_dict({"cells": [cell]})).cells[0]
    if new.source == stored.source and results(new) == results(stored):
        cell |= {"outputs": stored.outputs, "execution_count": stored.execution_count}
    return cell


def results(cell):
    """Return a cell's outputs without what counts runs; a stream may come in pieces."""
    return [
        {key: value for key, value in output.items() if key != "execution_count"}
        for output in merge_streams(nbformat.from_dict(cell.outputs))
    ]
