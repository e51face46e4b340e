"""Item-item top-k by similaripy and implicit, as a child process: JOB.json RESULT.json.

The job has ``indptr``, ``indices`` (paths of .npy files), ``shape``, ``peer``, ``k``, ``threads``.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy import sparse


def main(asked: Path, answered: Path) -> None:
    job = json.loads(asked.read_text())
    indptr, indices = np.load(job["indptr"]), np.load(job["indices"])
    ones = np.ones(len(indices), np.float32)
    likes = sparse.csr_matrix((ones, indices, indptr), tuple(job["shape"]))
    run = {"similaripy": by_similaripy, "implicit": by_implicit}[job["peer"]]
    run(likes[:200], job["k"], job["threads"])  # what is loaded on first use is not counted
    started = time.perf_counter()
    found = run(likes, job["k"], job["threads"])
    seconds = time.perf_counter() - started
    answered.write_text(json.dumps({"seconds": seconds, "entries": int(found.nnz),
                                    "total": float(found.sum(dtype=np.float64))}))  # fmt: skip


def by_similaripy(likes: sparse.csr_matrix, k: int, threads: int) -> sparse.csr_matrix:
    """One more is asked for, since it counts the track itself."""
    import similaripy

    return similaripy.cosine(likes.T.tocsr(), k=k + 1, num_threads=threads, verbose=False,
                             format_output="csr")  # fmt: skip


def by_implicit(likes: sparse.csr_matrix, k: int, threads: int) -> sparse.csr_matrix:
    from implicit.nearest_neighbours import CosineRecommender

    model = CosineRecommender(K=k + 1, num_threads=threads)
    model.fit(likes, show_progress=False)
    return model.similarity


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
