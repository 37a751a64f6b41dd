"""What the explorers of a gate's bias share: a gradient sent back under every bias that their slider can take.

It is computed once for all biases, and looked up while the slider moves, is played or is dragged.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np

from rnnbook.lab.gradients import paths_by_bias
from rnnbook.nn import init_params
from rnnbook.view.explorers.base import Explorer
from rnnbook.view.explorers.controls import slider
from rnnbook.view.plots import RAISED

LONGEST, D = 200, 4  # steps at most, features of the input
STEP = 0.2  # of the bias: half of it would double what the other sliders wait for


class BiasExplorer(Explorer):
    """An explorer whose control `gate_bias` stands on one of `biases`, and is played along them."""

    played = "gate_bias"
    biases: ClassVar[np.ndarray]

    def bias_slider(self, label, value):
        """The slider over the biases.

        Parameters
        ----------
        label : str
            What it says.
        value : float
            Where it starts.

        Returns
        -------
        FloatSlider
            The control `gate_bias`.
        """
        return slider(label, value, *self.biases[[0, -1]].tolist(), STEP, readout_format=".1f")

    def chosen(self):
        """Where the slider stands.

        Returns
        -------
        int
            Index of the bias.
        """
        return which(self.controls["gate_bias"].value, self.biases)


def biases_of(least, most):
    """The stops of a slider over biases.

    Parameters
    ----------
    least, most : float
        Its ends, multiples of the step.

    Returns
    -------
    ndarray
        (B,).
    """
    return np.round(least + STEP * np.arange(round((most - least) / STEP) + 1), 10)


def which(bias, biases):
    """The bias that is nearest.

    Parameters
    ----------
    bias : float
        Where the slider stands.
    biases : ndarray
        (B,).

    Returns
    -------
    int
        Its index.
    """
    return int(np.abs(biases - bias).argmin())


@lru_cache(maxsize=64)
def stimulus(H, seed):
    """Inputs of one sequence, and a gradient of length 1 at its end.

    Parameters
    ----------
    H, seed : int
        Units, and what is drawn with.

    Returns
    -------
    x : ndarray
        (LONGEST, 1, D).
    dh_last : ndarray
        (1, H).
    """
    rng = np.random.default_rng([seed, 1])
    x, dh_last = rng.normal(size=(LONGEST, 1, D)), rng.normal(size=(1, H))
    return x, dh_last / np.linalg.norm(dh_last)


def starting_params(cell, start, H, seed, gain, input_scale):
    """Parameters with biases of 0.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The cell.
    start : str
        Of W_hh.
    H, seed : int
        Units, and what is drawn with.
    gain, input_scale : float
        Scale of W_hh and of W_xh.

    Returns
    -------
    dict of str to ndarray
        For the cell.
    """
    params = _drawn(cell, start, H, seed)
    return {**params, "W_hh": gain * params["W_hh"], "W_xh": input_scale * params["W_xh"]}


@lru_cache(maxsize=64)
def ways_back(cell, biases, start, H, seed, gain, input_scale, T):
    """Send the gradient back under each of many biases.

    Parameters
    ----------
    cell : LSTM or GRU
        The cell.
    biases : tuple of tuple of float
        By run, one number for each gate.
    start : str
        Of W_hh.
    H, seed : int
        Units, and what is drawn with.
    gain, input_scale : float
        Scale of W_hh and of W_xh.
    T : int
        Steps.

    Returns
    -------
    Paths
        Magnitudes by bias and step, (B, T), without the tape.
    """
    x, dh_last = stimulus(H, seed)
    params = starting_params(cell, start, H, seed, gain, input_scale)
    found = paths_by_bias(cell, params, x[:T], dh_last, np.array(biases))
    return found._replace(tape=None)  # the many forward passes would be kept with it


def bias_that_gives(wanted, values, biases):
    """The bias at which a quantity that grows with it first is what is wanted.

    Parameters
    ----------
    wanted : float
        The value; beyond the ends of `values` it gives the first or the last bias.
    values : ndarray
        By bias, (B,); where they fall again, the largest so far counts.
    biases : ndarray
        (B,).

    Returns
    -------
    float
        Between two biases where the value is.
    """
    return float(np.interp(wanted, np.maximum.accumulate(values), biases))


def from_which_on(holds, biases):
    """Say from which bias on something holds.

    Parameters
    ----------
    holds : ndarray of bool
        By bias, (B,).
    biases : ndarray
        (B,).

    Returns
    -------
    str
        In words.
    """
    last = biases[-1]
    if not holds.any():
        return f"at no bias up to {last:.1f}"
    if not holds[-1]:
        return f"at some biases, not at {last:.1f}"
    fails = np.flatnonzero(~holds)
    if not len(fails):
        return f"at every bias from {biases[0]:.1f} on"
    return f"from a bias between {biases[fails[-1]]:.1f} and {biases[fails[-1] + 1]:.1f} on"


def magnitude(number, digits=1):
    """Write a magnitude so that no line breaks within it.

    Parameters
    ----------
    number : float
        0 or more.
    digits : int
        How many are written.

    Returns
    -------
    str
        In powers of ten where it is small or large.

    Examples
    --------
    >>> magnitude(0.023, 2), magnitude(8.2e-31), magnitude(0.0)
    ('0.023', '8·10⁻³¹', 'exactly 0')
    """
    if not number:
        return "exactly 0"
    first, power = f"{number:.{digits - 1}e}".split("e")
    if -4 < int(power) < max(digits, 3):
        return f"{float(f'{number:.{digits}g}'):g}"
    return f"{first}·10{str(int(power)).translate(RAISED)}"


@lru_cache(maxsize=64)
def _drawn(cell, start, H, seed):
    bias = None if cell.keeper is None else 0.0
    return init_params(cell, D, H, np.random.default_rng([seed, 2]), recurrent=start, gate_bias=bias)
