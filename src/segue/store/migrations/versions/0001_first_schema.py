"""The first schema.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# SQLite only; its trigram index serves spelling. Written out: a migration never changes.
FULLTEXT = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(kind, name, words, content='search_entries', "
    "content_rowid='id', prefix='1 2 3', tokenize=\"unicode61 remove_diacritics 2\")",
    "CREATE VIRTUAL TABLE spelling_fts USING fts5(padded, content='spelling_words', "
    "content_rowid='id', tokenize='trigram')",
)


# fmt: off
# ruff: noqa: E501, PLR0915 - one line a constraint, one statement a table
def upgrade() -> None:
    """Create every table."""
    op.create_table('accounts',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('is_disabled', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_accounts'),
    sa.UniqueConstraint('name_key', name='uq_accounts_name_key')
    )
    op.create_index('ix_accounts_role', 'accounts', ['role'])
    op.create_table('albums',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('sort_title', sa.Text(), nullable=False),
    sa.Column('artist_key', sa.Text(), nullable=False),
    sa.Column('mbid', sa.String(), nullable=True),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('n_tracks', sa.Integer(), nullable=False),
    sa.Column('duration_s', sa.Double(), nullable=False),
    sa.Column('has_cover', sa.Boolean(), nullable=False),
    sa.Column('added_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_albums'),
    sa.UniqueConstraint('mbid', name='uq_albums_mbid')
    )
    op.create_index('ix_albums_added_at_id', 'albums', ['added_at', 'id'])
    op.create_index('ix_albums_sort_title_id', 'albums', ['sort_title', 'id'])
    op.create_index('ix_albums_year_sort_title_id', 'albums', ['year', 'sort_title', 'id'])
    op.create_table('artists',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sort_name', sa.Text(), nullable=False),
    sa.Column('mbid', sa.String(), nullable=True),
    sa.Column('n_tracks', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_artists'),
    sa.UniqueConstraint('mbid', name='uq_artists_mbid')
    )
    op.create_index('ix_artists_sort_name_id', 'artists', ['sort_name', 'id'])
    op.create_table('external_ids',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('entity_id', sa.String(), nullable=False),
    sa.Column('scheme', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'entity_id', 'scheme', 'value', name='pk_external_ids')
    )
    op.create_index('ix_external_ids_scheme_value_kind', 'external_ids', ['scheme', 'value', 'kind'])
    op.create_table('genres',
    sa.Column('id', RowId, nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sort_name', sa.Text(), nullable=False),
    sa.Column('n_tracks', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_genres'),
    sa.UniqueConstraint('sort_name', name='uq_genres_sort_name')
    )
    op.create_table('jobs',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('params', sa.Text(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('n_tries', sa.Integer(), nullable=False),
    sa.Column('worker', sa.String(), nullable=True),
    sa.Column('lease_s', sa.Double(), nullable=False),
    sa.Column('lease_until', sa.Double(), nullable=True),
    sa.Column('cancel_asked', sa.Boolean(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=True),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('started_at', sa.Double(), nullable=True),
    sa.Column('finished_at', sa.Double(), nullable=True),
    sa.PrimaryKeyConstraint('id', name='pk_jobs')
    )
    op.create_index('ix_jobs_created_at_id', 'jobs', ['created_at', 'id'])
    op.create_index('ix_jobs_state_lease_until', 'jobs', ['state', 'lease_until'])
    op.create_table('login_failures',
    sa.Column('id', RowId, nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('failed_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_login_failures')
    )
    op.create_index('ix_login_failures_failed_at', 'login_failures', ['failed_at'])
    op.create_index('ix_login_failures_key_failed_at', 'login_failures', ['key', 'failed_at'])
    op.create_table('meta',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key', name='pk_meta')
    )
    op.create_table('model_versions',
    sa.Column('version', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('manifest', sa.Text(), nullable=False),
    sa.Column('scores', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('version', name='pk_model_versions')
    )
    op.create_index('ix_model_versions_created_at', 'model_versions', ['created_at'])
    op.create_index('ix_model_versions_state', 'model_versions', ['state'])
    op.create_table('search_entries',
    sa.Column('id', RowId, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('entity_id', sa.String(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_search_entries'),
    sa.UniqueConstraint('kind', 'entity_id', name='uq_search_entries_kind_entity_id')
    )
    op.create_table('setup_tokens',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('expires_at', sa.Double(), nullable=False),
    sa.Column('used_at', sa.Double(), nullable=True),
    sa.PrimaryKeyConstraint('token_hash', name='pk_setup_tokens')
    )
    op.create_table('spelling_words',
    sa.Column('id', RowId, nullable=False),
    sa.Column('word', sa.Text(), nullable=False),
    sa.Column('padded', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_spelling_words'),
    sa.UniqueConstraint('word', name='uq_spelling_words_word')
    )
    op.create_table('tags',
    sa.Column('id', RowId, nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sort_name', sa.Text(), nullable=False),
    sa.Column('n_tracks', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_tags'),
    sa.UniqueConstraint('sort_name', name='uq_tags_sort_name')
    )
    op.create_table('album_artists',
    sa.Column('album_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('artist_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['album_id'], ['albums.id'], name='fk_album_artists_album_id', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['artist_id'], ['artists.id'], name='fk_album_artists_artist_id'),
    sa.PrimaryKeyConstraint('album_id', 'position', name='pk_album_artists')
    )
    op.create_index('ix_album_artists_artist_id_album_id', 'album_artists', ['artist_id', 'album_id'])
    op.create_table('never_play',
    sa.Column('listener_id', sa.String(), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('target_id', sa.String(), nullable=False),
    sa.Column('until', sa.Double(), nullable=True),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['listener_id'], ['accounts.id'], name='fk_never_play_listener_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('listener_id', 'scope', 'target_id', name='pk_never_play')
    )
    op.create_table('playlists',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('is_shared', sa.Boolean(), nullable=False),
    sa.Column('n_tracks', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('updated_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name='fk_playlists_account_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name='pk_playlists')
    )
    op.create_index('ix_playlists_account_id_name', 'playlists', ['account_id', 'name'])
    op.create_index('ix_playlists_is_shared_name', 'playlists', ['is_shared', 'name'])
    op.create_table('sessions',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('client', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('seen_at', sa.Double(), nullable=False),
    sa.Column('expires_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name='fk_sessions_account_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name='pk_sessions'),
    sa.UniqueConstraint('id', name='uq_sessions_id')
    )
    op.create_index('ix_sessions_account_id_created_at', 'sessions', ['account_id', 'created_at'])
    op.create_index('ix_sessions_expires_at', 'sessions', ['expires_at'])
    op.create_index('ix_sessions_seen_at', 'sessions', ['seen_at'])
    op.create_table('tracks',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('sort_title', sa.Text(), nullable=False),
    sa.Column('album_id', sa.String(), nullable=True),
    sa.Column('recording_key', sa.Text(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('track_number', sa.Integer(), nullable=True),
    sa.Column('disc_number', sa.Integer(), nullable=True),
    sa.Column('duration_s', sa.Double(), nullable=True),
    sa.Column('explicit', sa.Boolean(), nullable=True),
    sa.Column('track_gain_db', sa.Double(), nullable=True),
    sa.Column('album_gain_db', sa.Double(), nullable=True),
    sa.Column('track_peak', sa.Double(), nullable=True),
    sa.Column('is_visible', sa.Boolean(), nullable=False),
    sa.Column('has_file', sa.Boolean(), nullable=False),
    sa.Column('has_cover', sa.Boolean(), nullable=False),
    sa.Column('added_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['album_id'], ['albums.id'], name='fk_tracks_album_id'),
    sa.PrimaryKeyConstraint('id', name='pk_tracks')
    )
    op.create_index('ix_tracks_added_at_id', 'tracks', ['added_at', 'id'])
    op.create_index('ix_tracks_album_id_disc_number_track_number', 'tracks', ['album_id', 'disc_number', 'track_number'])
    op.create_index('ix_tracks_recording_key', 'tracks', ['recording_key'])
    op.create_index('ix_tracks_hidden', 'tracks', ['id'], unique=False, sqlite_where=sa.text('is_visible IS 0'))
    op.create_index('ix_tracks_sort_title_id', 'tracks', ['sort_title', 'id'])
    op.create_index('ix_tracks_year_sort_title_id', 'tracks', ['year', 'sort_title', 'id'])
    op.create_table('events',
    sa.Column('id', RowId, nullable=False),
    sa.Column('listener_id', sa.String(), nullable=False),
    sa.Column('track_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('listened_at', sa.Double(), nullable=False),
    sa.Column('idempotency_key', sa.String(), nullable=False),
    sa.Column('played_s', sa.Double(), nullable=True),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('client', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['listener_id'], ['accounts.id'], name='fk_events_listener_id', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name='fk_events_track_id'),
    sa.PrimaryKeyConstraint('id', name='pk_events'),
    sa.UniqueConstraint('listener_id', 'idempotency_key', name='uq_events_listener_id_idempotency_key'),
    sqlite_autoincrement=True
    )
    op.create_index('ix_events_listener_id_id', 'events', ['listener_id', 'id'])
    op.create_index('ix_events_listener_id_listened_at', 'events', ['listener_id', 'listened_at'])
    op.create_index('ix_events_listener_id_track_id_kind', 'events', ['listener_id', 'track_id', 'kind'])
    op.create_index('ix_events_track_id', 'events', ['track_id'])
    op.create_table('feedback_state',
    sa.Column('listener_id', sa.String(), nullable=False),
    sa.Column('track_id', sa.String(), nullable=False),
    sa.Column('loved', sa.Boolean(), nullable=False),
    sa.Column('disliked', sa.Boolean(), nullable=False),
    sa.Column('rating', sa.Double(), nullable=True),
    sa.Column('updated_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['listener_id'], ['accounts.id'], name='fk_feedback_state_listener_id', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name='fk_feedback_state_track_id'),
    sa.PrimaryKeyConstraint('listener_id', 'track_id', name='pk_feedback_state')
    )
    op.create_index('ix_feedback_state_listener_id_loved_updated_at', 'feedback_state', ['listener_id', 'loved', 'updated_at'])
    op.create_table('files',
    sa.Column('id', RowId, nullable=False),
    sa.Column('path', sa.LargeBinary(), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('modified_ns', sa.BigInteger(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('track_id', sa.String(), nullable=True),
    sa.Column('is_gone', sa.Boolean(), nullable=False),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.Column('bitrate_kbps', sa.Double(), nullable=True),
    sa.Column('sample_rate_hz', sa.Integer(), nullable=True),
    sa.Column('channels', sa.Integer(), nullable=True),
    sa.Column('cover_path', sa.LargeBinary(), nullable=True),
    sa.Column('has_embedded_cover', sa.Boolean(), nullable=False),
    sa.Column('scanned_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name='fk_files_track_id'),
    sa.PrimaryKeyConstraint('id', name='pk_files'),
    sa.UniqueConstraint('path', name='uq_files_path'),
    sa.UniqueConstraint('track_id', name='uq_files_track_id')
    )
    op.create_index('ix_files_fingerprint', 'files', ['fingerprint'])
    op.create_index('ix_files_problem', 'files', ['id'], unique=False, sqlite_where=sa.text('problem IS NOT NULL'), postgresql_where=sa.text('problem IS NOT NULL'))
    op.create_table('playlist_items',
    sa.Column('id', RowId, nullable=False),
    sa.Column('playlist_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('track_id', sa.String(), nullable=False),
    sa.Column('added_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['playlist_id'], ['playlists.id'], name='fk_playlist_items_playlist_id', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name='fk_playlist_items_track_id'),
    sa.PrimaryKeyConstraint('id', name='pk_playlist_items')
    )
    op.create_index('ix_playlist_items_playlist_id_position', 'playlist_items', ['playlist_id', 'position'])
    op.create_index('ix_playlist_items_track_id', 'playlist_items', ['track_id'])
    op.create_table('track_artists',
    sa.Column('track_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('artist_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['artist_id'], ['artists.id'], name='fk_track_artists_artist_id'),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name='fk_track_artists_track_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('track_id', 'position', name='pk_track_artists')
    )
    op.create_index('ix_track_artists_artist_id_track_id', 'track_artists', ['artist_id', 'track_id'])
    op.create_table('track_genres',
    sa.Column('track_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('genre_id', RowId, nullable=False),
    sa.ForeignKeyConstraint(['genre_id'], ['genres.id'], name='fk_track_genres_genre_id'),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name='fk_track_genres_track_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('track_id', 'position', name='pk_track_genres')
    )
    op.create_index('ix_track_genres_genre_id_track_id', 'track_genres', ['genre_id', 'track_id'])
    op.create_table('track_tags',
    sa.Column('track_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('tag_id', RowId, nullable=False),
    sa.ForeignKeyConstraint(['tag_id'], ['tags.id'], name='fk_track_tags_tag_id'),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name='fk_track_tags_track_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('track_id', 'position', name='pk_track_tags')
    )
    op.create_index('ix_track_tags_tag_id_track_id', 'track_tags', ['tag_id', 'track_id'])
    op.create_table('retractions',
    sa.Column('event_id', RowId, autoincrement=False, nullable=False),
    sa.Column('listener_id', sa.String(), nullable=False),
    sa.Column('retracted_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name='fk_retractions_event_id', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['listener_id'], ['accounts.id'], name='fk_retractions_listener_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name='pk_retractions')
    )
    op.create_index('ix_retractions_listener_id', 'retractions', ['listener_id'])
    if op.get_bind().dialect.name == "sqlite":
        for statement in FULLTEXT:
            op.execute(statement)
