"""What dropout leaves of a written bit: the law of a unit that only copies its state, and the same unit run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn import RNN, Dropout, Recurrent, unroll
from rnnbook.nn.checks import check_count, check_number, check_option, check_rng

KINDS = ("layers", "step", "sequence")
LARGEST = np.log(np.finfo(float).max)


class Survival(NamedTuple):
    """What is left of a bit of 1 after 0, 1, ... T steps, by the law; each array is (T+1,).

    Attributes
    ----------
    alive : ndarray
        Probability that no mask has dropped it.
    size : ndarray
        Value of a unit that still holds it; the others are 0.
    mean : ndarray
        Of the value over draws.
    variance : ndarray
        Of the value over draws.
    """

    alive: np.ndarray
    size: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


class SurvivalRun(NamedTuple):
    """What a run of the package left of a bit of 1, and the masks that it met.

    Attributes
    ----------
    left : ndarray
        Values of the units after 0, 1, ... T steps, (T+1, N, H).
    kept : ndarray of bool
        Whether each step's mask kept a unit, (T+1, N, H): of the input for "layers", of h_{t-1} for the others, where
        step 0, before which nothing was written, counts as kept.
    """

    left: np.ndarray
    kept: np.ndarray


def survival_law(kind, rate, T, scaled=True):
    """What is left of a bit that a unit copies from step to step, h_t = m_t h_{t-1}, by the law.

    With q = 1 - rate, after k independent masks the bit is alive with probability q^k. What meets masks m times, and
    is divided by q each time, is q^-m where it is alive. So the mean is q^(k - m) and the variance
    q^(k - 2m) (1 - q^k). A mask on the layer's input is met once, at the write: k = m = 1. Of n recurrent steps with
    fresh masks k = m = n, with one mask for the sequence k = 1 and m = n.

    Parameters
    ----------
    kind : {"layers", "step", "sequence"}
        Where the masks lie: on the layer's input, fresh at each step; or on h_{t-1}, fresh at each step, or the same
        at all steps.
    rate : float
        Probability that a mask drops a unit, from 0 to below 1.
    T : int
        Steps after the one that writes.
    scaled : bool
        Whether what stays is divided by 1 - rate at each mask.

    Returns
    -------
    Survival
        By step.

    Raises
    ------
    TypeError
        If `rate` is not a number, `T` not a whole number, or `scaled` not True or False.
    ValueError
        If `kind` is unknown, `rate` outside [0, 1), `T` below 1, or a variance too large for float64.

    References
    ----------
    Zaremba, Sutskever & Vinyals (2014), "Recurrent neural network regularization", arXiv:1409.2329, section 3.2:
    masks between layers are met as often as there are layers, however many steps there are. Gal & Ghahramani
    (2016), "A theoretically grounded application of dropout in recurrent neural networks", NIPS, section 4: one mask
    for the sequence. Semeniuta, Severyn & Barth (2016), "Recurrent dropout without memory loss", COLING, section 3:
    masks on the state, scaled or not, at every step.

    Examples
    --------
    >>> survival_law("step", 0.5, 3).alive.tolist(), survival_law("step", 0.5, 3).variance.tolist()
    ([1.0, 0.5, 0.25, 0.125], [0.0, 1.0, 3.0, 7.0])
    >>> survival_law("sequence", 0.5, 3).size.tolist(), survival_law("layers", 0.5, 3).size.tolist()
    ([1.0, 2.0, 4.0, 8.0], [2.0, 2.0, 2.0, 2.0])
    """
    check_survival(kind, rate, T, scaled)
    n, q = np.arange(T + 1), 1.0 - rate
    draws = {"layers": np.ones_like(n), "step": n, "sequence": np.minimum(n, 1)}[kind]
    met = np.ones_like(n) if kind == "layers" else n
    if not scaled:
        met = np.zeros_like(n)
    alive = q**draws
    return Survival(alive, q**-met, q ** (draws - met), q ** (draws - 2 * met) * (1 - alive))


def survival_run(kind, rate, T, rng, N=64, H=16, scaled=True):
    """Run units that only copy their state, W_hh = I, with a bit of 1 in each, and masks drawn by the package.

    Parameters
    ----------
    kind : {"layers", "step", "sequence"}
        As in `survival_law`.
    rate : float
        Probability that a mask drops a unit, from 0 to below 1.
    T : int
        Steps after the one that writes.
    rng : Generator
        Draws the masks.
    N, H : int
        Sequences and units.
    scaled : bool
        Whether what stays is divided by 1 - rate at each mask.

    Returns
    -------
    SurvivalRun
        What is left, and the masks.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If `kind` is unknown, `rate` outside [0, 1), a size below 1, or a variance too large for float64.

    Examples
    --------
    >>> run = survival_run("sequence", 0.5, 3, np.random.default_rng(0), N=1, H=2)
    >>> run.left[:, 0].tolist()
    [[1.0, 1.0], [2.0, 0.0], [4.0, 0.0], [8.0, 0.0]]
    """
    check_survival(kind, rate, T, scaled)
    check_rng(rng)
    check_count("N", N)
    check_count("H", H)
    params = {"W_xh": np.eye(H), "W_hh": np.eye(H), "b_h": np.zeros(H)}
    bit = np.zeros((T + 1, N, H))
    bit[0] = 1.0
    if kind == "layers":
        keep = Dropout(rate).forward({}, np.ones_like(bit), rng=rng)[0]
        keep = keep if scaled else (keep > 0).astype(float)
        left, _, _ = Recurrent(RNN("identity"), H).forward(params, bit * keep)
        return SurvivalRun(left, keep > 0)
    layer = Recurrent(RNN("identity"), H, drop=rate, fresh=kind)
    left, _, tape = layer.forward(params, bit, rng=rng)
    keep = np.ones_like(bit) if tape.drop is None else np.array(tape.drop[:, 0])
    if not scaled:  # the same masks once more
        left, _, _ = unroll(layer.cell, params, bit, drop=(keep > 0).astype(float)[:, None])
    keep[0] = 1.0
    return SurvivalRun(left, keep > 0)


def check_survival(kind, rate, T, scaled):
    """Refuse a law of unknown masks, and one whose numbers are beyond float64."""
    check_option("kind", kind, KINDS)
    check_number("rate", rate, below=1)
    check_count("T", T)
    if not isinstance(scaled, bool):
        raise TypeError(f"scaled is True or False; got {scaled!r}")
    met = 1 if kind == "layers" else int(T)
    if scaled and -2 * met * np.log1p(-rate) > LARGEST:
        raise ValueError(f"(1 - rate) ** -{2 * met} is beyond float64 for rate = {rate}: take fewer steps T")
