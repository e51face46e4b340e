"""What brings music and the past in from elsewhere: imports and catalogues."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from segue.bootstrap.ground import Ground
from segue.jobs.progress import JobProgress
from segue.services.accounts import AccountService
from segue.services.catalogue_jobs import register_catalogue_job
from segue.services.catalogue_playlists import PlaylistKeeper, keeper_of
from segue.services.catalogues import CatalogueService
from segue.services.importing.history import HistoryImport
from segue.services.importing.review import DoubtReview
from segue.services.importing.self_said import SelfSaid
from segue.services.importing.service import JOB_KIND, ImportService
from segue.services.importing.uploads import Uploads
from segue.services.own_words import OwnWordsService
from segue.services.smart_playlists import SmartPlaylistService
from segue.store.accounts import Accounts
from segue.store.catalogue_rows import CatalogueRows
from segue.store.import_doubts import ImportDoubts
from segue.store.import_names import ImportNames
from segue.store.import_runs import ImportRuns
from segue.store.own_words import OwnWordsStore
from segue.store.playlists import Playlists
from segue.store.smart_playlists import SmartPlaylists


class Bringing(NamedTuple):
    """The services of imports."""

    imports: ImportService
    doubts: DoubtReview
    catalogues: CatalogueService


def bringing(ground: Ground, accounts: AccountService) -> Bringing:
    """The services of imports, their jobs registered."""
    doubts = DoubtReview(
        ImportDoubts(ground.database), ground.catalog, ground.history, ground.clock
    )  # fmt: skip
    return Bringing(_imports(ground), doubts, _catalogues(ground, accounts))


def _imports(ground: Ground) -> ImportService:
    settings, database, queue = ground.settings, ground.database, ground.queue
    importing = HistoryImport(
        ground.catalog, ground.history, Playlists(database), ImportDoubts(database),
        ImportNames(database),
        SmartPlaylistService(SmartPlaylists(database), Playlists(database), ground.clock),
        SelfSaid(Accounts(database), ground.zones,
                 OwnWordsService(OwnWordsStore(database), ground.clock)),
        ground.clock,
    )  # fmt: skip
    uploads = Uploads(settings.uploads_dir, settings.import_max_gb * 10**9, ground.clock)

    def train(_n_stored: int) -> None:
        queue.submit("train")

    imports = ImportService(
        ImportRuns(database), importing, uploads, ground.job_table, queue.submit, train,
        ground.clock,
    )  # fmt: skip

    def run(params: Mapping[str, Any], progress: JobProgress) -> None:
        imports.run(params["import"], progress, progress.job_id)

    queue.register(JOB_KIND, run)
    return imports


def _catalogues(ground: Ground, accounts: AccountService) -> CatalogueService:
    database = ground.database

    def keeper(mode: str, account_id: str) -> PlaylistKeeper:
        playlists = Playlists(database)
        return keeper_of(mode, account_id, playlists, accounts, ground.history, ground.clock)

    catalogues = CatalogueService(ground.catalog, CatalogueRows(database), keeper, ground.clock)
    register_catalogue_job(ground.queue, catalogues, ground.settings.data_dir)
    return catalogues
