"""SLIST against regressions on rows written out, and its evidence against leaving tracks out."""

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
from segue.models import sequence_moments
from segue.models.base import profile_of_row
from segue.models.leave_out import without_track
from segue.models.linear import EASE
from segue.models.sequence import SLIST, liked_by_recency
from segue.models.sequence_moments import cuts_of

N_TRACKS = 7
NOW = 31 * SECONDS_PER_DAY


def random_sessions(seed: int = 4) -> list[list[int]]:
    """Thirty sessions of different tracks in order, of which a few hold a single track."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(N_TRACKS)[: rng.integers(1, 6)].tolist() for _ in range(30)]


def dataset_of(sessions: list[list[int]]) -> Dataset:
    """Session d starts at day d, three minutes a track, all of one listener."""
    plays = [(t, d * SECONDS_PER_DAY + 180.0 * p) for d, s in enumerate(sessions)
             for p, t in enumerate(s)]  # fmt: skip
    track, at = np.array(plays).T
    n = len(plays)
    events = EventColumns(
        np.zeros(n, np.int32), track.astype(np.int32),
        np.full(n, EVENT_CODE[EventKind.PLAY], np.int8), at, np.ones(n, np.float32),
        np.full(n, np.nan, np.float32),
    )  # fmt: skip
    tracks = TrackTable.bare(f"t{i}" for i in range(N_TRACKS))
    return Dataset.from_events(tracks, Vocabulary(["a"]), events, NOW)


def weights_of(model: SLIST) -> np.ndarray:
    one_each = [Profile.from_weights({track: 1.0}) for track in range(model.n_tracks)]
    return np.array([model.score(model.fold_in(profile)) for profile in one_each])


def naive_rows(sessions: list[list[int]], model: SLIST) -> tuple[np.ndarray, np.ndarray]:
    """Source and target rows of both parts, each times the root of its weight."""
    sources, targets = [], []
    for day, session in enumerate(sessions):
        if len(session) < 2:
            continue
        worth = 1.0
        if model.age_decay_days is not None:
            end_s = day * SECONDS_PER_DAY + 180.0 * (len(session) - 1)
            worth = math.exp(-(NOW - end_s) / SECONDS_PER_DAY / model.age_decay_days)
        whole = np.zeros(N_TRACKS)
        whole[session] = math.sqrt(model.alpha * worth)
        sources.append(whole)
        targets.append(whole)
        for cut in range(1, len(session)):
            root = math.sqrt((1 - model.alpha) * worth)
            source, target = np.zeros(N_TRACKS), np.zeros(N_TRACKS)
            for place, track in enumerate(session):
                distance = cut - 1 - place if place < cut else place - cut
                if distance < model.window:
                    fade = root * math.exp(-distance / model.position_decay)
                    (source if place < cut else target)[track] = fade
            sources.append(source)
            targets.append(target)
    return np.array(sources), np.array(targets)


def naive_column(source: np.ndarray, target: np.ndarray, j: int, model: SLIST) -> np.ndarray:
    """Least squares with the ridge as further rows; where the bound holds, b_j is put in."""
    ridge = model.regularization + model.dropout / (1 - model.dropout) * (source**2).sum(axis=0)
    system = np.vstack([source, np.diag(np.sqrt(ridge))])
    wanted = np.concatenate([target[:, j], np.zeros(N_TRACKS)])
    free = np.linalg.lstsq(system, wanted, rcond=None)[0]
    if free[j] <= model.self_weight:
        return free
    others = np.delete(np.arange(N_TRACKS), j)
    rest = wanted - system[:, j] * model.self_weight
    bound = np.full(N_TRACKS, float(model.self_weight))
    bound[others] = np.linalg.lstsq(system[:, others], rest, rcond=None)[0]
    return bound


@pytest.mark.parametrize(
    "params",
    [{}, {"alpha": 0.0, "dropout": 0.0}, {"alpha": 0.7, "position_decay": 1.3, "window": 2},
     {"self_weight": 0.1, "age_decay_days": 9.0}, {"self_weight": math.inf, "window": 1}],
)  # fmt: skip
def test_each_column_is_the_bounded_ridge_regression_on_the_rows_of_the_paper(params):
    sessions = random_sessions()
    model = SLIST(**({"regularization": 2.0} | params)).fit(dataset_of(sessions))
    source, target = naive_rows(sessions, model)
    columns = [naive_column(source, target, j, model) for j in range(N_TRACKS)]
    np.testing.assert_allclose(weights_of(model), np.transpose(columns), rtol=1e-4, atol=1e-6)


def test_blocks_of_sessions_add_up_to_the_whole(monkeypatch):
    whole = weights_of(SLIST().fit(dataset_of(random_sessions())))
    monkeypatch.setattr(sequence_moments, "BLOCK_ENTRIES", 1)
    blocks = weights_of(SLIST().fit(dataset_of(random_sessions())))
    np.testing.assert_allclose(blocks, whole, rtol=1e-5, atol=1e-8)


def test_what_follows_is_learned_and_not_only_what_stands_together():
    model = SLIST(alpha=0.0, regularization=1.0).fit(dataset_of([[0, 1, 2], [0, 1, 2], [3, 4]] * 3))
    weights = weights_of(model)
    assert weights[1, 2] > 10 * abs(weights[2, 1])


def test_plays_of_one_second_stand_on_one_side_of_a_cut():
    cuts = cuts_of(sparse.csr_matrix([[1.0, 1.0, 2.0]]), 4.0, 3)
    assert cuts.source.toarray().tolist() == [[1, 1, 0]]
    assert cuts.target.toarray().tolist() == [[0, 0, 1]]
    assert cuts.session.tolist() == [0]


def test_without_any_order_it_is_ease():
    likes = np.random.default_rng(2).random((20, 6)) < 0.5
    likes[:, 0] = likes[:, 1] = True  # or a listener of one track would count for EASE alone
    data = Dataset.from_csr(sparse.csr_matrix(likes.astype(float)))
    ease = EASE(3.0).fit(data)
    slist = SLIST(3.0, dropout=0.0, alpha=0.0).fit(data)
    one_each = sparse.eye(6, format="csr", dtype=np.float32)
    np.testing.assert_allclose(
        slist.score_batch(one_each), ease.score_batch(one_each), rtol=1e-4, atol=1e-6
    )


def played(at: dict[int, float], kinds: dict[int, EventKind] | None = None) -> Profile:
    events = [
        Event(idempotency_key=str(track), listener_id="a", track_id=f"t{track}",
              kind=(kinds or {}).get(track, EventKind.PLAY), listened_at=when)
        for track, when in at.items()
    ]  # fmt: skip
    tracks = Vocabulary(f"t{i}" for i in range(N_TRACKS))
    return Profile.from_events(events, tracks, np.full(N_TRACKS, 200.0, np.float32), now=10.0)


def test_the_order_of_a_profile_is_that_of_the_plays_then_of_what_was_only_loved():
    kinds = {5: EventKind.LOVE, 6: EventKind.LOVE, 2: EventKind.DISLIKE}
    profile = played({0: 5.0, 1: 9.0, 2: 8.0, 3: 7.0, 5: 6.0, 6: 6.5}, kinds)
    assert liked_by_recency(profile).tolist() == [1, 3, 0, 6, 5]


def test_a_liked_track_fades_with_its_place_and_a_disliked_one_does_not():
    model = SLIST(profile_decay=2.0, profile_floor=0.25).fit(dataset_of(random_sessions()))
    row = model.fold_in(played({0: 5.0, 1: 9.0, 2: 8.0}, {2: EventKind.DISLIKE}))
    expected = [0.25 + 0.75 * math.exp(-1 / 2), 1.0, -1.0, 0, 0, 0, 0]
    np.testing.assert_allclose(row, expected, rtol=1e-6)


@pytest.mark.parametrize("n_neighbors", [None, 4])
def test_evidence_is_what_the_score_loses_when_the_older_tracks_move_up(n_neighbors: int | None):
    model = SLIST(profile_decay=1.5, n_neighbors=n_neighbors).fit(dataset_of(random_sessions()))
    profile = played({0: 5.0, 1: 9.0, 2: 8.0, 3: 7.0, 4: 4.0}, {2: EventKind.DISLIKE})
    lost = model.contributions(profile, [5, 6, 0])
    full = model.score(model.fold_in(profile))[[5, 6, 0]]
    for row, track in enumerate(profile.track_idx.tolist()):
        rest = model.score(model.fold_in(without_track(profile, track)))[[5, 6, 0]]
        np.testing.assert_allclose(lost[row], full - rest, rtol=1e-4, atol=1e-6)


def test_a_batch_takes_the_larger_preference_as_the_newer():
    model = SLIST(profile_decay=1.0).fit(dataset_of(random_sessions()))
    rows = sparse.csr_matrix([[1.0, 3.0, 0, 2.0, -1.0, 0, 1.0], [0, 0, -2.0, 0, 0, 0, 0]])
    expected = [model.score(model.fold_in(profile_of_row(rows, row))) for row in range(2)]
    np.testing.assert_allclose(model.score_batch(rows), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("params", "message"),
    [({"regularization": 0.0}, "regularization must be above 0"),
     ({"dropout": 1.0}, r"dropout must lie in 0\.\.1"), ({"alpha": 1.1}, r"alpha must lie in"),
     ({"profile_floor": -0.1}, "profile_floor must lie in"), ({"window": 0}, "window must be"),
     ({"position_decay": 0.0}, "position_decay must be above 0"),
     ({"age_decay_days": math.nan}, "age_decay_days must be above 0"),
     ({"self_weight": -1.0}, "self_weight must be >= 0")],
)  # fmt: skip
def test_a_parameter_out_of_range_is_named(params: dict[str, float], message: str):
    with pytest.raises(InvalidInputError, match=message):
        SLIST(**params).fit(Dataset.from_csr(sparse.csr_matrix((1, 2))))
