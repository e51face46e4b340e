"""What was heard in each track: vectors by kind and version, and files that could not be heard.

A new version is written beside the old one, which serves until the new one covers as many tracks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from sqlalchemy import String, and_, cast, delete, func, insert, select, true
from sqlalchemy.engine import Connection

from segue.data.vocabulary import Vocabulary
from segue.store.engine import Database
from segue.store.tables import analyses, events, files, tracks
from segue.store.training_table import streamed
from segue.types import FloatMatrix


class Analysis(Struct, frozen=True, kw_only=True):
    """What was heard in one track, or why nothing was.

    ``vector`` is float32 and ``sketch`` uint8, as little-endian bytes: (n, 12) of chroma, the bars
    of the seek bar for the kind "peaks", uint32 (n,) for the kind "fingerprint". Both
    are empty with a ``problem``. ``heard`` names the state of the file that was listened to.
    """

    track_id: str
    heard: str
    analysed_at: float
    problem: str | None = None
    vector: bytes = b""
    sketch: bytes = b""
    key: str = ""
    tempo_bpm: float = 0.0


class Unheard(Struct, frozen=True, kw_only=True):
    """A file to listen to."""

    track_id: str
    path: str
    heard: str


@dataclass(frozen=True, slots=True)
class AnalysisCounts:
    """Tracks with a file, how many of them were heard, and how many could not be."""

    n_tracks: int
    n_heard: int
    n_problems: int


class Analyses:
    """The analyses of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def save(self, kind: str, version: int, found: Sequence[Analysis]) -> None:
        """Write durably; what was known of these tracks in this version is replaced."""
        rows = [
            {
                "track_id": one.track_id, "kind": kind, "version": version, "heard": one.heard,
                "problem": one.problem, "vector": one.vector or None,
                "sketch": one.sketch or None, "key": one.key, "tempo_bpm": one.tempo_bpm,
                "analysed_at": one.analysed_at,
            }
            for one in found
        ]  # fmt: skip
        if not rows:
            return

        def run(connection: Connection) -> None:
            wanted = [one.track_id for one in found]
            # a track may have gone while its file was heard
            known = select(tracks.c.id).where(tracks.c.id.in_(wanted))
            still = set(connection.execute(known).scalars())
            of_version = (analyses.c.kind == kind) & (analyses.c.version == version)
            connection.execute(delete(analyses).where(of_version, analyses.c.track_id.in_(wanted)))
            kept = [row for row in rows if row["track_id"] in still]
            if kept:
                connection.execute(insert(analyses), kept)

        self._db.write(run)

    def get(self, kind: str, version: int, track_id: str) -> Analysis | None:
        """What is kept of one track."""
        names = [name for name in Analysis.__struct_fields__ if name not in ("vector", "sketch")]
        statement = select(*(analyses.c[name] for name in names), analyses.c.vector,
                           analyses.c.sketch).where(
            analyses.c.track_id == track_id,
            analyses.c.kind == kind,
            analyses.c.version == version,
        )  # fmt: skip
        with self._db.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            return None
        found = {name: getattr(row, name) for name in names}
        return Analysis(**found, vector=row.vector or b"", sketch=row.sketch or b"")

    def unheard(self, kind: str, version: int, *, again: bool = False) -> list[Unheard]:
        """Files not heard yet in this version, or changed since: most played first, then newest.

        Args:
            kind: Of the analysis.
            version: Of the analysis.
            again: Give those that were heard, too.
        """
        heard = cast(files.c.size_bytes, String) + "-" + cast(files.c.modified_ns, String)
        of_version = and_(
            analyses.c.track_id == tracks.c.id,
            analyses.c.kind == kind,
            analyses.c.version == version,
        )
        plays = (
            select(events.c.track_id, func.count().label("n"))
            .group_by(events.c.track_id)
            .subquery()
        )
        statement = (
            select(tracks.c.id, files.c.path, heard)
            .join(files, files.c.track_id == tracks.c.id)
            .outerjoin(analyses, of_version)
            .outerjoin(plays, plays.c.track_id == tracks.c.id)
            .where(tracks.c.is_visible, files.c.is_gone.is_(False))
            .where(true() if again else analyses.c.heard.is_(None) | (analyses.c.heard != heard))
            .order_by(func.coalesce(plays.c.n, 0).desc(), tracks.c.added_at.desc(), tracks.c.id)
        )
        with self._db.read() as connection:
            return [
                Unheard(track_id=row[0], path=row[1], heard=row[2])
                for row in connection.execute(statement)
            ]

    def counts(self, kind: str, version: int) -> AnalysisCounts:
        """How far the listening is."""
        of_version = (analyses.c.kind == kind) & (analyses.c.version == version)
        failed = func.count(analyses.c.problem)
        with self._db.read() as connection:
            n_tracks = connection.execute(
                select(func.count()).select_from(tracks).where(tracks.c.has_file)
            ).scalar_one()
            n, n_failed = connection.execute(select(func.count(), failed).where(of_version)).one()
        return AnalysisCounts(n_tracks, n - n_failed, n_failed)

    def problems(self, kind: str, version: int) -> list[tuple[str, str]]:
        """Tracks that could not be heard, and why."""
        statement = (
            select(analyses.c.track_id, analyses.c.problem)
            .where(analyses.c.kind == kind, analyses.c.version == version)
            .where(analyses.c.problem.is_not(None))
            .order_by(analyses.c.track_id)
        )
        with self._db.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(statement)]

    def vectors(self, kind: str, ids: Vocabulary) -> tuple[FloatMatrix, int] | None:
        """Vectors in the order of ``ids``, float32 (len(ids), d), NaN where unknown; their version.

        Of several versions the one that knows most tracks, the newer of equals; None without any.
        """
        with self._db.read() as connection:
            version = _fullest(connection, kind)
            if version is None:
                return None
            statement = (
                select(analyses.c.track_id, analyses.c.vector)
                .where(analyses.c.kind == kind, analyses.c.version == version)
                .where(analyses.c.vector.is_not(None))
                .order_by(analyses.c.track_id)
            )
            found = [(row, np.frombuffer(vector, "<f4")) for track_id, vector in
                     streamed(connection, statement)
                     if (row := ids.get(track_id)) is not None]  # fmt: skip
        if not found:
            return None
        matrix = np.full((len(ids), len(found[0][1])), np.nan, np.float32)
        for row, vector in found:
            matrix[row] = vector
        return matrix, version

    def sketches(self, kind: str, ids: Vocabulary) -> list[NDArray[np.uint8] | None]:
        """Chroma sketches, uint8 (n, 12), in the order of ``ids``; of the version of vectors."""
        found: list[NDArray[np.uint8] | None] = [None] * len(ids)
        with self._db.read() as connection:
            version = _fullest(connection, kind)
            statement = select(analyses.c.track_id, analyses.c.sketch).where(
                analyses.c.kind == kind,
                analyses.c.version == version,
                analyses.c.sketch.is_not(None),
            )
            for track_id, sketch in streamed(connection, statement):
                if (row := ids.get(track_id)) is not None:
                    found[row] = np.frombuffer(sketch, np.uint8).reshape(-1, 12)
        return found

    def heard(self, kind: str, version: int) -> dict[str, str]:
        """What state of each track a version knows, by track."""
        statement = select(analyses.c.track_id, analyses.c.heard).where(
            analyses.c.kind == kind, analyses.c.version == version
        )
        with self._db.read() as connection:
            return dict(streamed(connection, statement))

    def forget_older(self, kind: str, version: int) -> None:
        """Delete versions before this one, when it is the one that serves."""

        def run(connection: Connection) -> None:
            if _fullest(connection, kind) == version:
                old = (analyses.c.kind == kind) & (analyses.c.version < version)
                connection.execute(delete(analyses).where(old))

        self._db.write(run)


def _fullest(connection: Connection, kind: str) -> int | None:
    n_known = func.count(func.coalesce(analyses.c.vector, analyses.c.sketch))
    statement = (
        select(analyses.c.version)
        .where(analyses.c.kind == kind)
        .group_by(analyses.c.version)
        .having(n_known > 0)
        .order_by(n_known.desc(), analyses.c.version.desc())
        .limit(1)
    )
    return connection.execute(statement).scalar_one_or_none()
