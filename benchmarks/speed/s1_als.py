"""S1: one epoch of ALS with 64 factors, 2 threads, beside implicit with conjugate gradients.

Both halve the same matrix in memory, do three steps of conjugate gradients a row and take turns.
The time of an epoch is that of a fit less one of a single epoch, over the epochs between them, so
that what is done once is not counted. Wall time is what an empty machine gives; CPU seconds are
what counts on a shared one. NDCG@10 is of a tenth of each listener's tracks, held out, with the
factors of the whole fit: a fast epoch that learns nothing would show. Each run begins from other
random vectors; the best time and the mean NDCG count.
"""

import time
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import numba
import numpy as np
from scipy import sparse

from benchmarks.lines import figure, progress
from benchmarks.peers.env import made, run_peer, versions
from benchmarks.speed.big_data import big_matrix, options, size_of
from segue.data.dataset import Dataset
from segue.evaluation import metrics
from segue.evaluation.harness import count_relevant, rank_batch
from segue.evaluation.split import random_per_listener
from segue.models.als import ALS
from segue.rng import derived_rng
from segue.types import CsrMatrix

N_FACTORS, N_THREADS, N_STEPS = 64, 2, 3
N_EPOCHS = 6
# That of benchmarks/peers/factors.py. With its alpha a and regularization r, implicit adds up
# (a - 1) (a / (a - 1) - uv)^2 at listens, (uv)^2 over all pairs, and r |row|^2. Divided by a, with
# scores so much smaller that a listen has the target 1, that is the loss below. On both sides
# vectors begin at random in 0..0.01: those drawn around zero are behind by some epochs here.
A, R = 20.0, 1.0
LOSS: dict[str, Any] = {"unobserved_weight": 1 / A, "alpha": 1 - 1 / A, "nu": 0.0,
                        "regularization": R * (A - 1) / A**2}  # fmt: skip
FIRST: dict[str, Any] = {"init": "uniform", "init_sd": 0.01 * np.sqrt(N_FACTORS / 3)}
N_ASKED = 2000  # listeners whose lists are compared
SCRIPT = Path(__file__).parents[1] / "peers" / "factors.py"


def ours(train: CsrMatrix, n_epochs: int, held_out: CsrMatrix, seed: int) -> dict[str, float]:
    """Wall and CPU seconds of an epoch, and NDCG@10 after ``n_epochs``."""
    dataset = Dataset.from_csr(train)
    spent: list[tuple[float, float]] = []
    model = ALS()
    for epochs in (1, n_epochs):
        started, cpu = time.perf_counter(), time.process_time()
        model = ALS(N_FACTORS, epochs, cg_steps=N_STEPS, seed=seed, **LOSS, **FIRST).fit(dataset)
        spent.append((time.perf_counter() - started, time.process_time() - cpu))
    asked = np.arange(len_asked(train))
    ranked = rank_batch(model.score_batch(train[asked]), 10, train[asked])
    return per_epoch(spent, n_epochs) | {"ndcg": ndcg(ranked, held_out)}


def per_epoch(spent: list[tuple[float, float]], n_epochs: int) -> dict[str, float]:
    (wall_1, cpu_1), (wall_n, cpu_n) = spent
    between = n_epochs - 1
    return {"seconds": (wall_n - wall_1) / between, "cpu": (cpu_n - cpu_1) / between}


def len_asked(train: CsrMatrix) -> int:
    return min(N_ASKED, train.shape[0])


def ndcg(ranked: metrics.RankedMatrix, held_out: CsrMatrix) -> float:
    """Mean NDCG@10 of the first listeners, those with something held out."""
    part = held_out[: len(ranked)]
    n_relevant = count_relevant(part)
    some = np.flatnonzero(n_relevant)
    hits = metrics.hits_of(ranked[some], part[some])
    return float(metrics.ndcg(hits, n_relevant[some], 10).mean())


def split_of(likes: CsrMatrix, share: float) -> tuple[CsrMatrix, CsrMatrix]:
    """A share of the listeners, nine tenths of the tracks of each and the rest."""
    part = likes[: max(1, round(share * likes.shape[0]))]
    rng = derived_rng(0, "s1", "split")
    train, held_out = random_per_listener(part, (0.9, 0.1), rng)
    return sparse.csr_matrix(train, dtype=np.float32), held_out


def theirs(
    python: Path, folder: Path, train: CsrMatrix, n_epochs: int, held_out: CsrMatrix, seed: int
) -> dict[str, float]:
    """The same of implicit, in a process of its own."""
    job: dict[str, Any] = {"train": str(folder / "s1-train.npz"), "shape": train.shape,
                           "factors": N_FACTORS, "epochs": n_epochs, "steps": N_STEPS,
                           "asked": len_asked(train), "threads": N_THREADS,
                           "seed": seed}  # fmt: skip
    np.savez(job["train"], indptr=train.indptr, indices=train.indices)
    # its own threads do the work; those of BLAS would stand in their way
    found = run_peer(python, SCRIPT, job, n_threads=1)
    spent = [(float(wall), float(cpu)) for wall, cpu in found["spent"]]
    lists = np.asarray(found["lists"], np.int32)
    return per_epoch(spent, n_epochs) | {"ndcg": ndcg(lists, held_out)}


def main(argv: list[str] | None = None) -> None:
    parser = options(__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="share of the listeners, 0..1")
    parser.add_argument("--epochs", type=int, default=N_EPOCHS, help=">= 2")
    given = parser.parse_args(argv)
    size = size_of(given)
    likes, folder = big_matrix(given.work, size)
    train, held_out = split_of(likes, given.share)
    python = given.peer_python or made()
    has_peer = "implicit" in versions(python)
    numba.set_num_threads(min(N_THREADS, numba.get_num_threads()))
    ours(train[:200], 2, held_out[:200], 0)  # compiled once, not counted
    runs: dict[str, list[dict[str, float]]] = defaultdict(list)
    for seed in range(given.runs):
        runs["segue"].append(ours(train, given.epochs, held_out, seed))
        progress(f"segue: {runs['segue'][-1]}")
        if has_peer:
            runs["implicit"].append(theirs(python, folder, train, given.epochs, held_out,
                                           seed))  # fmt: skip
            progress(f"implicit: {runs['implicit'][-1]}")
    data = f"{size}, {given.share:g} of listeners"
    for key, unit, best in (("seconds", "s", min), ("cpu", "s", min), ("ndcg", "share", mean)):
        label = {"seconds": "epoch", "cpu": "epoch cpu", "ndcg": "ndcg@10"}[key]
        value = {who: best(run[key] for run in found) for who, found in runs.items()}
        other = value.get("implicit")
        figure("S1", f"als {label}", value["segue"], unit, data=data, n=given.runs,
               target=None if other is None or key == "ndcg" else other / 2, better="lower",
               peer="implicit" if other is not None else None, peer_value=other)  # fmt: skip


if __name__ == "__main__":
    main()
