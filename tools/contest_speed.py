"""A training step of the three cells timed in this engine and in PyTorch, for chapter 06: the study `contest_speed`.

The sizes are the contests'; float32, one thread, the networks of a contest timed in turn in the same process, one
step each, and the median of the rounds stored. Milliseconds belong to a machine, their ratios much less. PyTorch's
networks have the same layer, readout, clipping and optimiser, and the mean square as their loss. PyTorch runs some
layers through the library oneDNN; it is timed with and without. "version" is NumPy's or PyTorch's.
"""

import time
from contextlib import nullcontext
from functools import partial

import numpy as np

from rnnbook.lab.studies import contest, contestant
from rnnbook.lab.studies.contest import CELLS, RATES

COLUMNS = ("contest", "cell", "engine", "version", "threads", "ms")
ROUNDS = 60


def in_torch(name, cell, onednn=True):
    """One training step of a contest in PyTorch as a function without arguments, and PyTorch's version."""
    import torch  # only this table needs it

    torch.set_num_threads(1)
    at, training = contest(name), contestant(name, cell, RATES[0], 0)
    H, D, K = training.params["W_hh"].shape[0], at.task.input_size, at.task.output_size
    layer, readout = getattr(torch.nn, cell)(D, H), torch.nn.Linear(H, K)
    weights = [*layer.parameters(), *readout.parameters()]
    adam = torch.optim.Adam(weights, lr=RATES[0])
    x = next(training.batches).x
    x = torch.from_numpy(np.asarray(np.eye(D)[x] if x.ndim == 2 else x, np.float32))  # tokens as one-hot rows

    def step():
        with nullcontext() if onednn else torch.backends.mkldnn.flags(enabled=False):
            h, _ = layer(x)
            loss = (readout(h if training.model.steps == "every" else h[-1]) ** 2).mean()
            adam.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            adam.step()

    return step, torch.__version__


def in_numpy(name, cell):
    """The same in this engine."""
    training = contestant(name, cell, RATES[0], 0)

    def step():
        for _ in training.run(1):
            pass

    return step, np.__version__


def rows(name):
    """Three rows a cell: this engine's, PyTorch's, and PyTorch's without oneDNN."""
    engines = {"rnnbook": in_numpy, "PyTorch": in_torch, "no oneDNN": partial(in_torch, onednn=False)}
    made = {(cell, engine): make(name, cell) for cell in CELLS for engine, make in engines.items()}
    seconds = {key: [] for key in made}
    for _ in range(ROUNDS):
        for key, (step, _) in made.items():
            start = time.process_time()
            step()
            seconds[key].append(time.process_time() - start)
    return [
        (name, cell, engine, version, 1, f"{1000 * np.median(seconds[cell, engine]):.2f}")
        for (cell, engine), (_, version) in made.items()
    ]
