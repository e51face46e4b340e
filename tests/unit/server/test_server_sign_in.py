from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from segue.bootstrap import build_app
from segue.errors import ForbiddenError, NotSignedInError, ThrottledError
from segue.server.auth import CACHE_S
from segue.services import accounts
from segue.services.throttling import THROTTLE_WINDOW_S
from support.app import NOW, PASSWORD, SITE, Clock, browser, settings_for, token_of

DAY_S = 86_400.0


@pytest.fixture
def quick_hash(monkeypatch):
    """Passwords compared in the clear, for tests of what surrounds Argon2."""
    monkeypatch.setattr(accounts, "hash_password", lambda password: f"quick:{password}")
    monkeypatch.setattr(
        accounts, "verify_password", lambda password, known: known == f"quick:{password}"
    )


def sign_in(client, name="ada", password=PASSWORD):
    return client.post("/v1/session", json={"name": name, "password": password})


def me(client, token):
    return client.get("/v1/me", headers={"authorization": f"Bearer {token}"})


def test_the_right_password_opens_a_session_for_cookie_and_header(nobody):
    answer = sign_in(nobody)
    assert answer.status_code == 201
    assert answer.json()["account"] == {"id": answer.json()["account"]["id"], "name": "ada",
                                        "role": "listener"}  # fmt: skip
    assert nobody.get("/v1/me").json()["name"] == "ada"  # by the cookie
    nobody.cookies.clear()
    assert nobody.get("/v1/me").status_code == 401
    assert me(nobody, answer.json()["token"]).json()["name"] == "ada"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(nobody):
    (cookie,) = sign_in(nobody).headers.get_list("set-cookie")
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert "secure" not in flags
    assert not any(flag.startswith("domain") for flag in flags)


