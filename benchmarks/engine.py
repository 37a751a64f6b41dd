"""How fast the engine is: forward and backward with all gradients, beside PyTorch and what NumPy cannot do without.

    python -m benchmarks.engine [--rounds 15]

Five shapes, three cells, float32, one thread. "products" are the bare matrix products; "floor" adds the calls of
tanh and exp and nothing else, so that no engine which leaves both to NumPy can be faster. The ways are run in turn,
round after round, so that whatever else the machine does hits all of them alike; medians are compared. PyTorch is
measured where it is installed. Prints, writes nothing.
"""

import argparse
import os
import statistics
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded

import numpy as np

from rnnbook import GRU, LSTM, RNN, Workspace, bptt, init_params, unroll

try:
    import torch
except ImportError:
    torch = None

SHAPES = ((25, 1, 65, 100), (35, 32, 28, 256), (50, 32, 2, 64), (100, 32, 100, 32), (200, 64, 32, 128))  # T, N, D, H
CELLS = {"RNN": RNN(), "LSTM": LSTM(), "GRU": GRU()}
FUNCTIONS = {"RNN": {np.tanh: 1}, "LSTM": {np.tanh: 2, np.exp: 3}, "GRU": {np.tanh: 1, np.exp: 2}}  # of (N, H) a step
WAYS = ("ours", "torch", "products", "floor")


def ours(cell, params, x, dh, workspace=None):
    """One forward and backward of the package; with a workspace as a training step runs them."""

    def run():
        _, _, tape = unroll(cell, params, x, workspace=workspace)
        return bptt(cell, params, tape, dh, workspace=workspace)

    return run


def theirs(name, x, dh):
    """The same in PyTorch."""
    torch.set_num_threads(1)
    layer = getattr(torch.nn, name)(x.shape[-1], dh.shape[-1])
    x, dh = torch.tensor(x, requires_grad=True), torch.tensor(dh)

    def run():
        layer.zero_grad()
        x.grad = None
        layer(x)[0].backward(dh)

    return run


def bare(cell, params, x, dh, functions=None):
    """The matrix products that forward and backward cannot do without, and given elementwise functions."""
    (T, N, D), H, G = x.shape, dh.shape[-1], cell.gates
    flat_x, flat_h, W, WT = x.reshape(-1, D), dh.reshape(-1, H), params["W_hh"], np.ascontiguousarray(params["W_hh"].T)
    da, ah, back = np.ones((T, N, G * H), x.dtype), np.empty((N, G * H), x.dtype), np.empty((N, H), x.dtype)
    flat_da = da.reshape(T * N, G * H)
    calls = [
        (f, np.resize(dh[0], (many, N, H)), np.empty((many, N, H), x.dtype)) for f, many in (functions or {}).items()
    ]

    def run():
        flat_x @ params["W_xh"]
        for t in range(T):
            np.matmul(dh[t], W, out=ah)
            for function, a, out in calls:
                function(a, out=out)
            np.matmul(da[t], WT, out=back)
        flat_x.T @ flat_da
        flat_h.T @ flat_da
        flat_da @ params["W_xh"].T

    return run


def measure(ways, rounds):
    """Median seconds of each way, run in turn."""
    times = {name: [] for name in ways}
    for way in ways.values():
        way()  # warm-up
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def row(name, shape, rounds):
    """Measure one cell at one shape: median seconds of each way; of "torch" where it is installed."""
    (T, N, D, H), rng = shape, np.random.default_rng(0)
    cell, x = CELLS[name], rng.normal(size=(T, N, D)).astype(np.float32)
    dh = rng.normal(size=(T, N, H)).astype(np.float32)
    params = init_params(cell, D, H, rng, dtype=np.float32)
    ways = {"ours": ours(cell, params, x, dh, Workspace()), "products": bare(cell, params, x, dh)}
    ways["floor"] = bare(cell, params, x, dh, FUNCTIONS[name])
    if torch:
        ways["torch"] = theirs(name, x, dh)
    return measure(ways, rounds)


def geometric_mean(values):
    """The mean that fits ratios."""
    return float(np.exp(np.mean(np.log(values))))


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="of each way (default: 15)")
    rounds = parser.parse_args(arguments).rounds
    print(f"{'T, N, D, H':>18}  {'cell':5}" + "".join(f"{way:>11}" for way in (*WAYS, "/ torch", "share")))
    ratios, floors, shares = {name: [] for name in CELLS}, {name: [] for name in CELLS}, []
    for shape in SHAPES:
        for name in CELLS:
            found = row(name, shape, rounds)
            times = "".join(f"{1e3 * found[w]:>8.2f} ms" if w in found else f"{'-':>11}" for w in WAYS)
            share, ratio = found["products"] / found["ours"], found["ours"] / found["torch"] if torch else None
            beside = f"{ratio:.2f}" if torch else "-"
            print(f"{', '.join(map(str, shape)):>18}  {name:5}{times}{beside:>11}{share:>11.0%}", flush=True)
            ratios[name] += [ratio] if torch else []
            floors[name] += [found["floor"] / found["torch"]] if torch else []
            shares += [share] if shape[1] >= 32 else []
    for title, values in (("ours / torch", ratios), ("floor / torch", floors)) if torch else ():
        values["all cells"] = [ratio for each in values.values() for ratio in each]
        print(f"{title}:", ", ".join(f"{name} {geometric_mean(each):.2f}" for name, each in values.items()))
    if not torch:
        print("PyTorch is not installed")
    print(f"share of the bare products where N >= 32: {geometric_mean(shares):.0%} (geometric means)")


if __name__ == "__main__":
    main()
