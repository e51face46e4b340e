"""What those who look after the server use."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from segue.bootstrap.ground import Ground
from segue.jobs.progress import JobProgress
from segue.services.evaluating import EvaluationService
from segue.services.health import HealthService
from segue.services.kept_report import JOB as EVALUATE
from segue.services.kept_report import ReportService
from segue.store.library_health import LibraryHealth


class AdminServices(NamedTuple):
    """Each is behind one or two pages under /admin."""

    health: HealthService
    report: ReportService


def admin_services(ground: Ground, evaluation: EvaluationService) -> AdminServices:
    """These services on one ground, the job of evaluation registered."""
    report = ReportService(evaluation, ground.settings.data_dir, ground.clock)

    def evaluate(_params: Mapping[str, Any], progress: JobProgress) -> None:
        report.make(progress)

    ground.queue.register(EVALUATE, evaluate)
    return AdminServices(
        health=HealthService(LibraryHealth(ground.database), ground.catalog), report=report
    )
