"""Planted listeners: taste can be found again, shares are met, nobody changes anybody else."""

import itertools

import msgspec
import numpy as np
import pytest

from segue.data.dataset import TrackTable
from segue.data.feedback import EventColumns
from segue.data.records import EVENT_CODE, EventKind
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidDataError, InvalidInputError
from segue.synthetic.listeners import (
    ListenerParams,
    best_attainable,
    default_listener_id,
    listen,
    listen_columns,
    make_catalogue,
    make_listeners,
)
from segue.synthetic.taste_space import perplexity

START = 1_720_000_000.0
DAY = 86_400.0
PLAY, SKIP = EVENT_CODE[EventKind.PLAY], EVENT_CODE[EventKind.SKIP]
STILL = {"drift_cosine_per_year": 1.0, "switches_per_year": 0.0}


@pytest.fixture(scope="module")
def catalogue():
    return make_catalogue(1500, seed=3)


@pytest.fixture(scope="module")
def listeners(catalogue):
    return make_listeners(catalogue, 8, seed=3)


@pytest.fixture(scope="module")
def year(listeners, catalogue):
    return listen_columns(listeners, catalogue, START, 365, seed=5)


def same(a: EventColumns, b: EventColumns) -> bool:
    pairs = [(getattr(a, f), getattr(b, f)) for f in EventColumns.__dataclass_fields__]
    return all(np.array_equal(x, y, equal_nan=x.dtype.kind == "f") for x, y in pairs)


def planted(catalogue, n, seed=3, **fields):
    return make_listeners(catalogue, n, seed, ListenerParams(**fields))


def test_the_same_seed_gives_the_same_listening(catalogue, year):
    again = make_listeners(make_catalogue(1500, seed=3), 8, seed=3)
    assert same(listen_columns(again, catalogue, START, 365, seed=5), year)


def test_another_seed_gives_another_listening(catalogue, listeners, year):
    assert not same(listen_columns(listeners, catalogue, START, 365, seed=6), year)


def test_adding_a_listener_leaves_the_others_unchanged(catalogue, listeners, year):
    fewer = make_listeners(catalogue, 3, seed=3)
    assert fewer.profiles == listeners.profiles[:3]
    np.testing.assert_array_equal(fewer.centres, listeners.centres[:3])
    assert same(
        listen_columns(fewer, catalogue, START, 365, seed=5), year.take(year.listener_idx < 3)
    )


def test_chosen_rows_listen_as_they_do_among_all(catalogue, listeners, year):
    some = listen_columns(listeners, catalogue, START, 365, seed=5, rows=[6])
    assert same(some, year.take(year.listener_idx == 6))


def test_records_and_columns_tell_the_same(catalogue, listeners):
    events = list(listen(listeners, catalogue, START, 20, seed=5))
    names = Vocabulary(default_listener_id(i) for i in range(8))
    read = EventColumns.from_events(events, names, catalogue.ids, catalogue.duration_s)
    wanted = listen_columns(listeners, catalogue, START, 20, seed=5)
    np.testing.assert_allclose(read.played_fraction, wanted.played_fraction, rtol=1e-5)
    for field in ("listener_idx", "track_idx", "kind", "listened_at", "value"):
        np.testing.assert_array_equal(getattr(read, field), getattr(wanted, field))


def test_events_are_in_time_order_and_keys_are_unique_for_each_listener(catalogue, listeners):
    events = list(listen(listeners, catalogue, START, 30, 5, listener_id=lambda i: f"acc-{i}"))
    for who, group in itertools.groupby(events, lambda e: e.listener_id):
        mine = list(group)
        assert who.startswith("acc-")
        assert [e.listened_at for e in mine] == sorted(e.listened_at for e in mine)
        assert len({e.idempotency_key for e in mine}) == len(mine)
        assert START <= mine[0].listened_at
    assert max(e.listened_at for e in events if e.kind == "play") < START + 30 * DAY


def test_two_plays_of_one_listener_never_overlap(catalogue, listeners, year):
    for idx in range(len(listeners)):
        rows = (year.listener_idx == idx) & ((year.kind == PLAY) | (year.kind == SKIP))
        mine = year.take(rows)
        end = mine.listened_at + mine.played_fraction * catalogue.duration_s[mine.track_idx]
        assert (mine.listened_at[1:] >= end[:-1] - 1e-3).all()


