"""A batch of rows on its way into the history: resolved, turned into events, stored, counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from segue.data.imported import (
    ImportedListen,
    ImportedRow,
    LeftOut,
    NamedTrack,
    PlaylistEntry,
    RowProblem,
)
from segue.data.records import Event
from segue.services.history import why_refused
from segue.services.importing.events import digest, events_of, words_key
from segue.services.importing.names import NAMELESS, Resolved, TrackNames
from segue.services.importing.report import Tally
from segue.store.history import History
from segue.store.history_records import Appended
from segue.store.import_doubts import DoubtfulRow, ImportDoubts
from segue.store.playlists import MAX_ITEMS, MAX_NAME_LENGTH, Playlists


@dataclass(slots=True)
class Batch:
    """Rows of one file. ``is_done``: an earlier run stored and counted them.

    ``events`` and ``doubtful`` go to the store, ``outcomes`` come back; the rest is counted when
    both are durable.
    """

    file: str
    is_done: bool
    events: list[tuple[int, Event]] = field(default_factory=list[tuple[int, Event]])
    doubtful: list[DoubtfulRow] = field(default_factory=list[DoubtfulRow])
    refused: list[RowProblem] = field(default_factory=list[RowProblem])
    counts: Counter[str] = field(default_factory=Counter[str])
    left_out: Counter[str] = field(default_factory=Counter[str])
    outcomes: list[Appended] = field(default_factory=list[Appended])


class BatchWriter:
    """Takes rows of one listener's import in.

    Args:
        history, playlists, doubts: Where things are kept.
        names: Resolves the tracks of rows.
        tally: Counts what became of rows.
        listener_id: Whose import.
        now: Unix time (s).
    """

    def __init__(
        self,
        history: History,
        playlists: Playlists,
        doubts: ImportDoubts,
        names: TrackNames,
        tally: Tally,
        listener_id: str,
        now: float,
    ) -> None:
        self._history = history
        self._playlists = playlists
        self._doubts = doubts
        self._names = names
        self._tally = tally
        self._listener_id = listener_id
        self._now = now
        self._lists: dict[str, list[str]] = {}

    def prepare(
        self, file: str, client: str, rows: Sequence[ImportedRow], *, is_done: bool
    ) -> Batch:
        """Resolve the tracks and make the events of rows; new tracks are durable at return.

        Of rows that an earlier run did, only the entries of playlists are taken: a playlist is
        written when all of it is known.
        """
        batch = Batch(file, is_done)
        batch.counts["rows"] = len(rows)
        wanted = (ImportedListen, PlaylistEntry) if not is_done else PlaylistEntry
        found = self._names.resolve(row.track for row in rows if isinstance(row, wanted))
        for row in rows:
            match row:
                case ImportedListen():
                    if not is_done:
                        self._listen(batch, client, row, found[row.track])
                case PlaylistEntry():
                    self._entry(batch, row, found)
                case LeftOut():
                    batch.left_out[row.kind] += 1
                case RowProblem():
                    batch.refused.append(row)
        batch.counts["added"], self._names.n_added = self._names.n_added, 0
        return batch

    def write(self, batch: Batch) -> None:
        """Store what a batch holds; durable at return."""
        if batch.events:
            batch.outcomes = self._history.append([event for _, event in batch.events])
        if batch.doubtful:
            self._doubts.keep(self._listener_id, batch.doubtful, self._now)

    def count(self, batch: Batch) -> None:
        """Count a batch that was stored."""
        if batch.is_done:
            return
        is_new: dict[int, bool] = {}
        reasons = {problem.row: problem.reason for problem in batch.refused}
        for (row, _), outcome in zip(batch.events, batch.outcomes, strict=True):
            if outcome.problem is not None:
                reasons.setdefault(row, outcome.problem)
            else:
                is_new[row] = is_new.get(row, False) or outcome.is_new
        for row, reason in reasons.items():
            if row in is_new:
                self._tally.note(batch.file, row, reason)  # a part of it was stored
            else:
                self._tally.refuse(batch.file, row, reason)
        self._tally.counts.update(batch.counts)
        self._tally.counts["stored"] += sum(is_new.values())
        self._tally.counts["repeated"] += len(is_new) - sum(is_new.values())
        self._tally.left_out.update(batch.left_out)

    def write_playlists(self) -> None:
        """Store the playlists of a file that was read to its end.

        One that has the name already gets what it lacks, so that a second import adds nothing.
        """
        own = {
            one.name: one for one in self._playlists.list_for(self._listener_id)
            if one.account_id == self._listener_id
        }  # fmt: skip
        for name, track_ids in self._lists.items():
            if name in own:
                playlist = own[name]
            else:
                playlist = self._playlists.create(self._listener_id, name, self._now)
                self._tally.counts["playlists"] += 1
            have = self._playlists.get(self._listener_id, playlist.id).items
            lacking = _lacking(track_ids, [item.track_id for item in have])
            room = MAX_ITEMS - len(have)
            if lacking[:room]:
                self._playlists.add(self._listener_id, playlist.id, lacking[:room], self._now)
            if len(lacking) > room:
                self._tally.note(name, 0, f"a playlist holds at most {MAX_ITEMS:,} tracks; "
                                          f"{len(lacking) - room:,} did not fit")  # fmt: skip
        self._lists.clear()

    def _listen(self, batch: Batch, client: str, row: ImportedListen, one: Resolved) -> None:
        if one.kind == "doubtful":
            batch.counts["doubtful"] += 1
            batch.doubtful.append(_doubtful(row, client, one))
            return
        if one.kind == "nameless":
            batch.refused.append(RowProblem(row.row, f"the track has {NAMELESS}"))
            return
        events = events_of(row, one.track_id, self._listener_id, client, self._now)
        reason = None if events else "it says nothing about its track"
        for event in events:
            reason = reason or why_refused(event, self._now)
        if reason is not None:
            batch.refused.append(RowProblem(row.row, reason))
            return
        if one.kind == "named":
            batch.counts["named"] += 1
        batch.events += [(row.row, event) for event in events]

    def _entry(self, batch: Batch, row: PlaylistEntry, found: dict[NamedTrack, Resolved]) -> None:
        one = found[row.track]
        track_id = one.track_id or (one.match.track_id if one.match else None)
        if track_id is None:
            batch.refused.append(RowProblem(row.row, f"the track has {NAMELESS}"))
            return
        batch.counts["listed"] += 1
        batch.counts["named"] += one.kind == "named"
        name = " ".join(row.playlist.split())[:MAX_NAME_LENGTH] or "Imported"
        self._lists.setdefault(name, []).append(track_id)


def _doubtful(row: ImportedListen, client: str, one: Resolved) -> DoubtfulRow:
    assert one.match is not None
    assert one.match.track_id is not None
    said = f"{row.listened_at}\x1f{row.n_plays}\x1f{row.rating}\x1f{row.loved}\x1f{row.disliked}"
    key = words_key(row.track)
    return DoubtfulRow(
        key=key,
        row_key=digest(f"{key}\x1f{client}\x1f{said}"),
        client=client,
        listen=row,
        track_id=one.match.track_id,
        confidence=one.match.confidence,
        reason=one.match.reason,
    )


def _lacking(wanted: Sequence[str], have: Sequence[str]) -> list[str]:
    """What is wanted and not there, as often as it is lacking, in order.

    >>> _lacking(["a", "b", "a"], ["a"])
    ['b', 'a']
    """
    left = Counter(have)
    lacking: list[str] = []
    for id_ in wanted:
        if left[id_]:
            left[id_] -= 1
        else:
            lacking.append(id_)
    return lacking
