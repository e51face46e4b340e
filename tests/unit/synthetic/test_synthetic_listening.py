"""Parts of synthetic listening: sessions, relistens, liking, album runs, the oracle."""

from datetime import UTC, datetime

import numpy as np
import pytest

from segue.data.records import EVENT_CODE, EventKind
from segue.synthetic.activity import album_table, draw_picks
from segue.synthetic.choices import epoch_choice, liking
from segue.synthetic.listeners import (
    ListenerParams,
    best_attainable,
    listen_columns,
    make_catalogue,
    make_listeners,
    ndcg_at_k,
    oracle_ranking,
)
from segue.synthetic.oracle import held_out_cases, held_out_time
from segue.synthetic.relistening import draw_sources, origins, session_weights
from segue.synthetic.sessions import draw_sessions, hour_of_day, is_weekend, without_overlap

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


def planted(catalogue, n, seed=3, **fields):
    return make_listeners(catalogue, n, seed, ListenerParams(**fields))


def test_skip_share_of_free_picks_matches_its_parameter(catalogue):
    lis = planted(
        catalogue, 4, novelty_seeking=(1e6, 1.0), album_run_share=0.0, noise_share=0.0,
        skip_share=0.3,
    )  # fmt: skip
    events = listen_columns(lis, catalogue, START, 365, seed=5)
    n_skips = (events.kind == SKIP).sum()
    assert n_skips / (n_skips + (events.kind == PLAY).sum()) == pytest.approx(0.3, abs=0.02)
    fraction = events.played_fraction[events.kind == SKIP]
    assert (fraction < 0.35).mean() == pytest.approx(0.7, abs=0.03)
    assert fraction.max() < 0.8


def test_relisten_share_matches_novelty_and_relistens_follow_memory(catalogue):
    lis = planted(catalogue, 1, novelty_seeking=(40.0, 60.0), album_run_share=0.0)
    rng = np.random.default_rng(1)
    sessions = draw_sessions(lis, 0, START, 365, rng)
    picks = draw_picks(lis, 0, sessions, album_table(catalogue), rng)
    assert picks.is_relisten.mean() == pytest.approx(1 - lis.novelty[0], abs=0.05)
    again = np.flatnonzero(picks.is_relisten)
    np.testing.assert_array_equal(picks.track_idx[again], picks.track_idx[picks.origin[again]])
    assert (picks.session[picks.origin[again]] < picks.session[again]).all()


def test_drawing_a_play_by_age_is_the_softmax_of_act_r_activation():
    start = np.array([0.0, 1.0, 3.0, 10.0]) * DAY
    session = np.repeat([0, 1, 2, 3], [2, 1, 2, 40_000])
    track = np.concatenate([[0, 1, 0, 2, 1], np.full(40_000, -1)])
    repeat = session == 3
    rng = np.random.default_rng(2)
    zero = np.zeros(len(session), int)
    source = draw_sources(session, zero, ~repeat, repeat, start, 0.5, rng)
    drawn = np.bincount(track[source[repeat]], minlength=3) / 40_000
    ages = {0: [10, 9], 1: [10, 7], 2: [7]}  # days between sessions for each track
    activation = np.array([np.log(sum(a**-0.5 for a in ages[t])) for t in range(3)])
    softmax = np.exp(activation) / np.exp(activation).sum()
    np.testing.assert_allclose(drawn, softmax, atol=0.01)


def test_nothing_is_repeated_from_another_mode_or_from_what_was_not_kept():
    session, mode = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    eligible = np.array([True, False, False, False])
    asks = np.array([False, False, True, True])
    rng = np.random.default_rng(0)
    source = draw_sources(session, mode, eligible, asks, np.array([0.0, DAY]), 0.5, rng)
    assert source.tolist() == [-1, -1, 0, -1]


def test_later_sessions_have_no_weight():
    start = np.array([0.0, 4.0, 5.0]) * DAY
    weight = session_weights(start, np.array([1]), np.arange(3), np.array([3, 9, 9]), 0.5)
    np.testing.assert_allclose(weight, [[1.5, 0.0, 0.0]])


def test_origins_follow_chains_of_copies():
    assert origins(np.array([-1, 0, 1, 2, -1, 4])).tolist() == [0, 0, 0, 0, 4, 4]


