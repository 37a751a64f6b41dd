"""The chapters' explorers, recorded for the pages: which there are, where they are kept, what the texts say of them."""

import ast
import contextlib
import hashlib
import io
import json
import re
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

import anywidget
import ipywidgets
import matplotlib
import numpy as np
from IPython.core.interactiveshell import InteractiveShell

from rnnbook.view import explorers
from tools.offline import ROOT, text
from tools.recording import Recording

NARROW = 3.75  # inches: the text's width on a phone of 390 pixels
ALL = ROOT / "build" / "recordings"
ELSEWHERE, LAST_ELSEWHERE = " *(In the notebook.)*", " *(To the end in the notebook.)*"


def in_notebook(notebook):
    """Find the explorers that a notebook shows.

    Parameters
    ----------
    notebook : dict
        As JSON.

    Returns
    -------
    list of (int, str, list)
        For each the place of its cell, the name under which its recording is kept, and the moves that the text "Try
        this" after it asks for, as that cell's metadata says them.
    """
    found = []
    for k, cell in enumerate(notebook["cells"]):
        call = _call(text(cell["source"])) if cell["cell_type"] == "code" else None
        if call is not None and any("image/png" in output.get("data", {}) for output in cell["outputs"]):
            moves = next(
                (c["metadata"]["moves"] for c in notebook["cells"][k + 1 : k + 3] if "moves" in c["metadata"]), []
            )
            found.append((k, _name(notebook, k, call, moves), moves))
    return found


def _call(source):
    """The call of an explorer that ends a cell, or None."""
    body = ast.parse(re.sub(r"^\s*%.*$", "", source, flags=re.MULTILINE)).body
    call = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("explorers."):
        return call
    return None


def _plain(call):
    """Whether a call needs nothing of the chapter."""
    return not call.args and all(isinstance(keyword.value, ast.Constant) for keyword in call.keywords)


def _name(notebook, k, call, moves):
    """The explorer's class, and a digest of all that its recording comes from."""
    cells = [cell for cell in notebook["cells"][: k + 1] if cell["cell_type"] == "code"]
    sources = [text(cell["source"]) for cell in (cells[-1:] if _plain(call) else cells)]
    digest = hashlib.sha256(json.dumps([sources, moves, _code()]).encode()).hexdigest()
    return f"{call.func.attr}-{digest[:12]}"


@cache
def _code():
    """Digests of the package and of what records it, and the versions of what draws."""
    files = [
        *sorted((ROOT / "rnnbook").rglob("*.*")),
        *sorted(ROOT.glob("tools/record*.py")),
        ROOT / "tools/shorten.py",
    ]
    kept = [path for path in files if path.suffix in (".py", ".js", ".npz", ".csv")]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in kept]
    versions = [part.__version__ for part in (np, matplotlib, ipywidgets, anywidget)]
    return [*digests, *versions, sys.version_info[:2]]


def folder():
    """Where the recordings of the code as it stands are kept.

    Returns
    -------
    Path
        It may not be there yet.
    """
    return ALL / hashlib.sha256(json.dumps(_code()).encode()).hexdigest()[:12]


def mark(notebook):
    """Tell the stored pictures of explorers which recording takes their place on a page with JavaScript.

    Parameters
    ----------
    notebook : dict
        As JSON; the metadata of outputs are changed in place.
    """
    for k, name, _ in in_notebook(notebook):
        narrow = " data-narrow" if (folder() / f"{name}-narrow.js").exists() else ""
        for output in notebook["cells"][k]["outputs"]:
            if "image/png" in output.get("data", {}):
                output["metadata"]["image/png"]["recorded"] = f' data-recorded="{name}"{narrow}'


