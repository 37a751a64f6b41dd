"""Sphinx settings of `make html`: the chapters, solutions and figures as plain pages that open from the disk.

The sources are the repository's own files. Nothing is executed: what a notebook stored is what a page shows.
"""

import hashlib
import html
import json
import re
import shutil
from pathlib import Path

import pydata_sphinx_theme

import rnnbook
from tools import pages, previews, recorded
from tools.address import site
from tools.icons import icons
from tools.offline import ROOT, mathjax, picture_and_sentence, png_size

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
html_css_files = ["icons.css", "site.css"]
html_js_files = ["fold.js", "commas.js", "reach.js", "views.js", "recorded.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # a summary is fetched, which browsers refuse to a page from the disk
html_additional_pages = {"index": "front.html"}
html_baseurl = site()
html_use_index = False  # of Python's objects, of which the pages have none
templates_path = ["templates"]
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "navbar_persistent": [],  # the search stands in the sidebar
    "logo": {"text": "rnnbook"},
}
# MathJax lies beside the pages and has no fonts to fetch. These are the parts that are needed: the file that holds all
# weighs a fifth more.
MATHJAX = ["core", "input/tex", "output/svg", "a11y/assistive-mml"]
BEFORE_AND_AFTER = ["startup", "output/svg/fonts/tex"]  # one loads all others, and `output/svg` loads its letters
mathjax_path = "mathjax/startup.js"
mathjax3_config = {"loader": {"load": MATHJAX}}

CONTENTS = """
```{toctree}
:hidden:
About the book <self>
For teachers <TEACHING>
```
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


TITLE = "An interactive textbook on recurrent neural networks"
CLAIM = (
    "You derive, write, train and check RNN, LSTM and GRU in NumPy alone, and the plots recompute real gradients while "
    "you move a slider."
)
MOVING, PREVIEW = ROOT / "figures" / "gradient_in_motion.svg", ROOT / "figures" / "gradient_flow.png"


def prepare(app, name, source):
    """Give the first page its table of contents, and every stored picture its sentence and a file of its own."""
    folder = Path(app.outdir) / "_images"

    def keep(png):
        file = folder / f"{hashlib.sha256(png).hexdigest()[:16]}.png"
        folder.mkdir(exist_ok=True)
        file.write_bytes(png)
        return f"{'../' * name.count('/')}_images/{file.name}"

    if name == root_doc:
        source[0] += CONTENTS
    elif app.env.doc2path(name).suffix == ".ipynb":
        notebook = json.loads(source[0])
        recorded.mark(notebook)
        recorded.say_where(notebook)
        source[0] = json.dumps(picture_and_sentence(notebook, keep))


def add_files(app):
    """Copy beside the pages what they need: MathJax, the icons that they show, the picture of the front page."""
    static = Path(app.outdir) / "_static"
    for part in MATHJAX + BEFORE_AND_AFTER:
        file = static / "mathjax" / f"{part}.js"
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(mathjax().parent / f"{part}.js", file)
    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / "scripts"
    (static / "icons.css").write_text(icons((theme / "fontawesome.js").read_text(encoding="utf-8")), encoding="utf-8")
    for picture in (MOVING, PREVIEW):
        shutil.copyfile(picture, static / picture.name)


def lazy(body, folder, shown):
    """Let the pictures of a page wait until they come near, with room left for them."""

    def attributes(found):
        file = shown.get(Path(found["name"]).name)
        if file is None or file.suffix != ".png":
            return found[0]
        width, height = png_size((folder / file).read_bytes()[:24])
        return f'<img loading="lazy" width="{width}" height="{height}" {found["rest"]}'

    return re.sub(r'<img (?P<rest>(?![^>]*loading=)[^>]*?src="(?P<name>[^"]*_images/[^"]+)")', attributes, body)


def dress(app, name, template, context, doctree):
    """Complete a page: ways to run it beneath its title, lazy pictures, what previews of links need."""
    title, said, picture = TITLE, CLAIM, f"_static/{PREVIEW.name}"
    if name == "index":
        drawing = MOVING.read_text(encoding="utf-8")
        width, height = re.search(r'width="(\d+)" height="(\d+)"', drawing).groups()
        alt = html.unescape(re.search("<title>(.*?)</title>", drawing)[1])
        context["picture"] = {"name": MOVING.name, "width": width, "height": height, "alt": alt}
        context |= {"title": TITLE, "said": CLAIM, "first": "notebooks/00_start_here"}
        context["offered"] = pages.ways("00_start_here", Path(app.outdir))[:1]  # the pages have the others
    elif doctree is not None:
        shown = {file: Path(source) for source, file in app.builder.images.items()}
        title, said = app.env.titles[name].astext(), previews.description(doctree) or CLAIM
        context["body"] = lazy(context["body"], Path(app.srcdir), shown)
        # The summary of a closed answer says itself what it does.
        context["body"] = context["body"].replace('<summary aria-label="Toggle hidden content">', "<summary>")
        first = re.search(r'<img [^>]*src="(?:\.\./)*(_images/[^"]+\.png)"', context["body"])
        picture = first[1] if first else picture
        if re.fullmatch(r"notebooks/\d\d_\w+", name):
            row = pages.run_row(pages.ways(name.removeprefix("notebooks/"), Path(app.outdir)), root="../")
            context["body"] = context["body"].replace("</h1>", f"</h1>{row}", 1)
    # The theme would lead to the first document; the front page is none.
    context["theme_logo"] = context["theme_logo"] | {"link": "../" * name.count("/") + "index.html"}
    page = app.builder.get_target_uri(name)
    context["metatags"] = context.get("metatags", "") + previews.tags(title, said, site(), page, picture)


def list_pages(app, failed):
    """Write the list of all pages for search engines, where the public address is known."""
    if site() and not failed:
        listed = ["index", *sorted(app.env.found_docs)]
        addresses = [app.builder.get_target_uri(name) for name in listed]
        (Path(app.outdir) / "sitemap.xml").write_text(previews.sitemap(site(), addresses), encoding="utf-8")


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
    app.connect("builder-inited", add_files)
    app.connect("html-page-context", dress)
    app.connect("build-finished", list_pages)
