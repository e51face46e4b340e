"""The time zone of an account; empty until its browser reports one or its owner chooses.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("accounts", sa.Column("time_zone", sa.String, nullable=False, server_default=""))
