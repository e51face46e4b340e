from dataclasses import replace

import numpy as np
import pytest

from segue.data.query import Profile, Query
from segue.data.records import EventKind
from segue.errors import ArtifactError
from segue.pipeline.build import build_list
from segue.pipeline.candidates import by_name, gather
from segue.pipeline.learned import LearnedRanker, load_ranker
from segue.pipeline.rank import fuse
from segue.pipeline.ranking_features import (
    POPULARITY_DAYS,
    candidate_rows,
    feature_names,
    popularity_windows,
)
from segue.pipeline.stations import TASTE_BLEND
from segue.pipeline.trees import from_nodes
from support.pipeline_library import DAY, NOW, event, fitted_sources, profile, table

SOURCES = ("taste", "content", "popularity")
NAMES = feature_names(SOURCES)


def rising_with(*names):
    """One stump a name: +1 above a half."""
    return from_nodes(
        [
            {"split_feature": NAMES.index(name), "threshold": 0.5, "decision_type": "<=",
             "left_child": {"leaf_value": 0.0, "leaf_count": 1},
             "right_child": {"leaf_value": 2.0**-i, "leaf_count": 1}}
            for i, name in enumerate(names)
        ],
        len(NAMES),
    )  # fmt: skip


@pytest.fixture
def tracks():
    return table()


@pytest.fixture
def query(tracks):
    events = [event("t0", played_s=120.0), event("t3", played_s=120.0, days_ago=3),
              event("t3", EventKind.LOVE), event("t9", EventKind.SKIP, days_ago=9)]  # fmt: skip
    return Query("for_you", profile(events, tracks), 10, now=NOW)


@pytest.fixture
def sources(tracks):
    return fitted_sources(tracks)


def parts_of(query, tracks, sources):
    allowed = np.ones(len(tracks), bool)
    return gather(query, tracks, TASTE_BLEND, by_name(sources), allowed, lambda: 0.0)


def rows_of(query, tracks, sources, candidates):
    windows = np.zeros((len(tracks), len(POPULARITY_DAYS)), np.float32)
    parts = parts_of(query, tracks, sources)
    rows = candidate_rows(query, tracks, np.array(candidates), parts, SOURCES, windows)
    return [dict(zip(NAMES, row.tolist(), strict=True)) for row in rows]


def ranker_with(trees, tracks):
    return LearnedRanker(trees, SOURCES, np.zeros((len(tracks), 3), np.float32))


def test_rows_hold_the_place_of_a_track_in_each_source(query, tracks, sources):
    part = next(p for p in parts_of(query, tracks, sources) if p.key == "content")
    fifth = int(part.track_idx[4])
    (row,) = rows_of(query, tracks, sources, [fifth])
    assert row["rank:content"] == pytest.approx(60 / 65)
    assert row["score:content"] == pytest.approx(part.scores[4] / part.scores[0])
    outside = next(i for i in range(len(tracks)) if i not in set(part.track_idx.tolist()))
    (row,) = rows_of(query, tracks, sources, [outside])
    assert (row["rank:content"], row["score:content"]) == (0.0, 0.0)


def test_rows_hold_what_the_listener_did_with_track_artist_and_album(query, tracks, sources):
    known = query.profile.known
    value = dict(zip(known.track_idx.tolist(), known.value.tolist(), strict=True))
    # t0, t20 and t40 are by one artist; t0 and t40 on one album; t9 was skipped, so is t29's artist
    own, kin, skipped, stranger = rows_of(query, tracks, sources, [0, 40, 29, 15])
    assert own["own_plays"] == pytest.approx(np.log(2))
    assert own["own_preference"] == pytest.approx(value[0])
    assert own["own_days_since"] == pytest.approx(np.log(2))  # one day
    assert (kin["own_plays"], kin["own_days_since"]) == (0.0, -1.0)
    for name in ("artist_liked", "album_liked"):
        assert kin[name] == pytest.approx(np.log1p(value[0]))
    assert skipped["artist_disliked"] == pytest.approx(np.log1p(-value[9]))
    assert stranger["artist_liked"] == stranger["artist_disliked"] == 0.0


def test_closeness_is_the_cosine_to_the_mean_of_the_last_tracks(query, tracks, sources):
    content = next(s.model for s in sources if s.name == "content")
    vectors = content.to_arrays()["vectors"].toarray()
    assert query.profile.recent.tolist() == [0, 3]
    (row,) = rows_of(query, tracks, sources, [24])
    both = vectors[0] + vectors[3]
    assert row["close_to_last_1"] == pytest.approx(vectors[24] @ vectors[0], rel=1e-5)
    assert row["close_to_last_5"] == pytest.approx(vectors[24] @ both / np.linalg.norm(both))


def test_context_is_the_same_for_all_candidates_of_a_query(query, tracks, sources):
    one, two = rows_of(query, tracks, sources, [1, 2])
    # NOW is 2023-11-14 22:13:20 UTC, a Tuesday
    assert (one["hour"], one["is_weekend"]) == (22.0, 0.0)
    assert one["days_away"] == pytest.approx(np.log(2))
    assert one["n_known"] == two["n_known"] == pytest.approx(np.log(4))


def test_every_row_is_finite_for_an_empty_profile_and_bare_tracks(tracks, sources):
    query = Query("for_you", Profile.empty(), 5, now=NOW)
    rows = candidate_rows(query, tracks, np.arange(9), parts_of(query, tracks, sources), SOURCES,
                          np.zeros((len(tracks), 3), np.float32))  # fmt: skip
    assert rows.shape == (9, len(NAMES))
    assert np.isfinite(rows).all()


