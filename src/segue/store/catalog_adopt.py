"""New files that are of tracks known by name only: they take them over, with their listens.

Such a track came with an import or a catalogue. It is the file's when an id says so, or when the
title and the first artist are spelled alike; a live version or a remix is another track.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.engine import Connection

from segue.store.batches import chunks
from segue.store.catalog_records import ScannedFileEntry
from segue.store.catalog_tags import cleaned, external_ids_of
from segue.store.folding import clean, fold
from segue.store.tables import external_ids, files, tracks

_NEVER_A_FILE = (
    tracks.c.has_file.is_(False),
    ~select(files.c.id).where(files.c.track_id == tracks.c.id).exists(),
)


def adoptable(connection: Connection, entries: Sequence[ScannedFileEntry]) -> dict[str, str]:
    """Ids of the tracks that new files take over, by path; each track goes to one file."""
    by_id = _by_id(connection, entries)
    by_name = _by_name(connection, entries)
    taken: set[str] = set()
    found: dict[str, str] = {}
    for entry in entries:
        assert entry.file.tags is not None
        tags = cleaned(entry.file.tags)
        wanted = [by_id.get(pair) for pair in external_ids_of(tags)]
        wanted.append(by_name.get((clean(entry.recording_key), fold(tags.title))))
        track_id = next((id_ for id_ in wanted if id_ is not None and id_ not in taken), None)
        if track_id is not None:
            taken.add(track_id)
            found[entry.file.stat.path] = track_id
    return found


def _by_id(
    connection: Connection, entries: Sequence[ScannedFileEntry]
) -> dict[tuple[str, str], str]:
    wanted = [
        pair
        for entry in entries
        if entry.file.tags
        for pair in external_ids_of(cleaned(entry.file.tags))
    ]
    found: dict[tuple[str, str], str] = {}
    for part in chunks(list({value for _, value in wanted})):
        statement = (
            select(external_ids.c.scheme, external_ids.c.value, tracks.c.id)
            .join(tracks, tracks.c.id == external_ids.c.entity_id)
            .where(
                external_ids.c.kind == "track", external_ids.c.value.in_(part), *_NEVER_A_FILE
            )
        )  # fmt: skip
        for scheme, value, id_ in connection.execute(statement.order_by(tracks.c.id.desc())):
            found[scheme, value] = id_
    return found


def _by_name(
    connection: Connection, entries: Sequence[ScannedFileEntry]
) -> dict[tuple[str, str], str]:
    columns = select(tracks.c.recording_key, tracks.c.sort_title, tracks.c.id)
    found: dict[tuple[str, str], str] = {}
    for part in chunks(list({clean(e.recording_key) for e in entries if e.recording_key})):
        statement = columns.where(tracks.c.recording_key.in_(part), *_NEVER_A_FILE)
        for key, title, id_ in connection.execute(statement.order_by(tracks.c.added_at.desc())):
            found[key, title] = id_
    return found
