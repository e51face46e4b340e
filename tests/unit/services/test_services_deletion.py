import re
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Boolean, Double, Float, Integer, LargeBinary, func, insert, select

from segue.data.records import EventKind
from segue.errors import ConflictError, ForbiddenError, NotFoundError, ThrottledError
from segue.services.accounts import Caller
from segue.services.history import NewEvent
from segue.store import leaving
from segue.store.account_tables import metadata
from segue.store.connections import sqlite_engine
from segue.store.copies import copies_of
from segue.store.leaving import Leaving
from segue.store.own_words import OwnWords
from segue.store.owned_rows import conditions_of
from segue.store.playlists import Playlists
from segue.store.schema import _back_up
from segue.store.tables import accounts, events, jobs, login_failures, tracks
from segue.training import artifacts
from support.app import N_BANDS, NOW, PASSWORD, Watched, browser, signed

NAME, WORDS, SECRET = "Quillonbert", "my zwitscherkasten hums", "trace-of-quillonbert"
OWNING = re.compile(r"(listener|account|owner|member|user|invited_by|made_by)(_id)?$")


def fill_every_table(house, account_id):
    """At least one row of the account in each table that can hold one."""
    house.app.own_words.say(account_id, OwnWords(bio=WORDS, tags=(SECRET,)))
    store = Playlists(house.app.database)
    store.add(account_id, store.create(account_id, SECRET, NOW).id, [house.track("Song 0-0")], NOW)
    house.tell(NAME, "love", "Song 0-1", client=SECRET[:20])
    house.app.database.write(lambda connection: _fill(connection, account_id))


def _fill(connection, account_id):
    for table, condition in conditions_of(account_id).items():
        if connection.execute(select(func.count()).select_from(table).where(condition)).scalar():
            continue
        row = {c.name: _something(connection, c, account_id) for c in table.c if _wanted(c)}
        connection.execute(insert(table), [row])


def _wanted(column):
    return not (column.primary_key and column.autoincrement is True)


def _something(connection, column, account_id):
    """A value that fits: a key that exists, else something that can be found again."""
    for key in column.foreign_keys:
        if key.column.table is accounts:
            return account_id
        owned = conditions_of(account_id).get(key.column.table)
        ids = select(key.column).limit(1)
        return connection.execute(ids if owned is None else ids.where(owned)).scalar_one()
    kinds = ((Boolean, False), (Integer, 7), (Double, 7.0), (Float, 7.0), (LargeBinary, b"trace"))
    return next((v for kind, v in kinds if isinstance(column.type, kind)), f"{SECRET}-{column}")


def tables_with(house, *needles):
    """Names of tables with a row that mentions any of the needles, of all tables there are."""
    found = set()
    with house.app.database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                if any(needle.casefold() in repr(tuple(row)).casefold() for needle in needles):
                    found.add(table.name)
    return found


def files_with(folder, *needles):
    """Files below a folder with a needle in any spelling that programs write."""
    found = set()
    for path in Path(folder).rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for needle in needles:
                for text in (needle, needle.casefold()):
                    for code in ("utf-8", "utf-16-le", "utf-32-le"):
                        if text.encode(code) in data:
                            found.add(path.name)
    return found


@pytest.fixture
def leaver(house):
    account = house.app.accounts.create(NAME, PASSWORD)
    return account.id


def job_kinds(house):
    return [job.kind for job in house.app.jobs.list()]


def test_every_column_that_names_a_person_refers_to_accounts():
    wrong = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if OWNING.search(column.name)
        and not any(key.column.table in (accounts,) for key in column.foreign_keys)
        and (table.name, column.name) != ("track_artists", "artist_id")
    ]
    assert wrong == []


def test_what_hangs_on_an_account_goes_with_it():
    for table in conditions_of("someone"):
        if table is accounts:
            continue
        owned = conditions_of("someone")
        for key in table.foreign_keys:
            if key.column.table in owned:
                assert key.ondelete == "CASCADE", f"{table.name}.{key.parent.name}"


