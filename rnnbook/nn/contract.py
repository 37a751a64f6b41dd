"""Two contracts: what the runner asks of a cell, and what layers ask of one another.

The runner in `rnnbook.nn.scan` owns time. It multiplies by W_xh and W_hh and hands the products to the cell, which
computes one step elementwise, with no loop and no matrix product. A new cell is a subclass of `Cell` and nothing else.
Whatever runs a whole sequence forward and back is a `Layer`, of which `rnnbook.nn.recurrent`, `rnnbook.nn.pooling` and
`rnnbook.nn.stack` have seven.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
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
        Whether the last gate needs ``h_{t-1} W_hn + b_hn`` by itself, as in GRU(reset="after"), where r_t multiplies it
        before ``x_t W_xn + b_n`` is added.
    waits : bool
        Whether the last gate's recurrent product waits for another gate, as in GRU(reset="before"), where it is
        ``(r_t * h_{t-1}) W_hn``.
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

    @property
    def sigmoids(self):
        """Whether `forward` takes sigmoids."""
        return self.gates > 1

    def forward(self, a, gates, old, new, aux):
        """One step: from pre-activations and the old state to the new state.

        For a cell with `sigmoids` overflow warnings are off: where a gate is shut, its exp(-a) may well be inf.

        Parameters
        ----------
        a : ndarray
            ``x_t W_xh + h_{t-1} W_hh + b_h``, (G, N, H); may be written over if there is more than one gate. Of a
            last gate that is `apart` it is ``h_{t-1} W_hn + b_hn``; for a cell that `waits` there is no last block.
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

    def backward(self, d, d_old, local, da, dah):
        """One step back: nothing but multiplications.

        Parameters
        ----------
        d : tuple of ndarray
            Gradients of the state after the step, (h,) or (h, c), each (N, H), or (M, N, H) of M losses; may be
            completed here.
        d_old : tuple of ndarray
            Gradients of the state before it, which hold the loss's own already; what reaches the old state without W_hh
            (f_t * dc_t, z_t * dh_t) is added.
        local : list of ndarray
            This step's part of what `local` returned, with an axis of 1 for M losses.
        da : ndarray
            Room for the gradient of ``x_t W_xh + b_h``, (G, N, H) or (G, M, N, H): delta_t of chapter 03.
        dah : ndarray
            Room for that of ``h_{t-1} W_hh``, (G, N, H). It is `da` itself but for a cell that is `apart`.
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


class Layer:
    """What runs a sequence forward and back.

    Subclasses fill in the methods. A layer holds settings and no arrays: parameters, states and tapes come in and go
    out.
    """

    def __repr__(self):
        given = [(f, getattr(self, f.name)) for f in fields(self)] if is_dataclass(self) else []
        return f"{type(self).__name__}({', '.join(f'{f.name}={value!r}' for f, value in given if value != f.default)})"

    @property
    def reads_ahead(self):
        """Whether an output may depend on later inputs, so that a sequence cannot be cut into blocks."""
        return False

    @property
    def reads_tokens(self):
        """Whether the input is tokens (T, N) and not numbers (T, N, D)."""
        return False

    def width(self, D):
        """Features of the output.

        Parameters
        ----------
        D : int
            Features of the input.

        Returns
        -------
        int
            How many there are.
        """
        raise NotImplementedError

    def names(self):
        """Names of the parameters.

        Returns
        -------
        tuple of str
            In the order of `init`.
        """
        raise NotImplementedError

    def input_size(self, params):
        """Features of the input, as the parameters have them.

        Parameters
        ----------
        params : dict of str to ndarray
            From `init`.

        Returns
        -------
        int or None
            None for a layer that takes any number.
        """
        raise NotImplementedError

    def init(self, D, rng, **start):
        """Draw starting parameters.

        Parameters
        ----------
        D : int
            Features of the input; for `Embedding` the number of tokens.
        rng : numpy.random.Generator
            The only source of randomness.
        **start
            As for `rnnbook.init_params`; handed on to every layer inside.

        Returns
        -------
        dict of str to ndarray
            Flat, a name for each of `names`.
        """
        raise NotImplementedError

    def forward(self, params, x, state=None, mask=None, rng=None, workspace=None):
        """Run over a sequence.

        Parameters
        ----------
        params : dict of str to ndarray
            From `init`.
        x : ndarray
            Inputs (T, N, D), or tokens (T, N) for `Embedding`.
        state : tuple, optional
            Initial state, nested as the one that is returned; zeros where not given.
        mask : ndarray of bool, optional
            (T, N), False where a step is padding: x is not looked at, and states stay as they are.
        rng : numpy.random.Generator, optional
            Draws what is dropped. Without it, as in prediction, nothing is.
        workspace : Workspace, optional
            Memory to use again, as for `rnnbook.unroll`. The next forward with it makes the tapes of all inner
            layers stale as well.

        Returns
        -------
        y : ndarray
            Outputs (T, N, `width`). At padded steps they mean nothing.
        state : tuple
            The last state, to carry on from: (h,) or (h, c) of `Recurrent`, a tuple with one for each layer of a
            `Stack`, a pair of `Both`, () of a layer that has none.
        tape : object
            For `backward`.
        """
        raise NotImplementedError

    def backward(self, params, tape, dy=None, dstate=None, truncate=None, workspace=None):
        """Send gradients back.

        Parameters
        ----------
        params : dict of str to ndarray
            As in `forward`.
        tape : object
            From `forward`.
        dy : ndarray, optional
            The loss's gradient by the outputs, (T, N, `width`); zeros if not given.
        dstate : tuple, optional
            The loss's gradient by the last state, nested as that is; zeros where not given.
        truncate : int, optional
            As for `rnnbook.bptt`, in every layer.
        workspace : Workspace, optional
            As in `forward`.

        Returns
        -------
        Backward
            Gradients by parameters, x (None for tokens) and initial state, and by the states of every step, nested as
            the state is.
        """
        raise NotImplementedError

    def last(self, state, tape, below=None):
        """The output after the last real step, (N, `width`): what a readout of the last state reads.

        Parameters
        ----------
        state : tuple
            The last state, from `forward`.
        tape : object
            From the same call.
        below : ndarray, optional
            The same of the layer below.

        Returns
        -------
        ndarray or None
            Taken from the state, never from y[-1], where a sequence may be padded and the backward half of `Both` has
            only begun. None where there is no state below.
        """
        raise NotImplementedError

    def last_backward(self, d, state, tape):
        """The way back from `last`.

        Parameters
        ----------
        d : ndarray
            The loss's gradient by what `last` returned, (N, `width`).
        state : tuple
            As for `last`.
        tape : object
            As for `last`.

        Returns
        -------
        dstate : tuple
            By the last state, for `backward`.
        below : ndarray or None
            By `below`; None where that has no part in it.
        """
        raise NotImplementedError
