"""`segue import catalog` and `segue export features`."""

import json

import pytest

from support.app import PASSWORD
from support.mongo import mongo_server

TABLE = "id,title,artist,energy,tempo,playlist\n1,Anker,Nadja,0.5,120,Sea\n2,Steg,Nadja,0.25,90,\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(TABLE)
    return path


def test_a_catalogue_is_imported_once_and_its_features_come_out_again(segue, as_json, table):
    report = as_json("import", "catalog", str(table))
    assert (report["rows"], report["added"], report["playlists"]) == (2, 2, 1)
    assert as_json("import", "catalog", str(table))["known"] == 2
    code, out, _ = segue("export", "features")
    tracks = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {t["title"]: t["described"] for t in tracks} == {
        "Anker": {"energy": 0.5, "tempo": 120}, "Steg": {"energy": 0.25, "tempo": 90}
    }  # fmt: skip
    to = table.with_name("features.jsonl")
    assert as_json("export", "features", "--to", str(to)) == {"tracks": 2, "to": str(to)}
    assert to.read_text() == out


def test_the_exit_code_says_that_some_rows_could_not_be_used(segue, as_json, table):
    table.write_text(TABLE + "3,Kai,Nadja,7,1,\n")
    assert as_json("import", "catalog", str(table), code=3)["refused"] == 1
    code, out, _ = segue("import", "catalog", str(table))
    assert code == 3
    assert "3 rows: 0 tracks added" in out
    assert "energy" in out


def test_playlists_become_an_accounts_own(as_json, table):
    as_json("user", "add", "ada", "--admin", "--password-stdin", stdin=PASSWORD + "\n")
    report = as_json("import", "catalog", str(table), "--playlists", "keep", "--user", "ada")
    assert report["placed"] == 1


def test_columns_are_given_by_hand_or_refused_with_what_there_is(segue, as_json, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("a,b\nAnker,Nadja\n")
    chosen = ("--column", "title=a", "--column", "artist=b")
    assert as_json("import", "catalog", str(path), *chosen)["added"] == 1
    for wrong, words in (("title=c", "no column 'c'"), ("colour=a", "no field 'colour'"),
                         ("title", "FIELD=COLUMN")):  # fmt: skip
        code, _, err = segue("import", "catalog", str(path), "--column", wrong)
        assert (code, words in err) == (1, True), err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "name a file"), (("/nothing.csv",), "cannot be opened"),
     (("FILE", "--playlists", "keep"), "--user"), (("FILE", "--user", "nobody"), "nobody")],
)  # fmt: skip
def test_what_cannot_be_done_is_said(segue, table, arguments, words):
    given = [str(table) if text == "FILE" else text for text in arguments]
    code, _, err = segue("import", "catalog", *given)
    assert code == 1
    assert words in err


def test_documents_of_mongodb_come_in_and_features_go_back(as_json, tmp_path):
    import pymongo

    with mongo_server(tmp_path) as url, pymongo.MongoClient(url) as client:
        tracks = client["music"]["tracks"]
        tracks.insert_many([
            {"_id": 7, "title": "Anker", "artist": "Nadja", "genre": "folk", "energy": 0.5},
            {"_id": "x", "title": "Steg", "artist": "Nadja"},
            {"_id": "bad", "title": "Kai", "energy": 3},
        ])  # fmt: skip
        report = as_json("import", "catalog", "--mongo", url, code=3)
        assert (report["added"], report["refused"]) == (2, 1)
        assert as_json("import", "catalog", "--mongo", url, code=3)["known"] == 2
        assert as_json("export", "features", "--mongo", url)["tracks"] == 1
        found = {one["_id"]: one.get("segue") for one in tracks.find()}
        assert found == {7: {"features": {"described_energy": 0.5}}, "x": None, "bad": None}


def test_tracks_without_a_file_are_in_lists_when_they_are_asked_for(as_json, table):
    as_json("user", "add", "ada", "--admin", "--password-stdin", stdin=PASSWORD + "\n")
    as_json("import", "catalog", str(table))
    as_json("train")
    near = as_json("similar", "Anker", "--missing")
    assert [seen["track"]["title"] for seen in near["tracks"]] == ["Steg"]
    assert as_json("similar", "Anker")["tracks"] == []
    listed = as_json("recommend", "--user", "ada", "--missing")["tracks"]
    assert {seen["track"]["title"] for seen in listed} == {"Anker", "Steg"}
