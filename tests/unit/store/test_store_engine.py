import os
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest
from sqlalchemy import create_engine, event, inspect, text

from segue.errors import StoreError
from segue.store import schema
from segue.store.engine import Database
from segue.store.tables import metadata


def bump(connection):
    connection.execute(text("UPDATE meta SET value = value + 1 WHERE key = 'catalog_version'"))


def counter(db):
    with db.read() as connection:
        found = connection.execute(text("SELECT value FROM meta WHERE key = 'catalog_version'"))
        return int(found.scalar_one())


def pragma(connection, name):
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_the_writer_flushes_fully_and_checks_foreign_keys(db):
    wanted = {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal", "busy_timeout": 15000,
              "trusted_schema": 0, "cell_size_check": 1}  # fmt: skip
    assert db.write(lambda c: {name: pragma(c, name) for name in wanted}) == wanted


def test_a_reader_cannot_write(db):
    with pytest.raises(StoreError, match="readonly"), db.read() as connection:
        bump(connection)


def test_a_reader_sees_one_moment(db):
    with db.read() as connection:
        query = text("SELECT value FROM meta WHERE key = 'catalog_version'")
        before = connection.execute(query).scalar()
        db.write(bump)
        assert connection.execute(query).scalar() == before
    assert counter(db) == int(before) + 1


def test_one_failing_piece_of_work_is_undone_alone(db):
    hold = threading.Event()
    db.submit(lambda _: hold.wait(10))

    def fail(connection):
        bump(connection)
        raise ValueError("mine")

    futures = [db.submit(work) for work in (bump, fail, bump)]
    hold.set()
    with pytest.raises(ValueError, match="mine"):
        futures[1].result(10)
    futures[2].result(10)
    assert counter(db) == 2


def test_an_sql_error_becomes_a_store_error(db):
    with pytest.raises(StoreError, match="no such table"):
        db.write(lambda c: c.execute(text("DELETE FROM no_such")))
    db.write(bump)


def test_many_writers_share_commits(db):
    commits = []
    event.listen(db._writer._engine, "commit", commits.append)
    hold = threading.Event()
    db.submit(lambda _: hold.wait(10))
    threads = [threading.Thread(target=db.write, args=(bump,)) for _ in range(24)]
    for thread in threads:
        thread.start()
    while db._writer._queue.qsize() < len(threads):
        pass
    hold.set()
    for thread in threads:
        thread.join()
    assert counter(db) == 24
    assert len(commits) < 24


def test_no_future_is_resolved_before_the_commit(db):
    seen = []
    event.listen(db._writer._engine, "commit", lambda _: seen.append(future.done()))
    hold = threading.Event()
    db.submit(lambda _: hold.wait(10))
    future = db.submit(bump)
    hold.set()
    future.result(10)
    assert seen == [False]


def test_a_commit_that_fails_fails_everybody_in_it_and_the_next_one_works(db):
    def refuse(_):
        raise OSError("disk gone")

    event.listen(db._writer._engine, "commit", refuse)
    with pytest.raises(OSError, match="disk gone"):
        db.write(bump)
    event.remove(db._writer._engine, "commit", refuse)
    assert counter(db) == 0
    db.write(bump)
    assert counter(db) == 1


def test_a_transaction_that_sqlite_ended_by_itself_is_not_reported_as_written(db):
    hold = threading.Event()
    db.submit(lambda _: hold.wait(10))
    first = db.submit(bump)
    second = db.submit(lambda c: c.connection.dbapi_connection.execute("ROLLBACK") and 1 / 0)
    hold.set()
    for future in (first, second):
        with pytest.raises((StoreError, ZeroDivisionError)):
            future.result(10)
    assert counter(db) == 0


def test_closing_finishes_what_is_queued_and_refuses_more(db):
    futures = [db.submit(bump) for _ in range(10)]
    db.close()
    assert all(future.done() and future.exception() is None for future in futures)
    with pytest.raises(StoreError, match="closed"):
        db.write(bump)
    db.close()


def test_work_that_waits_for_other_work_is_refused(db):
    with pytest.raises(StoreError, match="wait"):
        db.write(lambda _: db.write(bump))


def test_a_test_cannot_open_a_real_library(tmp_path):
    Database(tmp_path / "segue.db").close()
    with pytest.raises(StoreError, match="real library"):
        Database(tmp_path / "segue.db", purpose="test")


