"""How much of each file a scan had read when it was read last.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the number; 0 stands for before it was kept, so every file is read once again."""
    op.add_column("files", sa.Column("reading", sa.Integer(), nullable=False, server_default="0"))
