"""An archive of "take your data" brought back: to another server, twice, and after a while."""

import json

import pytest

from segue.data.records import EventKind, NeverPlayScope
from segue.services.importing import history as importing_history
from segue.services.importing.request import ImportRequest
from segue.services.importing.self_said import KEPT
from segue.store.consents import Consent, Consents
from segue.store.own_words import OwnWords
from segue.store.playlists import Playlists
from segue.store.smart_playlists import Rule, Rules
from support.app import NOW, Watched
from support.own_archive import (
    CALM,
    DAY,
    album,
    archive_of,
    artist,
    bring,
    changed,
    fill,
    open_elsewhere,
    rules_file,
    told,
)


@pytest.fixture
def elsewhere(tmp_path):
    other = open_elsewhere(tmp_path)
    yield other
    other.app.close()


@pytest.fixture
def full(house):
    fill(house)
    return house


def test_another_server_with_the_same_music_then_says_the_same(full, elsewhere, tmp_path):
    said = told(full, "ada")
    assert {one["scope"] for one in said["rules"]} == {"track", "artist", "album"}
    assert len(said["marks"]) == 5
    report = bring(elsewhere, "eve", archive_of(full, "ada"), tmp_path / "ada.zip")
    ours = {full.track(f"Song {band}-{song}") for band in range(8) for song in range(6)}
    assert not ours & {track.id for track in elsewhere.app.catalog.tracks(list(ours))}
    assert told(elsewhere, "eve") == said
    assert report.refused == report.doubtful == 0
    assert (report.rules, report.said, report.playlists) == (4, 6, 2)
    assert [(one.file, one.reason) for one in report.problems] == [
        ("consents.json", "what you allowed is never switched on by an import; say it again under "
         "“Privacy”"),
    ]  # fmt: skip
    assert report.left_out_by_kind == {"consent": 1}
    kinds = (report.stored, report.repeated, report.doubtful, report.listed, report.refused)
    assert report.rows == sum(kinds) + report.left_out


def test_what_was_allowed_is_not_allowed_again_by_an_import(full, elsewhere, tmp_path):
    bring(elsewhere, "eve", archive_of(full, "ada"), tmp_path / "ada.zip")
    assert Consents(full.app.database).of(full.id_of("ada")) == {Consent.LIKE_MINDED}
    assert Consents(elsewhere.app.database).of(elsewhere.id_of("eve")) == frozenset()


@pytest.mark.parametrize("here", [True, False], ids=["same server", "another server"])
def test_bringing_it_twice_adds_nothing(full, elsewhere, tmp_path, here):
    house, name = (full, "bob") if here else (elsewhere, "eve")
    data = archive_of(full, "ada")
    bring(house, name, data, tmp_path / "ada.zip")
    once = told(house, name)
    n_events = len(house.app.history._history.events_of(house.id_of(name)))
    again = bring(house, name, data, tmp_path / "ada.zip")
    assert (again.stored, again.rules, again.said, again.playlists, again.added) == (0,) * 5
    assert again.repeated == again.rows - again.listed - again.left_out
    assert told(house, name) == once
    assert len(house.app.history._history.events_of(house.id_of(name))) == n_events


def test_the_rules_hold_where_they_came(full, elsewhere, tmp_path):
    bring(elsewhere, "eve", archive_of(full, "ada"), tmp_path / "ada.zip")
    eve = elsewhere.id_of("eve")
    (smart,) = [p for p in Playlists(elsewhere.app.database).list_for(eve) if p.name == "Calm ones"]
    assert elsewhere.app.own.smart_playlists.rules_of(eve, smart.id) == CALM
    ids = elsewhere.app.own.smart_playlists.track_ids(eve, smart.id)
    assert len(ids) == 12
    assert elsewhere.track("Song 1-5") in ids
    held = elsewhere.app.history._history.never_played_targets(eve, NOW)
    assert {(one.scope, one.target_id, one.until) for one in held} == {
        ("track", elsewhere.track("Song 5-5"), None),
        ("track", elsewhere.track("Wish"), NOW + 40 * DAY),
        ("album", album(elsewhere, "Song 4-4"), NOW + 90 * DAY),
        ("artist", artist(elsewhere, "Song 3-3"), None),
    }
    assert {one.created_at for one in held} == {NOW}


def test_an_age_is_that_of_the_day_it_was_said(full, elsewhere, tmp_path):
    bring(elsewhere, "eve", archive_of(full, "ada"), tmp_path / "ada.zip")
    said = elsewhere.app.own_words.of(elsewhere.id_of("eve"))
    assert (said.age, said.said_at) == (40, NOW - 400 * DAY)


