"""The cells: gate equations and local derivatives, elementwise, with no loop over time and no matrix product.

`rnnbook.nn.contract` says what the arguments are. What arrives at a step on the way back is
multiplied by factors that do not depend on it. So `local` computes the factors of many steps at once, as whole arrays,
and `backward` only multiplies by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnnbook.nn.activations import ACTIVATIONS, logistic, sigmoid_slope, tanh_slope
from rnnbook.nn.checks import check_option
from rnnbook.nn.contract import Cell


@dataclass(frozen=True)
class RNN(Cell):
    """The simple recurrent cell: ``h_t = f(x_t W_xh + h_{t-1} W_hh + b_h)``.

    Parameters
    ----------
    activation : {"tanh", "relu", "sigmoid", "identity"}
        The function f. With "identity" the network is linear in its input and its initial state.

    Raises
    ------
    ValueError
        If `activation` is none of the four.

    References
    ----------
    Elman (1990), "Finding structure in time", Cognitive Science 14(2).

    Examples
    --------
    >>> RNN() == RNN("tanh"), RNN().gates
    (True, 1)
    """

    activation: str = "tanh"

    def __post_init__(self):
        check_option("activation", self.activation, ACTIVATIONS)

    @property
    def sigmoids(self):
        """Whether f is one."""
        return self.activation == "sigmoid"

    def forward(self, a, gates, old, new, aux):
        """One step; the pre-activation stays in `a`."""
        ACTIVATIONS[self.activation][0](a[0], out=new[0])

    def local(self, steps, out):
        """The derivative dh_t/da_t of all given steps."""
        ACTIVATIONS[self.activation][1](steps.new[0], out=out[0])
        return (out[0],)

    def backward(self, d, d_old, local, da, dah):
        """Multiply: da_t = dh_t * f'(a_t); all of it goes back through W_hh."""
        np.multiply(d[0], local[0], out=da[0])


@dataclass(frozen=True)
class LSTM(Cell):
    """Long short-term memory: ``c_t = f_t * c_{t-1} + i_t * g_t``, ``h_t = o_t * tanh(c_t)``.

    The gates i, f, o are sigmoids and g is a tanh of ``x_t W_xh + h_{t-1} W_hh + b_h``, blocks in the order
    i, f, g, o.

    References
    ----------
    Hochreiter & Schmidhuber (1997), "Long short-term memory", Neural Computation 9(8). The forget gate is
    from Gers, Schmidhuber & Cummins (2000), "Learning to forget", Neural Computation 12(10).

    Examples
    --------
    >>> LSTM().gates, LSTM().states
    (4, 2)
    """

    gates: ClassVar[int] = 4
    states: ClassVar[int] = 2
    gate_names: ClassVar[str] = "ifgo"
    keeper: ClassVar = 1
    needs_aux: ClassVar[bool] = True  # tanh(c_t)
    factors: ClassVar[int] = 5

    def forward(self, a, gates, old, new, aux):
        """One step; leaves i, f, g, o in `gates` and tanh(c_t) in `aux`."""
        i, f, g, o = gates
        logistic(a[:2], out=gates[:2])
        np.tanh(a[2], out=g)
        logistic(a[3], out=o)
        (_, c_old), (h, c) = old, new
        np.multiply(f, c_old, out=c)
        c += i * g
        np.multiply(o, np.tanh(c, out=aux), out=h)

    def local(self, steps, out):
        """The derivatives of c_t by a_i, a_f, a_g, and of h_t by a_o; of h_t by c_t; of c_t by c_{t-1}."""
        (i, f, g, o), tanh_c, (_, c_old) = steps.gates, steps.aux, steps.old
        dc_da_i, dc_da_f, dc_da_g, dh_da_o, dh_dc = out
        np.multiply(sigmoid_slope(i, out=dc_da_i), g, out=dc_da_i)
        np.multiply(sigmoid_slope(f, out=dc_da_f), c_old, out=dc_da_f)
        np.multiply(tanh_slope(g, out=dc_da_g), i, out=dc_da_g)
        np.multiply(sigmoid_slope(o, out=dh_da_o), tanh_c, out=dh_da_o)
        np.multiply(tanh_slope(tanh_c, out=dh_dc), o, out=dh_dc)
        return out[:4].swapaxes(0, 1), dh_dc, f

    def backward(self, d, d_old, local, da, dah):
        """Multiply; also completes dL/dc_t by what arrives through h_t."""
        (dh, dc), (_, dc_old), (slopes, dh_dc, f) = d, d_old, local
        dc += dh * dh_dc
        np.multiply(slopes[:3], dc, out=da[:3])
        np.multiply(slopes[3], dh, out=da[3])
        dc_old += f * dc