def test_session_hours_match_the_profile(catalogue):
    lis = planted(catalogue, 1, sessions_per_day=40.0, activity_spread=0.0)
    sessions = draw_sessions(lis, 0, START, 365, np.random.default_rng(1))
    weekend = is_weekend((sessions.start // DAY).astype(int))
    for part, rows in enumerate((~weekend, weekend)):
        seen = np.bincount(hour_of_day(sessions.start[rows]), minlength=24) / rows.sum()
        np.testing.assert_allclose(seen, lis.hour_profile[0, part], atol=0.015)
    assert (weekend.sum() / 104) / ((~weekend).sum() / 261) == pytest.approx(1.2, rel=0.05)
    assert sessions.length.mean() == pytest.approx(lis.params.tracks_per_session, rel=0.05)


def test_modes_are_active_at_their_hours(catalogue):
    lis = planted(catalogue, 4, mean_modes=4.0, sessions_per_day=40.0)
    idx = int(np.argmax((lis.weights > 0).sum(axis=1)))
    sessions = draw_sessions(lis, idx, START, 365, np.random.default_rng(1))
    hour = hour_of_day(sessions.start)
    for h in (8, 20):
        seen = np.bincount(sessions.mode[hour == h], minlength=5) / (hour == h).sum()
        wanted = lis.weights[idx] * lis.mode_hours[idx, :, h]
        np.testing.assert_allclose(seen, wanted / wanted.sum(), atol=0.06)


def test_a_session_that_would_overlap_begins_later():
    start, duration = np.array([0.0, 10.0, 20.0, 5000.0]), np.array([100.0, 200.0, 5.0, 1.0])
    looped, free_at = [], 0.0
    for s, d in zip(start, duration, strict=True):
        looped.append(max(s, free_at))
        free_at = looped[-1] + d + 60.0
    np.testing.assert_allclose(without_overlap(start, duration), looped)


def test_liking_of_free_picks_is_uniform():
    rng = np.random.default_rng(4)
    q = liking(rng.random(50_000), rng.standard_normal(50_000), 0.7)
    np.testing.assert_allclose(np.quantile(q, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.01)


def test_an_album_run_plays_an_album_in_order(catalogue):
    lis = planted(catalogue, 1, album_run_share=1.0)
    rng = np.random.default_rng(1)
    sessions = draw_sessions(lis, 0, START, 30, rng)
    picks = draw_picks(lis, 0, sessions, album_table(catalogue), rng)
    for s in np.unique(picks.session):
        run = picks.track_idx[picks.session == s]
        assert len(np.unique(catalogue.album_idx[run])) == 1
        np.testing.assert_array_equal(np.diff(run), 1)
        assert run[0] == 0 or catalogue.album_idx[run[0] - 1] != catalogue.album_idx[run[0]]


def test_no_ranking_beats_the_oracle_on_new_tracks(catalogue):
    lis = planted(catalogue, 40, album_run_share=0.0, **STILL)
    events = listen_columns(lis, catalogue, START, 60, seed=5)
    cut = START + 40 * DAY
    known, held_out = events.take(events.listened_at < cut), events.take(events.listened_at >= cut)
    best = best_attainable(lis, held_out, k=10, known=known)
    popular = np.argsort(-np.bincount(known.track_idx, minlength=len(catalogue)))
    rng = np.random.default_rng(1)
    at, others, random = held_out_time(held_out), [], []
    for idx, relevant, heard in held_out_cases(held_out, known):
        others.append(ndcg_at_k(popular[~np.isin(popular, heard)], relevant, 10))
        oracle = lis.utility(idx, at, any_hour=True)
        oracle[heard] = -np.inf
        shuffled = np.argsort(-(oracle + rng.normal(0, 1.0, len(oracle))))
        random.append(ndcg_at_k(shuffled, relevant, 10))
    assert best > np.mean(others) + 0.05
    assert best > np.mean(random) + 0.02
    assert best < 1.0


def test_the_oracle_ranks_by_utility_and_leaves_out_what_was_heard(listeners):
    utility = listeners.utility(1, START, any_hour=True)
    heard = np.argsort(utility)[-3:]
    ranking = oracle_ranking(listeners, 1, START, 10, heard)
    wanted = [t for t in sorted(range(len(utility)), key=lambda t: -utility[t]) if t not in heard]
    assert ranking.tolist() == wanted[:10]


def test_weekends_are_saturdays_and_sundays():
    days = np.arange(19_900, 19_950)
    calendar = [datetime.fromtimestamp(d * DAY, UTC).weekday() >= 5 for d in days.tolist()]
    assert is_weekend(days).tolist() == calendar


def test_ndcg_of_a_perfect_list_is_one_and_of_a_wrong_list_zero():
    assert ndcg_at_k(np.array([4, 2, 9]), np.array([2, 4]), 3) == pytest.approx(1.0)
    assert ndcg_at_k(np.array([1, 3]), np.array([2, 4]), 2) == 0.0
    by_hand = (1 / np.log2(3) + 1 / np.log2(4)) / (1 + 1 / np.log2(3))
    assert ndcg_at_k(np.array([7, 2, 4]), np.array([2, 4]), 3) == pytest.approx(by_hand)


def test_epoch_tables_agree_with_utility(catalogue, listeners):
    epoch = int(listeners.epoch(START))
    table = epoch_choice(listeners, 1, epoch)
    np.testing.assert_allclose(
        table.utility(np.arange(len(catalogue))), listeners.utility(1, START, any_hour=True)
    )
    assert 0 < table.rank(np.arange(len(catalogue))).min()


def test_bad_luck_picks_follow_popularity_alone(catalogue):
    lis = planted(
        catalogue, 1, noise_share=1.0, album_run_share=0.0, novelty_seeking=(1e6, 1.0),
        sessions_per_day=12.0, activity_spread=0.0,
    )  # fmt: skip
    rng = np.random.default_rng(1)
    sessions = draw_sessions(lis, 0, START, 365, rng)
    picks = draw_picks(lis, 0, sessions, album_table(catalogue), rng)
    seen = np.bincount(picks.track_idx, minlength=len(catalogue)) / len(picks.track_idx)
    np.testing.assert_allclose(seen, np.exp(lis.space.log_popularity), atol=0.006)
