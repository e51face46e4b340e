"""What all services stand on."""

from collections.abc import Callable
from dataclasses import dataclass

from segue.jobs.queue import JobQueue
from segue.services.zones import Zones
from segue.settings import Settings
from segue.store.accounts import Accounts
from segue.store.catalog import Catalog
from segue.store.engine import Database
from segue.store.history import History
from segue.store.jobs import JobTable
from segue.store.schema import Purpose

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Ground:
    """Settings, the store that everything shares, the queue, the clock (Unix s), and zones."""

    settings: Settings
    database: Database
    catalog: Catalog
    history: History
    job_table: JobTable
    queue: JobQueue
    clock: Clock
    zones: Zones


def ground_of(settings: Settings, clock: Clock, purpose: Purpose) -> Ground:
    """Open the embedded store (SQLite) and the queue beside it."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database_path, purpose=purpose)
    job_table = JobTable(database)
    queue = JobQueue(job_table, settings.jobs_path, clock)
    zones = Zones(Accounts(database), settings.time_zone, clock)
    return Ground(
        settings, database, Catalog(database), History(database), job_table, queue, clock, zones
    )
