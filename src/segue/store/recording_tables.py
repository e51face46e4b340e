"""Which tracks hold one recording by sound, and which an administrator told apart."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from segue.store.admin_tables import metadata

same_recordings = Table(
    "same_recordings",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", String, nullable=False),  # the smallest track id of the group when made
    Index(None, "group_id"),
)

told_apart = Table(
    "told_apart",
    metadata,
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Column("other_id", ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "other_id"),
)
