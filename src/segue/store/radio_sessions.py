"""Sessions of a radio: what was asked for and what happened, so that a restart loses nothing."""

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from segue.errors import NotFoundError
from segue.store.engine import Database
from segue.store.ids import IdFactory, new_id
from segue.store.list_tables import radio_sessions

MAX_KEPT = 20  # of one listener; the one not used for longest is forgotten


class RadioSessions:
    """Sessions of one database; the state is text that the caller understands."""

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def create(self, listener_id: str, state: str, now: float) -> str:
        """Keep a new session and return its id."""
        id_ = self._ids()
        row = {"id": id_, "listener_id": listener_id, "state": state,
               "created_at": now, "updated_at": now}  # fmt: skip

        def run(connection: Connection) -> None:
            connection.execute(insert(radio_sessions), [row])
            _forget_oldest(connection, listener_id)

        self._db.write(run)
        return id_

    def get(self, listener_id: str, session_id: str) -> str:
        """The state.

        Raises:
            NotFoundError: No such session, or somebody else's.
        """
        statement = select(radio_sessions.c.state).where(
            radio_sessions.c.id == session_id, radio_sessions.c.listener_id == listener_id
        )
        with self._db.read() as connection:
            state = connection.execute(statement).scalar()
        if state is None:
            raise NotFoundError(f"no session {session_id!r}; begin another one")
        return state

    def change(self, listener_id: str, session_id: str, state: str, now: float) -> None:
        """Put another state in the place of the one kept.

        Raises:
            NotFoundError: No such session, or somebody else's.
        """
        statement = (
            update(radio_sessions)
            .where(radio_sessions.c.id == session_id, radio_sessions.c.listener_id == listener_id)
            .values(state=state, updated_at=now)
        )

        def run(connection: Connection) -> None:
            if not connection.execute(statement).rowcount:
                raise NotFoundError(f"no session {session_id!r}; begin another one")

        self._db.write(run)

    def delete(self, listener_id: str, session_id: str) -> None:
        """End a session; nothing happens when there is none."""
        statement = delete(radio_sessions).where(
            radio_sessions.c.id == session_id, radio_sessions.c.listener_id == listener_id
        )
        self._db.write(lambda connection: connection.execute(statement).rowcount)


def _forget_oldest(connection: Connection, listener_id: str) -> None:
    statement = (
        select(radio_sessions.c.id)
        .where(radio_sessions.c.listener_id == listener_id)
        .order_by(radio_sessions.c.updated_at.desc())
    )
    for id_ in list(connection.execute(statement).scalars())[MAX_KEPT:]:
        connection.execute(delete(radio_sessions).where(radio_sessions.c.id == id_))
