"""When an account was seen last, by whatever it signed in with."""

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from segue.store.admin_tables import visits


def note_visit(connection: Connection, account_id: str, now: float) -> None:
    """An account was seen; never backwards."""
    mine = visits.c.account_id == account_id
    if not connection.execute(select(visits.c.account_id).where(mine)).first():
        row = {"account_id": account_id, "seen_at": now}
        connection.execute(insert(visits), [row])
    else:
        seen = update(visits).where(mine, visits.c.seen_at < now)
        connection.execute(seen.values(seen_at=now))
