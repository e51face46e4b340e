"""An index that holds all that statistics count of plays.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "ix_events_counted",
        "events",
        ["listener_id", "kind", "listened_at", "track_id", "played_s"],
    )
