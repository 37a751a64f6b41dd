"""Start here, and what a reader follows from it: links lead somewhere, tables agree, notes fit the slides."""

import json
import re
import sys
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote

import pytest

import rnnbook
import tasks
from rnnbook import installation
from rnnbook.installation import Finding
from rnnbook.view import explorers

ROOT = Path(rnnbook.__file__).parents[1]
README = ROOT / "README.md"
NOTEBOOKS = sorted(path for path in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
HERE = ROOT / "notebooks" / "00_start_here.ipynb"
NOTES = ROOT / "notebooks" / "notes" / "00_start_here.md"
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
BROKEN = Finding("NumPy", "wrong", "not installed.", "Install it.")
HANGUL = re.compile(r"[가-힣]")


def name(path):
    return path.relative_to(ROOT).as_posix()


def cells(path, kind="markdown"):
    """The sources of a notebook's cells of one kind, by id."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind}


def prose(path):
    """What a reader reads: a file's text, or a notebook's markdown, without code."""
    text = "\n\n".join(cells(path).values()) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def dead_links(path, text):
    """The relative links in a text that lead to no file, or to no heading of the same page."""
    headings = {title.strip().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    for _, target in LINK.findall(text):
        file, _, heading = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        missing = not (path.parent / unquote(file)).exists() if file else unquote(heading) not in headings
        if missing:
            yield target


def table(text, start):
    """The rows of the table whose header begins so, as tuples of cells, without header and rule."""
    rows = list(takewhile(lambda line: line.startswith("|"), text[text.index(start) :].splitlines()))
    return [tuple(cell.strip() for cell in row.strip().strip("|").split("|")) for row in rows[2:]]


def chapters(path):
    return table(prose(path), "| | chapter | what it answers |")


@pytest.mark.parametrize("path", [README, *NOTEBOOKS], ids=name)
def test_no_link_is_dead(path):
    assert list(dead_links(path, prose(path))) == []


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[a](04_vanishing_gradients.ipynb)", 0),
        ("![a](figures/vanishing.png)", 0),
        ("[a](https://example.org/x) [b](mailto:a@example.org)", 0),
        ("# To do\n[a](#To-do)", 0),
        ("[a](99_nowhere.ipynb)", 1),
        ("[a](figures/nothing.png) [b](#nowhere)", 2),
    ],
)
def test_a_dead_link_would_be_seen(text, dead):
    assert len(list(dead_links(HERE, text))) == dead


def test_the_map_is_the_readmes():
    plain = [[LINK.sub(r"\1", cell) for row in chapters(path) for cell in row] for path in (HERE, README)]
    assert plain[0] == plain[1]
    assert [number for number, *_ in chapters(HERE)] == [f"{k:02}" for k in range(12)]


@pytest.mark.parametrize("path", [HERE, README], ids=name)
def test_a_chapter_is_a_link_when_it_exists(path):
    for number, title, _ in chapters(path):
        files = [file.name for file in (ROOT / "notebooks").glob(f"{number}_*.ipynb")]
        assert [Path(target).name for _, target in LINK.findall(title)] == files, f"{number} {title}"


def glossary():
    tables = [text for cell, text in cells(HERE).items() if re.match("glossary-", cell)]
    return [row for text in tables for row in table(text, "| English | 한국어 | meaning | chapter |")]


def test_the_glossary_is_in_order_and_complete():
    english, korean, meaning, chapter = zip(*glossary(), strict=True)
    assert list(english) == sorted(set(english), key=str.lower)
    assert len(english) >= 60
    assert [word for word in korean if not HANGUL.search(word)] == []
    assert [text for text in meaning if not 5 < len(text) <= 80] == []
    assert set(chapter) <= {number for number, *_ in chapters(HERE)} - {"00"}


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("hidden state", "은닉 상태"),
        ("forget gate", "망각 게이트"),
        ("vanishing gradient", "기울기 소실"),
        ("backpropagation", "역전파"),
        ("recurrent neural network (RNN)", "순환 신경망"),
    ],
)
def test_the_glossary_has_the_usual_korean_word(english, korean):
    assert {row[0]: row[1].split(" (")[0] for row in glossary()}[english] == korean


def test_glossary_tables_are_under_the_letters_they_announce():
    for cell, text in cells(HERE).items():
        if match := re.match(r"### (\w) to (\w)\n", text):
            rows = table(text, "| English")
            assert all(match[1] <= row[0][0].upper() <= match[2] for row in rows), cell


def test_every_make_target_that_is_named_exists():
    named = set(re.findall(r"`make ([a-z]+)", "\n".join(cells(HERE).values())))
    assert named
    assert named <= set(tasks.COMMANDS)


def test_the_slider_that_is_named_exists():
    labels = {control.description for control in explorers.FirstMinute(text="hello").controls.values()}
    (named,) = re.findall(r"Drag \*([^*]+)\*", cells(HERE)["trial"])
    assert named in labels


def slides():
    """The title of every slide, which is the first heading in its cells; without what is skipped."""
    shown, titles = False, []
    for cell in json.loads(HERE.read_text(encoding="utf-8"))["cells"]:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind is not None:
            assert kind in {"slide", "subslide", "fragment", "skip"}
        shown = shown if kind in {None, "fragment"} else kind != "skip"
        if kind in {"slide", "subslide"}:
            titles.append(re.match(r"#+ (.*)", "".join(cell["source"]))[1])
        assert shown or kind == "skip", f"{cell['id']} is on no slide"
    return titles


def test_every_slide_has_a_note():
    assert re.findall(r"^#+ (.*)$", NOTES.read_text(encoding="utf-8"), re.MULTILINE) == slides()


def test_every_note_says_how_long_it_takes():
    notes = re.split(r"^#+ .*\n+", NOTES.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    minutes = [int(re.match(r"(\d+) min\. ", note)[1]) for note in notes]
    assert 15 <= sum(minutes) <= 30


def test_cells_are_short_and_import_by_name():
    for cell, source in cells(HERE, "code").items():
        assert len(source.splitlines()) <= 15, cell
        assert "import *" not in source
    first = next(iter(cells(HERE, "code").values()))
    assert first.index("OPENBLAS_NUM_THREADS") < first.index("import numpy")


def test_a_broken_import_is_told_with_the_command_that_mends_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "rnnbook.installation", None)
    with pytest.raises(ImportError, match=r"rnnbook.installation.* To mend it, .* -m pip install -r requirements.txt"):
        exec(cells(HERE, "code")["setup"], {})


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_the_first_cell_speaks_only_where_something_is_missing(monkeypatch, capsys, wrong):
    pieces = [Finding("Python"), Finding("page", "unsure", "not seen.", "Look."), *[BROKEN] * wrong]
    monkeypatch.setattr(installation, "findings", lambda: pieces)
    exec(cells(HERE, "code")["setup"], {})
    assert capsys.readouterr().out.splitlines() == ["NumPy: not installed. To mend it: Install it."][:wrong]
