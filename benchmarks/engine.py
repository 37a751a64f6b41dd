"""How fast the engine is: forward and backward with all gradients, beside PyTorch and what NumPy cannot do without.

    python -m benchmarks.engine [--rounds 15] [--against FOLDER]

Five shapes, three cells, float32, one thread. "products" are the bare matrix products; "floor" adds the calls of
tanh and exp and nothing else, so that no engine which leaves both to NumPy can be faster. The ways are run in turn,
round after round, so that whatever else the machine does hits all of them alike; medians are compared. PyTorch is
measured where it is installed. With --against the engine of another checkout takes turns as well; then both engines
run in processes of their own, since one that shares its process with PyTorch is up to a half slower at the smallest
shape. Prints, writes nothing.
"""

import argparse
import os
import statistics
import subprocess
import sys
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
WAYS = ("ours", "other", "torch", "products", "floor")


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


class Engine:
    """The engine of a checkout, in a process that times a run whenever it is asked to."""

    def __init__(self, folder):
        environment = os.environ | {"PYTHONPATH": os.path.abspath(folder)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": folder, "env": environment}
        self.process = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--serve"], **pipes)

    def way(self, name, shape):
        """A way for `measure`, which gets the seconds that the other process took."""
        return lambda: self.ask(f"{name} {' '.join(map(str, shape))}")

    def ask(self, line):
        """Send a line, and wait for the number that comes back."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait()


def serve():
    """The other side of `Engine`: time one run for each line that names a cell and a shape."""
    made, run = None, None
    for line in sys.stdin:
        if line != made:
            name, *shape = line.split()
            made, run = line, ours(*problem(name, tuple(map(int, shape))), Workspace())
            run()  # warm-up
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)


def measure(ways, rounds):
    """Median seconds of each way, run in turn; a way that returns a number has timed itself."""
    times = {name: [] for name in ways}
    for way in ways.values():
        way()  # warm-up
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            own = way()
            times[name].append(own if isinstance(own, float) else time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def problem(name, shape):
    """A cell, parameters, inputs, and the gradients that arrive."""
    (T, N, D, H), rng = shape, np.random.default_rng(0)
    cell, x = CELLS[name], rng.normal(size=(T, N, D)).astype(np.float32)
    dh = rng.normal(size=(T, N, H)).astype(np.float32)
    return cell, init_params(cell, D, H, rng, dtype=np.float32), x, dh


def row(name, shape, rounds, engines=()):
    """Measure one cell at one shape: median seconds of each way; of "torch" where it is installed."""
    cell, params, x, dh = problem(name, shape)
    ways = {"ours": ours(cell, params, x, dh, Workspace()), "products": bare(cell, params, x, dh)}
    ways["floor"] = bare(cell, params, x, dh, FUNCTIONS[name])
    ways |= {way: engine.way(name, shape) for way, engine in zip(("ours", "other"), engines, strict=False)}
    if torch:
        ways["torch"] = theirs(name, x, dh)
    return measure(ways, rounds)


def geometric_mean(values):
    """The mean that fits ratios."""
    return float(np.exp(np.mean(np.log(values))))


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="of each way (default: 15)")
    parser.add_argument("--against", metavar="FOLDER", help="another checkout, whose engine takes turns with this one")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.serve:
        return serve()
    rounds, folders = given.rounds, [os.path.dirname(os.path.dirname(__file__)), given.against]
    engines = [Engine(folder) for folder in folders] if given.against else []
    print(f"{'T, N, D, H':>18}  {'cell':5}" + "".join(f"{way:>11}" for way in (*WAYS, "/ other", "/ torch", "share")))
    ratios, floors, others = ({name: [] for name in CELLS} for _ in range(3))
    shares = []
    for shape in SHAPES:
        for name in CELLS:
            found = row(name, shape, rounds, engines)
            times = "".join(f"{1e3 * found[w]:>8.2f} ms" if w in found else f"{'-':>11}" for w in WAYS)
            share, ratio = found["products"] / found["ours"], found["ours"] / found["torch"] if torch else None
            before = found["ours"] / found["other"] if engines else None
            beside = "".join(f"{'-' if r is None else format(r, '.2f'):>11}" for r in (before, ratio))
            print(f"{', '.join(map(str, shape)):>18}  {name:5}{times}{beside}{share:>11.0%}", flush=True)
            others[name] += [before] if engines else []
            ratios[name] += [ratio] if torch else []
            floors[name] += [found["floor"] / found["torch"]] if torch else []
            shares += [share] if shape[1] >= 32 else []
    for engine in engines:
        engine.close()
    titles = {"ours / other": others if engines else None} | dict.fromkeys(("ours / torch", "floor / torch"))
    if torch:
        titles |= {"ours / torch": ratios, "floor / torch": floors}
    for title, values in titles.items():
        if not values:
            continue
        values["all cells"] = [ratio for each in values.values() for ratio in each]
        print(f"{title}:", ", ".join(f"{name} {geometric_mean(each):.2f}" for name, each in values.items()))
    if not torch:
        print("PyTorch is not installed")
    print(f"share of the bare products where N >= 32: {geometric_mean(shares):.0%} (geometric means)")


if __name__ == "__main__":
    main()
