"""A batch of rows on its way into the history: resolved, turned into events, stored, counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from segue.data.imported import (
    ImportedListen,
    ImportedRow,
    ImportedRule,
    Left,
    LeftOut,
    NamedTrack,
    PlaylistEntry,
    PlaylistRules,
    RowProblem,
    SaidOfSelf,
)
from segue.data.records import Event
from segue.errors import InvalidInputError
from segue.services.history import why_refused
from segue.services.importing.events import digest, events_of, never_played, words_key
from segue.services.importing.lists import BroughtLists
from segue.services.importing.names import NAMELESS, Resolved, TrackNames
from segue.services.importing.report import Tally
from segue.services.importing.self_said import KEPT, SelfSaid
from segue.services.importing.targets import TargetNames
from segue.store.history import History
from segue.store.history_records import Appended, NeverPlayed
from segue.store.import_doubts import DoubtfulRow, ImportDoubts

OVER = "this rule is over"
CONSENT = "what you allowed is never switched on by an import; say it again under “Privacy”"


@dataclass(slots=True)
class Batch:
    """Rows of one file. ``is_done``: an earlier run stored and counted them.

    ``events``, ``doubtful``, ``rules`` and ``said`` go to the store, ``outcomes`` come back; the
    rest is counted when all are durable.
    """

    file: str
    is_done: bool
    events: list[tuple[int, Event]] = field(default_factory=list[tuple[int, Event]])
    doubtful: list[DoubtfulRow] = field(default_factory=list[DoubtfulRow])
    rules: list[NeverPlayed] = field(default_factory=list[NeverPlayed])
    said: list[SaidOfSelf] = field(default_factory=list[SaidOfSelf])
    refused: list[RowProblem] = field(default_factory=list[RowProblem])
    notes: list[RowProblem] = field(default_factory=list[RowProblem])
    counts: Counter[str] = field(default_factory=Counter[str])
    left_out: Counter[str] = field(default_factory=Counter[str])
    outcomes: list[Appended] = field(default_factory=list[Appended])

    def leave_out(self, row: int, kind: Left, why: str = "") -> None:
        """Count a row that is not taken in, and say why where its listener should know."""
        self.left_out[kind] += 1
        if why:
            self.notes.append(RowProblem(row, why))


class BatchWriter:
    """Takes rows of one listener's import in.

    Args:
        history, doubts: Where things are kept.
        names: Resolves the tracks of rows.
        targets: Resolves the artists and albums of rules.
        lists: Takes playlists.
        self_said: Takes what the listener said of themselves.
        tally: Counts what became of rows.
        listener_id: Whose import.
        now: Unix time (s).
    """

    def __init__(
        self,
        history: History,
        doubts: ImportDoubts,
        names: TrackNames,
        targets: TargetNames,
        lists: BroughtLists,
        self_said: SelfSaid,
        tally: Tally,
        listener_id: str,
        now: float,
    ) -> None:
        self._history = history
        self._doubts = doubts
        self._names = names
        self._targets = targets
        self._self_said = self_said
        self._tally = tally
        self._listener_id = listener_id
        self._now = now
        self.lists = lists

    def prepare(
        self, file: str, client: str, rows: Sequence[ImportedRow], *, is_done: bool
    ) -> Batch:
        """Resolve the tracks and make the events of rows; new tracks are durable at return.

        Of rows that an earlier run did, only the entries of playlists are taken: a playlist is
        written when all of it is known.
        """
        batch = Batch(file, is_done)
        batch.counts["rows"] = len(rows)
        for row in rows:
            if isinstance(row, PlaylistRules):
                self._list_rules(batch, row)
        named = (self._track_of(row, is_done) for row in rows)
        found = self._names.resolve(track for track in named if track is not None)
        for row in rows:
            if isinstance(row, PlaylistEntry):
                self._entry(batch, row, found)
            elif not is_done:
                self._take(batch, client, row, found)
        batch.counts["added"], self._names.n_added = self._names.n_added, 0
        return batch

    def write(self, batch: Batch) -> None:
        """Store what a batch holds; durable at return."""
        if batch.events:
            batch.outcomes = self._history.append([event for _, event in batch.events])
        if batch.doubtful:
            self._doubts.keep(self._listener_id, batch.doubtful, self._now)
        if batch.rules:
            made = self._history.bring_never_plays(self._listener_id, batch.rules, self._now)
            batch.counts.update(rules=sum(made), stored=sum(made), repeated=made.count(False))
        for row in batch.said:
            self._say(batch, row)

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
        for note in batch.notes:
            self._tally.note(batch.file, note.row, note.reason)
        self._tally.counts.update(batch.counts)
        self._tally.counts["stored"] += sum(is_new.values())
        self._tally.counts["repeated"] += len(is_new) - sum(is_new.values())
        self._tally.left_out.update(batch.left_out)

    def _track_of(self, row: ImportedRow, is_done: bool) -> NamedTrack | None:
        """The track that has to be found for a row."""
        match row:
            case PlaylistEntry():
                return None if self.lists.goes_by_rules(row.playlist) else row.track
            case ImportedListen() if not is_done:
                return row.track
            case ImportedRule() if not is_done and row.scope == "track":
                return row.track if never_played(row, "", self._now) else None
            case _:
                return None

    def _take(
        self, batch: Batch, client: str, row: ImportedRow, found: dict[NamedTrack, Resolved]
    ) -> None:
        match row:
            case ImportedListen():
                self._listen(batch, client, row, found[row.track])
            case ImportedRule():
                self._rule(batch, client, row, found.get(row.track))
            case SaidOfSelf():
                batch.said.append(row)
            case LeftOut():
                batch.leave_out(row.row, row.kind, CONSENT if row.kind == "consent" else "")
            case RowProblem():
                batch.refused.append(row)
            case _:  # of playlists, taken before
                pass

    def _rule(self, batch: Batch, client: str, row: ImportedRule, one: Resolved | None) -> None:
        if row.scope != "track":
            target = self._targets.find(row)
            if target.band != "matched":
                kind = "unsure" if target.band == "doubtful" else "unknown"
                batch.leave_out(row.row, kind, target.reason)
                return
            target_id = target.id
        elif one is not None and one.kind == "doubtful":
            batch.counts["doubtful"] += 1
            batch.doubtful.append(_doubtful(row, client, one))
            return
        elif one is not None and one.kind == "nameless":
            batch.leave_out(row.row, "unknown", f"the track has {NAMELESS}")
            return
        else:
            target_id = one.track_id if one else ""
            batch.counts["named"] += one is not None and one.kind == "named"
        rule = never_played(row, target_id, self._now)
        if rule is None:
            batch.leave_out(row.row, "over", OVER)
        else:
            batch.rules.append(rule)

    def _say(self, batch: Batch, row: SaidOfSelf) -> None:
        try:
            became = self._self_said.fill(self._listener_id, row)
        except InvalidInputError as error:
            batch.refused.append(RowProblem(row.row, str(error)))
            return
        if became == "kept":
            batch.leave_out(row.row, "kept", KEPT[row.what])
        else:
            batch.counts[became] += 1
            batch.counts["said"] += became == "stored"

    def _list_rules(self, batch: Batch, row: PlaylistRules) -> None:
        problem = self.lists.take_rules(row)
        batch.counts["listed"] += 1
        if problem:
            batch.notes.append(RowProblem(row.row, problem))

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
        if self.lists.goes_by_rules(row.playlist):
            batch.counts["listed"] += 1
            return
        one = found[row.track]
        track_id = one.track_id or (one.match.track_id if one.match else None)
        if track_id is None:
            batch.refused.append(RowProblem(row.row, f"the track has {NAMELESS}"))
            return
        batch.counts["listed"] += 1
        batch.counts["named"] += one.kind == "named"
        self.lists.add(row.playlist, track_id)


def _doubtful(row: ImportedListen | ImportedRule, client: str, one: Resolved) -> DoubtfulRow:
    assert one.match is not None
    assert one.match.track_id is not None
    key = words_key(row.track)
    if isinstance(row, ImportedRule):
        said = f"never\x1f{row.until}"
    else:
        said = (
            f"{row.listened_at}\x1f{row.n_plays}\x1f{row.rating}\x1f{row.loved}\x1f{row.disliked}"
        )
        if row.picked or row.listed:
            said += f"\x1f{row.picked}\x1f{row.listed}"
    return DoubtfulRow(
        key=key,
        row_key=digest(f"{key}\x1f{client}\x1f{said}"),
        client=client,
        listen=row,
        track_id=one.match.track_id,
        confidence=one.match.confidence,
        reason=one.match.reason,
    )
