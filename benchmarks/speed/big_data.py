"""A large seeded matrix of listens for the speed of fitting: skewed popularity, clusters of taste.

Not :mod:`segue.synthetic`, whose library has tags and dates and takes longer to make: here only the
shape of the work matters. It is made once and kept in a folder, as .npy files that peers read too.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.lines import progress
from segue.types import CsrMatrix, FloatVector, IntVector

WORK = Path(tempfile.gettempdir()) / "segue-bench"
N_CLUSTERS = 250
CLUSTERS_EACH = 6  # that one listener plays
LOYALTY = 0.75  # share of draws from these clusters, the rest from the whole catalogue
SKEW = 0.7  # popularity of the track of rank r is (r + 10) ** -SKEW
LENGTH_SD = 0.8  # of the logarithm of a listener's number of draws
SEED = 20_26


@dataclass(frozen=True)
class Size:
    """How many listeners, tracks and pairs of both."""

    listeners: int = 100_000
    tracks: int = 50_000
    pairs: int = 10_000_000

    def __str__(self) -> str:
        return f"synthetic {self.listeners}x{self.tracks}x{self.pairs}"


def options(doc: str | None) -> argparse.ArgumentParser:
    """The options that S1, S2 and S3 share."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--work", type=Path, default=WORK, help="where the data is kept")
    parser.add_argument("--peer-python", type=Path, help="a ready environment of the peers")
    for name in ("listeners", "tracks", "pairs"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Size(), name))
    parser.add_argument("--runs", type=int, default=3, help="of each, in turns; the best counts")
    return parser


def size_of(given: argparse.Namespace) -> Size:
    """The size asked for on the command line."""
    return Size(given.listeners, given.tracks, given.pairs)


def big_matrix(work: Path, size: Size) -> tuple[CsrMatrix, Path]:
    """Ones at the pairs as CSR float32, and the folder of ``indptr.npy`` and ``indices.npy``."""
    folder = work / str(size).replace(" ", "-")
    if not (folder / "indices.npy").is_file():
        progress(f"making {size}")
        made = make(size, np.random.default_rng(SEED))
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "indptr.npy", made.indptr)
        np.save(folder / "indices.npy", made.indices)  # last: its presence says all is there
    indptr, indices = (np.load(folder / f"{name}.npy") for name in ("indptr", "indices"))
    shape = (size.listeners, size.tracks)
    return sparse.csr_matrix((np.ones(len(indices), np.float32), indices, indptr), shape), folder


def make(size: Size, rng: np.random.Generator) -> CsrMatrix:
    """Draw listens until so many different pairs are there; CSR with sorted int32 columns."""
    cluster, reach = _catalogue(size.tracks, rng)
    own = rng.integers(0, N_CLUSTERS, (size.listeners, CLUSTERS_EACH))
    odds = rng.lognormal(0.0, LENGTH_SD, size.listeners)
    keys = np.empty(0, np.int64)
    while len(keys) < size.pairs:
        listener = _in_proportion(odds, 1 + (size.pairs - len(keys)) * 5 // 4, rng)
        track = _draw_tracks(listener, own, cluster, reach, rng)
        keys = np.unique(np.concatenate((keys, listener * size.tracks + track)))
    keys = np.sort(rng.choice(keys, size.pairs, replace=False))
    listener, track = np.divmod(keys, size.tracks)
    renamed = rng.permutation(size.tracks)  # a track's row says nothing about its popularity
    ones = np.ones(size.pairs, np.float32)
    made = sparse.csr_matrix((ones, (listener, renamed[track])), (size.listeners, size.tracks))
    made.sort_indices()
    return made


def _catalogue(n_tracks: int, rng: np.random.Generator) -> tuple[IntVector, FloatVector]:
    """First track of each cluster (and the end), and popularity summed up to each track."""
    popularity = rng.permutation((np.arange(n_tracks) + 10.0) ** -SKEW)
    cuts = np.sort(rng.choice(np.arange(1, n_tracks), N_CLUSTERS - 1, replace=False))
    return np.concatenate(([0], cuts, [n_tracks])), np.concatenate(([0.0], np.cumsum(popularity)))


def _draw_tracks(
    listener: IntVector,
    own: IntVector,
    cluster: IntVector,
    reach: FloatVector,
    rng: np.random.Generator,
) -> IntVector:
    """A track for each draw, by popularity within a cluster of the listener or at large."""
    n = len(listener)
    chosen = own[listener, rng.integers(0, CLUSTERS_EACH, n)]
    at_large = rng.random(n) >= LOYALTY
    low = np.where(at_large, 0.0, reach[cluster[chosen]])
    high = np.where(at_large, reach[-1], reach[cluster[chosen + 1]])
    at = np.searchsorted(reach, low + rng.random(n) * (high - low), side="right") - 1
    return np.minimum(at, len(reach) - 2)


def _in_proportion(odds: FloatVector, n: int, rng: np.random.Generator) -> IntVector:
    """``n`` rows, ascending, each drawn in proportion to its odds."""
    return np.repeat(np.arange(len(odds)), rng.multinomial(n, odds / odds.sum()))
