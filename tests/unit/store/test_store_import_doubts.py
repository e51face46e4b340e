"""Doubtful rows wait for their listener."""

import pytest

from segue.data.imported import ImportedListen, KnownTrack, NamedTrack
from segue.data.records import TrackTags
from segue.errors import NotFoundError
from segue.store.accounts import NewAccount
from segue.store.catalog_records import TrackEntry
from segue.store.import_doubts import Decision, DoubtfulRow, ImportDoubts


@pytest.fixture
def doubts(db):
    return ImportDoubts(db)


def row(song_ids, key="k1", row_key="r1", track=0, **listen):
    named = NamedTrack(title=f"Sonk {key}", artists=("Bant",))
    return DoubtfulRow(
        key=key, row_key=row_key, client="maloja", track_id=song_ids[track], confidence=0.7,
        listen=ImportedListen(row=3, track=named, listened_at=5.0, **listen), reason="spelled so",
    )  # fmt: skip


def test_rows_of_the_same_words_are_one_doubt_and_kept_once(doubts, listener, song_ids):
    rows = [row(song_ids), row(song_ids, row_key="r2"), row(song_ids, "k2", "r3", 1)]
    assert doubts.keep(listener, rows, now=1.0) == 3
    assert doubts.keep(listener, rows, now=2.0) == 0
    first, second = doubts.waiting(listener)
    assert (first.n_rows, second.n_rows) == (2, 1)
    assert first.named == NamedTrack(title="Sonk k1", artists=("Bant",))
    assert (first.track_id, first.confidence, first.reason) == (song_ids[0], 0.7, "spelled so")
    assert doubts.waiting(listener, after=first.id) == [second]
    assert doubts.count(listener) == 2


def test_a_decision_is_remembered_and_its_rows_go(doubts, listener, song_ids):
    doubts.keep(listener, [row(song_ids, played_s=9.0)], now=1.0)
    (doubt,) = doubts.waiting(listener)
    decision, rows = doubts.rows_of(listener, doubt.id)
    assert decision == Decision("open", song_ids[0])
    ((client, listen),) = rows
    assert (client, listen.played_s, listen.row) == ("maloja", 9.0, 3)
    doubts.decide(listener, doubt.id, "accepted")
    assert doubts.decisions(listener) == {"k1": Decision("accepted", song_ids[0])}
    assert doubts.waiting(listener) == []
    assert doubts.rows_of(listener, doubt.id)[1] == []


def test_nobody_sees_the_doubts_of_others(doubts, listener, accounts, song_ids):
    other = accounts.create(NewAccount(name="Bob", password_hash=None), now=1.0).id
    doubts.keep(listener, [row(song_ids)], now=1.0)
    (doubt,) = doubts.waiting(listener)
    assert doubts.waiting(other) == []
    assert doubts.decisions(other) == {}
    with pytest.raises(NotFoundError, match="no doubtful track"):
        doubts.rows_of(other, doubt.id)
    with pytest.raises(NotFoundError, match="no doubtful track"):
        doubts.decide(other, doubt.id, "refused")
    assert len(doubts.rows_of(listener, doubt.id)[1]) == 1


def test_tracks_are_known_by_their_names_and_ids(catalog, scan, entry):
    tags = TrackTags(title="Own", artists=("A", "B"), album="LP", duration_s=9.0,
                     recording_mbid="m1", isrc="i1")  # fmt: skip
    catalog.add_tracks(
        [TrackEntry(tags=tags, id="own", external_ids=(("spotify", "s1"),))], now=1.0
    )
    gone = scan(entry("/m/a")).added_track_ids[0]
    scan(gone=["/m/a"])
    known = {track.id: track for track in catalog.known_tracks()}
    assert known["own"] == KnownTrack(
        id="own", title="Own", artists=("A", "B"), album="LP", duration_s=9.0,
        ids=known["own"].ids,
    )  # fmt: skip
    assert set(known["own"].ids) == {("mbid", "m1"), ("isrc", "i1"), ("spotify", "s1")}
    assert known[gone].title == "Roads"
