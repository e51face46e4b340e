"""Accounts that are leaving, app passwords, rules of playlists.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _key(name: str, target: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [target], name=f"fk_{table}_{name}", ondelete="CASCADE")


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "leaving",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        _key("account_id", "accounts.id", "leaving"),
        sa.PrimaryKeyConstraint("account_id", name="pk_leaving"),
    )
    op.create_table(
        "app_tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=True),
        _key("account_id", "accounts.id", "app_tokens"),
        sa.PrimaryKeyConstraint("id", name="pk_app_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_app_tokens_token_hash"),
    )
    op.create_index(
        "ix_app_tokens_account_id_created_at", "app_tokens", ["account_id", "created_at"]
    )
    op.create_table(
        "playlist_rules",
        sa.Column("playlist_id", sa.String(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        _key("playlist_id", "playlists.id", "playlist_rules"),
        sa.PrimaryKeyConstraint("playlist_id", name="pk_playlist_rules"),
    )
