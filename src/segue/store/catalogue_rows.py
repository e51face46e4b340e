"""Takes in what a catalogue says of tracks: new ones without a file, and what known ones lack.

What is known of a track stays: a row only fills what is empty and adds words. The genres of a track
with a file are its owner's, so they are filled only where there are none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from msgspec import Struct
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from segue.data.described import KIND, VERSION
from segue.data.records import TrackTags
from segue.store.batches import chunks
from segue.store.catalog_counters import settle, tally
from segue.store.catalog_identity import resolve_terms
from segue.store.catalog_tags import MAX_NAMES, cleaned, external_ids_of
from segue.store.catalog_tracks import TrackWrite, write_tracks
from segue.store.engine import Database
from segue.store.folding import clean, fold
from segue.store.ids import IdFactory, new_id
from segue.store.lyrics import write_lyrics
from segue.store.tables import (
    analyses,
    external_ids,
    genres,
    tags,
    track_genres,
    track_tags,
    tracks,
)
from segue.store.word_tables import lyrics
from segue.types import FloatVector

Change = Literal["added", "completed", "known"]
_FILLED = ("year", "duration_s", "explicit")  # columns of a track that a row may fill
_WORDS = ((genres, track_genres, "genre"), (tags, track_tags, "tag"))


class CatalogueTrack(Struct, frozen=True, kw_only=True):
    """What one row says of a track.

    Attributes:
        track_id: Of a known track, or one of :func:`~segue.store.ids.new_id` for a new one.
        is_new: It is not there yet, neither stored nor earlier in the batch.
        tags, recording_key, search_words: As for a file.
        external_ids: (scheme, value).
        lyrics: Lines.
        described: In the order of :data:`segue.data.described.DESCRIBED`; None when all is unsaid.
    """

    track_id: str
    is_new: bool
    tags: TrackTags
    recording_key: str = ""
    search_words: str = ""
    external_ids: tuple[tuple[str, str], ...] = ()
    lyrics: str = ""
    described: FloatVector | None = None


class CatalogueRows:
    """Rows of catalogues, written into one database."""

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def write(self, rows: Sequence[CatalogueTrack], now: float) -> list[Change]:
        """Take in a batch, durable at return: what each row changed.

        A few hundred rows a batch are best: others write between batches.
        """
        return self._db.write(lambda connection: _write(connection, rows, now, self._ids))

    def tracks_by_id(self, scheme: str) -> dict[str, str]:
        """Tracks by their external id of a scheme."""
        statement = select(external_ids.c.value, external_ids.c.entity_id).where(
            external_ids.c.kind == "track", external_ids.c.scheme == scheme
        )
        with self._db.read() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}


def _write(
    connection: Connection, rows: Sequence[CatalogueTrack], now: float, ids: IdFactory
) -> list[Change]:
    new = [row for row in rows if row.is_new]
    flags: dict[str, Any] = {"is_visible": True, "has_file": False, "has_cover": False}
    written = [
        TrackWrite(
            track_id=row.track_id,
            is_new=True,
            tags=cleaned(row.tags),
            recording_key=row.recording_key,
            search_words=row.search_words,
            flags=flags,
            external_ids=row.external_ids,
        )
        for row in new
    ]
    touched = list(dict.fromkeys(row.track_id for row in rows))
    before = tally(connection, touched)
    write_tracks(connection, written, ids, now)
    known = _Known.read(connection, touched)
    changes: list[Change] = []
    for row in rows:
        is_changed = known.take(row)
        changes.append("added" if row.is_new else "completed" if is_changed else "known")
    known.write(connection, now)
    if any(change != "known" for change in changes):
        settle(connection, touched, before)
    return changes


@dataclass(slots=True)
class _Known:
    """What is stored of some tracks, and what is to be written of them."""

    columns: dict[str, dict[str, Any]]
    words: tuple[dict[str, dict[str, str]], ...]  # for genres and tags: folded -> as shown
    ids: dict[str, set[tuple[str, str]]]
    with_lyrics: set[str]
    described: dict[str, FloatVector]
    filled: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    new_words: tuple[list[tuple[str, int, str]], ...] = field(default_factory=lambda: ([], []))
    new_ids: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    new_lyrics: dict[str, str] = field(default_factory=dict[str, str])
    new_described: dict[str, FloatVector] = field(default_factory=dict[str, FloatVector])

    @classmethod
    def read(cls, connection: Connection, track_ids: Sequence[str]) -> "_Known":
        """All that rows may change."""
        known = cls({}, ({}, {}), {}, set(), {})
        of_kind = (analyses.c.kind == KIND) & (analyses.c.version == VERSION)
        for part in chunks(track_ids):
            chosen = (tracks.c.id, tracks.c.has_file, *(tracks.c[name] for name in _FILLED))
            for row in connection.execute(select(*chosen).where(tracks.c.id.in_(part))).mappings():
                known.columns[row["id"]] = dict(row)
            for (words, links, name), found in zip(_WORDS, known.words, strict=True):
                statement = (
                    select(links.c.track_id, words.c.sort_name, words.c.name)
                    .join(words, words.c.id == links.c[f"{name}_id"])
                    .where(links.c.track_id.in_(part))
                )
                for id_, folded, shown in connection.execute(statement):
                    found.setdefault(id_, {})[folded] = shown
            statement = select(external_ids.c.entity_id, external_ids.c.scheme,
                               external_ids.c.value)  # fmt: skip
            of_track = (external_ids.c.kind == "track") & external_ids.c.entity_id.in_(part)
            for id_, scheme, value in connection.execute(statement.where(of_track)):
                known.ids.setdefault(id_, set()).add((scheme, value))
            have = select(lyrics.c.track_id).where(lyrics.c.track_id.in_(part))
            known.with_lyrics.update(connection.execute(have).scalars())
            vectors = select(analyses.c.track_id, analyses.c.vector).where(of_kind)
            for id_, vector in connection.execute(vectors.where(analyses.c.track_id.in_(part))):
                known.described[id_] = np.frombuffer(vector, "<f4")
        return known

    def take(self, row: CatalogueTrack) -> bool:
        """Note what is new in a row; whether anything is."""
        if row.track_id not in self.columns:
            return False
        tags_ = cleaned(row.tags)
        steps = [
            self._fill(row.track_id, tags_),
            self._add_words(row.track_id, tags_),
            self._add_ids(row.track_id, (*external_ids_of(tags_), *row.external_ids)),
            self._add_lyrics(row),
            self._describe(row),
        ]
        return any(steps)

    def _fill(self, id_: str, said: TrackTags) -> bool:
        stored = self.columns[id_]
        new = {name: getattr(said, name) for name in _FILLED
               if stored[name] is None and getattr(said, name) is not None}  # fmt: skip
        if new:
            stored.update(new)
            self.filled[id_] = {name: stored[name] for name in _FILLED}
        return bool(new)

    def _add_words(self, id_: str, said: TrackTags) -> bool:
        is_owned = bool(self.columns[id_]["has_file"])
        added = False
        for place, names in enumerate((said.genres, said.tags)):
            known = self.words[place].setdefault(id_, {})
            if is_owned and place == 0 and known:
                continue
            for name in names:
                folded = fold(name) or name
                if folded not in known and len(known) < MAX_NAMES:
                    self.new_words[place].append((id_, len(known), folded))
                    known[folded] = name
                    added = True
        return added

    def _add_ids(self, id_: str, pairs: Sequence[tuple[str, str]]) -> bool:
        known = self.ids.setdefault(id_, set())
        new = [pair for pair in dict.fromkeys(pairs) if pair not in known]
        known.update(new)
        self.new_ids += ({"kind": "track", "entity_id": id_, "scheme": scheme, "value": value}
                         for scheme, value in new)  # fmt: skip
        return bool(new)

    def _add_lyrics(self, row: CatalogueTrack) -> bool:
        if not row.lyrics or row.track_id in self.with_lyrics:
            return False
        self.with_lyrics.add(row.track_id)
        self.new_lyrics[row.track_id] = row.lyrics
        return True

    def _describe(self, row: CatalogueTrack) -> bool:
        if row.described is None:
            return False
        said = row.described
        stored = self.described.get(row.track_id, np.full(len(said), np.nan, np.float32))
        joined = np.where(np.isnan(said), stored, said).astype(np.float32)
        if np.array_equal(joined, stored, equal_nan=True):
            return False
        self.described[row.track_id] = self.new_described[row.track_id] = joined
        return True

    def write(self, connection: Connection, now: float) -> None:
        """Write what was noted."""
        if self.filled:
            statement = update(tracks).where(tracks.c.id == bindparam("row_id"))
            connection.execute(statement, [{"row_id": id_} | row for id_, row in
                                           self.filled.items()])  # fmt: skip
        for place, (words, links, name) in enumerate(_WORDS):
            new, known = self.new_words[place], self.words[place]
            said = [(folded, known[id_][folded]) for id_, _, folded in new]
            numbers = resolve_terms(connection, words, said)
            rows = [
                {"track_id": id_, "position": at, f"{name}_id": numbers[folded]}
                for id_, at, folded in new
            ]
            if rows:
                connection.execute(insert(links), rows)
        if self.new_ids:
            connection.execute(insert(external_ids), self.new_ids)
        write_lyrics(connection, {id_: clean(text, 100_000) for id_, text in
                                  self.new_lyrics.items()})  # fmt: skip
        self._write_described(connection, now)

    def _write_described(self, connection: Connection, now: float) -> None:
        of_kind = (analyses.c.kind == KIND) & (analyses.c.version == VERSION)
        for part in chunks(list(self.new_described)):
            connection.execute(delete(analyses).where(of_kind, analyses.c.track_id.in_(part)))
        rows = [
            {"track_id": id_, "kind": KIND, "version": VERSION, "heard": "", "key": "",
             "vector": vector.astype("<f4").tobytes(), "tempo_bpm": 0.0, "analysed_at": now}
            for id_, vector in self.new_described.items()
        ]  # fmt: skip
        if rows:
            connection.execute(insert(analyses), rows)
