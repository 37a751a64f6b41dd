"""Drive one unit by hand: its gates are given step by step, and `unroll` does the rest."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.nn import Tape, unroll
from rnnbook.nn.checks import as_numbers, check_dict, check_finite, check_instance, check_number, check_shape
from rnnbook.nn.inputs import check_cell

SHUT = 40.0  # sigmoid(-40) = 4e-18, sigmoid(40) = 1 to the last digit


class Driven(NamedTuple):
    """What one unit did.

    Attributes
    ----------
    signal : ndarray
        What went into the candidate, (T,).
    gates : dict of str to ndarray
        Every gate and the candidate by letter, (T,).
    states : ndarray
        h, and for LSTM c, from the initial state on, (S, T + 1).
    tape : Tape
        The run itself.
    """

    signal: np.ndarray
    gates: dict
    states: np.ndarray
    tape: Tape


def drive(cell, gates, signal, state=None, feedback=0.0):
    """Run one unit whose gates do as they are told.

    The unit is the package's own cell with H = 1. Each block of pre-activations has an input of its own: a gate
    gets the logit of the value that it is to take, the candidate (g of LSTM, n of GRU) gets the signal.

    Parameters
    ----------
    cell : LSTM or GRU
        The cell.
    gates : dict of str to float or ndarray
        For each gate but the candidate its value from 0 to 1: one number, or one a step, (T,).
    signal : ndarray
        What goes into the candidate's tanh, (T,).
    state : tuple of float, optional
        The initial h, or h and c; zeros if not given.
    feedback : float
        The candidate's recurrent weight, with which it sees the old h. The gates see nothing of it.

    Returns
    -------
    Driven
        Gates and states at every step.

    Raises
    ------
    TypeError
        If `cell` is not a cell, or numbers are not numbers.
    ValueError
        If the cell has no gates, one is missing or too many, a value is not from 0 to 1, or lengths differ.

    Examples
    --------
    >>> from rnnbook import LSTM
    >>> kept = drive(LSTM(), {"i": [1.0, 0.0, 0.0], "f": 1.0, "o": 1.0}, [2.0, 2.0, 2.0])
    >>> kept.states[1].round(3).tolist()  # c: written once, then kept
    [0.0, 0.964, 0.964, 0.964]
    """
    check_cell(cell)
    check_dict("gates", gates)
    candidate = next((k for k, letter in enumerate(cell.gate_names) if letter in "gn"), None)
    letters = [letter for k, letter in enumerate(cell.gate_names) if k != candidate]
    if candidate is None or sorted(gates) != sorted(letters):
        wanted = "LSTM has the gates i, f, o and GRU r, z; RNN has none to drive"
        raise ValueError(f"{wanted}; got {cell} with {', '.join(gates) or 'none'}")
    signal = as_numbers("signal", signal)
    check_shape("signal", signal, "T", (None,))
    check_number("feedback", feedback, least=-np.inf)
    T, G = len(signal), cell.gates
    x = np.empty((T, 1, G))
    x[:, 0, candidate] = signal
    for letter in letters:
        x[:, 0, cell.gate_names.index(letter)] = _logit(letter, gates[letter], T)
    W_hh = np.zeros((1, G))
    W_hh[0, candidate] = feedback
    params = {"W_xh": np.eye(G), "W_hh": W_hh, "b_h": np.zeros(G), "b_hn": np.zeros(1)}
    start = None
    if state is not None:
        state = as_numbers("state", state)
        check_shape("state", state, "S", (cell.states,))
        start = tuple(state.astype(float).reshape(-1, 1, 1))
    _, _, tape = unroll(cell, params, x, start)
    by_letter = dict(zip(cell.gate_names, tape.gates[..., 0, 0], strict=True))
    return Driven(signal, by_letter, tape.states[..., 0, 0], tape)


def _logit(letter, value, T):
    """The pre-activation at which a sigmoid takes this value, for every step."""
    value = as_numbers(letter, value)
    if value.ndim:
        check_shape(letter, value, "T", (T,))
    check_finite(letter, value)
    if not ((value >= 0) & (value <= 1)).all():
        raise ValueError(f"gate {letter} has values from 0 to 1; got {value.min():g} to {value.max():g}")
    with np.errstate(divide="ignore"):
        return np.clip(np.log(value) - np.log1p(-value), -SHUT, SHUT)


def written(driven):
    """What each step's writing is worth at the end, in the state that is kept.

    Parameters
    ----------
    driven : Driven
        From `drive`.

    Returns
    -------
    ndarray
        (T,): for LSTM ``i_t g_t`` times all later f, for GRU ``(1 - z_t) n_t`` times all later z. With what is
        left of the initial state they add up to the last c, or h.

    Raises
    ------
    TypeError
        If `driven` does not come from `drive`.

    Examples
    --------
    >>> from rnnbook import LSTM
    >>> written(drive(LSTM(), {"i": 1.0, "f": 0.5, "o": 1.0}, [9.0, 9.0, 9.0])).round(2).tolist()
    [0.25, 0.5, 1.0]
    """
    check_instance("driven", driven, Driven, "drive")
    gates, lstm = driven.gates, "f" in driven.gates
    keep = gates["f"] if lstm else gates["z"]
    new = gates["i"] * gates["g"] if lstm else (1 - keep) * gates["n"]
    later = np.append(np.cumprod(keep[:0:-1])[::-1], 1.0)  # product of all later ones
    return new * later
