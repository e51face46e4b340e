"""Q4: NDCG@10 on HetRec Last.fm of our models, of other libraries and of small recommenders.

The splits, the masks and the ranking of Q1. Each model gets the same number of random draws from
its space (search_space.py); the draw best on the validation part of the first split is tested, once
a split. Every figure keeps one value a listener, so that differences have paired intervals. Other
libraries run in an environment of their own and answer with lists. Our fusion has no draws: it
takes the members as chosen, and weights found on the same validation part. ``--kept FOLDER`` keeps
what was measured, so that a run that was stopped goes on; empty it when the code changes.
"""

import argparse
import hashlib
import json
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
    by_model,
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
from segue.evaluation.fusion_weights import search_weights
from segue.evaluation.harness import count_relevant, rank_batch
from segue.evaluation.intervals import mean_bootstrap, paired_bootstrap
from segue.evaluation.metrics import RankedMatrix
from segue.models.base import create
from segue.models.fusion import Fusion
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatVector

SCRIPT = Path(__file__).parents[1] / "peers" / "recommenders.py"
FUSED = ("collective", "als", "item_knn", "rp3beta")
Params = Mapping[str, Any]


class Run(NamedTuple):
    """Python of the peers (None without them), their threads, and where values are kept."""

    python: Path | None
    n_threads: int
    kept: Path


class Part(NamedTuple):
    """What is learnt from, what is left out of the lists, and what is asked for."""

    label: str
    learnt: Dataset
    train: CsrMatrix
    known: CsrMatrix
    held_out: CsrMatrix


def parts_of(data: HetRec, seed: int) -> tuple[Part, Part]:
    """For validation and for the test: both learn from the training part alone."""
    train, validation, test = split_of(data, seed)
    learnt = dataset_of(train, tags_without(validation + test, data))
    both = sparse.csr_matrix(train + validation)
    return (Part(f"validation {seed}", learnt, train, train, validation),
            Part(f"test {seed}", learnt, train, both, test))  # fmt: skip


def ndcg_of(lists: RankedMatrix, held_out: CsrMatrix) -> FloatVector:
    """One value a listener with something held out, ascending, as ``ndcg_at_10`` gives."""
    n_relevant = count_relevant(held_out)
    asked = np.flatnonzero(n_relevant)
    return metrics.ndcg(metrics.hits_of(lists[asked], held_out[asked]), n_relevant[asked], 10)


def values_of(
    name: str, trials: Sequence[Params], part: Part, seed: int, run: Run
) -> list[FloatVector]:
    """NDCG@10 of each listener, for each of the trials; those kept are not measured again."""
    paths = [kept_as(run.kept, name, params, part.label) for params in trials]
    missing = [at for at, path in enumerate(paths) if not path.is_file()]
    found = measured(name, [trials[at] for at in missing], part, seed, run) if missing else []
    for at, values in zip(missing, found, strict=True):
        np.save(paths[at], values, allow_pickle=False)
    return [np.load(path, allow_pickle=False) for path in paths]


def kept_as(folder: Path, name: str, params: Params, label: str) -> Path:
    """Where the values of one trial on one part are kept."""
    asked = json.dumps([name, dict(sorted(params.items())), label])
    return folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:24]}.npy"


def measured(
    name: str, trials: Sequence[Params], part: Part, seed: int, run: Run
) -> list[FloatVector]:
    if name in OURS or name == "fusion":
        return [ours(name, params, part) for params in trials]
    if name in SMALL:
        return [small(name, params, part, seed) for params in trials]
    return [ndcg_of(lists, part.held_out) for lists in theirs(name, trials, part, seed, run)]


def ours(name: str, params: Params, part: Part) -> FloatVector:
    model = create(name, **params).fit(part.learnt)
    return ndcg_at_10(by_model(model, part.train), part.known, part.held_out)


def small(name: str, params: Params, part: Part, seed: int) -> FloatVector:
    scores = SCORES[name](part.train, params, derived_rng(seed, "q4", name))
    return ndcg_of(rank_batch(scores, 10, part.known), part.held_out)


def theirs(
    name: str, trials: Sequence[Params], part: Part, seed: int, run: Run
) -> list[RankedMatrix]:
    """The lists of another library, fitted in a process of its own."""
    assert run.python is not None  # others are only asked for where they are installed
    with tempfile.TemporaryDirectory() as folder:
        job: dict[str, Any] = {"peer": name, "params": list(trials), "seed": seed,
                               "shape": part.train.shape, "threads": run.n_threads}  # fmt: skip
        for what in ("train", "known"):
            matrix, path = getattr(part, what), Path(folder, f"{what}.npz")
            np.savez(path, indptr=matrix.indptr, indices=matrix.indices)
            job[what] = str(path)
        found = run_peer(run.python, SCRIPT, job, run.n_threads)["lists"]
    return [np.asarray(lists, np.int32) for lists in found]


