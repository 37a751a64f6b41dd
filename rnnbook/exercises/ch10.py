"""Chapter 10's exercises: arrays of PyTorch and Keras, the forget bias, both ways in one array, Adam, shapes."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise

PYTORCH = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def rnn_from_pytorch(state_dict):
    """The book's three arrays of an RNN layer from PyTorch's four."""
    return book_arrays(state_dict)


def turned(array):
    """Axes exchanged."""
    return array.T


def as_it_lies(array):
    """Nothing done."""
    return array


def reshaped(array):
    """The shape of the transposed array, the numbers in their old order."""
    return array.reshape(array.T.shape)


def book_arrays(state_dict, ih=turned, hh=turned, bias=lambda ih, hh: ih + hh):
    """The three arrays, with matrices turned in another way, or another bias (a function of both)."""
    weight_ih, weight_hh, bias_ih, bias_hh = (state_dict[name] for name in PYTORCH)
    return {"W_xh": ih(weight_ih), "W_hh": hh(weight_hh), "b_h": bias(bias_ih, bias_hh)}


def wrong_book(**changes):
    """The three arrays with something else."""
    return lambda state_dict: book_arrays(state_dict, **changes)


def matrices_exchanged(state_dict):
    """W_hh under the name of W_xh, and the other way round."""
    right = book_arrays(state_dict)
    return right | {"W_xh": right["W_hh"], "W_hh": right["W_xh"]}


def as_state_dict(weight_ih, weight_hh, bias_ih, bias_hh):
    """Four arrays under PyTorch's names."""
    return dict(zip(PYTORCH, (weight_ih, weight_hh, bias_ih, bias_hh), strict=True))


def drawn_state_dict(rng, G, D, H):
    """A state dict of one layer with G blocks."""
    return as_state_dict(*(rng.normal(size=shape) for shape in ((G * H, D), (G * H, H), G * H, G * H)))


def rnn_cases(rng):
    """State dicts of RNN layers."""
    return [(drawn_state_dict(rng, 1, D, H),) for D, H in ((3, 4), (2, 5), (4, 3), (1, 1), (5, 2), (1, 3))]


RNN_FROM_PYTORCH = Exercise(
    name="rnn_from_pytorch",
    chapter="10",
    solution=rnn_from_pytorch,
    cases=rnn_cases,
    counted="state dicts",
    mistakes={
        "transposed: neither matrix is; PyTorch multiplies by weight_ih transposed, so the book's matrices are "
        "PyTorch's with their axes exchanged": wrong_book(ih=as_it_lies, hh=as_it_lies),
        "W_xh is transposed: the book has it as (D, H)": wrong_book(ih=as_it_lies),
        "W_hh is transposed: its shape (H, H) is the same both ways, so nothing complains, and every state after the "
        "first is another one": wrong_book(hh=as_it_lies),
        "reshaped in place of transposed: reshape leaves the numbers in their order and puts the ends of the rows "
        "elsewhere": wrong_book(ih=reshaped, hh=reshaped),
        "reshaped in place of transposed, W_xh alone: reshape leaves the numbers in their order and puts the ends of "
        "the rows elsewhere": wrong_book(ih=reshaped),
        "a bias dropped: b_h is bias_ih_l0 alone; PyTorch adds both, and has drawn both": (
            wrong_book(bias=lambda ih, hh: ih.copy())
        ),
        "a bias dropped: b_h is bias_hh_l0 alone; PyTorch adds both, and has drawn both": (
            wrong_book(bias=lambda ih, hh: hh.copy())
        ),
        "both biases dropped: b_h is zeros; PyTorch adds both": wrong_book(bias=lambda ih, hh: 0 * ih),
        "bias averaged: the two stand in one sum, and b_h is that sum": wrong_book(bias=lambda ih, hh: (ih + hh) / 2),
        "bias doubled: b_h is twice bias_ih_l0; the two biases have other numbers": (
            wrong_book(bias=lambda ih, hh: 2 * ih)
        ),
        "bias added twice: b_h is twice the sum of the two": wrong_book(bias=lambda ih, hh: 2 * (ih + hh)),
        "the biases are subtracted: PyTorch adds both": wrong_book(bias=lambda ih, hh: ih - hh),
        "two biases: the book has one, (H,), their sum": wrong_book(bias=lambda ih, hh: np.stack([ih, hh])),
        "one bias behind the other: the book has one, (H,), their sum": (
            wrong_book(bias=lambda ih, hh: np.concatenate([ih, hh]))
        ),
        "the two matrices exchanged: ih goes from the input to the state, hh from state to state": matrices_exchanged,
    },
)


