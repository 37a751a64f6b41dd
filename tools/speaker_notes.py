"""The speaker notes of one chapter as a page, each beside its slide, with the time it takes: `make notes CH=04`."""

import argparse
import json
import re
from pathlib import Path

from nbconvert.filters import markdown2html

from tools.offline import ROOT, notes
from tools.present import chapter
from tools.slides import PAGES, furnish, slides_of


def opened(cell):
    """A cell with its answers open, since the speaker knows them, and no links: these notes stand alone."""
    cell = cell.replace('<details class="hide">', '<details class="hide" open>')
    return re.sub(r'<a href="\d\d_\w+\.html">(.*?)</a>', r"\1", cell)


def main(argv=None):
    """Write the notes of one chapter."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("chapter", help="number of the chapter, as 04")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "notes")
    args = parser.parse_args(argv)
    path = chapter(args.chapter)
    furnish(args.folder)
    slides = slides_of(json.loads(path.read_text(encoding="utf-8")), strips=False)
    rows = [
        note | {"cells": [opened(cell) for cell in cells], "note": markdown2html(note["note"])}
        for cells, note in zip(slides, notes(path.stem), strict=True)
    ]
    page = PAGES.get_template("notes.html").render(title=rows[0]["heading"], slides=rows)
    (args.folder / f"{path.stem}.html").write_text(page, encoding="utf-8")
    print(f"{args.folder / path.stem}.html: {len(rows)} slides, {rows[-1]['until']} minutes")


if __name__ == "__main__":
    main()
