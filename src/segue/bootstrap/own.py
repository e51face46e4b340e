"""What a listener does with what is theirs: look at it, take it away, or have it deleted."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from segue.bootstrap.bringing import Bringing
from segue.bootstrap.ground import Ground
from segue.bootstrap.lists import Lists
from segue.jobs.progress import JobProgress
from segue.services.accounts import AccountService
from segue.services.app_passwords import AppPasswordService
from segue.services.deletion import JOB as FORGET
from segue.services.deletion import DeletionService
from segue.services.export import ExportService
from segue.services.folders import MusicFolders
from segue.services.playlist_files import PlaylistFiles
from segue.services.serving import ModelServer
from segue.services.smart_playlists import SmartPlaylistService
from segue.services.statistics import StatisticsService
from segue.services.training import TrainingService
from segue.services.zones import Zones
from segue.store.accounts import Accounts
from segue.store.app_tokens import AppTokens
from segue.store.leaving import Leaving
from segue.store.own_data import OwnData
from segue.store.own_words import OwnWordsStore
from segue.store.playlists import Playlists
from segue.store.smart_playlists import SmartPlaylists
from segue.store.statistics import Statistics


class OwnServices(NamedTuple):
    """What a listener does with what is theirs."""

    data: OwnData
    export: ExportService
    deletion: DeletionService
    statistics: StatisticsService
    app_passwords: AppPasswordService
    smart_playlists: SmartPlaylistService
    playlist_files: PlaylistFiles
    zones: Zones


def own_services(
    ground: Ground,
    accounts: AccountService,
    lists: Lists,
    brought: Bringing,
    models: ModelServer,
    training: TrainingService,
) -> OwnServices:
    """These services, the job of deletion registered; app passwords sign in from now on."""
    database = ground.database
    data = OwnData(database)
    playlists = Playlists(database)
    smart = SmartPlaylistService(SmartPlaylists(database), playlists, ground.clock)
    folders = MusicFolders(ground.settings.data_dir, ground.settings.music_dirs)
    files = PlaylistFiles(playlists, smart, data, ground.catalog, folders.all)
    export = ExportService(
        data, Accounts(database), OwnWordsStore(database), playlists,
        ground.history, Statistics(database), lists.profiles, models, smart, ground.clock,
    )  # fmt: skip
    statistics = StatisticsService(
        Statistics(database), ground.history, ground.zones.of, ground.clock
    )
    caches = (lists.recommend.forget, lists.own_words.forget, brought.imports.forget_strays,
              statistics.forget)  # fmt: skip
    deletion = DeletionService(
        Leaving(database), database, training, ground.queue, caches, ground.clock
    )  # fmt: skip

    def forget(_params: Mapping[str, Any], progress: JobProgress) -> None:
        deletion.forget(progress)

    ground.queue.register(FORGET, forget)
    ground.queue.every_minute(FORGET, deletion.look_after)
    app_passwords = AppPasswordService(AppTokens(database), Accounts(database), ground.clock)
    accounts.of_app_password = app_passwords.caller_of
    return OwnServices(
        data, export, deletion, statistics, app_passwords, smart, files, ground.zones
    )
