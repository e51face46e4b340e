"""An index that is mapped from its files finds, to the last bit, what it found in memory."""

import json

import numpy as np
import pytest

from segue.errors import ArtifactError
from segue.index.base import ExactIndex
from segue.index.cells import Cells
from segue.index.faiss import FaissIndex
from segue.index.mapped_lists import LISTS_FILE

DIM = 7  # odd, so that vectors alone do not keep row numbers at multiples of 8 bytes


@pytest.fixture
def kept(tmp_path):
    rng = np.random.default_rng(1)
    centers = rng.normal(size=(15, DIM))
    vectors = (centers[rng.integers(15, size=2_100)] + 0.5 * rng.normal(size=(2_100, DIM))).astype(
        np.float32
    )
    index = FaissIndex(DIM, "inner_product", exact_up_to=100)
    index.add([f"v{row}" for row in range(2_000)], vectors[:2_000])
    index.save(tmp_path)
    return tmp_path, index, vectors


def loaded(folder):
    return FaissIndex.load(folder, exact_up_to=100)


@pytest.mark.parametrize("share", [1.0, 0.3, 0.02])
def test_ids_and_scores_are_those_of_the_lists_in_memory(kept, share):
    folder, index, vectors = kept
    again = loaded(folder)
    allowed = np.random.default_rng(2).random(2_000) < share
    for mask in (None, allowed):
        one = index.search_batch(vectors[2_000:], 20, allowed=mask)
        other = again.search_batch(vectors[2_000:], 20, allowed=mask)
        assert [found.ids for found in one] == [found.ids for found in other]
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a.scores, b.scores)


def test_the_recall_that_was_asked_for_is_reached_from_the_files(kept):
    folder, _, vectors = kept
    exact = ExactIndex(DIM, "inner_product")
    exact.add([f"v{row}" for row in range(2_000)], vectors[:2_000])
    found = zip(
        exact.search_batch(vectors[2_000:], 50), loaded(folder).search_batch(vectors[2_000:], 50),
        strict=True,
    )  # fmt: skip
    assert np.mean([len(set(a.ids) & set(b.ids)) / 50 for a, b in found]) >= 0.98


def test_rows_are_those_of_the_ids(kept):
    folder, _, vectors = kept
    again = loaded(folder)
    allowed = np.arange(2_000) % 3 == 0
    for query in vectors[2_000:2_020]:
        rows = again.nearest_rows(query, 9, allowed)
        assert [f"v{row}" for row in rows] == list(again.search(query, 9, allowed=allowed).ids)
    assert len(again.nearest_rows(vectors[0], 0, allowed)) == 0


def test_vectors_and_ids_are_not_copied(kept):
    again = loaded(kept[0])
    stored = again.stored()
    assert not stored.vectors.flags.writeable
    assert not stored.vectors.flags.owndata
    assert again._rows_by_id is None  # no dictionary until something is added or removed


def test_a_mapped_index_takes_changes_like_any_other(kept):
    folder, index, vectors = kept
    again, before = loaded(folder), loaded(folder).search(vectors[3], 5).ids
    for one in (index, again):
        one.remove([f"v{row}" for row in range(0, 200, 2)])
        one.add(["new", "v7"], vectors[2_000:2_002])
    assert list(index.ids) == list(again.ids)
    for query in vectors[2_000:]:
        assert index.search(query, 10).ids == again.search(query, 10).ids
    assert loaded(folder).search(vectors[3], 5).ids == before  # the files are as they were


def test_an_index_of_an_earlier_release_is_read_and_learns_nothing(kept, monkeypatch):
    folder, index, vectors = kept
    for path in folder.iterdir():
        if path.name != "vectors.npy":
            path.unlink()
    cells = index._cells
    np.save(folder / "ids.npy", np.array(list(index.ids)))
    np.save(folder / "payload.npy", np.array(["", '{"year": 1990}'] + [""] * 1_998))
    np.savez(
        folder / "cells.npz", centroids=cells.centroids, cell_of=cells.cell_of().astype(np.int32),
        numbers=np.array([cells.n_trained, cells.n_probes_fresh]),
        n_probes=np.array(list(cells.n_probes.values())),
    )  # fmt: skip
    meta = {"format": 1, "dim": DIM, "metric": "inner_product", "cells": len(cells.centroids)}
    (folder / "index.json").write_text(json.dumps(meta))

    def fail(*_args, **_more):
        raise AssertionError("learned or measured again")

    monkeypatch.setattr("segue.index.faiss.learned_cells", fail)
    monkeypatch.setattr(Cells, "calibrate", fail)
    again = loaded(folder)
    for query in vectors[2_000:]:
        assert index.search(query, 10).ids == again.search(query, 10).ids
    assert again.search(vectors[0], 5, where={"year": [1990]}).ids == ("v1",)


def test_lists_of_other_vectors_are_refused(kept):
    folder, _, _ = kept
    whole = np.load(folder / LISTS_FILE)
    for other in (whole[:-8], np.append(whole, whole[:8]), whole.view(np.int32)):
        np.save(folder / LISTS_FILE, other)
        with pytest.raises(ArtifactError, match="not of 2000 vectors"):
            loaded(folder)
