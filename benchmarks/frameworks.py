"""How fast the engine, PyTorch and Keras are at one training batch on a processor, and what compiling adds.

    python -m benchmarks.frameworks [grid] [loops] [compiled] [--write]

Forward and backward of one batch: a recurrent layer, a linear readout and the mean square error at every step, with
the gradients of all parameters and of x. All ways have the same parameters and must find the same loss. D = K = 16.

- "grid": the engine and PyTorch in float32 and float64, Keras (on PyTorch) in float32, over T, N and H.
- "loops": what changes the way a framework takes: Keras' recurrent_dropout, and masks padded right and left.
- "compiled": torch.compile of nn's layers, of a loop written by hand, whole and step by step, and Keras' jit_compile,
  on one thread. "compile" is what the first call took in seconds, with nothing cached, after another function was
  compiled, since the first compilation of a process takes longer; it is in the row "first".

Grid and loops are measured with one thread and with all, each in a process of its own, since NumPy's library takes
their number as it starts. The ways take turns, round after round, so that whatever else the machine does hits all of
them alike; each timed run follows one of the same way that is not timed. "ms" is the median of the rounds, "least" the
minimum. Milliseconds belong to a machine, ratios of one setting much less. What the numbers do not say: the engine
shares its process with PyTorch here, which costs the engine up to a half at the smallest sizes (`benchmarks/engine.py`
has it alone); two threads are few; no graphics card is measured; optimiser, clipping and data are left out; PyTorch's
store of compiled code on disk, which it has by default, is off.

Prints; with --write also stores rnnbook/lab/studies/data/framework_speed.csv, and versions and processor beside it.
The parts that were not measured stay as they were; with other versions or on another machine than theirs nothing is
measured, since one record of versions stands beside all parts: measure all of them then.

Needs requirements-frameworks.txt, and a C++ compiler for "compiled". Takes some twenty minutes; each part can be
measured alone.
"""

