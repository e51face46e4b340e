"""What those who look after the server use."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from segue.bootstrap.ground import Ground
from segue.jobs.progress import JobProgress
from segue.services.accounts import AccountService
from segue.services.deletion import DeletionService
from segue.services.evaluating import EvaluationService
from segue.services.health import HealthService
from segue.services.invitations import InvitationService
from segue.services.kept_report import JOB as EVALUATE
from segue.services.kept_report import ReportService
from segue.services.measures import MeasureService
from segue.services.people import PeopleService
from segue.services.storage import StorageService
from segue.store.accounts import Accounts
from segue.store.invitations import Invitations
from segue.store.library_health import LibraryHealth
from segue.store.online import Online
from segue.store.people import People
from segue.store.recordings import Recordings
from segue.store.space import Space


class AdminServices(NamedTuple):
    """Each is behind one or two pages under /admin."""

    health: HealthService
    report: ReportService
    measures: MeasureService
    people: PeopleService
    invitations: InvitationService
    storage: StorageService


def admin_services(
    ground: Ground,
    evaluation: EvaluationService,
    accounts: AccountService,
    deletion: DeletionService,
) -> AdminServices:
    """These services on one ground, the job of evaluation registered."""
    people = People(ground.database)
    report = ReportService(evaluation, ground.settings.data_dir, ground.clock)

    def evaluate(_params: Mapping[str, Any], progress: JobProgress) -> None:
        report.make(progress)

    ground.queue.register(EVALUATE, evaluate)
    return AdminServices(
        health=HealthService(
            LibraryHealth(ground.database), ground.catalog, Recordings(ground.database)
        ),
        report=report,
        measures=MeasureService(Online(ground.database), ground.clock),
        people=PeopleService(people, accounts, deletion),
        invitations=InvitationService(
            Invitations(ground.database),
            people,
            Accounts(ground.database),
            ground.settings,
            ground.clock,
        ),
        storage=StorageService(ground.settings, Space(ground.database)),
    )
