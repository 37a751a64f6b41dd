"""Networks that read reviews: on which words, with which layers, through how much padding, with which faults.

A run is trained in rounds over the training split. What counts is the round that is best on the validation split, and
the accuracy on the test split after that round.
"""

from __future__ import annotations

import time
from functools import cache
from typing import NamedTuple

import numpy as np

from rnnbook.lab.studies.published import Faulty, OneHot
from rnnbook.lab.tasks import Reviews, make_reviews
from rnnbook.lab.training.loop import Training
from rnnbook.lab.training.score import accuracy, batch_parts
from rnnbook.lab.training.weights import units_for
from rnnbook.nn import RNN, SGD, Adam, Both, Dropout, Embedding, Mean, Recurrent, Stack
from rnnbook.nn.cells import CELLS
from rnnbook.nn.checks import check_count, check_number, check_option, check_seed, check_table

N, SCALE = 32, 0.3  # reviews a batch, and of N(0, 1) an embedding starts from
LARGER = 6.8  # brings W_xh (1002, 32), Glorot, to the standard deviation 0.3 of E W_xh from E (1002, 32)
RATES = {"RNN": (1e-3, 2e-3, 5e-3), "LSTM": (2e-3, 5e-3, 1e-2), "GRU": (2e-3, 5e-3, 1e-2)}  # of Adam
TRIALS = {"RNN": 2, "LSTM": 1, "GRU": 1}  # seeds that judge a rate: runs of RNN differ most
SGD_RATES = (1e-2, 0.1, 1.0)  # of plain gradient descent; the first one is the published network's
OPTIMIZERS = {  # with the norm at which gradients are clipped
    "Adam": (Adam, 1.0),
    "Adam, no clipping": (Adam, None),
    "SGD": (SGD, None),
    "SGD, clipped": (SGD, 1.0),
}


class Reader(NamedTuple):
    """A network that reads reviews, and how it is trained.

    Attributes
    ----------
    layer : Layer
        What reads the tokens.
    rates : tuple of float
        Learning rates that are tried.
    epochs : int
        Rounds over the training split.
    n : int
        Words of the vocabulary.
    padding : str
        One of `PADDINGS`.
    T : int or None
        Steps to which reviews are padded, or cut so that their last words stay; None for those of the longest of a
        batch.
    factors : Layer or None
        A stack of an embedding and a layer from whose start E W_xh the matrix W_xh of one-hot words starts, with all
        other arrays the same; None for a start of its own.
    zero : bool
        Whether the row of padding starts from 0.
    gate_bias : float or None
        Start of the bias of the gate that keeps.
    input_scale : float
        Multiplies the start of W_xh.
    optimizer : {"Adam", "Adam, no clipping", "SGD", "SGD, clipped"}
        Adam clips gradients at norm 1 and SGD does not, unless it says otherwise.
    fixed : float or None
        A rate at which it is trained as well, whichever is chosen.
    trials : int
        Seeds by which each rate is judged, where there are several: 100, 101, ...
    """

    layer: object
    rates: tuple
    epochs: int
    n: int = 1000
    padding: str = "behind, masked"
    T: int | None = None
    factors: object = None
    zero: bool = False
    gate_bias: float | None = None
    input_scale: float = 1.0
    optimizer: str = "Adam"
    fixed: float | None = None
    trials: int = 2


PADDINGS = {  # the side of the padding, and whether the network is told
    "behind, masked": ("right", True),
    "in front, masked": ("left", True),
    "behind": ("right", False),
    "in front": ("left", False),
}


def embedded(D, *layers):
    """An embedding of D features of 1,000 words, and layers on it."""
    return Stack((Embedding(1002, D, SCALE), *layers))


def _words():
    """One-hot words against an embedding, one change at a time."""
    found = {}
    for cell, epochs in (("RNN", 10), ("GRU", 6)):
        recurrent, few = Recurrent(CELLS[cell], 32), Recurrent(CELLS[cell], 8)
        one_hot, embedding = OneHot(1002, recurrent), embedded(32, recurrent)
        trials = TRIALS[cell]
        same = {
            "one-hot": Reader(one_hot, RATES[cell], epochs, trials=trials),
            "embedding 32": Reader(embedding, RATES[cell], epochs, trials=trials),
            "embedding 16": Reader(embedded(16, recurrent), RATES[cell], epochs, trials=trials),
            "one-hot from E W_xh": Reader(one_hot, RATES[cell], epochs, factors=embedding, trials=trials),
        }
        if cell == "RNN":
            same |= {
                "one-hot, larger start": Reader(one_hot, RATES[cell], epochs, input_scale=LARGER),
                "one-hot, n = 100": Reader(OneHot(102, recurrent), RATES[cell], epochs, n=100),
                "one-hot, H = 8": Reader(OneHot(1002, few), RATES[cell], epochs),
                "embedding 32, H = 8": Reader(embedded(32, few), RATES[cell], epochs),
            }
        found |= {(cell, name): at for name, at in same.items()}
    return found


