"""The newest comparison of the models on one's own listens, kept in one file until the next one."""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from segue.evaluation.comparison import Comparison
from segue.log import get_logger
from segue.services.evaluating import EvaluationService
from segue.services.library import Progress

JOB = "evaluate"
FILE = "evaluation.json"
LIST_LENGTHS = (20,)

_log = get_logger("evaluation")


class KeptReport(Struct, frozen=True, kw_only=True):
    """A comparison and when it was made, Unix time (s)."""

    made_at: float
    comparison: Comparison


class ReportService:
    """Makes the report in a job, and shows the newest one.

    Args:
        evaluation: Compares.
        data_dir: Folder of the file.
        clock: Unix time (s).
    """

    def __init__(
        self, evaluation: EvaluationService, data_dir: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self._evaluation = evaluation
        self._path = data_dir / FILE
        self._clock = clock

    def make(self, progress: Progress) -> KeptReport:
        """Compare the models that training uses, new listeners too; the file is replaced whole.

        Raises:
            InvalidDataError: Too few listens to hold any out.
            JobCancelledError: Somebody asked to stop; the report before stays.
        """
        found = self._evaluation.compare(progress, ks=LIST_LENGTHS, history=True)
        report = KeptReport(made_at=self._clock(), comparison=found)
        working = self._path.with_name(f"{FILE}.new")
        working.write_bytes(msgspec.json.encode(report))
        working.replace(self._path)
        return report

    def newest(self) -> KeptReport | None:
        """The report of the last time; None when there is none, or it is of an earlier form."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=KeptReport)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            _log.warning("the evaluation cannot be read", reason=str(error))
            return None
