"""What an import does beyond listens: names, doubts, playlists, counts, going on, uploads."""

import json
import zipfile

import pytest

from segue.data.imported import ImportedListen, NamedTrack
from segue.data.records import EventKind
from segue.errors import ConflictError, InvalidInputError, JobCancelledError, NotFoundError
from segue.services.importing.events import MAX_COUNTED, UNDATED_AGE_S, events_of
from segue.services.importing.names import named_id
from segue.services.importing.paths import PathIndex
from segue.services.importing.request import ImportRequest
from segue.services.importing.uploads import Uploads
from segue.store.playlists import Playlists
from support.app import NOW, Watched, every_track
from support.audio_files import flac

AT = 1_700_000_000


@pytest.fixture
def bring(house, tmp_path):
    def run(files, listener="ada", **how):
        paths = []
        for name, text in files.items():
            path = tmp_path / name
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            paths.append(str(path))
        request = ImportRequest(paths=tuple(paths), **how)
        return house.app.imports.run_here(house.id_of(listener), request, Watched())

    return run


def events(house, listener="ada"):
    return house.app.history._history.events_of(house.id_of(listener))


def spotify(*rows):
    return json.dumps([
        {"ts": at, "ms_played": ms, "master_metadata_track_name": title,
         "master_metadata_album_artist_name": artist, "master_metadata_album_album_name": "",
         "spotify_track_uri": uri, "skipped": None,
         "reason_end": "trackdone" if ms > 10_000 else "fwdbtn",
         "incognito_mode": False, "episode_name": None, "offline_timestamp": 0}
        for at, ms, title, artist, uri in rows
    ])  # fmt: skip


SPOTIFY = spotify(
    ("2023-11-14T22:13:20Z", 200_000, "Song 0-0", "Band 0", "spotify:track:" + "1" * 22),
    ("2023-11-14T22:20:20Z", 9_000, "Song 1-1", "Band 1", "spotify:track:" + "2" * 22),
    ("2023-11-14T22:30:20Z", 180_000, "Far Away", "Elsewhere", "spotify:track:" + "3" * 22),
)


def test_an_export_in_a_zip_is_recognised_and_its_short_plays_are_skips(house, bring, tmp_path):
    with zipfile.ZipFile(tmp_path / "my_spotify_data.zip", "w") as archive:
        archive.writestr("Spotify Extended/Streaming_History_Audio_2023.json", SPOTIFY)
        archive.writestr("Spotify Extended/ReadMe.pdf", b"%PDF-1.4 \x00\x00\x00")
    report = bring({"my_spotify_data.zip": (tmp_path / "my_spotify_data.zip").read_bytes()})
    assert (report.rows, report.stored, report.named, report.added) == (3, 3, 1, 1)
    assert [one.source for one in report.files] == ["spotify-extended"]
    assert [(p.file, p.row) for p in report.problems] == [("Spotify Extended/ReadMe.pdf", 0)]
    assert sorted((e.kind, e.played_s) for e in events(house)) == [
        (EventKind.PLAY, 180.0), (EventKind.PLAY, 200.0), (EventKind.SKIP, 9.0)
    ]  # fmt: skip
    assert {e.client for e in events(house)} == {"spotify-extended"}
    # its start, not its end, is when it was listened to
    assert min(e.listened_at for e in events(house)) == AT - 200


def test_the_same_plays_from_two_services_count_once(house, bring):
    bring({"a.json": SPOTIFY})
    header = "artist,title,listened_at\n"
    again = f"{header}Band 0,Song 0-0,{AT - 200}\nElsewhere,Far Away,{AT + 17 * 60 - 180}\n"
    report = bring({"scrobbles.csv": again})
    assert (report.stored, report.repeated) == (0, 2)


def test_what_is_not_in_the_library_is_known_by_name_and_found_again_by_its_id(house, bring):
    bring({"a.json": SPOTIFY})
    by_id = spotify(("2024-01-01T10:00:00Z", 99_000, "Far Away (Remaster)", "Elsewhere",
                     "spotify:track:" + "3" * 22))  # fmt: skip
    report = bring({"b.json": by_id})
    assert (report.stored, report.added) == (1, 0)
    assert sum(track.title.startswith("Far Away") for track in every_track(house.app)) == 1


