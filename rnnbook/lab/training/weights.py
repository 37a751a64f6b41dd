"""How many numbers a network learns, and how many units each cell gets for the same number."""

from __future__ import annotations

from math import isqrt

from rnnbook.nn import RNN
from rnnbook.nn.checks import check_count
from rnnbook.nn.inputs import check_cell


def count_weights(cell, D, H, K=0):
    """How many numbers a recurrent layer and its readout learn.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The recurrent part.
    D, H : int
        Features a step, hidden units.
    K : int
        Outputs of a readout; 0 counts the recurrent part alone.

    Returns
    -------
    int
        ``G (D H + H H + H)`` for G gates, H more for a recurrent bias kept apart, ``H K + K`` for the readout.

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
    """
    check_cell(cell)
    check_count("D", D)
    check_count("H", H)
    check_count("K", K, least=0)
    D, H, K = int(D), int(H), int(K)  # NumPy's numbers wrap
    apart = H if "b_hn" in cell.keys else 0
    return cell.gates * (D * H + H * H + H) + apart + H * K + K


def units_for(cell, D, K, budget):
    """How many hidden units bring a network nearest to a number of weights.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        The recurrent part.
    D, K : int
        Features a step, outputs of a readout; K = 0 counts the recurrent part alone.
    budget : int
        Numbers to learn.

    Returns
    -------
    int
        H, at least 1; of two that are as near, the smaller.

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
    """
    check_cell(cell)
    check_count("budget", budget)
    check_count("K", K, least=0)
    budget, G, b = int(budget), cell.gates, count_weights(cell, D, 1, K) - cell.gates - K
    root = isqrt(max(0, b * b + 4 * G * (budget - K)))  # G H H + b H + K = budget
    H = max(1, (root - b) // (2 * G))
    below, above = (abs(count_weights(cell, D, units, K) - budget) for units in (H, H + 1))
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
