"""What pages, slides and notes share that need no kernel: pictures with their sentence, notes, MathJax as a file."""

import base64
import html
import re
import struct
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


def embed(png):
    """Return a picture as an address that holds the picture itself."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def picture_and_sentence(notebook, keep=embed):
    """Turn every stored picture, and with it every explorer, into a figure with alternative text and caption.

    A question that is answered by hand becomes the question, and its answer to be opened.
    The sentence that a cell printed beneath its picture becomes the caption: as printed text it would be in the letters
    of code and break within words.

    Parameters
    ----------
    notebook : dict
        A notebook as JSON; it is changed in place.
    keep : callable
        Takes a picture's bytes and returns the address under which the page finds it.

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
                output["data"], output["metadata"] = {"text/html": question(output, keep=keep, **asked)}, {}
            elif "image/png" in output.get("data", {}):
                if text(after.get("text", "")).startswith(sentence(output)):
                    after["text"] = text(after["text"]).removeprefix(sentence(output)).removeprefix("\n")
                output["data"] = {"text/html": figure(output, keep=keep)}
                output["metadata"] = {}
        outputs[:] = [output for output in outputs if output.get("text") != ""]
    return notebook


def text(lines):
    """Return a notebook's text, which is stored as one string or as a list of lines."""
    return lines if isinstance(lines, str) else "".join(lines)


def sentence(output):
    """Return what a picture's output says the picture shows."""
    return output["metadata"].get("image/png", {}).get("alt") or text(output["data"]["text/plain"])


def question(output, question, answer, choices, keep=embed):
    """Return a question that is answered by hand as HTML, with its picture if it has one."""
    shown = figure(output, answer, keep) if "image/png" in output["data"] else f"<p>{html.escape(answer)}</p>"
    opened = f'<details class="hide"><summary>Show the answer</summary>{shown}</details>'
    picked = "".join(f"<li>{html.escape(choice)}</li>" for choice in choices)
    return f"<p>{html.escape(question)}</p>{picked and f'<ul>{picked}</ul>'}{opened}"


def png_size(png):
    """Return the width and height of a picture from its first bytes."""
    return struct.unpack(">II", png[16:24])


def figure(output, caption=None, keep=embed):
    """Return a picture's output as HTML, with a caption beneath it, or with its sentence."""
    alt, png = html.escape(caption or sentence(output)), base64.b64decode(text(output["data"]["image/png"]))
    # With both, a browser leaves the room before the picture is there, and nothing jumps.
    across, down = png_size(png)
    width = output["metadata"].get("image/png", {}).get("width") or across
    size = f'width="{width}" height="{round(down * width / across)}"'
    lazy = "" if keep is embed else ' loading="lazy"'  # what the page holds itself waits for nothing
    image = f'<img alt="{alt}" {size}{lazy} src="{keep(png)}">'
    recorded = output["metadata"].get("image/png", {}).get("recorded", "")
    return f'<figure class="picture"{recorded}>{image}<figcaption>{alt}</figcaption></figure>'


def anchor(heading):
    """Return the anchor that Jupyter gives a heading, which links within a chapter use."""
    return heading.strip().replace(" ", "-")
