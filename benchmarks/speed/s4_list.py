"""S4: one personal list of 50 with its reasons, in process, for 50 different listeners in turn.

"first list" finds nothing kept of the listener, as after an event. "filtered list" is another one
of the same listener with another filter: the scores of the sources are kept, the ranking is made
anew. "next list" only orders otherwise (the variety control differs): the ranking of a moment ago
is kept too. All are the whole service path with its reads of the store; "pipeline" is what the
stages of the pipeline say they took. "cpu" is the processor time of the process for one list on
average, which says more where others use the machine too. Linear algebra runs in one thread, as in
`segue serve`.
"""

import itertools
import time
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.lines import figure, progress
from benchmarks.speed.prepared import options, prepared
from segue.data.query import Controls
from segue.services.recommend import RecommendService
from segue.store.accounts import Account

LENGTH, N_RUNS = 50, 3
TARGETS_MS = {100_000: {"p50": 2.0, "p99": 20.0}, 1_000_000: {"p50": 5.0, "p99": 20.0}}
VARIANT = itertools.count(1)  # every list is asked for with a control that differs a little
KINDS = ("first", "filtered", "next")
PERCENTILES = {"p50": 50, "p95": 95, "p99": 99}


class Run(NamedTuple):
    """Milliseconds of each list, of the stages of its pipeline, and of the processor for each."""

    whole: list[float]
    pipeline: list[float]
    cpu: float


def one_run(recommend: RecommendService, asking: list[Account], n: int, kind: str) -> Run:
    """``n`` lists of different listeners in turn, of one of :data:`KINDS`."""
    whole: list[float] = []
    pipeline: list[float] = []
    if kind != "first":  # the run before may have left nothing kept
        for who in asking:
            recommend.list(who.id, "for_you", LENGTH)
    cpu = time.process_time()
    for number in range(n):
        little = 1e-6 * next(VARIANT)
        controls = Controls(variety=0.3 + little)
        if kind == "filtered":
            controls = Controls(min_duration_s=30.0 + little)
        if kind == "first":
            recommend.forget_scores()
        start = time.perf_counter()
        view = recommend.list(asking[number % len(asking)].id, "for_you", LENGTH, (), controls)
        whole.append(1e3 * (time.perf_counter() - start))
        pipeline.append(sum(stage.duration_ms for stage in view.stages))
    return Run(whole, pipeline, 1e3 * (time.process_time() - cpu) / n)


def main(argv: list[str] | None = None) -> None:
    """The run with the lowest median of three is reported: others use the machine too."""
    given = options(__doc__, argv, lists=500)
    with prepared(given) as (app, asking), threadpool_limits(limits=1, user_api="blas"):
        for who in asking:
            app.recommend.list(who.id, "for_you", LENGTH)
        runs = {
            kind: [one_run(app.recommend, asking, given.lists, kind) for _ in range(N_RUNS)]
            for kind in KINDS
        }
    for name, found in runs.items():
        _tell(name, found, given.tracks)


def _tell(name: str, runs: list[Run], n_tracks: int) -> None:
    medians = [round(float(np.median(run.whole)), 2) for run in runs]
    progress(f"{name}: medians of {N_RUNS} runs: {medians} ms")
    best = runs[int(np.argmin(medians))]
    targets = TARGETS_MS.get(n_tracks, {})
    data, n = f"synthetic {n_tracks} tracks", len(best.whole)
    for what, times in (("list", best.whole), ("pipeline", best.pipeline)):
        for measure, percentile in PERCENTILES.items():
            target = targets.get(measure) if what == "list" else None
            figure("S4", f"{name} {what} {measure}", float(np.percentile(times, percentile)), "ms",
                   data=data, n=n, target=target, better="lower")  # fmt: skip
    figure("S4", f"{name} list cpu", min(run.cpu for run in runs), "ms", data=data, n=n)


if __name__ == "__main__":
    main()
