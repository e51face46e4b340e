"""The only place that picks adapters: settings in, a whole application out."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from segue.jobs.progress import JobProgress
from segue.jobs.queue import JobQueue
from segue.services.accounts import AccountService
from segue.services.analysis import AnalysisService
from segue.services.blends import BlendService
from segue.services.deletion import JOB as FORGET
from segue.services.deletion import DeletionService
from segue.services.demo import DemoService
from segue.services.evaluating import EvaluationService
from segue.services.export import ExportService
from segue.services.history import HistoryService
from segue.services.importing.history import HistoryImport
from segue.services.importing.review import DoubtReview
from segue.services.importing.service import JOB_KIND, ImportService
from segue.services.importing.uploads import Uploads
from segue.services.job_list import JobService
from segue.services.library import LibraryService
from segue.services.like_minded import LikeMindedService
from segue.services.likeness import LikenessService
from segue.services.maps import MapService
from segue.services.own_words import OwnWordsService
from segue.services.peaks import PeakService
from segue.services.playlists import PlaylistService
from segue.services.quiz import QuizService
from segue.services.radio import RadioService
from segue.services.recommend import RecommendService
from segue.services.retraining import RetrainAfter, RetrainNightly
from segue.services.scheduled import ScheduledLists
from segue.services.serving import ModelServer, Profiles
from segue.services.training import TrainingService
from segue.services.tuning import TuningService
from segue.services.words import WordService
from segue.settings import Settings
from segue.store.accounts import Accounts
from segue.store.analyses import Analyses
from segue.store.blends import Blends
from segue.store.catalog import Catalog
from segue.store.consents import Consents
from segue.store.engine import Database
from segue.store.history import History
from segue.store.import_doubts import ImportDoubts
from segue.store.import_names import ImportNames
from segue.store.import_runs import ImportRuns
from segue.store.jobs import JobTable
from segue.store.kept_lists import KeptLists
from segue.store.leaving import Leaving
from segue.store.lyrics import Lyrics
from segue.store.models import ModelVersions
from segue.store.own_data import OwnData
from segue.store.own_words import OwnWordsStore
from segue.store.playlists import Playlists
from segue.store.radio_sessions import RadioSessions
from segue.store.schema import Purpose
from segue.store.statistics import Statistics

Clock = Callable[[], float]
LISTEN_FOR_S = 600.0


@dataclass(frozen=True, slots=True)
class App:
    """One running Segue: its settings, its store and its services."""

    settings: Settings
    database: Database
    catalog: Catalog
    accounts: AccountService
    library: LibraryService
    history: HistoryService
    recommend: RecommendService
    like_minded: LikeMindedService
    blends: BlendService
    quiz: QuizService
    radio: RadioService
    training: TrainingService
    evaluation: EvaluationService
    tuning: TuningService
    jobs: JobService
    queue: JobQueue
    models: ModelServer
    demo: DemoService
    imports: ImportService
    doubts: DoubtReview
    analysis: AnalysisService
    own_words: OwnWordsService
    maps: MapService
    likeness: LikenessService
    playlists: PlaylistService
    own: "OwnServices"
    player: "PlayerServices"

    def close(self) -> None:
        """Write what is queued and let go of the files."""
        self.database.close()


def build_app(settings: Settings, clock: Clock = time.time, purpose: Purpose = "library") -> App:
    """Wire one application on the embedded store (SQLite, in-process everything).

    Args:
        settings: See :mod:`segue.settings`.
        clock: Unix time (s).
        purpose: "test" opens only databases that carry the test marker.
    """
    database = _database(settings, purpose)
    catalog, history, job_table = Catalog(database), History(database), JobTable(database)
    accounts = AccountService(Accounts(database), settings, clock)
    library = LibraryService(catalog, settings.covers_dir, settings.scan_workers, clock)
    training = _training(settings, database, catalog, history, clock)
    models = ModelServer(settings.models_dir, catalog)
    history_service = HistoryService(history, catalog, clock)
    lists = _lists(settings, database, catalog, history, history_service, models, clock)
    queue = JobQueue(job_table, settings.jobs_path, clock)
    demo = DemoService(library, catalog, history, accounts, clock)
    analysis = AnalysisService(Analyses(database), settings.analysis_workers, clock)
    _register_jobs(queue, library, training, demo, analysis, settings, clock)
    history_service.on_stored = RetrainAfter(settings.retrain_after_events, queue)
    return App(
        settings=settings, database=database, catalog=catalog, accounts=accounts, library=library,
        history=history_service,
        recommend=lists.recommend,
        like_minded=lists.like_minded,
        blends=lists.blends,
        quiz=lists.quiz,
        radio=lists.radio,
        training=training,
        evaluation=EvaluationService(training),
        tuning=TuningService(training, settings.data_dir / "tuning"),
        jobs=JobService(queue, job_table, clock),
        queue=queue,
        models=models,
        demo=demo,
        imports=_imports(settings, database, catalog, history, queue, clock),
        doubts=DoubtReview(ImportDoubts(database), catalog, history, clock),
        analysis=analysis,
        own_words=lists.own_words,
        maps=MapService(models, lists.profiles),
        likeness=LikenessService(lists.recommend, catalog),
        playlists=PlaylistService(Playlists(database), clock),
        own=_own(database, history, lists, models, training, queue, clock),
        player=PlayerServices.of(database, library, clock),
    )  # fmt: skip


def _database(settings: Settings, purpose: Purpose) -> Database:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(settings.database_path, purpose=purpose)


class PlayerServices(NamedTuple):
    """What only the web player shows of a track."""

    lyrics: Lyrics
    peaks: PeakService

    @classmethod
    def of(cls, database: Database, library: LibraryService, clock: Clock) -> "PlayerServices":
        """Both on one database."""
        return cls(Lyrics(database), PeakService(library, Analyses(database), clock))


class OwnServices(NamedTuple):
    """What a listener does with what is theirs."""

    export: ExportService
    deletion: DeletionService


def _own(
    database: Database,
    history: History,
    lists: "_Lists",
    models: ModelServer,
    training: TrainingService,
    queue: JobQueue,
    clock: Clock,
) -> OwnServices:
    export = ExportService(
        OwnData(database), Accounts(database), OwnWordsStore(database), Playlists(database),
        history, Statistics(database), lists.profiles, models, clock,
    )  # fmt: skip
    return OwnServices(export, _deletion(database, training, queue, lists, clock))


def _deletion(
    database: Database, training: TrainingService, queue: JobQueue, lists: "_Lists", clock: Clock
) -> DeletionService:
    caches = (lists.recommend.forget, lists.own_words.forget)
    deletion = DeletionService(Leaving(database), database, training, queue, caches, clock)

    def forget(_params: Mapping[str, Any], progress: JobProgress) -> None:
        deletion.forget(progress)

    queue.register(FORGET, forget)
    queue.every_minute(FORGET, deletion.look_after)
    return deletion


def _training(
    settings: Settings, database: Database, catalog: Catalog, history: History, clock: Clock
) -> TrainingService:
    analyses = Analyses(database)
    words = WordService(Lyrics(database), analyses, clock=clock)
    return TrainingService(
        catalog, history, analyses, ModelVersions(database), settings.models_dir, words, clock
    )


def _imports(
    settings: Settings,
    database: Database,
    catalog: Catalog,
    history: History,
    queue: JobQueue,
    clock: Clock,
) -> ImportService:
    importing = HistoryImport(
        catalog, history, Playlists(database), ImportDoubts(database), ImportNames(database), clock
    )
    uploads = Uploads(settings.uploads_dir, settings.import_max_gb * 10**9, clock)

    def train(_n_stored: int) -> None:
        queue.submit("train")

    imports = ImportService(
        ImportRuns(database), importing, uploads, JobTable(database), queue.submit, train, clock
    )

    def run(params: Mapping[str, Any], progress: JobProgress) -> None:
        imports.run(params["import"], progress, progress.job_id)

    queue.register(JOB_KIND, run)
    return imports


class _Lists(NamedTuple):
    profiles: Profiles
    recommend: RecommendService
    like_minded: LikeMindedService
    blends: BlendService
    quiz: QuizService
    radio: RadioService
    own_words: OwnWordsService


def _lists(
    settings: Settings,
    database: Database,
    catalog: Catalog,
    history: History,
    history_service: HistoryService,
    models: ModelServer,
    clock: Clock,
) -> _Lists:
    """The services that make lists."""
    profiles = Profiles(history, clock)
    like_minded = LikeMindedService(Consents(database), profiles, clock)
    scheduled = ScheduledLists(KeptLists(database), settings.discover_repeat_weeks)
    own_words = OwnWordsService(OwnWordsStore(database), clock)
    recommend = RecommendService(
        models, profiles, catalog, history, JobTable(database), scheduled, like_minded, own_words,
        clock,
    )  # fmt: skip
    return _Lists(
        profiles,
        recommend,
        like_minded,
        BlendService(Blends(database), Accounts(database), recommend, clock),
        QuizService(recommend, history_service, clock),
        RadioService(RadioSessions(database), history, recommend, clock),
        own_words,
    )


def _register_jobs(
    queue: JobQueue,
    library: LibraryService,
    training: TrainingService,
    demo: DemoService,
    analysis: AnalysisService,
    settings: Settings,
    clock: Clock,
) -> None:
    def scan(params: Mapping[str, Any], progress: JobProgress) -> None:
        report = library.scan(Path(params["folder"]), progress)
        if report.added or report.changed or report.moved or report.gone:
            queue.submit("train")
            if settings.analyse_after_scan:
                queue.submit("analyse")

    def analyse(_params: Mapping[str, Any], progress: JobProgress) -> None:
        report = analysis.run(progress, within_s=LISTEN_FOR_S)
        if report.heard:
            queue.submit("train")
        if report.left and not progress.should_stop():
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
    nightly = RetrainNightly(settings.retrain_at_hour, training, queue, clock)
    queue.every_minute("retrain", nightly)