def chosen(name: str, space: Space, n_trials: int, part: Part, run: Run) -> tuple[float, Params]:
    """The best mean NDCG@10 of the draws on the validation part, and its parameters."""
    rng, started = derived_rng(SEEDS[0], "q4", "trials", name), time.perf_counter()
    trials = [drawn(space, rng) for _ in range(n_trials)]
    means = [float(v.mean()) for v in values_of(name, trials, part, SEEDS[0], run)]
    best = int(np.argmax(means))
    progress(f"{name}: {[round(mean, 4) for mean in means]}, best {trials[best]}, "
             f"{time.perf_counter() - started:.0f} s")  # fmt: skip
    return means[best], trials[best]


def fused(picks: Mapping[str, tuple[float, Params]], part: Part) -> tuple[float, Params]:
    """The weights of the members with the best NDCG@10 on the part, and the fusion with them."""
    members = [{"model": name, "params": dict(picks[name][1])} for name in FUSED]
    asked = np.flatnonzero(count_relevant(part.held_out))
    scores = Fusion(members).fit(part.learnt).member_scores(part.train[asked])
    weights, value = search_weights(scores, part.known[asked], part.held_out[asked], 10)
    progress(f"fusion of {FUSED}: {value:.4f} with {np.round(weights, 3).tolist()}")
    return value, {"members": members, "weights": weights}


def report(found: Mapping[str, FloatVector], best: str) -> None:
    """Each model with its interval, then our best and EDLAE less each of the others.

    A target is met where the whole interval of a difference lies above zero.
    """
    for name, values in found.items():
        of = mean_bootstrap(values, derived_rng(0, "q4", name))
        figure("Q4", f"{name} ndcg@10", of.difference, "share", data=SOURCE, n=len(values),
               interval=(of.low, of.high))  # fmt: skip
    for mine in dict.fromkeys((best, "edlae")):
        for name in found:
            if name in OURS or name == "fusion" or mine not in found:
                continue
            gain = paired_bootstrap(found[mine], found[name], derived_rng(0, "q4", mine, name))
            figure("Q4", f"{mine} less {name}", gain.difference, "share", data=SOURCE,
                   n=len(found[mine]), interval=(gain.low, gain.high), target=0.0,
                   judged=gain.low)  # fmt: skip


def main() -> None:
    given = parsed()
    skip_unless(given.data / SOURCE)
    python = given.peer_python or made()
    installed = versions(python)
    progress(f"peers: {installed}")
    spaces = {name: space for name, space in {**OURS, **SMALL, **OTHERS}.items()
              if name not in OTHERS or name.split()[0] in installed}  # fmt: skip
    if given.models:
        spaces = {name: spaces[name] for name in given.models.split(",")}
    data = read_hetrec(given.data / SOURCE)
    with tempfile.TemporaryDirectory() as folder:
        kept: Path = given.kept or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        compete(spaces, data, given.trials, given.seeds, Run(python, given.threads, kept))


def compete(
    spaces: Mapping[str, Space], data: HetRec, n_trials: int, n_seeds: int, run: Run
) -> None:
    """Choose the parameters of each model, test them, and report."""
    validation, _ = parts_of(data, SEEDS[0])
    picks = {name: chosen(name, space, n_trials, validation, run)
             for name, space in spaces.items()}  # fmt: skip
    if set(FUSED) <= set(picks):
        picks["fusion"] = fused(picks, validation)
    found: dict[str, list[FloatVector]] = {name: [] for name in picks}
    for seed in SEEDS[:n_seeds]:
        _, test = parts_of(data, seed)
        for name, (_, params) in picks.items():
            found[name] += values_of(name, [params], test, seed, run)
    mine = [name for name in picks if name in OURS or name == "fusion"]
    best = max(mine, key=lambda name: picks[name][0]) if mine else ""
    report({name: np.concatenate(values) for name, values in found.items()}, best)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    parser.add_argument("--trials", type=int, default=8, help="draws for each model, >= 1")
    parser.add_argument("--seeds", type=int, default=1, help="how many splits are tested, 1 to 5")
    parser.add_argument("--peer-python", type=Path, help="a ready environment of the peers")
    parser.add_argument("--models", help="a part of the models, with commas")
    parser.add_argument("--kept", type=Path, help="folder of what was measured; else not kept")
    parser.add_argument("--threads", type=int, default=2, help="of the peers, >= 1")
    return parser.parse_args()


if __name__ == "__main__":
    main()
