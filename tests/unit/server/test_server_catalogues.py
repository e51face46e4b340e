"""Catalogues by the API: a job of an administrator's, and the report it leaves."""

import pytest

from support.app import browser


@pytest.fixture
def admin(house):
    with browser(house, "admin") as client:
        yield client


def test_a_catalogue_is_imported_as_a_job_and_reported(house, admin, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("title,artist,energy,playlist\nAnker,Nadja,0.5,Sea\nSteg,Nadja,5,\n")
    answer = admin.post("/v1/catalogues", json={"path": str(path), "playlists": "keep"})
    assert answer.status_code == 202
    job = answer.json()
    assert (job["kind"], job["params"]["account_id"]) == ("catalogue", house.id_of("admin"))
    assert admin.get(f"/v1/catalogues/{job['id']}").status_code == 404  # not yet
    house.app.queue.run(job["id"])
    report = admin.get(f"/v1/catalogues/{job['id']}").json()
    assert (report["rows"], report["added"], report["refused"], report["placed"]) == (2, 1, 1, 1)
    assert report["problems"][0]["row"] == 2
    assert admin.get("/v1/search", params={"q": "Anker"}).json()["tracks"][0]["title"] == "Anker"


@pytest.mark.parametrize(
    "body",
    [{}, {"path": ""}, {"path": "here.csv"}, {"path": "/not/there.csv"}, {"path": "/\x00"},
     {"path": "/", "playlists": "all"}, {"path": "/", "more": 1}],
)  # fmt: skip
def test_what_leads_nowhere_is_refused_before_a_job_is_made(house, admin, body):
    assert admin.post("/v1/catalogues", json=body).status_code == 400
    assert house.app.jobs.list(10) == ()


@pytest.mark.parametrize("job_id", ["nothing", "..%2F..%2Fsegue", "a.b"])
def test_a_report_that_is_not_there_is_not_found(admin, job_id):
    assert admin.get(f"/v1/catalogues/{job_id}").status_code == 404
