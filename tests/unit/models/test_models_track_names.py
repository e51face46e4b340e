import numpy as np
import pytest
from scipy import sparse

from segue.models.track_names import TrackNames

NAMES = ["folk", "rock", "folk", "jazz", "dub", "1990s"]  # two terms of one name
COUNTS = np.array([True] * 5 + [False])


@pytest.fixture(scope="module")
def terms():
    matrix = sparse.random(300, 6, 0.3, random_state=5, format="csr")
    matrix.data = np.where(np.arange(matrix.nnz) % 7, matrix.data, 0.0)  # some said, at no weight
    return matrix


def naive(terms):
    rows = terms.toarray()
    return [frozenset(NAMES[c] for c in range(5) if row[c] > 0) for row in rows]


def test_each_track_has_the_names_of_its_terms(terms):
    names = TrackNames.of_terms(terms, NAMES, COUNTS)
    assert list(names) == naive(terms)
    assert len(names.distinct) < 50
    assert list(names[10:13]) == naive(terms)[10:13]
    assert TrackNames.of(names) is names
    assert list(TrackNames.of(naive(terms))) == naive(terms)


@pytest.mark.parametrize("wanted", [{"folk"}, {"jazz", "dub"}, {"1990s"}, set()])
def test_tracks_that_have_a_name_are_those_whose_set_holds_it(terms, wanted):
    names = TrackNames.of_terms(terms, NAMES, COUNTS)
    expected = [bool(own & wanted) for own in naive(terms)]
    assert names.have(wanted).tolist() == expected


def test_rows_stand_under_the_key_of_each_name(terms):
    names = TrackNames.of_terms(terms, NAMES, COUNTS)
    found = names.rows_by(lambda name: "loud" if name in ("rock", "dub") else name)
    expected = {}
    for row, own in enumerate(naive(terms)):
        for key in {"loud" if name in ("rock", "dub") else name for name in own}:
            expected.setdefault(key, []).append(row)
    assert {key: rows.tolist() for key, rows in found.items()} == expected


def test_without_tracks_or_terms_there_are_no_names():
    nobody = TrackNames.of_terms(sparse.csr_matrix((0, 6)), NAMES, COUNTS)
    assert (len(nobody), nobody.have({"folk"}).tolist(), nobody.rows_by(str)) == (0, [], {})
    untold = TrackNames.of_terms(sparse.csr_matrix((3, 0)), [], np.zeros(0, bool))
    assert list(untold) == [frozenset()] * 3
    assert untold.rows_by(str) == {}
