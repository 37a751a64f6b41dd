"""The gradient in a net of several layers: its magnitude by layer and step, and where it came down."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnbook.lab.gradients.flow import magnitudes
from rnnbook.nn import Backward, Recurrent, Stack, bptt
from rnnbook.nn.checks import as_floats, check_count
from rnnbook.nn.recurrent import check_names, check_parts
from rnnbook.nn.stack import check_layer, named, part
from rnnbook.nn.tape import check_recorded


class Depth(NamedTuple):
    """The gradient of a loss in every layer, at every step.

    Attributes
    ----------
    norms : ndarray
        (L, T), the magnitude of dL/dh_t, the first layer in the first row.
    back : Backward
        The backward pass.
    tape : tuple
        The forward pass, as the layer returned it.
    """

    norms: np.ndarray
    back: Backward
    tape: tuple


def depth_flow(layer, params, x, dy, state=None):
    """Send gradients back from the outputs, and take their magnitude in every recurrent layer at every step.

    Parameters
    ----------
    layer : Layer
        A `Stack`, or any layer that reads forward alone.
    params : dict of str to ndarray
        Its parameters.
    x : ndarray
        Inputs (T, N, D).
    dy : ndarray
        Gradient of the loss by the outputs, (T, N, `width`); zeros at the steps that have no loss.
    state : tuple, optional
        Initial state, nested as the layer's.

    Returns
    -------
    Depth
        Magnitudes (L, T) of the total gradient by h, what comes from above and from the next step together; the
        backward pass and the tape. Numbers beyond floating point come out as inf or nan.

    Raises
    ------
    TypeError
        If `layer` is not a layer, or numbers are not floating point.
    ValueError
        If the layer reads from both ends or has no recurrent layer, or a shape does not fit.

    References
    ----------
    Graves, Mohamed & Hinton (2013), "Speech recognition with deep recurrent neural networks", ICASSP, eq. (11), for
    the layers on one another.

    Examples
    --------
    >>> from rnnbook import RNN, Recurrent, Stack
    >>> stack, rng = Stack((Recurrent(RNN("identity"), 4),) * 2), np.random.default_rng(0)
    >>> params = stack.init(4, rng, recurrent="identity", gain=0.5)
    >>> params["l1.W_xh"] = np.eye(4)
    >>> dy = np.zeros((3, 1, 4))
    >>> dy[-1, 0, 0] = 1.0
    >>> depth_flow(stack, params, np.zeros((3, 1, 4)), dy).norms.tolist()  # layer 1, step 1: three ways of 0.5 * 0.5
    [[0.75, 1.0, 1.0], [0.25, 0.5, 1.0]]
    """
    check_layer(layer)
    if layer.reads_ahead:
        raise ValueError(f"steps are those of a layer that reads forward alone; {layer} reads from both ends")
    dy = as_floats("dy", dy)
    with np.errstate(over="ignore", invalid="ignore"):
        _, _, tape = layer.forward(params, x, state)
        back = layer.backward(params, tape, dy)
    rows = _by_layer(back.states)
    if not rows:
        raise ValueError(f"{layer} has no recurrent layer, and so no state")
    return Depth(np.stack([magnitudes(states[0]) for states in rows]), back, tape)


def came_down(stack, params, tape, dy, step=0):
    """Share of the gradient at one step of the first layer that came down from the second layer at each step.

    A gradient may go back in time above and then come down, or come down and then go back in time in the first
    layer. Each step t at which it can come down into the first layer has a part v_t of dL/dh at `step`, which is
    their sum g. The share of t is v_t . g / g . g.

    Parameters
    ----------
    stack : Stack
        Its first layer is a `Recurrent`, its second whatever stands on it.
    params : dict of str to ndarray
        Its parameters.
    tape : tuple
        What `stack.forward` returned third.
    dy : ndarray
        Gradient of the loss by the outputs, (T, N, `width`).
    step : int
        Of the first layer, counted from 0.

    Returns
    -------
    ndarray
        (T,), adding up to 1, and exactly 0 before `step`. A share is below 0 where that part points against the sum.

    Raises
    ------
    TypeError
        If `stack` is not a Stack on a Recurrent, or the tape is not its own.
    ValueError
        If there is one layer alone, a shape does not fit, there is no such step, or the gradient there is zero or
        not finite.

    Examples
    --------
    >>> from rnnbook import RNN, Recurrent, Stack
    >>> stack, rng = Stack((Recurrent(RNN("identity"), 4),) * 2), np.random.default_rng(0)
    >>> params, dy = stack.init(4, rng, recurrent="identity", gain=0.5), np.zeros((4, 1, 4))
    >>> dy[-1] = 1.0
    >>> tape = stack.forward(params, np.zeros((4, 1, 4)))[2]
    >>> came_down(stack, params, tape, dy).tolist()  # four ways, of three steps back and one down each
    [0.25, 0.25, 0.25, 0.25]
    """
    if not isinstance(stack, Stack) or not isinstance(stack.layers[0], Recurrent):
        raise TypeError(f"stack is a Stack whose first layer is a Recurrent; got {stack!r}")
    if len(stack.layers) < 2:
        raise ValueError(f"a gradient comes down from a second layer; {stack} has one")
    check_names(stack, params)
    check_recorded(check_parts(stack, tape, len(stack.layers))[0])
    check_count("step", step, least=0)
    first, *others = stack.layers
    above, names = Stack(others), {}
    for k in range(len(others)):
        names |= named(f"l{k}.", part(params, f"l{k + 1}."))
    with np.errstate(over="ignore", invalid="ignore"):
        arrives = above.backward(names, tape[1:], dy).x
        T = len(arrives)
        if step >= T:
            raise ValueError(f"step is below T = {T}; got {step}")
        apart = np.zeros((T, *arrives.shape), arrives.dtype)  # T gradients, each coming down at one step alone
        apart[np.arange(T), np.arange(T)] = arrives
        parts = bptt(first.cell, part(params, "l0."), tape[0], apart, weights=False, inputs=False).h[step]
        whole = parts.sum(axis=0)
    largest = np.abs(whole).max()
    if not 0 < largest < np.inf:
        raise ValueError(f"only a gradient that is finite and not zero has shares; its largest number is {largest}")
    whole = whole / largest  # squares of small numbers would vanish
    return np.einsum("tnh,nh->t", parts / largest, whole) / np.vdot(whole, whole)


def _by_layer(states):
    """The gradients by the states of each recurrent layer, from the bottom up, out of their nest."""
    if isinstance(states, tuple):
        return [row for inner in states for row in _by_layer(inner)]
    return [states]
