"""Q4: NDCG@10 on HetRec Last.fm of our models, of other libraries and of small recommenders.

The splits, the masks and the ranking of Q1. Each model gets the same number of random draws from
its space (search_space.py); the draw best on the validation part of the first split is tested, once
a split. Every figure keeps one value a listener, so that differences have paired intervals. Other
libraries run in an environment of their own and answer with lists.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from benchmarks.peers.env import made, run_peer, versions
from benchmarks.quality.q1_hetrec import (
    SEEDS,
    SOURCE,
    HetRec,
    dataset_of,
    ndcg_at_10,
    read_hetrec,
    split_of,
    tags_without,
)
from benchmarks.quality.search_space import OTHERS, OURS, SMALL, Space, drawn
from benchmarks.quality.small_recommenders import SMALL as SCORES
from segue.data.dataset import Dataset
from segue.evaluation import metrics
from segue.evaluation.harness import count_relevant, rank_batch
from segue.evaluation.intervals import mean_bootstrap, paired_bootstrap
from segue.evaluation.metrics import RankedMatrix
from segue.models.base import create
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatVector

SCRIPT = Path(__file__).parents[1] / "peers" / "recommenders.py"
N_THREADS = 2
Params = Mapping[str, Any]


class Part(NamedTuple):
    """What is learnt from, what is left out of the lists, and what is asked for."""

    learnt: Dataset
    train: CsrMatrix
    known: CsrMatrix
    held_out: CsrMatrix


def parts_of(data: HetRec, seed: int) -> tuple[Part, Part]:
    """For validation and for the test: both learn from the training part alone."""
    train, validation, test = split_of(data, seed)
    learnt = dataset_of(train, tags_without(validation + test, data))
    both = sparse.csr_matrix(train + validation)
    return Part(learnt, train, train, validation), Part(learnt, train, both, test)


def ndcg_of(lists: RankedMatrix, held_out: CsrMatrix) -> FloatVector:
    """One value a listener with something held out, ascending, as ``ndcg_at_10`` gives."""
    n_relevant = count_relevant(held_out)
    asked = np.flatnonzero(n_relevant)
    return metrics.ndcg(metrics.hits_of(lists[asked], held_out[asked]), n_relevant[asked], 10)


def values_of(
    name: str, trials: Sequence[Params], part: Part, seed: int, python: Path | None
) -> list[FloatVector]:
    """NDCG@10 of each listener, for each of the trials."""
    if name in OURS:
        return [ours(name, params, part) for params in trials]
    if name in SMALL:
        return [small(name, params, part, seed) for params in trials]
    assert python is not None  # others are only asked for where they are installed
    return [ndcg_of(lists, part.held_out) for lists in theirs(name, trials, part, seed, python)]


def ours(name: str, params: Params, part: Part) -> FloatVector:
    model = create(name, **params).fit(part.learnt)
    return ndcg_at_10(model, part.train, part.known, part.held_out)


def small(name: str, params: Params, part: Part, seed: int) -> FloatVector:
    scores = SCORES[name](part.train, params, derived_rng(seed, "q4", name))
    return ndcg_of(rank_batch(scores, 10, part.known), part.held_out)


def theirs(
    name: str, trials: Sequence[Params], part: Part, seed: int, python: Path
) -> list[RankedMatrix]:
    """The lists of another library, fitted in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        job: dict[str, Any] = {"peer": name, "params": list(trials), "seed": seed,
                               "shape": part.train.shape, "threads": N_THREADS}  # fmt: skip
        for what in ("train", "known"):
            matrix, path = getattr(part, what), Path(folder, f"{what}.npz")
            np.savez(path, indptr=matrix.indptr, indices=matrix.indices)
            job[what] = str(path)
        found = run_peer(python, SCRIPT, job, N_THREADS)["lists"]
    return [np.asarray(lists, np.int32) for lists in found]


def chosen(
    name: str, space: Space, n_trials: int, part: Part, python: Path | None
) -> tuple[float, Params]:
    """The best mean NDCG@10 of the draws on the validation part, and its parameters."""
    rng, started = derived_rng(SEEDS[0], "q4", "trials", name), time.perf_counter()
    trials = [drawn(space, rng) for _ in range(n_trials)]
    means = [float(v.mean()) for v in values_of(name, trials, part, SEEDS[0], python)]
    best = int(np.argmax(means))
    progress(f"{name}: {[round(mean, 4) for mean in means]}, best {trials[best]}, "
             f"{time.perf_counter() - started:.0f} s")  # fmt: skip
    return means[best], trials[best]


def report(found: Mapping[str, FloatVector], best: str) -> None:
    """Each model with its interval, then our best and EDLAE less each of the others."""
    for name, values in found.items():
        of = mean_bootstrap(values, derived_rng(0, "q4", name))
        figure("Q4", f"{name} ndcg@10", of.difference, "share", data=SOURCE, n=len(values),
               interval=(of.low, of.high))  # fmt: skip
    for mine in dict.fromkeys((best, "edlae")):
        for name in found:
            if name in OURS or mine not in found:
                continue
            gain = paired_bootstrap(found[mine], found[name], derived_rng(0, "q4", mine, name))
            figure("Q4", f"{mine} less {name}", gain.difference, "share", data=SOURCE,
                   n=len(found[mine]), interval=(gain.low, gain.high), target=0.0,
                   peer=name, peer_value=float(found[name].mean()))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    parser.add_argument("--trials", type=int, default=8, help="draws for each model, >= 1")
    parser.add_argument("--seeds", type=int, default=1, help="how many splits are tested, 1 to 5")
    parser.add_argument("--peer-python", type=Path, help="a ready environment of the peers")
    parser.add_argument("--models", help="a part of the models, with commas")
    given = parser.parse_args()
    skip_unless(given.data / SOURCE)
    python = given.peer_python or made()
    installed = versions(python)
    progress(f"peers: {installed}")
    spaces = {name: space for name, space in {**OURS, **SMALL, **OTHERS}.items()
              if name not in OTHERS or name.split()[0] in installed}  # fmt: skip
    if given.models:
        spaces = {name: spaces[name] for name in given.models.split(",")}
    data = read_hetrec(given.data / SOURCE)
    validation, _ = parts_of(data, SEEDS[0])
    picks = {name: chosen(name, space, given.trials, validation, python)
             for name, space in spaces.items()}  # fmt: skip
    found: dict[str, list[FloatVector]] = {name: [] for name in spaces}
    for seed in SEEDS[: given.seeds]:
        _, test = parts_of(data, seed)
        for name, (_, params) in picks.items():
            found[name] += values_of(name, [params], test, seed, python)
    mine = [name for name in picks if name in OURS]
    best = max(mine, key=lambda name: picks[name][0]) if mine else ""
    report({name: np.concatenate(values) for name, values in found.items()}, best)


if __name__ == "__main__":
    main()
