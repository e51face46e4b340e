"""Learn the key profiles of ``segue.audio.key_profiles`` on rendered music, and print the table.

``python scripts/learn_key_profiles.py WORK`` renders the demo libraries of seeds 31 to 35 into WORK
(some ten minutes on one core) unless they are there. Other seeds are kept for the benchmark Q8.
"""

import sys
from pathlib import Path

import msgspec
import numpy as np
from scipy.optimize import minimize

from segue.audio.decode import read_windows
from segue.audio.features import ANALYSIS_RATE_HZ, N_WINDOWS, WINDOW_S
from segue.audio.tonality import (
    KEY_NAMES,
    fold,
    pitch_histogram,
    register_rows,
    tuning_semitones,
)
from segue.synthetic.music import TRUTH_FILE, write_library

SEEDS = (31, 32, 33, 34, 35)
N_TRACKS = 128
RIDGE = 2e-3
MINOR_MODES = ("minor", "dorian", "phrygian")


def main(work: Path) -> None:
    """Print the table in the form of the module."""
    parts = [examples(work / f"seed{seed}", seed) for seed in SEEDS]
    turned, keys = (np.concatenate(column) for column in zip(*parts, strict=True))
    profiles = fitted(turned, keys)
    scores = np.concatenate([turned @ profile for profile in profiles], axis=1)
    print(f"# right on what was learned from: {np.mean(scores.argmax(axis=1) == keys):.3f}")
    for mode in profiles.reshape(2, -1, 12):
        for register in mode:
            print("(" + ", ".join(f"{x:.2f}" for x in register) + "),")
        print()


def examples(folder: Path, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (n, 12 tonics, 60) and keys (n,) of a rendered library, 0..11 major, 12..23 minor."""
    write_library(folder, seed, N_TRACKS)
    truth = msgspec.json.decode((folder / TRUTH_FILE).read_bytes())
    rows, keys = [], []
    for name, entry in truth.items():
        windows = read_windows(folder / name, ANALYSIS_RATE_HZ, WINDOW_S, N_WINDOWS)
        pitches = sum(pitch_histogram(w.mono, ANALYSIS_RATE_HZ).sum(axis=0) for w in windows)
        chroma = register_rows(fold(pitches, tuning_semitones(pitches.sum(axis=0))))
        rows.append(np.stack([np.roll(chroma, -t, axis=1).ravel() for t in range(12)]))
        keys.append(KEY_NAMES.index(entry["key"]) + 12 * (entry["mode"] in MINOR_MODES))
    return np.array(rows), np.array(keys)


def fitted(turned: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Profiles (2, 60): multinomial logistic regression, weights tied over transposition."""
    n, n_weights = len(keys), turned.shape[2]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        w = flat.reshape(2, n_weights)
        scores = np.concatenate([turned @ w[0], turned @ w[1]], axis=1)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        value = -np.log(shares[np.arange(n), keys]).mean() + RIDGE * (w**2).sum()
        shares[np.arange(n), keys] -= 1.0
        halves = (shares[:, :12], shares[:, 12:])
        slope = np.stack([np.einsum("nt,ntk->k", half, turned) / n for half in halves])
        return value, (slope + 2.0 * RIDGE * w).ravel()

    start = np.zeros(2 * n_weights)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return found.x.reshape(2, n_weights)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
