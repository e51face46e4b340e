"""What a listener does with what is theirs: take it away, or have it deleted."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from segue.bootstrap.bringing import Bringing
from segue.bootstrap.ground import Ground
from segue.bootstrap.lists import Lists
from segue.jobs.progress import JobProgress
from segue.services.deletion import JOB as FORGET
from segue.services.deletion import DeletionService
from segue.services.export import ExportService
from segue.services.serving import ModelServer
from segue.services.training import TrainingService
from segue.store.accounts import Accounts
from segue.store.leaving import Leaving
from segue.store.own_data import OwnData
from segue.store.own_words import OwnWordsStore
from segue.store.playlists import Playlists
from segue.store.statistics import Statistics


class OwnServices(NamedTuple):
    """What a listener does with what is theirs."""

    export: ExportService
    deletion: DeletionService


def own_services(
    ground: Ground, lists: Lists, brought: Bringing, models: ModelServer, training: TrainingService
) -> OwnServices:
    """Export and deletion, its job registered."""
    database = ground.database
    export = ExportService(
        OwnData(database), Accounts(database), OwnWordsStore(database), Playlists(database),
        ground.history, Statistics(database), lists.profiles, models, ground.clock,
    )  # fmt: skip
    caches = (lists.recommend.forget, lists.own_words.forget, brought.imports.forget_strays)
    deletion = DeletionService(
        Leaving(database), database, training, ground.queue, caches, ground.clock
    )  # fmt: skip

    def forget(_params: Mapping[str, Any], progress: JobProgress) -> None:
        deletion.forget(progress)

    ground.queue.register(FORGET, forget)
    ground.queue.every_minute(FORGET, deletion.look_after)
    return OwnServices(export, deletion)
