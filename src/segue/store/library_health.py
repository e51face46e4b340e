"""What is wrong with the library: counted and paged by the database, the few and not the many.

Only tracks that can be played now are looked at for missing words and for copies. Two are copies
when they share a recording key (:func:`segue.text.normalise.recording_key`) and their lengths
differ by at most :data:`SAME_LENGTH_S`: a live version of a song has another length. Two are alike
when their fingerprints say so (:mod:`segue.store.recordings`), whatever they are called.
"""

from typing import Any, Literal, TypeAlias, get_args

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, not_, select, tuple_
from sqlalchemy.engine import Connection

from segue.data.records import Track
from segue.errors import InvalidInputError
from segue.store.batches import checked_limit, decode_cursor, encode_cursor
from segue.store.catalog_read import tracks_by_id
from segue.store.catalog_records import Page
from segue.store.engine import Database
from segue.store.recording_tables import same_recordings
from segue.store.tables import analyses, files, track_artists, track_genres, tracks

Missing: TypeAlias = Literal["artist", "year", "genre", "cover"]

MISSING: tuple[Missing, ...] = get_args(Missing)
SAME_LENGTH_S = 2.0


class BadFile(Struct, frozen=True, kw_only=True):
    """A file that something is to be done about, and its track where it can be shown.

    ``problem`` says why it is of no use; it is empty where something else is wrong. ``path`` is
    empty where another file has its name by now.
    """

    path: str
    problem: str
    track: Track | None = None
    title: str = ""


class Copy(Struct, frozen=True, kw_only=True):
    """One of several files of one recording."""

    track: Track
    path: str
    size_bytes: int
    bitrate_kbps: float | None
    is_same_file: bool  # the very same size and tags as another one of the group


class SoundGroup(Struct, frozen=True, kw_only=True):
    """Files that hold one recording by their sound, and what else speaks for or against it."""

    copies: tuple[Copy, ...]
    is_one_name: bool  # their tags name one recording, too

    @property
    def shortest_s(self) -> float:
        """Length of the shortest, 0 when none is known."""
        return min(self._lengths_s(), default=0.0)

    @property
    def longest_s(self) -> float:
        """Length of the longest, 0 when none is known."""
        return max(self._lengths_s(), default=0.0)

    @property
    def is_cut(self) -> bool:
        """Whether one is shorter than another by more than silence at its ends."""
        return self.longest_s - self.shortest_s > SAME_LENGTH_S

    def _lengths_s(self) -> list[float]:
        return [c.track.duration_s for c in self.copies if c.track.duration_s is not None]


class HealthCounts(Struct, frozen=True, kw_only=True):
    """How much there is, and how many of it are in each kind of trouble."""

    n_playable: int
    n_refused: int
    n_unheard: int
    n_gone: int
    n_copies: int
    n_alike: int
    missing: dict[Missing, int]

    @property
    def n_troubles(self) -> int:
        """Files and tracks that something is to be done about."""
        return self.n_refused + self.n_unheard + self.n_gone


