"""Catalogues imported into a library: counts, identity, what is completed, playlists, stations."""

import json

import pytest

from segue.data.described import DESCRIBED_INDEX, KIND
from segue.data.query import Controls
from segue.data.records import EventKind
from segue.errors import InvalidInputError, JobCancelledError
from segue.services import catalogues
from segue.services.catalogue_jobs import checked_path
from segue.store.lyrics import Lyrics
from segue.store.playlists import Playlists
from support.app import Watched, every_track
from support.source_samples import SPOTIFY

OTHER = SPOTIFY[:-1] + ("a" if SPOTIFY[-1] != "a" else "b")
HEAD = "spotify_id,title,artist,album,year,genre,tags,emotion,lyrics,popularity,energy,playlist\n"


@pytest.fixture
def bring(house, tmp_path):
    def run(text, name="c.csv", **choices):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return house.app.catalogues.files([path], Watched(), **choices)

    return run


def counts(report):
    assert report.rows == report.added + report.completed + report.known + report.refused
    return report.added, report.completed, report.known, report.refused


def named(house, title):
    return house.app.catalog.track(house.track(title))


def table_terms(house, title, kind):
    table = house.app.catalog.track_table()
    row = table.ids.get(house.track(title))
    assert row is not None
    columns = table.terms[row].indices
    return {table.term_names[c] for c in columns if table.term_kinds[c] == kind}


def test_a_new_track_has_everything_that_its_row_says(house, bring):
    report = bring(HEAD + f'{SPOTIFY},Anker,Nadja,Meer,2019,"pop, folk",sea,joy,"a\nb",50,0.25,\n')
    assert counts(report) == (1, 0, 0, 0)
    track = named(house, "Anker")
    assert (track.artists[0].name, track.album, track.year, track.has_file) == (
        "Nadja", "Meer", 2019, False,
    )  # fmt: skip
    assert set(track.genres) == {"pop", "folk"}
    assert table_terms(house, "Anker", "tag") == {"sea", "joy"}
    assert house.app.catalog.tracks_with("spotify", SPOTIFY) == [track.id]
    assert Lyrics(house.app.database).of([track.id]) == {track.id: "a\nb"}
    (known,) = [t for t in house.app.features.tracks() if t.track_id == track.id]
    assert known.described == {"energy": 0.25, "popularity": 0.5}
    assert known.ids == {"spotify": (SPOTIFY,)}


def test_the_same_file_again_changes_nothing(house, bring):
    text = HEAD + f"{SPOTIFY},Anker,Nadja,,,pop,,,,50,0.25,\n,Steg,Nadja,,,,,,,,,\n"
    assert counts(bring(text)) == (2, 0, 0, 0)
    version = house.app.catalog.version()
    assert counts(bring(text)) == (0, 0, 2, 0)
    assert counts(bring(text, "other.csv")) == (0, 0, 2, 0)
    assert house.app.catalog.version() == version


def test_rows_of_one_track_are_joined_also_within_one_batch(house, bring):
    rows = (f"{SPOTIFY},Anker,Nadja,,,{genre},,,,,,\n" for genre in ("pop", "folk", "pop"))
    assert counts(bring(HEAD + "".join(rows))) == (1, 1, 1, 0)
    assert set(named(house, "Anker").genres) == {"pop", "folk"}


def test_two_ids_of_one_catalogue_are_two_tracks_however_alike(house, bring):
    text = HEAD + f"{SPOTIFY},Anker,Nadja,,,,,,,,,\n{OTHER},Anker,Nadja,,,,,,,,,\n"
    assert counts(bring(text)) == (2, 0, 0, 0)
    assert counts(bring(text)) == (0, 0, 2, 0)
    table = house.app.catalog.track_table()
    rows = [table.ids.get(house.app.catalog.tracks_with("spotify", id_)[0])
            for id_ in (SPOTIFY, OTHER)]  # fmt: skip
    assert table.recording_idx[rows[0]] == table.recording_idx[rows[1]]  # one recording, though


def test_the_ids_of_two_tables_do_not_meet(house, bring):
    text = "id,title,artist,energy\n1,{},Nadja,0.5\n"
    assert counts(bring(text.format("Anker"), "one.csv")) == (1, 0, 0, 0)
    assert counts(bring(text.format("Steg"), "two.csv")) == (1, 0, 0, 0)
    assert counts(bring(text.format("Steg"), "two.csv")) == (0, 0, 1, 0)


def test_a_track_with_a_file_is_completed_and_keeps_what_its_owner_says(house, bring):
    row = f"{SPOTIFY},song 0-0,BAND 0,album 0,1950,pop,calm,,la la,,0.5,\n"
    assert counts(bring(HEAD + row)) == (0, 1, 0, 0)
    track = named(house, "Song 0-0")
    assert (track.year, track.genres, track.has_file) == (1990, ("Ambient",), True)
    assert table_terms(house, "Song 0-0", "tag") == {"calm"}
    assert house.app.catalog.tracks_with("spotify", SPOTIFY) == [track.id]
    assert Lyrics(house.app.database).of([track.id]) == {track.id: "la la"}
    assert counts(bring(HEAD + row)) == (0, 0, 1, 0)


