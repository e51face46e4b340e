"""Groups of tracks that hold one recording by sound: copies, cut and faded versions."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from segue.store.batches import chunks
from segue.store.engine import Database
from segue.store.recording_tables import same_recordings
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