def test_utility_is_the_log_of_an_exact_mixture(catalogue, listeners):
    at = START + 7 * 3600
    space, idx = listeners.space, 2
    epoch = int((at - listeners.params.origin_s) // (listeners.params.epoch_days * DAY))
    hour = int(at % DAY // 3600)
    p = np.zeros(len(catalogue))
    active = listeners.weights[idx] * listeners.mode_hours[idx, :, hour]
    for mode in range(listeners.params.max_modes):
        odds = np.exp(
            space.sharpness * (listeners.centres[idx, epoch, mode].astype(float) @ space.vectors)
            + listeners.mainstreaminess[idx] * space.log_popularity
        )
        p += active[mode] / active.sum() * odds / odds.sum()
    np.testing.assert_allclose(listeners.utility(idx, at), np.log(p * len(p)), atol=2e-4)


def test_the_hour_of_the_day_changes_what_is_wanted(listeners):
    several = int(np.argmax((listeners.weights > 0.1).sum(axis=1)))
    morning, night = (listeners.utility(several, START - START % DAY + h * 3600) for h in (7, 22))
    assert np.abs(morning - night).max() > 0.1


def test_play_counts_follow_planted_probability(catalogue):
    lis = planted(
        catalogue, 2, drift_cosine_per_year=1.0, switches_per_year=0.0, album_run_share=0.0,
        noise_share=0.0, novelty_seeking=(1e6, 1.0), sessions_per_day=12.0, activity_spread=0.0,
    )  # fmt: skip
    events = listen_columns(lis, catalogue, START, 365, seed=5)
    plays = events.take((events.listener_idx == 0) & (events.kind <= SKIP))
    count = np.bincount(plays.track_idx, minlength=len(catalogue))
    p = np.exp(lis.utility(0, START, any_hour=True)) / len(catalogue)
    assert len(plays) > 30_000
    likely = p > 1e-3
    ratio = count[likely] / (p[likely] * len(plays))
    assert np.abs(ratio.mean() - 1) < 0.05
    assert np.corrcoef(count, p)[0, 1] > 0.95


def test_listeners_play_what_they_like_and_not_what_others_like(catalogue, listeners, year):
    middle = START + 180 * DAY
    utility = np.array([listeners.utility(i, middle, any_hour=True) for i in range(8)])
    plays = year.take(year.kind == PLAY)
    mean = np.array([
        [utility[other, plays.track_idx[plays.listener_idx == i]].mean() for other in range(8)]
        for i in range(8)
    ])  # fmt: skip
    assert (mean.argmax(axis=1) == np.arange(8)).mean() >= 0.9
    assert (np.diag(mean) > utility.mean(axis=1) + 0.5).all()


def test_better_liked_tracks_get_more_stars(catalogue):
    lis = planted(catalogue, 4, rating_share=1.0, novelty_seeking=(1e6, 1.0), **STILL)
    events = listen_columns(lis, catalogue, START, 365, seed=5)
    rated = events.take(events.kind == EVENT_CODE[EventKind.RATE])
    utility = np.array([lis.utility(i, START, any_hour=True) for i in range(4)])
    mine = utility[rated.listener_idx, rated.track_idx]
    means = [mine[rated.value == stars].mean() for stars in range(1, 6)]
    assert means == sorted(means)
    assert set(rated.value.tolist()) == {1.0, 2.0, 3.0, 4.0, 5.0}
    pairs = set(zip(rated.listener_idx.tolist(), rated.track_idx.tolist(), strict=True))
    assert len(pairs) == len(rated)


def test_loved_tracks_have_higher_utility_than_disliked_ones(listeners, year):
    utility = np.array([listeners.utility(i, START + 180 * DAY, any_hour=True) for i in range(8)])
    means = [
        utility[year.listener_idx[rows], year.track_idx[rows]].mean()
        for kind in (EventKind.LOVE, EventKind.DISLIKE)
        if (rows := year.kind == EVENT_CODE[kind]).any()
    ]
    assert len(means) == 2
    assert means[0] > means[1]


def test_drift_moves_taste_by_the_planted_cosine(catalogue):
    lis = planted(catalogue, 60, drift_cosine_per_year=0.5, switches_per_year=0.0)
    cosine = (lis.centres[:, 0] * lis.centres[:, 4]).sum(axis=-1)
    assert cosine.mean() == pytest.approx(0.5 ** (4 * 91 / 365.25), abs=0.03)


def test_taste_without_drift_stays(catalogue):
    lis = planted(catalogue, 2, **STILL)
    np.testing.assert_allclose(
        lis.utility(1, START, any_hour=True), lis.utility(1, START + 400 * DAY, any_hour=True)
    )


def test_switches_replace_modes_at_their_rate(catalogue):
    lis = planted(catalogue, 100, drift_cosine_per_year=1.0, switches_per_year=1.0)
    moved = (np.abs(np.diff(lis.centres, axis=1)).max(axis=-1) > 1e-4).mean()
    assert moved == pytest.approx(1 - np.exp(-91 / 365.25), abs=0.03)


def test_popularity_follows_zipf(catalogue):
    lis = planted(catalogue, 1, popularity_exponent=0.9)
    ordered = np.sort(lis.space.log_popularity)[::-1]
    slope = np.polyfit(np.log(np.arange(1, len(ordered) + 1)), ordered, 1)[0]
    assert slope == pytest.approx(-0.9, abs=1e-3)
    assert np.exp(ordered).sum() == pytest.approx(1.0, rel=1e-4)


def test_mainstream_listeners_play_more_popular_tracks(catalogue):
    means = []
    for beta in ((1.0, 1e6), (1e6, 1.0)):
        lis = planted(catalogue, 6, mainstreaminess=beta)
        events = listen_columns(lis, catalogue, START, 60, seed=5)
        means.append(lis.space.log_popularity[events.track_idx].mean())
    assert means[0] + 0.3 < means[1]


def test_a_mode_is_as_wide_as_it_is_asked_to_be():
    tracks = make_catalogue(4000, seed=1)
    lis = planted(tracks, 30, breadth_tracks=100.0, **STILL)
    logits = [lis.space.logits(lis.centres[i, 0], 0.4) for i in range(30)]
    widths = np.exp(np.log(perplexity(np.concatenate(logits))).mean())
    assert 50 < widths < 250


def test_a_year_of_listening_is_a_plausible_amount(listeners, year):
    plays = year.take(year.kind <= SKIP)
    per_listener = np.bincount(plays.listener_idx, minlength=8)
    assert (per_listener > 300).all()
    assert (per_listener < 40_000).all()
    hours = (plays.played_fraction * 215).sum() / 3600 / 8
    assert 50 < hours < 1500


def test_a_catalogue_without_terms_or_artists_works():
    bare = TrackTable.bare(str(i) for i in range(600))
    lis = make_listeners(bare, 3, seed=1)
    events = listen_columns(lis, bare, START, 60, seed=1)
    assert set(events.listener_idx.tolist()) == {0, 1, 2}
    assert np.isfinite(lis.utility(0, START)).all()


def test_a_catalogue_of_one_track_works():
    one = make_catalogue(1, seed=1)
    lis = make_listeners(one, 1, seed=1)
    assert set(listen_columns(lis, one, START, 20, seed=1).track_idx.tolist()) == {0}
    np.testing.assert_allclose(lis.utility(0, START), [0.0], atol=1e-6)


def test_profiles_speak_of_the_taste(catalogue, listeners):
    kinds = zip(catalogue.term_names, catalogue.term_kinds, strict=True)
    genres = {name for name, kind in kinds if kind == "genre"}
    for profile in listeners.profiles:
        assert profile.name
        assert len(profile.favourite_moods) == 2
        assert set(profile.favourite_genres) <= genres


def test_a_catalogue_is_what_it_promises():
    tracks = make_catalogue(5000, seed=2)
    assert tracks.ids[4999] == "track-0005000"
    assert sum(kind == "genre" for kind in tracks.term_kinds) == 40
    sizes = np.sort(np.bincount(tracks.artist_idx))[::-1]
    assert sizes[0] > 5 * np.median(sizes)
    per_album = np.bincount(tracks.album_idx)
    assert 6 < per_album.mean() < 12
    assert per_album.max() <= 12
    assert tracks.terms.shape[0] == 5000
    assert (np.diff(tracks.terms.indptr) == 4).all()
    assert (tracks.year >= 1960).all()
    assert (tracks.year <= 2024).all()
    for album in range(20):  # an album has one artist and one year
        rows = tracks.album_idx == album
        assert len(set(tracks.artist_idx[rows])) == len(set(tracks.year[rows])) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("skip_share", 1.2), ("sessions_per_day", 0.0), ("memory_decay", -0.1), ("genre_share", 0.9),
     ("rating_shares", (0.5, 0.5, 0.5, 0.0, 0.0)), ("novelty_seeking", (0.0, 1.0)),
     ("tracks_per_session", 0.5)],
)  # fmt: skip
def test_a_parameter_out_of_range_is_refused_by_name(catalogue, field, value):
    params = msgspec.structs.replace(ListenerParams(), **{field: value})
    with pytest.raises(InvalidInputError, match=field):
        make_listeners(catalogue, 1, seed=1, params=params)


