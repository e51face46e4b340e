from concurrent.futures import ThreadPoolExecutor

import pytest

from segue.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from segue.store.accounts import NewAccount
from segue.store.playlists import Playlists

HASH, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def playlists(db, ids):
    return Playlists(db, ids)


@pytest.fixture
def admin(accounts):
    return accounts.create(NewAccount(name="Root", password_hash="h", role="admin"), 1.0).id


def test_names_are_unique_whatever_their_case(accounts, listener):
    with pytest.raises(ConflictError):
        accounts.create(NewAccount(name=" ADA ", password_hash=None), 1.0)
    assert accounts.by_name("aDa").id == listener
    assert accounts.by_name("%") is None
    assert accounts.by_name("A_a") is None
    accounts.rename(listener, "ADA")
    assert [a.name for a in accounts.list()] == ["ADA"]
    with pytest.raises(InvalidInputError):
        accounts.rename(listener, "x" * 65)
    with pytest.raises(NotFoundError):
        accounts.rename("nobody", "Eve")


def test_the_last_admin_stays(accounts, admin, listener):
    for change in (lambda: accounts.disable(admin), lambda: accounts.set_role(admin, "listener"),
                   lambda: accounts.delete(admin)):  # fmt: skip
        with pytest.raises(ConflictError, match="last admin"):
            change()
    accounts.set_role(listener, "admin")
    accounts.disable(admin)
    assert accounts.get(admin).is_disabled
    with pytest.raises(InvalidInputError):
        accounts.set_role(listener, "god")


def test_a_password_hash_can_be_changed(accounts, listener):
    accounts.set_password_hash(listener, "new")
    assert accounts.get(listener).password_hash == "new"


