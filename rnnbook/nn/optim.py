"""Optimisers: each one loop over a dict of arrays.

An optimiser's `step` changes the parameters in place, so that explorers which hold the same arrays see it.
"""

from __future__ import annotations

import numpy as np

from rnnbook.nn.checks import check_dict, check_number


class _Optimizer:
    """Walks over the parameters; a subclass knows one array's update."""

    def __init__(self, lr):
        check_number("lr", lr, above=True)
        self.lr = lr
        self.steps = {}  # per parameter, how many it has made
        self.shapes = {}  # per parameter, of what array
        self.memory = {}  # per parameter, whatever the update remembers

    def step(self, params, grads):
        """Change every parameter that has a gradient, in place.

        Parameters
        ----------
        params : dict of str to ndarray
            The parameters.
        grads : dict of str to ndarray
            Gradients of some or all of them, of the same shapes.

        Raises
        ------
        KeyError
            If there is a gradient for which there is no parameter.
        TypeError
            If a parameter or a gradient is not an array of floating point numbers.
        ValueError
            If a gradient's shape is not its parameter's, or the optimiser has made steps of another shape before.
        """
        for what, arrays in (("params", params), ("grads", grads)):
            check_dict(what, arrays)
        for key, g in grads.items():
            if key not in params:
                raise KeyError(f"a gradient for {key!r}, but no such parameter among {', '.join(map(str, params))}")
            for what, a in (("parameter", params[key]), ("gradient", g)):
                if not isinstance(a, np.ndarray) or a.dtype.kind != "f":
                    given = getattr(a, "dtype", type(a).__name__)
                    raise TypeError(f"{what} of {key} is an array of floating point numbers; got {given}")
            if g.shape != params[key].shape:
                shape = params[key].shape
                raise ValueError(f"gradient of {key} has shape {shape} as the parameter; got {g.shape}")
            if key in self.shapes and self.shapes[key] != g.shape:
                raise ValueError(
                    f"{type(self).__name__} remembers {key} of shape {self.shapes[key]}; got {g.shape}: "
                    "an optimiser is for one model, make a new one"
                )
        for key, g in grads.items():
            if key not in self.memory:
                self.steps[key], self.shapes[key], self.memory[key] = 0, g.shape, self._remember(params[key])
            self.steps[key] += 1
            params[key] -= self._update(g, self.memory[key], self.steps[key])

    def _remember(self, p):
        return np.zeros_like(p)


class SGD(_Optimizer):
    """Gradient descent with momentum: ``v = momentum * v + g``, then ``p -= lr * v``.

    Parameters
    ----------
    lr : float
        Learning rate, above 0.
    momentum : float
        From 0, which is plain gradient descent, to below 1.

    Raises
    ------
    ValueError
        If a setting is out of range.

    References
    ----------
    Sutskever, Martens, Dahl & Hinton (2013), ICML, section 2 (the form in which lr multiplies last).

    Examples
    --------
    >>> params = {"a": np.array([1.0])}
    >>> SGD(lr=0.1).step(params, {"a": np.array([2.0])})
    >>> params["a"].tolist()
    [0.8]
    """

    def __init__(self, lr, momentum=0.0):
        super().__init__(lr)
        check_number("momentum", momentum, below=1)
        self.momentum = momentum

    def _update(self, g, v, step):
        if not self.momentum:
            return self.lr * g
        v *= self.momentum
        v += g
        return self.lr * v


class RMSprop(_Optimizer):
    """Steps divided by a running root mean square: ``p -= lr * g / (sqrt(v) + eps)``.

    Parameters
    ----------
    lr : float
        Learning rate, above 0.
    decay : float
        Of the running mean of g**2, from 0 to below 1.
    eps : float
        Keeps the quotient finite, above 0.

    Raises
    ------
    ValueError
        If a setting is out of range.

    References
    ----------
    Tieleman & Hinton (2012), Coursera "Neural networks for machine learning", lecture 6e.

    Examples
    --------
    >>> params = {"a": np.array([1.0])}
    >>> RMSprop(lr=0.1, decay=0.75).step(params, {"a": np.array([2.0])})
    >>> round(float(params["a"][0]), 4)
    0.8
    """

    def __init__(self, lr, decay=0.9, eps=1e-8):
        super().__init__(lr)
        check_number("decay", decay, below=1)
        check_number("eps", eps, above=True)
        self.decay, self.eps = decay, eps

    def _update(self, g, v, step):
        v *= self.decay
        v += (1 - self.decay) * g * g
        return self.lr * g / (np.sqrt(v) + self.eps)


class Adam(_Optimizer):
    """Running mean over running root mean square, both corrected for their start at zero.

    Parameters
    ----------
    lr : float
        Learning rate, above 0.
    beta1, beta2 : float
        Decays of the running means of g and g**2, from 0 to below 1.
    eps : float
        Keeps the quotient finite, above 0.

    Raises
    ------
    ValueError
        If a setting is out of range.

    References
    ----------
    Kingma & Ba (2015), ICLR, algorithm 1.

    Examples
    --------
    >>> params = {"a": np.array([1.0])}
    >>> Adam(lr=0.1).step(params, {"a": np.array([2.0])})
    >>> round(float(params["a"][0]), 4)
    0.9
    """

    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        check_number("beta1", beta1, below=1)
        check_number("beta2", beta2, below=1)
        check_number("eps", eps, above=True)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps

    def _remember(self, p):
        return np.zeros_like(p), np.zeros_like(p)

    def _update(self, g, memory, step):
        m, v = memory
        m *= self.beta1
        m += (1 - self.beta1) * g
        v *= self.beta2
        v += (1 - self.beta2) * g * g
        scale = self.lr / (1 - self.beta1**step)
        return scale * m / (np.sqrt(v / (1 - self.beta2**step)) + self.eps)
