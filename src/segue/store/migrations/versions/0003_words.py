"""Lyrics of tracks, and what listeners say of themselves.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables; files learn when their lyrics were changed."""
    op.create_table(
        "lyrics",
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name="fk_lyrics_track_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", name="pk_lyrics"),
    )
    op.create_table(
        "own_words",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("emotions", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.Column("said_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_own_words_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_own_words"),
    )
    # no file has this number: each counts as changed at the next scan, which reads its lyrics
    op.add_column(
        "files", sa.Column("lyrics_ns", sa.BigInteger(), nullable=False, server_default="-1")
    )
