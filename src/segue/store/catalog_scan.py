"""Takes the outcome of a scan into the catalogue: added, changed, moved, gone and unreadable files.

A track outlives its file: a changed file keeps its track, a moved one takes it along, also when it
turns up in a later scan under another name (equal fingerprint), and a vanished one only hides it.
A track that was known by name only takes the first file that is of it.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection

from segue.data.records import READING, FileStat, TrackTags
from segue.store.batches import chunks
from segue.store.catalog_adopt import adoptable
from segue.store.catalog_counters import settle, tally
from segue.store.catalog_records import ScanBatch, ScanCounts, ScannedFileEntry
from segue.store.catalog_tags import cleaned
from segue.store.catalog_tracks import TrackWrite, write_tracks
from segue.store.folding import clean
from segue.store.ids import IdFactory
from segue.store.lyrics import write_lyrics
from segue.store.tables import files, tracks


class _File(Struct, frozen=True):
    """The row of a file as far as a scan needs it."""

    id: int
    path: str
    track_id: str | None
    is_gone: bool
    problem: str | None


_COLUMNS = (files.c.id, files.c.path, files.c.track_id, files.c.is_gone, files.c.problem)


def apply_scan(connection: Connection, batch: ScanBatch, now: float, ids: IdFactory) -> ScanCounts:
    """Apply one batch; the caller's transaction makes it all or nothing."""
    n_gone = _forget(connection, batch.gone)
    n_renamed = _move(connection, batch.moved)
    usable = {e.file.stat.path: e for e in batch.read if e.file.tags and not e.file.problem}
    broken = {e.file.stat.path: e for e in batch.read if not e.file.tags or e.file.problem}
    broken = {path: entry for path, entry in broken.items() if path not in usable}
    _record_problems(connection, list(broken.values()), now)
    added, n_changed, n_found_again = _take_in(connection, list(usable.values()), now, ids)
    return ScanCounts(
        n_added=len(added),
        n_changed=n_changed,
        n_moved=n_renamed + n_found_again,
        n_gone=n_gone,
        n_problems=len(broken),
        added_track_ids=tuple(added),
    )


def _by_path(connection: Connection, paths: Sequence[str]) -> dict[str, _File]:
    found: dict[str, _File] = {}
    for part in chunks(list(paths)):
        for row in connection.execute(select(*_COLUMNS).where(files.c.path.in_(part))):
            found[row.path] = _file(row)
    return found


def _file(row: Any) -> _File:
    return _File(row.id, row.path, row.track_id, row.is_gone, row.problem)


def _show(connection: Connection, known: Sequence[_File], *, is_there: bool) -> None:
    """Show or hide the tracks of these files, with the counts that follow."""
    track_ids = [file.track_id for file in known if file.track_id is not None]
    before = tally(connection, track_ids)
    for part in chunks(track_ids):
        statement = update(tracks).where(tracks.c.id.in_(part))
        connection.execute(statement.values(is_visible=is_there, has_file=is_there))
    settle(connection, track_ids, before)


def _forget(connection: Connection, paths: Sequence[str]) -> int:
    known = [file for file in _by_path(connection, paths).values() if not file.is_gone]
    if known:
        for part in chunks([file.id for file in known]):
            connection.execute(update(files).where(files.c.id.in_(part)).values(is_gone=True))
        _show(connection, known, is_there=False)
    return len(known)


def _move(connection: Connection, moved: Sequence[tuple[str, FileStat]]) -> int:
    """Rename file rows. Names may be swapped, so all leave their old name before any takes a new.

    Whatever stood at a new name without moving itself counts as gone; its row is kept under a name
    that no file can have, so that its track can still be found again by fingerprint.
    """
    known = _by_path(connection, [old for old, _ in moved])
    moves = {known[old].id: stat for old, stat in moved if old in known}
    if not moves:
        return 0
    targets = _by_path(connection, [stat.path for stat in moves.values()])
    displaced = [file for file in targets.values() if file.id not in moves]
    row_id = files.c.id == bindparam("row_id")
    parked = [{"row_id": id_, "path": f"\x00parked/{id_}"} for id_ in moves]
    parked += [{"row_id": f.id, "path": f"\x00displaced/{f.id}"} for f in displaced]
    connection.execute(update(files).where(row_id), parked)
    for part in chunks([file.id for file in displaced]):
        connection.execute(update(files).where(files.c.id.in_(part)).values(is_gone=True))
    _show(connection, [file for file in displaced if not file.is_gone], is_there=False)
    connection.execute(
        update(files).where(row_id),
        [{"row_id": id_, "is_gone": False, **_stat_row(stat)} for id_, stat in moves.items()],
    )
    back = [file for file in known.values() if file.id in moves and not file.problem]
    _show(connection, back, is_there=True)
    return len(moves)