def test_no_row_of_any_table_is_left(house, leaver):
    fill_every_table(house, leaver)
    full = tables_with(house, leaver)
    children = {"playlist_items", "import_doubt_rows", "playlist_rules"}  # by their parent's key
    assert {table.name for table in conditions_of(leaver)} - children <= full
    house.app.own.deletion.delete(leaver)
    assert tables_with(house, leaver, NAME, WORDS, SECRET) == set()
    with house.app.database.read() as connection:
        for table, condition in conditions_of(leaver).items():
            assert not connection.execute(select(table).where(condition)).first(), table.name
    assert job_kinds(house) == ["forget"]


def test_others_keep_all_that_is_theirs(house, leaver):
    fill_every_table(house, leaver)
    house.tell("ada", "play", "Song 0-1", played_s=100.0)
    ada = house.id_of("ada")
    before = _counts(house, ada)
    house.app.own.deletion.delete(leaver)
    assert _counts(house, ada) == before
    assert house.app.history._history.most_played(ada)[0].n_plays == 1


def _counts(house, account_id):
    with house.app.database.read() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(condition)
            ).scalar()
            for table, condition in conditions_of(account_id).items()
        }


def test_sessions_end_and_the_name_is_free_again(house, leaver):
    headers = signed(house, NAME)
    with browser(house) as client:
        assert client.get("/v1/me", headers=headers).status_code == 200
        house.app.own.deletion.delete(leaver)
        house.clock.now += 2
        assert client.get("/v1/me", headers=headers).status_code == 401
        assert house.app.accounts.create(NAME.lower(), PASSWORD).id != leaver


def test_failed_sign_ins_and_jobs_that_name_the_account_are_forgotten(house, leaver):
    for name in (NAME, "ada"):
        with pytest.raises(Exception, match="do not fit"):
            house.app.accounts.sign_in(name, "a wrong password", "10.0.0.9")
    table = house.app.jobs._table
    gone = table.create("import", {"listener_id": leaver}, NOW).id
    running = table.create("import", {"listener_id": leaver, "x": 1}, NOW).id
    table.claim(running, "w", NOW, 60.0)
    kept = table.create("import", {"listener_id": house.id_of("ada")}, NOW).id
    house.app.own.deletion.delete(leaver)
    with house.app.database.read() as connection:
        keys = set(connection.execute(select(login_failures.c.key)).scalars())
        ids = set(connection.execute(select(jobs.c.id)).scalars())
    assert keys == {"name:ada", "address:10.0.0.9"}
    assert {kept, running} <= ids
    assert gone not in ids
    assert table.get(running).params == {}
    assert table.get(running).cancel_asked


def test_an_interrupted_deletion_is_found_and_finished(house, leaver, monkeypatch):
    monkeypatch.setattr(leaving, "EVENTS_AT_ONCE", 3)
    for n in range(10):
        house.tell(NAME, "play", f"Song {n % N_BANDS}-{n % 6}", at=NOW - n * 1e4, played_s=9.0)
    store = Leaving(house.app.database)
    store.ask(leaver, NOW)
    assert store.erase_some(leaver) == 3
    assert store.waiting() == [leaver]
    with house.app.database.read() as connection:
        n_left = select(func.count()).where(events.c.listener_id == leaver)
        assert connection.execute(n_left).scalar() == 7
    house.app.own.deletion.look_after()
    assert store.waiting() == []
    assert tables_with(house, leaver) == set()
    assert job_kinds(house) == ["forget"]
    house.app.own.deletion.look_after()
    assert house.app.history._history.n_departed() == 1


def test_the_last_admin_and_nobody_cannot_be_deleted(house):
    with pytest.raises(ConflictError, match="last admin"):
        house.app.own.deletion.delete(house.id_of("admin"))
    assert house.app.accounts.by_name("admin").is_disabled is False
    with pytest.raises(NotFoundError):
        house.app.own.deletion.delete("nobody")
    assert job_kinds(house) == []


