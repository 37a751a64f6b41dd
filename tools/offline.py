"""What pages, slides and notes share that need no kernel: pictures with their sentence, notes, MathJax as a file."""

import html
import re
from importlib.metadata import distribution
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def make_folder(folder):
    """Make a folder for what is written; where that cannot be, stop with a sentence that names the way out."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise SystemExit(
            f"{folder} cannot be made ({refused.strerror}). Name another folder after the command."
        ) from None


def mathjax():
    """Return the file with MathJax, which turns formulas into SVG and so fetches no fonts.

    Nothing else of the package it lies in is used.
    """
    package = distribution("sphinx-mathjax-offline")
    return Path(package.locate_file("sphinx-mathjax-offline/static/mathjax/tex-svg-full.js"))


def notes(stem):
    """Read a chapter's speaker notes.

    Parameters
    ----------
    stem : str
        The notebook's name without ending.

    Returns
    -------
    list of dict
        For every slide its heading, its minutes, the minutes from the start to its end, and the note as Markdown.
    """
    written = (ROOT / "notebooks" / "notes" / f"{stem}.md").read_text(encoding="utf-8-sig")
    found = re.findall(r"^## (.*)\n\n(\d+) min\. ((?:(?!^## ).*\n?)*)", written, re.MULTILINE)
    until = accumulate(int(minutes) for _, minutes, _ in found)
    return [
        {"heading": heading, "minutes": int(minutes), "until": total, "note": note}
        for (heading, minutes, note), total in zip(found, until, strict=True)
    ]


def picture_and_sentence(notebook):
    """Turn every stored picture, and with it every explorer, into a figure with alternative text and caption.

    A question that is answered by hand becomes the question, and its answer to be opened.
    The sentence that a cell printed beneath its picture becomes the caption: as printed text it would be in the letters
    of code and break within words.

    Parameters
    ----------
    notebook : dict
        A notebook as JSON; it is changed in place.

    Returns
    -------
    dict
        The notebook.
    """
    for cell in notebook["cells"]:
        outputs = cell.get("outputs", [])
        for output, after in zip(outputs, [*outputs[1:], {}], strict=False):
            asked = output.get("metadata", {}).get("text/plain", {})
            if "question" in asked:
                output["data"], output["metadata"] = {"text/html": question(output, **asked)}, {}
            elif "image/png" in output.get("data", {}):
                if text(after.get("text", "")).startswith(sentence(output)):
                    after["text"] = text(after["text"]).removeprefix(sentence(output)).removeprefix("\n")
                output["data"] = {"text/html": figure(output)}
                output["metadata"] = {}
        outputs[:] = [output for output in outputs if output.get("text") != ""]
    return notebook


def text(lines):
    """Return a notebook's text, which is stored as one string or as a list of lines."""
    return lines if isinstance(lines, str) else "".join(lines)


def sentence(output):
    """Return what a picture's output says the picture shows."""
    return output["metadata"].get("image/png", {}).get("alt") or text(output["data"]["text/plain"])


def question(output, question, answer, choices):
    """Return a question that is answered by hand as HTML, with its picture if it has one."""
    shown = figure(output, answer) if "image/png" in output["data"] else f"<p>{html.escape(answer)}</p>"
    opened = f'<details class="hide"><summary>Show the answer</summary>{shown}</details>'
    picked = "".join(f"<li>{html.escape(choice)}</li>" for choice in choices)
    return f"<p>{html.escape(question)}</p>{picked and f'<ul>{picked}</ul>'}{opened}"


def figure(output, caption=None):
    """Return a picture's output as HTML, with a caption beneath it, or with its sentence."""
    alt, png = html.escape(caption or sentence(output)), text(output["data"]["image/png"]).replace("\n", "")
    width = output["metadata"].get("image/png", {}).get("width")
    size = f' width="{width}"' if width else ""
    image = f'<img alt="{alt}"{size} src="data:image/png;base64,{png}">'
    recorded = output["metadata"].get("image/png", {}).get("recorded", "")
    return f'<figure class="picture"{recorded}>{image}<figcaption>{alt}</figcaption></figure>'


def anchor(heading):
    """Return the anchor that Jupyter gives a heading, which links within a chapter use."""
    return heading.strip().replace(" ", "-")
