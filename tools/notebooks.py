"""Execute the notebooks and store them normalised: executing twice gives the same bytes.

    python tools/notebooks.py notebooks             # execute in place
    python tools/notebooks.py --check notebooks     # execute, compare with the file, write nothing

An error or a line on stderr in any cell fails the notebook and leaves its file as it was.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import nbformat
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

CELL_SECONDS = 600
CELL_METADATA = {"tags", "slideshow", "jupyter", "moves"}
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET = "application/vnd.jupyter.widget-view+json"


class ThisInterpreter(AsyncKernelManager):
    """A kernel of the interpreter that runs this tool, whatever kernels are installed."""

    @property
    def kernel_spec(self):
        """How the kernel is started: without its remark that TCP is not encrypted."""
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict(["--log-level=ERROR"]))


def find(paths):
    """List the notebooks in files and folders, sorted, without Jupyter's checkpoints."""
    found = [p for path in paths for p in (sorted(path.rglob("*.ipynb")) if path.is_dir() else [path])]
    return [path for path in found if ".ipynb_checkpoints" not in path.parts]


def load(path):
    """Read a notebook and give every cell an id of its own before anything else looks at it.

    Parameters
    ----------
    path : Path
        A notebook of format 4.

    Returns
    -------
    nbformat.NotebookNode
        The notebook, valid as format 4.5.
    """
    raw = json.loads(path.read_text(encoding="utf-8"))
    if raw.get("nbformat") != 4:
        raise ValueError(f"notebook format {raw.get('nbformat')}, expected 4")
    raw["nbformat_minor"] = 5
    name_cells(raw["cells"])
    nb = nbformat.reads(json.dumps(raw), as_version=4)
    nbformat.validate(nb)
    return nb


def name_cells(cells):
    """Replace ids that are missing, malformed or used before by a hash of position and source."""
    seen = set()
    for position, cell in enumerate(cells):
        name = cell.get("id")
        if not isinstance(name, str) or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) or name in seen:
            source = "".join(cell["source"])
            cell["id"] = hashlib.sha256(f"{position}\n{source}".encode()).hexdigest()[:12]
        seen.add(cell["id"])


def execute(nb, folder):
    """Run all cells in a fresh kernel, up to the first error.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        The notebook; its outputs are replaced.
    folder : Path
        Working directory of the kernel.

    Returns
    -------
    list of str
        What went wrong, cell by cell; empty if nothing did.
    """
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        nb,
        timeout=CELL_SECONDS,
        kernel_manager_class=ThisInterpreter,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        # What frameworks returned is read: the bytes are then the same where these are installed and where not.
        client.execute(env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "RNNBOOK_FRAMEWORKS": "stored"})
    except CellExecutionError:
        pass  # its output says so
    except (CellTimeoutError, DeadKernelError) as error:
        return [str(error).strip(), *complaints(nb)]
    return complaints(nb)


def complaints(nb):
    """Say in which cells an executed notebook holds an error or a line on stderr."""
    found = []
    for position, cell in enumerate(nb.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found.append(f"cell {position} ({cell.id}): {output.ename}: {output.evalue}")
            elif output.get("name") == "stderr":
                found.append(f"cell {position} ({cell.id}): stderr: {output.text.strip()}")
    return found


def normalise(nb):
    """Remove from an executed notebook all that changes from run to run.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        The notebook, changed in place: execution counts run from 1, streams are merged, widget ids
        follow from cell ids, metadata is kept only where a reader or a slide show needs it.
    """
    nb.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    count = 0
    for cell in nb.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in CELL_METADATA})
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = merge_streams(cell.outputs)
        for number, output in enumerate(cell.outputs):
            if "execution_count" in output:
                output.execution_count = cell.execution_count
            if WIDGET in output.get("data", {}):
                model = hashlib.sha256(f"{cell.id}/{number}".encode()).hexdigest()[:32]
                output.data[WIDGET]["model_id"] = model


def merge_streams(outputs):
    """Join neighbouring pieces of one stream, which a kernel splits where it happens to flush."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if output.output_type == "stream" and output.name == last.get("name"):
            last.text += output.text
        else:
            merged.append(output)
    return merged


def differences(old, new):
    """Name the cells in which a notebook and its executed self differ."""
    found = [
        f"cell {position} ({b.id})"
        for position, (a, b) in enumerate(zip(old.cells, new.cells, strict=True), start=1)
        if a != b
    ]
    return found or ["the notebook's metadata, or the order or spacing of its JSON"]


def process(path, check):
    """Execute and normalise one notebook, then write it or compare it.

    Parameters
    ----------
    path : Path
        The notebook.
    check : bool
        Compare with the file instead of writing it.

    Returns
    -------
    tuple of str and list of str
        A line that says how it went, and what went wrong.
    """
    start = time.perf_counter()
    try:
        nb = load(path)
        problems = execute(nb, path.parent)
    except (OSError, ValueError, KeyError, nbformat.ValidationError) as error:
        problems = [f"{type(error).__name__}: {error}"]
    verdict = "failed"
    if not problems:
        normalise(nb)
        text = nbformat.writes(nb, version=nbformat.NO_CONVERT) + "\n"
        same = path.read_bytes() == text.encode()
        verdict = "unchanged" if same else "differs" if check else "written"
        if check and not same:
            problems = differences(load(path), nbformat.reads(text, as_version=4))
        elif not same:
            replace(path, text)
    line = f"{path.as_posix()}: {time.perf_counter() - start:.1f} s, {verdict}"
    return line, [f"{path.as_posix()}: {problem}" for problem in problems]


def each(notebooks, check):
    """What `process` says of every notebook, in their order; on all cores, since each has a kernel of its own."""
    if len(notebooks) == 1:
        yield process(notebooks[0], check)
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from pool.map(process, notebooks, [check] * len(notebooks))


def replace(path, text):
    """Write a file whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8", newline="\n")
    os.replace(new, path)


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; those of the process if omitted.

    Returns
    -------
    int
        Exit status: 0 if every notebook went well, else 1.
    """
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("notebooks")])
    parser.add_argument("--check", action="store_true", help="compare with the files, write nothing")
    args = parser.parse_args(argv)
    notebooks = find(args.paths)
    if not notebooks:
        print(f"no notebooks in {', '.join(map(str, args.paths))}", file=sys.stderr)
        return 1
    status = 0
    for line, problems in each(notebooks, args.check):
        print(line, flush=True)
        print("\n".join(problems), end="\n" * bool(problems), file=sys.stderr)
        status |= bool(problems)
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
