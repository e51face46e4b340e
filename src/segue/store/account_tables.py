"""Tables of what an account may have beside its history: what signs in for it, and its leaving.

Part of the one metadata of :mod:`segue.store.tables`.
"""

from sqlalchemy import Column, Double, ForeignKey, Index, String, Table, Text

from segue.store.list_tables import metadata


def _account(name: str = "account_id", *, primary_key: bool = False) -> Column[str]:
    key = ForeignKey("accounts.id", ondelete="CASCADE")
    return Column(name, key, primary_key=primary_key, nullable=False)


leaving = Table(
    "leaving",
    metadata,
    _account(primary_key=True),
    Column("asked_at", Double, nullable=False),
)

setup_tokens = Table(
    "setup_tokens",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("used_at", Double),
)

app_tokens = Table(
    "app_tokens",
    metadata,
    Column("id", String, primary_key=True),
    _account(),
    Column("name", Text, nullable=False),
    Column("token_hash", String, nullable=False, unique=True),  # SHA-256 in hex
    Column("created_at", Double, nullable=False),
    Column("used_at", Double),
    Index(None, "account_id", "created_at"),
)

playlist_rules = Table(
    "playlist_rules",
    metadata,
    Column("playlist_id", ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True),
    Column("rules", Text, nullable=False),  # JSON
)