@pytest.fixture
def doubt(house, monkeypatch):
    """Everything that Band 3 plays is doubtful."""
    from segue.text import matching

    real = matching.MatchIndex.find

    def find(self, named):
        match = real(self, named)
        if named.artists == ("Band 3",):
            return matching.Match(track_id=match.track_id, confidence=0.6, reason="near enough")
        return match

    monkeypatch.setattr(matching.MatchIndex, "find", find)
    return {"d.csv": f"artist,title,listened_at\nBand 3,Song 3-3,{AT}\nBand 3,Song 3-3,{AT + 900}\n"
            f"Band 3,Song 3-4,{AT + 1800}\n"}  # fmt: skip


def test_doubtful_rows_wait_for_a_decision_and_are_not_stored(house, bring, doubt):
    report = bring(doubt)
    assert (report.stored, report.doubtful) == (0, 3)
    assert bring(doubt).doubtful == 3
    waiting = house.app.doubts.waiting(house.id_of("ada"))
    assert [(one.named.title, one.track.title, one.n_rows) for one in waiting] == [
        ("Song 3-3", "Song 3-3", 2), ("Song 3-4", "Song 3-4", 1)
    ]  # fmt: skip
    assert house.app.doubts.waiting(house.id_of("bob")) == []


def test_what_was_decided_holds_for_later_imports(house, bring, doubt):
    bring(doubt)
    ada = house.id_of("ada")
    first, second = house.app.doubts.waiting(ada)
    guess = house.track("Song 3-4")
    accepted = house.app.doubts.decide(ada, first.id, is_it=True)
    assert (accepted.track_id, accepted.stored) == (house.track("Song 3-3"), 2)
    refused = house.app.doubts.decide(ada, second.id, is_it=False)
    assert refused.stored == 1
    assert refused.track_id == named_id(second.named) != guess == second.track.id
    assert house.app.doubts.count(ada) == 0
    again = bring(doubt)
    assert (again.stored, again.repeated, again.doubtful) == (0, 3, 0)
    with pytest.raises(ConflictError):
        house.app.doubts.decide(ada, first.id, is_it=False)


def test_a_doubtful_name_may_be_another_track_and_only_its_listener_decides(house, bring, doubt):
    bring(doubt)
    ada = house.id_of("ada")
    first = house.app.doubts.waiting(ada)[0]
    with pytest.raises(NotFoundError):
        house.app.doubts.decide(house.id_of("bob"), first.id, is_it=True)
    with pytest.raises(NotFoundError):
        house.app.doubts.decide(ada, first.id, is_it=True, track_id="none")
    other = house.track("Song 5-0")
    assert house.app.doubts.decide(ada, first.id, is_it=True, track_id=other).track_id == other
    assert {e.track_id for e in events(house)} == {other}
    assert bring(doubt).repeated == 2


XSPF = """<?xml version="1.0" encoding="UTF-8"?>
<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Evening</title><trackList>
<track><title>Song 0-0</title><creator>Band 0</creator></track>
<track><title>Song 1-1</title><creator>Band 1</creator></track>
<track><title>Nowhere</title><creator>Nobody</creator></track>
<track><title>Song 0-0</title><creator>Band 0</creator></track>
</trackList></playlist>"""


def playlist(house, name="Evening", listener="ada"):
    lists = Playlists(house.app.database)
    one = next(p for p in lists.list_for(house.id_of(listener)) if p.name == name)
    titles = {track.id: track.title for track in every_track(house.app)}
    return [titles[item.track_id] for item in lists.get(house.id_of(listener), one.id).items]


def test_playlists_keep_their_order_and_a_second_import_adds_what_they_lack(house, bring):
    report = bring({"evening.xspf": XSPF})
    assert (report.listed, report.playlists, report.named, report.stored) == (4, 1, 1, 0)
    assert playlist(house) == ["Song 0-0", "Song 1-1", "Nowhere", "Song 0-0"]
    assert bring({"evening.xspf": XSPF}).playlists == 0
    assert len(playlist(house)) == 4
    more = "<track><title>Song 2-2</title><creator>Band 2</creator></track></trackList>"
    bring({"evening.xspf": XSPF.replace("</trackList>", more)})
    assert playlist(house)[4:] == ["Song 2-2"]