def test_popularity_counts_plays_in_each_window(query, tracks):
    from segue.data.feedback import EventColumns
    from segue.data.vocabulary import Vocabulary

    events = [event("t1", days_ago=d) for d in (1, 20, 200, 400)]
    events += [event("t1", EventKind.SKIP)]
    columns = EventColumns.from_events(events, Vocabulary(["me"]), tracks.ids, tracks.duration_s)
    windows = popularity_windows(columns, len(tracks), NOW)
    np.testing.assert_allclose(np.expm1(windows[1]), [1, 2, 3], rtol=1e-6)
    assert windows[2:].max() == 0.0


def test_the_learned_order_is_that_of_the_trees_and_ties_go_to_the_lower_row(
    query, tracks, sources
):
    parts = parts_of(query, tracks, sources)
    fused = fuse(parts)
    ranker = ranker_with(rising_with("rank:content", "own_loved"), tracks)
    found = ranker.order(fused, parts, query, tracks)
    assert sorted(found.track_idx.tolist()) == sorted(fused.track_idx.tolist())
    rows = rows_of(query, tracks, sources, fused.track_idx)
    worth = {t: (r["rank:content"] > 0.5) + 0.5 * (r["own_loved"] > 0.5)
             for t, r in zip(fused.track_idx.tolist(), rows, strict=True)}  # fmt: skip
    assert found.track_idx.tolist() == sorted(worth, key=lambda t: (-worth[t], t))
    np.testing.assert_array_equal(found.scores, fused.scores)


def test_shares_are_what_the_trees_owe_to_sources_that_named_the_track(query, tracks, sources):
    parts = parts_of(query, tracks, sources)
    fused = fuse(parts)
    ranker = ranker_with(rising_with("rank:content"), tracks)
    found = ranker.order(fused, parts, query, tracks)
    column = [part.key for part in parts].index("content")
    assert found.track_idx[0] in parts[column].track_idx
    assert found.shares[0, column] == 1.0
    np.testing.assert_allclose(found.shares.sum(axis=1), 1.0)


def test_a_fallback_stays_behind_whatever_the_trees_say(query, tracks, sources):
    parts = parts_of(query, tracks, sources)
    late = [p if p.key != "popularity" else type(p)(p.key, p.source, p.query, p.weight, 1,
            p.track_idx, p.scores) for p in parts]  # fmt: skip
    fused = fuse(late)
    found = ranker_with(rising_with("rank:popularity"), tracks).order(fused, late, query, tracks)
    assert found.tier.tolist() == fused.tier.tolist()
    own = fused.tier == 0
    assert set(found.track_idx[own].tolist()) == set(fused.track_idx[own].tolist())


def test_a_learned_list_keeps_its_promises(query, tracks, sources):
    ranker = ranker_with(rising_with("rank:taste"), tracks)
    learned = build_list(query, tracks, sources, ranker=ranker)
    assert len(learned.tracks) == 10
    assert all(track.reasons for track in learned.tracks)
    again = build_list(query, tracks, sources, ranker=ranker)
    assert [t.track_id for t in again.tracks] == [t.track_id for t in learned.tracks]
    cold = Query("for_you", Profile.empty(), 10, now=NOW + DAY)
    assert build_list(cold, tracks, sources, ranker=ranker).fallback == "cold_start"


def test_a_shorter_history_than_was_learned_from_keeps_the_fused_order(query, tracks, sources):
    ranker = ranker_with(rising_with("year_gap"), tracks)

    def ids(served):
        made = build_list(asked, tracks, sources, ranker=served)
        return [track.track_id for track in made.tracks]

    asked = replace(query, station="discover")

    n_known = len(query.profile.known)
    assert ids(replace(ranker, least_known=n_known)) == ids(ranker) != ids(None)
    assert ids(replace(ranker, least_known=n_known + 1)) == ids(None)
    asked = query  # For you: what may be heard again, it orders for everybody
    assert ids(replace(ranker, least_known=n_known + 1)) == ids(ranker) != ids(None)


def test_saving_and_loading_gives_the_same_order(query, tracks, sources, tmp_path):
    parts = parts_of(query, tracks, sources)
    ranker = replace(
        ranker_with(rising_with("rank:content", "artist_liked"), tracks), least_known=7
    )
    ranker.save(tmp_path)
    again = load_ranker(tmp_path)
    assert again.least_known == 7
    one, two = (r.order(fuse(parts), parts, query, tracks) for r in (ranker, again))
    np.testing.assert_array_equal(one.track_idx, two.track_idx)
    np.testing.assert_array_equal(one.shares, two.shares)


@pytest.mark.parametrize("damage", ["format", "missing", "sources"])
def test_a_damaged_ranker_is_an_artifact_error(tracks, tmp_path, damage):
    ranker_with(rising_with("rank:content"), tracks).save(tmp_path)
    meta = tmp_path / "ranker.json"
    if damage == "format":
        meta.write_text(meta.read_text().replace('"format": 1', '"format": 9'))
    elif damage == "sources":
        meta.write_text('{"format": 1, "sources": ["taste"]}')
    else:
        (tmp_path / "threshold.npy").unlink()
    with pytest.raises(ArtifactError):
        load_ranker(tmp_path)
