"""Static slides of all chapters, which open from the disk and need neither kernel nor network: `make slides`.

Explorers are their stored picture and sentence, and a strip of frames: what the first of their sliders does to the
picture, to step through.
"""

import argparse
import ast
import base64
import html
import json
import os
import re
import shutil
from importlib.metadata import distribution
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: the frames show what the chapters do

import jinja2
from nbconvert.filters import Highlight2HTML, markdown2html
from pygments.formatters import HtmlFormatter

from rnnbook.view import explorers
from rnnbook.view.explorers.controls import first_slider, stops_of
from tools.offline import ROOT, figure, make_folder, mathjax, notes, picture_and_sentence, text

ASSETS = Path(__file__).parent / "reveal"
FRAMES = 6
PAGES = jinja2.Environment(loader=jinja2.FileSystemLoader(ASSETS), trim_blocks=True, autoescape=False)


def slides_of(notebook, strips=True):
    """Render a notebook's slides.

    Parameters
    ----------
    notebook : dict
        As JSON.
    strips : bool
        Give explorers their strip of frames.

    Returns
    -------
    list of list of str
        The cells of every slide, as HTML.
    """
    slides, asked, answers = [], False, 0
    for cell in picture_and_sentence(notebook)["cells"]:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind in ("skip", "notes"):
            continue
        if kind in ("slide", "subslide") or not slides:
            slides.append([])
            asked, answers = False, 0
        step = f'" data-step="{answers - 1}' if answers else ""
        if asked and "hide-output" in cell["metadata"].get("tags", []):
            inner = code(cell, strips, answers)
            answers += 1
        else:
            inner = prose(cell) if cell["cell_type"] == "markdown" else code(cell, strips, first=answers)
        slides[-1].append(f'<div class="cell{step}">{inner}</div>')
        asked = asked or cell["cell_type"] == "code" or not re.fullmatch(r"#+ .*", text(cell["source"]).strip())
    return slides


def prose(cell):
    """Render a markdown cell: its pictures lie beside the slides, its links lead to other chapters' slides."""
    page = markdown2html(text(cell["source"]))
    page = re.sub(r'<a class="anchor-link".*?</a>', "", page)
    page = re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="\1.html"', page)
    return re.sub(r'<a href="(?!\d\d_\w+\.html|https?:)[^"]*">(.*?)</a>', r"\1", page, flags=re.DOTALL)


def code(cell, strips, step=None, first=0):
    """Render a code cell: where its output is a picture, the picture is the slide and the code is folded.

    With a `step` its outputs answer the question before it, and appear with that step of the slide. The frames of an
    explorer are the steps from `first` on.
    """
    source = text(cell["source"])
    outputs = [output_of(output) for output in cell["outputs"]]
    pictured = any(output.startswith("<figure") for output in outputs)
    explorer = explorer_of(source) if strips and pictured else None
    if explorer is not None:
        outputs = [strip(explorer, outputs[-1], first)]
    if step is not None:
        outputs = [f'<div class="answer" data-step="{step}">{"".join(outputs)}</div>']
    listing = Highlight2HTML(pygments_lexer="python")(source)
    if pictured:
        listing = f"<details><summary>Code</summary>{listing}</details>"
    return "".join([*outputs, listing] if pictured else [listing, *outputs])


def output_of(output):
    """Render an output: a picture with its sentence, or text."""
    data = output.get("data", {})
    if "text/html" in data:
        return text(data["text/html"])
    return f"<pre>{html.escape(text(output.get('text') or data['text/plain']))}</pre>"


def explorer_of(source):
    """Make the explorer that a cell shows, or return None: it shows none, or one made from the chapter's variables."""
    last = ast.parse(source).body[-1]
    call = last.value if isinstance(last, ast.Expr) else None
    if not isinstance(call, ast.Call) or not ast.unparse(call.func).startswith("explorers."):
        return None
    if call.args or not all(isinstance(keyword.value, ast.Constant) for keyword in call.keywords):
        return None
    return getattr(explorers, call.func.attr)(**{keyword.arg: keyword.value.value for keyword in call.keywords})


def strip(explorer, stored, first):
    """Render the stored picture and, as the steps from `first` on, what the explorer's main control does."""
    name = first_slider(explorer.controls, explorer.in_sight)
    slider = explorer.controls[name]
    frames = [stored.replace("<figure", f'<figure class="fragment fade-out" data-fragment-index="{first}"', 1)]
    for value in stops_of(slider, FRAMES):
        explorer.set(**{name: value})
        place = f"{value:g}" if isinstance(value, int | float) else value
        said = f"{slider.description}: {place}. {explorer.live.reading}"
        png = base64.b64encode(explorer.png()).decode("ascii")
        output = {"data": {"image/png": png}, "metadata": {"image/png": {"alt": said}}}
        opening = f'<figure class="fragment current-visible" data-fragment-index="{first + len(frames) - 1}"'
        frames.append(figure(output).replace("<figure", opening, 1))
    frames[-1] = frames[-1].replace(" current-visible", "", 1)  # the last one stays
    return f'<div class="frames">{"".join(frames)}</div>'


def furnish(folder):
    """Put beside the pages what they need: figures, MathJax, style."""
    make_folder(folder / "figures")
    for picture in (ROOT / "figures").glob("*.png"):
        shutil.copyfile(picture, folder / "figures" / picture.name)
    for script in (mathjax(), ASSETS / "mathjax.js", ASSETS.parent / "site" / "static" / "commas.js"):
        shutil.copyfile(script, folder / Path(script).name)
    style = (ASSETS / "slides.css").read_text(encoding="utf-8") + HtmlFormatter().get_style_defs(".highlight")
    (folder / "slides.css").write_text(style, encoding="utf-8")


def add_reveal(folder):
    """Put reveal.js beside the pages; it lies in the package sphinx-revealjs, of which nothing else is used."""
    found = Path(distribution("sphinx-revealjs").locate_file("sphinx_revealjs/_static/revealjs"))
    (folder / "reveal").mkdir(exist_ok=True)
    for part in ("dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js", "LICENSE"):
        shutil.copyfile(found / part, folder / "reveal" / Path(part).name)
    shutil.copyfile(ASSETS / "slides.js", folder / "slides.js")


def main(argv=None):
    """Write the slides of every chapter, and a page that lists them."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "slides")
    folder = parser.parse_args(argv).folder
    furnish(folder)
    add_reveal(folder)
    chapters = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        said = notes(path.stem)
        cells = slides_of(json.loads(path.read_text(encoding="utf-8")))
        slides = [{"cells": c, "note": markdown2html(n["note"])} for c, n in zip(cells, said, strict=True)]
        page = PAGES.get_template("slides.html").render(title=said[0]["heading"], slides=slides)
        (folder / f"{path.stem}.html").write_text(page, encoding="utf-8")
        chapters.append((path.stem, said[0]["heading"]))
        print(f"{folder / path.stem}.html: {len(slides)} slides", flush=True)
    index = PAGES.get_template("index.html").render(chapters=chapters)
    (folder / "index.html").write_text(index, encoding="utf-8")


if __name__ == "__main__":
    main()