def test_behind_tls_the_cookie_is_secure_and_bound_to_the_host(make_house):
    with browser(make_house(secure_cookie=True)) as client:
        (cookie,) = sign_in(client).headers.get_list("set-cookie")
    assert cookie.startswith("__Host-segue_session=")
    assert "secure" in {part.strip().lower() for part in cookie.split(";")[1:]}


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(nobody):
    wrong, unknown = sign_in(nobody, "ada", "not it at all"), sign_in(nobody, "zoe", PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    same = [{**answer.json(), "request_id": ""} for answer in (wrong, unknown)]
    assert same[0] == same[1]
    assert {k: v for k, v in wrong.headers.items() if k != "x-request-id"} == {
        k: v for k, v in unknown.headers.items() if k != "x-request-id"
    }


def test_a_closed_account_answers_like_a_wrong_password(house, nobody):
    house.app.accounts.disable(house.id_of("ada"))
    closed, unknown = sign_in(nobody, "ada"), sign_in(nobody, "zoe")
    assert closed.status_code == 401
    assert closed.json()["detail"] == unknown.json()["detail"]


def test_wildcards_and_look_alikes_open_nobodys_account(quick_hash, make_house):
    house = make_house(login_tries=1000)
    house.app.accounts._store.set_password_hash(house.id_of("ada"), f"quick:{PASSWORD}")
    names = ("%", "_da", "a%", "ad_", "*", "аda", "ADA' OR '1'='1", "ada%00", "adä", "аdа", "a da")
    with browser(house) as client:
        assert {name: sign_in(client, name).status_code for name in names} == dict.fromkeys(
            names, 401
        )
        assert sign_in(client, "ada").status_code == 201


def test_upper_and_lower_case_name_the_same_account_and_passwords_differ_by_it(
    quick_hash, house, nobody
):
    house.app.accounts._store.set_password_hash(house.id_of("ada"), f"quick:{PASSWORD}")
    assert sign_in(nobody, "ADA").json()["account"]["name"] == "ada"
    assert sign_in(nobody, "ada", PASSWORD.upper()).status_code == 401


def test_after_too_many_failures_even_the_right_password_must_wait(quick_hash, make_house):
    house = make_house(login_tries=3)
    house.app.accounts._store.set_password_hash(house.id_of("ada"), f"quick:{PASSWORD}")
    with browser(house) as client:
        assert [sign_in(client, "ada", "wrong" * 3).status_code for _ in range(3)] == [401] * 3
        refused = sign_in(client)
        assert refused.status_code == 429
        assert refused.json()["code"] == "throttled"
        wait_s = int(refused.headers["retry-after"])
        assert wait_s >= 1
        house.clock.now += wait_s + 0.1
        assert sign_in(client).status_code == 201


def test_each_further_failure_doubles_the_wait(quick_hash, make_house):
    house = make_house(login_tries=2)
    waits = []
    with browser(house) as client:
        for _ in range(12):
            answer = sign_in(client, "ada", "wrong" * 3)
            if answer.status_code == 429:
                waits.append(int(answer.headers["retry-after"]))
                house.clock.now += waits[-1] + 0.1
    assert waits[:3] == [1, 2, 4]


def test_another_spelling_of_a_name_has_no_tries_of_its_own(quick_hash, make_house):
    house = make_house(login_tries=3)
    for address, name in enumerate(("ada", "ADA", " ada", "ada\x00", "\x01ada")):
        with suppress(NotSignedInError, ThrottledError):
            house.app.accounts.sign_in(name, "wrong" * 3, f"10.0.0.{address}")
    with pytest.raises(ThrottledError):
        house.app.accounts.sign_in("ada", PASSWORD, "10.0.0.99")


def test_one_address_that_tries_many_names_must_wait_too(quick_hash, make_house):
    with browser(make_house(login_tries=3)) as client:
        answers = [sign_in(client, f"guess {n}").status_code for n in range(5)]
    assert answers == [401, 401, 401, 429, 429]


def test_failures_are_forgotten_after_the_window(quick_hash, make_house):
    house = make_house(login_tries=3)
    with browser(house) as client:
        for _ in range(3):
            sign_in(client, "ada", "wrong" * 3)
        house.clock.now += THROTTLE_WINDOW_S + 1
        assert [sign_in(client, "ada", "wrong" * 3).status_code for _ in range(3)] == [401] * 3


def test_signing_out_ends_the_session_at_once_and_no_other(house, nobody):
    first, second = token_of(house, "ada"), token_of(house, "ada")
    assert me(nobody, first).status_code == me(nobody, second).status_code == 200
    out = nobody.delete("/v1/session", headers={"authorization": f"Bearer {first}"})
    assert out.status_code == 204
    assert "max-age=0" in out.headers["set-cookie"].lower()
    assert me(nobody, first).status_code == 401
    assert me(nobody, second).status_code == 200


@pytest.mark.parametrize("end", ["disable", "set_password"])
def test_a_closed_account_and_a_new_password_end_its_sessions(quick_hash, house, nobody, end):
    token = token_of(house, "ada")
    assert me(nobody, token).status_code == 200
    ada = house.id_of("ada")
    house.app.accounts.disable(ada) if end == "disable" else house.app.accounts.set_password(
        ada, "another long secret"
    )
    house.clock.now += CACHE_S
    assert me(nobody, token).status_code == 401


def test_a_session_ends_when_it_is_not_used_for_long(make_house):
    house = make_house(session_idle_days=2, session_max_days=9)
    token = token_of(house, "ada")
    with browser(house) as client:
        for _ in range(3):
            house.clock.now += 1.9 * DAY_S
            assert me(client, token).status_code == 200
            _settled(house)
        house.clock.now += 2.1 * DAY_S
        assert me(client, token).status_code == 401


def _settled(house):
    """Wait until the visit is noted, which happens behind the answer."""
    house.app.database.write(lambda connection: None)


def test_a_session_ends_in_any_case_after_its_longest_life(make_house):
    house = make_house(session_idle_days=2, session_max_days=3)
    token = token_of(house, "ada")
    with browser(house) as client:
        for day in range(1, 4):
            house.clock.now = NOW + day * DAY_S
            assert me(client, token).status_code == (200 if day < 3 else 401), day
            _settled(house)


@pytest.mark.parametrize("token", ["", "x", "x" * 200, "ä", "null", "' OR 1=1", "\x01"])
def test_a_token_that_was_never_given_out_is_nobody(shared_clients, token):
    _, nobody = shared_clients
    header = f"Bearer {token}".encode()
    assert nobody.get("/v1/me", headers={"authorization": header}).status_code == 401
    assert nobody.get("/v1/me", headers={"authorization": b"Basic YTpi"}).status_code == 401


def test_no_token_is_in_the_database(house):
    token = token_of(house, "ada")
    house.app.close()
    files = house.app.settings.data_dir.glob("segue.db*")
    assert token.encode() not in b"".join(path.read_bytes() for path in files)


def test_sign_up_is_closed_by_default_and_makes_listeners_when_open(quick_hash, make_house):
    wanted = {"name": "eve", "password": PASSWORD}
    with browser(make_house()) as client:
        refused = client.post("/v1/accounts", json=wanted)
        assert refused.status_code == 403
    with browser(make_house(sign_up="open")) as client:
        made = client.post("/v1/accounts", json=wanted)
        assert made.status_code == 201
        assert made.json()["account"]["role"] == "listener"
        assert me(client, made.json()["token"]).json()["name"] == "eve"
        assert client.post("/v1/accounts", json=wanted | {"name": "EVE"}).status_code == 409


WEAK = (("eve", "short"), ("eve", "1234567890"), ("eve", "aaaaaaaaaaaa"), (" ", PASSWORD),
        ("evening star", "Evening Star"), ("e\u200bve", PASSWORD), ("eve", "x" * 129))  # fmt: skip


def test_weak_passwords_and_odd_names_are_refused_in_words(make_house):
    with browser(make_house(sign_up="open")) as client:
        for name, password in WEAK:
            answer = client.post("/v1/accounts", json={"name": name, "password": password})
            assert answer.status_code == 400, (name, password)
            assert password not in answer.text


@pytest.fixture
def empty(tmp_path):
    app = build_app(settings_for(tmp_path), Clock(), purpose="test")
    yield app
    app.close()


def test_of_many_who_use_the_setup_token_exactly_one_becomes_admin(quick_hash, empty):
    token = empty.accounts.make_setup_token()

    def claim(number):
        try:
            return empty.accounts.claim_setup(token, f"admin {number}", PASSWORD)
        except ForbiddenError:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [account for account in pool.map(claim, range(16)) if account]
    assert len(made) == 1
    assert [account.role for account in empty.accounts.all()] == ["admin"]
    with pytest.raises(ForbiddenError):
        empty.accounts.make_setup_token()
    with pytest.raises(ForbiddenError):
        empty.accounts.claim_setup(token, "late", PASSWORD)


def test_a_newer_setup_token_and_a_day_end_the_older_one(quick_hash, empty):
    old = empty.accounts.make_setup_token()
    new = empty.accounts.make_setup_token()
    with pytest.raises(ForbiddenError):
        empty.accounts.claim_setup(old, "admin", PASSWORD)
    empty.accounts._clock.now += DAY_S + 1
    with pytest.raises(ForbiddenError):
        empty.accounts.claim_setup(new, "admin", PASSWORD)
    assert empty.accounts.claim_setup(empty.accounts.make_setup_token(), "admin", PASSWORD)


def test_setup_by_the_door_signs_the_first_admin_in(quick_hash, house, nobody):
    answer = nobody.post("/v1/setup", json={"token": "x" * 43, "name": "eve", "password": PASSWORD})
    assert answer.status_code == 403
    assert house.app.accounts.needs_setup() is False


def test_the_web_door_signs_in_and_leads_only_to_own_pages(house, nobody):
    for wanted, shown in (("/you", "/you"), ("//evil.example", "/"), ("https://evil.example", "/")):
        form = {"name": "ada", "password": PASSWORD, "next": wanted}
        answer = nobody.post("/sign-in", data=form, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].removeprefix(SITE) == shown
    wrong = nobody.post("/sign-in", data={"name": "ada", "password": "wrong wrong wrong"})
    assert wrong.status_code == 401
    assert "wrong wrong wrong" not in wrong.text


def test_who_is_not_signed_in_is_led_to_the_door_and_back(nobody):
    answer = nobody.get("/you?show=most", headers={"accept": "text/html"}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fyou%3Fshow%3Dmost"


def test_verifying_takes_real_argon2_and_no_known_hash_is_never_right():
    from segue.services.passwords import hash_password, verify_password

    known = hash_password(PASSWORD)
    assert known.startswith("$argon2id$")
    assert hash_password(PASSWORD) != known
    assert verify_password(PASSWORD, known)
    assert not verify_password(PASSWORD + "x", known)
    assert not verify_password("a password that no account has", None)
    assert not verify_password(PASSWORD, "no hash at all")