def _stat_row(stat: FileStat) -> dict[str, Any]:
    return {
        "path": stat.path,
        "size_bytes": stat.size_bytes,
        "modified_ns": stat.modified_ns,
        "lyrics_ns": stat.lyrics_ns,
    }


def _record_problems(
    connection: Connection, entries: Sequence[ScannedFileEntry], now: float
) -> None:
    """Keep the reason; a track that the file had is hidden until the file is whole again."""
    if not entries:
        return
    known = _by_path(connection, [entry.file.stat.path for entry in entries])
    new: list[dict[str, Any]] = []
    old: list[dict[str, Any]] = []
    for entry in entries:
        problem = clean(entry.file.problem or "the file has no tags and no reason was given")
        row = _stat_row(entry.file.stat)
        row |= {"problem": problem, "is_gone": False, "scanned_at": now, "reading": READING}
        if (file := known.get(entry.file.stat.path)) is None:
            new.append(row)
        else:
            old.append({"row_id": file.id} | row)
    _save_files(connection, new, old)
    _show(connection, list(known.values()), is_there=False)


def _save_files(
    connection: Connection, new: list[dict[str, Any]], old: list[dict[str, Any]]
) -> None:
    if new:
        connection.execute(insert(files), new)
    if old:
        connection.execute(update(files).where(files.c.id == bindparam("row_id")), old)


def _take_in(
    connection: Connection, entries: Sequence[ScannedFileEntry], now: float, ids: IdFactory
) -> tuple[list[str], int, int]:
    """Tracks of readable files: ids of the new ones, how many were there before at the same path,
    and how many under another path.
    """
    if not entries:
        return [], 0, 0
    known = _by_path(connection, [entry.file.stat.path for entry in entries])
    found_again = _returned(connection, [e for e in entries if e.file.stat.path not in known])
    known |= found_again
    new = [entry for entry in entries if entry.file.stat.path not in known]
    adopted = adoptable(connection, new)
    writes: list[TrackWrite] = []
    new_files: list[dict[str, Any]] = []
    old_files: list[dict[str, Any]] = []
    for entry in entries:
        file = known.get(entry.file.stat.path)
        own = file.track_id if file else adopted.get(entry.file.stat.path)
        write = _track_write(entry, own, ids)
        writes.append(write)
        row = _file_row(entry, write.tags, write.track_id, now)
        if file is None:
            new_files.append(row)
        else:
            old_files.append({"row_id": file.id} | row)
    touched = [write.track_id for write in writes]
    before = tally(connection, touched)
    write_tracks(connection, writes, ids, now)
    write_lyrics(
        connection, {w.track_id: e.file.lyrics for w, e in zip(writes, entries, strict=True)}
    )
    _save_files(connection, new_files, old_files)
    settle(connection, touched, before)
    added = [write.track_id for write in writes
             if write.is_new or write.track_id in adopted.values()]  # fmt: skip
    return added, len(writes) - len(added) - len(found_again), len(found_again)


def _returned(connection: Connection, entries: Sequence[ScannedFileEntry]) -> dict[str, _File]:
    """Gone files that these new ones are, by equal fingerprint; each is taken once."""
    wanted = [entry for entry in entries if entry.file.fingerprint]
    waiting: dict[str, list[_File]] = {}
    for part in chunks(list({clean(entry.file.fingerprint) for entry in wanted})):
        statement = select(*_COLUMNS, files.c.fingerprint).where(
            files.c.fingerprint.in_(part), files.c.is_gone, files.c.track_id.is_not(None)
        )
        for row in connection.execute(statement.order_by(files.c.id.desc())):
            waiting.setdefault(row.fingerprint, []).append(_file(row))
    taken: dict[str, _File] = {}
    for entry in wanted:
        if same := waiting.get(clean(entry.file.fingerprint)):
            taken[entry.file.stat.path] = same.pop()
    return taken


def _track_write(entry: ScannedFileEntry, track_id: str | None, ids: IdFactory) -> TrackWrite:
    file = entry.file
    assert file.tags is not None
    has_cover = bool(file.cover_path or file.has_embedded_cover)
    return TrackWrite(
        track_id=track_id or ids(),
        is_new=track_id is None,
        tags=cleaned(file.tags),
        recording_key=entry.recording_key,
        search_words=entry.search_words,
        flags={"is_visible": True, "has_file": True, "has_cover": has_cover},
    )


def _file_row(
    entry: ScannedFileEntry, tags: TrackTags, track_id: str, now: float
) -> dict[str, Any]:
    return _stat_row(entry.file.stat) | {
        "fingerprint": clean(entry.file.fingerprint),
        "track_id": track_id,
        "is_gone": False,
        "problem": None,
        "bitrate_kbps": tags.bitrate_kbps,
        "sample_rate_hz": tags.sample_rate_hz,
        "channels": tags.channels,
        "cover_path": entry.file.cover_path,
        "has_embedded_cover": entry.file.has_embedded_cover,
        "scanned_at": now,
        "reading": READING,
    }
