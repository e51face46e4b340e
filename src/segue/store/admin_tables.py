"""Tables of those who look after a server: links for one use, visits, which models served when.

Part of the one metadata of :mod:`segue.store.tables`.
"""

from sqlalchemy import Column, Double, ForeignKey, Index, String, Table, Text

from segue.store.account_tables import metadata
from segue.store.tables import RowId, analyses, files, tracks


def _account(name: str, *, nullable: bool = True) -> Column[str]:
    """Whose row it also is: it leaves with the account."""
    return Column(name, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=nullable)


# A link for one use: a new account, or a new password of the account ``for_id``.
invitations = Table(
    "invitations",
    metadata,
    Column("id", String, primary_key=True),
    Column("token_hash", String, nullable=False, unique=True),  # SHA-256 in hex
    Column("role", String, nullable=False),
    Column("note", Text, nullable=False, default=""),
    _account("made_by", nullable=False),
    _account("for_id"),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("revoked_at", Double),
    Column("used_at", Double),
    _account("used_by"),
    Index(None, "created_at", "id"),
    Index(None, "made_by"),
    Index(None, "for_id"),
    Index(None, "used_by"),
)

visits = Table(
    "visits",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("seen_at", Double, nullable=False),
)

# One row each time that a model set was put in service.
model_services = Table(
    "model_services",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("version", String, nullable=False),
    Column("since", Double, nullable=False),
    Index(None, "since"),
)

# What the page of the library's health looks for, so that it walks the few and not the many.
_there = tracks.c.is_visible.is_(True) & tracks.c.has_file.is_(True)
Index("ix_tracks_copies", tracks.c.recording_key, tracks.c.duration_s, tracks.c.id,
      sqlite_where=_there)  # fmt: skip
Index("ix_tracks_no_year", tracks.c.sort_title, tracks.c.id,
      sqlite_where=_there & tracks.c.year.is_(None))  # fmt: skip
Index("ix_tracks_no_cover", tracks.c.sort_title, tracks.c.id,
      sqlite_where=_there & tracks.c.has_cover.is_(False))  # fmt: skip
Index("ix_files_gone", files.c.id, sqlite_where=files.c.is_gone.is_(True))
Index("ix_analyses_problem", analyses.c.kind, analyses.c.version, analyses.c.track_id,
      sqlite_where=analyses.c.problem.is_not(None))  # fmt: skip
