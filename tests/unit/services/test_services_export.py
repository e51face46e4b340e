import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from segue.data.imported import ImportedListen, PlaylistEntry, RowProblem
from segue.data.records import NeverPlayScope
from segue.errors import NotFoundError
from segue.services import zipping
from segue.services.export import TOLD, plain_name
from segue.services.export_lines import feedback_line
from segue.sources.members import open_export
from segue.sources.registry import recognised
from segue.store import own_data
from segue.store.own_data import SECRET_COLUMNS
from segue.store.own_words import OwnWords
from segue.store.playlists import Playlists
from support.app import NOW, browser

DAY = 86_400.0


@pytest.fixture
def full(trained):
    """Ada with something of everything."""
    ada = trained.id_of("ada")
    for n in range(40):
        trained.tell("ada", "play", f"Song {n % 3}-{n % 5}", at=NOW - n * 3 * DAY, played_s=170.5)
    trained.tell("ada", "skip", "Song 7-1", at=NOW - 50.5, played_s=4.0)
    trained.tell("ada", "love", "Song 0-0", at=NOW - 40)
    trained.tell("ada", "dislike", "Song 6-0", at=NOW - 30)
    trained.tell("ada", "rate", "Song 1-1", at=NOW - 20, value=4)
    trained.tell("ada", "love", "Song 5-5", at=NOW - 10)
    last = trained.app.history._history.newest_event_id(ada)
    trained.app.history.retract(ada, last)
    trained.app.history.never_play(ada, NeverPlayScope.ALBUM, _album(trained, "Song 4-4"))
    store = Playlists(trained.app.database)
    rainy = store.create(ada, "Zoë’s rainy / day", NOW)
    store.add(ada, rainy.id, [trained.track(f"Song 2-{n}") for n in (3, 1, 3)], NOW)
    trained.app.own_words.say(ada, OwnWords(bio="mostly quince jelly", tags=("dub",), age=40))
    trained.app.like_minded.set(ada, on=True)
    return trained


def _album(house, title):
    return house.app.catalog.track(house.track(title)).album_id


def archive_of(house, name="ada"):
    return b"".join(house.app.own.export.archive(house.id_of(name)))


def rows_of(tmp_path, data):
    path = tmp_path / "export.zip"
    path.write_bytes(data)
    with open_export(path) as opened:
        found, unread = recognised(opened.members)
        assert not opened.unread
        rows = [row for one in found for row in one.source.read(one.member)]
        return {one.member.name: one.source.name for one in found}, rows, unread


def test_our_own_sources_read_back_every_listen_and_statement(full, tmp_path):
    names, rows, unread = rows_of(tmp_path, archive_of(full))
    assert set(names.values()) == {
        "listenbrainz", "listenbrainz-feedback", "jspf", "segue-never-play", "segue-profile",
        "segue-consents",
    }  # fmt: skip
    assert unread == []
    assert not any(isinstance(row, RowProblem) for row in rows)

    stored = full.app.history._history.events_of(full.id_of("ada"))
    heard = {
        (e.track_id, int(e.listened_at), e.played_s, e.kind == "skip")
        for e in stored if e.kind in ("play", "skip")
    }  # fmt: skip
    listens = [row for row in rows if isinstance(row, ImportedListen) and row.n_plays]
    read = {(r.track.track_id, int(r.listened_at), r.played_s, bool(r.is_skip)) for r in listens}
    assert read == heard
    assert len(listens) == 41

    said = {
        row.track.track_id: (row.loved, row.disliked, row.rating, row.listened_at)
        for row in rows if isinstance(row, ImportedListen) and not row.n_plays
    }  # fmt: skip
    assert said == {
        full.track("Song 0-0"): (True, False, None, NOW - 40),
        full.track("Song 6-0"): (False, True, None, NOW - 30),
        full.track("Song 1-1"): (False, False, 4.0, NOW - 20),
    }
    entries = [row for row in rows if isinstance(row, PlaylistEntry)]
    assert {row.playlist for row in entries} == {"Zoë’s rainy / day"}
    titles = [row.track.title for row in entries]
    assert titles == ["Song 2-3", "Song 2-1", "Song 2-3"]
    assert [row.track.track_id for row in entries] == [full.track(title) for title in titles]


def test_a_month_stands_in_a_file_of_its_own_in_order_of_time(full):
    with zipfile.ZipFile(io.BytesIO(archive_of(full))) as archive:
        assert archive.testzip() is None
        months = [name for name in archive.namelist() if name.startswith("listens/")]
        assert len(months) == len(set(months)) == 5
        for name in months:
            times = [json.loads(line)["listened_at"] for line in archive.open(name)]
            assert times == sorted(times)
            moments = {datetime.fromtimestamp(at, UTC).strftime("%Y/%-m") for at in times}
            assert moments == {name.removeprefix("listens/").removesuffix(".jsonl")}


