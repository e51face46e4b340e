"""Tables of imports: what came from elsewhere, what its names mean, what waits for a decision.

Part of the one metadata of :mod:`segue.store.tables`.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from segue.store.tables import RowId
from segue.store.word_tables import metadata

import_doubts = Table(
    "import_doubts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("listener_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("key", String, nullable=False),  # of the words that name the track
    Column("named", Text, nullable=False),  # JSON
    Column("track_id", ForeignKey("tracks.id"), nullable=False),  # the guess
    Column("confidence", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String, nullable=False),  # open, accepted, refused
    Column("created_at", Double, nullable=False),
    UniqueConstraint("listener_id", "key"),
    Index(None, "listener_id", "state", "id"),
)

import_doubt_rows = Table(
    "import_doubt_rows",
    metadata,
    Column(
        "doubt_id",
        ForeignKey("import_doubts.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("row_key", String, primary_key=True),
    Column("client", String, nullable=False),
    Column("listen", Text, nullable=False),  # JSON
    Index(None, "row_key"),
)

# What names of tracks mean, decided once: what is imported again means the same tracks.
import_names = Table(
    "import_names",
    metadata,
    Column("key", String, primary_key=True),  # of all that a row says of its track
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), nullable=False),
    Index(None, "track_id"),
)

imports = Table(
    "imports",
    metadata,
    Column("id", String, primary_key=True),
    Column("listener_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("job_id", String),  # of the job that does it, None before it starts
    Column("is_done", Boolean, nullable=False),
    Column("request", Text, nullable=False),  # JSON: which files, read how
    Column("report", Text, nullable=False),  # JSON: what became of the rows so far
    Column("position", Text, nullable=False),  # JSON: where to go on after an interruption
    Column("created_at", Double, nullable=False),
    Index(None, "listener_id", "created_at"),
)