def gru_to_keras(state_dict):
    """Keras' three arrays of a GRU layer from PyTorch's four."""
    return keras_arrays(state_dict)


def in_order(array, order):
    """The blocks r, z, n of rows in another order; "zrn" twice gives back what was there."""
    blocks = dict(zip("rzn", np.split(array, 3), strict=True))
    return np.concatenate([blocks[name] for name in order])


def keras_arrays(state_dict, order="zrn", recurrent_order="zrn", bias_order="zrn", bias=np.array, turn=np.transpose):
    """The three arrays, with blocks in another order, other biases (a function of both), or turned in another way."""
    weight_ih, weight_hh, bias_ih, bias_hh = (state_dict[name] for name in PYTORCH)
    return {
        "kernel": turn(in_order(weight_ih, order)),
        "recurrent_kernel": turn(in_order(weight_hh, recurrent_order)),
        "bias": bias([in_order(bias_ih, bias_order), in_order(bias_hh, bias_order)]),
    }


def wrong_arrays(**changes):
    """The three arrays with something else."""
    return lambda state_dict: keras_arrays(state_dict, **changes)


def block_by_block(array):
    """Blocks side by side, none of them turned."""
    return np.concatenate(np.split(array, 3), axis=1)


def added_but_for_n(biases):
    """Biases of z and r in one row, those of n in two: the same network."""
    ih, hh = (bias.copy() for bias in biases)
    rest = 2 * len(ih) // 3
    ih[:rest], hh[:rest] = ih[:rest] + hh[:rest], 0
    return np.array([ih, hh])


