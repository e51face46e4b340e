"""Which tracks an administrator told apart, although they sound like one recording.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of pairs."""
    op.create_table(
        "told_apart",
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name="fk_told_apart_track_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["tracks.id"], name="fk_told_apart_other_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", "other_id", name="pk_told_apart"),
    )
    op.create_index("ix_told_apart_other_id", "told_apart", ["other_id"])
    # workers could not hear what FFmpeg decodes (m4a, wma): let them try again
    op.execute("DELETE FROM analyses WHERE problem LIKE 'listening to it failed: OSError: %'")
