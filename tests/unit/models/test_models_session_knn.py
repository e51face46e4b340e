"""Session neighbours against the published loops written out, and how sessions are cut."""

import math

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import SECONDS_PER_DAY, EventColumns
from segue.data.query import Profile
from segue.data.records import EVENT_CODE, Event, EventKind
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError
from segue.models.leave_out import without_track
from segue.models.session_knn import SessionKNN, present_session
from segue.models.sessions import sessions_of

N_TRACKS = 9
Play = tuple[int, int, float]  # listener, track, Unix seconds


def dataset_of(plays: list[Play], now: float, kind: EventKind = EventKind.PLAY) -> Dataset:
    listener, track, at = (np.array(column) for column in zip(*plays, strict=True))
    n = len(plays)
    events = EventColumns(
        listener.astype(np.int32), track.astype(np.int32), np.full(n, EVENT_CODE[kind], np.int8),
        at.astype(float), np.ones(n, np.float32), np.full(n, np.nan, np.float32),
    )  # fmt: skip
    names = Vocabulary(f"l{i}" for i in range(int(listener.max()) + 1))
    tracks = TrackTable.bare(f"t{i}" for i in range(N_TRACKS))
    return Dataset.from_events(tracks, names, events, now)


def random_plays(seed: int = 3) -> list[Play]:
    """Forty sessions of distinct end times, three minutes a track, a day apart."""
    rng = np.random.default_rng(seed)
    return [
        (session % 4, int(track), session * SECONDS_PER_DAY + 180.0 * place)
        for session in range(40)
        for place, track in enumerate(rng.choice(N_TRACKS, rng.integers(1, 6), replace=False))
    ]


