"""A packed vocabulary answers every question as the dictionary does."""

import numpy as np
import pytest

from segue.data import packed_vocabulary
from segue.data.packed_vocabulary import PackedVocabulary
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidDataError


def names(kind, n):
    rng = np.random.default_rng(n)
    if kind == "one width":
        return [f"{number:022d}" for number in rng.permutation(10 * n)[:n]]
    letters = np.array(list("abcåø日🎵\0 "))
    found = {"".join(rng.choice(letters, rng.integers(1, 9))) for _ in range(3 * n)}
    return sorted(found)[:n]


@pytest.fixture(params=[("one width", 1), ("one width", 700), ("many", 2), ("many", 700)])
def both(request):
    ids = names(*request.param)
    return Vocabulary(ids), PackedVocabulary.of(ids)


def test_it_holds_what_the_dictionary_holds(both):
    plain, packed = both
    assert (len(packed), list(packed)) == (len(plain), list(plain))
    assert packed == plain
    assert plain == packed
    assert packed.ids == plain.ids
    for row in (*range(len(plain)), -1):
        assert packed[row] == plain[row]
    with pytest.raises(IndexError):
        packed[len(plain)]


def strangers(plain):
    """Ids that are not there, some nearly: longer, shorter, with a zero, in another case."""
    changes = (
        str.upper,
        lambda id_: id_[:-1],
        lambda id_: f"{id_}\0",
        lambda id_: f"{id_[:-1]}\0",
        lambda id_: id_ + id_,
    )
    near = [change(id_) for id_ in plain for change in changes]
    return [id_ for id_ in (*near, "", "\ud800", "x" * 99) if id_ not in plain]


def test_one_is_looked_up_as_in_the_dictionary(both):
    plain, packed = both
    for id_ in (*plain, *strangers(plain)):
        assert packed.get(id_) == plain.get(id_)
        assert (id_ in packed) == (id_ in plain)
    for id_ in plain:
        assert packed.index(id_) == plain.index(id_)
    with pytest.raises(KeyError):
        packed.index("nobody")
    assert 7 not in packed
    assert None not in packed


@pytest.mark.parametrize("n", [0, 1, packed_vocabulary.MANY, 5_000])
@pytest.mark.parametrize("missing", [-1, 9])
def test_many_are_looked_up_as_in_the_dictionary(both, n, missing):
    plain, packed = both
    pool = [*plain, *strangers(plain)]
    asked = [pool[at] for at in np.random.default_rng(n).integers(len(pool), size=n)]
    found = packed.rows(iter(asked), missing)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, plain.rows(asked, missing))


def test_ids_in_one_bucket_are_told_apart(monkeypatch):
    monkeypatch.setattr(packed_vocabulary, "crc32", lambda _: 5)
    ids = [f"{number:03d}" for number in range(100)]
    packed = PackedVocabulary.of(ids)
    assert [packed.get(id_) for id_ in ids] == list(range(100))
    assert packed.get("100") is None
    assert packed.rows([*ids, "100"]).tolist() == [*range(100), -1]


def test_it_comes_back_from_mapped_files(tmp_path, both):
    plain, packed = both
    arrays = {}
    for part, array in packed.to_arrays().items():
        np.save(tmp_path / f"{part}.npy", array)
        arrays[part] = np.load(tmp_path / f"{part}.npy", mmap_mode="r")
    again = PackedVocabulary.of_arrays(arrays)
    assert again == plain
    np.testing.assert_array_equal(again.rows(plain), np.arange(len(plain)))


def test_no_id_at_all_is_a_vocabulary_too():
    packed = PackedVocabulary.of([])
    assert (len(packed), packed.get("a"), list(packed)) == (0, None, [])
    assert packed.rows(["a"] * 50).tolist() == [-1] * 50


def test_an_id_given_twice_is_refused():
    with pytest.raises(InvalidDataError, match="stands in rows 0 and 2"):
        PackedVocabulary.of(["a", "b", "a"])


def test_arrays_that_do_not_belong_together_are_refused():
    good = PackedVocabulary.of(["a", "b", "c"]).to_arrays()
    for part, bad in (
        ("begins", good["begins"][:-1]),
        ("begins", good["begins"] + 1),
        ("begins", np.zeros(1, np.uint32)),
        ("rows", good["rows"][:-1]),
        ("rows", good["rows"].astype(np.int64)),
    ):
        with pytest.raises(InvalidDataError, match="ids"):
            PackedVocabulary.of_arrays(good | {part: bad})
