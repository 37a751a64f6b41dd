"""Buffers that are used again, so that a training step asks the system for no new memory."""

from __future__ import annotations

from math import prod

import numpy as np


class Workspace:
    """Room for the large arrays of `unroll` and `bptt`, kept from one call to the next.

    Without it every call makes its own arrays, and the system clears fresh memory for them, which can take as
    long as the arithmetic. With it the arrays of a call are written over by the next call that
    gets the same workspace. That goes for h and for the gradients through time; the tape notices, and raises
    when it is used afterwards. Last states and the gradients of parameters are always new arrays.

    Attributes
    ----------
    runs : int
        How often `unroll` has begun to write into it.

    Examples
    --------
    >>> from rnnbook import RNN, bptt, init_params, unroll
    >>> workspace = Workspace()
    >>> params = init_params(RNN(), 1, 4, np.random.default_rng(0))
    >>> for x in np.ones((3, 5, 2, 1)):  # three sequences, one after another
    ...     h, state, tape = unroll(RNN(), params, x, workspace=workspace)
    ...     back = bptt(RNN(), params, tape, dh=h, workspace=workspace)
    >>> workspace.runs, workspace.nbytes
    (3, 2320)
    """

    def __init__(self):
        self.runs = 0
        self._buffers = {}  # by name: the memory, and the array of it that was handed out last
        self._parts = {}

    @property
    def nbytes(self):
        """Bytes that it holds."""
        own = sum(buffer.nbytes for buffer, _ in self._buffers.values())
        return own + sum(part.nbytes for part in self._parts.values())

    def part(self, name):
        """A workspace inside this one, for a part of what runs.

        Parameters
        ----------
        name : str or int
            Which part; the same name gets the same workspace.

        Returns
        -------
        Workspace
            With memory of its own, so that the tapes of several parts stand side by side.
        """
        return self._parts.setdefault(name, Workspace())

    def holds(self, array):
        """Whether an array lies in its memory, and would be written over.

        Parameters
        ----------
        array : ndarray
            Any array.

        Returns
        -------
        bool
            Told from the bounds of the memory.
        """
        if array.flags.owndata:  # most often, and told at once
            return False
        return any(np.may_share_memory(array, buffer) for buffer, _ in self._buffers.values())

    def empty(self, name, shape, dtype):
        """An array with whatever was left in it.

        Parameters
        ----------
        name : str
            What it is for; the same name gets the same memory.
        shape : tuple of int
            Its shape. The memory grows when more is asked for, and never shrinks.
        dtype : numpy.dtype
            Its dtype.

        Returns
        -------
        ndarray
            C-contiguous.
        """
        buffer, array = self._buffers.get(name, (None, None))
        if array is None or array.base is not buffer or array.shape != shape or array.dtype != dtype:
            size = prod(shape)
            if buffer is None or buffer.size < size or buffer.dtype != dtype:
                buffer = np.empty(size, dtype)
            array = buffer[:size].reshape(shape)
            self._buffers[name] = buffer, array
        return array


def check_workspace(workspace):
    """Take the caller's workspace, or make one for this call alone."""
    if workspace is None:
        return Workspace()
    if not isinstance(workspace, Workspace):
        raise TypeError(f"workspace is a Workspace() or None; got {type(workspace).__name__}")
    return workspace