def test_the_password_is_asked_again_and_guesses_are_throttled(house):
    with browser(house, "ada") as client:
        wrong = client.post("/v1/me/delete", json={"password": "not this one"})
        assert (wrong.status_code, wrong.json()["detail"]) == (403, "that is not your password")
        assert client.get("/v1/me").status_code == 200
        gone = client.post("/v1/me/delete", json={"password": PASSWORD})
        assert gone.status_code == 204
        assert gone.headers["clear-site-data"] == '"storage"'
        assert "segue_session=;" in gone.headers["set-cookie"].replace('""', "")
        assert client.get("/v1/me").status_code == 401


def test_guesses_at_the_password_are_throttled(house):
    bob = house.app.accounts.by_name("bob")
    caller = Caller(id=bob.id, name="bob", role="listener", session_id="s")
    for _ in range(10):
        with pytest.raises(ForbiddenError):
            house.app.accounts.confirm(caller, "wrong again", "10.1.1.1")
    with pytest.raises(ThrottledError, match="too many"):
        house.app.accounts.confirm(caller, PASSWORD, "10.1.1.1")


def test_copies_left_by_upgrades_are_cleaned_too(house, leaver):
    fill_every_table(house, leaver)
    _back_up(house.app.database.path, "0006")
    (copy,) = copies_of(house.app.database.path)
    assert files_with(copy.parent, leaver) >= {copy.name}
    house.app.own.deletion.delete(leaver)
    assert leaver.encode() not in copy.read_bytes()
    assert WORDS.encode() not in copy.read_bytes()
    engine = sqlite_engine(copy, "reader")
    with engine.connect() as connection:
        names = set(connection.execute(select(accounts.c.name)).scalars())
        assert names == {"admin", "ada", "bob"}
        assert connection.execute(select(func.count()).select_from(tracks)).scalar() > 40
    engine.dispose()


@pytest.mark.slow
def test_nothing_in_any_file_remembers_and_the_models_are_as_if_they_had_never_been(
    make_house, trained_template
):
    house, other = make_house(trained_template), make_house(trained_template)
    leaver = house.app.accounts.create(NAME, PASSWORD).id
    fill_every_table(house, leaver)
    _listen_a_lot(house, leaver)
    house.app.training.train(Watched())
    folder = house.app.settings.data_dir
    needles = (leaver, NAME, WORDS, SECRET)
    assert {"segue.db", "segue.db-wal"} & files_with(folder, leaver)
    n_known = _n_listeners(house)

    house.app.own.deletion.delete(leaver)
    house.clock.now += 60
    house.app.own.deletion.forget(Watched())

    assert files_with(folder, *needles) == set()
    assert _n_listeners(house) == n_known - 1
    assert len(artifacts.versions(house.app.settings.models_dir)) == 1
    other.clock.now = house.clock.now
    other.app.training.train(Watched())
    assert _arrays(house) == _arrays(other)


def _listen_a_lot(house, listener_id):
    house.app.history.record(
        listener_id,
        [
            NewEvent(track_id=house.track(f"Song {n % N_BANDS}-{n % 6}"), kind=EventKind.PLAY,
                     listened_at=NOW - n * 7e4, idempotency_key=f"{SECRET}-{n}", played_s=170.0)
            for n in range(60)
        ],
    )  # fmt: skip


def _n_listeners(house):
    folder = house.app.settings.models_dir
    return artifacts.read_manifest(folder, artifacts.current_version(folder)).n_listeners


def _arrays(house):
    """Everything a set learned; the map stays near the one before it, and may differ."""
    folder = house.app.settings.models_dir
    current = folder / artifacts.current_version(folder)
    return {
        str(path.relative_to(current)): np.load(path, allow_pickle=False).tobytes()
        for path in sorted(current.rglob("*.npy"))
        if path.parent.name != artifacts.MAP_FOLDER
    }
