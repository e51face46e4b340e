"""Long work on the library, as jobs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segue.bootstrap.ground import Ground
from segue.jobs.progress import JobProgress
from segue.services.analysis import AnalysisService
from segue.services.demo import DemoService
from segue.services.library import LibraryService
from segue.services.recordings import FINGERPRINTS, RecordingService
from segue.services.retraining import RetrainNightly
from segue.services.training import TrainingService
from segue.services.words import WordService
from segue.store.analyses import Analyses
from segue.store.lyrics import Lyrics
from segue.store.models import ModelVersions
from segue.store.recordings import Recordings

LISTEN_FOR_S = 600.0


def training_of(ground: Ground) -> TrainingService:
    """The service that learns from everything there is."""
    analyses = Analyses(ground.database)
    words = WordService(Lyrics(ground.database), analyses, clock=ground.clock)
    return TrainingService(
        ground.catalog, ground.history, analyses, ModelVersions(ground.database),
        ground.settings.models_dir, words, ground.clock, ground.zones.of_all,
        Recordings(ground.database),
    )  # fmt: skip


def recordings_of(ground: Ground) -> RecordingService:
    """The service that finds versions of one recording."""
    listening = AnalysisService(
        Analyses(ground.database), ground.settings.analysis_workers, ground.clock,
        task=FINGERPRINTS,
    )  # fmt: skip
    return RecordingService(listening, Recordings(ground.database))


def register_work(
    ground: Ground,
    library: LibraryService,
    training: TrainingService,
    demo: DemoService,
    analysis: AnalysisService,
    recordings: RecordingService,
) -> None:
    """The jobs of scanning, listening, training and composing, and what is due at night."""
    settings, queue = ground.settings, ground.queue

    def scan(params: Mapping[str, Any], progress: JobProgress) -> None:
        report = library.scan(Path(params["folder"]), progress)
        if report.added or report.changed or report.moved or report.gone:
            queue.submit("train")
            if settings.analyse_after_scan:
                queue.submit("analyse")

    def analyse(_params: Mapping[str, Any], progress: JobProgress) -> None:
        report = analysis.run(progress, within_s=LISTEN_FOR_S)
        left, news = report.left, report.heard > 0
        if not left:  # how tracks sound comes first: more depends on it
            left = recordings.run(progress, within_s=LISTEN_FOR_S).left
            news |= recordings.has_changed
        if news:
            queue.submit("train")
        if left and not progress.should_stop():
            queue.submit("analyse")  # behind whatever waits: a scan is not kept for hours

    def train(_params: Mapping[str, Any], progress: JobProgress) -> None:
        training.train(progress)

    def compose(_params: Mapping[str, Any], progress: JobProgress) -> None:
        folder = settings.data_dir / "demo-library"
        demo.build(folder, progress, workers=settings.scan_workers, can_sign_in=False)
        queue.submit("train")
        if settings.analyse_after_scan:
            queue.submit("analyse")

    queue.register("analyse", analyse)
    queue.register("demo", compose)
    queue.register("scan", scan)
    queue.register("train", train)
    nightly = RetrainNightly(settings.retrain_at_hour, training, queue, ground.clock)
    queue.every_minute("retrain", nightly)
