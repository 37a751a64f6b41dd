"""Networks that have learned to judge reviews, stored with the package: no one has to wait to look into one."""

from __future__ import annotations

import io
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from rnnbook.lab.tasks import Vocabulary
from rnnbook.nn import GRU, Model
from rnnbook.nn.checks import check_option

LANGUAGES = ("en", "ko")


class ReviewReader(NamedTuple):
    """A network that judges reviews, and the words that it knows.

    Attributes
    ----------
    vocabulary : Vocabulary
        Words as tokens.
    model : Model
        A GRU whose last state gives the logit of a good review.
    params : dict of str to ndarray
        Its parameters, ``E`` among them; they are read only.
    """

    vocabulary: Vocabulary
    model: Model
    params: dict


def review_reader(language="en"):
    """A GRU that was trained on ``make_reviews(language=language)``, without training it.

    32 units, vectors of 16 for the 1,000 most frequent words of the training split. `tools/readers.py` says how it was
    trained; its weights are stored in half precision, and read in double precision.

    Parameters
    ----------
    language : {"en", "ko"}
        Of the reviews.

    Returns
    -------
    ReviewReader
        Vocabulary, model and parameters.

    Raises
    ------
    ValueError
        If there is no such language.

    Examples
    --------
    >>> vocabulary, model, params = review_reader()
    >>> len(vocabulary), params["E"].shape, params["W_hh"].shape
    (1002, (1002, 16), (32, 96))
    """
    check_option("language", language, LANGUAGES)
    found = _stored(language)
    return found._replace(params=dict(found.params))


@lru_cache(maxsize=len(LANGUAGES))
def _stored(language):
    file = files("rnnbook.lab.reading") / "data" / f"reviews_{language}.npz"
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as data:
        params = {name: data[name].astype(np.float64) for name in data.files if name != "words"}
        words = bytes(data["words"]).decode("utf-8").split(" ")
    for array in params.values():
        array.flags.writeable = False
    return ReviewReader(Vocabulary(tuple(words)), Model(GRU(), loss="logistic", steps="last"), params)