def _reviews():
    """Layers of about as many weights on the same embedding."""
    D, weights = 16, 5000  # features of the embedding, and what stands above it with the readout

    def of(cell, ways=1):
        return Recurrent(CELLS[cell], units_for(CELLS[cell], D, 1, weights, ways=ways))

    layers = {
        ("RNN", "one way"): (of("RNN"),),
        ("LSTM", "one way"): (of("LSTM"),),
        ("GRU", "one way"): (of("GRU"),),
        ("GRU", "both ways"): (Both(of("GRU", 2)),),
        ("GRU", "dropout"): (Dropout(0.5), of("GRU")),
        ("GRU", "mean"): (of("GRU"), Mean()),
        ("RNN", "mean"): (of("RNN"), Mean()),
    }
    return {name: Reader(embedded(D, *on), RATES[name[0]], 8, trials=TRIALS[name[0]]) for name, on in layers.items()}


def _padding():
    """Reviews of T steps, padded behind or in front, and what might help where the network is not told.

    With a mask, T = 80 is every T from there on: no review is longer.
    """
    found = {}
    for cell, rate, epochs, helped in (("RNN", 5e-3, 8, (80,)), ("GRU", 5e-3, 5, (120,))):
        recurrent = Recurrent(CELLS[cell], 32)
        for T in (20, 40, 60, 80, 120, 160):
            told = Reader(embedded(16, recurrent), (rate,), epochs, T=T)
            kinds = {"behind, masked": told} if T <= 80 else {}
            kinds["behind"] = told._replace(padding="behind")
            if T in (40, 160):
                kinds["in front"] = told._replace(padding="in front")
            if T in helped:
                kinds["behind, row of zeros"] = kinds["behind"]._replace(zero=True)
                kinds["behind, mean"] = kinds["behind"]._replace(layer=embedded(16, recurrent, Mean()))
                if cell == "GRU":
                    kinds["behind, bias 1"] = kinds["behind"]._replace(gate_bias=1.0)
            found |= {(cell, T, kind): at for kind, at in kinds.items()}
    return found


FAULTS = {
    "none": {},
    "W_hh untransposed": {"untransposed": True},
    "ten steps": {"steps": 10},
    "both": {"untransposed": True, "steps": 10},
}


def _faults():
    """The right way back, and the same network with faults of a published one."""
    found, rates = {}, RATES["RNN"]
    for fault, options in FAULTS.items():
        layer = embedded(16, Faulty(RNN(), 32, **options))
        adam = Reader(layer, rates, 8, padding="in front, masked", fixed=rates[-1])
        found["embedding 16", "Adam", fault] = adam
    sgd = found["embedding 16", "Adam", "none"]._replace(rates=SGD_RATES, fixed=SGD_RATES[0], optimizer="SGD", trials=1)
    found["embedding 16", "SGD", "none"] = sgd
    found["embedding 16", "SGD, clipped", "none"] = sgd._replace(optimizer="SGD, clipped", fixed=None)
    found["embedding 16", "Adam, no clipping", "none"] = found["embedding 16", "Adam", "none"]._replace(
        optimizer="Adam, no clipping", trials=1
    )
    found["one-hot 100", "SGD", "none"] = sgd._replace(layer=OneHot(102, Recurrent(RNN(), 32)), n=100)
    return found


READERS = {"words": _words(), "reviews": _reviews(), "padding": _padding(), "faults": _faults()}
LABELS = {  # what the parts of a name are, which are columns of the table
    "words": ("cell", "words"),
    "reviews": ("cell", "layers"),
    "padding": ("cell", "T", "padding"),
    "faults": ("words", "optimizer", "fault"),
}


def reader(study, name):
    """Look a network of a study up.

    Parameters
    ----------
    study : {"words", "reviews", "padding", "faults"}
        The study, which is also the name of its table.
    name : tuple
        The network, as the first columns of the table have it, such as ("GRU", "mean") of "reviews".

    Returns
    -------
    Reader
        The network, and how it is trained.

    Raises
    ------
    ValueError
        If there is no such study or network.

    Examples
    --------
    >>> reader("reviews", ("GRU", "mean")).epochs
    8
    """
    check_option("study", study, READERS)
    if not isinstance(name, tuple) or name not in READERS[study]:
        names = ", ".join(map(str, READERS[study]))
        raise ValueError(f"name is a tuple ({', '.join(LABELS[study])}), one of {names}; got {name!r}")
    return READERS[study][name]


