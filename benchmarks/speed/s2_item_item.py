"""S2: the 100 nearest tracks of every track by cosine, 2 threads, beside similaripy and implicit.

All start from the same matrix of listeners by tracks in memory and end with one sparse matrix; they
take turns, and the best time of each counts.
"""

import time
from collections import defaultdict
from pathlib import Path

import numba

from benchmarks.lines import figure, progress
from benchmarks.peers.env import made, run_peer, versions
from benchmarks.speed.big_data import big_matrix, options, size_of
from segue.data.dataset import Dataset
from segue.models.item_knn import ItemKNN
from segue.types import CsrMatrix

N_NEIGHBORS = 100
N_THREADS = 2
SCRIPT = Path(__file__).parents[1] / "peers" / "neighbors.py"


def fit_seconds(likes: CsrMatrix) -> tuple[float, int, float]:
    """Time of a fit, and entries and sum of the weights."""
    dataset = Dataset.from_csr(likes)
    started = time.perf_counter()
    model = ItemKNN(N_NEIGHBORS).fit(dataset)
    seconds = time.perf_counter() - started
    weights = model.to_arrays()["weights"]
    return seconds, int(weights.nnz), float(weights.sum(dtype="f8"))


def main(argv: list[str] | None = None) -> None:
    given = options(__doc__).parse_args(argv)
    size = size_of(given)
    likes, folder = big_matrix(given.work, size)
    python = given.peer_python or made()
    peers = [name for name in ("similaripy", "implicit") if name in versions(python)]
    numba.set_num_threads(min(N_THREADS, numba.get_num_threads()))
    fit_seconds(likes[:200])  # compiled once, not counted
    times: dict[str, list[float]] = defaultdict(list)
    job = {"indptr": str(folder / "indptr.npy"), "indices": str(folder / "indices.npy"),
           "shape": likes.shape, "k": N_NEIGHBORS, "threads": N_THREADS}  # fmt: skip
    for _ in range(given.runs):
        seconds, entries, total = fit_seconds(likes)
        times["segue"].append(seconds)
        progress(f"segue: {seconds:.2f} s, {entries} entries, sum {total:.1f}")
        for peer in peers:
            found = run_peer(python, SCRIPT, job | {"peer": peer}, N_THREADS)
            times[peer].append(found["seconds"])
            progress(f"{peer}: {found}")
    ours = min(times["segue"])
    if not peers:
        figure("S2", "item-item top 100", ours, "s", data=str(size), n=given.runs)
    for peer in peers:
        target = min(times[peer]) if peer == "similaripy" else None
        figure("S2", "item-item top 100", ours, "s", data=str(size), n=given.runs, target=target,
               better="lower", peer=peer, peer_value=min(times[peer]))  # fmt: skip


if __name__ == "__main__":
    main()
