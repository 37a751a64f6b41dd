"""Sphinx settings of `make html`: the chapters, solutions and figures as plain pages that open from the disk.

The sources are the repository's own files. Nothing is executed: what a notebook stored is what a page shows.
"""

import json
import shutil
from pathlib import Path

import rnnbook
from tools import recorded
from tools.offline import mathjax, picture_and_sentence

project, author, copyright = "rnnbook", "The rnnbook authors", "The rnnbook authors, CC BY 4.0"
version = release = rnnbook.__version__
language = "en"

extensions = ["myst_nb"]
root_doc = "README"
include_patterns = ["*.md", "benchmarks/*.md", "figures/*.md", "notebooks/*.ipynb", "notebooks/solutions/*.ipynb"]
exclude_patterns = [".*", "**/.*", "build", "dist", "node_modules"]

nb_execution_mode = "off"
nb_code_prompt_show, nb_code_prompt_hide = "Show the answer", "Hide the answer"  # of cells tagged hide-output
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "tools.offline.anchor"
# A link that leads nowhere is a warning, and `make html` turns warnings into errors.
nitpicky = True

html_theme = "sphinx_book_theme"
html_title = "rnnbook"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["fold.js", "commas.js", "views.js", "recorded.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # a summary is fetched, which browsers refuse to a page from the disk
html_additional_pages = {"index": "redirect.html"}  # the page people look for first
templates_path = ["templates"]
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
    "navbar_persistent": [],  # the search stands in the sidebar
    "logo": {"text": "rnnbook"},
}
# MathJax lies beside the pages, in one file without fonts to fetch.
mathjax_path = mathjax().name
mathjax3_config = {"options": {"enableMenu": False}}

CONTENTS = """
```{toctree}
:hidden:
:caption: Chapters
:glob:
notebooks/*
```
```{toctree}
:hidden:
:caption: Solutions
:glob:
notebooks/solutions/*
```
```{toctree}
:hidden:
:caption: Besides
:glob:
figures/*
benchmarks/*
CHANGELOG
CONTRIBUTING
LICENSE-CONTENT
```
"""


def prepare(app, name, source):
    """Give the first page its table of contents, and every stored picture its sentence."""
    if name == root_doc:
        source[0] += CONTENTS
    elif app.env.doc2path(name).suffix == ".ipynb":
        notebook = json.loads(source[0])
        recorded.mark(notebook)
        recorded.say_where(notebook)
        source[0] = json.dumps(picture_and_sentence(notebook))


def add_mathjax(app):
    """Copy MathJax beside the pages."""
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(mathjax(), folder / mathjax().name)


def add_recordings(app):
    """Put what the explorers showed, and the code that shows it, beside the pages."""
    static = Path(app.outdir) / "_static"
    shutil.rmtree(static / "recorded", ignore_errors=True)
    (static / "recorded").mkdir(parents=True)
    (static / "views.js").write_text(recorded.scripts(), encoding="utf-8")
    for script in recorded.folder().glob("*.js"):
        if script.name in app.config.recordings:
            shutil.copyfile(script, static / "recorded" / script.name)


def setup(app):
    app.add_config_value("recordings", [], "env", list)
    app.connect("builder-inited", add_recordings)
    app.connect("source-read", prepare)
    app.connect("builder-inited", add_mathjax)
