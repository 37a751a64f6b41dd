"""What talks, pages and notes are made from: chapters found by number, notes with times, pictures with sentences."""

import base64
import html
import json
import re
from pathlib import Path

import pytest

from rnnbook.view import predict
from tools import present, serving
from tools.offline import anchor, notes, picture_and_sentence
from tools.present import chapter

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("asked", ["4", "04", "04_van", "04_vanishing_gradients"])
def test_a_chapter_is_found_by_its_number_or_name(asked):
    assert chapter(asked).name == "04_vanishing_gradients.ipynb"


@pytest.mark.parametrize("asked", ["99", "nowhere", "²", ""])
def test_a_chapter_that_is_not_there_is_an_error_that_lists_all(asked):
    with pytest.raises(SystemExit, match="04_vanishing_gradients"):
        chapter(asked)


def test_a_talk_can_write_to_its_copy_of_a_book_that_is_read_only(tmp_path, monkeypatch):
    folder = tmp_path / "clone" / "notebooks" / "solutions"
    folder.mkdir(parents=True)
    for name in ("01.ipynb", ".hidden.ipynb"):
        (folder / name).write_text("{}")
        (folder / name).chmod(0o444)
    folder.chmod(0o555)
    monkeypatch.setattr(present, "ROOT", tmp_path / "clone")
    present.copy_book(tmp_path / "talk")
    folder.chmod(0o755)  # for pytest to clear away
    copied = [path for path in (tmp_path / "talk").rglob("*") if path.is_file()]
    assert [path.name for path in copied] == ["01.ipynb"]
    assert all(path.stat().st_mode & 0o200 for path in (copied[0], copied[0].parent))


@pytest.mark.parametrize("argument", ["--ServerApp.port=1234", "--port=1234", "--port", "--ServerApp.base_url=/x/"])
def test_what_the_presenter_names_is_not_named_a_second_time(argument):
    names = [a.partition("=")[0] for a in serving.command("lab", ROOT, [argument]) if a.startswith("--ServerApp")]
    named = "--ServerApp.port" if "port" in argument else "--ServerApp.base_url"
    assert names.count(named) + (argument.startswith("--port")) == 1


@pytest.mark.parametrize("stem", CHAPTERS)
def test_the_minutes_of_the_notes_run_on(stem):
    said = notes(stem)
    assert said[-1]["until"] == sum(note["minutes"] for note in said)
    assert all(note["note"].strip() for note in said)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_stored_picture_becomes_a_figure_with_its_sentence(stem):
    stored = (ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8")
    pictures = stored.count('"image/png": "')
    page = json.dumps(picture_and_sentence(json.loads(stored)))
    assert '"image/png"' not in page
    assert "widget-view" not in page
    assert len(re.findall(r'<img alt=\\"[^"]{20,}\\"', page)) == pictures


def test_a_question_keeps_its_answer_closed():
    asked = predict("Which of the two forgets?", "The RNN forgets <at once>.", options=["RNN", "LSTM"], right=0)
    data, metadata = asked._repr_mimebundle_()
    cell = {"outputs": [{"output_type": "display_data", "data": data, "metadata": metadata}]}
    (output,) = picture_and_sentence({"cells": [cell]})["cells"][0]["outputs"]
    before, after = output["data"].pop("text/html").split("<details")
    assert not output["data"]
    assert "Which of the two forgets?" in before
    assert "<li>RNN</li><li>LSTM</li>" in before
    assert "The RNN forgets &lt;at once&gt;." in after


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1296).to_bytes(4, "big") + (648).to_bytes(4, "big")


def picture(**more):
    data = {"image/png": base64.b64encode(PNG).decode("ascii"), "text/plain": "It <falls>."}
    return {"data": data, "metadata": {}, **more}


def test_a_picture_is_kept_where_the_page_wants_it_and_leaves_room_of_its_shape():
    kept = []
    shown = picture(metadata={"image/png": {"width": 864}})
    picture_and_sentence({"cells": [{"outputs": [shown]}]}, keep=lambda png: kept.append(png) or "there.png")
    assert kept == [PNG]
    image = re.search("<img [^>]*>", shown["data"]["text/html"])[0]
    assert 'width="864" height="432" loading="lazy" src="there.png"' in image
    held = picture()
    picture_and_sentence({"cells": [{"outputs": [held]}]})
    assert 'width="1296" height="648" src="data:image/png;base64,' in held["data"]["text/html"]


def test_a_sentence_that_is_printed_below_becomes_the_caption():
    alone, printed, more = picture(), picture(), picture()
    says = {"output_type": "stream", "text": ["It <falls>.\n"]}
    goes_on = {"output_type": "stream", "text": ["It <falls>.\n", "k = 3\n"]}
    cells = [{"cell_type": "code", "outputs": outputs} for outputs in ([printed, says], [alone], [more, goes_on])]
    picture_and_sentence({"cells": cells})
    assert [cell["outputs"] for cell in cells] == [[printed], [alone], [more, goes_on]]
    assert goes_on["text"] == "k = 3\n"
    for output in (alone, printed, more):
        assert output["data"]["text/html"].count("It &lt;falls&gt;.") == 2
        assert "<figcaption>It &lt;falls&gt;.</figcaption>" in output["data"]["text/html"]
        assert 'alt="It &lt;falls&gt;."' in output["data"]["text/html"]


@pytest.mark.parametrize("stem", CHAPTERS)
def test_no_caption_is_left_in_the_letters_of_code(stem):
    page = picture_and_sentence(json.loads((ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8")))
    for outputs in (cell.get("outputs", []) for cell in page["cells"]):
        captions = re.findall(r"<figcaption>(.*?)</figcaption>", str([output.get("data") for output in outputs]))
        printed = html.escape("".join("".join(output.get("text", "")) for output in outputs))
        assert not [caption for caption in captions if caption in printed]


def test_an_anchor_is_jupyters():
    assert anchor("To do ") == "To-do"


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").rglob("*.ipynb")), ids=lambda path: path.stem)
def test_pictures_lie_below_the_notebooks_since_these_alone_may_be_served(path):
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        file = (path.parent / picture).resolve()
        assert file.is_relative_to(ROOT / "notebooks")
        assert file.read_bytes() == (ROOT / "figures" / file.name).read_bytes()


def test_the_index_of_the_figures_lists_every_file_and_what_draws_it():
    folder = ROOT / "figures"
    index = (folder / "README.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in folder.iterdir() if path.suffix in (".svg", ".png"))
    assert sorted(set(re.findall(r"\]\((\w+\.(?:svg|png))\)", index))) == files
    drawn = re.findall(r"Drawn by: `(\w+)` in \[(\S+)\]", index)
    assert len(drawn) == len({file.split(".")[0] for file in files}) == index.count("- Licence: CC BY 4.0")
    for name, path in drawn:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
    for alt in re.findall(r"^!\[(.*)\]", index, re.MULTILINE):
        assert len(alt) > 20
