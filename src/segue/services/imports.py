"""Histories from files: matched to the library, written once however often they are imported."""

import hashlib
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from segue.data.records import Event, EventKind
from segue.errors import InvalidInputError
from segue.services.history import NewEvent, why_refused
from segue.services.library import Progress
from segue.sources.tabular import ImportedListen, RowProblem, read_csv
from segue.store.catalog import Catalog
from segue.store.history import History
from segue.text.normalise import fold

BATCH_ROWS = 2_000
_COUNTS: tuple[str, ...] = ("rows", "stored", "repeated", "unmatched", "refused")
MAX_REPORTED_PROBLEMS = 100
SHORT_PLAY_S = 30.0  # a shorter play of an import is a skip, like in the services it comes from


class ImportReport(Struct, frozen=True, kw_only=True):
    """What became of every row: ``rows = stored + repeated + unmatched + refused`` by listen."""

    rows: int = 0
    stored: int = 0
    repeated: int = 0
    unmatched: int = 0
    refused: int = 0
    problems: tuple[RowProblem, ...] = ()
    rows_per_second: float = 0.0


class ImportService:
    """Imports into one listener's history.

    Args:
        catalog: The library that rows are matched to.
        history: Where listens are kept.
        clock: Unix time (s).
    """

    def __init__(
        self, catalog: Catalog, history: History, clock: Callable[[], float] = time.time
    ) -> None:
        self._catalog = catalog
        self._history = history
        self._clock = clock

    def csv(self, path: Path, listener_id: str, progress: Progress) -> ImportReport:
        """Import a CSV file of listens; importing it again adds nothing.

        A row is matched by track id, else by title and artist in their folded forms.

        Raises:
            InvalidInputError: The file cannot be read at all.
        """
        started = time.perf_counter()
        match = self._matcher()
        counts: dict[str, int] = dict.fromkeys(_COUNTS, 0)
        problems: list[RowProblem] = []
        rows = read_csv(path)
        while batch := list(islice(rows, BATCH_ROWS)):
            self._write(batch, listener_id, match, counts, problems)
            progress.report(counts["rows"], unit="rows", message=f"Importing {path.name}")
        if not counts["rows"]:
            raise InvalidInputError(f"{path} has a header but no rows")
        return ImportReport(
            **counts,
            problems=tuple(problems[:MAX_REPORTED_PROBLEMS]),
            rows_per_second=round(counts["rows"] / max(time.perf_counter() - started, 1e-9), 1),
        )

    def _write(
        self,
        batch: list[ImportedListen | RowProblem],
        listener_id: str,
        match: Callable[[ImportedListen], str | None],
        counts: dict[str, int],
        problems: list[RowProblem],
    ) -> None:
        now = self._clock()
        events: list[tuple[int, Event]] = []
        for row in batch:
            counts["rows"] += 1
            if isinstance(row, RowProblem):
                _refuse(row, counts, problems)
                continue
            track_id = match(row)
            if track_id is None:
                counts["unmatched"] += 1
                words = f"not in the library: {row.title[:80]} by {row.artist[:80]}"
                problems.append(RowProblem(row.row, words))
                continue
            wanted = list(_events(row, track_id))
            reason = next((why for event in wanted if (why := why_refused(event, now))), None)
            if reason:
                _refuse(RowProblem(row.row, reason), counts, problems)
                continue
            events.extend((row.row, _stored_form(event, listener_id)) for event in wanted)
        outcomes = self._history.append([event for _, event in events])
        new_of: dict[int, bool] = {}
        for (row, _), outcome in zip(events, outcomes, strict=True):
            new_of[row] = new_of.get(row, False) or outcome.is_new
        counts["stored"] += sum(new_of.values())
        counts["repeated"] += len(new_of) - sum(new_of.values())

    def _matcher(self) -> Callable[[ImportedListen], str | None]:
        tracks = self._catalog.track_table()
        by_words: dict[tuple[str, str], str] = {}
        for track_id, title, credit in zip(tracks.ids, tracks.titles, tracks.artists, strict=True):
            by_words.setdefault((fold(title), fold(credit)), track_id)

        def match(listen: ImportedListen) -> str | None:
            if listen.track_id in tracks.ids:
                return listen.track_id
            return by_words.get((fold(listen.title), fold(listen.artist)))

        return match


def _refuse(problem: RowProblem, counts: dict[str, int], problems: list[RowProblem]) -> None:
    counts["refused"] += 1
    problems.append(problem)


def _events(listen: ImportedListen, track_id: str) -> Iterator[NewEvent]:
    """The events of one row: the play or skip, then what was said about the track."""
    short = listen.played_s is not None and listen.played_s < SHORT_PLAY_S
    kinds: list[tuple[EventKind, float | None]] = [
        (EventKind.SKIP if short else EventKind.PLAY, None)
    ]
    if listen.loved:
        kinds.append((EventKind.LOVE, None))
    if listen.rating is not None:
        kinds.append((EventKind.RATE, listen.rating))
    for kind, value in kinds:
        yield NewEvent(
            track_id=track_id,
            kind=kind,
            listened_at=listen.listened_at,
            idempotency_key=_key(kind, track_id, listen.listened_at),
            played_s=listen.played_s if value is None and kind is not EventKind.LOVE else None,
            value=value,
            source="import",
            client="csv",
        )


def _stored_form(event: NewEvent, listener_id: str) -> Event:
    return Event(
        listener_id=listener_id,
        track_id=event.track_id,
        kind=event.kind,
        listened_at=event.listened_at,
        idempotency_key=event.idempotency_key,
        played_s=event.played_s,
        value=event.value,
        source=event.source,
        client=event.client,
    )


def _key(kind: EventKind, track_id: str, listened_at: float) -> str:
    """The same listen of the same track gives the same key, from whichever file it comes."""
    text = f"{kind}\x1f{track_id}\x1f{listened_at:.0f}"
    return "import:" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
