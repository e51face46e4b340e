"""S10: the nearest 50 of a million vectors of 64 numbers, one query at a time, on one thread.

Clustered vectors (seeded), queries from the same clusters that are not in the index; unfiltered,
and with filters that let 10 % and 1 % pass, at random and as whole clusters. The peer is FAISS
IVF-Flat called directly in the same run, in turns, with the same cells and the fewest probes (a
power of two) that reach the recall; its filter bitmap is made before the clock starts.
"""

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np

from benchmarks.lines import figure, progress
from segue.index.faiss import FaissIndex, import_faiss
from segue.types import BoolVector, FloatMatrix

SEED, DIM, N, TARGET_RECALL, TARGET_MS = 20_262, 64, 50, 0.98, 0.5
N_QUERIES, N_CLUSTERS = 200, 2_000
Search = Callable[[FloatMatrix], list[str]]


def clustered(n: int) -> tuple[FloatMatrix, FloatMatrix, np.ndarray]:
    """Unit vectors, queries, and the cluster of each vector; the noise is as strong as the center.

    Centers are themselves in groups of forty, as genres are of families.
    """
    rng = np.random.default_rng(SEED)
    family = rng.normal(size=(N_CLUSTERS // 40, DIM))
    centers = np.repeat(family, 40, axis=0) + 0.7 * rng.normal(size=(N_CLUSTERS, DIM))
    cluster = rng.integers(N_CLUSTERS, size=n + N_QUERIES)
    made = np.empty((len(cluster), DIM), np.float32)
    for start in range(0, len(made), 100_000):
        part = slice(start, start + 100_000)
        center = centers[cluster[part]]
        made[part] = center + rng.normal(size=center.shape)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made[:n], made[n:], cluster[:n]


def filters(n: int, cluster: np.ndarray) -> dict[str, BoolVector | None]:
    rng = np.random.default_rng(SEED + 1)
    made = {
        "all": None,
        "10 % at random": rng.random(n) < 0.1,
        "1 % at random": rng.random(n) < 0.01,
        "10 % as clusters": np.isin(
            cluster, rng.choice(N_CLUSTERS, N_CLUSTERS // 10, replace=False)
        ),
    }
    made = {name: mask if mask is None else mask.copy() for name, mask in made.items()}
    for mask in made.values():
        if mask is not None:
            mask.flags.writeable = False  # a filter that comes back: packed once, as the peer's
    return made


def truth(vectors: FloatMatrix, queries: FloatMatrix, mask: BoolVector | None) -> list[set[int]]:
    rows = np.arange(len(vectors)) if mask is None else np.flatnonzero(mask)
    kept = vectors if mask is None else vectors[rows]
    found = []
    for query in queries:
        scores = kept @ query
        found.append(set(rows[np.argpartition(-scores, N)[:N]].tolist()))
    return found


def direct(ivf, mask: BoolVector | None, n_probe: int) -> Search:
    """FAISS itself; the bitmap is kept alive by the closure."""
    faiss = import_faiss()
    options = {"nprobe": n_probe}
    bits = None if mask is None else np.packbits(mask, bitorder="little")
    if bits is not None:
        options["sel"] = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
    params = faiss.SearchParametersIVF(**options)
    return lambda query: (bits, ivf.search(query[np.newaxis], N, params=params)[1][0].tolist())[1]


def recall(search: Search, queries: FloatMatrix, wanted: list[set[int]]) -> float:
    hits = [len(set(map(int, search(q))) & w) for q, w in zip(queries, wanted, strict=True)]
    return float(np.mean(hits)) / N


def timed(search: Search, queries: FloatMatrix) -> list[float]:
    times = []
    for query in queries:
        start = time.perf_counter()
        search(query)
        times.append(1e3 * (time.perf_counter() - start))
    return times


def fewest_probes(ivf, mask, queries, wanted) -> int:
    n_probe = 1
    while recall(direct(ivf, mask, n_probe), queries, wanted) < TARGET_RECALL:
        if n_probe >= ivf.nlist:
            break
        n_probe *= 2
    return n_probe


def compare(index: FaissIndex, ivf, queries, wanted, name: str, mask, data: str) -> None:
    def ours(query: FloatMatrix) -> tuple[str, ...]:
        return index.search(query, N, allowed=mask).ids

    n_probe = fewest_probes(ivf, mask, queries, wanted)
    peer = direct(ivf, mask, n_probe)
    reached, peer_reached = recall(ours, queries, wanted), recall(peer, queries, wanted)
    turns = [(timed(ours, queries), timed(peer, queries)) for _ in range(3)]  # A B A B A B
    mine, its = (min(float(np.median(t[i])) for t in turns) for i in (0, 1))
    called = f"faiss IVF-Flat, {n_probe} probes"
    figure("S10", f"recall at {N}, {name}", reached, "share", data=data, n=len(queries),
           target=TARGET_RECALL, peer=called, peer_value=peer_reached)  # fmt: skip
    target = None if name == "1 % at random" else TARGET_MS
    figure("S10", f"query p50, {name}", mine, "ms", data=data, n=3 * len(queries), target=target,
           better="lower", peer=called, peer_value=its)  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=int, default=1_000_000)
    given = parser.parse_args(argv)
    faiss = import_faiss()
    vectors, queries, cluster = clustered(given.vectors)
    data = f"clustered {given.vectors} x {DIM}"
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    index = FaissIndex(DIM, recall=TARGET_RECALL, exact_up_to=min(200_000, given.vectors // 2))
    index.add([str(row) for row in range(given.vectors)], vectors)
    figure("S10", "build", time.perf_counter() - start, "s", data=data, n=1)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb
    figure("S10", "memory above the vectors given, peak", peak_mb, "MB", data=data, n=1)
    progress(f"probes by depth: {index.n_probes}")
    faiss.omp_set_num_threads(1)
    ivf = index._ivf  # noqa: SLF001 - the peer looks into the same cells
    for name, mask in filters(given.vectors, cluster).items():
        compare(index, ivf, queries, truth(vectors, queries, mask), name, mask, data)


if __name__ == "__main__":
    main()
