"""Chapter 09 runs on the reviews of IMDB as well: here on a few texts of their lengths, under their name."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rnnbook.lab import tasks
from rnnbook.lab.tasks import Corpus, make_reviews
from rnnbook.view.explorers import LossCurves
from tests.test_try_this import check_learned

CHAPTER = Path(__file__).resolve().parents[1] / "notebooks" / "09_sentiment.ipynb"


def long_reviews(train=400, other=100):
    """Texts of 30 to 300 words, drawn but for one that says which label they have."""
    rng = np.random.default_rng(0)
    words = sorted({word for text in make_reviews().texts[:500] for word in re.findall(r"[a-z]+", text.lower())})
    labels = rng.integers(2, size=train + 2 * other)
    texts = [list(rng.choice(words, size=rng.integers(30, 300))) for _ in labels]
    for text, label in zip(texts, labels, strict=True):
        text[len(text) // 2] = "excellent" if label else "awful"
    places = np.split(np.arange(len(labels)), [train, train + other])
    splits = dict(zip(("train", "validation", "test"), places, strict=True))
    return Corpus(tuple(" ".join(text) for text in texts), labels, splits, "IMDB")


@pytest.mark.sweep
def test_four_presses_of_train_learn_as_the_chapter_says():
    # In a thread of its own, as after the browser's tests this one has an event loop that runs no more.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(check_learned, LossCurves(), epochs=4).result()


@pytest.mark.sweep
def test_every_cell_runs_on_imdb(monkeypatch):
    monkeypatch.setattr(tasks, "load_imdb", lambda follow: long_reviews())
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    sources = {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"}
    said = re.search(r"^# for IMDB: (.*)$", sources["corpus"], re.MULTILINE)[1]
    sources["corpus"] = sources["corpus"].replace("corpus = make_reviews()", said)
    names = {"__name__": "chapter"}
    for name, source in sources.items():
        exec(compile(source, name, "exec"), names)
    assert names["corpus"].name == names["task"].corpus.name == "IMDB"
    assert names["vocabulary"] == names["task"].vocabulary