def test_what_the_listener_said_here_since_stays(full, elsewhere, tmp_path):
    eve = elsewhere.id_of("eve")
    elsewhere.app.own_words.say(eve, OwnWords(bio="marmalade"))
    elsewhere.app.accounts.speak(eve, "en")
    store = Playlists(elsewhere.app.database)
    by_hand = store.create(eve, "Calm ones", NOW)
    other = Rules(rules=(Rule(what="loved"),))
    elsewhere.app.own.smart_playlists.make(eve, "Zoë’s rainy / day", other)
    loud = elsewhere.app.history.never_play
    loud(eve, NeverPlayScope.TRACK, elsewhere.track("Song 5-5"), NOW + DAY)
    report = bring(elsewhere, "eve", archive_of(full, "ada"), tmp_path / "ada.zip")
    said = elsewhere.app.own_words.of(eve)
    assert (said.bio, said.tags, said.age, said.said_at) == (
        "marmalade", ("dub",), 40, NOW - 400 * DAY
    )  # fmt: skip
    account = elsewhere.app.accounts.by_name("eve")
    assert (account.language, account.time_zone) == ("en", "Asia/Tokyo")
    assert (report.rules, report.said, report.left_out_by_kind) == (
        3, 4, {"consent": 1, "kept": 2}
    )  # fmt: skip
    assert store.get(eve, by_hand.id).items == ()
    assert {playlist.n_tracks for playlist in store.list_for(eve)} == {0}
    assert {one.reason for one in report.problems if one.file == "profile.json"} == {
        KEPT["language"], KEPT["bio"]
    }  # fmt: skip
    reasons = {one.file: one.reason for one in report.problems if one.row == 0}
    assert "filled by hand here" in reasons["Calm ones"]
    assert "goes by rules here" in reasons["Zoë’s rainy / day"]
    until = {one.target_id: one.until for one in
             elsewhere.app.history._history.never_played_targets(eve, NOW)}  # fmt: skip
    assert until[elsewhere.track("Song 5-5")] == NOW + DAY


def test_rules_that_were_changed_here_stay(full, tmp_path):
    data, ada = archive_of(full, "ada"), full.id_of("ada")
    smart = next(p for p in Playlists(full.app.database).list_for(ada) if p.name == "Calm ones")
    mine = Rules(rules=(Rule(what="loved"),))
    full.app.own.smart_playlists.change(ada, smart.id, "Calm ones", mine)
    report = bring(full, "ada", data, tmp_path / "ada.zip")
    assert full.app.own.smart_playlists.rules_of(ada, smart.id) == mine
    assert any("other rules here" in one.reason for one in report.problems)


class CutOffError(Exception):
    """What a crash is to an import."""


def test_cut_off_after_every_single_row_it_ends_where_one_run_does(
    full, elsewhere, tmp_path, monkeypatch
):
    monkeypatch.setattr(importing_history, "BATCH_ROWS", 1)
    path = tmp_path / "ada.zip"
    path.write_bytes(archive_of(full, "ada"))
    request, eve = ImportRequest(paths=(str(path),)), elsewhere.id_of("eve")
    saved = [(importing_history.START, importing_history.NOTHING_YET)]

    def save(position, report):
        saved.append((position, report))
        raise CutOffError

    for _ in range(200):
        begin, before = saved[-1]
        try:
            report = elsewhere.app.imports._importing.run(
                request, eve, Watched(), begin=begin, before=before, save=save
            )
            break
        except CutOffError:
            continue
    assert len(saved) > 40
    assert told(elsewhere, "eve") == told(full, "ada")
    assert (report.rules, report.said, report.playlists) == (4, 6, 2)
    kinds = (report.stored, report.repeated, report.doubtful, report.listed, report.refused)
    assert report.rows == sum(kinds) + report.left_out


def test_an_older_archive_without_names_still_works_by_ids(full, elsewhere, tmp_path):
    def older(name, data):
        if name != "never_play.json":
            return data
        keys = ("scope", "target_id", "until", "created_at")
        return json.dumps([{key: one[key] for key in keys} for one in json.loads(data)]).encode()

    data = changed(archive_of(full, "ada"), older)
    assert bring(full, "bob", data, tmp_path / "ada.zip").rules == 4
    report = bring(elsewhere, "eve", data, tmp_path / "ada.zip")
    assert report.rules == 0
    assert report.left_out_by_kind == {"consent": 1, "unknown": 4}


def test_a_rule_without_names_finds_a_track_that_an_import_named(elsewhere, tmp_path):
    named = {"title": "Far Away", "artists": ["Elsewhere"]}
    assert bring(elsewhere, "eve", rules_file(("track", named)), tmp_path / "x.zip").rules == 1
    (held,) = elsewhere.app.history._history.never_played_targets(elsewhere.id_of("eve"), NOW)
    assert held.target_id.startswith("n")
    data = rules_file(("track", {"target_id": held.target_id}))
    assert bring(elsewhere, "admin", data, tmp_path / "y.zip").rules == 1
    unknown = rules_file(("track", {"target_id": "n" + "0" * 32}))
    assert bring(elsewhere, "admin", unknown, tmp_path / "z.zip").left_out_by_kind == {"unknown": 1}