class LibraryHealth:
    """The health of the library of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def counts(self, kind: str, version: int) -> HealthCounts:
        """Walks indexes; a tenth of a second for 100,000 tracks, so keep the answer.

        Args:
            kind: Of the analyses whose problems count.
            version: Of these analyses.
        """
        refused = and_(files.c.problem.is_not(None), files.c.is_gone.is_(False))
        gone = and_(files.c.is_gone.is_(True), files.c.track_id.is_not(None))
        with self._db.read() as connection:
            return HealthCounts(
                n_playable=_count(connection, _THERE),
                n_refused=_count(connection, refused),
                n_unheard=connection.execute(
                    select(func.count()).select_from(_unheard(kind, version).subquery())
                ).scalar_one(),
                n_gone=_count(connection, gone),
                n_copies=_count(connection, _has_copy()),
                n_alike=_count(connection, _sounds_like_another()),
                missing={what: _count(connection, _lacks(what)) for what in MISSING},
            )

    def refused(self, cursor: str | None = None, limit: int = 50) -> Page[BadFile]:
        """Files that the scan could not use."""
        where = and_(files.c.problem.is_not(None), files.c.is_gone.is_(False))
        return self._files(where, cursor, limit)

    def gone(self, cursor: str | None = None, limit: int = 50) -> Page[BadFile]:
        """Files that are not there any more; their tracks and listens are kept."""
        where = and_(files.c.is_gone.is_(True), files.c.track_id.is_not(None))
        return self._files(where, cursor, limit)

    def unheard(
        self, kind: str, version: int, cursor: str | None = None, limit: int = 50
    ) -> Page[BadFile]:
        """Tracks whose file could be played perhaps, but not be listened to by Segue."""
        statement = _unheard(kind, version)
        if cursor is not None:
            statement = statement.where(analyses.c.track_id > decode_cursor(cursor, str)[1])
        statement = statement.order_by(analyses.c.track_id).limit(checked_limit(limit) + 1)
        with self._db.read() as connection:
            rows: list[Any] = list(connection.execute(statement))
            shown = rows[:limit]
            found = {t.id: t for t in tracks_by_id(connection, [row.track_id for row in shown])}
        items = [
            BadFile(path=row.path, problem=row.problem, track=found.get(row.track_id))
            for row in shown
        ]
        following = encode_cursor("", shown[-1].track_id) if len(rows) > limit else None
        return Page(tuple(items), following)

    def lacking(self, what: str, cursor: str | None = None, limit: int = 50) -> Page[BadFile]:
        """Playable tracks without an artist, a year, a genre or a cover, by title.

        Raises:
            InvalidInputError: Nothing that a track can lack.
        """
        if what not in MISSING:
            raise InvalidInputError(f"a track can lack {', '.join(MISSING)}, got {what!r}")
        key = (tracks.c.sort_title, tracks.c.id)
        statement = (
            select(tracks.c.id, tracks.c.sort_title, files.c.path)
            .join(files, files.c.track_id == tracks.c.id)
            .where(_lacks(what))
        )
        if cursor is not None:
            statement = statement.where(tuple_(*key) > tuple_(*decode_cursor(cursor, str)))
        with self._db.read() as connection:
            rows = list(
                connection.execute(statement.order_by(*key).limit(checked_limit(limit) + 1))
            )
            paths = {row[0]: row[2] for row in rows[:limit]}
            items = [BadFile(path=paths[track.id], problem="", track=track, title=track.title)
                     for track in tracks_by_id(connection, list(paths))]  # fmt: skip
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(tuple(items), encode_cursor(last[1], last[0]) if last is not None else None)

    def copies(self, cursor: str | None = None, limit: int = 20) -> Page[tuple[Copy, ...]]:
        """Groups of files that are one recording; ``limit`` counts recording keys."""
        statement = select(tracks.c.recording_key).distinct().where(_has_copy())
        if cursor is not None:
            statement = statement.where(tracks.c.recording_key > decode_cursor(cursor, str)[0])
        statement = statement.order_by(tracks.c.recording_key).limit(checked_limit(limit) + 1)
        with self._db.read() as connection:
            keys = list(connection.execute(statement).scalars())
            groups = [
                group for key in keys[:limit] for group in _groups_of(connection, key)
            ]  # fmt: skip
        following = encode_cursor(keys[limit - 1], "") if len(keys) > limit else None
        return Page(tuple(groups), following)

    def alike(self, cursor: str | None = None, limit: int = 20) -> Page[SoundGroup]:
        """Groups of files that are one recording by sound, whatever their tags and lengths say."""
        statement = (
            select(same_recordings.c.group_id)
            .join(tracks, tracks.c.id == same_recordings.c.track_id)
            .where(_THERE)
            .group_by(same_recordings.c.group_id)
            .having(func.count() > 1)
            .order_by(same_recordings.c.group_id)
            .limit(checked_limit(limit) + 1)
        )
        if cursor is not None:
            after = decode_cursor(cursor, str)[0]
            statement = statement.where(same_recordings.c.group_id > after)
        with self._db.read() as connection:
            ids = list(connection.execute(statement).scalars())
            groups = [_sound_group(connection, id_) for id_ in ids[:limit]]
        following = encode_cursor(ids[limit - 1], "") if len(ids) > limit else None
        return Page(tuple(groups), following)

    def alike_with(self, track_id: str) -> SoundGroup | None:
        """The group of one track; None where it stands in none that can be played."""
        mine = select(same_recordings.c.group_id).where(same_recordings.c.track_id == track_id)
        with self._db.read() as connection:
            group_id = connection.execute(mine).scalar_one_or_none()
            found = None if group_id is None else _sound_group(connection, group_id)
        return found if found is not None and len(found.copies) > 1 else None

    def _files(self, where: ColumnElement[bool], cursor: str | None, limit: int) -> Page[BadFile]:
        statement = select(
            files.c.id, files.c.path, files.c.problem, files.c.track_id, tracks.c.title
        ).outerjoin(tracks, tracks.c.id == files.c.track_id)
        if cursor is not None:
            statement = statement.where(files.c.id > int(decode_cursor(cursor, int)[0]))
        statement = statement.where(where).order_by(files.c.id).limit(checked_limit(limit) + 1)
        with self._db.read() as connection:
            rows: list[Any] = list(connection.execute(statement))
        items = [
            BadFile(path="" if row.path.startswith("\x00") else row.path,
                    problem=row.problem or "", title=row.title or "")
            for row in rows[:limit]
        ]  # fmt: skip
        following = encode_cursor(rows[limit - 1].id, "") if len(rows) > limit else None
        return Page(tuple(items), following)


# written as the partial indexes are, so that they serve
_THERE = and_(tracks.c.is_visible.is_(True), tracks.c.has_file.is_(True))


def _lacks(what: str) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "artist": not_(
            select(track_artists.c.track_id).where(track_artists.c.track_id == tracks.c.id).exists()
        ),
        "year": tracks.c.year.is_(None),
        "genre": not_(
            select(track_genres.c.track_id).where(track_genres.c.track_id == tracks.c.id).exists()
        ),
        "cover": tracks.c.has_cover.is_(False),
    }
    return and_(_THERE, conditions[what])


def _has_copy() -> ColumnElement[bool]:
    """Another playable track has the key and about the length; a key without an artist says
    nothing.
    """
    other = tracks.alias("other")
    same = select(other.c.id).where(
        other.c.is_visible.is_(True),
        other.c.has_file.is_(True),
        other.c.recording_key == tracks.c.recording_key,
        other.c.duration_s.between(
            tracks.c.duration_s - SAME_LENGTH_S, tracks.c.duration_s + SAME_LENGTH_S
        ),
        other.c.id != tracks.c.id,
    )
    names_both = not_(tracks.c.recording_key.like("%|")) & not_(tracks.c.recording_key.like("|%"))
    return and_(_THERE, tracks.c.recording_key != "", names_both, same.exists())


def _sounds_like_another() -> ColumnElement[bool]:
    mine, theirs = same_recordings.alias("mine"), same_recordings.alias("theirs")
    other = tracks.alias("other")
    same = (
        select(mine.c.track_id)
        .join(theirs, theirs.c.group_id == mine.c.group_id)
        .join(other, other.c.id == theirs.c.track_id)
        .where(
            mine.c.track_id == tracks.c.id,
            other.c.id != tracks.c.id,
            other.c.is_visible.is_(True),
            other.c.has_file.is_(True),
        )
    )
    return and_(_THERE, same.exists())


def _unheard(kind: str, version: int) -> Any:
    return (
        select(analyses.c.track_id, analyses.c.problem, files.c.path)
        .join(files, files.c.track_id == analyses.c.track_id)
        .where(
            analyses.c.kind == kind,
            analyses.c.version == version,
            analyses.c.problem.is_not(None),
            files.c.is_gone.is_(False),
        )
    )


def _count(connection: Connection, where: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(where)).scalar_one()


def _groups_of(connection: Connection, key: str) -> list[tuple[Copy, ...]]:
    """The playable tracks of one key, cut where the next is longer by more than the tolerance."""
    where = and_(tracks.c.recording_key == key, tracks.c.duration_s.is_not(None))
    rows, found = _files_of(connection, where)
    groups: list[list[Any]] = []
    for row in rows:
        if groups and row.duration_s - groups[-1][-1].duration_s <= SAME_LENGTH_S:
            groups[-1].append(row)
        else:
            groups.append([row])
    return [_copies(group, found) for group in groups if len(group) > 1]


def _sound_group(connection: Connection, group_id: str) -> SoundGroup:
    """The playable tracks of one group by sound, the shortest first."""
    members = select(same_recordings.c.track_id).where(same_recordings.c.group_id == group_id)
    rows, found = _files_of(connection, tracks.c.id.in_(members))
    return SoundGroup(
        copies=_copies(rows, found), is_one_name=len({row.recording_key for row in rows}) == 1
    )


def _files_of(
    connection: Connection, where: ColumnElement[bool]
) -> tuple[list[Any], dict[str, Track]]:
    """Playable tracks with their files, the shortest first, and the tracks by id."""
    statement = (
        select(tracks.c.id, tracks.c.duration_s, tracks.c.recording_key, files.c.path,
               files.c.size_bytes, files.c.bitrate_kbps, files.c.fingerprint)
        .join(files, files.c.track_id == tracks.c.id)
        .where(_THERE, where)
        .order_by(tracks.c.duration_s, tracks.c.id)
    )  # fmt: skip
    rows: list[Any] = list(connection.execute(statement))
    return rows, {track.id: track for track in tracks_by_id(connection, [row.id for row in rows])}


def _copies(group: list[Any], found: dict[str, Track]) -> tuple[Copy, ...]:
    marks = [row.fingerprint for row in group]
    return tuple(
        Copy(track=found[row.id], path=row.path, size_bytes=row.size_bytes,
             bitrate_kbps=row.bitrate_kbps,
             is_same_file=bool(row.fingerprint) and marks.count(row.fingerprint) > 1)
        for row in group
    )  # fmt: skip
