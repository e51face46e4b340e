"""Which tracks hold one recording by sound.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of groups."""
    op.create_table(
        "same_recordings",
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name="fk_same_recordings_track_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", name="pk_same_recordings"),
    )
    op.create_index("ix_same_recordings_group_id", "same_recordings", ["group_id"])
