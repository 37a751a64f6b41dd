"""What the engine costs beside its two passes: a training step, a layer, masks, long sequences, a stream, a move.

    python -m benchmarks.costs [--steps 1000000]

Each figure is a ratio or a growth taken in one run, so that other machines find similar ones. Prints, writes nothing.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded

import numpy as np

from benchmarks.engine import CELLS, measure, ours
from rnnbook import Adam, Batch, Model, Recurrent, Training, Workspace, init_params, unroll
from rnnbook.lab.gradients import gradient_flow, jacobian_products, spectrum

BLOCK = 100  # steps of the stream at a time


def training_step(name, rounds=25):
    """A step of the adding problem's shape (loss, clipping, Adam) over its two passes alone."""
    (T, N, D, H), rng, cell = (50, 32, 2, 64), np.random.default_rng(0), CELLS[name]
    model = Model(cell, loss="squared", steps="last")
    params = model.init_params(D, H, 1, rng, dtype=np.float32)
    batch = Batch(rng.normal(size=(T, N, D)).astype(np.float32), rng.normal(size=(N, 1)).astype(np.float32))
    training = Training(model, params, iter(lambda: batch, None), Adam(), clip=1e-3)  # so small that it always clips
    alone = ours(
        cell, {key: params[key].copy() for key in cell.keys}, batch.x, np.ones((T, N, H), np.float32), Workspace()
    )
    found = measure({"step": lambda: next(training.run(1)), "passes": alone}, rounds)
    return found["step"] / found["passes"]


def layer(name, rounds=25):
    """Both passes of a `Recurrent` with no mask over the bare ones, and with a mask of ones over those with none."""
    (T, N, D, H), rng, cell = (50, 32, 2, 64), np.random.default_rng(0), CELLS[name]
    x, dh = rng.normal(size=(T, N, D)).astype(np.float32), np.ones((T, N, H), np.float32)
    params, one, ones = init_params(cell, D, H, rng, dtype=np.float32), Recurrent(cell, H), np.ones((T, N), bool)

    def through(mask, workspace):
        def run():
            _, _, tape = one.forward(params, x, mask=mask, workspace=workspace)
            return one.backward(params, tape, dh, workspace=workspace)

        return run

    ways = {"bare": ours(cell, params, x, dh, Workspace()), "layer": through(None, Workspace())}
    found = measure(ways | {"masked": through(ones, Workspace())}, rounds)
    return found["layer"] / found["bare"], found["masked"] / found["layer"]


def growth(name, lengths=(100, 300, 1000, 3000, 10_000)):
    """Exponents of time and of the tape's bytes in T, fitted on log axes; 1 is linear."""
    N, D, H = 4, 8, 32
    rng, cell, seconds, sizes = np.random.default_rng(0), CELLS[name], [], []
    params = init_params(cell, D, H, rng, dtype=np.float32)
    for T in lengths:
        x, dh = rng.normal(size=(T, N, D)).astype(np.float32), np.ones((T, N, H), np.float32)
        seconds.append(measure({"ours": ours(cell, params, x, dh, Workspace())}, 5)["ours"])
        sizes.append(unroll(cell, params, x)[2].nbytes)
    return tuple(float(np.polyfit(np.log(lengths), np.log(values), 1)[0]) for values in (seconds, sizes))


def stream(steps):
    """Truncated training over one endless sequence: megabytes that the process grew by after its first tenth.

    The system tells a process's peak alone, so this has to run before anything larger does.
    """
    rng, model = np.random.default_rng(0), Model(CELLS["RNN"], loss="squared", steps="every")
    params = model.init_params(1, 16, 1, rng)

    def batches():
        while True:
            x = rng.normal(size=(BLOCK, 1, 1))
            yield Batch(x, np.roll(x, 1, axis=0), carry=True)

    training, sizes, start = Training(model, params, batches(), Adam(), clip=1.0), [], time.perf_counter()
    for progress in training.run(steps // BLOCK):
        if progress.step in (steps // BLOCK // 10, steps // BLOCK):
            sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return sizes[1] - sizes[0], training.workspace.nbytes / 2**20, time.perf_counter() - start


def move(dtype, rounds=15):
    """Milliseconds of a gradient-flow move by part: all three cells, T = 100, H = 64."""
    T, N, D, H = 100, 8, 4, 64
    rng, parts = np.random.default_rng(0), {"flow, N = 8": 0.0, "spectrum": 0.0, "Jacobian products": 0.0}
    x, dh = rng.normal(size=(T, N, D)).astype(dtype), rng.normal(size=(N, H)).astype(dtype)
    for cell in CELLS.values():
        params = init_params(cell, D, H, rng, dtype=dtype)
        tape = gradient_flow(cell, params, x, dh).tape
        ways = {
            "flow, N = 8": lambda c=cell, p=params: gradient_flow(c, p, x, dh),
            "spectrum": lambda c=cell, p=params, t=tape: spectrum(c, p, t),
            "Jacobian products": lambda c=cell, p=params: jacobian_products(c, p, x[:, :1]),
        }
        for part, seconds in measure(ways, rounds).items():
            parts[part] += 1e3 * seconds
    return parts


def workspace_gain(name, rounds=15):
    """Time with a workspace over time without, at the adding problem's shape."""
    (T, N, D, H), rng, cell = (50, 32, 2, 64), np.random.default_rng(0), CELLS[name]
    params = init_params(cell, D, H, rng, dtype=np.float32)
    x, dh = rng.normal(size=(T, N, D)).astype(np.float32), np.ones((T, N, H), np.float32)
    with_one, without = ours(cell, params, x, dh, Workspace()), ours(cell, params, x, dh, None)
    found = measure({"with": with_one, "without": without}, rounds)
    return found["with"] / found["without"]


def import_milliseconds(rounds=9):
    """What `import rnnbook` takes after `import numpy`, in fresh interpreters."""
    code = "import time, numpy; start = time.perf_counter(); import rnnbook; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(rounds)]
    return 1e3 * statistics.median(float(run.stdout) for run in runs)


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.split("\n\n")[0])
    parser.add_argument("--steps", type=int, default=1_000_000, help="of the stream (default: 1000000)")
    steps = max(10 * BLOCK, parser.parse_args(arguments).steps)
    grown, buffers, seconds = stream(steps)
    print(f"a stream of {steps:,} steps in blocks of {BLOCK}: {seconds:.0f} s, {buffers:.2f} MB of buffers,", end=" ")
    print(f"{grown:.1f} MB more at its end than after a tenth of it (its history keeps a line a block)")
    print("import rnnbook, after NumPy:", f"{import_milliseconds():.0f} ms")
    for name in CELLS:
        print(f"{name}: a training step takes {training_step(name):.2f} of forward and backward alone", end="; ")
        print(f"with a workspace {workspace_gain(name):.2f} of without", end="; ")
        print(
            "a layer with no mask {:.2f} of the bare passes, with a mask {:.2f} of that".format(*layer(name)), end="; "
        )
        print("from T = 100 to 10,000 time grows as T^{:.2f}, the tape as T^{:.2f}".format(*growth(name)), flush=True)
    for dtype in (np.float64, np.float32):
        parts = move(dtype)
        told = ", ".join(f"{part} {value:.1f} ms" for part, value in parts.items())
        print(f"a move of all three cells in {dtype.__name__}: {told}", flush=True)


if __name__ == "__main__":
    main()