def test_only_a_test_database_can_be_wiped(tmp_path, db, song_ids):
    with Database(tmp_path / "real.db") as real, pytest.raises(StoreError, match="never wiped"):
        real.wipe()
    db.wipe()
    with db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM tracks")).scalar() == 0
    assert db.instance_id


def test_a_library_opened_for_wiping_by_a_changed_flag_is_still_refused(tmp_path):
    with Database(tmp_path / "real.db") as real:
        real.purpose = "test"
        with pytest.raises(StoreError, match="not created for tests"):
            real.wipe()


@pytest.mark.parametrize("content", [b"RIFF....WAVE", b"SQLite"])
def test_a_file_that_is_no_database_is_left_alone(tmp_path, content):
    path = tmp_path / "song.wav"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a database of Segue"):
        Database(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE notes (x)")
    other.close()
    with pytest.raises(StoreError, match="not a database of Segue"):
        Database(tmp_path / "other.db")


def test_a_newer_schema_is_refused_by_name(tmp_path, db):
    db.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(StoreError, match="newer Segue"):
        Database(db.path)


def test_the_file_can_be_read_by_its_owner_only(tmp_path):
    old = os.umask(0)
    try:
        Database(tmp_path / "segue.db").close()
    finally:
        os.umask(old)
    assert (tmp_path / "segue.db").stat().st_mode & 0o077 == 0


def test_opening_a_database_that_is_up_to_date_does_not_load_alembic(db):
    code = (
        "import sys, pathlib; from segue.store.engine import Database;"
        f"Database(pathlib.Path({str(db.path)!r})).close(); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def described(path):
    engine = create_engine(f"sqlite:///{path}")
    look = inspect(engine)
    names = [n for n in look.get_table_names() if "fts" not in n and n != "alembic_version"]
    found = {}
    for name in names:
        keys = look.get_foreign_keys(name)
        found[name] = (
            {c["name"]: (str(c["type"]), c["nullable"]) for c in look.get_columns(name)},
            look.get_pk_constraint(name),
            sorted((k["name"], k["constrained_columns"], k["referred_table"], str(k["options"]))
                   for k in keys),
            sorted((i["name"], i["column_names"], i["unique"]) for i in look.get_indexes(name)),
            sorted((u["name"], u["column_names"]) for u in look.get_unique_constraints(name)),
        )  # fmt: skip
    engine.dispose()
    return found


def test_the_migrations_lead_to_the_tables_of_the_code(empty_database, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert described(empty_database) == described(tmp_path / "made.db")


def newer_migrations(tmp_path, body):
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_next.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision = '9999'\ndown_revision = '{schema.SCHEMA_REVISION}'\n"
        f"def upgrade():\n{body}\n"
    )
    return folder


def test_an_older_schema_is_backed_up_and_migrated_without_loss(db, tmp_path, event, history):
    history.append([event("love"), event("play")])
    db.close()
    folder = newer_migrations(
        tmp_path,
        "    with op.batch_alter_table('tracks') as batch:\n"
        "        batch.add_column(sa.Column('mood', sa.Text()))",
    )
    schema.open_schema(db.path, "test", revision="9999", migrations=folder)
    with sqlite3.connect(db.path) as raw:
        assert raw.execute("SELECT count(*) FROM events").fetchone() == (2,)
        assert raw.execute("SELECT count(*), count(mood) FROM tracks").fetchone() == (6, 0)
        assert raw.execute("PRAGMA foreign_key_check").fetchone() is None
    raw.close()
    assert (db.path.with_name(f"segue.db.schema-{schema.SCHEMA_REVISION}.bak")).stat().st_size > 0


def test_a_migration_that_fails_changes_nothing(db, tmp_path):
    folder = newer_migrations(tmp_path, "    op.drop_table('events')\n    raise ValueError('half')")
    with pytest.raises(ValueError, match="half"):
        schema.open_schema(db.path, "test", revision="9999", migrations=folder)
    with Database(db.path, purpose="test") as again, again.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM events")).scalar() == 0


def test_several_processes_may_create_one_database_at_once(tmp_path):
    code = (
        "import pathlib; from segue.store.engine import Database;"
        f"db = Database(pathlib.Path({str(tmp_path / 'new.db')!r}), purpose='test');"
        "print(db.instance_id); db.close()"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(4)
    ]
    answers = {child.communicate(timeout=60)[0] for child in children}
    assert [child.returncode for child in children] == [0] * 4
    assert len(answers) == 1