@cache
def _corpus():
    return make_reviews()


@cache
def task_of(n, T, padding):
    """The reviews as a network reads them, encoded once a process."""
    side, masked = PADDINGS[padding]
    return Reviews(_corpus(), n, T, side, "left", masked)


def review_training(study, name, rate, seed):
    """Set up one run: orthogonal start, float32, batches of 32 in a drawn order.

    Weights, order and what is dropped each come from a generator of their own, so that runs of one seed have the same
    batches whatever they train.

    Parameters
    ----------
    study : str
        As in `reader`.
    name : tuple
        As in `reader`.
    rate : float
        Learning rate.
    seed : int
        Of weights, order and dropout.

    Returns
    -------
    training : Training
        Not yet started.
    task : Reviews
        What it reads.

    Raises
    ------
    TypeError
        If `rate` is not a number, or `seed` not a whole one.
    ValueError
        If there is no such study or network, or a number is out of range.

    Examples
    --------
    >>> training, task = review_training("reviews", ("RNN", "one way"), rate=0.005, seed=0)
    >>> training.params["l0.E"].shape, training.params["l1.W_hh"].shape
    ((1002, 16), (62, 62))
    """
    at = reader(study, name)
    check_number("rate", rate, above=True)
    check_seed(seed)
    task, start = task_of(at.n, at.T, at.padding), {"dtype": np.float32, "input_scale": at.input_scale}
    if at.gate_bias is not None:
        start["gate_bias"] = at.gate_bias
    model = task.model(at.layer)
    params = task.model(at.factors or at.layer).init_params(
        task.input_size, None, 1, np.random.default_rng(seed), **start
    )
    if at.factors:
        E = params.pop("l0.E")
        params = {key.removeprefix("l1."): array for key, array in params.items()}
        params["W_xh"] = E @ params["W_xh"]
    if at.zero:
        params["l0.E"][0] = 0
    optimizer, clip = OPTIMIZERS[at.optimizer]
    order, drops = (np.random.default_rng([seed, k]) for k in (1, 2))
    return Training(model, params, task.batches(order, N), optimizer(rate), clip=clip, rng=drops), task


@cache
def _parts(task, split):
    """A split in batches that are scored one by one."""
    return batch_parts(task.batch(split))


def split_accuracy(training, task, split):
    """Share of the reviews of a split that a network tells rightly."""
    parts = _parts(task, split)
    right = sum(accuracy(training.model, training.params, part) * len(part.y) for part in parts)
    return right / sum(len(part.y) for part in parts)


class Round(NamedTuple):
    """After a round over the training split.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    validation : float
        Share of right answers on the validation split.
    test : float
        The same on the test split.
    ms : float
        Milliseconds of processor time of a training step.
    """

    epoch: int
    validation: float
    test: float
    ms: float