@dataclass(frozen=True, repr=False)
class GRU(Cell):
    """Gated recurrent unit: ``h_t = (1 - z_t) * n_t + z_t * h_{t-1}``, so z keeps the old state.

    The gates r, z are sigmoids of ``x_t W_xh + h_{t-1} W_hh + b_h``; the candidate is

    * reset "after" the product: ``n_t = tanh(x_t W_xn + b_n + r_t * (h_{t-1} W_hn + b_hn))``,
    * reset "before" the product: ``n_t = tanh(x_t W_xn + b_n + (r_t * h_{t-1}) W_hn)``.

    Parameters
    ----------
    reset : {"after", "before"}
        Where the reset gate acts. "after" is what PyTorch, Keras and cuDNN run; it needs the extra bias b_hn.

    Raises
    ------
    ValueError
        If `reset` is neither.

    References
    ----------
    Cho et al. (2014), "Learning phrase representations using RNN encoder-decoder", EMNLP, eqs. (5) to (8):
    reset before the product. Chung et al. (2014), "Empirical evaluation of gated recurrent neural networks",
    section 3.2, has z the other way round.

    Examples
    --------
    >>> GRU().keys
    ('W_xh', 'W_hh', 'b_h', 'b_hn')
    >>> GRU(reset="before").keys
    ('W_xh', 'W_hh', 'b_h')
    """

    reset: str = "after"

    gates: ClassVar[int] = 3
    gate_names: ClassVar[str] = "rzn"
    keys: ClassVar[tuple] = ("W_xh", "W_hh", "b_h", "b_hn")
    keeper: ClassVar = 1
    needs_aux: ClassVar[bool] = True  # h_{t-1} W_hn + b_hn
    factors: ClassVar[int] = 3
    apart: ClassVar[bool] = True

    def __new__(cls, reset="after"):
        """Reset before the product is a cell of its own."""
        return object.__new__(_cell_of(cls, reset))

    def __getnewargs__(self):
        return (self.reset,)  # for copies and pickles, which call __new__ too

    def __repr__(self):
        return f"GRU(reset={self.reset!r})"

    def forward(self, a, gates, old, new, aux):
        """One step; leaves r, z, n in `gates` and h_{t-1} W_hn + b_hn in `aux`."""
        (r, z, n), (h_old,), (h,) = gates, old, new
        logistic(a[:2], out=gates[:2])
        aux[...] = a[2]
        n += r * aux
        np.tanh(n, out=n)
        _between(z, n, h_old, out=h)

    def local(self, steps, out):
        """The derivatives of h_t by a_r, a_z, a_n, and r and z themselves."""
        (r, z, n), (h_old,) = steps.gates, steps.old
        dh_da_r, dh_da_z, dh_da_n = out
        np.multiply(sigmoid_slope(z, out=dh_da_z), h_old - n, out=dh_da_z)
        np.multiply(tanh_slope(n, out=dh_da_n), 1 - z, out=dh_da_n)
        np.multiply(sigmoid_slope(r, out=dh_da_r), steps.aux, out=dh_da_r)
        dh_da_r *= dh_da_n
        return out.swapaxes(0, 1), r, z

    def backward(self, d, d_old, local, da, dah):
        """Multiply; the old state gets z_t * dh_t directly."""
        (dh,), (dh_old,), (slopes, r, z) = d, d_old, local
        np.multiply(slopes, dh, out=da)
        dah[:2] = da[:2]
        np.multiply(da[2], r, out=dah[2])
        dh_old += z * dh


class _ResetBefore(GRU):
    """The GRU whose reset gate acts before the product; made by ``GRU(reset="before")``."""

    keys: ClassVar[tuple] = ("W_xh", "W_hh", "b_h")
    apart: ClassVar[bool] = False
    waits: ClassVar[bool] = True

    def reset_state(self, a, gates, old, aux):
        """The gates r and z, and r_t * h_{t-1}, which the waiting product multiplies."""
        logistic(a, out=gates[:2])
        return np.multiply(gates[0], old[0], out=aux)

    def forward(self, a, gates, old, new, aux):
        """The rest of the step; leaves n in `gates`."""
        (_, z, n), (h_old,), (h,) = gates, old, new
        np.tanh(n, out=n)
        _between(z, n, h_old, out=h)

    def local(self, steps, out):
        """The derivatives of r * h by a_r, and of h_t by a_z and a_n, and r and z themselves."""
        (r, z, n), (h_old,) = steps.gates, steps.old
        drh_da_r, dh_da_z, dh_da_n = out
        np.multiply(sigmoid_slope(z, out=dh_da_z), h_old - n, out=dh_da_z)
        np.multiply(tanh_slope(n, out=dh_da_n), 1 - z, out=dh_da_n)
        np.multiply(sigmoid_slope(r, out=drh_da_r), h_old, out=drh_da_r)
        return out.swapaxes(0, 1), r, z

    def backward(self, d, d_old, local, da, dah):
        """Multiply by the slopes of z and n; `backward_reset` completes r."""
        (dh,), (dh_old,), (slopes, _, z) = d, d_old, local
        np.multiply(slopes[1:], dh, out=da[1:])
        dh_old += z * dh

    def backward_reset(self, d_rh, dh_old, local, da):
        """From the gradient of r_t * h_{t-1} to those of r's pre-activation and of h_{t-1}."""
        slopes, r, _ = local
        np.multiply(slopes[0], d_rh, out=da[0])
        dh_old += r * d_rh


def _cell_of(cls, reset):
    """The class whose equations have the reset gate there."""
    check_option("reset", reset, ("after", "before"))
    if cls in (GRU, _ResetBefore):
        return _ResetBefore if reset == "before" else GRU
    if reset == "before":
        raise ValueError(f"{cls.__name__} has the equations of GRU(reset='after'); got reset='before'")
    return cls


def _between(z, n, h_old, out):
    """``(1 - z) * n + z * h_old``, with one product: ``n + z * (h_old - n)``."""
    np.subtract(h_old, n, out=out)
    out *= z
    out += n


CELLS = {"RNN": RNN(), "LSTM": LSTM(), "GRU": GRU()}  # by the names that a choice or a table has