def test_empty_facts_of_a_track_without_a_file_are_filled_and_counted(house, bring):
    assert counts(bring(HEAD + ",Wish,Nobody,,1999,Dub,,,,,,\n")) == (0, 1, 0, 0)
    track = named(house, "Wish")
    assert (track.year, set(track.genres)) == (1999, {"Ambient", "Dub"})
    dub = next(g for g in house.app.catalog.genres() if g.name == "Dub")
    assert dub.n_tracks == 12 + 1  # two bands of six songs, and this one


def test_what_is_only_nearly_a_track_of_the_library_is_added_and_said(house, bring):
    report = bring(HEAD + ",Song 0-0,Bnd 00,,,,,,,,,\n,Song 0-0,Somebody Else,,,,,,,,,\n")
    assert (report.added, report.doubtful) == (2, len(report.doubts))
    assert all("Song 0-0" in doubt.reason for doubt in report.doubts)


def test_bad_rows_are_named_with_their_number_and_stop_nothing(house, bring):
    report = bring(
        HEAD + f"{SPOTIFY},Anker,Nadja,,,,,,,,7,\n{SPOTIFY},,,,,,,,,,0.5,\n,,Nadja,,,,,,,,,\n"
        f"{OTHER},Steg,Nadja,,,,,,,,0.5,\n"
    )
    assert counts(report) == (1, 0, 0, 3)
    assert [(p.file, p.row) for p in report.problems] == [("c.csv", 1), ("c.csv", 2), ("c.csv", 3)]
    assert "energy" in report.problems[0].reason
    assert "no title" in report.problems[1].reason


def test_features_of_another_table_reach_tracks_by_the_catalogues_id(house, bring):
    tracks = ("track,track,artist\ntitle,genre_top,name\ntrack_id,,\n2,Anker,Nadja\n").replace(
        "track,track,artist\ntitle,genre_top,name\ntrack_id,,\n2,Anker,Nadja\n",
        ",track,track,artist\n,title,genre_top,name\ntrack_id,,,\n2,Anker,Rock,Nadja\n",
    )
    assert counts(bring(tracks, "tracks.csv")) == (1, 0, 0, 0)
    features = (
        ",echonest,echonest\n,audio_features,audio_features\n,energy,tempo\ntrack_id,,\n"
        "2,0.5,120\n3,0.5,120\n"
    )
    report = bring(features, "echonest.csv")
    assert counts(report) == (0, 1, 0, 1)
    (known,) = [t for t in house.app.features.tracks() if t.title == "Anker"]
    assert known.described == {"energy": 0.5, "tempo": 120.0}
    assert known.ids == {"catalogue": ("fma:2",)}


def test_spotifys_own_json_is_read(house, bring):
    track = {"id": SPOTIFY, "name": "Anker", "artists": [{"name": "Nadja"}], "type": "track",
             "album": {"name": "Meer", "release_date": "2019-06-14"}, "duration_ms": 180000,
             "external_ids": {"isrc": "DEABC2300001"}}  # fmt: skip
    assert counts(bring(json.dumps({"items": [{"track": track}]}), "page.json")) == (1, 0, 0, 0)
    assert house.app.catalog.tracks_with("isrc", "DEABC2300001") != []


def test_columns_may_be_given_by_hand(house, bring):
    text = "a,b,c\nAnker,Nadja,0.5\n"
    with pytest.raises(InvalidInputError, match="no catalogue"):
        bring(text)
    report = bring(text, columns={"title": "a", "artist": "b", "energy": "c"})
    assert counts(report) == (1, 0, 0, 0)
    assert named(house, "Anker").artists[0].name == "Nadja"


def test_an_import_that_was_stopped_goes_on_to_the_same_end(make_house, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "BATCH_ROWS", 3)
    path = tmp_path / "c.csv"
    path.write_text(HEAD + "".join(f",Title {n},Nadja,,,g{n % 2},,,,,0.5,\n" for n in range(10)))

    class Stopped(Watched):
        def report(self, done, total=None, *, unit="", message=""):
            if done >= 6:
                raise JobCancelledError("stopped")

    def state(house):
        tracks = [(t.title, t.artists[0].name, t.genres) for t in every_track(house.app)
                  if t.title.startswith("Title")]  # fmt: skip
        return sorted(tracks), house.app.catalog.counts()

    stopped, straight = make_house(), make_house()
    with pytest.raises(JobCancelledError):
        stopped.app.catalogues.files([path], Stopped())
    assert len(state(stopped)[0]) == 6
    again = stopped.app.catalogues.files([path], Watched())
    assert counts(again) == (4, 0, 6, 0)
    straight.app.catalogues.files([path], Watched())
    assert state(stopped) == state(straight)


PLAYLISTS = HEAD + "".join(
    f",Title {n},Nadja,,,,,,,,,{'Sea' if n < 3 else 'Land'}\n" for n in range(5)
)


