"""Groups of tracks that hold one recording by sound: copies, cut and faded versions.

What sounds alike need not be one recording: an administrator can tell a track apart from its group.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from segue.store.batches import chunks
from segue.store.engine import Database
from segue.store.recording_tables import same_recordings, told_apart
from segue.store.tables import analyses, tracks
from segue.store.training_table import streamed


class Recordings:
    """The groups of one database, and the fingerprints that they are found with."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def fingerprints(self, kind: str, version: int) -> dict[str, NDArray[np.uint32]]:
        """Fingerprints by track, ids ascending; tracks without one are left out."""
        statement = (
            select(analyses.c.track_id, analyses.c.sketch)
            .where(analyses.c.kind == kind, analyses.c.version == version)
            .where(analyses.c.sketch.is_not(None))
            .order_by(analyses.c.track_id)
        )
        with self._db.read() as connection:
            return {track_id: np.frombuffer(bits, "<u4").astype(np.uint32)
                    for track_id, bits in streamed(connection, statement)}  # fmt: skip

    def groups(self) -> dict[str, str]:
        """The group of each track that shares its recording with another."""
        statement = select(same_recordings.c.track_id, same_recordings.c.group_id)
        with self._db.read() as connection:
            return dict(streamed(connection, statement))

    def replace(self, groups: Mapping[str, str]) -> bool:
        """Make these the groups, durably; whether they differ from those before."""
        if groups == self.groups():
            return False

        def run(connection: Connection) -> None:
            connection.execute(delete(same_recordings))
            for part in chunks(list(groups)):
                known = select(tracks.c.id).where(tracks.c.id.in_(part))
                still = connection.execute(known).scalars().all()  # one may have gone meanwhile
                rows = [{"track_id": id_, "group_id": groups[id_]} for id_ in still]
                if rows:
                    connection.execute(insert(same_recordings), rows)

        self._db.write(run)
        return True

    def told_apart(self) -> set[tuple[str, str]]:
        """Pairs of a track and another that it is no version of, as an administrator said."""
        statement = select(told_apart.c.track_id, told_apart.c.other_id)
        with self._db.read() as connection:
            return {(row.track_id, row.other_id) for row in connection.execute(statement)}

    def tell_apart(self, track_id: str) -> tuple[str, ...]:
        """Take a track out of its group for good, durably; the rest of the group, ids ascending.

        Empty where it stands in none: then nothing changes.
        """

        def run(connection: Connection) -> tuple[str, ...]:
            others = _others(connection, track_id)
            if others:
                pairs = [{"track_id": track_id, "other_id": other} for other in others]
                connection.execute(insert(told_apart).prefix_with("OR IGNORE"), pairs)
                _regroup(connection, track_id, [])
                _regroup(connection, others[0], others)
            return others

        return self._db.write(run)

    def put_back(self, track_id: str) -> tuple[str, ...]:
        """Undo :meth:`tell_apart`, durably; all of the group now, empty where nothing was told."""

        def run(connection: Connection) -> tuple[str, ...]:
            mine = told_apart.c.track_id == track_id
            told = connection.execute(select(told_apart.c.other_id).where(mine)).scalars().all()
            connection.execute(delete(told_apart).where(mine))
            if not told:
                return ()
            group = tuple(sorted({track_id, *told, *_others(connection, told[0])}))
            for member in group:
                _regroup(connection, member, [])
            _regroup(connection, group[0], group)
            return group

        return self._db.write(run)


def _others(connection: Connection, track_id: str) -> tuple[str, ...]:
    """The other tracks of a track's group."""
    mine = same_recordings.alias("mine")
    statement = (
        select(same_recordings.c.track_id)
        .join(mine, mine.c.group_id == same_recordings.c.group_id)
        .where(mine.c.track_id == track_id, same_recordings.c.track_id != track_id)
        .order_by(same_recordings.c.track_id)
    )
    return tuple(connection.execute(statement).scalars())


def _regroup(connection: Connection, track_id: str, group: Sequence[str]) -> None:
    """Make these the group of a track; one alone, or none, is no group."""
    connection.execute(delete(same_recordings).where(same_recordings.c.track_id == track_id))
    connection.execute(delete(same_recordings).where(same_recordings.c.track_id.in_(group)))
    if len(group) > 1:
        rows = [{"track_id": id_, "group_id": min(group)} for id_ in group]
        connection.execute(insert(same_recordings), rows)