def test_what_cannot_be_used_is_refused(catalogue, listeners):
    with pytest.raises(InvalidInputError, match="n_listeners"):
        make_listeners(catalogue, 0, seed=1)
    with pytest.raises(InvalidDataError, match="no tracks"):
        make_listeners(TrackTable.bare(()), 1, seed=1)
    with pytest.raises(InvalidInputError, match="days"):
        listen_columns(listeners, catalogue, START, 0, seed=1)
    with pytest.raises(InvalidInputError, match="rows"):
        listen_columns(listeners, catalogue, START, 1, seed=1, rows=[99])
    with pytest.raises(InvalidDataError, match="1500 tracks"):
        listen_columns(listeners, make_catalogue(10, seed=1), START, 1, seed=1)
    with pytest.raises(InvalidInputError, match="listener_idx"):
        listeners.utility(8, START)
    with pytest.raises(InvalidInputError, match="n_tracks"):
        make_catalogue(0, seed=1)


def test_hardly_any_time_gives_no_events_and_no_error(catalogue, listeners):
    assert len(listen_columns(listeners, catalogue, START, 1e-6, seed=1)) == 0
    assert list(listen(listeners, catalogue, START, 1e-6, seed=1)) == []
    nothing = listen_columns(listeners, catalogue, START, 1, seed=1, rows=[])
    assert np.isnan(best_attainable(listeners, nothing, k=5))
