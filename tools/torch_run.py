"""Copy runs of torch.nn from the tests' numbers into the package: one layer, two on one another, both directions.

    python tools/torch_run.py

`python -m tests.fixtures.make_torch` made the numbers, with PyTorch 2.13; this needs no PyTorch.
"""

import csv
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "rnnbook" / "lab" / "studies" / "data"
RUNS = {  # the file of the tests' numbers, and the run in it
    "lstm": ("torch", "cells/lstm/12x3x2x5/"),  # T, N, D, H: all sizes above 1 and different
    "gru": ("torch", "cells/gru/12x3x2x5/"),
    "stacked": ("torch_nets", "rnn_tanh/2/one/whole/"),
    "both": ("torch_nets", "rnn_tanh/1/both/whole/"),
    "both_padded": ("torch_nets", "rnn_tanh/1/both/padded/"),
}


def arrays(name):
    """The arrays of one run by their names."""
    fixture, prefix = RUNS[name]
    with np.load(ROOT / "tests" / "fixtures" / f"{fixture}.npz") as file:
        return {key.removeprefix(prefix): file[key] for key in file.files if key.startswith(prefix)}


def main():
    """Write the files."""
    for name in RUNS:
        with (FOLDER / f"torch_{name}.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("array", "shape", "numbers"))
            for key, array in arrays(name).items():
                numbers = " ".join(repr(float(number)) for number in array.ravel())
                rows.writerow((key, " ".join(map(str, array.shape)), numbers))


if __name__ == "__main__":
    main()
