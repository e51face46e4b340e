from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from segue.data.records import Credit, EventKind
from segue.errors import InvalidInputError
from segue.rng import derived_rng
from segue.services.history import NewEvent
from segue.services.plays import KeptPlays
from segue.services.statistics import StatisticsService, bounds
from segue.store.statistics import Statistics
from support.app import N_BANDS, N_SONGS, NOW

ZONE = ZoneInfo("America/St_Johns")  # half an hour off, with summer time
DAY = 86_400.0
PERIODS = ("4w", "6m", "12m", "all", "2025", "2026")


@pytest.fixture
def listened(house):
    """Three hundred plays and some skips over two years, one taken back."""
    rng = derived_rng(5)
    events = [
        NewEvent(
            track_id=house.track(f"Song {rng.integers(N_BANDS)}-{rng.integers(N_SONGS)}"),
            kind=EventKind.SKIP if n % 10 == 0 else EventKind.PLAY,
            listened_at=NOW - float(rng.uniform(0, 700 * DAY)),
            idempotency_key=f"k{n}",
            played_s=None if n % 7 == 0 else float(rng.integers(30, 200)),
        )
        for n in range(300)
    ]
    house.app.history.record(house.id_of("ada"), events)
    stored = house.app.history._history.events_of(house.id_of("ada"))
    house.app.history.retract(house.id_of("ada"), stored[11].id)
    house.tell("bob", "play", "Song 0-0", played_s=100.0)
    return house


@pytest.fixture
def service(listened):
    store = Statistics(listened.app.database)
    return StatisticsService(store, listened.app.history._history, lambda _: ZONE, listened.clock)


def plays_of(house, since=0.0, until=float("inf")):
    """The slow twin: the plays that count, one by one."""
    return [
        event for event in house.app.history._history.events_of(house.id_of("ada"))
        if event.kind is EventKind.PLAY and since <= event.listened_at < until
    ]  # fmt: skip


def local(event):
    return datetime.fromtimestamp(event.listened_at, ZONE)


@pytest.mark.parametrize("period", PERIODS)
def test_every_count_is_that_of_counting_one_by_one(listened, service, period):
    found = service.of(listened.id_of("ada"), period)
    plays = plays_of(listened, found.since, found.until or float("inf"))
    tracks = {t.id: t for t in listened.app.catalog.tracks([e.track_id for e in plays])}
    assert found.n_plays == len(plays)
    seconds = [tracks[e.track_id].duration_s if e.played_s is None else e.played_s for e in plays]
    assert found.heard_s == pytest.approx(sum(seconds))
    assert found.n_tracks == len({e.track_id for e in plays})
    assert found.n_artists == len({tracks[e.track_id].artists[0].id for e in plays})
    assert found.n_days == len({local(e).date() for e in plays})
    hours, days = Counter(local(e).hour for e in plays), Counter(local(e).weekday() for e in plays)
    assert found.by_hour == [hours[h] for h in range(24)]
    assert found.by_weekday == [days[d] for d in range(7)]
    by_month = Counter(local(e).strftime("%Y-%m") for e in plays)
    assert {m.month: m.n_plays for m in found.months if m.n_plays} == by_month
    top = Counter(e.track_id for e in plays)
    assert [t.n_plays for t in found.top_tracks] == [n for _, n in top.most_common(20)]
    assert all(top[t.id] == t.n_plays for t in found.top_tracks)
    by_artist = Counter(tracks[e.track_id].artists[0] for e in plays)
    assert {Credit(a.id, a.name): a.n_plays for a in found.top_artists} == by_artist
    by_genre = Counter(genre for e in plays for genre in tracks[e.track_id].genres)
    assert {g.name: g.n_plays for g in found.top_genres} == by_genre


@pytest.mark.parametrize("period", PERIODS)
def test_what_is_new_was_never_played_before(listened, service, period):
    found = service.of(listened.id_of("ada"), period)
    first = {}
    for event in sorted(plays_of(listened), key=lambda e: e.listened_at):
        first.setdefault(event.track_id, event)
    until = found.until or float("inf")
    new = [e for e in first.values() if found.since <= e.listened_at < until]
    assert found.n_new_tracks == len(new)
    by_month = Counter(local(e).strftime("%Y-%m") for e in new)
    assert {m.month: m.n_new_tracks for m in found.months if m.n_new_tracks} == by_month


