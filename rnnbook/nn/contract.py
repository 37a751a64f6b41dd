"""The contract between a cell, which knows the equations of a step, and the runner, which owns time.

The runner in `rnnbook.nn.scan` multiplies by W_xh and W_hh and hands the products to the cell; the cell knows
neither time nor matrices. A new cell is a subclass of `Cell` and nothing else.
"""

from __future__ import annotations

from typing import ClassVar


class Cell:
    """What the runner asks of a cell.

    Attributes
    ----------
    gates : int
        G, blocks of pre-activations.
    states : int
        S, 1 for (h,) and 2 for (h, c).
    gate_names : str
        A letter a block.
    keys : tuple of str
        The names of its parameters.
    keeper : int or None
        Which gate keeps the state.
    needs_aux : bool
        Whether the way back wants one more array than gates and states.
    factors : int
        How many arrays of local derivatives `local` makes.
    apart : bool
        Whether a gate multiplies a part of ``h W_hh + b`` before it is added.
    waits : bool
        Whether the last gate's product waits for another gate.
    """

    gates: ClassVar[int] = 1
    states: ClassVar[int] = 1
    gate_names: ClassVar[str] = "h"
    keys: ClassVar[tuple] = ("W_xh", "W_hh", "b_h")
    keeper: ClassVar = None
    needs_aux: ClassVar[bool] = False
    factors: ClassVar[int] = 1
    apart: ClassVar[bool] = False
    waits: ClassVar[bool] = False

    def forward(self, a, gates, old, new, aux):
        """One step: from pre-activations and the old state to the new state.

        Called with overflow warnings off: where a gate is shut, its exp(-a) may well be inf.

        Parameters
        ----------
        a : ndarray
            ``x_t W_xh + h_{t-1} W_hh + b_h``, (G, N, H); may be written over. Of a last gate that is `apart` it
            is ``h_{t-1} W_hn + b_hn``; for a cell that `waits` there is no last block.
        gates : ndarray
            Room for the gates, which stay on the tape, (G, N, H). It is `a` itself for a cell of one block. The
            last block of a cell that is `apart` or `waits` holds ``x_t W_xn + b_n``, with the waiting product added.
        old, new : tuple of ndarray
            States before the step, and room for those after it, (h,) or (h, c), each (N, H).
        aux : ndarray
            Room for what `needs_aux` says, (N, H); holds what `reset_state` wrote for a cell that `waits`.
        """
        raise NotImplementedError

    def local(self, steps, out):
        """The local derivatives of many steps at once, as whole arrays.

        Parameters
        ----------
        steps : Steps
            What the tape holds of them.
        out : ndarray
            Room for them, (`factors`, B, N, H).

        Returns
        -------
        tuple of ndarray
            What `backward` multiplies by, time first: the arrays of `out`, alone or several side by side, (B, N, H)
            or (B, K, N, H), and gates of the tape.
        """
        raise NotImplementedError

    def backward(self, d, d_old, local, da, dah_last):
        """One step back: nothing but multiplications.

        Parameters
        ----------
        d : tuple of ndarray
            Gradients of the state after the step, (h,) or (h, c), each (N, H); may be completed here.
        d_old : tuple of ndarray
            Gradients of the state before it, which hold the loss's own already; what does not pass W_hh is added.
        local : list of ndarray
            This step's part of what `local` returned.
        da : ndarray
            Room for the gradient of ``x_t W_xh + b_h``, (G, N, H). That of ``h_{t-1} W_hh`` is the same,
        dah_last : ndarray
            but for the last block of a cell that is `apart`: room for it, (N, H).
        """
        raise NotImplementedError

    def reset_state(self, a, gates, old, aux):
        """For a cell that `waits`: what the waiting product multiplies.

        Parameters
        ----------
        a : ndarray
            As in `forward`.
        gates : ndarray
            As in `forward`; the last block still lacks the waiting product.
        old : tuple of ndarray
            States before the step, each (N, H).
        aux : ndarray
            Where to write it, (N, H).

        Returns
        -------
        ndarray
            `aux`.
        """
        raise NotImplementedError

    def backward_reset(self, d_rh, dh_old, local, da):
        """For a cell that `waits`: the way back from the waiting product.

        Parameters
        ----------
        d_rh : ndarray
            Gradient of what `reset_state` returned, (N, H).
        dh_old : ndarray
            Gradient of h before the step, (N, H); gets its share.
        local : list of ndarray
            As in `backward`.
        da : ndarray
            Gradients of the pre-activations, (G, N, H); completed here.
        """
        raise NotImplementedError
