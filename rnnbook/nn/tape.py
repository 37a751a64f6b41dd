"""The tape: what the way forward leaves for the way back, and what the way back finds."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from rnnbook.nn.checks import check_shape


class Steps(NamedTuple):
    """What the tape holds of B neighbouring steps, for a cell's `local`.

    Attributes
    ----------
    gates : ndarray
        (G, B, N, H).
    old : ndarray
        The states before each step, (S, B, N, H).
    new : ndarray
        The states after each step, (S, B, N, H).
    aux : ndarray
        (B, N, H), or (0, N, H) for a cell that needs none.
    """

    gates: np.ndarray
    old: np.ndarray
    new: np.ndarray
    aux: np.ndarray


class Tape:
    """What `unroll` records for `bptt`, and what the gate plots read.

    For every step and sequence it holds, besides the inputs, ``(G + S + 1) * H`` numbers, or ``(G + S) * H``
    for RNN, which needs no aux: 7 H for LSTM, 5 H for GRU, 2 H for RNN.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        Which cell recorded it; `bptt` refuses another.
    x : ndarray
        The inputs (T, N, D).
    gates : ndarray
        (G, T, N, H): i, f, g, o of LSTM; r, z, n of GRU; the pre-activation of RNN.
    states : ndarray
        (S, T + 1, N, H); index 0 in time is the initial state.
    aux : ndarray
        (T, N, H): tanh(c_t) of LSTM; h W_hn + b_hn or, reset before, r * h of GRU; (0, N, H) for RNN.
    workspace : Workspace, optional
        Whose memory gates, states and aux are.
    mask : ndarray of bool, optional
        (T, N), False where a step is padding; None where every step is real.
    drop : ndarray, optional
        (T, 1 or G, N, H), what multiplied h_{t-1} where W_hh saw it.

    Raises
    ------
    ValueError
        From gates, states, aux and all methods, if a later `unroll` wrote into the same workspace.

    Examples
    --------
    >>> from rnnbook import GRU, init_params, unroll
    >>> params = init_params(GRU(), 1, 4, np.random.default_rng(0))
    >>> h, state, tape = unroll(GRU(), params, np.zeros((3, 2, 1)))
    >>> r, z, n = tape.gates
    >>> z.shape, tape.states.shape, tape.nbytes == 3 * 2 * (5 * 4 + 1) * 8 + 2 * 4 * 8  # and the state at 0
    ((3, 2, 4), (1, 4, 2, 4), True)
    """

    def __init__(self, cell, x, gates, states, aux, workspace=None, mask=None, drop=None):
        self.cell, self.x, self.mask, self.drop = cell, x, mask, drop
        self._arrays = gates, states, aux
        self._workspace, self._run = workspace, workspace and workspace.runs

    @property
    def gates(self):
        """The gates, or the pre-activation of RNN, (G, T, N, H)."""
        return self._fresh()[0]

    @property
    def states(self):
        """The states, (S, T + 1, N, H)."""
        return self._fresh()[1]

    @property
    def aux(self):
        """What else the way back wants, (T, N, H) or (0, N, H)."""
        return self._fresh()[2]

    @property
    def nbytes(self):
        """Bytes of inputs, gates, states and aux."""
        return self.x.nbytes + sum(array.nbytes for array in self._arrays)

    def _fresh(self):
        if self._workspace and self._workspace.runs != self._run:
            raise ValueError("the tape is stale: a later unroll wrote into its workspace")
        return self._arrays

    def steps(self, start, stop):
        """Steps start to stop - 1, for a cell's `local`.

        Parameters
        ----------
        start, stop : int
            Counted from 0; `stop` itself is left out.

        Returns
        -------
        Steps
            Views, nothing is copied.
        """
        old, new = self.states[:, start:stop], self.states[:, start + 1 : stop + 1]
        return Steps(self.gates[:, start:stop], old, new, self.aux[start:stop])

    def part(self, start, stop, sequence=None):
        """The tape of steps start to stop - 1, of all sequences or of one.

        Parameters
        ----------
        start, stop : int
            Counted from 0; `stop` itself is left out.
        sequence : int, optional
            Which sequence of the batch; all if not given.

        Returns
        -------
        Tape
            Views, nothing is copied.
        """
        n = slice(None) if sequence is None else slice(sequence, sequence + 1)
        gates, states = self.gates[:, start:stop, n], self.states[:, start : stop + 1, n]
        mask = None if self.mask is None else self.mask[start:stop, n]
        drop = None if self.drop is None else self.drop[start:stop, :, n]
        x, aux = self.x[start:stop, n], self.aux[start:stop, n]
        return Tape(self.cell, x, gates, states, aux, self._workspace, mask, drop)

    def windows(self, k):
        """All runs of k neighbouring steps side by side, as a tape of k steps with more sequences.

        Parameters
        ----------
        k : int
            Steps a window, at most T.

        Returns
        -------
        Tape
            Of ``(T - k + 1) * N`` sequences, window after window; copies.
        """
        parts = [self.part(start, start + k) for start in range(len(self.x) - k + 1)]
        join = partial(np.concatenate, axis=-2)
        x, gates, states, aux = map(join, zip(*((p.x, p.gates, p.states, p.aux) for p in parts), strict=True))
        mask = None if self.mask is None else np.concatenate([p.mask for p in parts], axis=1)
        drop = None if self.drop is None else join([p.drop for p in parts])
        return Tape(self.cell, x, gates, states, aux, None, mask, drop)


class Backward(NamedTuple):
    """What `bptt` finds: every gradient of the loss.

    Attributes
    ----------
    params : dict of str to ndarray
        Of the cell's parameters, by name.
    x : ndarray or None
        Of the inputs, (T, N, D).
    state : tuple of ndarray
        Of the initial state, S arrays (N, H).
    states : ndarray
        The total dL/dh_t, and dL/dc_t for LSTM, (S, T, N, H).
    """

    params: dict
    x: np.ndarray | None
    state: tuple
    states: np.ndarray

    @property
    def h(self):
        """The total dL/dh_t of every step, (T, N, H), of one recurrent layer; a composition has `states` alone."""
        if not isinstance(self.states, np.ndarray):
            raise AttributeError("h is of one recurrent layer: of a composition take states, nested as its state is")
        return self.states[0]


def check_recorded(tape):
    """Refuse what is not a tape, such as the states in its place."""
    if not isinstance(tape, Tape):
        raise TypeError(f"tape is the Tape that unroll returned third; got {type(tape).__name__}")


def check_tape(tape, cell, D, H, dtype):
    """Refuse what `unroll` did not record with this cell and parameters of these sizes."""
    check_recorded(tape)
    if tape.cell != cell:
        raise ValueError(f"the tape was recorded by {tape.cell}; got {cell}")
    if tape.gates.dtype != dtype:
        raise TypeError(f"the tape was recorded with {tape.gates.dtype} parameters; got {dtype}")
    check_shape("tape.x", tape.x, "T N D", (None, None, D))
    if not tape.x.size:
        raise ValueError(f"a tape has at least one step and one sequence; got x of shape {tape.x.shape}")
    check_shape("tape.gates", tape.gates, "G T N H", (cell.gates, *tape.x.shape[:2], H))
