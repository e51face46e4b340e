import json

import pytest

from support.app import signed

AT = 1_700_000_000


class Other:
    """Somebody else in the browser of ada."""

    def __init__(self, client, headers):
        self.client, self.headers = client, headers

    def __getattr__(self, method):
        def send(path, headers=(), **more):
            return getattr(self.client, method)(path, headers=self.headers | dict(headers), **more)

        return send


@pytest.fixture
def bob(house, ada):
    return Other(ada, signed(house, "bob"))


@pytest.fixture
def admin(house, ada):
    return Other(ada, signed(house, "admin"))


CSV = f"artist,title,listened_at\nBand 0,Song 0-0,{AT}\nNobody,Unheard,{AT + 900}\nx,y,never\n"


def begin(browser):
    answer = browser.post("/v1/imports")
    assert answer.status_code == 201
    return answer.json()["id"]


def send(browser, import_id, name, content):
    return browser.post(
        f"/v1/imports/{import_id}/files", params={"name": name}, content=content,
        headers={"content-type": "application/octet-stream"},
    )  # fmt: skip


def test_a_history_is_sent_looked_at_imported_and_reported(house, ada):
    import_id = begin(ada)
    assert send(ada, import_id, "plays.csv", CSV.encode()).json()["files"] == ["plays.csv"]
    (look,) = ada.get(f"/v1/imports/{import_id}/look").json()
    assert (look["title"], look["columns"]["title"]) == ("Table, CSV or Parquet", "title")
    started = ada.post(f"/v1/imports/{import_id}/start", json={})
    assert (started.status_code, started.json()["state"]) == (202, "waiting")
    house.app.queue.run(house.app.imports._runs.get(import_id).job_id)
    done = ada.get(f"/v1/imports/{import_id}").json()
    assert done["state"] == "done"
    report = done["report"]
    assert (report["stored"], report["named"], report["refused"]) == (2, 1, 1)
    assert report["problems"][0]["row"] == 3
    assert [one["id"] for one in ada.get("/v1/imports").json()] == [import_id]


def test_a_file_larger_than_other_bodies_is_written_as_it_comes(house, ada):
    import_id = begin(ada)
    rows = "".join(f"Band 0,Song 0-{n % 6},{AT + 400 * n}\n" for n in range(60_000))
    content = ("artist,title,listened_at\n" + rows).encode()
    assert len(content) > 1_500_000

    def pieces():
        for start in range(0, len(content), 100_000):
            yield content[start : start + 100_000]

    assert send(ada, import_id, "long.csv", pieces()).status_code == 202
    (path,) = house.app.settings.uploads_dir.rglob("long.csv")
    assert path.read_bytes() == content


def test_more_than_the_setting_allows_is_refused_and_leaves_nothing(house, ada, monkeypatch):
    monkeypatch.setattr(house.app.imports._uploads, "_max_bytes", 1_000)
    import_id = begin(ada)
    answer = send(ada, import_id, "x.csv", b"x" * 2_000)
    assert answer.status_code == 400
    assert "may hold" in answer.json()["detail"]
    assert not list(house.app.settings.uploads_dir.rglob("x.csv*"))


def test_imports_are_their_listeners_alone(ada, bob):
    import_id = begin(ada)
    for answer in (
        bob.get(f"/v1/imports/{import_id}"), bob.get(f"/v1/imports/{import_id}/look"),
        send(bob, import_id, "x", b"x"), bob.post(f"/v1/imports/{import_id}/start", json={}),
        bob.delete(f"/v1/imports/{import_id}"),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert bob.get("/v1/imports").json() == []


def test_only_an_administrator_names_files_on_the_server(house, ada, admin, tmp_path):
    path = tmp_path / "plays.csv"
    path.write_text(CSV)
    import_id = begin(ada)
    refused = ada.post(f"/v1/imports/{import_id}/start", json={"paths": [str(path)]})
    assert refused.status_code == 403
    own = begin(admin)
    assert admin.post(f"/v1/imports/{own}/start", json={"paths": [str(path)]}).status_code == 202
    house.app.queue.run(house.app.imports._runs.get(own).job_id)
    assert admin.get(f"/v1/imports/{own}").json()["report"]["stored"] == 2
    assert path.exists()  # what was not sent is not ours to delete


def test_an_import_can_be_taken_back_before_and_after_it_starts(house, ada):
    import_id = begin(ada)
    send(ada, import_id, "plays.csv", CSV.encode())
    assert ada.delete(f"/v1/imports/{import_id}").json()["state"] == "cancelled"
    assert ada.get(f"/v1/imports/{import_id}").status_code == 404
    assert not list(house.app.settings.uploads_dir.rglob("plays.csv"))
    again = begin(ada)
    send(ada, again, "plays.csv", CSV.encode())
    ada.post(f"/v1/imports/{again}/start", json={})
    assert ada.delete(f"/v1/imports/{again}").json()["state"] == "cancelled"


def test_what_cannot_be_imported_fails_in_words(house, ada):
    import_id = begin(ada)
    send(ada, import_id, "cover.png", b"\x89PNG\r\n\x1a\n" + bytes(500))
    ada.post(f"/v1/imports/{import_id}/start", json={})
    house.app.queue.run(house.app.imports._runs.get(import_id).job_id)
    view = ada.get(f"/v1/imports/{import_id}").json()
    assert (view["state"], "cover.png is no text" in view["error"]) == ("failed", True)


@pytest.fixture
def doubtful(house, ada):
    row = {"artist": "Band 4", "title": "Song 4"}  # six tracks are called nearly so
    text = f"artist,title,listened_at\n{row['artist']},{row['title']},{AT}\n"
    import_id = begin(ada)
    send(ada, import_id, "d.csv", text.encode())
    ada.post(f"/v1/imports/{import_id}/start", json={})
    house.app.queue.run(house.app.imports._runs.get(import_id).job_id)
    return ada.get(f"/v1/imports/{import_id}").json()["report"]


def test_doubts_are_listed_and_decided(ada, bob, doubtful):
    assert doubtful["doubtful"] == 1
    (doubt,) = ada.get("/v1/import-doubts").json()
    assert doubt["named"]["title"] == "Song 4"
    assert doubt["track"]["title"].startswith("Song 4-")
    assert bob.get("/v1/import-doubts").json() == []
    path = f"/v1/import-doubts/{doubt['id']}"
    assert bob.post(path, json={"is_it": True}).status_code == 404
    assert ada.post(path, json={"is_it": True}).json()["stored"] == 1
    assert ada.post(path, json={"is_it": True}).status_code == 409
    assert ada.get("/v1/import-doubts").json() == []


def test_the_document_says_that_a_file_is_sent_as_it_is(ada):
    document = json.loads(ada.get("/docs/schema/openapi.json").content)
    body = document["paths"]["/v1/imports/{import_id}/files"]["post"]["requestBody"]
    assert list(body["content"]) == ["application/octet-stream"]
