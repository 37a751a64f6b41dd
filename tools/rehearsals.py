"""Train and store the network that has half learned the Zen of Python: `make tables`, or `python -m tools.rehearsals`.

The training of chapter 03, stopped after 150 steps: what it recited every 25 steps with the weights then, and what it
needs to go on, which is Adam's averages and the state of the streams. The numbers are float16, so that the file has
half a megabyte. On another machine a training ends elsewhere.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: equal results from run to run

import numpy as np

from rnnbook.lab.reading.rehearsal import SCALE, STORED, Rehearsal
from tools.readers import DATA, write

STEPS = 150


def rounded(params):
    """Parameters as they are read again from half precision."""
    return {name: array.astype(np.float16).astype(np.float64) for name, array in params.items()}


def train():
    """The training, whose every recitation is that of the weights as they are stored."""
    training = Rehearsal(*STORED)
    for _ in training.run(STEPS):
        pass
    first, *others = training.recitations
    return training, [first, *(training.recitation(said.step, rounded(said.params)) for said in others)]


def arrays(training, said):
    """What is stored, by name."""
    found = {f"{one.step}.{name}": array for one in said[1:] for name, array in one.params.items()}
    for name, (mean, square) in training.optimizer.memory.items():
        found |= {f"mean.{name}": SCALE * mean, f"root.{name}": SCALE * np.sqrt(square)}
    found |= {f"state.{k}": array for k, array in enumerate(training.state)}
    found = {name: array.astype(np.float16) for name, array in sorted(found.items())}
    found["history"] = np.array([(progress.loss, progress.norm) for progress in training.history], np.float32)
    found["spoken"] = np.frombuffer("\0".join(one.spoken for one in said).encode("utf-8"), np.uint8)
    return found


def main():
    """Train and store."""
    training, said = train()
    write(DATA / "rehearsal.npz", arrays(training, said))
    print(", ".join(f"{one.by_heart} by heart after {one.step} steps" for one in said))


if __name__ == "__main__":
    main()
