"""How many numbers a network learns, and how many units each cell gets for the same number."""

from __future__ import annotations

from math import isqrt

from rnnbook.nn import RNN
from rnnbook.nn.checks import check_count
from rnnbook.nn.inputs import check_cell


def count_weights(cell, D, H, K=0, layers=1, ways=1):
    """How many numbers recurrent layers of H units and a readout learn.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The recurrent part.
    D, H : int
        Features a step, hidden units.
    K : int
        Outputs of a readout; 0 counts the recurrent part alone.
    layers : int
        Layers on one another, each of H units a way.
    ways : {1, 2}
        2 for layers that read from both ends, whose output has 2H features.

    Returns
    -------
    int
        ``G (D H + H H + H)`` for G gates, H more for a recurrent bias kept apart, ``H K + K`` for the readout. Two
        ways are twice the recurrent part, and what stands on them has 2H features for D.

    Raises
    ------
    TypeError
        If `cell` is not a cell, or a size not a whole number.
    ValueError
        If a size is too small.

    Examples
    --------
    >>> from rnnbook import GRU, LSTM, RNN
    >>> [count_weights(cell, D=4, H=8) for cell in (RNN(), LSTM(), GRU(), GRU(reset="before"))]
    [104, 416, 320, 312]
    >>> count_weights(RNN(), D=4, H=8, layers=2), count_weights(RNN(), D=4, H=8, ways=2)
    (240, 208)
    """
    check_cell(cell)
    check_count("D", D)
    check_count("H", H)
    check_count("K", K, least=0)
    check_count("layers", layers)
    check_count("ways", ways)
    if ways > 2:
        raise ValueError(f"ways is 1, or 2 for a layer that reads from both ends; got {ways}")
    D, H, K, L, W = int(D), int(H), int(K), int(layers), int(ways)  # NumPy's numbers wrap
    apart = H if "b_hn" in cell.keys else 0
    below = D + (L - 1) * W * H  # features that all layers together read from below
    return W * (cell.gates * (below * H + L * (H * H + H)) + L * apart) + W * H * K + K


def units_for(cell, D, K, budget, layers=1, ways=1):
    """How many hidden units bring a network nearest to a number of weights.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The recurrent part.
    D, K : int
        Features a step, outputs of a readout; K = 0 counts the recurrent part alone.
    budget : int
        Numbers to learn.
    layers, ways : int
        As in `count_weights`.

    Returns
    -------
    int
        H, of each layer and way, at least 1; of two that are as near, the smaller.

    Raises
    ------
    TypeError
        If `cell` is not a cell, or a number not whole.
    ValueError
        If a number is too small.

    Examples
    --------
    >>> from rnnbook import GRU, LSTM, RNN
    >>> [units_for(cell, D=2, K=1, budget=5000) for cell in (RNN(), LSTM(), GRU())]
    [69, 34, 39]
    >>> [units_for(GRU(), D=2, K=1, budget=5000, layers=layers) for layers in (1, 2, 3)]
    [39, 23, 18]
    """
    check_count("budget", budget)
    one = count_weights(cell, D, 1, K, layers, ways)
    budget, K, L, W = int(budget), int(K), int(layers), int(ways)
    a = cell.gates * W * (L + (L - 1) * W)  # products of H with H
    b = one - a - K
    root = isqrt(max(0, b * b + 4 * a * (budget - K)))  # a H H + b H + K = budget
    H = max(1, (root - b) // (2 * a))
    below, above = (abs(count_weights(cell, D, units, K, L, W) - budget) for units in (H, H + 1))
    return H if below <= above else H + 1


def window_weights(k, D, H, K):
    """How many numbers a network with one hidden layer learns that sees k steps side by side.

    Parameters
    ----------
    k, D, H, K : int
        Window, features a step, hidden units, outputs.

    Returns
    -------
    int
        ``k D H + H`` into the hidden layer, ``H K + K`` out of it.

    Raises
    ------
    TypeError
        If a size is not a whole number.
    ValueError
        If a size is below 1.

    Examples
    --------
    >>> window_weights(9, D=4, H=32, K=4) == rnn_weights(D=4, H=32, K=4)
    True
    """
    for name, size in (("k", k), ("D", D), ("H", H), ("K", K)):
        check_count(name, size)
    return int(k) * int(D) * int(H) + int(H) + int(H) * int(K) + int(K)


def rnn_weights(D, H, K):
    """How many numbers a recurrent network learns, whatever the length of its sequences.

    Parameters
    ----------
    D, H, K : int
        Features a step, hidden units, outputs.

    Returns
    -------
    int
        ``D H + H H + H`` for the state, ``H K + K`` out of it.

    Raises
    ------
    TypeError
        If a size is not a whole number.
    ValueError
        If a size is below 1.

    Examples
    --------
    >>> rnn_weights(D=4, H=32, K=4)
    1316
    """
    check_count("K", K)
    return count_weights(RNN(), D, H, K)
