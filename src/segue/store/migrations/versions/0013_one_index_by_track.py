"""One index of events by track in place of two.

Revision ID: 0013
Revises: 0011
"""

from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index, then drop those that it does the work of."""
    op.create_index(
        "ix_events_track_id_listener_id_kind", "events", ["track_id", "listener_id", "kind"]
    )
    op.drop_index("ix_events_listener_id_track_id_kind", "events")
    op.drop_index("ix_events_track_id", "events")
