"""Opening a database file: is it ours, is it as new as this code, is it meant for tests.

Two processes may open, create or migrate one file at once: every decision that leads to a change
is taken again under the write lock.
"""

import sqlite3
import time
from pathlib import Path
from typing import Literal, TypeAlias

from sqlalchemy import insert, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from segue.errors import StoreError
from segue.store.connections import BUSY_TIMEOUT_MS, sqlite_engine
from segue.store.ids import new_id
from segue.store.tables import meta

Purpose: TypeAlias = Literal["library", "test"]

APPLICATION_ID = 0x53454755  # "SEGU", in the header of the file
SCHEMA_REVISION = "0018"  # the newest in migrations/versions
MIGRATIONS = Path(__file__).parent / "migrations"
_MAGIC = b"SQLite format 3\x00"


def open_schema(
    path: Path,
    purpose: Purpose,
    *,
    revision: str = SCHEMA_REVISION,
    migrations: Path = MIGRATIONS,
) -> Purpose:
    """Make sure that the file is a database of ours with the schema of this code.

    Creates it when absent (readable by its owner only), migrates it when older.

    Returns:
        The purpose it was created for.

    Raises:
        StoreError: Not a database of Segue; or written by a newer Segue; or a test asked for a
            database that was not made for tests; or it is damaged.
    """
    try:
        _make_file(path)
        found, marker = _look(path)
        if found is not None:
            _refuse_wrong_purpose(path, purpose, marker)
        if found != revision:
            _refuse_unknown(path, found, migrations)
            _use_wal(path)
            _migrate(path, purpose, found, revision, migrations)
    except (sqlite3.Error, DatabaseError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise StoreError(f"the database {path} cannot be opened: {cause}") from error
    return marker or purpose


def _make_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("rb") as file:
        header = file.read(len(_MAGIC))
    if header not in (b"", _MAGIC):
        raise StoreError(f"{path} is not a database of Segue; it was left as it is")


def _look(path: Path) -> tuple[str | None, Purpose | None]:
    """Revision and purpose of a file of ours, or (None, None) of an empty one."""
    raw = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
    try:
        raw.execute("BEGIN")  # one snapshot for the questions below
        if raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            return None, None
        if raw.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
            raise StoreError(f"{path} is not a database of Segue; it was left as it is")
        revision = raw.execute("SELECT version_num FROM alembic_version").fetchone()
        marker = raw.execute("SELECT value FROM meta WHERE key = 'purpose'").fetchone()
    finally:
        raw.close()
    return revision[0], "test" if marker == ("test",) else "library"


def _refuse_wrong_purpose(path: Path, purpose: Purpose, marker: Purpose | None) -> None:
    if purpose == "test" and marker != "test":
        raise StoreError(
            f"{path} holds a real library and was opened for a test; "
            "tests only touch databases that were created for tests"
        )


def _refuse_unknown(path: Path, found: str | None, migrations: Path) -> None:
    known = {file.name.split("_")[0] for file in (migrations / "versions").glob("*.py")}
    if found is not None and found not in known:
        raise StoreError(
            f"{path} has schema {found!r}, which a newer Segue wrote; this one knows up to "
            f"{max(known)!r}. Update Segue, or restore a backup made before the update"
        )


def _use_wal(path: Path) -> None:
    """Write-ahead log, for good. SQLite does not wait for locks here, so we do."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        raw = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        try:
            mode = raw.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)
        else:
            if mode != "wal":
                raise StoreError(f"{path}: this file system has no write-ahead log ({mode})")
            return
        finally:
            raw.close()


def _migrate(
    path: Path, purpose: Purpose, found: str | None, revision: str, migrations: Path
) -> None:
    """Bring the file to ``revision`` in one transaction; whoever comes second finds it done."""
    if found is not None:
        _back_up(path, found)
    engine = sqlite_engine(path, "migration")
    try:
        with engine.connect() as connection, connection.begin():
            if _revision_of(connection) == revision:
                return
            if found is None:
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            _run_alembic(connection, migrations, revision)
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise StoreError(f"{path}: the migration to {revision} broke a reference; undone")
            if found is None:
                _describe(connection, purpose)
    finally:
        engine.dispose()


def _revision_of(connection: Connection) -> str | None:
    there = text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
    if connection.execute(there).first() is None:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _back_up(path: Path, found: str) -> None:
    """A verified copy beside the file before its schema changes; damage stops the migration."""
    copy_path = path.with_name(f"{path.name}.schema-{found}.bak")
    source = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)
    copy = sqlite3.connect(copy_path)
    try:
        source.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        source.close()
        copy.close()
    if verdict != "ok":
        raise StoreError(f"{path} is damaged ({verdict}) and was not migrated; restore a backup")


def _run_alembic(connection: Connection, migrations: Path, revision: str) -> None:
    from alembic import command  # only here: a tenth of a second that most starts can save
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _describe(connection: Connection, purpose: Purpose) -> None:
    """Facts about a new database: which one it is, what for, and the catalogue's counter."""
    values = {"instance_id": new_id(), "purpose": purpose, "catalog_version": "0"}
    have = set(connection.execute(select(meta.c.key)).scalars())
    rows = [{"key": key, "value": value} for key, value in values.items() if key not in have]
    if rows:
        connection.execute(insert(meta), rows)
