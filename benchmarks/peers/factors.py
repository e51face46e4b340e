"""ALS by implicit with conjugate gradients, as a child process: JOB.json RESULT.json.

The job has ``train`` (.npz of ``indptr`` and ``indices``), ``shape``, ``factors``, ``epochs``,
``steps``, ``asked`` (how many listeners get a list), ``threads`` and ``seed``. The result has
``spent``, wall and CPU seconds of a fit of one epoch and of all, and ``lists``.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

# usual for lists of this length; benchmarks/speed/s1_als.py has the same loss, divided by ALPHA
REGULARIZATION, ALPHA = 1.0, 20.0


def main(asked: Path, answered: Path) -> None:
    job = json.loads(asked.read_text())
    with np.load(job["train"]) as parts:
        ones = np.ones(len(parts["indices"]), np.float32)
        train = sparse.csr_matrix((ones, parts["indices"], parts["indptr"]), tuple(job["shape"]))
    fitted(train[:200], job, 1)  # what is loaded on first use is not counted
    spent = []
    for epochs in (1, job["epochs"]):
        started, cpu = time.perf_counter(), time.process_time()
        model = fitted(train, job, epochs)
        spent.append((time.perf_counter() - started, time.process_time() - cpu))
    rows = np.arange(job["asked"])
    lists, _ = model.recommend(rows, train[rows], N=10)
    answered.write_text(json.dumps({"spent": spent, "lists": lists.tolist()}))


def fitted(train: sparse.csr_matrix, job: dict[str, Any], epochs: int) -> Any:
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        job["factors"],
        REGULARIZATION,
        ALPHA,
        iterations=epochs,
        use_cg=True,
        num_threads=job["threads"],
        random_state=job["seed"],
    )
    model.cg_steps = job["steps"]
    model.fit(train, show_progress=False)
    return model


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
