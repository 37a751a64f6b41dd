"""The cells: gate equations and local derivatives, elementwise, with no loop over time and no matrix product.

`rnnbook.nn.contract` says what the arguments are. The gradient that arrives at a step enters linearly, so the
local derivatives of all steps are whole-array expressions, and going back only multiplies by them.
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

    def forward(self, a, gates, old, new, aux):
        """One step; the pre-activation stays in `a`."""
        ACTIVATIONS[self.activation][0](a[0], out=new[0])

    def local(self, steps, out):
        """The derivative dh_t/da_t of all given steps."""
        ACTIVATIONS[self.activation][1](steps.new[0], out=out[0])
        return (out[0],)

    def backward(self, d, d_old, local, da, dah_last):
        """Multiply: da_t = dh_t * f'(a_t); nothing gets past W_hh."""
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
        h, c = new
        np.multiply(f, old[1], out=c)
        c += i * g
        tanh_c = np.tanh(c, out=aux)
        np.multiply(o, tanh_c, out=h)

    def local(self, steps, out):
        """The derivatives of c_t by a_i, a_f, a_g, and of h_t by a_o; of h_t by c_t; of c_t by c_{t-1}."""
        (i, f, g, o), tanh_c = steps.gates, steps.aux
        c_old = steps.old[1]
        dc_da_i, dc_da_f, dc_da_g, dh_da_o, dh_dc = out
        sigmoid_slope(i, out=dc_da_i)
        dc_da_i *= g
        sigmoid_slope(f, out=dc_da_f)
        dc_da_f *= c_old
        tanh_slope(g, out=dc_da_g)
        dc_da_g *= i
        sigmoid_slope(o, out=dh_da_o)
        dh_da_o *= tanh_c
        tanh_slope(tanh_c, out=dh_dc)
        dh_dc *= o
        return out[:4].swapaxes(0, 1), dh_dc, f

    def backward(self, d, d_old, local, da, dah_last):
        """Multiply; also completes dL/dc_t by what arrives through h_t."""
        dh, dc = d
        slopes, dh_dc, f = local
        dc += dh * dh_dc
        np.multiply(slopes[:3], dc, out=da[:3])
        np.multiply(slopes[3], dh, out=da[3])
        np.multiply(f, dc, out=d_old[1])


@dataclass(frozen=True)
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
    keeper: ClassVar = 1
    needs_aux: ClassVar[bool] = True  # h_{t-1} W_hn + b_hn, or r_t * h_{t-1}
    factors: ClassVar[int] = 3

    def __post_init__(self):
        check_option("reset", self.reset, ("after", "before"))

    @property
    def keys(self):
        """The names of its parameters."""
        return ("W_xh", "W_hh", "b_h", "b_hn") if self.apart else ("W_xh", "W_hh", "b_h")

    @property
    def apart(self):
        """Reset after the product multiplies ``h W_hn + b_hn`` by r before it is added."""
        return self.reset == "after"

    @property
    def waits(self):
        """Reset before the product makes ``(r * h) W_hn`` wait for r."""
        return self.reset == "before"

    def reset_state(self, a, gates, old, aux):
        """Reset before: the gates r and z, and r_t * h_{t-1}, which the waiting product multiplies."""
        logistic(a, out=gates[:2])
        return np.multiply(gates[0], old[0], out=aux)

    def forward(self, a, gates, old, new, aux):
        """One step; leaves r, z, n in `gates` (and in `aux` what `needs_aux` says)."""
        r, z, n = gates
        if self.reset == "after":  # before: reset_state was here already
            logistic(a[:2], out=gates[:2])
            aux[...] = a[2]
            n += r * aux
        np.tanh(n, out=n)
        (h,), (h_old,) = new, old
        np.subtract(h_old, n, out=h)
        h *= z
        h += n

    def local(self, steps, out):
        """The derivatives of h_t by a_r, a_z, a_n (reset before: of r * h by a_r), and r and z themselves."""
        (r, z, n), h_old = steps.gates, steps.old[0]
        dh_da_r, dh_da_z, dh_da_n = out
        sigmoid_slope(z, out=dh_da_z)
        dh_da_z *= h_old - n
        tanh_slope(n, out=dh_da_n)
        dh_da_n *= 1 - z
        sigmoid_slope(r, out=dh_da_r)
        if self.reset == "after":
            dh_da_r *= steps.aux
            dh_da_r *= dh_da_n
        else:
            dh_da_r *= h_old
        return out.swapaxes(0, 1), r, z

    def backward(self, d, d_old, local, da, dah_last):
        """Multiply; the old state gets z_t * dh_t directly."""
        (dh,), (dh_old,), (slopes, r, z) = d, d_old, local
        np.multiply(slopes, dh, out=da)
        if self.reset == "after":  # before: backward_reset completes r
            np.multiply(da[2], r, out=dah_last)
        dh_old += z * dh

    def backward_reset(self, d_rh, dh_old, local, da):
        """Reset before: from the gradient of r_t * h_{t-1} to those of r's pre-activation and of h_{t-1}."""
        slopes, r, _ = local
        np.multiply(slopes[0], d_rh, out=da[0])
        dh_old += r * d_rh
