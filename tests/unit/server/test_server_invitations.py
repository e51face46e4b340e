import re

import pytest

from support.app import PASSWORD, browser, signed, token_of

MORE = "another violet harbour"


@pytest.fixture
def client(house):
    with browser(house) as client:
        client.headers["accept"] = "text/html"
        yield client


@pytest.fixture
def admin(house):
    return signed(house, "admin")


def link_of(text):
    return re.search(r"<code>http://127\.0\.0\.1(/join\?token=[\w-]+)</code>", text)[1]


def invited(client, admin, **form):
    return link_of(client.post("/admin/invitations", data=form, headers=admin).text)


def test_somebody_is_asked_in_and_goes_in(house, client, admin):
    path = invited(client, admin, note="Cleo from work")
    listed = client.get("/admin/listeners", headers=admin).text
    assert "Cleo from work" in listed
    assert path not in listed  # shown once
    door = client.get(path).text
    assert "You are invited" in door
    assert "admin asks you in" in door
    token = path.partition("=")[2]
    form = {"token": token, "name": "cleo", "password": PASSWORD}
    answer = client.post("/join", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "segue_session" in answer.cookies
    client.cookies.clear()
    again = client.get(path)
    assert again.status_code == 403
    assert "used already" in again.text
    assert "<form" not in again.text
    assert 'href="/sign-in"' in again.text
    assert "Used by" in client.get("/admin/listeners", headers=admin).text


def test_a_mistake_keeps_what_was_typed(house, client, admin):
    token = invited(client, admin).partition("=")[2]
    form = {"token": token, "name": "ada", "password": PASSWORD}
    answer = client.post("/join", data=form)
    assert answer.status_code == 409
    assert 'value="ada"' in answer.text
    assert f'value="{token}"' in answer.text
    assert "already" in answer.text


def test_a_link_that_is_not_known_or_was_taken_back_says_so(house, client, admin):
    assert "not known here" in client.get("/join?token=nothing").text
    assert client.get("/join").status_code == 404
    path = invited(client, admin)
    id_ = house.app.admin.invitations.list()[0].id
    client.post(f"/admin/invitations/{id_}/end", headers=admin)
    assert "taken back" in client.get(path).text


def test_a_new_password_is_a_link_too(house, client, admin):
    ada = house.id_of("ada")
    session = token_of(house, "ada")
    page = client.post(f"/admin/listeners/{ada}", data={"change": "password"}, headers=admin)
    path = link_of(page.text)
    assert 'value="ada" readonly' in client.get(path).text
    form = {"token": path.partition("=")[2], "password": MORE}
    assert client.post("/join", data=form, follow_redirects=False).status_code == 303
    assert house.app.accounts.of_session(session) is None
    assert house.app.accounts.sign_in("ada", MORE, "192.0.2.1")


def test_the_interface_invites_lists_takes_back_and_lets_in(house, client, admin):
    order = {"role": "listener", "note": "x", "days": 1}
    made = client.post("/v1/invitations", json=order, headers=admin)
    assert made.status_code == 201
    assert made.json()["path"].endswith(made.json()["token"])
    use = {"token": made.json()["token"], "name": "dee", "password": PASSWORD}
    joined = client.post("/v1/invitations/use", json=use)
    assert (joined.status_code, joined.json()["account"]["role"]) == (201, "listener")
    bearer = {"authorization": f"Bearer {joined.json()['token']}"}
    assert client.get("/v1/me", headers=bearer).json()["name"] == "dee"
    assert client.post("/v1/invitations/use", json=use).status_code == 403
    (listed,) = client.get("/v1/invitations", headers=admin).json()["items"]
    assert (listed["state"], listed["used_by"]) == ("used", "dee")
    assert "token" not in listed
    other = client.post("/v1/invitations", json={}, headers=admin).json()["id"]
    assert client.delete(f"/v1/invitations/{other}", headers=admin).status_code == 204
    assert client.delete("/v1/invitations/nothing", headers=admin).status_code == 404
    assert client.post("/v1/invitations/use", json=use | {"token": "no"}).status_code == 404


@pytest.mark.parametrize("order", [{"days": 0}, {"days": 31}, {"role": "owner"}, {"x": 1}])
def test_what_no_invitation_can_be_is_refused(client, admin, order):
    assert client.post("/v1/invitations", json=order, headers=admin).status_code == 400


def test_only_administrators_invite(house, client):
    ada = signed(house, "ada")
    assert client.post("/v1/invitations", json={}, headers=ada).status_code == 403
    assert client.post("/admin/invitations", data={}, headers=ada).status_code == 403
    assert house.app.admin.invitations.list() == ()