import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import types
from contextlib import nullcontext
from itertools import product
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ.get("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded
os.environ["KERAS_BACKEND"] = "torch"
os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"  # each compilation is a first one

import numpy as np

from benchmarks.machine import processor
from rnnbook import GRU, LSTM, RNN, Batch, Model, Workspace, to_keras, to_torch

try:
    import keras
    import torch
except ImportError:
    keras = torch = None

THREADS = int(os.environ["OPENBLAS_NUM_THREADS"])
DATA = Path(__file__).resolve().parents[1] / "rnnbook" / "lab" / "studies" / "data"
COLUMNS = ("part", "T", "N", "D", "H", "cell", "threads", "engine", "how", "dtype")
COLUMNS += ("repeats", "least", "ms", "compile", "note")
CELLS = {"RNN": RNN(), "LSTM": LSTM(), "GRU": GRU()}
D = 16
GRID = [(100, N, H) for N, H in product((1, 16, 64), (16, 64, 256))]  # T, N, H
GRID += [(T, 16, H) for T, H in product((20, 400), (16, 64, 256))]
LOOPS = [(100, 16, 64)]
COMPILED = [(20, 16, 64, "RNN"), (20, 16, 64, "LSTM"), (20, 16, 64, "GRU"), (100, 16, 64, "RNN")]
JIT = (20, 16, 64, "LSTM")  # of Keras
REPEATS = 9
DROPS, DROP = "recurrent_dropout", 0.2
MESSAGE = 160  # characters of what a framework says when it refuses


class Problem:
    """A batch and the parameters, the same for every way."""

    def __init__(self, T, N, H, name, dtype="float32"):
        self.T, self.N, self.H, self.name, self.dtype = T, N, H, name, dtype
        rng = np.random.default_rng(0)
        self.cell = CELLS[name]
        self.model = Model(self.cell, "squared", "every")
        self.params = {key: array.astype(dtype) for key, array in self.model.init_params(D, H, D, rng).items()}
        self.x, self.y = (rng.normal(size=(T, N, D)).astype(dtype) for _ in range(2))
        lengths = rng.integers(T // 2, T + 1, size=N)
        lengths[0] = T
        right = np.arange(T)[:, None] < lengths
        self.lengths, self.real = lengths, {"mask, right": right, "mask, left": right[::-1].copy()}
        self.inner = {key: array for key, array in self.params.items() if key not in ("W_hy", "b_y")}

    def tensors(self):
        """x, y and the readout as tensors."""
        x, y, W, b = (torch.from_numpy(a.copy()) for a in (self.x, self.y, self.params["W_hy"], self.params["b_y"]))
        return x.requires_grad_(), y, W.requires_grad_(), b.requires_grad_()


def ours(problem, how="plain"):
    """The engine, with a workspace as a training has one."""
    batch, workspace = Batch(problem.x, problem.y, real=problem.real.get(how)), Workspace()
    return lambda: problem.model.gradients(problem.params, batch, workspace=workspace).loss


def backward(loss, leaves):
    """Run a loss and its backward pass, from no gradients."""
    for leaf in leaves:
        leaf.grad = None
    value = loss()
    value.backward()
    return value.item()


def masked_error(out, y, real=None):
    """The mean square error over real steps."""
    square = (out - y) ** 2
    return square.mean() if real is None else (square * real).sum() / (real.sum() * y.shape[-1])


def in_torch(problem, how="plain", wrap=lambda f: f):
    """torch.nn; packed sequences where there is padding on the right; a wrapped one goes through `wrap`."""
    layer = getattr(torch.nn, problem.name)(D, problem.H).to(getattr(torch, problem.dtype))
    layer.load_state_dict({k: torch.from_numpy(a.copy()) for k, a in to_torch(problem.cell, problem.inner).items()})
    (x, y, W, b), rnn = problem.tensors(), torch.nn.utils.rnn
    lengths = torch.from_numpy(problem.lengths)
    real = torch.from_numpy(problem.real[how])[..., None] if how in problem.real else None

    def forward(x):
        return ((layer(x)[0] @ W + b - y) ** 2).mean()

    def packed(x):
        h = layer(rnn.pack_padded_sequence(x, lengths, enforce_sorted=False))[0]
        return masked_error(rnn.pad_packed_sequence(h, total_length=problem.T)[0] @ W + b, y, real)

    function = wrap(packed if how in problem.real else forward)
    return lambda: backward(lambda: function(x), [*layer.parameters(), x, W, b])


def keras_layer(problem, **options):
    """Keras' layer of the problem's cell; its tanh RNN has another name."""
    kind = getattr(keras.layers, {"RNN": "SimpleRNN"}.get(problem.name, problem.name))
    return kind(problem.H, return_sequences=True, **options)


def in_keras(problem, how="plain"):
    """Keras' layer; its readout is the same product as PyTorch's."""
    layer = keras_layer(problem, **({"recurrent_dropout": DROP} if how == DROPS else {}))
    layer.build((problem.N, problem.T, D))
    layer.set_weights(to_keras(problem.cell, problem.inner))
    x, y, W, b = problem.tensors()
    x, y = x.detach().transpose(0, 1).contiguous().requires_grad_(), y.transpose(0, 1).contiguous()
    mask = torch.from_numpy(problem.real[how].T.copy()) if how in problem.real else None
    real = None if mask is None else mask[..., None]

    def run():
        found = lambda: masked_error(layer(x, mask=mask, training=True) @ W + b, y, real)  # noqa: E731
        return backward(found, [*layer.parameters(), x, W, b])

    return run


def rnn_step(a, states, W, b):
    """One step, its input product added up beforehand; b is b_hh."""
    return (torch.tanh(a + states[0] @ W + b),)


def lstm_step(a, states, W, b):
    """The same of the LSTM, gates in PyTorch's order."""
    h, c = states
    i, f, g, o = torch.chunk(a + h @ W + b, 4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def gru_step(a, states, W, b):
    """The same of the GRU, reset after the product."""
    (h,) = states
    (a_r, a_z, a_n), (r, z, n) = torch.chunk(a, 3, dim=-1), torch.chunk(h @ W + b, 3, dim=-1)
    z = torch.sigmoid(a_z + z)
    return (z * h + (1 - z) * torch.tanh(a_n + torch.sigmoid(a_r + r) * n),)


STEPS = {"RNN": rnn_step, "LSTM": lstm_step, "GRU": gru_step}


def by_hand(problem, wrap=lambda f: f, wrap_step=lambda f: f):
    """A loop over steps in Python; `wrap` gets the whole of it, `wrap_step` one step."""
    arrays = to_torch(problem.cell, problem.inner).values()
    W_ih, W_hh, b_ih, b_hh = (torch.from_numpy(np.ascontiguousarray(a.T)).requires_grad_() for a in arrays)
    x, y, W, b = problem.tensors()
    zeros = [torch.zeros(problem.N, problem.H) for _ in range(problem.cell.states)]
    step = wrap_step(STEPS[problem.name])

    def forward(x):
        a, states, out = x @ W_ih + b_ih, tuple(zeros), []
        for t in range(problem.T):
            states = step(a[t], states, W_hh, b_hh)
            out.append(states[0])
        return ((torch.stack(out) @ W + b - y) ** 2).mean()

    function = wrap(forward)
    return lambda: backward(lambda: function(x), [W_ih, W_hh, b_ih, b_hh, x, W, b])


def fitted(problem, jit):
    """A step of Keras' own training, which jit_compile belongs to; the rate is 0, so that all stays as it is."""
    x, y = (np.ascontiguousarray(a.transpose(1, 0, 2)) for a in (problem.x, problem.y))
    model = keras.Sequential([keras.Input((problem.T, D)), keras_layer(problem), keras.layers.Dense(D)])
    model.set_weights([*to_keras(problem.cell, problem.inner), problem.params["W_hy"], problem.params["b_y"]])
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse", jit_compile=jit)
    return lambda: float(model.train_on_batch(x, y))


def seconds(function):
    """What a call took."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure(ways, repeats):
    """Seconds of each way, taking turns."""
    times = {key: [] for key in ways}
    for _ in range(repeats):
        for key, way in ways.items():
            way()
            times[key].append(seconds(way))
    return times


def rows(part, problem, ways, repeats, taken=None, notes=None):
    """Measure ways, by (engine, how, dtype), and make rows of them; what was noted of others makes rows, too."""
    for kind in ("plain", *problem.real):  # ways of one kind find one loss; dropout draws its own
        losses = [
            way() for key, way in ways.items() if (key[1] if "mask" in key[1] else "plain") == kind and key[1] != DROPS
        ]
        if losses and not np.allclose(losses, losses[0], rtol=1e-3):
            raise RuntimeError(f"these ways compute different networks: {list(ways)} found losses {losses}")
    setting = (part, problem.T, problem.N, D, problem.H, problem.name, THREADS)
    taken, notes = taken or {}, notes or {}
    for key, times in measure(ways, repeats).items():
        least, ms = (f"{1000 * f(times):.4g}" for f in (min, statistics.median))
        yield (*setting, *key, repeats, least, ms, taken.get(key, ""), notes.get(key, ""))
    for key in (key for key in notes if key not in ways):  # as they were tried
        yield (*setting, *key, "", "", "", "", notes[key])


def grid(repeats, settings=GRID):
    """Rows over T, N and H."""
    for (T, N, H), name in product(settings, CELLS):
        ways = {}
        for dtype in ("float32", "float64"):
            problem = Problem(T, N, H, name, dtype)
            ways["rnnbook", "plain", dtype] = ours(problem)
            ways["PyTorch", "plain", dtype] = in_torch(problem)
        problem = Problem(T, N, H, name)
        ways["Keras", "plain", "float32"] = in_keras(problem)
        yield from rows("grid", problem, ways, repeats)


def loops(repeats, settings=LOOPS):
    """Rows of dropout and masks."""
    for (T, N, H), name in product(settings, CELLS):
        problem = Problem(T, N, H, name)
        ways = {}
        for engine, make, hows in (
            ("rnnbook", ours, ("plain", "mask, right", "mask, left")),
            ("PyTorch", in_torch, ("plain", "mask, right")),
            ("Keras", in_keras, ("plain", DROPS, "mask, right", "mask, left")),
        ):
            ways |= {(engine, how, "float32"): make(problem, how) for how in hows}
        yield from rows("loops", problem, ways, repeats)


def own(function, name):
    """The function with a code object of its own, by which PyTorch finds again what it has compiled."""
    code = function.__code__.replace(co_name=name)
    return types.FunctionType(code, function.__globals__, name, function.__defaults__, function.__closure__)


def compiled(repeats, settings=COMPILED, jit=JIT):
    """Rows of torch.compile and jit_compile, on one thread."""
    x = torch.ones(8, requires_grad=True)
    first = seconds(lambda: torch.compile(lambda x: torch.tanh(x) * 2)(x).sum().backward())
    yield ("compiled", "", "", "", "", "", THREADS, "PyTorch", "first", "float32", "", "", "", f"{first:.2f}", "")
    for T, N, H, name in settings:
        problem = Problem(T, N, H, name)
        yield from compare(
            problem, "PyTorch", {"layer": in_torch(problem), "loop": by_hand(problem)}, torch_ways(problem), repeats
        )
    problem = Problem(*jit)
    tried = {"fit, compiled": (lambda: fitted(problem, True), nullcontext())}
    yield from compare(problem, "Keras", {"fit": fitted(problem, False)}, tried, repeats)


def torch_ways(problem):
    """Compiled ways by name: what makes one, and the setting of PyTorch under which it is called first."""

    def wrap(name, **options):
        return lambda function: torch.compile(own(function, name), **options)

    allow = torch._dynamo.config.patch(allow_rnn=True)
    return {
        "layer, compiled": (lambda: in_torch(problem, wrap=wrap("broken")), nullcontext()),
        "layer, fullgraph": (lambda: in_torch(problem, wrap=wrap("whole", fullgraph=True)), nullcontext()),
        "layer, allow_rnn": (lambda: in_torch(problem, wrap=wrap("allowed")), allow),
        "loop, compiled": (lambda: by_hand(problem, wrap=wrap("looped")), nullcontext()),
        "step, compiled": (lambda: by_hand(problem, wrap_step=wrap("stepped")), nullcontext()),
    }


def compare(problem, engine, plain, tried, repeats):
    """Rows of ways as they are, and of ways that are compiled first; a way that is refused leaves its message."""
    ways, taken, notes = {(engine, how, "float32"): way for how, way in plain.items()}, {}, {}
    for how, (make, setting) in tried.items():
        key, counted = (engine, how, "float32"), torch._dynamo.utils.counters["graph_break"]
        counted.clear()
        way = make()
        try:
            with setting:
                taken[key] = f"{seconds(way):.2f}"
        except (RuntimeError, TypeError) as refused:  # the message becomes the row's note
            notes[key] = " ".join(f"{type(refused).__name__}: {refused}".split())[:MESSAGE]
            continue
        ways[key] = way
        if counted:
            notes[key] = " ".join(f"graph break: {next(iter(counted))}".split())[:MESSAGE]
    yield from rows("compiled", problem, ways, repeats, taken, notes)


PARTS = {"grid": grid, "loops": loops, "compiled": compiled}


def thread_counts(part):
    """One, and all that the machine has."""
    return (1,) if part == "compiled" else tuple(dict.fromkeys((1, os.cpu_count())))


def serve(parts):
    """The other side of `measured`: print every row as a line of JSON."""
    torch.set_num_threads(THREADS)
    for part in parts:
        for row in PARTS[part](REPEATS):
            print(json.dumps(row), flush=True)


def measured(parts, threads):
    """Rows from a process that has this many threads."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", "benchmarks.frameworks", "--serve", *parts]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stdout:
            if line.startswith("["):  # compilers print, too
                yield json.loads(line)
    if process.returncode:
        raise RuntimeError(f"measuring {', '.join(parts)} with {threads} threads ended with {process.returncode}")


def where():
    """What belongs to the milliseconds."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "keras": keras.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        **processor(),
    }


def stays(parts):
    """Stored rows of the other parts."""
    path = DATA / "framework_speed.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in list(csv.reader(file))[1:] if row[0] not in parts]


def check_where(parts):
    """Refuse to set rows of these parts beside others that another machine or other versions gave."""
    if not stays(parts):
        return
    told, now = json.loads((DATA / "framework_speed.json").read_text("utf-8")), where()
    differs = [f"{key} {told.get(key)}, now {now.get(key)}" for key in {**told, **now} if told.get(key) != now.get(key)]
    if differs:
        raise ValueError(f"the parts that stay were measured elsewhere: {'; '.join(differs)}: measure all parts")


def store(rows, parts):
    """Write the table; rows of other parts stay, if they were measured here."""
    check_where(parts)
    path, kept = DATA / "framework_speed.csv", stays(parts)
    rows = sorted([*kept, *rows], key=lambda row: list(PARTS).index(row[0]))  # stable: within a part as measured
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    path.with_suffix(".json").write_text(json.dumps(where()) + "\n", encoding="utf-8")


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.split("\n\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--write", action="store_true", help="store the table that chapter 10 reads")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    parts = given.parts or list(PARTS)
    if set(parts) - set(PARTS):
        parser.error(f"parts are {', '.join(PARTS)}; got {', '.join(parts)}")
    if torch is None:
        print("PyTorch or Keras is not installed: python -m pip install -r requirements-frameworks.txt")
        return
    if given.serve:
        return serve(parts)
    if given.write:
        check_where(parts)  # not after twenty minutes
    found = []
    for threads in sorted({count for part in parts for count in thread_counts(part)}):
        for row in measured([part for part in parts if threads in thread_counts(part)], threads):
            found.append(row)
            print(" ".join(str(value) for value in row if value != ""), flush=True)
    if given.write:
        store(found, parts)


if __name__ == "__main__":
    main()