def test_what_was_taken_back_is_told_but_not_as_a_statement(full):
    with zipfile.ZipFile(io.BytesIO(archive_of(full))) as archive:
        told = [json.loads(line) for line in archive.open("events.jsonl")]
        retracted = [event for event in told if event["retracted_at"]]
        assert [(e["kind"], e["track_id"]) for e in retracted] == [("love", full.track("Song 5-5"))]
        assert full.track("Song 5-5") not in archive.read("feedback.jsonl").decode()
        assert len(told) == 45


def test_profile_consents_rules_and_taste_are_there_in_words(full):
    with zipfile.ZipFile(io.BytesIO(archive_of(full))) as archive:
        read = {n: archive.read(n).decode() for n in archive.namelist()}
    profile = json.loads(read["profile.json"])
    assert profile["name"] == "ada"
    assert profile["own_words"]["bio"] == "mostly quince jelly"
    assert [c["what"] for c in json.loads(read["consents.json"])] == ["like_minded"]
    (rule,) = json.loads(read["never_play.json"])
    assert rule["target_id"] == _album(full, "Song 4-4")
    played = json.loads(read["taste/played.json"])
    assert [(a["name"], a["n_plays"]) for a in played["artists"]] == [
        ("Band 0", 14), ("Band 1", 13), ("Band 2", 13)
    ]  # fmt: skip
    assert sum(track["n_plays"] for track in played["tracks"]) == 40
    learned = json.loads(read["taste/learned.json"])
    asked = full.app.recommend.asked(full.id_of("ada"))
    assert len(learned["tracks"]) == len(asked.profile.known)
    assert learned["tracks"][0]["preference"] == round(float(asked.profile.preference.max()), 4)
    by_model = {vector["model"]: dict(vector["values"]) for vector in learned["vectors"]}
    assert by_model["content"]["genre: Ambient"] > by_model["content"].get("genre: Dub", 0)
    assert any(name.startswith("factor ") for values in by_model.values() for name in values)
    for name in read:
        if not name.startswith(("listens", "playlists", "other", "README")):
            assert name in read["README.txt"]


def test_every_table_of_a_listener_is_told_of_and_no_secret(full):
    full.app.accounts.open_session(full.app.accounts.by_name("ada"))
    tables = set(full.app.own.export._own.tables(full.id_of("ada")))
    assert TOLD < tables
    assert {"sessions", "kept_lists", "radio_sessions", "import_doubts"} <= tables - TOLD
    with zipfile.ZipFile(io.BytesIO(archive_of(full))) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
        assert "other/sessions.jsonl" in archive.namelist()
    for column in SECRET_COLUMNS:
        assert column not in whole
    assert full.app.accounts.by_name("ada").password_hash not in whole


def test_nothing_of_another_listener_is_in_it(full):
    full.tell("bob", "love", "Song 3-3")
    full.app.own_words.say(full.id_of("bob"), OwnWords(bio="bob loves marmalade"))
    with zipfile.ZipFile(io.BytesIO(archive_of(full))) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert full.id_of("bob") not in whole
    assert "marmalade" not in whole


def test_it_is_written_while_it_is_read(full, monkeypatch):
    monkeypatch.setattr(own_data, "PAGE_ROWS", 4)
    monkeypatch.setattr(zipping, "PIECE_BYTES", 200)
    read = []
    listens = full.app.own.export._own.listens

    def watched(listener_id):
        for page in listens(listener_id):
            read.append(len(page))
            yield page

    monkeypatch.setattr(full.app.own.export._own, "listens", watched)
    pieces = full.app.own.export.archive(full.id_of("ada"))
    sizes = [len(next(pieces))]
    n_early = len(read)
    sizes += [len(piece) for piece in pieces]
    assert n_early < len(read) == 11
    assert max(sizes) < 6_000


def test_nobody_in_particular_has_no_export(house):
    with pytest.raises(NotFoundError):
        house.app.own.export.archive("nobody")


def test_a_listener_without_anything_gets_a_sound_archive(house):
    with zipfile.ZipFile(io.BytesIO(archive_of(house, "bob"))) as archive:
        assert archive.testzip() is None
        assert archive.read("feedback.jsonl") == b""
        assert json.loads(archive.read("taste/learned.json"))["tracks"] == []


@pytest.mark.parametrize("name", ["", "../..", "漢字", "a" * 300])
def test_names_of_files_are_plain(name):
    assert all(c.isascii() and (c.isalnum() or c == "-") for c in plain_name(name))


def test_the_door_sends_it_to_its_owner_alone(full):
    with browser(full, "ada") as client:
        answer = client.get("/v1/me/export")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"].startswith('attachment; filename="segue-ada-')
        assert "content-encoding" not in answer.headers
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert json.loads(archive.read("profile.json"))["name"] == "ada"
    with browser(full) as client:
        assert client.get("/v1/me/export").status_code == 401


def test_feedback_lines_name_the_marks_of_listenbrainz():
    from segue.data.imported import NamedTrack
    from segue.store.history_records import FeedbackState

    line = feedback_line(NamedTrack(title="T"), FeedbackState(disliked=True, rating=2.0))
    assert (line["score"], line["rating"]) == (-1, 2.0)
    assert "recording_mbid" in line
