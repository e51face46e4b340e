import numpy as np
import pytest
from scipy import stats

from segue.evaluation import similarity
from segue.evaluation.similarity import similarity_report, skewness


@pytest.mark.parametrize("block", [512, 7])
@pytest.mark.parametrize("asked", [None, np.array([3, 30, 7, 12, 5, 39, 20, 21, 22])])
def test_the_report_is_that_of_a_plain_loop(monkeypatch, block, asked):
    monkeypatch.setattr(similarity, "BLOCK_ROWS", block)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 5))
    group, artist = rng.integers(0, 3, 40), rng.integers(-1, 9, 40)
    report = similarity_report(lambda rows: vectors[rows] @ vectors.T, group, artist, 4, asked)
    seen, shares = [0] * 40, []
    for i in range(40) if asked is None else asked:
        others = [j for j in range(40) if j != i and (artist[i] < 0 or artist[j] != artist[i])]
        others.sort(key=lambda j, i=i: -float(vectors[i] @ vectors[j]))
        shares.append(sum(group[j] == group[i] for j in others[:4]) / 4)
        for j in others[:4]:
            seen[j] += 1
    assert report.precision == pytest.approx(np.mean(shares))
    assert report.skewness == pytest.approx(stats.skew(seen))
    assert report.never_near == seen.count(0) / 40
    assert report.largest_hub == max(seen)


def test_an_album_effect_does_not_count():
    artist = np.repeat(np.arange(6), 5)
    same_room = np.where(artist[:, np.newaxis] == artist, 9.0, 0.0)
    same_room += np.random.default_rng(1).random((30, 30))
    report = similarity_report(lambda rows: same_room[rows], artist % 2, artist, k=5)
    assert report.precision < 0.65


def test_equal_occurrences_are_not_skewed():
    assert skewness(np.full(5, 3)) == 0.0
