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

    def forward(self, a, old, new, aux):
        """One step: from pre-activations and the old state to the new state.

        Called with overflow warnings off: where a gate is shut, its exp(-a) may well be inf.

        Parameters
        ----------
        a : ndarray
            ``x_t W_xh + h_{t-1} W_hh + b_h``, (G, N, H), without the recurrent part of a last gate that is
            `apart`; left holding the gates.
        old, new : ndarray
            States before the step, and room for those after it, (S, N, H).
        aux : ndarray
            Room for what `needs_aux` says, (N, H). It holds ``h_{t-1} W_hn + b_hn`` for a cell that is
            `apart`, and what `reset_state` wrote for one that `waits`.
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
            What `backward` multiplies by, each (B, N, H): the arrays of `out`, and gates of the tape.
        """
        raise NotImplementedError

    def backward(self, d, d_old, local, da, dah):
        """One step back: nothing but multiplications.

        Parameters
        ----------
        d : ndarray
            Gradient of the state after the step, (S, N, H); may be completed here.
        d_old : ndarray
            Gradient of the state before it, (S, N, H), which holds the loss's own already; what does not pass
            W_hh is added.
        local : list of ndarray
            This step's part of what `local` returned.
        da, dah : ndarray
            Room for the gradients of ``x_t W_xh + b_h`` and ``h_{t-1} W_hh``, (N, G, H); one array for both
            unless the cell is `apart`.
        """
        raise NotImplementedError

    def reset_state(self, a, old, aux):
        """For a cell that `waits`: what the waiting product multiplies.

        Parameters
        ----------
        a : ndarray
            As in `forward`; only the last block still lacks its recurrent part.
        old : ndarray
            States before the step, (S, N, H).
        aux : ndarray
            Where to write it, (N, H).

        Returns
        -------
        ndarray
            `aux`.
        """
        raise NotImplementedError

    def backward_reset(self, d_rh, d_old, local, da):
        """For a cell that `waits`: the way back from the waiting product.

        Parameters
        ----------
        d_rh : ndarray
            Gradient of what `reset_state` returned, (N, H).
        d_old : ndarray
            Gradient of the state before the step, (S, N, H); gets its share.
        local : list of ndarray
            As in `backward`.
        da : ndarray
            Gradients of the pre-activations, (N, G, H); completed here.
        """
        raise NotImplementedError
