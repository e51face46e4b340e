"""Consents, lists of a day or week, blends, sessions of a radio.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _account(name: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name], ["accounts.id"], name=f"fk_{table}_{name}", ondelete="CASCADE"
    )


def upgrade() -> None:
    """Create the five tables."""
    op.create_table(
        "consents",
        sa.Column("listener_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("given_at", sa.Double(), nullable=False),
        _account("listener_id", "consents"),
        sa.PrimaryKeyConstraint("listener_id", "what", name="pk_consents"),
    )
    op.create_index("ix_consents_what_listener_id", "consents", ["what", "listener_id"])
    op.create_table(
        "kept_lists",
        sa.Column("listener_id", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        _account("listener_id", "kept_lists"),
        sa.PrimaryKeyConstraint("listener_id", "station", "period", "number", name="pk_kept_lists"),
    )
    op.create_table(
        "blends",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        _account("owner_id", "blends"),
        sa.PrimaryKeyConstraint("id", name="pk_blends"),
    )
    op.create_index("ix_blends_owner_id", "blends", ["owner_id"])
    op.create_table(
        "blend_members",
        sa.Column("blend_id", sa.String(), nullable=False),
        sa.Column("listener_id", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["blend_id"], ["blends.id"], name="fk_blend_members_blend_id", ondelete="CASCADE"
        ),
        _account("listener_id", "blend_members"),
        sa.PrimaryKeyConstraint("blend_id", "listener_id", name="pk_blend_members"),
    )
    op.create_index("ix_blend_members_listener_id", "blend_members", ["listener_id"])
    op.create_table(
        "radio_sessions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("listener_id", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        _account("listener_id", "radio_sessions"),
        sa.PrimaryKeyConstraint("id", name="pk_radio_sessions"),
    )
    op.create_index(
        "ix_radio_sessions_listener_id_updated_at", "radio_sessions", ["listener_id", "updated_at"]
    )