def test_a_rule_that_is_over_is_left_out_and_said(full, elsewhere, tmp_path):
    data = archive_of(full, "ada")
    elsewhere.clock.now = NOW + 60 * DAY
    report = bring(elsewhere, "eve", data, tmp_path / "ada.zip")
    assert (report.rules, report.left_out_by_kind["over"]) == (3, 1)
    assert [one.reason for one in report.problems if "over" in one.reason] == ["this rule is over"]


@pytest.mark.parametrize(
    ("scope", "said", "became"),
    [
        ("artist", {"artists": ["The BAND  3"]}, "Band 3"),
        ("artist", {"artists": ["Bande 3"]}, "unsure"),
        ("artist", {"artists": ["Somebody Else"]}, "unknown"),
        ("artist", {}, "unknown"),
        ("album", {"album": "Album 4 (Deluxe Edition)", "artists": ["band 4"]}, "Album 4"),
        ("album", {"album": "Album 4 (Live)", "artists": ["Band 4"]}, "unsure"),
        ("album", {"album": "Album 4", "artists": ["Band 5"]}, "unsure"),
        ("album", {"album": "Quite Another", "artists": ["Band 4"]}, "unknown"),
        ("album", {"album": "Album 4", "artists": ["Somebody Else"]}, "unknown"),
        ("album", {"album": "Album 4"}, "unknown"),
        ("album", {"album": "Albums 4", "artists": ["Band 4"]}, "unsure"),
    ],
)
def test_artists_and_albums_are_found_by_name_in_three_bands(
    elsewhere, tmp_path, scope, said, became
):
    report = bring(elsewhere, "eve", rules_file((scope, said)), tmp_path / "x.zip")
    held = elsewhere.app.history._history.never_played_targets(elsewhere.id_of("eve"), NOW)
    if became in ("unsure", "unknown"):
        assert held == []
        assert report.left_out_by_kind == {became: 1}
        assert len(report.problems) == 1
        return
    (one,) = held
    known = elsewhere.app.own.data.targets(scope, [one.target_id])[one.target_id]
    assert (one.scope, known.name) == (scope, became)


def test_a_rule_on_a_doubtful_track_waits_for_its_listener(elsewhere, tmp_path, monkeypatch):
    from segue.text import matching

    guess = elsewhere.track("Song 3-3")
    unsure = matching.Match(track_id=guess, confidence=0.6, reason="near enough")
    monkeypatch.setattr(matching.MatchIndex, "find", lambda _self, _named: unsure)
    track = {"title": "Sung 3-3", "artists": ["Band 3"], "created_at": NOW - DAY}
    over = track | {"title": "Sung 3-4", "until": NOW + DAY}
    data = rules_file(("track", track), ("track", over))
    report = bring(elsewhere, "eve", data, tmp_path / "x.zip")
    assert (report.doubtful, report.rules) == (2, 0)
    assert bring(elsewhere, "eve", data, tmp_path / "x.zip").doubtful == 2
    eve, history = elsewhere.id_of("eve"), elsewhere.app.history._history
    first, second = elsewhere.app.doubts.waiting(eve)
    assert (first.n_rows, first.named.title) == (1, "Sung 3-3")
    assert elsewhere.app.doubts.decide(eve, first.id, is_it=True).stored == 1
    (held,) = history.never_played_targets(eve, NOW)
    assert (held.scope, held.target_id, held.created_at) == ("track", guess, NOW - DAY)
    elsewhere.clock.now = NOW + 2 * DAY
    assert elsewhere.app.doubts.decide(eve, second.id, is_it=True).stored == 0
    assert bring(elsewhere, "eve", data, tmp_path / "x.zip").repeated == 1


def test_a_frozen_list_comes_only_where_its_rules_cannot_be_read(full, elsewhere, tmp_path):
    def spoiled(name, data):
        return data.replace(b'"genre"', b'"of a kind to come"')

    data = changed(archive_of(full, "ada"), spoiled)
    report = bring(elsewhere, "eve", data, tmp_path / "ada.zip")
    eve, store = elsewhere.id_of("eve"), Playlists(elsewhere.app.database)
    (frozen,) = [p for p in store.list_for(eve) if p.name == "Calm ones"]
    assert elsewhere.app.own.smart_playlists.rules_of(eve, frozen.id) is None
    assert frozen.n_tracks == 12
    assert [one.row for one in report.problems if "tracks of then" in one.reason] == [1]


def test_picks_and_tracks_put_into_lists_count_as_what_they_were(full, elsewhere, tmp_path):
    bring(elsewhere, "eve", archive_of(full, "ada"), tmp_path / "ada.zip")
    events = elsewhere.app.history._history.events_of(elsewhere.id_of("eve"))
    said = {(e.kind, e.track_id, e.listened_at) for e in events
            if e.kind in (EventKind.PICK, EventKind.PLAYLIST_ADD)}  # fmt: skip
    assert said == {
        (EventKind.PICK, elsewhere.track("Song 2-2"), NOW - 15),
        (EventKind.PLAYLIST_ADD, elsewhere.track("Song 2-3"), NOW - 12),
    }
