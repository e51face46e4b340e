"""MODELS: every registered model on every data set: quality with intervals, cost, coverage.

Each model runs in a process of its own, so that its peak memory is its own; kernels are compiled
before the clock starts. Use ``--sources`` and ``--models`` for a part; the plots in docs/images are
made from docs/figures.jsonl by scripts/make_benchmarks.py.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.lines import DATA_FOLDER, SKIPPED, figure, progress
from benchmarks.quality.model_data import SOURCES
from segue.data.dataset import Dataset
from segue.errors import SegueError
from segue.evaluation.comparison import estimates, lists_beyond
from segue.evaluation.harness import evaluate_split
from segue.evaluation.history import HISTORY_LENGTHS, quality_by_history
from segue.evaluation.intervals import mean_bootstrap
from segue.models.base import REGISTRY, create
from segue.rng import derived_rng

ID, K = "MODELS", 20
SHOWN = ("ndcg@20", "recall@20", "hit@20", "mrr@20")
MB = 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    parser.add_argument("--sources", default=",".join(SOURCES), help="data sets, with commas")
    parser.add_argument("--models", default=",".join(REGISTRY), help="models, with commas")
    parser.add_argument("--one", nargs=2, metavar=("SOURCE", "MODEL"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        measure(asked.data, *asked.one)
        return 0
    n_run = status = 0
    for source in asked.sources.split(","):
        folder = SOURCES[source].folder
        if folder is not None and not (asked.data / folder).is_dir():
            progress(f"skipped {source}: no data in {asked.data / folder}")
            continue
        for model in asked.models.split(","):
            command = [sys.executable, "-m", "benchmarks.quality.models", "--data", str(asked.data),
                       "--one", source, model]  # fmt: skip
            code = subprocess.run(command, check=False).returncode
            status, n_run = status or code, n_run + 1
    return status if n_run else SKIPPED


def measure(data: Path, source: str, name: str) -> None:
    """Fit and rank one model on one data set, and print its figures."""
    made = SOURCES[source]
    split = made.split(data / (made.folder or ""))
    params = dict(made.params.get(name, {}))
    _compile(name, params)
    model = create(name, **params)
    try:
        started, cpu = time.perf_counter(), time.process_time()
        model.fit(split.past)
        fit_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
        started = time.perf_counter()
        outcome = evaluate_split(model, split, (K,))
        rank_s = time.perf_counter() - started
    except SegueError as error:
        progress(f"{source}: {name} has no figures: {error}")
        return
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
    n = len(outcome.listener_idx)
    found = estimates(outcome, (K,))
    for measured in SHOWN:
        value = found[measured]
        figure(ID, f"{name} {measured}", value.mean, "share", data=source, n=n,
               interval=(value.low, value.high))  # fmt: skip
    coverage = lists_beyond(outcome, split.past, K, split.known)[f"coverage@{K}"]
    figure(ID, f"{name} coverage@{K}", coverage or 0.0, "share", data=source, n=n)
    figure(ID, f"{name} fit", fit_s, "s", data=source, n=1)
    figure(ID, f"{name} fit cpu", cpu_s, "s", data=source, n=1)
    figure(ID, f"{name} peak memory", peak_mb, "MB", data=source, n=1)
    figure(ID, f"{name} listener", rank_s / n * 1e3, "ms", data=source, n=n)
    for length, values in quality_by_history(model, split, K, HISTORY_LENGTHS).items():
        bounds = mean_bootstrap(values, derived_rng(0, "history", length))
        figure(ID, f"{name} ndcg@{K} after {length}", bounds.difference, "share", data=source,
               n=len(values), interval=(bounds.low, bounds.high))  # fmt: skip


def _compile(name: str, params: dict[str, object]) -> None:
    """Load libraries and compile kernels on a few rows; what a tiny data set lacks is no matter."""
    tiny = Dataset.from_csr(sparse.random(30, 40, density=0.2, format="csr", random_state=1))
    try:
        create(name, **params).fit(tiny).score_batch(tiny.interactions.user_items[:2])
    except (SegueError, np.linalg.LinAlgError) as error:
        progress(f"{name} was not compiled beforehand: {error}")


if __name__ == "__main__":
    sys.exit(main())
