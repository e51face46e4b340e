"""Rows of imports whose track is doubtful.

Revision ID: 0005
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of doubts and of the rows that wait for a decision."""
    op.create_table(
        "import_doubts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("listener_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listener_id"],
            ["accounts.id"],
            name="fk_import_doubts_listener_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], name="fk_import_doubts_track_id"),
        sa.PrimaryKeyConstraint("id", name="pk_import_doubts"),
        sa.UniqueConstraint("listener_id", "key", name="uq_import_doubts_listener_id_key"),
    )
    op.create_index(
        "ix_import_doubts_listener_id_state_id", "import_doubts", ["listener_id", "state", "id"]
    )
    op.create_table(
        "import_doubt_rows",
        sa.Column("doubt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("listen", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["doubt_id"],
            ["import_doubts.id"],
            name="fk_import_doubt_rows_doubt_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("doubt_id", "row_key", name="pk_import_doubt_rows"),
    )
    op.create_index("ix_import_doubt_rows_row_key", "import_doubt_rows", ["row_key"])
