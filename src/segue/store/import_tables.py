"""Tables of what came from elsewhere and waits for a decision.

Part of the one metadata of :mod:`segue.store.tables`.
"""

from sqlalchemy import Column, Double, ForeignKey, Index, String, Table, Text, UniqueConstraint

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
