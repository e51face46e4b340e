"""One application, wired."""

import time
from dataclasses import dataclass

from segue.bootstrap.bringing import bringing
from segue.bootstrap.ground import Clock, ground_of
from segue.bootstrap.lists import lists_of
from segue.bootstrap.looking_after import AdminServices, admin_services
from segue.bootstrap.nearness import nearness_of
from segue.bootstrap.own import OwnServices, own_services
from segue.bootstrap.player import PlayerServices, player_services
from segue.bootstrap.work import recordings_of, register_work, training_of
from segue.jobs.queue import JobQueue
from segue.services.accounts import AccountService
from segue.services.analysis import AnalysisService
from segue.services.blends import BlendService
from segue.services.catalogues import CatalogueService
from segue.services.demo import DemoService
from segue.services.evaluating import EvaluationService
from segue.services.features_out import FeatureExport
from segue.services.fetching import FetchService
from segue.services.folders import MusicFolders
from segue.services.history import HistoryService
from segue.services.importing.review import DoubtReview
from segue.services.importing.service import ImportService
from segue.services.job_list import JobService
from segue.services.library import LibraryService
from segue.services.like_minded import LikeMindedService
from segue.services.likeness import LikenessService
from segue.services.maps import MapService
from segue.services.own_words import OwnWordsService
from segue.services.playlists import PlaylistService
from segue.services.quiz import QuizService
from segue.services.radio import RadioService
from segue.services.recommend import RecommendService
from segue.services.recordings import RecordingService
from segue.services.retraining import RetrainAfter
from segue.services.serving import ModelServer
from segue.services.training import TrainingService
from segue.services.tuning import TuningService
from segue.settings import Settings
from segue.store.accounts import Accounts
from segue.store.analyses import Analyses
from segue.store.catalog import Catalog
from segue.store.engine import Database
from segue.store.playlists import Playlists
from segue.store.schema import Purpose


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
    recordings: RecordingService
    own_words: OwnWordsService
    maps: MapService
    likeness: LikenessService
    playlists: PlaylistService
    own: OwnServices
    player: PlayerServices
    catalogues: CatalogueService
    admin: AdminServices

    @property
    def features(self) -> FeatureExport:
        """What is known of how tracks sound, for others."""
        return FeatureExport(self.catalog, Analyses(self.database))

    @property
    def fetch(self) -> FetchService:
        """What asks other services, where that is allowed."""
        return FetchService(self.settings, self.catalogues)

    @property
    def folders(self) -> MusicFolders:
        """Where the music is."""
        return MusicFolders(self.settings.data_dir, self.settings.music_dirs)

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
    ground = ground_of(settings, clock, purpose)
    database, catalog, history, queue = (
        ground.database, ground.catalog, ground.history, ground.queue
    )  # fmt: skip
    accounts = AccountService(Accounts(database), settings, clock)
    library = LibraryService(catalog, settings.covers_dir, settings.scan_workers, clock)
    training = training_of(ground)
    evaluation = EvaluationService(training)
    models = ModelServer(settings.models_dir, catalog, nearness=nearness_of(settings))
    models.take_back = training.rollback
    history_service = HistoryService(history, catalog, clock)
    lists = lists_of(ground, history_service, models)
    demo = DemoService(library, catalog, history, accounts, clock)
    analysis = AnalysisService(Analyses(database), settings.analysis_workers, clock)
    recordings = recordings_of(ground)
    register_work(ground, library, training, demo, analysis, recordings)
    history_service.on_stored = RetrainAfter(settings.retrain_after_events, queue)
    brought = bringing(ground, accounts)
    own = own_services(ground, accounts, lists, brought, models, training)
    return App(
        **lists.shown(),
        **brought._asdict(),
        settings=settings, database=database, catalog=catalog, accounts=accounts, library=library,
        history=history_service, training=training, evaluation=evaluation,
        tuning=TuningService(training, settings.data_dir / "tuning"),
        jobs=JobService(queue, ground.job_table, clock), queue=queue, models=models, demo=demo,
        analysis=analysis, recordings=recordings, maps=MapService(models, lists.profiles),
        likeness=LikenessService(lists.recommend, catalog),
        playlists=PlaylistService(Playlists(database), clock),
        own=own,
        player=player_services(ground, library),
        admin=admin_services(ground, evaluation, accounts, own.deletion),
    )  # fmt: skip
