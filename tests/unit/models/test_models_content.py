"""Content scores against loops over sets of terms."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.content import ContentKNN

KINDS = ["genre", "genre", "tag", "artist", "artist", "decade", "album", "word", "mystery"]
WEIGHTS = {"genre": 1.0, "tag": 0.8, "artist": 0.5, "album": 0.3, "decade": 0.4, "word": 0.2}
TERMS = [{0, 2, 3, 5}, {0, 3, 6}, {1, 4, 5, 7}, {1, 2, 8}, set(), {8, 4}, {0}]


def data() -> Dataset:
    n = len(TERMS)
    dense = np.zeros((n, len(KINDS)), np.float32)
    for track, terms in enumerate(TERMS):
        dense[track, list(terms)] = 1
    table = replace(
        TrackTable.bare(map(str, range(n))),
        terms=sparse.csr_matrix(dense),
        term_names=[f"{kind}{i}" for i, kind in enumerate(KINDS)],
        term_kinds=KINDS,
    )
    return Dataset.from_csr(sparse.csr_matrix((0, n)), table)


def model() -> ContentKNN:
    return ContentKNN(**{f"{kind}_weight": weight for kind, weight in WEIGHTS.items()}).fit(data())


def vector(track: int) -> dict[int, float]:
    raw = {}
    for term in TERMS[track]:
        df = sum(term in other for other in TERMS)
        raw[term] = WEIGHTS.get(KINDS[term], WEIGHTS["tag"]) * math.log(1 + len(TERMS) / df)
    length = math.sqrt(sum(value**2 for value in raw.values()))
    return {term: value / length for term, value in raw.items()}


def dot(a: dict[int, float], b: dict[int, float]) -> float:
    return sum(value * b.get(term, 0.0) for term, value in a.items())


def test_one_seed_scores_the_cosine():
    for seed in range(len(TERMS)):
        scores = model().score(model().fold_in(Profile.from_weights({seed: 1.0})))
        expected = [dot(vector(seed), vector(track)) for track in range(len(TERMS))]
        np.testing.assert_allclose(scores, expected, atol=1e-6)


def test_a_profile_scores_the_signed_sum_of_cosines():
    weights = {0: 2.0, 2: -0.5, 5: 1.0}
    scores = model().score(model().fold_in(Profile.from_weights(weights)))
    for track in range(len(TERMS)):
        expected = sum(w * dot(vector(seed), vector(track)) for seed, w in weights.items())
        assert scores[track] == pytest.approx(expected, abs=1e-6)


def test_the_order_is_that_of_the_cosine_with_the_profile_vector():
    content = model()
    profile = content.fold_in(Profile.from_weights({0: 2.0, 2: 0.5}))
    cosine = content._vectors.toarray() @ profile / np.linalg.norm(profile)
    np.testing.assert_array_equal(np.argsort(content.score(profile)), np.argsort(cosine))


def test_the_terms_of_an_explanation_add_up_to_the_score():
    content, weights = model(), {0: 2.0, 1: 1.0}
    profile = Profile.from_weights(weights)
    score = content.score(content.fold_in(profile))[3]
    evidence = content.explain_terms(profile, 3, n=99)
    assert [part.term for part in evidence] == ["tag2"]
    assert sum(part.contribution for part in evidence) == pytest.approx(score, abs=1e-6)
    both = content.explain_terms(profile, 6)
    assert both[0].term == "genre0"


def test_terms_come_largest_first():
    content = model()
    evidence = content.explain_terms(Profile.from_weights({0: 1.0}), 0, n=2)
    shares = sorted(((v * v, t) for t, v in vector(0).items()), reverse=True)[:2]
    assert [part.term for part in evidence] == [f"{KINDS[t]}{t}" for _, t in shares]
    for part, (share, _) in zip(evidence, shares, strict=True):
        assert part.contribution == pytest.approx(share, abs=1e-6)


def test_the_evidence_of_tracks_adds_up_to_the_score():
    content = model()
    profile = Profile.from_weights({0: 2.0, 2: -0.5, 5: 1.0})
    parts = content.contributions(profile, np.arange(len(TERMS)))
    np.testing.assert_allclose(parts.sum(0), content.score(content.fold_in(profile)), atol=1e-6)


def test_a_weight_of_zero_leaves_a_kind_out():
    zero = dict.fromkeys((f"{kind}_weight" for kind in WEIGHTS), 0.0)
    only_genre = ContentKNN(**(zero | {"genre_weight": 1.0})).fit(data())
    scores = only_genre.score(only_genre.fold_in(Profile.from_weights({0: 1.0})))
    np.testing.assert_allclose(scores, [1, 1, 0, 0, 0, 0, 1], atol=1e-6)
    nothing = ContentKNN(**zero).fit(data())
    assert not nothing.score(nothing.fold_in(Profile.from_weights({0: 1.0}))).any()


@pytest.mark.parametrize("weight", [-1.0, float("inf"), float("nan")])
def test_weights_that_are_no_weights_are_refused(weight):
    with pytest.raises(InvalidInputError, match="tag_weight must be finite and >= 0"):
        ContentKNN(tag_weight=weight).fit(data())