def test_playlists_are_counted_and_left(house, bring):
    report = bring(PLAYLISTS)
    assert (report.playlists, report.placed) == (2, 0)
    assert len(house.app.accounts.all()) == 3


def test_playlists_are_kept_for_an_account_once(house, bring):
    admin = house.id_of("admin")
    first = bring(PLAYLISTS, playlists="keep", account_id=admin)
    assert (first.playlists, first.placed) == (2, 5)
    again = bring(PLAYLISTS, playlists="keep", account_id=admin)
    assert (again.playlists, again.placed) == (2, 0)
    store = Playlists(house.app.database)
    kept = {one.name: store.get(admin, one.id) for one in store.list_for(admin)}
    titles = [house.app.catalog.track(item.track_id).title for item in kept["Sea"].items]
    assert (set(kept), titles) == ({"Sea", "Land"}, ["Title 0", "Title 1", "Title 2"])
    with pytest.raises(InvalidInputError, match="--user"):
        bring(PLAYLISTS, playlists="keep")
    with pytest.raises(InvalidInputError, match="leave, keep, learn"):
        bring(PLAYLISTS, playlists="all")


def test_a_playlist_that_is_learned_from_is_a_listener_without_a_password(house, bring):
    assert bring(PLAYLISTS, playlists="learn").placed == 5
    assert bring(PLAYLISTS, playlists="learn").placed == 0
    sea = house.app.accounts.by_name("playlist: Sea")
    assert sea.password_hash is None
    data = house.app.training.dataset()
    liked = data.interactions.positive()[data.listeners.get(sea.id)].indices
    assert {data.tracks.titles[row] for row in liked} == {"Title 0", "Title 1", "Title 2"}
    events = house.app.history._history.events_of(sea.id)
    assert {event.kind for event in events} == {EventKind.PLAYLIST_ADD}


def test_long_and_odd_names_of_playlists_make_accounts_of_their_own():
    from segue.services.catalogue_playlists import account_name

    names = ["a" * 100, "a" * 101, "tab\there", "tab here", "", " "]
    assert len({account_name(name) for name in names}) == len(names)
    assert all(1 <= len(account_name(name)) <= 64 for name in names)
    assert all(account_name(name).isprintable() for name in names)


def test_a_catalogue_makes_lists_by_content_and_sound_for_its_tracks(make_house, tmp_path):
    house = make_house()
    rows = ["id,title,artist,genre,energy,valence,tempo,danceability,acousticness\n"]
    for n in range(40):
        loud = n % 2
        rows.append(f"{n},Piece {n},Maker {n},{('Calm', 'Loud')[loud]},{0.2 + 0.6 * loud},0.5,"
                    f"{80 + 60 * loud + n / 10},0.5,{0.8 - 0.6 * loud}\n")  # fmt: skip
    path = tmp_path / "pieces.csv"
    path.write_text("".join(rows))
    house.app.catalogues.files([path], Watched())
    house.app.training.train(Watched())
    house.app.models.refresh()
    for station in ("similar", "similar_sound"):
        view = house.app.recommend.list(
            house.id_of("ada"), station, 8, [house.track("Piece 1")], Controls(owned_only=False)
        )
        titles = [seen.track.title for seen in view.tracks]
        assert len(titles) == 8, station
        assert all(t.startswith("Piece") and int(t.split()[1]) % 2 for t in titles), (
            station,
            titles,
        )


def test_vectors_of_catalogues_are_kept_apart_from_what_was_heard(house, bring):
    bring(HEAD + f"{SPOTIFY},Anker,Nadja,,,,,,,50,0.25,\n")
    analyses = house.app.features._analyses
    ids = house.app.catalog.track_table().ids
    assert analyses.vectors("sound", ids) is None
    matrix, version = analyses.vectors(KIND, ids)
    row = ids.get(house.track("Anker"))
    assert (version, matrix[row, DESCRIBED_INDEX["energy"]]) == (1, 0.25)


def test_a_job_imports_and_leaves_its_report(house, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(HEAD + f"{SPOTIFY},Anker,Nadja,,,,,,,,7,\n{OTHER},Steg,Nadja,,,,,,,,,\n")
    app = house.app
    job_id = app.jobs.submit("catalogue", {"path": checked_path(str(path)), "playlists": "leave"})
    app.queue.run(job_id)
    from segue.services.catalogue_jobs import report_of

    report = report_of(job_id, app.settings.data_dir)
    assert counts(report) == (1, 0, 0, 1)
    job = app.jobs.get(job_id)
    assert (job.state, job.message) == ("done", report.in_words())
    assert "train" in {job.kind for job in app.jobs.list(10)}


@pytest.mark.parametrize("path", ["", "relative.csv", "/not/there", "/\x00"])
def test_a_path_that_leads_nowhere_is_refused_before_a_job_is_made(path):
    with pytest.raises(InvalidInputError, match="absolute path"):
        checked_path(path)
