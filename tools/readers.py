"""Train and store the networks that judge reviews: `make tables`, or `python -m tools.readers`.

A GRU of 32 units on vectors of 16, started at 0.3 x N(0, 1), for each language: Adam at 0.005, batches of 32 reviews,
gradients clipped at norm 1, eight rounds from each of three seeds. What is kept is the round that is best in
validation. The numbers are float16, so that a file has 50 kB. On another machine a training ends elsewhere, and
so do the numbers of chapter 09 that come from these weights.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: equal results from run to run

import io
import zipfile
from pathlib import Path

import numpy as np

from rnnbook import GRU
from rnnbook.lab.reading.stored import LANGUAGES
from rnnbook.lab.tasks import Reviews, make_reviews
from rnnbook.lab.training import Recipe, accuracy

DATA = Path(__file__).resolve().parents[1] / "rnnbook" / "lab" / "reading" / "data"
ROUNDS, SEEDS = 8, range(3)
RECIPE = {"H": 32, "rate": 0.005, "N": 32, "start": {"dtype": "float32", "embedding_size": 16}}


def train(task):
    """The parameters that are best in validation, and what they reach there and on the test split."""
    validation, test = task.batch("validation"), task.batch("test")
    best = -1.0, None, None
    for seed in SEEDS:
        training = Recipe(task, GRU(), **RECIPE).training(seed)
        training.params["E"] *= np.float32(0.3)
        steps = -(-len(task.corpus.splits["train"]) // RECIPE["N"])
        for _ in range(ROUNDS):
            for _ in training.run(steps):
                pass
            found = accuracy(training.model, training.params, validation)
            if found > best[0]:
                on_test = accuracy(training.model, training.params, test)
                best = found, on_test, {name: array.copy() for name, array in training.params.items()}
    return best


def store(path, words, params):
    """Write words and weights."""
    arrays = {name: array.astype(np.float16) for name, array in sorted(params.items())}
    write(path, arrays | {"words": np.frombuffer(" ".join(words).encode("utf-8"), np.uint8)})


def write(path, arrays):
    """Write arrays by name; the same ones give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            file = io.BytesIO()
            np.save(file, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), file.getvalue(), zipfile.ZIP_DEFLATED)


def main():
    """Train and store all."""
    for language in LANGUAGES:
        task = Reviews(make_reviews(language=language))
        found, on_test, params = train(task)
        store(DATA / f"reviews_{language}.npz", task.vocabulary.words, params)
        print(f"{language}: right answers {found:.3f} in validation, {on_test:.3f} in the test")


if __name__ == "__main__":
    main()