def test_a_playlist_of_paths_finds_files_by_how_the_paths_end(house, bring):
    text = "#EXTM3U\n\nD:\\Music\\Piper\\real.mp3\nBare/Real Wav.wav\nBare/None.wav\n"
    report = bring({"mix.m3u8": text})
    assert (report.listed, report.refused) == (2, 1)
    assert playlist(house, "mix") == ["Real Mp3", "Real Wav"]


def test_paths_that_end_alike_for_several_files_mean_none_of_them():
    index = PathIndex([("/a/x/1.mp3", "t1"), ("/b/x/1.mp3", "t2"), ("/c/y/2.mp3", "t3")])
    assert index.find("/other/x/1.mp3") is None
    assert index.find("/other/b/x/1.mp3") == "t2"
    assert index.find("2.mp3") == "t3"
    assert index.find("/z/2.mp3") is None
    assert index.find("1.mp3") is None
    assert index.find("") is None


def test_a_count_becomes_plays_between_its_first_and_its_last(house):
    row = ImportedListen(row=1, track=NamedTrack(title="x"), listened_at=2_000.0, n_plays=5,
                         n_skips=1, first_at=1_000.0, rating=4.0, loved=True)  # fmt: skip
    made = events_of(row, "t", "l", "itunes", NOW)
    plays = [event.listened_at for event in made if event.kind is EventKind.PLAY]
    assert sorted(plays) == [1_000.0, 1_250.0, 1_500.0, 1_750.0, 2_000.0]
    assert [event.kind for event in made if event.kind is not EventKind.PLAY] == [
        EventKind.SKIP, EventKind.LOVE, EventKind.RATE
    ]  # fmt: skip
    grown = events_of(
        ImportedListen(row=1, track=NamedTrack(title="x"), listened_at=3_000.0, n_plays=6,
                       n_skips=1, first_at=1_000.0), "t", "l", "itunes", NOW)  # fmt: skip
    new = {event.idempotency_key for event in grown} - {event.idempotency_key for event in made}
    assert len(new) == 1  # one more play, not six


def test_a_count_without_any_time_is_no_news_and_giant_counts_are_bounded():
    row = ImportedListen(row=1, track=NamedTrack(title="x"), n_plays=9_999)
    made = events_of(row, "t", "l", "beets", NOW)
    assert len(made) == MAX_COUNTED
    assert {event.listened_at for event in made} == {NOW - UNDATED_AGE_S}


class StopAfter(Watched):
    """Cancels when so many reports were made."""

    def __init__(self, n):
        super().__init__()
        self.n = n

    def report(self, done, total=None, *, unit="", message=""):
        super().report(done, total, unit=unit, message=message)
        if len(self.told) >= self.n:
            raise JobCancelledError("stop")


def test_an_interrupted_import_goes_on_behind_what_it_stored(house, tmp_path, monkeypatch):
    from segue.services.importing import history, reading

    monkeypatch.setattr(history, "BATCH_ROWS", 10)
    monkeypatch.setattr(reading, "REPORT_EVERY_S", 0.0)
    rows = "".join(f"Band {n % 8},Song {n % 8}-{n % 6},{AT + 400 * n}\n" for n in range(100))
    (tmp_path / "h.csv").write_text("artist,title,listened_at\n" + rows)
    (tmp_path / "p.xspf").write_text(XSPF)
    ada = house.id_of("ada")
    imports = house.app.imports
    request = ImportRequest(paths=(str(tmp_path / "h.csv"), str(tmp_path / "p.xspf")))
    run = imports._runs.create(ada, request, NOW)
    for n in (3, 4, 2):
        with pytest.raises(JobCancelledError):
            imports.run(run.id, StopAfter(n))
    stored = len(events(house))
    assert 0 < stored < 100
    report = imports.run(run.id, Watched())
    assert (report.rows, report.stored, report.repeated) == (104, 100, 0)
    assert len(events(house)) == 100
    assert len(playlist(house)) == 4
    assert imports.get(ada, run.id).state == "done"


