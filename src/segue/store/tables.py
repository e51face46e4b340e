"""All tables, as SQLAlchemy Core metadata: portable to PostgreSQL; times are Unix seconds (UTC).

FTS5 tables live in :mod:`segue.store.fulltext`. A change needs a migration; a test compares both.
"""

import os
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows only for INTEGER PRIMARY KEY; PostgreSQL gets 64 bits.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class FilePath(TypeDecorator[str]):
    """A path as the bytes the file system knows: names that are not UTF-8 exist and must fit."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Python text with surrogate escapes to bytes."""
        return None if value is None else os.fsencode(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Bytes to Python text with surrogate escapes."""
        return None if value is None else os.fsdecode(bytes(value))


def _flag(name: str, *, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=default)


def _key(name: str, target: str, *, on_delete: str | None = None, **more: Any) -> Column[Any]:
    """A foreign key that is part of the primary key, or ``primary_key=False, nullable=...``."""
    more = {"primary_key": True} | more
    return Column(name, ForeignKey(target, ondelete=on_delete), **more)


meta = Table(
    "meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False)
)

artists = Table(
    "artists",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sort_name", Text, nullable=False),
    Column("mbid", String, unique=True),
    Column("n_tracks", Integer, nullable=False, default=0),  # visible ones
    Column("added_at", Double, nullable=False),
    Index(None, "sort_name", "id"),
)

albums = Table(
    "albums",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("sort_title", Text, nullable=False),
    Column("artist_key", Text, nullable=False),  # folded album artist: half of the identity
    Column("mbid", String, unique=True),
    Column("year", Integer),
    Column("n_tracks", Integer, nullable=False, default=0),  # visible ones
    Column("duration_s", Double, nullable=False, default=0.0),
    _flag("has_cover"),
    Column("added_at", Double, nullable=False),
    Index(None, "sort_title", "id"),
    Index(None, "added_at", "id"),
    Index(None, "year", "sort_title", "id"),
)

album_artists = Table(
    "album_artists",
    metadata,
    _key("album_id", "albums.id", on_delete="CASCADE"),
    Column("position", Integer, primary_key=True),
    _key("artist_id", "artists.id", primary_key=False, nullable=False),
    Index(None, "artist_id", "album_id"),
)

tracks = Table(
    "tracks",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("sort_title", Text, nullable=False),
    _key("album_id", "albums.id", primary_key=False),
    Column("recording_key", Text, nullable=False, default=""),
    Column("year", Integer),
    Column("track_number", Integer),
    Column("disc_number", Integer),
    Column("duration_s", Double),
    Column("explicit", Boolean),
    Column("track_gain_db", Double),
    Column("album_gain_db", Double),
    Column("track_peak", Double),
    _flag("is_visible", default=True),
    _flag("has_file"),
    _flag("has_cover"),
    Column("added_at", Double, nullable=False),
    Index(None, "sort_title", "id"),
    Index(None, "added_at", "id"),
    Index(None, "album_id", "disc_number", "track_number"),
    Index(None, "year", "sort_title", "id"),
    Index(None, "recording_key"),
)
Index("ix_tracks_hidden", tracks.c.id, sqlite_where=tracks.c.is_visible.is_(False))

track_artists = Table(
    "track_artists",
    metadata,
    _key("track_id", "tracks.id", on_delete="CASCADE"),
    Column("position", Integer, primary_key=True),
    _key("artist_id", "artists.id", primary_key=False, nullable=False),
    Index(None, "artist_id", "track_id"),
)


def _terms(name: str, singular: str) -> tuple[Table, Table]:
    """A list of words and its link to tracks, for genres and for tags."""
    words = Table(
        name,
        metadata,
        Column("id", RowId, primary_key=True),
        Column("name", Text, nullable=False),
        Column("sort_name", Text, nullable=False, unique=True),
        Column("n_tracks", Integer, nullable=False, default=0),  # visible ones
    )
    links = Table(
        f"track_{name}",
        metadata,
        _key("track_id", "tracks.id", on_delete="CASCADE"),
        Column("position", Integer, primary_key=True),
        _key(f"{singular}_id", f"{name}.id", primary_key=False, nullable=False),
        Index(None, f"{singular}_id", "track_id"),
    )
    return words, links


genres, track_genres = _terms("genres", "genre")
tags, track_tags = _terms("tags", "tag")

files = Table(
    "files",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("path", FilePath, nullable=False, unique=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("modified_ns", BigInteger, nullable=False),
    Column("fingerprint", String, nullable=False, default=""),
    _key("track_id", "tracks.id", primary_key=False, unique=True),
    _flag("is_gone"),
    Column("problem", Text),
    Column("bitrate_kbps", Double),
    Column("sample_rate_hz", Integer),
    Column("channels", Integer),
    Column("cover_path", FilePath),
    _flag("has_embedded_cover"),
    Column("lyrics_ns", BigInteger, nullable=False, default=0),  # of the file of lyrics beside it
    Column("reading", Integer, nullable=False, default=0),  # ``READING`` of when it was read
    Column("scanned_at", Double, nullable=False),
    Index(None, "fingerprint"),
)
# naming another database's dialect here would import it at every start: a tenth of a second
Index("ix_files_problem", files.c.id, sqlite_where=files.c.problem.is_not(None))

external_ids = Table(
    "external_ids",
    metadata,
    Column("kind", String, primary_key=True),  # track, artist, album
    Column("entity_id", String, primary_key=True),
    Column("scheme", String, primary_key=True),  # mbid, isrc, spotify
    Column("value", String, primary_key=True),
    Index(None, "scheme", "value", "kind"),
)

search_entries = Table(
    "search_entries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String, nullable=False),
    Column("entity_id", String, nullable=False),
    Column("name", Text, nullable=False),  # folded
    Column("words", Text, nullable=False),  # folded: credits, album, other spellings
    UniqueConstraint("kind", "entity_id"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # case-folded
    Column("password_hash", Text),
    Column("role", String, nullable=False),
    Column("language", String, nullable=False, server_default=""),  # "" is what the browser asks
    Column("time_zone", String, nullable=False, server_default=""),  # "" is that of the server
    _flag("is_disabled"),
    Column("created_at", Double, nullable=False),
    Index(None, "role"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String, primary_key=True),  # SHA-256 in hex; the token is stored nowhere
    Column("id", String, nullable=False, unique=True),
    _key("account_id", "accounts.id", on_delete="CASCADE", primary_key=False, nullable=False),
    Column("client", Text, nullable=False, default=""),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index(None, "account_id", "created_at"),
    Index(None, "expires_at"),
    Index(None, "seen_at"),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String, nullable=False),
    Column("failed_at", Double, nullable=False),
    Index(None, "key", "failed_at"),
    Index(None, "failed_at"),
)

events = Table(
    "events",
    metadata,
    Column("id", RowId, primary_key=True),
    _key("listener_id", "accounts.id", on_delete="CASCADE", primary_key=False, nullable=False),
    _key("track_id", "tracks.id", primary_key=False, nullable=False),
    Column("kind", String, nullable=False),
    Column("listened_at", Double, nullable=False),
    Column("idempotency_key", String, nullable=False),
    Column("played_s", Double),
    Column("value", Double),
    Column("source", String, nullable=False),
    Column("client", String, nullable=False),
    UniqueConstraint("listener_id", "idempotency_key"),
    Index(None, "listener_id", "id"),
    Index(None, "listener_id", "listened_at"),
    # all that is counted of plays, so that statistics never look up the rows themselves
    Index("ix_events_counted", "listener_id", "kind", "listened_at", "track_id", "played_s"),
    # both for one listener's track and for everybody's: an index with the track in it costs most
    Index(None, "track_id", "listener_id", "kind"),
    sqlite_autoincrement=True,  # an id is never used again, so "after this id" stays true
)

retractions = Table(
    "retractions",
    metadata,
    _key("event_id", "events.id", on_delete="CASCADE", autoincrement=False),
    _key("listener_id", "accounts.id", on_delete="CASCADE", primary_key=False, nullable=False),
    Column("retracted_at", Double, nullable=False),
    Index(None, "listener_id"),
)

feedback_state = Table(
    "feedback_state",
    metadata,
    _key("listener_id", "accounts.id", on_delete="CASCADE"),
    _key("track_id", "tracks.id"),
    _flag("loved"),
    _flag("disliked"),
    Column("rating", Double),
    Column("updated_at", Double, nullable=False),
    Index(None, "listener_id", "loved", "updated_at"),
)

never_play = Table(
    "never_play",
    metadata,
    _key("listener_id", "accounts.id", on_delete="CASCADE"),
    Column("scope", String, primary_key=True),
    Column("target_id", String, primary_key=True),
    Column("until", Double),
    Column("created_at", Double, nullable=False),
)

playlists = Table(
    "playlists",
    metadata,
    Column("id", String, primary_key=True),
    _key("account_id", "accounts.id", on_delete="CASCADE", primary_key=False, nullable=False),
    Column("name", Text, nullable=False),
    _flag("is_shared"),
    Column("n_tracks", Integer, nullable=False, default=0),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Index(None, "account_id", "name"),
    Index(None, "is_shared", "name"),
)

playlist_items = Table(
    "playlist_items",
    metadata,
    Column("id", RowId, primary_key=True),
    _key("playlist_id", "playlists.id", on_delete="CASCADE", primary_key=False, nullable=False),
    Column("position", Integer, nullable=False),
    _key("track_id", "tracks.id", primary_key=False, nullable=False),
    Column("added_at", Double, nullable=False),
    Index(None, "playlist_id", "position"),
    Index(None, "track_id"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("params", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("n_tries", Integer, nullable=False, default=0),
    Column("worker", String),
    Column("lease_s", Double, nullable=False, default=0.0),
    Column("lease_until", Double),
    _flag("cancel_asked"),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer),
    Column("unit", String, nullable=False, default=""),
    Column("message", Text, nullable=False, default=""),
    Column("error", Text),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Index(None, "state", "lease_until"),
    Index(None, "created_at", "id"),
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("version", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("scores", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Index(None, "state"),
    Index(None, "created_at"),
)

analyses = Table(
    "analyses",
    metadata,
    _key("track_id", "tracks.id", on_delete="CASCADE"),
    Column("kind", String, primary_key=True),  # sound, or the name of a model that embeds sound
    Column("version", Integer, primary_key=True),
    Column("heard", String, nullable=False),  # size and time of the file that was heard
    Column("problem", Text),
    Column("vector", LargeBinary),  # float32, little-endian
    Column("sketch", LargeBinary),  # uint8 (n, 12) of chroma
    Column("key", String, nullable=False, default=""),
    Column("tempo_bpm", Double, nullable=False, default=0.0),
    Column("analysed_at", Double, nullable=False),
    Index(None, "kind", "version", "track_id"),
)
