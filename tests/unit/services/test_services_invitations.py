from concurrent.futures import ThreadPoolExecutor

import pytest

from segue.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    ThrottledError,
)
from segue.store.accounts import NewAccount
from segue.store.invitations import MAX_OPEN
from support.app import PASSWORD

DAY_S = 86_400.0
HERE = "192.0.2.1"


@pytest.fixture
def invitations(house):
    return house.app.admin.invitations


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    """A slow hash says nothing here."""
    monkeypatch.setattr("segue.services.invitations.hash_password", lambda text: f"quick:{text}")


def invite(house, **options):
    return house.app.admin.invitations.invite(house.id_of("admin"), **options)


def rows(house):
    with house.app.database.read() as connection:
        return str(connection.exec_driver_sql("SELECT * FROM invitations").all())


def test_a_link_makes_one_account_in_the_role_that_was_chosen(house, invitations):
    made = invite(house, role="admin", note="cleo")
    assert invitations.look(made.token, HERE).made_by == "admin"
    account = invitations.use(made.token, "cleo", PASSWORD, HERE)
    assert (account.name, account.role) == ("cleo", "admin")
    with pytest.raises(ForbiddenError, match="used already"):
        invitations.use(made.token, "dee", PASSWORD, HERE)
    (view,) = invitations.list()
    assert (view.state, view.used_by, view.note, view.made_by) == ("used", "cleo", "cleo", "admin")


def test_the_token_is_stored_nowhere(house):
    made = invite(house)
    assert len(made.token) >= 43  # 256 bits
    assert made.token not in rows(house)
    for file in house.app.settings.data_dir.rglob("*"):
        assert not file.is_file() or made.token.encode() not in file.read_bytes()


def test_of_many_who_use_one_link_at_once_one_succeeds(house, invitations):
    made = invite(house)

    def use(number):
        try:
            return invitations.use(made.token, f"guest {number}", PASSWORD, HERE).name
        except ForbiddenError:
            return None

    with ThreadPoolExecutor(8) as pool:
        won = [name for name in pool.map(use, range(24)) if name]
    assert len(won) == 1
    names = {account.name for account in house.app.accounts.all()}
    assert {name for name in names if name.startswith("guest")} == set(won)


@pytest.mark.parametrize(
    ("after", "says"), [("expired", "too old"), ("revoked", "taken back"), ("used", "used already")]
)
def test_a_link_that_is_over_says_why(house, invitations, after, says):
    made = invite(house, days=1)
    if after == "expired":
        house.clock.now += DAY_S
    elif after == "revoked":
        invitations.revoke(made.invitation.id)
    else:
        invitations.use(made.token, "cleo", PASSWORD, HERE)
    with pytest.raises(ForbiddenError, match=says):
        invitations.look(made.token, HERE)
    with pytest.raises(ForbiddenError, match=says):
        invitations.use(made.token, "dee", PASSWORD, HERE)
    assert invitations.list()[0].state == after
    assert "dee" not in {account.name for account in house.app.accounts.all()}


def test_a_link_works_until_its_last_second(house, invitations):
    made = invite(house, days=1)
    house.clock.now += DAY_S - 1.0
    assert invitations.use(made.token, "cleo", PASSWORD, HERE).name == "cleo"


@pytest.mark.parametrize(
    ("name", "password", "error"),
    [("ada", PASSWORD, ConflictError), ("", PASSWORD, InvalidInputError),
     ("cleo", "short", InvalidInputError), ("cleo", "cleo", InvalidInputError)],
)  # fmt: skip
def test_a_mistake_does_not_use_the_link_up(house, invitations, name, password, error):
    made = invite(house)
    with pytest.raises(error):
        invitations.use(made.token, name, password, HERE)
    assert invitations.list()[0].state == "open"
    assert invitations.use(made.token, "cleo", PASSWORD, HERE).name == "cleo"


def test_guesses_must_wait_as_failed_sign_ins_must(make_house):
    house = make_house(login_tries=3)
    invitations, made = house.app.admin.invitations, invite(house)
    for number in range(3):
        with pytest.raises(NotFoundError):
            invitations.look(f"guess {number}", HERE)
    with pytest.raises(ThrottledError):
        invitations.use("guess", "x", PASSWORD, HERE)
    with pytest.raises(ThrottledError):
        invitations.look(made.token, HERE)  # else a guess would be known by its answer
    assert invitations.look(made.token, "192.0.2.2").made_by == "admin"
    house.app.accounts.sign_in("ada", PASSWORD, HERE)  # who lives there may still sign in
    house.clock.now += 16 * 60.0
    assert invitations.look(made.token, HERE).made_by == "admin"


@pytest.mark.parametrize("token", ["", " ", "x" * 129, "\0", "ä" * 128])
def test_what_is_no_token_is_not_known(invitations, token):
    with pytest.raises(NotFoundError):
        invitations.look(token, HERE)


def test_a_new_password_is_chosen_by_its_owner_and_ends_their_sessions(house, invitations):
    accounts = house.app.accounts
    session = accounts.open_session(accounts.by_name("ada"))
    first = invitations.password_link(house.id_of("admin"), accounts.by_name("ada"))
    made = invitations.password_link(house.id_of("admin"), accounts.by_name("ada"))
    with pytest.raises(ForbiddenError, match="taken back"):
        invitations.look(first.token, HERE)
    assert invitations.look(made.token, HERE).for_name == "ada"
    assert accounts.of_session(session) is not None  # until it is used
    assert invitations.use(made.token, "ignored", PASSWORD + "!", HERE).name == "ada"
    assert accounts.by_name("ada").password_hash == f"quick:{PASSWORD}!"
    assert accounts.of_session(session) is None


def test_a_closed_account_gets_no_password(house, invitations):
    made = invitations.password_link(house.id_of("admin"), house.app.accounts.by_name("ada"))
    house.app.accounts.disable(house.id_of("ada"))
    with pytest.raises(ForbiddenError, match="open"):
        invitations.use(made.token, "", PASSWORD, HERE)
    assert invitations.list()[0].state == "open"  # the refusal undid the use


@pytest.mark.parametrize("days", [0, 31])
def test_a_link_is_open_for_a_bounded_time(house, days):
    with pytest.raises(InvalidInputError, match="1 to 30"):
        invite(house, days=days)


def test_there_is_an_end_to_open_links(house):
    for _ in range(MAX_OPEN):
        invite(house)
    with pytest.raises(ConflictError, match="200"):
        invite(house)
    house.clock.now += 8 * DAY_S
    invite(house)


def test_links_leave_with_who_made_them_and_with_who_used_them(house, invitations):
    accounts = house.app.accounts
    boss = accounts._store.create(NewAccount(name="boss", password_hash="h", role="admin"), 1.0)
    invitations.invite(boss.id)
    joined = invitations.use(invite(house).token, "cleo", PASSWORD, HERE)
    assert len(invitations.list()) == 2
    house.app.own.deletion.delete(boss.id)
    house.app.own.deletion.delete(joined.id)
    assert invitations.list() == ()