def z_turned(state_dict):
    """The block of z with another sign."""
    signs = np.repeat([1, -1, 1], len(state_dict["bias_ih_l0"]) // 3)
    return keras_arrays({name: (signs * array.T).T for name, array in state_dict.items()})


def gru_cases(rng):
    """State dicts of GRU layers."""
    return [(drawn_state_dict(rng, 3, D, H),) for D, H in ((3, 4), (2, 3), (1, 1), (4, 2), (5, 5))]


GRU_TO_KERAS = Exercise(
    name="gru_to_keras",
    chapter="10",
    solution=gru_to_keras,
    cases=gru_cases,
    counted="state dicts",
    mistakes={
        "blocks permuted: PyTorch has them as r, z, n, Keras as z, r, h; none of yours has moved": (
            wrong_arrays(order="rzn", recurrent_order="rzn", bias_order="rzn")
        ),
        "blocks permuted in the biases: the matrices are in the order z, r, h, the biases still in r, z, n": (
            wrong_arrays(bias_order="rzn")
        ),
        "blocks permuted in the matrices: the biases are in the order z, r, h, the matrices still in r, z, n": (
            wrong_arrays(order="rzn", recurrent_order="rzn")
        ),
        "blocks permuted in recurrent_kernel: the other two are in the order z, r, h, it is still in r, z, n": (
            wrong_arrays(recurrent_order="rzn")
        ),
        "blocks permuted in kernel: the other two are in the order z, r, h, it is still in r, z, n": (
            wrong_arrays(order="rzn")
        ),
        "blocks permuted in recurrent_kernel and bias: kernel alone is in the order z, r, h, they are in r, z, n": (
            wrong_arrays(recurrent_order="rzn", bias_order="rzn")
        ),
        "blocks permuted in kernel and bias: recurrent_kernel alone is in the order z, r, h, they are in r, z, n": (
            wrong_arrays(order="rzn", bias_order="rzn")
        ),
        "blocks permuted in row 1 of bias: row 0 is in the order z, r, h, row 1 still in r, z, n": (
            wrong_arrays(bias=lambda biases: np.array([biases[0], in_order(biases[1], "zrn")]))
        ),
        "blocks permuted in row 0 of bias: row 1 is in the order z, r, h, row 0 still in r, z, n": (
            wrong_arrays(bias=lambda biases: np.array([in_order(biases[0], "zrn"), biases[1]]))
        ),
        "blocks moved round: yours stand as z, n, r; only r and z change places, n stays last": (
            wrong_arrays(order="znr", recurrent_order="znr", bias_order="znr")
        ),
        "blocks turned round: yours stand as n, z, r; only r and z change places, n stays last": (
            wrong_arrays(order="nzr", recurrent_order="nzr", bias_order="nzr")
        ),
        "transposed: Keras multiplies x by kernel from the right, so kernel is (D, 3H) and its blocks stand side by "
        "side": wrong_arrays(turn=np.array),
        "blocks side by side, and none of them transposed: the whole matrix is, after its blocks are in order": (
            wrong_arrays(turn=block_by_block)
        ),
        "reshaped in place of transposed: reshape leaves the numbers in their order and puts the ends of the rows "
        "elsewhere": wrong_arrays(turn=lambda array: array.reshape(array.T.shape)),
        "one bias: the two of r and of z could be added, the two of n not, because r multiplies the second one alone; "
        "Keras has both, (2, 3H)": wrong_arrays(bias=sum),
        "bias added twice: both rows hold the sum of the two biases, and Keras adds both rows": (
            wrong_arrays(bias=lambda biases: np.array([sum(biases), sum(biases)]))
        ),
        "the biases are added in row 0: for n that is another network, because r multiplies its second bias alone": (
            wrong_arrays(bias=lambda biases: np.array([sum(biases), 0 * biases[0]]))
        ),
        "the biases of z and r are added in row 0: the outputs are right; asked is bias_ih in row 0 and bias_hh in row "
        "1, each number as PyTorch has it": wrong_arrays(bias=added_but_for_n),
        "the rows of bias exchanged: row 0 belongs to the input, row 1 to the state": (
            wrong_arrays(bias=lambda biases: np.array(biases[::-1]))
        ),
        "bias is turned: it is (2, 3H), a row for the input and a row for the state": (
            wrong_arrays(bias=lambda biases: np.stack(biases, axis=1))
        ),
        "one bias behind the other: they are two rows, (2, 3H)": wrong_arrays(bias=np.concatenate),
        "the sign of z: in both frameworks z = 1 keeps the old state; other papers have it the other way": z_turned,
    },
)


def set_forget_bias(state_dict, value):
    """The state dict of an LSTM whose forget gates have that bias in total."""
    return forget(state_dict, value)


def gate(k):
    """Which numbers of a bias belong to the gate at place k of i, f, g, o."""
    return lambda bias: slice(k * len(bias) // 4, (k + 1) * len(bias) // 4)


def forget_gate(bias):
    """Which numbers of a bias belong to the forget gate, the second of i, f, g, o."""
    return gate(1)(bias)


def all_gates(bias):
    """All of them."""
    return slice(None)


def forget(
    state_dict, value, ih=lambda old, other, value: value, hh=lambda old, other, value: 0, at=forget_gate, hh_at=None
):
    """The state dict with other numbers in both biases: functions of what is there, of the other bias, and of value."""
    new, (_, _, one, other) = dict(state_dict), PYTORCH
    for name, beside, rule, where in ((one, other, ih, at), (other, one, hh, hh_at or at)):
        old, places = state_dict[name], where(state_dict[name])
        new[name] = old.copy()
        new[name][places] = rule(old[places], state_dict[beside][places], value)
    return new


def as_it_is(old, other, value):
    """What was there."""
    return old


def the_value(old, other, value):
    """What was asked for."""
    return value


def wrong_forget(**changes):
    """The state dict with something else."""
    return lambda state_dict, value: forget(state_dict, value, **changes)


def forget_cases(rng):
    """State dicts of LSTM layers, with biases as PyTorch draws them."""
    sizes = (((3, 4), 2.5), ((2, 3), 1.0), ((1, 1), 1.0), ((4, 2), -1.5), ((5, 5), 3.0))
    return [(drawn_state_dict(rng, 4, *size), value) for size, value in sizes]


SET_FORGET_BIAS = Exercise(
    name="set_forget_bias",
    chapter="10",
    solution=set_forget_bias,
    cases=forget_cases,
    counted="state dicts",
    mistakes={
        "forget bias 2: both biases have the value, and PyTorch adds them, so that 1 becomes 2": (
            wrong_forget(hh=the_value)
        ),
        "value is not used: the forget gate has the bias 1 in every case": wrong_forget(
            ih=lambda old, other, value: 1.0
        ),
        "value is not used: both biases are 1 in every case, and PyTorch adds them": (
            wrong_forget(ih=lambda old, other, value: 1.0, hh=lambda old, other, value: 1.0)
        ),
        "bias_hh_l0 is left as it was: PyTorch adds it, and the forget gate has the value and what stood there": (
            wrong_forget(hh=as_it_is)
        ),
        "bias_ih_l0 is left as it was: PyTorch adds it, and the forget gate has the value and what stood there": (
            wrong_forget(ih=as_it_is, hh=the_value)
        ),
        "added to what was there: the total is to be the value": (
            wrong_forget(ih=lambda old, other, value: old + value, hh=as_it_is)
        ),
        "added to bias_ih_l0: what stood there is still in the total": (
            wrong_forget(ih=lambda old, other, value: old + value)
        ),
        "the wrong block, the first: PyTorch's LSTM has i, f, g, o; f is the second": wrong_forget(at=gate(0)),
        "the wrong block, the third: PyTorch's LSTM has i, f, g, o; f is the second": wrong_forget(at=gate(2)),
        "the wrong block, the last: PyTorch's LSTM has i, f, g, o; f is the second": wrong_forget(at=gate(3)),
        "all four blocks have the value: i, g and o keep theirs": wrong_forget(at=all_gates),
        "bias_hh_l0 is all zeros: i, g and o keep both of their biases": wrong_forget(hh_at=all_gates),
        "bias_ih_l0 is the value throughout: i, g and o keep theirs": wrong_forget(at=all_gates, hh_at=forget_gate),
        "every fourth number: the H numbers of a gate stand together, in a block": (
            wrong_forget(at=lambda bias: slice(1, None, 4))
        ),
        "half of the value in each: the outputs are right; asked is all of it in bias_ih_l0, and zeros in the other": (
            wrong_forget(ih=lambda old, other, value: value / 2, hh=lambda old, other, value: value / 2)
        ),
        "the two biases exchanged: the outputs are right; asked is the value in bias_ih_l0, and zeros in the other": (
            wrong_forget(ih=lambda old, other, value: 0, hh=the_value)
        ),
        "what is missing to the value goes into bias_ih_l0: the outputs are right; asked is zeros in the other one": (
            wrong_forget(ih=lambda old, other, value: value - other, hh=as_it_is)
        ),
        "nothing is changed: was it a copy that got the value?": wrong_forget(ih=as_it_is, hh=as_it_is),
    },
)


def bidirectional_output(there, back):
    """What a bidirectional layer returns, batch first, of two runs whose steps are in the order they were made."""
    return beside(there, back[::-1])


def beside(*halves):
    """Halves side by side, batch first."""
    return np.concatenate(halves, axis=-1).swapaxes(0, 1)


def both_cases(rng):
    """Outputs of two runs."""
    shapes = [(5, 3, 4), (4, 2, 3), (1, 1, 1), (6, 1, 5), (2, 4, 2), (3, 5, 6)]
    return [(rng.normal(size=shape), rng.normal(size=shape)) for shape in shapes]


BIDIRECTIONAL_OUTPUT = Exercise(
    name="bidirectional_output",
    chapter="10",
    solution=bidirectional_output,
    cases=both_cases,
    axes={"there": "T N H", "back": "T N H", "": "N T 2H"},
    mistakes={
        "backward half reversed in time: its first output belongs to the last step of the text": beside,
        "backward half reversed in time, and the forward half is the one that you turned": (
            lambda there, back: beside(there[::-1], back)
        ),
        "forward half reversed in time: only the backward run began at the end": (
            lambda there, back: beside(there[::-1], back[::-1])
        ),
        "turned in the batch: axis 0 is the sequences once the axes are exchanged; the steps are turned": (
            lambda there, back: beside(there, back[:, ::-1])
        ),
        "turned in the units: the last axis holds the units of a state; the steps are turned": (
            lambda there, back: beside(there, back[:, :, ::-1])
        ),
        "turned in every axis: np.flip without an axis turns the batch and the units too": (
            lambda there, back: beside(there, np.flip(back))
        ),
        "halves exchanged: the forward half comes first": lambda there, back: beside(back[::-1], there),
        "time first: with batch_first, and always in Keras, the batch is the first axis": (
            lambda there, back: beside(there, back[::-1]).swapaxes(0, 1)
        ),
        "time first, and backward half reversed in time": lambda there, back: beside(there, back).swapaxes(0, 1),
        "reshaped in place of transposed: reshape leaves the numbers in their order, and mixes steps of different "
        "sequences": lambda there, back: beside(there, back[::-1]).swapaxes(0, 1).reshape(beside(there, back).shape),
        "added: both frameworks set the halves side by side, (N, T, 2H); a sum is Keras' merge_mode='sum'": (
            lambda there, back: beside(there + back[::-1])
        ),
        "one way behind the other in time: the halves of a step stand side by side": (
            lambda there, back: beside(np.concatenate([there, back[::-1]]))
        ),
        "units of both ways in turns: the H units of each way stand together": (
            lambda there, back: np.stack([there, back[::-1]], axis=-1).reshape(*there.shape[:2], -1).swapaxes(0, 1)
        ),
        "the last outputs alone: asked are those of all steps, (N, T, 2H)": lambda there, back: beside(there, back)[
            :, -1
        ],
        "two arrays: a batch of both is returned as one, the halves of a step side by side": (
            lambda there, back: np.stack([beside(there), beside(back[::-1])])
        ),
    },
)


def keras_adam(p, g, m, v, t, lr, eps):
    """Step t of Keras' Adam on one array, with the two means that it hands on."""
    return adam(p, g, m, v, t, lr, eps)


def root_then_eps(v, c, eps):
    """Keras' divisor: eps beside the root as it stands, then both corrected."""
    return (np.sqrt(v) + eps) / np.sqrt(c)


def adam(
    p, g, m, v, t, lr, eps,
    betas=(0.9, 0.999), divisor=root_then_eps, first=True, second=True, shift=0, square=np.square, new=True,
    weights=None, handed_on=False,
):  # fmt: skip
    """The step with another divisor, without a correction, counted otherwise, or of other means."""
    beta1, beta2 = np.float64(betas)
    share1, share2 = weights or (1 - beta1, 1 - beta2)
    moved = beta1 * m + share1 * g, beta2 * v + share2 * square(g)
    c1 = 1 - beta1 ** (t + shift) if first else 1.0
    c2 = 1 - beta2 ** (t + shift) if second else 1.0
    used = moved if new else (m, v)
    p = p - lr * used[0] / c1 / divisor(used[1], c2, eps)
    m, v = (moved[0] / c1, moved[1] / c2) if handed_on else moved
    return {"p": p, "m": m, "v": v}


def wrong_adam(**changes):
    """The step with something else."""
    return lambda *args: adam(*args, **changes)


def adam_cases(rng):
    """Steps with an eps that is not small beside the root of v."""
    cases = []
    for K, t, lr, eps in (
        (4, 3, 0.05, 0.1),
        (3, 12, 0.02, 0.05),
        (1, 1, 0.1, 0.01),
        (5, 40, 0.05, 0.3),
        (2, 2, 0.1, 0.2),
    ):
        p, g = rng.choice([-1, 1], (2, K)) * rng.uniform(0.5, 2, size=(2, K))
        m, v = (0.4 * rng.normal(size=K), rng.uniform(0.05, 0.5, size=K)) if t > 1 else (np.zeros(K), np.zeros(K))
        cases.append((p, g, m, v, t, lr, eps))
    return cases


KERAS_ADAM = Exercise(
    name="keras_adam",
    chapter="10",
    solution=keras_adam,
    cases=adam_cases,
    axes=dict.fromkeys(("p", "g", "m", "v"), "K"),
    counted="steps",
    tolerance=1e-10,
    mistakes={
        "PyTorch's step: there eps is added to the corrected root; Keras adds it to the root of v itself, and then "
        "corrects both": wrong_adam(divisor=lambda v, c, eps: np.sqrt(v / c) + eps),
        "eps is inside the root: it is added to the root of v": (
            wrong_adam(divisor=lambda v, c, eps: np.sqrt(v + eps) / np.sqrt(c))
        ),
        "eps is inside the root, beside the corrected v: Keras adds it to the root of v itself": (
            wrong_adam(divisor=lambda v, c, eps: np.sqrt(v / c + eps))
        ),
        "eps is scaled the other way: the correction divides it, as it divides the root": (
            wrong_adam(divisor=lambda v, c, eps: np.sqrt(v / c) + eps * np.sqrt(c))
        ),
        "eps is divided by the correction's root, beside the root of v itself: that is one equivalence too many; Keras "
        "adds eps as it is, and the correction multiplies the rate": (
            wrong_adam(divisor=lambda v, c, eps: (np.sqrt(v) + eps / np.sqrt(c)) / np.sqrt(c))
        ),
        "eps is not used: 1e-07, Keras' default, is written in": (
            wrong_adam(divisor=lambda v, c, eps: root_then_eps(v, c, 1e-7))
        ),
        "no bias correction: m and v start at zero, and both are too small in the first steps": (
            wrong_adam(first=False, second=False)
        ),
        "m is not corrected: it starts at zero too": wrong_adam(first=False),
        "v is not corrected: it starts at zero too": wrong_adam(second=False),
        "v is corrected without a root: v is a mean of squares, and the step is divided by its root": (
            wrong_adam(divisor=lambda v, c, eps: (np.sqrt(v) + eps) / c)
        ),
        "t is counted from 0: the first step has t = 1": wrong_adam(shift=-1),
        "t is one too large: the first step has t = 1 already": wrong_adam(shift=1),
        "g is not squared in v": wrong_adam(square=np.abs),
        "the two betas exchanged: 0.9 belongs to m, 0.999 to v": wrong_adam(betas=(0.999, 0.9)),
        "the step is made of the old means: m and v get this gradient first": wrong_adam(new=False),
        "the new gradient is added whole: it has the weight 1 - beta in a running mean": wrong_adam(weights=(1, 1)),
        "the sign: a step of descent goes against the gradient": (
            lambda p, g, m, v, *rest: adam(p, -g, -m, v, *rest) | {"m": adam(p, g, m, v, *rest)["m"]}
        ),
        "the corrected means are handed on: the next step corrects them again; m and v go on as they are": (
            wrong_adam(handed_on=True)
        ),
        "no eps: it is an argument, and belongs to the divisor": wrong_adam(divisor=lambda v, c, eps: np.sqrt(v / c)),
    },
)


def read_shapes(shapes):
    """What a file of arrays without names is: framework, cell, D, H, biases, layers, directions."""
    return reading(shapes)


def reading(shapes, **instead):
    """What the shapes say, some of it otherwise."""
    H, wide = sorted(shapes[1])
    pytorch = len(shapes[2]) == 1 and shapes[2] in shapes[3:4]
    each = 4 if pytorch else 3
    cells = len(shapes) // each
    directions = 2 if shapes[0] in shapes[each : each + 1] else 1
    return {
        "framework": "PyTorch" if pytorch else "Keras",
        "cell": next(cell for cell, G in GATES.items() if wide == G * H),
        "D": shapes[0][1 if pytorch else 0],
        "H": H,
        "biases": 2 if pytorch or len(shapes[2]) == 2 else 1,
        "layers": cells // directions,
        "directions": directions,
    } | instead


def shapes_of(framework, cell, D, H, biases=2, layers=1, directions=1):
    """The shapes of a network's arrays, in the order of the framework."""
    wide, shapes = GATES[cell] * H, []
    for width in [D] + [directions * H] * (layers - 1):
        if framework == "PyTorch":
            shapes += [(wide, width), (wide, H), (wide,), (wide,)] * directions
        else:
            shapes += [(width, wide), (H, wide), (2, wide) if biases == 2 else (wide,)] * directions
    return shapes


def shapes_cases(rng):
    """Networks of both frameworks; D is not H, and no product of H with a number of gates or ways."""
    kinds = (
        ("PyTorch", "LSTM", 2, 1, 1),
        ("Keras", "GRU", 2, 1, 2),
        ("Keras", "GRU", 1, 2, 1),
        ("Keras", "LSTM", 1, 2, 2),
        ("PyTorch", "GRU", 2, 3, 2),
        ("Keras", "RNN", 1, 3, 1),
        ("PyTorch", "RNN", 2, 1, 2),
        ("PyTorch", "RNN", 2, 2, 1),
        ("Keras", "RNN", 1, 1, 1),
    )
    cases = []
    for framework, cell, *counts in kinds:
        H = int(rng.integers(2, 9))
        D = int(rng.choice([n for n in range(2, 17) if n not in (H, 2 * H, 3 * H, 4 * H)]))
        cases.append((shapes_of(framework, cell, D, H, *counts),))
    return cases


def misread(change):
    """The reading, with what a function of the shapes and of the right reading makes of it."""
    return lambda shapes: reading(shapes, **change(shapes, reading(shapes)))


def exchanged(one, other):
    """Each for the other, all else as it is."""
    return lambda name: {one: other, other: one}.get(name, name)


READ_SHAPES = Exercise(
    name="read_shapes",
    chapter="10",
    solution=read_shapes,
    cases=shapes_cases,
    counted="networks",
    tolerance=0.0,
    mistakes={
        "the frameworks exchanged: a cell has four arrays in PyTorch, the last two of them equal biases, and three in "
        "Keras": misread(lambda shapes, right: {"framework": exchanged("PyTorch", "Keras")(right["framework"])}),
        "D from the wrong axis: PyTorch's first matrix is transposed, (G*H, D), Keras' is (D, G*H)": (
            misread(lambda shapes, right: {"D": shapes[0][0 if right["framework"] == "PyTorch" else 1]})
        ),
        "D of the top layer: the first matrix reads the input; above it, a layer reads the states of the one below": (
            misread(lambda shapes, right: {"D": reading(shapes[-4 if right["framework"] == "PyTorch" else -3 :])["D"]})
        ),
        "H is G*H: the matrix from state to state has one block for each gate and the candidate": (
            misread(lambda shapes, right: {"H": max(shapes[1])})
        ),
        "GRU and LSTM exchanged: a GRU has 3 blocks, an LSTM 4": (
            misread(lambda shapes, right: {"cell": exchanged("GRU", "LSTM")(right["cell"])})
        ),
        "directions read as layers: two cells whose first matrices have the same shape read the same input; a second "
        "layer reads H numbers": (
            misread(lambda shapes, right: {"layers": right["layers"] * right["directions"], "directions": 1})
        ),
        "layers count both directions: the two cells of a layer are one layer": (
            misread(lambda shapes, right: {"layers": right["layers"] * right["directions"]})
        ),
        "one layer and one direction in every file: a file with more arrays than one cell has holds several cells": (
            misread(lambda shapes, right: {"layers": 1, "directions": 1})
        ),
        "one layer in every file: count the cells, and divide by the directions": (
            misread(lambda shapes, right: {"layers": 1})
        ),
        "one direction in every file: two cells whose first matrices have the same shape read the same input": (
            misread(lambda shapes, right: {"directions": 1})
        ),
        "layers read as directions: both directions read the same D numbers; a cell that reads H stands above": (
            misread(lambda shapes, right: {"layers": 1, "directions": right["layers"] * right["directions"]})
        ),
        "one bias in Keras: its GRU with reset_after has two, as two rows of one array (2, 3H)": (
            misread(lambda shapes, right: {"biases": 2 if right["framework"] == "PyTorch" else 1})
        ),
        "two biases in every GRU: where reset_after is off, Keras has one": (
            misread(lambda shapes, right: {"biases": 2 if right["cell"] == "GRU" else right["biases"]})
        ),
        "biases of the whole file: asked are those of one cell": (
            misread(lambda shapes, right: {"biases": right["biases"] * right["layers"] * right["directions"]})
        ),
    },
)


EXERCISES = (RNN_FROM_PYTORCH, GRU_TO_KERAS, SET_FORGET_BIAS, BIDIRECTIONAL_OUTPUT, KERAS_ADAM, READ_SHAPES)