def oracle(model: SessionKNN, data: Dataset, plays: list[Play], current: list[int]) -> np.ndarray:
    """VSTAN in loops: ``current`` holds the present session, newest first."""
    by_session: dict[int, list[int]] = {}
    for _, track, at in plays:
        by_session.setdefault(int(at // SECONDS_PER_DAY), []).append(track)
    past = {day: tracks for day, tracks in by_session.items() if len(tracks) > 1}
    sharing = sorted(day for day in past if set(past[day]) & set(current))[-model.n_sample :]
    found = []
    for day in sharing:
        tracks = past[day]
        weight = sum(
            math.exp(-place / model.position_decay)
            for place, track in enumerate(current)
            if track in tracks
        )
        end = day * SECONDS_PER_DAY + 180.0 * (len(tracks) - 1)
        age = (data.now - end) / SECONDS_PER_DAY
        similarity = weight / math.sqrt(len(tracks)) * math.exp(-age / model.age_decay_days)
        match = tracks.index(next(track for track in current if track in tracks))
        found.append((similarity, day, match))
    scores = np.zeros(N_TRACKS)
    for similarity, day, match in sorted(found, reverse=True)[: model.k]:
        for place, track in enumerate(past[day]):
            df = sum(track in tracks for tracks in past.values())
            boost = 1 + model.idf_weight * math.log(len(past) / df)
            scores[track] += similarity * math.exp(-abs(place - match) / model.place_decay) * boost
    return scores


@pytest.mark.parametrize(
    "params", [{}, {"k": 4, "n_sample": 9, "position_decay": 1.5, "place_decay": 1.0},
               {"k": 7, "idf_weight": 5.0, "age_decay_days": 3.0},
               {"position_decay": math.inf, "place_decay": 0.7},
               {"position_decay": 1e9, "place_decay": 0.7}]
)  # fmt: skip
def test_scores_are_those_of_the_loops_of_the_paper(params: dict[str, float]):
    plays = random_plays()
    data = dataset_of(plays, now=41 * SECONDS_PER_DAY)
    model = SessionKNN(**params).fit(data)
    weights = {2: 3.0, 5: 2.0, 7: 1.0}  # the heaviest counts as the newest
    expected = oracle(model, data, plays, [2, 5, 7])
    scores = model.score(model.fold_in(Profile.from_weights(weights)))
    np.testing.assert_allclose(scores, expected, rtol=1e-5)
    assert expected.max() > 0


def test_a_dislike_subtracts_the_votes_that_the_track_alone_would_get():
    plays = random_plays()
    model = SessionKNN().fit(dataset_of(plays, now=41 * SECONDS_PER_DAY))
    both, liked, disliked = (
        model.score(model.fold_in(Profile.from_weights(weights)))
        for weights in ({2: 1.0, 5: -3.0}, {2: 1.0}, {5: 1.0})
    )
    np.testing.assert_allclose(both, liked - disliked, rtol=1e-4, atol=1e-6)


def test_a_session_ends_after_the_gap_and_with_the_listener():
    plays = [(0, 0, 0.0), (0, 1, 1800.0), (0, 2, 3601.0), (0, 3, 3700.0), (1, 4, 3701.0)]
    found = sessions_of(dataset_of(plays, now=9999.0), gap_minutes=30)
    assert [row.indices.tolist() for row in found.places] == [[0, 1], [2, 3]]
    assert found.ended_at.tolist() == [1800.0, 3700.0]


def test_a_track_played_twice_stands_at_its_last_place():
    plays = [(0, 0, 0.0), (0, 1, 10.0), (0, 0, 20.0), (0, 2, 20.0), (0, 3, 30.0)]
    found = sessions_of(dataset_of(plays, now=99.0))
    assert found.places.toarray()[0, :4].tolist() == [3, 2, 3, 4]


def test_without_plays_the_liked_pairs_are_the_sessions():
    data = Dataset.from_csr(sparse.csr_matrix([[1.0, -1.0, 2.0, 0.0], [0.0, 1.0, 0.0, 0.0]]))
    assert sessions_of(data).places.toarray().tolist() == [[1, 0, 1, 0]]


def test_the_present_session_follows_the_time_of_the_plays():
    tracks = Vocabulary(f"t{i}" for i in range(4))
    at = {"t0": 5.0, "t1": 9.0, "t2": 7.0}
    events = [
        Event(idempotency_key=t, listener_id="a", track_id=t, kind=EventKind.PLAY,
              listened_at=when, played_s=200.0)
        for t, when in at.items()
    ]  # fmt: skip
    profile = Profile.from_events(events, tracks, np.full(4, 200.0, np.float32), now=10.0)
    assert present_session(profile, 2).tolist() == [1, 2]


def test_who_played_nothing_starts_from_the_newest_loved_tracks():
    tracks = Vocabulary(f"t{i}" for i in range(4))
    events = [
        Event(idempotency_key=t, listener_id="a", track_id=t, kind=EventKind.LOVE,
              listened_at=when)
        for t, when in (("t0", 5.0), ("t3", 9.0))
    ]  # fmt: skip
    profile = Profile.from_events(events, tracks, np.full(4, 200.0, np.float32), now=10.0)
    assert present_session(profile, 5).tolist() == [3, 0]


def test_evidence_is_what_the_score_loses_without_the_track():
    plays = random_plays()
    model = SessionKNN(length=2).fit(dataset_of(plays, now=41 * SECONDS_PER_DAY))
    profile = Profile.from_weights({2: 3.0, 5: 2.0, 7: 1.0})  # 7 moves up when another goes
    full = model.score(model.fold_in(profile))
    named = model.explain(profile, 0, n=5)
    for part in named:
        rest = model.score(model.fold_in(without_track(profile, part.track_idx or 0)))
        assert full[0] - rest[0] == pytest.approx(part.contribution, rel=1e-5)
    assert {part.track_idx for part in named} <= {2, 5}


@pytest.mark.parametrize(
    ("params", "message"),
    [({"k": 0}, "k must be at least 1, got 0"), ({"length": 0}, "length must be"),
     ({"place_decay": 0.0}, "place_decay must be above 0"),
     ({"gap_minutes": float("nan")}, "gap_minutes must be above 0"),
     ({"idf_weight": -1.0}, "idf_weight must be finite and >= 0")],
)  # fmt: skip
def test_a_parameter_out_of_range_is_named(params: dict[str, float], message: str):
    with pytest.raises(InvalidInputError, match=message):
        SessionKNN(**params).fit(Dataset.from_csr(sparse.csr_matrix((1, 2))))
