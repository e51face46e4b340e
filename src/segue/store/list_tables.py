"""Tables of lists that outlive a request: of a day or week, of several listeners, of a session.

Part of the one metadata of :mod:`segue.store.tables`.
"""

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, String, Table, Text

from segue.store.import_tables import metadata


def _of(name: str, target: str) -> Column[str]:
    """Part of the primary key; the row goes with what it belongs to."""
    return Column(name, ForeignKey(target, ondelete="CASCADE"), primary_key=True)


consents = Table(
    "consents",
    metadata,
    _of("listener_id", "accounts.id"),
    Column("what", String, primary_key=True),
    Column("given_at", Double, nullable=False),
    Index(None, "what", "listener_id"),
)

kept_lists = Table(
    "kept_lists",
    metadata,
    _of("listener_id", "accounts.id"),
    Column("station", String, primary_key=True),
    Column("period", String, primary_key=True),  # "2026-W48" or "2026-11-27"
    Column("number", Integer, primary_key=True),  # of several lists of one period, from 1
    Column("content", Text, nullable=False),  # a ranked list as JSON
    Column("made_at", Double, nullable=False),
)

blends = Table(
    "blends",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Index(None, "owner_id"),
)

blend_members = Table(
    "blend_members",
    metadata,
    _of("blend_id", "blends.id"),
    _of("listener_id", "accounts.id"),
    Column("accepted_at", Double),  # empty until the invitation is accepted
    Index(None, "listener_id"),
)

radio_sessions = Table(
    "radio_sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("listener_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False),  # JSON, bounded
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Index(None, "listener_id", "updated_at"),
)
