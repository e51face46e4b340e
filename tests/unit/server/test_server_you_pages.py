import re

import pytest

from support.app import NOW, PASSWORD, browser, signed

DAY = 86_400.0
PAGES = ("/you", "/you/history", "/you/statistics", "/you/profile", "/you/privacy", "/you/devices")


@pytest.fixture
def ada(house):
    with browser(house, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def play(house, n=3, name="ada"):
    for number in range(n):
        house.tell(name, "play", f"Song {number % 8}-{number // 8 % 6}", at=NOW - number * DAY,
                   played_s=170.0)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_there_for_who_has_done_nothing_and_says_how_to_begin(house, ada, path):
    answer = ada.get(path)
    assert answer.status_code == 200
    assert f'href="{path}" aria-current="page"' in answer.text
    assert answer.text.count("<h1") == 1


def test_history_goes_by_day_and_on_and_on(house, ada):
    play(house, 60)
    text = ada.get("/you/history").text
    assert text.count('class="listen"') == 50
    assert text.count('class="listen-day"') == 50
    assert ">Today<" in text
    assert ">Yesterday<" in text
    following = re.search(r'hx-get="(/parts/history[^"]+)"', text)[1].replace("&amp;", "&")
    rest = ada.get(following).text
    assert rest.count('class="listen"') == 10
    assert "/parts/history" not in rest
    ids = re.findall(r"/you/history/(\d+)/remove", text + rest)
    assert len(set(ids)) == 60


def test_a_day_that_goes_on_has_its_name_once(house, ada):
    for number in range(60):
        house.tell("ada", "play", f"Song {number % 8}-0", at=NOW - number, played_s=100.0)
    text = ada.get("/you/history").text
    following = re.search(r'hx-get="(/parts/history[^"]+)"', text)[1].replace("&amp;", "&")
    assert (text + ada.get(following).text).count('class="listen-day"') == 1


@pytest.mark.parametrize(
    ("words", "n"),
    [
        ("song 3", 1),
        ("band 1", 1),
        ("albu", 5),
        ("%", 5),
        ("ong", 0),
        ("nothing", 0),
        ("3-0 ba", 1),
    ],
)
def test_history_is_searched_by_the_beginnings_of_words(house, ada, words, n):
    play(house, 5)
    assert ada.get("/you/history", params={"q": words}).text.count('class="listen"') == n


def test_a_listen_is_taken_out_and_put_back(house, ada):
    play(house)
    event = re.search(r"/you/history/(\d+)/remove", ada.get("/you/history").text)[1]
    gone = ada.post(f"/you/history/{event}/remove").text
    assert "Undo" in gone
    assert f"/you/history/{event}/" not in ada.get("/you/history").text
    back = ada.post(f"/you/history/{event}/restore").text
    assert back.count('class="listen"') == 1
    assert 'class="listen-day"' not in back
    assert f"/you/history/{event}/remove" in ada.get("/you/history").text
    for act in ("remove", "restore"):
        foreign = ada.post(f"/you/history/{event}/{act}", headers=signed(house, "bob"))
        assert foreign.status_code == 404


def test_statistics_have_sentences_numbers_and_tables(house, ada):
    play(house, 40)
    text = ada.get("/you/statistics?period=all").text
    assert re.search(r"You listen most around \d\d:00", text)
    assert "Every track played here for the first time" in text
    assert text.count("As a table") >= 4
    assert "plays on 40 days" in text
    assert 'href="/you/year/2026"' in text
    assert ada.get("/you/statistics?period=5w").status_code == 400
    year = ada.get("/you/year/2026").text
    assert 'data-module="year"' in year
    assert "Artists of your year" in year
    assert ada.get("/you/year/1999").status_code == 404


def test_what_one_says_is_kept_shown_and_used(house, ada):
    form = {"name": "ada", "emotions": ["calm", "happy"], "tags": "dub, late night,dub",
            "bio": "I grew up <b>by the sea</b>", "age": "30"}  # fmt: skip
    text = ada.post("/you/profile", data=form).text
    assert "Kept." in text
    assert "late night" in text
    assert "<b>by the sea" not in text
    said = house.app.own_words.of(house.id_of("ada"))
    assert (said.emotions, said.tags, said.age) == (("calm", "happy"), ("dub", "late night"), 30)
    assert text.count('name="emotions" value="calm" checked') == 1
    assert '<option value="30" selected>' in text
    assert ada.post("/you/profile", data={**form, "age": "31"}).status_code == 400
    assert ada.post("/you/profile", data={**form, "name": "bob"}).status_code == 409
    ada.post("/you/profile", data={"name": "Ada Lee"})
    assert house.app.own_words.of(house.id_of("ada lee")).bio == ""
    assert "Ada Lee" in ada.get("/you").text


def test_an_app_password_is_shown_once_signs_in_and_ends(house, ada):
    page = ada.post("/you/app-passwords", data={"name": "My <i>phone</i>"}).text
    secret = re.search(r"<code>(segue_[\w-]+)</code>", page)[1]
    assert "<i>phone" not in page
    assert secret not in ada.get("/you/devices").text
    app = {"authorization": f"Bearer {secret}", "accept": "application/json"}
    assert ada.get("/v1/me", headers=app).json()["name"] == "ada"
    event = {"track_id": house.track("Song 0-0"), "kind": "play", "listened_at": NOW,
             "idempotency_key": "a"}  # fmt: skip
    assert ada.post("/v1/events", json={"events": [event]}, headers=app).json()["stored"] == 1
    for method, path, body in (
        ("GET", "/v1/me/export", None), ("GET", "/v1/me/sessions", None),
        ("POST", "/v1/me/app-passwords", {"name": "x"}), ("GET", "/v1/me/app-passwords", None),
        ("POST", "/v1/me/delete", {"password": PASSWORD}), ("GET", "/you/devices", None),
    ):  # fmt: skip
        answer = ada.request(method, path, json=body, headers=app)
        assert answer.status_code == 403, path
    token = house.app.own.app_passwords.of(house.id_of("ada"))[0]
    foreign = ada.delete(f"/v1/me/app-passwords/{token.id}", headers=signed(house, "bob"))
    assert foreign.status_code == 404
    assert ada.post(f"/you/app-passwords/{token.id}/end").status_code == 200
    house.clock.now += 2
    assert ada.get("/v1/me", headers=app).status_code == 401


def test_an_administrators_app_password_manages_nothing(house):
    made = house.app.own.app_passwords.make(house.id_of("admin"), "script")
    assert house.app.own.app_passwords.caller_of(made.secret).role == "listener"
    assert house.app.own.app_passwords.caller_of(made.secret[:-1] + "?") is None
    assert made.secret not in repr(house.app.own.app_passwords.of(house.id_of("admin")))
    house.app.accounts.create("second", PASSWORD, "admin")
    house.app.accounts.disable(house.id_of("admin"))
    assert house.app.own.app_passwords.caller_of(made.secret) is None


def test_sessions_are_named_and_ended(house, ada):
    agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/128.0"
    house.app.accounts.sign_in("ada", PASSWORD, "10.0.0.1", agent)
    text = ada.get("/you/devices").text
    assert "Firefox on Windows" in text
    assert text.count("this one") == 1
    other = re.search(r"/you/sessions/(\w+)/end", text)[1]
    assert "Firefox" not in ada.post(f"/you/sessions/{other}/end").text
    house.app.accounts.sign_in("ada", PASSWORD, "10.0.0.1", agent)
    assert "Firefox" not in ada.post("/you/sessions/others/end").text
    assert ada.get("/you").status_code == 200
    assert ada.post("/you/sessions/nothing/end").status_code == 404


def test_deleting_needs_the_password_and_leads_to_the_door(house, ada):
    page = ada.post("/you/delete", data={"password": "not this"})
    assert page.status_code == 403
    assert "That is not your password." in page.text
    answer = ada.post("/you/delete", data={"password": PASSWORD}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "ada" not in [account.name for account in house.app.accounts.all()]


def test_the_history_of_the_api_is_paged_searched_and_restored(house):
    play(house, 5)
    with browser(house, "ada") as client:
        first = client.get("/v1/history?limit=2").json()
        assert [item["listened_at"] for item in first["items"]] == [NOW, NOW - DAY]
        rest = client.get("/v1/history", params={"cursor": first["next_cursor"]}).json()
        assert (len(rest["items"]), rest["next_cursor"]) == (3, None)
        assert len(client.get("/v1/history?q=band+4").json()["items"]) == 1
        assert client.get("/v1/history?cursor=x").status_code == 400
        event = first["items"][0]["id"]
        assert client.delete(f"/v1/events/{event}").status_code == 204
        assert len(client.get("/v1/history").json()["items"]) == 4
        assert client.post(f"/v1/events/{event}/restore").status_code == 204
        assert len(client.get("/v1/history").json()["items"]) == 5
        foreign = client.post(f"/v1/events/{event}/restore", headers=signed(house, "bob"))
        assert foreign.status_code == 404


def test_a_statement_that_is_restored_holds_again(house):
    house.tell("ada", "love", "Song 0-0")
    ada, track = house.id_of("ada"), house.track("Song 0-0")
    event = house.app.history._history.newest_event_id(ada)
    house.app.history.retract(ada, event)
    assert house.app.history._history.feedback_of(ada, [track]) == {}
    house.app.history.restore(ada, event)
    assert house.app.history._history.feedback_of(ada, [track])[track].loved
