"""People of a seed, what they do, and the table they choose from."""

import csv
import io

import numpy as np
import pytest

from segue.data.records import Credit, Event, EventKind, Track
from segue.errors import InvalidInputError
from segue.sources.members import open_export
from segue.sources.table import TABLE
from segue.synthetic.known_tracks import table_of
from segue.synthetic.people import COLUMNS, account_name, activity, people, ratings, row_of
from segue.synthetic.track_table import make_catalogue

UNTIL = 1_780_000_000.0


@pytest.fixture(scope="module")
def tracks():
    return make_catalogue(600, seed=4)


def all_events(doings):
    return dict(doings)


def test_people_of_a_seed_are_the_same_and_those_of_another_are_others(tracks):
    three, five = people(tracks, 3, 1), people(tracks, 5, 1)
    assert five[:3] == three
    assert len({person.name for person in five}) == 5
    assert not {p.name for p in people(tracks, 3, 2)} & {p.name for p in five}
    assert (three[0].name, three[0].password) == ("synth-1-0001", "synthetic listener 1-0001")
    assert all(18 <= person.age <= 72 and person.emotions and person.tags for person in five)


def test_activity_is_the_same_for_the_same_seed_and_keeps_its_time(tracks):
    first = all_events(activity(tracks, 3, 1, UNTIL, 30))
    assert first == all_events(activity(tracks, 3, 1, UNTIL, 30))
    assert first != all_events(activity(tracks, 3, 2, UNTIL, 30))
    assert set(first) == {1, 2, 3}
    for events in first.values():
        times = [event.listened_at for event in events]
        assert UNTIL - 30 * 86_400 <= min(times) <= max(times) <= UNTIL
        assert len({event.idempotency_key for event in events}) == len(events)
    kinds = {event.kind for events in first.values() for event in events}
    assert {EventKind.PLAY, EventKind.SKIP} <= kinds


def test_a_listener_does_the_same_however_many_others_there_are(tracks):
    few, many = all_events(activity(tracks, 2, 1, UNTIL, 20)), activity(tracks, 4, 1, UNTIL, 20)
    assert few == {number: events for number, events in many if number <= 2}


def test_ratings_are_as_many_as_wanted_one_a_track_and_follow_taste(tracks):
    from segue.synthetic.taste import make_listeners

    made = all_events(ratings(tracks, 6, 1, UNTIL, 40))
    utility = make_listeners(tracks, 6, 1)
    likes, stars = [], []
    for number, events in made.items():
        assert len(events) == len({event.track_id for event in events}) == 40
        assert all(event.kind is EventKind.RATE and 1 <= event.value <= 5 for event in events)
        expected = utility.utility(number - 1, UNTIL, any_hour=True)
        likes += [expected[tracks.ids.get(event.track_id)] for event in events]
        stars += [event.value for event in events]
    assert np.corrcoef(likes, stars)[0, 1] > 0.2


@pytest.mark.parametrize(("n", "seed"), [(0, 1), (10_000, 1), (1, -1)])
def test_numbers_out_of_range_are_refused(tracks, n, seed):
    with pytest.raises(InvalidInputError):
        people(tracks, n, seed)
    with pytest.raises(InvalidInputError):
        next(activity(tracks, n, seed, UNTIL, 5))
    with pytest.raises(InvalidInputError):
        next(ratings(tracks, 1, 1, UNTIL, 0))


def test_rows_read_back_as_what_they_were(tracks, tmp_path):
    track_id = tracks.ids[7]
    common = {"listener_id": "x", "track_id": track_id, "listened_at": 1.7e9}
    events = [
        Event(kind=EventKind.PLAY, idempotency_key="1", played_s=180.04, **common),
        Event(kind=EventKind.SKIP, idempotency_key="2", played_s=5.0, **common),
        Event(kind=EventKind.LOVE, idempotency_key="3", **common),
        Event(kind=EventKind.DISLIKE, idempotency_key="4", **common),
        Event(kind=EventKind.RATE, idempotency_key="5", value=4.0, **common),
    ]
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *(row_of(event, tracks) for event in events)])
    (tmp_path / "x.csv").write_text(text.getvalue())
    (member,) = open_export(tmp_path / "x.csv").members
    rows = list(TABLE.read(member))
    assert all(row.track.track_id == track_id and row.listened_at == 1.7e9 for row in rows)
    assert [(row.n_plays, row.is_skip, row.loved, row.disliked, row.rating) for row in rows] == [
        (1, None, False, False, None), (1, True, False, False, None),
        (0, None, True, False, None), (0, None, False, True, None), (0, None, False, False, 4.0),
    ]  # fmt: skip
    assert [row.played_s for row in rows] == [180.0, 5.0, None, None, None]


def test_tracks_of_a_server_become_the_table_of_a_library():
    table = table_of([
        Track(id="b", title="B", artists=(Credit("x", "Xen"), Credit("y", "Yma")),
              album_id="l", album="Left", genres=("folk", "pop"), year=1994, duration_s=200.0,
              has_file=True),
        Track(id="a", title="A", artists=(), genres=("pop",)),
    ])  # fmt: skip
    assert (list(table.ids), table.artists) == (["b", "a"], ["Xen, Yma", ""])
    assert table.artist_idx.tolist() == [0, -1]
    assert table.album_idx.tolist() == [0, -1]
    assert table.owned.tolist() == [True, False]
    named = [
        {(table.term_kinds[c], table.term_names[c]) for c in table.terms[row].indices}
        for row in range(2)
    ]
    assert named[0] == {("genre", "folk"), ("genre", "pop"), ("artist", "Xen"), ("artist", "Yma"),
                        ("album", "Left"), ("decade", "1990s")}  # fmt: skip
    assert named[1] == {("genre", "pop")}
    assert len(people(table, 2, 1)) == 2


def test_names_stay_in_order_up_to_the_last_number():
    names = [account_name(1, number) for number in (1, 10, 999, 9_999)]
    assert names == sorted(names)