def test_months_follow_each_other_without_a_gap_and_artists_add_up(listened, service):
    found = service.of(listened.id_of("ada"), "all")
    numbers = [int(m.month[:4]) * 12 + int(m.month[5:]) for m in found.months]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    counted = {artist.id: artist.n_plays for artist in found.top_artists}
    assert len(found.artists_over_time) == 5
    for artist in found.artists_over_time:
        assert sum(artist.n_plays) == counted[artist.id]
        assert len(artist.n_plays) == len(found.months)


def test_a_period_begins_and_ends_at_midnight_of_the_zone():
    since, until = bounds("2025", NOW, ZONE)
    assert datetime.fromtimestamp(since, ZONE) == datetime(2025, 1, 1, tzinfo=ZONE)
    assert datetime.fromtimestamp(until, ZONE) == datetime(2026, 1, 1, tzinfo=ZONE)
    start = datetime.fromtimestamp(bounds("4w", NOW, ZONE)[0], ZONE)
    assert (start.hour, start.minute) == (0, 0)
    assert (datetime.fromtimestamp(NOW, ZONE).date() - start.date()).days == 27


@pytest.mark.parametrize("period", ["", "5w", "99", "20255", "-1", "२०२५"])
def test_another_period_is_refused(service, listened, period):
    with pytest.raises(InvalidInputError, match="period must be"):
        service.of(listened.id_of("ada"), period)


def test_a_new_play_and_one_taken_back_are_seen_at_once(listened, service):
    ada = listened.id_of("ada")
    before = service.of(ada, "4w")
    assert service.of(ada, "4w") is before
    listened.tell("ada", "play", "Song 0-0", played_s=100.0)
    assert service.of(ada, "4w").n_plays == before.n_plays + 1
    newest = listened.app.history._history.newest_event_id(ada)
    listened.app.history.retract(ada, newest)
    assert service.of(ada, "4w").n_plays == before.n_plays
    listened.app.history.restore(ada, newest)
    assert service.of(ada, "4w").n_plays == before.n_plays + 1


def test_who_played_nothing_has_zeros(house):
    found = house.app.own.statistics.of(house.id_of("bob"), "all")
    assert (found.n_plays, found.heard_s, found.months, found.years) == (0, 0, [], [])
    assert found.by_hour == [0] * 24


def test_what_grew_is_what_is_read_whole(listened):
    """Plays that arrive later may be older; skips and other listeners are none of them."""
    store, history = Statistics(listened.app.database), listened.app.history._history
    ada = listened.id_of("ada")
    kept = KeptPlays(store, history)
    for n in range(4):
        grown = kept.of(ada, history.mark(ada))
        whole = KeptPlays(store, history).of(ada, history.mark(ada))
        assert comparable(grown) == comparable(whole)
        listened.tell("ada", "play" if n % 2 else "skip", f"Song {n}-0", played_s=9.0)
        listened.tell("bob", "play", "Song 0-1", played_s=9.0)
        listened.app.history.record(ada, [NewEvent(
            track_id=listened.track(f"Song 1-{n}"), kind=EventKind.PLAY, played_s=None,
            listened_at=NOW - 900 * DAY - n, idempotency_key=f"late {n}",
        )])  # fmt: skip
    assert len(kept.of(ada, history.mark(ada)).at) > len(grown.at)


def comparable(plays):
    tracks = [plays.track_ids[row] for row in plays.track]
    first = dict(zip(plays.track_ids, plays.first_at, strict=True))
    played_s = np.nan_to_num(plays.played_s, nan=-1.0).tolist()
    return sorted(zip(plays.at, tracks, played_s, strict=True)), first, plays.at.tolist()


def test_plays_of_many_listeners_are_kept_within_a_bound(listened, monkeypatch):
    store, history = Statistics(listened.app.database), listened.app.history._history
    ada, bob = (listened.id_of(name) for name in ("ada", "bob"))
    kept = KeptPlays(store, history)
    n_of_bob = len(kept.of(bob, history.mark(bob)).at)
    n_of_ada = len(kept.of(ada, history.mark(ada)).at)
    assert kept._n_kept() == n_of_ada + n_of_bob
    monkeypatch.setattr("segue.services.plays.MAX_KEPT_PLAYS", n_of_ada)
    kept.of(bob, history.mark(bob))
    listened.tell("ada", "play", "Song 0-0", played_s=100.0)
    kept.of(ada, history.mark(ada))
    assert list(kept._kept) == [ada]