def explorer_at(path, k):
    """Make the explorer that a cell shows.

    Parameters
    ----------
    path : Path
        The notebook.
    k : int
        The cell's place. If the explorer is made of what the chapter made before, all cells before it are run.

    Returns
    -------
    Explorer
        As the cell makes it.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"][: k + 1]
    source = text(cells[-1]["source"])
    if _plain(_call(source)):
        return eval(ast.unparse(_call(source)), {"explorers": explorers})
    shell = InteractiveShell.instance()
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            if cell["cell_type"] == "code":
                ran = shell.run_cell(text(cell["source"]))
                ran.raise_error()
    return ran.result


def record_cell(path, k, name, moves):
    """Record one explorer, for wide pages and, where its figure has a form for narrow ones, for those.

    Parameters
    ----------
    path : Path
        The notebook.
    k : int
        The cell's place.
    name : str
        Under which the recording is kept.
    moves : list
        What the text asks for.

    Returns
    -------
    str
        The name.
    """
    explorer = explorer_at(path, k)
    if explorer.reflows:
        explorer._lay_out(NARROW)
        _keep(f"{name}-narrow", explorer, moves)
        explorer.reset()
        explorer._lay_out(None)
    _keep(name, explorer, moves)  # last: where it is, all is there
    return name


def _keep(name, explorer, moves):
    """Write a recording as a script: a page from the disk may load scripts, and nothing else."""
    data = json.dumps(Recording(explorer, moves).data(), ensure_ascii=False, separators=(",", ":"))
    new = folder() / f"{name}.js.new"
    new.write_text(f"rnnbookRecorded({json.dumps(name)},{data});\n", encoding="utf-8")
    new.replace(folder() / f"{name}.js")


def record_all(paths):
    """Record the explorers of notebooks, on all cores; what is recorded already stays.

    Parameters
    ----------
    paths : list of Path
        The notebooks.

    Returns
    -------
    list of Path
        The scripts of all of them, those for narrow pages too.
    """
    folder().mkdir(parents=True, exist_ok=True)
    for other in ALL.iterdir():  # of other versions of the code
        if other.is_dir() and other != folder():
            shutil.rmtree(other)
        elif other != folder():
            other.unlink()
    wanted = []
    for path in paths:
        for k, name, moves in in_notebook(json.loads(path.read_text(encoding="utf-8"))):
            wanted.append((path, k, name, moves))
    missing = [job for job in wanted if not (folder() / f"{job[2]}.js").exists()]
    missing.sort(key=lambda job: _plain(_call(text(json.loads(job[0].read_text("utf-8"))["cells"][job[1]]["source"]))))
    if missing:
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            for name in pool.map(record_cell, *zip(*missing, strict=True)):
                print(f"recorded {name}", flush=True)
    names = {name for _, _, name, _ in wanted}
    return [path for path in sorted(folder().glob("*.js")) if path.stem.removesuffix("-narrow") in names]


def scripts():
    """What the pages' explorers are drawn with: the notebooks' own code, as one script.

    Returns
    -------
    str
        JavaScript that defines `rnnbookViews`, by the names of the widgets' classes.
    """
    views = {"Live": "live", "TextView": "text_view", "WordView": "word_view"}
    parts = []
    for name, file in views.items():
        source = (ROOT / "rnnbook" / "view" / f"{file}.js").read_text(encoding="utf-8")
        body, exported, rest = source.partition("export default { render };")
        if not exported or rest.strip():
            raise ValueError(f"{file}.js must end with its export")
        shared = "{ render, share }" if name == "Live" else "{ render }"
        parts.append(f"rnnbookViews.{name} = (() => {{\n{body}return {shared};\n}})();\n")
    return f"const rnnbookViews = {{}};\n{''.join(parts)}"


def say_where(notebook):
    """Say in the texts "Try this" which of their moves a page without a kernel cannot follow.

    Parameters
    ----------
    notebook : dict
        As JSON; its cells with moves are changed in place.
    """
    for cell in notebook["cells"]:
        moves = cell["metadata"].get("moves")
        if not moves:
            continue
        items = re.split(r"(?m)^(?=\d+\. )", text(cell["source"]))
        for k, way in enumerate(moves, start=1):
            if None in way:
                said = items[k].split("\n\n")[0].rstrip()
                items[k] = said + (ELSEWHERE if way == [None] else LAST_ELSEWHERE) + items[k][len(said) :]
        cell["source"] = "".join(items)
