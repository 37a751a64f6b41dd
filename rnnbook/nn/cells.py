"""The cells: gate equations and local derivatives, elementwise, with no loop over time and no matrix product.

`rnnbook.nn.contract` says what the arguments are. The gradient that arrives at a step enters linearly, so the
local derivatives of all steps are whole-array expressions, and going back only multiplies by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnnbook.nn.activations import ACTIVATIONS, sigmoid
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

    def forward(self, a, ah, old, new, aux):
        """One step; leaves the pre-activation in `a`."""
        a += ah
        ACTIVATIONS[self.activation][0](a[0], out=new[0])

    def local(self, steps):
        """The derivative dh_t/da_t of all given steps."""
        return (ACTIVATIONS[self.activation][1](steps.new[0]),)

    def backward(self, d, d_old, local, da, dah):
        """Multiply: da_t = dh_t * f'(a_t); nothing gets past W_hh."""
        np.multiply(d[0], local[0], out=da[:, 0])


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

    def forward(self, a, ah, old, new, aux):
        """One step; leaves i, f, g, o in `a` and tanh(c_t) in `aux`."""
        a += ah
        i, f, g, o = a
        sigmoid(a[:2], out=a[:2])
        np.tanh(g, out=g)
        sigmoid(o, out=o)
        h, c = new
        np.multiply(f, old[1], out=c)
        c += i * g
        tanh_c = np.tanh(c, out=aux)
        np.multiply(o, tanh_c, out=h)

    def local(self, steps):
        """The derivatives of c_t by a_i, a_f, a_g; of h_t by a_o; of h_t by c_t; of c_t by c_{t-1}."""
        i, f, g, o = steps.gates
        c_old, tanh_c = steps.old[1], steps.aux
        dc_da = np.empty((len(f), 3, *f.shape[1:]), f.dtype)
        np.multiply(g * i, 1 - i, out=dc_da[:, 0])
        np.multiply(c_old * f, 1 - f, out=dc_da[:, 1])
        np.multiply(1 - g * g, i, out=dc_da[:, 2])
        return dc_da, tanh_c * o * (1 - o), o * (1 - tanh_c * tanh_c), f

    def backward(self, d, d_old, local, da, dah):
        """Multiply; also completes dL/dc_t by what arrives through h_t."""
        (dh, dc), (dc_da, dh_da_o, dh_dc, f) = d, local
        dc += dh * dh_dc
        da = da.swapaxes(0, 1)
        np.multiply(dc_da, dc, out=da[:3])
        np.multiply(dh_da_o, dh, out=da[3])
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

    def reset_state(self, a, ah, old, aux):
        """Reset before: the gates r and z, and r_t * h_{t-1}, which the waiting product multiplies."""
        gates = a[:2]
        gates += ah[:2]
        sigmoid(gates, out=gates)
        return np.multiply(a[0], old[0], out=aux)

    def forward(self, a, ah, old, new, aux):
        """One step; leaves r, z, n in `a` (and in `aux` what `needs_aux` says)."""
        r, z, n = a
        if self.reset == "before":  # reset_state was here already
            n += ah[2]
        else:
            gates = a[:2]
            gates += ah[:2]
            sigmoid(gates, out=gates)
            aux += ah[2]
            n += r * aux
        np.tanh(n, out=n)
        h = new[0]
        np.subtract(old[0], n, out=h)
        h *= z
        h += n

    def local(self, steps):
        """The derivatives of h_t by a_r, a_z, a_n (reset before: of r * h by a_r), and r and z themselves."""
        r, z, n = steps.gates
        h_old, aux = steps.old[0], steps.aux
        dh_da = np.empty((len(z), 3, *z.shape[1:]), z.dtype)
        keep_not = 1 - z
        np.multiply((h_old - n) * z, keep_not, out=dh_da[:, 1])
        np.multiply(1 - n * n, keep_not, out=dh_da[:, 2])
        inner = dh_da[:, 2] * aux if self.reset == "after" else h_old
        np.multiply(inner * r, 1 - r, out=dh_da[:, 0])
        return dh_da, r, z

    def backward(self, d, d_old, local, da, dah):
        """Multiply; the old state gets z_t * dh_t directly."""
        dh, (dh_da, r, z) = d[0], local
        np.multiply(dh_da, dh, out=da.swapaxes(0, 1))
        if self.reset == "after":
            dah[:, :2] = da[:, :2]
            np.multiply(da[:, 2], r, out=dah[:, 2])
        d_old[0] += z * dh

    def backward_reset(self, d_rh, d_old, local, da):
        """Reset before: from the gradient of r_t * h_{t-1} to those of r's pre-activation and of h_{t-1}."""
        drh_da, r, _ = local
        np.multiply(drh_da[0], d_rh, out=da[:, 0])
        d_old[0] += r * d_rh
