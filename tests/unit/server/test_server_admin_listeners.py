import re

import pytest

from segue.store.accounts import NewAccount
from support.app import PASSWORD, browser, token_of


@pytest.fixture
def admin(house):
    with browser(house, "admin") as client:
        client.headers["accept"] = "text/html"
        yield client


def change(admin, house, name, what, **more):
    path = f"/admin/listeners/{house.id_of(name)}"
    return admin.post(path, data={"change": what} | more, follow_redirects=False)


def names(text):
    return re.findall(r'href="/admin/listeners/[\w-]+" dir="auto">([^<]+)<', text)


def test_everybody_is_listed_with_role_and_last_visit(house, admin):
    text = admin.get("/admin/listeners").text
    assert names(text) == ["ada", "admin", "bob"]
    assert text.count("looks after Segue</span>") == 1
    assert text.count("Not here yet") == 2
    token_of(house, "ada")
    assert admin.get("/admin/listeners").text.count("Not here yet") == 1


def test_who_signed_out_was_still_here(house, admin):
    caller = house.app.accounts.of_session(token_of(house, "ada"))
    house.clock.now += 3_600.0
    house.app.accounts.sign_out(caller)
    seen = house.app.admin.people.get(caller.id).seen_at
    assert seen == house.clock.now - 3_600.0


def test_a_visit_is_noted_and_never_backwards(house):
    token = token_of(house, "ada")
    people, ada = house.app.admin.people, house.id_of("ada")
    for step in (120.0, 300.0, -600.0):
        house.clock.now += step
        house.app.accounts.of_session(token)
        house.app.database.write(lambda _connection: None)  # behind the note
    assert people.get(ada).seen_at == house.clock.now + 600.0


def test_names_are_found_and_long_lists_go_on(house, admin):
    for n in range(120):
        new = NewAccount(name=f"made up {n:03}", password_hash=None)
        house.app.accounts._store.create(new, 1.0)
    text, seen = admin.get("/admin/listeners").text, []
    while True:
        seen += names(text)
        following = re.search(r'hx-get="(/parts/admin/listeners[^"]+)"', text)
        if following is None:
            break
        text = admin.get(following[1].replace("&amp;", "&")).text
    assert seen == ["ada", "admin", "bob", *(f"made up {n:03}" for n in range(120))]
    assert names(admin.get("/admin/listeners?q=UP 01").text) == [
        f"made up {n:03}" for n in range(10, 20)
    ]
    assert names(admin.get("/admin/listeners?q=%25").text) == []
    assert "Nobody here has" in admin.get("/admin/listeners?q=nobody").text


def test_an_account_is_closed_and_opened_again(house, admin):
    session = token_of(house, "ada")
    assert change(admin, house, "ada", "close").status_code == 303
    assert house.app.accounts.of_session(session) is None
    assert "Open again" in admin.get(f"/admin/listeners/{house.id_of('ada')}").text
    change(admin, house, "ada", "open")
    assert house.app.accounts.sign_in("ada", PASSWORD, "192.0.2.1")


def test_a_listener_is_let_to_look_after_the_server_and_back(house, admin):
    change(admin, house, "ada", "admin")
    assert house.app.accounts.by_name("ada").role == "admin"
    change(admin, house, "ada", "listener")
    assert house.app.accounts.by_name("ada").role == "listener"


@pytest.mark.parametrize("what", ["close", "listener", "remove"])
def test_nobody_shuts_themselves_out(house, admin, what):
    answer = change(admin, house, "admin", what, password=PASSWORD)
    assert answer.status_code == 409
    assert "your own account" in answer.text
    assert house.app.accounts.by_name("admin").role == "admin"


def test_removing_asks_for_the_administrators_password(house, admin):
    house.tell("ada", "love", "Song 0-0")
    wrong = change(admin, house, "ada", "remove", password="wrong")
    assert wrong.status_code == 403
    assert "not your password" in wrong.text
    ada = house.id_of("ada")
    right = change(admin, house, "ada", "remove", password=PASSWORD)
    assert right.headers["location"] == "/admin/listeners"
    assert admin.get(f"/admin/listeners/{ada}").status_code == 404
    assert names(admin.get("/admin/listeners").text) == ["admin", "bob"]
    assert [job.kind for job in house.app.jobs.list()] == ["forget"]


def test_one_page_says_how_much_somebody_plays_and_not_what(house, admin):
    house.tell("ada", "play", "Song 0-0", played_s=170.0)
    text = admin.get(f"/admin/listeners/{house.id_of('ada')}").text
    assert "<b>1</b><span>plays</span>" in text
    assert "Song 0-0" not in text


def test_a_name_with_markup_is_shown_as_it_is(house, admin):
    house.app.accounts._store.create(NewAccount(name="<b>eve</b>", password_hash=None), 1.0)
    text = admin.get("/admin/listeners").text
    assert "&lt;b&gt;eve&lt;/b&gt;" in text
    page = admin.get(f"/admin/listeners/{house.id_of('<b>eve</b>')}").text
    assert "<b>eve" not in page
