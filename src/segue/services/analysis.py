"""Listening to the library: which files, in which order, at what pace, and what came of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from segue.audio.pool import listen_to_many
from segue.audio.vector import FEATURE_INDEX, FEATURES_VERSION
from segue.audio.worker import Ask, Heard
from segue.log import get_logger
from segue.services.durations import about
from segue.services.library import Progress
from segue.store.analyses import Analyses, Analysis, AnalysisCounts, Unheard

KIND = "sound"
SAVE_EVERY = 20  # files: what is lost when the machine stops
MAX_WARNINGS = 100

_log = get_logger("analysis")


class Task(NamedTuple):
    """What is listened for, under which kind and version it is kept, and in which words."""

    kind: str
    version: int
    what: Literal["sound", "fingerprint"]
    words: str


SOUND = Task(KIND, FEATURES_VERSION, "sound", "We are listening to your music")
Listen = Callable[[Sequence[Ask], int, Callable[[], bool]], Iterator[Heard]]


class AnalysisReport(Struct, frozen=True, kw_only=True):
    """What one run heard; ``tracks_per_hour`` is of wall time."""

    heard: int
    problems: int
    left: int
    duration_s: float
    tracks_per_hour: float
    warnings: tuple[str, ...] = ()


class AnalysisService:
    """Listen to what was not heard yet.

    Args:
        analyses: Where it is kept.
        workers: Processes that listen, each of one thread and low priority.
        clock: Unix time (s).
        timer: Seconds that only grow.
        listen: The pool; tests may put another one here.
        task: What is listened for.
    """

    def __init__(
        self,
        analyses: Analyses,
        workers: int,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        listen: Listen = listen_to_many,
        task: Task = SOUND,
    ) -> None:
        self._task = task
        self._analyses = analyses
        self._workers = workers
        self._clock = clock
        self._timer = timer
        self._listen = listen

    def run(
        self,
        progress: Progress,
        *,
        full: bool = False,
        again: bool = False,
        within_s: float | None = None,
    ) -> AnalysisReport:
        """Listen to every file that was not heard in this version, most played and newest first.

        Each batch is durable, so an interrupted run goes on where it stopped.

        Args:
            progress: Told in words how far it is.
            full: Listen to all of each file, not to windows of it.
            again: Listen to every file, those that were heard or could not be, too; stopped, it
                begins anew.
            within_s: Stop after so long, so that other jobs have their turn; None goes on.

        Raises:
            JobCancelledError: Somebody asked to stop; what was heard stays.
        """
        started, task = self._timer(), self._task
        unheard = self._analyses.unheard(task.kind, task.version, again=again)
        waiting = {one.path: one for one in unheard}
        total, done = len(waiting), 0
        progress.report(0, total, unit="tracks", message=_message(task, 0, total, 0.0))
        batch: list[Analysis] = []
        warnings: list[str] = []
        n_problems = 0
        asks = [Ask(path, full, task.what) for path in waiting]

        def stop() -> bool:
            late = within_s is not None and self._timer() - started > within_s
            return late or progress.should_stop()

        try:
            for answer in self._listen(asks, self._workers, stop):
                batch.append(self._analysis(waiting[answer.path], answer))
                done += 1
                if answer.problem is not None:
                    n_problems += 1
                    warnings.append(f"{answer.path}: {answer.problem}")
                if len(batch) >= SAVE_EVERY:
                    self._save(batch)
                elapsed_s = self._timer() - started
                progress.report(
                    done, total, unit="tracks", message=_message(task, done, total, elapsed_s)
                )
        finally:
            self._save(batch)
        self._analyses.forget_older(task.kind, task.version)
        return _report(done, total - done, n_problems, self._timer() - started, warnings)

    def counts(self) -> AnalysisCounts:
        """How far the listening is."""
        return self._analyses.counts(self._task.kind, self._task.version)

    def _analysis(self, file: Unheard, answer: Heard) -> Analysis:
        return Analysis(
            track_id=file.track_id,
            heard=file.heard,
            analysed_at=self._clock(),
            problem=answer.problem,
            vector=answer.vector,
            sketch=answer.sketch,
            key=answer.key,
            tempo_bpm=answer.tempo_bpm,
        )

    def _save(self, batch: list[Analysis]) -> None:
        self._analyses.save(self._task.kind, self._task.version, batch)
        batch.clear()


def sound_columns() -> dict[str, int]:
    """Where named features stand in a vector of kind "sound"."""
    return dict(FEATURE_INDEX)


def _message(task: Task, done: int, total: int, elapsed_s: float) -> str:
    """In words: how far, and how long still."""
    text = f"{task.words}: {done:,} of {total:,}"
    if done and elapsed_s > 0:
        left_s = (total - done) * elapsed_s / done
        text += f", {about(left_s)} left" if done < total else ""
    return text


def _report(
    done: int, left: int, n_problems: int, duration_s: float, warnings: Sequence[str]
) -> AnalysisReport:
    report = AnalysisReport(
        heard=done - n_problems,
        problems=n_problems,
        left=left,
        duration_s=round(duration_s, 3),
        tracks_per_hour=round(3600 * done / max(duration_s, 1e-9), 1),
        warnings=tuple(warnings[:MAX_WARNINGS]),
    )
    _log.info("listened", heard=report.heard, problems=report.problems)
    return report
