"""Fusion against sums, standard scores and ranks written out by hand."""

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import rankdata, zscore

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.base import create, load
from segue.models.fusion import Fusion
from support.scenes import N_TRACKS, two_scenes

MEMBERS = [
    {"model": "edlae", "params": {"regularization": 2.0, "dropout": 0.5}},
    {"model": "user_knn", "params": {"n_neighbors": 8}},
    {"model": "popularity"},
]
WEIGHTS = [0.6, 0.3, 0.1]


def members_scores() -> list[np.ndarray]:
    data = two_scenes()
    rows = data.interactions.user_items
    return [
        create(m["model"], **m.get("params", {})).fit(data).score_batch(rows).astype(float)
        for m in MEMBERS
    ]


def fused(**params: object) -> np.ndarray:
    data = two_scenes()
    model = Fusion(MEMBERS, WEIGHTS, **params).fit(data)
    return model.score_batch(data.interactions.user_items)


def test_scaled_divides_each_member_by_its_typical_spread():
    wanted = np.zeros((30, N_TRACKS))
    for weight, scores in zip(WEIGHTS, members_scores(), strict=True):
        deviations = [np.std(row) for row in scores]
        wanted += weight * scores / np.sqrt(np.mean(np.square(deviations)))
    np.testing.assert_allclose(fused(), wanted, rtol=1e-4, atol=1e-5)


def test_standard_adds_standard_scores_of_each_list():
    wanted = sum(w * zscore(s, axis=1) for w, s in zip(WEIGHTS, members_scores(), strict=True))
    np.testing.assert_allclose(fused(method="standard"), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("constant", [0.0, 60.0])
def test_rank_adds_reciprocals_of_ranks(constant):
    # scores that come out of float32 sums: rank what the members give, ties sharing the better
    wanted = sum(
        w / (constant + rankdata(-s, method="min", axis=1))
        for w, s in zip(WEIGHTS, members_scores(), strict=True)
    )
    found = fused(method="rank", rank_constant=constant)
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


@pytest.mark.parametrize("method", ["scaled", "standard", "rank"])
def test_a_member_of_weight_zero_changes_nothing(method):
    data = two_scenes()
    rows = data.interactions.user_items
    with_it = Fusion(MEMBERS, [1.0, 0.5, 0.0], method).fit(data).score_batch(rows)
    without = Fusion(MEMBERS[:2], [1.0, 0.5], method).fit(data).score_batch(rows)
    np.testing.assert_array_equal(with_it, without)


@pytest.mark.parametrize("method", ["scaled", "standard", "rank"])
def test_evidence_is_what_the_score_loses(method):
    model = Fusion(MEMBERS, WEIGHTS, method).fit(two_scenes())
    weights = {0: 1.0, 1: 2.0, 2: 0.5, 8: -1.0}

    def score(held: dict[int, float], track: int) -> float:
        return float(model.score(model.fold_in(Profile.from_weights(held)))[track])

    found = model.explain(Profile.from_weights(weights), 3, n=9)
    lost = {
        t: score(weights, 3) - score({o: v for o, v in weights.items() if o != t}, 3)
        for t in weights
    }
    assert {e.track_idx for e in found} == {t for t, value in lost.items() if value > 1e-6}
    for part in found:
        assert part.contribution == pytest.approx(lost[part.track_idx], abs=1e-6)


def test_a_fusion_may_be_a_member_of_another(tmp_path):
    inner = {"model": "fusion", "params": {"members": MEMBERS[:2], "method": "rank"}}
    model = Fusion([inner, MEMBERS[2]], [1.0, 0.2]).fit(two_scenes())
    model.save(tmp_path)
    again = load(tmp_path)
    profile = Profile.from_weights({0: 1.0, 7: 0.5})
    np.testing.assert_array_equal(
        again.score(again.fold_in(profile)), model.score(model.fold_in(profile))
    )


def test_the_scale_comes_from_a_sample_of_listeners(monkeypatch):
    monkeypatch.setattr("segue.models.fusion.SAMPLE", 10)
    data = two_scenes()
    scores = members_scores()[0][::3]  # 30 listeners, every third
    typical = Fusion(MEMBERS[:1]).fit(data).to_arrays()["typical"]
    assert typical[0] == pytest.approx(np.sqrt(scores.var(axis=1).mean()), rel=1e-5)


def test_members_come_with_their_defaults_when_none_are_named():
    model = Fusion().fit(two_scenes())
    names = [key.partition(".")[0] for key in model.to_arrays() if "." in key]
    assert sorted(set(names)) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"members": []}, "at least one member"),
        ({"members": [{"name": "ease"}]}, "a member is"),
        ({"members": ["ease"]}, "a member is"),
        ({"members": [{"model": "nonsense"}]}, "no model 'nonsense'"),
        ({"members": [{"model": "ease", "params": {"colour": 1}}]}, "ease has no parameter colour"),
        ({"weights": [1.0]}, "one number for each of 3 members, got 1"),
        ({"weights": [1.0, -1.0, 0.0]}, "at least 0"),
        ({"weights": [0.0, 0.0, 0.0]}, "not all 0"),
        ({"weights": [1.0, float("nan"), 0.0]}, "finite"),
        ({"method": "vote"}, "method must be one of"),
        ({"rank_constant": -1.0}, "rank_constant must be finite"),
    ],
)
def test_what_is_out_of_range_is_refused_in_words(params, words):
    with pytest.raises(InvalidInputError, match=words):
        Fusion(**params).fit(Dataset.from_csr(sparse.csr_matrix((2, 3))))
