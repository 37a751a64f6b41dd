"""Chapter 06's last exercise: one step of a GRU back, by all its ways."""

from __future__ import annotations

import numpy as np

from rnnbook.exercises.checking import Exercise


def gru_step_back(dh, h_old, r, z, n, hn, params):
    """Gradient dL/dh_{t-1} of a GRU, reset after the product, from dL/dh_t; hn is h_{t-1} W_hn + b_hn."""
    return through(dh, h_old, r, z, n, hn, params)


def through(dh, h_old, r, z, n, hn, params, ways="hrzn", reset=True, transpose=True, tanh=True, slopes=True, sign=1):
    """The sum over some of the ways back, with or without their factors."""
    da_n = dh * (1 - z) * ((1 - n**2) if tanh else 1)
    da_r = da_n * hn * (r * (1 - r) if slopes else 1)
    da_z = sign * dh * (h_old - n) * (z * (1 - z) if slopes else 1)
    blocks = np.split(params["W_hh"], 3, axis=1)
    found = dh * z if "h" in ways else np.zeros_like(dh)
    for way, da, W in zip("rzn", (da_r, da_z, da_n * r if reset else da_n), blocks, strict=True):
        if way in ways:
            found = found + da @ (W.T if transpose else W)
    return found


def wrong(**changes):
    """The way back with something left out."""
    return lambda dh, h_old, r, z, n, hn, params: through(dh, h_old, r, z, n, hn, params, **changes)


def back_cases(rng):
    """Gates, candidates and states where they can be, and square blocks that are not symmetric."""
    cases = []
    for N, H in ((3, 4), (1, 1), (2, 6), (4, 3), (5, 2)):
        h_old, n = rng.uniform(-1, 1, size=(2, N, H))
        r, z = rng.uniform(0.05, 0.95, size=(2, N, H))
        cases.append(
            (rng.normal(size=(N, H)), h_old, r, z, n, rng.normal(size=(N, H)), {"W_hh": rng.normal(size=(H, 3 * H))})
        )
    return cases


GRU_STEP_BACK = Exercise(
    name="gru_step_back",
    chapter="06",
    solution=gru_step_back,
    cases=back_cases,
    axes=dict.fromkeys(("dh", "h_old", "r", "z", "n", "hn", ""), "N H"),
    mistakes={
        "forgot the direct way: z * dh reaches the old state without any weights": wrong(ways="rzn"),
        "only the direct way: the old state also reaches h_t through r, z and n": wrong(ways="h"),
        "forgot the way through z: the gate itself was made from the old state": wrong(ways="hrn"),
        "forgot the way through r: the gate itself was made from the old state": wrong(ways="hzn"),
        "forgot the way through n: the candidate sees r * (h W_hn + b_hn)": wrong(ways="hrz"),
        "the gates' own ways are missing: r and z were made from the old state too": wrong(ways="hn"),
        "forgot r on the way through n: the product was multiplied by r, so its gradient is too": wrong(reset=False),
        "missing transpose: forward is h @ W_hh, block by block, so the way back goes through the transposed blocks": (
            wrong(transpose=False)
        ),
        "forgot tanh': the candidate's slope is 1 - n**2": wrong(tanh=False),
        "forgot the sigmoids' slopes: they are r (1 - r) and z (1 - z)": wrong(slopes=False),
        "the sign of z's way: h_t = (1 - z) n + z h_old grows with z by h_old - n": wrong(sign=-1),
    },
)
