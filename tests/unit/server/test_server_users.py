"""Accounts as administrators see, make, change and remove them."""

import pytest

from segue.errors import NotSignedInError
from support.app import PASSWORD, browser, token_of


@pytest.fixture
def admin(house):
    with browser(house, "admin") as client:
        yield client


def test_somebody_can_sign_in_whose_account_was_made(house, admin):
    body = {"name": "cleo", "password": PASSWORD}
    made = admin.post("/v1/users", json=body)
    assert (made.status_code, made.json()["role"]) == (201, "listener")
    assert admin.post("/v1/session", json=body).status_code == 201
    assert admin.post("/v1/users", json=body).status_code == 409
    boss = admin.post("/v1/users", json={"name": "dee", "password": PASSWORD, "role": "admin"})
    assert boss.json()["role"] == "admin"


@pytest.mark.parametrize(
    "body", [{}, {"name": "x"}, {"name": "x", "password": "short"},
             {"name": "x", "password": PASSWORD, "role": "owner"}],
)  # fmt: skip
def test_what_breaks_the_rules_is_refused(admin, body):
    assert admin.post("/v1/users", json=body).status_code == 400


def test_everybody_is_listed_page_by_page_and_found_by_name(house, admin):
    seen, cursor = [], {}
    while cursor is not None:
        page = admin.get("/v1/users", params={"limit": 2} | cursor).json()
        seen += page["items"]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert [one["name"] for one in seen] == ["ada", "admin", "bob"]
    assert [one["role"] for one in seen] == ["listener", "admin", "listener"]
    assert "password_hash" not in seen[0]
    assert [one["name"] for one in admin.get("/v1/users?q=AD").json()["items"]] == ["ada", "admin"]
    assert admin.get(f"/v1/users/{house.id_of('bob')}").json() == seen[2]


def test_an_account_is_closed_and_opened_again(house, admin):
    token, path = token_of(house, "ada"), f"/v1/users/{house.id_of('ada')}"
    closed = admin.patch(path, json={"is_disabled": True})
    assert (closed.status_code, closed.json()["is_disabled"]) == (200, True)
    assert house.app.accounts.of_session(token) is None
    with pytest.raises(NotSignedInError):
        house.app.accounts.sign_in("ada", PASSWORD, "192.0.2.1")
    assert admin.patch(path, json={}).json() == closed.json()  # nothing said, nothing changed
    assert admin.patch(path, json={"is_disabled": False}).json()["is_disabled"] is False
    assert house.app.accounts.sign_in("ada", PASSWORD, "192.0.2.1")


def test_a_role_is_given_and_taken(house, admin):
    path = f"/v1/users/{house.id_of('ada')}"
    for role in ("admin", "listener"):
        assert admin.patch(path, json={"role": role}).json()["role"] == role
        assert house.app.accounts.get(house.id_of("ada")).role == role


def test_a_link_gives_somebody_a_new_password(house, admin):
    made = admin.post(f"/v1/users/{house.id_of('ada')}/password-link")
    assert made.status_code == 201
    use = {"token": made.json()["token"], "password": "another violet harbour"}
    assert admin.post("/v1/invitations/use", json=use).json()["account"]["name"] == "ada"
    assert house.app.accounts.sign_in("ada", use["password"], "192.0.2.1")


def test_an_account_leaves_with_the_administrators_own_password(house, admin):
    path = f"/v1/users/{house.id_of('bob')}"
    assert admin.post(f"{path}/delete", json={"password": "not the one"}).status_code == 403
    assert admin.get(path).status_code == 200
    assert admin.post(f"{path}/delete", json={"password": PASSWORD}).status_code == 204
    assert admin.get(path).status_code == 404


def test_nobody_changes_their_own_account_or_one_that_is_not_there(house, admin):
    changes = (("patch", "", {"is_disabled": True}), ("patch", "", {"role": "listener"}),
               ("post", "/delete", {"password": PASSWORD}))  # fmt: skip
    for method, more, body in changes:
        for id_, status in ((house.id_of("admin"), 409), ("nobody", 404)):
            answer = getattr(admin, method)(f"/v1/users/{id_}{more}", json=body)
            assert answer.status_code == status
            assert answer.headers["content-type"].startswith("application/problem+json")
            assert answer.json()["detail"]
    assert admin.post("/v1/users/nobody/password-link").status_code == 404


def test_an_app_password_of_an_administrator_neither_looks_nor_changes(house, admin):
    made = admin.post("/v1/me/app-passwords", json={"name": "script"}).json()
    app, path = {"authorization": f"Bearer {made['secret']}"}, f"/v1/users/{house.id_of('ada')}"
    assert admin.get("/v1/users", headers=app).status_code == 403
    assert admin.patch(path, json={"role": "admin"}, headers=app).status_code == 403
    assert admin.post(f"{path}/password-link", headers=app).status_code == 403
    assert house.app.accounts.get(house.id_of("ada")).role == "listener"


def test_invitations_come_page_by_page_the_newest_first(house, admin):
    made = []
    for n in range(5):
        house.clock.now += n % 2  # some are made in the same moment
        made.append(admin.post("/v1/invitations", json={"note": f"{n}"}).json()["id"])
    seen, cursor = [], {}
    while cursor is not None:
        page = admin.get("/v1/invitations", params={"limit": 2} | cursor).json()
        assert len(page["items"]) <= 2
        seen += page["items"]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert sorted(one["id"] for one in seen) == sorted(made)
    times = [one["created_at"] for one in seen]
    assert times == sorted(times, reverse=True)
    assert admin.get("/v1/invitations?cursor=x").status_code == 400
