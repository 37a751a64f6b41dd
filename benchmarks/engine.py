"""How fast the engine is: forward and backward with all gradients, beside PyTorch and the bare matrix products.

    python -m benchmarks.engine [--rounds 15]

Five shapes, three cells, float32, one thread. The ways are run in turn, round after round, so that whatever else
the machine does hits all of them alike; medians are compared. PyTorch is measured where it is installed. Prints,
writes nothing.
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
WAYS = ("ours", "torch", "products")


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


def products(cell, params, x, dh):
    """The matrix products alone that forward and backward cannot do without."""
    (T, N, D), H, G = x.shape, dh.shape[-1], cell.gates
    flat_x, flat_h, W, WT = x.reshape(-1, D), dh.reshape(-1, H), params["W_hh"], np.ascontiguousarray(params["W_hh"].T)
    da, ah, back = np.ones((T, N, G * H), x.dtype), np.empty((N, G * H), x.dtype), np.empty((N, H), x.dtype)
    flat_da = da.reshape(T * N, G * H)

    def run():
        flat_x @ params["W_xh"]
        for t in range(T):
            np.matmul(dh[t], W, out=ah)
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
    """Measure one cell at one shape: median seconds of "ours", "products" and, where it is installed, "torch"."""
    (T, N, D, H), rng = shape, np.random.default_rng(0)
    cell, x = CELLS[name], rng.normal(size=(T, N, D)).astype(np.float32)
    dh = rng.normal(size=(T, N, H)).astype(np.float32)
    params = init_params(cell, D, H, rng, dtype=np.float32)
    ways = {"ours": ours(cell, params, x, dh, Workspace()), "products": products(cell, params, x, dh)}
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
    print(f"{'T, N, D, H':>18}  {'cell':5}{'ours':>11}{'PyTorch':>11}{'products':>11}{'/ PyTorch':>11}{'share':>7}")
    ratios, shares = {name: [] for name in CELLS}, []
    for shape in SHAPES:
        for name in CELLS:
            found = row(name, shape, rounds)
            share, ratio = found["products"] / found["ours"], found["ours"] / found["torch"] if torch else None
            times = "".join(f"{1e3 * found[w]:>8.2f} ms" if w in found else f"{'-':>11}" for w in WAYS)
            beside = f"{ratio:.2f}" if ratio else "-"
            print(f"{', '.join(map(str, shape)):>18}  {name:5}{times}{beside:>11}{share:>7.0%}", flush=True)
            ratios[name] += [ratio] if ratio else []
            shares += [share] if shape[1] >= 32 else []
    if torch:
        ratios["all cells"] = [ratio for each in ratios.values() for ratio in each]
        print("of PyTorch's time:", ", ".join(f"{name} {geometric_mean(each):.2f}" for name, each in ratios.items()))
    else:
        print("PyTorch is not installed")
    print(f"share of the bare products where N >= 32: {geometric_mean(shares):.0%} (geometric means)")


if __name__ == "__main__":
    main()
