"""Links for one use, visits, which models served when; indexes of the library's health.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

THERE = "is_visible IS 1 AND has_file IS 1"


def _account(name: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name], ["accounts.id"], name=f"fk_{table}_{name}", ondelete="CASCADE"
    )


def upgrade() -> None:
    """Create the three tables and the indexes; the set in service has served since it was made."""
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("for_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.Column("used_by", sa.String(), nullable=True),
        _account("made_by", "invitations"),
        _account("for_id", "invitations"),
        _account("used_by", "invitations"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    )
    op.create_index("ix_invitations_created_at_id", "invitations", ["created_at", "id"])
    for name in ("made_by", "for_id", "used_by"):
        op.create_index(f"ix_invitations_{name}", "invitations", [name])
    op.create_table(
        "visits",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        _account("account_id", "visits"),
        sa.PrimaryKeyConstraint("account_id", name="pk_visits"),
    )
    op.execute(
        "INSERT INTO visits (account_id, seen_at) "
        "SELECT account_id, max(seen_at) FROM sessions GROUP BY account_id"
    )
    op.create_table(
        "model_services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_model_services"),
    )
    op.create_index("ix_model_services_since", "model_services", ["since"])
    op.execute(
        "INSERT INTO model_services (version, since) "
        "SELECT version, created_at FROM model_versions WHERE state = 'published'"
    )
    _index("ix_tracks_copies", "tracks", "recording_key, duration_s, id", THERE)
    _index("ix_tracks_no_year", "tracks", "sort_title, id", f"{THERE} AND year IS NULL")
    _index("ix_tracks_no_cover", "tracks", "sort_title, id", f"{THERE} AND has_cover IS 0")
    _index("ix_files_gone", "files", "id", "is_gone IS 1")
    _index("ix_analyses_problem", "analyses", "kind, version, track_id", "problem IS NOT NULL")


def _index(name: str, table: str, columns: str, where: str) -> None:
    op.create_index(name, table, columns.split(", "), sqlite_where=sa.text(where))