def test_deleting_an_account_deletes_its_history_and_lists(
    accounts, listener, history, event, playlists, song_ids, db, admin
):
    history.append([event("love")])
    history.retract(listener, history.newest_event_id(listener), 1.0)
    playlists.add(listener, playlists.create(listener, "Mine", 1.0).id, song_ids, 1.0)
    accounts.delete(listener)
    with db.read() as connection:
        for table in ("events", "retractions", "feedback_state", "playlists", "playlist_items"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0, table
    assert accounts.get(listener) is None


def test_a_session_ends_when_idle_or_old_or_its_account_is_disabled(accounts, listener, db):
    accounts.create_session(listener, HASH, now=0.0, max_s=1000.0, client="Firefox")
    assert accounts.find_session(HASH, now=99.0, idle_s=100.0).name == "Ada"
    db.write(lambda _: None)  # the visit was noted behind the answer
    assert accounts.sessions_of(listener)[0].seen_at == 99.0
    assert accounts.find_session(HASH, now=150.0, idle_s=100.0) is not None
    db.write(lambda _: None)
    assert accounts.sessions_of(listener)[0].seen_at == 99.0  # noted once a minute at most
    assert accounts.find_session(HASH, now=199.0, idle_s=100.0) is None
    assert accounts.find_session(HASH, now=1000.0, idle_s=1e9) is None
    assert accounts.find_session(OTHER, now=1.0, idle_s=1e9) is None
    accounts.disable(listener)
    assert accounts.sessions_of(listener) == ()
    with pytest.raises(NotFoundError):
        accounts.create_session(listener, OTHER, 1.0, 1.0)


def test_sessions_can_be_ended_one_by_one_or_all(accounts, listener):
    one = accounts.create_session(listener, HASH, 1.0, 10.0)
    accounts.create_session(listener, OTHER, 2.0, 10.0)
    assert not accounts.delete_session("nobody", one.id)
    assert accounts.delete_sessions_of(listener, except_id=one.id) == 1
    assert accounts.delete_session(listener, one.id)
    accounts.create_session(listener, HASH, 1.0, 10.0)
    assert accounts.delete_expired_sessions(now=11.0, idle_s=1e9) == 1


def test_a_token_is_never_stored_by_mistake(accounts, listener):
    with pytest.raises(InvalidInputError, match="SHA-256"):
        accounts.create_session(listener, "the-token-itself", 1.0, 1.0)


def test_a_hundred_tries_at_once_make_one_first_admin(accounts):
    accounts.add_setup_token(HASH, now=1.0, lifetime_s=100.0)

    def claim(i):
        try:
            return accounts.claim_setup(HASH, NewAccount(name=f"A{i}", password_hash=None), 2.0)
        except ForbiddenError:
            return None

    with ThreadPoolExecutor(25) as pool:
        made = [account for account in pool.map(claim, range(100)) if account]
    assert len(made) == 1
    assert made[0].role == "admin"
    assert len(accounts.list()) == 1
    assert not accounts.needs_setup()


def test_a_wrong_or_old_setup_token_is_refused(accounts):
    accounts.add_setup_token(HASH, now=1.0, lifetime_s=10.0)
    new = NewAccount(name="A", password_hash=None)
    for token, now in ((OTHER, 2.0), (HASH, 11.0)):
        with pytest.raises(ForbiddenError):
            accounts.claim_setup(token, new, now)
    accounts.add_setup_token(OTHER, now=1.0, lifetime_s=10.0)
    with pytest.raises(ForbiddenError):
        accounts.claim_setup(HASH, new, 2.0)
    assert accounts.needs_setup()
    assert accounts.claim_setup(OTHER, new, 2.0).name == "A"


def test_failed_sign_ins_are_counted_by_key_and_window(accounts):
    for now in (0.0, 50.0, 60.0):
        accounts.record_login_failure("ada", now)
    accounts.record_login_failure("eve", 60.0)
    assert accounts.count_login_failures("ada", since=50.0) == 2
    accounts.clear_login_failures("ada")
    assert accounts.count_login_failures("ada", since=0.0) == 0
    accounts.record_login_failure("new", 100_000.0)
    assert accounts.count_login_failures("eve", since=0.0) == 0  # forgotten after a day


def test_a_playlist_keeps_its_order_and_its_repetitions(playlists, listener, song_ids):
    made = playlists.create(listener, " Mine ", 1.0)
    a, b, c = song_ids[:3]
    places = playlists.add(listener, made.id, [a, b, a], 2.0)
    (last,) = playlists.add(listener, made.id, [c], 3.0)
    detail = playlists.get(listener, made.id)
    assert [item.track_id for item in detail.items] == [a, b, a, c]
    assert (detail.playlist.name, detail.playlist.n_tracks, detail.playlist.updated_at) == (
        "Mine",
        4,
        3.0,
    )
    playlists.reorder(listener, made.id, [last, *places], 4.0)
    assert playlists.remove(listener, made.id, [places[1], 999], 5.0) == 1
    assert [i.track_id for i in playlists.get(listener, made.id).items] == [c, a, a]
    with pytest.raises(ConflictError):
        playlists.reorder(listener, made.id, [last], 6.0)
    with pytest.raises(NotFoundError, match="track"):
        playlists.add(listener, made.id, ["nope"], 7.0)
    playlists.rename(listener, made.id, "Ours", 8.0)
    assert [p.name for p in playlists.list_for(listener)] == ["Ours"]
    playlists.delete(listener, made.id)
    assert playlists.list_for(listener) == []


def test_a_foreign_playlist_looks_exactly_like_a_missing_one(
    playlists, listener, accounts, song_ids
):
    other = accounts.create(NewAccount(name="Eve", password_hash=None), 1.0).id
    id_ = playlists.create(listener, "Mine", 1.0).id
    calls = [
        lambda p: playlists.get(other, p), lambda p: playlists.rename(other, p, "x", 1.0),
        lambda p: playlists.delete(other, p), lambda p: playlists.add(other, p, song_ids, 1.0),
        lambda p: playlists.remove(other, p, [1], 1.0), lambda p: playlists.reorder(other, p, [], 1.0),  # noqa: E501
        lambda p: playlists.share(other, p, 1.0, is_shared=True),
    ]  # fmt: skip
    for call in calls:
        messages = []
        for playlist_id in (id_, "x" * len(id_)):
            with pytest.raises(NotFoundError) as caught:
                call(playlist_id)
            messages.append(str(caught.value).replace(playlist_id, "ID"))
        assert messages[0] == messages[1]
    playlists.share(listener, id_, 2.0, is_shared=True)
    assert playlists.get(other, id_).playlist.name == "Mine"
    assert [p.id for p in playlists.list_for(other)] == [id_]
    with pytest.raises(NotFoundError):
        playlists.rename(other, id_, "stolen", 3.0)
