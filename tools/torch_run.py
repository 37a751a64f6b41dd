"""Copy one run of torch.nn.LSTM and one of torch.nn.GRU from the tests' numbers into the package.

    python tools/torch_run.py

`python -m tests.fixtures.make_torch` made the numbers, with PyTorch 2.13; this needs no PyTorch.
"""

import csv
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "rnnbook" / "lab" / "studies" / "data"
RUN = "12x3x2x5"  # T, N, D, H: all sizes above 1 and different


def arrays(name):
    """The arrays of one run by their names."""
    with np.load(ROOT / "tests" / "fixtures" / "torch.npz") as file:
        prefix = f"cells/{name}/{RUN}/"
        return {key.removeprefix(prefix): file[key] for key in file.files if key.startswith(prefix)}


def main():
    """Write the files."""
    for name in ("lstm", "gru"):
        with (FOLDER / f"torch_{name}.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("array", "shape", "numbers"))
            for key, array in arrays(name).items():
                numbers = " ".join(repr(float(number)) for number in array.ravel())
                rows.writerow((key, " ".join(map(str, array.shape)), numbers))


if __name__ == "__main__":
    main()
