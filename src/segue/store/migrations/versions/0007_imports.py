"""Imports and what the names in them mean.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "import_names",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name="fk_import_names_track_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_import_names"),
    )
    op.create_index("ix_import_names_track_id", "import_names", ["track_id"])
    op.create_table(
        "imports",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("listener_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listener_id"], ["accounts.id"], name="fk_imports_listener_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_listener_id_created_at", "imports", ["listener_id", "created_at"])