def test_files_that_were_sent_are_imported_by_a_job_and_then_deleted(house):
    ada, imports = house.id_of("ada"), house.app.imports
    made = imports.new(ada)
    assert made.state == "open"
    with pytest.raises(InvalidInputError, match="nothing to import"):
        imports.start(ada, made.id)
    with imports.upload(ada, made.id, "../../etc/Streaming History.json") as upload:
        upload.write(SPOTIFY.encode()[:100])
        upload.write(SPOTIFY.encode()[100:])
    (look,) = imports.look(ada, made.id)
    assert (look.file, look.source) == ("Streaming History.json", "spotify-extended")
    started = imports.start(ada, made.id)
    assert started.state == "waiting"
    for again in (lambda: imports.start(ada, made.id), lambda: imports.upload(ada, made.id, "x")):
        with pytest.raises(ConflictError):
            again()
    house.app.queue.run(imports._runs.get(made.id).job_id)
    done = imports.get(ada, made.id)
    assert (done.state, done.report.stored, done.files) == ("done", 3, ("Streaming History.json",))
    assert not list(house.app.settings.uploads_dir.rglob("*.json"))
    assert {job.kind for job in house.app.jobs.list()} == {"import", "train"}
    with pytest.raises(NotFoundError):
        imports.get(house.id_of("bob"), made.id)


def test_a_table_shows_how_its_columns_are_read_and_takes_others(house, bring):
    text = f"Interpret,Stueck,Wann\nBand 0,Song 0-0,{AT}\n"
    ada, imports = house.id_of("ada"), house.app.imports
    made = imports.new(ada)
    with imports.upload(ada, made.id, "liste.csv") as upload:
        upload.write(f"artist,title,ts\nBand 0,Song 0-0,{AT}\n".encode())
    (look,) = imports.look(ada, made.id)
    assert look.columns == {"artist": "artist", "title": "title", "listened_at": "ts"}
    with pytest.raises(InvalidInputError, match="nothing here can be imported"):
        bring({"l.csv": text})
    mapped = {"artist": "Interpret", "title": "Stueck", "listened_at": "Wann"}
    assert bring({"l.csv": text}, columns=mapped).stored == 1
    with pytest.raises(InvalidInputError, match="no source"):
        bring({"l.csv": text}, source="winamp")


def test_uploads_have_limits_and_an_unfinished_one_leaves_nothing(tmp_path):
    uploads = Uploads(tmp_path, max_bytes=10, clock=lambda: NOW)
    with uploads.begin("a1", "x") as upload:
        upload.write(b"12345678")
    with pytest.raises(InvalidInputError, match="may hold"), uploads.begin("a1", "y") as upload:
        upload.write(b"123")
    assert [path.name for path in uploads.files("a1")] == ["x"]
    with pytest.raises(NotFoundError):
        uploads.files("../a1")
    uploads.forget("a1")
    assert uploads.files("a1") == []


def test_a_file_that_comes_later_takes_over_the_track_known_by_name(house, bring, tmp_path):
    bring({"a.json": SPOTIFY})
    named = next(track for track in every_track(house.app) if track.title == "Far Away")
    music = tmp_path / "music"
    music.mkdir()
    pairs = (("TITLE", "Far away"), ("ARTIST", "Elsewhere"), ("ALBUM", "Where"))
    (music / "far.flac").write_bytes(flac(*pairs, duration_s=2.0))
    live = (("TITLE", "Far Away (Live)"), ("ARTIST", "Elsewhere"), ("ALBUM", "There"))
    (music / "live.flac").write_bytes(flac(*live, duration_s=2.0))
    report = house.app.library.scan(music, Watched())
    assert report.added == 2
    found = house.app.catalog.track(named.id)
    assert (found.has_file, found.title, found.album) == (True, "Far away", "Where")
    assert house.track("Far Away (Live)") != named.id
    assert bring({"a.json": SPOTIFY}).repeated == 3
    (music / "far.flac").unlink()
    house.app.library.scan(music, Watched())
    (music / "again.flac").write_bytes(flac(*pairs, duration_s=9.0))
    house.app.library.scan(music, Watched())  # another file: the track of the gone one is not free
    assert house.track("Far away") != named.id