def run_reader(study, name, rate, seed, epochs=None):
    """Train in rounds over the training split.

    Parameters
    ----------
    study : str
        As in `reader`.
    name : tuple
        As in `reader`.
    rate : float
        Learning rate.
    seed : int
        Of weights, order and dropout.
    epochs : int, optional
        Rounds; those of the study if not given.

    Yields
    ------
    Round
        Accuracies after each round.

    Raises
    ------
    TypeError
        If `rate` is not a number, or `seed` or `epochs` not a whole one.
    ValueError
        If there is no such study or network, or a number is out of range.

    Examples
    --------
    >>> found = next(run_reader("words", ("RNN", "one-hot, n = 100"), rate=0.005, seed=0))
    >>> found.epoch, 0.4 < found.validation < 0.8
    (1, True)
    """
    training, task = review_training(study, name, rate, seed)
    epochs = reader(study, name).epochs if epochs is None else epochs
    check_count("epochs", epochs)
    steps = -(-len(task.corpus.splits["train"]) // N)
    for epoch in range(1, epochs + 1):
        start = time.process_time()
        for _ in training.run(steps):
            pass
        ms = 1000 * (time.process_time() - start) / steps
        validation, test = (split_accuracy(training, task, split) for split in ("validation", "test"))
        yield Round(epoch, validation, test, ms)


def best_round(rounds):
    """Stop early: the round that is best on the validation split.

    Parameters
    ----------
    rounds : list of Round
        From `run_reader`.

    Returns
    -------
    Round
        Of equals the first.

    Raises
    ------
    TypeError
        If `rounds` is not a list of them.
    ValueError
        If there is none.

    References
    ----------
    Prechelt (1998), "Early stopping - but when?", in Neural networks: tricks of the trade.

    Examples
    --------
    >>> best_round([Round(1, 0.6, 0.5, 1.0), Round(2, 0.7, 0.6, 1.0), Round(3, 0.7, 0.8, 1.0)]).epoch
    2
    """
    if not isinstance(rounds, list | tuple) or not all(isinstance(one, Round) for one in rounds):
        raise TypeError(f"rounds is a list of what run_reader yields; got {rounds!r:.60}")
    if not rounds:
        raise ValueError("the best of at least one round; got none")
    return max(rounds, key=lambda one: one.validation)


def best_rate(trials):
    """Pick a learning rate by the same rule for every network.

    Parameters
    ----------
    trials : list of dict
        Rows of a table with "rate" and "validation".

    Returns
    -------
    float
        The rate with the largest mean accuracy on the validation split; of equals the smaller.

    Raises
    ------
    KeyError
        If a row lacks an entry.
    TypeError
        If `trials` is not a list of dicts.
    ValueError
        If there is no row.

    Examples
    --------
    >>> best_rate([{"rate": 0.01, "validation": 0.8}, {"rate": 0.005, "validation": 0.9}])
    0.005
    """
    check_table("trials", trials, ("rate", "validation"))
    if not trials:
        raise ValueError("trials has at least one row; got none")
    rates = sorted({row["rate"] for row in trials})
    return max(rates, key=lambda rate: np.mean([row["validation"] for row in trials if row["rate"] == rate]))


class Score(NamedTuple):
    """How the runs of one network came out.

    Attributes
    ----------
    H : int
        Units of the recurrent layer.
    weights : int
        Numbers that it learned.
    above : int
        Those of them above the embedding.
    rate : float
        Learning rate.
    test : tuple of float
        Accuracy of each run on the test split, by seed.
    epoch : float
        The median round at which they were stopped.
    ms : float
        Milliseconds of processor time of a training step, the median; of the machine that made the table.
    """

    H: int
    weights: int
    above: int
    rate: float
    test: tuple
    epoch: float
    ms: float

    @property
    def median(self):
        """The median run's accuracy on the test split."""
        return float(np.median(self.test))

    @property
    def spread(self):
        """The worst and the best run's."""
        return min(self.test), max(self.test)

    def __str__(self):
        return f"{self.median:.3f} ({min(self.test):.3f} to {max(self.test):.3f})"


def scores(rows, by, part="run"):
    """Read a table of reviews.

    Parameters
    ----------
    rows : list of dict
        ``load_table("words")``, or that of "reviews", "padding" or "faults".
    by : str or tuple of str
        Columns that say which network it is, as ``("cell", "words")``.
    part : {"run", "fixed"}
        Runs at the rate that was chosen, or at the fixed one.

    Returns
    -------
    dict to Score
        By what stands in these columns: a tuple, or the bare entry where `by` is one name. The runs that chose the
        rates are left out.

    Raises
    ------
    KeyError
        If a row lacks an entry.
    TypeError
        If `rows` is not a list of dicts, or `by` neither a name nor a tuple of names.
    ValueError
        If there is no run, or runs of unlike sizes or rates would be thrown together.

    Examples
    --------
    >>> row = {"cell": "GRU", "H": 9, "weights": 99, "above": 50, "rate": 0.01, "part": "run", "epoch": 3, "ms": 1.0}
    >>> print(scores([row | {"test": 0.8}, row | {"test": 0.9}, row | {"test": 0.7}], "cell")["GRU"])
    0.800 (0.700 to 0.900)
    """
    names = by if isinstance(by, tuple) else (by,)
    if not names or not all(isinstance(name, str) for name in names):
        raise TypeError(f"by is the name of a column, or a tuple of names; got {by!r}")
    check_option("part", part, ("run", "fixed"))
    check_table("rows", rows, (*names, "H", "weights", "above", "rate", "part", "test", "epoch", "ms"))
    found = {}
    for row in rows:
        if row["part"] == part:
            found.setdefault(tuple(row[key] for key in names) if isinstance(by, tuple) else row[by], []).append(row)
    if not found:
        raise ValueError(f"the table has at least one row of the part {part!r}; got none")
    return {name: _score(name, runs) for name, runs in found.items()}


def _score(name, runs):
    same = {tuple(row[key] for key in ("H", "weights", "above", "rate")) for row in runs}
    if len(same) > 1:
        raise ValueError(f"{name} is several networks: name more columns")
    epoch, ms = (float(np.median([row[key] for row in runs])) for key in ("epoch", "ms"))
    return Score(*same.pop(), tuple(row["test"] for row in runs), epoch, ms)
