"""How long each chapter's talk takes, summed from its speaker notes: the table in TEACHING.md."""

import json
import re
import sys

from tools.offline import ROOT, notes, text

PAGE = ROOT / "TEACHING.md"
TABLE = re.compile(r"(?<=<!-- from the speaker notes, by python -m tools.talks -->\n\n)(?:\|.*\n)*")


def title(notebook):
    """Return the heading with which a notebook begins."""
    return text(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ")


def table():
    """Return the chapters with their slides and minutes, and the sum of all.

    Returns
    -------
    str
        A table in Markdown.
    """
    rows = ["| chapter | slides | minutes |", "|---|---|---|"]
    slides = minutes = 0
    for chapter in sorted((ROOT / "notebooks").glob("*.ipynb")):
        said = notes(chapter.stem)
        name = title(json.loads(chapter.read_text(encoding="utf-8")))
        rows.append(f"| [{name}](notebooks/{chapter.name}) | {len(said)} | {said[-1]['until']} |")
        slides, minutes = slides + len(said), minutes + said[-1]["until"]
    rows.append(f"| all | {slides} | {minutes} |")
    return "\n".join(rows) + "\n"


def main():
    """Write the table into the page."""
    PAGE.write_text(TABLE.sub(lambda _: table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
