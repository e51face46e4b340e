"""Tables of words: spellings, the lyrics of tracks, and what listeners say of themselves."""

from sqlalchemy import Column, Double, ForeignKey, Integer, Table, Text

from segue.store.tables import RowId, metadata

spelling_words = Table(
    "spelling_words",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("word", Text, nullable=False, unique=True),
    Column("padded", Text, nullable=False),  # "  word ": so that its beginning makes trigrams
)

lyrics = Table(
    "lyrics",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Column("text", Text, nullable=False),
)

own_words = Table(
    "own_words",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("emotions", Text, nullable=False),  # JSON list of texts
    Column("tags", Text, nullable=False),  # JSON list of texts
    Column("bio", Text, nullable=False, default=""),
    Column("age", Integer),  # as it was when it was said
    Column("said_at", Double, nullable=False),
)
