"""What became of every row of an import, counted while it runs."""

import time
from collections import Counter
from collections.abc import Callable, Mapping

from msgspec import Struct

from segue.data.imported import NOT_TAKEN

MAX_REPORTED_PROBLEMS = 200


class FileProblem(Struct, frozen=True, kw_only=True):
    """A row that was refused, or a file that nobody reads (``row`` 0), and why."""

    file: str
    row: int
    reason: str


class FileRead(Struct, frozen=True, kw_only=True):
    """A file of the import, what it was taken for, and its rows."""

    file: str
    source: str
    title: str
    rows: int


class ImportReport(Struct, frozen=True, kw_only=True):
    """What became of every row.

    ``rows = stored + repeated + doubtful + listed + refused + left_out``; ``listed`` rows are
    entries of playlists. Of the stored rows, ``rules`` say what is never to be played, and ``said``
    what the listener says of themselves. Of the tracks that rows name, ``named`` rows mean one that
    the library has no file of, and ``added`` counts those that were not known at all before.
    """

    files: tuple[FileRead, ...] = ()
    rows: int = 0
    stored: int = 0
    repeated: int = 0
    doubtful: int = 0
    listed: int = 0
    refused: int = 0
    left_out: int = 0
    left_out_by_kind: Mapping[str, int] = {}
    named: int = 0
    added: int = 0
    playlists: int = 0
    rules: int = 0
    said: int = 0
    problems: tuple[FileProblem, ...] = ()
    duration_s: float = 0.0
    rows_per_second: float = 0.0

    @property
    def no_music(self) -> int:
        """Rows that were left out since they are no music to learn from."""
        return self.left_out - self.not_taken

    @property
    def not_taken(self) -> int:
        """Rows of our own export that were left out for a reason that ``problems`` say."""
        return sum(self.left_out_by_kind.get(kind, 0) for kind in NOT_TAKEN)

    @property
    def listens(self) -> int:
        """Stored rows that are listens or marks."""
        return self.stored - self.rules - self.said


_COUNTS = ("rows", "stored", "repeated", "doubtful", "listed", "refused", "named", "added",
           "playlists", "rules", "said")  # fmt: skip


class Tally:
    """Counts of a running import; problems beyond the first 200 are counted only.

    Args:
        before: What an interrupted run counted up to the place where this one goes on.
        timer: Seconds that only grow.
    """

    def __init__(
        self, before: ImportReport, timer: Callable[[], float] = time.perf_counter
    ) -> None:
        self._timer = timer
        self._started = timer()
        self._before_s = before.duration_s
        self.counts: Counter[str] = Counter({name: getattr(before, name) for name in _COUNTS})
        self.left_out: Counter[str] = Counter(before.left_out_by_kind)
        self.problems: list[FileProblem] = list(before.problems)
        self.files: list[FileRead] = list(before.files)

    def refuse(self, file: str, row: int, reason: str) -> None:
        """Count a refused row and keep the reason."""
        self.counts["refused"] += 1
        self.note(file, row, reason)

    def note(self, file: str, row: int, reason: str) -> None:
        """Keep a reason once, while there are not too many."""
        problem = FileProblem(file=file, row=row, reason=reason)
        if len(self.problems) < MAX_REPORTED_PROBLEMS and problem not in self.problems:
            self.problems.append(problem)

    def report(self) -> ImportReport:
        """The counts as they stand now."""
        took_s = self._before_s + self._timer() - self._started
        return ImportReport(
            **{name: self.counts[name] for name in _COUNTS},
            files=tuple(self.files),
            left_out=self.left_out.total(),
            left_out_by_kind=dict(self.left_out),
            problems=tuple(self.problems),
            duration_s=round(took_s, 3),
            rows_per_second=round(self.counts["rows"] / max(took_s, 1e-9), 1),
        )
